/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Sends again, unchanged, the RTP packets that the peer asks for, where no
 * repair flow (RFC 4588) was agreed for them. Its place is behind webrtcbin's
 * rtprtxsend, as what "request-aux-sender" asks for: that element keeps every
 * request to itself, also those that it can do nothing about. */
#define GST_WSCTL_TYPE_REPEATER (gst_wsctl_repeater_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlRepeater, gst_wsctl_repeater, GST_WSCTL,
    REPEATER, GstElement)

/* As gst_bin_get_by_name() finds it in webrtcbin */
#define GST_WSCTL_REPEATER_NAME "wsctlrepeater"

typedef struct
{
  guint64 requests;             /* packets asked for */
  guint64 packets;              /* sent again */
  guint64 bytes;                /* of those, with RTP headers */
} GstWsctlRepeaterStats;

/* Any thread. */
void gst_wsctl_repeater_get_stats (GstWsctlRepeater * self, guint32 ssrc,
    GstWsctlRepeaterStats * stats);

G_END_DECLS
