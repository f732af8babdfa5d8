/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The policies alone, and on simulated links. Nothing here takes real time.
 */

#include <math.h>

#include "rate-link.h"
#include "testsupport.h"
#include "wsctlratelimiter-private.h"

#define MS(n) ((n) * G_TIME_SPAN_MILLISECOND)
#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)
#define N_SEEDS 3

static const GstWsctlRateParams params = { 200000, 2000000, 8000000 };

static const RateLinkStep steady[] = {
  {0, 2500000}, {SECONDS (90), 0}
};

/* How often reports come, and how that falls together with the change */
static const gint64 intervals_us[] = { MS (100), MS (250), MS (1000) };

static RateLinkSetup
make_setup (const RateLinkStep * steps)
{
  RateLinkSetup setup = {
    .policy = GST_WSCTL_RATE_POLICY_ADAPTIVE,
    .params = params,
    .steps = steps,
    .delay_us = MS (50),
    .queue_bytes = 100000,
    .report_interval_us = MS (100),
    .server_reports = TRUE,
    .constraint = TRUE,
    .seed = 1,
  };

  return setup;
}

static void
test_limiter (void)
{
  GstWsctlRateLimiter limiter = { 0, 0 };

  g_assert_true (gst_wsctl_rate_limiter_pass (&limiter, MS (1000), 1000000,
          FALSE));
  g_assert_false (gst_wsctl_rate_limiter_pass (&limiter, MS (1499), 500000,
          FALSE));
  g_assert_true (gst_wsctl_rate_limiter_pass (&limiter, MS (1500), 500000,
          FALSE));
  /* A trifle is not worth a command, unless it is the last bit to a bound. */
  g_assert_false (gst_wsctl_rate_limiter_pass (&limiter, MS (2500), 509000,
          FALSE));
  g_assert_true (gst_wsctl_rate_limiter_pass (&limiter, MS (2500), 509000,
          TRUE));
  g_assert_false (gst_wsctl_rate_limiter_pass (&limiter, MS (3500), 509000,
          TRUE));
}

static void
test_bounds (void)
{
  GstWsctlRateParams odd = { 900000, 100000, 500000 };
  GstWsctlRateServerReport bad = { 1.0, 100, 100, 0 };
  guint policy, i;

  for (policy = GST_WSCTL_RATE_POLICY_DISABLED;
      policy <= GST_WSCTL_RATE_POLICY_ADAPTIVE; policy++) {
    g_autoptr (GstWsctlRate) rate = gst_wsctl_rate_new (policy, &params);
    g_autoptr (GstWsctlRate) strange = gst_wsctl_rate_new (policy, &odd);
    guint bps = 0;

    g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, params.start_bps);
    g_assert_cmpuint (gst_wsctl_rate_get_wanted (strange), ==, odd.max_bps);
    g_assert_true (gst_wsctl_rate_take (rate, SECONDS (1), &bps));
    g_assert_cmpuint (bps, ==, params.start_bps);

    for (i = 1; i < 100; i++)
      gst_wsctl_rate_push_server_report (rate, SECONDS (i), &bad);
    g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), >=, params.min_bps);
    g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), <=, params.max_bps);
    if (policy == GST_WSCTL_RATE_POLICY_DISABLED)
      g_assert_false (gst_wsctl_rate_take (rate, SECONDS (200), &bps));
  }
}

static void
push_loss (GstWsctlRate * rate, gint64 time_us, gdouble loss)
{
  GstWsctlRateServerReport report = { loss, -1, -1, -1 };

  gst_wsctl_rate_push_server_report (rate, time_us, &report);
}

/* Of JSON, any that fits */
static gint64
make_number (GRand * rand)
{
  static const gint64 odd[] = { -1, 0, 1, G_MININT64, G_MAXINT64 };
  gint choice = g_rand_int_range (rand, 0, 2 * G_N_ELEMENTS (odd));

  return choice < G_N_ELEMENTS (odd) ? odd[choice] : g_rand_int (rand);
}

/* Of RTCP, 32 bits at the most; -1 where there is none */
static gint64
make_word (GRand * rand)
{
  static const gint64 odd[] = { -1, 0, 1, G_MAXUINT32 };
  gint choice = g_rand_int_range (rand, 0, 2 * G_N_ELEMENTS (odd));

  return choice < G_N_ELEMENTS (odd) ? odd[choice] : g_rand_int (rand);
}

