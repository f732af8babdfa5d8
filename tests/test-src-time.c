/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsrc goes back in a stream, holds, changes its speed and returns. Each
 * picture carries the time at which it was made, so that where one is said to
 * be can be held against what is shown. Times are those at which a picture is
 * due: how late this process gets to it on a busy machine is another matter.
 */

#include <gst/app/gstappsink.h>

#include "stamp.h"
#include "testpipeline.h"
#include "testsupport.h"

#define MS ((gint64) GST_MSECOND)
#define S ((gint64) GST_SECOND)
#define PULL_TIMEOUT (10 * GST_SECOND)
#define TOLERANCE_MS 200
#define LIVE G_MAXINT64
#define HISTORY_FRAMES 150      /* so much is there when a player joins */
#define PICTURE "videotestsrc is-live=true pattern=black ! " \
    "video/x-raw,format=I420,width=640,height=32,framerate=30/1 ! " \
    "identity name=stamp ! "
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960 ! "

/* A check that fails while this process has waited for a CPU for so long, in all
 * of its threads, says nothing; it is made again, but not for ever. */
#define STARVED_MS 300
#define MAX_ATTEMPTS 8

static GstWsctlServer *server;
static gchar *uri;
static TestPipeline *sender;
static gboolean failed;         /* a check of the attempt going on */
static gint64 starved_ms;       /* before it */
static guint n_attempts;

/* One that was shown */
typedef struct
{
  gint64 made_ms;               /* says the picture; Unix */
  gint64 media_ms;              /* says its segment */
  gint64 capture_ms;            /* says its meta; Unix, -1 for none */
  gint64 due_ms;                /* since the player began to run */
} Shown;

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  GstVideoFrame frame;

  gst_video_info_from_caps (&video, caps);
  info->data = gst_buffer_make_writable (info->data);
  g_assert_true (gst_video_frame_map (&frame, &video, info->data,
          GST_MAP_READWRITE));
  stamp_draw (&frame, (guint32) (g_get_real_time () / 1000));
  gst_video_frame_unmap (&frame);

  return GST_PAD_PROBE_OK;
}

/* One for all tests: a past takes its time to come about. */
static void
start_stream (void)
{
  g_autoptr (GstElement) stamp = NULL;
  g_autoptr (GstPad) pad = NULL;

  if (server != NULL)
    return;

  server = test_wsctl_server_new (0);
  uri = test_wsctl_server_get_uri (server, "live");
  sender = test_pipeline_new ("wsctlsink name=s uri=%s video-bitrate=500000 "
      PICTURE "s.video " SOUND "s.audio", uri);
  stamp = test_pipeline_find (sender, "stamp");
  pad = gst_element_get_static_pad (stamp, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, NULL, NULL);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", HISTORY_FRAMES);
}

static void
stop_stream (void)
{
  if (server == NULL)
    return;

  test_pipeline_free (g_steal_pointer (&sender));
  g_clear_object (&server);
  g_clear_pointer (&uri, g_free);
}

static TestPipeline *
play (const gchar * caps)
{
  TestPipeline *player;

  start_stream ();
  player = test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! %s ! "
      "appsink name=out max-buffers=3 r.audio_0 ! queue ! fakesink sync=true "
      "name=sound", uri, caps);

  test_pipeline_play (player);
  test_pipeline_wait_element (player, "wsctl-playing");

  return player;
}

/* As gst-play-1.0 plays: with queues, and what keeps sound and pictures in step */
static TestPipeline *
play_by (const gchar * factory)
{
  TestPipeline *player;

  start_stream ();
  player = test_pipeline_new ("%s uri=wsctl%s "
      "video-sink=\"videoconvert ! appsink name=out max-buffers=3\" "
      "audio-sink=fakeaudiosink", factory, uri + strlen ("ws"));

  test_pipeline_play (player);
  test_pipeline_wait_type (player, GST_MESSAGE_STREAM_START);
  test_pipeline_wait_element (player, "wsctl-playing");

  return player;
}

/* The low 32 bits of it are in the picture. */
static gint64
complete_stamp (guint32 stamp)
{
  gint64 now_ms = g_get_real_time () / 1000;

  return now_ms - (guint32) ((guint32) now_ms - stamp);
}

static gint64
get_capture_ms (GstBuffer * buffer)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("timestamp/x-unix");
  GstReferenceTimestampMeta *meta =
      gst_buffer_get_reference_timestamp_meta (buffer, caps);

  return meta != NULL ? (gint64) (meta->timestamp / GST_MSECOND) : -1;
}

