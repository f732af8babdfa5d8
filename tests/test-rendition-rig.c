/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A link that gets narrow and wide again, with the real thing on it. How quick
 * it is depends on the machine, and is for tests/bench/rendition-rig-table.
 */

#include <gst/gst.h>

#include "rendition-rig.h"
#include "testsupport.h"

#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

static const RenditionLinkStep steps[] = {
  {0, 5000000}, {SECONDS (8), 600000}, {SECONDS (16), 5000000},
  {SECONDS (32), 0}
};

static void
test_link (void)
{
  RenditionRigSetup setup = {
    .policy = GST_WSCTL_RENDITION_POLICY_ADAPTIVE,
    .steps = steps,
    .delay_ms = 20,
    .queue_bytes = 100000,
  };
  g_autoptr (RenditionLinkResult) result = NULL;

  /* It takes as long as it takes. */
  test_watchdog_stop ();
  test_watchdog_start (120000);
  result = rendition_rig_run (&setup);
  g_test_message ("%u switches, %u freezes of %.1f s together",
      result->n_switches, result->n_freezes, result->frozen_us / 1e6);
  g_assert_cmpint (rendition_link_get_rise_time (result, 0, SECONDS (8), 0),
      !=, G_MAXINT64);
  g_assert_cmpint (rendition_link_get_fall_time (result, SECONDS (8),
          SECONDS (16), 2), !=, G_MAXINT64);
  g_assert_cmpint (rendition_link_get_rise_time (result, SECONDS (16),
          SECONDS (32), 0), !=, G_MAXINT64);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/rendition/rig/link", test_link);

  return g_test_run ();
}
