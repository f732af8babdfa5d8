/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data come in and none go out, or none come in at all: one warning says why.
 */

#include "testpipeline.h"
#include "testserver.h"
#include "testsupport.h"

#define RAW "video/x-raw,format=I420,width=160,height=120,framerate=15/1"
#define PICTURE "videotestsrc is-live=true ! " RAW
#define H264 PICTURE " ! x264enc tune=zerolatency speed-preset=ultrafast " \
    "key-int-max=1000 ! video/x-h264,profile=constrained-baseline"

/* Sets up what a launch line cannot say. */
typedef void (*SetUp) (TestPipeline * pipeline);

typedef struct
{
  const gchar *name;
  const gchar *line;
  SetUp set_up;
  const gchar *text;            /* in the warning */
} Row;

static void
add_probe (TestPipeline * pipeline, GstPadProbeType type,
    GstPadProbeCallback callback)
{
  g_autoptr (GstElement) element = test_pipeline_find (pipeline, "probed");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (pad, type, callback, NULL, NULL);
}

static GstPadProbeReturn
drop_key_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info),
      GST_BUFFER_FLAG_DELTA_UNIT) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

static void
drop_key_frames (TestPipeline * pipeline)
{
  add_probe (pipeline, GST_PAD_PROBE_TYPE_BUFFER, drop_key_frame);
}

static GstPadProbeReturn
set_same_time (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

  GST_BUFFER_PTS (buffer) = 0;
  info->data = buffer;

  return GST_PAD_PROBE_OK;
}

static void
set_same_times (TestPipeline * pipeline)
{
  add_probe (pipeline, GST_PAD_PROBE_TYPE_BUFFER, set_same_time);
}

static GstPadProbeReturn
move_segment (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstSegment segment;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT)
    return GST_PAD_PROBE_OK;

  gst_event_copy_segment (event, &segment);
  segment.start = segment.time = GST_SECOND * 3600;
  gst_event_unref (event);
  info->data = gst_event_new_segment (&segment);

  return GST_PAD_PROBE_OK;
}

static void
move_segments (TestPipeline * pipeline)
{
  add_probe (pipeline, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, move_segment);
}

static gboolean
collect_pictures (GstElement * sink, const gchar * stream, const gchar * pad,
    GstElement * encoder, gpointer data)
{
  g_object_set (encoder, "rc-lookahead", 250, "b-adapt", FALSE, NULL);
  gst_util_set_object_arg (G_OBJECT (encoder), "speed-preset", "medium");

  return TRUE;
}

static void
let_encoder_collect (TestPipeline * pipeline)
{
  g_autoptr (GstElement) sink = test_pipeline_find (pipeline, "s");

  g_signal_connect (sink, "encoder-setup", G_CALLBACK (collect_pictures), NULL);
}

static GstPadProbeReturn
clear_time (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  info->data = buffer;

  return GST_PAD_PROBE_OK;
}

static void
clear_times (TestPipeline * pipeline)
{
  add_probe (pipeline, GST_PAD_PROBE_TYPE_BUFFER, clear_time);
}

static const Row rows[] = {
  {"nothing-linked", "wsctlsink name=s", NULL, "Nothing is linked"},
  {"no-data", "appsrc is-live=true format=time caps=" RAW
        " ! wsctlsink name=s", NULL, "No video has come in yet"},
  {"no-sound", PICTURE " ! s.video appsrc is-live=true format=time "
        "caps=audio/x-raw ! s.audio wsctlsink name=s", NULL,
      "No audio has come in yet"},
  {"no-key-frame", H264 " ! identity name=probed ! wsctlsink name=s",
      drop_key_frames, "no key frame has come in"},
  {"collecting-encoder", PICTURE " ! wsctlsink name=s video-caps=video/x-h264",
      let_encoder_collect, "the encoder has given nothing"},
  {"outside-of-segment", PICTURE " ! identity name=probed ! wsctlsink name=s",
      move_segments, "outside of their segment"},
  {"not-what-caps-say",
      PICTURE " ! capssetter join=false replace=true caps=\"video/x-h264,"
        "stream-format=byte-stream,alignment=au,width=160,height=120\" "
        "! wsctlsink name=s", NULL, "are the data what their caps say"},
  {"same-timestamps", PICTURE " ! identity name=probed ! wsctlsink name=s",
      set_same_times, "has the same timestamp"},
  {"no-timestamps", PICTURE " ! identity name=probed ! wsctlsink name=s",
      clear_times, "has no timestamps"},
};

static TestPipeline *
begin_row (GstWsctlServer * server, const Row * row)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, row->name);
  TestPipeline *pipeline = test_pipeline_new ("%s", row->line);
  g_autoptr (GstElement) sink = test_pipeline_find (pipeline, "s");

  g_object_set (sink, "uri", uri, NULL);
  if (row->set_up != NULL)
    row->set_up (pipeline);
  test_pipeline_play (pipeline);

  return pipeline;
}

static gboolean
is_warning_of (GstMessage * message, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING)
    return FALSE;

  gst_message_parse_warning (message, &error, NULL);

  return strstr (error->message, text) != NULL;
}

static void
expect_warning (TestPipeline * pipeline, const gchar * text)
{
  test_pipeline_wait_match (pipeline, is_warning_of, text, text);
  g_assert_cmpuint (test_pipeline_count_type (pipeline, GST_MESSAGE_WARNING),
      ==, 1);
  g_assert_cmpuint (test_pipeline_count_type (pipeline, GST_MESSAGE_ERROR), ==,
      0);
}

static void
test_rows (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  TestPipeline *pipelines[G_N_ELEMENTS (rows)];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    pipelines[i] = begin_row (server, &rows[i]);
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i].name);
    expect_warning (pipelines[i], rows[i].text);
  }
  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    test_pipeline_free (pipelines[i]);
}

/* A server that takes the connection and says nothing */
static void
test_no_session (void)
{
  const TestScript silence = { NULL, };
  g_autoptr (TestServer) server = test_server_new_scripted (&silence);
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! wsctlsink uri=%s", test_server_get_uri (server));

  test_pipeline_play (sender);
  expect_warning (sender, "there is no session with the server yet");
}

/* What goes out, or is late, or stands still in a pause, is no reason to warn. */
static void
test_healthy (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE " ! s.video "
      "audiotestsrc ! s.audio wsctlsink name=s uri=%s", uri);
  gint64 end_us;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 60);
  test_pipeline_set_state (sender, GST_STATE_PAUSED);
  /* Longer than the watch waits: that nothing comes cannot be awaited. */
  end_us = g_get_monotonic_time () + 4 * G_TIME_SPAN_SECOND;
  while (g_get_monotonic_time () < end_us)
    g_usleep (10000);
  test_pipeline_set_state (sender, GST_STATE_PLAYING);
  test_wsctl_server_wait_frames (server, "live", "video", 75);
  test_pipeline_assert_healthy (sender);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/sink/flow/rows", test_rows);
  test_add ("/sink/flow/no-session", test_no_session);
  test_add_in_real_time ("/sink/flow/healthy", test_healthy);

  return g_test_run ();
}
