/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlTransport:
 *
 * A way to exchange the messages of a pool with a server. A pool has a WebSocket
 * of its own; an application that has another way, Socket.IO for one, implements
 * this interface and gives it to gst_wsctl_pool_new_with_transport().
 *
 * A message is a type ("rtc:sdp") and its data, a JSON object as text: just what
 * a Socket.IO event is. An implementation says what happens with
 * gst_wsctl_transport_opened(), gst_wsctl_transport_received() and, once, at the
 * end, gst_wsctl_transport_closed() or gst_wsctl_transport_failed(), from any
 * thread.
 *
 * Since: 0.1
 */

#include "wsctltransport.h"

enum
{
  SIGNAL_OPENED,
  SIGNAL_RECEIVED,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_INTERFACE (GstWsctlTransport, gst_wsctl_transport, G_TYPE_OBJECT);

/**
 * gst_wsctl_transport_open:
 * @self: a transport
 *
 * Begins to open it. The thread of the library's loop.
 */
void
gst_wsctl_transport_open (GstWsctlTransport * self)
{
  g_return_if_fail (GST_WSCTL_IS_TRANSPORT (self));

  GST_WSCTL_TRANSPORT_GET_IFACE (self)->open (self);
}

/**
 * gst_wsctl_transport_send:
 * @self: a transport
 * @type: the type of the message
 * @data: its data, a JSON object
 * @error: why it cannot be sent
 *
 * Sends a message. The thread of the library's loop.
 *
 * Returns: whether it is on its way
 */
gboolean
gst_wsctl_transport_send (GstWsctlTransport * self, const gchar * type,
    const gchar * data, GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_TRANSPORT (self), FALSE);

  return GST_WSCTL_TRANSPORT_GET_IFACE (self)->send (self, type, data, error);
}

/**
 * gst_wsctl_transport_close:
 * @self: a transport
 *
 * Begins to close it. The thread of the library's loop.
 */
void
gst_wsctl_transport_close (GstWsctlTransport * self)
{
  g_return_if_fail (GST_WSCTL_IS_TRANSPORT (self));

  GST_WSCTL_TRANSPORT_GET_IFACE (self)->close (self);
}

/**
 * gst_wsctl_transport_opened:
 * @self: a transport
 *
 * For implementations: it is open, and takes messages. Any thread.
 */
void
gst_wsctl_transport_opened (GstWsctlTransport * self)
{
  g_return_if_fail (GST_WSCTL_IS_TRANSPORT (self));

  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

/**
 * gst_wsctl_transport_received:
 * @self: a transport
 * @type: the type of the message
 * @data: (nullable): its data, a JSON object
 *
 * For implementations: a message has come. Any thread.
 */
void
gst_wsctl_transport_received (GstWsctlTransport * self, const gchar * type,
    const gchar * data)
{
  g_return_if_fail (GST_WSCTL_IS_TRANSPORT (self));
  g_return_if_fail (type != NULL);

  g_signal_emit (self, signals[SIGNAL_RECEIVED], 0, type, data);
}

/**
 * gst_wsctl_transport_closed:
 * @self: a transport
 *
 * For implementations: it is closed, as it was asked to. Any thread.
 */
void
gst_wsctl_transport_closed (GstWsctlTransport * self)
{
  g_return_if_fail (GST_WSCTL_IS_TRANSPORT (self));

  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, NULL);
}

/**
 * gst_wsctl_transport_failed:
 * @self: a transport
 * @error: why
 *
 * For implementations: it is over, or never came to be. Any thread.
 */
void
gst_wsctl_transport_failed (GstWsctlTransport * self, const GError * error)
{
  g_return_if_fail (GST_WSCTL_IS_TRANSPORT (self));

  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

static void
gst_wsctl_transport_default_init (GstWsctlTransportInterface * iface)
{
  GType type = GST_WSCTL_TYPE_TRANSPORT;

  /**
   * GstWsctlTransport::opened:
   * @self: the transport
   *
   * It is open. On the thread that gst_wsctl_transport_opened() was called on.
   */
  signals[SIGNAL_OPENED] = g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * GstWsctlTransport::received:
   * @self: the transport
   * @type: the type of the message
   * @data: (nullable): its data, a JSON object
   *
   * A message has come.
   */
  signals[SIGNAL_RECEIVED] =
      g_signal_new ("received", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);

  /**
   * GstWsctlTransport::closed:
   * @self: the transport
   * @error: (nullable): why; %NULL when it was asked to
   *
   * It is over.
   */
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}
