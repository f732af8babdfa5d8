/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The bad network's arithmetic: no sockets, no clock, counted packets.
 */

#include "testlink.h"
#include "testschedule.h"
#include "testsupport.h"

#define SEED 7
#define SIZE 1000
#define MS 1000                 /* in us */

/* Packets carry their number. */
static void
push (TestLink * link, guint number, gint64 now_us)
{
  g_autofree guint8 *data = g_malloc0 (SIZE);
  g_autoptr (GBytes) packet = NULL;

  *(guint *) data = number;
  packet = g_bytes_new_take (g_steal_pointer (&data), SIZE);
  test_link_push (link, packet, now_us);
}

/* The number of the next packet, or -1 */
static gint
pop (TestLink * link, gint64 now_us)
{
  g_autoptr (GBytes) packet = test_link_pop (link, now_us);

  return packet != NULL
      ? (gint) * (const guint *) g_bytes_get_data (packet, NULL) : -1;
}

static guint
pop_all (TestLink * link, gint64 now_us)
{
  guint n = 0;

  while (pop (link, now_us) >= 0)
    n++;

  return n;
}

/* One packet each millisecond; how many came through */
static guint
run (TestLink * link, gint64 from_ms, gint64 to_ms)
{
  guint n = 0;
  gint64 now_ms;

  for (now_ms = from_ms; now_ms < to_ms; now_ms++) {
    push (link, now_ms, now_ms * MS);
    n += pop_all (link, now_ms * MS);
  }

  return n;
}

static void
test_perfect (void)
{
  g_autoptr (TestLink) link = test_link_new (SEED);

  g_assert_cmpint (test_link_get_next_us (link), ==, G_MAXINT64);
  push (link, 0, 5 * MS);
  g_assert_cmpint (test_link_get_next_us (link), <=, 5 * MS);
  g_assert_cmpint (pop (link, 5 * MS), ==, 0);
  g_assert_cmpint (pop (link, 5 * MS), ==, -1);
  g_assert_cmpuint (run (link, 10, 1010), ==, 1000);
  g_assert_cmpuint (test_link_get_report (link)->bytes_out, ==, 1001 * SIZE);
  g_assert_cmpuint (test_link_get_report (link)->queue_delay_max_us, ==, 0);
}

static void
test_delay (void)
{
  const TestConditions conditions = {.delay_ms = 30 };
  g_autoptr (TestLink) link = test_link_new (SEED);

  test_link_set (link, &conditions, 0);
  push (link, 1, 0);
  push (link, 2, 0);
  g_assert_cmpint (test_link_get_next_us (link), ==, 30 * MS);
  g_assert_cmpint (pop (link, 30 * MS - 1), ==, -1);
  g_assert_cmpint (pop (link, 30 * MS), ==, 1);
  g_assert_cmpint (pop (link, 30 * MS), ==, 2);
}

/* Never early, never later than the most, never out of order. */
static void
test_jitter (void)
{
  const TestConditions conditions = {.delay_ms = 20,.jitter_ms = 10 };
  g_autoptr (TestLink) link = test_link_new (SEED);
  gboolean varied = FALSE;
  gint64 now_us;
  gint expected = 0;

  test_link_set (link, &conditions, 0);
  for (now_us = 0; now_us < 1000 * MS; now_us += MS) {
    gint number;

    if (now_us % (20 * MS) == 0)
      push (link, now_us / (20 * MS), now_us);
    while ((number = pop (link, now_us)) >= 0) {
      gint64 took_us = now_us - number * 20 * MS;

      g_assert_cmpint (number, ==, expected++);
      g_assert_cmpint (took_us, >=, 20 * MS);
      g_assert_cmpint (took_us, <=, 31 * MS);
      varied |= took_us > 25 * MS;
    }
  }
  g_assert_true (varied);
  g_assert_cmpint (expected, >=, 48);
}

/* 800 kbit/s are 100 packets a second: the other 900 wait or are dropped. */
static void
test_rate (void)
{
  const TestConditions conditions = {
    .rate_bps = 800000,.queue_bytes = 20 * SIZE
  };
  g_autoptr (TestLink) link = test_link_new (SEED);
  const TestLinkReport *report = test_link_get_report (link);
  guint i;

  test_link_set (link, &conditions, 0);
  g_assert_cmpuint (run (link, 0, 1000), ==, 102);
  g_assert_cmpuint (report->n_overflowed, ==, 1000 - 102 - 20);
  g_assert_cmpuint (report->queue_delay_max_us, ==, 200 * MS);

  /* The queue empties at its pace: 3 at first and 110 since. */
  g_assert_cmpuint (pop_all (link, 1100 * MS), ==, 113 - 102);
  g_assert_cmpuint (pop_all (link, 5000 * MS), ==, 20 - 11);
  g_assert_cmpint (test_link_get_next_us (link), ==, G_MAXINT64);

  /* And after a pause the bucket is full, no fuller. */
  for (i = 0; i < 4; i++)
    push (link, i, 5000 * MS);
  g_assert_cmpuint (pop_all (link, 5000 * MS), ==, 3);
  g_assert_cmpint (test_link_get_next_us (link), ==, 5010 * MS);
}

