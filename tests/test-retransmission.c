/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A packet is asked for again: it goes as it was, or over the repair flow where
 * one was agreed. As it was, it is a replay to SRTP here, for it was not lost: it
 * is counted where it is sent.
 */

#include <gst/gst.h>
#include <gst/rtp/rtp.h>

#include "media-session.h"

#define VIDEO_PAYLOAD_TYPE 104
#define AUDIO_PAYLOAD_TYPE 111
#define RTP_HEADER_SIZE 12
#define N_BEFORE 5              /* packets, until one of them is asked for */

typedef struct
{
  MediaServer *server;
  MediaClient *client;
  guint n_packets;
  guint16 seq;                  /* of the one asked for */
  guint32 ssrc;
  gboolean was_repaired;
} Session;

static void
ask_again (Session * self)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (1400);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstMapInfo map;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 42);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RTPFB, &packet);
  gst_rtcp_packet_fb_set_type (&packet, GST_RTCP_RTPFB_TYPE_NACK);
  gst_rtcp_packet_fb_set_sender_ssrc (&packet, 42);
  gst_rtcp_packet_fb_set_media_ssrc (&packet, self->ssrc);
  gst_rtcp_packet_fb_set_fci_length (&packet, 1);
  GST_WRITE_UINT32_BE (gst_rtcp_packet_fb_get_fci (&packet),
      (guint32) self->seq << 16);
  gst_rtcp_buffer_unmap (&rtcp);

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  gst_wsctl_lite_peer_send_rtcp (self->server->peer, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
}

/* A repair packet says in front of what it is (RFC 4588, 4). */
static void
on_rtp (guint8 * packet, gsize size, gpointer data)
{
  Session *self = data;
  guint8 payload_type = packet[1] & 0x7f;
  guint16 seq = GST_READ_UINT16_BE (packet + 2);

  if (payload_type == AUDIO_PAYLOAD_TYPE)
    return;

  if (payload_type != VIDEO_PAYLOAD_TYPE) {
    self->was_repaired |= size > RTP_HEADER_SIZE + 2
        && GST_READ_UINT16_BE (packet + RTP_HEADER_SIZE) == self->seq;
    return;
  }

  self->n_packets++;
  if (self->n_packets == 1) {
    self->seq = seq;
    self->ssrc = GST_READ_UINT32_BE (packet + 8);
  }
  if (self->n_packets == N_BEFORE)
    ask_again (self);
}

static guint64
count_repeats (Session * self)
{
  g_autoptr (GstStructure) stats =
      gst_wsctl_connection_get_stats (self->client->connection);
  g_autoptr (GstStructure) video = NULL;
  guint64 n_repeats = 0;

  if (gst_structure_get (stats, "outbound-video", GST_TYPE_STRUCTURE, &video,
          NULL))
    gst_structure_get_uint64 (video, "retransmitted-packets-sent", &n_repeats);

  return n_repeats;
}

static gboolean
has_gone (gpointer data)
{
  Session *self = data;

  return self->was_repaired || count_repeats (self) > 0;
}

static void
check (gboolean repair)
{
  Session session = { NULL, };

  session.server = media_server_new ();
  session.server->repair = repair;
  session.server->on_rtp = on_rtp;
  session.server->data = &session;
  session.client = media_client_new (MEDIA_LAUNCH_AUDIO MEDIA_LAUNCH_VIDEO);
  media_client_add_media (session.client, TRUE);
  media_client_negotiate (session.client, session.server);
  test_wait_until (NULL, has_gone, &session, 0, "what was asked for");

  g_assert_cmpint (session.was_repaired, ==, repair);
  g_assert_cmpuint (count_repeats (&session), ==, repair ? 0 : 1);
  media_client_free (session.client);
  media_server_free (session.server);
}

static void
test_repeat (void)
{
  check (FALSE);
}

static void
test_repair (void)
{
  check (TRUE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/retransmission/repeat", test_repeat);
  test_add ("/retransmission/repair", test_repair);

  return g_test_run ();
}
