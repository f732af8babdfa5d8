/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Data channels that a client opens (RFC 8832), and texts both ways on them.
 * Packets go in and out by function. */
typedef struct _GstWsctlLiteChannels GstWsctlLiteChannels;

#define GST_WSCTL_LITE_CHANNELS_TICK_MS 250

typedef struct
{
  /* A packet for DTLS. Must not free the channels. */
  void (*send) (const guint8 * packet, gsize size, gpointer data);
  /* UTF-8, on a channel of that label and protocol; likewise */
  void (*text) (const gchar * label, const gchar * protocol,
      const gchar * text, gpointer data);
} GstWsctlLiteChannelsCallbacks;

GstWsctlLiteChannels *gst_wsctl_lite_channels_new (const
    GstWsctlLiteChannelsCallbacks * callbacks, gpointer data);
/* The byte that says so to the client (RFC 8832, 8.2.1); for tests */
void gst_wsctl_lite_channels_set_ack (GstWsctlLiteChannels * self,
    guint8 ack);
void gst_wsctl_lite_channels_free (GstWsctlLiteChannels * self);
void gst_wsctl_lite_channels_receive (GstWsctlLiteChannels * self,
    const guint8 * packet, gsize size);
/* On the channel that was the first with @name for a label or a protocol. FALSE:
 * there is none, or it takes no more now. */
gboolean gst_wsctl_lite_channels_send (GstWsctlLiteChannels * self,
    const gchar * name, const gchar * text);
gboolean gst_wsctl_lite_channels_has (GstWsctlLiteChannels * self,
    const gchar * name);
/* Something that was sent has not arrived, as far as is known; then call tick()
 * each GST_WSCTL_LITE_CHANNELS_TICK_MS, and after a while it goes again. */
gboolean gst_wsctl_lite_channels_is_waiting (GstWsctlLiteChannels * self);
void gst_wsctl_lite_channels_tick (GstWsctlLiteChannels * self);

G_END_DECLS
