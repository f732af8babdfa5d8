/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsrc: its pads and their forms, what is linked to them and when, its
 * signals, its address, its end.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960"
#define SINK "fakesink async=false sync=false"

typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *sender;
} Live;

static void
start_live (Live * live, const gchar * line)
{
  live->server = test_wsctl_server_new (0);
  live->uri = test_wsctl_server_get_uri (live->server, "live");
  live->sender = test_pipeline_new ("wsctlsink name=s uri=%s %s", live->uri,
      line);
  test_pipeline_play (live->sender);
  if (strstr (line, "s.video") != NULL)
    test_wsctl_server_wait_frames (live->server, "live", "video", 3);
  if (strstr (line, "s.audio") != NULL)
    test_wsctl_server_wait_frames (live->server, "live", "audio", 3);
}

static void
stop_live (Live * live)
{
  test_pipeline_free (live->sender);
  g_object_unref (live->server);
  g_free (live->uri);
}

/* Plays @line, where %s is the address; returns when data has come to "out". */
static void
check_line (Live * live, const gchar * line, const gchar * caps)
{
  g_auto (GStrv) parts = g_strsplit (line, "URI", 2);
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("%s%s%s", parts[0], live->uri, parts[1]);
  g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

  test_pipeline_play (player);
  test_tap_wait (tap, 3);
  if (caps != NULL)
    test_tap_wait_caps (tap, caps);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

/* What downstream takes decides; raw, where it takes all. */
static void
test_forms (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video");
  check_line (&live, "wsctlsrc uri=URI ! " SINK " name=out", "video/x-raw");
  check_line (&live, "wsctlsrc uri=URI ! identity ! queue ! " SINK
      " name=out", "video/x-raw");
  check_line (&live, "wsctlsrc uri=URI ! video/x-raw ! " SINK " name=out",
      "video/x-raw");
  check_line (&live, "wsctlsrc uri=URI ! video/x-h264 ! " SINK " name=out",
      "video/x-h264");
  check_line (&live, "wsctlsrc uri=URI ! h264parse ! " SINK " name=out",
      "video/x-h264");
  check_line (&live, "wsctlsrc uri=URI ! application/x-rtp ! " SINK
      " name=out", "application/x-rtp");
  check_line (&live, "wsctlsrc uri=URI ! rtph264depay ! " SINK " name=out",
      "video/x-h264");
  check_line (&live, "wsctlsrc uri=URI ! video/x-h264 ! decodebin3 ! " SINK
      " name=out", "video/x-raw");
  stop_live (&live);
}

/* One pad is left alone: the other goes on. */
static void
test_one_linked (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  check_line (&live, "wsctlsrc name=r uri=URI r.video_0 ! " SINK " name=out",
      "video/x-raw");
  check_line (&live, "wsctlsrc name=r uri=URI r.audio_0 ! " SINK " name=out",
      "audio/x-raw");
  check_line (&live, "wsctlsrc name=r uri=URI audio-caps=EMPTY ! " SINK
      " name=out", "video/x-raw");
  check_line (&live, "wsctlsrc name=r uri=URI video-caps=EMPTY ! " SINK
      " name=out", "audio/x-raw");
  stop_live (&live);
}

/* Something is linked and wants no data: the other goes on as well. A tee that
 * leads nowhere says so of each buffer. */
static void
test_one_wanted (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! " SINK
        " name=out r.audio_0 ! tee name=unwanted", live.uri);
    g_autoptr (TestTap) unwanted = test_tap_new (player, "unwanted", "sink");
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

    test_pipeline_play (player);
    test_tap_wait (unwanted, 1);
    test_tap_wait (tap, 10);
    test_tap_wait (unwanted, 1);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

static void
test_none_wanted (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! tee "
        "r.audio_0 ! tee", live.uri);

    test_pipeline_play (player);
    test_pipeline_expect_error (player, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_FAILED, "reason not-linked");
  }
  stop_live (&live);
}

static TestTap *
tap_sink (GstElement * playbin, const gchar * property)
{
  g_autoptr (GstElement) sink = NULL;

  g_object_get (playbin, property, &sink, NULL);

  return test_tap_new_for_element (sink, "sink");
}

