/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A session that fails is followed by another, behind the same pads, and nobody
 * in the pipeline has to know (docs/reconnect.md).
 */

#include "testpipeline.h"
#include "testprocess.h"
#include "testserver.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define QUICK "reconnect-min-delay=50 reconnect-max-delay=200"

/* What reaches the sink of a player, and how */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint n_buffers;
  guint n_gaps;
  guint n_streams;
  guint n_ends;
  guint n_first;                /* buffers with DISCONT */
  gboolean in_gap;
  GstClockTime gap_end;
} Output;

static GstPadProbeReturn
on_output (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Output *output = data;

  g_mutex_lock (&output->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    output->n_buffers++;
    if (GST_BUFFER_FLAG_IS_SET (info->data, GST_BUFFER_FLAG_DISCONT))
      output->n_first++;
    output->in_gap = FALSE;
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_GAP) {
    GstClockTime from, duration;

    gst_event_parse_gap (info->data, &from, &duration);
    if (output->in_gap)
      g_assert_cmpuint (from + test_scale_ms (5) * GST_MSECOND, >=,
          output->gap_end);
    output->gap_end = from + duration;
    output->in_gap = TRUE;
    output->n_gaps++;
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_STREAM_START) {
    output->n_streams++;
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_EOS) {
    output->n_ends++;
  }
  g_cond_broadcast (&output->cond);
  g_mutex_unlock (&output->lock);

  return GST_PAD_PROBE_OK;
}

static Output *
watch_output (TestPipeline * pipeline, const gchar * sink)
{
  g_autoptr (GstElement) element = test_pipeline_find (pipeline, sink);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");
  Output *output = g_new0 (Output, 1);

  g_mutex_init (&output->lock);
  g_cond_init (&output->cond);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_output, output, NULL);

  return output;
}

/* After its pipeline */
static void
free_output (Output * output)
{
  g_mutex_clear (&output->lock);
  g_cond_clear (&output->cond);
  g_free (output);
}

static guint
get_count (Output * output, guint * counter)
{
  guint n;

  g_mutex_lock (&output->lock);
  n = *counter;
  g_mutex_unlock (&output->lock);

  return n;
}

/* Until a counter of @output has come to @n; the watchdog looks after time. */
static void
wait_output (Output * output, guint * counter, guint n, const gchar * what)
{
  test_say (what);
  g_mutex_lock (&output->lock);
  while (*counter < n)
    g_cond_wait (&output->cond, &output->lock);
  g_mutex_unlock (&output->lock);
}

static void
assert_playing (TestPipeline * pipeline)
{
  GstState state, pending;

  gst_element_get_state (test_pipeline_get (pipeline), &state, &pending, 0);
  g_assert_cmpint (state, ==, GST_STATE_PLAYING);
  g_assert_cmpint (pending, ==, GST_STATE_VOID_PENDING);
  test_pipeline_assert_healthy (pipeline);
}

#define N_KILLS 20
#define N_FILLED 5              /* kills until pools of threads are full */

