/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Data channels that a client opens (RFC 8832), and the texts that it sends on
 * them. Packets go in and out by function. */
typedef struct _GstWsctlLiteChannels GstWsctlLiteChannels;

typedef struct
{
  /* A packet for DTLS. Must not free the channels. */
  void (*send) (const guint8 * packet, gsize size, gpointer data);
  /* UTF-8; likewise */
  void (*text) (const gchar * label, const gchar * text, gpointer data);
} GstWsctlLiteChannelsCallbacks;

GstWsctlLiteChannels *gst_wsctl_lite_channels_new (const
    GstWsctlLiteChannelsCallbacks * callbacks, gpointer data);
void gst_wsctl_lite_channels_free (GstWsctlLiteChannels * self);
void gst_wsctl_lite_channels_receive (GstWsctlLiteChannels * self,
    const guint8 * packet, gsize size);
/* Each second or so */
void gst_wsctl_lite_channels_resend (GstWsctlLiteChannels * self);

G_END_DECLS
