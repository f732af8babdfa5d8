/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlwebsocketchannel-private.h"

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_GET_CHANNEL (gst_wsctl_get_channel_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlGetChannel, gst_wsctl_get_channel, GST_WSCTL,
    GET_CHANNEL, GObject)

/* One answer over HTTP as a channel: "opened", one "message", and "closed" with
 * NULL. For addresses that say the same over a WebSocket, where something on the
 * way takes none. Nothing can be sent. @params as for a WebSocket. */
GstWsctlGetChannel *gst_wsctl_get_channel_new (const GstWsctlWebsocketParams *
    params);

G_END_DECLS
