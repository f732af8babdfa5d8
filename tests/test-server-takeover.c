/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A publisher displaces another: what the players of the first one see of it.
 */

#include "server-session.h"
#include "testsupport.h"

#define GOP 15                  /* frames */
#define VIDEO_PT 96
#define PATH "/webrtc/live?id=secret"
#define SMALL 240               /* lines */
#define LARGE 480
#define VP8_VIDEO "webrtcbin name=w videotestsrc is-live=true ! video/x-raw," \
    "width=320,height=240,framerate=30/1 ! vp8enc deadline=1 cpu-used=8 ! " \
    "rtpvp8pay ! application/x-rtp,media=video,encoding-name=VP8," \
    "payload=98 ! w. "

static const GstWsctlServerParams params = {
  .takeover = TRUE,
  .publish_token = "secret",
};

static gboolean
has_lines (gpointer data)
{
  Client *player = data;

  return g_atomic_int_get (&player->height) == LARGE;
}

static gboolean
has_frames (gpointer data)
{
  return gst_wsctl_server_count_frames (data, "live", "video") > 0;
}

static Client *
publish (ServerSession * session, const gchar * launch)
{
  g_autofree gchar *text = g_strdup_printf (launch, GOP);
  Client *client = server_session_publish (session, PATH, text);

  client_poll_until (client, has_frames, session->server,
      "frames reach the server");

  return client;
}

static Client *
play (ServerSession * session)
{
  Client *player = server_session_open (session, "/webrtc/live");

  client_keep_packets (player);
  client_start_player (player, TRUE, FALSE);
  client_offer (player);
  g_free (client_take_answer (player));
  client_wait_media (player, 10, 0);

  return player;
}

static gint64
wait_begin (Client * player)
{
  g_autoptr (JsonObject) time = client_wait (player, "on_time");
  JsonObject *data = json_object_get_object_member (time, "data");

  return json_object_get_int_member (data, "begin");
}

/* Numbers and times that a player sees go on. */
static void
check_packets (Client * player)
{
  g_autoptr (GArray) packets = client_get_packets (player, VIDEO_PT);
  guint i;

  for (i = 1; i < packets->len; i++) {
    const ClientPacket *packet = &g_array_index (packets, ClientPacket, i);

    g_assert_cmpint ((guint16) (packet->seq - packet[-1].seq), ==, 1);
    g_assert_cmpint ((gint32) (packet->rtp_time - packet[-1].rtp_time), >=, 0);
  }
}

static void
test_players_stay (void)
{
  g_autoptr (ServerSession) session = server_session_new (&params);
  g_autoptr (Client) first =
      publish (session, "webrtcbin name=w " CLIENT_VIDEO);
  g_autoptr (Client) player = play (session);
  g_autoptr (Client) second = NULL;

  g_assert_cmpint (wait_begin (player), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&player->height), ==, SMALL);
  second = publish (session, "webrtcbin name=w " CLIENT_LARGE_VIDEO);
  json_object_unref (client_wait (first, "on_stop"));
  client_wait_closed (first);
  json_object_unref (client_wait (player, "on_track_drop"));
  test_wait_until (player->context, has_lines, player, 0,
      "the pictures of the other publisher");
  /* Media times still count from the first publisher's first frame. */
  g_assert_cmpint (wait_begin (player), >, 0);
  check_packets (player);
  g_assert_false (player->over);

  /* It is its stream now. */
  client_send (second, "{\"type\":\"stop\"}");
  json_object_unref (client_wait (player, "on_stop"));
}

/* A codec that is not in its answer a player cannot have. */
static void
test_other_codec (void)
{
  g_autoptr (ServerSession) session = server_session_new (&params);
  g_autoptr (Client) first =
      publish (session, "webrtcbin name=w " CLIENT_VIDEO);
  g_autoptr (Client) player = play (session);
  g_autoptr (Client) second = server_session_publish (session, PATH, VP8_VIDEO);

  json_object_unref (client_wait (player, "on_stop"));
  client_wait_closed (player);
  g_assert_false (second->over);
}

/* A publisher whose socket is lost is waited for, and players with it … */
static void
test_return (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  Client *first = publish (session, "webrtcbin name=w " CLIENT_VIDEO);
  g_autoptr (Client) player = play (session);
  g_autoptr (Client) second = NULL;

  client_free (first);
  second = publish (session, "webrtcbin name=w " CLIENT_LARGE_VIDEO);
  json_object_unref (client_wait (player, "on_track_drop"));
  test_wait_until (player->context, has_lines, player, 0,
      "the pictures after its return");
  check_packets (player);
  g_assert_false (player->over);
}

/* … but not for ever. */
static void
test_no_return (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  Client *first = publish (session, "webrtcbin name=w " CLIENT_VIDEO);
  g_autoptr (Client) player = play (session);

  client_free (first);
  json_object_unref (client_wait (player, "on_stop"));
  client_wait_closed (player);
}

/* What cannot be taken in displaces nobody. */
static void
test_no_medium (void)
{
  g_autoptr (ServerSession) session = server_session_new (&params);
  g_autoptr (Client) first =
      publish (session, "webrtcbin name=w " CLIENT_VIDEO);
  g_autoptr (Client) player = play (session);
  g_autoptr (Client) second = server_session_offer (session, PATH,
      "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n");

  json_object_unref (client_wait (second, "on_answer_sdp"));
  client_wait_media (player, g_atomic_int_get (&player->n_video) + 30, 0);
  g_assert_false (first->over);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/takeover/players-stay", test_players_stay);
  test_add ("/server/takeover/other-codec", test_other_codec);
  test_add ("/server/takeover/no-medium", test_no_medium);
  test_add ("/server/takeover/return", test_return);
  test_add ("/server/takeover/no-return", test_no_return);

  return g_test_run ();
}