/* A playbin puts its sinks in when it knows of their streams. */
static GstElement *
find_out (TestPipeline * player)
{
  GstElement *pipeline = test_pipeline_get (player);
  g_autoptr (GstElement) sink = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (pipeline),
          "video-sink") == NULL)
    return test_pipeline_find (player, "out");

  g_object_get (pipeline, "video-sink", &sink, NULL);

  return gst_bin_get_by_name (GST_BIN (sink), "out");
}

static gint64
get_running_ms (TestPipeline * player)
{
  return (gint64) gst_element_get_current_running_time (test_pipeline_get
      (player)) / MS;
}

/* How long ago @shown was to be seen: positions are what sinks say. */
static gint64
get_age_ms (TestPipeline * player, const Shown * shown)
{
  g_autoptr (GstElement) out = find_out (player);

  return get_running_ms (player) - shown->due_ms
      - (gint64) gst_base_sink_get_latency (GST_BASE_SINK (out)) / MS;
}

/* A picture that cannot be read is damaged. */
static void
read_sample (GstSample * sample, Shown * shown)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstVideoInfo video;
  GstVideoFrame frame;
  guint32 stamp;

  gst_video_info_from_caps (&video, gst_sample_get_caps (sample));
  g_assert_true (gst_video_frame_map (&frame, &video, buffer, GST_MAP_READ));
  g_assert_true (stamp_read (&frame, &stamp));
  gst_video_frame_unmap (&frame);
  shown->made_ms = complete_stamp (stamp);
  shown->media_ms = gst_segment_to_stream_time (gst_sample_get_segment (sample),
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer)) / MS;
  shown->capture_ms = get_capture_ms (buffer);
  shown->due_ms = (gint64) gst_segment_to_running_time (gst_sample_get_segment
      (sample), GST_FORMAT_TIME, GST_BUFFER_PTS (buffer)) / MS;
}

static gboolean
pull (TestPipeline * player, Shown * shown)
{
  g_autoptr (GstElement) out = find_out (player);
  g_autoptr (GstSample) sample = NULL;

  test_say ("a picture");
  sample = gst_app_sink_try_pull_sample (GST_APP_SINK (out), PULL_TIMEOUT);
  if (sample == NULL)
    g_error ("No picture came");
  read_sample (sample, shown);

  return TRUE;
}

/* What is shown first is the last key frame, and in a hurry what is behind it. */
static void
settle (TestPipeline * player)
{
  gint64 end_ms = -1;
  Shown shown;

  do {
    pull (player, &shown);
    if (end_ms < 0)
      end_ms = shown.due_ms + 500;
  } while (shown.due_ms < end_ms);
}

static GstElement *
find_src (TestPipeline * player)
{
  g_autoptr (GstIterator) all =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (test_pipeline_get
          (player)), "wsctlsrc");
  GValue item = G_VALUE_INIT;
  GstElement *src;

  g_assert_cmpint (gst_iterator_next (all, &item), ==, GST_ITERATOR_OK);
  src = g_value_dup_object (&item);
  g_value_unset (&item);

  return src;
}

/* Unix time of media time 0, as the server says it */
static gint64
get_epoch_ms (TestPipeline * player)
{
  const GstStructure *message =
      test_pipeline_wait_element (player, "wsctl-playing");
  const GstStructure *report =
      gst_value_get_structure (gst_structure_get_value (message, "report"));
  g_autoptr (GstElement) src = find_src (player);
  g_autoptr (GstStructure) stats = NULL;
  gint64 offset_ms = 0;
  gdouble origin_s = 0;

  g_assert_true (gst_structure_get_int64 (report, "unix-offset", &offset_ms));
  g_object_get (src, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_double (stats, "position-offset",
          &origin_s));

  return offset_ms + (gint64) (origin_s * 1000);
}

static void
expect_near (const gchar * what, gint64 value, gint64 expected, gint64 limit)
{
  gboolean near = ABS (value - expected) <= limit;

  g_test_message ("%s: %" G_GINT64_FORMAT " for %" G_GINT64_FORMAT "%s", what,
      value, expected, near ? "" : ": too far off");
  failed |= !near;
}

static void
begin_check (void)
{
  n_attempts = 0;
  failed = FALSE;
  starved_ms = test_get_process_starved_ms ();
}

/* TRUE: once more, for it failed on a machine that had no time for it. */
static gboolean
is_to_repeat (void)
{
  gint64 now_ms = test_get_process_starved_ms ();

  if (!failed)
    return FALSE;

  if (now_ms - starved_ms < STARVED_MS || ++n_attempts == MAX_ATTEMPTS)
    g_error ("%u attempts failed; starved for %" G_GINT64_FORMAT " ms",
        n_attempts, now_ms - starved_ms);
  g_test_message ("starved for %" G_GINT64_FORMAT " ms: once more",
      now_ms - starved_ms);
  failed = FALSE;
  starved_ms = now_ms;

  return TRUE;
}

