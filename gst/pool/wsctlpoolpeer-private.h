/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlconnectionpeer-private.h"
#include "wsctlssp-private.h"

G_BEGIN_DECLS

/* One peer of a pool: runs the table of wsctlglare.c on its connection. The loop
 * only, but for what is said otherwise. */
#define GST_WSCTL_TYPE_POOL_PEER (gst_wsctl_pool_peer_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlPoolPeer, gst_wsctl_pool_peer, GST_WSCTL,
    POOL_PEER, GObject)

typedef struct
{
  /* On the loop; @message is for the server. */
  void (*send) (gpointer owner, const GstWsctlSsp * message);
  /* See GstWsctlPeerCallbacks: on a streaming thread */
  GstPad *(*pad_added) (gpointer owner, GstWsctlConnection * connection,
      GstPad * pad);
} GstWsctlPoolPeerCallbacks;

typedef struct
{
  GstWsctlLoop *loop;
  GstWsctlLoop *worker;
  GstBin *bin;
  const GstWsctlConnectionParams *params;
  const GstWsctlPoolPeerCallbacks *callbacks;
  GObject *owner;               /* held weakly */
  guint grace_ms;               /* the impolite side lets the other go first */
} GstWsctlPoolPeerParams;

GstWsctlPoolPeer *gst_wsctl_pool_peer_new (const GstWsctlPoolPeerParams *
    params, const gchar * id, GVariant * description, gboolean polite);
/* Transfer none. Any thread. */
GstWsctlConnection *gst_wsctl_pool_peer_get_connection (GstWsctlPoolPeer *
    self);
/* rtc:sdp and rtc:candidate of this peer */
void gst_wsctl_pool_peer_take (GstWsctlPoolPeer * self,
    const GstWsctlSsp * message);
/* Anew, now */
void gst_wsctl_pool_peer_negotiate (GstWsctlPoolPeer * self);
/* Nothing is called afterwards. */
void gst_wsctl_pool_peer_close (GstWsctlPoolPeer * self);

G_END_DECLS
