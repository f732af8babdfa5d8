/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlconnection-private.h"

GstWsctlConnectionParams *
gst_wsctl_connection_params_copy (const GstWsctlConnectionParams * params)
{
  GstWsctlConnectionParams *copy = g_new (GstWsctlConnectionParams, 1);

  *copy = *params;
  copy->stun_server = g_strdup (params->stun_server);
  copy->turn_servers = (const gchar * const *)
      g_strdupv ((gchar **) params->turn_servers);
  copy->local_addresses = (const gchar * const *)
      g_strdupv ((gchar **) params->local_addresses);

  return copy;
}

void
gst_wsctl_connection_params_free (GstWsctlConnectionParams * params)
{
  g_free ((gchar *) params->stun_server);
  g_strfreev ((gchar **) params->turn_servers);
  g_strfreev ((gchar **) params->local_addresses);
  g_free (params);
}
