/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* The three forms in which the elements take and give media. */
typedef enum
{
  GST_WSCTL_FORM_UNKNOWN,
  GST_WSCTL_FORM_RAW,
  GST_WSCTL_FORM_ENCODED,
  GST_WSCTL_FORM_RTP,
} GstWsctlForm;

/* What the pads of a kind can carry, in this order: a source that may choose
 * takes a format that encoders need not convert. */
#define GST_WSCTL_VIDEO_CAPS \
    "video/x-raw, format=(string)I420; video/x-raw, format=(string)NV12; " \
    "video/x-raw(ANY); " \
    "video/x-h264; video/x-vp8; video/x-vp9; video/x-av1; video/x-h265; " \
    "application/x-rtp, media=(string)video"
#define GST_WSCTL_AUDIO_CAPS \
    "audio/x-raw; " \
    "audio/x-opus; audio/x-alaw; audio/x-mulaw; " \
    "application/x-rtp, media=(string)audio"

GstWsctlForm gst_wsctl_form_of_structure (const GstStructure * structure);
/* The one form of all structures, or UNKNOWN. */
GstWsctlForm gst_wsctl_form_of_caps (const GstCaps * caps);
/* FALSE with @error for media that can never be sent, in whatever way they are
 * linked. */
gboolean gst_wsctl_form_check (const GstCaps * caps, GError ** error);

G_END_DECLS
