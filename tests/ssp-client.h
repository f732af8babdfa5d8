/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A client of the server's pools that says what a test wants.
 */

#pragma once

#include "server-client.h"
#include "wsctlserver-private.h"
#include "wsctlssp-private.h"

G_BEGIN_DECLS

#define SSP_JOIN(pool) \
    "{\"type\":\"rtc:join\",\"data\":{\"pool\":\"" pool "\"}}"

/* A server that is started, and what it is reached by */
GstWsctlServer *ssp_server_new (const GstWsctlServerParams * params,
    gchar ** uri);
void ssp_server_free (GstWsctlServer * server);

/* In no pool yet */
Client *ssp_client_enter (const gchar * uri);
/* The next message, which is of @type; transfer full */
GstWsctlSsp *ssp_client_take (Client * client, GstWsctlSspType type);
void ssp_client_take_error (Client * client, const gchar * reason);
/* The pool "p"; the id that it was given, transfer full */
gchar *ssp_client_join (Client * client);
void ssp_client_say_sdp (Client * client, const gchar * to, const gchar * sdp);

G_END_DECLS
