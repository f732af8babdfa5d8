/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlencoding.h"

#include "gstwsctlbin.h"

#define DEFAULT_MITIGATION GST_WSCTL_MITIGATION_MODE_ALL
#define DEFAULT_CONTROL_UPSTREAM TRUE
#define DEFAULT_KEY_FRAME_INTERVAL 0
#define MAX_KEY_FRAME_INTERVAL (60 * 60 * 1000)

enum
{
  ENABLE_MITIGATION_MODES,
  CONTROL_UPSTREAM_ENCODER,
  KEYFRAME_INTERVAL,
};

G_STATIC_ASSERT (KEYFRAME_INTERVAL + 1 == GST_WSCTL_ENCODING_N_PROPS);

enum
{
  SIGNAL_ENCODER_SETUP,
  SIGNAL_PAYLOADER_SETUP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
gst_wsctl_encoding_init (GstWsctlEncoding * self)
{
  g_mutex_init (&self->lock);
  self->mitigation = DEFAULT_MITIGATION;
  self->control_upstream = DEFAULT_CONTROL_UPSTREAM;
  self->key_frame_interval_ms = DEFAULT_KEY_FRAME_INTERVAL;
}

void
gst_wsctl_encoding_clear (GstWsctlEncoding * self)
{
  g_mutex_clear (&self->lock);
}

gboolean
gst_wsctl_encoding_set_value (GstWsctlEncoding * self, guint index,
    const GValue * value)
{
  gboolean known = TRUE;

  g_mutex_lock (&self->lock);
  switch (index) {
    case ENABLE_MITIGATION_MODES:
      self->mitigation = g_value_get_flags (value);
      break;
    case CONTROL_UPSTREAM_ENCODER:
      self->control_upstream = g_value_get_boolean (value);
      break;
    case KEYFRAME_INTERVAL:
      self->key_frame_interval_ms = g_value_get_uint (value);
      break;
    default:
      known = FALSE;
      break;
  }
  g_mutex_unlock (&self->lock);

  return known;
}

gboolean
gst_wsctl_encoding_get_value (GstWsctlEncoding * self, guint index,
    GValue * value)
{
  gboolean known = TRUE;

  g_mutex_lock (&self->lock);
  switch (index) {
    case ENABLE_MITIGATION_MODES:
      g_value_set_flags (value, self->mitigation);
      break;
    case CONTROL_UPSTREAM_ENCODER:
      g_value_set_boolean (value, self->control_upstream);
      break;
    case KEYFRAME_INTERVAL:
      g_value_set_uint (value, self->key_frame_interval_ms);
      break;
    default:
      known = FALSE;
      break;
  }
  g_mutex_unlock (&self->lock);

  return known;
}

GstWsctlInputEncoding
gst_wsctl_encoding_get (GstWsctlEncoding * self, GstWsctlMediaKind kind,
    guint bitrate_bps)
{
  GstWsctlInputEncoding encoding = { 0, };

  if (kind != GST_WSCTL_MEDIA_KIND_VIDEO)
    return encoding;

  g_mutex_lock (&self->lock);
  encoding.bitrate_bps = bitrate_bps;
  encoding.mitigation = self->mitigation;
  encoding.control_upstream = self->control_upstream;
  encoding.key_frame_interval_ms = self->key_frame_interval_ms;
  g_mutex_unlock (&self->lock);

  return encoding;
}

void
gst_wsctl_encoding_announce (GstWsctlEncoding * self,
    GstWsctlController * controller)
{
  guint interval_ms;

  g_mutex_lock (&self->lock);
  interval_ms = self->key_frame_interval_ms;
  g_mutex_unlock (&self->lock);

  if (interval_ms > 0)
    gst_wsctl_controller_send (controller, "keyframe_interval",
        g_variant_new_parsed ("{'keyframe_interval_millis': <%x>}",
            (gint64) interval_ms));
}

void
gst_wsctl_encoding_install_properties (GObjectClass * klass, guint first_id)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_PLAYING;

