/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A gap ends where nothing can come in time any more: what is younger than the
 * latency may still be on its way. So no sink ever waits for the end of a gap
 * while data that it has to show wait behind it.
 */

#include "gstwsctlgaps.h"

#include "wsctlloop-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlgaps_debug);
#define GST_CAT_DEFAULT wsctlgaps_debug

/* Often enough for a sink to be ready at once, seldom enough to cost nothing */
#define INTERVAL_MS 100
/* A medium stalls when nothing has come for so long, and for so many times the
 * usual distance: pictures may be few. */
#define STALL_NS ((gint64) (300 * GST_MSECOND))
#define STALL_DISTANCES 3
/* The first distance is not known. */
#define FIRST_DISTANCE_NS ((gint64) (400 * GST_MSECOND))
#define MAX_DISTANCE_NS ((gint64) (2 * GST_SECOND))
#define N_USUAL 8

struct _GstWsctlGaps
{
  gatomicrefcount refs;         /* the owner's and the timer's */
  GstPad *pad;
  GstElement *element;
  GstWsctlLoop *loop;

  GMutex lock;
  GCond cond;
  GThread *thread;              /* lock; from the first gap on */
  GSource *timer;               /* lock; from the first data on */
  gboolean ended;               /* lock */
  gboolean away;                /* lock: nothing comes */
  /* All of running time, -1: not known */
  gint64 position_ns;           /* lock: where data or gaps ended */
  gint64 last_ns;               /* lock: where the last data began */
  gint64 distance_ns;           /* lock: what is usual from one to the next */
};

