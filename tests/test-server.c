/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the server says: to commands, word for word as MistServer; when it
 * cannot serve; when a test wants it to fail; about its streams.
 */

#include <string.h>

#include "server-client.h"
#include "server-transcript.h"
#include "testsupport.h"
#include "wsctlserver-private.h"

#define N_FRAMES 5

static GstWsctlServer *server;
static gchar *uri;
static GPtrArray *play_lines;
static const gchar *publish_offer;
static const gchar *play_offer;

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
  g_assert_cmpuint (gst_wsctl_server_count_sessions (server), ==, 0);
  test_assert_finalize (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static Client *
open_client (const gchar * path)
{
  Client *client = client_new (uri, path);

  client_wait_open (client);

  return client;
}

/* Without a transport behind it, an offer is good for all but media. */
static Client *
offer (const gchar * path, const gchar * sdp)
{
  Client *client = open_client (path);

  client->offer = g_strdup (sdp);
  client_send_offer (client);

  return client;
}

static gboolean
has_frames (gpointer data)
{
  return gst_wsctl_server_count_frames (server, "live", "video") >= N_FRAMES;
}

static Client *
publish_for_real (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, 30);
  Client *client = open_client ("/webrtc/live");

  client_start_publisher (client, launch);
  client_offer (client);
  g_free (client_take_answer (client));
  client_poll_until (client, has_frames, NULL, "frames reach the server");

  return client;
}

static gchar *
to_text (JsonNode * node)
{
  return json_to_string (node, FALSE);
}

/* The next message but for those that come by themselves. */
static JsonNode *
wait_answer (Client * client)
{
  for (;;) {
    g_autofree gchar *text = client_wait_text (client);
    g_autoptr (JsonNode) node = json_from_string (text, NULL);
    const gchar *type;

    g_assert_nonnull (node);
    type = json_object_get_string_member (json_node_get_object (node), "type");
    if (strcmp (type, "on_time") != 0 && strcmp (type, "on_media_receive") != 0)
      return g_steal_pointer (&node);
  }
}

static void
check_line (Client * client, const TranscriptLine * line)
{
  const gchar *type = transcript_get_type (line);
  g_autofree gchar *expected = to_text (line->message);
  g_autofree gchar *text = NULL;
  g_autoptr (JsonNode) got = NULL;

  if (line->from_client) {
    if (JSON_NODE_HOLDS_OBJECT (line->message))
      client_send (client, expected);
    else
      client_send (client, json_node_get_string (line->message));
    return;
  }
  if (line->is_close) {
    g_assert_cmpuint (client_wait_closed (client), ==, 1006);
    return;
  }
  if (strcmp (type, "on_time") == 0)
    return;

  test_say (expected);
  got = wait_answer (client);
  text = to_text (got);
  if (strcmp (type, "on_answer_sdp") != 0 && !json_node_equal (got,
          line->message))
    g_error ("%s came, not %s", text, expected);
}

/* A player's whole session, against what MistServer answered. */
static void
test_commands (void)
{
  g_autoptr (GPtrArray) lines = transcript_load ("mist-commands.jsonl");
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  guint i;

  start_server ();
  publisher = publish_for_real ();
  player = open_client ("/webrtc/live");
  for (i = 0; i < lines->len; i++)
    check_line (player, g_ptr_array_index (lines, i));
  stop_server ();
}

static void
test_time (void)
{
  static const gchar *const members[] = {
    "begin", "current", "end", "jitter", "next", "play_rate_curr", "tracks",
    "unixoffset"
  };
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) event = NULL;
  JsonObject *data;
  guint i;

  start_server ();
  publisher = publish_for_real ();
  player = offer ("/webrtc/live", play_offer);
  client_send (player, "{\"type\":\"play\"}");
  event = client_wait (player, "on_time");
  data = json_object_get_object_member (event, "data");
  for (i = 0; i < G_N_ELEMENTS (members); i++)
    g_assert_true (json_object_has_member (data, members[i]));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (data,
              "tracks")), ==, 2);
  stop_server ();
}

static void
test_video_bitrate (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (JsonObject) event = NULL;

  start_server ();
  publisher = offer ("/webrtc/live", publish_offer);
  client_send (publisher,
      "{\"type\":\"video_bitrate\",\"video_bitrate\":2000000}");
  event = client_wait (publisher, "on_video_bitrate");
  g_assert_cmpint (json_object_get_int_member (event,
          "video_bitrate_constraint"), ==, 2000000);
  g_assert_cmpint (gst_wsctl_server_get_video_bitrate (server, "live"), ==,
      2000000);
  stop_server ();
}

