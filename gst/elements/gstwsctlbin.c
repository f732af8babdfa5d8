/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The session of an element: made from READY to PAUSED, opened with PLAYING,
 * closed and waited for on the way back. Nothing here waits for the network.
 */

#include "gstwsctlbin.h"

#include <string.h>

#include "gstwsctlerrors.h"
#include "wsctlcontroller-private.h"
#include "wsctlerror.h"
#include "wsctlloop-private.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlbin_debug);
#define GST_CAT_DEFAULT wsctlbin_debug

typedef struct
{
  GMutex lock;
  GstWsctlConfig *config;       /* lock */
  GstWsctlController *controller;       /* lock; PAUSED and above */
  gboolean wanted;              /* lock: its media are known */
  gboolean playing;             /* lock: has been, so it may begin */
  gboolean opening;             /* lock: begun */
  gboolean told;                /* lock: how it ended */
} GstWsctlBinPrivate;

enum
{
  PROP_STATS = GST_WSCTL_CONFIG_N_PROPS,
  PROP_CONTROLLER,
};

G_STATIC_ASSERT (PROP_CONTROLLER < GST_WSCTL_BIN_FIRST_PROP);

enum
{
  SIGNAL_ON_OPEN,
  SIGNAL_ON_CONNECTED,
  SIGNAL_ON_CLOSE,
  SIGNAL_CLOSE,
  SIGNAL_SEND,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstWsctlBin, gst_wsctl_bin, GST_TYPE_BIN);

#define PRIVATE(self) gst_wsctl_bin_get_instance_private (self)

GstWsctlController *
gst_wsctl_bin_get_controller (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlController *controller;

  g_mutex_lock (&priv->lock);
  controller = priv->controller != NULL ? g_object_ref (priv->controller)
      : NULL;
  g_mutex_unlock (&priv->lock);

  return controller;
}

GstElement *
gst_wsctl_bin_get_webrtcbin (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller == NULL)
    return NULL;

  return gst_object_ref (gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (controller)));
}

/* TRUE the first time in a session: one end, one word about it. */
static gboolean
claim_end (GstWsctlBinPrivate * priv)
{
  gboolean first;

  g_mutex_lock (&priv->lock);
  first = !priv->told;
  priv->told = TRUE;
  g_mutex_unlock (&priv->lock);

  return first;
}

static void
post_error (GstWsctlBin * self, const gchar * uri, const GError * error)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  if (claim_end (priv))
    gst_wsctl_errors_post (GST_ELEMENT (self),
        GST_WSCTL_BIN_GET_CLASS (self)->role, uri, error);
}

void
gst_wsctl_bin_fail (GstWsctlBin * self, const GError * error)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);
  g_autofree gchar *uri = NULL;

  if (controller != NULL) {
    uri = gst_wsctl_controller_get_display_uri (controller);
    gst_wsctl_controller_close (controller, error);
  }
  post_error (self, uri, error);
}

static void
post_event (GstWsctlBin * self, GstStructure * structure)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
on_open (GstWsctlController * controller, GstStructure * stream,
    GstWsctlBin * self)
{
  GST_INFO_OBJECT (self, "open: %" GST_PTR_FORMAT, stream);
  post_event (self, gst_structure_new ("wsctl-open",
          "stream", GST_TYPE_STRUCTURE, stream, NULL));
  g_signal_emit (self, signals[SIGNAL_ON_OPEN], 0, stream);
  GST_WSCTL_BIN_GET_CLASS (self)->opened (self,
      gst_wsctl_controller_get_answer (controller));
}

static void
on_connected (GstWsctlController * controller, GstWsctlBin * self)
{
  post_event (self, gst_structure_new_empty ("wsctl-connected"));
  g_signal_emit (self, signals[SIGNAL_ON_CONNECTED], 0);
  GST_WSCTL_BIN_GET_CLASS (self)->connected (self);
}

