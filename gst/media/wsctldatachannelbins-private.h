/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What webrtcbin of 1.22 does not do: the elements of a data channel leave it
 * when the channel is closed, and an empty message is sent as one. Before the first
 * channel. Any thread. */
void gst_wsctl_data_channel_bins_watch (GstElement * webrtcbin);
/* Calls @func once all that @channel, a GstWebRTCDataChannel, was given has gone
 * through to SCTP: webrtcbin, told to close, drops what is halfway. Any thread;
 * @func comes on this one or a streaming thread. */
void gst_wsctl_data_channel_bins_drain (GObject * channel, GFunc func,
    gpointer data, GDestroyNotify destroy);

G_END_DECLS
