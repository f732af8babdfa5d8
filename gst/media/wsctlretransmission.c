/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlretransmission-private.h"

static void
set_enabled (const GValue * item, gpointer data)
{
  g_object_set (g_value_get_object (item), "do-retransmission",
      GPOINTER_TO_INT (data), NULL);
}

gboolean
gst_wsctl_retransmission_is_allowed (GstElement * webrtcbin)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtcbin), "rtpbin");
  gboolean allowed = FALSE;

  if (rtpbin != NULL)
    g_object_get (rtpbin, "do-retransmission", &allowed, NULL);

  return allowed;
}

void
gst_wsctl_retransmission_set (GstElement * webrtcbin, gboolean enabled)
{
  g_autoptr (GstIterator) buffers =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtcbin),
      "rtpjitterbuffer");

  enabled = enabled && gst_wsctl_retransmission_is_allowed (webrtcbin);
  gst_iterator_foreach (buffers, set_enabled, GINT_TO_POINTER (enabled));
}
