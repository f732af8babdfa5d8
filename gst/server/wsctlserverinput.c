/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From packets to frames. Times are the publisher's own, tied together by its
 * sender reports; by arrival they would tremble. A frame that refers to what
 * was lost goes no further.
 */

#include "wsctlserverinput-private.h"

#include <string.h>
#include <gst/rtp/rtp.h>

#define GST_CAT_DEFAULT wsctlserverinput_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define US_TO_NS(us) ((us) * 1000)

/* A value that differs by more from what it was is another one. */
#define STEADY_TOLERANCE_NS (500 * (gint64) GST_MSECOND)
#define STEADY_AFTER_US G_USEC_PER_SEC
/* Clocks drift: so far from one report to the next. */
#define STEADY_DRIFT_NS (5 * (gint64) GST_MSECOND)
#define MAX_LEAD_NS (10 * (gint64) GST_SECOND)

struct _GstWsctlServerInput
{
  GstWsctlServerStream *stream;
  GstWsctlServerTrack *track;
  GstWsctlServerReceiver *receiver;     /* NULL before the first packet */
  GstWsctlServerChain *depayloader;
  guint8 pt;
  guint32 ssrc;
  guint nack;
  guint drop;
  gint64 rtp_time;              /* of the last packet, without wraps */
  gint64 rtp_offset;            /* from a source's times to the track's */
  guint16 seq;                  /* towards the depayloader */
  gboolean damaged;             /* no frames until a key frame … */
  gint64 damaged_rtp;           /* … later than this */
  gint64 key_us;                /* when the last key frame came */
  guint32 sr_middle;            /* of the last sender report; 0: none */
  gint64 sr_us;
  guint32 last_rtp;             /* of the last packet that came in … */
  gint64 last_us;               /* … and when */
  GstWsctlServerSteady lead;    /* of sender reports before packets */
};

/* Frames after a loss refer to what is not there: players would show dirt, for
 * they cannot know. */
static gboolean
is_usable (GstWsctlServerInput * self, gint64 rtp_time, gboolean key)
{
  if (self->track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO)
    return TRUE;

  if (self->damaged) {
    if (!key || rtp_time <= self->damaged_rtp)
      return FALSE;
    self->damaged = FALSE;
  }
  if (key)
    self->key_us = g_get_monotonic_time ();

  return TRUE;
}

/* TRUE when the format is another than before. */
static gboolean
take_caps (GstWsctlServerInput * self, GstWsctlServerChain * chain)
{
  GstCaps *caps = gst_wsctl_server_chain_get_caps (chain);
  GstWsctlServerTrack *track = self->track;

  if (caps == NULL || caps == track->caps
      || (track->caps != NULL && gst_caps_is_equal (caps, track->caps)))
    return FALSE;

  /* The payloader has been told the caps that it was made with. */
  gst_caps_replace (&track->caps, caps);
  g_clear_pointer (&track->payloader, gst_wsctl_server_chain_free);

  return TRUE;
}

static void
on_frame (GstWsctlServerChain * chain, GstBuffer * buffer, gpointer data)
{
  GstWsctlServerInput *self = data;
  g_autoptr (GstWsctlServerFrame) frame = NULL;
  gboolean key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gboolean changed;
  gint64 rtp_time;

  if (!GST_BUFFER_PTS_IS_VALID (buffer)) {
    gst_buffer_unref (buffer);
    return;
  }

  rtp_time = gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer),
      self->track->codec->clock_rate, GST_SECOND);
  if (!is_usable (self, rtp_time, key)) {
    GST_LOG ("Frame %" G_GINT64_FORMAT " refers to a lost one", rtp_time);
    gst_buffer_unref (buffer);
    return;
  }

  changed = take_caps (self, chain);
  frame = gst_wsctl_server_frame_new (self->track, rtp_time, key, buffer);
  gst_wsctl_server_stream_push (self->stream, frame);
  if (changed)
    gst_wsctl_server_stream_set_changed (self->stream);
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

GstWsctlServerInput *
gst_wsctl_server_input_new (GstWsctlServerStream * stream, guint8 pt,
    const GstWsctlServerCodec * codec, const gchar * fmtp, GError ** error)
{
  g_autoptr (GstCaps) caps = make_caps (pt, codec, fmtp);
  g_autoptr (GstWsctlServerInput) self = g_new0 (GstWsctlServerInput, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverinput_debug, "wsctlserverinput", 0,
        "wsctl server: a publisher's track");

  self->stream = gst_wsctl_server_stream_ref (stream);
  self->depayloader = gst_wsctl_server_chain_new (codec->depayloader, caps,
      on_frame, self, error);
  if (self->depayloader == NULL)
    return NULL;

  self->pt = pt;
  self->damaged = TRUE;
  self->damaged_rtp = -1;
  self->track = gst_wsctl_server_track_ref (gst_wsctl_server_stream_add_track
      (stream, pt, codec));

  return g_steal_pointer (&self);
}

