/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a player gets of a stream, and what it says of what it got.
 */

#include "wsctlserverplayerinternal-private.h"
#include "wsctlserverrtcp-private.h"

#define KEY_DISTANCE_US 1000000 /* a picture is repeated no sooner */

void
gst_wsctl_server_player_use_media_times (GstWsctlServerPlayer * self)
{
  guint i;

  for (i = 0; i < self->n_lanes; i++)
    gst_wsctl_server_sender_use_media_times (gst_wsctl_server_lane_get_sender
        (self->lanes[i]));
}

GstWsctlServerLane *
gst_wsctl_server_player_find_lane (GstWsctlServerPlayer * self,
    GstWsctlServerKind kind)
{
  guint i;

  for (i = 0; i < self->n_lanes; i++) {
    if (gst_wsctl_server_lane_get_track (self->lanes[i])->codec->kind == kind)
      return self->lanes[i];
  }

  return NULL;
}

void
gst_wsctl_server_player_request_keyframe (GstWsctlServerPlayer * self)
{
  GstWsctlServerLane *video =
      gst_wsctl_server_player_find_lane (self, GST_WSCTL_SERVER_KIND_VIDEO);

  if (video != NULL && gst_wsctl_server_lane_is_enabled (video))
    gst_wsctl_server_track_request_keyframe (gst_wsctl_server_lane_get_track
        (video));
}

static GstWsctlServerLane *
find_source (GstWsctlServerPlayer * self, guint32 ssrc)
{
  guint i;

  for (i = 0; i < self->n_lanes; i++) {
    if (gst_wsctl_server_sender_get_ssrc (gst_wsctl_server_lane_get_sender
            (self->lanes[i])) == ssrc)
      return self->lanes[i];
  }

  return NULL;
}

static void
on_nack (guint32 media_ssrc, guint16 seq, gpointer data)
{
  GstWsctlServerPlayer *self = data;
  GstWsctlServerLane *lane = find_source (self, media_ssrc);

  if (lane != NULL)
    gst_wsctl_server_sender_send_again (gst_wsctl_server_lane_get_sender
        (lane), self->peer, seq);
}

/* At the edge the publisher is asked, and sees to it that not every player's
 * wish becomes a key frame; elsewhere the picture is built up again. */
static void
on_keyframe_wanted (guint32 media_ssrc, gpointer data)
{
  GstWsctlServerPlayer *self = data;

  if (find_source (self, media_ssrc) == NULL)
    return;
  if (self->live)
    gst_wsctl_server_player_request_keyframe (self);
  else if (!self->paused
      && g_get_monotonic_time () - self->seek_us > KEY_DISTANCE_US)
    gst_wsctl_server_player_jump (self,
        gst_wsctl_server_player_get_position (self));
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
  guint i;

  for (i = 0; i < self->n_lanes && self->peer != NULL; i++)
    gst_wsctl_server_sender_report (gst_wsctl_server_lane_get_sender
        (self->lanes[i]), self->peer);
}

/* Back from nothing, a picture starts with a key frame where the rest is. */
static void
set_enabled (GstWsctlServerPlayer * self, GstWsctlServerLane * lane,
    gboolean enabled)
{
  gint64 position_ns = gst_wsctl_server_player_get_position (self);
  gint64 out_ns;
  guint n_frames;

  if (gst_wsctl_server_lane_is_enabled (lane) == enabled)
    return;

  gst_wsctl_server_lane_set_enabled (lane, enabled);
  if (!enabled || !self->placed)
    return;
  n_frames = gst_wsctl_server_lane_seek (lane, position_ns);
  out_ns = gst_wsctl_server_timeline_get_out (&self->timeline, position_ns);
  gst_wsctl_server_lane_set_forward (lane, position_ns, out_ns, n_frames);
  gst_wsctl_server_player_run (self, GST_WSCTL_SERVER_PLAYER_BURST);
}

gboolean
gst_wsctl_server_player_can_have (GstWsctlServerPlayer * self,
    GstWsctlServerTrack * track)
{
  GstWsctlServerLane *lane =
      gst_wsctl_server_player_find_lane (self, track->codec->kind);

  return lane != NULL
      && gst_wsctl_server_lane_get_track (lane)->codec == track->codec;
}

gboolean
gst_wsctl_server_player_select (GstWsctlServerPlayer * self,
    GstWsctlServerKind kind, GstWsctlServerTrack * track)
{
  GstWsctlServerLane *lane = gst_wsctl_server_player_find_lane (self, kind);

  if (lane == NULL)
    return track == NULL;
  if (track != NULL && !gst_wsctl_server_player_can_have (self, track))
    return FALSE;

  if (track != NULL && track != gst_wsctl_server_lane_get_track (lane)) {
    gst_wsctl_server_lane_set_track (lane, track);
    if (self->live)
      gst_wsctl_server_player_request_keyframe (self);
  }
  set_enabled (self, lane, track != NULL);

  return TRUE;
}

GstWsctlServerTrack *
gst_wsctl_server_player_get_track (GstWsctlServerPlayer * self,
    GstWsctlServerKind kind)
{
  GstWsctlServerLane *lane = gst_wsctl_server_player_find_lane (self, kind);

  return lane != NULL && gst_wsctl_server_lane_is_enabled (lane)
      ? gst_wsctl_server_lane_get_track (lane) : NULL;
}

GArray *
gst_wsctl_server_player_get_tracks (GstWsctlServerPlayer * self)
{
  GArray *tracks = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint i;

  for (i = 0; i < self->n_lanes; i++) {
    gint64 index = gst_wsctl_server_lane_get_track (self->lanes[i])->index;

    if (gst_wsctl_server_lane_is_enabled (self->lanes[i]))
      g_array_append_val (tracks, index);
  }

  return tracks;
}
