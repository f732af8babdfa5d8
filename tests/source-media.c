/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Test media that can be recognized after encoding, and files of them.
 */

#include "source-media.h"

#include <glib/gstdio.h>
#include <gst/audio/audio.h>
#include <string.h>

#include "stamp.h"
#include "testsupport.h"

#define BUFFERS_PER_BEEP 25     /* of 20 ms */
#define LOUD 3000               /* of 32767 */
#define QUIET_NS (100 * GST_MSECOND)    /* between two beeps at least */

struct _SourceWatch
{
  GMutex lock;
  GCond cond;
  GArray *pictures;             /* lock: SourceMoment */
  GArray *beeps;                /* lock: SourceMoment */
  guint n_unreadable;           /* lock */
  GstClockTime loud_end;        /* lock: of the last beep so far */
};

static GMutex dir_lock;
static gchar *dir;              /* dir_lock */

static gboolean
map_frame (GstPad * pad, GstBuffer * buffer, GstMapFlags flags,
    GstVideoFrame * frame)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo info;

  return caps != NULL && gst_video_info_from_caps (&info, caps)
      && gst_video_frame_map (frame, &info, buffer, flags);
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint *n = data;
  GstVideoFrame frame;

  info->data = gst_buffer_make_writable (info->data);
  g_assert_true (map_frame (pad, info->data, GST_MAP_READWRITE, &frame));
  stamp_draw (&frame, (*n)++);
  gst_video_frame_unmap (&frame);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint *n = data;

  if ((*n)++ % BUFFERS_PER_BEEP != 0) {
    info->data = gst_buffer_make_writable (info->data);
    gst_buffer_memset (info->data, 0, 0, -1);
  }

  return GST_PAD_PROBE_OK;
}

static void
mark (GstElement * bin, const gchar * name, GstPadProbeCallback callback)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (bin), name);
  g_autoptr (GstPad) pad = NULL;

  if (element == NULL)
    return;

  pad = gst_element_get_static_pad (element, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback,
      g_new0 (guint, 1), g_free);
}

void
source_media_mark (GstElement * bin)
{
  mark (bin, "stamp", on_picture);
  mark (bin, "beep", on_sound);
}

static void
run_to_end (const gchar * line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  g_assert_no_error (error);
  source_media_mark (pipeline);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_error ("Cannot make test media: %s", error->message);
  }
}

#define QUEUE "queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! "

static void
make_films (const gchar * name, guint seconds)
{
  g_autofree gchar *line = g_strdup_printf ("videotestsrc num-buffers=%u "
      "pattern=black ! " SOURCE_PICTURE_CAPS " ! identity name=stamp ! "
      SOURCE_X264 "video/x-h264,profile=constrained-baseline ! tee name=v "
      "audiotestsrc num-buffers=%u wave=white-noise samplesperbuffer=960 ! "
      SOURCE_SOUND_CAPS " ! identity name=beep ! tee name=a "
      "a. ! " QUEUE "audioconvert ! avenc_aac ! tee name=aac "
      "a. ! " QUEUE "opusenc ! opusparse ! mkv.audio_0 "
      "aac. ! " QUEUE "aacparse ! mp4.audio_0 "
      "aac. ! " QUEUE "aacparse ! ts. "
      "v. ! " QUEUE "h264parse ! mp4.video_0 "
      "v. ! " QUEUE "h264parse ! mkv.video_0 "
      "v. ! " QUEUE "h264parse ! ts. "
      "mp4mux name=mp4 faststart=true ! filesink location=%s/%s.mp4 "
      "matroskamux name=mkv ! filesink location=%s/%s.mkv "
      "mpegtsmux name=ts ! filesink location=%s/%s.ts",
      seconds * SOURCE_FPS, seconds * 50, dir, name, dir, name, dir, name);

  run_to_end (line);
}

static void
make_pictures (const gchar * name, guint seconds)
{
  g_autofree gchar *line = g_strdup_printf ("videotestsrc num-buffers=%u "
      "pattern=black ! " SOURCE_PICTURE_CAPS " ! identity name=stamp ! "
      "jpegenc ! multifilesink location=%s/%s%%02d.jpg",
      seconds * SOURCE_FPS, dir, name);

  run_to_end (line);
}

const gchar *
source_media_get_dir (void)
{
  g_mutex_lock (&dir_lock);
  if (dir == NULL) {
    dir = g_dir_make_tmp ("wsctl-test-XXXXXX", NULL);
    make_films ("film", SOURCE_FILM_S);
    make_films ("short", SOURCE_SHORT_S);
    make_films ("long", SOURCE_LONG_S);
    make_films ("loop", SOURCE_LOOP_S);
    make_pictures ("loop", SOURCE_LOOP_S);
  }
  g_mutex_unlock (&dir_lock);

  return dir;
}

void
source_media_remove_dir (void)
{
  g_autoptr (GDir) files = NULL;
  const gchar *name;

  if (dir == NULL)
    return;

  files = g_dir_open (dir, 0, NULL);
  while ((name = g_dir_read_name (files)) != NULL) {
    g_autofree gchar *path = g_build_filename (dir, name, NULL);

    g_unlink (path);
  }
  g_rmdir (dir);
  g_clear_pointer (&dir, g_free);
}

