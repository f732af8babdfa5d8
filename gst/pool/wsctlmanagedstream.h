/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlpool.h"

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_MANAGED_STREAM (gst_wsctl_managed_stream_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlManagedStream, gst_wsctl_managed_stream,
    GST_WSCTL, MANAGED_STREAM, GObject)

GstWsctlManagedStream *gst_wsctl_managed_stream_new (GstWsctlPool * pool,
    GList * tracks);
void gst_wsctl_managed_stream_close (GstWsctlManagedStream * self);
gboolean gst_wsctl_managed_stream_get_closed (GstWsctlManagedStream * self);
GList *gst_wsctl_managed_stream_get_tracks (GstWsctlManagedStream * self);

/* Of a kind, "audio" or "video"; NULL: of all */
gboolean gst_wsctl_managed_stream_mute (GstWsctlManagedStream * self,
    const gchar * kind, GError ** error);
gboolean gst_wsctl_managed_stream_unmute (GstWsctlManagedStream * self,
    const gchar * kind, GError ** error);
gboolean gst_wsctl_managed_stream_muted (GstWsctlManagedStream * self,
    const gchar * kind);

/* What each peer gets */
gboolean gst_wsctl_managed_stream_has_stream (GstWsctlManagedStream * self,
    const gchar * stream_id);
gchar *gst_wsctl_managed_stream_get_stream (GstWsctlManagedStream * self,
    const gchar * connection_id);
GstWsctlConnection *gst_wsctl_managed_stream_get_connection
    (GstWsctlManagedStream * self, const gchar * stream_id);

G_END_DECLS
