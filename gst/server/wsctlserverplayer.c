/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A player joins at the last key frame and has everything since at once. What
 * is behind the live edge is stamped a millisecond apart and ends at the edge,
 * so that the player's jitter buffer stands at "now" from the start; audio
 * starts at the edge.
 */

#include "wsctlserverplayer-private.h"

#include <string.h>

#include "wsctlserverrtcp-private.h"

#define GST_CAT_DEFAULT wsctlserverplayer_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_SENDERS 2
#define HISTORY 512             /* packets; a power of two */
#define RTP_HEADER_SIZE 12
#define MAX_PACKET_SIZE 1500
#define BACKLOG_DISTANCE_MS 1

/* A default receive buffer of the kernel holds about ninety packets, and a
 * backlog is many more. */
#define BURST_PACKETS 32
#define PACE_PACKETS 16         /* each millisecond */
#define PACE_INTERVAL_MS 1

typedef struct
{
  GstWsctlServerFrame *frame;   /* NULL: never used */
  guint16 packet;
  guint16 seq;
  guint32 rtp_time;
} Sent;

typedef struct
{
  GstWsctlServerTrack *track;
  guint8 pt;
  gboolean enabled;
  gboolean needs_key;
  guint32 ssrc;
  guint16 seq;
  guint32 base;                 /* from the track's RTP times to ours */
  guint32 n_packets;
  guint32 n_bytes;
  Sent history[HISTORY];
} Sender;

/* A frame that waits for its turn on the wire */
typedef struct
{
  Sender *sender;
  GstWsctlServerFrame *frame;
  guint next;                   /* packet */
  guint32 rtp_time;
} Queued;

struct _GstWsctlServerPlayer
{
  GstWsctlLoop *loop;
  GstWsctlServerStream *stream;
  gulong subscription;          /* 0: not started */
  GstWsctlLitePeer *peer;       /* the session's; NULL before start */
  Sender *senders[MAX_SENDERS];
  guint n_senders;
  GQueue queue;                 /* of Queued */
  GSource *pace_timer;
  gboolean paused;
  gint64 position_ns;
};

GstWsctlServerPlayer *
gst_wsctl_server_player_new (GstWsctlLoop * loop, GstWsctlServerStream * stream)
{
  GstWsctlServerPlayer *self = g_new0 (GstWsctlServerPlayer, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverplayer_debug, "wsctlserverplayer", 0,
        "wsctl server: media to a player");

  self->loop = gst_wsctl_loop_ref (loop);
  self->stream = gst_wsctl_server_stream_ref (stream);
  g_queue_init (&self->queue);

  return self;
}

static void
free_queued (gpointer data)
{
  Queued *queued = data;

  gst_wsctl_server_frame_unref (queued->frame);
  g_free (queued);
}

static void
free_sender (Sender * sender)
{
  guint i;

  for (i = 0; i < HISTORY; i++)
    g_clear_pointer (&sender->history[i].frame, gst_wsctl_server_frame_unref);
  gst_wsctl_server_track_unref (sender->track);
  g_free (sender);
}