/* A queue that waits for a slow link feels at once that it is faster. */
static void
test_rate_changes (void)
{
  const TestConditions slow = {.rate_bps = 8000,.bucket_bytes = SIZE };
  const TestConditions fast = {.rate_bps = 8000000,.bucket_bytes = SIZE };
  const TestConditions open = { 0, };
  g_autoptr (TestLink) link = test_link_new (SEED);
  guint i;

  test_link_set (link, &slow, 0);
  for (i = 0; i < 11; i++)
    push (link, i, 0);
  g_assert_cmpuint (pop_all (link, 999 * MS), ==, 1);
  g_assert_cmpuint (pop_all (link, 1000 * MS), ==, 1);
  test_link_set (link, &fast, 1500 * MS);
  g_assert_cmpuint (pop_all (link, 1502 * MS), ==, 2);
  test_link_set (link, &open, 1502 * MS);
  g_assert_cmpuint (pop_all (link, 1502 * MS), ==, 7);
}

/* Larger than the bucket, a packet takes longer but gets through. */
static void
test_small_bucket (void)
{
  const TestConditions conditions = {.rate_bps = 8000,.bucket_bytes = 10 };
  g_autoptr (TestLink) link = test_link_new (SEED);

  test_link_set (link, &conditions, 0);
  push (link, 1, 0);
  g_assert_cmpint (pop (link, 980 * MS), ==, -1);
  g_assert_cmpint (pop (link, 1000 * MS), ==, 1);
}

static void
test_loss (void)
{
  const TestConditions conditions = {.loss = 0.05 };
  const TestConditions all = {.loss = 1 };
  g_autoptr (TestLink) link = test_link_new (SEED);
  const TestLinkReport *report = test_link_get_report (link);
  guint n;

  test_link_set (link, &conditions, 0);
  n = run (link, 0, 20000);
  g_assert_cmpuint (n + report->n_lost, ==, 20000);
  g_assert_cmpuint (report->n_lost, >, 900);
  g_assert_cmpuint (report->n_lost, <, 1100);

  test_link_set (link, &all, 20000 * MS);
  g_assert_cmpuint (run (link, 20000, 21000), ==, 0);
}

/* The same loss in fewer, longer runs */
static void
test_bursts (void)
{
  const TestConditions conditions = {.loss = 0.05,.burst = 8 };
  g_autoptr (TestLink) link = test_link_new (SEED);
  const TestLinkReport *report = test_link_get_report (link);
  guint n_bursts = 0;
  guint64 n_before = 0;
  gboolean lost = FALSE;
  guint i;

  test_link_set (link, &conditions, 0);
  for (i = 0; i < 100000; i++) {
    run (link, i, i + 1);
    n_bursts += report->n_lost > n_before && !lost;
    lost = report->n_lost > n_before;
    n_before = report->n_lost;
  }
  g_assert_cmpuint (report->n_lost, >, 4000);
  g_assert_cmpuint (report->n_lost, <, 6000);
  g_assert_cmpfloat ((gdouble) report->n_lost / n_bursts, >, 7);
  g_assert_cmpfloat ((gdouble) report->n_lost / n_bursts, <, 9);
}

static void
test_reorder (void)
{
  const TestConditions conditions = {
    .delay_ms = 10,.reorder = 0.1,.reorder_ms = 5
  };
  g_autoptr (TestLink) link = test_link_new (SEED);
  const TestLinkReport *report = test_link_get_report (link);
  guint n_overtaken = 0;
  gint highest = -1;
  gint64 now_us;
  gint number;

  test_link_set (link, &conditions, 0);
  for (now_us = 0; now_us < 10015 * MS; now_us += MS) {
    if (now_us < 10000 * MS)
      push (link, now_us / MS, now_us);
    while ((number = pop (link, now_us)) >= 0) {
      n_overtaken += number < highest;
      highest = MAX (highest, number);
    }
  }
  g_assert_cmpuint (report->n_out, ==, 10000);
  g_assert_cmpuint (report->n_reordered, >, 900);
  g_assert_cmpuint (report->n_reordered, <, 1100);
  g_assert_cmpuint (n_overtaken, >, 800);
  g_assert_cmpuint (n_overtaken, <=, report->n_reordered);
}

