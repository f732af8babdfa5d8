/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_WEBSOCKET_CHANNEL \
    (gst_wsctl_websocket_channel_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlWebsocketChannel, gst_wsctl_websocket_channel,
    GST_WSCTL, WEBSOCKET_CHANNEL, GObject)

/* What a connection needs to know; copied. Zero or NULL is the default. */
typedef struct
{
  const gchar *uri;             /* ws:// or wss://, with token and query */
  const gchar *const *headers;  /* "Name: value", NULL-terminated, or NULL */
  const gchar *user_agent;
  const gchar *ca_file;         /* PEM; NULL: the system's */
  gboolean insecure;            /* accept any certificate */
  guint connect_timeout_ms;     /* 0: 10000 */
  guint keepalive_s;            /* a ping each; 0: 10 */
  guint pong_timeout_ms;        /* silence after which the peer counts as lost;
                                 * 0: three pings */
  gsize max_message_size;       /* bytes, incoming; 0: 1 MiB */
  guint max_queued;             /* sends before open; 0: 64 */
} GstWsctlWebsocketParams;

GstWsctlWebsocketChannel *gst_wsctl_websocket_channel_new (const
    GstWsctlWebsocketParams * params);

G_END_DECLS