/* The process is killed and starts again, and both sides are back. */
static void
test_kill (void)
{
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  const gchar *uri = test_process_get_uri (process);
  g_autoptr (TestPipeline) sender = NULL;
  TestPipeline *player;
  Output *output;
  guint threads = 0, descriptors = 0;
  gsize allocated = 0;
  gint64 slowest_us = 0;
  guint i;

  test_process_start (process);
  sender = test_pipeline_new (PICTURE " ! wsctlsink uri=%s " QUICK, uri);
  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-connected");
  test_pipeline_wait_element (sender, "wsctl-media-report");
  player = test_pipeline_new ("wsctlsrc uri=%s " QUICK
      " ! fakesink name=sink async=false", uri);
  output = watch_output (player, "sink");
  test_pipeline_play (player);
  wait_output (output, &output->n_buffers, 2, "the first pictures");

  for (i = 0; i < N_KILLS; i++) {
    guint n_gaps = get_count (output, &output->n_gaps);
    guint n_first = get_count (output, &output->n_first);
    gint64 begin_us;

    test_watchdog_restart ();
    test_process_kill (process);
    wait_output (output, &output->n_gaps, n_gaps + 1, "a gap");
    test_pipeline_forget (sender);
    test_process_start (process);
    begin_us = g_get_monotonic_time ();
    test_pipeline_wait_element (sender, "wsctl-connected");
    slowest_us = MAX (slowest_us, g_get_monotonic_time () - begin_us);
    wait_output (output, &output->n_first, n_first + 1,
        "pictures after a restart");
    assert_playing (sender);
    assert_playing (player);
    g_test_message ("kill %u: %u threads, %u descriptors, %" G_GSIZE_FORMAT
        " bytes", i, test_count_threads (), test_count_descriptors (),
        test_process_get_allocated ());
    if (i == N_FILLED) {
      threads = test_count_threads ();
      descriptors = test_count_descriptors ();
      allocated = test_process_get_allocated ();
    }
  }

  g_test_message ("publishing again after %" G_GINT64_FORMAT " ms at most",
      slowest_us / 1000);
  g_assert_cmpuint (test_count_threads (), <=, threads + 4);
  /* One session has five. */
  g_assert_cmpuint (test_count_descriptors (), <=, descriptors + 4);
  g_assert_cmpuint (test_process_get_allocated (), <=, allocated + 2000000);
  g_assert_cmpuint (output->n_streams, ==, 1);
  g_assert_cmpuint (output->n_ends, ==, 0);
  test_pipeline_free (player);
  free_output (output);
}

/* What comes encoded goes on with a key frame, for which the encoder is asked:
 * this one makes none by itself. */
static void
test_key_frame (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=100000 ! "
      "wsctlsink name=s uri=%s " QUICK, uri);

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 5);
  test_pipeline_forget (sender);
  gst_wsctl_server_drop_sessions (server);
  test_pipeline_wait_element (sender, "wsctl-connected");
  /* Nothing goes out before a key frame. */
  test_wsctl_server_wait_frames (server, "live", "video",
      gst_wsctl_server_count_frames (server, "live", "video") + 5);
  test_pipeline_stop (sender);
}

/* Its pads are what they were, and what is linked to them as well. */
static void
test_pads (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! s.video audiotestsrc is-live=true ! s.audio "
      "wsctlsink name=s uri=%s " QUICK, uri);
  TestPipeline *player = test_pipeline_new ("wsctlsrc name=s uri=%s " QUICK
      " s. ! video/x-h264 ! fakesink name=video async=false "
      "s. ! audio/x-raw ! fakesink name=audio async=false", uri);
  g_autoptr (GstElement) src = test_pipeline_find (player, "s");
  Output *video = watch_output (player, "video");
  Output *audio = watch_output (player, "audio");
  g_autoptr (GstPad) pad = NULL;
  guint i;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 5);
  test_pipeline_play (player);
  wait_output (video, &video->n_buffers, 5, "video");
  wait_output (audio, &audio->n_buffers, 5, "audio");
  pad = gst_element_get_static_pad (src, "video_0");
  for (i = 0; i < 3; i++) {
    guint n_video = get_count (video, &video->n_first);
    guint n_audio = get_count (audio, &audio->n_first);
    g_autoptr (GstPad) now = NULL;

    gst_wsctl_server_drop_sessions (server);
    wait_output (video, &video->n_first, n_video + 1, "video after a pause");
    wait_output (audio, &audio->n_first, n_audio + 1, "audio after a pause");
    now = gst_element_get_static_pad (src, "video_0");
    g_assert_true (now == pad && src->numsrcpads == 2);
    assert_playing (player);
  }
  g_assert_cmpuint (video->n_streams, ==, 1);
  g_assert_cmpuint (video->n_ends + audio->n_ends, ==, 0);

  /* What the server ends in order is over. */
  test_pipeline_stop (sender);
  wait_output (video, &video->n_ends, 1, "the end");
  test_pipeline_wait_type (player, GST_MESSAGE_EOS);
  g_clear_object (&pad);
  g_clear_object (&src);
  test_pipeline_free (player);
  free_output (video);
  free_output (audio);
}

