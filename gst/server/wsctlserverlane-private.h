/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserversender-private.h"
#include "wsctlservertimeline-private.h"

G_BEGIN_DECLS

/* Where a player is in one kind of media: the track, the next frame of it, and
 * how it is sent. On the server's thread. */
typedef struct _GstWsctlServerLane GstWsctlServerLane;

GstWsctlServerLane *gst_wsctl_server_lane_new (GstWsctlServerTrack * track,
    guint8 pt);
void gst_wsctl_server_lane_free (GstWsctlServerLane * self);

/* What is sent */
GstWsctlServerTrack *gst_wsctl_server_lane_get_track (GstWsctlServerLane *
    self);
GstWsctlServerSender *gst_wsctl_server_lane_get_sender (GstWsctlServerLane *
    self);
/* From its next key frame on, until which the one before goes on */
void gst_wsctl_server_lane_set_track (GstWsctlServerLane * self,
    GstWsctlServerTrack * track);
gboolean gst_wsctl_server_lane_is_enabled (GstWsctlServerLane * self);
void gst_wsctl_server_lane_set_enabled (GstWsctlServerLane * self,
    gboolean enabled);

/* Goes to where the picture of @time_ns starts, or a sound of that time. The
 * number of frames before that one. */
guint gst_wsctl_server_lane_seek (GstWsctlServerLane * self, gint64 time_ns);
/* After a seek: how these frames, which go at once, are stamped. */
void gst_wsctl_server_lane_set_forward (GstWsctlServerLane * self,
    gint64 time_ns, gint64 out_ns, guint n_frames);
/* The next frame was forgotten meanwhile. */
gboolean gst_wsctl_server_lane_is_behind (GstWsctlServerLane * self);
/* The next frame is there: when it goes out; 0 for at once. */
gboolean gst_wsctl_server_lane_get_due (GstWsctlServerLane * self,
    const GstWsctlServerTimeline * timeline, gint64 * out_ns);
/* Sends at most *@budget packets of it, which are taken off. Passes what would
 * only crowd what was sent, such as sound at twice the speed. */
void gst_wsctl_server_lane_send (GstWsctlServerLane * self,
    GstWsctlLitePeer * peer, const GstWsctlServerTimeline * timeline,
    guint * budget);
/* The time of the last frame sent, and the last stamp; 0 before */
gint64 gst_wsctl_server_lane_get_position (GstWsctlServerLane * self);
gint64 gst_wsctl_server_lane_get_stamp (GstWsctlServerLane * self);
/* Of the frame that is next; -1 when it is not there */
gint64 gst_wsctl_server_lane_get_next (GstWsctlServerLane * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerLane, gst_wsctl_server_lane_free)

G_END_DECLS
