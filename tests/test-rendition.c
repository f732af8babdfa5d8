/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which rendition to play: what arrives, the ladders, the policies alone and on
 * simulated links. Nothing here takes real time.
 */

#include "rendition-link.h"
#include "testsupport.h"
#include "wsctlarrivals-private.h"

#define MS(n) ((n) * G_TIME_SPAN_MILLISECOND)
#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)
#define CLOCK_RATE 90000
#define FRAME_TICKS (CLOCK_RATE / 30)
#define FRAME_US (G_TIME_SPAN_SECOND / 30)
#define SIZE 1000
#define N_SEEDS 3

static const RenditionLinkStep falling[] = {
  {0, 5000000}, {SECONDS (20), 1500000}, {SECONDS (40), 600000},
  {SECONDS (60), 5000000}, {SECONDS (100), 0}
};

static const GstWsctlRendition ladder[] = {
  {7, 3000000}, {3, 1200000}, {5, 400000}
};

/* @n packets of the frame with this number, each so long after the other. */
static void
push_frame (GstWsctlArrivals * arrivals, guint frame, guint n, gint64 delay_us,
    gint64 spread_us)
{
  GstWsctlArrival arrival = { 0, SIZE, TRUE, 0, 0, 1 };
  guint i;

  /* Close to where both wrap around */
  arrival.rtp_time = (guint32) - 20000 + frame * FRAME_TICKS;
  for (i = 0; i < n; i++) {
    arrival.time_us = SECONDS (1) + frame * FRAME_US + delay_us + i * spread_us;
    arrival.seq = 65500 + frame * n + i;
    gst_wsctl_arrivals_push (arrivals, &arrival);
  }
}

static void
test_arrivals (void)
{
  g_autoptr (GstWsctlArrivals) arrivals = gst_wsctl_arrivals_new (CLOCK_RATE);
  GstWsctlArrival again = { SECONDS (3), SIZE, TRUE, 65510, 0, 1 };
  GstWsctlArrival sound = { SECONDS (3), SIZE, FALSE, 0, 0, 2 };
  GstWsctlArrivalsReport report;
  guint i;

  gst_wsctl_arrivals_get_report (arrivals, SECONDS (1), &report);
  g_assert_cmpint (report.queue_us, ==, -1);
  g_assert_cmpuint (report.capacity_bps, ==, 0);

  /* A packet of 1000 bytes each 2 ms: 4 Mbit/s */
  for (i = 0; i < 60; i++)
    push_frame (arrivals, i, 8, 0, MS (2));
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (3), &report);
  g_assert_cmpint (report.queue_us, <, MS (1));
  g_assert_cmpuint (report.capacity_bps, ==, 4000000);
  g_assert_cmpuint (report.bytes, ==, 60 * 8 * SIZE);
  g_assert_cmpuint (report.packets, ==, 60 * 8);

  /* Something else in between changes neither of them. */
  gst_wsctl_arrivals_push (arrivals, &again);
  gst_wsctl_arrivals_push (arrivals, &sound);
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (3), &report);
  g_assert_cmpint (report.queue_us, <, MS (1));
  g_assert_cmpuint (report.bytes, ==, 60 * 8 * SIZE + 2 * SIZE);
  g_assert_cmpuint (report.packets, ==, 60 * 8 + 1);

  /* A queue comes and goes. */
  for (i = 60; i < 70; i++)
    push_frame (arrivals, i, 8, MS (10 * (i - 59)), MS (2));
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (4), &report);
  g_assert_cmpint (report.queue_us, >, MS (98));
  g_assert_cmpint (report.queue_us, <, MS (102));
  push_frame (arrivals, 80, 8, 0, MS (2));
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (4), &report);
  g_assert_cmpint (report.queue_us, <, MS (1));

  /* Long after, nobody knows. */
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (60), &report);
  g_assert_cmpuint (report.capacity_bps, ==, 0);
}

/* What is missing, what came after all, and another source */
static void
test_arrivals_lost (void)
{
  g_autoptr (GstWsctlArrivals) arrivals = gst_wsctl_arrivals_new (CLOCK_RATE);
  static const guint16 seqs[] = { 65534, 2, 65535, 3, 1 };
  GstWsctlArrival arrival = { SECONDS (1), SIZE, TRUE, 0, 0, 1 };
  GstWsctlArrivalsReport report;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (seqs); i++) {
    arrival.seq = seqs[i];
    gst_wsctl_arrivals_push (arrivals, &arrival);
  }
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (1), &report);
  g_assert_cmpuint (report.packets, ==, 5);
  g_assert_cmpuint (report.missed, ==, 3);
  g_assert_cmpuint (report.lost, ==, 1);

  arrival.ssrc = 2;
  arrival.seq = 20000;
  gst_wsctl_arrivals_push (arrivals, &arrival);
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (1), &report);
  g_assert_cmpuint (report.missed, ==, 3);
}