static void
test_unknown_path (void)
{
  static const gchar *const paths[] = {
    "/nothing", "/webrtc/", "/webrtc/a%20b", "/webrtc/a/b", "/json_.js", "/",
    "/page.js", "/streams"
  };
  guint i;

  start_server ();
  for (i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (Client) client = client_new (uri, paths[i]);

    g_assert_cmpuint (client_wait_refused (client), ==,
        SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE);
  }
  g_assert_cmpuint (gst_wsctl_server_count_sessions (server), ==, 0);
  stop_server ();
}

static void
test_offline (void)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;

  start_server ();
  client = offer ("/webrtc/nothing", play_offer);
  event = client_wait (client, "on_error");
  g_assert_cmpstr (json_object_get_string_member (event, "message"), ==,
      "Stream open failed");
  g_assert_cmpuint (client_wait_closed (client), ==, 1006);
  stop_server ();
}

/* Who is there first stays. */
static void
test_taken (void)
{
  g_autoptr (Client) first = NULL;
  g_autoptr (Client) second = NULL;
  g_autoptr (JsonObject) accepted = NULL;
  g_autoptr (JsonObject) refused = NULL;

  start_server ();
  first = offer ("/webrtc/live", publish_offer);
  accepted = client_wait (first, "on_answer_sdp");
  g_assert_true (json_object_get_boolean_member (accepted, "result"));
  second = offer ("/webrtc/live", publish_offer);
  refused = client_wait (second, "on_answer_sdp");
  g_assert_false (json_object_get_boolean_member (refused, "result"));
  g_assert_false (first->over);
  stop_server ();
}

static void
test_nonsense_offer (void)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;

  start_server ();
  client = offer ("/webrtc/live", "nonsense");
  event = client_wait (client, "on_answer_sdp");
  g_assert_true (json_object_get_boolean_member (event, "result"));
  g_assert_null (strstr (json_object_get_string_member (event, "answer_sdp"),
          "m="));
  stop_server ();
}

static void
test_stop (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) event = NULL;

  start_server ();
  publisher = offer ("/webrtc/live", publish_offer);
  json_object_unref (client_wait (publisher, "on_answer_sdp"));
  player = offer ("/webrtc/live", play_offer);
  json_object_unref (client_wait (player, "on_answer_sdp"));
  gst_wsctl_server_stop (server);
  event = client_wait (player, "on_stop");
  g_assert_cmpuint (client_wait_closed (player), ==, 1006);
  stop_server ();
}

static guint
count_sections (const gchar * sdp, const gchar * start)
{
  guint count = 0;

  while ((sdp = strstr (sdp, start)) != NULL) {
    count++;
    sdp++;
  }

  return count;
}

static void
check_answer_fault (GstWsctlServerFault fault, guint n_media, guint n_refused)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;
  const gchar *sdp;

  start_server ();
  gst_wsctl_server_set_faults (server, fault);
  client = offer ("/webrtc/live", publish_offer);
  event = client_wait (client, "on_answer_sdp");
  sdp = json_object_get_string_member (event, "answer_sdp");
  g_assert_cmpuint (count_sections (sdp, "m="), ==, n_media);
  g_assert_cmpuint (count_sections (sdp, " 0 UDP/"), ==, n_refused);
  stop_server ();
}

static void
test_answer_faults (void)
{
  check_answer_fault (GST_WSCTL_SERVER_FAULT_NO_MEDIUM, 0, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_ONE_MEDIUM, 1, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_REJECT_FIRST, 2, 1);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_REJECT_SECOND, 2, 1);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_WRONG_FINGERPRINT, 2, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_NO_ICE, 2, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_NO_DTLS, 2, 0);
}

static void
test_refuse (void)
{
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;

  start_server ();
  gst_wsctl_server_set_faults (server, GST_WSCTL_SERVER_FAULT_REFUSE);
  client = offer ("/webrtc/live", publish_offer);
  event = client_wait (client, "on_answer_sdp");
  g_assert_false (json_object_get_boolean_member (event, "result"));
  stop_server ();
}

