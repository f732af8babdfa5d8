/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlgaps.h"

GST_DEBUG_CATEGORY_STATIC (wsctlgaps_debug);
#define GST_CAT_DEFAULT wsctlgaps_debug

/* Often enough for a sink to be ready at once, seldom enough to cost nothing */
#define INTERVAL_US (100 * G_TIME_SPAN_MILLISECOND)

struct _GstWsctlGaps
{
  GstPad *pad;
  GstElement *element;
  GThread *thread;
  GstClockTime position;        /* the thread only */

  GMutex lock;
  GCond cond;
  gboolean ended;               /* lock */
};

static GstClockTime
get_running_time (GstElement * element)
{
  /* Before that, the base time is of another life. */
  if (GST_STATE (element) != GST_STATE_PLAYING)
    return GST_CLOCK_TIME_NONE;

  return gst_element_get_current_running_time (element);
}

/* NONE when nothing has been sent yet, so that there is no gap in anything. */
static GstClockTime
get_position (GstWsctlGaps * self)
{
  GstClockTime running_time = get_running_time (self->element);
  GstEvent *event = gst_pad_get_sticky_event (self->pad, GST_EVENT_SEGMENT, 0);
  GstClockTime position = GST_CLOCK_TIME_NONE;
  const GstSegment *segment;

  if (event == NULL)
    return GST_CLOCK_TIME_NONE;

  gst_event_parse_segment (event, &segment);
  if (segment->format == GST_FORMAT_TIME
      && GST_CLOCK_TIME_IS_VALID (running_time))
    position = gst_segment_position_from_running_time (segment,
        GST_FORMAT_TIME, running_time);
  gst_event_unref (event);

  return position;
}

static void
push_gap (GstWsctlGaps * self)
{
  GstClockTime now = get_position (self);
  GstClockTime from = GST_CLOCK_TIME_IS_VALID (self->position)
      ? self->position : now;

  if (!GST_CLOCK_TIME_IS_VALID (now) || now < from)
    return;

  GST_LOG_OBJECT (self->pad, "gap from %" GST_TIME_FORMAT " to %"
      GST_TIME_FORMAT, GST_TIME_ARGS (from), GST_TIME_ARGS (now));
  gst_pad_push_event (self->pad, gst_event_new_gap (from, now - from));
  self->position = now;
}

/* FALSE: it has ended. */
static gboolean
wait_for_next (GstWsctlGaps * self)
{
  gint64 end_us = g_get_monotonic_time () + INTERVAL_US;
  gboolean more;

  g_mutex_lock (&self->lock);
  while (!self->ended && g_cond_wait_until (&self->cond, &self->lock, end_us));
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

GstWsctlGaps *
gst_wsctl_gaps_start (GstPad * pad, GstElement * element, GstClockTime position)
{
  GstWsctlGaps *self = g_new0 (GstWsctlGaps, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlgaps_debug, "wsctlgaps", 0,
      "WebRTC WebSocket control: gaps while a stream is away");

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->pad = gst_object_ref (pad);
  self->element = gst_object_ref (element);
  self->position = position;
  self->thread = g_thread_new ("wsctl-gaps", run, self);

  return self;
}

void
gst_wsctl_gaps_end (GstWsctlGaps * self)
{
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

GstClockTime
gst_wsctl_gaps_free (GstWsctlGaps * self)
{
  GstClockTime position;

  gst_wsctl_gaps_end (self);
  g_thread_join (self->thread);
  position = self->position;
  gst_object_unref (self->pad);
  gst_object_unref (self->element);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);

  return position;
}
