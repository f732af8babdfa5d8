/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Waits until what @pad, a source pad, is pushing has come back, @timeout_ms at
 * the most. FALSE when it has not. Neither on the thread that pushes nor on the
 * loop. */
gboolean gst_wsctl_settle_pad (GstPad * pad, guint timeout_ms);

G_END_DECLS
