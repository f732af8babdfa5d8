/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlTrack:
 *
 * Encoded audio or video on its way to the peers of a pool: encoded once, sent to
 * all. Link the source pad of an encoder or a parser to its pad. Made by
 * gst_wsctl_pool_create_track().
 *
 * Inside is a tee, and behind it a branch for each receiver:
 *
 *     pad ─▶ tee ─┬▶ queue ─▶ payloader ─▶ webrtcbin of one peer
 *                 └▶ queue ─▶ payloader ─▶ webrtcbin of another
 *
 * Functions may be called from any thread.
 *
 * Since: 0.1
 */

#include "wsctltrack-private.h"

#include <gst/video/video.h>

#include "wsctlerror.h"
#include "wsctlpictures-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctltrack_debug);
#define GST_CAT_DEFAULT wsctltrack_debug

struct _GstWsctlTrack
{
  GObject parent;

  GstBin *bin;                  /* lock; NULL once ended */
  GMutex lock;
  const GstWsctlCodec *codec;
  GstWsctlPictures *pictures;   /* streaming thread */
  gboolean refused;             /* streaming thread */
  GstElement *first;            /* the parser, or the tee itself */
  GstElement *filter;           /* between them, or NULL */
  GstElement *tee;
  GstPad *pad;                  /* on the bin */
  gint muted;                   /* atomic */
  gint ended;                   /* atomic */
};

enum
{
  PROP_0,
  PROP_KIND,
  PROP_PAD,
  PROP_MUTED,
  PROP_ENDED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (GstWsctlTrack, gst_wsctl_track, G_TYPE_OBJECT);

/* FALSE when peers cannot show it: said once, by the element that has it. */
static gboolean
check_order (GstWsctlTrack * self)
{
  if (!gst_wsctl_pictures_is_reordered (self->pictures))
    return TRUE;

  if (!self->refused)
    GST_ELEMENT_ERROR (self->tee, STREAM, FORMAT,
        ("The %s that comes in has B-frames, which peers of WebRTC do not take; "
            "encode it without (x264enc: bframes=0).", self->codec->name),
        ("the output order is not the decoding order"));
  self->refused = TRUE;

  return FALSE;
}

/* Nothing muted goes on, and the end of a track is not the end of its peers. */
static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlTrack *self = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    GST_PAD_PROBE_INFO_DATA (info) = gst_wsctl_pictures_take (self->pictures,
        GST_PAD_PROBE_INFO_BUFFER (info));
  if (!(info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM))
    return g_atomic_int_get (&self->muted) || !check_order (self)
        ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  g_atomic_int_set (&self->ended, TRUE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENDED]);

  return GST_PAD_PROBE_DROP;
}

static GstElement *
make_element (const gchar * factory, GError ** error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "the element '%s' is not installed", factory);
    return NULL;
  }

  return gst_object_ref_sink (element);
}

/* Parameter sets before every key frame, so that whoever joins can decode */
static gboolean
make_elements (GstWsctlTrack * self, GError ** error)
{
  const gchar *caps = gst_wsctl_pictures_get_caps (self->codec->name);

  self->pictures = gst_wsctl_pictures_new (self->codec->name, 0);
  self->tee = make_element ("tee", error);
  if (self->tee == NULL)
    return FALSE;
  g_object_set (self->tee, "allow-not-linked", TRUE, NULL);

  if (self->codec->parser == NULL) {
    self->first = gst_object_ref (self->tee);
    return TRUE;
  }

  self->first = make_element (self->codec->parser, error);
  if (self->first == NULL)
    return FALSE;
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->first),
          "config-interval") != NULL)
    g_object_set (self->first, "config-interval", -1, NULL);
  if (caps == NULL)
    return TRUE;

  self->filter = make_element ("capsfilter", error);
  if (self->filter != NULL)
    gst_util_set_object_arg (G_OBJECT (self->filter), "caps", caps);

  return self->filter != NULL;
}

