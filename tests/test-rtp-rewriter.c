/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The numbers of RTP that is sent, across changes of its source
 */

#include <gst/check/gstharness.h>
#include <gst/rtp/rtp.h>

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlrtprewriter-private.h"

#define AGREED "application/x-rtp, media=(string)video, payload=(int)104, " \
    "clock-rate=(int)90000, encoding-name=(string)VP8"
#define SOURCE "application/x-rtp, media=(string)video, payload=(int)96, " \
    "clock-rate=(int)90000, encoding-name=(string)VP8, ssrc=(uint)7, " \
    "a-framerate=(string)30"
#define TWCC "http://www.ietf.org/id/" \
    "draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define SSRC 0x12345678
#define FRAME_TICKS 3000
#define FRAME_NS (GST_SECOND / 30)

typedef struct
{
  guint32 ssrc;
  guint payload;
  guint16 seq;
  guint32 time;
  GstClockTime pts;
  gboolean extended;
} Packet;

static GstHarness *
new_harness (const gchar * agreed)
{
  GstElement *bin = gst_parse_bin_from_description ("identity", TRUE, NULL);
  GstHarness *harness = gst_harness_new_with_element (bin, "sink", "src");
  g_autoptr (GstCaps) caps = gst_caps_from_string (agreed);
  g_autoptr (GstCaps) offered = gst_caps_copy (caps);
  g_autoptr (GstPad) sink =
      gst_element_get_static_pad (harness->element, "sink");

  gst_caps_set_simple (offered, "ssrc", G_TYPE_UINT, SSRC, NULL);
  gst_wsctl_rtp_rewriter_attach (sink, caps, offered);
  gst_harness_set_src_caps_str (harness, SOURCE);
  gst_object_unref (bin);

  return harness;
}

static Packet
from (guint32 ssrc, guint16 seq, guint32 time, GstClockTime pts)
{
  Packet packet = { ssrc, 96, seq, time, pts, FALSE };

  return packet;
}

static GstBuffer *
make_packet (const Packet * packet)
{
  GstBuffer *buffer = gst_rtp_buffer_new_allocate (10, 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  const guint8 number[2] = { 1, 2 };

  gst_rtp_buffer_map (buffer, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_ssrc (&rtp, packet->ssrc);
  gst_rtp_buffer_set_payload_type (&rtp, packet->payload);
  gst_rtp_buffer_set_seq (&rtp, packet->seq);
  gst_rtp_buffer_set_timestamp (&rtp, packet->time);
  gst_rtp_buffer_set_marker (&rtp, TRUE);
  if (packet->extended)
    gst_rtp_buffer_add_extension_onebyte_header (&rtp, 1, number, 2);
  memset (gst_rtp_buffer_get_payload (&rtp), 'x', 10);
  gst_rtp_buffer_unmap (&rtp);
  GST_BUFFER_PTS (buffer) = packet->pts;

  return buffer;
}

static void
read_packet (GstBuffer * buffer, Packet * packet)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  g_assert_true (gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp));
  packet->ssrc = gst_rtp_buffer_get_ssrc (&rtp);
  packet->payload = gst_rtp_buffer_get_payload_type (&rtp);
  packet->seq = gst_rtp_buffer_get_seq (&rtp);
  packet->time = gst_rtp_buffer_get_timestamp (&rtp);
  packet->pts = GST_BUFFER_PTS (buffer);
  packet->extended = gst_rtp_buffer_get_extension (&rtp);
  g_assert_true (gst_rtp_buffer_get_marker (&rtp));
  g_assert_cmpuint (gst_rtp_buffer_get_payload_len (&rtp), ==, 10);
  g_assert_cmpint (*(guint8 *) gst_rtp_buffer_get_payload (&rtp), ==, 'x');
  gst_rtp_buffer_unmap (&rtp);
}

/* FALSE when it does not come out. */
static gboolean
pass (GstHarness * harness, Packet in, Packet * out)
{
  GstBuffer *buffer;

  g_assert_cmpint (gst_harness_push (harness, make_packet (&in)), ==,
      GST_FLOW_OK);
  buffer = gst_harness_try_pull (harness);
  if (buffer == NULL)
    return FALSE;

  read_packet (buffer, out);
  gst_buffer_unref (buffer);
  g_assert_cmpuint (out->payload, ==, 104);
  g_assert_cmpuint (out->ssrc, ==, SSRC);
  g_assert_cmpuint (out->pts, ==, in.pts);

  return TRUE;
}

