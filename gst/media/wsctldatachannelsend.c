/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a data channel sends, and its end.
 */

#include "wsctldatachannelinternal-private.h"

#include <string.h>

#include "wsctldatachannelbins-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_EXTERN (wsctldatachannel_debug);
#define GST_CAT_DEFAULT wsctldatachannel_debug

/* A peer's webrtcbin of 1.22 that hears of the end before it has told of the
 * beginning never answers. */
#define CLOSING_TIMEOUT_MS 3000

GstWsctlDataMessage *
gst_wsctl_data_message_new (gboolean is_text, const gchar * text, GBytes * data)
{
  GstWsctlDataMessage *message = g_new0 (GstWsctlDataMessage, 1);

  message->is_text = is_text;
  message->text = g_strdup (text);
  message->data = data != NULL ? g_bytes_ref (data) : NULL;

  return message;
}

void
gst_wsctl_data_message_free (gpointer data)
{
  GstWsctlDataMessage *message = data;

  g_free (message->text);
  g_clear_pointer (&message->data, g_bytes_unref);
  g_free (message);
}

static gsize
get_message_size (const GstWsctlDataMessage * message)
{
  if (message->is_text)
    return message->text != NULL ? strlen (message->text) : 0;

  return message->data != NULL ? g_bytes_get_size (message->data) : 0;
}

static guint64
get_inner_amount (GstWebRTCDataChannel * inner)
{
  guint64 amount = 0;

  if (inner != NULL)
    g_object_get (inner, "buffered-amount", &amount, NULL);

  return amount;
}

/* Lock held */
static gboolean
send_now (GstWsctlDataChannel * self, const GstWsctlDataMessage * message,
    GError ** error)
{
  GBytes *data = message->data;
  g_autoptr (GError) inner_error = NULL;
  gboolean sent;

  /* webrtcbin takes NULL for what is empty, and nothing else. */
  if (message->is_text)
    sent = gst_webrtc_data_channel_send_string_full (self->inner,
        message->text, &inner_error);
  else
    sent = gst_webrtc_data_channel_send_data_full (self->inner, data,
        &inner_error);
  if (sent)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR,
      g_error_matches (inner_error, GST_WEBRTC_ERROR,
          GST_WEBRTC_ERROR_TYPE_ERROR) ? GST_WSCTL_ERROR_MESSAGE_TOO_LARGE
      : GST_WSCTL_ERROR_CLOSED, "the message of %" G_GSIZE_FORMAT
      " bytes was not sent: %s", get_message_size (message),
      inner_error != NULL ? inner_error->message : "no reason given");

  return FALSE;
}

/* Lock held */
static gboolean
check_room (GstWsctlDataChannel * self, gsize size, GError ** error)
{
  guint64 amount;

  if (self->state != GST_WSCTL_DATA_CHANNEL_STATE_OPEN) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the data channel '%s' is not open", self->label);
    return FALSE;
  }

  amount = self->waiting_size + get_inner_amount (self->inner);
  if (amount > 0 && amount + size > self->max_buffered) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_WOULD_BLOCK,
        "the data channel '%s' holds %" G_GUINT64_FORMAT " bytes that are not "
        "sent yet, of %" G_GUINT64_FORMAT "; wait for "
        "'on-buffered-amount-low'", self->label, amount, self->max_buffered);
    return FALSE;
  }

  return TRUE;
}

/* Takes @message. */
static gboolean
send (GstWsctlDataChannel * self, GstWsctlDataMessage * message,
    GError ** error)
{
  gsize size = get_message_size (message);
  gboolean sent;

  g_mutex_lock (&self->lock);
  sent = check_room (self, size, error);
  if (sent && (self->inner == NULL || self->waiting.length > 0)) {
    g_queue_push_tail (&self->waiting, g_steal_pointer (&message));
    self->waiting_size += size;
  } else if (sent) {
    sent = send_now (self, message, error);
  }
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&message, gst_wsctl_data_message_free);

  return sent;
}