static void
check_playbin (Live * live)
{
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("playbin3 uri=%s "
      "video-sink=\"fakesink sync=false\" "
      "audio-sink=\"fakesink sync=false\"", live->uri);
  GstElement *playbin = test_pipeline_get (player);
  g_autoptr (TestTap) video = tap_sink (playbin, "video-sink");
  g_autoptr (TestTap) audio = tap_sink (playbin, "audio-sink");

  test_pipeline_play (player);
  test_tap_wait (video, 3);
  test_tap_wait (audio, 3);
  test_tap_wait_caps (video, "video/x-raw");
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

static void
test_uri (void)
{
  Live live;
  gchar *uri;

  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  uri = g_strconcat ("wsctl", live.uri + strlen ("ws"), NULL);
  g_free (live.uri);
  live.uri = uri;
  check_line (&live, "uridecodebin3 uri=URI ! video/x-raw ! " SINK
      " name=out", "video/x-raw");
  check_playbin (&live);
  stop_live (&live);
}

static void
test_uri_handler (void)
{
  g_autoptr (GError) error = NULL;
  GstElement *src =
      gst_element_make_from_uri (GST_URI_SRC, "wsctls://host/webrtc/x", NULL,
      &error);
  g_autofree gchar *uri = NULL;

  g_assert_no_error (error);
  gst_object_ref_sink (src);
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (src));
  g_assert_cmpstr (uri, ==, "wsctls://host/webrtc/x");
  test_assert_finalize (src);
}

static void
on_pad_added (GstElement * src, GstPad * pad, TestPipeline * player)
{
  g_autoptr (GstElement) out = test_pipeline_find (player,
      g_str_has_prefix (GST_PAD_NAME (pad), "video") ? "out" : "other");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (out, "sink");

  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
}

static void
test_dynamic (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s " SINK " name=out " SINK
        " name=other", live.uri);
    g_autoptr (TestTap) video = test_tap_new (player, "out", "sink");
    g_autoptr (TestTap) audio = test_tap_new (player, "other", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");

    g_signal_connect (src, "pad-added", G_CALLBACK (on_pad_added), player);
    test_pipeline_play (player);
    test_tap_wait (video, 3);
    test_tap_wait (audio, 3);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

typedef struct
{
  GMutex lock;
  guint n;                      /* lock: pads */
  guint group_id;               /* lock: of the first */
  gboolean differ;              /* lock */
} Pads;

/* Which streams there are, and of what, is known with the pad. */
static void
check_new_pad (GstElement * src, GstPad * pad, Pads * pads)
{
  gboolean video = g_str_has_prefix (GST_PAD_NAME (pad), "video");
  g_autoptr (GstStream) stream = gst_pad_get_stream (pad);
  g_autoptr (GstCaps) caps = gst_stream_get_caps (stream);
  g_autoptr (GstCaps) expected =
      gst_caps_from_string (video ? "video/x-h264" : "audio/x-opus");
  g_autoptr (GstStreamCollection) collection = NULL;
  g_autoptr (GstEvent) start =
      gst_pad_get_sticky_event (pad, GST_EVENT_STREAM_START, 0);
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_STREAM_COLLECTION, 0);
  guint group_id = 0;

  g_assert_true (gst_caps_is_subset (caps, expected));
  g_assert_cmpint (gst_stream_get_stream_type (stream), ==, video
      ? GST_STREAM_TYPE_VIDEO : GST_STREAM_TYPE_AUDIO);
  gst_event_parse_stream_collection (event, &collection);
  g_assert_cmpuint (gst_stream_collection_get_size (collection), ==, 2);
  g_assert_true (gst_event_parse_group_id (start, &group_id));

  g_mutex_lock (&pads->lock);
  if (pads->n++ == 0)
    pads->group_id = group_id;
  pads->differ |= group_id != pads->group_id;
  g_mutex_unlock (&pads->lock);
}

static void
test_streams (void)
{
  Pads pads = { {0} };
  Live live;

  g_mutex_init (&pads.lock);
  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! " SINK
        " name=out r.audio_0 ! " SINK, live.uri);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");

    g_signal_connect (src, "pad-added", G_CALLBACK (check_new_pad), &pads);
    test_pipeline_play (player);
    test_tap_wait (tap, 3);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
  g_assert_cmpuint (pads.n, ==, 2);
  g_assert_false (pads.differ);
  g_mutex_clear (&pads.lock);
}

static void
count_encoded (GstElement * filter, GstBuffer * buffer, gint * n)
{
  g_atomic_int_inc (n);
}

static GstElement *
make_filter (GstElement * src, const gchar * pad, GstCaps * caps, gint * n)
{
  GstElement *filter = gst_element_factory_make ("identity", NULL);

  g_assert_cmpstr (pad, ==, "video_0");
  g_assert_cmpstr (gst_structure_get_name (gst_caps_get_structure (caps, 0)),
      ==, "video/x-h264");
  g_signal_connect (filter, "handoff", G_CALLBACK (count_encoded), n);

  return filter;
}

/* Each frame goes through it, decoded later or not; packets do not. */
static void
check_filter (Live * live, const gchar * caps, gboolean filtered)
{
  g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc name=r "
      "uri=%s ! %s ! " SINK " name=out", live->uri, caps);
  g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");
  g_autoptr (GstElement) src = test_pipeline_find (player, "r");
  gint n = 0;

  g_signal_connect (src, "request-encoded-filter", G_CALLBACK (make_filter),
      &n);
  test_pipeline_play (player);
  test_tap_wait (tap, 5);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
  g_assert_cmpint (n, >=, filtered ? 5 : 0);
  g_assert_true (filtered || n == 0);
}

