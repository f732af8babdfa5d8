/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The rendition policies beside each other on simulated links, as a table:
 *   ninja -C build && build/tests/rendition-table [--trace]
 */

#include <string.h>

#include "rendition-link.h"

#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

static const RenditionLinkStep falling[] = {
  {0, 5000000}, {SECONDS (20), 1500000}, {SECONDS (40), 600000},
  {SECONDS (60), 5000000}, {SECONDS (100), 0}
};

typedef struct
{
  const gchar *name;
  RenditionLinkSetup setup;
} Row;

static const Row rows[] = {
  {"key on demand", {0, falling, 0, 20000, 100000, 0, 60, TRUE, FALSE, 0, 1}},
  {"GOP of 1 s", {0, falling, 0, 20000, 100000, 0, 30, FALSE, FALSE, 0, 1}},
  {"GOP of 2 s", {0, falling, 0, 20000, 100000, 0, 60, FALSE, FALSE, 0, 1}},
  {"short queue", {0, falling, 0, 20000, 20000, 0, 60, TRUE, FALSE, 0, 1}},
  {"long queue", {0, falling, 0, 20000, 1000000, 0, 60, TRUE, FALSE, 0, 1}},
  {"2 % loss", {0, falling, 0, 20000, 100000, 0.02, 60, TRUE, FALSE, 0, 1}},
  {"paced", {0, falling, 0, 20000, 100000, 0, 60, TRUE, TRUE, 0, 1}},
};

static gdouble
get_seconds (gint64 time_us)
{
  return time_us == G_MAXINT64 ? 99.0 : time_us / (gdouble) SECONDS (1);
}

static void
trace (RenditionLinkResult * result)
{
  guint i;

  for (i = 0; i < result->samples->len; i++) {
    const RenditionLinkSample *sample =
        &g_array_index (result->samples, RenditionLinkSample, i);

    g_print ("  %5.1f s: rendition %u, queue %4d ms, capacity %6.2f Mbit/s\n",
        get_seconds (sample->time_us), sample->position,
        (gint) (sample->queue_us / 1000), sample->capacity_bps / 1e6);
  }
}

static void
run_row (const Row * row, GstWsctlRenditionPolicy policy, const gchar * name,
    gboolean traced)
{
  RenditionLinkSetup setup = row->setup;
  g_autoptr (RenditionLinkResult) result = NULL;

  setup.policy = policy;
  result = rendition_link_run (&setup);
  g_print ("%-16s %-9s %8.1f %8.1f %8.1f %8.1f %8u %8u\n", row->name, name,
      get_seconds (rendition_link_get_fall_time (result, SECONDS (20),
              SECONDS (40), 1)),
      get_seconds (rendition_link_get_fall_time (result, SECONDS (40),
              SECONDS (60), 2)),
      get_seconds (rendition_link_get_rise_time (result, SECONDS (60),
              SECONDS (100), 0)), result->frozen_us / 1e6, result->n_freezes,
      result->n_switches);
  if (traced)
    trace (result);
}

int
main (int argc, char **argv)
{
  gboolean traced = argc > 1 && strcmp (argv[1], "--trace") == 0;
  guint i;

  g_print ("%-16s %-9s %8s %8s %8s %8s %8s %8s\n", "5 1.5 0.6 5 Mbit/s", "",
      "1st s", "2nd s", "up s", "frozen s", "freezes", "switches");
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    run_row (&rows[i], GST_WSCTL_RENDITION_POLICY_LINEAR, "linear", FALSE);
    run_row (&rows[i], GST_WSCTL_RENDITION_POLICY_ADAPTIVE, "adaptive", traced);
  }

  return 0;
}
