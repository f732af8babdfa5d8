/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlconfig.h"
#include "wsctlconnection.h"
#include "wsctltransport.h"

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_POOL (gst_wsctl_pool_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlPool, gst_wsctl_pool, GST_WSCTL, POOL, GObject)

/* Life */
GstWsctlPool *gst_wsctl_pool_new (GstWsctlConfig * config, GError ** error);
GstWsctlPool *gst_wsctl_pool_new_with_transport (GstWsctlConfig * config,
    GstWsctlTransport * transport, GError ** error);
gboolean gst_wsctl_pool_join (GstWsctlPool * self, const gchar * pool,
    GError ** error);
void gst_wsctl_pool_close (GstWsctlPool * self);

/* What it is made of */
GstElement *gst_wsctl_pool_get_element (GstWsctlPool * self);
GstWsctlTrack *gst_wsctl_pool_create_track (GstWsctlPool * self,
    GstCaps * caps, GError ** error);

/* Who is there */
gchar *gst_wsctl_pool_get_id (GstWsctlPool * self);
GList *gst_wsctl_pool_get_connections (GstWsctlPool * self);
guint gst_wsctl_pool_get_nconnections (GstWsctlPool * self);
GstWsctlConnection *gst_wsctl_pool_get_connection (GstWsctlPool * self,
    const gchar * id);

G_END_DECLS
