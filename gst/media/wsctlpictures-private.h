/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The coded pictures of a stream: where a decoder can start, what it needs there,
 * and whether pictures are out of order. H.264 and H.265 are read from the
 * bitstream, VP8 and VP9 from the frame header; for other codecs the buffer flag
 * DELTA_UNIT is trusted. One thread. */
typedef struct _GstWsctlPictures GstWsctlPictures;

/* Caps of H.264 and H.265 with start codes, one picture a buffer; NULL for other
 * codecs */
const gchar *gst_wsctl_pictures_get_caps (const gchar * codec);

/* @codec: an encoding name, in any case. @length_size: of H.264 and H.265, bytes
 * of the length in front of each unit, or 0 when units have start codes. */
GstWsctlPictures *gst_wsctl_pictures_new (const gchar * codec,
    guint length_size);
void gst_wsctl_pictures_free (GstWsctlPictures * self);

/* With each picture, in decoding order. @picture: transfer full. Returns it with
 * DELTA_UNIT set unless a decoder can start with it: at a key frame, or at a
 * recovery point of gradual intra refresh. There, parameter sets that it lacks
 * are put in front, if units have start codes. */
GstBuffer *gst_wsctl_pictures_take (GstWsctlPictures * self,
    GstBuffer * picture);
/* Is the last picture a B-frame, so that output order is not decoding order? */
gboolean gst_wsctl_pictures_is_reordered (const GstWsctlPictures * self);
/* Keeps the parameter sets of @picture, which need not be sent. TRUE when it has
 * any. */
gboolean gst_wsctl_pictures_note (GstWsctlPictures * self,
    GstBuffer * picture);
/* Puts the parameter sets that are known in front of @buffer, with start codes,
 * unless it begins within a unit. @buffer: transfer full, and so is what is
 * returned. */
GstBuffer *gst_wsctl_pictures_put_sets (GstWsctlPictures * self,
    GstBuffer * buffer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlPictures, gst_wsctl_pictures_free)

G_END_DECLS
