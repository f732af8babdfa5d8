/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The bitrate on a path that becomes narrow, or loses packets: real elements and
 * a real server, in a short form of tests/bench/rate-rig-table. What is asserted
 * is how it behaves, with room for a machine that is busy.
 */

#include <gst/gst.h>

#include "rate-rig.h"
#include "testsupport.h"

#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)
#define MBIT 1000000

/* The way is so long that packets go again long after the last of libsrtp's
 * usual window. */
static void
test_repeats (void)
{
  static const RateLinkStep steps[] = {
    {0, 20 * MBIT}, {SECONDS (5), 0}
  };
  const RateRigSetup setup = {
    .policy = GST_WSCTL_RATE_POLICY_DISABLED,
    .params = {8 * MBIT, 8 * MBIT, 8 * MBIT},
    .steps = steps,.delay_ms = 120,.queue_bytes = 500000,.loss = 0.05,
  };
  g_autoptr (GArray) samples = rate_rig_run (&setup);
  gdouble sent_bps = rate_link_get_sent (samples, SECONDS (1), SECONDS (5));

  /* With what goes again, and at least half the frames in time */
  g_test_message ("%.0f kbit/s are sent", sent_bps / 1000);
  g_assert_cmpfloat (sent_bps, >, 4 * MBIT);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/rate-rig/repeats", test_repeats);

  return g_test_run ();
}