void
gst_wsctl_server_input_free (GstWsctlServerInput * self)
{
  g_clear_pointer (&self->receiver, gst_wsctl_server_receiver_free);
  g_clear_pointer (&self->depayloader, gst_wsctl_server_chain_free);
  if (self->track != NULL)
    self->track->request_keyframe = NULL;
  g_clear_pointer (&self->track, gst_wsctl_server_track_unref);
  gst_wsctl_server_stream_unref (self->stream);
  g_free (self);
}

static gint64
unwrap (const GstWsctlServerInput * self, guint32 rtp_time)
{
  gint64 last = self->rtp_time - self->rtp_offset;

  return self->rtp_time + (gint32) (rtp_time - (guint32) last);
}

/* A source's times start anywhere. The track's go on where they are. */
static void
start_source (GstWsctlServerInput * self, guint32 ssrc, guint32 rtp_time)
{
  GstWsctlServerTrack *track = self->track;
  gint64 now_ns = US_TO_NS (g_get_real_time ());
  gboolean first = self->receiver == NULL;

  GST_INFO ("%s: %s comes from source %08x",
      gst_wsctl_server_stream_get_name (self->stream), track->codec->name,
      ssrc);
  g_clear_pointer (&self->receiver, gst_wsctl_server_receiver_free);
  self->receiver = gst_wsctl_server_receiver_new (track->codec->clock_rate);
  gst_wsctl_server_receiver_set_props (self->receiver, self->nack, self->drop);
  self->ssrc = ssrc;
  self->sr_middle = 0;
  self->lead.known = FALSE;
  self->last_rtp = rtp_time;

  if (first) {
    self->rtp_time = (G_GINT64_CONSTANT (1) << 32) + rtp_time;
    track->anchor_rtp = self->rtp_time;
    track->anchor_ns = now_ns;
    return;
  }
  self->rtp_time = MAX (gst_wsctl_server_track_get_rtp_time (track, now_ns),
      self->rtp_time + 1);
  self->rtp_offset = self->rtp_time - rtp_time;
  self->damaged = TRUE;
  self->damaged_rtp = -1;
}

/* The depayloader counts for itself, so that it sees a gap only where something
 * is missing. */
static void
push_packet (GstWsctlServerInput * self, GstBuffer * packet, gboolean lost)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint payload_size;
  gint64 rtp_time;

  if (!gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp)) {
    gst_buffer_unref (packet);
    return;
  }
  rtp_time = unwrap (self, gst_rtp_buffer_get_timestamp (&rtp));
  payload_size = gst_rtp_buffer_get_payload_len (&rtp);
  self->rtp_time = rtp_time;
  if (lost) {
    self->seq++;
    self->damaged = TRUE;
    self->damaged_rtp = rtp_time;
  }
  /* Empty packets only fill up a bitrate. */
  if (payload_size > 0)
    gst_rtp_buffer_set_seq (&rtp, self->seq++);
  gst_rtp_buffer_unmap (&rtp);

  if (payload_size == 0 || rtp_time < 0) {
    gst_buffer_unref (packet);
    return;
  }
  GST_BUFFER_PTS (packet) = gst_util_uint64_scale (rtp_time, GST_SECOND,
      self->track->codec->clock_rate);
  gst_wsctl_server_chain_push (self->depayloader, packet);
}

/* A packet that was sent again is no news; times that jump back are. */
static void
note_arrival (GstWsctlServerInput * self, guint32 rtp_time, gint64 now_us)
{
  gint32 step = (gint32) (rtp_time - self->last_rtp);

  if (step < 0 && step > -(gint32) self->track->codec->clock_rate)
    return;

  self->last_rtp = rtp_time;
  self->last_us = now_us;
}

void
gst_wsctl_server_input_push (GstWsctlServerInput * self,
    const guint8 * packet, gsize size, gint64 now_us)
{
  guint32 rtp_time = GST_READ_UINT32_BE (packet + 4);
  guint32 ssrc = GST_READ_UINT32_BE (packet + 8);

  if (self->receiver == NULL || self->ssrc != ssrc)
    start_source (self, ssrc, rtp_time);
  note_arrival (self, rtp_time, now_us);

  gst_wsctl_server_receiver_push (self->receiver,
      gst_buffer_new_memdup (packet, size), GST_READ_UINT16_BE (packet + 2),
      rtp_time, now_us);
}

gboolean
gst_wsctl_server_input_drain (GstWsctlServerInput * self, gint64 now_us)
{
  gboolean lost, any_lost = FALSE;
  GstBuffer *packet;

  if (self->receiver == NULL)
    return FALSE;

  while ((packet = gst_wsctl_server_receiver_pop (self->receiver, now_us,
              &lost)) != NULL) {
    push_packet (self, packet, lost);
    any_lost |= lost;
  }

  return any_lost;
}

