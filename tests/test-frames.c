/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What counts as a freeze: without pads, and without time.
 */

#include "gstwsctlframes.h"
#include "testsupport.h"

#define MS G_TIME_SPAN_MILLISECOND

static void
note_each (GstWsctlFrames * frames, gint64 * now_us, guint n,
    gint64 interval_us)
{
  guint i;

  for (i = 0; i < n; i++) {
    *now_us += interval_us;
    gst_wsctl_frames_note (frames, *now_us, i == 0);
  }
}

static void
test_freezes (void)
{
  GstWsctlFrames frames = { 0, };
  gint64 now_us = 1;

  gst_wsctl_frames_init (&frames);
  note_each (&frames, &now_us, 100, 33 * MS);
  g_assert_cmpuint (frames.n_freezes, ==, 0);
  g_assert_cmpuint (frames.n_frames, ==, 100);
  g_assert_cmpuint (frames.n_key_frames, ==, 1);

  /* Three times as long is late, and no freeze; so is 150 ms more. */
  note_each (&frames, &now_us, 1, 100 * MS);
  note_each (&frames, &now_us, 1, 180 * MS);
  g_assert_cmpuint (frames.n_freezes, ==, 0);
  note_each (&frames, &now_us, 1, 1000 * MS);
  g_assert_cmpuint (frames.n_freezes, ==, 1);
  g_assert_cmpint (frames.freezes_us, ==, 1000 * MS);

  /* A pause is none. */
  gst_wsctl_frames_rest (&frames);
  note_each (&frames, &now_us, 1, 60000 * MS);
  g_assert_cmpuint (frames.n_freezes, ==, 1);
  gst_wsctl_frames_clear (&frames);
}

/* What is slow is not frozen. */
static void
test_slow (void)
{
  GstWsctlFrames frames = { 0, };
  gint64 now_us = 1;

  gst_wsctl_frames_init (&frames);
  note_each (&frames, &now_us, 20, 1000 * MS);
  note_each (&frames, &now_us, 1, 2900 * MS);
  g_assert_cmpuint (frames.n_freezes, ==, 0);
  note_each (&frames, &now_us, 1, 9000 * MS);
  g_assert_cmpuint (frames.n_freezes, ==, 1);
  gst_wsctl_frames_clear (&frames);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/frames/freezes", test_freezes);
  test_add ("/frames/slow", test_slow);

  return g_test_run ();
}
