/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a publisher says on its data channels is timed data of its stream, as
 * what is posted is; a player gets it on a channel for such. Whoever opens one
 * for commands has them answered there (docs/protocol.md, "Data channels").
 */

#include "wsctlserversession-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "wsctljson-private.h"

#define GST_CAT_DEFAULT wsctlserverchannels_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define CONTROL "MistControl"
#define DATA "JSON"
#define ANY_DATA "*"

#define MAX_ITEMS 200           /* at once, and … */
#define ITEMS_A_SECOND 100
#define MAX_CONTROLS 100        /* that wait */

static gboolean
on_tick (gpointer data)
{
  GstWsctlServerSession *self = data;

  if (gst_wsctl_lite_channels_is_waiting (self->channels)) {
    gst_wsctl_lite_channels_tick (self->channels);
    return G_SOURCE_CONTINUE;
  }
  gst_wsctl_loop_clear_timer (&self->tick_timer);

  return G_SOURCE_REMOVE;
}

static void
start_ticking (GstWsctlServerSession * self)
{
  if (self->tick_timer == NULL && !self->ended
      && gst_wsctl_lite_channels_is_waiting (self->channels))
    self->tick_timer = gst_wsctl_loop_add_timer (self->core->loop,
        GST_WSCTL_LITE_CHANNELS_TICK_MS, on_tick, self, NULL);
}

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
take_item (GstWsctlServerSession * self, const gchar * text)
{
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

/* A command may end the session, which what calls the channels does not bear. */
static gboolean
run_controls (gpointer data)
{
  GstWsctlServerSession *self = data;

  gst_wsctl_loop_clear_timer (&self->control_timer);
  while (!self->ended && self->controls.length > 0) {
    g_autofree gchar *text = g_queue_pop_head (&self->controls);

    gst_wsctl_server_session_take_message (self, text);
  }

  return G_SOURCE_REMOVE;
}

static void
queue_control (GstWsctlServerSession * self, const gchar * text)
{
  if (self->controls.length >= MAX_CONTROLS)
    return;

  g_queue_push_tail (&self->controls, g_strdup (text));
  if (self->control_timer == NULL)
    self->control_timer = gst_wsctl_loop_add_timer (self->core->loop, 0,
        run_controls, self, NULL);
}

static void
take_text (const gchar * label, const gchar * protocol, const gchar * text,
    gpointer data)
{
  GstWsctlServerSession *self = data;

  if (self->ended)
    return;

  if (strcmp (label, CONTROL) == 0 || strcmp (protocol, CONTROL) == 0)
    queue_control (self, text);
  else if (self->ingest != NULL)
    take_item (self, text);
}

/* On the transport of the media, which is there or there is none */
void
gst_wsctl_server_session_open_channels (GstWsctlServerSession * self,
    GstWsctlServerOffer * offer)
{
  static const GstWsctlLiteChannelsCallbacks callbacks = {
    .send = send_packet,
    .text = take_text,
  };

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverchannels_debug,
        "wsctlserverchannels", 0, "wsctl server: data channels");

  if (self->peer == NULL
      || gst_wsctl_server_offer_choose_channels (offer) == NULL)
    return;

  self->channels = gst_wsctl_lite_channels_new (&callbacks, self);
  if (self->faults & GST_WSCTL_SERVER_WAY_OF_MIST)
    gst_wsctl_lite_channels_set_ack (self->channels, '2');
}

void
gst_wsctl_server_session_take_sctp (GstWsctlServerSession * self,
    const guint8 * packet, gsize size)
{
  if (self->channels == NULL || self->ended)
    return;

  gst_wsctl_lite_channels_receive (self->channels, packet, size);
  start_ticking (self);
}

void
gst_wsctl_server_session_stop_channels (GstWsctlServerSession * self)
{
  gst_wsctl_loop_clear_timer (&self->tick_timer);
  gst_wsctl_loop_clear_timer (&self->control_timer);
}

void
gst_wsctl_server_session_close_channels (GstWsctlServerSession * self)
{
  g_clear_pointer (&self->channels, gst_wsctl_lite_channels_free);
  g_queue_clear_full (&self->controls, g_free);
}

gboolean
gst_wsctl_server_session_has_control (GstWsctlServerSession * self)
{
  return self->channels != NULL && !self->ended
      && gst_wsctl_lite_channels_has (self->channels, CONTROL);
}

gboolean
gst_wsctl_server_session_send_control (GstWsctlServerSession * self,
    const gchar * text)
{
  gboolean sent = gst_wsctl_lite_channels_send (self->channels, CONTROL, text);

  start_ticking (self);

  return sent;
}

/* Whoever does not take them goes without: the picture is worth more. */
void
gst_wsctl_server_session_send_item (GstWsctlServerSession * self,
    const gchar * item)
{
  const gchar *name;

  if (self->channels == NULL || self->player == NULL || self->ended)
    return;
  name = gst_wsctl_lite_channels_has (self->channels, DATA) ? DATA : ANY_DATA;
  if (!gst_wsctl_lite_channels_has (self->channels, name))
    return;

  if (!gst_wsctl_lite_channels_send (self->channels, name, item))
    GST_INFO ("%u: takes no more data, an item is dropped", self->id);
  start_ticking (self);
}
