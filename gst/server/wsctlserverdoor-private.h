/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsctlloop-private.h"
#include "wsctlserverguard-private.h"

G_BEGIN_DECLS

/* Where TCP connections come in, before anybody has said anything: how many
 * there may be, and how long one may be silent. SoupServer by itself takes all
 * that come, waits for each for ever, and listens no more after the first that
 * it has no file descriptor for. On the server's thread. */
typedef struct _GstWsctlServerDoor GstWsctlServerDoor;

/* @guard says how many are let in; a few more than it has room for, so that
 * there is somebody to be told. @timeout_ms: how long one may be silent, in
 * full seconds. @server outlives it. */
GstWsctlServerDoor *gst_wsctl_server_door_new (GstWsctlLoop * loop,
    SoupServer * server, GstWsctlServerGuard * guard, guint timeout_ms);
/* The connections stay. */
void gst_wsctl_server_door_free (GstWsctlServerDoor * self);
/* Before it listens */
void gst_wsctl_server_door_set_certificate (GstWsctlServerDoor * self,
    GTlsCertificate * certificate);
gboolean gst_wsctl_server_door_listen (GstWsctlServerDoor * self,
    const gchar * host, guint16 port, guint16 * real_port, GError ** error);
/* The connection that @message came on may be silent from now on: it becomes a
 * WebSocket, and those have limits of their own. */
void gst_wsctl_server_door_let_stay (SoupServerMessage * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerDoor, gst_wsctl_server_door_free)

G_END_DECLS