static gdouble
make_fraction (GRand * rand)
{
  static const gdouble odd[] = { -1, 0, 1, 1e300, -1e300, NAN, INFINITY };

  return odd[g_rand_int_range (rand, 0, G_N_ELEMENTS (odd))];
}

/* Whatever comes from the network, the bitrate is within its bounds. */
static void
test_garbage (void)
{
  guint policy, i;

  for (policy = GST_WSCTL_RATE_POLICY_DISABLED;
      policy <= GST_WSCTL_RATE_POLICY_ADAPTIVE; policy++) {
    g_autoptr (GstWsctlRate) rate = gst_wsctl_rate_new (policy, &params);
    g_autoptr (GRand) rand = g_rand_new_with_seed (policy);

    for (i = 0; i < 100000; i++) {
      const GstWsctlRateReport report = {
        make_word (rand), make_word (rand), make_word (rand), make_word (rand),
        make_word (rand), make_word (rand), make_word (rand), make_word (rand)
      };
      const GstWsctlRateServerReport server_report = {
        make_fraction (rand), make_number (rand), make_number (rand),
        make_number (rand)
      };
      const gint64 time_us = SECONDS (2) + i * MS (20);

      gst_wsctl_rate_push_report (rate, time_us, &report);
      gst_wsctl_rate_push_server_report (rate, time_us, &server_report);
      if (i % 10 == 0) {
        gst_wsctl_rate_push_constraint (rate, time_us, make_number (rand),
            make_number (rand));
        gst_wsctl_rate_push_remb (rate, time_us, make_number (rand));
      }
      gst_wsctl_rate_tick (rate, time_us, make_word (rand));
      g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), >=, params.min_bps);
      g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), <=, params.max_bps);
    }
  }
}

static void
test_linear (void)
{
  GstWsctlRateParams ceeblue = { 200000, 2000000, 3000000 };
  g_autoptr (GstWsctlRate) rate =
      gst_wsctl_rate_new (GST_WSCTL_RATE_POLICY_LINEAR, &ceeblue);
  guint i;

  /* Four quiet seconds: half of what is left. */
  for (i = 1; i <= 4; i++)
    push_loss (rate, SECONDS (i), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 2000000);
  push_loss (rate, SECONDS (5), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 2500000);

  /* Loss, loss that gets less, and loss that does not */
  push_loss (rate, SECONDS (6), 0.2);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 2000000);
  push_loss (rate, SECONDS (7), 0.1);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 2000000);
  push_loss (rate, SECONDS (8), 0.1);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 1800000);

  /* Two congestions: a fourth of what is left. */
  for (i = 9; i <= 12; i++)
    push_loss (rate, SECONDS (i), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 2100000);

  gst_wsctl_rate_push_constraint (rate, SECONDS (13), 2100000, 1500000);
  push_loss (rate, SECONDS (13), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 1500000);
}

static void
test_grade (void)
{
  GstWsctlRateParams ceeblue = { 200000, 2000000, 3000000 };
  g_autoptr (GstWsctlRate) rate =
      gst_wsctl_rate_new (GST_WSCTL_RATE_POLICY_GRADE, &ceeblue);
  guint bps, before_bps;
  guint i;

  g_assert_true (gst_wsctl_rate_take (rate, SECONDS (1), &bps));
  gst_wsctl_rate_push_constraint (rate, SECONDS (1), 2000000, 2000000);
  for (i = 1; i <= 4; i++)
    push_loss (rate, SECONDS (i), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 2100000);

  /* The first fall of the constraint halves. */
  g_assert_true (gst_wsctl_rate_take (rate, SECONDS (5), &bps));
  gst_wsctl_rate_push_constraint (rate, SECONDS (5), 2100000, 2100000);
  push_loss (rate, SECONDS (5), 0);
  gst_wsctl_rate_push_constraint (rate, SECONDS (6), 2100000, 1995000);
  push_loss (rate, SECONDS (6), 0.1);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, 1050000);

  /* Announced, it is the new constraint, which is no fall. */
  g_assert_true (gst_wsctl_rate_take (rate, SECONDS (7), &bps));
  gst_wsctl_rate_push_constraint (rate, SECONDS (7), 1050000, 1050000);
  before_bps = gst_wsctl_rate_get_wanted (rate);
  push_loss (rate, SECONDS (7), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), ==, before_bps);
  for (i = 8; i <= 20; i++)
    push_loss (rate, SECONDS (i), 0);
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), >, before_bps);
}

