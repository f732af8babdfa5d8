/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "gstwsctlforms.h"
#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* From RTP to what downstream takes:
 *
 *   raw      depayloader ! (parser) ! decoder
 *   encoded  depayloader ! (parser)
 *   RTP      as it is
 *
 * Encoded media have their parameter sets in band where the peer of @output, for
 * which the chain is, takes that.
 *
 * @filter, which may be NULL, comes right behind the depayloader; it is for
 * frames, so not for RTP. Floating; NULL with @error when an element is missing,
 * or the filter does not fit. */
GstElement *gst_wsctl_receive_chain_new (const GstWsctlCodec * codec,
    GstWsctlForm form, GstPad * output, GstElement * filter, GError ** error);

/* The form to give: raw if downstream takes it and it can be decoded, else
 * encoded, else RTP. UNKNOWN when it takes none. */
GstWsctlForm gst_wsctl_receive_chain_choose (const GstWsctlCodec * codec,
    const GstCaps * allowed);
/* Whether downstream takes raw media that nothing here decodes to. */
gboolean gst_wsctl_receive_chain_lacks_decoder (const GstWsctlCodec * codec,
    const GstCaps * allowed);
/* Loads what a chain for @codec is made of, on a thread beside. */
void gst_wsctl_receive_chain_warm_up (const GstWsctlCodec * codec);

G_END_DECLS
