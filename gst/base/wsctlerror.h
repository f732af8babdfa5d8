/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GST_WSCTL_ERROR:
 *
 * The error domain of everything in this library. See #GstWsctlError.
 */
#define GST_WSCTL_ERROR (gst_wsctl_error_quark ())

/**
 * GstWsctlError:
 * @GST_WSCTL_ERROR_FAILED: something else went wrong; the message says what
 * @GST_WSCTL_ERROR_INVALID_URI: the address is missing or malformed
 * @GST_WSCTL_ERROR_HOST_NOT_FOUND: the host name has no address
 * @GST_WSCTL_ERROR_CONNECTION_FAILED: the socket never opened ("Connection
 *   failed"): refused, unreachable, or not a WebSocket
 * @GST_WSCTL_ERROR_TLS: the server's certificate is not accepted
 * @GST_WSCTL_ERROR_UNEXPECTED_STATUS: an HTTP status instead of a WebSocket,
 *   415 for an unknown path
 * @GST_WSCTL_ERROR_TIMED_OUT: no answer within the time allowed
 * @GST_WSCTL_ERROR_CONNECTION_IDLE: the session is open but nothing arrives
 *   any more ("Connection idle")
 * @GST_WSCTL_ERROR_SERVER_SHUTDOWN: the server closed the socket in order
 *   ("Server shutdown", codes 1000 and 1005)
 * @GST_WSCTL_ERROR_SOCKET_DISCONNECTION: the socket was lost
 *   ("Socket disconnection", any other code)
 * @GST_WSCTL_ERROR_PEER_CONNECTION_FAILED: ICE or DTLS failed
 *   ("RTCPeerConnection failed")
 * @GST_WSCTL_ERROR_SIP_FAILED: the offer and answer exchange failed
 *   ("SIP failed")
 * @GST_WSCTL_ERROR_ACCESS_DENIED: the server refused the session
 *   ("Access denied")
 * @GST_WSCTL_ERROR_STREAM_FAILED: the server cannot serve the stream: unknown
 *   or offline
 * @GST_WSCTL_ERROR_NO_COMMON_CODEC: the two sides share no codec
 * @GST_WSCTL_ERROR_FINGERPRINT_MISMATCH: the DTLS certificate is not the one
 *   of the description (RFC 8122)
 * @GST_WSCTL_ERROR_MESSAGE_TOO_LARGE: a message is over the limit
 * @GST_WSCTL_ERROR_INVALID_MESSAGE: a message is not what the protocol says
 * @GST_WSCTL_ERROR_REPLACE_TRACK_FAILED: a track could not be replaced
 *   ("Replace track failed")
 * @GST_WSCTL_ERROR_MISSING_PLUGIN: an element that is needed is not installed
 * @GST_WSCTL_ERROR_ENCODING_FAILED: every encoder that is installed for a codec
 *   has failed
 * @GST_WSCTL_ERROR_UNSUITABLE_MEDIA: what comes in is encoded in a way that
 *   cannot be sent live, as with B-frames
 * @GST_WSCTL_ERROR_CLOSED: the object is closed and takes no more calls
 * @GST_WSCTL_ERROR_INVALID_OPTION: an option does not exist, or has a value that
 *   it cannot have
 * @GST_WSCTL_ERROR_WOULD_BLOCK: so much is waiting to be sent that no more is
 *   taken now
 * @GST_WSCTL_ERROR_GOING_AWAY: the server itself ends, in order (code 1001, RFC
 *   6455 7.4.1): it may be back
 *
 * What can go wrong (docs/protocol.md, "How sessions fail").
 */
typedef enum
{
  GST_WSCTL_ERROR_FAILED,
  GST_WSCTL_ERROR_INVALID_URI,
  GST_WSCTL_ERROR_HOST_NOT_FOUND,
  GST_WSCTL_ERROR_CONNECTION_FAILED,
  GST_WSCTL_ERROR_TLS,
  GST_WSCTL_ERROR_UNEXPECTED_STATUS,
  GST_WSCTL_ERROR_TIMED_OUT,
  GST_WSCTL_ERROR_CONNECTION_IDLE,
  GST_WSCTL_ERROR_SERVER_SHUTDOWN,
  GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
  GST_WSCTL_ERROR_PEER_CONNECTION_FAILED,
  GST_WSCTL_ERROR_SIP_FAILED,
  GST_WSCTL_ERROR_ACCESS_DENIED,
  GST_WSCTL_ERROR_STREAM_FAILED,
  GST_WSCTL_ERROR_NO_COMMON_CODEC,
  GST_WSCTL_ERROR_FINGERPRINT_MISMATCH,
  GST_WSCTL_ERROR_MESSAGE_TOO_LARGE,
  GST_WSCTL_ERROR_INVALID_MESSAGE,
  GST_WSCTL_ERROR_REPLACE_TRACK_FAILED,
  GST_WSCTL_ERROR_MISSING_PLUGIN,
  GST_WSCTL_ERROR_ENCODING_FAILED,
  GST_WSCTL_ERROR_UNSUITABLE_MEDIA,
  GST_WSCTL_ERROR_CLOSED,
  GST_WSCTL_ERROR_INVALID_OPTION,
  GST_WSCTL_ERROR_WOULD_BLOCK,
  GST_WSCTL_ERROR_GOING_AWAY,
} GstWsctlError;

#define GST_WSCTL_TYPE_ERROR (gst_wsctl_error_get_type ())

GQuark gst_wsctl_error_quark (void);
GType gst_wsctl_error_get_type (void);
const gchar *gst_wsctl_error_get_name (GstWsctlError code);

G_END_DECLS
