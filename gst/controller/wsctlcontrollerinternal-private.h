/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlconfig-private.h"
#include "wsctlcontroller-private.h"
#include "wsctlloop-private.h"
#include "wsctlmessage-private.h"
#include "wsctlsession-private.h"

G_BEGIN_DECLS

/* The inside of a controller, for its own three files: the object, its life,
 * its calls. */
typedef struct
{
  GstWsctlLoop *loop;
  GstWsctlConfig *config;
  GstWsctlConnection *connection;
  GstWsctlSession *session;
  GstWsctlRole role;
  gboolean has_media;           /* before open */

  /* The loop only */
  GTask *open_task;
  GTask *negotiate_task;
  GCancellable *cancellable;    /* of negotiate */
  GstStructure *infos;
  gint64 infos_time_us;

  GMutex lock;
  GstStructure *stream;         /* lock */
  gchar *stream_name;           /* lock */
  GStrv codecs;                 /* lock */
  gboolean opened;              /* lock */
  gboolean closed;              /* lock */
} GstWsctlControllerPrivate;

GstWsctlControllerPrivate *gst_wsctl_controller_get_private (GstWsctlController
    * self);

/* Makes the connection and the session, once the properties are set. */
gboolean gst_wsctl_controller_initable_init (GInitable * initable,
    GCancellable * cancellable, GError ** error);

/* The default of the step that a subclass may take over */
void gst_wsctl_controller_real_negotiate_async (GstWsctlController * self,
    const gchar * offer, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data);
gchar *gst_wsctl_controller_real_negotiate_finish (GstWsctlController * self,
    GAsyncResult * result, GError ** error);

/* State and signals, on the loop */
void gst_wsctl_controller_set_opened (GstWsctlController * self,
    const GstWsctlAnswer * answer);
void gst_wsctl_controller_set_closed (GstWsctlController * self,
    const GError * error);
void gst_wsctl_controller_emit_connected (GstWsctlController * self);
void gst_wsctl_controller_emit_event (GstWsctlController * self,
    const GstWsctlEvent * event);

G_END_DECLS
