/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * webrtcbin stays in PLAYING with the base time it began with, whatever becomes
 * of the pipeline: a connection that is paused would be lost, and its clock
 * shall not jump. The timeline turns its time into the pipeline's and the
 * server's.
 *
 * A stream may be on for days, of which the server has a minute. So positions count
 * from the oldest that could be had when play began: who seeks by a part of the
 * duration gets somewhere.
 */

#include "gstwsctlsrctimeprivate.h"

#include <math.h>

#include "gstwsctlgate.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrctime_debug);
#define GST_CAT_DEFAULT wsctlsrctime_debug

/* What the server says comes over a socket, later by as much as that is slow.
 * Only more than this is a change. */
#define TOLERANCE_NS (100 * (gint64) GST_MSECOND)
/* So close to the end, one is live; MistServer's own idea of it is coarser. */
#define LIVE_DISTANCE_NS (2 * (gint64) GST_SECOND)
#define SEEK_TIMEOUT_US (3 * G_USEC_PER_SEC)

/* Counted from wsctlsrc's first */
enum
{
  PROP_PLAYBACK_RATE,
  PROP_LIVE,
};

GstWsctlSrcTime *
gst_wsctl_src_time_new (GstWsctlBin * bin)
{
  GstWsctlSrcTime *self = g_new0 (GstWsctlSrcTime, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlsrctime_debug, "wsctlsrctime", 0,
      "WebRTC WebSocket control: time of wsctlsrc");

  g_atomic_ref_count_init (&self->refs);
  g_weak_ref_init (&self->bin, bin);
  g_mutex_init (&self->seek_lock);
  g_mutex_init (&self->lock);
  self->unix_offset_ns = -1;
  self->way_ns = -1;
  self->origin_ns = -1;
  self->live = TRUE;
  self->rate = self->sent_rate = 1.0;
  gst_wsctl_timeline_reset (&self->timeline, 0);

  return self;
}

