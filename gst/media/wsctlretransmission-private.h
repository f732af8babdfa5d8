/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Whether the jitter buffers of a webrtcbin that receives ask again for what is
 * not there in time, as far as that is allowed. Any thread; does not wait.
 *
 * They do so for a packet that is only late as well, and give it up when it is
 * later than their latency: on a way with a queue they ask for everything, which
 * makes the queue longer, and take nothing of what comes. Without it they wait
 * for what comes in order, however late. */
void gst_wsctl_retransmission_set (GstElement * webrtcbin, gboolean enabled);
/* Whether they ever do. */
gboolean gst_wsctl_retransmission_is_allowed (GstElement * webrtcbin);

G_END_DECLS
