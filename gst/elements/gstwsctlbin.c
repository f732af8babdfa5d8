/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What both elements are to others: states, properties, signals, messages.
 */

#include "gstwsctlbinprivate.h"

#include <string.h>

#include "gstwsctlerrors.h"
#include "gstwsctlframes.h"
#include "wsctlerror.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlbin_debug);
#define GST_CAT_DEFAULT wsctlbin_debug

enum
{
  PROP_STATS = GST_WSCTL_CONFIG_N_PROPS,
  PROP_CONTROLLER,
  FIRST_RECONNECT_PROP,
};

G_STATIC_ASSERT (FIRST_RECONNECT_PROP + GST_WSCTL_RECONNECT_N_PROPS
    == GST_WSCTL_BIN_FIRST_PROP);

enum
{
  SIGNAL_ON_OPEN,
  SIGNAL_ON_CONNECTED,
  SIGNAL_ON_RECONNECTING,
  SIGNAL_ON_CLOSE,
  SIGNAL_CLOSE,
  SIGNAL_SEND,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstWsctlBin, gst_wsctl_bin, GST_TYPE_BIN);

#define PRIVATE(self) gst_wsctl_bin_get_instance_private (self)

GstWsctlBinPrivate *
gst_wsctl_bin_get_private (GstWsctlBin * self)
{
  return PRIVATE (self);
}

static void
post_event (GstWsctlBin * self, GstStructure * structure)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

void
gst_wsctl_bin_emit_open (GstWsctlBin * self, GstStructure * stream)
{
  post_event (self, gst_structure_new ("wsctl-open",
          "stream", GST_TYPE_STRUCTURE, stream, NULL));
  g_signal_emit (self, signals[SIGNAL_ON_OPEN], 0, stream);
}

void
gst_wsctl_bin_emit_connected (GstWsctlBin * self)
{
  post_event (self, gst_structure_new_empty ("wsctl-connected"));
  g_signal_emit (self, signals[SIGNAL_ON_CONNECTED], 0);
}

void
gst_wsctl_bin_emit_reconnecting (GstWsctlBin * self,
    const GstWsctlReconnectPlan * plan, const GError * error)
{
  GstStructure *structure =
      gst_wsctl_errors_describe ("wsctl-reconnecting", error);

  gst_structure_set (structure, "attempt", G_TYPE_UINT, plan->attempt,
      "delay", G_TYPE_UINT, plan->delay_ms, NULL);
  post_event (self, structure);
  g_signal_emit (self, signals[SIGNAL_ON_RECONNECTING], 0, plan->attempt,
      plan->delay_ms, error);
}

void
gst_wsctl_bin_emit_close (GstWsctlBin * self, const GError * error)
{
  post_event (self, gst_wsctl_errors_describe ("wsctl-close", error));
  g_signal_emit (self, signals[SIGNAL_ON_CLOSE], 0, error);
}

static void
tell_playing (GstWsctlBin * self, gboolean playing)
{
  GstWsctlBinClass *klass = GST_WSCTL_BIN_GET_CLASS (self);

  if (klass->playing != NULL)
    klass->playing (self, playing);
}

static GstStateChangeReturn
gst_wsctl_bin_change_state (GstElement * element, GstStateChange transition)
{
  GstWsctlBin *self = GST_WSCTL_BIN (element);
  GstStateChangeReturn ret;

  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      gst_wsctl_warmup_start ();
      break;
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (!gst_wsctl_bin_begin (self)) {
        gst_wsctl_bin_close (self);
        gst_wsctl_bin_end (self);
        return GST_STATE_CHANGE_FAILURE;
      }
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      /* Not before: live elements give nothing in PAUSED, so that DTLS would get
       * no further, and a server gives up a peer that it hears nothing from. */
      gst_wsctl_bin_set_playing (self, TRUE);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      gst_wsctl_bin_set_playing (self, FALSE);
      tell_playing (self, FALSE);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      gst_wsctl_bin_close (self);
      break;
    default:
      break;
  }

  ret = GST_ELEMENT_CLASS (gst_wsctl_bin_parent_class)->change_state (element,
      transition);

  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (ret == GST_STATE_CHANGE_FAILURE || !gst_wsctl_bin_finish_begin (self)) {
        gst_wsctl_bin_close (self);
        gst_wsctl_bin_end (self);
        return GST_STATE_CHANGE_FAILURE;
      }
      ret = GST_STATE_CHANGE_NO_PREROLL;
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      if (ret != GST_STATE_CHANGE_FAILURE)
        tell_playing (self, TRUE);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      if (ret != GST_STATE_CHANGE_FAILURE)
        ret = GST_STATE_CHANGE_NO_PREROLL;
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      gst_wsctl_bin_end (self);
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      gst_wsctl_warmup_settle ();
      break;
    default:
      break;
  }

  return ret;
}

/* What webrtcbin has to say of the network. What it says of the flow, somebody
 * downstream has caused, and would cause again. */