static void
test_socket_faults (void)
{
  static const struct
  {
    GstWsctlServerFault fault;
    gushort code;
  } cases[] = {
    {GST_WSCTL_SERVER_FAULT_DROP, 1006},
    {GST_WSCTL_SERVER_FAULT_CLOSE, 1000},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Client) client = NULL;

    start_server ();
    gst_wsctl_server_set_faults (server, cases[i].fault);
    client = offer ("/webrtc/live", publish_offer);
    g_assert_cmpuint (client_wait_closed (client), ==, cases[i].code);
    stop_server ();
  }
}

static void
test_garbage (void)
{
  g_autoptr (Client) client = NULL;
  g_autofree gchar *text = NULL;

  start_server ();
  gst_wsctl_server_set_faults (server, GST_WSCTL_SERVER_FAULT_GARBAGE);
  client = offer ("/webrtc/live", publish_offer);
  text = client_wait_text (client);
  g_assert_null (json_from_string (text, NULL));
  stop_server ();
}

/* One that sends too much goes; the one beside it stays. */
static void
test_too_long (void)
{
  g_autoptr (Client) bad = NULL;
  g_autoptr (Client) good = NULL;
  g_autofree gchar *text = g_strnfill (200 * 1024, 'x');

  start_server ();
  bad = open_client ("/webrtc/live");
  good = offer ("/webrtc/live", publish_offer);
  json_object_unref (client_wait (good, "on_answer_sdp"));
  client_send (bad, text);
  client_wait_closed (bad);
  client_send (good, "{\"type\":\"rtp_props\"}");
  json_object_unref (client_wait (good, "on_rtp_props"));
  stop_server ();
}

static gchar *
get (const gchar * path, guint * status)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree gchar *full = g_strdup_printf ("http://%s%s",
      uri + strlen ("ws://"), path);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, full);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read (session, message,
      NULL, &error);

  g_assert_no_error (error);
  *status = soup_message_get_status (message);

  return g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
}

static void
test_get (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autofree gchar *page = NULL;
  g_autofree gchar *empty = NULL;
  g_autofree gchar *streams = NULL;
  g_autofree gchar *offline = NULL;
  g_autofree gchar *unknown = NULL;
  guint status;

  start_server ();
  page = get ("/", &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_str_has_prefix (page, "<!DOCTYPE html>"));
  empty = get ("/streams", &status);
  g_assert_cmpuint (status, ==, 200);
  g_assert_cmpstr (empty, ==, "{\"streams\":[]}");
  publisher = offer ("/webrtc/live", publish_offer);
  json_object_unref (client_wait (publisher, "on_answer_sdp"));
  streams = get ("/streams", &status);
  g_assert_nonnull (strstr (streams, "{\"name\":\"live\",\"tracks\":["));
  offline = get ("/json_other.js", &status);
  g_assert_cmpstr (offline, ==, "{\"error\":\"Stream is offline\"}");
  unknown = get ("/favicon.ico", &status);
  g_assert_cmpuint (status, ==, 415);
  stop_server ();
}

static JsonObject *
wait_description (Client * client)
{
  g_autofree gchar *text = client_wait_text (client);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_object_ref (json_node_get_object (node));
}

static JsonObject *
find_track (JsonObject * description, const gchar * prefix)
{
  JsonObject *meta = json_object_get_object_member (description, "meta");
  JsonObject *tracks = json_object_get_object_member (meta, "tracks");
  g_autoptr (GList) names = json_object_get_members (tracks);
  GList *item;

  for (item = names; item != NULL; item = item->next) {
    if (g_str_has_prefix (item->data, prefix))
      return json_object_get_object_member (tracks, item->data);
  }

  return NULL;
}

/* Offline, waiting, described, offline again: each is pushed. */
static void
test_description (void)
{
  g_autoptr (Client) watcher = NULL;
  g_autoptr (Client) publisher = NULL;
  g_autoptr (JsonObject) offline = NULL;
  g_autoptr (JsonObject) waiting = NULL;
  g_autoptr (JsonObject) online = NULL;
  g_autoptr (JsonObject) gone = NULL;
  JsonObject *video;

  start_server ();
  watcher = open_client ("/json_live.js");
  offline = wait_description (watcher);
  g_assert_cmpstr (json_object_get_string_member (offline, "error"), ==,
      "Stream is offline");

  publisher = publish_for_real ();
  waiting = wait_description (watcher);
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
  stop_server ();
}

