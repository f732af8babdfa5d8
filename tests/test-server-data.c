/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What it says of its streams, and the data that it passes on.
 */

#include <string.h>
#include <gst/webrtc/webrtc.h>

#include "server-session.h"
#include "server-transcript.h"
#include "testsupport.h"

#define GOP 30                  /* frames */

static guint
get (ServerSession * session, const gchar * path, gchar ** answer)
{
  return server_session_request (session, SOUP_METHOD_GET, path, NULL, answer);
}

static guint
post (ServerSession * session, const gchar * path, const gchar * body)
{
  return server_session_request (session, SOUP_METHOD_POST, path, body, NULL);
}

static void
test_get (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = NULL;
  g_autofree gchar *page = NULL;
  g_autofree gchar *empty = NULL;
  g_autofree gchar *streams = NULL;
  g_autofree gchar *offline = NULL;

  g_assert_cmpuint (get (session, "/", &page), ==, 200);
  g_assert_true (g_str_has_prefix (page, "<!DOCTYPE html>"));
  g_assert_cmpuint (get (session, "/streams", &empty), ==, 200);
  g_assert_cmpstr (empty, ==, "{\"streams\":[]}");
  publisher = server_session_offer_publish (session, "/webrtc/live");
  json_object_unref (client_wait (publisher, "on_answer_sdp"));
  g_assert_cmpuint (get (session, "/streams", &streams), ==, 200);
  g_assert_nonnull (strstr (streams, "{\"name\":\"live\",\"tracks\":["));
  g_assert_cmpuint (get (session, "/json_other.js", &offline), ==, 200);
  g_assert_cmpstr (offline, ==, "{\"error\":\"Stream is offline\"}");
  g_assert_cmpuint (get (session, "/favicon.ico", NULL), ==, 415);
}

static JsonObject *
wait_description (Client * client)
{
  g_autofree gchar *text = client_wait_text (client);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_object_ref (json_node_get_object (node));
}

/* NULL: it is not there, or no stream is. */
static JsonObject *
find_track (JsonObject * description, const gchar * prefix)
{
  JsonObject *meta, *tracks;
  g_autoptr (GList) names = NULL;
  GList *item;

  if (json_object_has_member (description, "error"))
    return NULL;

  meta = json_object_get_object_member (description, "meta");
  tracks = json_object_get_object_member (meta, "tracks");
  names = json_object_get_members (tracks);
  for (item = names; item != NULL; item = item->next) {
    if (g_str_has_prefix (item->data, prefix))
      return json_object_get_object_member (tracks, item->data);
  }

  return NULL;
}

/* Every few seconds a watcher is told again what it knows. */
static JsonObject *
wait_change (Client * client, const gchar * known)
{
  JsonObject *description = wait_description (client);

  while (json_object_has_member (description, "error")
      && g_str_equal (json_object_get_string_member (description, "error"),
          known)) {
    json_object_unref (description);
    description = wait_description (client);
  }

  return description;
}

/* Offline, waiting, described, offline again: each is pushed. */
static void
test_description (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) watcher = NULL;
  g_autoptr (Client) publisher = NULL;
  g_autoptr (JsonObject) offline = NULL;
  g_autoptr (JsonObject) waiting = NULL;
  g_autoptr (JsonObject) online = NULL;
  g_autoptr (JsonObject) gone = NULL;
  JsonObject *video;

  watcher = server_session_open (session, "/json_live.js");
  offline = wait_description (watcher);
  g_assert_cmpstr (json_object_get_string_member (offline, "error"), ==,
      "Stream is offline");

  publisher = server_session_publish_live (session, GOP);
  waiting = wait_change (watcher, "Stream is offline");
  g_assert_cmpstr (json_object_get_string_member (waiting, "error"), ==,
      "Stream is waiting for data");
  do {
    g_clear_pointer (&online, json_object_unref);
    online = wait_description (watcher);
  } while (find_track (online, "video_H264_320x240_30fps_") == NULL
      || find_track (online, "audio_opus_2ch_48000hz_") == NULL);
  g_assert_cmpint (json_object_get_int_member (online, "width"), ==, 320);
  video = find_track (online, "video");
  g_assert_cmpstr (json_object_get_string_member (video, "codec"), ==, "H264");
  g_assert_cmpint (json_object_get_int_member (video, "fpks"), ==, 30000);

  client_send (publisher, "{\"type\":\"stop\"}");
  do {
    g_clear_pointer (&gone, json_object_unref);
    gone = wait_description (watcher);
  } while (!json_object_has_member (gone, "error"));
}

static gboolean
has_both_tracks (JsonObject * description)
{
  return find_track (description, "video_H264_") != NULL
      && find_track (description, "audio_opus_") != NULL;
}

