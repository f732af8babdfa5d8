/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "server-client.h"
#include "wsctlserver-private.h"

G_BEGIN_DECLS

/* The server of a test, in this process, and how clients come to it. Declared
 * before them it goes after them, as g_autoptr has it. */
typedef struct
{
  GstWsctlServer *server;
  gchar *uri;                   /* "ws://127.0.0.1:PORT" */
} ServerSession;

/* Started; NULL: with nothing but defaults */
ServerSession *server_session_new (const GstWsctlServerParams * params);
/* Stops it, and checks that no session and nothing of it is left. */
void server_session_free (ServerSession * self);

/* A client whose socket is open */
Client *server_session_open (ServerSession * self, const gchar * path);
/* One that has sent an offer. Without a transport behind it, it is good for all
 * but media. */
Client *server_session_offer (ServerSession * self, const gchar * path,
    const gchar * sdp);
/* Likewise, with the offer of a recorded publisher or player */
Client *server_session_offer_publish (ServerSession * self,
    const gchar * path);
Client *server_session_offer_play (ServerSession * self, const gchar * path);
/* Real ones, up to the answer. @launch: what to send, to a webrtcbin named w */
Client *server_session_publish (ServerSession * self, const gchar * path,
    const gchar * launch);
/* H.264 and Opus to "live", a key frame after each @gop frames; waits until
 * the server has some. */
Client *server_session_publish_live (ServerSession * self, guint gop);

/* Over HTTP: returns the status. @body: JSON, or NULL; @answer: transfer full,
 * or NULL */
guint server_session_request (ServerSession * self, const gchar * method,
    const gchar * path, const gchar * body, gchar ** answer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ServerSession, server_session_free)

G_END_DECLS
