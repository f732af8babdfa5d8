/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A channel without a network, so that a session can be tested step by step.
 */

#include "wsctlmemorychannel-private.h"

#include "wsctlerror.h"

typedef enum
{
  EVENT_OPENED,
  EVENT_MESSAGE,
  EVENT_CLOSED,
} EventType;

typedef struct
{
  EventType type;
  gchar *text;
  GError *error;
} Event;

typedef enum
{
  STATE_NEW,
  STATE_OPEN,
  STATE_CLOSED,                 /* takes no more; "closed" may be on its way */
} State;

struct _GstWsctlMemoryChannel
{
  GObject parent;

  State state;
  GstWsctlMemoryChannel *peer;  /* weak */
  GMainContext *context;
  GSource *source;              /* runs the first event */
  GQueue events;                /* Event, not yet told */
};

static void gst_wsctl_memory_channel_iface_init (GstWsctlChannelInterface *
    iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstWsctlMemoryChannel,
    gst_wsctl_memory_channel, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (GST_WSCTL_TYPE_CHANNEL,
        gst_wsctl_memory_channel_iface_init));

static void
free_event (gpointer data)
{
  Event *event = data;

  g_free (event->text);
  g_clear_error (&event->error);
  g_free (event);
}

static Event *
make_event (EventType type, const gchar * text, const GError * error)
{
  Event *event = g_new0 (Event, 1);

  event->type = type;
  event->text = g_strdup (text);
  event->error = error != NULL ? g_error_copy (error) : NULL;

  return event;
}

static void
clear_source (GstWsctlMemoryChannel * self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static gboolean
tell_event (gpointer data)
{
  g_autoptr (GstWsctlMemoryChannel) self = g_object_ref (data);
  GstWsctlChannel *channel = GST_WSCTL_CHANNEL (self);
  Event *event = g_queue_pop_head (&self->events);

  /* The source goes first: a handler may send, which makes a new one. */
  if (g_queue_is_empty (&self->events))
    clear_source (self);

  switch (event->type) {
    case EVENT_OPENED:
      gst_wsctl_channel_emit_opened (channel);
      break;
    case EVENT_MESSAGE:
      gst_wsctl_channel_emit_message (channel, event->text);
      break;
    case EVENT_CLOSED:
      self->state = STATE_CLOSED;
      g_queue_clear_full (&self->events, free_event);
      clear_source (self);
      gst_wsctl_channel_emit_closed (channel, event->error);
      break;
  }
  free_event (event);

  return G_SOURCE_CONTINUE;
}

/* Nothing is told before open(). */
static void
schedule (GstWsctlMemoryChannel * self)
{
  if (self->source != NULL || self->state == STATE_NEW
      || g_queue_is_empty (&self->events))
    return;

  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, tell_event, self, NULL);
  g_source_attach (self->source, self->context);
}

static void
tell_peer (GstWsctlMemoryChannel * self, EventType type, const gchar * text,
    const GError * error)
{
  GstWsctlMemoryChannel *peer = self->peer;

  if (peer == NULL || peer->state == STATE_CLOSED)
    return;

  g_queue_push_tail (&peer->events, make_event (type, text, error));
  schedule (peer);
}

static void
open_channel (GstWsctlChannel * channel)
{
  GstWsctlMemoryChannel *self = GST_WSCTL_MEMORY_CHANNEL (channel);

  g_return_if_fail (self->state == STATE_NEW);

  self->state = STATE_OPEN;
  g_queue_push_head (&self->events, make_event (EVENT_OPENED, NULL, NULL));
  schedule (self);
}

static gboolean
send_text (GstWsctlChannel * channel, const gchar * text, GError ** error)
{
  GstWsctlMemoryChannel *self = GST_WSCTL_MEMORY_CHANNEL (channel);

  if (self->state == STATE_CLOSED) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "The channel is closed");
    return FALSE;
  }
  tell_peer (self, EVENT_MESSAGE, text, NULL);

  return TRUE;
}

/* Lets go of the peer, and tells this end unless it never was open. */
static void
end_channel (GstWsctlMemoryChannel * self)
{
  gboolean opened = self->state == STATE_OPEN;

  g_clear_weak_pointer (&self->peer);
  self->state = STATE_CLOSED;
  g_queue_clear_full (&self->events, free_event);
  clear_source (self);
  if (!opened)
    return;

  g_queue_push_tail (&self->events, make_event (EVENT_CLOSED, NULL, NULL));
  schedule (self);
}

static void
close_channel (GstWsctlChannel * channel, gboolean returning)
{
  GstWsctlMemoryChannel *self = GST_WSCTL_MEMORY_CHANNEL (channel);
  g_autoptr (GError) error = NULL;

  if (self->state == STATE_CLOSED)
    return;

  error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SERVER_SHUTDOWN, "The other end closed the channel");
  tell_peer (self, EVENT_CLOSED, NULL, error);
  end_channel (self);
}

static void
gst_wsctl_memory_channel_iface_init (GstWsctlChannelInterface * iface)
{
  iface->open = open_channel;
  iface->send = send_text;
  iface->close = close_channel;
}

static void
gst_wsctl_memory_channel_init (GstWsctlMemoryChannel * self)
{
  self->context = g_main_context_ref_thread_default ();
  g_queue_init (&self->events);
}

static void
gst_wsctl_memory_channel_dispose (GObject * object)
{
  GstWsctlMemoryChannel *self = GST_WSCTL_MEMORY_CHANNEL (object);

  if (self->state != STATE_CLOSED) {
    g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "The other end is gone");

    tell_peer (self, EVENT_CLOSED, NULL, error);
  }
  self->state = STATE_CLOSED;
  clear_source (self);
  g_clear_weak_pointer (&self->peer);

  G_OBJECT_CLASS (gst_wsctl_memory_channel_parent_class)->dispose (object);
}

static void
gst_wsctl_memory_channel_finalize (GObject * object)
{
  GstWsctlMemoryChannel *self = GST_WSCTL_MEMORY_CHANNEL (object);

  g_queue_clear_full (&self->events, free_event);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (gst_wsctl_memory_channel_parent_class)->finalize (object);
}

static void
gst_wsctl_memory_channel_class_init (GstWsctlMemoryChannelClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = gst_wsctl_memory_channel_dispose;
  object_class->finalize = gst_wsctl_memory_channel_finalize;
}

void
gst_wsctl_memory_channel_new_pair (GstWsctlMemoryChannel ** one,
    GstWsctlMemoryChannel ** other)
{
  *one = g_object_new (GST_WSCTL_TYPE_MEMORY_CHANNEL, NULL);
  *other = g_object_new (GST_WSCTL_TYPE_MEMORY_CHANNEL, NULL);

  g_set_weak_pointer (&(*one)->peer, *other);
  g_set_weak_pointer (&(*other)->peer, *one);
}

void
gst_wsctl_memory_channel_fail (GstWsctlMemoryChannel * self,
    const GError * error)
{
  g_return_if_fail (GST_WSCTL_IS_MEMORY_CHANNEL (self));

  if (self->state == STATE_CLOSED)
    return;

  tell_peer (self, EVENT_CLOSED, NULL, error);
  end_channel (self);
}
