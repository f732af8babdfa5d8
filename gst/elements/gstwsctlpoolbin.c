/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-wsctlpool
 * @title: wsctlpool
 * @short_description: sends to and receives from every peer of a pool
 *
 * Joins a pool of peers, each connected to each, over a server that passes on
 * their messages (docs/protocol.md, "Pool signalling"); `wsctl-server` has one at
 * `/ssp`. What comes in on the pads `video` and `audio`, raw or encoded, is
 * encoded once and sent to all. What a peer sends comes out on a pad of its own,
 * `video_PEER_0` and `audio_PEER_0`, decoded if downstream wants it so, until the
 * peer leaves.
 *
 * ```
 *  video ─▶ (converter ─▶ encoder) ─▶ ┌──────┐ ─▶ (depayloader ─▶ decoder) ─▶ video_PEER_0
 *  audio ─▶ (converter ─▶ encoder) ─▶ │ pool │ ─▶ (depayloader ─▶ decoder) ─▶ audio_PEER_0
 *                                     └──────┘
 * ```
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 wsctlpool name=p uri=ws://127.0.0.1:8080 pool=room videotestsrc is-live=true ! p.video p. ! videoconvert ! autovideosink
 * ]| Show oneself to all, and see the first of them.
 *
 * Since: 0.1
 */

#include "gstwsctlpoolbin.h"

#include "gstwsctlerrors.h"
#include "gstwsctlforms.h"
#include "gstwsctlpoolinput.h"
#include "gstwsctlpooloutput.h"
#include "wsctlconfig-private.h"
#include "wsctlerror.h"
#include "wsctlpool-private.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpoolbin_debug);
#define GST_CAT_DEFAULT wsctlpoolbin_debug

/* Tracks that are there when the pool is joined are negotiated at once; nobody
 * waits longer than that for a pad without data. */
#define JOIN_DELAY_MS 1000

#define OUTPUT_KEY "wsctl-output"

struct _GstWsctlPoolBin
{
  GstBin parent;

  GMutex lock;
  GstWsctlConfig *config;       /* lock */
  gchar *pool_name;             /* lock */
  GstCaps *wanted[GST_WSCTL_N_MEDIA_KINDS];     /* lock */
  GstWsctlPoolInput *inputs[GST_WSCTL_N_MEDIA_KINDS];   /* lock */
  GstWsctlPool *pool;           /* lock; NULL unless in PAUSED or PLAYING */
  GError *error;                /* lock: why the pool is about to close */
  gboolean joining;             /* lock */
  gboolean stopping;            /* lock */
  GSource *join_timer;          /* lock */
};

enum
{
  PROP_POOL = GST_WSCTL_CONFIG_N_PROPS,
  PROP_ID,
  PROP_NCONNECTIONS,
  PROP_VIDEO_CAPS,
  PROP_AUDIO_CAPS,
};

static GstStaticPadTemplate sink_templates[GST_WSCTL_N_MEDIA_KINDS] = {
  [GST_WSCTL_MEDIA_KIND_AUDIO] =
      GST_STATIC_PAD_TEMPLATE ("audio", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS ("audio/x-raw; audio/x-opus; audio/x-alaw; "
          "audio/x-mulaw")),
  [GST_WSCTL_MEDIA_KIND_VIDEO] =
      GST_STATIC_PAD_TEMPLATE ("video", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS ("video/x-raw, format=(string)I420; "
          "video/x-raw, format=(string)NV12; video/x-raw(ANY); "
          "video/x-h264; video/x-vp8; video/x-vp9; video/x-av1")),
};

static GstStaticPadTemplate src_templates[GST_WSCTL_N_MEDIA_KINDS] = {
  [GST_WSCTL_MEDIA_KIND_AUDIO] =
      GST_STATIC_PAD_TEMPLATE ("audio_%s", GST_PAD_SRC, GST_PAD_SOMETIMES,
      GST_STATIC_CAPS (GST_WSCTL_AUDIO_CAPS)),
  [GST_WSCTL_MEDIA_KIND_VIDEO] =
      GST_STATIC_PAD_TEMPLATE ("video_%s", GST_PAD_SRC, GST_PAD_SOMETIMES,
      GST_STATIC_CAPS (GST_WSCTL_VIDEO_CAPS)),
};

G_DEFINE_FINAL_TYPE (GstWsctlPoolBin, gst_wsctl_pool_bin, GST_TYPE_BIN);
GST_ELEMENT_REGISTER_DEFINE (wsctlpool, "wsctlpool", GST_RANK_NONE,
    GST_TYPE_WSCTL_POOL_BIN);

