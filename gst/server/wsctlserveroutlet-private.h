/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What is said on a WebSocket whose other end may not listen. libsoup queues
 * without end; whoever has taken nothing for a while is not served any more.
 * Zeroed it is ready; @socket is not owned. */
typedef struct
{
  SoupWebsocketConnection *socket;
  gsize stuck_bytes;            /* said since the socket was full … */
  gint64 stuck_us;              /* … and since when; 0: it is not */
} GstWsctlServerOutlet;

/* FALSE: the other end is to be dropped. */
gboolean gst_wsctl_server_outlet_send (GstWsctlServerOutlet * self,
    const gchar * text);
/* Closes the TCP connection: no close frame, which would be queued too. */
void gst_wsctl_server_outlet_drop (GstWsctlServerOutlet * self);

G_END_DECLS
