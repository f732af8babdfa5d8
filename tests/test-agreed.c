/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What an answer may take beside the media: packets of parity, and feedback on
 * each packet. Where it takes neither, nothing is different from before.
 */

#include <gst/gst.h>
#include <gst/rtp/rtp.h>
#include <string.h>

#include "media-session.h"
#include "wsctlfeedback-private.h"
#include "wsctltransportcc-private.h"

#define VIDEO_PAYLOAD_TYPE 104
#define AUDIO_PAYLOAD_TYPE 111
#define EXTENSION_ID 1
#define N_ENOUGH 60             /* packets of video */

/* A feedback packet is about so many; its status symbols fill one chunk. */
#define N_REPORTED 7
#define TICK_US 250             /* of the deltas in it */
#define REFERENCE_US (64 * G_TIME_SPAN_MILLISECOND)
#define QUEUE_US (300 * G_TIME_SPAN_MILLISECOND)
#define TOLERANCE_US (150 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  guint16 seq;
  gint64 time_us;
} Arrival;

typedef struct
{
  MediaServer *server;
  MediaClient *client;

  /* Of the video that comes */
  guint n_video;
  guint n_plain;                /* as the codec has it */
  guint n_wrapped;              /* in RED */
  guint n_parity;               /* and that being ULPFEC */
  guint n_jumps;                /* in its numbers */
  guint16 seq;

  Arrival arrivals[N_REPORTED];
  guint n_arrivals;
  guint n_feedback;
  gint64 queue_us;              /* that it claims */

  GMutex lock;
  GstWsctlFeedbackReport report;        /* lock: the last with feedback */
  guint n_reports;              /* lock: of those */
  guint n_others;               /* lock: without, after one with */
} Session;

static gboolean
has_format (Session * self, const gchar * name)
{
  g_autofree gchar *text = g_strdup_printf (" %s/90000", name);

  return strstr (self->client->offer, text) != NULL;
}

/* "a=rtpmap:NUMBER NAME/" */
static gint
find_format (Session * self, const gchar * name)
{
  g_autofree gchar *text = g_strdup_printf (" %s/90000", name);
  const gchar *at = strstr (self->client->offer, text);

  g_assert_nonnull (at);
  while (at[-1] != ':')
    at--;

  return atoi (at);
}

static void
send_feedback (Session * self)
{
  GstBuffer *buffer = gst_rtcp_buffer_new (1400);
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  GstMapInfo map;
  guint8 *fci;
  gint64 last_us = self->arrivals[0].time_us / REFERENCE_US * REFERENCE_US;
  guint16 chunk = 3 << 14;
  guint i, n = 10;

  gst_rtcp_buffer_map (buffer, GST_MAP_READWRITE, &rtcp);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RR, &packet);
  gst_rtcp_packet_rr_set_ssrc (&packet, 42);
  gst_rtcp_buffer_add_packet (&rtcp, GST_RTCP_TYPE_RTPFB, &packet);
  gst_rtcp_packet_fb_set_type (&packet, GST_RTCP_RTPFB_TYPE_TWCC);
  gst_rtcp_packet_fb_set_sender_ssrc (&packet, 42);
  gst_rtcp_packet_fb_set_media_ssrc (&packet, 0);
  gst_rtcp_packet_fb_set_fci_length (&packet, 6);
  fci = gst_rtcp_packet_fb_get_fci (&packet);
  memset (fci, 0, 24);
  GST_WRITE_UINT16_BE (fci, self->arrivals[0].seq);
  GST_WRITE_UINT16_BE (fci + 2, N_REPORTED);
  GST_WRITE_UINT24_BE (fci + 4, last_us / REFERENCE_US & 0xffffff);
  fci[7] = self->n_feedback++;
  /* Of seven, the fourth is said not to have come. */
  for (i = 0; i < N_REPORTED; i++) {
    if (i == 3)
      continue;
    chunk |= 2 << (12 - 2 * i);
    GST_WRITE_UINT16_BE (fci + n, (self->arrivals[i].time_us - last_us)
        / TICK_US);
    last_us += (self->arrivals[i].time_us - last_us) / TICK_US * TICK_US;
    n += 2;
  }
  GST_WRITE_UINT16_BE (fci + 8, chunk);
  gst_rtcp_buffer_unmap (&rtcp);

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  gst_wsctl_lite_peer_send_rtcp (self->server->peer, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
}

/* The numbers of the extension follow each other. */
static void
note_arrival (Session * self, GstRTPBuffer * rtp)
{
  gpointer data;
  guint size;

  if (!gst_rtp_buffer_get_extension_onebyte_header (rtp, EXTENSION_ID, 0,
          &data, &size))
    return;

  g_assert_cmpuint (size, ==, 2);
  self->arrivals[self->n_arrivals].seq = GST_READ_UINT16_BE (data);
  self->arrivals[self->n_arrivals].time_us =
      g_get_monotonic_time () + self->queue_us;
  if (self->n_arrivals > 0)
    g_assert_cmpuint (self->arrivals[self->n_arrivals].seq, ==,
        (guint16) (self->arrivals[self->n_arrivals - 1].seq + 1));
  if (++self->n_arrivals < N_REPORTED)
    return;

  send_feedback (self);
  self->n_arrivals = 0;
}

