/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_MEMORY_CHANNEL (gst_wsctl_memory_channel_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlMemoryChannel, gst_wsctl_memory_channel,
    GST_WSCTL, MEMORY_CHANNEL, GObject)

/* Two ends in one process, for tests: what one sends the other receives, each
 * from a source on the context. Both belong to one context. */
void gst_wsctl_memory_channel_new_pair (GstWsctlMemoryChannel ** one,
    GstWsctlMemoryChannel ** other);

/* Ends this end's peer as a lost socket would. */
void gst_wsctl_memory_channel_fail (GstWsctlMemoryChannel * self,
    const GError * error);

G_END_DECLS