/* Lock held. What does not go out now never will: its channel has just been
 * lost, or it is larger than the new peer takes. */
void
gst_wsctl_data_channel_send_waiting (GstWsctlDataChannel * self)
{
  GstWsctlDataMessage *message;

  while ((message = g_queue_pop_head (&self->waiting)) != NULL) {
    g_autoptr (GError) error = NULL;

    if (!send_now (self, message, &error))
      GST_WARNING ("%s", error->message);
    gst_wsctl_data_message_free (message);
  }
  self->waiting_size = 0;
}

/**
 * gst_wsctl_data_channel_get_buffered_amount:
 * @self: a data channel
 *
 * What is still waiting here, as the W3C's RTCDataChannel.bufferedAmount. Any
 * thread.
 *
 * Returns: bytes taken that have not been given to SCTP yet
 */
guint64
gst_wsctl_data_channel_get_buffered_amount (GstWsctlDataChannel * self)
{
  guint64 amount;

  g_return_val_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self), 0);

  g_mutex_lock (&self->lock);
  amount = self->waiting_size + get_inner_amount (self->inner);
  g_mutex_unlock (&self->lock);

  return amount;
}

void
gst_wsctl_data_channel_end (GstWsctlDataChannel * self, const GError * error)
{
  g_autoptr (GstWebRTCDataChannel) inner = NULL;
  g_autoptr (GstWebRTCDataChannel) next = NULL;
  /* The timer may be the last to know it. */
  g_autoptr (GstWsctlDataChannel) alive = g_object_ref (self);

  if (!gst_wsctl_data_channel_advance (self,
          GST_WSCTL_DATA_CHANNEL_STATE_CLOSED))
    return;

  g_mutex_lock (&self->lock);
  inner = g_steal_pointer (&self->inner);
  next = g_steal_pointer (&self->next);
  g_queue_clear_full (&self->waiting, gst_wsctl_data_message_free);
  self->waiting_size = 0;
  g_mutex_unlock (&self->lock);

  gst_wsctl_loop_clear_timer (&self->closing);
  gst_wsctl_data_channel_emit (self, GST_WSCTL_DATA_CHANNEL_SIGNAL_CLOSE,
      error);
}

/**
 * gst_wsctl_data_channel_send_string:
 * @self: a data channel
 * @text: UTF-8
 * @error: why not: %GST_WSCTL_ERROR_CLOSED unless open,
 *   %GST_WSCTL_ERROR_WOULD_BLOCK when too much is waiting already,
 *   %GST_WSCTL_ERROR_MESSAGE_TOO_LARGE for more than the peer takes
 *
 * Sends one message. Never waits. Any thread.
 *
 * Returns: %TRUE when it is on its way
 */
gboolean
gst_wsctl_data_channel_send_string (GstWsctlDataChannel * self,
    const gchar * text, GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);

  return send (self, gst_wsctl_data_message_new (TRUE,
          *text != '\0' ? text : NULL, NULL), error);
}

/**
 * gst_wsctl_data_channel_send_data:
 * @self: a data channel
 * @data: the message; may be empty
 * @error: why not, see gst_wsctl_data_channel_send_string()
 *
 * Sends one message. Never waits. Any thread.
 *
 * Returns: %TRUE when it is on its way
 */
gboolean
gst_wsctl_data_channel_send_data (GstWsctlDataChannel * self, GBytes * data,
    GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self), FALSE);
  g_return_val_if_fail (data != NULL, FALSE);

  return send (self, gst_wsctl_data_message_new (FALSE, NULL,
          g_bytes_get_size (data) > 0 ? data : NULL), error);
}

static gboolean
on_closing_timeout (gpointer data)
{
  gst_wsctl_data_channel_end (data, NULL);

  return G_SOURCE_REMOVE;
}

