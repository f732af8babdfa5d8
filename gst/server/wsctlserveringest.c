/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All media of a publisher share one RTP session (RFC 8843) and are told apart
 * by payload type. No rtpbin: its threads and its timing by arrival are what a
 * server does not want. Times are the publisher's own, tied together by its
 * sender reports.
 */

#include "wsctlserveringest-private.h"

#include <string.h>
#include <gst/rtp/rtp.h>

#include "wsctlserverrtcp-private.h"

#define GST_CAT_DEFAULT wsctlserveringest_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_INPUTS 2
#define MAX_NACKS 128
#define GAP_INTERVAL_MS 10      /* while packets are missing */
#define TICK_INTERVAL_MS 100
#define PLI_DISTANCE_US 250000  /* a request takes a while to have effect */
#define RTP_HEADER_SIZE 12
#define US_TO_NS(us) ((us) * 1000)

typedef struct
{
  GstWsctlServerIngest *ingest;
  GstWsctlServerTrack *track;   /* the stream's reference */
  GstWsctlServerReceiver *receiver;     /* NULL before the first packet */
  GstWsctlServerChain *depayloader;
  guint8 pt;
  guint32 ssrc;
  gint64 rtp_time;              /* of the last packet, without wraps */
  gint64 rtp_offset;            /* from a source's times to the track's */
  guint16 seq;                  /* towards the depayloader */
  gboolean damaged;             /* no frames until a key frame … */
  gint64 damaged_rtp;           /* … later than this */
  gint64 key_us;                /* when the last key frame came */
  gint64 pli_us;                /* when the last one was asked for */
  guint32 sr_middle;            /* of the last sender report; 0: none */
  gint64 sr_us;
} Input;

struct _GstWsctlServerIngest
{
  GstWsctlLoop *loop;
  GstWsctlServerStream *stream;
  GstWsctlLitePeer *peer;       /* the session's; NULL before start */
  guint32 ssrc;                 /* of our RTCP */
  Input inputs[MAX_INPUTS];
  guint n_inputs;
  guint nack;
  guint drop;
  guint keyframe_interval_ms;
  guint64 bitrate_bps;
  gboolean has_ntp_offset;
  gint64 ntp_offset_ns;         /* from the publisher's clock to ours */
  GSource *tick_timer;
  GSource *gap_timer;
};

GstWsctlServerIngest *
gst_wsctl_server_ingest_new (GstWsctlLoop * loop,
    GstWsctlServerStream * stream)
{
  GstWsctlServerIngest *self = g_new0 (GstWsctlServerIngest, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserveringest_debug, "wsctlserveringest", 0,
        "wsctl server: a publisher's media");

  self->loop = gst_wsctl_loop_ref (loop);
  self->stream = gst_wsctl_server_stream_ref (stream);
  self->ssrc = g_random_int ();
  self->nack = 5;
  self->drop = 30;
  self->keyframe_interval_ms = 2000;

  return self;
}

