/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which tracks of a stream a session plays, first and when one of them is gone.
 */

#include "wsctlserversession-private.h"

static void
on_stream_ended (gpointer data)
{
  GstWsctlServerSession *self = data;

  gst_wsctl_server_session_send_stop (self);
  gst_wsctl_server_session_end (self, self->core->stopping
      ? GST_WSCTL_SERVER_END_AWAY : GST_WSCTL_SERVER_END_DROP,
      "the stream ended");
}

/* What a player can have in place of a track that is gone: its rendition, by
 * another publisher, rather than another. NULL for nothing. */
static GstWsctlServerTrack *
find_replacement (GstWsctlServerSession * self, GstWsctlServerTrack * track)
{
  GPtrArray *tracks = gst_wsctl_server_stream_get_tracks (self->stream);
  GstWsctlServerTrack *best = NULL;
  guint i;

  for (i = 0; i < tracks->len; i++) {
    GstWsctlServerTrack *other = g_ptr_array_index (tracks, i);

    if (other->codec != track->codec)
      continue;
    if (g_strcmp0 (other->rendition, track->rendition) == 0)
      return other;
    if (best == NULL)
      best = other;
  }

  return best;
}

/* Something that is left can be played, if it were chosen. */
static gboolean
has_playable_track (GstWsctlServerSession * self)
{
  GPtrArray *tracks = gst_wsctl_server_stream_get_tracks (self->stream);
  guint i;

  for (i = 0; i < tracks->len; i++) {
    if (gst_wsctl_server_player_can_have (self->player,
            g_ptr_array_index (tracks, i)))
      return TRUE;
  }

  return FALSE;
}

/* A player goes on with another track that its session can have. Without any
 * the stream is over for it: a new session may find other codecs. */
static void
on_track_dropped (GstWsctlServerTrack * track, gpointer data)
{
  GstWsctlServerSession *self = data;
  GstWsctlServerKind kind = track->codec->kind;
  g_autoptr (GstWsctlEvent) event = NULL;

  if (gst_wsctl_server_player_get_track (self->player, kind) != track)
    return;

  gst_wsctl_server_player_select (self->player, kind,
      find_replacement (self, track));
  event = gst_wsctl_event_new (GST_WSCTL_EVENT_TRACK_DROP);
  event->track = track->index;
  event->mediatype = g_strdup (gst_wsctl_server_kind_get_name (kind));
  gst_wsctl_server_session_send (self, event);
  if (!has_playable_track (self))
    on_stream_ended (self);
}

/* How well a track fits what the session's address asks for; the less the
 * better. */
static guint
rank_track (GstWsctlServerSession * self, GstWsctlServerTrack * track)
{
  const gchar *wanted = track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO
      ? self->video : self->audio;

  if (wanted != NULL && g_ascii_isdigit (*wanted)
      && g_ascii_strtoull (wanted, NULL, 10) == track->index)
    return 0;
  if (g_strcmp0 (track->rendition, self->rendition) == 0)
    return 1;

  return track->rendition == NULL ? 2 : 3;
}

static void
add_player_track (GstWsctlServerSession * self, GstWsctlServerOffer * offer,
    GstWsctlServerKind kind, const gchar * wanted)
{
  GPtrArray *tracks = gst_wsctl_server_stream_get_tracks (self->stream);
  GstWsctlServerTrack *best = NULL;
  GstWsctlServerMedia *media;
  guint i;

  for (i = 0; i < tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (tracks, i);

    if (track->codec->kind == kind
        && gst_wsctl_server_offer_choose (offer, kind, track->codec) != NULL
        && (best == NULL || rank_track (self, track) < rank_track (self, best)))
      best = track;
  }
  if (best == NULL)
    return;

  media = gst_wsctl_server_offer_choose (offer, kind, best->codec);
  gst_wsctl_server_player_add_track (self->player, best, media->chosen->pt);
  gst_wsctl_server_session_open_peer (self, media);
  if (g_strcmp0 (wanted, "none") == 0)
    gst_wsctl_server_player_select (self->player, kind, NULL);
}

void
gst_wsctl_server_session_play (GstWsctlServerSession * self,
    GstWsctlServerOffer * offer)
{
  static const GstWsctlServerSubscriber subscriber = {
    .dropped = on_track_dropped,
    .ended = on_stream_ended,
  };

  self->player = gst_wsctl_server_player_new (self->core->loop, self->stream);
  self->subscription = gst_wsctl_server_stream_subscribe (self->stream,
      &subscriber, self);
  add_player_track (self, offer, GST_WSCTL_SERVER_KIND_VIDEO, self->video);
  add_player_track (self, offer, GST_WSCTL_SERVER_KIND_AUDIO, self->audio);
  if (self->faults & GST_WSCTL_SERVER_WAY_OF_MIST)
    gst_wsctl_server_player_use_media_times (self->player);
  gst_wsctl_server_session_open_channels (self, offer);
}
