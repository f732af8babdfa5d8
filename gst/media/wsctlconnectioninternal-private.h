/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <nice/agent.h>

#include "wsctlconnection-private.h"
#include "wsctlconnectionpeer-private.h"
#include "wsctlkicks-private.h"
#include "wsctllink-private.h"
#include "wsctlnegotiator-private.h"
#include "wsctlreportblocks-private.h"

G_BEGIN_DECLS

/* What a connection to a peer of a pool has besides; see
 * wsctlconnectionpeer.c */
typedef struct
{
  GstWsctlLoop *worker;
  GstElement *bin;              /* its own, in the pool's */
  GstWsctlConnectionParams *params;
  const GstWsctlPeerCallbacks *callbacks;
  GWeakRef owner;
  gchar *id;

  /* The loop only */
  GPtrArray *tracks;            /* GstWsctlTrack: what we send */
  GPtrArray *channels;          /* GstWsctlDataChannel: of both, not closed */
  GstWsctlLink *current;        /* the last that was connected */
  GstWsctlLink *next;           /* the one under way */
  GQueue early;                 /* of candidates that came before */
  gchar *agreed;                /* what the peer described last that holds */
  gboolean keeps_ice;           /* its last offer was for the ICE of before */

  GMutex lock;
  GVariant *description;        /* lock */
  GPtrArray *received;          /* lock; of GstWsctlPeerPad */
  gboolean closed;              /* lock; nothing is received any more */
} GstWsctlConnectionPeer;

/* Only for wsctlconnection.c and wsctlconnectionpeer.c, -pads.c
 * and -members.c */
struct _GstWsctlConnection
{
  GObject parent;

  GstWsctlLoop *loop;

  /* To a server; of one to a peer these belong to its links. */
  GstElement *webrtcbin;
  GstWsctlDtlsGuard *guard;
  NiceAgent *agent;
  GstWsctlReportBlocks *blocks;
  gulong state_id;
  GstWsctlDataChannel *data_channel;    /* NULL: none */
  GstWsctlNegotiator *negotiator;       /* the loop only, from here on */
  GstWsctlAnswer *answer;
  GstWsctlKicks *kicks;
  GError *error;

  GstWsctlConnectionPeer *peer; /* NULL: to a server */

  gint state;                   /* atomic; written by the loop */
  gint sending;                 /* atomic */
};

void gst_wsctl_connection_set_state (GstWsctlConnection * self,
    GstWsctlConnectionState state);

void gst_wsctl_connection_notify_description (GstWsctlConnection * self);

/* wsctlconnectionmembers.c: the signals of a connection to a peer */
void gst_wsctl_connection_members_class_init (GObjectClass * klass);

/* wsctlconnectionpeer.c */
void gst_wsctl_connection_peer_free (GstWsctlConnectionPeer * peer);
void gst_wsctl_connection_peer_close (GstWsctlConnection * self);
GstStructure *gst_wsctl_connection_peer_get_stats (GstWsctlConnection * self);

/* wsctlconnectionmembers.c, the loop: there is something to negotiate. */
void gst_wsctl_connection_tell_changed (GstWsctlConnection * self);
void gst_wsctl_connection_emit_datachannel (GstWsctlConnection * self,
    GstWsctlDataChannel * channel);

/* wsctlconnectionchannels.c, the loop: the peer has opened one … */
void gst_wsctl_connection_take_channel (GstWsctlConnection * self,
    GstWsctlDataChannel * channel);
/* … the current link is another … */
void gst_wsctl_connection_move_channels (GstWsctlConnection * self);
/* … @link goes away … */
void gst_wsctl_connection_detach_channels (GstWsctlConnection * self,
    GstWsctlLink * link);
/* … all is over. */
void gst_wsctl_connection_end_channels (GstWsctlConnection * self);

/* … to a server: one that the offer has to contain, once it is open. */
void gst_wsctl_connection_make_server_channel (GstWsctlConnection * self);
void gst_wsctl_connection_open_server_channel (GstWsctlConnection * self);

/* wsctlconnectionpads.c: on a streaming thread, RTP that has come … */
void gst_wsctl_connection_take_pad (GstWsctlConnection * self, GstPad * pad,
    GstWsctlMediaKind kind, guint index);
/* … and, on the worker, what does not come any more, @remote being what the
 * peer says now; NULL: nothing does. */
void gst_wsctl_connection_prune_pads (GstWsctlConnection * self,
    const GstWsctlPeerSdp * remote);
void gst_wsctl_peer_pad_free (gpointer pad);
void gst_wsctl_connection_emit_track (GstWsctlConnection * self, GstPad * pad);

G_END_DECLS