void
gst_wsctl_server_player_free (GstWsctlServerPlayer * self)
{
  guint i;

  gst_wsctl_loop_clear_timer (&self->pace_timer);
  if (self->subscription != 0)
    gst_wsctl_server_stream_unsubscribe (self->stream, self->subscription);
  g_queue_clear_full (&self->queue, free_queued);
  for (i = 0; i < self->n_senders; i++)
    free_sender (self->senders[i]);
  gst_wsctl_server_stream_unref (self->stream);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

void
gst_wsctl_server_player_add_track (GstWsctlServerPlayer * self,
    GstWsctlServerTrack * track, guint8 pt)
{
  Sender *sender = g_new0 (Sender, 1);

  g_return_if_fail (self->n_senders < MAX_SENDERS);

  sender->track = gst_wsctl_server_track_ref (track);
  sender->pt = pt;
  sender->enabled = TRUE;
  sender->ssrc = g_random_int ();
  sender->seq = g_random_int () & 0x7fff;       /* RFC 3711: room to wrap */
  sender->base = g_random_int ();
  self->senders[self->n_senders++] = sender;
}

static gboolean
write_packet (GstWsctlServerPlayer * self, Sender * sender,
    GstWsctlServerFrame * frame, guint index, guint16 seq, guint32 rtp_time)
{
  const GstWsctlServerPacket *packet =
      &g_array_index (frame->packets, GstWsctlServerPacket, index);
  guint8 bytes[MAX_PACKET_SIZE];

  if (packet->size > sizeof bytes - RTP_HEADER_SIZE)
    return FALSE;

  bytes[0] = 2 << 6;
  bytes[1] = (packet->marker ? 0x80 : 0) | sender->pt;
  GST_WRITE_UINT16_BE (bytes + 2, seq);
  GST_WRITE_UINT32_BE (bytes + 4, rtp_time);
  GST_WRITE_UINT32_BE (bytes + 8, sender->ssrc);
  memcpy (bytes + RTP_HEADER_SIZE, frame->bytes->data + packet->offset,
      packet->size);

  return gst_wsctl_lite_peer_send_rtp (self->peer, bytes,
      RTP_HEADER_SIZE + packet->size);
}

/* What a full socket did not take is lost like any packet: the player asks for
 * it again. */
static void
send_packet (GstWsctlServerPlayer * self, Sender * sender,
    GstWsctlServerFrame * frame, guint index, guint32 rtp_time)
{
  Sent *sent = &sender->history[sender->seq & (HISTORY - 1)];

  g_clear_pointer (&sent->frame, gst_wsctl_server_frame_unref);
  sent->frame = gst_wsctl_server_frame_ref (frame);
  sent->packet = index;
  sent->seq = sender->seq;
  sent->rtp_time = rtp_time;

  write_packet (self, sender, frame, index, sender->seq++, rtp_time);
  sender->n_packets++;
  sender->n_bytes +=
      g_array_index (frame->packets, GstWsctlServerPacket, index).size;
}

/* Sends at most @budget packets of what waits, in order. */
static void
send_queued (GstWsctlServerPlayer * self, guint budget)
{
  while (budget > 0 && !g_queue_is_empty (&self->queue)) {
    Queued *queued = g_queue_peek_head (&self->queue);
    guint n_packets = gst_wsctl_server_frame_pack (queued->frame);

    for (; queued->next < n_packets && budget > 0; budget--)
      send_packet (self, queued->sender, queued->frame, queued->next++,
          queued->rtp_time);
    if (queued->next < n_packets)
      return;
    self->position_ns = MAX (self->position_ns, queued->frame->time_ns);
    free_queued (g_queue_pop_head (&self->queue));
  }
}

static gboolean
on_pace_timeout (gpointer data)
{
  GstWsctlServerPlayer *self = data;

  send_queued (self, PACE_PACKETS);
  if (!g_queue_is_empty (&self->queue))
    return G_SOURCE_CONTINUE;

  gst_wsctl_loop_clear_timer (&self->pace_timer);

  return G_SOURCE_REMOVE;
}

static void
flush_queue (GstWsctlServerPlayer * self)
{
  if (self->pace_timer != NULL)
    return;

  send_queued (self, BURST_PACKETS);
  if (!g_queue_is_empty (&self->queue))
    self->pace_timer = gst_wsctl_loop_add_timer (self->loop, PACE_INTERVAL_MS,
        on_pace_timeout, self, NULL);
}

static void
queue_frame (GstWsctlServerPlayer * self, Sender * sender,
    GstWsctlServerFrame * frame, gint64 rtp_time)
{
  Queued *queued = g_new0 (Queued, 1);

  queued->sender = sender;
  queued->frame = gst_wsctl_server_frame_ref (frame);
  queued->rtp_time = sender->base + (guint32) rtp_time;
  g_queue_push_tail (&self->queue, queued);
}

static void
on_frame (GstWsctlServerFrame * frame, gpointer data)
{
  GstWsctlServerPlayer *self = data;
  guint i;

  if (self->paused)
    return;

  for (i = 0; i < self->n_senders; i++) {
    Sender *sender = self->senders[i];

    if (sender->track != frame->track || !sender->enabled)
      continue;
    if (sender->needs_key && !frame->key)
      continue;
    sender->needs_key = FALSE;
    queue_frame (self, sender, frame, frame->rtp_time);
  }
  flush_queue (self);
}

/* From the last key frame to the edge. */
static void
queue_backlog (GstWsctlServerPlayer * self, Sender * sender)
{
  GList *first =
      gst_wsctl_server_stream_get_backlog (self->stream, sender->track);
  gint64 distance = sender->track->codec->clock_rate * BACKLOG_DISTANCE_MS
      / 1000;
  gint64 n_frames = 0, edge = 0;
  GList *item;

  for (item = first; item != NULL; item = item->next) {
    GstWsctlServerFrame *frame = item->data;

    if (frame->track != sender->track)
      continue;
    n_frames++;
    edge = frame->rtp_time;
  }
  GST_DEBUG ("%s: starts with %" G_GINT64_FORMAT " frames",
      gst_wsctl_server_stream_get_name (self->stream), n_frames);

  for (item = first; item != NULL; item = item->next) {
    GstWsctlServerFrame *frame = item->data;

    if (frame->track == sender->track)
      queue_frame (self, sender, frame, edge - --n_frames * distance);
  }
  sender->needs_key = first == NULL;
}

static void
start_senders (GstWsctlServerPlayer * self)
{
  gboolean waits = FALSE;
  guint i;

  /* The first report goes ahead, so that audio and video stand right to each
   * other from the first packet on. */
  gst_wsctl_server_player_report (self);
  for (i = 0; i < self->n_senders; i++) {
    Sender *sender = self->senders[i];

    if (sender->track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO
        || !sender->enabled)
      continue;
    queue_backlog (self, sender);
    waits |= sender->needs_key;
  }
  if (waits)
    gst_wsctl_server_stream_request_keyframe (self->stream);
  flush_queue (self);
}

void
gst_wsctl_server_player_start (GstWsctlServerPlayer * self,
    GstWsctlLitePeer * peer)
{
  static const GstWsctlServerSubscriber subscriber = {.frame = on_frame };

  if (self->subscription != 0)
    return;

  self->peer = peer;
  start_senders (self);
  self->subscription =
      gst_wsctl_server_stream_subscribe (self->stream, &subscriber, self);
}

static Sender *
find_sender (GstWsctlServerPlayer * self, guint32 ssrc)
{
  guint i;

  for (i = 0; i < self->n_senders; i++) {
    if (self->senders[i]->ssrc == ssrc)
      return self->senders[i];
  }

  return NULL;
}

static void
on_nack (guint32 media_ssrc, guint16 seq, gpointer data)
{
  GstWsctlServerPlayer *self = data;
  Sender *sender = find_sender (self, media_ssrc);
  Sent *sent;

  if (sender == NULL)
    return;

  sent = &sender->history[seq & (HISTORY - 1)];
  if (sent->frame == NULL || sent->seq != seq)
    return;

  GST_LOG ("Packet %u goes again", seq);
  write_packet (self, sender, sent->frame, sent->packet, seq, sent->rtp_time);
}

/* The ingest sees to it that not every player's wish becomes a key frame. */
static void
on_keyframe_wanted (guint32 media_ssrc, gpointer data)
{
  GstWsctlServerPlayer *self = data;

  if (find_sender (self, media_ssrc) != NULL)
    gst_wsctl_server_stream_request_keyframe (self->stream);
}

void
gst_wsctl_server_player_take_rtcp (GstWsctlServerPlayer * self,
    const guint8 * packet, gsize size)
{
  static const GstWsctlServerRtcpHandler handler = {
    .nack = on_nack,
    .keyframe = on_keyframe_wanted,
  };

  if (self->peer != NULL)
    gst_wsctl_server_rtcp_read (packet, size, &handler, self);
}

void
gst_wsctl_server_player_report (GstWsctlServerPlayer * self)
{
  gint64 now_us = g_get_real_time ();
  guint i;

  if (self->peer == NULL)
    return;

  for (i = 0; i < self->n_senders; i++) {
    Sender *sender = self->senders[i];
    g_autoptr (GByteArray) rtcp = NULL;
    gint64 rtp_time;

    if (sender->track->anchor_ns == 0)
      continue;
    rtcp = g_byte_array_new ();
    rtp_time = gst_wsctl_server_track_get_rtp_time (sender->track,
        now_us * 1000);
    gst_wsctl_server_rtcp_add_sr (rtcp, sender->ssrc,
        gst_wsctl_server_ntp_from_unix (now_us),
        sender->base + (guint32) rtp_time, sender->n_packets, sender->n_bytes);
    gst_wsctl_server_rtcp_add_sdes (rtcp, sender->ssrc);
    gst_wsctl_lite_peer_send_rtcp (self->peer, rtcp->data, rtcp->len);
  }
}

void
gst_wsctl_server_player_set_paused (GstWsctlServerPlayer * self,
    gboolean paused)
{
  if (self->paused == paused)
    return;

  self->paused = paused;
  if (!paused && self->subscription != 0)
    start_senders (self);
}

gboolean
gst_wsctl_server_player_is_paused (GstWsctlServerPlayer * self)
{
  return self->paused;
}

void
gst_wsctl_server_player_set_enabled (GstWsctlServerPlayer * self,
    GstWsctlServerKind kind, gboolean enabled)
{
  guint i;

  for (i = 0; i < self->n_senders; i++) {
    Sender *sender = self->senders[i];

    if (sender->track->codec->kind != kind || sender->enabled == enabled)
      continue;
    sender->enabled = enabled;
    sender->needs_key = kind == GST_WSCTL_SERVER_KIND_VIDEO;
  }
}

GArray *
gst_wsctl_server_player_get_tracks (GstWsctlServerPlayer * self)
{
  GArray *tracks = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint i;

  for (i = 0; i < self->n_senders; i++) {
    gint64 index = self->senders[i]->track->index;

    if (self->senders[i]->enabled)
      g_array_append_val (tracks, index);
  }

  return tracks;
}

gint64
gst_wsctl_server_player_get_position (GstWsctlServerPlayer * self)
{
  return self->position_ns;
}
