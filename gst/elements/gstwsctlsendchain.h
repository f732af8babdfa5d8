/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* From what a sink pad takes to RTP of the codec agreed:
 *
 *   raw      convert ! encoder ! (profile) ! (parser) ! payloader ! history
 *   encoded  (parser) ! payloader ! history
 *   RTP      history
 */
#define GST_TYPE_WSCTL_SEND_CHAIN (gst_wsctl_send_chain_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlSendChain, gst_wsctl_send_chain, GST,
    WSCTL_SEND_CHAIN, GstBin)

/* @input: the caps that come in; @rtp: those agreed. Floating; NULL with @error
 * when an element is missing. */
GstElement *gst_wsctl_send_chain_new (const GstCaps * input,
    const GstCaps * rtp, GError ** error);
/* Does nothing when there is no encoder. Any thread. */
void gst_wsctl_send_chain_set_bitrate (GstWsctlSendChain * self,
    guint bitrate_bps);
gboolean gst_wsctl_send_chain_has_encoder (GstWsctlSendChain * self);

G_END_DECLS
