/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlinput.h"

G_BEGIN_DECLS

/* gst_wsctl_input_connect() from any thread: on one that may build. @element is
 * what the input belongs to. */
void gst_wsctl_input_connect_later (GstWsctlInput * input,
    GstElement * element, GstWsctlConnection * session, const GstCaps * rtp);

G_END_DECLS