static gint64
get_position_ms (TestPipeline * player)
{
  gint64 position_ns = -1;

  g_assert_true (gst_element_query_position (test_pipeline_get (player),
          GST_FORMAT_TIME, &position_ns));

  return position_ns / MS;
}

/* What is shown is what is said, at the place that was asked for. */
static void
check_place (TestPipeline * player, const Shown * shown, gint64 media_ms,
    gdouble rate)
{
  gint64 made_ms = shown->made_ms - get_epoch_ms (player);
  gint64 age_ms = get_age_ms (player, shown);

  expect_near ("shown", made_ms, media_ms, TOLERANCE_MS);
  expect_near ("its segment", shown->media_ms, made_ms, TOLERANCE_MS);
  expect_near ("its meta", shown->capture_ms, shown->made_ms, TOLERANCE_MS);
  expect_near ("position", get_position_ms (player), made_ms + age_ms * rate,
      TOLERANCE_MS);
}

static void
seek (TestPipeline * player, gdouble rate, gint64 media_ms)
{
  g_assert_true (gst_element_seek (test_pipeline_get (player), rate,
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
          media_ms * MS, GST_SEEK_TYPE_NONE, -1));
}

static gint64
get_now_ms (TestPipeline * player)
{
  return g_get_real_time () / 1000 - get_epoch_ms (player);
}

/* What was made when @shown was due */
static gint64
get_live_ms (TestPipeline * player, const Shown * shown)
{
  return get_now_ms (player) - get_running_ms (player) + shown->due_ms;
}

/* From a first picture at @media_ms, or LIVE, on, half a second at @rate */
static void
check_rate (TestPipeline * player, gint64 media_ms, gdouble rate)
{
  gint64 last_ms, passed_ms;
  Shown first, shown;

  pull (player, &first);
  if (media_ms == LIVE)
    media_ms = get_live_ms (player, &first);
  check_place (player, &first, media_ms, rate);
  last_ms = first.made_ms;
  do {
    pull (player, &shown);
    g_assert_cmpint (shown.made_ms, >=, last_ms);
    last_ms = shown.made_ms;
    passed_ms = shown.due_ms - first.due_ms;
  } while (passed_ms < 700);
  expect_near ("played", shown.made_ms - first.made_ms, passed_ms * rate,
      TOLERANCE_MS * MAX (rate, 1));
  check_place (player, &shown, shown.media_ms, rate);
}

static void
check_live (TestPipeline * player)
{
  begin_check ();
  do {
    check_rate (player, LIVE, 1);
  } while (is_to_repeat ());
}

static void
check_seek (TestPipeline * player, gdouble rate, gint64 media_ms)
{
  begin_check ();
  do {
    seek (player, rate, media_ms);
    check_rate (player, media_ms, rate);
  } while (is_to_repeat ());
}

static void
check_seeks (TestPipeline * player, GstElement * src)
{
  gboolean done = FALSE, live = FALSE;
  gdouble rate = 0, way = 0;
  g_autoptr (GstStructure) stats = NULL;

  settle (player);
  check_live (player);
  check_seek (player, 1, 1500);
  g_object_get (src, "live", &live, "playback-rate", &rate, "stats", &stats,
      NULL);
  g_assert_true (gst_structure_get_double (stats, "end-to-end-latency", &way));
  g_assert_cmpfloat (way, >, 2.0);
  g_assert_false (live);
  g_assert_cmpfloat (rate, ==, 1.0);
  check_seek (player, 2, 1200);
  g_object_get (src, "playback-rate", &rate, NULL);
  g_assert_cmpfloat (rate, ==, 2.0);
  check_seek (player, 0.5, 2000);
  g_signal_emit_by_name (src, "go-live", &done);
  g_assert_true (done);
  check_live (player);
}

