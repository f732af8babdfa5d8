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

void
gst_wsctl_retransmission_set (GstElement * webrtcbin, gboolean enabled)
{
  g_autoptr (GstIterator) buffers =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtcbin),
      "rtpjitterbuffer");

  gst_iterator_foreach (buffers, set_enabled, GINT_TO_POINTER (enabled));
}