static void
expect (GstHarness * harness, Packet in, guint seq, guint32 time)
{
  Packet out;

  g_assert_true (pass (harness, in, &out));
  g_assert_cmpuint (out.seq, ==, seq);
  g_assert_cmpuint (out.time, ==, time);
}

static void
begin_stream (GstHarness * harness)
{
  gst_harness_push_event (harness, gst_event_new_stream_start ("other"));
}

/* Whatever comes in, what is behind sees the caps agreed. */
static void
test_caps (void)
{
  GstHarness *harness = new_harness (AGREED);
  g_autoptr (GstPad) sink =
      gst_element_get_static_pad (harness->element, "sink");
  g_autoptr (GstCaps) agreed =
      gst_caps_from_string (AGREED ", ssrc=(uint)305419896");
  g_autoptr (GstCaps) now = gst_pad_get_current_caps (harness->sinkpad);
  g_autoptr (GstCaps) may = gst_pad_query_caps (sink, NULL);
  g_autoptr (GstCaps) other = gst_caps_from_string ("application/x-rtp, "
      "media=(string)video, clock-rate=(int)90000, encoding-name=(string)VP8, "
      "payload=(int)33, ssrc=(uint)8, seqnum-base=(uint)7, "
      "npt-start=(guint64)0, x-dimensions=(string)\"1,2\"");

  g_assert_true (gst_caps_is_equal (now, agreed));
  g_assert_true (gst_caps_can_intersect (may, other));
  g_assert_true (gst_pad_query_accept_caps (sink, other));
  gst_clear_caps (&other);
  other = gst_caps_from_string ("application/x-rtp, media=(string)video, "
      "clock-rate=(int)90000, encoding-name=(string)H264, payload=(int)104");
  g_assert_false (gst_caps_can_intersect (may, other));
  g_assert_false (gst_pad_query_accept_caps (sink, other));
  gst_harness_teardown (harness);
}

/* Of one source, distances stay what they are: losses, and the order. */
static void
test_one_source (void)
{
  GstHarness *harness = new_harness (AGREED);
  Packet repair = from (7, 3, 8000, FRAME_NS);
  Packet out;

  expect (harness, from (7, 65534, 5000, 0), 65534, 5000);
  expect (harness, from (7, 65535, 5000, 0), 65535, 5000);
  expect (harness, from (7, 2, 8000, FRAME_NS), 2, 8000);
  expect (harness, from (7, 1, 8000, FRAME_NS), 1, 8000);
  /* Not of the payload type that the caps say: a repair flow */
  repair.payload = 97;
  g_assert_false (pass (harness, repair, &out));
  expect (harness, from (7, 4, 11000, 2 * FRAME_NS), 4, 11000);
  gst_harness_push (harness, gst_buffer_new_memdup ("no RTP", 6));
  g_assert_null (gst_harness_try_pull (harness));
  gst_harness_teardown (harness);
}

/* The next source goes on where the one before has stopped, as much later as the
 * running time says. */
static void
test_change (void)
{
  GstHarness *harness = new_harness (AGREED);
  Packet out;

  expect (harness, from (7, 10, 1000, 10 * FRAME_NS), 10, 1000);
  /* Another SSRC */
  expect (harness, from (8, 500, 0xfffff000, 12 * FRAME_NS), 11,
      1000 + 2 * FRAME_TICKS);
  expect (harness, from (8, 501, 0xfffff000 + FRAME_TICKS, 13 * FRAME_NS), 12,
      1000 + 3 * FRAME_TICKS);
  /* What came before its first would have a number that is taken. */
  g_assert_false (pass (harness, from (8, 499, 0xfffff000, 12 * FRAME_NS),
          &out));
  /* Another stream with the same SSRC, and back */
  begin_stream (harness);
  expect (harness, from (8, 502, 77, 14 * FRAME_NS), 13,
      1000 + 4 * FRAME_TICKS);
  begin_stream (harness);
  expect (harness, from (7, 90, 31000, 20 * FRAME_NS), 14,
      1000 + 10 * FRAME_TICKS);
  /* A payloader that begins anew says nothing of it. */
  expect (harness, from (7, 9000, 5, 21 * FRAME_NS), 15,
      1000 + 11 * FRAME_TICKS);
  gst_harness_teardown (harness);
}

