/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include "wsctldatachannel.h"
#include "wsctlmedia.h"
#include "wsctltrack.h"

G_BEGIN_DECLS

/**
 * GstWsctlConnectionState:
 * @GST_WSCTL_CONNECTION_STATE_NEW: nothing has been negotiated
 * @GST_WSCTL_CONNECTION_STATE_CONNECTING: ICE and DTLS are at work
 * @GST_WSCTL_CONNECTION_STATE_CONNECTED: media can flow
 * @GST_WSCTL_CONNECTION_STATE_FAILED: no path, or the path is lost
 * @GST_WSCTL_CONNECTION_STATE_CLOSED: closed by us
 *
 * As the W3C's RTCPeerConnectionState.
 */
typedef enum
{
  GST_WSCTL_CONNECTION_STATE_NEW,
  GST_WSCTL_CONNECTION_STATE_CONNECTING,
  GST_WSCTL_CONNECTION_STATE_CONNECTED,
  GST_WSCTL_CONNECTION_STATE_FAILED,
  GST_WSCTL_CONNECTION_STATE_CLOSED,
} GstWsctlConnectionState;

#define GST_WSCTL_TYPE_CONNECTION_STATE (gst_wsctl_connection_state_get_type ())
GType gst_wsctl_connection_state_get_type (void);
const gchar *gst_wsctl_connection_state_get_nick (GstWsctlConnectionState
    state);

#define GST_WSCTL_TYPE_CONNECTION (gst_wsctl_connection_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlConnection, gst_wsctl_connection, GST_WSCTL,
    CONNECTION, GObject)

GstElement *gst_wsctl_connection_get_element (GstWsctlConnection * self);
GstWsctlConnectionState gst_wsctl_connection_get_state (GstWsctlConnection *
    self);
GstStructure *gst_wsctl_connection_get_stats (GstWsctlConnection * self);

/* Of a pool */
const gchar *gst_wsctl_connection_get_id (GstWsctlConnection * self);
GVariant *gst_wsctl_connection_dup_description (GstWsctlConnection * self);
void gst_wsctl_connection_add_track (GstWsctlConnection * self,
    GstWsctlTrack * track);
void gst_wsctl_connection_remove_track (GstWsctlConnection * self,
    GstWsctlTrack * track);
GstWsctlDataChannel *gst_wsctl_connection_create_data_channel
    (GstWsctlConnection * self, const gchar * label,
    const GstStructure * options, GError ** error);
void gst_wsctl_connection_open_data_channel_async (GstWsctlConnection * self,
    const gchar * label, const GstStructure * options, guint timeout_ms,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data);
GstWsctlDataChannel *gst_wsctl_connection_open_data_channel_finish
    (GstWsctlConnection * self, GAsyncResult * result, GError ** error);

G_END_DECLS
