/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"
#include "wsctlconfig-private.h"
#include "wsctlconnection-private.h"
#include "wsctlmessage-private.h"
#include "wsctlsteps-private.h"

G_BEGIN_DECLS

/* One session: carries out the steps over one channel and one connection. The
 * loop only, but for the making of it. */
#define GST_WSCTL_TYPE_SESSION (gst_wsctl_session_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlSession, gst_wsctl_session, GST_WSCTL, SESSION,
    GObject)

/* How the message of an error begins when the stream is not there (yet) */
#define GST_WSCTL_SESSION_NO_STREAM "nobody publishes this stream at the moment"

/* None comes after @closed. */
typedef struct
{
  /* Exchange the offer for an answer, then gst_wsctl_session_take_answer(). */
  void (*negotiate) (const gchar * offer, gpointer data);
  void (*opened) (const GstWsctlAnswer * answer, gpointer data);
  void (*connected) (gpointer data);
  void (*event) (const GstWsctlEvent * event, gpointer data);
  /* NULL: ended in order */
  void (*closed) (const GError * error, gpointer data);
} GstWsctlSessionCallbacks;

GstWsctlSession *gst_wsctl_session_new (GstWsctlLoop * loop,
    GstWsctlConfig * config, GstWsctlConnection * connection,
    const GstWsctlSessionCallbacks * callbacks, gpointer data,
    GDestroyNotify destroy);
/* For tests: instead of a WebSocket. Before open. */
void gst_wsctl_session_set_channel (GstWsctlSession * self,
    GstWsctlChannel * channel);

void gst_wsctl_session_open (GstWsctlSession * self);
void gst_wsctl_session_take_answer (GstWsctlSession * self,
    const gchar * sdp, const GError * error);
/* Before the session is open, the text waits for that. */
gboolean gst_wsctl_session_send (GstWsctlSession * self, const gchar * text,
    GError ** error);
/* What opens the session: not before it is asked to open */
gboolean gst_wsctl_session_send_now (GstWsctlSession * self,
    const gchar * text, GError ** error);
/* "closed" follows at once, with @error */
void gst_wsctl_session_close (GstWsctlSession * self, const GError * error);
GstWsctlStep gst_wsctl_session_get_step (GstWsctlSession * self);

G_END_DECLS
