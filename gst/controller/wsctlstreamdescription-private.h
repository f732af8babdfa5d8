/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlmetadata-private.h"
#include "wsctlstreamwatch-private.h"

G_BEGIN_DECLS

/* What a server says of a stream, as GStreamer says it. @name: of the stream;
 * it begins the ids. Pure; transfer full. */
GstWsctlStreamDescription *gst_wsctl_stream_description_new (const gchar *
    name, const GstWsctlMetadata * metadata);
/* The same tracks, whatever their bitrates are by now */
gboolean gst_wsctl_stream_description_is_like (const
    GstWsctlStreamDescription * self, const GstWsctlStreamDescription * other);

G_END_DECLS
