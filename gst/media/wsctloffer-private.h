/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* Mends what webrtcbin writes into an offer. @fingerprint: the SHA-256 of our
 * certificate, "AA:BB:…". Pure. */
void gst_wsctl_offer_mend (GstSDPMessage * offer, const gchar * fingerprint);

G_END_DECLS
