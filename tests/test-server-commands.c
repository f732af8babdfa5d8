/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Commands, answered word for word as MistServer does.
 */

#include <string.h>

#include "server-session.h"
#include "server-transcript.h"
#include "testsupport.h"

#define GOP 30                  /* frames */
#define REPORT_MS 1000
#define REPORT_TOLERANCE_MS 250

static gchar *
to_text (JsonNode * node)
{
  return json_to_string (node, FALSE);
}

static const gchar *
get_type (JsonNode * message)
{
  return json_object_get_string_member (json_node_get_object (message), "type");
}

/* "auto", "fast-forward" or a number. Transfer full. */
static gchar *
get_play_rate (JsonNode * time)
{
  JsonObject *data =
      json_object_get_object_member (json_node_get_object (time), "data");

  return to_text (json_object_get_member (data, "play_rate_curr"));
}

/* An answer to a command, not what comes each second */
static gboolean
is_answer (JsonNode * message)
{
  g_autofree gchar *play_rate = NULL;

  if (strcmp (get_type (message), "on_media_receive") == 0)
    return FALSE;
  if (strcmp (get_type (message), "on_time") != 0)
    return TRUE;
  play_rate = get_play_rate (message);

  return strstr (play_rate, "fast-forward") != NULL;
}

static JsonNode *
wait_message (Client * client)
{
  g_autofree gchar *text = client_wait_text (client);
  JsonNode *message = json_from_string (text, NULL);

  g_assert_nonnull (message);

  return message;
}

/* The next message but for those that come by themselves. */
static JsonNode *
wait_answer (Client * client)
{
  JsonNode *message = wait_message (client);

  while (!is_answer (message)) {
    json_node_unref (message);
    message = wait_message (client);
  }

  return message;
}

/* MistServer has these now and then. */
static gboolean
is_extra (const gchar * member)
{
  return strcmp (member, "live_point") == 0 || strcmp (member, "paused") == 0;
}

/* The same members, and the same values but for the times */
static void
check_time (JsonNode * ours, JsonNode * recorded)
{
  JsonObject *data, *expected;
  g_autoptr (GList) members = NULL;
  g_autoptr (GList) expected_members = NULL;
  GList *item;

  g_assert_cmpstr (get_type (ours), ==, "on_time");
  data = json_object_get_object_member (json_node_get_object (ours), "data");
  expected =
      json_object_get_object_member (json_node_get_object (recorded), "data");
  members = json_object_get_members (data);
  expected_members = json_object_get_members (expected);
  for (item = expected_members; item != NULL; item = item->next)
    g_assert_true (json_object_has_member (data, item->data));
  for (item = members; item != NULL; item = item->next)
    g_assert_true (json_object_has_member (expected, item->data)
        || is_extra (item->data));
  g_assert_true (json_node_equal (json_object_get_member (data, "tracks"),
          json_object_get_member (expected, "tracks")));
  g_assert_true (json_node_equal (json_object_get_member (data,
              "play_rate_curr"), json_object_get_member (expected,
              "play_rate_curr")));
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
  if (strcmp (type, "on_time") == 0 && !is_answer (line->message))
    return;

  test_say (expected);
  got = wait_answer (client);
  text = to_text (got);
  if (strcmp (type, "on_time") == 0)
    check_time (got, line->message);
  else if (strcmp (type, "on_answer_sdp") != 0 && !json_node_equal (got,
          line->message))
    g_error ("%s came, not %s", text, expected);
}

/* A player's whole session, against what MistServer answered. */
static void
test_commands (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (GPtrArray) lines = transcript_load ("mist-commands.jsonl");
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  guint i;

  publisher = server_session_publish_live (session, GOP);
  player = server_session_open (session, "/webrtc/live");
  for (i = 0; i < lines->len; i++)
    check_line (player, g_ptr_array_index (lines, i));
}

static void
test_publisher (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (GPtrArray) lines = transcript_load ("mist-publish.jsonl");
  g_autoptr (Client) publisher = server_session_open (session, "/webrtc/live");
  guint i;

  for (i = 0; i < lines->len; i++)
    check_line (publisher, g_ptr_array_index (lines, i));
}

static gint64
get_time (JsonNode * time, const gchar * member)
{
  return
      json_object_get_int_member (json_object_get_object_member
      (json_node_get_object (time), "data"), member);
}

/* What a player is told by itself, from when its media can flow: that it
 * catches up, that it has, and then each second where it is. */
static void
test_time (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (GPtrArray) lines = transcript_load ("mist-play.jsonl");
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  gint64 last_us = 0, last_ms = 0;
  guint i, n_reports = 0;

  publisher = server_session_publish_live (session, GOP);
  player = server_session_open (session, "/webrtc/live");
  client_start_player (player, TRUE, TRUE);
  client_offer (player);
  g_free (client_take_answer (player));
  /* Its offer and the answer are the first two lines. */
  for (i = 2; i < lines->len; i++) {
    const TranscriptLine *line = g_ptr_array_index (lines, i);
    g_autoptr (JsonNode) got = wait_message (player);
    gint64 now_us = g_get_monotonic_time ();

    if (strcmp (transcript_get_type (line), "on_time") != 0) {
      g_assert_true (json_node_equal (got, line->message));
      continue;
    }
    check_time (got, line->message);
    g_assert_cmpint (get_time (got, "current"), >=, last_ms);
    g_assert_cmpint (get_time (got, "current"), <=, get_time (got, "end"));
    last_ms = get_time (got, "current");
    /* The first two are when they are due. */
    if (n_reports++ >= 2)
      g_assert_cmpint (ABS ((now_us - last_us) / 1000 - REPORT_MS), <,
          test_scale_ms (REPORT_TOLERANCE_MS));
    last_us = now_us;
  }
  g_assert_cmpuint (n_reports, ==, 6);
}

static void
test_video_bitrate (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = NULL;
  g_autoptr (JsonObject) event = NULL;

  publisher = server_session_offer_publish (session, "/webrtc/live");
  client_send (publisher,
      "{\"type\":\"video_bitrate\",\"video_bitrate\":2000000}");
  event = client_wait (publisher, "on_video_bitrate");
  g_assert_cmpint (json_object_get_int_member (event,
          "video_bitrate_constraint"), ==, 2000000);
  g_assert_cmpint (gst_wsctl_server_get_video_bitrate (session->server, "live"),
      ==, 2000000);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/commands/all", test_commands);
  test_add ("/server/commands/publisher", test_publisher);
  test_add ("/server/commands/time", test_time);
  test_add ("/server/commands/video-bitrate", test_video_bitrate);

  return g_test_run ();
}
