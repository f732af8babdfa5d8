/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"
#include "wsctlconfig-private.h"

G_BEGIN_DECLS

/* A channel, not opened yet, or NULL for an address that names no server and
 * stream. The loop only; transfer full. */
GstWsctlChannel *gst_wsctl_config_new_channel (GstWsctlConfig * config,
    GError ** error);

G_END_DECLS
