/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlpeersdp-private.h"

G_BEGIN_DECLS

/* The sections of an offer in the places, and under the mids, that they have had
 * between the peers before (RFC 8829, 5.2.2). Pure. */
typedef struct _GstWsctlPeerLayout GstWsctlPeerLayout;

/* @offer: as webrtcbin made it. @agreed: what the peer said last that was
 * agreed upon. NULL when the offer has no place for each of its sections. */
GstWsctlPeerLayout *gst_wsctl_peer_layout_new (const gchar * offer,
    const GstWsctlPeerSdp * agreed);
void gst_wsctl_peer_layout_free (GstWsctlPeerLayout * self);
/* The offer for the peer */
gchar *gst_wsctl_peer_layout_get_offer (GstWsctlPeerLayout * self);
/* The peer's answer to it for webrtcbin; NULL: it is none to this offer. */
gchar *gst_wsctl_peer_layout_read_answer (GstWsctlPeerLayout * self,
    const gchar * answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlPeerLayout, gst_wsctl_peer_layout_free)

G_END_DECLS
