/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The frames that are kept, without network or clock: what is found, what is
 * forgotten, and when what goes out.
 */

#include "testsupport.h"
#include "wsctlserverstore-private.h"
#include "wsctlservertimeline-private.h"

#define GOP 10
#define FRAME_NS (20 * (gint64) GST_MSECOND)
#define FIRST_NS (1000 * (gint64) GST_SECOND)

static GstWsctlServerTrack *track;

static void
setup (void)
{
  track = gst_wsctl_server_track_new (0, 96,
      gst_wsctl_server_codec_find (GST_WSCTL_SERVER_KIND_VIDEO, "VP8"));
  track->anchor_ns = FIRST_NS;
}

static void
teardown (void)
{
  gst_wsctl_server_store_clear (track->store);
  gst_wsctl_server_track_unref (track);
}

static gboolean
push (gint64 time_ns, gboolean key)
{
  g_autoptr (GstWsctlServerFrame) frame = gst_wsctl_server_frame_new (track,
      gst_wsctl_server_track_get_rtp_time (track, time_ns), key,
      gst_buffer_new ());

  frame->bytes = g_byte_array_new ();
  frame->packets = g_array_new (FALSE, FALSE, sizeof (GstWsctlServerPacket));

  return gst_wsctl_server_store_push (track->store, frame);
}

static void
push_many (guint n_frames)
{
  guint i;

  for (i = 0; i < n_frames; i++)
    g_assert_true (push (FIRST_NS + i * FRAME_NS, i % GOP == 0));
}

static gint64
get_time (guint64 number)
{
  return gst_wsctl_server_store_get (track->store, number)->time_ns - FIRST_NS;
}

/* More than its first capacity, so that it grows around a moved begin. */
static void
test_find (void)
{
  GstWsctlServerStore *store;

  setup ();
  store = track->store;
  push_many (300);
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_key (store,
              FIRST_NS + 25 * FRAME_NS)), ==, 20 * FRAME_NS);
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_key (store,
              FIRST_NS + 30 * FRAME_NS)), ==, 30 * FRAME_NS);
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_key (store, 0)), ==,
      0);
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_key (store,
              G_MAXINT64)), ==, 290 * FRAME_NS);
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_next_key (store,
              FIRST_NS + 25 * FRAME_NS)), ==, 30 * FRAME_NS);
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_next_key (store,
              FIRST_NS + 30 * FRAME_NS)), ==, 40 * FRAME_NS);
  g_assert_cmpuint (gst_wsctl_server_store_find_next_key (store,
          FIRST_NS + 295 * FRAME_NS), ==,
      gst_wsctl_server_store_get_end (store));
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_time (store,
              FIRST_NS + 24 * FRAME_NS + 1)), ==, 25 * FRAME_NS);
  teardown ();
}

/* Whole groups go, and the last one stays. */
static void
test_trim (void)
{
  GstWsctlServerStore *store;
  guint64 begin;

  setup ();
  store = track->store;
  push_many (100);
  gst_wsctl_server_store_trim (store, FIRST_NS + 25 * FRAME_NS);
  begin = gst_wsctl_server_store_get_begin (store);
  g_assert_cmpint (get_time (begin), ==, 20 * FRAME_NS);
  g_assert_null (gst_wsctl_server_store_get (store, begin - 1));
  g_assert_cmpint (get_time (gst_wsctl_server_store_find_key (store, 0)), ==,
      20 * FRAME_NS);
  gst_wsctl_server_store_trim (store, G_MAXINT64);
  g_assert_cmpint (get_time (gst_wsctl_server_store_get_begin (store)), ==,
      90 * FRAME_NS);
  teardown ();
}

/* Nothing is kept that could not be shown. */
static void
test_starts_with_key (void)
{
  GstWsctlServerStore *store;

  setup ();
  store = track->store;
  g_assert_false (push (FIRST_NS, FALSE));
  push_many (15);
  g_assert_cmpuint (gst_wsctl_server_store_get_size (store), >, 0);
  gst_wsctl_server_store_drop_group (store);
  g_assert_cmpint (get_time (gst_wsctl_server_store_get_begin (store)), ==,
      10 * FRAME_NS);
  gst_wsctl_server_store_drop_group (store);
  g_assert_cmpuint (gst_wsctl_server_store_get_size (store), ==, 0);
  g_assert_false (push (FIRST_NS + 20 * FRAME_NS, FALSE));
  g_assert_true (push (FIRST_NS + 21 * FRAME_NS, TRUE));
  g_assert_cmpuint (gst_wsctl_server_store_find_key (store, 0), ==,
      gst_wsctl_server_store_get_begin (store));
  teardown ();
}

/* A publisher's clock may be set back: times that are searched may not. */
static void
test_times_rise (void)
{
  setup ();
  push_many (5);
  g_assert_true (push (FIRST_NS, FALSE));
  g_assert_cmpint (get_time (gst_wsctl_server_store_get_end (track->store)
          - 1), ==, 4 * FRAME_NS);
  teardown ();
}

static void
test_timeline (void)
{
  GstWsctlServerTimeline timeline = { 1000, 50000, 2 };

  g_assert_cmpint (gst_wsctl_server_timeline_get_out (&timeline, 1000), ==,
      50000);
  g_assert_cmpint (gst_wsctl_server_timeline_get_out (&timeline, 1400), ==,
      50200);
  g_assert_cmpint (gst_wsctl_server_timeline_get_media (&timeline, 50200), ==,
      1400);
  g_assert_cmpint (gst_wsctl_server_timeline_get_media (&timeline, 49900), ==,
      800);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/store/find", test_find);
  test_add ("/server/store/trim", test_trim);
  test_add ("/server/store/starts-with-key", test_starts_with_key);
  test_add ("/server/store/times-rise", test_times_rise);
  test_add ("/server/store/timeline", test_timeline);

  return g_test_run ();
}
