/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The server's UDP socket, and how others may reach it. */

/* @host: an address, or NULL for any of both families. Never blocks. */
GSocket *gst_wsctl_lite_socket_open (const gchar * host, guint16 port,
    GError ** error);
guint16 gst_wsctl_lite_socket_get_port (GSocket * socket);
/* The values of a=candidate lines for @addresses, or for the socket's own when
 * that is NULL. Each is ADDRESS or ADDRESS:PORT, with IPv6 in brackets before a
 * port. Transfer full; NULL: one of them is no address. */
GStrv gst_wsctl_lite_socket_get_candidates (GSocket * socket,
    const gchar * const *addresses, GError ** error);

G_END_DECLS
