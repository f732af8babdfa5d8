/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From an offer to an answer and to media: who publishes, who plays, and what
 * the server does wrong when a test wants it.
 */

#include "wsctlserversession-private.h"

#include <string.h>

#define GST_CAT_DEFAULT wsctlserveroffer_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define FAULTS_INSTEAD (GST_WSCTL_SERVER_FAULT_NO_ANSWER \
    | GST_WSCTL_SERVER_FAULT_REFUSE | GST_WSCTL_SERVER_FAULT_OVERSIZED \
    | GST_WSCTL_SERVER_FAULT_GARBAGE | GST_WSCTL_SERVER_FAULT_DROP \
    | GST_WSCTL_SERVER_FAULT_CLOSE)
#define OVERSIZED_SIZE (4 * 1024 * 1024)

static void
on_connected (GstWsctlLitePeer * peer, gpointer data)
{
  GstWsctlServerSession *self = data;

  gst_wsctl_server_session_log (self, "connected after %" G_GINT64_FORMAT
      " ms", (g_get_monotonic_time () - self->offered_us) / 1000);
  if (self->faults & GST_WSCTL_SERVER_FAULT_NO_MEDIA)
    return;

  if (self->ingest != NULL)
    gst_wsctl_server_ingest_start (self->ingest, peer);
  if (self->player != NULL) {
    gst_wsctl_server_player_start (self->player, peer);
    gst_wsctl_server_session_send_fast_forward (self);
  }
}

static void
on_rtp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  GstWsctlServerSession *self = data;

  if (self->ingest != NULL && !(self->faults & GST_WSCTL_SERVER_FAULT_NO_MEDIA))
    gst_wsctl_server_ingest_take_rtp (self->ingest, packet, size);
}

static void
on_rtcp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  GstWsctlServerSession *self = data;

  if (self->ingest != NULL)
    gst_wsctl_server_ingest_take_rtcp (self->ingest, packet, size);
  if (self->player != NULL)
    gst_wsctl_server_player_take_rtcp (self->player, packet, size);
}

static void
on_sctp (GstWsctlLitePeer * peer, const guint8 * packet, gsize size,
    gpointer data)
{
  gst_wsctl_server_session_take_sctp (data, packet, size);
}

static void
on_peer_closed (GstWsctlLitePeer * peer, const GError * error, gpointer data)
{
  GstWsctlServerSession *self = data;

  gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP,
      error != NULL ? error->message : "left");
}

static void
add_transcoder (GstWsctlServerSession * self, GstWsctlServerTrack * track,
    const GstWsctlServerRendition * rendition)
{
  g_autoptr (GError) error = NULL;
  GstWsctlServerTranscoder *transcoder =
      gst_wsctl_server_transcoder_new (self->core->loop, self->stream, track,
      rendition, &error);

  if (transcoder != NULL)
    g_ptr_array_add (self->transcoders, transcoder);
  else
    gst_wsctl_server_session_log (self, "%s", error->message);
}

/* Once the size of its pictures is known */
static void
add_transcoders (GstWsctlServerSession * self)
{
  GstWsctlServerTrack *track = gst_wsctl_server_stream_find_track
      (self->stream, GST_WSCTL_SERVER_KIND_VIDEO);
  guint i;

  if (self->core->renditions == NULL || self->transcoders != NULL
      || self->rendition != NULL || track == NULL || track->caps == NULL
      || track->data != self->ingest)
    return;

  self->transcoders = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_wsctl_server_transcoder_free);
  for (i = 0; i < self->core->renditions->len; i++)
    add_transcoder (self, track, &g_array_index (self->core->renditions,
            GstWsctlServerRendition, i));
}

static void
on_stream_changed (gpointer data)
{
  GstWsctlServerSession *self = data;

  add_transcoders (self);
  self->core->stream_changed (self->stream_name, self->core->data);
}

static void
send_answer (GstWsctlServerSession * self, const gchar * sdp)
{
  g_autoptr (GstWsctlEvent) event =
      gst_wsctl_event_new (GST_WSCTL_EVENT_ANSWER_SDP);

  event->result = sdp != NULL;
  event->answer_sdp = g_strdup (sdp);
  gst_wsctl_server_session_send (self, event);
}

/* TRUE when the fault stands in place of an answer. */
static gboolean
commit_fault (GstWsctlServerSession * self)
{
  g_autofree gchar *text = NULL;

  if (self->faults & GST_WSCTL_SERVER_FAULT_REFUSE)
    send_answer (self, NULL);
  if (self->faults & GST_WSCTL_SERVER_FAULT_OVERSIZED) {
    text = g_strnfill (OVERSIZED_SIZE, ' ');
    gst_wsctl_server_session_send_text (self, text);
  }
  if (self->faults & GST_WSCTL_SERVER_FAULT_GARBAGE)
    gst_wsctl_server_session_send_text (self, "}{ no object");
  if (self->faults & GST_WSCTL_SERVER_FAULT_DROP)
    gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP, "fault");
  if (self->faults & GST_WSCTL_SERVER_FAULT_CLOSE)
    gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_CLOSE, "fault");

  return self->faults & FAULTS_INSTEAD;
}

