/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Makes one RTP stream of all that is sent through a pad, whatever is linked to
 * it: payload type and SSRC are those agreed, sequence numbers and RTP times go
 * on across each change of source (RFC 3550, 5.1). What is downstream sees the
 * same caps all the time. */

/* @sink: of webrtcbin, a ghost pad; @agreed: RTP caps of the answer; @offered: those of the
 * offer, with the SSRC that was announced, or NULL. Does nothing the second
 * time. Any thread. */
void gst_wsctl_rtp_rewriter_attach (GstPad * sink, const GstCaps * agreed,
    const GstCaps * offered);
/* Can RTP of @caps go out through @sink, under what was agreed? FALSE with
 * GST_WSCTL_ERROR_REPLACE_TRACK_FAILED. Any thread. */
gboolean gst_wsctl_rtp_rewriter_check (GstPad * sink, const GstCaps * caps,
    GError ** error);

G_END_DECLS
