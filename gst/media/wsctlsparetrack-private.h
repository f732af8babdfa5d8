/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What @track, a source pad, pushes is dropped until it is linked (again).
 * Nobody upstream learns that there is no one to take it, which would end a
 * pipeline. Any thread. */
void gst_wsctl_spare_track_begin (GstPad * track);

G_END_DECLS
