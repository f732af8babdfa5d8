/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The error domain. The names are those of the Ceeblue client where it has
 * one (docs/protocol.md, "How sessions fail").
 */

#include "wsctlerror.h"

static const GEnumValue error_values[] = {
#define VALUE(name, nick) { GST_WSCTL_ERROR_ ## name, \
    "GST_WSCTL_ERROR_" #name, nick }
  VALUE (FAILED, "failed"),
  VALUE (INVALID_URI, "invalid-uri"),
  VALUE (HOST_NOT_FOUND, "host-not-found"),
  VALUE (CONNECTION_FAILED, "connection-failed"),
  VALUE (TLS, "tls"),
  VALUE (UNEXPECTED_STATUS, "unexpected-status"),
  VALUE (TIMED_OUT, "timed-out"),
  VALUE (CONNECTION_IDLE, "connection-idle"),
  VALUE (SERVER_SHUTDOWN, "server-shutdown"),
  VALUE (SOCKET_DISCONNECTION, "socket-disconnection"),
  VALUE (PEER_CONNECTION_FAILED, "peer-connection-failed"),
  VALUE (SIP_FAILED, "sip-failed"),
  VALUE (ACCESS_DENIED, "access-denied"),
  VALUE (STREAM_FAILED, "stream-failed"),
  VALUE (NO_COMMON_CODEC, "no-common-codec"),
  VALUE (FINGERPRINT_MISMATCH, "fingerprint-mismatch"),
  VALUE (MESSAGE_TOO_LARGE, "message-too-large"),
  VALUE (INVALID_MESSAGE, "invalid-message"),
  VALUE (REPLACE_TRACK_FAILED, "replace-track-failed"),
  VALUE (MISSING_PLUGIN, "missing-plugin"),
  VALUE (ENCODING_FAILED, "encoding-failed"),
  VALUE (UNSUITABLE_MEDIA, "unsuitable-media"),
  VALUE (CLOSED, "closed"),
  VALUE (INVALID_OPTION, "invalid-option"),
  VALUE (WOULD_BLOCK, "would-block"),
  VALUE (GOING_AWAY, "going-away"),
#undef VALUE
  {0, NULL, NULL}
};

/**
 * gst_wsctl_error_quark:
 *
 * The domain of the library's errors; %GST_WSCTL_ERROR is shorter. Any thread.
 *
 * Returns: the quark
 */
/* By hand: `indent` breaks a hyphenated name in G_DEFINE_QUARK(). */
GQuark
gst_wsctl_error_quark (void)
{
  return g_quark_from_static_string ("gst-wsctl-error-quark");
}

GType
gst_wsctl_error_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlError", error_values));

  return type;
}

/**
 * gst_wsctl_error_get_name:
 * @code: an error code of %GST_WSCTL_ERROR
 *
 * The short name of @code as the Ceeblue client says it ("Connection failed"),
 * or in the same manner for those that it does not have. Never %NULL. Any
 * thread.
 *
 * Returns: (transfer none): the name
 */
const gchar *
gst_wsctl_error_get_name (GstWsctlError code)
{
  switch (code) {
    case GST_WSCTL_ERROR_FAILED:
      return "Failed";
    case GST_WSCTL_ERROR_INVALID_URI:
      return "Invalid URI";
    case GST_WSCTL_ERROR_HOST_NOT_FOUND:
      return "Host not found";
    case GST_WSCTL_ERROR_CONNECTION_FAILED:
      return "Connection failed";
    case GST_WSCTL_ERROR_TLS:
      return "Certificate not accepted";
    case GST_WSCTL_ERROR_UNEXPECTED_STATUS:
      return "Unexpected status";
    case GST_WSCTL_ERROR_TIMED_OUT:
      return "Timed out";
    case GST_WSCTL_ERROR_CONNECTION_IDLE:
      return "Connection idle";
    case GST_WSCTL_ERROR_SERVER_SHUTDOWN:
      return "Server shutdown";
    case GST_WSCTL_ERROR_SOCKET_DISCONNECTION:
      return "Socket disconnection";
    case GST_WSCTL_ERROR_PEER_CONNECTION_FAILED:
      return "RTCPeerConnection failed";
    case GST_WSCTL_ERROR_SIP_FAILED:
      return "SIP failed";
    case GST_WSCTL_ERROR_ACCESS_DENIED:
      return "Access denied";
    case GST_WSCTL_ERROR_STREAM_FAILED:
      return "Stream failed";
    case GST_WSCTL_ERROR_NO_COMMON_CODEC:
      return "No common codec";
    case GST_WSCTL_ERROR_FINGERPRINT_MISMATCH:
      return "Fingerprint mismatch";
    case GST_WSCTL_ERROR_MESSAGE_TOO_LARGE:
      return "Message too large";
    case GST_WSCTL_ERROR_INVALID_MESSAGE:
      return "Invalid message";
    case GST_WSCTL_ERROR_REPLACE_TRACK_FAILED:
      return "Replace track failed";
    case GST_WSCTL_ERROR_MISSING_PLUGIN:
      return "Missing plugin";
    case GST_WSCTL_ERROR_ENCODING_FAILED:
      return "Encoding failed";
    case GST_WSCTL_ERROR_UNSUITABLE_MEDIA:
      return "Unsuitable media";
    case GST_WSCTL_ERROR_CLOSED:
      return "Closed";
    case GST_WSCTL_ERROR_INVALID_OPTION:
      return "Invalid option";
    case GST_WSCTL_ERROR_WOULD_BLOCK:
      return "Would block";
    case GST_WSCTL_ERROR_GOING_AWAY:
      return "Going away";
  }

  return "Failed";
}
