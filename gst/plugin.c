/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/gst.h>

static gboolean
plugin_init (GstPlugin * plugin)
{
  return TRUE;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, wsctl,
    "WebRTC with WebSocket control: publish, play and pool",
    plugin_init, WSCTL_VERSION, "LGPL", "gst-wsctl",
    "https://gstreamer.freedesktop.org")