void
gst_wsctl_server_ingest_free (GstWsctlServerIngest * self)
{
  guint i;

  gst_wsctl_loop_clear_timer (&self->tick_timer);
  gst_wsctl_loop_clear_timer (&self->gap_timer);
  for (i = 0; i < self->n_inputs; i++) {
    Input *input = &self->inputs[i];

    g_clear_pointer (&input->receiver, gst_wsctl_server_receiver_free);
    g_clear_pointer (&input->depayloader, gst_wsctl_server_chain_free);
  }
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

static void
send_pli (GstWsctlServerIngest * self, Input * input)
{
  g_autoptr (GByteArray) rtcp = g_byte_array_new ();

  if (input->receiver == NULL)
    return;

  input->pli_us = g_get_monotonic_time ();
  gst_wsctl_server_rtcp_add_rr (rtcp, self->ssrc, NULL, 0);
  gst_wsctl_server_rtcp_add_sdes (rtcp, self->ssrc);
  gst_wsctl_server_rtcp_add_pli (rtcp, self->ssrc, input->ssrc);
  send_rtcp (self, rtcp);
  GST_DEBUG ("%s: key frame asked for",
      gst_wsctl_server_stream_get_name (self->stream));
}

static void
request_keyframe (GstWsctlServerIngest * self, Input * input)
{
  if (input->track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO
      && g_get_monotonic_time () - input->pli_us >= PLI_DISTANCE_US)
    send_pli (self, input);
}

/* Frames after a loss refer to what is not there: players would show dirt, for
 * they cannot know. */
static gboolean
is_usable (Input * input, gint64 rtp_time, gboolean key)
{
  if (input->track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO)
    return TRUE;

  if (input->damaged) {
    if (!key || rtp_time <= input->damaged_rtp)
      return FALSE;
    input->damaged = FALSE;
  }
  if (key)
    input->key_us = g_get_monotonic_time ();

  return TRUE;
}

static void
take_caps (Input * input, GstWsctlServerChain * chain)
{
  GstCaps *caps = gst_wsctl_server_chain_get_caps (chain);
  GstWsctlServerTrack *track = input->track;

  if (caps == NULL || caps == track->caps
      || (track->caps != NULL && gst_caps_is_equal (caps, track->caps)))
    return;

  /* The payloader has been told the caps that it was made with. */
  gst_caps_replace (&track->caps, caps);
  g_clear_pointer (&track->payloader, gst_wsctl_server_chain_free);
  gst_wsctl_server_stream_set_changed (input->ingest->stream);
}

static void
on_frame (GstWsctlServerChain * chain, GstBuffer * buffer, gpointer data)
{
  Input *input = data;
  GstWsctlServerIngest *self = input->ingest;
  g_autoptr (GstWsctlServerFrame) frame = NULL;
  gboolean key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gint64 rtp_time;

  if (!GST_BUFFER_PTS_IS_VALID (buffer)) {
    gst_buffer_unref (buffer);
    return;
  }

  rtp_time = gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer),
      input->track->codec->clock_rate, GST_SECOND);
  if (!is_usable (input, rtp_time, key)) {
    GST_LOG ("Frame %" G_GINT64_FORMAT " refers to a lost one", rtp_time);
    gst_buffer_unref (buffer);
    return;
  }

  take_caps (input, chain);
  frame = gst_wsctl_server_frame_new (input->track, rtp_time, key, buffer);
  gst_wsctl_server_stream_push (self->stream, frame);
}

static GstCaps *
make_caps (guint8 pt, const GstWsctlServerCodec * codec, const gchar * fmtp)
{
  GstCaps *caps = gst_caps_new_simple ("application/x-rtp",
      "media", G_TYPE_STRING, gst_wsctl_server_kind_get_name (codec->kind),
      "payload", G_TYPE_INT, (gint) pt,
      "clock-rate", G_TYPE_INT, (gint) codec->clock_rate,
      "encoding-name", G_TYPE_STRING, codec->encoding, NULL);
  g_auto (GStrv) params = g_strsplit (fmtp != NULL ? fmtp : "", ";", -1);
  guint i;

  /* Parameter sets may stand in the offer and nowhere else. */
  for (i = 0; params[i] != NULL; i++) {
    gchar *param = g_strstrip (params[i]);

    if (g_str_has_prefix (param, "sprop-parameter-sets="))
      gst_caps_set_simple (caps, "sprop-parameter-sets", G_TYPE_STRING,
          strchr (param, '=') + 1, NULL);
  }

  return caps;
}

gboolean
gst_wsctl_server_ingest_add_track (GstWsctlServerIngest * self, guint8 pt,
    const GstWsctlServerCodec * codec, const gchar * fmtp, GError ** error)
{
  g_autoptr (GstCaps) caps = make_caps (pt, codec, fmtp);
  Input *input = &self->inputs[self->n_inputs];

  g_return_val_if_fail (self->n_inputs < MAX_INPUTS, FALSE);

  input->depayloader = gst_wsctl_server_chain_new (codec->depayloader, caps,
      on_frame, input, error);
  if (input->depayloader == NULL)
    return FALSE;

  input->ingest = self;
  input->pt = pt;
  input->damaged = TRUE;
  input->damaged_rtp = -1;
  input->track = gst_wsctl_server_stream_add_track (self->stream, pt, codec);
  self->n_inputs++;

  return TRUE;
}