static void
on_rtp (guint8 * packet, gsize size, gpointer data)
{
  Session *self = data;
  GstBuffer *buffer = gst_buffer_new_memdup (packet, size);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint payload_type = packet[1] & 0x7f;
  guint16 seq;

  g_assert_true (gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp));
  seq = gst_rtp_buffer_get_seq (&rtp);
  if (payload_type != AUDIO_PAYLOAD_TYPE) {
    if (self->n_video++ > 0 && seq != (guint16) (self->seq + 1))
      self->n_jumps++;
    self->seq = seq;
    self->n_plain += payload_type == VIDEO_PAYLOAD_TYPE;
    if (self->server->parity
        && (gint) payload_type == find_format (self, "red")) {
      const guint8 *payload = gst_rtp_buffer_get_payload (&rtp);

      self->n_wrapped++;
      self->n_parity += (payload[0] & 0x7f) == find_format (self, "ulpfec");
    }
    note_arrival (self, &rtp);
  }
  gst_rtp_buffer_unmap (&rtp);
  gst_buffer_unref (buffer);
}

static void
start (Session * self, gboolean parity, gboolean transport_cc)
{
  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
  self->server = media_server_new ();
  self->server->parity = parity;
  self->server->transport_cc = transport_cc;
  self->server->on_rtp = on_rtp;
  self->server->data = self;
  self->client = media_client_new (MEDIA_LAUNCH_AUDIO MEDIA_LAUNCH_VIDEO);
  media_client_add_media (self->client, TRUE);
  media_client_negotiate (self->client, self->server);
  g_assert_true (has_format (self, "red"));
  g_assert_true (has_format (self, "ulpfec"));
}

static void
stop (Session * self)
{
  media_client_free (self->client);
  media_server_free (self->server);
  g_mutex_clear (&self->lock);
}

static gboolean
has_enough (gpointer data)
{
  return ((Session *) data)->n_video >= N_ENOUGH;
}

static gboolean
has_parity (gpointer data)
{
  return ((Session *) data)->n_parity >= 5;
}

/* Only once something is lost do packets of parity go along, and then as part of
 * one stream without gaps. */
static void
test_parity (void)
{
  Session session;

  start (&session, TRUE, FALSE);
  test_wait_until (NULL, has_enough, &session, 0, "packets without parity");
  g_assert_cmpuint (session.n_plain, ==, 0);
  g_assert_cmpuint (session.n_wrapped, ==, session.n_video);
  g_assert_cmpuint (session.n_parity, ==, 0);

  gst_wsctl_connection_set_fec_percentage (session.client->connection, 50);
  test_wait_until (NULL, has_parity, &session, 0, "packets of parity");
  g_assert_cmpuint (session.n_wrapped, ==, session.n_video);
  g_assert_cmpuint (session.n_jumps, ==, 0);
  stop (&session);
}

/* An answer without it: whatever is asked for, packets are as they were. */
static void
test_no_parity (void)
{
  Session session;

  start (&session, FALSE, FALSE);
  gst_wsctl_connection_set_fec_percentage (session.client->connection, 50);
  test_wait_until (NULL, has_enough, &session, 0, "packets of video");
  g_assert_cmpuint (session.n_plain, ==, session.n_video);
  g_assert_cmpuint (session.n_jumps, ==, 0);
  g_assert_cmpuint (session.n_feedback, ==, 0);
  stop (&session);
}

static void
on_report (const GstWsctlFeedbackReport * report, gpointer data)
{
  Session *self = data;

  g_mutex_lock (&self->lock);
  if (report->way_us > 0) {
    self->report = *report;
    self->n_reports++;
  } else {
    self->n_others += self->n_reports > 0;
  }
  g_mutex_unlock (&self->lock);
}

static void
on_remb (guint64 bitrate_bps, gpointer data)
{
}

static const GstWsctlFeedbackCallbacks callbacks = { on_report, on_remb };

static gint64
wait_reports (Session * self, TestCondition condition)
{
  gint64 way_us;

  g_mutex_lock (&self->lock);
  self->n_reports = 0;
  g_mutex_unlock (&self->lock);
  test_wait_until (NULL, condition, self, 0, "reports with feedback");
  g_mutex_lock (&self->lock);
  way_us = self->report.way_us;
  g_mutex_unlock (&self->lock);

  return way_us;
}

static gboolean
has_reports (gpointer data)
{
  Session *self = data;
  gboolean has;

  g_mutex_lock (&self->lock);
  has = self->n_reports >= 5;
  g_mutex_unlock (&self->lock);

  return has;
}

