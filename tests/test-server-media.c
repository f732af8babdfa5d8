/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From a publisher through the server to players, all of them real.
 */

#include "server-client.h"
#include "testsupport.h"
#include "wsctlserver-private.h"

#define GOP 600                 /* frames: no key frame comes by itself */
#define N_FRAMES 30

static GstWsctlServer *server;
static gchar *uri;

static void
start_server (void)
{
  GstWsctlServerParams params = { 0, };
  g_autoptr (GError) error = NULL;

  server = gst_wsctl_server_new (&params);
  g_assert_true (gst_wsctl_server_start (server, &error));
  g_assert_no_error (error);
  uri = gst_wsctl_server_get_uri (server);
}

static void
stop_server (void)
{
  gst_wsctl_server_stop (server);
  test_assert_finalize (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static gboolean
has_frames (gpointer data)
{
  return gst_wsctl_server_count_frames (server, "live", "video") >= N_FRAMES
      && gst_wsctl_server_count_frames (server, "live", "audio") >= N_FRAMES;
}

static Client *
publish (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, GOP);
  Client *publisher = client_new (uri, "/webrtc/live");

  client_wait_open (publisher);
  client_start_publisher (publisher, launch);
  client_offer (publisher);
  g_free (client_take_answer (publisher));
  client_poll_until (publisher, has_frames, NULL, "frames reach the server");

  return publisher;
}

static Client *
play (void)
{
  Client *player = client_new (uri, "/webrtc/live");

  client_wait_open (player);
  client_start_player (player, TRUE, TRUE);
  client_offer (player);
  g_free (client_take_answer (player));
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

  start_server ();
  publisher = publish ();
  player = play ();
  other = play ();
  g_assert_cmpuint (gst_wsctl_server_count_sessions (server), ==, 3);
  stop_server ();
}

/* A publisher that leaves ends the stream for its players. */
static void
test_publisher_leaves (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) stop = NULL;

  start_server ();
  publisher = publish ();
  player = play ();
  client_send (publisher, "{\"type\":\"stop\"}");
  stop = client_wait (player, "on_stop");
  g_assert_cmpint (client_wait_closed (player), !=, 1000);
  client_wait_closed (publisher);
  stop_server ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/media/publish-and-play", test_publish_and_play);
  test_add ("/server/media/publisher-leaves", test_publisher_leaves);

  return g_test_run ();
}
