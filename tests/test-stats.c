/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Statistics under BUNDLE: each kind has its own, and what the peer reports is
 * put to the right one.
 */

#include <gst/gst.h>
#include <gst/rtp/rtp.h>
#include <string.h>

#include "media-session.h"

#define REPORT_DELAY_MS 100

#define N_SOURCES 2
#define OPUS_PAYLOAD_TYPE 111
#define VIDEO_LOST 9
#define AUDIO_LOST 7

typedef struct
{
  guint32 ssrc;                 /* 0: not seen yet */
  guint32 last_sr;              /* 0: none */
  gboolean video;
} Source;

typedef struct
{
  MediaClient *sender;
  MediaServer *server;
  MediaClient *receiver;
  MediaServer *relay;           /* gives the receiver what the server gets */
  GSource *timer;
  Source sources[N_SOURCES];
} Session;

/* One receiver report about both, as a server sends it, that claims to have
 * waited for nothing. */
static void
send_report (Session * session)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (1400);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstMapInfo map;
  guint i;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 42);
  for (i = 0; i < N_SOURCES && session->sources[i].ssrc != 0; i++) {
    const Source *source = &session->sources[i];

    gst_rtcp_packet_add_rb (&packet, source->ssrc, 64,
        source->video ? VIDEO_LOST : AUDIO_LOST, 100, 480, source->last_sr, 0);
  }
  gst_rtcp_buffer_unmap (&rtcp);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  gst_wsctl_lite_peer_send_rtcp (session->server->peer, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
}

static gboolean
on_timer (gpointer data)
{
  Session *session = data;

  send_report (session);
  g_clear_pointer (&session->timer, g_source_unref);

  return G_SOURCE_REMOVE;
}