static void
assert_falls_and_rises (const RateLinkSetup * setup, gint64 fall_us,
    gint64 rise_us)
{
  g_autoptr (GArray) samples = rate_link_run (setup, NULL);
  gint64 fall, drain, rise;
  gdouble first_use, low_use;

  fall = rate_link_get_fall_time (samples, fall_us, rise_us, 1000000);
  drain = rate_link_get_drain_time (samples, fall_us, rise_us, MS (150));
  rise = rate_link_get_rise_time (samples, rise_us, rise_us + SECONDS (30),
      4000000 * 0.85);
  first_use = rate_link_get_use (samples, SECONDS (15), fall_us);
  low_use = rate_link_get_use (samples, fall_us + SECONDS (5), rise_us);
  g_test_message ("reports each %" G_GINT64_FORMAT " ms: under the link after "
      "%" G_GINT64_FORMAT " ms, queue gone after %" G_GINT64_FORMAT " ms, up "
      "after %" G_GINT64_FORMAT " ms, use %.2f and %.2f",
      setup->report_interval_us / MS (1), fall / MS (1), drain / MS (1),
      rise / MS (1), first_use, low_use);

  g_assert_cmpint (fall, <=, SECONDS (2));
  g_assert_cmpint (drain, <=, SECONDS (4));
  g_assert_cmpint (rise, <=, SECONDS (15));
  g_assert_cmpfloat (first_use, >=, 0.85);
  g_assert_cmpfloat (low_use, >=, 0.85);
}

/* 4, 1, 4 Mbit/s: with reports that come often and seldom, and changes at all
 * times between two of them */
static void
test_fall_and_rise (void)
{
  guint i, phase, seed;

  for (i = 0; i < G_N_ELEMENTS (intervals_us); i++) {
    for (phase = 0; phase < 10; phase++) {
      gint64 fall_us = SECONDS (40) + phase * intervals_us[i] / 10;
      gint64 rise_us = SECONDS (80) + phase * intervals_us[i] / 10;
      RateLinkStep steps[] = {
        {0, 4000000}, {fall_us, 1000000}, {rise_us, 4000000},
        {SECONDS (115), 0}
      };
      RateLinkSetup setup = make_setup (steps);

      setup.report_interval_us = intervals_us[i];
      for (seed = 1; seed <= N_SEEDS; seed++) {
        setup.seed = seed;
        assert_falls_and_rises (&setup, fall_us, rise_us);
      }
    }
  }
}

static void
assert_use (const RateLinkSetup * setup, gdouble least)
{
  guint n_changes;
  g_autoptr (GArray) samples = rate_link_run (setup, &n_changes);
  gdouble use = rate_link_get_use (samples, SECONDS (20), SECONDS (90));

  g_test_message ("reports each %" G_GINT64_FORMAT " ms, %.0f %% loss: use "
      "%.2f, %u changes", setup->report_interval_us / MS (1),
      setup->loss * 100, use, n_changes);
  g_assert_cmpfloat (use, >=, least);
  /* Twice a second at most */
  g_assert_cmpuint (n_changes, <=, 181);
}

static void
test_steady (void)
{
  RateLinkSetup setup = make_setup (steady);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (intervals_us); i++) {
    setup.report_interval_us = intervals_us[i];
    for (setup.seed = 1; setup.seed <= N_SEEDS; setup.seed++)
      assert_use (&setup, 0.85);
  }
}

/* Random loss is no congestion, whatever the server makes of it. */
static void
test_random_loss (void)
{
  RateLinkSetup setup = make_setup (steady);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (intervals_us); i++) {
    setup.report_interval_us = intervals_us[i];
    for (setup.seed = 1; setup.seed <= N_SEEDS; setup.seed++) {
      setup.loss = 0.05;
      assert_use (&setup, 0.75);
      setup.loss = 0.15;
      assert_use (&setup, 0.55);
    }
  }
}

