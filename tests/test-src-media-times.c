/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A server whose RTP times are those of the stream, as MistServer's are: they
 * stand still in a pause, jump with a seek, and are fast. What is shown goes on all
 * the same.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=320,height=240,framerate=30/1 ! "
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960 ! "
#define BEFORE_MS 8000          /* so much is there when play begins */
#define PAUSE_MS 2500
#define N_FRAMES 45
#define MAX_GAP_MS 350
#define MAX_START_MS 1200
#define MAX_LATENCY_MS 120

/* When pictures are shown, not when they come */
typedef struct
{
  GMutex lock;
  GMainContext *context;
  gint64 last_us;               /* lock */
  gint64 gap_us;                /* lock: the longest between two */
  guint n;                      /* lock */
} Screen;

static GstWsctlServer *server;
static gchar *uri;
static TestPipeline *sender;
static TestPipeline *player;
static Screen screen;

static void
on_shown (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer data)
{
  gint64 now_us = g_get_monotonic_time ();

  g_mutex_lock (&screen.lock);
  if (screen.n > 0)
    screen.gap_us = MAX (screen.gap_us, now_us - screen.last_us);
  screen.last_us = now_us;
  screen.n++;
  g_mutex_unlock (&screen.lock);
  g_main_context_wakeup (screen.context);
}

static void
forget_shown (void)
{
  g_mutex_lock (&screen.lock);
  screen.gap_us = 0;
  screen.n = 0;
  g_mutex_unlock (&screen.lock);
}

static gboolean
has_shown (gpointer data)
{
  gboolean has;

  g_mutex_lock (&screen.lock);
  has = screen.n >= GPOINTER_TO_UINT (data);
  g_mutex_unlock (&screen.lock);

  return has;
}

static void
wait_shown (guint n)
{
  test_wait_until (NULL, has_shown, GUINT_TO_POINTER (n), 0,
      "pictures to be shown");
}

/* From now on: when the first one is there, and how evenly others follow */
static void
check_shown (const gchar * what)
{
  gint64 begin_us = g_get_monotonic_time ();
  gint64 starved_us = test_get_starved_us ();
  gint64 first_us, gap_us;

  forget_shown ();
  wait_shown (1);
  first_us = g_get_monotonic_time () - begin_us;
  wait_shown (N_FRAMES);
  g_mutex_lock (&screen.lock);
  gap_us = screen.gap_us;
  g_mutex_unlock (&screen.lock);
  starved_us = test_get_starved_us () - starved_us;
  g_test_message ("%s: the first after %" G_GINT64_FORMAT " ms, then %"
      G_GINT64_FORMAT " ms apart at most, starved for %" G_GINT64_FORMAT " ms",
      what, first_us / 1000, gap_us / 1000, starved_us / 1000);
  g_assert_cmpint (first_us - starved_us, <, MAX_START_MS * 1000);
  g_assert_cmpint (gap_us - starved_us, <, MAX_GAP_MS * 1000);
}

/* It is this time that is the test. */
static void
let_pass (guint ms)
{
  g_usleep (ms * G_TIME_SPAN_MILLISECOND);
}

/* One for all tests: it takes a while to have a past. */
static void
publish (void)
{
  if (server != NULL)
    return;

  server = test_wsctl_server_new (GST_WSCTL_SERVER_WAY_OF_MIST);
  uri = test_wsctl_server_get_uri (server, "live");
  sender = test_pipeline_new ("wsctlsink name=s uri=%s keyframe-interval=1000 "
      PICTURE "s.video " SOUND "s.audio", uri);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  let_pass (BEFORE_MS);
}

static void
begin (void)
{
  g_autoptr (GstElement) out = NULL;

  g_mutex_init (&screen.lock);
  screen.context = g_main_context_ref_thread_default ();
  publish ();
  player = test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! queue ! "
      "fakesink name=out sync=true signal-handoffs=true r.audio_0 ! queue ! "
      "fakesink sync=true", uri);
  out = test_pipeline_find (player, "out");
  g_signal_connect (out, "handoff", G_CALLBACK (on_shown), NULL);
  test_pipeline_play (player);
  test_pipeline_wait_element (player, "wsctl-playing");
  wait_shown (60);
  forget_shown ();
}

static void
end (void)
{
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
  g_clear_pointer (&player, test_pipeline_free);
  g_main_context_unref (screen.context);
  g_mutex_clear (&screen.lock);
}

