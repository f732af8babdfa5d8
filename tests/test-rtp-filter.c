/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What of the RTP that comes in goes to a depayloader, and when
 */

#include <gst/check/gstharness.h>
#include <gst/rtp/rtp.h>

#include "gstwsctlrtpfilter.h"
#include "testsupport.h"

#define FRAME_TICKS 3000
#define FRAME_NS (GST_SECOND / 30)

typedef struct
{
  GstHarness *harness;
  guint n_warnings;
} Filter;

static void
on_warning (const gchar * text, gpointer data)
{
  g_test_message ("%s", text);
  ((Filter *) data)->n_warnings++;
}

static void
start (Filter * self, const gchar * codec, const gchar * caps)
{
  GstElement *bin = gst_parse_bin_from_description ("identity", TRUE, NULL);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (bin, "sink");

  self->n_warnings = 0;
  self->harness = gst_harness_new_with_element (bin, "sink", "src");
  gst_wsctl_rtp_filter_attach (sink, gst_wsctl_codec_find (codec), on_warning,
      self);
  gst_harness_set_src_caps_str (self->harness, caps);
  gst_object_unref (bin);
}

/* What comes out: its number, or -1; and when */
static gint
pass (Filter * self, guint payload, guint32 ssrc, guint16 seq, guint32 time,
    GstClockTime * pts)
{
  GstBuffer *packet = gst_rtp_buffer_new_allocate (10, 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gint result;

  gst_rtp_buffer_map (packet, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_payload_type (&rtp, payload);
  gst_rtp_buffer_set_ssrc (&rtp, ssrc);
  gst_rtp_buffer_set_seq (&rtp, seq);
  gst_rtp_buffer_set_timestamp (&rtp, time);
  gst_rtp_buffer_unmap (&rtp);
  GST_BUFFER_PTS (packet) = pts != NULL ? *pts : 0;
  gst_harness_push (self->harness, packet);
  packet = gst_harness_try_pull (self->harness);
  if (packet == NULL)
    return -1;

  gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp);
  result = gst_rtp_buffer_get_seq (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  if (pts != NULL)
    *pts = GST_BUFFER_PTS (packet);
  gst_buffer_unref (packet);

  return result;
}

/* Caps have all that a depayloader asks for. */
static void
test_caps (void)
{
  static const struct
  {
    const gchar *codec;
    const gchar *in;
    const gchar *out;
  } rows[] = {
    {"H264", "application/x-rtp,media=video,encoding-name=H264,ssrc=(uint)5",
        "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,"
          "payload=96,ssrc=(uint)5"},
    {"H264", "application/x-rtp,encoding-name=H264,payload=35",
        "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,"
          "payload=96"},
    {"VP8", "application/x-rtp,encoding-name=VP8,payload=127,a-x=(string)y",
        "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,"
          "payload=127,a-x=(string)y"},
    {"PCMA", "application/x-rtp,payload=8",
        "application/x-rtp,media=audio,encoding-name=PCMA,clock-rate=8000,"
          "payload=8"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GstCaps) out = gst_caps_from_string (rows[i].out);
    g_autoptr (GstCaps) caps = NULL;
    Filter filter;

    start (&filter, rows[i].codec, rows[i].in);
    caps = gst_pad_get_current_caps (filter.harness->sinkpad);
    g_test_message ("%u", i);
    g_assert_true (gst_caps_is_equal (caps, out));
    gst_harness_teardown (filter.harness);
  }
}

#define VP8 "application/x-rtp,media=video,encoding-name=VP8"

/* Repair flows, RTCP and other senders in the same flow are dropped. */
static void
test_beside (void)
{
  Filter filter;
  guint i;

  start (&filter, "VP8", VP8);
  g_assert_cmpint (pass (&filter, 96, 1, 10, 0, NULL), ==, 10);
  g_assert_cmpint (pass (&filter, 97, 2, 500, 0, NULL), ==, -1);
  g_assert_cmpint (pass (&filter, 96, 1, 11, 0, NULL), ==, 11);
  g_assert_cmpint (pass (&filter, 72, 1, 6, 0, NULL), ==, -1);
  gst_harness_push (filter.harness, gst_buffer_new_memdup ("no RTP", 6));
  g_assert_null (gst_harness_try_pull (filter.harness));
  g_assert_cmpint (pass (&filter, 96, 1, 12, 0, NULL), ==, 12);

  /* FEC takes numbers of the same row: what is left has no gaps but losses. */
  g_assert_cmpint (pass (&filter, 100, 1, 13, 0, NULL), ==, -1);
  g_assert_cmpint (pass (&filter, 96, 1, 14, 0, NULL), ==, 13);
  g_assert_cmpint (pass (&filter, 96, 1, 16, 0, NULL), ==, 15);

  /* The same payload type from elsewhere, in turn; then it alone */
  for (i = 0; i < 10; i++) {
    g_assert_cmpint (pass (&filter, 96, 3, 700 + i, 0, NULL), ==, -1);
    g_assert_cmpint (pass (&filter, 96, 1, 17 + i, 0, NULL), >=, 0);
  }
  for (i = 0; i < 4; i++)
    g_assert_cmpint (pass (&filter, 96, 3, 710 + i, 0, NULL), ==, -1);
  g_assert_cmpint (pass (&filter, 96, 3, 714, 0, NULL), >=, 0);
  g_assert_cmpint (pass (&filter, 96, 3, 715, 0, NULL), >=, 0);
  g_assert_cmpuint (filter.n_warnings, ==, 0);
  gst_harness_teardown (filter.harness);
}

/* Caps that name another payload type than all packets have: one warning */
static void
test_wrong_number (void)
{
  Filter filter;
  guint i, n = 0;

  start (&filter, "VP8", VP8 ",payload=99");
  for (i = 0; i < 100; i++)
    n += pass (&filter, 98, 1, i, 0, NULL) >= 0;
  g_assert_cmpuint (n, >, 40);
  g_assert_cmpuint (filter.n_warnings, ==, 1);
  gst_harness_teardown (filter.harness);
}

/* Arrivals jitter, RTP times do not. A jump of both is taken at once. */
static void
test_times (void)
{
  static const gint64 late_ms[] = { 0, 12, 3, 0, 25, 9, 1, 18, 0, 30, 7, 2 };
  GstClockTime last = 0, pts;
  Filter filter;
  guint i;

  start (&filter, "VP8", VP8);
  for (i = 0; i < 300; i++) {
    GstClockTime due = GST_SECOND + i * FRAME_NS;

    pts = due + late_ms[i % G_N_ELEMENTS (late_ms)] * GST_MSECOND;
    pass (&filter, 96, 1, i, i * FRAME_TICKS, &pts);
    if (i > 0)
      g_assert_cmpint (ABS (GST_CLOCK_DIFF (last, pts) - (gint64) FRAME_NS),
          <=, 2 * GST_MSECOND);
    g_assert_cmpint (ABS (GST_CLOCK_DIFF (due, pts)), <=, 5 * GST_MSECOND);
    last = pts;
  }

  pts = 60 * GST_SECOND;
  pass (&filter, 96, 1, i, i * FRAME_TICKS, &pts);
  g_assert_cmpuint (pts, ==, 60 * GST_SECOND);
  gst_harness_teardown (filter.harness);
}

/* Those of a payloader stay what they are. */
static void
test_exact_times (void)
{
  GstClockTime pts;
  Filter filter;
  guint i;

  start (&filter, "VP8", VP8);
  for (i = 0; i < 300; i++) {
    GstClockTime due = gst_util_uint64_scale (i, GST_SECOND, 30);

    pts = due;
    pass (&filter, 96, 1, i, 4294900000u + i * FRAME_TICKS, &pts);
    g_assert_cmpint (ABS (GST_CLOCK_DIFF (due, pts)), <=, 20 * GST_USECOND);
  }
  gst_harness_teardown (filter.harness);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/rtp-filter/caps", test_caps);
  test_add ("/rtp-filter/beside", test_beside);
  test_add ("/rtp-filter/wrong-number", test_wrong_number);
  test_add ("/rtp-filter/times", test_times);
  test_add ("/rtp-filter/exact-times", test_exact_times);

  return g_test_run ();
}
