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

G_END_DECLS
