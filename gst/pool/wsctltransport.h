/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_TRANSPORT (gst_wsctl_transport_get_type ())
G_DECLARE_INTERFACE (GstWsctlTransport, gst_wsctl_transport, GST_WSCTL,
    TRANSPORT, GObject)

/**
 * GstWsctlTransportInterface:
 * @parent: the parent
 * @open: begins to open it; gst_wsctl_transport_opened() or
 *   gst_wsctl_transport_failed() tell how that went
 * @send: sends one message, once it is open. %FALSE with an error when that
 *   cannot be
 * @close: begins to close it
 *
 * All are called on the thread of the library's loop: they must not wait.
 */
struct _GstWsctlTransportInterface
{
  GTypeInterface parent;

  void (*open) (GstWsctlTransport * self);
  gboolean (*send) (GstWsctlTransport * self, const gchar * type,
      const gchar * data, GError ** error);
  void (*close) (GstWsctlTransport * self);
};

/* For pools */
void gst_wsctl_transport_open (GstWsctlTransport * self);
gboolean gst_wsctl_transport_send (GstWsctlTransport * self,
    const gchar * type, const gchar * data, GError ** error);
void gst_wsctl_transport_close (GstWsctlTransport * self);

/* For implementations */
void gst_wsctl_transport_opened (GstWsctlTransport * self);
void gst_wsctl_transport_received (GstWsctlTransport * self,
    const gchar * type, const gchar * data);
void gst_wsctl_transport_closed (GstWsctlTransport * self);
void gst_wsctl_transport_failed (GstWsctlTransport * self,
    const GError * error);

G_END_DECLS
