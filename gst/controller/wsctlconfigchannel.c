/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From what the user configured to a way to the server.
 */

#include "wsctlconfigchannel-private.h"

#include "wsctladdress-private.h"
#include "wsctlerror.h"
#include "wsctlgetchannel-private.h"
#include "wsctlwebsocketchannel-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlconfigchannel_debug);
#define GST_CAT_DEFAULT wsctlconfigchannel_debug

static const gchar *
choose_uri (const GstWsctlAddress * address, GstWsctlConfigChannel what)
{
  switch (what) {
    case GST_WSCTL_CONFIG_CHANNEL_METADATA:
    case GST_WSCTL_CONFIG_CHANNEL_METADATA_ONCE:
      return address->metadata_uri;
    case GST_WSCTL_CONFIG_CHANNEL_DATA:
      return address->data_uri;
    default:
      return address->signalling_uri;
  }
}

GstWsctlChannel *
gst_wsctl_config_new_channel (GstWsctlConfig * config,
    GstWsctlConfigChannel what, GError ** error)
{
  g_autofree gchar *audio = gst_wsctl_config_get_selector (config->audio_track);
  g_autofree gchar *video = gst_wsctl_config_get_selector (config->video_track);
  g_autoptr (GstWsctlAddress) address = NULL;
  g_auto (GStrv) headers = NULL;
  GstWsctlWebsocketParams params = { NULL, };

  GST_DEBUG_CATEGORY_INIT (wsctlconfigchannel_debug, "wsctlconfigchannel", 0,
      "WebRTC WebSocket control: channel of a configuration");

  address = gst_wsctl_address_new (config->uri, config->stream,
      config->access_token, audio, video, error);
  if (address == NULL)
    return NULL;
  params.uri = choose_uri (address, what);
  if (params.uri == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI,
        "The address '%s' names no stream", address->display);
    return NULL;
  }

  GST_INFO_OBJECT (config, "opening %s%s", address->display,
      what == GST_WSCTL_CONFIG_CHANNEL_SESSION ? ""
      : what == GST_WSCTL_CONFIG_CHANNEL_DATA ? " (timed data)"
      : " (metadata)");
  headers = gst_wsctl_config_get_header_lines (config);
  params.headers = (const gchar * const *) headers;
  params.user_agent = config->user_agent;
  params.ca_file = config->ssl_ca_file;
  params.insecure = !config->ssl_strict;
  params.connect_timeout_ms = config->connect_timeout_ms;
  params.max_message_size = config->max_message_size;

  if (what == GST_WSCTL_CONFIG_CHANNEL_METADATA_ONCE)
    return GST_WSCTL_CHANNEL (gst_wsctl_get_channel_new (&params));

  return GST_WSCTL_CHANNEL (gst_wsctl_websocket_channel_new (&params));
}
