/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The policies beside each other on simulated links, as a table:
 *   ninja -C build && build/tests/rate-table
 */

#include "rate-link.h"

#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

static const RateLinkStep falling[] = {
  {0, 4000000}, {SECONDS (40), 1000000}, {SECONDS (80), 4000000},
  {SECONDS (120), 0}
};

static const RateLinkStep steady[] = {
  {0, 2500000}, {SECONDS (120), 0}
};

static const GstWsctlRatePolicy policies[] = {
  GST_WSCTL_RATE_POLICY_LINEAR, GST_WSCTL_RATE_POLICY_GRADE,
  GST_WSCTL_RATE_POLICY_ADAPTIVE
};

typedef gdouble (*Measure) (GArray * samples);

static gdouble
get_seconds (gint64 time_us)
{
  return time_us == G_MAXINT64 ? 99.0 : time_us / (gdouble) SECONDS (1);
}

static gdouble
measure_first_use (GArray * samples)
{
  return rate_link_get_use (samples, SECONDS (15), SECONDS (40)) * 100;
}

static gdouble
measure_fall (GArray * samples)
{
  return get_seconds (rate_link_get_fall_time (samples, SECONDS (40),
          SECONDS (80), 1000000));
}

static gdouble
measure_drain (GArray * samples)
{
  return get_seconds (rate_link_get_drain_time (samples, SECONDS (40),
          SECONDS (50), 150 * G_TIME_SPAN_MILLISECOND));
}

static gdouble
measure_low_use (GArray * samples)
{
  return rate_link_get_use (samples, SECONDS (45), SECONDS (80)) * 100;
}

static gdouble
measure_low_queue (GArray * samples)
{
  return rate_link_get_queue (samples, SECONDS (45), SECONDS (80)) / 1000.0;
}

static gdouble
measure_rise (GArray * samples)
{
  return get_seconds (rate_link_get_rise_time (samples, SECONDS (80),
          SECONDS (120), 0.85 * 4000000));
}

static gdouble
measure_steady_use (GArray * samples)
{
  return rate_link_get_use (samples, SECONDS (30), SECONDS (120)) * 100;
}

static gdouble
measure_steady_queue (GArray * samples)
{
  return rate_link_get_queue (samples, SECONDS (30), SECONDS (120)) / 1000.0;
}

typedef struct
{
  const gchar *name;
  const RateLinkStep *steps;
  gint64 interval_ms;
  guint queue_kb;
  gdouble loss;
  Measure measure;
} Row;

static const Row rows[] = {
  {"4 Mbit/s: use, %", falling, 100, 100, 0, measure_first_use},
  {"4 to 1: under the link after, s", falling, 100, 100, 0, measure_fall},
  {"4 to 1: queue under 150 ms after, s", falling, 100, 100, 0, measure_drain},
  {"1 Mbit/s: use, %", falling, 100, 100, 0, measure_low_use},
  {"1 Mbit/s: longest queue, ms", falling, 100, 100, 0, measure_low_queue},
  {"1 to 4: at 85 % after, s", falling, 100, 100, 0, measure_rise},
  {"... reports at 1 Hz: under the link, s", falling, 1000, 100, 0,
      measure_fall},
  {"... queue under 150 ms after, s", falling, 1000, 100, 0, measure_drain},
  {"... 1 Mbit/s: use, %", falling, 1000, 100, 0, measure_low_use},
  {"... 1 Mbit/s: longest queue, ms", falling, 1000, 100, 0,
      measure_low_queue},
  {"... at 85 % after, s", falling, 1000, 100, 0, measure_rise},
  {"2.5 Mbit/s: use, %", steady, 100, 100, 0, measure_steady_use},
  {"2.5 Mbit/s: longest queue, ms", steady, 100, 100, 0,
      measure_steady_queue},
  {"short queue: use, %", steady, 100, 10, 0, measure_steady_use},
  {"5 % loss: use, %", steady, 100, 100, 0.05, measure_steady_use},
  {"5 % loss, 1 Hz: use, %", steady, 1000, 100, 0.05, measure_steady_use},
  {"15 % loss: use, %", steady, 100, 100, 0.15, measure_steady_use},
};

static gdouble
run_row (const Row * row, GstWsctlRatePolicy policy)
{
  RateLinkSetup setup = {
    .policy = policy,
    .params = {200000, 2000000, 8000000},
    .steps = row->steps,
    .delay_us = 50 * G_TIME_SPAN_MILLISECOND,
    .queue_bytes = row->queue_kb * 1000,
    .loss = row->loss,
    .report_interval_us = row->interval_ms * G_TIME_SPAN_MILLISECOND,
    .server_reports = TRUE,
    .constraint = TRUE,
    .seed = 1,
  };
  g_autoptr (GArray) samples = rate_link_run (&setup, NULL);

  return row->measure (samples);
}

int
main (int argc, char **argv)
{
  guint i, j;

  g_print ("%-42s %10s %10s %10s\n", "", "linear", "grade", "adaptive");
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_print ("%-42s", rows[i].name);
    for (j = 0; j < G_N_ELEMENTS (policies); j++)
      g_print (" %10.1f", run_row (&rows[i], policies[j]));
    g_print ("\n");
  }

  return 0;
}
