/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"

G_BEGIN_DECLS

#define GST_TYPE_WSCTL_SRC (gst_wsctl_src_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlSrc, gst_wsctl_src, GST, WSCTL_SRC, GstWsctlBin)

GST_ELEMENT_REGISTER_DECLARE (wsctlsrc)

G_END_DECLS
