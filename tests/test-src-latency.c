/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The latency of wsctlsrc while a network gets worse and better again: who
 * watches, through sinks that wait for the clock, sees nothing of its changes.
 */

#include <gst/base/gstbasesink.h>

#include "testpipeline.h"
#include "testrelay.h"
#include "testsupport.h"

#define SEED 11
#define N_SETTLED 90            /* pictures */
#define CLEAN_MS 20
#define MAX_RISE_MS 120         /* with what is held on top */
#define MAX_CALM_MS 60          /* nearly two pictures */
#define MAX_JUMP_MS 80          /* more than two */
#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=320,height=240,framerate=30/1 ! "
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960 name=made ! "
#define SINK "fakesink sync=true max-lateness=20000000 signal-handoffs=true"

typedef struct
{
  TestRelay *relay;
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *sender;
  TestPipeline *player;
} Fixture;

static void
start (Fixture * fixture)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autoptr (GError) error = NULL;

  fixture->relay = test_relay_new (SEED);
  advertise[0] = test_relay_get_address (fixture->relay);
  params.advertise = advertise;
  fixture->server = gst_wsctl_server_new (&params);
  g_assert_true (gst_wsctl_server_start (fixture->server, &error));
  g_assert_no_error (error);
  test_relay_set_target (fixture->relay,
      gst_wsctl_server_get_media_port (fixture->server));
  fixture->uri = test_wsctl_server_get_uri (fixture->server, "live");
  fixture->sender = test_pipeline_new ("wsctlsink name=s uri=%s "
      "video-bitrate=800000 " PICTURE "s.video " SOUND "s.audio", fixture->uri);
  test_pipeline_play (fixture->sender);
  test_wsctl_server_wait_frames (fixture->server, "live", "video", 3);
  fixture->player = test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! "
      "video/x-raw ! " SINK " name=video r.audio_0 ! audio/x-raw ! " SINK
      " name=audio", fixture->uri);
}

static void
stop (Fixture * fixture)
{
  test_pipeline_stop (fixture->player);
  test_pipeline_assert_healthy (fixture->player);
  test_pipeline_free (fixture->player);
  test_pipeline_free (fixture->sender);
  test_assert_finalize (fixture->server);
  test_relay_free (fixture->relay);
  g_free (fixture->uri);
}

/* What a sink that waits for the clock has shown */
typedef struct
{
  GMutex lock;
  GCond cond;
  guint n;                      /* lock */
  GstClockTime last;            /* lock: running time */
  gint64 last_us;               /* lock: 0: none yet */
  gint64 starved_ms;            /* lock: of the process, at that time */
  gint64 longest_us;            /* lock: from one to the next */
  GstClockTime jump;            /* lock: likewise, of running time */
  guint n_backward;             /* lock: in time */
} Shown;

static Shown pictures, sound;
static Shown made;              /* sound, at the publisher */

static GstClockTime
get_running_time (GstPad * pad, GstBuffer * buffer)
{
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);

  return gst_segment_to_running_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
}

/* It is not the plugin's when a machine that is busy has no time for it. */
static void
on_shown (GstElement * sink, GstBuffer * buffer, GstPad * pad, Shown * shown)
{
  GstClockTime time = get_running_time (pad, buffer);
  gint64 now_us = g_get_monotonic_time ();
  gint64 starved_ms = test_get_process_starved_ms ();

  g_mutex_lock (&shown->lock);
  if (shown->last_us != 0) {
    shown->longest_us = MAX (shown->longest_us, now_us - shown->last_us
        - (starved_ms - shown->starved_ms) * G_TIME_SPAN_MILLISECOND);
    shown->jump = MAX (shown->jump, time - MIN (time, shown->last));
    shown->n_backward += time <= shown->last;
  }
  shown->n++;
  shown->last = time;
  shown->last_us = now_us;
  shown->starved_ms = starved_ms;
  g_cond_broadcast (&shown->cond);
  g_mutex_unlock (&shown->lock);
}

/* The publisher's: it waits for nothing but the clock, and the machine. */
static GstPadProbeReturn
on_made (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Shown *made = data;
  gint64 now_us = g_get_monotonic_time ();

  g_mutex_lock (&made->lock);
  if (made->last_us != 0)
    made->longest_us = MAX (made->longest_us, now_us - made->last_us);
  made->jump = MAX (made->jump, made->longest_us * GST_USECOND);
  made->last_us = now_us;
  g_mutex_unlock (&made->lock);

  return GST_PAD_PROBE_OK;
}

static void
wait_shown (Shown * shown, guint n)
{
  g_mutex_lock (&shown->lock);
  n += shown->n;
  while (shown->n < n)
    g_cond_wait (&shown->cond, &shown->lock);
  g_mutex_unlock (&shown->lock);
}

/* The longest distance since it was asked last, ms */
static guint
take_longest (Shown * shown)
{
  gint64 longest_us;

  g_mutex_lock (&shown->lock);
  longest_us = shown->longest_us;
  shown->longest_us = 0;
  g_mutex_unlock (&shown->lock);

  return longest_us / G_TIME_SPAN_MILLISECOND;
}

