/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From packets' times to the pipeline's and the stream's.
 */

#include "gstwsctltimeline.h"
#include "testsupport.h"

#define S ((gint64) GST_SECOND)
#define MS ((gint64) GST_MSECOND)

static gint64
get_media (const GstWsctlTimeline * timeline, gint64 inner_ns)
{
  return gst_wsctl_span_get_media (gst_wsctl_timeline_find (timeline,
          inner_ns), inner_ns);
}

static void
test_spans (void)
{
  GstWsctlTimeline timeline = { 0, };

  gst_wsctl_timeline_reset (&timeline, 0);
  gst_wsctl_timeline_add (&timeline, 2 * S, 60 * S, 1.0, 0);
  gst_wsctl_timeline_add (&timeline, 4 * S, 10 * S, 2.0, 0);
  g_assert_cmpint (get_media (&timeline, 1 * S), ==, 1 * S);
  g_assert_cmpint (get_media (&timeline, 2 * S - 1), ==, 2 * S - 1);
  g_assert_cmpint (get_media (&timeline, 2 * S), ==, 60 * S);
  g_assert_cmpint (get_media (&timeline, 3 * S), ==, 61 * S);
  g_assert_cmpint (get_media (&timeline, 5 * S), ==, 12 * S);
  /* In front of everything it is the start. */
  g_assert_cmpint (get_media (&timeline, -S), ==, 0);
}

/* Times do not go back, and what is old is forgotten. */
static void
test_order (void)
{
  GstWsctlTimeline timeline = { 0, };
  guint first_id, i;

  gst_wsctl_timeline_reset (&timeline, 0);
  first_id = gst_wsctl_timeline_get_last (&timeline)->id;
  gst_wsctl_timeline_add (&timeline, 5 * S, 0, 1.0, 0);
  gst_wsctl_timeline_add (&timeline, 3 * S, 7 * S, 1.0, 0);
  g_assert_cmpint (gst_wsctl_timeline_get_last (&timeline)->from_ns, ==, 5 * S);
  g_assert_cmpint (get_media (&timeline, 5 * S), ==, 7 * S);
  for (i = 0; i < 3 * GST_WSCTL_TIMELINE_N_SPANS; i++)
    gst_wsctl_timeline_add (&timeline, (10 + i) * S, 100 * S, 1.0, 0);
  g_assert_cmpuint (timeline.n_spans, ==, GST_WSCTL_TIMELINE_N_SPANS);
  g_assert_cmpuint (timeline.last_id, ==,
      first_id + 2 + 3 * GST_WSCTL_TIMELINE_N_SPANS);
  g_assert_cmpint (get_media (&timeline, (10 + i - 1) * S), ==, 100 * S);
  gst_wsctl_timeline_reset (&timeline, -3 * S);
  g_assert_cmpuint (gst_wsctl_timeline_get_last (&timeline)->id, ==,
      first_id + 3 + 3 * GST_WSCTL_TIMELINE_N_SPANS);
}

static void
test_correct (void)
{
  GstWsctlTimeline timeline = { 0, };

  gst_wsctl_timeline_reset (&timeline, -2 * S);
  gst_wsctl_timeline_add (&timeline, 1 * S, 30 * S, 0.5, -2 * S);
  g_assert_false (gst_wsctl_timeline_correct (&timeline, 3 * S, 31 * S + 50
          * MS, 50 * MS));
  g_assert_false (gst_wsctl_timeline_correct (&timeline, 3 * S, 31 * S - 50
          * MS, 50 * MS));
  g_assert_true (gst_wsctl_timeline_correct (&timeline, 3 * S, 31 * S + 51
          * MS, 50 * MS));
  g_assert_cmpint (get_media (&timeline, 5 * S), ==, 32 * S + 51 * MS);
  g_assert_cmpint (get_media (&timeline, 3 * S - 1), <, 31 * S);
  g_assert_cmpint (gst_wsctl_timeline_get_last (&timeline)->offset_ns, ==,
      -2 * S);
}

static void
test_segment (void)
{
  GstWsctlTimeline timeline = { 0, };
  const GstWsctlSpan *span;
  GstSegment segment;

  gst_wsctl_timeline_reset (&timeline, 0);
  gst_wsctl_timeline_add (&timeline, 20 * S, 5 * S, 2.0, -8 * S);
  span = gst_wsctl_timeline_get_last (&timeline);
  gst_wsctl_span_get_segment (span, 21 * S, &segment);
  g_assert_cmpuint (gst_segment_to_running_time (&segment, GST_FORMAT_TIME,
          22 * S), ==, 14 * S);
  g_assert_cmpuint (gst_segment_to_stream_time (&segment, GST_FORMAT_TIME,
          22 * S), ==, 9 * S);
  /* What is in front of it is clipped. */
  g_assert_false (gst_segment_clip (&segment, GST_FORMAT_TIME, 20 * S, 20 * S,
          NULL, NULL));

  /* What would have been shown before the pipeline began is late, no more. */
  gst_wsctl_span_get_segment (span, 7 * S, &segment);
  g_assert_cmpuint (gst_segment_to_running_time (&segment, GST_FORMAT_TIME,
          9 * S), ==, 1 * S);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/timeline/spans", test_spans);
  test_add ("/timeline/order", test_order);
  test_add ("/timeline/correct", test_correct);
  test_add ("/timeline/segment", test_segment);

  return g_test_run ();
}