/* "always" waits for a server that is not there yet. */
static void
test_always (void)
{
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  const gchar *uri = test_process_get_uri (process);
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! wsctlsink uri=%s reconnect=always " QUICK, uri);

  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-reconnecting");
  test_process_start (process);
  test_pipeline_wait_element (sender, "wsctl-connected");
  assert_playing (sender);
}

/* By default what never was does not come. */
static void
test_first (void)
{
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc uri=%s ! "
      "fakesink", test_process_get_uri (process));

  test_pipeline_play (player);
  test_pipeline_expect_error (player, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_READ, "refused");
  g_assert_cmpuint (test_pipeline_count_element (player, "wsctl-reconnecting"),
      ==, 0);
}

static void
test_given_up (void)
{
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  const gchar *uri = test_process_get_uri (process);
  g_autoptr (TestPipeline) sender = NULL;

  test_process_start (process);
  sender = test_pipeline_new (PICTURE " ! wsctlsink uri=%s "
      "reconnect-retries=3 " QUICK, uri);
  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-connected");
  test_process_kill (process);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "given up at try 3");
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-reconnecting"),
      ==, 3);
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-close"), ==, 4);
}

/* What no other session can help with is told at once. */
static void
test_hopeless (void)
{
  g_autoptr (GstWsctlServer) server =
      test_wsctl_server_new (GST_WSCTL_SERVER_FAULT_REFUSE);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) denied = test_pipeline_new (PICTURE
      " ! wsctlsink uri=%s reconnect=always", uri);
  g_autoptr (TestPipeline) tricked = test_pipeline_new (PICTURE
      " ! wsctlsink uri=%s reconnect=always " QUICK, uri);

  test_pipeline_play (denied);
  test_pipeline_expect_error (denied, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_NOT_AUTHORIZED, "denies access");

  /* Nor when it comes later */
  gst_wsctl_server_set_faults (server, 0);
  test_pipeline_play (tricked);
  test_pipeline_wait_element (tricked, "wsctl-connected");
  gst_wsctl_server_set_faults (server,
      GST_WSCTL_SERVER_FAULT_WRONG_FINGERPRINT);
  gst_wsctl_server_drop_sessions (server);
  test_pipeline_expect_error (tricked, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "certificate is not the one");
}

static void
set_address (GstElement * sink, guint attempt, guint delay, GError * error,
    gpointer uri)
{
  g_object_set (sink, "uri", uri, NULL);
}

/* The stream moves to another server: a handler says where. */
static void
test_another_address (void)
{
  g_autoptr (GstWsctlServer) old = test_wsctl_server_new (0);
  g_autoptr (GstWsctlServer) new = test_wsctl_server_new (0);
  g_autofree gchar *old_uri = test_wsctl_server_get_uri (old, "live");
  g_autofree gchar *new_uri = test_wsctl_server_get_uri (new, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! wsctlsink name=s uri=%s " QUICK, old_uri);
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");

  g_signal_connect (sink, "on-reconnecting", G_CALLBACK (set_address), new_uri);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (old, "live", "video", 1);
  gst_wsctl_server_drop_sessions (old);
  test_wsctl_server_wait_frames (new, "live", "video", 1);
  assert_playing (sender);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/reconnect/kill", test_kill);
  test_add ("/reconnect/key-frame", test_key_frame);
  test_add ("/reconnect/pads", test_pads);
  test_add ("/reconnect/always", test_always);
  test_add ("/reconnect/first", test_first);
  test_add ("/reconnect/given-up", test_given_up);
  test_add ("/reconnect/hopeless", test_hopeless);
  test_add ("/reconnect/another-address", test_another_address);

  return g_test_run ();
}
