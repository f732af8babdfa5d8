/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* RTP caps to offer for @input, which may be all that a link leaves open: of raw
 * media every codec that can be encoded, in the order of @wanted (caps of
 * elementary streams, or NULL for ours); of encoded media and of RTP what they
 * are. Empty when there is nothing; NULL while @input does not tell. @final: it
 * is what comes, and no more will be known. Transfer full. Any thread. */
GstCaps *gst_wsctl_offers_make (GstWsctlMediaKind kind, const GstCaps * input,
    gboolean final, const GstCaps * wanted);
/* Why nothing can be offered for RTP whose codec is not known; NULL for anything
 * else. Transfer full. */
gchar *gst_wsctl_offers_explain (GstWsctlMediaKind kind, const GstCaps * input);

G_END_DECLS
