/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Nothing of this stands in the way of the first picture: what is beside the
 * session begins when the media can flow, unless the session is to wait for it.
 */

#include "gstwsctlsrcstream.h"

#include <string.h>

#include "gstwsctlsrcdata.h"
#include "gstwsctlsrcinfo.h"
#include "gstwsctlsrcquality.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrcstream_debug);
#define GST_CAT_DEFAULT wsctlsrcstream_debug

#define DEFAULT_WAIT_FOR_STREAM FALSE
#define DEFAULT_MULTI_BITRATE GST_WSCTL_RENDITION_POLICY_ADAPTIVE

struct _GstWsctlSrcStream
{
  GstWsctlBin *bin;
  GstWsctlSrcInfo *info;
  GstWsctlSrcData *data;        /* from the first start on; NULL: none wanted */

  GMutex lock;
  GstWsctlSrcQuality *quality;  /* lock; from start to stop */
  GstWsctlRenditionPolicy policy;       /* lock */
  gchar *data_tracks;           /* lock */
  gboolean wait_for_stream;     /* lock */
  gboolean waiting;             /* lock: the session is to open once online */
  gint *n_switches;             /* atomic, an RC box: of renditions */
};

/* Transfer full, or NULL. */
static GstWsctlSrcQuality *
get_quality (GstWsctlSrcStream * self)
{
  GstWsctlSrcQuality *quality = NULL;

  g_mutex_lock (&self->lock);
  if (self->quality != NULL)
    quality = gst_wsctl_src_quality_ref (self->quality);
  g_mutex_unlock (&self->lock);

  return quality;
}

/* TRUE when it was: then the session is ours to open or to end. */
static gboolean
stop_waiting (GstWsctlSrcStream * self)
{
  gboolean waiting;

  g_mutex_lock (&self->lock);
  waiting = self->waiting;
  self->waiting = FALSE;
  g_mutex_unlock (&self->lock);

  return waiting;
}

static void
on_state (GstElement * element, GstWsctlStreamState state,
    const gchar * message, gpointer data)
{
  GstWsctlSrcStream *self = data;
  g_autoptr (GError) error = NULL;

  if (state == GST_WSCTL_STREAM_STATE_ONLINE && stop_waiting (self)) {
    GST_INFO_OBJECT (element, "the stream is online");
    gst_wsctl_bin_open (self->bin);
  } else if (state == GST_WSCTL_STREAM_STATE_FAILED && stop_waiting (self)) {
    error = g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_STREAM_FAILED,
        "the server cannot serve the stream: %s", message);
    gst_wsctl_bin_fail (self->bin, error);
  }
}

static void
on_described (GstElement * element,
    const GstWsctlStreamDescription * description, gpointer data)
{
  g_autoptr (GstWsctlSrcQuality) quality = get_quality (data);

  if (quality != NULL)
    gst_wsctl_src_quality_describe (quality, description);
}

/* A server without this channel can be played from all the same. */
static void
on_failed (GstElement * element, const GError * error, gpointer data)
{
  GstWsctlSrcStream *self = data;

  if (stop_waiting (self))
    gst_wsctl_bin_fail (self->bin, error);
}

GstWsctlSrcStream *
gst_wsctl_src_stream_new (GstWsctlBin * bin)
{
  static const GstWsctlSrcInfoCallbacks callbacks = {
    on_state, on_described, on_failed
  };
  GstWsctlSrcStream *self = g_new0 (GstWsctlSrcStream, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlsrcstream_debug, "wsctlsrcstream", 0,
      "WebRTC WebSocket control: what wsctlsrc wants of its stream");

  g_mutex_init (&self->lock);
  self->bin = bin;
  self->info = gst_wsctl_src_info_new (GST_ELEMENT (bin), &callbacks, self);
  self->wait_for_stream = DEFAULT_WAIT_FOR_STREAM;
  self->policy = DEFAULT_MULTI_BITRATE;
  self->n_switches = g_atomic_rc_box_new0 (gint);

  return self;
}

