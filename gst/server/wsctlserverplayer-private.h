/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctllite-private.h"
#include "wsctlloop-private.h"
#include "wsctlserverstream-private.h"

G_BEGIN_DECLS

/* The frames of a stream to one player's packets, and the RTCP around them.
 * On the loop's thread. */
typedef struct _GstWsctlServerPlayer GstWsctlServerPlayer;

GstWsctlServerPlayer *gst_wsctl_server_player_new (GstWsctlLoop * loop,
    GstWsctlServerStream * stream);
void gst_wsctl_server_player_free (GstWsctlServerPlayer * self);
void gst_wsctl_server_player_add_track (GstWsctlServerPlayer * self,
    GstWsctlServerTrack * track, guint8 pt);
/* The first packets leave before it returns. @peer outlives the player. */
void gst_wsctl_server_player_start (GstWsctlServerPlayer * self,
    GstWsctlLitePeer * peer);
void gst_wsctl_server_player_take_rtcp (GstWsctlServerPlayer * self,
    const guint8 * packet, gsize size);
/* Sender reports: call it once a second. */
void gst_wsctl_server_player_report (GstWsctlServerPlayer * self);
/* A paused player gets nothing; it goes on with a key frame. */
void gst_wsctl_server_player_set_paused (GstWsctlServerPlayer * self,
    gboolean paused);
gboolean gst_wsctl_server_player_is_paused (GstWsctlServerPlayer * self);
/* Tracks of a kind on or off */
void gst_wsctl_server_player_set_enabled (GstWsctlServerPlayer * self,
    GstWsctlServerKind kind, gboolean enabled);
/* Of gint64, the indexes of the tracks that are sent. Transfer full. */
GArray *gst_wsctl_server_player_get_tracks (GstWsctlServerPlayer * self);
/* The time of the last frame sent, ns since 1970; 0 before */
gint64 gst_wsctl_server_player_get_position (GstWsctlServerPlayer * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerPlayer,
    gst_wsctl_server_player_free)

G_END_DECLS
