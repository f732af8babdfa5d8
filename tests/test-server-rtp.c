/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Packets that come late, twice, never; RTCP there and back. No network and no
 * clock: the time is made up.
 */

#include <gst/gst.h>
#include <string.h>

#include "testsupport.h"
#include "wsctlserverinput-private.h"
#include "wsctlserverreceiver-private.h"
#include "wsctlserverrtcp-private.h"

#define MS 1000

/* What a packet carries here is its own number. */
static void
push (GstWsctlServerReceiver * receiver, guint16 seq, gint64 now_us)
{
  gst_wsctl_server_receiver_push (receiver,
      gst_buffer_new_memdup (&seq, sizeof seq), seq, 0, now_us);
}

static gint
pop (GstWsctlServerReceiver * receiver, gint64 now_us, gboolean * lost)
{
  GstBuffer *packet = gst_wsctl_server_receiver_pop (receiver, now_us, lost);
  guint16 seq;

  if (packet == NULL)
    return -1;
  gst_buffer_extract (packet, 0, &seq, sizeof seq);
  gst_buffer_unref (packet);

  return seq;
}

static void
check_pop (GstWsctlServerReceiver * receiver, gint64 now_us, gint seq,
    gboolean lost)
{
  gboolean was_lost;

  g_assert_cmpint (pop (receiver, now_us, &was_lost), ==, seq);
  g_assert_cmpint (was_lost, ==, lost);
}

static void
test_in_order (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);
  guint i;

  /* Over the wrap, and never held */
  for (i = 0; i < 100; i++) {
    push (receiver, 65500 + i, i * MS);
    check_pop (receiver, i * MS, (65500 + i) & 0xffff, FALSE);
    check_pop (receiver, i * MS, -1, FALSE);
  }
  g_assert_false (gst_wsctl_server_receiver_is_waiting (receiver));
}

static void
test_reordered (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);

  push (receiver, 10, 0);
  push (receiver, 12, 1 * MS);
  push (receiver, 12, 1 * MS);
  check_pop (receiver, 1 * MS, 10, FALSE);
  check_pop (receiver, 1 * MS, -1, FALSE);
  g_assert_true (gst_wsctl_server_receiver_is_waiting (receiver));
  push (receiver, 11, 2 * MS);
  push (receiver, 11, 2 * MS);
  check_pop (receiver, 2 * MS, 11, FALSE);
  check_pop (receiver, 2 * MS, 12, FALSE);
  check_pop (receiver, 2 * MS, -1, FALSE);
  g_assert_false (gst_wsctl_server_receiver_is_waiting (receiver));

  /* One that was delivered */
  push (receiver, 11, 3 * MS);
  check_pop (receiver, 3 * MS, -1, FALSE);
}

static void
test_nacks (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);
  guint16 seqs[8];
  guint i;

  /* By the number of packets after it … */
  push (receiver, 1, 0);
  for (i = 0; i < 4; i++) {
    push (receiver, 3 + i, 0);
    g_assert_cmpuint (gst_wsctl_server_receiver_collect_nacks (receiver, 0,
            seqs, 8), ==, 0);
  }
  push (receiver, 7, 0);
  g_assert_cmpuint (gst_wsctl_server_receiver_collect_nacks (receiver, 0,
          seqs, 8), ==, 1);
  g_assert_cmpuint (seqs[0], ==, 2);
  /* … and again after a while */
  g_assert_cmpuint (gst_wsctl_server_receiver_collect_nacks (receiver,
          20 * MS, seqs, 8), ==, 0);
  g_assert_cmpuint (gst_wsctl_server_receiver_collect_nacks (receiver,
          60 * MS, seqs, 8), ==, 1);
  push (receiver, 2, 70 * MS);

  /* By time, when nothing comes after it */
  push (receiver, 10, 100 * MS);
  g_assert_cmpuint (gst_wsctl_server_receiver_collect_nacks (receiver,
          100 * MS, seqs, 8), ==, 0);
  g_assert_cmpuint (gst_wsctl_server_receiver_collect_nacks (receiver,
          111 * MS, seqs, 8), ==, 2);
  g_assert_cmpuint (seqs[0], ==, 8);
  g_assert_cmpuint (seqs[1], ==, 9);
}

