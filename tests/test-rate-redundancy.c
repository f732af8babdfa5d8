/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How much loss an audio encoder is told of.
 */

#include "testsupport.h"
#include "wsctlrateredundancy-private.h"

#define PACKETS 50              /* a second */

/* @loss: in percent, for @seconds */
static guint
run (GstWsctlRateRedundancy * rate, guint loss, guint seconds)
{
  guint percent = rate->percent;
  guint i;

  for (i = 0; i < seconds; i++)
    percent = gst_wsctl_rate_redundancy_push (rate, rate->n_sent + PACKETS * 2,
        rate->n_lost + PACKETS * 2 * loss / 100);

  return percent;
}

static void
test_steps (void)
{
  static const struct
  {
    guint loss;
    guint percent;
  } cases[] = {
    {0, 0}, {2, 5}, {5, 5}, {7, 10}, {12, 15}, {18, 20}, {25, 30}, {100, 30},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstWsctlRateRedundancy rate = { 0, };

    g_assert_cmpuint (run (&rate, cases[i].loss, 60), ==, cases[i].percent);
  }
}

/* Up within seconds, down again, and no change for each little one in between. */
static void
test_up_and_down (void)
{
  GstWsctlRateRedundancy rate = { 0, };
  guint i;

  g_assert_cmpuint (run (&rate, 20, 5), >=, 15);
  run (&rate, 20, 30);
  for (i = 0; i < 20; i++)
    g_assert_cmpuint (run (&rate, 14 + i % 2 * 4, 1), ==, 20);
  g_assert_cmpuint (run (&rate, 0, 20), ==, 0);
}

/* Another track begins to count at 0; what was repaired is taken back. */
static void
test_counters (void)
{
  GstWsctlRateRedundancy rate = { 0, };
  guint percent = run (&rate, 20, 30);

  g_assert_cmpuint (gst_wsctl_rate_redundancy_push (&rate, 3, 0), ==, percent);
  g_assert_cmpuint (gst_wsctl_rate_redundancy_push (&rate, 3, 0), ==, percent);
  gst_wsctl_rate_redundancy_push (&rate, 103, -100);
  g_assert_cmpfloat (rate.loss, >=, 0.0);
}

static void
test_bitrate (void)
{
  GstWsctlRateRedundancy rate = { 0, };

  g_assert_cmpuint (gst_wsctl_rate_redundancy_get_bitrate (&rate, 64000), ==,
      64000);
  rate.percent = 10;
  g_assert_cmpuint (gst_wsctl_rate_redundancy_get_bitrate (&rate, 64000), ==,
      57600);
  rate.percent = 30;
  g_assert_cmpuint (gst_wsctl_rate_redundancy_get_bitrate (&rate, 20000), ==,
      16000);
  g_assert_cmpuint (gst_wsctl_rate_redundancy_get_bitrate (&rate, 8000), ==,
      8000);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/rate-redundancy/steps", test_steps);
  test_add ("/rate-redundancy/up-and-down", test_up_and_down);
  test_add ("/rate-redundancy/counters", test_counters);
  test_add ("/rate-redundancy/bitrate", test_bitrate);

  return g_test_run ();
}
