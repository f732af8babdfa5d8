/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From packets' times to the pipeline's and the stream's.
 */

#include "gstwsctlpackettimes.h"
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

/* Once may be lateness, twice is not; so much is not, either. */
static void
test_behind (void)
{
  GstWsctlTimeline timeline = { 0, };

  gst_wsctl_timeline_reset (&timeline, 0);
  gst_wsctl_timeline_add (&timeline, 1 * S, 30 * S, 1.0, 0);
  g_assert_false (gst_wsctl_timeline_correct (&timeline, 2 * S, 30800 * MS,
          50 * MS));
  g_assert_false (gst_wsctl_timeline_correct (&timeline, 3 * S, 32 * S,
          50 * MS));
  g_assert_false (gst_wsctl_timeline_correct (&timeline, 4 * S, 32800 * MS,
          50 * MS));
  g_assert_cmpint (get_media (&timeline, 4 * S), ==, 33 * S);
  g_assert_true (gst_wsctl_timeline_correct (&timeline, 5 * S, 33790 * MS,
          50 * MS));
  g_assert_cmpint (get_media (&timeline, 5 * S), ==, 33790 * MS);
  g_assert_true (gst_wsctl_timeline_correct (&timeline, 6 * S, 33790 * MS,
          50 * MS));
  g_assert_cmpint (get_media (&timeline, 6 * S), ==, 33790 * MS);
}

/* Pictures that are sent in a hurry, with a jitter buffer that takes some of
 * them for one, and others for late */
static void
test_packet_times (void)
{
  static const struct
  {
    guint32 stamp;              /* 90 a millisecond */
    gint64 time_ms10;           /* tenths */
    gint64 expected_ms10;
  } rows[] = {
    {0xffffff00, 10000, 10000},
    {0xffffff00, 10005, 10000},
    {0xffffff00 + 3000, 10333, 10333},
    {0xffffff00 + 3009, 10333, 10334},
    {0xffffff00 + 3018, 10333, 10335},
    {0xffffff00 + 3027, 10400, 10336},
    {0xffffff00 + 3036, 10300, 10337},
    {0xffffff00 + 3036, 10301, 10337},
    {0xffffff00 + 6036, 10300, 10377},
    {0xffffff00 + 9036, 11000, 11000},
    /* Another order, a jump, a time that is far off */
    {0xffffff00 + 6336, 10700, 10700},
    {0xffffff00 + 900000, 110000, 110000},
    {0xffffff00 + 900009, 90000, 90000},
  };
  GstWsctlPacketTimes times = { FALSE, };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (gst_wsctl_packet_times_next (&times, rows[i].stamp,
            rows[i].time_ms10 * MS / 10), ==, rows[i].expected_ms10 * MS / 10);
}

/* The first packet was late, the next ones are not; the jitter buffer finds that
 * out by and by. Stamps are in ms here, and wrap. */
static void
test_packet_lead (void)
{
  GstWsctlPacketLead lead = { FALSE, };
  guint32 first = G_MAXUINT32 - 200;
  gint64 i;

  g_assert_cmpint (gst_wsctl_packet_lead_note (&lead, 1000, first, 1 * S,
          1 * S), ==, 0);
  for (i = 1; i < 100; i++) {
    gint64 ahead_ms = 80 - MIN (i, 80);
    gint64 way_ms = i % 3 * 20;

    gst_wsctl_packet_lead_note (&lead, 1000, first + i * 33, 0,
        (920 + i * 33 + way_ms) * MS);
    g_assert_cmpint (gst_wsctl_packet_lead_note (&lead, 1000, first + i * 33,
            (920 + i * 33 + ahead_ms) * MS, (920 + i * 33 + way_ms) * MS), ==,
        i < 3 ? (ahead_ms - 20) * MS : ahead_ms * MS);
  }
}

/* In one packet, and in a list of them */
static void
test_packets (void)
{
  GstWsctlPacketTimes times = { TRUE, 90, 100 * MS };
  guint8 bytes[] = { 0x80, 96, 0, 1, 0, 0, 0, 99, 0, 0, 0, 1 };
  GstBuffer *buffer = gst_buffer_new_memdup (bytes, sizeof bytes);
  GstBufferList *list = gst_buffer_list_new ();
  GstPadProbeInfo info = { GST_PAD_PROBE_TYPE_BUFFER, 0, };

  GST_BUFFER_PTS (buffer) = 100 * MS;
  info.data = buffer;
  gst_wsctl_packet_times_write (&times, &info);
  g_assert_cmpuint (GST_BUFFER_PTS (info.data), ==, 100 * MS + MS / 10);
  gst_buffer_list_add (list, info.data);
  bytes[7] += 9;
  buffer = gst_buffer_new_memdup (bytes, sizeof bytes);
  GST_BUFFER_PTS (buffer) = 100 * MS;
  gst_buffer_list_add (list, buffer);
  gst_buffer_list_add (list, gst_buffer_new_memdup (bytes, 3));
  info.type = GST_PAD_PROBE_TYPE_BUFFER_LIST;
  info.data = list;
  gst_wsctl_packet_times_write (&times, &info);
  g_assert_cmpuint (GST_BUFFER_PTS (gst_buffer_list_get (info.data, 0)), ==,
      100 * MS + MS / 10);
  g_assert_cmpuint (GST_BUFFER_PTS (gst_buffer_list_get (info.data, 1)), ==,
      100 * MS + MS / 5);
  gst_buffer_list_unref (info.data);
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
  test_add ("/timeline/behind", test_behind);
  test_add ("/timeline/segment", test_segment);
  test_add ("/timeline/packet-times", test_packet_times);
  test_add ("/timeline/packets", test_packets);
  test_add ("/timeline/packet-lead", test_packet_lead);

  return g_test_run ();
}
