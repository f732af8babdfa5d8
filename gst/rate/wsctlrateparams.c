/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlrateparams-private.h"

#define HOUR_MS 3600000.0

static const GstWsctlRateParamRow rows[] = {
  {"linear-stable-time", "Linear: stable time",
        "Time without loss before linear goes up, in ms",
      FALSE, 1, HOUR_MS, 4000},
  {"linear-steps", "Linear: steps",
        "Part of what is left up to the maximum that linear goes up by, at first",
      FALSE, 1, 1000, 2},
  {"grade-min-delay", "Grade: minimum delay",
        "Shortest time between two trials of grade, in ms",
      FALSE, 1, HOUR_MS, 2500},
  {"grade-max-delay", "Grade: maximum delay",
        "Longest time between two trials of grade, in ms",
      FALSE, 1, HOUR_MS, 60000},
  {"grade-clean-loss", "Grade: clean loss",
      "Share of loss under which grade tries more", TRUE, 0.0001, 1, 0.002},
  {"grade-bearable-loss", "Grade: bearable loss",
      "Share of loss from which on grade goes down", TRUE, 0.0001, 1, 0.05},
  {"adaptive-max-queue", "Adaptive: maximum queue",
        "Time in a queue that is congestion to adaptive, in ms",
      FALSE, 20, 10000, 150},
  {"adaptive-drain-time", "Adaptive: drain time",
        "Time in which adaptive wants to have emptied a queue, in ms",
      FALSE, 100, 60000, 1500},
  {"adaptive-growth", "Adaptive: growth",
      "Share by which adaptive goes up in a second", TRUE, 0.01, 2, 0.2},
  {"adaptive-loss-excess", "Adaptive: loss excess",
        "Share of loss beyond the usual that makes adaptive try out less",
      TRUE, 0.001, 1, 0.06},
};

G_STATIC_ASSERT (G_N_ELEMENTS (rows) == GST_WSCTL_RATE_N_PARAMS);

const GstWsctlRateParamRow *
gst_wsctl_rate_param_get_row (GstWsctlRateParam param)
{
  return &rows[param];
}

gdouble
gst_wsctl_rate_params_get (const GstWsctlRateParams * self,
    GstWsctlRateParam param)
{
  return self->values[param] > 0 ? self->values[param] : rows[param].standard;
}

gint64
gst_wsctl_rate_params_get_us (const GstWsctlRateParams * self,
    GstWsctlRateParam param)
{
  return gst_wsctl_rate_params_get (self, param) * G_TIME_SPAN_MILLISECOND;
}