static GstElement *
make_unfit_filter (GstElement * src, const gchar * pad, GstCaps * caps)
{
  return gst_element_factory_make ("fakesink", NULL);
}

static void
test_filter (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video");
  check_filter (&live, "video/x-raw", TRUE);
  check_filter (&live, "video/x-h264", TRUE);
  check_filter (&live, "application/x-rtp", FALSE);
  {
    g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc name=r "
        "uri=%s ! " SINK, live.uri);
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");

    g_signal_connect (src, "request-encoded-filter",
        G_CALLBACK (make_unfit_filter), NULL);
    test_pipeline_play (player);
    test_pipeline_expect_error (player, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_SETTINGS, "filter of encoded frames");
  }
  stop_live (&live);
}

/* The publisher leaves, the player's pipeline ends. */
static void
test_end (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video");
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc uri=%s ! " SINK " name=out", live.uri);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

    test_pipeline_play (player);
    test_tap_wait (tap, 3);
    test_pipeline_stop (live.sender);
    test_tap_wait_eos (tap);
    test_pipeline_wait_type (player, GST_MESSAGE_EOS);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

static void
count_call (gpointer element, gpointer data, gint * n)
{
  g_atomic_int_inc (n);
}

static void
test_signals (void)
{
  Live live;

  start_live (&live, PICTURE " ! s.video " SOUND " ! s.audio");
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! queue ! " SINK
        " name=out r.audio_0 ! queue ! " SINK " name=other", live.uri);
    g_autoptr (TestTap) video = test_tap_new (player, "out", "sink");
    g_autoptr (TestTap) audio = test_tap_new (player, "other", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");
    g_autoptr (GstStructure) stats = NULL;
    g_autofree gchar *text = NULL;
    g_autoptr (GstPad) pad = NULL;
    GstQuery *query = gst_query_new_latency ();
    GstClockTime min, max;
    gboolean is_live;
    gint opened = 0, playing = 0, closed = 0;

    g_signal_connect (src, "on-open", G_CALLBACK (count_call), &opened);
    g_signal_connect (src, "on-playing", G_CALLBACK (count_call), &playing);
    g_signal_connect (src, "on-close", G_CALLBACK (count_call), &closed);
    test_pipeline_play (player);
    test_pipeline_wait_element (player, "wsctl-open");
    test_pipeline_wait_element (player, "wsctl-connected");
    test_pipeline_wait_element (player, "wsctl-playing");
    test_tap_wait (video, 10);
    test_tap_wait (audio, 10);

    g_object_get (src, "stats", &stats, NULL);
    text = gst_structure_to_string (stats);
    g_test_message ("%s", text);
    g_assert_nonnull (strstr (text, "inbound-video"));
    g_assert_nonnull (strstr (text, "inbound-audio"));

    pad = gst_element_get_static_pad (src, "video_0");
    g_assert_true (gst_pad_query (pad, query));
    gst_query_parse_latency (query, &is_live, &min, &max);
    g_assert_true (is_live);
    g_assert_cmpuint (min, >, 0);
    gst_query_unref (query);

    g_object_set (src, "audio-track", -2, NULL);
    g_signal_emit_by_name (src, "close");
    test_pipeline_wait_element (player, "wsctl-close");
    test_pipeline_stop (player);
    g_assert_cmpint (opened, ==, 1);
    g_assert_cmpint (playing, >=, 1);
    g_assert_cmpint (closed, ==, 1);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

static void
test_many (void)
{
  TestPipeline *players[6];
  TestTap *taps[6];
  Live live;
  guint i;

  start_live (&live, PICTURE " ! s.video");
  for (i = 0; i < G_N_ELEMENTS (players); i++) {
    players[i] =
        test_pipeline_new ("wsctlsrc uri=%s ! " SINK " name=out", live.uri);
    taps[i] = test_tap_new (players[i], "out", "sink");
    test_pipeline_play (players[i]);
  }
  for (i = 0; i < G_N_ELEMENTS (players); i++) {
    test_tap_wait (taps[i], 3);
    test_pipeline_assert_healthy (players[i]);
  }
  for (i = 0; i < G_N_ELEMENTS (players); i++) {
    test_tap_free (taps[i]);
    test_pipeline_free (players[i]);
  }
  stop_live (&live);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/forms", test_forms);
  test_add ("/src/one-linked", test_one_linked);
  test_add ("/src/one-wanted", test_one_wanted);
  test_add ("/src/none-wanted", test_none_wanted);
  test_add ("/src/uri", test_uri);
  test_add ("/src/uri-handler", test_uri_handler);
  test_add ("/src/dynamic", test_dynamic);
  test_add ("/src/streams", test_streams);
  test_add ("/src/filter", test_filter);
  test_add ("/src/end", test_end);
  test_add ("/src/signals", test_signals);
  test_add ("/src/many", test_many);

  return g_test_run ();
}
