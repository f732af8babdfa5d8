/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whatever can be linked to wsctlsink is published at the right speed, or there is
 * one message that says why not: a table of sources.
 */

#include "source-rig.h"
#include "testsupport.h"

#define LIVE_H264 SOURCE_LIVE_PICTURE SOURCE_X264
#define LIVE_RTP LIVE_H264 "rtph264pay ! "
#define H264 SOURCE_PICTURE SOURCE_X264
#define LOOP_PERIOD (SOURCE_LOOP_S * SOURCE_FPS)
#define PICTURE_SIZE (640 * 32 * 3 / 2)
#define PICTURE_NS (GST_SECOND / SOURCE_FPS)
#define PAUSE_MS 150            /* more, and players adapt for many seconds */
#define NEXT_MS 10000
#define JUMP_PICTURES 40        /* before the jump of the times */

/* What a probe does to the times of the @n-th picture */
typedef void (*ChangeTimes) (GstBuffer * buffer, guint n);

static void
remove_times (GstBuffer * buffer, guint n)
{
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
}

static void
leave_dts (GstBuffer * buffer, guint n)
{
  GST_BUFFER_DTS (buffer) = GST_BUFFER_PTS (buffer);
  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
}

static void
move_times (GstBuffer * buffer, gint64 offset_ns)
{
  if (GST_BUFFER_PTS_IS_VALID (buffer))
    GST_BUFFER_PTS (buffer) += offset_ns;
  if (GST_BUFFER_DTS_IS_VALID (buffer))
    GST_BUFFER_DTS (buffer) += offset_ns;
}

static void
jump_forward (GstBuffer * buffer, guint n)
{
  move_times (buffer, n < JUMP_PICTURES ? 0 : 10 * GST_SECOND);
}

static void
jump_back (GstBuffer * buffer, guint n)
{
  move_times (buffer, n < JUMP_PICTURES ? 0 : -(gint64) (2 * GST_SECOND));
}

static void
begin_late (GstBuffer * buffer, guint n)
{
  move_times (buffer, 10 * 24 * 3600 * GST_SECOND);
}

/* By the name of the element that is looked for */
static const struct
{
  const gchar *name;
  ChangeTimes change;
} changes[] = {
  {"no-times", remove_times},
  {"only-dts", leave_dts},
  {"jump-forward", jump_forward},
  {"jump-back", jump_back},
  {"ten-days", begin_late},
};

typedef struct
{
  ChangeTimes change;
  guint n;
} Change;

static GstPadProbeReturn
on_times (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Change *change = data;

  info->data = gst_buffer_make_writable (info->data);
  change->change (info->data, change->n++);

  return GST_PAD_PROBE_OK;
}

static void
change_times (SourceRun * run)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autoptr (GstElement) element =
        gst_bin_get_by_name (GST_BIN (test_pipeline_get (run->publisher)),
        changes[i].name);
    g_autoptr (GstPad) pad = NULL;
    Change *change;

    if (element == NULL)
      continue;
    change = g_new0 (Change, 1);
    change->change = changes[i].change;
    pad = gst_element_get_static_pad (element, "src");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_times, change,
        g_free);
  }
}

static void
push_picture (GstElement * app, guint * n, gboolean is_live)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, PICTURE_SIZE, NULL);
  GstFlowReturn flow;

  if (is_live)
    g_usleep (PICTURE_NS / 1000);
  else
    GST_BUFFER_PTS (buffer) = *n * PICTURE_NS;
  (*n)++;
  gst_buffer_memset (buffer, 0, 0x80, PICTURE_SIZE);
  g_signal_emit_by_name (app, "push-buffer", buffer, &flow);
  gst_buffer_unref (buffer);
}

static void
on_need_data (GstElement * app, guint size, gpointer data)
{
  gboolean is_live;

  g_object_get (app, "is-live", &is_live, NULL);
  push_picture (app, data, is_live);
}

/* An application that pushes pictures when appsrc wants one: with times when it is
 * not live, and without, as they come, when it is. */
static void
feed_app (SourceRun * run)
{
  g_autoptr (GstElement) app = test_pipeline_find (run->publisher, "app");

  g_signal_connect_data (app, "need-data", G_CALLBACK (on_need_data),
      g_new0 (guint, 1), (GClosureNotify) g_free, 0);
}