static void
test_lost (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);
  GstWsctlServerReportBlock block;
  GstWsctlServerReport report;

  push (receiver, 1, 0);
  check_pop (receiver, 0, 1, FALSE);
  push (receiver, 4, 0);
  check_pop (receiver, 200 * MS, -1, FALSE);
  check_pop (receiver, 301 * MS, 4, TRUE);
  g_assert_true (gst_wsctl_server_receiver_fill_block (receiver, &block));
  g_assert_cmpint (block.packets_lost, ==, 2);
  g_assert_cmpuint (block.fraction_lost, ==, 128);
  g_assert_cmpuint (block.highest_seq & 0xffff, ==, 4);
  gst_wsctl_server_receiver_report (receiver, &report);
  g_assert_cmpuint (report.n_lost, ==, 2);
  g_assert_cmpuint (report.fraction_lost, ==, 128);

  /* Much that is newer cuts it short, but not inside of one burst. */
  push (receiver, 45, 400 * MS);
  check_pop (receiver, 400 * MS, -1, FALSE);
  check_pop (receiver, 551 * MS, -1, FALSE);
  gst_wsctl_server_receiver_report (receiver, &report);
  g_assert_cmpuint (report.n_lost, >, 0);
  check_pop (receiver, 701 * MS, 45, TRUE);
}

/* Reports of the two kinds count for themselves, and of nothing there is none. */
static void
test_reports (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);
  GstWsctlServerReportBlock block;
  GstWsctlServerReport report;

  g_assert_false (gst_wsctl_server_receiver_fill_block (receiver, &block));
  push (receiver, 1, 0);
  g_assert_true (gst_wsctl_server_receiver_fill_block (receiver, &block));
  g_assert_cmpuint (block.fraction_lost, ==, 0);
  push (receiver, 5, 0);
  g_assert_true (gst_wsctl_server_receiver_fill_block (receiver, &block));
  g_assert_cmpuint (block.fraction_lost, ==, 192);
  g_assert_false (gst_wsctl_server_receiver_fill_block (receiver, &block));
  push (receiver, 6, 0);
  g_assert_true (gst_wsctl_server_receiver_fill_block (receiver, &block));
  g_assert_cmpuint (block.fraction_lost, ==, 0);
  g_assert_cmpint (block.packets_lost, ==, 3);

  gst_wsctl_server_receiver_report (receiver, &report);
  g_assert_cmpuint (report.fraction_lost, ==, 128);
  gst_wsctl_server_receiver_report (receiver, &report);
  g_assert_cmpuint (report.fraction_lost, ==, 0);
}

/* On a long way, it is not asked for again before the answer can be there. */
static void
test_nack_distance (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);
  gint64 now_us = 0;
  guint16 seq = 1, seqs[8];
  gboolean lost;
  guint i, n_nacks = 0;

  for (i = 0; i < 50; i++) {
    gint64 until_us = now_us + 110 * MS;

    push (receiver, seq++, now_us);
    push (receiver, ++seq, now_us);
    for (n_nacks = 0; now_us < until_us; now_us += 10 * MS)
      n_nacks += gst_wsctl_server_receiver_collect_nacks (receiver, now_us,
          seqs, 8);
    push (receiver, seq++ - 1, now_us);
    while (pop (receiver, now_us, &lost) >= 0)
      g_assert_false (lost);
    if (i == 0)
      g_assert_cmpuint (n_nacks, ==, 2);
  }
  g_assert_cmpuint (n_nacks, ==, 1);
}

/* A jump without a reason: the new place counts, and nothing is asked for. */
static void
test_jump (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);

  push (receiver, 1, 0);
  check_pop (receiver, 0, 1, FALSE);
  push (receiver, 30000, 0);
  check_pop (receiver, 0, 30000, TRUE);
  g_assert_false (gst_wsctl_server_receiver_is_waiting (receiver));
  push (receiver, 30001, 0);
  check_pop (receiver, 0, 30001, FALSE);
}

static void
on_sr (guint32 ssrc, guint64 ntp, guint32 rtp_time, gpointer data)
{
  g_string_append_printf (data, "sr %x %" G_GINT64_MODIFIER "x %u;", ssrc,
      ntp, rtp_time);
}

static void
on_block (const GstWsctlServerReportBlock * block, gpointer data)
{
  g_string_append_printf (data, "block %x %u %d %u %u;", block->ssrc,
      block->fraction_lost, block->packets_lost, block->highest_seq,
      block->jitter);
}

static void
on_nack (guint32 media_ssrc, guint16 seq, gpointer data)
{
  g_string_append_printf (data, "nack %x %u;", media_ssrc, seq);
}

static void
on_keyframe (guint32 media_ssrc, gpointer data)
{
  g_string_append_printf (data, "key %x;", media_ssrc);
}

static const GstWsctlServerRtcpHandler handler = {
  on_sr, on_block, on_nack, on_keyframe
};

