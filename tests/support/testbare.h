/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Stops a pipeline with a webrtcbin of nobody's care in it, without the
 * criticals of an srtpdec whose first packet meets it on the way down
 * (docs/platform.md). */
void test_bare_stop (GstElement * pipeline);

G_END_DECLS