/* Into whatever form it is decoded */
static void
check_seeks_of_src (const gchar * caps)
{
  g_autoptr (TestPipeline) player = play (caps);
  g_autoptr (GstElement) src = test_pipeline_find (player, "r");

  check_seeks (player, src);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

static void
test_seek (void)
{
  check_seeks_of_src ("videoconvert");
}

/* A decoder behind us drops what is in front of the place. */
static void
test_seek_encoded (void)
{
  check_seeks_of_src ("video/x-h264 ! decodebin3 ! videoconvert");
}

/* It goes on with the next picture, and the pipeline's time has stood still. */
static void
try_pause (TestPipeline * player)
{
  g_autoptr (GstElement) out = find_out (player);
  gint64 end_us, position_ms;
  Shown before, after;

  pull (player, &before);
  test_pipeline_set_state (player, GST_STATE_PAUSED);
  position_ms = get_position_ms (player);
  end_us = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < end_us) {
    g_autoptr (GstSample) sample =
        gst_app_sink_try_pull_sample (GST_APP_SINK (out), 100 * GST_MSECOND);

    if (sample != NULL)
      read_sample (sample, &before);
    expect_near ("held", get_position_ms (player), position_ms, 1);
  }
  test_pipeline_play (player);
  pull (player, &after);
  expect_near ("resumed", after.made_ms, before.made_ms, TOLERANCE_MS);
  check_rate (player, after.made_ms - get_epoch_ms (player) + 33, 1);
}

static void
check_pause (TestPipeline * player)
{
  begin_check ();
  do {
    try_pause (player);
  } while (is_to_repeat ());
}

static void
test_pause (void)
{
  g_autoptr (TestPipeline) player = play ("videoconvert");

  settle (player);
  check_live (player);
  check_pause (player);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

/* A seek in a pause waits for its end. */
static void
test_seek_paused (void)
{
  g_autoptr (TestPipeline) player = play ("videoconvert");

  settle (player);
  check_live (player);
  begin_check ();
  do {
    test_pipeline_set_state (player, GST_STATE_PAUSED);
    seek (player, 1, 1000);
    expect_near ("held", get_position_ms (player), 1000, 1);
    test_pipeline_play (player);
    check_rate (player, 1000, 1);
  } while (is_to_repeat ());
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

/* One seek after the other, as when a key is held down: none of them leaves the
 * player's time behind. */
static void
check_player (const gchar * factory)
{
  g_autoptr (TestPipeline) player = play_by (factory);
  g_autoptr (GstElement) src = find_src (player);
  guint i;

  check_seeks (player, src);
  check_pause (player);
  begin_check ();
  do {
    for (i = 1; i <= 10; i++)
      seek (player, 1 + i * 0.1, 1000);
    check_rate (player, 1000, 2);
  } while (is_to_repeat ());
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

static void
test_playbin (void)
{
  check_player ("playbin");
}

static void
test_playbin3 (void)
{
  check_player ("playbin3");
}

static void
test_queries (void)
{
  g_autoptr (TestPipeline) player = play ("videoconvert");
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_TIME);
  gint64 begin_ns, end_ns, duration_ns;
  gboolean seekable;
  Shown shown;

  pull (player, &shown);
  begin_check ();
  g_assert_true (gst_element_query (test_pipeline_get (player), query));
  gst_query_parse_seeking (query, NULL, &seekable, &begin_ns, &end_ns);
  gst_query_unref (query);
  g_assert_true (seekable);
  g_assert_cmpint (begin_ns, >=, 0);
  g_assert_cmpint (begin_ns, <, S);
  expect_near ("end", end_ns / MS, get_now_ms (player), TOLERANCE_MS);
  g_assert_true (gst_element_query_duration (test_pipeline_get (player),
          GST_FORMAT_TIME, &duration_ns));
  expect_near ("duration", duration_ns / MS, end_ns / MS, TOLERANCE_MS);
  g_assert_false (failed);
  g_assert_false (gst_element_seek (test_pipeline_get (player), -1,
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
          GST_SEEK_TYPE_NONE, -1));
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

/* In each step of a seek, over and over */
static void
test_stop (void)
{
  guint i;

  for (i = 0; i < 8; i++) {
    g_autoptr (TestPipeline) player = play ("videoconvert");
    Shown shown;

    if (i % 4 > 0)
      pull (player, &shown);
    if (i % 4 > 1)
      seek (player, i % 2 + 1, 1000);
    if (i % 4 > 2)
      test_pipeline_set_state (player, GST_STATE_PAUSED);
    if (i > 4)
      seek (player, 1, 2000);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
}

int
main (int argc, char **argv)
{
  int status;

  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/time/seek", test_seek);
  test_add ("/src/time/seek-encoded", test_seek_encoded);
  test_add ("/src/time/pause", test_pause);
  test_add ("/src/time/seek-paused", test_seek_paused);
  test_add ("/src/time/playbin", test_playbin);
  test_add ("/src/time/playbin3", test_playbin3);
  test_add ("/src/time/queries", test_queries);
  test_add ("/src/time/stop", test_stop);

  status = g_test_run ();
  stop_stream ();

  return status;
}
