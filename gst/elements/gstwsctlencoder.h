/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "gstwsctlencodertable.h"
#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* The encoders of this machine, as far as the table knows them. Any thread. */

/* Factories that encode @input (raw caps, or NULL for any) as @codec, best
 * first: those fit for live media, by rank, then by the table. Media in the
 * memory of a device go to encoders that take it from there; when there are
 * none, to all, for it can be fetched. Transfer full. */
GPtrArray *gst_wsctl_encoder_list (const GstWsctlCodec * codec,
    const GstCaps * input);
gboolean gst_wsctl_encoder_exists (const GstWsctlCodec * codec);
/* Does it take these raw caps, memory included, as they are? */
gboolean gst_wsctl_encoder_takes (GstElementFactory * factory,
    const GstCaps * input);

/* Is @input in other memory than ours? */
gboolean gst_wsctl_encoder_is_in_device (const GstCaps * input);
/* The same caps, with raw video of any memory narrowed to that which is taken here;
 * for a source that has a choice. Transfer full. */
GstCaps *gst_wsctl_encoder_narrow_memory (GstCaps * caps);
/* What takes pictures out of the memory of @input, or NULL. */
const gchar *gst_wsctl_encoder_find_download (const GstCaps * input);
/* FALSE for sound, too */
gboolean gst_wsctl_encoder_is_interlaced (const GstCaps * input);

/* The row of an encoder, by its factory, or NULL for a stranger. */
const GstWsctlEncoderRow *gst_wsctl_encoder_get_row (GstElement * encoder,
    const GstWsctlCodec * codec);
/* For live media, as the row says. */
void gst_wsctl_encoder_set_up (GstElement * encoder,
    const GstWsctlEncoderRow * row);
/* bit/s, brought into the row's range. FALSE for a stranger, and for one without
 * a bitrate. May wait for the encoder to finish a frame. */
gboolean gst_wsctl_encoder_set_bitrate (GstElement * encoder,
    guint bitrate_bps);

G_END_DECLS
