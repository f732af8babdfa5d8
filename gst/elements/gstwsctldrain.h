/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A pad that drops what it gets, linked to the source pad "src" of @element for
 * as long as nothing else is. An application that makes a bin from a
 * description makes ghost pads of unlinked pads, also of those of elements
 * inside of ours. */
void gst_wsctl_drain_link (GstElement * element);
/* Makes room for what is to be linked to "src". */
void gst_wsctl_drain_unlink (GstElement * element);
gboolean gst_wsctl_drain_is_linked (GstElement * element);

G_END_DECLS
