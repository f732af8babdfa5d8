/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Raw sound of any number of channels made stereo at most: no codec here takes
 * more. Channels may have no positions (channel-mask 0), as those of JACK and of
 * capture cards. */

/* FALSE with @error when there are too many of them. */
gboolean gst_wsctl_downmix_check (const GstCaps * caps, GError ** error);
/* How the matrix mixes channels without positions, for an audioconvert that takes
 * @caps; FALSE when it needs none. */
gboolean gst_wsctl_downmix_get_matrix (const GstCaps * caps, GValue * matrix);
/* The same caps, for what follows: two channels are left and right. Transfer
 * full. */
GstCaps *gst_wsctl_downmix_take_caps (const GstCaps * caps);
/* What it makes of more than two channels, in a sentence, or NULL. Transfer
 * full. */
gchar *gst_wsctl_downmix_describe (const GstCaps * caps);
/* Whether one chain does for both */
gboolean gst_wsctl_downmix_is_same (const GstCaps * caps,
    const GstCaps * other);

G_END_DECLS
