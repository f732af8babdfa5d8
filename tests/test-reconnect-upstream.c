/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who pushes into wsctlsink is neither held up nor told, whatever becomes of the
 * session; and a server that is killed and started again has its stream back.
 */

#include "testpipeline.h"
#include "testprocess.h"
#include "testserver.h"
#include "testsupport.h"

#define FRAME_DISTANCE_US 10000

#define N_KILLS 20
#define N_FILLED 5              /* kills until pools of threads are full */
#define N_SETTLED 20            /* frames until all threads are there */
#define AWAY_US (400 * G_TIME_SPAN_MILLISECOND)

/* What is promised */
#define MAX_PUSH_US (50 * G_TIME_SPAN_MILLISECOND)
#define MAX_RETURN_US (2 * G_TIME_SPAN_SECOND)

/* A source of the test's own, so that it knows how long a push takes and what it
 * returns. What it pushes is encoded: an encoder in between would take its time,
 * and its threads the machine's. Its fields are the thread's while that runs. */
typedef struct
{
  GstSample *frame;             /* a key frame; each one is a copy */
  GstPad *pad;
  GstElement *pipeline;
  GThread *thread;
  gint running;                 /* atomic */
  guint n;
  gint64 longest_us;
} Source;

static gboolean
on_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);

  gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);

  return TRUE;
}

#define VP8 "video/x-raw,width=160,height=120,framerate=30/1 " \
    "! vp8enc deadline=1"
#define RAW "video/x-raw,format=I420,width=640,height=360,framerate=30/1"

static GstSample *
make_frame (const gchar * what)
{
  g_autoptr (TestPipeline) maker = test_pipeline_new ("videotestsrc "
      "num-buffers=1 ! %s ! fakesink name=f", what);
  g_autoptr (GstElement) sink = test_pipeline_find (maker, "f");
  GstSample *frame = NULL;

  test_pipeline_play (maker);
  test_pipeline_wait_type (maker, GST_MESSAGE_EOS);
  g_object_get (sink, "last-sample", &frame, NULL);
  g_assert_nonnull (frame);

  return frame;
}

static void
push_frame (Source * self)
{
  GstBuffer *buffer = gst_buffer_copy (gst_sample_get_buffer (self->frame));
  gint64 begin_us, starved_us, push_us;

  self->n++;
  GST_BUFFER_PTS (buffer) =
      gst_element_get_current_running_time (self->pipeline);
  starved_us = test_get_starved_us ();
  begin_us = g_get_monotonic_time ();
  g_assert_cmpint (gst_pad_push (self->pad, buffer), ==, GST_FLOW_OK);
  push_us = g_get_monotonic_time () - begin_us;
  self->longest_us = MAX (self->longest_us, push_us - (test_get_starved_us ()
          - starved_us));
}

static gpointer
run_source (gpointer data)
{
  Source *self = data;

  while (g_atomic_int_get (&self->running)) {
    push_frame (self);
    g_usleep (FRAME_DISTANCE_US);
  }

  return NULL;
}

static void
begin_source (Source * self, TestPipeline * pipeline, const gchar * what)
{
  g_autoptr (GstElement) sink = test_pipeline_find (pipeline, "s");
  g_autoptr (GstPad) peer = gst_element_request_pad_simple (sink, "video");
  GstSegment segment;

  self->frame = make_frame (what);
  self->pipeline = test_pipeline_get (pipeline);
  self->pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_query_function (self->pad, on_query);
  gst_pad_set_active (self->pad, TRUE);
  g_assert_cmpint (gst_pad_link (self->pad, peer), ==, GST_PAD_LINK_OK);
  test_pipeline_play (pipeline);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("test"));
  gst_pad_push_event (self->pad, gst_event_new_caps (gst_sample_get_caps
          (self->frame)));
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
  g_atomic_int_set (&self->running, TRUE);
  self->thread = g_thread_new ("source", run_source, self);
}

static void
end_source (Source * self)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (self->pad);

  g_atomic_int_set (&self->running, FALSE);
  g_thread_join (self->thread);
  gst_pad_unlink (self->pad, peer);
  gst_pad_set_active (self->pad, FALSE);
  gst_object_unref (self->pad);
  gst_sample_unref (self->frame);

  g_test_message ("%u pushes, the longest of %.1f ms", self->n,
      self->longest_us / 1e3);
  if (g_getenv ("WSCTL_TEST_SLOW") == NULL)
    g_assert_cmpint (self->longest_us, <, MAX_PUSH_US);
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

