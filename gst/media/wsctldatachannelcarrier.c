/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What carries a data channel, and what comes of it: webrtcbin tells on a thread
 * of its own, and the loop decides.
 */

#include "wsctldatachannelinternal-private.h"

#include "wsctlerror.h"

GST_DEBUG_CATEGORY_EXTERN (wsctldatachannel_debug);
#define GST_CAT_DEFAULT wsctldatachannel_debug

/* From webrtcbin's own thread to the loop. Holds the channel weakly: a note on
 * its way keeps nothing alive. */
typedef struct
{
  GWeakRef self;
  GstWebRTCDataChannel *inner;
  GstWsctlDataMessage *message;
  GError *error;
} Note;

static Note *
new_note (GstWsctlDataChannel * self, GstWebRTCDataChannel * inner)
{
  Note *note = g_new0 (Note, 1);

  g_weak_ref_init (&note->self, self);
  note->inner = g_object_ref (inner);

  return note;
}

static void
free_note (gpointer data)
{
  Note *note = data;

  g_weak_ref_clear (&note->self);
  g_object_unref (note->inner);
  g_clear_pointer (&note->message, gst_wsctl_data_message_free);
  g_clear_error (&note->error);
  g_free (note);
}

static GQuark
get_carrier_quark (void)
{
  return g_quark_from_static_string ("gst-wsctl-data-channel-carrier");
}

void
gst_wsctl_data_channel_detach (GstWsctlDataChannel * self,
    gconstpointer carrier)
{
  g_autoptr (GstWebRTCDataChannel) inner = NULL;
  gboolean waiting;

  g_mutex_lock (&self->lock);
  if (self->inner != NULL && g_object_get_qdata (G_OBJECT (self->inner),
          get_carrier_quark ()) == carrier)
    inner = g_steal_pointer (&self->inner);
  waiting = self->next != NULL;
  g_mutex_unlock (&self->lock);

  /* Closed, and there is nobody to tell. */
  if (inner != NULL && !waiting && gst_wsctl_data_channel_get_state (self)
      == GST_WSCTL_DATA_CHANNEL_STATE_CLOSING)
    gst_wsctl_data_channel_end (self, NULL);
}

static void
take_open (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlDataChannel) self = g_weak_ref_get (&note->self);
  g_autoptr (GstWebRTCDataChannel) old = NULL;
  GstWsctlDataChannelState state;

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  if (self->next != note->inner) {
    g_mutex_unlock (&self->lock);
    return;
  }
  old = g_steal_pointer (&self->inner);
  self->inner = g_steal_pointer (&self->next);
  g_object_get (self->inner, "id", &self->id, NULL);
  g_object_set (self->inner, "buffered-amount-low-threshold",
      self->low_threshold, NULL);
  gst_wsctl_data_channel_send_waiting (self);
  state = self->state;
  g_mutex_unlock (&self->lock);

  GST_DEBUG ("'%s' is open on stream %d", self->label, self->id);
  if (state == GST_WSCTL_DATA_CHANNEL_STATE_CLOSING) {
    gst_wsctl_data_channel_close_carrier (self, note->inner);
  } else if (state == GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING) {
    gst_wsctl_data_channel_advance (self, GST_WSCTL_DATA_CHANNEL_STATE_OPEN);
    gst_wsctl_data_channel_emit (self, GST_WSCTL_DATA_CHANNEL_SIGNAL_OPEN);
  }
}

/* The end of what carried it before is none of its own; and when it is closed by
 * us, a complaint of webrtcbin's that its elements are in each other's way is no
 * error. */
static void
take_close (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlDataChannel) self = g_weak_ref_get (&note->self);
  gboolean current;
  gboolean wanted;

  if (self == NULL)
    return;

  g_mutex_lock (&self->lock);
  current = note->inner == self->inner && self->next == NULL;
  wanted = self->state == GST_WSCTL_DATA_CHANNEL_STATE_CLOSING;
  g_mutex_unlock (&self->lock);
  if (current)
    gst_wsctl_data_channel_end (self, wanted ? NULL : note->error);
}