GstWsctlPool *
gst_wsctl_pool_bin_get_pool (GstWsctlPoolBin * self)
{
  GstWsctlPool *pool;

  g_mutex_lock (&self->lock);
  pool = self->pool != NULL ? g_object_ref (self->pool) : NULL;
  g_mutex_unlock (&self->lock);

  return pool;
}

/* Transfer full, or NULL */
static GstWsctlPoolInput *
get_input (GstWsctlPoolBin * self, GstWsctlMediaKind kind)
{
  GstWsctlPoolInput *input;

  g_mutex_lock (&self->lock);
  input = self->inputs[kind] != NULL ? gst_object_ref (self->inputs[kind])
      : NULL;
  g_mutex_unlock (&self->lock);

  return input;
}

gboolean
gst_wsctl_pool_bin_set_muted (GstWsctlPoolBin * self, const gchar * kind,
    gboolean muted)
{
  guint i;

  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++) {
    g_autoptr (GstWsctlPoolInput) input = get_input (self, i);
    g_autoptr (GstWsctlManagedStream) stream = NULL;

    if (input != NULL)
      stream = gst_wsctl_pool_input_get_stream (input);
    if (stream == NULL)
      continue;
    if (!(muted ? gst_wsctl_managed_stream_mute (stream, kind, NULL)
            : gst_wsctl_managed_stream_unmute (stream, kind, NULL)))
      return FALSE;
  }

  return kind == NULL || g_str_equal (kind, "audio")
      || g_str_equal (kind, "video");
}

/* The one error of this pool */
static void
fail (GstWsctlPoolBin * self, const GError * error)
{
  g_autofree gchar *uri = NULL;
  gboolean stopping;

  g_mutex_lock (&self->lock);
  stopping = self->stopping;
  self->stopping = TRUE;
  uri = g_strdup (self->config->uri);
  g_mutex_unlock (&self->lock);

  if (!stopping)
    gst_wsctl_errors_post (GST_ELEMENT (self), GST_WSCTL_ROLE_PLAY, uri, error);
}

static void
join (GstWsctlPoolBin * self)
{
  g_autoptr (GstWsctlPool) pool = NULL;
  g_autofree gchar *name = NULL;
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&self->lock);
  if (!self->joining && !self->stopping && self->pool != NULL) {
    self->joining = TRUE;
    pool = g_object_ref (self->pool);
    name = g_strdup (self->pool_name);
  }
  g_mutex_unlock (&self->lock);

  if (pool != NULL && !gst_wsctl_pool_join (pool, name, &error))
    fail (self, error);
}

static gboolean
are_inputs_ready (GstWsctlPoolBin * self)
{
  guint i;

  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++) {
    g_autoptr (GstWsctlPoolInput) input = get_input (self, i);

    if (input != NULL && !gst_wsctl_pool_input_is_ready (input))
      return FALSE;
  }

  return TRUE;
}

static void
on_input_ready (GstWsctlPoolInput * input, gpointer bin)
{
  GstWsctlPoolBin *self = bin;

  if (are_inputs_ready (self))
    join (self);
}

static void
on_input_error (GstWsctlPoolInput * input, const GError * error, gpointer bin)
{
  fail (bin, error);
}

static const GstWsctlPoolInputCallbacks input_callbacks = {
  on_input_ready, on_input_error
};

static gboolean
on_join_timeout (gpointer data)
{
  join (data);

  return G_SOURCE_REMOVE;
}

static void
on_join (GstWsctlPool * pool, const gchar * name, GstWsctlPoolBin * self)
{
  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_JOIN, name, NULL);
}

static void
on_peer (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlPoolBin * self)
{
  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_PEER,
      gst_wsctl_connection_get_id (connection), NULL);
}

static void
on_describe (GstWsctlPool * pool, GstWsctlConnection * connection,
    GVariant * description, GstWsctlPoolBin * self)
{
  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_DESCRIBE,
      gst_wsctl_connection_get_id (connection), description);
}

static void
on_datachannel (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlDataChannel * channel, GstWsctlPoolBin * self)
{
  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_DATACHANNEL,
      gst_wsctl_connection_get_id (connection), channel);
}

/* A stopped pool is at its end, as a stream is: what the server complained of
 * before is no matter any more. */
static void
on_stop (GstWsctlPool * pool, GstWsctlPoolBin * self)
{
  g_mutex_lock (&self->lock);
  g_clear_error (&self->error);
  g_mutex_unlock (&self->lock);

  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_STOP, NULL, NULL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_eos (GST_OBJECT (self)));
}

