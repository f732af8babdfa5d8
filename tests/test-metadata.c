/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a server says of a stream, and its timed data: as MistServer says it, in
 * every order, and as nobody should.
 */

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctljson-private.h"
#include "wsctlmetadata-private.h"
#include "wsctltimeddata-private.h"

static GstWsctlMetadata *
parse (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlMetadata *metadata = gst_wsctl_metadata_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (metadata);

  return metadata;
}

/* The message of the first line of a recorded exchange */
static gchar *
load_transcript (const gchar * name)
{
  g_autofree gchar *path =
      g_test_build_filename (G_TEST_DIST, "data", "transcripts", name, NULL);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  *strchr (text, '\n') = '\0';

  return gst_wsctl_json_dup_member_text (text, "message");
}

static void
test_mistserver (void)
{
  g_autofree gchar *text = load_transcript ("mist-metadata.jsonl");
  g_autoptr (GstWsctlMetadata) metadata = parse (text);
  const GstWsctlTrack *audio, *video;

  g_assert_cmpint (metadata->state, ==, GST_WSCTL_STREAM_STATE_ONLINE);
  g_assert_null (metadata->message);
  g_assert_cmpstr (metadata->type, ==, "live");
  g_assert_cmpint (metadata->height, ==, 720);
  g_assert_cmpuint (metadata->tracks->len, ==, 2);
  audio = g_ptr_array_index (metadata->tracks, 0);
  video = g_ptr_array_index (metadata->tracks, 1);
  g_assert_cmpint (audio->type, ==, GST_WSCTL_TRACK_TYPE_AUDIO);
  g_assert_cmpint (audio->index, ==, 1);
  g_assert_cmpstr (audio->codec, ==, "opus");
  g_assert_cmpint (audio->channels, ==, 2);
  g_assert_cmpint (audio->rate, ==, 48000);
  g_assert_cmpint (audio->max_bitrate_bps, ==, 8205 * 8);
  g_assert_cmpint (audio->width, ==, -1);
  g_assert_cmpint (video->index, ==, 0);
  g_assert_cmpstr (video->name, ==, "video_H264_1280x720_30fps_0");
  g_assert_cmpint (video->bitrate_bps, ==, 252708 * 8);
  g_assert_cmpint (video->frames_in_1000_s, ==, 30000);
  g_assert_cmpint (video->width, ==, 1280);
  g_assert_cmpuint (metadata->sources->len, >, 0);
}

static void
test_states (void)
{
  static const struct
  {
    const gchar *text;
    GstWsctlStreamState state;
  } cases[] = {
    {"{\"error\":\"Stream is offline\"}", GST_WSCTL_STREAM_STATE_OFFLINE},
    {"{\"error\":\"Stream is initializing\"}",
        GST_WSCTL_STREAM_STATE_INITIALIZING},
    {"{\"error\":\"Stream is booting\"}", GST_WSCTL_STREAM_STATE_BOOTING},
    {"{\"error\":\"Stream is waiting for data\"}",
        GST_WSCTL_STREAM_STATE_WAITING_FOR_DATA},
    {"{\"error\":\"Stream status is unknown?!\"}",
        GST_WSCTL_STREAM_STATE_UNKNOWN},
    {"{\"error\":\"Stream open failed\"}", GST_WSCTL_STREAM_STATE_FAILED},
    {"{\"error\":\"\"}", GST_WSCTL_STREAM_STATE_FAILED},
    {"{\"error\":null}", GST_WSCTL_STREAM_STATE_ONLINE},
    {"{\"error\":[1]}", GST_WSCTL_STREAM_STATE_ONLINE},
    {"{}", GST_WSCTL_STREAM_STATE_ONLINE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstWsctlMetadata) metadata = parse (cases[i].text);

    g_assert_cmpint (metadata->state, ==, cases[i].state);
    g_assert_cmpuint (metadata->tracks->len, ==, 0);
  }
}

static void
test_order (void)
{
  g_autoptr (GstWsctlMetadata) metadata = parse ("{\"meta\":{\"tracks\":{"
      "\"a\":{\"idx\":5,\"type\":\"video\",\"maxbps\":100},"
      "\"b\":{\"idx\":3,\"type\":\"video\",\"maxbps\":300},"
      "\"c\":{\"idx\":9,\"type\":\"meta\",\"codec\":\"JSON\"},"
      "\"d\":{\"idx\":2,\"type\":\"video\",\"maxbps\":300},"
      "\"e\":{\"idx\":7,\"type\":\"audio\"},"
      "\"f\":{\"idx\":8,\"type\":\"video\"}}}}");
  static const gint64 expected[] = { 7, 2, 3, 5, 8, 9 };
  guint i;

  g_assert_cmpuint (metadata->tracks->len, ==, G_N_ELEMENTS (expected));
  for (i = 0; i < G_N_ELEMENTS (expected); i++) {
    const GstWsctlTrack *track = g_ptr_array_index (metadata->tracks, i);

    g_assert_cmpint (track->index, ==, expected[i]);
  }
}