/* What is on its way still arrives. */
static void
test_blackout (void)
{
  const TestConditions delay = {.delay_ms = 10 };
  const TestConditions blackout = {.delay_ms = 10,.blackout = TRUE };
  g_autoptr (TestLink) link = test_link_new (SEED);

  test_link_set (link, &delay, 0);
  run (link, 0, 10);
  test_link_set (link, &blackout, 10 * MS);
  g_assert_cmpuint (run (link, 10, 100), ==, 10);
  g_assert_cmpuint (test_link_get_report (link)->n_blacked_out, ==, 90);
  test_link_set (link, &delay, 100 * MS);
  g_assert_cmpuint (run (link, 100, 200), ==, 90);
}

/* Which packets are lost depends on the seed, on nothing else. */
static void
test_seed (void)
{
  const TestConditions one = {.loss = 0.3 };
  const TestConditions same = {.loss = 0.3,.jitter_ms = 30,.reorder = 0.5 };
  g_autoptr (TestLink) first = test_link_new (SEED);
  g_autoptr (TestLink) second = test_link_new (SEED);
  g_autoptr (TestLink) other = test_link_new (SEED + 1);
  gboolean differs = FALSE;
  guint i;

  test_link_set (first, &one, 0);
  test_link_set (second, &same, 0);
  test_link_set (other, &one, 0);
  for (i = 0; i < 1000; i++) {
    push (first, i, i);
    push (second, i, i);
    push (other, i, i);
    g_assert_cmpuint (test_link_get_report (first)->n_lost, ==,
        test_link_get_report (second)->n_lost);
    differs |= test_link_get_report (first)->n_lost
        != test_link_get_report (other)->n_lost;
  }
  g_assert_true (differs);
}

static void
test_script (void)
{
  const TestConditions initial[TEST_N_DIRECTIONS] = {
    {.jitter_ms = 3}, {.jitter_ms = 4}
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) steps = test_schedule_parse ("# A bad day\n"
      "0 delay=20 loss=2.5 burst=3; 5000 up rate=300000 queue=16000\n"
      "\n  5000  down blackout=1  # nothing; comes\n7000", initial, &error);
  const TestStep *step;

  g_assert_no_error (error);
  g_assert_cmpuint (steps->len, ==, 4);
  step = &g_array_index (steps, TestStep, 0);
  g_assert_cmpuint (step->at_ms, ==, 0);
  g_assert_cmpuint (step->conditions[TEST_DIRECTION_UP].delay_ms, ==, 20);
  g_assert_cmpuint (step->conditions[TEST_DIRECTION_UP].jitter_ms, ==, 3);
  g_assert_cmpuint (step->conditions[TEST_DIRECTION_DOWN].jitter_ms, ==, 4);
  g_assert_cmpfloat_with_epsilon (step->conditions[TEST_DIRECTION_DOWN].loss,
      0.025, 1e-9);

  step = &g_array_index (steps, TestStep, 3);
  g_assert_cmpuint (step->at_ms, ==, 7000);
  g_assert_cmpuint (step->conditions[TEST_DIRECTION_UP].rate_bps, ==, 300000);
  g_assert_cmpuint (step->conditions[TEST_DIRECTION_UP].queue_bytes, ==, 16000);
  g_assert_false (step->conditions[TEST_DIRECTION_UP].blackout);
  g_assert_cmpuint (step->conditions[TEST_DIRECTION_DOWN].rate_bps, ==, 0);
  g_assert_true (step->conditions[TEST_DIRECTION_DOWN].blackout);
  g_assert_cmpfloat (step->conditions[TEST_DIRECTION_DOWN].burst, ==, 3);
}

static void
test_bad_scripts (void)
{
  static const gchar *const scripts[] = {
    "up", "delay=1", "-1 delay=1", "0 delay", "0 delay=", "0 delay=-1",
    "0 delay=1x", "0 delays=1", "0 loss=101", "0 loss=nan", "0 blackout=2",
    "0 sideways delay=1", "0 up down delay=1", "100 delay=1; 50 delay=2",
    "0 rate=1e6"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (scripts); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", scripts[i]);
    g_assert_null (test_schedule_parse (scripts[i], NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/link/perfect", test_perfect);
  test_add ("/link/delay", test_delay);
  test_add ("/link/jitter", test_jitter);
  test_add ("/link/rate", test_rate);
  test_add ("/link/rate-changes", test_rate_changes);
  test_add ("/link/small-bucket", test_small_bucket);
  test_add ("/link/loss", test_loss);
  test_add ("/link/bursts", test_bursts);
  test_add ("/link/reorder", test_reorder);
  test_add ("/link/blackout", test_blackout);
  test_add ("/link/seed", test_seed);
  test_add ("/link/script", test_script);
  test_add ("/link/bad-scripts", test_bad_scripts);

  return g_test_run ();
}
