/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Profile and level of H.264 (RFC 6184, 8.1) and H.265 (RFC 7798, 7.1) that
 * somebody else has encoded: from the caps that come in, of the elementary stream
 * or of RTP, to RTP caps that offer it. What they do not tell is left as it is. */
void gst_wsctl_profiles_describe (const GstCaps * input, GstCaps * rtp);

G_END_DECLS