/* A seek is no queue of minutes. */
static void
test_arrivals_jump (void)
{
  g_autoptr (GstWsctlArrivals) arrivals = gst_wsctl_arrivals_new (CLOCK_RATE);
  GstWsctlArrivalsReport report;

  push_frame (arrivals, 0, 2, 0, 0);
  push_frame (arrivals, 1, 2, 0, 0);
  push_frame (arrivals, 2, 2, SECONDS (600), 0);
  push_frame (arrivals, 3, 2, SECONDS (600) + MS (5), 0);
  gst_wsctl_arrivals_get_report (arrivals, SECONDS (602), &report);
  g_assert_cmpint (report.queue_us, >, MS (4));
  g_assert_cmpint (report.queue_us, <, MS (6));
}

static GstWsctlRenditions *
make (GstWsctlRenditionPolicy policy, gint64 playing)
{
  GstWsctlRenditions *renditions = gst_wsctl_renditions_new (policy);

  gst_wsctl_renditions_set_ladder (renditions, GST_WSCTL_LADDER_VIDEO, ladder,
      G_N_ELEMENTS (ladder));
  gst_wsctl_renditions_push_playing (renditions, SECONDS (1), &playing, 1);

  return renditions;
}

/* -1 for none */
static gint64
take_video (GstWsctlRenditions * renditions)
{
  gint64 audio, video;

  gst_wsctl_renditions_take (renditions, &audio, &video);
  g_assert_cmpint (audio, ==, -1);

  return video;
}

/* on_time, each second: with so many losses and NACKs by then */
static void
push_linear (GstWsctlRenditions * renditions, guint second, guint64 lost,
    guint64 nacks)
{
  GstWsctlRenditionReport report = {.packets_lost = lost,.nacks = nacks };

  report.key_interval_us = SECONDS (2);
  gst_wsctl_renditions_push_report (renditions, SECONDS (second), &report);
  gst_wsctl_renditions_push_playing (renditions, SECONDS (second), NULL, 0);
}

static void
test_linear (void)
{
  g_autoptr (GstWsctlRenditions) renditions =
      make (GST_WSCTL_RENDITION_POLICY_LINEAR, 3);

  /* Two seconds of a GOP without a loss: up. */
  push_linear (renditions, 2, 0, 0);
  g_assert_cmpint (take_video (renditions), ==, -1);
  push_linear (renditions, 3, 0, 0);
  g_assert_cmpint (take_video (renditions), ==, 7);
  /* Loss without NACK, or NACK without loss, is nothing. */
  push_linear (renditions, 4, 5, 0);
  g_assert_cmpint (take_video (renditions), ==, -1);
  push_linear (renditions, 5, 5, 3);
  /* Both: down, and again. */
  push_linear (renditions, 6, 6, 4);
  g_assert_cmpint (take_video (renditions), ==, 3);
  push_linear (renditions, 7, 8, 6);
  g_assert_cmpint (take_video (renditions), ==, 5);
  push_linear (renditions, 8, 9, 7);
  g_assert_cmpint (take_video (renditions), ==, -1);
  /* Three congestions of 1.4 s each before the next try */
  push_linear (renditions, 12, 9, 7);
  g_assert_cmpint (take_video (renditions), ==, -1);
  push_linear (renditions, 13, 9, 7);
  g_assert_cmpint (take_video (renditions), ==, 3);
}

/* Audio goes first. */
static void
test_linear_audio (void)
{
  static const GstWsctlRendition sounds[] = { {10, 128000}, {11, 32000} };
  static const gint64 tracks[] = { 10, 7 };
  g_autoptr (GstWsctlRenditions) renditions =
      gst_wsctl_renditions_new (GST_WSCTL_RENDITION_POLICY_LINEAR);
  gint64 audio, video;

  gst_wsctl_renditions_set_ladder (renditions, GST_WSCTL_LADDER_VIDEO, ladder,
      G_N_ELEMENTS (ladder));
  gst_wsctl_renditions_set_ladder (renditions, GST_WSCTL_LADDER_AUDIO, sounds,
      G_N_ELEMENTS (sounds));
  gst_wsctl_renditions_push_playing (renditions, SECONDS (1), tracks, 2);
  push_linear (renditions, 2, 1, 1);
  g_assert_true (gst_wsctl_renditions_take (renditions, &audio, &video));
  g_assert_cmpint (audio, ==, 11);
  g_assert_cmpint (video, ==, -1);
  push_linear (renditions, 3, 2, 2);
  g_assert_true (gst_wsctl_renditions_take (renditions, &audio, &video));
  g_assert_cmpint (audio, ==, -1);
  g_assert_cmpint (video, ==, 3);
}

