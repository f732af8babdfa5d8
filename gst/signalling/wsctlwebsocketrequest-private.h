/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsctlsocketerror-private.h"
#include "wsctlwebsocketchannel-private.h"

G_BEGIN_DECLS

/* A copy with every default filled in */
GstWsctlWebsocketParams *gst_wsctl_websocket_params_copy (const
    GstWsctlWebsocketParams * params);
void gst_wsctl_websocket_params_free (GstWsctlWebsocketParams * params);

/* What a WebSocket is asked for with. @attempt gets HOST:PORT, which is all that
 * is ever shown of an address, and whether TLS is used. */
SoupMessage *gst_wsctl_websocket_request_new (const GstWsctlWebsocketParams *
    params, GstWsctlSocketAttempt * attempt, GError ** error);

/* Who asks. It belongs to the context that is the thread's default. */
SoupSession *gst_wsctl_websocket_session_new (const GstWsctlWebsocketParams *
    params, GError ** error);

G_END_DECLS