static gint64
unwrap (const Input * input, guint32 rtp_time)
{
  gint64 last = input->rtp_time - input->rtp_offset;

  return input->rtp_time + (gint32) (rtp_time - (guint32) last);
}

/* A source's times start anywhere. The track's go on where they are. */
static void
start_source (GstWsctlServerIngest * self, Input * input, guint32 ssrc,
    guint32 rtp_time)
{
  GstWsctlServerTrack *track = input->track;
  gint64 now_ns = US_TO_NS (g_get_real_time ());
  gboolean first = input->receiver == NULL;

  GST_INFO ("%s: %s comes from source %08x",
      gst_wsctl_server_stream_get_name (self->stream),
      track->codec->name, ssrc);
  g_clear_pointer (&input->receiver, gst_wsctl_server_receiver_free);
  input->receiver = gst_wsctl_server_receiver_new (track->codec->clock_rate);
  gst_wsctl_server_receiver_set_props (input->receiver, self->nack,
      self->drop);
  input->ssrc = ssrc;
  input->sr_middle = 0;

  if (first) {
    input->rtp_time = (G_GINT64_CONSTANT (1) << 32) + rtp_time;
    track->anchor_rtp = input->rtp_time;
    track->anchor_ns = now_ns;
    return;
  }
  input->rtp_time = MAX (gst_wsctl_server_track_get_rtp_time (track, now_ns),
      input->rtp_time + 1);
  input->rtp_offset = input->rtp_time - rtp_time;
  input->damaged = TRUE;
  input->damaged_rtp = -1;
}

static void
push_packet (Input * input, GstBuffer * packet, gboolean lost)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint payload_size;
  gint64 rtp_time;

  if (!gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp)) {
    gst_buffer_unref (packet);
    return;
  }
  rtp_time = unwrap (input, gst_rtp_buffer_get_timestamp (&rtp));
  payload_size = gst_rtp_buffer_get_payload_len (&rtp);
  input->rtp_time = rtp_time;
  if (lost) {
    input->seq++;
    input->damaged = TRUE;
    input->damaged_rtp = rtp_time;
    request_keyframe (input->ingest, input);
  }
  /* Empty packets fill up a bitrate; a gap would be seen in their place. */
  if (payload_size > 0)
    gst_rtp_buffer_set_seq (&rtp, input->seq++);
  gst_rtp_buffer_unmap (&rtp);

  if (payload_size == 0 || rtp_time < 0) {
    gst_buffer_unref (packet);
    return;
  }
  GST_BUFFER_PTS (packet) = gst_util_uint64_scale (rtp_time, GST_SECOND,
      input->track->codec->clock_rate);
  gst_wsctl_server_chain_push (input->depayloader, packet);
}

static void
send_nacks (GstWsctlServerIngest * self, Input * input, gint64 now_us)
{
  guint16 seqs[MAX_NACKS];
  guint n_seqs = gst_wsctl_server_receiver_collect_nacks (input->receiver,
      now_us, seqs, MAX_NACKS);
  g_autoptr (GByteArray) rtcp = NULL;

  if (n_seqs == 0)
    return;

  rtcp = g_byte_array_new ();
  gst_wsctl_server_rtcp_add_rr (rtcp, self->ssrc, NULL, 0);
  gst_wsctl_server_rtcp_add_sdes (rtcp, self->ssrc);
  gst_wsctl_server_rtcp_add_nack (rtcp, self->ssrc, input->ssrc, seqs, n_seqs);
  send_rtcp (self, rtcp);
  GST_DEBUG ("%u packets asked for again", n_seqs);
}

