/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlratecurve-private.h"

#include <math.h>

#define STEEPNESS 0.004

void
gst_wsctl_rate_curve_begin (GstWsctlRateCurve * self, gint64 time_us,
    gdouble full_bps, gdouble bitrate_bps)
{
  self->full_bps = full_bps;
  self->begin_us = time_us;
  self->share = full_bps > 0 ? MIN (bitrate_bps / full_bps, 1.0) : 1.0;
}

void
gst_wsctl_rate_curve_wait (GstWsctlRateCurve * self, gint64 step_us)
{
  self->begin_us += step_us;
}

gdouble
gst_wsctl_rate_curve_get (const GstWsctlRateCurve * self, gint64 time_us)
{
  gdouble flat_s = cbrt ((1.0 - self->share) / STEEPNESS);
  gdouble s = (time_us - self->begin_us) / (gdouble) G_USEC_PER_SEC - flat_s;

  return self->full_bps * (1.0 + STEEPNESS * s * s * s);
}
