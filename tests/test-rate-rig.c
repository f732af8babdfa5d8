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
#define QUEUE_US (150 * G_TIME_SPAN_MILLISECOND)

/* So long the machine may stand still for it to be a measurement, and so often it
 * is tried to get one. */
#define MAX_STALL_US (60 * G_TIME_SPAN_MILLISECOND)
#define N_TRIES 3

/* NULL, and the test is skipped, when the machine gives no chance. */
static GArray *
measure (const RateRigSetup * setup)
{
  guint i;

  for (i = 0; i < N_TRIES; i++) {
    g_autoptr (GArray) samples = NULL;

    test_watchdog_restart ();
    samples = rate_rig_run (setup);
    g_test_message ("the machine stood still for %.0f ms",
        rate_rig_get_stall () / 1e3);
    if (rate_rig_get_stall () <= MAX_STALL_US)
      return g_steal_pointer (&samples);
  }
  g_test_skip ("the machine stands still, which looks like a queue");

  return NULL;
}

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

/* The way becomes narrow: less is sent, and what stood in the queue goes. */
static void
test_fall (void)
{
  static const RateLinkStep steps[] = {
    {0, 3 * MBIT}, {SECONDS (4), MBIT}, {SECONDS (14), 0}
  };
  const RateRigSetup setup = {
    .policy = GST_WSCTL_RATE_POLICY_ADAPTIVE,
    .params = {200000, 2 * MBIT, 8 * MBIT},
    .steps = steps,.delay_ms = 50,.queue_bytes = 100000,
  };
  g_autoptr (GArray) samples = measure (&setup);
  gint64 fall_us, drain_us;
  gdouble use;

  if (samples == NULL)
    return;

  fall_us = rate_link_get_fall_time (samples, SECONDS (4), SECONDS (14), MBIT);
  drain_us = rate_link_get_drain_time (samples, SECONDS (4), SECONDS (14),
      QUEUE_US);
  use = rate_link_get_use (samples, SECONDS (9), SECONDS (14));
  g_test_message ("under the link after %.1f s, short queue after %.1f s, then "
      "%.0f %% used", fall_us / 1e6, drain_us / 1e6, use * 100);
  g_assert_cmpint (fall_us, <=, SECONDS (4));
  g_assert_cmpint (drain_us, <=, SECONDS (8));
}

/* Loss that comes with the path is no reason to send less. */
static void
test_loss (void)
{
  static const RateLinkStep steps[] = {
    {0, 1500000}, {SECONDS (12), 0}
  };
  const RateRigSetup setup = {
    .policy = GST_WSCTL_RATE_POLICY_ADAPTIVE,
    .params = {200000, MBIT, 8 * MBIT},
    .steps = steps,.delay_ms = 50,.queue_bytes = 100000,.loss = 0.05,
  };
  g_autoptr (GArray) samples = measure (&setup);
  gdouble use;

  if (samples == NULL)
    return;

  use = rate_link_get_use (samples, SECONDS (5), SECONDS (12));
  g_test_message ("%.0f %% used", use * 100);
  g_assert_cmpfloat (use, >=, 0.4);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/rate-rig/repeats", test_repeats);
  test_add ("/rate-rig/fall", test_fall);
  test_add ("/rate-rig/loss", test_loss);

  return g_test_run ();
}
