/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlsent-private.h"

void
gst_wsctl_sent_add (GstWsctlSent * self, guint16 seq, guint size,
    gint64 time_us)
{
  GstWsctlSentPacket *packet = &self->packets[seq % GST_WSCTL_SENT_SIZE];

  self->n_packets++;
  self->n_bytes += size;
  packet->packets = self->n_packets;
  packet->bytes = self->n_bytes;
  packet->time_us = time_us;
  packet->seq = seq;
}

const GstWsctlSentPacket *
gst_wsctl_sent_find (const GstWsctlSent * self, guint16 seq)
{
  const GstWsctlSentPacket *packet = &self->packets[seq % GST_WSCTL_SENT_SIZE];

  if (packet->packets == 0 || packet->seq != seq
      || self->n_packets - packet->packets >= GST_WSCTL_SENT_SIZE)
    return NULL;

  return packet;
}

gint64
gst_wsctl_sent_get_age_after (const GstWsctlSent * self,
    const GstWsctlSentPacket * packet, gint64 time_us)
{
  const GstWsctlSentPacket *next =
      gst_wsctl_sent_find (self, (guint16) (packet->seq + 1));

  if (next == NULL || next->packets <= packet->packets)
    return 0;

  return MAX (time_us - next->time_us, 0);
}
