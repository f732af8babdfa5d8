/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserversession-private.h"

G_BEGIN_DECLS

/* The server's HTTP side: who may come in where, the page, the descriptions.
 * On the server's thread. */
typedef struct _GstWsctlServerHttp GstWsctlServerHttp;

GstWsctlServerHttp *gst_wsctl_server_http_new (GstWsctlServerCore * core);
/* Before it listens, when the core says that there is TLS */
void gst_wsctl_server_http_set_certificate (GstWsctlServerHttp * self,
    GTlsCertificate * certificate);
/* An item of timed data of that stream, JSON, for all who watch, now. The HTTP
 * status of that. */
guint gst_wsctl_server_http_give (GstWsctlServerHttp * self,
    const gchar * name, const gchar * json, const gchar * address);
gboolean gst_wsctl_server_http_listen (GstWsctlServerHttp * self,
    const gchar * host, guint16 port, guint16 * real_port, GError ** error);
void gst_wsctl_server_http_free (GstWsctlServerHttp * self);
/* Tells those who watch the stream of this name. */
void gst_wsctl_server_http_push_description (GstWsctlServerHttp * self,
    const gchar * name);

/* wsctlserverdescription.c: JSON; @authority is "HOST:PORT" as the client wrote
 * it. @stream may be NULL. Transfer full. */
gchar *gst_wsctl_server_describe (GstWsctlServerStream * stream,
    const gchar * name, const gchar * authority, gboolean tls);

G_END_DECLS