void
gst_wsctl_src_stream_free (GstWsctlSrcStream * self)
{
  gst_wsctl_src_info_free (self->info);
  g_atomic_rc_box_release (self->n_switches);
  g_free (self->data_tracks);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static GstWsctlConfig *
get_config (GstWsctlController * controller)
{
  GstWsctlConfig *config = NULL;

  g_object_get (controller, "config", &config, NULL);

  return config;
}

static void
watch (GstWsctlSrcStream * self, GstWsctlController * controller)
{
  g_autoptr (GstWsctlConfig) config = get_config (controller);

  gst_wsctl_src_info_start (self->info, config);
}

static const gchar *
get_track_property (GstWsctlMediaKind kind)
{
  return kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "audio-track" : "video-track";
}

static gint
get_track (GstWsctlSrcStream * self, GstWsctlMediaKind kind)
{
  gint track;

  g_object_get (self->bin, get_track_property (kind), &track, NULL);

  return track;
}

static GstWsctlSrcQuality *
make_quality (GstWsctlSrcStream * self, GstWsctlController * controller,
    GstWsctlRenditionPolicy policy)
{
  GstWsctlSrcQuality *quality =
      gst_wsctl_src_quality_new (GST_ELEMENT (self->bin), controller, policy,
      self->n_switches);
  gint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    gst_wsctl_src_quality_set_fixed (quality, kind,
        get_track (self, kind) != GST_WSCTL_CONFIG_ANY_TRACK);

  return quality;
}

/* Its pads stay when another session takes the place of one. */
static void
start_data (GstWsctlSrcStream * self, GstWsctlController * controller)
{
  g_autofree gchar *tracks = NULL;

  g_mutex_lock (&self->lock);
  tracks = g_strdup (self->data_tracks);
  g_mutex_unlock (&self->lock);

  if (self->data == NULL && tracks != NULL && *tracks != '\0')
    self->data = gst_wsctl_src_data_new (GST_ELEMENT (self->bin), tracks);
  if (self->data != NULL)
    gst_wsctl_src_data_start (self->data, controller);
}

void
gst_wsctl_src_stream_start (GstWsctlSrcStream * self,
    GstWsctlController * controller)
{
  GstWsctlRenditionPolicy policy;
  GstWsctlSrcQuality *quality;
  gboolean waiting;

  g_mutex_lock (&self->lock);
  waiting = self->wait_for_stream;
  self->waiting = waiting;
  policy = self->policy;
  g_mutex_unlock (&self->lock);

  start_data (self, controller);
  quality = make_quality (self, controller, policy);
  g_mutex_lock (&self->lock);
  self->quality = quality;
  g_mutex_unlock (&self->lock);
  if (waiting)
    watch (self, controller);
  else
    gst_wsctl_bin_open (self->bin);
}

void
gst_wsctl_src_stream_connected (GstWsctlSrcStream * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self->bin);
  g_autoptr (GstWsctlSrcQuality) quality = get_quality (self);
  g_autoptr (GstWsctlConfig) config = NULL;

  if (controller == NULL || quality == NULL)
    return;

  gst_wsctl_src_quality_connected (quality);
  watch (self, controller);
  config = get_config (controller);
  if (self->data != NULL)
    gst_wsctl_src_data_connected (self->data, config);
}

void
gst_wsctl_src_stream_forget (GstWsctlSrcStream * self)
{
  g_autoptr (GstWsctlSrcQuality) quality = get_quality (self);

  if (quality != NULL)
    gst_wsctl_src_quality_forget (quality);
}

void
gst_wsctl_src_stream_add_stats (GstWsctlSrcStream * self, GstStructure * stats)
{
  gst_structure_set (stats, "rendition-switches", G_TYPE_UINT,
      (guint) g_atomic_int_get (self->n_switches), NULL);
}

void
gst_wsctl_src_stream_end (GstWsctlSrcStream * self)
{
  if (self->data != NULL)
    gst_wsctl_src_data_end (self->data);
}

void
gst_wsctl_src_stream_stop (GstWsctlSrcStream * self)
{
  GstWsctlSrcQuality *quality;

  stop_waiting (self);
  gst_wsctl_src_info_stop (self->info);
  if (self->data != NULL)
    gst_wsctl_src_data_stop (self->data);
  g_mutex_lock (&self->lock);
  quality = g_steal_pointer (&self->quality);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&quality, gst_wsctl_src_quality_stop);
}

void
gst_wsctl_src_stream_stopped (GstWsctlSrcStream * self)
{
  g_clear_pointer (&self->data, gst_wsctl_src_data_free);
  g_atomic_int_set (self->n_switches, 0);
}

