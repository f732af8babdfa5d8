/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Several pictures of one stream, from several publishers or made here, and
 * players that change from one to another.
 */

#include <string.h>

#include "server-session.h"
#include "testsupport.h"
#include "wsctlservertranscoder-private.h"

#define GOP 600
#define SMALL 240
#define LARGE 480
#define MADE 120

static ServerSession *session;

static Client *
publish (const gchar * path, const gchar * format)
{
  g_autofree gchar *launch = g_strdup_printf (format, GOP);

  return server_session_publish (session, path, launch);
}

static Client *
publish_small (void)
{
  return publish ("/webrtc/live", "webrtcbin name=w " CLIENT_VIDEO
      CLIENT_AUDIO);
}

static Client *
publish_large (void)
{
  return publish ("/webrtc/live~high", "webrtcbin name=w " CLIENT_LARGE_VIDEO);
}

static Client *
play (const gchar * path)
{
  Client *player = server_session_open (session, path);

  client_keep_packets (player);
  client_start_player (player, TRUE, TRUE);
  client_offer (player);
  g_free (client_take_answer (player));

  return player;
}

typedef struct
{
  Client *client;
  gint height;
} Shown;

static gboolean
shows (gpointer data)
{
  Shown *shown = data;

  return g_atomic_int_get (&shown->client->height) == shown->height;
}

static void
wait_height (Client * client, gint height)
{
  Shown shown = { client, height };

  test_wait_until (client->context, shows, &shown, 0,
      "the picture has its size");
}

/* The index of the track with pictures of this height, as a watcher learns of
 * it */
static gint64
wait_track (Client * watcher, gint height)
{
  for (;;) {
    g_autofree gchar *text = client_wait_text (watcher);
    g_autoptr (JsonNode) node = json_from_string (text, NULL);
    JsonObject *root = json_node_get_object (node);
    JsonObject *tracks;
    g_autoptr (GList) names = NULL;
    GList *item;

    if (json_object_has_member (root, "error"))
      continue;
    tracks = json_object_get_object_member (json_object_get_object_member
        (root, "meta"), "tracks");
    names = json_object_get_members (tracks);
    for (item = names; item != NULL; item = item->next) {
      JsonObject *track = json_object_get_object_member (tracks, item->data);

      if (json_object_get_int_member_with_default (track, "height", 0)
          == height)
        return json_object_get_int_member (track, "idx");
    }
  }
}

static void
select_video (Client * player, gint64 track)
{
  g_autofree gchar *text = g_strdup_printf ("{\"type\":\"tracks\","
      "\"video\":%" G_GINT64_FORMAT "}", track);

  client_send (player, text);
}

/* One source to the player, whatever it is shown. */
static void
check_numbers (Client * player)
{
  g_autoptr (GArray) packets = client_get_packets (player, 96);
  guint i;

  for (i = 1; i < packets->len; i++) {
    const ClientPacket *packet = &g_array_index (packets, ClientPacket, i);

    g_assert_cmpint ((guint16) (packet->seq - packet[-1].seq), ==, 1);
    g_assert_cmpint ((gint32) (packet->rtp_time - packet[-1].rtp_time), >=, 0);
  }
}

static void
test_publishers (void)
{
  g_autoptr (Client) small = NULL;
  g_autoptr (Client) large = NULL;
  g_autoptr (Client) watcher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (Client) other = NULL;
  g_autoptr (JsonObject) dropped = NULL;
  gint64 small_track, large_track;

  session = server_session_new (NULL);
  watcher = server_session_open (session, "/json_live.js");
  small = publish_small ();
  small_track = wait_track (watcher, SMALL);
  player = play ("/webrtc/live");
  wait_height (player, SMALL);
  large = publish_large ();
  large_track = wait_track (watcher, LARGE);
  g_assert_cmpint (small_track, !=, large_track);

  select_video (player, large_track);
  wait_height (player, LARGE);
  select_video (player, small_track);
  wait_height (player, SMALL);
  select_video (player, large_track);
  wait_height (player, LARGE);
  other = play ("/webrtc/live~high");
  wait_height (other, LARGE);

  /* Without its publisher a player goes on with what there is. */
  client_send (large, "{\"type\":\"stop\"}");
  dropped = client_wait (player, "on_track_drop");
  g_assert_cmpint (json_object_get_int_member (dropped, "track"), ==,
      large_track);
  wait_height (player, SMALL);
  wait_height (other, SMALL);
  check_numbers (player);
  g_clear_pointer (&session, server_session_free);
}

/* A track that is not there, or not for this session, changes nothing. */
static void
test_unknown_track (void)
{
  g_autoptr (Client) small = NULL;
  g_autoptr (Client) player = NULL;

  session = server_session_new (NULL);
  small = publish_small ();
  player = play ("/webrtc/live");
  wait_height (player, SMALL);
  select_video (player, 77);
  json_object_unref (client_wait (player, "warning"));
  client_wait_media (player, g_atomic_int_get (&player->n_video) + 10, 0);
  g_clear_pointer (&session, server_session_free);
}

static void
test_transcoding (void)
{
  const GstWsctlServerParams params = {
    .renditions = "120p:100000,1080p:3000000"
  };
  g_autoptr (Client) small = NULL;
  g_autoptr (Client) watcher = NULL;
  g_autoptr (Client) player = NULL;
  gint64 track;

  session = server_session_new (&params);
  watcher = server_session_open (session, "/json_live.js");
  small = publish_small ();
  track = wait_track (watcher, MADE);
  player = play ("/webrtc/live");
  wait_height (player, SMALL);
  select_video (player, track);
  wait_height (player, MADE);
  client_wait_media (player, g_atomic_int_get (&player->n_video) + 10, 0);
  check_numbers (player);
  g_clear_pointer (&session, server_session_free);
}

static void
test_parse (void)
{
  static const gchar *const broken[] = {
    "", "720p", "720:1000000", "720p:", "p:1000000", "720p:1", "8p:1000000",
    "720p:1000000,", "720p:1000000x", "720p:-1000000"
  };
  g_autoptr (GArray) renditions =
      gst_wsctl_server_renditions_parse ("720p:1500000,360p:500000", NULL);
  guint i;

  g_assert_cmpuint (renditions->len, ==, 2);
  g_assert_cmpuint (g_array_index (renditions, GstWsctlServerRendition,
          1).height, ==, 360);
  g_assert_cmpuint (g_array_index (renditions, GstWsctlServerRendition,
          1).bitrate_bps, ==, 500000);
  for (i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (gst_wsctl_server_renditions_parse (broken[i], &error));
    g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/server/renditions/publishers", test_publishers);
  test_add_in_real_time ("/server/renditions/unknown-track",
      test_unknown_track);
  test_add_in_real_time ("/server/renditions/transcoding", test_transcoding);
  test_add ("/server/renditions/parse", test_parse);

  return g_test_run ();
}