/* Sessions are dropped, one after the other. */
static void
check_drops (const gchar * what)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new ("wsctlsink name=s "
      "uri=%s reconnect-min-delay=50 reconnect-max-delay=200", uri);
  Source source = { NULL, };
  guint i;

  begin_source (&source, sender, what);
  for (i = 0; i < 5; i++) {
    test_pipeline_wait_element (sender, "wsctl-connected");
    test_wsctl_server_wait_frames (server, "live", "video", 10);
    test_pipeline_forget (sender);
    gst_wsctl_server_drop_sessions (server);
    test_pipeline_wait_element (sender, "wsctl-reconnecting");
  }
  test_pipeline_wait_element (sender, "wsctl-connected");
  assert_playing (sender);
  end_source (&source);
}

static void
test_drops (void)
{
  check_drops (VP8);
}

/* With an encoder between */
static void
test_raw (void)
{
  check_drops (RAW);
}

/* What passes webrtcbin's pad of each session */
static guint64
count_frames (TestPipeline * sender)
{
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) video = NULL;
  guint64 n = 0;

  g_object_get (sink, "stats", &stats, NULL);
  if (stats != NULL && gst_structure_get (stats, "outbound-video",
          GST_TYPE_STRUCTURE, &video, NULL))
    gst_structure_get_uint64 (video, "frames-sent", &n);

  return n;
}

typedef struct
{
  TestPipeline *sender;
  guint64 n_before;
} Wait;

static gboolean
has_sent_more (gpointer data)
{
  Wait *wait = data;

  return count_frames (wait->sender) > wait->n_before;
}

static gboolean
on_poll (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_more_frames (TestPipeline * sender, guint64 n_before)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) poll = g_timeout_source_new (10);
  Wait wait = { sender, n_before };

  g_source_set_callback (poll, on_poll, NULL, NULL);
  g_source_attach (poll, context);
  test_wait_until (context, has_sent_more, &wait, 0, "frames to be sent");
  g_source_destroy (poll);
}

/* With nothing set: the server is away for a moment, or longer. Returns how long
 * it takes from its return to frames that are sent. */
static gint64
kill_and_return (TestProcess * process, TestPipeline * sender, gint64 away_us)
{
  guint64 n_frames;
  gint64 begin_us;

  test_process_kill (process);
  test_pipeline_wait_element (sender, "wsctl-reconnecting");
  test_pipeline_forget (sender);
  n_frames = count_frames (sender);
  /* It is this time that is the test. */
  g_usleep (away_us);
  test_process_start (process);
  begin_us = g_get_monotonic_time ();
  test_pipeline_wait_element (sender, "wsctl-connected");
  wait_more_frames (sender, n_frames);
  assert_playing (sender);

  return g_get_monotonic_time () - begin_us;
}

static void
test_kills (void)
{
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  g_autoptr (TestPipeline) sender = test_pipeline_new ("wsctlsink name=s "
      "uri=%s", test_process_get_uri (process));
  Source source = { NULL, };
  guint threads = 0, descriptors = 0;
  gsize allocated = 0;
  gint64 return_us, slowest_us = 0;
  guint i;

  test_process_start (process);
  begin_source (&source, sender, VP8);
  test_pipeline_wait_element (sender, "wsctl-connected");
  wait_more_frames (sender, 0);
  for (i = 0; i < N_KILLS; i++) {
    test_watchdog_restart ();
    return_us = kill_and_return (process, sender, i % 4 * AWAY_US);
    slowest_us = MAX (slowest_us, return_us);
    wait_more_frames (sender, count_frames (sender) + N_SETTLED);
    g_test_message ("kill %u: back after %" G_GINT64_FORMAT
        " ms, %u threads, %u descriptors, %" G_GSIZE_FORMAT " bytes", i,
        return_us / 1000, test_count_threads (), test_count_descriptors (),
        test_process_get_allocated ());
    if (i == N_FILLED) {
      threads = test_count_threads ();
      descriptors = test_count_descriptors ();
      allocated = test_process_get_allocated ();
    }
  }

  g_test_message ("publishing again after %" G_GINT64_FORMAT " ms at most",
      slowest_us / 1000);
  if (g_getenv ("WSCTL_TEST_SLOW") == NULL)
    g_assert_cmpint (slowest_us, <, MAX_RETURN_US);
  g_assert_cmpuint (test_count_threads (), <=, threads + 4);
  /* One session has five. */
  g_assert_cmpuint (test_count_descriptors (), <=, descriptors + 4);
  g_assert_cmpuint (test_process_get_allocated (), <=, allocated + 2000000);
  end_source (&source);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/reconnect/upstream/drops", test_drops);
  test_add ("/reconnect/upstream/raw", test_raw);
  test_add ("/reconnect/upstream/kills", test_kills);

  return g_test_run ();
}