/* What the peer tells of each packet becomes reports: how long the way is beyond
 * what it was, what was lost. With parity as well, which is told of likewise. */
static void
check_feedback (gboolean parity)
{
  Session session;
  g_autoptr (GstElement) payloader = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstWsctlFeedback *feedback;
  gint64 short_us, long_us;
  gdouble loss;

  start (&session, parity, TRUE);
  payloader = gst_bin_get_by_name (GST_BIN (session.client->pipeline),
      "payloader");
  gst_wsctl_transport_cc_set_up (payloader, gst_wsctl_answer_get_media
      (gst_wsctl_connection_get_answer (session.client->connection),
          GST_WSCTL_MEDIA_KIND_VIDEO)->caps);
  media_client_wait_state (session.client,
      GST_WSCTL_CONNECTION_STATE_CONNECTED);
  pad = gst_wsctl_connection_get_sink_pad (session.client->connection,
      GST_WSCTL_MEDIA_KIND_VIDEO);
  feedback = gst_wsctl_feedback_new (gst_wsctl_connection_get_element
      (session.client->connection), pad, 90000, &callbacks, &session, NULL);
  if (parity)
    gst_wsctl_connection_set_fec_percentage (session.client->connection, 50);

  short_us = wait_reports (&session, has_reports);
  session.queue_us = QUEUE_US;
  session.n_arrivals = 0;
  wait_reports (&session, has_reports);
  long_us = wait_reports (&session, has_reports);
  loss = session.report.packets_lost / (gdouble) session.report.packets_arrived;
  g_test_message ("%.0f ms longer, %.0f %% lost, %" G_GUINT64_FORMAT " of %"
      G_GUINT64_FORMAT " bytes", (long_us - short_us) / 1e3, loss * 100,
      session.report.bytes_arrived, session.report.bytes_sent);
  g_assert_cmpint (ABS (long_us - short_us - QUEUE_US), <, TOLERANCE_US);
  g_assert_cmpfloat (ABS (loss - 1.0 / N_REPORTED), <, 0.02);
  g_assert_cmpuint (session.report.bytes_arrived, >, 0);
  g_assert_cmpuint (session.n_others, ==, 0);
  gst_wsctl_feedback_close (feedback);
  stop (&session);
}

static void
test_transport_cc (void)
{
  check_feedback (FALSE);
}

static void
test_both (void)
{
  check_feedback (TRUE);
}

static GstSDPMedia *
make_section (const gchar * const *lines)
{
  GstSDPMedia *media = NULL;
  guint i;

  gst_sdp_media_new (&media);
  for (i = 0; lines[i] != NULL; i += 2)
    gst_sdp_media_add_attribute (media, lines[i], lines[i + 1]);

  return media;
}

#define URI "http://www.ietf.org/id/" \
    "draft-holmer-rmcat-transport-wide-cc-extensions-01"

/* It is agreed when the answer has both parts of it, as they were offered. */
static void
test_id (void)
{
  static const gchar *const offered[] = { "extmap", "1 " URI, NULL };
  static const struct
  {
    const gchar *lines[5];
    guint id;
  } cases[] = {
    {{"extmap", "1 " URI, "rtcp-fb", "104 transport-cc", NULL}, 1},
    {{"extmap", "1/recvonly " URI " x", "rtcp-fb", "* transport-cc", NULL}, 1},
    {{"extmap", "1 " URI, "rtcp-fb", "105 transport-cc", NULL}, 0},
    {{"extmap", "1 " URI, "rtcp-fb", "104 nack", NULL}, 0},
    {{"extmap", "2 " URI, "rtcp-fb", "104 transport-cc", NULL}, 0},
    {{"extmap", "1 " URI "2", "rtcp-fb", "104 transport-cc", NULL}, 0},
    {{"extmap", "1 urn:else", "rtcp-fb", "104 transport-cc", NULL}, 0},
    {{"extmap", "1", "rtcp-fb", "104 transport-cc", NULL}, 0},
    {{"extmap", "", "rtcp-fb", "", NULL}, 0},
    {{"rtcp-fb", "104 transport-cc", NULL}, 0},
    {{NULL}, 0},
  };
  GstSDPMedia *offer = make_section (offered);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstSDPMedia *answer = make_section (cases[i].lines);

    g_test_message ("%u", i);
    g_assert_cmpuint (gst_wsctl_transport_cc_get_id (offer, answer, "104"), ==,
        cases[i].id);
    gst_sdp_media_free (answer);
  }
  gst_sdp_media_free (offer);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/agreed/id", test_id);
  test_add ("/agreed/parity", test_parity);
  test_add ("/agreed/no-parity", test_no_parity);
  test_add ("/agreed/transport-cc", test_transport_cc);
  test_add ("/agreed/both", test_both);

  return g_test_run ();
}