SourceWatch *
source_watch_new (void)
{
  SourceWatch *self = g_new0 (SourceWatch, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->pictures = g_array_new (FALSE, FALSE, sizeof (SourceMoment));
  self->beeps = g_array_new (FALSE, FALSE, sizeof (SourceMoment));

  return self;
}

void
source_watch_free (SourceWatch * self)
{
  g_array_unref (self->pictures);
  g_array_unref (self->beeps);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

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

static void
on_shown_picture (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    SourceWatch * self)
{
  SourceMoment moment = { g_get_monotonic_time (), };
  GstVideoFrame frame;
  gboolean readable;

  moment.time = get_running_time (pad, buffer);
  g_assert_true (map_frame (pad, buffer, GST_MAP_READ, &frame));
  readable = stamp_read (&frame, &moment.number);
  gst_video_frame_unmap (&frame);

  g_mutex_lock (&self->lock);
  if (readable)
    g_array_append_val (self->pictures, moment);
  else
    self->n_unreadable++;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* With lock held. A sample at @time is loud. */
static void
take_loud (SourceWatch * self, GstClockTime time, gint64 at_us)
{
  SourceMoment moment = { at_us, time, self->beeps->len };

  if (self->beeps->len == 0 || time > self->loud_end + QUIET_NS
      || time + QUIET_NS < self->loud_end)
    g_array_append_val (self->beeps, moment);
  self->loud_end = time;
}

static void
on_heard_sound (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    SourceWatch * self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint64 now_us = g_get_monotonic_time ();
  GstClockTime begin = get_running_time (pad, buffer);
  GstAudioInfo info;
  GstMapInfo map;
  gsize i;

  g_assert_true (gst_audio_info_from_caps (&info, caps));
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_mutex_lock (&self->lock);
  for (i = 0; i < map.size / 2; i++) {
    GstClockTime offset = gst_util_uint64_scale (i
        / GST_AUDIO_INFO_CHANNELS (&info), GST_SECOND,
        GST_AUDIO_INFO_RATE (&info));

    if (ABS (((gint16 *) map.data)[i]) > LOUD)
      take_loud (self, begin + offset, now_us + offset / 1000);
  }
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (buffer, &map);
}

static void
attach (SourceWatch * self, GstElement * bin, const gchar * name,
    GCallback callback)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), name);

  if (sink == NULL)
    return;

  g_object_set (sink, "signal-handoffs", TRUE, NULL);
  g_signal_connect (sink, "handoff", callback, self);
}

void
source_watch_attach (SourceWatch * self, GstElement * bin)
{
  attach (self, bin, "video", G_CALLBACK (on_shown_picture));
  attach (self, bin, "audio", G_CALLBACK (on_heard_sound));
}

/* With lock held */
static GArray *
get_moments (SourceWatch * self, gboolean sound)
{
  return sound ? self->beeps : self->pictures;
}

gboolean
source_watch_wait (SourceWatch * self, gboolean sound, guint n,
    guint timeout_ms)
{
  gint64 end_us = g_get_monotonic_time ()
      + test_scale_ms (timeout_ms) * G_TIME_SPAN_MILLISECOND;
  gboolean there;

  g_mutex_lock (&self->lock);
  while (get_moments (self, sound)->len < n
      && g_cond_wait_until (&self->cond, &self->lock, end_us));
  there = get_moments (self, sound)->len >= n;
  g_mutex_unlock (&self->lock);

  return there;
}

guint
source_watch_count (SourceWatch * self, gboolean sound)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = get_moments (self, sound)->len;
  g_mutex_unlock (&self->lock);

  return n;
}

GArray *
source_watch_get (SourceWatch * self, gboolean sound, guint first)
{
  GArray *copy = g_array_new (FALSE, FALSE, sizeof (SourceMoment));
  GArray *moments;

  g_mutex_lock (&self->lock);
  moments = get_moments (self, sound);
  if (first < moments->len)
    g_array_append_vals (copy, &g_array_index (moments, SourceMoment, first),
        moments->len - first);
  g_mutex_unlock (&self->lock);

  return copy;
}

guint
source_watch_count_unreadable (SourceWatch * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_unreadable;
  g_mutex_unlock (&self->lock);

  return n;
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  gint64 difference = *(const gint64 *) a - *(const gint64 *) b;

  return difference < 0 ? -1 : difference > 0;
}

/* When the medium began that @moment is part of */
static gint64
get_origin (const SourceMoment * moment, GstClockTime distance)
{
  return (gint64) moment->time - (gint64) (moment->number * distance);
}

/* In the middle of @moments */
static gint64
get_middle_origin (GArray * moments, GstClockTime distance)
{
  g_autoptr (GArray) origins = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint i;

  for (i = 0; i < moments->len; i++) {
    gint64 origin = get_origin (&g_array_index (moments, SourceMoment, i),
        distance);

    g_array_append_val (origins, origin);
  }
  g_array_sort (origins, compare_numbers);

  return g_array_index (origins, gint64, origins->len / 2);
}

gdouble
source_watch_get_offset_ms (SourceWatch * self)
{
  g_autoptr (GArray) pictures = source_watch_get (self, FALSE,
      source_watch_count (self, FALSE) / 2);
  g_autoptr (GArray) beeps = source_watch_get (self, TRUE,
      source_watch_count (self, TRUE) / 2);
  gint64 offset;

  g_assert_cmpuint (pictures->len, >, 0);
  g_assert_cmpuint (beeps->len, >, 0);
  offset = get_middle_origin (beeps, SOURCE_BEEP_NS)
      - get_middle_origin (pictures, GST_SECOND / SOURCE_FPS);
  /* The first beeps may have been before the first that was heard. */
  offset %= (gint64) SOURCE_BEEP_NS;
  if (offset > (gint64) SOURCE_BEEP_NS / 2)
    offset -= SOURCE_BEEP_NS;
  else if (offset < -(gint64) SOURCE_BEEP_NS / 2)
    offset += SOURCE_BEEP_NS;

  return offset / 1e6;
}
