/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The way back up after congestion: slowly near the rate at which the path was
 * full, fast below and beyond it (the curve of RFC 9438, in shares of that
 * rate). */
typedef struct
{
  gdouble full_bps;             /* with this the path was full; 0 unknown */
  gdouble share;                /* of it, where the curve begins */
  gint64 begin_us;
} GstWsctlRateCurve;

void gst_wsctl_rate_curve_begin (GstWsctlRateCurve * self, gint64 time_us,
    gdouble full_bps, gdouble bitrate_bps);
/* Time in which nothing could be learned does not count. */
void gst_wsctl_rate_curve_wait (GstWsctlRateCurve * self, gint64 step_us);
/* Only with a full rate that is known */
gdouble gst_wsctl_rate_curve_get (const GstWsctlRateCurve * self,
    gint64 time_us);

G_END_DECLS
