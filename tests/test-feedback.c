/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Notes of what was sent, and what a peer's RTCP says of it.
 */

#include <gst/gst.h>
#include <gst/rtp/rtp.h>

#include "testsupport.h"
#include "wsctlfeedback-private.h"
#include "wsctlreportblocks-private.h"
#include "wsctlsent-private.h"

static void
test_sent (void)
{
  g_autofree GstWsctlSent *sent = g_new0 (GstWsctlSent, 1);
  const GstWsctlSentPacket *packet;

  g_assert_null (gst_wsctl_sent_find (sent, 0));

  /* Across the end of the numbers */
  gst_wsctl_sent_add (sent, 65534, 100, 1000);
  gst_wsctl_sent_add (sent, 65535, 200, 2000);
  gst_wsctl_sent_add (sent, 0, 300, 3000);
  packet = gst_wsctl_sent_find (sent, 65535);
  g_assert_nonnull (packet);
  g_assert_cmpuint (packet->packets, ==, 2);
  g_assert_cmpuint (packet->bytes, ==, 300);
  g_assert_cmpint (packet->time_us, ==, 2000);
  g_assert_cmpint (gst_wsctl_sent_get_age_after (sent, packet, 3500), ==, 500);

  packet = gst_wsctl_sent_find (sent, 0);
  g_assert_cmpint (gst_wsctl_sent_get_age_after (sent, packet, 9000), ==, 0);
  g_assert_null (gst_wsctl_sent_find (sent, 1));
}

static void
test_forgotten (void)
{
  g_autofree GstWsctlSent *sent = g_new0 (GstWsctlSent, 1);
  guint i;

  for (i = 0; i < 3 * GST_WSCTL_SENT_SIZE; i++)
    gst_wsctl_sent_add (sent, i, 1, i);

  g_assert_null (gst_wsctl_sent_find (sent, 0));
  g_assert_null (gst_wsctl_sent_find (sent, 2 * GST_WSCTL_SENT_SIZE - 1));
  g_assert_nonnull (gst_wsctl_sent_find (sent, 2 * GST_WSCTL_SENT_SIZE));
  g_assert_cmpuint (sent->n_bytes, ==, 3 * GST_WSCTL_SENT_SIZE);

  /* Another start: what lies between was never sent. */
  gst_wsctl_sent_add (sent, 40000, 1, 0);
  g_assert_null (gst_wsctl_sent_find (sent, 39999));
  g_assert_nonnull (gst_wsctl_sent_find (sent, 40000));
}

static void
test_remb (void)
{
  static const struct
  {
    guint8 fci[8];
    gsize size;
    guint64 bitrate_bps;
  } cases[] = {
    /* 1 SSRC, exponent 0 and 3, mantissa 262143 */
    {{'R', 'E', 'M', 'B', 1, 0x03, 0xff, 0xff}, 8, 262143},
    {{'R', 'E', 'M', 'B', 1, 0x0f, 0xff, 0xff}, 8, 2097144},
    {{'R', 'E', 'M', 'B', 1, 0xff, 0xff, 0xff}, 8, G_MAXINT64},
    {{'R', 'E', 'M', 'B', 1, 0x00, 0x00, 0x00}, 8, 0},
    {{'R', 'E', 'M', 'X', 1, 0x03, 0xff, 0xff}, 8, 0},
    {{'R', 'E', 'M', 'B', 1, 0x03, 0xff, 0xff}, 7, 0},
    {{0,}, 0, 0},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (gst_wsctl_feedback_parse_remb (cases[i].fci,
            cases[i].size), ==, cases[i].bitrate_bps);
}

/* As a server reports on sound and picture at once */
static GstBuffer *
new_report (GstRTCPType type, guint32 last_sr, guint32 delay_since_sr)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (1400);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, type, &packet);
  if (type == GST_RTCP_TYPE_SR)
    gst_rtcp_packet_sr_set_sender_info (&packet, 1, 2, 3, 4, 5);
  else
    gst_rtcp_packet_rr_set_ssrc (&packet, 1);
  gst_rtcp_packet_add_rb (&packet, 10, 64, -3, 0x1fffe, 90, last_sr,
      delay_since_sr);
  gst_rtcp_packet_add_rb (&packet, 20, 128, 5, 7, 48, 0, 0);
  gst_rtcp_buffer_unmap (&rtcp);

  return buffer;
}