static guint32
read_u32 (const guint8 * bytes)
{
  return (guint32) bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

static Source *
find_source (Session * session, guint32 ssrc)
{
  guint i;

  for (i = 0; i < N_SOURCES; i++) {
    if (session->sources[i].ssrc == ssrc)
      return &session->sources[i];
  }

  return NULL;
}

/* Answered after a while, which is what the round trip comes to */
static void
on_rtcp (guint8 * bytes, gsize size, gpointer data)
{
  Session *session = data;

  while (size >= 28) {
    gsize length = 4 * (1 + (bytes[2] << 8 | bytes[3]));
    Source *source = find_source (session, read_u32 (bytes + 4));

    if (bytes[1] == GST_RTCP_TYPE_SR && source != NULL)
      source->last_sr = read_u32 (bytes + 10);
    if (length > size)
      break;
    bytes += length;
    size -= length;
  }
  if (session->timer != NULL)
    return;

  session->timer = g_timeout_source_new (REPORT_DELAY_MS);
  g_source_set_callback (session->timer, on_timer, session, NULL);
  g_source_attach (session->timer, g_main_context_get_thread_default ());
}

static void
on_rtp (guint8 * packet, gsize size, gpointer data)
{
  Session *session = data;
  guint32 ssrc = read_u32 (packet + 8);
  Source *source = find_source (session, ssrc);

  if (source == NULL) {
    source = find_source (session, 0);
    g_assert_nonnull (source);
    source->ssrc = ssrc;
    source->video = (packet[1] & 0x7f) != OPUS_PAYLOAD_TYPE;
  }
  if (session->relay->connected)
    gst_wsctl_lite_peer_send_rtp (session->relay->peer, packet, size);
}

static guint64
get_count (MediaClient * client, const gchar * kind, const gchar * name)
{
  g_autoptr (GstStructure) stats =
      gst_wsctl_connection_get_stats (client->connection);
  g_autoptr (GstStructure) part = NULL;
  guint64 count = 0;

  if (gst_structure_get (stats, kind, GST_TYPE_STRUCTURE, &part, NULL))
    gst_structure_get_uint64 (part, name, &count);

  return count;
}

static gdouble
get_number (MediaClient * client, const gchar * kind, const gchar * name)
{
  g_autoptr (GstStructure) stats =
      gst_wsctl_connection_get_stats (client->connection);
  g_autoptr (GstStructure) part = NULL;
  gdouble number = -1.0;

  if (gst_structure_get (stats, kind, GST_TYPE_STRUCTURE, &part, NULL))
    gst_structure_get_double (part, name, &number);

  return number;
}

static gboolean
is_complete (gpointer data)
{
  Session *session = data;

  return get_count (session->sender, "outbound-audio", "packets-sent") > 20
      && get_count (session->sender, "outbound-video", "packets-sent") > 20
      && get_count (session->receiver, "inbound-audio", "packets-received") > 20
      && get_count (session->receiver, "inbound-video", "packets-received") > 20
      && get_number (session->sender, "outbound-audio", "round-trip-time") > 0
      && get_number (session->sender, "outbound-video", "round-trip-time") > 0;
}

static gint64
get_lost (MediaClient * client, const gchar * kind)
{
  g_autoptr (GstStructure) stats =
      gst_wsctl_connection_get_stats (client->connection);
  g_autoptr (GstStructure) part = NULL;
  gint64 lost = -1;

  gst_structure_get (stats, kind, GST_TYPE_STRUCTURE, &part, NULL);
  gst_structure_get_int64 (part, "remote-packets-lost", &lost);

  return lost;
}

static void
assert_report (MediaClient * client, const gchar * kind, gdouble jitter,
    gint64 lost)
{
  gdouble rtt = get_number (client, kind, "round-trip-time");

  g_test_message ("%s: round trip %.3f s", kind, rtt);
  g_assert_cmpfloat (rtt, >=, REPORT_DELAY_MS / 1000.0 * 0.9);
  g_assert_cmpfloat (rtt, <, 5.0);
  g_assert_cmpfloat (get_number (client, kind, "remote-fraction-lost"), ==,
      0.25);
  g_assert_cmpint (get_lost (client, kind), ==, lost);
  g_assert_cmpfloat_with_epsilon (get_number (client, kind, "remote-jitter"),
      jitter, 1e-6);
}

static void
test_bundled (void)
{
  Session session = { NULL, };
  guint64 audio, video;

  session.server = media_server_new ();
  session.relay = media_server_new ();
  session.server->on_rtp = on_rtp;
  session.server->on_rtcp = on_rtcp;
  session.server->data = &session;
  session.receiver = media_client_new (NULL);
  media_client_add_media (session.receiver, FALSE);
  media_client_negotiate (session.receiver, session.relay);
  media_client_wait_state (session.receiver,
      GST_WSCTL_CONNECTION_STATE_CONNECTED);
  session.sender = media_client_new (MEDIA_LAUNCH_AUDIO MEDIA_LAUNCH_VIDEO);
  media_client_add_media (session.sender, TRUE);
  media_client_negotiate (session.sender, session.server);

  test_wait_until (NULL, is_complete, &session, 0, "statistics of both kinds");
  audio = get_count (session.sender, "outbound-audio", "packets-sent");
  video = get_count (session.sender, "outbound-video", "packets-sent");
  g_test_message ("%" G_GUINT64_FORMAT " of audio, %" G_GUINT64_FORMAT
      " of video, %u arrived", audio, video, session.server->n_rtp);
  g_assert_cmpuint (audio + video, >=, session.server->n_rtp / 2);

  assert_report (session.sender, "outbound-audio", 480 / 48000.0, AUDIO_LOST);
  assert_report (session.sender, "outbound-video", 480 / 90000.0, VIDEO_LOST);
  g_assert_cmpuint (get_count (session.sender, "inbound-video",
          "packets-received"), ==, 0);
  g_assert_cmpuint (get_count (session.receiver, "outbound-video",
          "packets-sent"), ==, 0);

  if (session.timer != NULL) {
    g_source_destroy (session.timer);
    g_source_unref (session.timer);
  }
  media_client_free (session.sender);
  media_client_free (session.receiver);
  media_server_free (session.server);
  media_server_free (session.relay);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/stats/bundled", test_bundled);

  return g_test_run ();
}
