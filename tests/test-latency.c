/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How long to hold what is received: made-up networks, second by second.
 */

#include "testsupport.h"
#include "wsctllatency-private.h"

#define CLOCK_RATE 90000
#define FRAME_US (G_USEC_PER_SEC / 30)
#define N_PACKETS 4             /* a frame */

typedef struct
{
  GstWsctlLatency *latency;
  GRand *rand;
  gint64 now_us;                /* when the next frame is made */
  guint32 offset;               /* of RTP times */
  guint target_ms;

  /* The network */
  guint jitter_us;              /* up to that for each frame */
  guint loss_of;                /* one packet of so many; 0: none */
  guint repeat_us;              /* it comes again after */
} Network;

static void
network_init (Network * self)
{
  memset (self, 0, sizeof (Network));
  self->latency = gst_wsctl_latency_new ();
  self->rand = g_rand_new_with_seed (7);
  self->now_us = 1000 * G_USEC_PER_SEC;
  self->offset = G_MAXUINT32 - 5 * CLOCK_RATE;
}

static void
network_clear (Network * self)
{
  gst_wsctl_latency_free (self->latency);
  g_rand_free (self->rand);
}

static guint32
get_rtp_time (Network * self, gint64 time_us)
{
  return self->offset + (guint32) (time_us * 9 / 100);
}

static void
take (Network * self, gint64 made_us, gint64 arrival_us)
{
  gst_wsctl_latency_take (self->latency, GST_WSCTL_MEDIA_KIND_VIDEO,
      get_rtp_time (self, made_us), CLOCK_RATE, arrival_us);
}

/* The highest target on the way */
static guint
run_seconds (Network * self, guint seconds)
{
  gint64 end_us = self->now_us + seconds * G_USEC_PER_SEC;
  guint most_ms = 0;
  guint i;

  for (; self->now_us < end_us; self->now_us += FRAME_US) {
    gint64 arrival_us = self->now_us + 5000;

    if (self->jitter_us > 0)
      arrival_us += g_rand_int_range (self->rand, 0, self->jitter_us);
    for (i = 0; i < N_PACKETS; i++) {
      gboolean lost = self->loss_of > 0
          && g_rand_int_range (self->rand, 0, self->loss_of) == 0;

      take (self, self->now_us, arrival_us + i * 100
          + (lost ? self->repeat_us : 0));
    }
    self->target_ms = gst_wsctl_latency_update (self->latency, arrival_us);
    most_ms = MAX (most_ms, self->target_ms);
  }

  return most_ms;
}

static void
test_clean (void)
{
  Network network;

  network_init (&network);
  g_assert_cmpuint (run_seconds (&network, 3), <=, 20);
  g_assert_cmpuint (run_seconds (&network, 60), <=, 20);
  g_assert_cmpuint (network.target_ms, ==, GST_WSCTL_LATENCY_MIN_MS);
  network_clear (&network);
}

/* It grows within a second, and is back half a minute after. */
static void
test_jitter (void)
{
  Network network;

  network_init (&network);
  run_seconds (&network, 10);
  network.jitter_us = 30000;
  run_seconds (&network, 1);
  g_assert_cmpuint (network.target_ms, >=, 25);
  g_assert_cmpuint (run_seconds (&network, 60), <=, 45);
  g_assert_cmpuint (network.target_ms, >=, 30);
  network.jitter_us = 0;
  run_seconds (&network, 4);
  g_assert_cmpuint (network.target_ms, >=, 30);
  run_seconds (&network, 26);
  g_assert_cmpuint (network.target_ms, <=, 20);
  network_clear (&network);
}

/* What comes a second time has come late. */
static void
test_loss (void)
{
  Network network;

  network_init (&network);
  run_seconds (&network, 10);
  network.loss_of = 50;
  network.repeat_us = 80000;
  run_seconds (&network, 5);
  g_assert_cmpuint (network.target_ms, >=, 80);
  g_assert_cmpuint (network.target_ms, <=, 100);
  /* Once in a while is not worth it. */
  network.loss_of = 2000;
  run_seconds (&network, 30);
  g_assert_cmpuint (network.target_ms, <=, 20);
  network_clear (&network);
}

/* Each step down is a small one, and they are a second apart. */
static void
test_steps (void)
{
  Network network;
  guint before_ms, i;

  network_init (&network);
  network.jitter_us = 150000;
  run_seconds (&network, 5);
  network.jitter_us = 0;
  for (i = 0; i < 30; i++) {
    before_ms = network.target_ms;
    run_seconds (&network, 1);
    g_assert_cmpuint (before_ms, <=, network.target_ms + 20);
    g_assert_cmpuint (network.target_ms, <=, before_ms);
  }
  g_assert_cmpuint (network.target_ms, <=, 20);
  network_clear (&network);
}

