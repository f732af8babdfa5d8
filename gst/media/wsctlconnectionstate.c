/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlconnection.h"

static const GEnumValue state_values[] = {
#define VALUE(name, nick) { GST_WSCTL_CONNECTION_STATE_ ## name, \
    "GST_WSCTL_CONNECTION_STATE_" #name, nick }
  VALUE (NEW, "new"),
  VALUE (CONNECTING, "connecting"),
  VALUE (CONNECTED, "connected"),
  VALUE (FAILED, "failed"),
  VALUE (CLOSED, "closed"),
#undef VALUE
  {0, NULL, NULL}
};

GType
gst_wsctl_connection_state_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlConnectionState", state_values));

  return type;
}

/**
 * gst_wsctl_connection_state_get_nick:
 * @state: a state
 *
 * The name of a state, as the W3C's RTCPeerConnectionState has it. Any thread.
 *
 * Returns: (transfer none): its name: "new", "connecting"
 */
const gchar *
gst_wsctl_connection_state_get_nick (GstWsctlConnectionState state)
{
  return state_values[state].value_nick;
}
