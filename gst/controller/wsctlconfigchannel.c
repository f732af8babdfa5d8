/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From what the user configured to a way to the server.
 */

#include "wsctlconfigchannel-private.h"

#include "wsctladdress-private.h"
#include "wsctlwebsocketchannel-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlconfigchannel_debug);
#define GST_CAT_DEFAULT wsctlconfigchannel_debug

GstWsctlChannel *
gst_wsctl_config_new_channel (GstWsctlConfig * config, GError ** error)
{
  g_autoptr (GstWsctlAddress) address = NULL;
  g_auto (GStrv) headers = NULL;
  GstWsctlWebsocketParams params = { NULL, };

  address = gst_wsctl_address_new (config->uri, config->stream,
      config->access_token, config->audio_track, config->video_track, error);
  if (address == NULL)
    return NULL;

  GST_DEBUG_CATEGORY_INIT (wsctlconfigchannel_debug, "wsctlconfigchannel", 0,
      "WebRTC WebSocket control: channel of a configuration");
  GST_INFO_OBJECT (config, "opening %s", address->display);
  headers = gst_wsctl_config_get_header_lines (config);
  params.uri = address->signalling_uri;
  params.headers = (const gchar * const *) headers;
  params.user_agent = config->user_agent;
  params.ca_file = config->ssl_ca_file;
  params.insecure = !config->ssl_strict;
  params.connect_timeout_ms = config->connect_timeout_ms;
  params.max_message_size = config->max_message_size;

  return GST_WSCTL_CHANNEL (gst_wsctl_websocket_channel_new (&params));
}
