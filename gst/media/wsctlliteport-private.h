/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <openssl/types.h>
#include <stun/stunagent.h>

#include "wsctllite-private.h"
#include "wsctllitepaths-private.h"

G_BEGIN_DECLS

/* What the port and its peers do for each other, and nobody else. */

/* The port, for its peers. It knows them by both names until each is taken
 * away, and does not own them. */
GMainContext *gst_wsctl_lite_port_get_context (GstWsctlLitePort * self);
SSL_CTX *gst_wsctl_lite_port_get_tls (GstWsctlLitePort * self);
StunAgent *gst_wsctl_lite_port_get_stun (GstWsctlLitePort * self);
/* FALSE: the ufrag is taken */
gboolean gst_wsctl_lite_port_add_peer (GstWsctlLitePort * self,
    const gchar * ufrag, GstWsctlLitePeer * peer);
void gst_wsctl_lite_port_remove_peer (GstWsctlLitePort * self,
    const gchar * ufrag);
/* The newest owner of an address is the one that gets its packets. */
void gst_wsctl_lite_port_add_address (GstWsctlLitePort * self,
    const GstWsctlLiteAddress * address, GstWsctlLitePeer * peer);
void gst_wsctl_lite_port_remove_address (GstWsctlLitePort * self,
    const GstWsctlLiteAddress * address, GstWsctlLitePeer * peer);
gboolean gst_wsctl_lite_port_send (GstWsctlLitePort * self,
    GSocketAddress * address, const guint8 * packet, gsize size);

/* A peer, for the port, which holds it meanwhile. @packet may be changed. */
void gst_wsctl_lite_peer_receive_check (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size, GSocketAddress * source,
    const GstWsctlLiteAddress * address);
void gst_wsctl_lite_peer_receive_dtls (GstWsctlLitePeer * self,
    const guint8 * packet, gsize size);
void gst_wsctl_lite_peer_receive_media (GstWsctlLitePeer * self,
    guint8 * packet, gsize size, const GstWsctlLiteAddress * address);
/* Ends it as if it had failed: closed() is called. */
void gst_wsctl_lite_peer_end (GstWsctlLitePeer * self, const GError * error);

G_END_DECLS
