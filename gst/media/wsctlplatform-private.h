/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the GStreamer that runs is 1.@minor.@micro or later: for what an
 * element does by itself by then, which no header tells (docs/platform.md). */
gboolean gst_wsctl_platform_is_since (guint minor, guint micro);

G_END_DECLS