/* The start of a stream is all since its key frame, at once: no reason to wait. */
static guint
get_latency_ms (void)
{
  g_autoptr (GstElement) src = test_pipeline_find (player, "r");
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) audio = NULL;
  gdouble delay_s = 0;

  g_object_get (src, "stats", &stats, NULL);
  gst_structure_get (stats, "inbound-audio", GST_TYPE_STRUCTURE, &audio, NULL);
  gst_structure_get_double (audio, "jitter-buffer-target-delay", &delay_s);

  return delay_s * 1000;
}

static void
test_pause (void)
{
  begin ();
  g_test_message ("%u ms are held", get_latency_ms ());
  g_assert_cmpuint (get_latency_ms (), <=, MAX_LATENCY_MS);
  test_pipeline_set_state (player, GST_STATE_PAUSED);
  let_pass (PAUSE_MS);
  test_pipeline_set_state (player, GST_STATE_PLAYING);
  check_shown ("after a pause");
  g_assert_cmpuint (get_latency_ms (), <=, MAX_LATENCY_MS);
  end ();
}

static void
seek (gint64 distance_ms, gdouble rate)
{
  gint64 position_ns;

  g_assert_true (gst_element_query_position (test_pipeline_get (player),
          GST_FORMAT_TIME, &position_ns));
  g_assert_true (gst_element_seek (test_pipeline_get (player), rate,
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
          position_ns + distance_ms * (gint64) GST_MSECOND, GST_SEEK_TYPE_NONE,
          -1));
}

static void
test_seek (void)
{
  begin ();
  seek (-2000, 1.0);
  check_shown ("two seconds back");
  seek (-4000, 1.0);
  check_shown ("four more");
  seek (60000, 1.0);
  check_shown ("the live edge");
  g_assert_cmpuint (get_latency_ms (), <=, MAX_LATENCY_MS);
  end ();
}

static void
test_rate (void)
{
  begin ();
  seek (-6000, 1.5);
  check_shown ("one and a half times the speed");
  seek (-2000, 1.0);
  check_shown ("the usual speed");
  end ();
}

/* Of a stream that is longer than what is kept of it, positions count from the
 * oldest that there was. */
static void
test_origin (void)
{
  const GstWsctlServerParams params = {.buffer_ms = 2000 };
  g_autoptr (GstWsctlServer) short_server = gst_wsctl_server_new (&params);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *short_uri = NULL;
  g_autoptr (TestPipeline) publisher = NULL;
  g_autoptr (TestPipeline) viewer = NULL;
  g_autoptr (GstElement) src = NULL;
  g_autoptr (GstStructure) stats = NULL;
  gint64 position_ns = -1;
  gdouble origin_s = 0;

  g_assert_true (gst_wsctl_server_start (short_server, &error));
  g_assert_no_error (error);
  short_uri = test_wsctl_server_get_uri (short_server, "live");
  publisher = test_pipeline_new ("wsctlsink name=s uri=%s "
      "keyframe-interval=500 " PICTURE "s.video", short_uri);
  test_pipeline_play (publisher);
  test_wsctl_server_wait_frames (short_server, "live", "video", 180);

  viewer = test_pipeline_new ("wsctlsrc name=r uri=%s ! fakesink sync=true",
      short_uri);
  test_pipeline_play (viewer);
  test_pipeline_wait_element (viewer, "wsctl-playing");
  src = test_pipeline_find (viewer, "r");
  g_object_get (src, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_double (stats, "position-offset",
          &origin_s));
  g_assert_true (gst_element_query_position (src, GST_FORMAT_TIME,
          &position_ns));
  g_test_message ("%.1f s, and %.1f s from there", origin_s,
      position_ns / (gdouble) GST_SECOND);
  g_assert_cmpfloat (origin_s, >, 1);
  g_assert_cmpint (position_ns, <, 4 * GST_SECOND);
  test_pipeline_stop (viewer);
  test_pipeline_assert_healthy (viewer);
}

int
main (int argc, char **argv)
{
  gint status;

  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/src/media-times/pause", test_pause);
  test_add_in_real_time ("/src/media-times/seek", test_seek);
  test_add_in_real_time ("/src/media-times/rate", test_rate);

  test_add_in_real_time ("/src/media-times/origin", test_origin);

  status = g_test_run ();
  g_clear_pointer (&sender, test_pipeline_free);
  g_clear_object (&server);
  g_free (uri);

  return status;
}