/* What cannot be asked for is left out; what makes no sense is absent. */
static void
test_strange (void)
{
  static const gchar *const tracks[] = {
    "{\"meta\":7}", "{\"meta\":{\"tracks\":[1,2]}}",
    "{\"meta\":{\"tracks\":{\"a\":1,\"b\":null,\"c\":[]}}}",
    "{\"meta\":{\"tracks\":{\"a\":{\"type\":\"video\"}}}}",
    "{\"meta\":{\"tracks\":{\"a\":{\"idx\":-1,\"type\":\"video\"}}}}",
    "{\"meta\":{\"tracks\":{\"a\":{\"idx\":1,\"type\":\"smell\"}}}}",
    "{\"meta\":{\"tracks\":{\"a\":{\"idx\":1}}}}",
    "{\"source\":{\"a\":1}}", "{\"source\":\"x\"}", "{\"source\":[1,null]}",
  };
  static const gchar *const broken[] = {
    "", "null", "[]", "7", "{", "{}}", "\"error\"", "\xff", "{\"a\":\"\xff\"}",
  };
  g_autoptr (GstWsctlMetadata) odd = parse ("{\"width\":-4,\"height\":\"9\","
      "\"meta\":{\"tracks\":{\"a\":{\"idx\":\"1\",\"type\":\"video\","
      "\"maxbps\":9223372036854775807,\"bps\":1000000000000000000,"
      "\"codec\":{},\"width\":1e300}}}}");
  const GstWsctlTrack *track = g_ptr_array_index (odd->tracks, 0);
  guint i;

  g_assert_cmpint (odd->width, ==, -1);
  g_assert_cmpint (odd->height, ==, 9);
  g_assert_cmpint (track->index, ==, 1);
  g_assert_cmpint (track->bitrate_bps, ==, 8000000000000000000);
  g_assert_null (track->codec);
  g_assert_cmpint (track->width, ==, -1);

  for (i = 0; i < G_N_ELEMENTS (tracks); i++) {
    g_autoptr (GstWsctlMetadata) metadata = parse (tracks[i]);

    g_assert_cmpuint (metadata->tracks->len, ==, 0);
    g_assert_cmpuint (metadata->sources->len, ==, 0);
  }
  for (i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (gst_wsctl_metadata_parse (broken[i], &error));
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
  }
}

static void
test_limits (void)
{
  g_autofree gchar *name = g_strnfill (100000, 'x');
  g_autoptr (GString) text = g_string_new ("{\"type\":\"");
  g_autoptr (GstWsctlMetadata) metadata = NULL;
  guint i;

  g_string_append (text, name);
  g_string_append (text, "\",\"meta\":{\"tracks\":{");
  for (i = 0; i < 5000; i++)
    g_string_append_printf (text, "%s\"%u\":{\"idx\":%u,\"type\":\"meta\"}",
        i > 0 ? "," : "", i, i);
  g_string_append (text, "}}}");
  metadata = parse (text->str);
  g_assert_cmpuint (metadata->tracks->len, <=, 256);
  g_assert_cmpuint (strlen (metadata->type), <=, 256);
}

