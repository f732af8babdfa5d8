/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What must be known of H.264 that somebody else has encoded. */

/* The profile-level-id (RFC 6184, 8.1) of an elementary stream, from its
 * parameter sets or its caps, or NULL when neither tells. Transfer full. */
gchar *gst_wsctl_h264_get_profile_level_id (const GstCaps * caps);
/* Does it begin with a B slice? @caps: of the stream that @frame is of. What
 * cannot be read has none. */
gboolean gst_wsctl_h264_is_b_frame (GstBuffer * frame, const GstCaps * caps);

G_END_DECLS