/* A queue too short to be seen in time: loss is all there is. */
static void
test_short_queue (void)
{
  RateLinkSetup setup = make_setup (steady);

  setup.queue_bytes = 10000;
  assert_use (&setup, 0.7);
}

/* No receiver reports at all: the server's are used. */
static void
test_server_reports_only (void)
{
  RateLinkSetup setup = make_setup (steady);
  g_autoptr (GArray) samples = NULL;

  setup.report_interval_us = 0;
  setup.queue_bytes = 30000;
  samples = rate_link_run (&setup, NULL);
  g_assert_cmpfloat (rate_link_get_use (samples, SECONDS (20), SECONDS (90)),
      >=, 0.7);
  g_assert_cmpfloat (rate_link_get_sent (samples, SECONDS (20), SECONDS (90)),
      <=, 3000000);
}

/* 100 ms more for ever are no queue. */
static void
test_longer_way (void)
{
  RateLinkSetup setup = make_setup (steady);
  g_autoptr (GArray) samples = NULL;

  setup.longer_from_us = SECONDS (30);
  setup.longer_us = MS (50);
  samples = rate_link_run (&setup, NULL);
  g_assert_cmpfloat (rate_link_get_use (samples, SECONDS (45), SECONDS (90)),
      >=, 0.8);
}

/* Radio, and the other side of the world */
static void
test_odd_ways (void)
{
  RateLinkSetup setup = make_setup (steady);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (intervals_us); i++) {
    setup.report_interval_us = intervals_us[i];
    for (setup.seed = 1; setup.seed <= N_SEEDS; setup.seed++) {
      setup.delay_us = MS (50);
      setup.jitter_us = MS (40);
      assert_use (&setup, 0.75);
      setup.delay_us = MS (200);
      setup.jitter_us = 0;
      assert_use (&setup, 0.8);
      setup.delay_us = MS (2);
      assert_use (&setup, 0.85);
    }
  }
}

/* What the server allows at most, and what a REMB says */
static void
test_limits (void)
{
  RateLinkSetup setup = make_setup (steady);
  g_autoptr (GArray) limited = NULL;
  g_autoptr (GArray) estimated = NULL;

  setup.limit_bps = 1000000;
  limited = rate_link_run (&setup, NULL);
  g_assert_cmpfloat (rate_link_get_sent (limited, SECONDS (10), SECONDS (90)),
      <=, 1050000);
  g_assert_cmpfloat (rate_link_get_sent (limited, SECONDS (10), SECONDS (90)),
      >=, 900000);

  setup.limit_bps = 0;
  setup.remb_bps = 700000;
  estimated = rate_link_run (&setup, NULL);
  g_assert_cmpfloat (rate_link_get_sent (estimated, SECONDS (10),
          SECONDS (90)), <=, 800000);
  g_assert_cmpfloat (rate_link_get_sent (estimated, SECONDS (10),
          SECONDS (90)), >=, 600000);
}

/* An encoder that needs less says nothing of the path: no run-away. */
static void
test_idle_encoder (void)
{
  RateLinkSetup setup = make_setup (steady);
  g_autoptr (GArray) samples = NULL;

  setup.use = 0.3;
  samples = rate_link_run (&setup, NULL);
  g_assert_cmpuint (g_array_index (samples, RateLinkSample,
          samples->len - 1).wanted_bps, ==, params.start_bps);
}

/* Some encoders make more than they are told to. */
static void
test_eager_encoder (void)
{
  static const RateLinkStep steps[] = {
    {0, 4000000}, {SECONDS (40), 1000000}, {SECONDS (80), 4000000},
    {SECONDS (115), 0}
  };
  RateLinkSetup setup = make_setup (steps);
  guint i;

  setup.use = 1.2;
  for (i = 0; i < G_N_ELEMENTS (intervals_us); i++) {
    g_autoptr (GArray) samples = NULL;

    setup.report_interval_us = intervals_us[i];
    samples = rate_link_run (&setup, NULL);
    g_test_message ("reports each %" G_GINT64_FORMAT " ms: use %.2f, longest "
        "queue %" G_GINT64_FORMAT " ms", intervals_us[i] / MS (1),
        rate_link_get_use (samples, SECONDS (45), SECONDS (80)),
        rate_link_get_queue (samples, SECONDS (45), SECONDS (80)) / MS (1));
    g_assert_cmpint (rate_link_get_drain_time (samples, SECONDS (40),
            SECONDS (80), MS (150)), <=, SECONDS (5));
    g_assert_cmpfloat (rate_link_get_use (samples, SECONDS (45),
            SECONDS (80)), >=, 0.85);
    g_assert_cmpint (rate_link_get_queue (samples, SECONDS (46),
            SECONDS (80)), <=, MS (300));
  }
}