static void
drain (GstWsctlServerIngest * self, Input * input, gint64 now_us)
{
  gboolean was_lost = FALSE;

  for (;;) {
    gboolean lost;
    GstBuffer *packet =
        gst_wsctl_server_receiver_pop (input->receiver, now_us, &lost);

    was_lost |= lost;
    if (packet == NULL)
      break;
    push_packet (input, packet, was_lost);
    was_lost = FALSE;
  }
  send_nacks (self, input, now_us);
}

static gboolean
on_gap_timeout (gpointer data)
{
  GstWsctlServerIngest *self = data;
  gint64 now_us = g_get_monotonic_time ();
  gboolean waiting = FALSE;
  guint i;

  for (i = 0; i < self->n_inputs; i++) {
    Input *input = &self->inputs[i];

    if (input->receiver == NULL)
      continue;
    drain (self, input, now_us);
    waiting |= gst_wsctl_server_receiver_is_waiting (input->receiver);
  }
  if (waiting)
    return G_SOURCE_CONTINUE;

  gst_wsctl_loop_clear_timer (&self->gap_timer);

  return G_SOURCE_REMOVE;
}

static Input *
find_input (GstWsctlServerIngest * self, guint8 pt)
{
  guint i;

  for (i = 0; i < self->n_inputs; i++) {
    if (self->inputs[i].pt == pt)
      return &self->inputs[i];
  }

  return NULL;
}

void
gst_wsctl_server_ingest_take_rtp (GstWsctlServerIngest * self,
    const guint8 * packet, gsize size)
{
  gint64 now_us = g_get_monotonic_time ();
  guint32 ssrc, rtp_time;
  Input *input;

  if (size < RTP_HEADER_SIZE || packet[0] >> 6 != 2)
    return;
  input = find_input (self, packet[1] & 0x7f);
  if (input == NULL)
    return;

  rtp_time = GST_READ_UINT32_BE (packet + 4);
  ssrc = GST_READ_UINT32_BE (packet + 8);
  if (input->receiver == NULL || input->ssrc != ssrc)
    start_source (self, input, ssrc, rtp_time);

  gst_wsctl_server_receiver_push (input->receiver,
      gst_buffer_new_memdup (packet, size), GST_READ_UINT16_BE (packet + 2),
      rtp_time, now_us);
  drain (self, input, now_us);
  if (self->gap_timer == NULL
      && gst_wsctl_server_receiver_is_waiting (input->receiver))
    self->gap_timer = gst_wsctl_loop_add_timer (self->loop, GAP_INTERVAL_MS,
        on_gap_timeout, self, NULL);
}

/* The first report fixes how the publisher's clock stands to ours; from then
 * on every report fixes how its track stands to that clock. */
static void
on_sender_report (guint32 ssrc, guint64 ntp, guint32 rtp_time, gpointer data)
{
  GstWsctlServerIngest *self = data;
  gint64 time_ns = US_TO_NS (gst_wsctl_server_ntp_to_unix (ntp));
  guint i;

  for (i = 0; i < self->n_inputs; i++) {
    Input *input = &self->inputs[i];
    gint64 full;

    if (input->receiver == NULL || input->ssrc != ssrc)
      continue;

    input->sr_middle = ntp >> 16;
    input->sr_us = g_get_monotonic_time ();
    full = unwrap (input, rtp_time);
    if (!self->has_ntp_offset) {
      self->ntp_offset_ns =
          gst_wsctl_server_track_get_time (input->track, full) - time_ns;
      self->has_ntp_offset = TRUE;
    }
    input->track->anchor_rtp = full;
    input->track->anchor_ns = time_ns + self->ntp_offset_ns;
  }
}

void
gst_wsctl_server_ingest_take_rtcp (GstWsctlServerIngest * self,
    const guint8 * packet, gsize size)
{
  static const GstWsctlServerRtcpHandler handler = {.sr = on_sender_report };

  gst_wsctl_server_rtcp_read (packet, size, &handler, self);
}