/* A source that begins earlier than the last one has ended stays in step, and
 * its RTP times never go back. */
static void
test_overlap (void)
{
  GstHarness *harness = new_harness (AGREED);

  expect (harness, from (7, 10, 1000, 10 * FRAME_NS), 10, 1000);
  begin_stream (harness);
  expect (harness, from (8, 50, 0, 9 * FRAME_NS), 11, 1001);
  expect (harness, from (8, 51, 0, 9 * FRAME_NS), 12, 1001);
  expect (harness, from (8, 52, FRAME_TICKS, 10 * FRAME_NS), 13, 1002);
  expect (harness, from (8, 53, 2 * FRAME_TICKS, 11 * FRAME_NS), 14,
      1000 + FRAME_TICKS);
  gst_harness_teardown (harness);
}

/* Running times that have nothing to do with each other, or none: the clock */
static void
test_clock (void)
{
  const GstClockTime times[] = { 2 * 3600 * GST_SECOND, GST_CLOCK_TIME_NONE,
    5 * GST_SECOND, 3600 * GST_SECOND
  };
  GstHarness *harness = new_harness (AGREED);
  Packet out;
  guint32 last;
  guint i;

  expect (harness, from (7, 10, 1000, 1800 * GST_SECOND), 10, 1000);
  last = 1000;
  for (i = 0; i < G_N_ELEMENTS (times); i++) {
    g_assert_true (pass (harness, from (8 + i, 50, i * 123456789, times[i]),
            &out));
    g_assert_cmpuint (out.seq, ==, 11 + i);
    g_assert_cmpuint (out.time - last, >, 0);
    g_assert_cmpuint (out.time - last, <, 90 * test_scale_ms (1000));
    last = out.time;
  }
  gst_harness_teardown (harness);
}

/* RTP time that jumps by more than the running time does, within one source */
static void
test_jump (void)
{
  GstHarness *harness = new_harness (AGREED);
  const guint32 jump = 90 * 60 * 90000;

  expect (harness, from (7, 10, 1000, 0), 10, 1000);
  expect (harness, from (7, 11, 1000 + FRAME_TICKS + jump, FRAME_NS), 11,
      1000 + FRAME_TICKS);
  expect (harness, from (7, 12, 1000 + 2 * FRAME_TICKS + jump, 2 * FRAME_NS),
      12, 1000 + 2 * FRAME_TICKS);
  /* Both go on after a pause. */
  expect (harness, from (7, 13, 1000 + 602 * FRAME_TICKS + jump,
          602 * FRAME_NS), 13, 1000 + 602 * FRAME_TICKS);
  gst_harness_teardown (harness);
}