GstWsctlSrcTime *
gst_wsctl_src_time_ref (GstWsctlSrcTime * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
gst_wsctl_src_time_unref (GstWsctlSrcTime * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_assert (self->gates == NULL);

  gst_clear_object (&self->clock);
  g_weak_ref_clear (&self->bin);
  g_mutex_clear (&self->seek_lock);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Inner time; 0 before playing */
gint64
gst_wsctl_src_time_get_now_locked (GstWsctlSrcTime * self)
{
  return self->clock != NULL
      ? (gint64) gst_clock_get_time (self->clock) - self->base_ns : 0;
}

void
gst_wsctl_src_time_note_capture (GstWsctlSrcTime * self, gint64 capture_unix_ns)
{
  gint64 way_ns = g_get_real_time () * 1000 - capture_unix_ns;

  g_mutex_lock (&self->lock);
  self->way_ns = MAX (way_ns, 0);
  g_mutex_unlock (&self->lock);
}

/* What the sinks wait on top is in the pipeline's latency. */
void
gst_wsctl_src_time_add_stats (GstWsctlSrcTime * self, GstStructure * stats)
{
  gint64 way_ns, origin_ns;

  g_mutex_lock (&self->lock);
  way_ns = self->told ? self->way_ns : -1;
  origin_ns = self->origin_ns;
  g_mutex_unlock (&self->lock);

  if (origin_ns >= 0)
    gst_structure_set (stats, "position-offset", G_TYPE_DOUBLE,
        (gdouble) origin_ns / GST_SECOND, NULL);
  if (way_ns >= 0)
    gst_structure_set (stats, "end-to-end-latency", G_TYPE_DOUBLE,
        (gdouble) way_ns / GST_SECOND, NULL);
}

gint64
gst_wsctl_src_time_get_now (GstWsctlSrcTime * self)
{
  gint64 now_ns;

  g_mutex_lock (&self->lock);
  now_ns = gst_wsctl_src_time_get_now_locked (self);
  g_mutex_unlock (&self->lock);

  return now_ns;
}

void
gst_wsctl_src_time_look (GstWsctlSrcTime * self, gint64 time_ns,
    gint64 lead_ns, GstWsctlLook * look)
{
  g_mutex_lock (&self->lock);
  /* A server that does not answer has not sought. */
  if (self->seeking && !self->pending
      && g_get_monotonic_time () - self->sent_us > SEEK_TIMEOUT_US)
    gst_wsctl_src_time_finish_seek_locked (self, FALSE);
  look->span = *gst_wsctl_timeline_find (&self->timeline, time_ns - lead_ns);
  look->span.from_ns += lead_ns;
  look->seek_id = self->seek_id;
  look->seqnum = self->seqnum;
  look->seeking = self->seeking;
  look->landing_ns = self->landing_ns + lead_ns;
  look->unix_offset_ns = self->told ? self->unix_offset_ns : -1;
  look->live = self->live;
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_src_time_add_gate (GstWsctlSrcTime * self, GstWsctlGate * gate)
{
  g_mutex_lock (&self->lock);
  self->gates = g_list_prepend (self->gates, gate);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_src_time_remove_gate (GstWsctlSrcTime * self, GstWsctlGate * gate)
{
  g_mutex_lock (&self->lock);
  self->gates = g_list_remove (self->gates, gate);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_src_time_begin (GstWsctlSrcTime * self)
{
  g_autoptr (GstWsctlBin) bin = g_weak_ref_get (&self->bin);

  g_mutex_lock (&self->lock);
  if (self->clock != NULL)
    self->base_ns = gst_element_get_base_time (GST_ELEMENT (bin));
  self->told = FALSE;
  self->live = TRUE;
  self->unix_offset_ns = -1;
  self->sent_rate = 1.0;
  gst_wsctl_timeline_reset (&self->timeline, 0);
  if (self->seeking && !self->pending)
    gst_wsctl_src_time_finish_seek_locked (self, FALSE);
  g_mutex_unlock (&self->lock);
}

static gboolean
read_time (const GstStructure * report, const gchar * name, gint64 * time_ns)
{
  gint64 time_ms;

  if (!gst_structure_get_int64 (report, name, &time_ms) || time_ms < 0
      || time_ms > G_MAXINT64 / (gint64) GST_MSECOND / 2)
    return FALSE;
  *time_ns = time_ms * (gint64) GST_MSECOND;

  return TRUE;
}

/* "fast-forward" is over as soon as it is said. */
static gdouble
read_rate (const GstStructure * report, gdouble current)
{
  const gchar *text = gst_structure_get_string (report, "play-rate");
  gdouble rate = text != NULL ? g_ascii_strtod (text, NULL) : 0;

  if (g_strcmp0 (text, "auto") == 0)
    return 1.0;

  return isfinite (rate) && rate > 0 ? rate : current;
}

/* Who is faster than the stream comes to its end, and is no faster from there
 * on. */
static gboolean
has_caught_up_locked (GstWsctlSrcTime * self, gint64 now_ns)
{
  const GstWsctlSpan *last = gst_wsctl_timeline_get_last (&self->timeline);

  return last->rate > 1.0
      && gst_wsctl_span_get_media (last, now_ns) > self->end_ns;
}

static void
take_position_locked (GstWsctlSrcTime * self, const GstStructure * report,
    gboolean first, gint64 current_ns)
{
  const GstWsctlSpan *last = gst_wsctl_timeline_get_last (&self->timeline);
  gdouble rate = read_rate (report, last->rate);
  gint64 now_ns = gst_wsctl_src_time_get_now_locked (self);

  if (self->clock == NULL || self->seeking)
    return;

  if (self->paused)
    self->held_ns = current_ns;
  else if (first || rate != last->rate || has_caught_up_locked (self, now_ns))
    gst_wsctl_timeline_add (&self->timeline, now_ns, current_ns, rate,
        last->offset_ns);
  else
    gst_wsctl_timeline_correct (&self->timeline, now_ns, current_ns,
        TOLERANCE_NS);
}

static void
notify (GstWsctlSrcTime * self, const gchar * property)
{
  g_autoptr (GstWsctlBin) bin = g_weak_ref_get (&self->bin);

  if (bin != NULL)
    g_object_notify (G_OBJECT (bin), property);
}

static void
post_duration_changed (GstWsctlSrcTime * self)
{
  g_autoptr (GstWsctlBin) bin = g_weak_ref_get (&self->bin);

  if (bin != NULL)
    gst_element_post_message (GST_ELEMENT (bin),
        gst_message_new_duration_changed (GST_OBJECT (bin)));
}

/* It stays for a session that takes up the same stream. One that is before it all
 * is another. */
static void
take_origin_locked (GstWsctlSrcTime * self, gint64 begin_ns, gint64 end_ns)
{
  if (self->origin_ns < 0 || end_ns < self->origin_ns)
    self->origin_ns = begin_ns;
}

void
gst_wsctl_src_time_take_report (GstWsctlSrcTime * self,
    const GstStructure * report)
{
  gint64 begin_ns, end_ns, current_ns, offset_ns;
  gboolean first, was_live, live;
  gdouble old_rate, rate;

  if (!read_time (report, "begin", &begin_ns)
      || !read_time (report, "end", &end_ns)
      || !read_time (report, "current", &current_ns))
    return;

  g_mutex_lock (&self->lock);
  was_live = self->live;
  old_rate = gst_wsctl_timeline_get_last (&self->timeline)->rate;
  first = !self->told;
  self->told = TRUE;
  take_origin_locked (self, begin_ns, end_ns);
  current_ns = MAX (current_ns - self->origin_ns, 0);
  self->begin_ns = MAX (begin_ns - self->origin_ns, 0);
  self->end_ns = MAX (end_ns - self->origin_ns, self->begin_ns);
  self->end_time_us = g_get_monotonic_time ();
  if (read_time (report, "unix-offset", &offset_ns))
    self->unix_offset_ns = offset_ns + self->origin_ns;
  self->live = self->end_ns - current_ns < LIVE_DISTANCE_NS;
  gst_structure_get_boolean (report, "live", &self->live);
  take_position_locked (self, report, first, current_ns);
  live = self->live;
  rate = gst_wsctl_timeline_get_last (&self->timeline)->rate;
  g_mutex_unlock (&self->lock);

  post_duration_changed (self);
  if (live != was_live)
    notify (self, "live");
  if (rate != old_rate)
    notify (self, "playback-rate");
}

void
gst_wsctl_src_time_take_seek (GstWsctlSrcTime * self,
    const GstStructure * report)
{
  gboolean failed = gst_structure_has_field (report, "error");

  if (failed)
    GST_WARNING ("the server does not seek: %s",
        gst_structure_get_string (report, "error"));

  g_mutex_lock (&self->lock);
  if (self->n_unanswered > 0 && --self->n_unanswered == 0 && self->seeking
      && !self->pending)
    gst_wsctl_src_time_finish_seek_locked (self, !failed);
  g_mutex_unlock (&self->lock);
}

static void
set_base_time (GstElement * webrtcbin, gint64 base_ns, gboolean recurse)
{
  g_autoptr (GstIterator) all = NULL;
  GValue item = G_VALUE_INIT;

  gst_element_set_base_time (webrtcbin, base_ns);
  if (!recurse)
    return;

  all = gst_bin_iterate_recurse (GST_BIN (webrtcbin));
  while (gst_iterator_next (all, &item) == GST_ITERATOR_OK) {
    gst_element_set_base_time (g_value_get_object (&item), base_ns);
    g_value_reset (&item);
  }
  g_value_unset (&item);
}

/* A pipeline takes another clock when it goes on: inner time goes on, too. */
static gboolean
take_clock_locked (GstWsctlSrcTime * self, GstClock * clock)
{
  gboolean changed = clock != NULL && clock != self->clock;

  if (changed && self->clock != NULL)
    self->base_ns += (gint64) gst_clock_get_time (clock)
        - (gint64) gst_clock_get_time (self->clock);
  if (changed)
    gst_object_replace ((GstObject **) & self->clock, GST_OBJECT (clock));

  return changed;
}

static void
run_on (GstWsctlSrcTime * self, GstWsctlBin * bin)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (GST_ELEMENT (bin));
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (bin);
  gint64 outer_base_ns = gst_element_get_base_time (GST_ELEMENT (bin));
  const GstWsctlSpan *last;
  gint64 now_ns, base_ns;
  gboolean first, changed, paused;

  g_mutex_lock (&self->lock);
  first = self->clock == NULL;
  changed = take_clock_locked (self, clock);
  if (first)
    self->base_ns = outer_base_ns;
  base_ns = self->base_ns;
  now_ns = gst_wsctl_src_time_get_now_locked (self);
  last = gst_wsctl_timeline_get_last (&self->timeline);
  paused = self->paused;
  self->paused = FALSE;
  if (paused || last->offset_ns != base_ns - outer_base_ns)
    gst_wsctl_timeline_add (&self->timeline, now_ns, paused ? self->held_ns
        : gst_wsctl_span_get_media (last, now_ns), last->rate,
        base_ns - outer_base_ns);
  g_mutex_unlock (&self->lock);

  if (changed && !first && webrtcbin != NULL)
    set_base_time (webrtcbin, base_ns, TRUE);
}

/* Said to the server */
static void
resume (GstWsctlSrcTime * self, gboolean was_paused)
{
  gst_wsctl_src_time_send_seek (self);
  if (was_paused)
    gst_wsctl_src_time_send_command (self, "play", NULL, NULL);
}

static void
hold (GstWsctlSrcTime * self, GstWsctlBin * bin)
{
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (bin);
  gboolean was_live;

  if (webrtcbin != NULL)
    gst_element_set_locked_state (webrtcbin, TRUE);
  g_mutex_lock (&self->lock);
  was_live = self->live;
  self->live = FALSE;
  self->held_ns = gst_wsctl_src_time_get_position_locked (self);
  self->held_outer_ns = gst_wsctl_src_time_get_now_locked (self)
      + gst_wsctl_timeline_get_last (&self->timeline)->offset_ns;
  self->paused = TRUE;
  g_mutex_unlock (&self->lock);

  if (was_live)
    notify (self, "live");
  gst_wsctl_src_time_send_command (self, "hold", NULL, NULL);
}

static void
stop (GstWsctlSrcTime * self, GstWsctlBin * bin)
{
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (bin);

  if (webrtcbin != NULL)
    gst_element_set_locked_state (webrtcbin, FALSE);
  g_mutex_lock (&self->lock);
  gst_clear_object (&self->clock);
  self->paused = FALSE;
  self->seeking = self->pending = FALSE;
  self->n_unanswered = 0;
  self->rate = 1.0;
  self->told = FALSE;
  self->origin_ns = -1;
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_src_time_before_change (GstWsctlSrcTime * self,
    GstStateChange transition)
{
  g_autoptr (GstWsctlBin) bin = g_weak_ref_get (&self->bin);
  gboolean paused;

  switch (transition) {
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
    case GST_STATE_CHANGE_PLAYING_TO_PLAYING:
      g_mutex_lock (&self->lock);
      paused = self->paused;
      g_mutex_unlock (&self->lock);
      run_on (self, bin);
      if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
        resume (self, paused);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      hold (self, bin);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      stop (self, bin);
      break;
    default:
      break;
  }
}

/* On the way the bin has written its own base time into webrtcbin. */
void
gst_wsctl_src_time_after_change (GstWsctlSrcTime * self,
    GstStateChange transition)
{
  g_autoptr (GstWsctlBin) bin = g_weak_ref_get (&self->bin);
  g_autoptr (GstElement) webrtcbin = NULL;
  gint64 base_ns;

  if (transition != GST_STATE_CHANGE_PAUSED_TO_PLAYING
      && transition != GST_STATE_CHANGE_PLAYING_TO_PLAYING)
    return;

  webrtcbin = gst_wsctl_bin_get_webrtcbin (bin);
  if (webrtcbin == NULL)
    return;

  g_mutex_lock (&self->lock);
  base_ns = self->base_ns;
  g_mutex_unlock (&self->lock);
  gst_element_set_locked_state (webrtcbin, TRUE);
  set_base_time (webrtcbin, base_ns, FALSE);
}

void
gst_wsctl_src_time_install_properties (GObjectClass * klass, guint first)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * wsctlsrc:playback-rate:
   *
   * How fast the stream is played, as the server says; a seek sets it. Notified
   * on change, from the library's own thread.
   */
  g_object_class_install_property (klass, first + PROP_PLAYBACK_RATE,
      g_param_spec_double ("playback-rate", "Playback rate",
          "How fast the stream is played", 0, G_MAXDOUBLE, 1, flags));

  /**
   * wsctlsrc:live:
   *
   * Whether what is played is what is being published: as the server says, or
   * else within two seconds of it. Notified on change, likewise.
   */
  g_object_class_install_property (klass, first + PROP_LIVE,
      g_param_spec_boolean ("live", "Live",
          "Whether what is played is being published now", TRUE, flags));
}

gboolean
gst_wsctl_src_time_get_property (GstWsctlSrcTime * self, guint index,
    GValue * value)
{
  gboolean known = TRUE;

  g_mutex_lock (&self->lock);
  switch (index) {
    case PROP_PLAYBACK_RATE:
      g_value_set_double (value,
          gst_wsctl_timeline_get_last (&self->timeline)->rate);
      break;
    case PROP_LIVE:
      g_value_set_boolean (value, self->live);
      break;
    default:
      known = FALSE;
      break;
  }
  g_mutex_unlock (&self->lock);

  return known;
}