static void
unref_gaps (gpointer data)
{
  GstWsctlGaps *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_wsctl_loop_unref (self->loop);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

/* -1 while time stands still: before PLAYING, the base time is of another
 * life. */
static gint64
get_now (GstWsctlGaps * self)
{
  GstClockTime now;

  if (GST_STATE (self->element) != GST_STATE_PLAYING)
    return -1;

  now = gst_element_get_current_running_time (self->element);

  return GST_CLOCK_TIME_IS_VALID (now) ? (gint64) now : -1;
}

/* FALSE when nothing has been sent yet, so that there is no gap in anything. */
static gboolean
get_segment (GstWsctlGaps * self, GstSegment * segment)
{
  GstEvent *event = gst_pad_get_sticky_event (self->pad, GST_EVENT_SEGMENT, 0);

  if (event == NULL)
    return FALSE;

  gst_event_copy_segment (event, segment);
  gst_event_unref (event);

  return segment->format == GST_FORMAT_TIME;
}

/* How late data may come: none do without a session. */
static gint64
get_latency (GstWsctlGaps * self)
{
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min = 0;

  if (gst_pad_query (self->pad, query))
    gst_query_parse_latency (query, NULL, &min, NULL);
  gst_query_unref (query);

  return GST_CLOCK_TIME_IS_VALID (min) ? (gint64) min : 0;
}

/* From where data or gaps ended up to @end_ns; NULL for none. */
static GstEvent *
make_gap_locked (GstWsctlGaps * self, const GstSegment * segment, gint64 end_ns)
{
  gint64 begin_ns = MAX (self->position_ns >= 0 ? self->position_ns : end_ns,
      (gint64) gst_segment_to_running_time (segment, GST_FORMAT_TIME,
          segment->start));
  guint64 begin, end;

  if (!self->away || end_ns < begin_ns)
    return NULL;

  begin = gst_segment_position_from_running_time (segment, GST_FORMAT_TIME,
      begin_ns);
  end = gst_segment_position_from_running_time (segment, GST_FORMAT_TIME,
      end_ns);
  if (begin == GST_CLOCK_TIME_NONE || end == GST_CLOCK_TIME_NONE)
    return NULL;
  self->position_ns = end_ns;

  return gst_event_new_gap (begin, end - begin);
}

static void
push_gap (GstWsctlGaps * self)
{
  gint64 now_ns = get_now (self);
  GstSegment segment;
  GstEvent *event;

  if (now_ns < 0 || !get_segment (self, &segment))
    return;

  now_ns -= get_latency (self);
  g_mutex_lock (&self->lock);
  event = make_gap_locked (self, &segment, now_ns);
  g_mutex_unlock (&self->lock);
  if (event == NULL)
    return;

  GST_LOG_OBJECT (self->pad, "%" GST_PTR_FORMAT, event);
  gst_pad_push_event (self->pad, event);
}

/* Until there is something to do: FALSE at the end. */
static gboolean
wait_for_next (GstWsctlGaps * self)
{
  gint64 end_us = g_get_monotonic_time ()
      + INTERVAL_MS * G_TIME_SPAN_MILLISECOND;
  gboolean more;

  g_mutex_lock (&self->lock);
  while (!self->ended && self->away
      && g_cond_wait_until (&self->cond, &self->lock, end_us));
  while (!self->ended && !self->away)
    g_cond_wait (&self->cond, &self->lock);
  more = !self->ended;
  g_mutex_unlock (&self->lock);

  return more;
}

static gpointer
run (gpointer data)
{
  GstWsctlGaps *self = data;

  do {
    push_gap (self);
  } while (wait_for_next (self));

  return NULL;
}

static void
begin_locked (GstWsctlGaps * self)
{
  if (self->ended || self->away)
    return;

  self->away = TRUE;
  g_cond_signal (&self->cond);
  if (self->thread == NULL)
    self->thread = g_thread_new ("wsctl-gaps", run, self);
}

static gboolean
is_stalled_locked (GstWsctlGaps * self)
{
  gint64 now_ns = get_now (self);

  return now_ns >= 0 && self->position_ns >= 0
      && now_ns - self->position_ns > MAX (STALL_NS,
      STALL_DISTANCES * self->distance_ns);
}

/* On the loop */
static gboolean
on_tick (gpointer data)
{
  GstWsctlGaps *self = data;
  gboolean more;

  g_mutex_lock (&self->lock);
  more = !self->ended;
  if (more && !self->away && is_stalled_locked (self)) {
    GST_INFO_OBJECT (self->pad, "nothing comes");
    begin_locked (self);
  }
  g_mutex_unlock (&self->lock);

  return more;
}

GstWsctlGaps *
gst_wsctl_gaps_new (GstPad * pad, GstElement * element)
{
  GstWsctlGaps *self = g_new0 (GstWsctlGaps, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlgaps_debug, "wsctlgaps", 0,
      "WebRTC WebSocket control: gaps while nothing comes");

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->pad = pad;
  self->element = element;
  self->loop = gst_wsctl_loop_get_shared ();
  self->position_ns = self->last_ns = -1;
  self->distance_ns = FIRST_DISTANCE_NS;

  return self;
}

static void
note_distance_locked (GstWsctlGaps * self, gint64 begin_ns)
{
  gint64 distance_ns = CLAMP (begin_ns - self->last_ns, 0, MAX_DISTANCE_NS);

  if (self->last_ns >= 0)
    self->distance_ns += (distance_ns - self->distance_ns) / N_USUAL;
  self->last_ns = begin_ns;
}

static void
note_time_locked (GstWsctlGaps * self, GstBuffer * buffer,
    const GstSegment * segment)
{
  guint64 begin = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
  gdouble duration = GST_BUFFER_DURATION_IS_VALID (buffer)
      ? GST_BUFFER_DURATION (buffer) / ABS (segment->rate) : 0;

  if (begin == GST_CLOCK_TIME_NONE)
    return;

  note_distance_locked (self, begin);
  self->position_ns = (gint64) begin + (gint64) duration;
}

void
gst_wsctl_gaps_note (GstWsctlGaps * self, GstBuffer * buffer)
{
  GstSegment segment;
  gboolean known = GST_BUFFER_PTS_IS_VALID (buffer)
      && get_segment (self, &segment);

  g_mutex_lock (&self->lock);
  self->away = FALSE;
  if (known)
    note_time_locked (self, buffer, &segment);
  if (self->timer == NULL && !self->ended) {
    g_atomic_ref_count_inc (&self->refs);
    self->timer = gst_wsctl_loop_add_timer (self->loop, INTERVAL_MS, on_tick,
        self, unref_gaps);
  }
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_gaps_begin (GstWsctlGaps * self)
{
  g_mutex_lock (&self->lock);
  begin_locked (self);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_gaps_end (GstWsctlGaps * self)
{
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_cond_signal (&self->cond);
  gst_wsctl_loop_clear_timer (&self->timer);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_gaps_stop (GstWsctlGaps * self)
{
  GThread *thread;

  gst_wsctl_gaps_end (self);
  g_mutex_lock (&self->lock);
  thread = g_steal_pointer (&self->thread);
  g_mutex_unlock (&self->lock);
  if (thread != NULL)
    g_thread_join (thread);
}

void
gst_wsctl_gaps_free (GstWsctlGaps * self)
{
  g_assert (self->ended && self->thread == NULL);

  unref_gaps (self);
}