static void
on_pad (GstElement * element, GstPad * pad, GstElement * sink)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  g_autoptr (GstPad) peer = gst_element_request_pad_simple (sink,
      g_str_has_prefix (name, "video/") ? "video" : "audio");

  gst_pad_link (pad, peer);
}

/* Of what "d" brings */
static void
request_pads (SourceRun * run)
{
  g_autoptr (GstElement) demux = test_pipeline_find (run->publisher, "d");
  g_autoptr (GstElement) sink = test_pipeline_find (run->publisher, "s");

  g_signal_connect_object (demux, "pad-added", G_CALLBACK (on_pad), sink, 0);
}

/* Another branch of "t", which ends with @sink; its state is set before it is
 * linked. */
static void
add_branch (SourceRun * run, GstElement * sink)
{
  g_autoptr (GstElement) tee = test_pipeline_find (run->publisher, "t");

  gst_bin_add (GST_BIN (test_pipeline_get (run->publisher)), sink);
  /* That fails with a message. */
  gst_element_sync_state_with_parent (sink);
  /* What is to be seen here takes a while to go wrong. */
  g_usleep (500 * 1000);
  if (!gst_element_link (tee, sink))
    g_string_append (run->log, "no link; ");
}

static void
add_sink (SourceRun * run)
{
  g_autofree gchar *uri =
      test_wsctl_server_get_uri (source_rig_get_server (), run->name);
  GstElement *pipeline = test_pipeline_get (run->publisher);
  GstElement *sink = gst_element_factory_make ("wsctlsink", NULL);
  GstElement *queue = gst_element_factory_make ("queue", NULL);

  g_object_set (sink, "uri", uri, NULL);
  gst_bin_add (GST_BIN (pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  add_branch (run, queue);
  if (!gst_element_link (queue, sink))
    g_string_append (run->log, "no link; ");
}

static void
add_bin (SourceRun * run)
{
  g_autofree gchar *line = source_rig_expand ("queue ! SINK", run->name);
  g_autoptr (GError) error = NULL;
  GstElement *bin = gst_parse_bin_from_description (line, TRUE, &error);

  g_assert_no_error (error);
  if (bin->numpads != 1)
    g_string_append_printf (run->log, "the bin has %u pads; ", bin->numpads);
  add_branch (run, bin);
}

/* FALSE when @n more frames of @kind do not reach the server. */
static gboolean
wait_frames (SourceRun * run, const gchar * kind, guint64 n)
{
  GstWsctlServer *server = source_rig_get_server ();
  gint64 end_us = g_get_monotonic_time ()
      + test_scale_ms (NEXT_MS) * G_TIME_SPAN_MILLISECOND;

  n += gst_wsctl_server_count_frames (server, run->name, kind);
  while (gst_wsctl_server_count_frames (server, run->name, kind) < n) {
    if (g_get_monotonic_time () > end_us)
      return FALSE;
    g_usleep (5000);
  }

  return TRUE;
}

/* A second medium, when the first is published: another session has both. */
static gchar *
add_sound (SourceRun * run)
{
  g_autoptr (GstElement) sink = test_pipeline_find (run->publisher, "s");
  GstElement *bin;

  if (!wait_frames (run, "video", SOURCE_FPS))
    return g_strdup ("no pictures before there is sound");

  bin = gst_parse_bin_from_description (SOURCE_LIVE_SOUND "queue", TRUE, NULL);
  source_media_mark (bin);
  gst_bin_add (GST_BIN (test_pipeline_get (run->publisher)), bin);
  if (!gst_element_link_pads (bin, "src", sink, "audio"))
    return g_strdup ("no link");
  gst_element_sync_state_with_parent (bin);
  if (!wait_frames (run, "audio", 50))
    return g_strdup ("no sound");
  if (!wait_frames (run, "video", SOURCE_FPS))
    return g_strdup ("no pictures with the sound");

  return NULL;
}

static void
pause_a_while (SourceRun * run)
{
  GstElement *pipeline = test_pipeline_get (run->publisher);

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  g_usleep (PAUSE_MS * 1000);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
}

static void
seek_with_flush (SourceRun * run)
{
  if (!gst_element_seek_simple (test_pipeline_get (run->publisher),
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT,
          10 * GST_SECOND))
    g_string_append (run->log, "no seek; ");
}

static void
seek_segment (SourceRun * run, GstSeekFlags flags)
{
  if (!gst_element_seek (test_pipeline_get (run->publisher), 1,
          GST_FORMAT_TIME, GST_SEEK_FLAG_SEGMENT | flags, GST_SEEK_TYPE_SET, 0,
          GST_SEEK_TYPE_NONE, GST_CLOCK_TIME_NONE))
    g_string_append (run->log, "no segment seek; ");
}

static gpointer
run_loop (gpointer data)
{
  SourceRun *run = data;
  guint n = 1;

  while (!g_atomic_int_get (&run->stopping)) {
    if (!test_pipeline_wait_count (run->publisher, GST_MESSAGE_SEGMENT_DONE, n,
            100))
      continue;
    seek_segment (run, 0);
    n++;
  }

  return NULL;
}

/* The film from its beginning, again and again, without a gap */
static void
loop_segment (SourceRun * run)
{
  seek_segment (run, GST_SEEK_FLAG_FLUSH);
  run->helper = g_thread_new ("loop", run_loop, run);
}

static const SourceRow rows[] = {
  /* Live, to compare with */
  {"live/raw", SOURCE_LIVE_PICTURE "SINK", SOURCE_VIDEO},
  {"live/encoded", LIVE_H264 "SINK", SOURCE_VIDEO},
  {"live/rtp", LIVE_RTP "SINK", SOURCE_VIDEO},
  {"live/sound", SOURCE_LIVE_SOUND "SINK", SOURCE_AUDIO},
  {"live/both", "SINK " SOURCE_LIVE_PICTURE "s.video " SOURCE_LIVE_SOUND
        "s.audio", SOURCE_VIDEO | SOURCE_AUDIO},

  /* Not live */
  {"not-live/raw", SOURCE_PICTURE "SINK", SOURCE_VIDEO},
  {"not-live/encoded", H264 "SINK", SOURCE_VIDEO},
  {"not-live/rtp", H264 "rtph264pay ! SINK", SOURCE_VIDEO},
  {"not-live/vp8-rtp", SOURCE_PICTURE "vp8enc deadline=1 ! rtpvp8pay ! SINK",
      SOURCE_VIDEO},
  {"not-live/sound", SOURCE_SOUND "SINK", SOURCE_AUDIO},
  {"not-live/sound-encoded", SOURCE_SOUND "opusenc ! SINK", SOURCE_AUDIO},
  {"not-live/sound-rtp", SOURCE_SOUND "opusenc ! rtpopuspay ! SINK",
      SOURCE_AUDIO},
  {"not-live/both", "SINK " SOURCE_PICTURE "s.video " SOURCE_SOUND "s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"not-live/picture-with-live-sound", "SINK " SOURCE_PICTURE "s.video "
        SOURCE_LIVE_SOUND "s.audio", SOURCE_VIDEO | SOURCE_AUDIO},
  {"not-live/sound-with-live-picture", "SINK " SOURCE_LIVE_PICTURE "s.video "
        SOURCE_SOUND "s.audio", SOURCE_VIDEO | SOURCE_AUDIO},
  {"not-live/imagefreeze", "filesrc location=DIR/loop00.jpg ! jpegdec ! "
        "videoconvert ! imagefreeze ! " SOURCE_PICTURE_CAPS
        " ! identity name=stamp ! SINK", SOURCE_VIDEO},
  {"not-live/multifilesrc", "multifilesrc location=DIR/loop%02d.jpg loop=true "
        "caps=image/jpeg,framerate=15/1 ! jpegdec ! SINK", SOURCE_VIDEO,
      .period = LOOP_PERIOD},
  {"not-live/multifilesrc-ts", "multifilesrc location=DIR/loop.ts loop=true ! "
        "tsdemux ! h264parse ! SINK", SOURCE_VIDEO,.period = LOOP_PERIOD},
  {"not-live/concat", "concat name=c ! SINK "
        "filesrc location=DIR/loop.mp4 ! qtdemux ! h264parse ! c. "
        "filesrc location=DIR/loop.mp4 ! qtdemux ! h264parse ! c. "
        "filesrc location=DIR/long.mp4 ! qtdemux ! h264parse ! c.",
      SOURCE_VIDEO,.period = LOOP_PERIOD},
  {"not-live/http-mp4", "souphttpsrc location=HTTP/long.mp4 ! qtdemux ! "
        "h264parse ! SINK", SOURCE_VIDEO},
  {"not-live/http-ts", "souphttpsrc location=HTTP/long.ts ! tsdemux ! "
        "h264parse ! SINK", SOURCE_VIDEO},
  {"not-live/http-decoded", "souphttpsrc location=HTTP/long.mkv ! decodebin ! "
        "SINK", SOURCE_VIDEO},
  {"not-live/mp4", "filesrc location=DIR/long.mp4 ! qtdemux ! h264parse ! "
        "SINK", SOURCE_VIDEO},
  {"not-live/mp4-rtp", "filesrc location=DIR/long.mp4 ! qtdemux ! h264parse ! "
        "rtph264pay ! SINK", SOURCE_VIDEO},
  {"not-live/mkv", "filesrc location=DIR/long.mkv ! matroskademux name=d "
        "SINK d.video_0 ! queue ! h264parse ! s.video "
        "d.audio_0 ! queue ! opusparse ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"not-live/ts", "filesrc location=DIR/long.ts ! tsdemux ! h264parse ! SINK",
      SOURCE_VIDEO},

  /* Pads that come late */
  {"late/qtdemux", "filesrc location=DIR/long.mp4 ! qtdemux ! SINK",
      SOURCE_VIDEO},
  {"late/tsdemux", "filesrc location=DIR/long.ts ! tsdemux ! SINK",
        SOURCE_VIDEO,
      .todo = "H.264 without alignment is not taken yet"},
  {"late/tsdemux-live", LIVE_H264 "mpegtsmux ! tsdemux ! SINK", SOURCE_VIDEO,
      .todo = "H.264 without alignment is not taken yet"},
  {"late/matroskademux", "filesrc location=DIR/long.mkv ! matroskademux name=d "
        "SINK d. ! queue ! s.video d. ! queue ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO},
  {"late/decodebin", "filesrc location=DIR/long.mkv ! decodebin name=d SINK "
        "d. ! queue ! videoconvert ! s.video "
        "d. ! queue ! audioconvert ! s.audio", SOURCE_VIDEO | SOURCE_AUDIO},
  {"late/decodebin-alone", "filesrc location=DIR/long.mp4 ! decodebin ! SINK",
      SOURCE_VIDEO},
  {"late/uridecodebin3", "uridecodebin3 uri=file://DIR/long.mkv name=d SINK "
        "d. ! queue ! videoconvert ! s.video "
        "d. ! queue ! audioconvert ! s.audio", SOURCE_VIDEO | SOURCE_AUDIO},
  {"late/requested", "filesrc location=DIR/long.mkv ! matroskademux name=d "
        "SINK", SOURCE_VIDEO | SOURCE_AUDIO,.prepare = request_pads},
  {"late/element-added", SOURCE_LIVE_PICTURE "tee name=t ! queue ! "
        "fakesink sync=true", SOURCE_VIDEO,.started = add_sink},
  {"late/bin-added", SOURCE_LIVE_PICTURE "tee name=t ! queue ! "
        "fakesink sync=true", SOURCE_VIDEO,.started = add_bin},
  {"late/without-caps", "SINK " SOURCE_LIVE_PICTURE "s.video "
        "appsrc is-live=true ! s.audio", SOURCE_VIDEO,
      "No audio has come in yet"},
  {"late/second-medium", "SINK " SOURCE_LIVE_PICTURE "s.video",
      0,.check = add_sound},
  {"late/none", "SINK fakesrc is-live=true ! fakesink", 0, "pad"},

  /* Applications */
  {"app/not-live", "appsrc name=app format=time caps=" SOURCE_PICTURE_CAPS
        " ! identity name=stamp ! SINK", SOURCE_VIDEO,.prepare = feed_app},
  {"app/not-live-encoded", "appsrc name=app format=time caps="
        SOURCE_PICTURE_CAPS " ! identity name=stamp ! " SOURCE_X264 "SINK",
      SOURCE_VIDEO,.prepare = feed_app},
  {"app/no-times", "appsrc name=app is-live=true format=time caps="
        SOURCE_PICTURE_CAPS " ! identity name=stamp ! SINK", SOURCE_VIDEO,
      "time",.prepare = feed_app},
  {"app/do-timestamp", "appsrc name=app is-live=true do-timestamp=true "
        "format=time caps=" SOURCE_PICTURE_CAPS " ! identity name=stamp ! SINK",
      SOURCE_VIDEO,.prepare = feed_app},

  /* Times */
  {"times/missing-encoded", LIVE_H264 "identity name=no-times ! SINK",
      SOURCE_VIDEO, "time",.prepare = change_times},
  {"times/missing-rtp", LIVE_RTP "identity name=no-times ! SINK",
      SOURCE_VIDEO, "time",.prepare = change_times},
  {"times/dts-raw", SOURCE_LIVE_PICTURE "identity name=only-dts ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/dts-encoded", LIVE_H264 "identity name=only-dts ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/forward-raw", SOURCE_LIVE_PICTURE "identity name=jump-forward ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/forward-encoded", LIVE_H264 "identity name=jump-forward ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/back-raw", SOURCE_LIVE_PICTURE "identity name=jump-back ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/back-encoded", LIVE_H264 "identity name=jump-back ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/back-rtp", LIVE_RTP "identity name=jump-back ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/ten-days-raw", SOURCE_LIVE_PICTURE "identity name=ten-days ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/ten-days-encoded", LIVE_H264 "identity name=ten-days ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/ten-days-rtp", LIVE_RTP "identity name=ten-days ! SINK",
      SOURCE_VIDEO,.prepare = change_times},
  {"times/ten-days-not-live", H264 "identity name=ten-days ! SINK",
      SOURCE_VIDEO,.prepare = change_times},

  /* What happens upstream */
  {"upstream/pause-live", LIVE_H264 "SINK", SOURCE_VIDEO,
      .holes = 1,.act = pause_a_while},
  {"upstream/pause-raw", SOURCE_PICTURE "SINK", SOURCE_VIDEO,
      .holes = 1,.act = pause_a_while},
  {"upstream/pause-encoded", "filesrc location=DIR/long.mkv ! matroskademux ! "
        "h264parse ! SINK", SOURCE_VIDEO,.holes = 1,.act = pause_a_while},
  {"upstream/pause-both",
        "filesrc location=DIR/long.mkv ! matroskademux name=d "
        "SINK d. ! queue ! s.video d. ! queue ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO,.holes = 1,.act = pause_a_while},
  {"upstream/pause-rtp", H264 "rtph264pay ! SINK", SOURCE_VIDEO,
      .holes = 1,.act = pause_a_while},
  {"upstream/seek", "filesrc location=DIR/long.mp4 ! qtdemux ! h264parse ! "
        "SINK", SOURCE_VIDEO,.jumps = TRUE,.act = seek_with_flush},
  {"upstream/seek-rtp", "filesrc location=DIR/long.mp4 ! qtdemux ! h264parse ! "
        "rtph264pay ! SINK", SOURCE_VIDEO,.jumps = TRUE,
        .act = seek_with_flush,
      .todo = "a payloader upstream; pictures before the segment are lost"},
  {"upstream/seek-decoded", "filesrc location=DIR/long.mkv ! decodebin name=d "
        "SINK d. ! queue ! s.video d. ! queue ! s.audio",
      SOURCE_VIDEO | SOURCE_AUDIO,.jumps = TRUE,.act = seek_with_flush},
  {"upstream/loop", "filesrc location=DIR/loop.mp4 ! qtdemux ! h264parse ! "
        "SINK", SOURCE_VIDEO,.period = LOOP_PERIOD,.jumps = TRUE,
      .act = loop_segment},
  {"upstream/loop-both", "filesrc location=DIR/loop.mkv ! matroskademux name=d "
        "SINK d. ! queue ! s.video d. ! queue ! s.audio",
        SOURCE_VIDEO | SOURCE_AUDIO,.period = LOOP_PERIOD,.jumps = TRUE,
      .act = loop_segment},
};

int
main (int argc, char **argv)
{
  gint status;

  source_rig_begin (argc, argv);
  source_rig_add (rows, G_N_ELEMENTS (rows), 6);
  status = g_test_run ();
  source_rig_end ();

  return status;
}