static void
add_elements (GstWsctlTrack * self)
{
  g_autoptr (GstPad) target = NULL;
  g_autoptr (GstPad) tee_sink = NULL;

  gst_bin_add (self->bin, self->tee);
  if (self->filter != NULL) {
    gst_bin_add (self->bin, self->filter);
    gst_element_link (self->filter, self->tee);
    gst_element_sync_state_with_parent (self->filter);
  }
  if (self->first != self->tee) {
    gst_bin_add (self->bin, self->first);
    gst_element_link (self->first,
        self->filter != NULL ? self->filter : self->tee);
    gst_element_sync_state_with_parent (self->first);
  }
  gst_element_sync_state_with_parent (self->tee);

  tee_sink = gst_element_get_static_pad (self->tee, "sink");
  gst_pad_add_probe (tee_sink, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_data, self, NULL);
  target = gst_element_get_static_pad (self->first, "sink");
  self->pad = gst_ghost_pad_new (NULL, target);
  gst_object_ref_sink (self->pad);
  gst_pad_set_active (self->pad, TRUE);
  gst_element_add_pad (GST_ELEMENT (self->bin), self->pad);
}

GstWsctlTrack *
gst_wsctl_track_new (GstBin * bin, const GstCaps * caps, GError ** error)
{
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (caps);
  g_autoptr (GstWsctlTrack) self = NULL;

  if (codec == NULL || !gst_wsctl_codec_can_send (codec)
      || gst_structure_has_name (gst_caps_get_structure (caps, 0),
          "application/x-rtp")) {
    g_autofree gchar *text = gst_caps_to_string (caps);

    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "'%s' is no encoded media that can be sent to peers", text);
    return NULL;
  }

  self = g_object_new (GST_WSCTL_TYPE_TRACK, NULL);
  self->codec = codec;
  if (!make_elements (self, error))
    return NULL;
  self->bin = gst_object_ref (bin);
  add_elements (self);

  return g_steal_pointer (&self);
}

const GstWsctlCodec *
gst_wsctl_track_get_codec (GstWsctlTrack * self)
{
  return self->codec;
}

static void
remove_element (GstBin * bin, GstElement * element)
{
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_bin_remove (bin, element);
}

void
gst_wsctl_track_end (GstWsctlTrack * self)
{
  g_autoptr (GstBin) bin = NULL;

  g_mutex_lock (&self->lock);
  bin = g_steal_pointer (&self->bin);
  g_mutex_unlock (&self->lock);
  if (bin == NULL)
    return;

  g_atomic_int_set (&self->ended, TRUE);
  gst_pad_set_active (self->pad, FALSE);
  gst_element_remove_pad (GST_ELEMENT (bin), self->pad);
  if (self->first != self->tee)
    remove_element (bin, self->first);
  if (self->filter != NULL)
    remove_element (bin, self->filter);
  remove_element (bin, self->tee);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENDED]);
}

/**
 * gst_wsctl_track_get_kind:
 * @self: a track
 *
 * What the track is, by the caps it was made for. Any thread.
 *
 * Returns: what it is
 */
GstWsctlMediaKind
gst_wsctl_track_get_kind (GstWsctlTrack * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_TRACK (self), GST_WSCTL_MEDIA_KIND_AUDIO);

  return self->codec->kind;
}

/**
 * gst_wsctl_track_get_pad:
 * @self: a track
 *
 * The pad, on the pool's element, that takes the encoded media. Any thread.
 *
 * Returns: (transfer none): the sink pad
 */
GstPad *
gst_wsctl_track_get_pad (GstWsctlTrack * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_TRACK (self), NULL);

  return self->pad;
}

/**
 * gst_wsctl_track_get_muted:
 * @self: a track
 *
 * Whether it is muted, as #GstWsctlTrack:muted. Any thread.
 *
 * Returns: whether nothing of it is sent
 */
gboolean
gst_wsctl_track_get_muted (GstWsctlTrack * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_TRACK (self), FALSE);

  return g_atomic_int_get (&self->muted);
}

/**
 * gst_wsctl_track_set_muted:
 * @self: a track
 * @muted: whether nothing of it is to be sent
 *
 * Stops what is sent to every peer, or lets it go on, with a key frame. Nothing
 * is negotiated. Any thread.
 */
void
gst_wsctl_track_set_muted (GstWsctlTrack * self, gboolean muted)
{
  g_return_if_fail (GST_WSCTL_IS_TRACK (self));

  muted = !!muted;
  if (!g_atomic_int_compare_and_exchange (&self->muted, !muted, muted))
    return;

  if (!muted)
    gst_wsctl_track_request_key_frame (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MUTED]);
}

