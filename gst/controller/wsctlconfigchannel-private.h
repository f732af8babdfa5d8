/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"
#include "wsctlconfig-private.h"

G_BEGIN_DECLS

/* Where to, of the addresses that a stream has (docs/protocol.md,
 * "Addresses") */
typedef enum
{
  GST_WSCTL_CONFIG_CHANNEL_SESSION,
  GST_WSCTL_CONFIG_CHANNEL_METADATA,
  GST_WSCTL_CONFIG_CHANNEL_METADATA_ONCE,       /* over HTTP */
  GST_WSCTL_CONFIG_CHANNEL_DATA,
} GstWsctlConfigChannel;

/* A channel, not opened yet, or NULL for an address that names no server and
 * stream. With the same token, headers, trust and limits, whatever it is for.
 * The loop only; transfer full. */
GstWsctlChannel *gst_wsctl_config_new_channel (GstWsctlConfig * config,
    GstWsctlConfigChannel what, GError ** error);

G_END_DECLS