/* Of MistServer's, and no other: whatever reads that one can read ours. */
static void
check_shape (JsonObject * ours, JsonObject * recorded, const gchar * where)
{
  g_autoptr (GList) members = json_object_get_members (ours);
  GList *item;

  for (item = members; item != NULL; item = item->next) {
    JsonNode *node = json_object_get_member (ours, item->data);
    JsonNode *other = json_object_get_member (recorded, item->data);

    test_say (item->data);
    if (other == NULL)
      g_error ("MistServer has no '%s' in %s", (gchar *) item->data, where);
    g_assert_cmpuint (json_node_get_node_type (node), ==,
        json_node_get_node_type (other));
    g_assert_cmpuint (json_node_get_value_type (node), ==,
        json_node_get_value_type (other));
  }
}

static void
check_track_shape (JsonObject * ours, JsonObject * recorded,
    const gchar * prefix)
{
  check_shape (find_track (ours, prefix), find_track (recorded, prefix),
      prefix);
}

static void
test_description_shape (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (GPtrArray) lines = transcript_load ("mist-metadata.jsonl");
  const TranscriptLine *line = g_ptr_array_index (lines, 0);
  JsonObject *recorded = json_node_get_object (line->message);
  g_autoptr (Client) publisher = server_session_publish_live (session, GOP);
  g_autoptr (Client) watcher = server_session_open (session, "/json_live.js");
  g_autoptr (JsonObject) ours = NULL;

  do {
    g_clear_pointer (&ours, json_object_unref);
    ours = wait_description (watcher);
  } while (!has_both_tracks (ours));
  check_shape (ours, recorded, "the description");
  check_shape (json_object_get_object_member (ours, "meta"),
      json_object_get_object_member (recorded, "meta"), "meta");
  check_track_shape (ours, recorded, "video_");
  check_track_shape (ours, recorded, "audio_");
  check_shape (json_array_get_object_element (json_object_get_array_member
          (ours, "source"), 0),
      json_array_get_object_element (json_object_get_array_member (recorded,
              "source"), 0), "source");
}

static void
on_pong (SoupWebsocketConnection * socket, GBytes * bytes, gboolean * seen)
{
  *seen = TRUE;
}

/* Until the server has read all that was sent: it answers a ping in its turn. */
static void
wait_read (Client * client)
{
  gboolean seen = FALSE;
  gulong id = g_signal_connect (client->socket, "pong", G_CALLBACK (on_pong),
      &seen);

  soup_websocket_connection_set_keepalive_interval (client->socket, 1);
  test_wait_flag (client->context, &seen, "the server answers a ping");
  soup_websocket_connection_set_keepalive_interval (client->socket, 0);
  g_signal_handler_disconnect (client->socket, id);
}

/* An item goes to those who watch its track, in its own words. */
static void
test_data (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) watcher = NULL;
  g_autoptr (Client) deaf = NULL;
  g_autoptr (Client) description = NULL;
  g_autoptr (JsonObject) online = NULL;
  g_autofree gchar *text = NULL;
  g_autofree gchar *select = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *item;
  gint64 track;

  g_assert_cmpuint (post (session, "/live.json", "{}"), ==, 404);
  publisher = server_session_publish_live (session, GOP);
  watcher = server_session_open (session, "/live.json");
  deaf = server_session_open (session, "/live.json");
  client_send (deaf, "{\"type\":\"tracks\",\"tracks\":\"77\"}");
  wait_read (deaf);
  g_assert_cmpuint (post (session, "/live.json", "{\"score\":[1,2]}"), ==, 204);
  text = client_wait_text (watcher);
  node = json_from_string (text, NULL);
  item = json_node_get_object (node);
  track = json_object_get_int_member (item, "track");
  g_assert_cmpint (json_object_get_int_member (item, "time"), >=, 0);
  g_assert_true (json_object_has_member (json_object_get_object_member (item,
              "data"), "score"));

  description = server_session_open (session, "/json_live.js");
  online = wait_description (description);
  g_assert_cmpstr (json_object_get_string_member (find_track (online, "meta_"),
          "codec"), ==, "JSON");

  /* The one that wants another track hears nothing until it wants this one. */
  g_assert_cmpuint (deaf->texts.length, ==, 0);
  select = g_strdup_printf ("{\"type\":\"tracks\",\"tracks\":\"0,%"
      G_GINT64_FORMAT "\"}", track);
  client_send (deaf, select);
  do {
    g_assert_cmpuint (post (session, "/live.json", "7"), ==, 204);
    test_drain (deaf->context);
  } while (deaf->texts.length == 0);
}

static gboolean
is_open (gpointer data)
{
  GstWebRTCDataChannelState state;

  g_object_get (data, "ready-state", &state, NULL);

  return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN;
}

