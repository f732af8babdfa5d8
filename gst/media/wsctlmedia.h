/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GstWsctlMediaKind:
 * @GST_WSCTL_MEDIA_KIND_AUDIO: audio
 * @GST_WSCTL_MEDIA_KIND_VIDEO: video
 *
 * The kind of a track.
 */
typedef enum
{
  GST_WSCTL_MEDIA_KIND_AUDIO,
  GST_WSCTL_MEDIA_KIND_VIDEO,
} GstWsctlMediaKind;

/**
 * GST_WSCTL_N_MEDIA_KINDS:
 *
 * How many kinds there are: a #GstWsctlMediaKind is less than that.
 */
#define GST_WSCTL_N_MEDIA_KINDS 2

#define GST_WSCTL_TYPE_MEDIA_KIND (gst_wsctl_media_kind_get_type ())

GType gst_wsctl_media_kind_get_type (void);
const gchar *gst_wsctl_media_kind_get_nick (GstWsctlMediaKind kind);

G_END_DECLS
