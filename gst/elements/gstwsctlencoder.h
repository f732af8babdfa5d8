/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* The encoders that we know how to set up for live media. */

/* Is there one for @codec? Any thread. */
gboolean gst_wsctl_encoder_exists (const GstWsctlCodec * codec);
/* The best one that starts, set up, or NULL. @index counts up from 0 past
 * those that did not serve; @profile is set to the caps that its output must
 * have, or to NULL. Floating. */
GstElement *gst_wsctl_encoder_make (const GstWsctlCodec * codec,
    guint * index, GstCaps ** profile);
/* bit/s */
void gst_wsctl_encoder_set_bitrate (GstElement * encoder, guint bitrate_bps);

G_END_DECLS