#define NTP_US (G_GUINT64_CONSTANT (4000000000) * G_USEC_PER_SEC)
#define NTP_SHORT ((guint32) (G_GUINT64_CONSTANT (4000000000) << 16))

static void
test_blocks (void)
{
  static const GstRTCPType types[] = { GST_RTCP_TYPE_SR, GST_RTCP_TYPE_RR };
  GstWsctlReportBlock block;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    GstBuffer *rtcp = new_report (types[i], NTP_SHORT - 3 * 65536, 2 * 65536);

    g_assert_true (gst_wsctl_report_block_find (rtcp, 10, NTP_US, &block));
    g_assert_cmpfloat (block.fraction_lost, ==, 0.25);
    g_assert_cmpint (block.packets_lost, ==, -3);
    g_assert_cmpuint (block.highest_seq, ==, 0x1fffe);
    g_assert_cmpuint (block.jitter, ==, 90);
    g_assert_cmpint (block.round_trip_us, ==, G_USEC_PER_SEC);

    g_assert_true (gst_wsctl_report_block_find (rtcp, 20, NTP_US, &block));
    g_assert_cmpfloat (block.fraction_lost, ==, 0.5);
    g_assert_cmpint (block.packets_lost, ==, 5);
    g_assert_cmpint (block.round_trip_us, ==, -1);

    g_assert_false (gst_wsctl_report_block_find (rtcp, 30, NTP_US, &block));
    gst_buffer_unref (rtcp);
  }
}

/* A clock that was set in between, at either end */
static void
test_round_trip (void)
{
  static const struct
  {
    gint32 ago;                 /* in 1/65536 s */
    guint32 kept;
    gint64 round_trip_us;
  } cases[] = {
    {6554, 0, 100006}, {0, 0, 0}, {65536, 65537, -1}, {-65536, 0, -1},
    {11 * 65536, 0, -1}, {11 * 65536, 10 * 65536, G_USEC_PER_SEC},
  };
  GstWsctlReportBlock block;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstBuffer *rtcp = new_report (GST_RTCP_TYPE_RR, NTP_SHORT - cases[i].ago,
        cases[i].kept);

    g_assert_true (gst_wsctl_report_block_find (rtcp, 10, NTP_US, &block));
    g_assert_cmpint (block.round_trip_us, ==, cases[i].round_trip_us);
    gst_buffer_unref (rtcp);
  }
}

/* Cut anywhere it says nothing, or the same. */
static void
test_cut_blocks (void)
{
  GstBuffer *rtcp = new_report (GST_RTCP_TYPE_RR, 0, 0);
  gsize size = gst_buffer_get_size (rtcp);
  GstWsctlReportBlock block;
  gsize i;

  for (i = 1; i < size; i++) {
    GstBuffer *cut =
        gst_buffer_copy_region (rtcp, GST_BUFFER_COPY_MEMORY, 0, i);

    g_assert_false (gst_wsctl_report_block_find (cut, 20, NTP_US, &block));
    gst_buffer_unref (cut);
  }
  gst_buffer_unref (rtcp);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/feedback/sent", test_sent);
  test_add ("/feedback/forgotten", test_forgotten);
  test_add ("/feedback/remb", test_remb);
  test_add ("/feedback/blocks", test_blocks);
  test_add ("/feedback/round-trip", test_round_trip);
  test_add ("/feedback/cut-blocks", test_cut_blocks);

  return g_test_run ();
}
