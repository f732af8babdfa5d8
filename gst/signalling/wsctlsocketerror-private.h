/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How a socket fails, in a sentence that a user can act on. @peer is
 * "HOST:PORT"; no sentence has more of the address, because of the token in it.
 * Pure; transfer full. */

/* How far a connection came */
typedef enum
{
  GST_WSCTL_SOCKET_PHASE_RESOLVING,
  GST_WSCTL_SOCKET_PHASE_CONNECTING,
  GST_WSCTL_SOCKET_PHASE_TLS,
  GST_WSCTL_SOCKET_PHASE_HTTP,
} GstWsctlSocketPhase;

/* @status: the HTTP status, 0 when there was no answer */
GError *gst_wsctl_socket_error_new_connect (const gchar * peer,
    GstWsctlSocketPhase phase, guint status, GTlsCertificateFlags tls_flags,
    const GError * cause);
GError *gst_wsctl_socket_error_new_timeout (const gchar * peer,
    GstWsctlSocketPhase phase, guint timeout_ms);
/* @code: of the server's close frame, 0 when the connection was lost */
GError *gst_wsctl_socket_error_new_close (const gchar * peer, guint code,
    const gchar * reason);
GError *gst_wsctl_socket_error_new_frame (const gchar * peer,
    gsize max_message_size, const GError * cause);
GError *gst_wsctl_socket_error_new_silence (const gchar * peer,
    guint timeout_ms);

G_END_DECLS
