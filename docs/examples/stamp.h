/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/video/video.h>

G_BEGIN_DECLS

/* A number drawn into a picture, as a row of black and white blocks along its
 * upper edge: it survives encoding. The frame is mapped, its format one with a
 * plane of luma first (I420, NV12, …), and 640 or more wide. */
#define STAMP_MIN_WIDTH 640

void stamp_draw (GstVideoFrame * frame, guint32 value);
/* FALSE when what is there is no number. */
gboolean stamp_read (GstVideoFrame * frame, guint32 * value);

G_END_DECLS
