/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Messages: every row of the tables, and what a real server said.
 */

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlmessage-private.h"

static void
assert_same_json (const gchar * one, const gchar * other)
{
  g_autoptr (JsonNode) a = json_from_string (one, NULL);
  g_autoptr (JsonNode) b = json_from_string (other, NULL);

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  if (!json_node_equal (a, b))
    g_assert_cmpstr (one, ==, other);
}

static GstWsctlEvent *
parse_event (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlEvent *event = gst_wsctl_event_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (event);

  return event;
}

static GstWsctlCommand *
parse_command (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlCommand *command = gst_wsctl_command_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (command);

  return command;
}

/* Every type can be made, written and freed with nothing in it. */
static void
test_new_free (void)
{
  gint type;

  for (type = 0; type <= GST_WSCTL_COMMAND_STOP; type++) {
    g_autoptr (GstWsctlCommand) command = gst_wsctl_command_new (type);
    g_autofree gchar *text = gst_wsctl_command_to_json (command);
    g_autoptr (GstWsctlCommand) again = parse_command (text);

    g_assert_cmpint (again->type, ==, type);
    g_assert_cmpstr (again->name, ==, command->name);
    g_assert_true (isnan (again->play_rate));
    g_assert_true (isnan (again->seek_unix_s));
    g_assert_cmpint (again->seek_time_ms, ==, -1);
  }

  for (type = 0; type <= GST_WSCTL_EVENT_WARNING; type++) {
    g_autoptr (GstWsctlEvent) event = gst_wsctl_event_new (type);
    g_autofree gchar *mist =
        gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_MIST);
    g_autofree gchar *ceeblue =
        gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_CEEBLUE);
    g_autoptr (GstWsctlEvent) one = parse_event (mist);
    g_autoptr (GstWsctlEvent) other = parse_event (ceeblue);

    g_assert_cmpint (one->type, ==, type);
    g_assert_cmpint (other->type, ==, type);
    g_assert_null (one->tracks);
    g_assert_cmpint (other->current_ms, ==, -1);
  }
}

/* Types that the recorded client tried on purpose and that are kept by name
 * only */
static gboolean
is_known (const gchar * text)
{
  return strstr (text, "bogus") == NULL;
}

static guint
check_transcript (const gchar * file)
{
  g_autofree gchar *path = g_test_build_filename (G_TEST_DIST, "data", file,
      NULL);
  g_autofree gchar *contents = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint i, n_checked = 0;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (contents, "\n", -1);

  for (i = 0; lines[i] != NULL && *lines[i] != '\0'; i++) {
    g_autoptr (JsonNode) line = json_from_string (lines[i], &error);
    JsonObject *object;
    JsonNode *message;
    g_autofree gchar *text = NULL;
    g_autofree gchar *again = NULL;

    g_assert_no_error (error);
    object = json_node_get_object (line);
    message = json_object_get_member (object, "message");
    if (!JSON_NODE_HOLDS_OBJECT (message)
        || !json_object_has_member (json_node_get_object (message), "type"))
      continue;

    text = json_to_string (message, FALSE);
    if (g_str_equal (json_object_get_string_member (object, "dir"), "server")) {
      g_autoptr (GstWsctlEvent) event = parse_event (text);

      g_assert_cmpint (event->type, !=, GST_WSCTL_EVENT_UNKNOWN);
      again = gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_MIST);
    } else {
      g_autoptr (GstWsctlCommand) command = parse_command (text);

      g_assert_cmpint (command->type != GST_WSCTL_COMMAND_UNKNOWN, ==,
          is_known (text));
      again = gst_wsctl_command_to_json (command);
    }
    assert_same_json (again, text);
    n_checked++;
  }

  return n_checked;
}

/* What MistServer said is read in full and can be said again in its words. */
static void
test_transcripts (void)
{
  g_assert_cmpuint (check_transcript ("mist-commands.jsonl"), ==, 53);
  g_assert_cmpuint (check_transcript ("mist-play.jsonl"), ==, 9);
  g_assert_cmpuint (check_transcript ("mist-publish.jsonl"), ==, 4);
}

