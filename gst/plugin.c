/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlpoolbin.h"
#include "gstwsctlsink.h"
#include "gstwsctlsrc.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gboolean registered = FALSE;

  registered |= GST_ELEMENT_REGISTER (wsctlpool, plugin);
  registered |= GST_ELEMENT_REGISTER (wsctlsink, plugin);
  registered |= GST_ELEMENT_REGISTER (wsctlsrc, plugin);

  return registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, wsctl,
    "WebRTC with WebSocket control: publish, play, pools",
    plugin_init, WSCTL_VERSION, "LGPL", "gst-wsctl", "Unknown package origin")
