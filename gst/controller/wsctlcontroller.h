/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include "wsctlconfig.h"
#include "wsctlconnection.h"

G_BEGIN_DECLS

/**
 * GstWsctlRole:
 * @GST_WSCTL_ROLE_PUBLISH: sends media to the server
 * @GST_WSCTL_ROLE_PLAY: receives media from it
 *
 * What a session is for.
 */
typedef enum
{
  GST_WSCTL_ROLE_PUBLISH,
  GST_WSCTL_ROLE_PLAY,
} GstWsctlRole;

#define GST_WSCTL_TYPE_ROLE (gst_wsctl_role_get_type ())
GType gst_wsctl_role_get_type (void);

#define GST_WSCTL_TYPE_CONTROLLER (gst_wsctl_controller_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstWsctlController, gst_wsctl_controller, GST_WSCTL,
    CONTROLLER, GObject)

/**
 * GstWsctlControllerClass:
 * @parent_class: the parent
 * @negotiate_async: exchanges our offer for the server's answer. The default
 *   does it over the session's socket. On the loop's thread; it must not wait
 * @negotiate_finish: the answer (transfer full), or %NULL with an error
 */

/**
 * GstWsctlControllerClass::negotiate_async:
 * @self: the controller
 * @offer: our description, SDP (RFC 8866)
 * @cancellable: cancelled when the session ends
 * @callback: (scope async) (closure user_data): to be called once, on this
 *   thread, with the answer there or not
 * @user_data: for @callback
 *
 * The step `_sip()` of Ceeblue's WSController. On the thread of the library's
 * loop; it must not wait.
 */
/**
 * GstWsctlControllerClass::negotiate_finish:
 * @self: the controller
 * @result: what the callback was given
 * @error: set to the reason of the session's end
 *
 * Ends #GstWsctlControllerClass.negotiate_async. On the thread of the library's
 * loop.
 *
 * Returns: (transfer full): the server's description, SDP, or %NULL with @error
 */
struct _GstWsctlControllerClass
{
  GObjectClass parent_class;

  void (*negotiate_async) (GstWsctlController * self, const gchar * offer,
      GCancellable * cancellable, GAsyncReadyCallback callback,
      gpointer user_data);
  gchar *(*negotiate_finish) (GstWsctlController * self,
      GAsyncResult * result, GError ** error);

  gpointer padding[8];
};

/* Life */
GstWsctlController *gst_wsctl_controller_new (GstWsctlConfig * config,
    GstWsctlRole role, GError ** error);
void gst_wsctl_controller_open_async (GstWsctlController * self,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data);
gboolean gst_wsctl_controller_open_finish (GstWsctlController * self,
    GAsyncResult * result, GError ** error);
void gst_wsctl_controller_close (GstWsctlController * self,
    const GError * error);
void gst_wsctl_controller_close_in_order (GstWsctlController * self);

/* Commands */
void gst_wsctl_controller_send (GstWsctlController * self, const gchar * type,
    GVariant * params);
void gst_wsctl_controller_set_rtp_props (GstWsctlController * self, gint nack,
    gint drop);
void gst_wsctl_controller_set_tracks (GstWsctlController * self,
    const gchar * audio, const gchar * video);
void gst_wsctl_controller_set_video_bitrate (GstWsctlController * self,
    guint64 bitrate_bps);
gboolean gst_wsctl_controller_replace_track (GstWsctlController * self,
    GstWsctlMediaKind kind, GstPad * track, GError ** error);

/* Questions */
gboolean gst_wsctl_controller_get_opened (GstWsctlController * self);
gboolean gst_wsctl_controller_get_closed (GstWsctlController * self);
GstStructure *gst_wsctl_controller_get_stream (GstWsctlController * self);
gchar *gst_wsctl_controller_get_stream_name (GstWsctlController * self);
GStrv gst_wsctl_controller_get_codecs (GstWsctlController * self);
gboolean gst_wsctl_controller_set_codecs (GstWsctlController * self,
    const gchar * const *codecs);
GstWsctlConnection *gst_wsctl_controller_get_connection (GstWsctlController *
    self);
void gst_wsctl_controller_connection_infos_async (GstWsctlController * self,
    guint cache_ms, GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data);
GstStructure *gst_wsctl_controller_connection_infos_finish (GstWsctlController *
    self, GAsyncResult * result, GError ** error);

G_END_DECLS