static guint
post (const gchar * path, const gchar * body)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree gchar *full = g_strdup_printf ("http://%s%s",
      uri + strlen ("ws://"), path);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_POST, full);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (GBytes) answer = NULL;

  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  answer = soup_session_send_and_read (session, message, NULL, NULL);

  return soup_message_get_status (message);
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

  start_server ();
  g_assert_cmpuint (post ("/live.json", "{}"), ==, 404);
  publisher = publish_for_real ();
  watcher = open_client ("/live.json");
  deaf = open_client ("/live.json");
  client_send (deaf, "{\"type\":\"tracks\",\"tracks\":\"77\"}");
  wait_read (deaf);
  g_assert_cmpuint (post ("/live.json", "{\"score\":[1,2]}"), ==, 204);
  text = client_wait_text (watcher);
  node = json_from_string (text, NULL);
  item = json_node_get_object (node);
  track = json_object_get_int_member (item, "track");
  g_assert_cmpint (json_object_get_int_member (item, "time"), >=, 0);
  g_assert_true (json_object_has_member (json_object_get_object_member (item,
              "data"), "score"));

  description = open_client ("/json_live.js");
  online = wait_description (description);
  g_assert_cmpstr (json_object_get_string_member (find_track (online, "meta_"),
          "codec"), ==, "JSON");

  /* The one that wants another track hears nothing until it wants this one. */
  g_assert_cmpuint (deaf->texts.length, ==, 0);
  select = g_strdup_printf ("{\"type\":\"tracks\",\"tracks\":\"0,%"
      G_GINT64_FORMAT "\"}", track);
  client_send (deaf, select);
  do {
    g_assert_cmpuint (post ("/live.json", "7"), ==, 204);
    test_drain (deaf->context);
  } while (deaf->texts.length == 0);
  stop_server ();
}

static void
test_bad_data (void)
{
  g_autoptr (Client) publisher = NULL;
  g_autofree gchar *large = g_strnfill (100 * 1024, ' ');
  g_autofree gchar *deep = g_strnfill (60 * 1024, '[');
  guint status;

  start_server ();
  publisher = publish_for_real ();
  g_assert_cmpuint (post ("/live.json", ""), ==, 400);
  g_assert_cmpuint (post ("/live.json", "}{"), ==, 400);
  g_assert_cmpuint (post ("/live.json", "\"\xff\""), ==, 400);
  g_assert_cmpuint (post ("/live.json", deep), ==, 400);
  g_assert_cmpuint (post ("/live.json", large), ==, 413);
  g_assert_cmpuint (post ("/other.json", "{}"), ==, 404);
  g_free (get ("/live.json", &status));
  g_assert_cmpuint (status, ==, 405);
  stop_server ();
}

static void
test_port_taken (void)
{
  GstWsctlServerParams params = { 0, };
  g_autoptr (GstWsctlServer) other = NULL;
  g_autoptr (GError) error = NULL;

  start_server ();
  params.port = gst_wsctl_server_get_port (server);
  other = gst_wsctl_server_new (&params);
  g_assert_false (gst_wsctl_server_start (other, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  stop_server ();
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) publish_lines = NULL;
  int result;

  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  publish_lines = transcript_load ("mist-publish.jsonl");
  play_lines = transcript_load ("mist-play.jsonl");
  publish_offer = transcript_get_string (g_ptr_array_index (publish_lines, 0),
      "offer_sdp");
  play_offer = transcript_get_string (g_ptr_array_index (play_lines, 0),
      "offer_sdp");

  test_add ("/server/commands", test_commands);
  test_add ("/server/time", test_time);
  test_add ("/server/video-bitrate", test_video_bitrate);
  test_add ("/server/unknown-path", test_unknown_path);
  test_add ("/server/offline", test_offline);
  test_add ("/server/taken", test_taken);
  test_add ("/server/nonsense-offer", test_nonsense_offer);
  test_add ("/server/stop", test_stop);
  test_add ("/server/answer-faults", test_answer_faults);
  test_add ("/server/refuse", test_refuse);
  test_add ("/server/socket-faults", test_socket_faults);
  test_add ("/server/garbage", test_garbage);
  test_add ("/server/too-long", test_too_long);
  test_add ("/server/get", test_get);
  test_add ("/server/description", test_description);
  test_add ("/server/data", test_data);
  test_add ("/server/bad-data", test_bad_data);
  test_add ("/server/port-taken", test_port_taken);
  result = g_test_run ();
  g_ptr_array_unref (play_lines);

  return result;
}
