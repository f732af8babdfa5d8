/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstWsctlDataChannelState:
 * @GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING: not yet open
 * @GST_WSCTL_DATA_CHANNEL_STATE_OPEN: takes and gives messages
 * @GST_WSCTL_DATA_CHANNEL_STATE_CLOSING: closed by us, what was sent is on its
 *   way
 * @GST_WSCTL_DATA_CHANNEL_STATE_CLOSED: closed
 *
 * As the W3C's RTCDataChannelState.
 */
typedef enum
{
  GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING,
  GST_WSCTL_DATA_CHANNEL_STATE_OPEN,
  GST_WSCTL_DATA_CHANNEL_STATE_CLOSING,
  GST_WSCTL_DATA_CHANNEL_STATE_CLOSED,
} GstWsctlDataChannelState;

#define GST_WSCTL_TYPE_DATA_CHANNEL_STATE \
    (gst_wsctl_data_channel_state_get_type ())
GType gst_wsctl_data_channel_state_get_type (void);

#define GST_WSCTL_TYPE_DATA_CHANNEL (gst_wsctl_data_channel_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlDataChannel, gst_wsctl_data_channel, GST_WSCTL,
    DATA_CHANNEL, GObject)

/* What it is */
const gchar *gst_wsctl_data_channel_get_label (GstWsctlDataChannel * self);
gint gst_wsctl_data_channel_get_id (GstWsctlDataChannel * self);
GstWsctlDataChannelState
gst_wsctl_data_channel_get_state (GstWsctlDataChannel * self);
guint64 gst_wsctl_data_channel_get_buffered_amount (GstWsctlDataChannel *
    self);

/* What it does */
gboolean gst_wsctl_data_channel_send_string (GstWsctlDataChannel * self,
    const gchar * text, GError ** error);
gboolean gst_wsctl_data_channel_send_data (GstWsctlDataChannel * self,
    GBytes * data, GError ** error);
void gst_wsctl_data_channel_close (GstWsctlDataChannel * self);

G_END_DECLS