/* What is chosen by hand stays, as does what nobody knows. */
static void
test_ladders (void)
{
  guint policy;

  for (policy = GST_WSCTL_RENDITION_POLICY_DISABLED;
      policy <= GST_WSCTL_RENDITION_POLICY_ADAPTIVE; policy++) {
    g_autoptr (GstWsctlRenditions) renditions = make (policy, 7);
    g_autoptr (GstWsctlRenditions) unknown = make (policy, 99);
    g_autoptr (GstWsctlRenditions) single = make (policy, 7);
    guint i;

    gst_wsctl_renditions_set_fixed (renditions, GST_WSCTL_LADDER_VIDEO, TRUE);
    gst_wsctl_renditions_set_ladder (single, GST_WSCTL_LADDER_VIDEO, ladder, 1);
    for (i = 2; i < 60; i++) {
      push_linear (renditions, i, i, i);
      push_linear (unknown, i, i, i);
      push_linear (single, i, i, i);
      g_assert_cmpint (take_video (renditions), ==, -1);
      g_assert_cmpint (take_video (unknown), ==, -1);
      g_assert_cmpint (take_video (single), ==, -1);
    }
    /* Its own again, and its track gone. */
    gst_wsctl_renditions_set_fixed (renditions, GST_WSCTL_LADDER_VIDEO, FALSE);
    gst_wsctl_renditions_set_ladder (renditions, GST_WSCTL_LADDER_VIDEO, NULL,
        0);
    push_linear (renditions, 61, 100, 100);
    g_assert_cmpint (take_video (renditions), ==, -1);
  }
}

/* Whatever is reported, what is asked for is on the ladder. */
static void
test_garbage (void)
{
  guint policy, i;

  for (policy = GST_WSCTL_RENDITION_POLICY_LINEAR;
      policy <= GST_WSCTL_RENDITION_POLICY_ADAPTIVE; policy++) {
    g_autoptr (GstWsctlRenditions) renditions = make (policy, 3);
    g_autoptr (GRand) rand = g_rand_new_with_seed (policy);

    for (i = 0; i < 100000; i++) {
      GstWsctlRenditionReport report = {
        g_rand_int (rand), g_rand_int (rand), g_rand_int (rand),
        g_rand_int (rand), g_rand_int (rand), g_rand_int (rand),
        (gint32) g_rand_int (rand), g_rand_int (rand),
        (gint32) g_rand_int (rand)
      };
      gint64 track = g_rand_int_range (rand, -10, 10);
      gint64 time_us = SECONDS (2) + i * MS (100);
      gint64 video;

      gst_wsctl_renditions_push_report (renditions, time_us, &report);
      if (i % 10 == 0)
        gst_wsctl_renditions_push_playing (renditions, time_us, &track, 1);
      video = take_video (renditions);
      g_assert_true (video == -1 || video == 3 || video == 5 || video == 7);
    }
  }
}

static RenditionLinkSetup
make_setup (const RenditionLinkStep * steps)
{
  RenditionLinkSetup setup = {
    .policy = GST_WSCTL_RENDITION_POLICY_ADAPTIVE,
    .steps = steps,
    .delay_us = MS (20),
    .queue_bytes = 100000,
    .gop = 60,
    .keys_on_demand = TRUE,
    .seed = 1,
  };

  return setup;
}

/* 5, 1.5, 0.6 and 5 Mbit/s: down at once, up soon, hardly a freeze, and better
 * than the other policy in each of them. */
