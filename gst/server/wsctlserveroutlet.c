/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A socket with a limit on what waits to be written.
 */

#include "wsctlserveroutlet-private.h"

#include <string.h>

#define MAX_STUCK_BYTES (256 * 1024)
#define MAX_STUCK_US (10 * G_USEC_PER_SEC)

static gboolean
is_writable (GstWsctlServerOutlet * self)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->socket);
  GOutputStream *output = g_io_stream_get_output_stream (stream);

  return !G_IS_POLLABLE_OUTPUT_STREAM (output)
      || g_pollable_output_stream_is_writable (G_POLLABLE_OUTPUT_STREAM
      (output));
}

gboolean
gst_wsctl_server_outlet_send (GstWsctlServerOutlet * self, const gchar * text)
{
  gint64 now_us = g_get_monotonic_time ();

  if (soup_websocket_connection_get_state (self->socket)
      != SOUP_WEBSOCKET_STATE_OPEN)
    return TRUE;

  if (is_writable (self)) {
    self->stuck_bytes = 0;
    self->stuck_us = 0;
  } else {
    self->stuck_bytes += strlen (text);
    if (self->stuck_us == 0)
      self->stuck_us = now_us;
    if (self->stuck_bytes > MAX_STUCK_BYTES
        || now_us - self->stuck_us > MAX_STUCK_US)
      return FALSE;
  }
  soup_websocket_connection_send_text (self->socket, text);

  return TRUE;
}

void
gst_wsctl_server_outlet_drop (GstWsctlServerOutlet * self)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->socket);

  if (soup_websocket_connection_get_state (self->socket)
      != SOUP_WEBSOCKET_STATE_CLOSED)
    g_io_stream_close (stream, NULL, NULL);
}
