/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * When the buffers of sources that are not live are sent.
 */

#include "gstwsctlpacing.h"
#include "testsupport.h"

#define S ((gint64) GST_SECOND)
#define MS ((gint64) GST_MSECOND)

typedef struct
{
  GstWsctlPacing *pacing;
  GstWsctlPace *video;
  GstWsctlPace *audio;
} Fixture;

static void
set_up (Fixture * fixture)
{
  fixture->pacing = gst_wsctl_pacing_new ();
  fixture->video = gst_wsctl_pace_new (fixture->pacing);
  fixture->audio = gst_wsctl_pace_new (fixture->pacing);
}

static void
tear_down (Fixture * fixture)
{
  gst_wsctl_pace_free (fixture->video);
  gst_wsctl_pace_free (fixture->audio);
  gst_wsctl_pacing_unref (fixture->pacing);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, tear_down);

/* When a buffer of @time_ns goes out that is there at @now_ns */
static gint64
get_due (GstWsctlPace * pace, gint64 time_ns, gint64 now_ns)
{
  return time_ns + gst_wsctl_pace_get_offset (pace, time_ns, 0, now_ns, FALSE);
}

static void
test_begin (void)
{
  static const gint64 begins[] = { 0, 1, 240 * 3600 * S, -2 * S };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (begins); i++) {
    g_auto (Fixture) f = { NULL, };

    set_up (&f);
    g_assert_cmpint (get_due (f.video, begins[i], 3 * S), ==, 3 * S);
    g_assert_cmpint (get_due (f.video, begins[i] + 40 * MS, 3 * S), ==,
        3 * S + 40 * MS);
    g_assert_cmpint (get_due (f.audio, begins[i] + 20 * MS, 3 * S + MS), ==,
        3 * S + 20 * MS);
  }
}

/* The first of those that were held goes out when the session begins. */
static void
test_held (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  gst_wsctl_pace_hold (f.video, 500 * MS);
  gst_wsctl_pace_hold (f.audio, 100 * MS);
  gst_wsctl_pacing_restart (f.pacing);
  g_assert_cmpint (get_due (f.video, 500 * MS, 2 * S), ==, 2400 * MS);
  g_assert_cmpint (get_due (f.audio, 100 * MS, 2 * S), ==, 2 * S);
}

static void
test_next_session (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  get_due (f.video, 0, S);
  get_due (f.audio, 0, S);
  gst_wsctl_pace_hold (f.audio, 2 * S);
  gst_wsctl_pacing_restart (f.pacing);
  g_assert_cmpint (get_due (f.audio, 2 * S, 10 * S), ==, 10 * S);
  /* Video waits for a key frame, which is four seconds later in the file. */
  g_assert_cmpint (get_due (f.video, 6 * S, 10 * S), ==, 14 * S);
}

/* After a flushing seek of a file, both streams begin at 0 again. */
static void
test_flush (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  get_due (f.video, 0, 0);
  get_due (f.audio, 0, 0);
  get_due (f.video, 8 * S, 8 * S);
  get_due (f.audio, 8 * S, 8 * S);
  gst_wsctl_pace_reset (f.video);
  gst_wsctl_pace_reset (f.audio);
  g_assert_cmpint (get_due (f.audio, 0, 8 * S + MS), ==, 8 * S + MS);
  g_assert_cmpint (get_due (f.video, 10 * MS, 8 * S + 5 * MS), ==,
      8 * S + 11 * MS);
}

/* Two files: one of them is sought in, the other goes on. */
static void
test_flush_of_one (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  get_due (f.video, 0, 0);
  get_due (f.audio, 0, 0);
  get_due (f.video, 5 * S, 5 * S);
  gst_wsctl_pace_reset (f.video);
  g_assert_cmpint (get_due (f.video, 0, 5 * S), ==, 5 * S);
  g_assert_cmpint (get_due (f.audio, 5 * S, 5 * S), ==, 5 * S);
  g_assert_cmpint (get_due (f.video, S, 6 * S), ==, 6 * S);
}

/* A source that was too slow goes on from where it is, with no burst. */
static void
test_late (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  get_due (f.video, 0, 0);
  get_due (f.audio, 0, 0);
  g_assert_cmpint (get_due (f.video, S, S + 400 * MS), ==, S);
  g_assert_cmpint (get_due (f.video, S + 40 * MS, 4 * S), ==, 4 * S);
  g_assert_cmpint (get_due (f.audio, S + 50 * MS, 4 * S), ==, 4 * S + 10 * MS);
}

static void
test_jumps (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  get_due (f.video, 20 * S, 0);
  g_assert_cmpint (get_due (f.video, 3600 * S, 40 * MS), ==, 40 * MS);
  g_assert_cmpint (get_due (f.video, 5 * S, 80 * MS), ==, 80 * MS);
  /* Pictures may be far apart, when they say so. */
  gst_wsctl_pace_get_offset (f.video, 6 * S, 30 * S, 1080 * MS, FALSE);
  g_assert_cmpint (get_due (f.video, 36 * S, 1090 * MS), ==, 31080 * MS);
}

static gint64
get_live_due (GstWsctlPace * pace, gint64 time_ns, gint64 now_ns)
{
  return time_ns + gst_wsctl_pace_get_offset (pace, time_ns, 0, now_ns, TRUE);
}

/* The times of a live source are left alone, but for jumps. */
static void
test_live (void)
{
  g_auto (Fixture) f = { NULL, };

  set_up (&f);
  g_assert_cmpint (get_live_due (f.video, 2 * S, 2 * S + 30 * MS), ==, 2 * S);
  g_assert_cmpint (get_live_due (f.audio, 2 * S, 2 * S + 10 * MS), ==, 2 * S);
  g_assert_cmpint (get_live_due (f.video, 4 * S, 4 * S + 30 * MS), ==, 4 * S);
  /* Back to 1 s, with sound 5 ms behind the picture */
  g_assert_cmpint (get_live_due (f.video, S, 5 * S + 30 * MS), ==, 5 * S);
  g_assert_cmpint (get_live_due (f.audio, S + 20 * MS, 5 * S + 35 * MS), ==,
      5 * S + 20 * MS);
  /* An hour ahead */
  g_assert_cmpint (get_live_due (f.video, 3600 * S, 6 * S + 30 * MS), ==,
      6 * S);
  g_assert_cmpint (get_live_due (f.video, 3601 * S, 7 * S + 30 * MS), ==,
      7 * S);
  g_assert_cmpint (get_live_due (f.audio, 3601 * S, 7 * S + 10 * MS), ==,
      7 * S);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/pacing/begin", test_begin);
  test_add ("/pacing/held", test_held);
  test_add ("/pacing/next-session", test_next_session);
  test_add ("/pacing/flush", test_flush);
  test_add ("/pacing/flush-of-one", test_flush_of_one);
  test_add ("/pacing/late", test_late);
  test_add ("/pacing/jumps", test_jumps);
  test_add ("/pacing/live", test_live);

  return g_test_run ();
}