static void
on_error (GstWsctlPool * pool, GError * error, GstWsctlPoolBin * self)
{
  g_mutex_lock (&self->lock);
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  g_mutex_unlock (&self->lock);

  GST_INFO_OBJECT (self, "%s", error->message);
}

static void
on_close (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlPoolBin * self)
{
  g_autoptr (GError) error = NULL;

  if (connection == NULL) {
    g_mutex_lock (&self->lock);
    error = g_steal_pointer (&self->error);
    g_mutex_unlock (&self->lock);
  }
  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_CLOSE,
      connection != NULL ? gst_wsctl_connection_get_id (connection) : NULL,
      NULL);
  if (error != NULL)
    fail (self, error);
}

/* Downstream of one pad is no matter of the others. */
static void
on_output_error (GstWsctlPoolOutput * output, const GError * error,
    gpointer bin)
{
  GST_ELEMENT_WARNING (bin, STREAM, WRONG_TYPE, ("%s.", error->message),
      (NULL));
}

/* On a streaming thread, with the first packet */
static void
on_track (GstWsctlPool * pool, GstWsctlConnection * connection, GstPad * pad,
    GstWsctlPoolBin * self)
{
  GstWsctlPoolOutput *output =
      gst_wsctl_pool_output_new (GST_BIN (self), pad, on_output_error);

  if (output == NULL) {
    GST_INFO_OBJECT (self, "nobody knows what %" GST_PTR_FORMAT " gives", pad);
    return;
  }

  g_object_set_data_full (G_OBJECT (pad), OUTPUT_KEY, output, gst_object_unref);
  gst_wsctl_pool_bin_emit (self, GST_WSCTL_POOL_BIN_ON_TRACK,
      gst_wsctl_connection_get_id (connection), output);
}

/* On the pool's worker, or while stopping */
static void
on_pad_removed (GstElement * element, GstPad * pad, GstWsctlPoolBin * self)
{
  g_autoptr (GstWsctlPoolOutput) output =
      g_object_steal_data (G_OBJECT (pad), OUTPUT_KEY);

  if (output != NULL)
    gst_wsctl_pool_output_remove (output);
}

static gboolean
start (GstWsctlPoolBin * self)
{
  g_autoptr (GstWsctlConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *element;
  GstWsctlPool *pool;
  guint i;

  g_mutex_lock (&self->lock);
  config = gst_wsctl_config_copy (self->config);
  self->stopping = self->joining = FALSE;
  g_clear_error (&self->error);
  g_mutex_unlock (&self->lock);

  pool = gst_wsctl_pool_new (config, &error);
  if (pool == NULL) {
    fail (self, error);
    return FALSE;
  }

  g_signal_connect (pool, "join", G_CALLBACK (on_join), self);
  g_signal_connect (pool, "peer", G_CALLBACK (on_peer), self);
  g_signal_connect (pool, "describe", G_CALLBACK (on_describe), self);
  g_signal_connect (pool, "datachannel", G_CALLBACK (on_datachannel), self);
  g_signal_connect (pool, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (pool, "error", G_CALLBACK (on_error), self);
  g_signal_connect (pool, "close", G_CALLBACK (on_close), self);
  g_signal_connect (pool, "track", G_CALLBACK (on_track), self);
  element = gst_wsctl_pool_get_element (pool);
  g_signal_connect (element, "pad-removed", G_CALLBACK (on_pad_removed), self);
  gst_bin_add (GST_BIN (self), element);

  g_mutex_lock (&self->lock);
  self->pool = pool;
  self->join_timer = gst_wsctl_loop_add_timer (gst_wsctl_pool_get_loop (pool),
      JOIN_DELAY_MS, on_join_timeout, self, NULL);
  g_mutex_unlock (&self->lock);
  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++) {
    g_autoptr (GstWsctlPoolInput) input = get_input (self, i);

    if (input != NULL)
      gst_wsctl_pool_input_start (input, pool, self->wanted[i]);
  }

  return TRUE;
}

/* In PAUSED: from here on nobody comes and no signal either. */
static void
close_pool (GstWsctlPoolBin * self)
{
  g_autoptr (GstWsctlPool) pool = gst_wsctl_pool_bin_get_pool (self);
  GSource *timer;

  if (pool == NULL)
    return;

  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  timer = g_steal_pointer (&self->join_timer);
  g_mutex_unlock (&self->lock);

  gst_wsctl_loop_clear_timer (&timer);
  gst_wsctl_pool_close (pool);
  gst_wsctl_pool_settle (pool);
}

/* In READY */
static void
stop (GstWsctlPoolBin * self)
{
  GstWsctlPool *pool;
  GstElement *element;
  guint i;

  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++) {
    g_autoptr (GstWsctlPoolInput) input = get_input (self, i);

    if (input != NULL)
      gst_wsctl_pool_input_stop (input);
  }

  g_mutex_lock (&self->lock);
  pool = g_steal_pointer (&self->pool);
  g_mutex_unlock (&self->lock);
  if (pool == NULL)
    return;

  element = gst_wsctl_pool_get_element (pool);
  g_signal_handlers_disconnect_by_data (pool, self);
  g_signal_handlers_disconnect_by_data (element, self);
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self), element);
  g_object_unref (pool);
}