static void
take_message (gpointer data)
{
  Note *note = data;
  GstWsctlDataMessage *message = note->message;
  g_autoptr (GstWsctlDataChannel) self = g_weak_ref_get (&note->self);
  g_autofree gchar *text = NULL;

  if (self == NULL || gst_wsctl_data_channel_get_state (self)
      == GST_WSCTL_DATA_CHANNEL_STATE_CLOSED)
    return;

  if (!message->is_text) {
    if (message->data == NULL)
      message->data = g_bytes_new (NULL, 0);
    gst_wsctl_data_channel_emit (self, GST_WSCTL_DATA_CHANNEL_SIGNAL_DATA,
        message->data);
    return;
  }

  /* A peer sends what it likes. */
  text = g_utf8_make_valid (message->text != NULL ? message->text : "", -1);
  gst_wsctl_data_channel_emit (self, GST_WSCTL_DATA_CHANNEL_SIGNAL_STRING,
      text);
}

static void
take_low (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlDataChannel) self = g_weak_ref_get (&note->self);

  if (self != NULL)
    gst_wsctl_data_channel_emit (self, GST_WSCTL_DATA_CHANNEL_SIGNAL_LOW);
}

/* These come on webrtcbin's own thread. */
static void
queue_note (GWeakRef * weak, GstWebRTCDataChannel * inner,
    GstWsctlLoopFunc func, GstWsctlDataMessage * message, const GError * error)
{
  g_autoptr (GstWsctlDataChannel) self = g_weak_ref_get (weak);
  Note *note;

  if (self == NULL) {
    g_clear_pointer (&message, gst_wsctl_data_message_free);
    return;
  }

  note = new_note (self, inner);
  note->message = message;
  note->error = error != NULL ? g_error_new (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_FAILED, "the data channel '%s' was lost: %s",
      self->label, error->message) : NULL;
  gst_wsctl_loop_call (self->loop, func, note, free_note);
}

static void
on_open (GstWebRTCDataChannel * inner, GWeakRef * weak)
{
  queue_note (weak, inner, take_open, NULL, NULL);
}

static void
on_close (GstWebRTCDataChannel * inner, GWeakRef * weak)
{
  queue_note (weak, inner, take_close, NULL, NULL);
}

static void
on_error (GstWebRTCDataChannel * inner, const GError * error, GWeakRef * weak)
{
  queue_note (weak, inner, take_close, NULL, error);
}

static void
on_message_string (GstWebRTCDataChannel * inner, const gchar * text,
    GWeakRef * weak)
{
  queue_note (weak, inner, take_message, gst_wsctl_data_message_new (TRUE, text,
          NULL), NULL);
}

static void
on_message_data (GstWebRTCDataChannel * inner, GBytes * data, GWeakRef * weak)
{
  queue_note (weak, inner, take_message, gst_wsctl_data_message_new (FALSE,
          NULL, data), NULL);
}

static void
on_buffered_amount_low (GstWebRTCDataChannel * inner, GWeakRef * weak)
{
  queue_note (weak, inner, take_low, NULL, NULL);
}

static void
free_weak (gpointer data, GClosure * closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
connect_weakly (GstWsctlDataChannel * self, GstWebRTCDataChannel * inner,
    const gchar * signal, GCallback handler)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  g_signal_connect_data (inner, signal, handler, weak, free_weak, 0);
}

void
gst_wsctl_data_channel_attach (GstWsctlDataChannel * self, GObject * object,
    gconstpointer carrier)
{
  GstWebRTCDataChannel *inner = GST_WEBRTC_DATA_CHANNEL (object);
  GstWebRTCDataChannelState state;

  g_object_set_qdata (object, get_carrier_quark (), (gpointer) carrier);
  g_mutex_lock (&self->lock);
  g_set_object (&self->next, inner);
  g_mutex_unlock (&self->lock);

  connect_weakly (self, inner, "on-open", G_CALLBACK (on_open));
  connect_weakly (self, inner, "on-close", G_CALLBACK (on_close));
  connect_weakly (self, inner, "on-error", G_CALLBACK (on_error));
  connect_weakly (self, inner, "on-message-string",
      G_CALLBACK (on_message_string));
  connect_weakly (self, inner, "on-message-data", G_CALLBACK (on_message_data));
  connect_weakly (self, inner, "on-buffered-amount-low",
      G_CALLBACK (on_buffered_amount_low));

  /* It may have been faster than we; to be told twice does no harm. */
  g_object_get (inner, "ready-state", &state, NULL);
  if (state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN)
    gst_wsctl_loop_call (self->loop, take_open, new_note (self, inner),
        free_note);
}