static void
on_close (GstWsctlController * controller, const GError * error,
    GstWsctlBin * self)
{
  g_autofree gchar *uri = gst_wsctl_controller_get_display_uri (controller);

  post_event (self, gst_wsctl_errors_describe ("wsctl-close", error));
  g_signal_emit (self, signals[SIGNAL_ON_CLOSE], 0, error);
  if (error != NULL)
    post_error (self, uri, error);
  else if (claim_end (PRIVATE (self)))
    GST_WSCTL_BIN_GET_CLASS (self)->ended (self);
}

static GstWsctlController *
make_controller (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  g_autoptr (GstWsctlConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  GstWsctlController *controller;

  g_mutex_lock (&priv->lock);
  config = gst_wsctl_config_copy (priv->config);
  priv->told = FALSE;
  priv->wanted = FALSE;
  priv->playing = FALSE;
  priv->opening = FALSE;
  g_mutex_unlock (&priv->lock);

  controller = gst_wsctl_controller_new (config,
      GST_WSCTL_BIN_GET_CLASS (self)->role, &error);
  if (controller == NULL) {
    post_error (self, NULL, error);
    return NULL;
  }

  g_signal_connect_object (controller, "on-open", G_CALLBACK (on_open), self,
      0);
  g_signal_connect_object (controller, "on-connected",
      G_CALLBACK (on_connected), self, 0);
  g_signal_connect_object (controller, "on-close", G_CALLBACK (on_close), self,
      0);

  return controller;
}

static gboolean
start (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstWsctlController *controller = make_controller (self);
  GstElement *webrtcbin;

  if (controller == NULL)
    return FALSE;

  g_mutex_lock (&priv->lock);
  priv->controller = controller;
  g_mutex_unlock (&priv->lock);

  webrtcbin = gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (controller));
  gst_bin_add (GST_BIN (self), webrtcbin);

  return TRUE;
}

static gboolean
finish_start (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  return GST_WSCTL_BIN_GET_CLASS (self)->started (self, controller);
}

/* Returns with nothing more to come from the session. */
static void
close_session (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller == NULL)
    return;

  g_signal_handlers_disconnect_by_data (controller, self);
  gst_wsctl_controller_close_sync (controller);
  GST_WSCTL_BIN_GET_CLASS (self)->stopping (self);
}

static void
do_nothing (gpointer data)
{
}

/* The session, and webrtcbin with it, goes on the loop: somebody who leaves the
 * process next must not do so underneath it. */
static void
wait_for_loop (void)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();

  gst_wsctl_loop_call_sync (loop, do_nothing, NULL);
}

static void
stop (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (self);
  GstWsctlController *controller;

  GST_WSCTL_BIN_GET_CLASS (self)->stopped (self);
  if (webrtcbin != NULL) {
    gst_element_set_locked_state (webrtcbin, TRUE);
    gst_element_set_state (webrtcbin, GST_STATE_NULL);
    gst_bin_remove (GST_BIN (self), webrtcbin);
  }

  g_mutex_lock (&priv->lock);
  controller = g_steal_pointer (&priv->controller);
  g_mutex_unlock (&priv->lock);
  g_clear_object (&controller);
  wait_for_loop ();
}

/* How it went, the signals tell. On the loop, for an answer goes to the context
 * of whoever asked, and the application's may never run. */
static void
run_open (gpointer data)
{
  gst_wsctl_controller_open_async (data, NULL, NULL, NULL);
}

/* Once both have come: the media, and the state. */
static void
note_come (GstWsctlBinPrivate * priv, gboolean * come)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();
  g_autoptr (GstWsctlController) controller = NULL;

  g_mutex_lock (&priv->lock);
  *come = TRUE;
  if (priv->wanted && priv->playing && !priv->opening
      && priv->controller != NULL) {
    priv->opening = TRUE;
    controller = g_object_ref (priv->controller);
  }
  g_mutex_unlock (&priv->lock);

  if (controller != NULL)
    gst_wsctl_loop_call (loop, run_open, g_steal_pointer (&controller),
        g_object_unref);
}