static void
run_close_inner (gpointer data)
{
  GstWsctlDataChannel *self = data;
  g_autoptr (GstWebRTCDataChannel) inner = NULL;

  g_mutex_lock (&self->lock);
  g_set_object (&inner, self->inner);
  g_mutex_unlock (&self->lock);
  if (inner == NULL)
    return;

  gst_webrtc_data_channel_close (inner);
  if (self->closing == NULL)
    self->closing = gst_wsctl_loop_add_timer (self->loop, CLOSING_TIMEOUT_MS,
        on_closing_timeout, g_object_ref (self), g_object_unref);
}

/* On any thread */
static void
on_drained (gpointer inner, gpointer data)
{
  GstWsctlDataChannel *self = data;

  gst_wsctl_loop_call (self->loop, run_close_inner, g_object_ref (self),
      g_object_unref);
}

void
gst_wsctl_data_channel_close_carrier (GstWsctlDataChannel * self,
    GstWebRTCDataChannel * inner)
{
  gst_wsctl_data_channel_bins_drain (G_OBJECT (inner), on_drained,
      g_object_ref (self), g_object_unref);
}

static void
run_close (gpointer data)
{
  GstWsctlDataChannel *self = data;
  g_autoptr (GstWebRTCDataChannel) inner = NULL;
  gboolean waiting;

  g_mutex_lock (&self->lock);
  g_set_object (&inner, self->inner);
  waiting = self->next != NULL;
  g_mutex_unlock (&self->lock);

  if (inner != NULL)
    gst_wsctl_data_channel_close_carrier (self, inner);
  else if (!waiting)
    gst_wsctl_data_channel_end (self, NULL);
}

/**
 * gst_wsctl_data_channel_close:
 * @self: a data channel
 *
 * Closes it, when all that was sent is on its way; #GstWsctlDataChannel::on-close
 * tells when that is done. Again, it does nothing. Any thread.
 */
void
gst_wsctl_data_channel_close (GstWsctlDataChannel * self)
{
  g_return_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self));

  if (gst_wsctl_data_channel_advance (self,
          GST_WSCTL_DATA_CHANNEL_STATE_CLOSING))
    gst_wsctl_loop_call (self->loop, run_close, g_object_ref (self),
        g_object_unref);
}

static gboolean
do_send_string (GstWsctlDataChannel * self, const gchar * text)
{
  g_autoptr (GError) error = NULL;

  if (text != NULL && gst_wsctl_data_channel_send_string (self, text, &error))
    return TRUE;

  GST_INFO ("%s", error != NULL ? error->message : "no text to send");

  return FALSE;
}

static gboolean
do_send_data (GstWsctlDataChannel * self, GBytes * data)
{
  g_autoptr (GError) error = NULL;

  if (data != NULL && gst_wsctl_data_channel_send_data (self, data, &error))
    return TRUE;

  GST_INFO ("%s", error != NULL ? error->message : "no data to send");

  return FALSE;
}

static void
new_action (GObjectClass * klass, const gchar * name, GCallback func,
    GType result, guint n, GType argument)
{
  g_signal_new_class_handler (name, G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, func, NULL, NULL, NULL, result, n,
      argument);
}

void
gst_wsctl_data_channel_send_class_init (GObjectClass * klass)
{
  /**
   * GstWsctlDataChannel::send-string:
   * @self: the data channel
   * @text: UTF-8
   *
   * gst_wsctl_data_channel_send_string() for those who have the element and not
   * the library. Returns whether it is on its way.
   */
  new_action (klass, "send-string", G_CALLBACK (do_send_string),
      G_TYPE_BOOLEAN, 1, G_TYPE_STRING);

  /**
   * GstWsctlDataChannel::send-data:
   * @self: the data channel
   * @data: the message
   *
   * gst_wsctl_data_channel_send_data(), likewise.
   */
  new_action (klass, "send-data", G_CALLBACK (do_send_data), G_TYPE_BOOLEAN, 1,
      G_TYPE_BYTES);

  /**
   * GstWsctlDataChannel::close:
   * @self: the data channel
   *
   * gst_wsctl_data_channel_close(), likewise.
   */
  new_action (klass, "close", G_CALLBACK (gst_wsctl_data_channel_close),
      G_TYPE_NONE, 0, G_TYPE_NONE);
}
