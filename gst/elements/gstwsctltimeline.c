/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctltimeline.h"

#include <string.h>

/* What has been on its way for so long is not believed to be just late. */
#define MAX_LATENESS_NS ((gint64) GST_SECOND)

static void
append (GstWsctlTimeline * self, gint64 from_ns, gint64 media_ns, gdouble rate,
    gint64 offset_ns)
{
  GstWsctlSpan *span;

  /* What is that old has long been played. */
  if (self->n_spans == GST_WSCTL_TIMELINE_N_SPANS) {
    memmove (self->spans, self->spans + 1,
        (GST_WSCTL_TIMELINE_N_SPANS - 1) * sizeof (GstWsctlSpan));
    self->n_spans--;
  }

  self->behind = FALSE;
  span = &self->spans[self->n_spans++];
  span->id = ++self->last_id;
  span->from_ns = from_ns;
  span->media_ns = media_ns;
  span->rate = rate;
  span->offset_ns = offset_ns;
}

void
gst_wsctl_timeline_reset (GstWsctlTimeline * self, gint64 offset_ns)
{
  self->n_spans = 0;
  append (self, 0, 0, 1.0, offset_ns);
}

void
gst_wsctl_timeline_add (GstWsctlTimeline * self, gint64 from_ns,
    gint64 media_ns, gdouble rate, gint64 offset_ns)
{
  const GstWsctlSpan *last = gst_wsctl_timeline_get_last (self);

  append (self, MAX (from_ns, last->from_ns), media_ns, rate, offset_ns);
}

gboolean
gst_wsctl_timeline_correct (GstWsctlTimeline * self, gint64 now_ns,
    gint64 media_ns, gint64 tolerance_ns)
{
  const GstWsctlSpan *last = gst_wsctl_timeline_get_last (self);
  gint64 difference_ns = media_ns - gst_wsctl_span_get_media (last, now_ns);
  gboolean was_behind = self->behind;

  self->behind = difference_ns < -tolerance_ns;
  if (ABS (difference_ns) <= tolerance_ns)
    return FALSE;
  if (self->behind && !was_behind && difference_ns > -MAX_LATENESS_NS)
    return FALSE;

  gst_wsctl_timeline_add (self, now_ns, media_ns, last->rate, last->offset_ns);

  return TRUE;
}

const GstWsctlSpan *
gst_wsctl_timeline_get_last (const GstWsctlTimeline * self)
{
  g_assert (self->n_spans > 0);

  return &self->spans[self->n_spans - 1];
}

const GstWsctlSpan *
gst_wsctl_timeline_find (const GstWsctlTimeline * self, gint64 inner_ns)
{
  guint i;

  for (i = self->n_spans - 1; i > 0; i--) {
    if (self->spans[i].from_ns <= inner_ns)
      return &self->spans[i];
  }

  return &self->spans[0];
}

gint64
gst_wsctl_span_get_media (const GstWsctlSpan * span, gint64 inner_ns)
{
  gint64 media_ns = span->media_ns
      + (gint64) ((inner_ns - span->from_ns) * span->rate);

  return MAX (media_ns, 0);
}

/* The pipeline goes at its own pace whatever the rate: it is applied already. */
void
gst_wsctl_span_get_segment (const GstWsctlSpan * span, gint64 start_ns,
    GstSegment * segment)
{
  gint64 base_ns = start_ns + span->offset_ns;

  gst_segment_init (segment, GST_FORMAT_TIME);
  segment->applied_rate = span->rate;
  segment->start = start_ns;
  segment->position = start_ns;
  segment->time = gst_wsctl_span_get_media (span, start_ns);
  if (base_ns >= 0)
    segment->base = base_ns;
  else
    segment->offset = -base_ns;
}
