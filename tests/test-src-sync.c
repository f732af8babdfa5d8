/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sound and pictures that were captured together are played together. When one of
 * the two stalls, the other goes on, and they are together again afterwards.
 */

#include <gst/base/gstbasesink.h>

#include "sync-media.h"
#include "testsupport.h"

#define SEED 11
#define MAX_WAY_MS 25           /* from clock to clock, but for the latency */
#define STALL_MS 3000
#define FREEZE_MS 100           /* between two buffers of who does not stall */
#define RETURN_MS 100           /* from a stall's end to what is shown again */

/* What comes to a sink, by the clock on the wall and by that of the pipeline */
typedef struct
{
  GMutex lock;
  GCond cond;
  gint64 last_us;               /* lock: the last buffer; 0: none yet */
  gint64 starved_us;            /* lock: of its thread, at that time */
  gint64 longest_us;            /* lock: between two */
  guint n_gaps;                 /* lock */
  GstClockTime gaps;            /* lock: the length of all of them */
  GstClockTime gap_end;         /* lock: of the last one, running time */
  GstClockTime overlap;         /* lock: of a buffer and the gaps before it */
  GstClockTime latency;         /* lock: at the last gap */
  gint64 early_ns;              /* lock: a gap ends before data could come */
  gint64 latest_ns;             /* lock: buffers behind the time to show them */
} Arrivals;

static Arrivals arrivals[GST_WSCTL_N_MEDIA_KINDS];

static GstClockTime
get_running_time (GstPad * pad, GstClockTime time)
{
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);

  return gst_segment_to_running_time (segment, GST_FORMAT_TIME, time);
}

/* How late what is due at @time comes to a sink; negative: it is in time */
static gint64
get_late (GstPad * pad, GstClockTime time)
{
  g_autoptr (GstElement) sink = gst_pad_get_parent_element (pad);

  return (gint64) gst_element_get_current_running_time (sink) - (gint64) time
      - (gint64) gst_base_sink_get_latency (GST_BASE_SINK (sink));
}

/* With lock held */
static void
take_buffer (Arrivals * self, GstPad * pad, GstBuffer * buffer)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 starved_us = test_get_starved_us ();
  GstClockTime begin = get_running_time (pad, GST_BUFFER_PTS (buffer));

  if (self->last_us != 0)
    self->longest_us = MAX (self->longest_us, now_us - self->last_us
        - (starved_us - self->starved_us));
  self->last_us = now_us;
  self->starved_us = starved_us;
  if (self->gap_end > begin)
    self->overlap = MAX (self->overlap, self->gap_end - begin);
  self->latest_ns = MAX (self->latest_ns, get_late (pad, begin));
}

static GstClockTime
query_latency (GstPad * pad)
{
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min;

  g_assert_true (gst_pad_peer_query (pad, query));
  gst_query_parse_latency (query, NULL, &min, NULL);
  gst_query_unref (query);

  return min;
}

/* With lock held. How long what is of @time may still be on its way; negative: it
 * cannot be any more. The latency may just have risen. */
static gint64
get_early (Arrivals * self, GstPad * pad, GstClockTime time)
{
  g_autoptr (GstElement) sink = gst_pad_get_parent_element (pad);
  GstClockTime before = self->latency;

  self->latency = query_latency (pad);

  return (gint64) (time + MIN (before, self->latency))
      - (gint64) gst_element_get_current_running_time (sink);
}

/* With lock held */
static void
take_gap (Arrivals * self, GstPad * pad, GstEvent * event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  self->n_gaps++;
  self->gaps += duration;
  self->gap_end = get_running_time (pad, time) + duration;
  self->early_ns = MAX (self->early_ns, get_early (self, pad, self->gap_end));
}

static GstPadProbeReturn
on_arrival (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Arrivals *self = data;

  g_mutex_lock (&self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    take_buffer (self, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_GAP)
    take_gap (self, pad, GST_PAD_PROBE_INFO_EVENT (info));
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);

  return GST_PAD_PROBE_OK;
}

static void
watch (GstElement * sink, GstWsctlMediaKind kind)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  memset (&arrivals[kind], 0, sizeof (Arrivals));
  sync_media_watch (sink, kind);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_arrival, &arrivals[kind], NULL);
}

static void
play (SyncMedia * media)
{
  g_autoptr (GstElement) video = NULL;
  g_autoptr (GstElement) audio = NULL;

  media->player = test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! "
      "video/x-raw ! fakesink sync=true name=video r.audio_0 ! "
      "audio/x-raw ! fakesink sync=true name=audio", media->uri);
  video = test_pipeline_find (media->player, "video");
  audio = test_pipeline_find (media->player, "audio");
  watch (video, GST_WSCTL_MEDIA_KIND_VIDEO);
  watch (audio, GST_WSCTL_MEDIA_KIND_AUDIO);
  test_pipeline_play (media->player);
}

static void
play_by_playbin (SyncMedia * media)
{
  g_autoptr (GstElement) video = NULL;
  g_autoptr (GstElement) audio = NULL;

  media->player = test_pipeline_new ("playbin3 uri=wsctl%s "
      "video-sink=\"fakesink sync=true\" audio-sink=\"fakesink sync=true\"",
      media->uri + strlen ("ws"));
  g_object_get (test_pipeline_get (media->player), "video-sink", &video,
      "audio-sink", &audio, NULL);
  watch (video, GST_WSCTL_MEDIA_KIND_VIDEO);
  watch (audio, GST_WSCTL_MEDIA_KIND_AUDIO);
  test_pipeline_play (media->player);
}

