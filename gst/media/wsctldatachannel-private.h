/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctldatachannel.h"
#include "wsctldatachanneloptions-private.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* A channel outlives what carries it: GstWebRTCDataChannels, one after the other,
 * each of another webrtcbin. As GObjects, so that only media/ knows the type. */

/* Of ours: not open before one is attached and that one is open. Any thread. */
GstWsctlDataChannel *gst_wsctl_data_channel_new (GstWsctlLoop * loop,
    const gchar * label, const GstWsctlDataChannelOptions * options);
/* Of the peer's, open. Any thread. */
GstWsctlDataChannel *gst_wsctl_data_channel_new_of_peer (GstWsctlLoop * loop,
    GObject * inner, gconstpointer carrier);
/* What to ask the next webrtcbin for: the channel with its options, or, once it
 * has been open, the same stream agreed beforehand (RFC 8832, 6.). Transfer full.
 * Any thread. */
GstStructure *gst_wsctl_data_channel_get_request (GstWsctlDataChannel * self);
/* From now on @inner, of @carrier, carries it, when it is open; what carries it
 * now does so until then. @carrier is compared only. Any thread. */
void gst_wsctl_data_channel_attach (GstWsctlDataChannel * self,
    GObject * inner, gconstpointer carrier);

/* Loop only. @carrier has gone; messages wait for the next. */
void gst_wsctl_data_channel_detach (GstWsctlDataChannel * self,
    gconstpointer carrier);
/* It is closed: by us without @error. Says so once. */
void gst_wsctl_data_channel_end (GstWsctlDataChannel * self,
    const GError * error);

G_END_DECLS
