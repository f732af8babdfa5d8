/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlplatform-private.h"

#include <gst/gst.h>

gboolean
gst_wsctl_platform_is_since (guint minor, guint micro)
{
  guint now_major, now_minor, now_micro, nano;

  gst_version (&now_major, &now_minor, &now_micro, &nano);

  return now_major > 1 || now_minor > minor
      || (now_minor == minor && now_micro >= micro);
}
