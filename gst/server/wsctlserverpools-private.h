/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserversession-private.h"
#include "wsctlssp-private.h"

G_BEGIN_DECLS

/* The pools of a server: who is in which, and what they say to each other
 * (docs/protocol.md, "Pool signalling"). On the server's thread. */
typedef struct _GstWsctlServerPools GstWsctlServerPools;

#define GST_WSCTL_SERVER_POOLS_PATH "/ssp"

GstWsctlServerPools *gst_wsctl_server_pools_new (GstWsctlServerCore * core);
/* Drops all who are there. */
void gst_wsctl_server_pools_free (GstWsctlServerPools * self);
/* A socket that has just opened; it may join a pool. */
void gst_wsctl_server_pools_add (GstWsctlServerPools * self,
    SoupWebsocketConnection * socket, const gchar * address);

/* wsctlserverpoolrequests.c: is it an address of requests about pools? */
gboolean gst_wsctl_server_pools_has_path (const gchar * path);
/* Answers a request to such an address. */
void gst_wsctl_server_pools_take_request (GstWsctlServerPools * self,
    SoupServerMessage * message, const gchar * path, const gchar * token);

/* What a request may do; FALSE for a pool or a peer that is not there */
gboolean gst_wsctl_server_pools_describe (GstWsctlServerPools * self,
    const gchar * pool, const gchar * id, GVariant * description);
gboolean gst_wsctl_server_pools_stop (GstWsctlServerPools * self,
    const gchar * pool);
/* The pool as the message rtc:joined for somebody who is not in it: the ids
 * and the descriptions of all. NULL without one. */
GstWsctlSsp *gst_wsctl_server_pools_list (GstWsctlServerPools * self,
    const gchar * pool);
GstWsctlServerCore *gst_wsctl_server_pools_get_core (GstWsctlServerPools *
    self);

G_END_DECLS
