/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The rendition policies beside each other on a real path: wsctlsrc and
 * wsctl-server with a link of 5, 1.5, 0.6 and again 5 Mbit/s between them, in
 * real time. Under four minutes:
 *   GST_PLUGIN_PATH=build/gst build/tests/bench/rendition-rig-table [--verbose] [--ours]
 */

#include <gst/gst.h>
#include <string.h>

#include "rendition-rig.h"

#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

static const RenditionLinkStep steps[] = {
  {0, 5000000}, {SECONDS (20), 1500000}, {SECONDS (40), 600000},
  {SECONDS (60), 5000000}, {SECONDS (100), 0}
};

static const struct
{
  GstWsctlRenditionPolicy policy;
  const gchar *name;
} policies[] = {
  {GST_WSCTL_RENDITION_POLICY_LINEAR, "linear"},
  {GST_WSCTL_RENDITION_POLICY_ADAPTIVE, "adaptive"},
};

static gdouble
get_seconds (gint64 time_us)
{
  return time_us == G_MAXINT64 ? 99.0 : time_us / (gdouble) SECONDS (1);
}

static void
run (guint i, gboolean verbose)
{
  RenditionRigSetup setup = {
    .policy = policies[i].policy,
    .steps = steps,
    .delay_ms = 20,
    .queue_bytes = 100000,
    .verbose = verbose,
  };
  g_autoptr (RenditionLinkResult) result = rendition_rig_run (&setup);

  g_print ("%-18s %10.1f %10.1f %10.1f %10.2f %8u %8u\n", policies[i].name,
      get_seconds (rendition_link_get_fall_time (result, SECONDS (20),
              SECONDS (40), 1)),
      get_seconds (rendition_link_get_fall_time (result, SECONDS (40),
              SECONDS (60), 2)),
      get_seconds (rendition_link_get_rise_time (result, SECONDS (60),
              SECONDS (100), 0)), result->frozen_us / 1e6, result->n_freezes,
      result->n_switches);
}

int
main (int argc, char **argv)
{
  gboolean verbose = argc > 1 && strcmp (argv[1], "--verbose") == 0;
  gboolean ours = argc > 1 && strcmp (argv[argc - 1], "--ours") == 0;
  guint i;

  gst_init (&argc, &argv);

  g_print ("%-18s %10s %10s %10s %10s %8s %8s\n", "5 1.5 0.6 5 Mbit/s",
      "to 1.5, s", "to 0.6, s", "to 5, s", "frozen, s", "freezes", "switches");
  for (i = ours ? 1 : 0; i < G_N_ELEMENTS (policies); i++)
    run (i, verbose);

  return 0;
}
