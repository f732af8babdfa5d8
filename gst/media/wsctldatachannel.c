/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlDataChannel:
 *
 * Messages, text or binary, from one peer of a pool to another (RFC 8831, W3C
 * RTCDataChannel). Made by gst_wsctl_connection_create_data_channel() on one
 * side, given by #GstWsctlConnection::datachannel on the other.
 *
 * A channel lives as long as its connection, whatever the connection has to do to
 * stay: when it is made anew, what is sent meanwhile waits and goes out then.
 * Messages that were on their way at that moment may be lost.
 *
 * Functions may be called from any thread. Signals come on the thread of the
 * library's loop, in the order of the messages: a handler must not wait.
 *
 * Since: 0.1
 */

#include "wsctldatachannelinternal-private.h"

GST_DEBUG_CATEGORY (wsctldatachannel_debug);
#define GST_CAT_DEFAULT wsctldatachannel_debug

#define DEFAULT_MAX_BUFFERED_AMOUNT (16 * 1024 * 1024)

enum
{
  PROP_0,
  PROP_LABEL,
  PROP_PROTOCOL,
  PROP_ID,
  PROP_ORDERED,
  PROP_MAX_PACKET_LIFETIME,
  PROP_MAX_RETRANSMITS,
  PROP_NEGOTIATED,
  PROP_READY_STATE,
  PROP_BUFFERED_AMOUNT,
  PROP_BUFFERED_AMOUNT_LOW_THRESHOLD,
  PROP_MAX_BUFFERED_AMOUNT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static guint signals[GST_WSCTL_DATA_CHANNEL_N_SIGNALS];

G_DEFINE_FINAL_TYPE (GstWsctlDataChannel, gst_wsctl_data_channel,
    G_TYPE_OBJECT);

void
gst_wsctl_data_channel_emit (GstWsctlDataChannel * self,
    GstWsctlDataChannelSignal signal, ...)
{
  va_list arguments;

  va_start (arguments, signal);
  g_signal_emit_valist (self, signals[signal], 0, arguments);
  va_end (arguments);
}

gboolean
gst_wsctl_data_channel_advance (GstWsctlDataChannel * self,
    GstWsctlDataChannelState state)
{
  gboolean advanced;

  g_mutex_lock (&self->lock);
  advanced = self->state < state;
  if (advanced)
    self->state = state;
  g_mutex_unlock (&self->lock);

  if (advanced)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY_STATE]);

  return advanced;
}

GstWsctlDataChannel *
gst_wsctl_data_channel_new (GstWsctlLoop * loop, const gchar * label,
    const GstWsctlDataChannelOptions * options)
{
  GstWsctlDataChannel *self = g_object_new (GST_WSCTL_TYPE_DATA_CHANNEL, NULL);

  self->loop = gst_wsctl_loop_ref (loop);
  self->label = g_strdup (label);
  self->options = gst_wsctl_data_channel_options_copy (options);
  self->id = options->id;

  return self;
}

GstWsctlDataChannel *
gst_wsctl_data_channel_new_of_peer (GstWsctlLoop * loop, GObject * object,
    gconstpointer carrier)
{
  GstWebRTCDataChannel *inner = GST_WEBRTC_DATA_CHANNEL (object);
  GstWsctlDataChannel *self = g_object_new (GST_WSCTL_TYPE_DATA_CHANNEL, NULL);
  g_autofree gchar *label = NULL;
  g_autofree gchar *protocol = NULL;

  self->loop = gst_wsctl_loop_ref (loop);
  self->options = gst_wsctl_data_channel_options_new ("", NULL, NULL);
  g_clear_pointer (&self->options->protocol, g_free);
  g_object_get (inner, "label", &label, "protocol", &protocol,
      "ordered", &self->options->ordered,
      "max-packet-lifetime", &self->options->max_packet_lifetime_ms,
      "max-retransmits", &self->options->max_retransmits,
      "priority", &self->options->priority, "id", &self->id, NULL);
  self->label = g_utf8_make_valid (label != NULL ? label : "", -1);
  self->options->protocol =
      g_utf8_make_valid (protocol != NULL ? protocol : "", -1);
  gst_wsctl_data_channel_attach (self, object, carrier);

  return self;
}

GstStructure *
gst_wsctl_data_channel_get_request (GstWsctlDataChannel * self)
{
  GstStructure *request =
      gst_wsctl_data_channel_options_to_structure (self->options);

  g_mutex_lock (&self->lock);
  if (self->id != -1)
    gst_structure_set (request, "negotiated", G_TYPE_BOOLEAN, TRUE,
        "id", G_TYPE_INT, self->id, NULL);
  g_mutex_unlock (&self->lock);

  return request;
}

/**
 * gst_wsctl_data_channel_get_label:
 * @self: a data channel
 *
 * The name of the channel (RFC 8832). It never changes. Any thread.
 *
 * Returns: (transfer none): the label given when it was made
 */
const gchar *
gst_wsctl_data_channel_get_label (GstWsctlDataChannel * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self), NULL);

  return self->label;
}

