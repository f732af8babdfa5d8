/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What time of the stream a packet is of. Packets carry nothing of that: their
 * times go on evenly, whatever is played and however fast. The server says over
 * the socket where it is. Pure; not locked.
 *
 * "Inner" is the running time of webrtcbin, which runs on in a pause; "outer" is
 * that of the pipeline, which stands still. Nanoseconds, both. */

/* From an inner time on, until the next one */
typedef struct
{
  guint id;                     /* rises; 0: none yet */
  gint64 from_ns;               /* inner; this time … */
  gint64 media_ns;              /* … shows this time of the stream, */
  gdouble rate;                 /* which goes so fast, */
  gint64 offset_ns;             /* and is outer time when this is added */
} GstWsctlSpan;

#define GST_WSCTL_TIMELINE_N_SPANS 8

typedef struct
{
  GstWsctlSpan spans[GST_WSCTL_TIMELINE_N_SPANS];       /* oldest first */
  guint n_spans;
  guint last_id;
  gboolean behind;              /* it was said so, once */
} GstWsctlTimeline;

/* Begins anew, with one span for all times. Its numbers go on. */
void gst_wsctl_timeline_reset (GstWsctlTimeline * self, gint64 offset_ns);
/* From @from_ns on, or from the start of the last span if that is later */
void gst_wsctl_timeline_add (GstWsctlTimeline * self, gint64 from_ns,
    gint64 media_ns, gdouble rate, gint64 offset_ns);
/* The stream is said to be at @media_ns now. TRUE when that was not so by more
 * than @tolerance_ns, and a span for it was added. Words that were slow on their
 * way say less than is true: that it is behind has to be said twice. */
gboolean gst_wsctl_timeline_correct (GstWsctlTimeline * self, gint64 now_ns,
    gint64 media_ns, gint64 tolerance_ns);

/* Transfer none; valid until something is added */
const GstWsctlSpan *gst_wsctl_timeline_get_last (const GstWsctlTimeline * self);
const GstWsctlSpan *gst_wsctl_timeline_find (const GstWsctlTimeline * self,
    gint64 inner_ns);
/* Never negative */
gint64 gst_wsctl_span_get_media (const GstWsctlSpan * span, gint64 inner_ns);
/* For buffers of @span, the first of which is of @start_ns */
void gst_wsctl_span_get_segment (const GstWsctlSpan * span, gint64 start_ns,
    GstSegment * segment);

G_END_DECLS
