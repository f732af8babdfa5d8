/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

/* The passive side of one DTLS 1.2 association (RFC 5763). It has no socket
 * and no clock: datagrams go in and out by function. */
typedef struct _GstWsctlLiteDtls GstWsctlLiteDtls;

typedef enum
{
  GST_WSCTL_LITE_DTLS_HANDSHAKE,
  GST_WSCTL_LITE_DTLS_CONNECTED,
  GST_WSCTL_LITE_DTLS_ENDED,    /* close_notify came */
  GST_WSCTL_LITE_DTLS_FAILED,
} GstWsctlLiteDtlsState;

/* Must not free the association. */
typedef void (*GstWsctlLiteDtlsFunc) (const guint8 * datagram, gsize size,
    gpointer data);

/* One context serves all associations with the certificate @pem. */
SSL_CTX *gst_wsctl_lite_dtls_context_new (const gchar * pem, GError ** error);

/* @fingerprint: what the client's certificate must have, "sha-256 AA:…".
 * @send: for the socket; @take: what the client says inside, of data channels */
GstWsctlLiteDtls *gst_wsctl_lite_dtls_new (SSL_CTX * context,
    const gchar * fingerprint, GstWsctlLiteDtlsFunc send,
    GstWsctlLiteDtlsFunc take, gpointer data);
void gst_wsctl_lite_dtls_free (GstWsctlLiteDtls * self);

/* The state after the datagram, after sending again; @error is set with
 * FAILED only. */
GstWsctlLiteDtlsState gst_wsctl_lite_dtls_receive (GstWsctlLiteDtls * self,
    const guint8 * datagram, gsize size, GError ** error);
GstWsctlLiteDtlsState gst_wsctl_lite_dtls_retransmit (GstWsctlLiteDtls * self,
    GError ** error);
/* When to call that; FALSE: not at all. Ask again after each datagram. */
gboolean gst_wsctl_lite_dtls_get_timeout (GstWsctlLiteDtls * self,
    guint * delay_ms);

/* Once connected: the SRTP profile and its keys (RFC 5764, 4.2) */
guint gst_wsctl_lite_dtls_get_profile (GstWsctlLiteDtls * self);
gboolean gst_wsctl_lite_dtls_export (GstWsctlLiteDtls * self,
    guint8 * material, gsize size);

/* Says something to the client; FALSE when not connected. */
gboolean gst_wsctl_lite_dtls_say (GstWsctlLiteDtls * self,
    const guint8 * packet, gsize size);
/* Sends close_notify if that means something to the other side. */
void gst_wsctl_lite_dtls_shut_down (GstWsctlLiteDtls * self);

G_END_DECLS