void
gst_wsctl_src_stream_apply_track (GstWsctlSrcStream * self,
    GstWsctlMediaKind kind)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (self->bin);
  g_autoptr (GstWsctlSrcQuality) quality = get_quality (self);
  gint track = get_track (self, kind);
  g_autofree gchar *selector = track == GST_WSCTL_CONFIG_ANY_TRACK
      ? g_strdup ("auto") : gst_wsctl_config_get_selector (track);
  gboolean audio = kind == GST_WSCTL_MEDIA_KIND_AUDIO;

  if (controller == NULL || quality == NULL)
    return;

  gst_wsctl_src_quality_set_fixed (quality, kind,
      track != GST_WSCTL_CONFIG_ANY_TRACK);
  gst_wsctl_controller_set_tracks (controller, audio ? selector : NULL,
      audio ? NULL : selector);
}

/* The first of @ids that is of this kind, or none */
static gint
find_selected (const GstWsctlStreamDescription * description,
    GstWsctlMediaKind kind, GList * ids)
{
  for (; ids != NULL; ids = ids->next) {
    const GstWsctlStreamTrack *track =
        gst_wsctl_stream_description_find (description, ids->data);

    if (track != NULL && track->kind == kind && track->index <= G_MAXINT)
      return track->index;
  }

  return GST_WSCTL_CONFIG_NO_TRACK;
}

/* FALSE when they are not ours: an element behind us may have a collection of its
 * own. */
static gboolean
select_tracks (GstWsctlSrcStream * self, GList * ids)
{
  g_autoptr (GstWsctlStreamDescription) description =
      gst_wsctl_src_info_get_description (self->info);
  gint tracks[GST_WSCTL_N_MEDIA_KINDS];
  gboolean any = FALSE;
  gint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS && description != NULL; kind++) {
    tracks[kind] = find_selected (description, kind, ids);
    any = any || tracks[kind] != GST_WSCTL_CONFIG_NO_TRACK;
  }
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS && any; kind++)
    g_object_set (self->bin, get_track_property (kind), tracks[kind], NULL);

  return any;
}

gboolean
gst_wsctl_src_stream_take_event (GstWsctlSrcStream * self, GstEvent * event)
{
  GList *ids = NULL;
  gboolean taken;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SELECT_STREAMS)
    return FALSE;

  gst_event_parse_select_streams (event, &ids);
  taken = select_tracks (self, ids);
  g_list_free_full (ids, g_free);

  return taken;
}

static gboolean
is_video_decoder (GstObject * object)
{
  const gchar *klass = !GST_IS_ELEMENT (object) ? NULL
      : gst_element_class_get_metadata (GST_ELEMENT_GET_CLASS (object),
      GST_ELEMENT_METADATA_KLASS);

  return klass != NULL && strstr (klass, "Decoder") != NULL
      && strstr (klass, "Video") != NULL;
}

void
gst_wsctl_src_stream_take_message (GstWsctlSrcStream * self,
    GstMessage * message)
{
  g_autoptr (GstWsctlSrcQuality) quality = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_QOS
      || !is_video_decoder (GST_MESSAGE_SRC (message)))
    return;

  quality = get_quality (self);
  if (quality != NULL)
    gst_wsctl_src_quality_take_qos (quality, message);
}

static void
take_string (gchar ** string, const GValue * value)
{
  g_free (*string);
  *string = g_value_dup_string (value);
}

gboolean
gst_wsctl_src_stream_set_property (GstWsctlSrcStream * self, guint prop,
    const GValue * value)
{
  gboolean known = prop < GST_WSCTL_SRC_STREAM_N_PROPS;

  g_mutex_lock (&self->lock);
  if (prop == GST_WSCTL_SRC_STREAM_PROP_WAIT_FOR_STREAM)
    self->wait_for_stream = g_value_get_boolean (value);
  else if (prop == GST_WSCTL_SRC_STREAM_PROP_MULTI_BITRATE)
    self->policy = g_value_get_enum (value);
  else if (prop == GST_WSCTL_SRC_STREAM_PROP_DATA_TRACKS)
    take_string (&self->data_tracks, value);
  g_mutex_unlock (&self->lock);

  return known;
}