static GstStateChangeReturn
gst_wsctl_pool_bin_change_state (GstElement * element,
    GstStateChange transition)
{
  GstWsctlPoolBin *self = GST_WSCTL_POOL_BIN (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY)
    gst_wsctl_warmup_start ();
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    close_pool (self);

  result = GST_ELEMENT_CLASS (gst_wsctl_pool_bin_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && result == GST_STATE_CHANGE_FAILURE)) {
    close_pool (self);
    stop (self);
  }
  if (result == GST_STATE_CHANGE_FAILURE)
    return result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && are_inputs_ready (self))
    join (self);

  /* What comes from peers comes when it comes. */
  return transition == GST_STATE_CHANGE_READY_TO_PAUSED
      || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED
      ? GST_STATE_CHANGE_NO_PREROLL : result;
}

static GstPad *
gst_wsctl_pool_bin_request_new_pad (GstElement * element,
    GstPadTemplate * template, const gchar * name, const GstCaps * caps)
{
  GstWsctlPoolBin *self = GST_WSCTL_POOL_BIN (element);
  GstWsctlMediaKind kind =
      g_str_equal (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "audio")
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;
  g_autoptr (GstWsctlPoolInput) known = get_input (self, kind);
  g_autoptr (GstWsctlPool) pool = NULL;
  GstWsctlPoolInput *input;

  if (known != NULL) {
    GST_WARNING_OBJECT (self, "there is one %s pad and no more",
        gst_wsctl_media_kind_get_nick (kind));
    return NULL;
  }

  input = gst_wsctl_pool_input_new (GST_BIN (self), template, kind,
      &input_callbacks);
  g_mutex_lock (&self->lock);
  self->inputs[kind] = input;
  g_mutex_unlock (&self->lock);
  pool = gst_wsctl_pool_bin_get_pool (self);
  if (pool != NULL)
    gst_wsctl_pool_input_start (input, pool, self->wanted[kind]);

  return GST_PAD (input);
}

static void
gst_wsctl_pool_bin_release_pad (GstElement * element, GstPad * pad)
{
  GstWsctlPoolBin *self = GST_WSCTL_POOL_BIN (element);
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++) {
    if (GST_PAD (self->inputs[i]) == pad)
      self->inputs[i] = NULL;
  }
  g_mutex_unlock (&self->lock);
  gst_wsctl_pool_input_remove (GST_WSCTL_POOL_INPUT (pad));
}

