/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlrtpposition.h"

#define KEY "gst-wsctl-rtp-position"

typedef struct
{
  guint ssrc;
  guint seqnum;                 /* of the last packet */
  guint timestamp_offset;
} Position;

void
gst_wsctl_rtp_position_save (GstPad * sink, GstElement * payloader)
{
  g_autoptr (GstStructure) stats = NULL;
  Position *position;
  Position now = { 0, 0, 0 };

  g_object_get (payloader, "stats", &stats, NULL);
  /* One that has sent nothing has no numbers yet. */
  if (stats == NULL || !gst_structure_get_uint (stats, "ssrc", &now.ssrc)
      || !gst_structure_get_uint (stats, "seqnum", &now.seqnum)
      || !gst_structure_get_uint (stats, "timestamp-offset",
          &now.timestamp_offset))
    return;

  position = g_new (Position, 1);
  *position = now;
  g_object_set_data_full (G_OBJECT (sink), KEY, position, g_free);
}

void
gst_wsctl_rtp_position_restore (GstPad * sink, GstElement * payloader)
{
  const Position *position = g_object_get_data (G_OBJECT (sink), KEY);

  if (position == NULL)
    return;

  g_object_set (payloader, "ssrc", position->ssrc,
      "timestamp-offset", position->timestamp_offset, NULL);
  /* 16 bits, signed for "by chance" */
  g_object_set (payloader, "seqnum-offset",
      (gint) ((position->seqnum + 1) & 0xffff), NULL);
}
