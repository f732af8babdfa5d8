/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserversession-private.h"

G_BEGIN_DECLS

/* Sockets that only listen: to what a stream is, or to its timed data. On the
 * server's thread. */
typedef struct _GstWsctlServerWatchers GstWsctlServerWatchers;

typedef enum
{
  GST_WSCTL_SERVER_WATCH_DESCRIPTION,
  GST_WSCTL_SERVER_WATCH_DATA,
} GstWsctlServerWatch;

GstWsctlServerWatchers *gst_wsctl_server_watchers_new (GstWsctlServerCore *
    core);
void gst_wsctl_server_watchers_free (GstWsctlServerWatchers * self);
/* @authority: "HOST:PORT" as the client wrote it */
void gst_wsctl_server_watchers_add (GstWsctlServerWatchers * self,
    SoupWebsocketConnection * socket, GstWsctlServerWatch watch,
    const gchar * name, const gchar * authority, const gchar * address);
/* Tells those who watch the stream of this name what it is now. */
void gst_wsctl_server_watchers_push_description (GstWsctlServerWatchers *
    self, const gchar * name);
void gst_wsctl_server_watchers_push_data (GstWsctlServerWatchers * self,
    const gchar * name, gint64 track, const gchar * text);

G_END_DECLS
