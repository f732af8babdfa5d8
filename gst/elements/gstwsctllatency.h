/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Answers a latency query by what is upstream of the sink pads of @element: for
 * one in which nothing is in time with a clock, that is all there is to add up. */
void gst_wsctl_latency_add_up (GstElement * element, GstQuery * query);

G_END_DECLS
