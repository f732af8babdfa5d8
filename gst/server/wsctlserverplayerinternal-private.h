/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserverlane-private.h"
#include "wsctlserverplayer-private.h"

G_BEGIN_DECLS

/* Only for wsctlserverplayer.c and -playertracks.c */

#define MAX_LANES 2

/* A default receive buffer of the kernel holds about ninety packets, and a
 * group of pictures is many more. */
#define GST_WSCTL_SERVER_PLAYER_BURST 32

struct _GstWsctlServerPlayer
{
  GstWsctlLoop *loop;
  GstWsctlServerStream *stream;
  gulong subscription;          /* 0: not started */
  GstWsctlLitePeer *peer;       /* the session's; NULL before start */
  GstWsctlServerLane *lanes[MAX_LANES];
  guint n_lanes;
  GstWsctlServerTimeline timeline;
  GSource *alarm;
  gdouble rate;                 /* 0: auto */
  gboolean live;
  gboolean paused;
  gboolean placed;              /* the timeline is set */
  gint64 paused_ns;             /* the position meanwhile */
  gint64 seek_us;               /* when the last jump was … */
  gint64 lead_ns;               /* … and how much it sent at once */
};

/* wsctlserverplayer.c: sends what is due; moves all lanes to this time */
void gst_wsctl_server_player_run (GstWsctlServerPlayer * self, guint budget);
void gst_wsctl_server_player_jump (GstWsctlServerPlayer * self,
    gint64 time_ns);

/* wsctlserverplayertracks.c */
GstWsctlServerLane *gst_wsctl_server_player_find_lane (GstWsctlServerPlayer *
    self, GstWsctlServerKind kind);
void gst_wsctl_server_player_request_keyframe (GstWsctlServerPlayer * self);

G_END_DECLS
