/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"

G_BEGIN_DECLS

#define GST_TYPE_WSCTL_SINK (gst_wsctl_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlSink, gst_wsctl_sink, GST, WSCTL_SINK,
    GstWsctlBin)

GST_ELEMENT_REGISTER_DECLARE (wsctlsink)

G_END_DECLS
