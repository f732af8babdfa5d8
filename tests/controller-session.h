/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "testsupport.h"
#include "wsctlcontroller-private.h"
#include "wsctlerror.h"
#include "wsctlloop-private.h"
#include "wsctlmemorychannel-private.h"

G_BEGIN_DECLS

/* A controller on a channel in memory, whose other end is the test's: what it
 * hears and what the controller tells wait in queues. */
typedef struct
{
  GMainContext *context;
  GstWsctlLoop *loop;
  GstWsctlController *controller;
  GstElement *pipeline;
  GstWsctlMemoryChannel *server;        /* the loop only */
  GAsyncQueue *heard;           /* gchar *: messages of the controller */
  GAsyncQueue *told;            /* gchar *: signals, as text */
  gint n_open_calls;            /* atomic: how often the call has ended */
  gboolean opened;              /* what it said */
  GError *open_error;
  GError *close_error;          /* of "on-close" */
} ControllerSession;

/* @type: the class; 0 for the controller's own. @timeout_ms: to connect, and
 * for a report once there was one. */
ControllerSession *controller_session_new (GType type, GstWsctlRole role,
    guint timeout_ms);
void controller_session_open (ControllerSession * self,
    GCancellable * cancellable);
/* What the server says and does */
void controller_session_say (ControllerSession * self, const gchar * text);
void controller_session_say_answer (ControllerSession * self,
    const gchar * sdp);
void controller_session_hang_up (ControllerSession * self);
void controller_session_drop (ControllerSession * self, GstWsctlError code);
/* The next message or signal; transfer full. The latter must begin with
 * @begin. */
gchar *controller_session_hear (ControllerSession * self);
gchar *controller_session_hear_offer (ControllerSession * self);
void controller_session_expect (ControllerSession * self, const gchar * begin);
void controller_session_expect_close (ControllerSession * self, gint code);
void controller_session_wait_call (ControllerSession * self);
/* Runs what is queued on the loop by now, and checks that nothing was told. */
void controller_session_expect_nothing (ControllerSession * self);
/* Checks that nothing is left of anything. */
void controller_session_free (ControllerSession * self);

G_END_DECLS