gboolean
gst_wsctl_src_stream_get_property (GstWsctlSrcStream * self, guint prop,
    GValue * value)
{
  g_autoptr (GstWsctlStreamDescription) description = NULL;

  switch (prop) {
    case GST_WSCTL_SRC_STREAM_PROP_STREAM_STATE:
      g_value_set_enum (value, gst_wsctl_src_info_get_state (self->info));
      return TRUE;
    case GST_WSCTL_SRC_STREAM_PROP_METADATA:
      description = gst_wsctl_src_info_get_description (self->info);
      g_value_set_boxed (value, description != NULL ? description->metadata
          : NULL);
      return TRUE;
    case GST_WSCTL_SRC_STREAM_PROP_WAIT_FOR_STREAM:
      g_mutex_lock (&self->lock);
      g_value_set_boolean (value, self->wait_for_stream);
      g_mutex_unlock (&self->lock);
      return TRUE;
    case GST_WSCTL_SRC_STREAM_PROP_MULTI_BITRATE:
      g_mutex_lock (&self->lock);
      g_value_set_enum (value, self->policy);
      g_mutex_unlock (&self->lock);
      return TRUE;
    case GST_WSCTL_SRC_STREAM_PROP_DATA_TRACKS:
      g_mutex_lock (&self->lock);
      g_value_set_string (value, self->data_tracks);
      g_mutex_unlock (&self->lock);
      return TRUE;
    default:
      return FALSE;
  }
}

void
gst_wsctl_src_stream_install (GObjectClass * klass, guint first_prop)
{
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * wsctlsrc:stream-state:
   *
   * What the server says of the stream; unknown without a session, and before
   * the server has said anything.
   */
  g_object_class_install_property (klass,
      first_prop + GST_WSCTL_SRC_STREAM_PROP_STREAM_STATE,
      g_param_spec_enum ("stream-state", "Stream state",
          "What the server says of the stream", GST_WSCTL_TYPE_STREAM_STATE,
          GST_WSCTL_STREAM_STATE_UNKNOWN, readable));

  /**
   * wsctlsrc:metadata:
   *
   * The server's last description of the stream: `application/x-wsctl-metadata`
   * with `state`, `type` (`live` or `vod`), `width`, `height`, `unix-offset` (ms)
   * and the arrays `tracks` and `sources`. A track is
   * `application/x-wsctl-track` with `type`, `index`, `codec` and, as far as they
   * are said, `id`, `name`, `language`, `first` and `last` (ms), `bitrate` and
   * `max-bitrate` (bit/s), `width`, `height`, `framerate`, `channels`, `rate`.
   * %NULL while there is none.
   */
  g_object_class_install_property (klass,
      first_prop + GST_WSCTL_SRC_STREAM_PROP_METADATA,
      g_param_spec_boxed ("metadata", "Metadata",
          "The server's description of the stream", GST_TYPE_STRUCTURE,
          readable));

  /**
   * wsctlsrc:wait-for-stream:
   *
   * Whether a stream that is not online is waited for, as long as it takes; it is
   * played as soon as it is. Otherwise that is an error at once.
   */
  g_object_class_install_property (klass,
      first_prop + GST_WSCTL_SRC_STREAM_PROP_WAIT_FOR_STREAM,
      g_param_spec_boolean ("wait-for-stream", "Wait for stream",
          "Wait until the stream is online instead of failing",
          DEFAULT_WAIT_FOR_STREAM, flags | GST_PARAM_MUTABLE_READY));

  /**
   * wsctlsrc:multi-bitrate:
   *
   * Who chooses among the tracks of one kind, where #wsctlsrc:audio-track or
   * #wsctlsrc:video-track does not: the server once (`disabled`), the rules of the
   * Ceeblue client (`linear`), or what the arrival of packets tells of the way
   * and the decoder of its work (`adaptive`). (docs/quality.md)
   */
  g_object_class_install_property (klass,
      first_prop + GST_WSCTL_SRC_STREAM_PROP_MULTI_BITRATE,
      g_param_spec_enum ("multi-bitrate", "Multi-bitrate",
          "Who chooses among the renditions of the stream",
          GST_WSCTL_TYPE_RENDITION_POLICY, DEFAULT_MULTI_BITRATE,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * wsctlsrc:data-tracks:
   *
   * The tracks of timed data to receive: `all`, or indexes with commas between
   * them. Each gets a pad `data_%u` with its first item. Without it, or empty,
   * none are asked for.
   */
  g_object_class_install_property (klass,
      first_prop + GST_WSCTL_SRC_STREAM_PROP_DATA_TRACKS,
      g_param_spec_string ("data-tracks", "Data tracks",
          "Tracks of timed data to receive: all, or indexes like 0,1", NULL,
          flags | GST_PARAM_MUTABLE_READY));

  gst_wsctl_src_data_install (GST_ELEMENT_CLASS (klass));
  gst_wsctl_src_info_install_signals (G_TYPE_FROM_CLASS (klass));
  gst_type_mark_as_plugin_api (GST_WSCTL_TYPE_STREAM_STATE, 0);
  gst_type_mark_as_plugin_api (GST_WSCTL_TYPE_RENDITION_POLICY, 0);
}
