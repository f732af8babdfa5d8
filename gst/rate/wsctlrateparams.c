/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlrateparams-private.h"

#define HOUR_MS 3600000.0

static const GstWsctlRateParamRow rows[] = {
  /**
   * wsctlsink:linear-stable-time:
   *
   * How long there must be no loss before `linear` goes up, in milliseconds.
   */
  {"linear-stable-time", "Linear: stable time",
        "Time without loss before linear goes up, in ms",
      FALSE, 1, HOUR_MS, 4000},
  /**
   * wsctlsink:linear-steps:
   *
   * `linear` goes up by this part of what is left to
   * #wsctlsink:max-bitrate: a half, by default. Each congestion makes the part
   * smaller, each step up larger again.
   */
  {"linear-steps", "Linear: steps",
        "Part of what is left to the maximum by which linear goes up",
      FALSE, 1, 1000, 2},
  /**
   * wsctlsink:grade-min-delay:
   *
   * The shortest time between two trials of `grade`, in milliseconds.
   */
  {"grade-min-delay", "Grade: minimum delay",
        "Shortest time between two trials of grade, in ms",
      FALSE, 1, HOUR_MS, 2500},
  /**
   * wsctlsink:grade-max-delay:
   *
   * The longest, to which failures lead.
   */
  {"grade-max-delay", "Grade: maximum delay",
        "Longest time between two trials of grade, in ms",
      FALSE, 1, HOUR_MS, 60000},
  /**
   * wsctlsink:grade-clean-loss:
   *
   * The share of loss, 0 to 1, under which `grade` tries more.
   */
  {"grade-clean-loss", "Grade: clean loss",
      "Share of loss under which grade tries more", TRUE, 0.0001, 1, 0.002},
  /**
   * wsctlsink:grade-bearable-loss:
   *
   * The share of loss from which on it goes back to what was stable.
   */
  {"grade-bearable-loss", "Grade: bearable loss",
      "Share of loss from which on grade goes down", TRUE, 0.0001, 1, 0.05},
  /**
   * wsctlsink:adaptive-max-queue:
   *
   * How long packets may stand in a queue before `adaptive` takes it for
   * congestion, in milliseconds. Jitter comes on top.
   */
  {"adaptive-max-queue", "Adaptive: maximum queue",
        "Time in a queue that is congestion to adaptive, in ms",
      FALSE, 20, 10000, 150},
  /**
   * wsctlsink:adaptive-drain-time:
   *
   * In which time a queue is to be empty again, in milliseconds.
   */
  {"adaptive-drain-time", "Adaptive: drain time",
        "Time in which adaptive wants to have emptied a queue, in ms",
      FALSE, 100, 60000, 1500},
  /**
   * wsctlsink:adaptive-growth:
   *
   * By which share of itself the bitrate goes up in a second, at most; twice
   * that while no bound is known.
   */
  {"adaptive-growth", "Adaptive: growth",
      "Share by which adaptive goes up in a second", TRUE, 0.01, 2, 0.2},
  /**
   * wsctlsink:adaptive-loss-excess:
   *
   * The share of loss beyond what is usual on the path that makes `adaptive`
   * send less for a moment, to see whether it is the reason.
   */
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