static void
spoil_offer (GstWsctlServerSession * self, GstWsctlServerOffer * offer)
{
  GPtrArray *medias = offer->medias;

  if (self->faults & GST_WSCTL_SERVER_FAULT_NO_MEDIUM)
    g_ptr_array_set_size (medias, 0);
  if (self->faults & GST_WSCTL_SERVER_FAULT_ONE_MEDIUM && medias->len > 1)
    g_ptr_array_set_size (medias, 1);
  if (self->faults & GST_WSCTL_SERVER_FAULT_REJECT_FIRST && medias->len > 0)
    ((GstWsctlServerMedia *) g_ptr_array_index (medias, 0))->rejected = TRUE;
  if (self->faults & GST_WSCTL_SERVER_FAULT_REJECT_SECOND && medias->len > 1)
    ((GstWsctlServerMedia *) g_ptr_array_index (medias, 1))->rejected = TRUE;
}

/* The peer's first letter is enough for a fingerprint to be another. */
static gchar *
get_fingerprint (GstWsctlServerSession * self)
{
  gchar *fingerprint =
      g_strdup (gst_wsctl_lite_port_get_fingerprint (self->core->port));

  if (self->faults & GST_WSCTL_SERVER_FAULT_WRONG_FINGERPRINT) {
    gchar *digit = strchr (fingerprint, ' ');

    if (digit != NULL)
      digit[1] = digit[1] == '0' ? '1' : '0';
  }

  return fingerprint;
}

/* With no medium served there is nothing to transport, and the names are not
 * in the answer either. */
static gchar *
make_answer (GstWsctlServerSession * self, GstWsctlServerOffer * offer)
{
  g_auto (GStrv) candidates =
      gst_wsctl_lite_port_get_candidates (self->core->port);
  g_autofree gchar *fingerprint = get_fingerprint (self);
  GstWsctlServerAnswer answer = {
    .ufrag = "",
    .pwd = "",
    .fingerprint = fingerprint,
    .candidates = (const gchar * const *) candidates,
    .session_id = g_get_real_time (),
  };

  if (self->peer != NULL) {
    answer.ufrag = gst_wsctl_lite_peer_get_ufrag (self->peer);
    answer.pwd = gst_wsctl_lite_peer_get_pwd (self->peer);
  }

  return gst_wsctl_server_offer_answer (offer, &answer);
}

void
gst_wsctl_server_session_open_peer (GstWsctlServerSession * self,
    const GstWsctlServerMedia * media)
{
  static const GstWsctlLitePeerCallbacks callbacks = {
    .connected = on_connected,
    .rtp = on_rtp,
    .rtcp = on_rtcp,
    .sctp = on_sctp,
    .closed = on_peer_closed,
  };

  if (self->peer == NULL)
    self->peer = gst_wsctl_lite_peer_new (self->core->port, media->ufrag,
        media->fingerprint, &callbacks, self);
}

static gboolean
publish (GstWsctlServerSession * self, GstWsctlServerOffer * offer,
    GError ** error)
{
  static const GstWsctlServerSubscriber subscriber = {
    .changed = on_stream_changed
  };
  const GstWsctlServerKind kinds[] = {
    GST_WSCTL_SERVER_KIND_VIDEO, GST_WSCTL_SERVER_KIND_AUDIO
  };
  GstWsctlServerStream *stream =
      g_hash_table_lookup (self->core->streams, self->stream_name);
  guint i;

  self->stream = stream != NULL ? gst_wsctl_server_stream_ref (stream)
      : gst_wsctl_server_stream_new (self->stream_name, self->core->keep_ns,
      self->core->max_stream_bytes, self->core->memory);
  self->ingest = gst_wsctl_server_ingest_new (self->core->loop, self->stream);
  gst_wsctl_server_ingest_set_keyframe_interval (self->ingest,
      self->keyframe_interval_ms);
  gst_wsctl_server_ingest_set_props (self->ingest, self->nack, self->drop);
  self->subscription = gst_wsctl_server_stream_subscribe (self->stream,
      &subscriber, self);

  for (i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstWsctlServerMedia *media =
        gst_wsctl_server_offer_choose (offer, kinds[i], NULL);

    if (media == NULL)
      continue;
    if (!gst_wsctl_server_ingest_add_track (self->ingest, media->chosen->pt,
            media->chosen->codec, media->chosen->fmtp, self->rendition, error))
      return FALSE;
    gst_wsctl_server_session_open_peer (self, media);
  }

  gst_wsctl_server_session_open_channels (self, offer);

  if (stream != NULL)
    gst_wsctl_server_stream_end_wait (stream);
  else
    g_hash_table_insert (self->core->streams, g_strdup (self->stream_name),
        gst_wsctl_server_stream_ref (self->stream));
  self->core->stream_changed (self->stream_name, self->core->data);

  return TRUE;
}

static void
silence_transport (GstWsctlServerSession * self)
{
  if (self->peer == NULL)
    return;
  if (self->faults & GST_WSCTL_SERVER_FAULT_NO_ICE)
    gst_wsctl_lite_peer_close (self->peer);
  if (self->faults & GST_WSCTL_SERVER_FAULT_NO_DTLS)
    gst_wsctl_lite_peer_ignore_dtls (self->peer);
}