/* Extensions stay when their numbers are those agreed. */
static void
test_extensions (void)
{
  static const struct
  {
    const gchar *agreed;
    const gchar *source;
    gboolean kept;
  } cases[] = {
    {"", "", FALSE},
    {"", ", extmap-1=(string)\"" TWCC "\"", FALSE},
    {", extmap-1=(string)\"" TWCC "\"", "", FALSE},
    {", extmap-1=(string)\"" TWCC "\"",
        ", extmap-1=(string)urn:ietf:params:rtp-hdrext:toffset", FALSE},
    {", extmap-1=(string)\"" TWCC "\"", ", extmap-1=(string)\"" TWCC "\"",
        TRUE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *agreed = g_strconcat (AGREED, cases[i].agreed, NULL);
    g_autofree gchar *source = g_strconcat (SOURCE, cases[i].source, NULL);
    GstHarness *harness = new_harness (agreed);
    Packet extended = from (7, 10, 1000, 0);
    Packet out;

    extended.extended = TRUE;

    g_test_message ("%u", i);
    gst_harness_set_src_caps_str (harness, source);
    g_assert_true (pass (harness, extended, &out));
    g_assert_cmpint (out.extended, ==, cases[i].kept);
    g_assert_true (pass (harness, from (7, 11, 1000, 0), &out));
    gst_harness_teardown (harness);
  }
}

/* Packets in a list; what others have of them stays what it is. */
static void
test_list (void)
{
  GstHarness *harness = new_harness (AGREED);
  GstBufferList *list = gst_buffer_list_new ();
  g_autoptr (GstBuffer) kept = NULL;
  Packet out;
  guint i;

  for (i = 0; i < 3; i++) {
    Packet packet = from (7, i, 1000, 0);

    packet.payload = i == 1 ? 97 : 96;
    gst_buffer_list_add (list, make_packet (&packet));
  }
  kept = gst_buffer_ref (gst_buffer_list_get (list, 0));
  g_assert_cmpint (gst_pad_push_list (harness->srcpad, list), ==, GST_FLOW_OK);
  for (i = 0; i < 3; i += 2) {
    GstBuffer *buffer = gst_harness_try_pull (harness);

    read_packet (buffer, &out);
    g_assert_cmpuint (out.seq, ==, i);
    g_assert_cmpuint (out.payload, ==, 104);
    gst_buffer_unref (buffer);
  }
  g_assert_null (gst_harness_try_pull (harness));
  read_packet (kept, &out);
  g_assert_cmpuint (out.payload, ==, 96);
  gst_harness_teardown (harness);
}

#define H264 "application/x-rtp, media=(string)video, payload=(int)102, " \
    "clock-rate=(int)90000, encoding-name=(string)H264"

/* What can go out under what was agreed; the reason names what does not fit. */
static void
test_check (void)
{
  static const struct
  {
    const gchar *agreed;
    const gchar *track;
    const gchar *reason;
  } cases[] = {
    {AGREED, "ANY", NULL},
    {AGREED, "application/x-rtp", NULL},
    {AGREED, "application/x-rtp, media=(string)video, payload=(int)33, "
          "clock-rate=(int)90000, encoding-name=(string)VP8, ssrc=(uint)1",
        NULL},
    {AGREED, "video/x-vp8", "video/x-vp8"},
    {AGREED, H264, "H264"},
    {AGREED, "application/x-rtp, media=(string)video, clock-rate=(int)8000, "
          "encoding-name=(string)VP8", "8000"},
    {H264 ", profile-level-id=(string)42e01f",
        H264 ", profile-level-id=(string)42c00b", NULL},
    {H264 ", profile-level-id=(string)42e01f",
        H264 ", profile-level-id=(string)64001f", "64001f"},
    {H264 ", profile-level-id=(string)42e01f",
        H264 ", profile-level-id=(string)4d001f", "profile"},
    {H264 ", profile-level-id=(string)64001f",
        H264 ", profile-level-id=(string)4d001f", NULL},
    {H264, H264 ", packetization-mode=(string)0", NULL},
    {H264, H264 ", packetization-mode=(string)2", "packetization-mode"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstPad) sink =
        gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
    g_autoptr (GstCaps) agreed = gst_caps_from_string (cases[i].agreed);
    g_autoptr (GstCaps) track = gst_caps_from_string (cases[i].track);
    g_autoptr (GError) error = NULL;
    gboolean fits;

    gst_wsctl_rtp_rewriter_attach (sink, agreed, NULL);
    fits = gst_wsctl_rtp_rewriter_check (sink, track, &error);
    g_test_message ("%u: %s", i, fits ? "fits" : error->message);
    g_assert_cmpint (fits, ==, cases[i].reason == NULL);
    if (fits)
      continue;
    g_assert_error (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_REPLACE_TRACK_FAILED);
    g_assert_nonnull (strstr (error->message, cases[i].reason));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/rtp-rewriter/caps", test_caps);
  test_add ("/rtp-rewriter/one-source", test_one_source);
  test_add ("/rtp-rewriter/change", test_change);
  test_add ("/rtp-rewriter/overlap", test_overlap);
  test_add ("/rtp-rewriter/clock", test_clock);
  test_add ("/rtp-rewriter/jump", test_jump);
  test_add ("/rtp-rewriter/extensions", test_extensions);
  test_add ("/rtp-rewriter/list", test_list);
  test_add ("/rtp-rewriter/check", test_check);

  return g_test_run ();
}
