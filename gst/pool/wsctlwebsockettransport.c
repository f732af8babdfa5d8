/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Frames `{"type": …, "data": {…}}` on the channel that sessions use, too
 * (docs/protocol.md, "Pool signalling").
 */

#include "wsctlwebsockettransport-private.h"

#include <string.h>

#include "wsctlconfigchannel-private.h"
#include "wsctlssp-private.h"

#define DEFAULT_PATH "/ssp"

struct _GstWsctlWebsocketTransport
{
  GObject parent;

  GstWsctlConfig *config;
  GstWsctlChannel *channel;     /* the loop only */
};

static void
gst_wsctl_websocket_transport_iface_init (GstWsctlTransportInterface * iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstWsctlWebsocketTransport,
    gst_wsctl_websocket_transport, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (GST_WSCTL_TYPE_TRANSPORT,
        gst_wsctl_websocket_transport_iface_init));

static void
on_opened (GstWsctlChannel * channel, GstWsctlTransport * self)
{
  gst_wsctl_transport_opened (self);
}

static void
on_message (GstWsctlChannel * channel, const gchar * text,
    GstWsctlTransport * self)
{
  g_autofree gchar *type = NULL;
  g_autofree gchar *data = NULL;

  if (strlen (text) <= GST_WSCTL_SSP_MAX_MESSAGE_SIZE
      && gst_wsctl_ssp_split (text, &type, &data))
    gst_wsctl_transport_received (self, type, data);
}

static void
on_closed (GstWsctlChannel * channel, const GError * error,
    GstWsctlTransport * self)
{
  if (error != NULL)
    gst_wsctl_transport_failed (self, error);
  else
    gst_wsctl_transport_closed (self);
}

static void
open_transport (GstWsctlTransport * transport)
{
  GstWsctlWebsocketTransport *self = GST_WSCTL_WEBSOCKET_TRANSPORT (transport);
  g_autoptr (GError) error = NULL;

  self->channel = gst_wsctl_config_new_channel (self->config,
      GST_WSCTL_CONFIG_CHANNEL_SESSION, &error);
  if (self->channel == NULL) {
    gst_wsctl_transport_failed (transport, error);
    return;
  }

  g_signal_connect (self->channel, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect (self->channel, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->channel, "closed", G_CALLBACK (on_closed), self);
  gst_wsctl_channel_open (self->channel);
}

static gboolean
send_message (GstWsctlTransport * transport, const gchar * type,
    const gchar * data, GError ** error)
{
  GstWsctlWebsocketTransport *self = GST_WSCTL_WEBSOCKET_TRANSPORT (transport);
  g_autofree gchar *text = gst_wsctl_ssp_join (type, data, error);

  return text != NULL && gst_wsctl_channel_send (self->channel, text, error);
}

static void
close_transport (GstWsctlTransport * transport)
{
  GstWsctlWebsocketTransport *self = GST_WSCTL_WEBSOCKET_TRANSPORT (transport);

  if (self->channel != NULL)
    gst_wsctl_channel_close (self->channel);
}

static void
gst_wsctl_websocket_transport_iface_init (GstWsctlTransportInterface * iface)
{
  iface->open = open_transport;
  iface->send = send_message;
  iface->close = close_transport;
}

/* What has a path is taken as it is. */
static gboolean
has_path (const gchar * uri)
{
  const gchar *scheme = strstr (uri, "://");
  const gchar *path = strchr (scheme != NULL ? scheme + 3 : uri, '/');

  return path != NULL && path[1] != '\0' && path[1] != '?';
}

static gchar *
add_path (const gchar * uri)
{
  const gchar *query = strchr (uri, '?');
  g_autofree gchar *start =
      g_strndup (uri, query != NULL ? query - uri : strlen (uri));

  if (g_str_has_suffix (start, "/"))
    start[strlen (start) - 1] = '\0';

  return g_strconcat (start, DEFAULT_PATH, query, NULL);
}

GstWsctlTransport *
gst_wsctl_websocket_transport_new (GstWsctlConfig * config)
{
  GstWsctlWebsocketTransport *self =
      g_object_new (GST_WSCTL_TYPE_WEBSOCKET_TRANSPORT, NULL);
  g_autofree gchar *uri = NULL;

  self->config = gst_wsctl_config_copy (config);
  g_object_get (config, "uri", &uri, NULL);
  if (uri != NULL && !has_path (uri)) {
    g_autofree gchar *full = add_path (uri);

    g_object_set (self->config, "uri", full, NULL);
  }

  return GST_WSCTL_TRANSPORT (self);
}

static void
gst_wsctl_websocket_transport_dispose (GObject * object)
{
  GstWsctlWebsocketTransport *self = GST_WSCTL_WEBSOCKET_TRANSPORT (object);

  if (self->channel != NULL)
    g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
  g_clear_object (&self->config);

  G_OBJECT_CLASS (gst_wsctl_websocket_transport_parent_class)->dispose (object);
}

static void
gst_wsctl_websocket_transport_class_init (GstWsctlWebsocketTransportClass *
    klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_wsctl_websocket_transport_dispose;
}

static void
gst_wsctl_websocket_transport_init (GstWsctlWebsocketTransport * self)
{
}