/**
 * gst_wsctl_data_channel_get_id:
 * @self: a data channel
 *
 * The number of the channel in its connection (RFC 8832). Any thread.
 *
 * Returns: the number of the SCTP stream, -1 before there is one
 */
gint
gst_wsctl_data_channel_get_id (GstWsctlDataChannel * self)
{
  gint id;

  g_return_val_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self), -1);

  g_mutex_lock (&self->lock);
  id = self->id;
  g_mutex_unlock (&self->lock);

  return id;
}

/**
 * gst_wsctl_data_channel_get_state:
 * @self: a data channel
 *
 * How far the channel is, as #GstWsctlDataChannel:ready-state. Any thread.
 *
 * Returns: how far it is
 */
GstWsctlDataChannelState
gst_wsctl_data_channel_get_state (GstWsctlDataChannel * self)
{
  GstWsctlDataChannelState state;

  g_return_val_if_fail (GST_WSCTL_IS_DATA_CHANNEL (self),
      GST_WSCTL_DATA_CHANNEL_STATE_CLOSED);

  g_mutex_lock (&self->lock);
  state = self->state;
  g_mutex_unlock (&self->lock);

  return state;
}

static void
set_low_threshold (GstWsctlDataChannel * self, guint64 threshold)
{
  g_mutex_lock (&self->lock);
  self->low_threshold = threshold;
  if (self->inner != NULL)
    g_object_set (self->inner, "buffered-amount-low-threshold", threshold,
        NULL);
  g_mutex_unlock (&self->lock);
}