static gboolean
on_tick (gpointer data)
{
  GstWsctlServerIngest *self = data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 interval_us = (gint64) self->keyframe_interval_ms * 1000;
  guint i;

  for (i = 0; i < self->n_inputs; i++) {
    Input *input = &self->inputs[i];

    if (input->receiver == NULL)
      continue;
    if (input->damaged || (now_us - input->key_us >= interval_us
            && now_us - input->pli_us >= interval_us))
      request_keyframe (self, input);
  }

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
gst_wsctl_server_ingest_request_keyframe (GstWsctlServerIngest * self)
{
  guint i;

  for (i = 0; i < self->n_inputs; i++)
    request_keyframe (self, &self->inputs[i]);
}

void
gst_wsctl_server_ingest_set_keyframe_interval (GstWsctlServerIngest * self,
    guint interval_ms)
{
  self->keyframe_interval_ms = interval_ms;
}

void
gst_wsctl_server_ingest_set_props (GstWsctlServerIngest * self, guint nack,
    guint drop)
{
  guint i;

  self->nack = nack;
  self->drop = drop;
  for (i = 0; i < self->n_inputs; i++) {
    if (self->inputs[i].receiver != NULL)
      gst_wsctl_server_receiver_set_props (self->inputs[i].receiver, nack,
          drop);
  }
}

void
gst_wsctl_server_ingest_set_bitrate (GstWsctlServerIngest * self,
    guint64 bitrate_bps)
{
  self->bitrate_bps = bitrate_bps;
}

static void
fill_block (Input * input, const GstWsctlServerReport * report,
    GstWsctlServerReportBlock * block)
{
  block->ssrc = input->ssrc;
  block->fraction_lost = report->fraction_lost;
  block->packets_lost = report->packets_lost;
  block->highest_seq = report->highest_seq;
  block->jitter = report->jitter;
  block->last_sr = input->sr_middle;
  if (input->sr_middle != 0)
    block->delay_since_sr = gst_util_uint64_scale (g_get_monotonic_time ()
        - input->sr_us, 65536, G_USEC_PER_SEC);
}

void
gst_wsctl_server_ingest_report (GstWsctlServerIngest * self,
    GstWsctlServerIngestStats * stats)
{
  GstWsctlServerReportBlock blocks[MAX_INPUTS] = { {0,} };
  g_autoptr (GByteArray) rtcp = g_byte_array_new ();
  gint64 begin_ns, end_ns;
  guint i, n_blocks = 0;

  *stats = (GstWsctlServerIngestStats) {
  0,};
  for (i = 0; i < self->n_inputs; i++) {
    Input *input = &self->inputs[i];
    GstWsctlServerReport report;

    if (input->receiver == NULL)
      continue;
    gst_wsctl_server_receiver_report (input->receiver, &report);
    fill_block (input, &report, &blocks[n_blocks++]);
    stats->n_packets_lost += report.n_lost;
    stats->n_nacks += report.n_nacks;
    stats->loss_perc = MAX (stats->loss_perc,
        report.fraction_lost * 100.0 / 256);
    stats->jitter_ms = MAX (stats->jitter_ms,
        report.jitter * 1000.0 / input->track->codec->clock_rate);
  }
  gst_wsctl_server_stream_get_span (self->stream, &begin_ns, &end_ns);
  stats->millis = end_ns / GST_MSECOND;

  gst_wsctl_server_rtcp_add_rr (rtcp, self->ssrc, blocks, n_blocks);
  gst_wsctl_server_rtcp_add_sdes (rtcp, self->ssrc);
  for (i = 0; i < self->n_inputs && self->bitrate_bps > 0; i++) {
    if (self->inputs[i].receiver != NULL
        && self->inputs[i].track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO)
      gst_wsctl_server_rtcp_add_remb (rtcp, self->ssrc, self->inputs[i].ssrc,
          self->bitrate_bps);
  }
  send_rtcp (self, rtcp);
}