static void
test_falling_link (void)
{
  guint seed;

  for (seed = 1; seed <= N_SEEDS; seed++) {
    RenditionLinkSetup setup = make_setup (falling);
    g_autoptr (RenditionLinkResult) ours = NULL;
    g_autoptr (RenditionLinkResult) linear = NULL;

    setup.seed = seed;
    ours = rendition_link_run (&setup);
    setup.policy = GST_WSCTL_RENDITION_POLICY_LINEAR;
    linear = rendition_link_run (&setup);
    g_test_message ("seed %u: frozen %.1f s, linear %.1f s", seed,
        ours->frozen_us / 1e6, linear->frozen_us / 1e6);
    g_assert_cmpint (rendition_link_get_rise_time (ours, SECONDS (15),
            SECONDS (20), 0), <, SECONDS (1));
    g_assert_cmpint (rendition_link_get_fall_time (ours, SECONDS (20),
            SECONDS (40), 1), <, SECONDS (1));
    g_assert_cmpint (rendition_link_get_fall_time (ours, SECONDS (40),
            SECONDS (60), 2), <, SECONDS (1));
    g_assert_cmpint (rendition_link_get_rise_time (ours, SECONDS (60),
            SECONDS (100), 0), <, SECONDS (20));
    g_assert_cmpint (ours->frozen_us, <, SECONDS (2));
    g_assert_cmpint (ours->frozen_us * 4, <, linear->frozen_us);
  }
}

/* What fits, fits: no trials, whatever the link is. */
static void
test_steady_link (void)
{
  static const RenditionLinkStep links[][2] = {
    {{0, 5000000}, {SECONDS (120), 0}},
    {{0, 2000000}, {SECONDS (120), 0}},
    {{0, 700000}, {SECONDS (120), 0}},
  };
  guint start, i;

  for (i = 0; i < G_N_ELEMENTS (links); i++) {
    for (start = 0; start < RENDITION_LINK_N; start++) {
      RenditionLinkSetup setup = make_setup (links[i]);
      g_autoptr (RenditionLinkResult) result = NULL;
      const RenditionLinkSample *last;

      setup.start = start;
      result = rendition_link_run (&setup);
      last = &g_array_index (result->samples, RenditionLinkSample,
          result->samples->len - 1);
      g_test_message ("%.1f Mbit/s from %u: ends at %u, %u switches, "
          "frozen %.1f s", links[i][0].bitrate_bps / 1e6, start,
          last->position, result->n_switches, result->frozen_us / 1e6);
      g_assert_cmpuint (last->position, ==, i);
      g_assert_cmpuint (result->n_switches, <=, 8);
      g_assert_cmpint (result->frozen_us, <, SECONDS (4));
    }
  }
}

/* Losses by chance leave the picture as good as it is. */
static void
test_random_loss (void)
{
  static const RenditionLinkStep wide[] = { {0, 10000000}, {SECONDS (60), 0} };
  RenditionLinkSetup setup = make_setup (wide);
  g_autoptr (RenditionLinkResult) result = NULL;

  setup.loss = 0.03;
  result = rendition_link_run (&setup);
  g_assert_cmpuint (result->n_switches, ==, 0);
}

/* A sender that spreads its frames says nothing of the way: trials do it. */
static void
test_paced (void)
{
  static const RenditionLinkStep wide[] = { {0, 10000000}, {SECONDS (60), 0} };
  RenditionLinkSetup setup = make_setup (wide);
  g_autoptr (RenditionLinkResult) result = NULL;

  setup.paced = TRUE;
  setup.start = 2;
  result = rendition_link_run (&setup);
  g_assert_cmpint (rendition_link_get_rise_time (result, 0, SECONDS (60), 0),
      <, SECONDS (40));
  g_assert_cmpint (result->frozen_us, ==, 0);
}

/* The network is fine, the machine is not. */
static void
test_slow_decoder (void)
{
  static const RenditionLinkStep wide[] = { {0, 10000000}, {SECONDS (50), 0} };
  RenditionLinkSetup setup = make_setup (wide);
  g_autoptr (RenditionLinkResult) result = NULL;

  setup.drop_percent = 40;
  result = rendition_link_run (&setup);
  g_assert_cmpint (rendition_link_get_fall_time (result, 0, SECONDS (50), 1),
      <, SECONDS (5));
  g_assert_cmpint (rendition_link_get_rise_time (result, SECONDS (6),
          SECONDS (50), 0), ==, G_MAXINT64);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/rendition/arrivals", test_arrivals);
  test_add ("/rendition/arrivals-lost", test_arrivals_lost);
  test_add ("/rendition/arrivals-jump", test_arrivals_jump);
  test_add ("/rendition/linear", test_linear);
  test_add ("/rendition/linear-audio", test_linear_audio);
  test_add ("/rendition/ladders", test_ladders);
  test_add ("/rendition/garbage", test_garbage);
  test_add ("/rendition/falling-link", test_falling_link);
  test_add ("/rendition/steady-link", test_steady_link);
  test_add ("/rendition/random-loss", test_random_loss);
  test_add ("/rendition/paced", test_paced);
  test_add ("/rendition/slow-decoder", test_slow_decoder);

  return g_test_run ();
}