static void
test_events (void)
{
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_answer_sdp\","
        "\"result\":true,\"answer_sdp\":\"v=0\\r\\n\"}");

    g_assert_cmpint (event->type, ==, GST_WSCTL_EVENT_ANSWER_SDP);
    g_assert_true (event->result);
    g_assert_cmpstr (event->answer_sdp, ==, "v=0\r\n");
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_answer_sdp\",\"result\":false}");

    g_assert_false (event->result);
    g_assert_null (event->answer_sdp);
  }
  {
    g_autoptr (GstWsctlEvent) event = parse_event ("{\"type\":\"on_error\","
        "\"command\":\"on_offer_sdp\",\"message\":\"Stream open failed\"}");

    g_assert_cmpint (event->type, ==, GST_WSCTL_EVENT_ERROR);
    g_assert_cmpstr (event->command, ==, "on_offer_sdp");
    g_assert_cmpstr (event->message, ==, "Stream open failed");
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_video_bitrate\",\"result\":true,"
        "\"video_bitrate\":1500000,\"video_bitrate_constraint\":900000}");

    g_assert_cmpint (event->video_bitrate_bps, ==, 1500000);
    g_assert_cmpint (event->video_bitrate_constraint_bps, ==, 900000);
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_keyframe_interval\",\"result\":500}");

    g_assert_cmpint (event->keyframe_interval_ms, ==, 500);
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_track_drop\",\"track\":1,"
        "\"mediatype\":\"audio\"}");

    g_assert_cmpint (event->track, ==, 1);
    g_assert_cmpstr (event->mediatype, ==, "audio");
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"seek\",\"error\":\"seek_time missing\"}");

    g_assert_cmpint (event->type, ==, GST_WSCTL_EVENT_SEEK);
    g_assert_cmpstr (event->message, ==, "seek_time missing");
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_seek\",\"live_point\":true}");

    g_assert_cmpint (event->type, ==, GST_WSCTL_EVENT_SEEK);
    g_assert_cmpstr (event->name, ==, "on_seek");
    g_assert_cmpint (event->live_point, ==, 1);
  }
  {
    g_autoptr (GstWsctlEvent) event =
        parse_event ("{\"type\":\"on_stop\",\"data\":[1]}");

    g_assert_cmpint (event->type, ==, GST_WSCTL_EVENT_STOP);
  }
  {
    g_autoptr (GstWsctlEvent) event = parse_event ("{\"type\":\"news\"}");

    g_assert_cmpint (event->type, ==, GST_WSCTL_EVENT_UNKNOWN);
    g_assert_cmpstr (event->name, ==, "news");
  }
}

static void
test_media_report (void)
{
  g_autoptr (GstWsctlEvent) early = parse_event ("{\"type\":"
      "\"on_media_receive\",\"millis\":40,\"tracks\":[\"H264\",\"opus\"],"
      "\"stats\":{\"jitter_ms\":2.5,\"loss_num\":0,\"loss_perc\":100,"
      "\"nack_num\":3}}");
  g_autoptr (GstWsctlEvent) late = parse_event ("{\"type\":"
      "\"on_media_receive\",\"stats\":{\"loss_num\":7,\"loss_perc\":12.5}}");
  g_autoptr (GstWsctlEvent) mad = parse_event ("{\"type\":"
      "\"on_media_receive\",\"tracks\":\"H264\",\"stats\":[],\"millis\":-4}");
  g_autofree gchar *text = gst_wsctl_event_to_json (late,
      GST_WSCTL_DIALECT_CEEBLUE);

  g_assert_cmpint (early->millis, ==, 40);
  g_assert_cmpstr (early->codecs[0], ==, "H264");
  g_assert_cmpstr (early->codecs[1], ==, "opus");
  g_assert_null (early->codecs[2]);
  g_assert_cmpfloat (early->jitter_ms, ==, 2.5);
  g_assert_cmpfloat (early->loss_perc, ==, 0);
  g_assert_cmpint (early->nack_num, ==, 3);

  g_assert_cmpfloat (late->loss_perc, ==, 12.5);
  g_assert_null (late->codecs);
  assert_same_json (text, "{\"type\":\"on_media_receive\","
      "\"stats\":{\"loss_num\":7,\"loss_perc\":12.5}}");

  g_assert_null (mad->codecs);
  g_assert_cmpint (mad->millis, ==, -1);
  g_assert_true (isnan (mad->loss_perc));
}

