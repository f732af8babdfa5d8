/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Notes of the RTP packets last sent, to be found again by sequence number. Not
 * locked. */
#define GST_WSCTL_SENT_SIZE 4096

typedef struct
{
  guint64 packets;              /* sent until then, with it; 0: none */
  guint64 bytes;                /* likewise */
  gint64 time_us;
  guint16 seq;
} GstWsctlSentPacket;

typedef struct
{
  GstWsctlSentPacket packets[GST_WSCTL_SENT_SIZE];
  guint64 n_packets;
  guint64 n_bytes;
} GstWsctlSent;

void gst_wsctl_sent_add (GstWsctlSent * self, guint16 seq, guint size,
    gint64 time_us);
/* NULL when it is not known, or no more. */
const GstWsctlSentPacket *gst_wsctl_sent_find (const GstWsctlSent * self,
    guint16 seq);
/* How old the oldest packet is that was sent after @packet; 0 when it is the
 * last one. */
gint64 gst_wsctl_sent_get_age_after (const GstWsctlSent * self,
    const GstWsctlSentPacket * packet, gint64 time_us);

G_END_DECLS