static void
test_sync (void)
{
  SyncMedia media;

  sync_media_begin (&media, NULL);
  play (&media);
  sync_media_measure ();
  sync_media_end (&media);
}

/* Of the next one, but for what the machine does to it */
static void
check_way (GstWsctlMediaKind kind)
{
  gint64 starved_ms = test_get_process_starved_ms ();
  gdouble way_ms = sync_media_wait (kind, sync_media_count (kind) + 1);

  starved_ms = test_get_process_starved_ms () - starved_ms;
  g_test_message ("%s took %.1f ms, starved for %" G_GINT64_FORMAT,
      gst_wsctl_media_kind_get_nick (kind), way_ms, starved_ms);
  g_assert_cmpfloat (way_ms, <=, MAX_WAY_MS + starved_ms);
}

/* Packets that are held up do not part them, and what comes later is no later. */
static void
test_jitter (void)
{
  g_autoptr (TestRelay) relay = test_relay_new (SEED);
  SyncMedia media;

  sync_media_begin (&media, relay);
  play (&media);
  sync_media_measure ();
  test_relay_run (relay, "0 down jitter=120");
  sync_media_measure ();
  test_relay_run (relay, "0 down jitter=0");
  check_way (GST_WSCTL_MEDIA_KIND_AUDIO);
  check_way (GST_WSCTL_MEDIA_KIND_VIDEO);
  sync_media_measure ();
  sync_media_end (&media);
}

static void
wait_gaps (Arrivals * self, GstClockTime length)
{
  test_say ("gaps while a medium stalls");
  g_mutex_lock (&self->lock);
  while (self->gaps < length)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* Begins to count anew. */
static void
forget_arrivals (Arrivals * self)
{
  g_mutex_lock (&self->lock);
  self->last_us = self->longest_us = 0;
  self->n_gaps = 0;
  self->gaps = 0;
  self->overlap = 0;
  self->latest_ns = 0;
  g_mutex_unlock (&self->lock);
}

static gint64
get_longest_ms (Arrivals * self)
{
  gint64 longest_us;

  g_mutex_lock (&self->lock);
  longest_us = self->longest_us;
  g_mutex_unlock (&self->lock);

  return longest_us / G_TIME_SPAN_MILLISECOND;
}

/* @kind stalls for a while. A machine that has no time for this process makes
 * others wait as well, for as long as that. */
static void
stall (GstWsctlMediaKind kind)
{
  GstWsctlMediaKind other = kind == GST_WSCTL_MEDIA_KIND_VIDEO
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;
  gint64 starved_ms = test_get_process_starved_ms ();
  gdouble back_ms;
  gint64 longest_ms;
  guint n;

  forget_arrivals (&arrivals[kind]);
  forget_arrivals (&arrivals[other]);
  sync_media_stall (kind, TRUE);
  wait_gaps (&arrivals[kind], STALL_MS * GST_MSECOND);
  g_assert_cmpint (arrivals[kind].early_ns, ==, 0);
  n = sync_media_count (kind);
  forget_arrivals (&arrivals[kind]);
  sync_media_stall (kind, FALSE);
  test_say ("what stalled to be back");
  back_ms = sync_media_wait (kind, n + 1);
  longest_ms = get_longest_ms (&arrivals[other]);
  starved_ms = test_get_process_starved_ms () - starved_ms;
  g_test_message ("behind the stall %.1f ms, %.1f late; the other "
      "waited for %" G_GINT64_FORMAT " ms at most; starved for %"
      G_GINT64_FORMAT "; gaps overlap by %.1f ms", back_ms,
      arrivals[kind].latest_ns / 1e6, longest_ms, starved_ms,
      arrivals[kind].overlap / 1e6);
  g_assert_cmpint (longest_ms, <=, FREEZE_MS + starved_ms);
  g_assert_cmpfloat (back_ms, <=, RETURN_MS + starved_ms);
  g_assert_cmpint (arrivals[kind].latest_ns / GST_MSECOND, <=, RETURN_MS
      + starved_ms);
  g_assert_cmpuint (arrivals[kind].overlap, ==, 0);
}

static void
check_stall (void (*play_func) (SyncMedia * media), GstWsctlMediaKind kind)
{
  SyncMedia media;

  sync_media_begin (&media, NULL);
  play_func (&media);
  sync_media_measure ();
  stall (kind);
  sync_media_measure ();
  sync_media_end (&media);
}

static void
test_stall_video (void)
{
  check_stall (play, GST_WSCTL_MEDIA_KIND_VIDEO);
}

static void
test_stall_audio (void)
{
  check_stall (play, GST_WSCTL_MEDIA_KIND_AUDIO);
}

static void
test_stall_playbin_video (void)
{
  check_stall (play_by_playbin, GST_WSCTL_MEDIA_KIND_VIDEO);
}

static void
test_stall_playbin_audio (void)
{
  check_stall (play_by_playbin, GST_WSCTL_MEDIA_KIND_AUDIO);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/sync/clean", test_sync);
  test_add_in_real_time ("/src/sync/jitter", test_jitter);
  test_add_in_real_time ("/src/stall/video", test_stall_video);
  test_add_in_real_time ("/src/stall/audio", test_stall_audio);
  test_add_in_real_time ("/src/stall/playbin-video", test_stall_playbin_video);
  test_add_in_real_time ("/src/stall/playbin-audio", test_stall_playbin_audio);

  return g_test_run ();
}