static void
test_time_shapes (void)
{
  static const gchar flat[] = "{\"type\":\"on_time\",\"begin\":1,"
      "\"current\":2,\"end\":3,\"tracks\":[0,4]}";
  static const gchar nested[] = "{\"type\":\"on_time\",\"data\":{\"begin\":1,"
      "\"current\":2,\"end\":3,\"tracks\":[0,4]}}";
  const gchar *shapes[] = { flat, nested };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (shapes); i++) {
    g_autoptr (GstWsctlEvent) event = parse_event (shapes[i]);
    g_autofree gchar *ceeblue =
        gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_CEEBLUE);
    g_autofree gchar *mist =
        gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_MIST);

    g_assert_cmpint (event->begin_ms, ==, 1);
    g_assert_cmpint (event->current_ms, ==, 2);
    g_assert_cmpint (event->end_ms, ==, 3);
    g_assert_cmpint (event->next_ms, ==, -1);
    g_assert_cmpint (event->paused, ==, -1);
    g_assert_cmpuint (event->tracks->len, ==, 2);
    g_assert_cmpint (g_array_index (event->tracks, gint64, 1), ==, 4);
    assert_same_json (ceeblue, flat);
    assert_same_json (mist, nested);
  }
}

static void
test_commands (void)
{
  static const struct
  {
    const gchar *text;
    const gchar *again;         /* NULL: the same */
  } cases[] = {
    {"{\"type\":\"rtp_props\",\"nack\":20,\"drop\":50}", NULL},
    {"{\"type\":\"tracks\",\"audio\":0,\"video\":\"none\"}", NULL},
    {"{\"type\":\"tracks\",\"video\":\"1\",\"audio\":null}",
        "{\"type\":\"tracks\",\"video\":1,\"audio\":\"auto\"}"},
    {"{\"type\":\"tracks\",\"meta\":\"all\",\"seek_time\":12}", NULL},
    {"{\"type\":\"seek\",\"seek_time\":1500,\"ff_to\":2000}", NULL},
    {"{\"type\":\"seek\",\"seek_time\":\"live\"}", NULL},
    {"{\"type\":\"seek\",\"unix\":1795178584239}", NULL},
    {"{\"type\":\"seek\",\"unix\":1795178584}",
        "{\"type\":\"seek\",\"unix\":1795178584000}"},
    {"{\"type\":\"play\",\"seek_time\":0}", NULL},
    {"{\"type\":\"play\"}", NULL},
    {"{\"type\":\"hold\"}", NULL},
    {"{\"type\":\"stop\"}", NULL},
    {"{\"type\":\"set_speed\",\"play_rate\":0.5}", NULL},
    {"{\"type\":\"set_speed\",\"play_rate\":\"2\"}",
        "{\"type\":\"set_speed\",\"play_rate\":2}"},
    {"{\"type\":\"set_speed\",\"play_rate\":-1}",
        "{\"type\":\"set_speed\",\"play_rate\":\"auto\"}"},
    {"{\"type\":\"fast_forward\",\"ff_to\":99}", NULL},
    {"{\"type\":\"keyframe_interval\",\"keyframe_interval_millis\":2000}",
        NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstWsctlCommand) command = parse_command (cases[i].text);
    g_autofree gchar *again = gst_wsctl_command_to_json (command);

    assert_same_json (again, cases[i].again != NULL ?
        cases[i].again : cases[i].text);
  }
}

static void
test_build (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) params = g_variant_ref_sink (g_variant_new_parsed
      ("{'a': <true>, 'b': <7>, 'c': <1.5>, 'd': <'x\"y'>, 'e': <uint64 9>}"));
  g_autoptr (GVariant) list = g_variant_ref_sink (g_variant_new_parsed
      ("{'a': <[1, 2]>}"));
  g_autoptr (GVariant) type = g_variant_ref_sink (g_variant_new_parsed
      ("{'type': <'stop'>}"));
  g_autoptr (GVariant) nan = g_variant_ref_sink (g_variant_new_parsed
      ("{'a': <inf>}"));
  g_autoptr (GVariant) string = g_variant_ref_sink (g_variant_new_string ("a"));
  GVariant *bad[] = { list, type, nan, string };
  g_autofree gchar *plain = gst_wsctl_message_build ("x", NULL, NULL);
  g_autofree gchar *full = gst_wsctl_message_build ("x", params, NULL);
  guint i;

  assert_same_json (plain, "{\"type\":\"x\"}");
  assert_same_json (full, "{\"type\":\"x\",\"a\":true,\"b\":7,\"c\":1.5,"
      "\"d\":\"x\\\"y\",\"e\":9}");

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_null (gst_wsctl_message_build ("x", bad[i], &error));
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
    g_clear_error (&error);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/message/new-free", test_new_free);
  test_add ("/message/transcripts", test_transcripts);
  test_add ("/message/events", test_events);
  test_add ("/message/media-report", test_media_report);
  test_add ("/message/time-shapes", test_time_shapes);
  test_add ("/message/commands", test_commands);
  test_add ("/message/build", test_build);

  return g_test_run ();
}
