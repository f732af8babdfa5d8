/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Stands between webrtcbin and the network: gives it our certificate, joins
 * its ClientHello, and lets no media pass either way before the peer's
 * certificate is known to be the one of the description (RFC 8827, 6.5). */
typedef struct _GstWsctlDtlsGuard GstWsctlDtlsGuard;

/* g_get_monotonic_time(), 0 for never */
typedef struct
{
  gint64 last_received_us;      /* a packet of any kind */
  gint64 last_sent_us;          /* RTP */
  gint64 sending_since_us;      /* RTP, with no pause of a second; 0 in one */
} GstWsctlTraffic;

typedef enum
{
  GST_WSCTL_DTLS_REFUSED,       /* the peer's certificate is not the expected */
  GST_WSCTL_DTLS_FLIGHT,        /* some of our handshake is about to be sent */
} GstWsctlDtlsEvent;

/* @notify: on a streaming thread, so queue it. */
GstWsctlDtlsGuard *gst_wsctl_dtls_guard_new (GstElement * webrtcbin,
    const gchar * pem, void (*notify) (GstWsctlDtlsEvent event, gpointer data),
    gpointer data, GDestroyNotify destroy);
void gst_wsctl_dtls_guard_unref (GstWsctlDtlsGuard * self);
/* Before the remote description is set. "sha-256 AA:BB:…" */
void gst_wsctl_dtls_guard_expect (GstWsctlDtlsGuard * self,
    const gchar * fingerprint);
/* Lets go of webrtcbin and lets no packet be decrypted any more; nothing is
 * called afterwards. */
void gst_wsctl_dtls_guard_close (GstWsctlDtlsGuard * self);
/* After that: waits, half a second at the most for RTP and for RTCP, until no
 * packet is on its way through srtpdec. Neither on the loop nor on one of webrtcbin's threads. */
void gst_wsctl_dtls_guard_settle (GstWsctlDtlsGuard * self);
/* Any thread. */
void gst_wsctl_dtls_guard_get_traffic (GstWsctlDtlsGuard * self,
    GstWsctlTraffic * traffic);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlDtlsGuard, gst_wsctl_dtls_guard_unref)

G_END_DECLS
