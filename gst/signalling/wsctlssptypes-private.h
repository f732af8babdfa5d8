/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlssp-private.h"

G_BEGIN_DECLS

/* How a type is written; "" for an unknown one */
const gchar *gst_wsctl_ssp_type_get_name (GstWsctlSspType type);
/* The member that names the other peer; NULL for a type without one */
const gchar *gst_wsctl_ssp_type_get_peer_member (GstWsctlSspType type,
    GstWsctlSspDirection direction);

G_END_DECLS