static void
refuse_offline (GstWsctlServerSession * self)
{
  gst_wsctl_server_session_send_error (self, "error", "Stream open failed");
  gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP,
      "the stream is offline");
}

static void
refuse (GstWsctlServerSession * self, const gchar * why)
{
  GST_INFO ("%u: refused: %s", self->id, why);
  gst_wsctl_server_session_log (self, "%s is refused: %s", self->address, why);
  send_answer (self, NULL);
}

static GstWsctlServerSession *
find_publisher (GstWsctlServerSession * self)
{
  GList *item;

  for (item = self->core->sessions; item != NULL; item = item->next) {
    GstWsctlServerSession *other = item->data;

    if (!other->ended && other->ingest != NULL
        && strcmp (other->name, self->name) == 0)
      return other;
  }

  return NULL;
}

static gboolean
may_displace (GstWsctlServerSession * self)
{
  return self->core->takeover
      && gst_wsctl_server_guard_asks_publishers (self->core->guard);
}

/* The other's tracks are there by now, so that players go over to them, and the
 * stream does not end. MistServer has both publishers until one leaves. */
static void
displace (GstWsctlServerSession * other)
{
  gst_wsctl_server_session_send_stop (other);
  gst_wsctl_server_session_end (other, GST_WSCTL_SERVER_END_DROP,
      "displaced by another publisher");
}

/* FALSE for an offer with nothing in it that could be taken in. */
static gboolean
has_known_medium (GstWsctlServerOffer * offer)
{
  return gst_wsctl_server_offer_choose (offer, GST_WSCTL_SERVER_KIND_VIDEO,
      NULL) != NULL
      || gst_wsctl_server_offer_choose (offer, GST_WSCTL_SERVER_KIND_AUDIO,
      NULL) != NULL;
}

static gboolean
start_media (GstWsctlServerSession * self, GstWsctlServerOffer * offer)
{
  GstWsctlServerStream *stream =
      g_hash_table_lookup (self->core->streams, self->stream_name);
  GstWsctlServerSession *other = find_publisher (self);
  g_autoptr (GError) error = NULL;

  if (gst_wsctl_server_offer_is_sending (offer)) {
    if (!self->may_publish) {
      refuse (self, "may not publish");
      return FALSE;
    }
    if (!has_known_medium (offer))
      return TRUE;
    /* Who is there first stays, unless whoever comes is known. */
    if (other != NULL && !may_displace (self)) {
      refuse (self, "the stream has a publisher");
      return FALSE;
    }
    if (!publish (self, offer, &error)) {
      GST_ERROR ("%u: %s", self->id, error->message);
      gst_wsctl_server_session_send_error (self, "error", error->message);
      gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP,
          "cannot take this in");
      return FALSE;
    }
    if (other != NULL)
      displace (other);
    return TRUE;
  }

  if (!self->may_play) {
    refuse (self, "may not play");
    return FALSE;
  }
  if (stream == NULL) {
    refuse_offline (self);
    return FALSE;
  }
  self->stream = gst_wsctl_server_stream_ref (stream);
  gst_wsctl_server_session_play (self, offer);

  return TRUE;
}

/* Who it is, and the codecs of what it sends or gets */
static void
log_opened (GstWsctlServerSession * self)
{
  g_autoptr (GString) codecs = g_string_new (NULL);
  GPtrArray *tracks = self->stream != NULL
      ? gst_wsctl_server_stream_get_tracks (self->stream) : NULL;
  guint i;

  for (i = 0; tracks != NULL && i < tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (tracks, i);

    if (self->player != NULL ? gst_wsctl_server_player_get_track (self->player,
            track->codec->kind) == track : track->data == self->ingest)
      g_string_append_printf (codecs, "%s%s", codecs->len > 0 ? ", " : "",
          track->codec->name);
  }
  gst_wsctl_server_session_log (self, "opened from %s: %s", self->address,
      codecs->len > 0 ? codecs->str : "nothing that is known here");
}

void
gst_wsctl_server_session_take_offer (GstWsctlServerSession * self,
    const gchar * text)
{
  g_autoptr (GstWsctlServerOffer) offer = NULL;
  g_autofree gchar *answer = NULL;

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserveroffer_debug, "wsctlserveroffer", 0,
        "wsctl server: offers");

  if (self->stream != NULL) {
    gst_wsctl_server_session_send_error (self, "on_offer_sdp",
        "This session has media already.");
    return;
  }

  self->faults = self->core->faults;
  self->offered_us = g_get_monotonic_time ();
  if (commit_fault (self))
    return;

  offer = gst_wsctl_server_offer_parse (text);
  spoil_offer (self, offer);
  if (offer->medias->len > 0 && !start_media (self, offer))
    return;

  answer = make_answer (self, offer);
  silence_transport (self);
  GST_LOG ("%u: answers %u media", self->id, offer->medias->len);
  send_answer (self, answer);
  log_opened (self);
}
