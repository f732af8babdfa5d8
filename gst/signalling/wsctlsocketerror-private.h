/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How a socket fails, in a sentence that a user can act on. @peer is
 * "HOST:PORT"; no sentence has more of the address, because of the token in it.
 * Transfer full. */

/* How far a connection came */
typedef enum
{
  GST_WSCTL_SOCKET_PHASE_RESOLVING,
  GST_WSCTL_SOCKET_PHASE_CONNECTING,
  GST_WSCTL_SOCKET_PHASE_TLS,
  GST_WSCTL_SOCKET_PHASE_HTTP,
} GstWsctlSocketPhase;

/* One attempt to connect, and how far it came */
typedef struct
{
  gchar *peer;                  /* HOST:PORT of the server */
  gboolean tls;                 /* wss */
  gchar *proxy;                 /* HOST:PORT of the proxy in use, or NULL */
  GstWsctlSocketPhase phase;
  GTlsCertificateFlags tls_flags;
} GstWsctlSocketAttempt;

/* Takes what GSocketClient::event tells. */
void gst_wsctl_socket_attempt_take_event (GstWsctlSocketAttempt * self,
    GSocketClientEvent event, GIOStream * stream);
void gst_wsctl_socket_attempt_clear (GstWsctlSocketAttempt * self);

/* @status: the HTTP status, 0 when there was no answer */
GError *gst_wsctl_socket_error_new_connect (const GstWsctlSocketAttempt *
    attempt, guint status, const GError * cause);
GError *gst_wsctl_socket_error_new_timeout (const GstWsctlSocketAttempt *
    attempt, guint timeout_ms);
/* @code: of the server's close frame, 0 when the connection was lost */
GError *gst_wsctl_socket_error_new_close (const gchar * peer, guint code,
    const gchar * reason);
GError *gst_wsctl_socket_error_new_frame (const gchar * peer,
    gsize max_message_size, const GError * cause);
GError *gst_wsctl_socket_error_new_silence (const gchar * peer,
    guint timeout_ms);

G_END_DECLS
