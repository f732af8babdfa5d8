/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* Says on the bus what would have to be installed, in the form that helpers of
 * desktops install from (gst/pbutils/missing-plugins.h). One message, for the
 * codec liked best: more would have more installed than is needed. The error is
 * the caller's. Any thread. */

/* To send what comes in with the caps @input, as one of @wanted (caps of
 * elementary streams, or NULL) */
void gst_wsctl_missing_post_for_sending (GstElement * element,
    GstWsctlMediaKind kind, const GstCaps * input, const GstCaps * wanted);
/* To receive and decode @codec */
void gst_wsctl_missing_post_for_receiving (GstElement * element,
    const GstWsctlCodec * codec);

G_END_DECLS
