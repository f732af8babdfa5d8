/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The interface between a session and the way its messages travel.
 */

#include "wsctlchannel-private.h"

enum
{
  SIGNAL_OPENED,
  SIGNAL_MESSAGE,
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_INTERFACE (GstWsctlChannel, gst_wsctl_channel, G_TYPE_OBJECT);

static void
gst_wsctl_channel_default_init (GstWsctlChannelInterface * iface)
{
  signals[SIGNAL_OPENED] = g_signal_new ("opened", GST_WSCTL_TYPE_CHANNEL,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", GST_WSCTL_TYPE_CHANNEL,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
      G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", GST_WSCTL_TYPE_CHANNEL,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

/* Once; a channel is not opened again. */
void
gst_wsctl_channel_open (GstWsctlChannel * self)
{
  g_return_if_fail (GST_WSCTL_IS_CHANNEL (self));

  GST_WSCTL_CHANNEL_GET_IFACE (self)->open (self);
}

gboolean
gst_wsctl_channel_send (GstWsctlChannel * self, const gchar * text,
    GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_CHANNEL (self), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  return GST_WSCTL_CHANNEL_GET_IFACE (self)->send (self, text, error);
}

/* In every state, and more than once. Before open() it ends the channel without
 * a signal. */
void
gst_wsctl_channel_close (GstWsctlChannel * self)
{
  g_return_if_fail (GST_WSCTL_IS_CHANNEL (self));

  GST_WSCTL_CHANNEL_GET_IFACE (self)->close (self, FALSE);
}

void
gst_wsctl_channel_close_to_return (GstWsctlChannel * self)
{
  g_return_if_fail (GST_WSCTL_IS_CHANNEL (self));

  GST_WSCTL_CHANNEL_GET_IFACE (self)->close (self, TRUE);
}

void
gst_wsctl_channel_emit_opened (GstWsctlChannel * self)
{
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

void
gst_wsctl_channel_emit_message (GstWsctlChannel * self, const gchar * text)
{
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, text);
}

void
gst_wsctl_channel_emit_closed (GstWsctlChannel * self, const GError * error)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}