/**
 * gst_wsctl_track_get_ended:
 * @self: a track
 *
 * Whether it is over: its source has come to an end, or it was closed. It stays
 * so. Any thread.
 *
 * Returns: whether nothing comes of it any more
 */
gboolean
gst_wsctl_track_get_ended (GstWsctlTrack * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_TRACK (self), TRUE);

  return g_atomic_int_get (&self->ended);
}

/**
 * gst_wsctl_track_request_key_frame:
 * @self: a track
 *
 * Asks the encoder for a key frame; nothing for audio. Any thread.
 */
void
gst_wsctl_track_request_key_frame (GstWsctlTrack * self)
{
  g_autoptr (GstPad) sink = NULL;

  g_return_if_fail (GST_WSCTL_IS_TRACK (self));

  if (self->codec->kind != GST_WSCTL_MEDIA_KIND_VIDEO)
    return;

  sink = gst_element_get_static_pad (self->tee, "sink");
  gst_pad_push_event (sink,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static void
gst_wsctl_track_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstWsctlTrack *self = GST_WSCTL_TRACK (object);

  switch (prop_id) {
    case PROP_KIND:
      g_value_set_enum (value, self->codec->kind);
      break;
    case PROP_PAD:
      g_value_set_object (value, self->pad);
      break;
    case PROP_MUTED:
      g_value_set_boolean (value, gst_wsctl_track_get_muted (self));
      break;
    case PROP_ENDED:
      g_value_set_boolean (value, gst_wsctl_track_get_ended (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_track_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  switch (prop_id) {
    case PROP_MUTED:
      gst_wsctl_track_set_muted (GST_WSCTL_TRACK (object),
          g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_track_dispose (GObject * object)
{
  GstWsctlTrack *self = GST_WSCTL_TRACK (object);

  gst_wsctl_track_end (self);

  G_OBJECT_CLASS (gst_wsctl_track_parent_class)->dispose (object);
}

static void
gst_wsctl_track_finalize (GObject * object)
{
  GstWsctlTrack *self = GST_WSCTL_TRACK (object);

  gst_clear_object (&self->first);
  gst_clear_object (&self->filter);
  gst_clear_object (&self->tee);
  gst_clear_object (&self->pad);
  g_clear_pointer (&self->pictures, gst_wsctl_pictures_free);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_track_parent_class)->finalize (object);
}

static void
gst_wsctl_track_class_init (GstWsctlTrackClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctltrack_debug, "wsctltrack", 0,
      "WebRTC WebSocket control: track of a pool");

  object_class->get_property = gst_wsctl_track_get_property;
  object_class->set_property = gst_wsctl_track_set_property;
  object_class->dispose = gst_wsctl_track_dispose;
  object_class->finalize = gst_wsctl_track_finalize;

  /**
   * GstWsctlTrack:kind:
   *
   * Audio or video.
   */
  properties[PROP_KIND] =
      g_param_spec_enum ("kind", "Kind", "Audio or video",
      GST_WSCTL_TYPE_MEDIA_KIND, GST_WSCTL_MEDIA_KIND_AUDIO,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlTrack:pad:
   *
   * The pad, on the pool's element, that takes the encoded media.
   */
  properties[PROP_PAD] =
      g_param_spec_object ("pad", "Pad", "The pad that takes encoded media",
      GST_TYPE_PAD, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlTrack:muted:
   *
   * Whether nothing of it is sent, to any peer.
   */
  properties[PROP_MUTED] =
      g_param_spec_boolean ("muted", "Muted", "Whether nothing of it is sent",
      FALSE, G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
      | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlTrack:ended:
   *
   * Whether its source has come to an end. Notified on a streaming thread.
   */
  properties[PROP_ENDED] =
      g_param_spec_boolean ("ended", "Ended", "Whether it has come to an end",
      FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
gst_wsctl_track_init (GstWsctlTrack * self)
{
  g_mutex_init (&self->lock);
}

GstElement *
gst_wsctl_track_get_tee (GstWsctlTrack * self)
{
  return self->tee;
}
