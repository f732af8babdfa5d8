/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_CONFIG (gst_wsctl_config_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlConfig, gst_wsctl_config, GST_WSCTL, CONFIG,
    GObject)

GstWsctlConfig *gst_wsctl_config_new (const gchar * uri);
GstWsctlConfig *gst_wsctl_config_copy (GstWsctlConfig * self);

G_END_DECLS
