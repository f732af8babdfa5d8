/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GstWsctlStreamState:
 * @GST_WSCTL_STREAM_STATE_UNKNOWN: nobody has said yet
 * @GST_WSCTL_STREAM_STATE_ONLINE: it can be played
 * @GST_WSCTL_STREAM_STATE_OFFLINE: nobody publishes it
 * @GST_WSCTL_STREAM_STATE_INITIALIZING: the server is setting it up
 * @GST_WSCTL_STREAM_STATE_BOOTING: the server is starting its source
 * @GST_WSCTL_STREAM_STATE_WAITING_FOR_DATA: it is published, but nothing has
 *   come in yet
 * @GST_WSCTL_STREAM_STATE_FAILED: the server says that it cannot be had
 *
 * What a server says of a stream (docs/protocol.md, "Metadata channel").
 */
typedef enum
{
  GST_WSCTL_STREAM_STATE_UNKNOWN,
  GST_WSCTL_STREAM_STATE_ONLINE,
  GST_WSCTL_STREAM_STATE_OFFLINE,
  GST_WSCTL_STREAM_STATE_INITIALIZING,
  GST_WSCTL_STREAM_STATE_BOOTING,
  GST_WSCTL_STREAM_STATE_WAITING_FOR_DATA,
  GST_WSCTL_STREAM_STATE_FAILED,
} GstWsctlStreamState;

#define GST_WSCTL_TYPE_STREAM_STATE (gst_wsctl_stream_state_get_type ())

GType gst_wsctl_stream_state_get_type (void);
const gchar *gst_wsctl_stream_state_get_nick (GstWsctlStreamState state);

G_END_DECLS