GstWsctlServerReceiver *
gst_wsctl_server_input_get_receiver (GstWsctlServerInput * self)
{
  return self->receiver;
}

void
gst_wsctl_server_input_set_props (GstWsctlServerInput * self, guint nack,
    guint drop)
{
  self->nack = nack;
  self->drop = drop;
  if (self->receiver != NULL)
    gst_wsctl_server_receiver_set_props (self->receiver, nack, drop);
}

guint8
gst_wsctl_server_input_get_pt (GstWsctlServerInput * self)
{
  return self->pt;
}

guint32
gst_wsctl_server_input_get_ssrc (GstWsctlServerInput * self)
{
  return self->ssrc;
}

GstWsctlServerTrack *
gst_wsctl_server_input_get_track (GstWsctlServerInput * self)
{
  return self->track;
}

gboolean
gst_wsctl_server_input_needs_keyframe (GstWsctlServerInput * self,
    gint64 now_us, gint64 interval_us)
{
  if (self->receiver == NULL
      || self->track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO)
    return FALSE;

  return self->damaged || now_us - self->key_us >= interval_us;
}

gboolean
gst_wsctl_server_steady_check (GstWsctlServerSteady * self, gint64 value_ns,
    gint64 now_us)
{
  gint64 deviation_ns = value_ns - self->value_ns;

  if (!self->known || ABS (deviation_ns) > STEADY_TOLERANCE_NS) {
    self->trusted = !self->known;
    self->known = TRUE;
    self->value_ns = value_ns;
    self->since_us = now_us;
    return self->trusted;
  }

  /* Another value may be as good as the one before, once it stays. */
  self->trusted |= now_us - self->since_us >= STEADY_AFTER_US;
  self->value_ns += CLAMP (deviation_ns, -STEADY_DRIFT_NS, STEADY_DRIFT_NS);

  return self->trusted;
}

/* How far a sender report is before the packets, as they come: about as far each
 * time, whatever the latency of the publisher. */
static gboolean
is_rtp_time_sensible (GstWsctlServerInput * self, guint32 rtp_time,
    gint64 now_us)
{
  gint64 lead_ns = (gint32) (rtp_time - self->last_rtp)
      * (gint64) GST_SECOND / self->track->codec->clock_rate
      - US_TO_NS (now_us - self->last_us);

  return gst_wsctl_server_steady_check (&self->lead, lead_ns, now_us)
      && ABS (lead_ns) <= MAX_LEAD_NS;
}

/* The first report of a publisher fixes how its clock stands to ours; from then
 * on every report fixes how its track stands to that clock. A report whose times
 * do not run as time does fixes nothing: the track goes on with what it knows. */
void
gst_wsctl_server_input_take_sr (GstWsctlServerInput * self, guint64 ntp,
    guint32 rtp_time, GstWsctlServerClock * clock, gint64 now_us)
{
  gint64 time_ns = US_TO_NS (gst_wsctl_server_ntp_to_unix (ntp));
  gint64 full = unwrap (self, rtp_time);
  gboolean ntp_sensible, rtp_sensible;

  self->sr_middle = ntp >> 16;
  self->sr_us = now_us;

  /* 0 stands for a publisher without a clock (RFC 3550, 6.4.1). */
  ntp_sensible = ntp != 0 && gst_wsctl_server_steady_check (&clock->ntp,
      time_ns - US_TO_NS (now_us), now_us);
  rtp_sensible = is_rtp_time_sensible (self, rtp_time, now_us);
  if (!ntp_sensible)
    clock->has_offset = FALSE;
  if (!ntp_sensible || !rtp_sensible) {
    GST_DEBUG ("%s: %s: a sender report without sense: NTP %"
        G_GUINT64_FORMAT ", RTP %u",
        gst_wsctl_server_stream_get_name (self->stream),
        self->track->codec->name, ntp, rtp_time);
    return;
  }

  if (!clock->has_offset) {
    clock->offset_ns =
        gst_wsctl_server_track_get_time (self->track, full) - time_ns;
    clock->has_offset = TRUE;
  }
  gst_wsctl_server_track_set_anchor (self->track, full,
      time_ns + clock->offset_ns);
}

gboolean
gst_wsctl_server_input_fill_block (GstWsctlServerInput * self,
    GstWsctlServerReportBlock * block)
{
  if (self->receiver == NULL
      || !gst_wsctl_server_receiver_fill_block (self->receiver, block))
    return FALSE;

  block->ssrc = self->ssrc;
  block->last_sr = self->sr_middle;
  block->delay_since_sr = 0;
  if (self->sr_middle != 0)
    block->delay_since_sr = gst_util_uint64_scale (g_get_monotonic_time ()
        - self->sr_us, 65536, G_USEC_PER_SEC);

  return TRUE;
}
