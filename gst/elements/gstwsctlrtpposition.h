/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Where an RTP stream has got to. It is kept with the pad that it goes to, so
 * that the payloader that comes after another one goes on with the same numbers,
 * and who receives sees one stream (RFC 3550, 5.1). */

void gst_wsctl_rtp_position_save (GstPad * sink, GstElement * payloader);
/* In NULL or READY. Does nothing for the first one. */
void gst_wsctl_rtp_position_restore (GstPad * sink, GstElement * payloader);

G_END_DECLS
