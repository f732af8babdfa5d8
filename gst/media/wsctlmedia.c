/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlmedia.h"

static const GEnumValue kind_values[] = {
  {GST_WSCTL_MEDIA_KIND_AUDIO, "GST_WSCTL_MEDIA_KIND_AUDIO", "audio"},
  {GST_WSCTL_MEDIA_KIND_VIDEO, "GST_WSCTL_MEDIA_KIND_VIDEO", "video"},
  {0, NULL, NULL}
};

GType
gst_wsctl_media_kind_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlMediaKind", kind_values));

  return type;
}

/**
 * gst_wsctl_media_kind_get_nick:
 * @kind: a kind
 *
 * The name of a kind, as in an m-line (RFC 8866 5.14). Any thread.
 *
 * Returns: (transfer none): "audio" or "video", as in an m-line
 */
const gchar *
gst_wsctl_media_kind_get_nick (GstWsctlMediaKind kind)
{
  return kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "audio" : "video";
}
