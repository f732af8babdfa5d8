/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Both directions of one SRTP session (RFC 3711), keyed by DTLS (RFC 5764).
 * Bound to one thread at a time. */
typedef struct _GstWsctlLiteSrtp GstWsctlLiteSrtp;

/* Larger than all that fits into a datagram on the way. */
#define GST_WSCTL_LITE_PACKET_SIZE 2048
/* Two keys and two salts of the longest profile that is offered */
#define GST_WSCTL_LITE_MATERIAL_SIZE 60
/* For SSL_CTX_set_tlsext_use_srtp(), the preferred one first */
#define GST_WSCTL_LITE_SRTP_PROFILES \
    "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM"

/* Once a process; the others do it themselves when it was not done before. */
gboolean gst_wsctl_lite_srtp_init (GError ** error);
/* @profile: its number in RFC 5764, 4.1.2 and RFC 7714, 14.2. 0: unknown. */
gsize gst_wsctl_lite_srtp_get_material_size (guint profile);
/* @material: client's key, server's key, client's salt, server's salt. */
GstWsctlLiteSrtp *gst_wsctl_lite_srtp_new (guint profile,
    const guint8 * material, gboolean is_server, GError ** error);
void gst_wsctl_lite_srtp_free (GstWsctlLiteSrtp * self);

/* In place. @packet is aligned for a guint32; for protecting it has room for
 * GST_WSCTL_LITE_PACKET_SIZE bytes. FALSE for a packet that is not to be
 * used. */
gboolean gst_wsctl_lite_srtp_protect (GstWsctlLiteSrtp * self,
    guint8 * packet, gsize * size, gboolean is_rtcp);
gboolean gst_wsctl_lite_srtp_unprotect (GstWsctlLiteSrtp * self,
    guint8 * packet, gsize * size, gboolean is_rtcp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlLiteSrtp, gst_wsctl_lite_srtp_free)

G_END_DECLS
