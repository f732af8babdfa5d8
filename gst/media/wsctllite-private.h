/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The server's end of WebRTC transport: an ICE-lite agent (RFC 8445, 2.5) on
 * one UDP port for all sessions, DTLS as the passive side (RFC 5763), SRTP
 * (RFC 5764). No thread of its own: everything runs on the main context that
 * was the thread's default when the port was made. */

/* One UDP port, one certificate */
#define GST_WSCTL_TYPE_LITE_PORT (gst_wsctl_lite_port_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlLitePort, gst_wsctl_lite_port, GST_WSCTL,
    LITE_PORT, GObject)

/* @bind_host: an address or NULL for any; @advertise: ADDRESS or ADDRESS:PORT
 * for each candidate, or NULL for the bound one. */
GstWsctlLitePort *gst_wsctl_lite_port_new (const gchar * bind_host,
    guint16 port, const gchar * const *advertise, GError ** error);
guint16 gst_wsctl_lite_port_get_port (GstWsctlLitePort * self);
/* "sha-256 AA:BB:…", as in a=fingerprint */
const gchar *gst_wsctl_lite_port_get_fingerprint (GstWsctlLitePort * self);
/* The values of a=candidate lines. Transfer full. */
GStrv gst_wsctl_lite_port_get_candidates (GstWsctlLitePort * self);
/* Ends every peer on it with GST_WSCTL_ERROR_CLOSED; idempotent. Without it
 * the port stays open until the last peer lets go of it. */
void gst_wsctl_lite_port_close (GstWsctlLitePort * self);

/* One session on it */
#define GST_WSCTL_TYPE_LITE_PEER (gst_wsctl_lite_peer_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlLitePeer, gst_wsctl_lite_peer, GST_WSCTL,
    LITE_PEER, GObject)

/* All on the context; none after gst_wsctl_lite_peer_close(). */
typedef struct
{
  /* The first valid check came in: the peer's address is known. */
  void (*reached) (GstWsctlLitePeer * peer, gpointer data);
  /* DTLS is up and the certificate is the one of the offer. */
  void (*connected) (GstWsctlLitePeer * peer, gpointer data);
  /* Decrypted, @packet belongs to the peer: copy it to keep it. */
  void (*rtp) (GstWsctlLitePeer * peer, guint8 * packet, gsize size,
      gpointer data);
  void (*rtcp) (GstWsctlLitePeer * peer, guint8 * packet, gsize size,
      gpointer data);
  /* Of data channels: SCTP. The callback must not close the peer. */
  void (*sctp) (GstWsctlLitePeer * peer, const guint8 * packet, gsize size,
      gpointer data);
  /* Failed, or ended by the peer (close_notify): @error NULL. Once. */
  void (*closed) (GstWsctlLitePeer * peer, const GError * error,
      gpointer data);
} GstWsctlLitePeerCallbacks;

/* @remote_ufrag and @remote_fingerprint ("sha-256 AA:…") are the offer's. */
GstWsctlLitePeer *gst_wsctl_lite_peer_new (GstWsctlLitePort * port,
    const gchar * remote_ufrag, const gchar * remote_fingerprint,
    const GstWsctlLitePeerCallbacks * callbacks, gpointer data);
const gchar *gst_wsctl_lite_peer_get_ufrag (GstWsctlLitePeer * self);
const gchar *gst_wsctl_lite_peer_get_pwd (GstWsctlLitePeer * self);
gboolean gst_wsctl_lite_peer_is_connected (GstWsctlLitePeer * self);
/* g_get_monotonic_time() of the last packet of any kind that only the peer can
 * have made: a valid check, media; 0 before the first */
gint64 gst_wsctl_lite_peer_get_last_seen (GstWsctlLitePeer * self);
/* Encrypt and send; FALSE when not connected or when the socket is full. The
 * packet is not changed. */
gboolean gst_wsctl_lite_peer_send_rtp (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size);
gboolean gst_wsctl_lite_peer_send_rtcp (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size);
gboolean gst_wsctl_lite_peer_send_sctp (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size);
/* For tests: from now on DTLS gets no answer. */
void gst_wsctl_lite_peer_ignore_dtls (GstWsctlLitePeer * self);
/* Sends close_notify and lets go of the port; idempotent. */
void gst_wsctl_lite_peer_close (GstWsctlLitePeer * self);

G_END_DECLS
