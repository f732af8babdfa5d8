/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlController:
 *
 * One session with a server: opens it, negotiates the media, passes commands
 * and reports, closes it. A controller lives for one session; a new one is for
 * a new controller.
 *
 * Put the element of its #GstWsctlConnection into a pipeline that is in READY or
 * above, then open. The elements wsctlsink and wsctlsrc do all of that.
 *
 * A subclass may take over the exchange of offer and answer; make one with
 * g_initable_new(), which may fail as gst_wsctl_controller_new() may.
 *
 * Functions may be called from any thread. Signals and notifications come from
 * the thread of the library's loop, with no lock held: they must not wait.
 *
 * Since: 0.1
 */

#include "wsctlcontrollerinternal-private.h"

#include "wsctlreports-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlcontroller_debug);
#define GST_CAT_DEFAULT wsctlcontroller_debug

enum
{
  PROP_0,
  PROP_CONFIG,
  PROP_ROLE,
  PROP_OPENED,
  PROP_CLOSED,
  PROP_STREAM,
  PROP_STREAM_NAME,
  PROP_CODECS,
  PROP_CONNECTION,
  N_PROPS
};

enum
{
  SIGNAL_ON_OPEN,
  SIGNAL_ON_CONNECTED,
  SIGNAL_ON_CLOSE,
  SIGNAL_ON_VIDEO_BITRATE,
  SIGNAL_ON_MEDIA_REPORT,
  SIGNAL_ON_RTP_PROPS,
  SIGNAL_ON_PLAYING,
  SIGNAL_ON_SEEK,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static const GEnumValue role_values[] = {
  {GST_WSCTL_ROLE_PUBLISH, "GST_WSCTL_ROLE_PUBLISH", "publish"},
  {GST_WSCTL_ROLE_PLAY, "GST_WSCTL_ROLE_PLAY", "play"},
  {0, NULL, NULL}
};

GType
gst_wsctl_role_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlRole", role_values));

  return type;
}

static void
gst_wsctl_controller_initable_iface_init (GInitableIface * iface)
{
  iface->init = gst_wsctl_controller_initable_init;
}

G_DEFINE_TYPE_WITH_CODE (GstWsctlController, gst_wsctl_controller,
    G_TYPE_OBJECT, G_ADD_PRIVATE (GstWsctlController)
    G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE,
        gst_wsctl_controller_initable_iface_init));

#define PRIVATE(self) gst_wsctl_controller_get_instance_private (self)

GstWsctlControllerPrivate *
gst_wsctl_controller_get_private (GstWsctlController * self)
{
  return PRIVATE (self);
}

static void
emit_structure (GstWsctlController * self, guint signal,
    GstStructure * structure)
{
  g_signal_emit (self, signals[signal], 0, structure);
  gst_structure_free (structure);
}

void
gst_wsctl_controller_set_opened (GstWsctlController * self,
    const GstWsctlAnswer * answer)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  GstStructure *stream;

  g_mutex_lock (&priv->lock);
  priv->opened = TRUE;
  priv->stream = gst_wsctl_report_of_stream (priv->stream_name, answer);
  g_strfreev (priv->codecs);
  priv->codecs = gst_wsctl_report_of_codecs (answer);
  stream = gst_structure_copy (priv->stream);
  g_mutex_unlock (&priv->lock);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPENED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STREAM]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CODECS]);
  emit_structure (self, SIGNAL_ON_OPEN, stream);
}

void
gst_wsctl_controller_set_closed (GstWsctlController * self,
    const GError * error)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  gboolean was_open;

  g_mutex_lock (&priv->lock);
  was_open = priv->opened;
  priv->opened = FALSE;
  priv->closed = TRUE;
  g_mutex_unlock (&priv->lock);

  if (was_open)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPENED]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOSED]);
  g_signal_emit (self, signals[SIGNAL_ON_CLOSE], 0, error);
}

void
gst_wsctl_controller_emit_connected (GstWsctlController * self)
{
  g_signal_emit (self, signals[SIGNAL_ON_CONNECTED], 0);
}

void
gst_wsctl_controller_emit_event (GstWsctlController * self,
    const GstWsctlEvent * event)
{
  switch (event->type) {
    case GST_WSCTL_EVENT_VIDEO_BITRATE:
      g_signal_emit (self, signals[SIGNAL_ON_VIDEO_BITRATE], 0,
          (guint64) MAX (event->video_bitrate_bps, 0),
          (guint64) MAX (event->video_bitrate_constraint_bps, 0));
      break;
    case GST_WSCTL_EVENT_RTP_PROPS:
      g_signal_emit (self, signals[SIGNAL_ON_RTP_PROPS], 0,
          (gint) CLAMP (event->nack, -1, G_MAXINT),
          (gint) CLAMP (event->drop, -1, G_MAXINT));
      break;
    case GST_WSCTL_EVENT_MEDIA_RECEIVE:
      emit_structure (self, SIGNAL_ON_MEDIA_REPORT,
          gst_wsctl_report_of_media (event));
      break;
    case GST_WSCTL_EVENT_TIME:
      emit_structure (self, SIGNAL_ON_PLAYING,
          gst_wsctl_report_of_playing (event));
      break;
    case GST_WSCTL_EVENT_SEEK:
      emit_structure (self, SIGNAL_ON_SEEK, gst_wsctl_report_of_seek (event));
      break;
    case GST_WSCTL_EVENT_TRACK_DROP:
      GST_WARNING_OBJECT (self, "the server dropped %s track %"
          G_GINT64_FORMAT, event->mediatype, event->track);
      break;
    default:
      break;
  }
}