  /**
   * wsctlsink:enable-mitigation-modes:
   *
   * What may be done to raw video that the bitrate is too low for: make the
   * picture smaller (720p, then 360p), leave out every other frame. It is undone
   * when the bitrate has risen a quarter above where it was done. Pictures in
   * the memory of a device stay as they are.
   */
  g_object_class_install_property (klass, first_id + ENABLE_MITIGATION_MODES,
      g_param_spec_flags ("enable-mitigation-modes", "Enable mitigation modes",
          "What may be done to raw video that the bitrate is too low for",
          GST_WSCTL_TYPE_MITIGATION_MODE, DEFAULT_MITIGATION, flags));

  /**
   * wsctlsink:control-upstream-encoder:
   *
   * Whether the bitrate of a video encoder upstream is set as that of one of
   * our own would be. In any case the upstream event `wsctl-bitrate` tells of
   * it: its field `bitrate`, a guint, has bit/s.
   */
  g_object_class_install_property (klass, first_id + CONTROL_UPSTREAM_ENCODER,
      g_param_spec_boolean ("control-upstream-encoder",
          "Control upstream encoder",
          "Set the bitrate of a video encoder upstream",
          DEFAULT_CONTROL_UPSTREAM, flags));

  /**
   * wsctlsink:keyframe-interval:
   *
   * How often a key frame is asked for, in milliseconds, by the server and by
   * the element; 0 leaves it to the server, whose default is two seconds. An
   * encoder is never asked more often than twice a second.
   */
  g_object_class_install_property (klass, first_id + KEYFRAME_INTERVAL,
      g_param_spec_uint ("keyframe-interval", "Key frame interval",
          "Time between key frames in ms; 0 leaves it to the server", 0,
          MAX_KEY_FRAME_INTERVAL, DEFAULT_KEY_FRAME_INTERVAL, flags));
}

/* The first handler that has done it all is the last one. */
static gboolean
stop_when_done (GSignalInvocationHint * hint, GValue * result,
    const GValue * returned, gpointer data)
{
  gboolean done = g_value_get_boolean (returned);

  g_value_set_boolean (result, done);

  return !done;
}

void
gst_wsctl_encoding_install_signals (GType type)
{
  /**
   * wsctlsink::encoder-setup:
   * @self: the element
   * @stream: the name of the stream
   * @pad: the name of the pad that it is for
   * @encoder: the encoder, in NULL
   *
   * An encoder has been made and will be started. From any thread: a handler
   * sets properties of @encoder; it changes no state and releases no pad. As in
   * webrtcsink.
   *
   * Returns: %TRUE when it is set up; %FALSE for our own settings over those of
   *   the handler
   */
  signals[SIGNAL_ENCODER_SETUP] =
      g_signal_new ("encoder-setup", type, G_SIGNAL_RUN_LAST, 0,
      stop_when_done, NULL, NULL, G_TYPE_BOOLEAN, 3, G_TYPE_STRING,
      G_TYPE_STRING, GST_TYPE_ELEMENT);

  /**
   * wsctlsink::payloader-setup:
   * @self: the element
   * @stream: the name of the stream
   * @pad: the name of the pad that it is for
   * @payloader: the payloader, in NULL
   *
   * A payloader has been made, likewise. Its payload type is set afterwards in
   * any case, for it was agreed with the server.
   *
   * Returns: %TRUE when it is set up; %FALSE for our own settings over those of
   *   the handler
   */
  signals[SIGNAL_PAYLOADER_SETUP] =
      g_signal_new ("payloader-setup", type, G_SIGNAL_RUN_LAST, 0,
      stop_when_done, NULL, NULL, G_TYPE_BOOLEAN, 3, G_TYPE_STRING,
      G_TYPE_STRING, GST_TYPE_ELEMENT);
}

static gboolean
emit (guint signal, GstWsctlInput * input, GstElement * made, gpointer element)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (element);
  g_autofree gchar *stream = controller != NULL
      ? gst_wsctl_controller_get_stream_name (controller) : NULL;
  gboolean done = FALSE;

  g_signal_emit (element, signals[signal], 0, stream, GST_PAD_NAME (input),
      made, &done);

  return done;
}

gboolean
gst_wsctl_encoding_emit_encoder_setup (GstWsctlInput * input,
    GstElement * encoder, gpointer element)
{
  return emit (SIGNAL_ENCODER_SETUP, input, encoder, element);
}

gboolean
gst_wsctl_encoding_emit_payloader_setup (GstWsctlInput * input,
    GstElement * payloader, gpointer element)
{
  return emit (SIGNAL_PAYLOADER_SETUP, input, payloader, element);
}