/* No report, no trust. */
static void
test_silence (void)
{
  RateLinkSetup setup = make_setup (steady);
  g_autoptr (GArray) samples = NULL;

  setup.silent_from_us = SECONDS (40);
  samples = rate_link_run (&setup, NULL);
  g_assert_cmpfloat (rate_link_get_sent (samples, SECONDS (50), SECONDS (60)),
      <=, 600000);
  g_assert_cmpuint (g_array_index (samples, RateLinkSample,
          samples->len - 1).wanted_bps, ==, params.min_bps);
}

/* A peer that tells when each packet arrived: what happens to reports on the way
 * back is no matter then. */
static void
test_transport_cc (void)
{
  static const RateLinkStep steps[] = {
    {0, 4000000}, {SECONDS (30), 1000000}, {SECONDS (60), 4000000},
    {SECONDS (90), 0}
  };
  guint seed;

  for (seed = 1; seed <= N_SEEDS; seed++) {
    RateLinkSetup setup = make_setup (steps);

    setup.seed = seed;
    setup.transport_cc = TRUE;
    setup.jitter_us = MS (120);
    assert_falls_and_rises (&setup, SECONDS (30), SECONDS (60));
  }
}

/* It begins to tell, and stops, in the middle of it. */
static void
test_other_reports (void)
{
  g_autoptr (GstWsctlRate) rate =
      gst_wsctl_rate_new (GST_WSCTL_RATE_POLICY_ADAPTIVE, &params);
  GstWsctlRateInfo info;
  guint i;

  for (i = 1; i <= 300; i++) {
    gint64 time_us = SECONDS (10) + i * MS (100);
    gboolean one_way = i > 100 && i <= 200;
    guint n = one_way ? i - 100 : i;
    GstWsctlRateReport report = { 0, };

    report.packets_arrived = n * 20;
    report.bytes_arrived = n * 25000;
    report.bytes_sent = i * 25000;
    report.round_trip_us = -1;
    report.delay_min_us = report.delay_max_us = MS (100);
    if (one_way) {
      report.way_us = SECONDS (3);
      report.sent_us = time_us - MS (50);
    }
    gst_wsctl_rate_push_report (rate, time_us, &report);
    gst_wsctl_rate_get_info (rate, &info);
    g_assert_cmpint (info.queue_us, ==, 0);
    g_assert_cmpfloat (info.loss, ==, 0);
  }
  g_assert_cmpuint (gst_wsctl_rate_get_wanted (rate), >=, params.start_bps);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/rate/limiter", test_limiter);
  test_add ("/rate/bounds", test_bounds);
  test_add ("/rate/garbage", test_garbage);
  test_add ("/rate/linear", test_linear);
  test_add ("/rate/grade", test_grade);
  test_add ("/rate/adaptive/fall-and-rise", test_fall_and_rise);
  test_add ("/rate/adaptive/steady", test_steady);
  test_add ("/rate/adaptive/random-loss", test_random_loss);
  test_add ("/rate/adaptive/short-queue", test_short_queue);
  test_add ("/rate/adaptive/server-reports-only", test_server_reports_only);
  test_add ("/rate/adaptive/longer-way", test_longer_way);
  test_add ("/rate/adaptive/odd-ways", test_odd_ways);
  test_add ("/rate/adaptive/limits", test_limits);
  test_add ("/rate/adaptive/idle-encoder", test_idle_encoder);
  test_add ("/rate/adaptive/eager-encoder", test_eager_encoder);
  test_add ("/rate/adaptive/silence", test_silence);
  test_add ("/rate/adaptive/transport-cc", test_transport_cc);
  test_add ("/rate/adaptive/other-reports", test_other_reports);

  return g_test_run ();
}