/* What the pad says of itself: of sound that is what the jitter buffer holds */
static guint
get_held_ms (TestPipeline * player)
{
  g_autoptr (GstElement) src = test_pipeline_find (player, "r");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (src, "audio_0");
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min = 0;

  g_assert_true (gst_pad_query (pad, query));
  gst_query_parse_latency (query, NULL, &min, NULL);
  gst_query_unref (query);

  return min / GST_MSECOND;
}

/* So many were too late to be shown. */
static guint64
count_dropped (TestPipeline * player, const gchar * name)
{
  g_autoptr (GstElement) sink = test_pipeline_find (player, name);
  g_autoptr (GstStructure) stats = NULL;
  guint64 n = G_MAXUINT64;

  g_object_get (sink, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, "dropped", &n));

  return n;
}

static guint64
count_all_dropped (TestPipeline * player)
{
  return count_dropped (player, "video") + count_dropped (player, "audio");
}

/* What the pipeline has been told to wait */
static guint
get_configured_ms (TestPipeline * player)
{
  g_autoptr (GstElement) sink = test_pipeline_find (player, "audio");

  return gst_base_sink_get_latency (GST_BASE_SINK (sink)) / GST_MSECOND;
}

static void
watch_shown (TestPipeline * player, const gchar * name, Shown * shown)
{
  g_autoptr (GstElement) sink = test_pipeline_find (player, name);

  g_signal_connect (sink, "handoff", G_CALLBACK (on_shown), shown);
}

/* Since it was called last, nothing has stood still for longer than @most_ms, and
 * nothing was dropped but @n_dropped, or any when that is -1: unless the machine
 * itself stood still. Returns how many have been dropped, ever. */
static gint64
check_shown (TestPipeline * player, const gchar * when, guint most_ms,
    gint64 n_dropped)
{
  guint pictures_ms = take_longest (&pictures);
  guint sound_ms = take_longest (&sound);
  guint made_ms = take_longest (&made);
  gint64 n = count_all_dropped (player);

  g_test_message
      ("%s, %u ms held: pictures at most %u ms apart, sound %u, that "
      "of the publisher %u; %" G_GINT64_FORMAT " dropped", when,
      get_configured_ms (player), pictures_ms, sound_ms, made_ms, n);
  g_assert_cmpuint (MAX (pictures_ms, sound_ms), <=, most_ms + made_ms);
  if (n_dropped >= 0 && made_ms <= MAX_CALM_MS)
    g_assert_cmpint (n, ==, n_dropped);
  test_watchdog_restart ();

  return n;
}

static void
watch_made (TestPipeline * sender)
{
  g_autoptr (GstElement) src = test_pipeline_find (sender, "made");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (src, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_made, &made, NULL);
}

/* As many pictures in a row without a rise: it is settled. */
static void
wait_settled (TestPipeline * player)
{
  guint latency_ms = get_configured_ms (player);
  guint n;

  for (n = 0; n < N_SETTLED; n++) {
    wait_shown (&pictures, 1);
    if (get_configured_ms (player) > latency_ms)
      n = 0;
    latency_ms = get_configured_ms (player);
  }
}

/* Until it is settled. Those of sound that come late before it has risen are lost
 * for good. */
static void
rise (Fixture * fixture, const gchar * network, guint configured_ms)
{
  gint64 n_dropped;

  test_say (network);
  test_relay_run (fixture->relay, network);
  do {
    wait_shown (&pictures, 1);
  } while (get_configured_ms (fixture->player) < configured_ms);
  wait_settled (fixture->player);
  n_dropped = check_shown (fixture->player, network, MAX_RISE_MS, -1);
  wait_settled (fixture->player);
  check_shown (fixture->player, "settled", MAX_CALM_MS, n_dropped);
}

/* Up at once, and down in steps */
static void
test_adaptive (void)
{
  gint64 n_dropped;
  Fixture fixture;
  guint clean_ms;

  start (&fixture);
  watch_made (fixture.sender);
  watch_shown (fixture.player, "video", &pictures);
  watch_shown (fixture.player, "audio", &sound);
  test_pipeline_play (fixture.player);
  test_say ("the latency of a good network");
  wait_shown (&pictures, 10);
  do {
    wait_shown (&pictures, 1);
  } while (get_held_ms (fixture.player) > CLEAN_MS);
  clean_ms = get_configured_ms (fixture.player);
  take_longest (&pictures);
  take_longest (&sound);
  take_longest (&made);

  rise (&fixture, "0 down jitter=60", clean_ms + 30);
  rise (&fixture, "0 down jitter=120", clean_ms + 60);
  g_assert_cmpuint (get_held_ms (fixture.player), >=, 80);

  n_dropped = count_all_dropped (fixture.player);
  test_say ("a lower latency");
  test_relay_run (fixture.relay, "0 down jitter=0");
  do {
    wait_shown (&pictures, 1);
  } while (get_configured_ms (fixture.player) > clean_ms + 30);
  check_shown (fixture.player, "back", MAX_CALM_MS, n_dropped);
  g_assert_cmpuint (pictures.n_backward + sound.n_backward, ==, 0);
  /* No picture was lost, and none was given another time. */
  g_assert_cmpuint (pictures.jump, <=, MAX_JUMP_MS * GST_MSECOND + made.jump);
  stop (&fixture);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/src/latency/adaptive", test_adaptive);

  return g_test_run ();
}
