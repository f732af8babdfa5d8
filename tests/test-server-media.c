/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From a publisher through the server to players, all of them real.
 */

#include "server-session.h"
#include "testsupport.h"

#define GOP 600                 /* frames: no key frame comes by itself */
#define N_FRAMES 30

static ServerSession *session;

static gboolean
has_frames (gpointer data)
{
  return gst_wsctl_server_count_frames (session->server, "live",
      "video") >= N_FRAMES
      && gst_wsctl_server_count_frames (session->server, "live",
      "audio") >= N_FRAMES;
}

static Client *
publish_launch (const gchar * launch, guint drop_each)
{
  Client *publisher = server_session_open (session, "/webrtc/live");

  client_lose_packets (publisher, drop_each);
  client_start_publisher (publisher, launch);
  client_offer (publisher);
  g_free (client_take_answer (publisher));

  return publisher;
}

static Client *
publish (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, GOP);
  Client *publisher = publish_launch (launch, 0);

  client_poll_until (publisher, has_frames, NULL, "frames reach the server");

  return publisher;
}

static Client *
join (gboolean audio, guint drop_each)
{
  Client *player = server_session_open (session, "/webrtc/live");

  client_lose_packets (player, drop_each);
  client_start_player (player, TRUE, audio);
  client_offer (player);
  g_free (client_take_answer (player));

  return player;
}

static Client *
play (void)
{
  Client *player = join (TRUE, 0);

  client_wait_media (player, N_FRAMES, N_FRAMES);
  g_test_message ("answer to first decoded frame: %" G_GINT64_FORMAT " us",
      player->first_video_us - player->answered_us);

  return player;
}

static void
test_publish_and_play (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (Client) other = NULL;

  session = server_session_new (NULL);
  publisher = publish ();
  player = play ();
  other = play ();
  g_assert_cmpuint (gst_wsctl_server_count_sessions (session->server), ==, 3);
  g_clear_pointer (&session, server_session_free);
}

/* A publisher that leaves ends the stream for its players. */
static void
test_publisher_leaves (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) stop = NULL;

  session = server_session_new (NULL);
  publisher = publish ();
  player = play ();
  client_send (publisher, "{\"type\":\"stop\"}");
  stop = client_wait (player, "on_stop");
  g_assert_cmpint (client_wait_closed (player), !=, 1000);
  client_wait_closed (publisher);
  g_clear_pointer (&session, server_session_free);
}

static gboolean
has_resent (gpointer data)
{
  Client *client = data;

  return g_atomic_int_get (&client->n_resent) >= 3;
}

/* What a player loses it gets again. */
static void
test_player_loses (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;

  session = server_session_new (NULL);
  publisher = publish ();
  player = join (TRUE, 20);
  test_wait_until (player->context, has_resent, player, 0,
      "lost packets come again");
  g_clear_pointer (&session, server_session_free);
}

/* A webrtcbin without RTX sends nothing again, so each loss costs a key frame
 * and nothing else. */
static void
test_publisher_loses (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, GOP);
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;

  session = server_session_new (NULL);
  publisher = publish_launch (launch, 100);
  client_poll_until (publisher, has_frames, NULL, "frames reach the server");
  player = join (TRUE, 0);
  client_wait_media (player, 2 * N_FRAMES, 2 * N_FRAMES);
  g_assert_cmpuint (publisher->n_packets, >, 100);
  g_clear_pointer (&session, server_session_free);
}

static void
test_video_alone (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;

  session = server_session_new (NULL);
  publisher = publish ();
  player = join (FALSE, 0);
  client_wait_media (player, N_FRAMES, 0);
  g_clear_pointer (&session, server_session_free);
}

/* After a hold it goes on. */
static void
test_hold (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  gint n_video;

  session = server_session_new (NULL);
  publisher = publish ();
  player = play ();
  client_send (player, "{\"type\":\"hold\"}");
  json_object_unref (client_wait (player, "pause"));
  n_video = g_atomic_int_get (&player->n_video);
  client_send (player, "{\"type\":\"play\"}");
  client_wait_media (player, n_video + N_FRAMES, 0);
  g_clear_pointer (&session, server_session_free);
}

/* No picture before its key frame, and one is asked for: the encoder would
 * make none in twenty seconds. */
static void
test_waiting_player (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, GOP);
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;

  session = server_session_new (NULL);
  publisher = publish_launch (launch, 0);
  player = join (TRUE, 0);
  client_wait_media (player, N_FRAMES, N_FRAMES);
  g_clear_pointer (&session, server_session_free);
}

/* The server is up, the answer is good, and then there is silence. */
static void
test_silence (void)
{
  static const GstWsctlServerFault faults[] = {
    GST_WSCTL_SERVER_FAULT_NO_ICE, GST_WSCTL_SERVER_FAULT_NO_DTLS,
    GST_WSCTL_SERVER_FAULT_NO_MEDIA
  };
  g_autoptr (Client) publisher = NULL;
  guint i;

  session = server_session_new (NULL);
  publisher = publish ();
  for (i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Client) player = NULL;

    gst_wsctl_server_set_faults (session->server, faults[i]);
    player = join (TRUE, 0);
    gst_wsctl_server_set_faults (session->server, GST_WSCTL_SERVER_FAULT_NONE);
    client_send (player, "{\"type\":\"rtp_props\"}");
    json_object_unref (client_wait (player, "on_rtp_props"));
    g_assert_cmpint (g_atomic_int_get (&player->n_video), ==, 0);
  }
  g_clear_pointer (&session, server_session_free);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/media/publish-and-play", test_publish_and_play);
  test_add ("/server/media/publisher-leaves", test_publisher_leaves);
  test_add ("/server/media/player-loses", test_player_loses);
  test_add ("/server/media/publisher-loses", test_publisher_loses);
  test_add ("/server/media/video-alone", test_video_alone);
  test_add ("/server/media/hold", test_hold);
  test_add ("/server/media/waiting-player", test_waiting_player);
  test_add ("/server/media/silence", test_silence);

  return g_test_run ();
}