/* Tokens of other addresses are nobody's business. */
static void
test_structure (void)
{
  g_autoptr (GstWsctlMetadata) metadata = parse ("{\"type\":\"live\","
      "\"width\":1280,\"source\":[{\"type\":\"webrtc\",\"hrn\":\"WebRTC\","
      "\"url\":\"wss://h/webrtc/s?tkn=s3cr3t\"}],"
      "\"meta\":{\"tracks\":{\"v\":{\"idx\":4,\"type\":\"video\","
      "\"codec\":\"H264\",\"fpks\":29970,\"maxbps\":1000,\"lang\":\"de\"}}}}");
  g_autoptr (GstStructure) structure =
      gst_wsctl_metadata_to_structure (metadata);
  g_autofree gchar *text = gst_structure_to_string (structure);
  const GValue *tracks = gst_structure_get_value (structure, "tracks");
  const GstStructure *track;
  gdouble framerate = 0;
  gint64 number = 0;

  g_test_message ("%s", text);
  g_assert_null (strstr (text, "s3cr3t"));
  g_assert_nonnull (strstr (text, "wss://h/webrtc/s"));
  g_assert_cmpstr (gst_structure_get_string (structure, "state"), ==, "online");
  g_assert_true (gst_structure_get_int64 (structure, "width", &number));
  g_assert_cmpint (number, ==, 1280);
  g_assert_false (gst_structure_has_field (structure, "height"));
  g_assert_cmpuint (gst_value_array_get_size (tracks), ==, 1);
  track = gst_value_get_structure (gst_value_array_get_value (tracks, 0));
  g_assert_cmpstr (gst_structure_get_string (track, "type"), ==, "video");
  g_assert_cmpstr (gst_structure_get_string (track, "language"), ==, "de");
  g_assert_true (gst_structure_get_int64 (track, "max-bitrate", &number));
  g_assert_cmpint (number, ==, 8000);
  g_assert_true (gst_structure_get_double (track, "framerate", &framerate));
  g_assert_cmpfloat (framerate, ==, 29.97);
}

static void
test_member_text (void)
{
  static const struct
  {
    const gchar *text;
    const gchar *expected;
  } cases[] = {
    {"{\"data\":1}", "1"},
    {" { \"data\" : 1e-5 } ", "1e-5"},
    {"{\"a\":{\"data\":1},\"data\":[1,{\"b\":\"}\"}]}", "[1,{\"b\":\"}\"}]"},
    {"{\"a\":\"\\\"data\\\":2\",\"data\":\"x,\\\"y\"}", "\"x,\\\"y\""},
    {"{\"data\":1,\"data\":2}", "2"},
    {"{\"data\":99999999999999999999}", "99999999999999999999"},
    {"{\"data\":\n null\n,\"b\":1}", "null"},
    {"{\"datum\":1}", NULL},
    {"{\"a\":\"data\"}", NULL},
    {"{}", NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *found =
        gst_wsctl_json_dup_member_text (cases[i].text, "data");

    g_assert_cmpstr (found, ==, cases[i].expected);
  }
}

static void
test_timed_data (void)
{
  static const gchar *const others[] = {
    "{}", "{\"time\":1}", "{\"data\":1}", "{\"time\":-1,\"data\":1}",
    "{\"type\":\"on_time\",\"time\":\"x\",\"data\":{}}",
  };
  g_autoptr (GstWsctlTimedData) item =
      gst_wsctl_timed_data_parse ("{\"time\":1234,\"track\":3,"
      "\"data\":{\"id\":99999999999999999999, \"text\":\"\\u00e4\"}}", NULL);
  g_autoptr (GstWsctlTimedData) subtitle =
      gst_wsctl_timed_data_parse ("{\"time\":\"7\",\"duration\":500,"
      "\"data\":\"Hallo\"}", NULL);
  g_autofree gchar *all = gst_wsctl_timed_data_select (NULL);
  g_autofree gchar *some = gst_wsctl_timed_data_select ("0,1");
  g_autoptr (GError) error = NULL;
  guint i;

  g_assert_cmpint (item->time_ms, ==, 1234);
  g_assert_cmpint (item->track, ==, 3);
  g_assert_cmpint (item->duration_ms, ==, -1);
  g_assert_cmpstr (item->json, ==,
      "{\"id\":99999999999999999999, \"text\":\"\\u00e4\"}");
  g_assert_cmpint (subtitle->time_ms, ==, 7);
  g_assert_cmpint (subtitle->track, ==, -1);
  g_assert_cmpint (subtitle->duration_ms, ==, 500);
  g_assert_cmpstr (subtitle->json, ==, "\"Hallo\"");
  g_assert_null (all);
  g_assert_cmpstr (some, ==, "{\"type\":\"tracks\",\"tracks\":\"0,1\"}");

  for (i = 0; i < G_N_ELEMENTS (others); i++) {
    g_assert_null (gst_wsctl_timed_data_parse (others[i], &error));
    g_assert_no_error (error);
  }
  g_assert_null (gst_wsctl_timed_data_parse ("[1", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/metadata/mistserver", test_mistserver);
  test_add ("/metadata/states", test_states);
  test_add ("/metadata/order", test_order);
  test_add ("/metadata/strange", test_strange);
  test_add ("/metadata/limits", test_limits);
  test_add ("/metadata/structure", test_structure);
  test_add ("/metadata/member-text", test_member_text);
  test_add ("/metadata/timed-data", test_timed_data);

  return g_test_run ();
}
