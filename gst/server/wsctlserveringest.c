/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All media of a publisher share one RTP session (RFC 8843) and are told apart
 * by payload type. No rtpbin: its threads and its timing by arrival are what a
 * server does not want.
 */

#include "wsctlserveringest-private.h"

#include <string.h>

#include "wsctlserverinput-private.h"

#define GST_CAT_DEFAULT wsctlserveringest_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_INPUTS 2
#define MAX_NACKS 128
#define GAP_INTERVAL_MS 10      /* while packets are missing */
#define TICK_INTERVAL_MS 100    /* and so often a publisher has a report */
#define PLI_DISTANCE_US 250000  /* a request takes a while to have effect */
/* Key frames take bits from what all others see: so many players may wish for
 * one as often as they like. */
#define WISH_DISTANCE_US G_USEC_PER_SEC
#define RTP_HEADER_SIZE 12

struct _GstWsctlServerIngest
{
  GstWsctlLoop *loop;
  GstWsctlServerStream *stream;
  GstWsctlLitePeer *peer;       /* the session's; NULL before start */
  guint32 ssrc;                 /* of our RTCP */
  GstWsctlServerInput *inputs[MAX_INPUTS];
  guint n_inputs;
  guint nack;
  guint drop;
  gint64 keyframe_interval_us;
  gint64 pli_us;                /* when the last key frame was asked for */
  gboolean wished;              /* for another, by a player */
  guint64 bitrate_bps;
  GstWsctlServerClock clock;    /* the publisher's */
  GSource *tick_timer;
  GSource *gap_timer;
};

GstWsctlServerIngest *
gst_wsctl_server_ingest_new (GstWsctlLoop * loop, GstWsctlServerStream * stream)
{
  GstWsctlServerIngest *self = g_new0 (GstWsctlServerIngest, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserveringest_debug, "wsctlserveringest", 0,
        "wsctl server: a publisher's media");

  self->loop = gst_wsctl_loop_ref (loop);
  self->stream = gst_wsctl_server_stream_ref (stream);
  self->ssrc = g_random_int ();

  return self;
}

