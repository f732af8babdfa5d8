/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* Of RTP from elsewhere, lets one stream through, to a depayloader: repair flows
 * (RTX, FEC), RTCP and what is no RTP at all are dropped. The caps are completed
 * with what is known of the codec. Timestamps of packets that come with the
 * jitter of a network follow their RTP time.
 *
 * @pad: a ghost pad, with which the filter lives. @warn: what does not fit, on
 * the streaming thread. */
typedef void (*GstWsctlRtpFilterWarnFunc) (const gchar * text, gpointer data);
void gst_wsctl_rtp_filter_attach (GstPad * pad, const GstWsctlCodec * codec,
    GstWsctlRtpFilterWarnFunc warn, gpointer data);

G_END_DECLS
