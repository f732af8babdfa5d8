/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * RTP from the shared packets of frames: only the header is a player's own.
 */

#include "wsctlserversender-private.h"

#include <string.h>

#include "wsctlserverrtcp-private.h"

#define GST_CAT_DEFAULT wsctlserversender_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define HISTORY 512             /* packets; a power of two */
#define RTP_HEADER_SIZE 12
#define MAX_PACKET_SIZE 1500
/* Four bytes can ask for seventeen packets. */
#define MAX_AGAIN 1000          /* between two reports */

typedef struct
{
  GstWsctlServerFrame *frame;   /* NULL: never used */
  guint16 packet;
  guint16 seq;
  guint32 rtp_time;
} Sent;

struct _GstWsctlServerSender
{
  guint8 pt;
  guint clock_rate;
  guint32 ssrc;
  guint16 seq;
  guint32 base;                 /* of our RTP times */
  guint32 n_packets;
  guint32 n_bytes;
  guint n_again;
  gboolean media_times;
  gint64 media_ns;              /* of the last frame, with that … */
  gint64 sent_ns;               /* … and when it was sent */
  Sent history[HISTORY];
};

GstWsctlServerSender *
gst_wsctl_server_sender_new (guint8 pt, guint clock_rate)
{
  GstWsctlServerSender *self = g_new0 (GstWsctlServerSender, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserversender_debug, "wsctlserversender", 0,
        "wsctl server: packets to a player");

  self->pt = pt;
  self->clock_rate = clock_rate;
  self->ssrc = g_random_int ();
  self->seq = g_random_int () & 0x7fff; /* RFC 3711: room to wrap */
  self->base = g_random_int ();

  return self;
}

void
gst_wsctl_server_sender_free (GstWsctlServerSender * self)
{
  guint i;

  for (i = 0; i < HISTORY; i++)
    g_clear_pointer (&self->history[i].frame, gst_wsctl_server_frame_unref);
  g_free (self);
}

void
gst_wsctl_server_sender_use_media_times (GstWsctlServerSender * self)
{
  self->media_times = TRUE;
}

guint32
gst_wsctl_server_sender_get_ssrc (GstWsctlServerSender * self)
{
  return self->ssrc;
}

static guint32
get_rtp_time (GstWsctlServerSender * self, gint64 out_ns)
{
  return self->base + (guint32) gst_util_uint64_scale_round (out_ns,
      self->clock_rate, GST_SECOND);
}

static void
write_packet (GstWsctlServerSender * self, GstWsctlLitePeer * peer,
    const Sent * sent)
{
  const GstWsctlServerPacket *packet =
      &g_array_index (sent->frame->packets, GstWsctlServerPacket,
      sent->packet);
  guint8 bytes[MAX_PACKET_SIZE];

  if (packet->size > sizeof bytes - RTP_HEADER_SIZE)
    return;

  bytes[0] = 2 << 6;
  bytes[1] = (packet->marker ? 0x80 : 0) | self->pt;
  GST_WRITE_UINT16_BE (bytes + 2, sent->seq);
  GST_WRITE_UINT32_BE (bytes + 4, sent->rtp_time);
  GST_WRITE_UINT32_BE (bytes + 8, self->ssrc);
  memcpy (bytes + RTP_HEADER_SIZE, sent->frame->bytes->data + packet->offset,
      packet->size);

  /* What a full socket does not take is lost like any packet: the player asks
   * for it again. */
  gst_wsctl_lite_peer_send_rtp (peer, bytes, RTP_HEADER_SIZE + packet->size);
}

void
gst_wsctl_server_sender_send (GstWsctlServerSender * self,
    GstWsctlLitePeer * peer, GstWsctlServerFrame * frame, guint packet,
    gint64 out_ns)
{
  Sent *sent = &self->history[self->seq & (HISTORY - 1)];

  g_clear_pointer (&sent->frame, gst_wsctl_server_frame_unref);
  sent->frame = gst_wsctl_server_frame_ref (frame);
  sent->packet = packet;
  sent->seq = self->seq++;
  self->media_ns = frame->time_ns;
  self->sent_ns = g_get_monotonic_time () * 1000;
  sent->rtp_time = get_rtp_time (self, self->media_times ? self->media_ns
      : out_ns);
  write_packet (self, peer, sent);

  self->n_packets++;
  self->n_bytes +=
      g_array_index (frame->packets, GstWsctlServerPacket, packet).size;
}

void
gst_wsctl_server_sender_send_again (GstWsctlServerSender * self,
    GstWsctlLitePeer * peer, guint16 seq)
{
  const Sent *sent = &self->history[seq & (HISTORY - 1)];

  if (sent->frame == NULL || sent->seq != seq || self->n_again >= MAX_AGAIN)
    return;

  self->n_again++;
  GST_LOG ("Packet %u goes again", seq);
  write_packet (self, peer, sent);
}

void
gst_wsctl_server_sender_report (GstWsctlServerSender * self,
    GstWsctlLitePeer * peer)
{
  g_autoptr (GByteArray) rtcp = g_byte_array_new ();
  gint64 now_ns = g_get_monotonic_time () * 1000;
  guint32 rtp_time = get_rtp_time (self, self->media_times ? self->media_ns
      + now_ns - self->sent_ns : now_ns);

  self->n_again = 0;
  gst_wsctl_server_rtcp_add_sr (rtcp, self->ssrc,
      gst_wsctl_server_ntp_from_unix (g_get_real_time ()), rtp_time,
      self->n_packets, self->n_bytes);
  gst_wsctl_server_rtcp_add_sdes (rtcp, self->ssrc);
  gst_wsctl_lite_peer_send_rtcp (peer, rtcp->data, rtcp->len);
}