static void
gst_wsctl_data_channel_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstWsctlDataChannel *self = GST_WSCTL_DATA_CHANNEL (object);

  switch (prop_id) {
    case PROP_BUFFERED_AMOUNT_LOW_THRESHOLD:
      set_low_threshold (self, g_value_get_uint64 (value));
      break;
    case PROP_MAX_BUFFERED_AMOUNT:
      g_mutex_lock (&self->lock);
      self->max_buffered = g_value_get_uint64 (value);
      g_mutex_unlock (&self->lock);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_data_channel_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstWsctlDataChannel *self = GST_WSCTL_DATA_CHANNEL (object);

  switch (prop_id) {
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_PROTOCOL:
      g_value_set_string (value, self->options->protocol);
      break;
    case PROP_ID:
      g_value_set_int (value, gst_wsctl_data_channel_get_id (self));
      break;
    case PROP_ORDERED:
      g_value_set_boolean (value, self->options->ordered);
      break;
    case PROP_MAX_PACKET_LIFETIME:
      g_value_set_int (value, self->options->max_packet_lifetime_ms);
      break;
    case PROP_MAX_RETRANSMITS:
      g_value_set_int (value, self->options->max_retransmits);
      break;
    case PROP_NEGOTIATED:
      g_value_set_boolean (value, self->options->negotiated);
      break;
    case PROP_READY_STATE:
      g_value_set_enum (value, gst_wsctl_data_channel_get_state (self));
      break;
    case PROP_BUFFERED_AMOUNT:
      g_value_set_uint64 (value,
          gst_wsctl_data_channel_get_buffered_amount (self));
      break;
    case PROP_BUFFERED_AMOUNT_LOW_THRESHOLD:
      g_mutex_lock (&self->lock);
      g_value_set_uint64 (value, self->low_threshold);
      g_mutex_unlock (&self->lock);
      break;
    case PROP_MAX_BUFFERED_AMOUNT:
      g_mutex_lock (&self->lock);
      g_value_set_uint64 (value, self->max_buffered);
      g_mutex_unlock (&self->lock);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_data_channel_finalize (GObject * object)
{
  GstWsctlDataChannel *self = GST_WSCTL_DATA_CHANNEL (object);

  g_queue_clear_full (&self->waiting, gst_wsctl_data_message_free);
  g_clear_object (&self->inner);
  g_clear_object (&self->next);
  g_clear_pointer (&self->options, gst_wsctl_data_channel_options_free);
  g_free (self->label);
  g_mutex_clear (&self->lock);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_data_channel_parent_class)->finalize (object);
}

static void
gst_wsctl_data_channel_class_init (GstWsctlDataChannelClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctldatachannel_debug, "wsctldatachannel", 0,
      "WebRTC WebSocket control: data channel");

  object_class->set_property = gst_wsctl_data_channel_set_property;
  object_class->get_property = gst_wsctl_data_channel_get_property;
  object_class->finalize = gst_wsctl_data_channel_finalize;

  /**
   * GstWsctlDataChannel:label:
   *
   * What it is called; need not be unique.
   */
  properties[PROP_LABEL] =
      g_param_spec_string ("label", "Label", "What it is called", NULL,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:protocol:
   *
   * What is spoken on it; as the two sides agree, empty for nothing in
   * particular.
   */
  properties[PROP_PROTOCOL] =
      g_param_spec_string ("protocol", "Protocol", "What is spoken on it",
      NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:id:
   *
   * Number of the SCTP stream; -1 before there is one.
   */
  properties[PROP_ID] =
      g_param_spec_int ("id", "Id", "Number of the SCTP stream", -1, 65534, -1,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:ordered:
   *
   * Whether messages come in the order in which they were sent.
   */
  properties[PROP_ORDERED] =
      g_param_spec_boolean ("ordered", "Ordered", "Messages keep their order",
      TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:max-packet-lifetime:
   *
   * How long a message that is lost is sent again, in milliseconds; -1: until it
   * arrives.
   */
  properties[PROP_MAX_PACKET_LIFETIME] =
      g_param_spec_int ("max-packet-lifetime", "Max packet lifetime",
      "How long a message is sent again, in ms (-1 = as long as it takes)",
      -1, G_MAXUINT16, -1, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:max-retransmits:
   *
   * How often a message that is lost is sent again; -1: until it arrives.
   */
  properties[PROP_MAX_RETRANSMITS] =
      g_param_spec_int ("max-retransmits", "Max retransmits",
      "How often a message is sent again (-1 = as often as it takes)", -1,
      G_MAXUINT16, -1, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:negotiated:
   *
   * Whether both sides made it by themselves, with the same id, so that nothing
   * is asked on the wire.
   */
  properties[PROP_NEGOTIATED] =
      g_param_spec_boolean ("negotiated", "Negotiated",
      "Both sides know of it by themselves", FALSE,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:ready-state:
   *
   * How far it is. Notified on the thread of the loop, but for
   * %GST_WSCTL_DATA_CHANNEL_STATE_CLOSING: on that of the caller.
   */
  properties[PROP_READY_STATE] =
      g_param_spec_enum ("ready-state", "Ready state", "How far it is",
      GST_WSCTL_TYPE_DATA_CHANNEL_STATE,
      GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:buffered-amount:
   *
   * Bytes taken that have not been given to SCTP yet. Not notified.
   */
  properties[PROP_BUFFERED_AMOUNT] =
      g_param_spec_uint64 ("buffered-amount", "Buffered amount",
      "Bytes that are not sent yet", 0, G_MAXUINT64, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:buffered-amount-low-threshold:
   *
   * When #GstWsctlDataChannel:buffered-amount falls to so many bytes,
   * #GstWsctlDataChannel::on-buffered-amount-low is emitted.
   */
  properties[PROP_BUFFERED_AMOUNT_LOW_THRESHOLD] =
      g_param_spec_uint64 ("buffered-amount-low-threshold",
      "Buffered amount low threshold",
      "Bytes from which on-buffered-amount-low is emitted", 0, G_MAXUINT64,
      0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlDataChannel:max-buffered-amount:
   *
   * How many bytes may wait to be sent; more are refused with
   * %GST_WSCTL_ERROR_WOULD_BLOCK, so that memory does not grow. One message
   * is always taken when nothing waits.
   */
  properties[PROP_MAX_BUFFERED_AMOUNT] =
      g_param_spec_uint64 ("max-buffered-amount", "Max buffered amount",
      "Bytes taken and not sent yet at the most", 0, G_MAXUINT64,
      DEFAULT_MAX_BUFFERED_AMOUNT, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GstWsctlDataChannel::on-open:
   * @self: the data channel
   *
   * Messages can be sent. Once; not for a channel of the peer, which is open
   * when it is given.
   */
  signals[GST_WSCTL_DATA_CHANNEL_SIGNAL_OPEN] =
      g_signal_new ("on-open", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 0);

  /**
   * GstWsctlDataChannel::on-close:
   * @self: the data channel
   * @error: (nullable): why; %NULL when one of the two sides closed it
   *
   * It is over. Once.
   */
  signals[GST_WSCTL_DATA_CHANNEL_SIGNAL_CLOSE] =
      g_signal_new ("on-close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * GstWsctlDataChannel::on-message-string:
   * @self: the data channel
   * @text: the message, valid UTF-8; may be empty
   *
   * Text has come.
   */
  signals[GST_WSCTL_DATA_CHANNEL_SIGNAL_STRING] =
      g_signal_new ("on-message-string", type, G_SIGNAL_RUN_LAST, 0, NULL,
      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * GstWsctlDataChannel::on-message-data:
   * @self: the data channel
   * @data: the message; may be empty
   *
   * Binary data has come.
   */
  signals[GST_WSCTL_DATA_CHANNEL_SIGNAL_DATA] =
      g_signal_new ("on-message-data", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 1, G_TYPE_BYTES);

  /**
   * GstWsctlDataChannel::on-buffered-amount-low:
   * @self: the data channel
   *
   * No more waits to be sent than #GstWsctlDataChannel:buffered-amount-low-threshold:
   * there is room for more.
   */
  signals[GST_WSCTL_DATA_CHANNEL_SIGNAL_LOW] =
      g_signal_new ("on-buffered-amount-low", type, G_SIGNAL_RUN_LAST, 0, NULL,
      NULL, NULL, G_TYPE_NONE, 0);

  gst_wsctl_data_channel_send_class_init (object_class);
}

static void
gst_wsctl_data_channel_init (GstWsctlDataChannel * self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->waiting);
  self->id = -1;
  self->max_buffered = DEFAULT_MAX_BUFFERED_AMOUNT;
}
