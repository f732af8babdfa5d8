/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a publisher says on its data channels is timed data of its stream, as
 * what is posted is.
 */

#include "wsctlserversession-private.h"

#include <json-glib/json-glib.h>

#include "wsctljson-private.h"

#define MAX_ITEMS 200           /* at once, and … */
#define ITEMS_A_SECOND 100

static void
send_packet (const guint8 * packet, gsize size, gpointer data)
{
  GstWsctlServerSession *self = data;

  gst_wsctl_lite_peer_send_sctp (self->peer, packet, size);
}

static gboolean
is_json (const gchar * text)
{
  g_autofree gchar *whole = g_strdup_printf ("{\"data\":%s}", text);
  g_autoptr (JsonObject) object = gst_wsctl_json_parse (whole, NULL);

  return object != NULL && json_object_get_size (object) == 1;
}

/* JSON as it is, and anything else as a string */
static void
take_text (const gchar * label, const gchar * text, gpointer data)
{
  GstWsctlServerSession *self = data;
  g_autofree gchar *quoted = NULL;

  /* Before it costs anything */
  if (!gst_wsctl_server_bucket_take (&self->items, MAX_ITEMS, ITEMS_A_SECOND,
          g_get_monotonic_time ()))
    return;
  if (!is_json (text)) {
    g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);

    json_node_set_string (node, text);
    quoted = json_to_string (node, FALSE);
  }
  self->core->give (self->stream_name, quoted != NULL ? quoted : text,
      self->address, self->core->data);
}

void
gst_wsctl_server_session_open_channels (GstWsctlServerSession * self)
{
  static const GstWsctlLiteChannelsCallbacks callbacks = {
    .send = send_packet,
    .text = take_text,
  };

  self->channels = gst_wsctl_lite_channels_new (&callbacks, self);
}

void
gst_wsctl_server_session_take_sctp (GstWsctlServerSession * self,
    const guint8 * packet, gsize size)
{
  if (self->channels != NULL && !self->ended)
    gst_wsctl_lite_channels_receive (self->channels, packet, size);
}
