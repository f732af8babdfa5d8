/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Where the elements of a connection to a peer are. What such a peer sends is no
 * error of the pipeline that it is in. */
#define GST_WSCTL_TYPE_PEER_BIN (gst_wsctl_peer_bin_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlPeerBin, gst_wsctl_peer_bin, GST_WSCTL,
    PEER_BIN, GstBin)

GstElement *gst_wsctl_peer_bin_new (const gchar * name);

G_END_DECLS