static gboolean
is_of_connection (GstWsctlBin * self, GstMessage * message)
{
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (self);
  const GstStructure *details = NULL;

  if (webrtcbin == NULL || GST_MESSAGE_SRC (message) == NULL
      || !gst_object_has_as_ancestor (GST_MESSAGE_SRC (message),
          GST_OBJECT (webrtcbin)))
    return FALSE;

  gst_message_parse_error_details (message, &details);

  return details == NULL || !gst_structure_has_field (details, "flow-return");
}

/* What goes wrong inside is told once, in our words; what goes wrong because the
 * session is over is no news. The connection's own trouble may pass with it. */
static void
take_inner_error (GstWsctlBin * self, GstMessage * message)
{
  gboolean of_connection = is_of_connection (self, message);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;
  const gchar *reason;

  gst_message_parse_error (message, &cause, &debug);
  GST_INFO_OBJECT (self, "%s says: %s (%s)", GST_MESSAGE_SRC_NAME (message),
      cause->message, debug);
  /* The reason is behind it all: "streaming stopped, reason not-linked". */
  reason = debug != NULL ? strrchr (debug, '\n') : NULL;
  error = g_error_new (GST_WSCTL_ERROR, of_connection
      ? GST_WSCTL_ERROR_PEER_CONNECTION_FAILED : GST_WSCTL_ERROR_FAILED,
      "%s failed: %s%s%s%s", GST_MESSAGE_SRC_NAME (message), cause->message,
      reason != NULL ? " (" : "", reason != NULL ? reason + 1 : "",
      reason != NULL ? ")" : "");
  if (of_connection)
    gst_wsctl_bin_lose (self, error);
  else
    gst_wsctl_bin_fail (self, error);
}

/* A bin passes up what its children post. Its own messages do not come here. */
static void
gst_wsctl_bin_handle_message (GstBin * bin, GstMessage * message)
{
  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      take_inner_error (GST_WSCTL_BIN (bin), message);
      gst_message_unref (message);
      break;
    case GST_MESSAGE_WARNING:
      GST_INFO_OBJECT (bin, "not passed on: %" GST_PTR_FORMAT, message);
      gst_message_unref (message);
      break;
    case GST_MESSAGE_EOS:
      /* We say ourselves when it is over. */
      gst_message_unref (message);
      break;
    default:
      GST_BIN_CLASS (gst_wsctl_bin_parent_class)->handle_message (bin, message);
      break;
  }
}

/* What outlives a session */
static void
add_history (GstWsctlBinPrivate * priv, GstStructure * stats)
{
  g_mutex_lock (&priv->lock);
  gst_structure_set (stats, "reconnects", G_TYPE_UINT,
      priv->reconnect.n_reconnects, "reconnecting", G_TYPE_BOOLEAN, priv->away,
      NULL);
  if (priv->report != NULL)
    gst_structure_set (stats, "last-report", GST_TYPE_STRUCTURE, priv->report,
        "last-report-age", G_TYPE_DOUBLE,
        (g_get_monotonic_time () - priv->report_us) / (gdouble) G_USEC_PER_SEC,
        NULL);
  g_mutex_unlock (&priv->lock);
}

static GstStructure *
get_stats (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);
  GstStructure *stats;
  gboolean active;

  g_mutex_lock (&priv->lock);
  active = priv->active;
  g_mutex_unlock (&priv->lock);
  if (!active)
    return NULL;

  /* Between two sessions there are no packets to count. */
  stats = controller != NULL
      ? gst_wsctl_connection_get_stats (gst_wsctl_controller_get_connection
      (controller)) : gst_structure_new_empty ("application/x-wsctl-stats");
  add_history (priv, stats);
  gst_wsctl_frames_collect (GST_ELEMENT (self), stats);
  if (controller != NULL && GST_WSCTL_BIN_GET_CLASS (self)->add_stats != NULL)
    GST_WSCTL_BIN_GET_CLASS (self)->add_stats (self, stats);

  return stats;
}

static void
gst_wsctl_bin_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstWsctlBinPrivate *priv = PRIVATE (GST_WSCTL_BIN (object));
  gboolean known;

  g_mutex_lock (&priv->lock);
  known = gst_wsctl_config_set_value (priv->config, prop_id, value)
      || gst_wsctl_reconnect_set_value (&priv->reconnect,
      prop_id - FIRST_RECONNECT_PROP, value);
  g_mutex_unlock (&priv->lock);

  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_bin_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstWsctlBin *self = GST_WSCTL_BIN (object);
  GstWsctlBinPrivate *priv = PRIVATE (self);
  gboolean known;

  switch (prop_id) {
    case PROP_STATS:
      g_value_take_boxed (value, get_stats (self));
      return;
    case PROP_CONTROLLER:
      g_value_take_object (value, gst_wsctl_bin_get_controller (self));
      return;
    default:
      break;
  }

  g_mutex_lock (&priv->lock);
  known = gst_wsctl_config_get_value (priv->config, prop_id, value)
      || gst_wsctl_reconnect_get_value (&priv->reconnect,
      prop_id - FIRST_RECONNECT_PROP, value);
  g_mutex_unlock (&priv->lock);

  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static gboolean