static void
test_rtcp (void)
{
  static const guint16 seqs[] = { 65534, 65535, 14, 15, 100 };
  const GstWsctlServerReportBlock block = {
    .ssrc = 0xb,.fraction_lost = 7,.packets_lost = -3,.highest_seq = 9,
    .jitter = 11,
  };
  g_autoptr (GByteArray) rtcp = g_byte_array_new ();
  g_autoptr (GString) heard = g_string_new (NULL);

  gst_wsctl_server_rtcp_add_sr (rtcp, 0xa, G_GUINT64_CONSTANT (0x123456789),
      42, 1, 2);
  gst_wsctl_server_rtcp_add_rr (rtcp, 0xa, &block, 1);
  gst_wsctl_server_rtcp_add_sdes (rtcp, 0xa);
  gst_wsctl_server_rtcp_add_nack (rtcp, 0xa, 0xc, seqs, G_N_ELEMENTS (seqs));
  gst_wsctl_server_rtcp_add_remb (rtcp, 0xa, 0xc, 3000000);
  gst_wsctl_server_rtcp_add_pli (rtcp, 0xa, 0xd);
  gst_wsctl_server_rtcp_add_bye (rtcp, 0xa);
  g_assert_cmpuint (rtcp->len % 4, ==, 0);

  gst_wsctl_server_rtcp_read (rtcp->data, rtcp->len, &handler, heard);
  g_assert_cmpstr (heard->str, ==, "sr a 123456789 42;block b 7 -3 9 11;"
      "nack c 65534;nack c 65535;nack c 14;nack c 15;nack c 100;key d;");
}

/* Cut anywhere and changed anywhere, it stays inside of what it was given. */
static void
test_broken_rtcp (void)
{
  static const guint16 seqs[] = { 1, 2 };
  const GstWsctlServerReportBlock block = {.ssrc = 1 };
  g_autoptr (GByteArray) rtcp = g_byte_array_new ();
  g_autoptr (GString) heard = g_string_new (NULL);
  guint i;

  gst_wsctl_server_rtcp_add_rr (rtcp, 1, &block, 1);
  gst_wsctl_server_rtcp_add_nack (rtcp, 1, 2, seqs, 2);
  gst_wsctl_server_rtcp_add_pli (rtcp, 1, 2);
  for (i = 0; i < rtcp->len; i++) {
    g_autofree guint8 *cut = g_memdup2 (rtcp->data, i);

    gst_wsctl_server_rtcp_read (cut, i, &handler, heard);
  }
  for (i = 0; i < 20000; i++) {
    g_autofree guint8 *changed = g_memdup2 (rtcp->data, rtcp->len);

    changed[g_test_rand_int_range (0, rtcp->len)] = g_test_rand_int ();
    changed[g_test_rand_int_range (0, rtcp->len)] = g_test_rand_int ();
    gst_wsctl_server_rtcp_read (changed, rtcp->len, &handler, heard);
  }
}

static void
test_ntp (void)
{
  const gint64 time_us = G_GINT64_CONSTANT (1795182378548454);
  guint64 ntp = gst_wsctl_server_ntp_from_unix (time_us);

  g_assert_cmpuint (ntp >> 32, ==, 1795182378 + G_GUINT64_CONSTANT
      (2208988800));
  g_assert_cmpint (ABS (gst_wsctl_server_ntp_to_unix (ntp) - time_us), <=, 1);
}

/* Packets that come ever later than they were sent wait somewhere. */
static void
test_queue (void)
{
  g_autoptr (GstWsctlServerReceiver) receiver =
      gst_wsctl_server_receiver_new (90000);
  GstWsctlServerReport report;
  gint64 late_us = 0;
  guint i;

  for (i = 0; i < 100; i++)
    gst_wsctl_server_receiver_push (receiver, gst_buffer_new_allocate (NULL,
            100, NULL), i, i * 900, i * 10 * MS + i % 7 * MS);
  gst_wsctl_server_receiver_report (receiver, &report);
  g_assert_cmpint (report.queue_ms, ==, 0);
  g_assert_cmpuint (report.n_bytes, ==, 100 * 100);

  for (; i < 200; i++) {
    late_us += 5 * MS;
    gst_wsctl_server_receiver_push (receiver, gst_buffer_new_allocate (NULL,
            100, NULL), i, i * 900, i * 10 * MS + late_us);
  }
  gst_wsctl_server_receiver_report (receiver, &report);
  for (; i < 300; i++)
    gst_wsctl_server_receiver_push (receiver, gst_buffer_new_allocate (NULL,
            100, NULL), i, i * 900, i * 10 * MS + late_us);
  gst_wsctl_server_receiver_report (receiver, &report);
  g_assert_cmpint (report.queue_ms, >, 490);
  g_assert_cmpint (report.queue_ms, <=, 500);
}

/* Sender reports that tell the truth, and such that do not. One in a while must
 * not matter, and none may stop the clock of the stream, or drive it. */
typedef struct
{
  const gchar *name;
  gdouble ntp_rate;             /* seconds of NTP time a second */
  gdouble rtp_rate;             /* the same for RTP time */
  gint64 ntp_jump_ms;           /* in every second report */
  gint64 rtp_jump_ms;
  gboolean no_ntp;
} ReportCase;