void
gst_wsctl_bin_open (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  note_come (priv, &priv->wanted);
}

static GstStateChangeReturn
gst_wsctl_bin_change_state (GstElement * element, GstStateChange transition)
{
  GstWsctlBin *self = GST_WSCTL_BIN (element);
  GstWsctlBinPrivate *priv = PRIVATE (self);
  GstStateChangeReturn ret;

  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      gst_wsctl_warmup_start ();
      break;
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (!start (self)) {
        stop (self);
        return GST_STATE_CHANGE_FAILURE;
      }
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      /* Not before: live elements give nothing in PAUSED, so that DTLS would get
       * no further, and a server gives up a peer that it hears nothing from. */
      note_come (priv, &priv->playing);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      close_session (self);
      break;
    default:
      break;
  }

  ret = GST_ELEMENT_CLASS (gst_wsctl_bin_parent_class)->change_state (element,
      transition);

  switch (transition) {
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (ret == GST_STATE_CHANGE_FAILURE || !finish_start (self)) {
        close_session (self);
        stop (self);
        return GST_STATE_CHANGE_FAILURE;
      }
      ret = GST_STATE_CHANGE_NO_PREROLL;
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      if (ret != GST_STATE_CHANGE_FAILURE)
        ret = GST_STATE_CHANGE_NO_PREROLL;
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      stop (self);
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      gst_wsctl_warmup_settle ();
      break;
    default:
      break;
  }

  return ret;
}

/* What goes wrong inside is told once, in our words; what goes wrong because the
 * session is over is no news. */
static void
take_inner_error (GstWsctlBin * self, GstMessage * message)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;
  const gchar *reason;

  gst_message_parse_error (message, &cause, &debug);
  GST_INFO_OBJECT (self, "%s says: %s (%s)", GST_MESSAGE_SRC_NAME (message),
      cause->message, debug);
  /* The reason is behind it all: "streaming stopped, reason not-linked". */
  reason = debug != NULL ? strrchr (debug, '\n') : NULL;
  error = g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
      "%s failed: %s%s%s%s", GST_MESSAGE_SRC_NAME (message), cause->message,
      reason != NULL ? " (" : "", reason != NULL ? reason + 1 : "",
      reason != NULL ? ")" : "");
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

static GstStructure *
get_stats (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);
  GstStructure *stats;

  if (controller == NULL)
    return NULL;

  stats = gst_wsctl_connection_get_stats (gst_wsctl_controller_get_connection
      (controller));
  if (GST_WSCTL_BIN_GET_CLASS (self)->add_stats != NULL)
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
  known = gst_wsctl_config_set_value (priv->config, prop_id, value);
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
  known = gst_wsctl_config_get_value (priv->config, prop_id, value);
  g_mutex_unlock (&priv->lock);

  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
close_by_action (GstWsctlBin * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self);

  if (controller != NULL)
    gst_wsctl_controller_close (controller, NULL);
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

  g_object_unref (priv->config);
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
   *   `video-codec`
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
   * GstWsctlBin::on-close:
   * @self: the element
   * @error: (nullable): why, or %NULL when it ended in order
   *
   * The session has ended, or never came to be. Also the element message
   * `wsctl-close`.
   */
  signals[SIGNAL_ON_CLOSE] =
      g_signal_new ("on-close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * GstWsctlBin::close:
   * @self: the element
   *
   * Closes the session and leaves the element in its state.
   */
  signals[SIGNAL_CLOSE] =
      g_signal_new_class_handler ("close", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (close_by_action), NULL,
      NULL, NULL, G_TYPE_NONE, 0);

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

  install_signals (klass);
  gst_type_mark_as_plugin_api (GST_TYPE_WSCTL_BIN, 0);
}

static void
gst_wsctl_bin_init (GstWsctlBin * self)
{
  GstWsctlBinPrivate *priv = PRIVATE (self);

  g_mutex_init (&priv->lock);
  priv->config = gst_wsctl_config_new (NULL);
}