static void
gst_wsctl_pool_bin_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstWsctlPoolBin *self = GST_WSCTL_POOL_BIN (object);
  gboolean known = TRUE;

  g_mutex_lock (&self->lock);
  switch (prop_id) {
    case PROP_POOL:
      g_free (self->pool_name);
      self->pool_name = g_value_dup_string (value);
      break;
    case PROP_VIDEO_CAPS:
      gst_caps_replace (&self->wanted[GST_WSCTL_MEDIA_KIND_VIDEO],
          (GstCaps *) gst_value_get_caps (value));
      break;
    case PROP_AUDIO_CAPS:
      gst_caps_replace (&self->wanted[GST_WSCTL_MEDIA_KIND_AUDIO],
          (GstCaps *) gst_value_get_caps (value));
      break;
    default:
      known = gst_wsctl_config_set_value (self->config, prop_id, value);
      break;
  }
  g_mutex_unlock (&self->lock);

  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_pool_bin_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstWsctlPoolBin *self = GST_WSCTL_POOL_BIN (object);
  g_autoptr (GstWsctlPool) pool = gst_wsctl_pool_bin_get_pool (self);
  gboolean known = TRUE;

  g_mutex_lock (&self->lock);
  switch (prop_id) {
    case PROP_POOL:
      g_value_set_string (value, self->pool_name);
      break;
    case PROP_ID:
      g_value_take_string (value,
          pool != NULL ? gst_wsctl_pool_get_id (pool) : NULL);
      break;
    case PROP_NCONNECTIONS:
      g_value_set_uint (value,
          pool != NULL ? gst_wsctl_pool_get_nconnections (pool) : 0);
      break;
    case PROP_VIDEO_CAPS:
      gst_value_set_caps (value, self->wanted[GST_WSCTL_MEDIA_KIND_VIDEO]);
      break;
    case PROP_AUDIO_CAPS:
      gst_value_set_caps (value, self->wanted[GST_WSCTL_MEDIA_KIND_AUDIO]);
      break;
    default:
      known = gst_wsctl_config_get_value (self->config, prop_id, value);
      break;
  }
  g_mutex_unlock (&self->lock);

  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_pool_bin_finalize (GObject * object)
{
  GstWsctlPoolBin *self = GST_WSCTL_POOL_BIN (object);
  guint i;

  g_assert (self->pool == NULL);

  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++)
    gst_clear_caps (&self->wanted[i]);
  g_clear_error (&self->error);
  g_clear_object (&self->config);
  g_free (self->pool_name);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_pool_bin_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  gst_wsctl_config_install_reach_properties (klass);

  /**
   * wsctlpool:pool:
   *
   * The name of the pool to join.
   */
  g_object_class_install_property (klass, PROP_POOL,
      g_param_spec_string ("pool", "Pool", "The name of the pool to join",
          NULL, flags));

  /**
   * wsctlpool:id:
   *
   * Our own id in the pool; %NULL before it is joined.
   */
  g_object_class_install_property (klass, PROP_ID,
      g_param_spec_string ("id", "Id", "Our own id in the pool", NULL,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  /**
   * wsctlpool:nconnections:
   *
   * How many peers are there.
   */
  g_object_class_install_property (klass, PROP_NCONNECTIONS,
      g_param_spec_uint ("nconnections", "Connections",
          "How many peers are there", 0, G_MAXUINT, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  /**
   * wsctlpool:video-caps:
   *
   * The codecs that raw video may be encoded to, as caps of elementary streams;
   * the first that can be had is taken. %NULL means VP8, which every peer has.
   */
  g_object_class_install_property (klass, PROP_VIDEO_CAPS,
      g_param_spec_boxed ("video-caps", "Video caps",
          "Video codecs to encode to", GST_TYPE_CAPS, flags));

  /**
   * wsctlpool:audio-caps:
   *
   * The codecs that raw audio may be encoded to, likewise. %NULL means Opus.
   */
  g_object_class_install_property (klass, PROP_AUDIO_CAPS,
      g_param_spec_boxed ("audio-caps", "Audio caps",
          "Audio codecs to encode to", GST_TYPE_CAPS, flags));
}

static void
gst_wsctl_pool_bin_class_init (GstWsctlPoolBinClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  guint i;

  GST_DEBUG_CATEGORY_INIT (wsctlpoolbin_debug, "wsctlpoolbin", 0,
      "WebRTC WebSocket control: wsctlpool");

  object_class->set_property = gst_wsctl_pool_bin_set_property;
  object_class->get_property = gst_wsctl_pool_bin_get_property;
  object_class->finalize = gst_wsctl_pool_bin_finalize;
  element_class->change_state = gst_wsctl_pool_bin_change_state;
  element_class->request_new_pad = gst_wsctl_pool_bin_request_new_pad;
  element_class->release_pad = gst_wsctl_pool_bin_release_pad;
  install_properties (object_class);
  gst_wsctl_pool_bin_signals_class_init (object_class);

  /* Video first, as wsctlsink has it: what takes anything is linked to the first
   * pad that fits. */
  for (i = GST_WSCTL_N_MEDIA_KINDS; i-- > 0;) {
    gst_element_class_add_static_pad_template (element_class,
        &sink_templates[i]);
    gst_element_class_add_static_pad_template (element_class,
        &src_templates[i]);
  }
  gst_element_class_set_static_metadata (element_class,
      "WebRTC pool", "Source/Sink/Network",
      "Sends to and receives from every peer of a pool",
      "The gst-wsctl authors");
}

static void
gst_wsctl_pool_bin_init (GstWsctlPoolBin * self)
{
  g_mutex_init (&self->lock);
  self->config = gst_wsctl_config_new (NULL);
  gst_bin_set_suppressed_flags (GST_BIN (self),
      GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK | GST_ELEMENT_FLAG_SOURCE);
}