static gboolean
has_video (gpointer data)
{
  return gst_wsctl_server_count_frames (data, "live", "video") > 0;
}

/* The data of the next item. Transfer full. */
static gchar *
wait_item (Client * watcher)
{
  g_autofree gchar *text = client_wait_text (watcher);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_to_string (json_object_get_member (json_node_get_object (node),
          "data"), FALSE);
}

/* What a publisher says on a data channel, JSON or not */
static void
test_channel (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO, GOP);
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = server_session_open (session, "/webrtc/live");
  g_autoptr (Client) watcher = server_session_open (session, "/live.json");
  g_autoptr (GObject) channel = NULL;
  g_autofree gchar *json = NULL;
  g_autofree gchar *words = NULL;

  client_start_publisher (publisher, launch);
  g_signal_emit_by_name (publisher->webrtc, "create-data-channel", "JSON",
      NULL, &channel);
  g_assert_nonnull (channel);
  client_offer (publisher);
  g_free (client_take_answer (publisher));
  client_poll_until (publisher, is_open, channel, "the channel opens");
  client_poll_until (publisher, has_video, session->server,
      "the stream begins");

  g_signal_emit_by_name (channel, "send-string", "{\"score\":[1,2]}");
  json = wait_item (watcher);
  g_assert_cmpstr (json, ==, "{\"score\":[1,2]}");
  g_signal_emit_by_name (channel, "send-string", "no \"JSON\"");
  words = wait_item (watcher);
  g_assert_cmpstr (words, ==, "\"no \\\"JSON\\\"\"");
}

static void
test_bad_data (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = NULL;
  g_autofree gchar *large = g_strnfill (100 * 1024, ' ');
  g_autofree gchar *deep = g_strnfill (60 * 1024, '[');

  publisher = server_session_publish_live (session, GOP);
  g_assert_cmpuint (post (session, "/live.json", ""), ==, 400);
  g_assert_cmpuint (post (session, "/live.json", "}{"), ==, 400);
  g_assert_cmpuint (post (session, "/live.json", "\"\xff\""), ==, 400);
  g_assert_cmpuint (post (session, "/live.json", deep), ==, 400);
  g_assert_cmpuint (post (session, "/live.json", large), ==, 413);
  g_assert_cmpuint (post (session, "/other.json", "{}"), ==, 404);
  g_assert_cmpuint (get (session, "/live.json", NULL), ==, 405);
}

/* What pages of other hosts may ask and may read: refusals, too */
static void
test_origin (void)
{
  static const struct
  {
    const gchar *method, *path;
    guint status;
    const gchar *methods;
  } cases[] = {
    {"OPTIONS", "/live.json", 204, "POST"},
    {"OPTIONS", "/json_live.js", 204, "GET, HEAD"},
    {"OPTIONS", "/streams", 204, "GET, HEAD"},
    {"OPTIONS", "/nothing", 415, NULL},
    {"GET", "/streams", 200, NULL},
    {"GET", "/json_live.js?id=ticket", 200, NULL},
    {"GET", "/json_live.js", 403, NULL},
    {"POST", "/live.json", 403, NULL},
    {"GET", "/nothing", 415, NULL},
  };
  const GstWsctlServerParams params = {
    .publish_token = "secret",
    .play_token = "ticket",
  };
  g_autoptr (ServerSession) session = server_session_new (&params);
  g_autoptr (SoupSession) soup = soup_session_new ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *uri = g_strdup_printf ("http://%s%s",
        session->uri + strlen ("ws://"), cases[i].path);
    g_autoptr (SoupMessage) message = soup_message_new (cases[i].method, uri);
    SoupMessageHeaders *headers = soup_message_get_response_headers (message);

    test_say (cases[i].path);
    soup_message_headers_replace (soup_message_get_request_headers (message),
        "Origin", "https://elsewhere.example");
    g_bytes_unref (soup_session_send_and_read (soup, message, NULL, NULL));
    g_assert_cmpuint (soup_message_get_status (message), ==, cases[i].status);
    g_assert_cmpstr (soup_message_headers_get_one (headers,
            "Access-Control-Allow-Origin"), ==, "*");
    g_assert_cmpstr (soup_message_headers_get_one (headers,
            "Access-Control-Allow-Methods"), ==, cases[i].methods);
    if (cases[i].methods != NULL)
      g_assert_cmpstr (soup_message_headers_get_one (headers,
              "Access-Control-Allow-Headers"), ==, "Content-Type");
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/data/get", test_get);
  test_add ("/server/data/description", test_description);
  test_add ("/server/data/description-shape", test_description_shape);
  test_add ("/server/data/data", test_data);
  test_add ("/server/data/channel", test_channel);
  test_add ("/server/data/bad-data", test_bad_data);
  test_add ("/server/data/origin", test_origin);

  return g_test_run ();
}
