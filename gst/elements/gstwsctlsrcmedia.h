/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlanswer-private.h"

G_BEGIN_DECLS

/* What was answered, on its way to a thread that may make pads:
 * GstWsctlAnsweredMedia, transfer full, those that were rejected last. */
GPtrArray *gst_wsctl_src_media_copy (const GstWsctlAnswer * answer);

G_END_DECLS