static void
gst_wsctl_controller_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstWsctlController *self = GST_WSCTL_CONTROLLER (object);
  GstWsctlControllerPrivate *priv = PRIVATE (self);

  switch (prop_id) {
    case PROP_CONFIG:
      if (g_value_get_object (value) != NULL)
        priv->config = gst_wsctl_config_copy (g_value_get_object (value));
      break;
    case PROP_ROLE:
      priv->role = g_value_get_enum (value);
      break;
    case PROP_CODECS:
      gst_wsctl_controller_set_codecs (self, g_value_get_boxed (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_controller_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstWsctlController *self = GST_WSCTL_CONTROLLER (object);
  GstWsctlControllerPrivate *priv = PRIVATE (self);

  switch (prop_id) {
    case PROP_CONFIG:
      g_value_take_object (value, gst_wsctl_config_copy (priv->config));
      break;
    case PROP_ROLE:
      g_value_set_enum (value, priv->role);
      break;
    case PROP_OPENED:
      g_value_set_boolean (value, gst_wsctl_controller_get_opened (self));
      break;
    case PROP_CLOSED:
      g_value_set_boolean (value, gst_wsctl_controller_get_closed (self));
      break;
    case PROP_STREAM:
      g_value_take_boxed (value, gst_wsctl_controller_get_stream (self));
      break;
    case PROP_STREAM_NAME:
      g_value_take_string (value, gst_wsctl_controller_get_stream_name (self));
      break;
    case PROP_CODECS:
      g_value_take_boxed (value, gst_wsctl_controller_get_codecs (self));
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, priv->connection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
close_session (gpointer data)
{
  gst_wsctl_session_close (data, NULL);
}

static void
gst_wsctl_controller_dispose (GObject * object)
{
  GstWsctlControllerPrivate *priv = PRIVATE (GST_WSCTL_CONTROLLER (object));

  /* A session belongs to the loop; it ends there, and there it is let go. */
  if (priv->session != NULL)
    gst_wsctl_loop_call (priv->loop, close_session,
        g_steal_pointer (&priv->session), g_object_unref);
  g_clear_object (&priv->connection);
  g_clear_object (&priv->config);
  g_clear_object (&priv->cancellable);

  G_OBJECT_CLASS (gst_wsctl_controller_parent_class)->dispose (object);
}

static void
gst_wsctl_controller_finalize (GObject * object)
{
  GstWsctlControllerPrivate *priv = PRIVATE (GST_WSCTL_CONTROLLER (object));

  g_assert (priv->open_task == NULL && priv->negotiate_task == NULL);

  gst_clear_structure (&priv->stream);
  gst_clear_structure (&priv->infos);
  g_free (priv->stream_name);
  g_strfreev (priv->codecs);
  g_mutex_clear (&priv->lock);
  gst_wsctl_loop_unref (priv->loop);

  G_OBJECT_CLASS (gst_wsctl_controller_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  /**
   * GstWsctlController:config:
   *
   * What to connect to and how: a copy, going in and coming out.
   */
  properties[PROP_CONFIG] =
      g_param_spec_object ("config", "Configuration",
      "What to connect to and how", GST_WSCTL_TYPE_CONFIG,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlController:role:
   *
   * Whether to publish or to play.
   */
  properties[PROP_ROLE] =
      g_param_spec_enum ("role", "Role", "Whether to publish or to play",
      GST_WSCTL_TYPE_ROLE, GST_WSCTL_ROLE_PUBLISH,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlController:opened:
   *
   * Whether the session is open: from "on-open" to "on-close".
   */
  properties[PROP_OPENED] =
      g_param_spec_boolean ("opened", "Opened", "Whether the session is open",
      FALSE, flags);

  /**
   * GstWsctlController:closed:
   *
   * Whether the session has ended.
   */
  properties[PROP_CLOSED] =
      g_param_spec_boolean ("closed", "Closed", "Whether the session has ended",
      FALSE, flags);

  /**
   * GstWsctlController:stream:
   *
   * What was agreed, once open: `application/x-wsctl-stream` with the strings
   * `name`, `audio-codec` and `video-codec`, and the caps `audio-caps` and
   * `video-caps`: RTP as it was agreed, with the payload type (`payload`), the
   * `clock-rate` and, of H.264, the profile (`profile-level-id`). A medium that
   * was not agreed has none of these.
   */
  properties[PROP_STREAM] =
      g_param_spec_boxed ("stream", "Stream", "What was agreed, once open",
      GST_TYPE_STRUCTURE, flags);

  /**
   * GstWsctlController:stream-name:
   *
   * The name of the stream, as the address has it.
   */
  properties[PROP_STREAM_NAME] =
      g_param_spec_string ("stream-name", "Stream name",
      "The name of the stream", NULL, flags);

  /**
   * GstWsctlController:codecs:
   *
   * Before opening: the codecs to offer, by their RTP names, %NULL for all that
   * are installed. Once open: those agreed.
   */
  properties[PROP_CODECS] =
      g_param_spec_boxed ("codecs", "Codecs",
      "Codecs to offer; once open, those agreed", G_TYPE_STRV,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlController:connection:
   *
   * The connection, whose element goes into a pipeline.
   */
  properties[PROP_CONNECTION] =
      g_param_spec_object ("connection", "Connection", "The connection",
      GST_WSCTL_TYPE_CONNECTION, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
install_signals (GType type)
{
  /**
   * GstWsctlController::on-open:
   * @self: the controller
   * @stream: what was agreed, as #GstWsctlController:stream
   *
   * The server has accepted the session.
   */
  signals[SIGNAL_ON_OPEN] =
      g_signal_new ("on-open", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);

  /**
   * GstWsctlController::on-connected:
   * @self: the controller
   *
   * ICE and DTLS are up: media can flow.
   */
  signals[SIGNAL_ON_CONNECTED] =
      g_signal_new ("on-connected", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 0);

  /**
   * GstWsctlController::on-close:
   * @self: the controller
   * @error: (nullable): why, or %NULL when it ended in order
   *
   * The session has ended, or never came to be. Once.
   */
  signals[SIGNAL_ON_CLOSE] =
      g_signal_new ("on-close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, G_TYPE_ERROR);

  /**
   * GstWsctlController::on-video-bitrate:
   * @self: the controller
   * @bitrate: what the server knows of our bitrate, bit/s
   * @constraint: what it allows, bit/s
   *
   * To a publisher, in answer to a command or by itself.
   */
  signals[SIGNAL_ON_VIDEO_BITRATE] =
      g_signal_new ("on-video-bitrate", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);

  /**
   * GstWsctlController::on-media-report:
   * @self: the controller
   * @report: `application/x-wsctl-media-report` with `millis` (ms), `jitter`
   *   (s), `packets-lost`, `fraction-lost` (0 to 1), `nack-count`, `codecs`
   *
   * To a publisher: what the server has received.
   */
  signals[SIGNAL_ON_MEDIA_REPORT] =
      g_signal_new ("on-media-report", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);

  /**
   * GstWsctlController::on-rtp-props:
   * @self: the controller
   * @nack: after how many packets the server asks again, or -1
   * @drop: after how many it gives a packet up, or -1
   *
   * The answer to gst_wsctl_controller_set_rtp_props().
   */
  signals[SIGNAL_ON_RTP_PROPS] =
      g_signal_new ("on-rtp-props", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);

  /**
   * GstWsctlController::on-playing:
   * @self: the controller
   * @report: `application/x-wsctl-playing` with `begin`, `current`, `end`,
   *   `unix-offset` (ms), `tracks` and, when told, `play-rate`, `paused`, `live`
   *
   * To a player, about once a second: where it is.
   */
  signals[SIGNAL_ON_PLAYING] =
      g_signal_new ("on-playing", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);

  /**
   * GstWsctlController::on-seek:
   * @self: the controller
   * @report: `application/x-wsctl-seek` with `live` or `error`, when told
   *
   * To a player: the answer to `seek`. What comes from now on is of that place.
   */
  signals[SIGNAL_ON_SEEK] =
      g_signal_new ("on-seek", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);
}

static void
gst_wsctl_controller_class_init (GstWsctlControllerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlcontroller_debug, "wsctlcontroller", 0,
      "WebRTC WebSocket control: controller");

  object_class->set_property = gst_wsctl_controller_set_property;
  object_class->get_property = gst_wsctl_controller_get_property;
  object_class->dispose = gst_wsctl_controller_dispose;
  object_class->finalize = gst_wsctl_controller_finalize;
  klass->negotiate_async = gst_wsctl_controller_real_negotiate_async;
  klass->negotiate_finish = gst_wsctl_controller_real_negotiate_finish;

  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

static void
gst_wsctl_controller_init (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);

  g_mutex_init (&priv->lock);
  priv->loop = gst_wsctl_loop_get_shared ();
  priv->cancellable = g_cancellable_new ();
}
