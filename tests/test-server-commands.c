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

static void
test_time (void)
{
  static const gchar *const members[] = {
    "begin", "current", "end", "jitter", "next", "play_rate_curr", "tracks",
    "unixoffset"
  };
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) event = NULL;
  JsonObject *data;
  guint i;

  publisher = server_session_publish_live (session, GOP);
  player = server_session_offer_play (session, "/webrtc/live");
  client_send (player, "{\"type\":\"play\"}");
  event = client_wait (player, "on_time");
  data = json_object_get_object_member (event, "data");
  for (i = 0; i < G_N_ELEMENTS (members); i++)
    g_assert_true (json_object_has_member (data, members[i]));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (data,
              "tracks")), ==, 2);
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
