/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlconfig.h"
#include "wsctltransport.h"

G_BEGIN_DECLS

/* The WebSocket that a pool has when it is given nothing else */
#define GST_WSCTL_TYPE_WEBSOCKET_TRANSPORT \
    (gst_wsctl_websocket_transport_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlWebsocketTransport,
    gst_wsctl_websocket_transport, GST_WSCTL, WEBSOCKET_TRANSPORT, GObject)

/* A bare host means /ssp there. */
GstWsctlTransport *gst_wsctl_websocket_transport_new (GstWsctlConfig *
    config);

G_END_DECLS