send_by_action (GstWsctlBin * self, const gchar * type, GVariant * params)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller == NULL || type == NULL)
    return FALSE;

  gst_wsctl_controller_send (controller, type, params);

  return TRUE;
}

static void
gst_wsctl_bin_finalize (GObject * object)
{
  GstWsctlBinPrivate *priv = PRIVATE (GST_WSCTL_BIN (object));

  g_assert (priv->controller == NULL);

  gst_clear_structure (&priv->report);
  g_object_unref (priv->config);
  g_rec_mutex_clear (&priv->swap_lock);
  g_mutex_clear (&priv->lock);

  G_OBJECT_CLASS (gst_wsctl_bin_parent_class)->finalize (object);
}

static void
install_signals (GstWsctlBinClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  /**
   * GstWsctlBin::on-open:
   * @self: the element
   * @stream: `application/x-wsctl-stream` with `name`, `audio-codec`,
   *   `video-codec`, `audio-caps` and `video-caps`, as
   *   #GstWsctlController:stream
   *
   * The server has accepted the session. Also the element message `wsctl-open`.
   * From the library's own thread: do not wait in a handler.
   */
  signals[SIGNAL_ON_OPEN] =
      g_signal_new ("on-open", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);

  /**
   * GstWsctlBin::on-connected:
   * @self: the element
   *
   * ICE and DTLS are up: media can flow. Also the element message
   * `wsctl-connected`.
   */
  signals[SIGNAL_ON_CONNECTED] =
      g_signal_new ("on-connected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 0);

  /**
   * GstWsctlBin::on-reconnecting:
   * @self: the element
   * @attempt: which try it will be, from 1 on
   * @delay: when, in ms from now
   * @error: why the session before ended, as "on-close" told it
   *
   * Another session is going to be opened, with what the properties say by then:
   * an address or a token may be set in a handler. Also the element message
   * `wsctl-reconnecting`. "on-open" tells of success.
   */
  signals[SIGNAL_ON_RECONNECTING] =
      g_signal_new ("on-reconnecting", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT, G_TYPE_ERROR);

  /**
   * GstWsctlBin::on-close:
   * @self: the element
   * @error: (nullable): why, or %NULL when it ended in order
   *
   * The session has ended, or never came to be. Another one may follow:
   * "on-reconnecting" tells at once. Also the element message `wsctl-close`.
   */
  signals[SIGNAL_ON_CLOSE] =
      g_signal_new ("on-close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * GstWsctlBin::close:
   * @self: the element
   *
   * Closes the session and leaves the element in its state. None follows.
   */
  signals[SIGNAL_CLOSE] =
      g_signal_new_class_handler ("close", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_wsctl_bin_close_by_hand), NULL, NULL, NULL, G_TYPE_NONE,
      0);

  /**
   * GstWsctlBin::send:
   * @self: the element
   * @type: the `type` of a message
   * @params: (nullable): its further members, an `a{sv}` of basic values
   *
   * Sends any command to the server.
   *
   * Returns: FALSE when there is no session
   */
  signals[SIGNAL_SEND] =
      g_signal_new_class_handler ("send", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (send_by_action), NULL,
      NULL, NULL, G_TYPE_BOOLEAN, 2, G_TYPE_STRING, G_TYPE_VARIANT);
}

static void
gst_wsctl_bin_class_init (GstWsctlBinClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlbin_debug, "wsctlbin", 0,
      "WebRTC WebSocket control: session of an element");

  object_class->set_property = gst_wsctl_bin_set_property;
  object_class->get_property = gst_wsctl_bin_get_property;
  object_class->finalize = gst_wsctl_bin_finalize;
  element_class->change_state = gst_wsctl_bin_change_state;
  GST_BIN_CLASS (klass)->handle_message = gst_wsctl_bin_handle_message;

  /**
   * GstWsctlBin:stats:
   *
   * What the session has sent and received: `application/x-wsctl-stats`, names
   * of the W3C's webrtc-stats. `wsctlsink` adds `congestion-control`: the
   * policy, its state, the bitrate that the encoder is told
   * (`target-bitrate`) and what is known of the path. Bitrates are bit/s, times
   * seconds. %NULL without a session. Cheap to read.
   */
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Stats",
          "What the session has sent and received", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  /**
   * GstWsctlBin:controller:
   *
   * The controller of the session, for everything that has no property here.
   * %NULL without a session.
   */
  g_object_class_install_property (object_class, PROP_CONTROLLER,
      g_param_spec_object ("controller", "Controller",
          "The controller of the session", GST_WSCTL_TYPE_CONTROLLER,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_wsctl_reconnect_install_properties (object_class, FIRST_RECONNECT_PROP);
  install_signals (klass);
  gst_type_mark_as_plugin_api (GST_TYPE_WSCTL_BIN, 0);
}

static void
gst_wsctl_bin_init (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_init (&priv->lock);
  g_rec_mutex_init (&priv->swap_lock);
  gst_wsctl_reconnect_init (&priv->reconnect);
  priv->config = gst_wsctl_config_new (NULL);
}
