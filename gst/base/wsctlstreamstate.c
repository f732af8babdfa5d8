/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlstreamstate.h"

static const GEnumValue state_values[] = {
#define VALUE(name, nick) { GST_WSCTL_STREAM_STATE_ ## name, \
    "GST_WSCTL_STREAM_STATE_" #name, nick }
  VALUE (UNKNOWN, "unknown"),
  VALUE (ONLINE, "online"),
  VALUE (OFFLINE, "offline"),
  VALUE (INITIALIZING, "initializing"),
  VALUE (BOOTING, "booting"),
  VALUE (WAITING_FOR_DATA, "waiting-for-data"),
  VALUE (FAILED, "failed"),
#undef VALUE
  {0, NULL, NULL}
};

GType
gst_wsctl_stream_state_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlStreamState", state_values));

  return type;
}

/**
 * gst_wsctl_stream_state_get_nick:
 * @state: a state
 *
 * Any thread.
 *
 * Returns: (transfer none): the name of @state in lower case, "unknown" for what
 *   is none
 */
const gchar *
gst_wsctl_stream_state_get_nick (GstWsctlStreamState state)
{
  guint i;

  for (i = 0; state_values[i].value_nick != NULL; i++) {
    if (state_values[i].value == (gint) state)
      return state_values[i].value_nick;
  }

  return state_values[0].value_nick;
}
