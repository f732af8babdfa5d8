/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The policies with other numbers than their own
 */

#include "rate-link.h"
#include "testsupport.h"

#define MS(n) ((n) * G_TIME_SPAN_MILLISECOND)
#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

static void
push_loss (GstWsctlRate * rate, gint64 time_us, gdouble loss)
{
  GstWsctlRateServerReport report = { loss, -1, -1, -1 };

  gst_wsctl_rate_push_server_report (rate, time_us, &report);
}

/* The same rules with other numbers */
static void
test_params (void)
{
  GstWsctlRateParams other = { 200000, 2000000, 3000000, {0,} };
  g_autoptr (GstWsctlRate) linear = NULL;
  g_autoptr (GstWsctlRate) grade = NULL;
  guint i;

  other.values[GST_WSCTL_RATE_LINEAR_STABLE_TIME] = 1000;
  other.values[GST_WSCTL_RATE_LINEAR_STEPS] = 4;
  other.values[GST_WSCTL_RATE_GRADE_MIN_DELAY] = 1000;
  other.values[GST_WSCTL_RATE_GRADE_CLEAN_LOSS] = 0.2;
  linear = gst_wsctl_rate_new (GST_WSCTL_RATE_POLICY_LINEAR, &other);
  grade = gst_wsctl_rate_new (GST_WSCTL_RATE_POLICY_GRADE, &other);
  for (i = 1; i <= 2; i++) {
    push_loss (linear, SECONDS (i), 0);
    push_loss (grade, SECONDS (i), 0.1);
  }
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (linear), ==, 2250000);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (grade), ==, 2100000);

  /* One that was set to nothing is as if it had not been. */
  g_assert_cmpint (gst_wsctl_rate_params_get_us (&other,
          GST_WSCTL_RATE_ADAPTIVE_MAX_QUEUE), ==, MS (150));
}

/* Who wants shorter queues has shorter queues. */
static void
test_adaptive_params (void)
{
  static const RateLinkStep steady[] = {
    {0, 2500000}, {SECONDS (90), 0}
  };
  RateLinkSetup setup = {
    .policy = GST_WSCTL_RATE_POLICY_ADAPTIVE,
    .params = {200000, 2000000, 8000000, {0,}},
    .steps = steady,.delay_us = MS (50),.queue_bytes = 100000,
    .report_interval_us = MS (100),.seed = 1,
  };
  g_autoptr (GArray) usual = rate_link_run (&setup, NULL);
  g_autoptr (GArray) samples = NULL;
  gdouble slow, quick;

  setup.params.values[GST_WSCTL_RATE_ADAPTIVE_MAX_QUEUE] = 60;
  samples = rate_link_run (&setup, NULL);
  g_assert_cmpint (rate_link_get_queue (samples, SECONDS (15), SECONDS (90)),
      <, rate_link_get_queue (usual, SECONDS (15), SECONDS (90)));

  setup.params.values[GST_WSCTL_RATE_ADAPTIVE_GROWTH] = 0.02;
  g_clear_pointer (&samples, g_array_unref);
  samples = rate_link_run (&setup, NULL);
  slow = rate_link_get_sent (samples, SECONDS (1), SECONDS (3));
  quick = rate_link_get_sent (usual, SECONDS (1), SECONDS (3));
  g_assert_cmpfloat (slow, <, quick);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/rate-params/rules", test_params);
  test_add ("/rate-params/adaptive", test_adaptive_params);

  return g_test_run ();
}