#define N_PACKETS 1500          /* of 20 ms each */
#define OPUS_PT 111
#define OPUS_RATE 48000
#define OPUS_SSRC 0x1234
#define START_RTP 1000000
#define PACKETS_PER_REPORT 30

static void
send_packet (GstWsctlServerInput * input, guint i, gint64 now_us)
{
  guint8 packet[15] = { 0x80, OPUS_PT };

  GST_WRITE_UINT16_BE (packet + 2, i);
  GST_WRITE_UINT32_BE (packet + 4, START_RTP + i * OPUS_RATE / 50);
  GST_WRITE_UINT32_BE (packet + 8, OPUS_SSRC);
  packet[12] = 0xfc;            /* a frame of silence */
  packet[13] = 0xff;
  packet[14] = 0xfe;
  gst_wsctl_server_input_push (input, packet, sizeof packet, now_us);
  gst_wsctl_server_input_drain (input, now_us);
}

static void
send_report (const ReportCase * c, GstWsctlServerInput * input,
    GstWsctlServerClock * clock, guint i, gint64 now_us)
{
  gboolean odd = i / PACKETS_PER_REPORT % 2 != 0;
  gint64 ntp_us = G_GINT64_CONSTANT (1700000000000000)
      + (gint64) (now_us * c->ntp_rate) + (odd ? c->ntp_jump_ms * MS : 0);
  gint64 rtp_us = (gint64) (now_us * c->rtp_rate)
      + (odd ? c->rtp_jump_ms * MS : 0);

  gst_wsctl_server_input_take_sr (input, c->no_ntp ? 0
      : gst_wsctl_server_ntp_from_unix (ntp_us),
      (guint32) (START_RTP + rtp_us * OPUS_RATE / G_USEC_PER_SEC), clock,
      now_us);
}

/* How much media the stream has after all packets, ms */
static gint64
measure (const ReportCase * c, GstWsctlServerMemory * memory)
{
  g_autoptr (GError) error = NULL;
  GstWsctlServerStream *stream = gst_wsctl_server_stream_new (c->name,
      60 * GST_SECOND, 1024 * 1024, memory);
  GstWsctlServerInput *input = gst_wsctl_server_input_new (stream, OPUS_PT,
      gst_wsctl_server_codec_find (GST_WSCTL_SERVER_KIND_AUDIO, "OPUS"), NULL,
      &error);
  GstWsctlServerClock clock = { {FALSE,}, };
  gint64 begin_ns, end_ns;
  guint i;

  g_assert_no_error (error);
  for (i = 0; i < N_PACKETS; i++) {
    gint64 now_us = i * 20 * MS;

    send_packet (input, i, now_us);
    if (i % PACKETS_PER_REPORT == 0)
      send_report (c, input, &clock, i, now_us);
  }

  g_assert_true (gst_wsctl_server_stream_get_span (stream, &begin_ns, &end_ns));
  end_ns -= gst_wsctl_server_stream_get_epoch (stream);
  gst_wsctl_server_input_free (input);
  gst_wsctl_server_stream_unref (stream);

  return end_ns / GST_MSECOND;
}

static void
test_senseless_reports (void)
{
  static const ReportCase cases[] = {
    {"truth", 1, 1},
    {"NTP stands", 0, 1},
    {"RTP stands", 1, 0},
    {"both stand", 0, 0},
    {"NTP runs back", -1, 1},
    {"RTP runs back", 1, -1},
    {"NTP is fast", 5, 1},
    {"RTP is fast", 1, 5},
    {"NTP jumps", 1, 1, 3600000},
    {"RTP jumps", 1, 1, 0, 3600000},
    {"RTP jumps back", 1, 1, 0, -3600000},
    {"no NTP", 1, 1, 0, 0, TRUE},
  };
  g_autoptr (GstWsctlServerMemory) memory =
      gst_wsctl_server_memory_new (G_MAXINT, NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gint64 millis = measure (&cases[i], memory);

    g_test_message ("%s: %" G_GINT64_FORMAT " ms", cases[i].name, millis);
    g_assert_cmpint (ABS (millis - N_PACKETS * 20), <, 100);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/receiver/in-order", test_in_order);
  test_add ("/server/receiver/reordered", test_reordered);
  test_add ("/server/receiver/nacks", test_nacks);
  test_add ("/server/receiver/lost", test_lost);
  test_add ("/server/receiver/reports", test_reports);
  test_add ("/server/receiver/nack-distance", test_nack_distance);
  test_add ("/server/receiver/jump", test_jump);
  test_add ("/server/receiver/queue", test_queue);
  test_add ("/server/rtcp/senseless-reports", test_senseless_reports);
  test_add ("/server/rtcp/there-and-back", test_rtcp);
  test_add ("/server/rtcp/broken", test_broken_rtcp);
  test_add ("/server/rtcp/ntp", test_ntp);

  return g_test_run ();
}
