/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

#include "wsctlreportblocks-private.h"

G_BEGIN_DECLS

/* `application/x-wsctl-stats`: see gst_wsctl_connection_get_stats(). Reads the
 * sources of rtpbin's session, which are right under BUNDLE. Any thread. */
GstStructure *gst_wsctl_stats_collect (GstElement * webrtcbin,
    NiceAgent * agent, guint nice_stream_id, GstWsctlReportBlocks * blocks);

G_END_DECLS
