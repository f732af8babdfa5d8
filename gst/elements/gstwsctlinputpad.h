/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Makes a ghost pad one that takes all that its template has, whatever is behind
 * it now, and that never tells upstream of what goes wrong there. */
void gst_wsctl_input_pad_set_functions (GstPad * pad);

G_END_DECLS
