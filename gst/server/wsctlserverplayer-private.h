/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctllite-private.h"
#include "wsctlloop-private.h"
#include "wsctlserverstream-private.h"

G_BEGIN_DECLS

/* The frames of a stream to one player, from wherever it is in them, and the
 * RTCP around. It begins at the live edge. Times of the stream are nanoseconds
 * since 1970. On the loop's thread. */
typedef struct _GstWsctlServerPlayer GstWsctlServerPlayer;

/* Lifetime */
GstWsctlServerPlayer *gst_wsctl_server_player_new (GstWsctlLoop * loop,
    GstWsctlServerStream * stream);
void gst_wsctl_server_player_free (GstWsctlServerPlayer * self);
void gst_wsctl_server_player_add_track (GstWsctlServerPlayer * self,
    GstWsctlServerTrack * track, guint8 pt);
/* Of all tracks: RTP times are those of the stream, for tests. */
void gst_wsctl_server_player_use_media_times (GstWsctlServerPlayer * self);
/* The first packets leave before it returns. @peer outlives the player. */
void gst_wsctl_server_player_start (GstWsctlServerPlayer * self,
    GstWsctlLitePeer * peer);

/* RTCP; report() once a second */
void gst_wsctl_server_player_take_rtcp (GstWsctlServerPlayer * self,
    const guint8 * packet, gsize size);
void gst_wsctl_server_player_report (GstWsctlServerPlayer * self);

/* Where. FALSE when the stream has nothing yet. */
gboolean gst_wsctl_server_player_go_live (GstWsctlServerPlayer * self);
/* To the nearest time that is there */
gboolean gst_wsctl_server_player_seek (GstWsctlServerPlayer * self,
    gint64 time_ns);
/* What is played now; 0 when there is nothing */
gint64 gst_wsctl_server_player_get_position (GstWsctlServerPlayer * self);
/* Of the next frame, or the position */
gint64 gst_wsctl_server_player_get_next (GstWsctlServerPlayer * self);
gboolean gst_wsctl_server_player_is_live (GstWsctlServerPlayer * self);
/* How far in front of where it went last the key frame was */
gint64 gst_wsctl_server_player_get_lead (GstWsctlServerPlayer * self);

/* How fast; 0 is the stream's own speed, and at the edge if it is there. */
void gst_wsctl_server_player_set_rate (GstWsctlServerPlayer * self,
    gdouble rate);
/* A paused player gets nothing. It goes on where it was, or at the edge when
 * that is no longer there. */
void gst_wsctl_server_player_set_paused (GstWsctlServerPlayer * self,
    gboolean paused);
gboolean gst_wsctl_server_player_is_paused (GstWsctlServerPlayer * self);

/* What: @track NULL for none. FALSE when the session cannot have it. */
gboolean gst_wsctl_server_player_select (GstWsctlServerPlayer * self,
    GstWsctlServerKind kind, GstWsctlServerTrack * track);
/* Whether its session can have @track */
gboolean gst_wsctl_server_player_can_have (GstWsctlServerPlayer * self,
    GstWsctlServerTrack * track);
/* NULL when none of the kind is sent. Transfer none. */
GstWsctlServerTrack *gst_wsctl_server_player_get_track (GstWsctlServerPlayer *
    self, GstWsctlServerKind kind);
/* Of gint64, the indexes of the tracks that are sent. Transfer full. */
GArray *gst_wsctl_server_player_get_tracks (GstWsctlServerPlayer * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerPlayer,
    gst_wsctl_server_player_free)

G_END_DECLS