/* A sender that jumps is not late, nor one whose clock is fast or slow. */
static void
test_jump (void)
{
  Network network;
  guint i;

  network_init (&network);
  run_seconds (&network, 3);
  network.offset += 20 * CLOCK_RATE;
  g_assert_cmpuint (run_seconds (&network, 3), <=, 20);
  network.offset -= 40 * CLOCK_RATE;
  g_assert_cmpuint (run_seconds (&network, 3), <=, 20);
  network.offset += CLOCK_RATE / 2;
  gst_wsctl_latency_forget (network.latency);
  g_assert_cmpuint (run_seconds (&network, 3), <=, 20);
  for (i = 0; i < 100; i++) {
    network.offset -= CLOCK_RATE / 2000;
    g_assert_cmpuint (run_seconds (&network, 1), <=, 20);
  }
  for (i = 0; i < 100; i++) {
    network.offset += CLOCK_RATE / 2000;
    g_assert_cmpuint (run_seconds (&network, 1), <=, 20);
  }
  network_clear (&network);
}

/* A group of pictures at once, as at a start and behind a seek */
static void
test_hurry (void)
{
  Network network;
  guint i, k;

  network_init (&network);
  for (k = 0; k < 5; k++) {
    for (i = 60; i > 0; i--)
      take (&network, network.now_us - i * 400, network.now_us + 5000);
    g_assert_cmpuint (run_seconds (&network, 2), <=, 20);
  }
  network_clear (&network);
}

/* All since the last key frame at once, and from there on later than that: at its
 * own pace a server keeps a distance. Again after a pause. */
static void
test_burst (void)
{
  Network network;
  guint round, i;

  network_init (&network);
  for (round = 0; round < 2; round++) {
    gint64 now_us = network.now_us;

    for (i = 0; i < 60; i++)
      take (&network, now_us - 2 * G_USEC_PER_SEC + i * FRAME_US,
          now_us + i * 500);
    for (i = 0; i < 300; i++) {
      take (&network, now_us + i * FRAME_US, now_us + i * FRAME_US + 600000);
      g_assert_cmpuint (gst_wsctl_latency_update (network.latency, now_us
              + i * FRAME_US + 600000), <=, 20);
    }
    network.now_us = now_us + 20 * G_USEC_PER_SEC;
    gst_wsctl_latency_forget (network.latency);
  }
  network_clear (&network);
}

/* How much later than 20 ms a frame is that is so late, ms */
static gint64
get_excess (Network * self, guint late_ms)
{
  take (self, self->now_us, self->now_us + 5000 + late_ms * 1000);
  self->now_us += FRAME_US;

  return gst_wsctl_latency_get_excess_us (self->latency,
      GST_WSCTL_MEDIA_KIND_VIDEO, 20000) / 1000;
}

/* One that was held up is told from a sender that stood still. */
static void
test_excess (void)
{
  Network network;
  guint i, n;

  network_init (&network);
  g_assert_cmpint (get_excess (&network, 0), ==, 0);
  run_seconds (&network, 2);
  g_assert_cmpint (get_excess (&network, 15), ==, 0);
  g_assert_cmpint (get_excess (&network, 120), ==, 100);
  g_assert_cmpint (get_excess (&network, 90), ==, 70);
  g_assert_cmpint (get_excess (&network, 0), ==, 0);
  for (i = 0; i < 100; i++) {
    g_assert_cmpint (get_excess (&network, 120), ==, 100);
    g_assert_cmpint (get_excess (&network, 10), ==, 0);
  }
  for (n = 0; get_excess (&network, 200) > 0; n++);
  g_assert_cmpuint (n * FRAME_US, <, 1.1 * G_USEC_PER_SEC);
  g_assert_cmpuint (n * FRAME_US, >, 0.4 * G_USEC_PER_SEC);
  g_assert_cmpint (get_excess (&network, 250), ==, 0);
  gst_wsctl_latency_forget (network.latency);
  g_assert_cmpint (get_excess (&network, 500), ==, 0);
  network_clear (&network);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/latency/clean", test_clean);
  test_add ("/latency/jitter", test_jitter);
  test_add ("/latency/loss", test_loss);
  test_add ("/latency/steps", test_steps);
  test_add ("/latency/jump", test_jump);
  test_add ("/latency/hurry", test_hurry);
  test_add ("/latency/burst", test_burst);
  test_add ("/latency/excess", test_excess);

  return g_test_run ();
}
