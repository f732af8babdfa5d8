/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlpool-private.h"
#include "wsctlpoolpeer-private.h"

G_BEGIN_DECLS

typedef enum
{
  GST_WSCTL_POOL_STATE_NEW,
  GST_WSCTL_POOL_STATE_JOINING,
  GST_WSCTL_POOL_STATE_JOINED,
  GST_WSCTL_POOL_STATE_CLOSED,
} GstWsctlPoolState;

/* Only for wsctlpool.c, wsctlpooljoin.c and wsctlpoolmembers.c */
struct _GstWsctlPool
{
  GObject parent;

  GstWsctlLoop *loop;
  GstWsctlLoop *worker;         /* makes elements and takes them away */
  GstElement *bin;
  GstWsctlTransport *transport;
  gulong transport_ids[3];
  GstWsctlConnectionParams *params;
  guint grace_ms;

  /* The loop only */
  gboolean opened;              /* the transport */
  gchar *wanted;                /* the pool to join, when it is */

  GMutex lock;
  GstWsctlPoolState state;      /* lock; but for JOINING, changed by the loop */
  gchar *id;                    /* lock */
  GPtrArray *peers;             /* lock; GstWsctlPoolPeer, changed by the loop */
};

/* wsctlpooljoin.c */
void gst_wsctl_pool_connect_transport (GstWsctlPool * self);
void gst_wsctl_pool_send (GstWsctlPool * self, const GstWsctlSsp * message);
GstWsctlPoolPeer *gst_wsctl_pool_find_peer (GstWsctlPool * self,
    const gchar * id);

G_END_DECLS