void
gst_wsctl_server_ingest_free (GstWsctlServerIngest * self)
{
  guint i;

  gst_wsctl_loop_clear_timer (&self->tick_timer);
  gst_wsctl_loop_clear_timer (&self->gap_timer);
  for (i = 0; i < self->n_inputs; i++)
    gst_wsctl_server_input_free (self->inputs[i]);
  gst_wsctl_server_stream_unref (self->stream);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

static void
send_rtcp (GstWsctlServerIngest * self, GByteArray * rtcp)
{
  if (self->peer != NULL)
    gst_wsctl_lite_peer_send_rtcp (self->peer, rtcp->data, rtcp->len);
}

/* Feedback goes behind a report of nothing (RFC 4585, 3.1). */
static GByteArray *
start_feedback (GstWsctlServerIngest * self)
{
  GByteArray *rtcp = g_byte_array_new ();

  gst_wsctl_server_rtcp_add_rr (rtcp, self->ssrc, NULL, 0);
  gst_wsctl_server_rtcp_add_sdes (rtcp, self->ssrc);

  return rtcp;
}

static void
request_keyframe (GstWsctlServerIngest * self, GstWsctlServerInput * input,
    gint64 now_us)
{
  GstWsctlServerTrack *track = gst_wsctl_server_input_get_track (input);
  g_autoptr (GByteArray) rtcp = NULL;

  if (track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO
      || gst_wsctl_server_input_get_receiver (input) == NULL
      || now_us - self->pli_us < PLI_DISTANCE_US)
    return;

  self->pli_us = now_us;
  rtcp = start_feedback (self);
  gst_wsctl_server_rtcp_add_pli (rtcp, self->ssrc,
      gst_wsctl_server_input_get_ssrc (input));
  send_rtcp (self, rtcp);
  GST_DEBUG ("%s: key frame asked for",
      gst_wsctl_server_stream_get_name (self->stream));
}

static void
grant_wish (GstWsctlServerIngest * self, gint64 now_us)
{
  guint i;

  if (!self->wished || now_us - self->pli_us < WISH_DISTANCE_US)
    return;

  self->wished = FALSE;
  for (i = 0; i < self->n_inputs; i++)
    request_keyframe (self, self->inputs[i], now_us);
}

static void
on_keyframe_wanted (gpointer data)
{
  GstWsctlServerIngest *self = data;

  self->wished = TRUE;
  grant_wish (self, g_get_monotonic_time ());
}

gboolean
gst_wsctl_server_ingest_add_track (GstWsctlServerIngest * self, guint8 pt,
    const GstWsctlServerCodec * codec, const gchar * fmtp,
    const gchar * rendition, GError ** error)
{
  GstWsctlServerInput *input;
  GstWsctlServerTrack *track;

  g_return_val_if_fail (self->n_inputs < MAX_INPUTS, FALSE);

  input = gst_wsctl_server_input_new (self->stream, pt, codec, fmtp, error);
  if (input == NULL)
    return FALSE;

  gst_wsctl_server_input_set_props (input, self->nack, self->drop);
  track = gst_wsctl_server_input_get_track (input);
  track->request_keyframe = on_keyframe_wanted;
  track->data = self;
  track->rendition = g_strdup (rendition);
  self->inputs[self->n_inputs++] = input;

  return TRUE;
}

static void
send_nacks (GstWsctlServerIngest * self, GstWsctlServerInput * input,
    gint64 now_us)
{
  guint16 seqs[MAX_NACKS];
  guint n_seqs = gst_wsctl_server_receiver_collect_nacks
      (gst_wsctl_server_input_get_receiver (input), now_us, seqs, MAX_NACKS);
  g_autoptr (GByteArray) rtcp = NULL;

  if (n_seqs == 0)
    return;

  rtcp = start_feedback (self);
  gst_wsctl_server_rtcp_add_nack (rtcp, self->ssrc,
      gst_wsctl_server_input_get_ssrc (input), seqs, n_seqs);
  send_rtcp (self, rtcp);
  GST_DEBUG ("%s: %u packets asked for again",
      gst_wsctl_server_stream_get_name (self->stream), n_seqs);
}

/* TRUE while packets are missing. */
static gboolean
drain (GstWsctlServerIngest * self, GstWsctlServerInput * input, gint64 now_us)
{
  GstWsctlServerReceiver *receiver =
      gst_wsctl_server_input_get_receiver (input);

  if (receiver == NULL)
    return FALSE;

  if (gst_wsctl_server_input_drain (input, now_us))
    request_keyframe (self, input, now_us);
  if (!gst_wsctl_server_receiver_is_waiting (receiver))
    return FALSE;
  send_nacks (self, input, now_us);

  return TRUE;
}

static gboolean
on_gap_timeout (gpointer data)
{
  GstWsctlServerIngest *self = data;
  gint64 now_us = g_get_monotonic_time ();
  gboolean waiting = FALSE;
  guint i;

  for (i = 0; i < self->n_inputs; i++)
    waiting |= drain (self, self->inputs[i], now_us);
  if (waiting)
    return G_SOURCE_CONTINUE;

  gst_wsctl_loop_clear_timer (&self->gap_timer);

  return G_SOURCE_REMOVE;
}

void
gst_wsctl_server_ingest_take_rtp (GstWsctlServerIngest * self,
    const guint8 * packet, gsize size)
{
  gint64 now_us = g_get_monotonic_time ();
  guint i;

  if (size < RTP_HEADER_SIZE || packet[0] >> 6 != 2)
    return;

  for (i = 0; i < self->n_inputs; i++) {
    GstWsctlServerInput *input = self->inputs[i];

    if (gst_wsctl_server_input_get_pt (input) != (packet[1] & 0x7f))
      continue;
    gst_wsctl_server_input_push (input, packet, size, now_us);
    if (drain (self, input, now_us) && self->gap_timer == NULL)
      self->gap_timer = gst_wsctl_loop_add_timer (self->loop,
          GAP_INTERVAL_MS, on_gap_timeout, self, NULL);
  }
}

static void
on_sender_report (guint32 ssrc, guint64 ntp, guint32 rtp_time, gpointer data)
{
  GstWsctlServerIngest *self = data;
  guint i;

  for (i = 0; i < self->n_inputs; i++) {
    GstWsctlServerInput *input = self->inputs[i];

    if (gst_wsctl_server_input_get_receiver (input) != NULL
        && gst_wsctl_server_input_get_ssrc (input) == ssrc)
      gst_wsctl_server_input_take_sr (input, ntp, rtp_time, &self->clock,
          g_get_monotonic_time ());
  }
}

void
gst_wsctl_server_ingest_take_rtcp (GstWsctlServerIngest * self,
    const guint8 * packet, gsize size)
{
  static const GstWsctlServerRtcpHandler handler = {.sr = on_sender_report };

  gst_wsctl_server_rtcp_read (packet, size, &handler, self);
}

/* A publisher goes by what it hears: ten times a second, it knows of a full way
 * in a tenth of the time. That is 1 kbyte/s, far from the 5 % of RFC 3550. */
static void
send_receiver_report (GstWsctlServerIngest * self)
{
  GstWsctlServerReportBlock blocks[MAX_INPUTS];
  g_autoptr (GByteArray) rtcp = NULL;
  guint i, n_blocks = 0;

  for (i = 0; i < self->n_inputs; i++) {
    if (gst_wsctl_server_input_fill_block (self->inputs[i], &blocks[n_blocks]))
      n_blocks++;
  }
  if (n_blocks == 0)
    return;

  rtcp = g_byte_array_new ();
  gst_wsctl_server_rtcp_add_rr (rtcp, self->ssrc, blocks, n_blocks);
  gst_wsctl_server_rtcp_add_sdes (rtcp, self->ssrc);
  send_rtcp (self, rtcp);
}

/* A held back picture is asked for as often as that may have effect, a fresh
 * key frame once an interval. */
static gboolean
on_tick (gpointer data)
{
  GstWsctlServerIngest *self = data;
  gint64 now_us = g_get_monotonic_time ();
  guint i;

  for (i = 0; i < self->n_inputs; i++) {
    if (gst_wsctl_server_input_needs_keyframe (self->inputs[i], now_us,
            self->keyframe_interval_us))
      request_keyframe (self, self->inputs[i], now_us);
  }
  grant_wish (self, now_us);
  send_receiver_report (self);

  return G_SOURCE_CONTINUE;
}

void
gst_wsctl_server_ingest_start (GstWsctlServerIngest * self,
    GstWsctlLitePeer * peer)
{
  self->peer = peer;
  if (self->tick_timer == NULL)
    self->tick_timer = gst_wsctl_loop_add_timer (self->loop, TICK_INTERVAL_MS,
        on_tick, self, NULL);
}

void
gst_wsctl_server_ingest_set_keyframe_interval (GstWsctlServerIngest * self,
    guint interval_ms)
{
  self->keyframe_interval_us = interval_ms * G_GINT64_CONSTANT (1000);
}

void
gst_wsctl_server_ingest_set_props (GstWsctlServerIngest * self, guint nack,
    guint drop)
{
  guint i;

  self->nack = nack;
  self->drop = drop;
  for (i = 0; i < self->n_inputs; i++)
    gst_wsctl_server_input_set_props (self->inputs[i], nack, drop);
}

void
gst_wsctl_server_ingest_set_bitrate (GstWsctlServerIngest * self,
    guint64 bitrate_bps)
{
  self->bitrate_bps = bitrate_bps;
}

/* What its video may have, once that is known */
static void
send_remb (GstWsctlServerIngest * self)
{
  guint i;

  for (i = 0; i < self->n_inputs && self->bitrate_bps > 0; i++) {
    GstWsctlServerInput *input = self->inputs[i];
    GstWsctlServerTrack *track = gst_wsctl_server_input_get_track (input);
    g_autoptr (GByteArray) rtcp = NULL;

    if (track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO
        || gst_wsctl_server_input_get_receiver (input) == NULL)
      continue;
    rtcp = start_feedback (self);
    gst_wsctl_server_rtcp_add_remb (rtcp, self->ssrc,
        gst_wsctl_server_input_get_ssrc (input), self->bitrate_bps);
    send_rtcp (self, rtcp);
  }
}

static void
add_stats (GstWsctlServerIngestStats * stats,
    const GstWsctlServerReport * report, guint clock_rate)
{
  stats->n_packets_lost += report->n_lost;
  stats->n_nacks += report->n_nacks;
  stats->loss_perc = MAX (stats->loss_perc,
      report->fraction_lost * 100.0 / 256);
  stats->queue_ms = MAX (stats->queue_ms, report->queue_ms);
  stats->bitrate_bps += report->n_bytes * 8;
  stats->jitter_ms = MAX (stats->jitter_ms,
      report->jitter * 1000.0 / clock_rate);
}

void
gst_wsctl_server_ingest_report (GstWsctlServerIngest * self,
    GstWsctlServerIngestStats * stats)
{
  gint64 begin_ns, end_ns;
  guint i;

  memset (stats, 0, sizeof *stats);
  for (i = 0; i < self->n_inputs; i++) {
    GstWsctlServerInput *input = self->inputs[i];
    GstWsctlServerReceiver *receiver =
        gst_wsctl_server_input_get_receiver (input);
    GstWsctlServerReport report;

    if (receiver == NULL)
      continue;
    gst_wsctl_server_receiver_report (receiver, &report);
    add_stats (stats, &report,
        gst_wsctl_server_input_get_track (input)->codec->clock_rate);
  }
  if (gst_wsctl_server_stream_get_span (self->stream, &begin_ns, &end_ns))
    stats->millis = (end_ns
        - gst_wsctl_server_stream_get_epoch (self->stream)) / GST_MSECOND;

  send_remb (self);
}
