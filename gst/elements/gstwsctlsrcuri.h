/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A GInterfaceInitFunc: by `wsctl` and `wsctls`, the address is found by its
 * scheme and set as the property "uri". */
void gst_wsctl_src_uri_handler_init (gpointer iface, gpointer data);

G_END_DECLS
