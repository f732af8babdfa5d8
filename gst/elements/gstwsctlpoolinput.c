/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   this pad --> clocksync --> (converter --> encoder) --> track of the pool
 *
 * What stands behind the clocksync is made when the first caps come, on their
 * way through it. It paces what is not live, from the first buffer on.
 */

#include "gstwsctlpoolinput.h"

#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlupstream.h"
#include "wsctlcodec-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpoolinput_debug);
#define GST_CAT_DEFAULT wsctlpoolinput_debug

#define MAX_PARTS 4

struct _GstWsctlPoolInput
{
  GstGhostPad parent;

  GstBin *bin;                  /* our parent: it outlives us */
  GstWsctlMediaKind kind;
  const GstWsctlPoolInputCallbacks *callbacks;
  GstElement *head;
  gulong probe_id;

  GMutex lock;
  GstWsctlPool *pool;           /* lock; NULL while stopped */
  GstCaps *wanted;              /* lock */
  GstWsctlTrack *track;         /* lock */
  GstWsctlManagedStream *stream;        /* lock */

  GstElement *parts[MAX_PARTS]; /* streaming thread, or stopped */
  guint n_parts;
};

G_DEFINE_FINAL_TYPE (GstWsctlPoolInput, gst_wsctl_pool_input,
    GST_TYPE_GHOST_PAD);

static gboolean
add_part (GstWsctlPoolInput * self, GstElement * element, const gchar * what,
    GError ** error)
{
  GstElement *before = self->n_parts > 0 ? self->parts[self->n_parts - 1]
      : self->head;

  if (element == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "%s is not installed", what);
    return FALSE;
  }

  self->parts[self->n_parts++] = element;
  gst_bin_add (self->bin, element);
  if (gst_element_link (before, element)
      && gst_element_sync_state_with_parent (element))
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
      "%s does not take what comes in", what);

  return FALSE;
}

static gboolean
add_factory (GstWsctlPoolInput * self, const gchar * factory, GError ** error)
{
  return add_part (self, gst_element_factory_make (factory, NULL), factory,
      error);
}

/* The first codec that is wanted, can be encoded and sent. Without a wish it is
 * what every browser has and costs least: VP8 and Opus. */
static const GstWsctlCodec *
choose_codec (GstWsctlPoolInput * self, const GstCaps * wanted)
{
  const GstWsctlCodec *codec;
  guint i;

  for (i = 0; wanted != NULL && i < gst_caps_get_size (wanted); i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (wanted, i);

    codec = gst_wsctl_codec_find_for_caps (one);
    if (codec != NULL && codec->kind == self->kind
        && gst_wsctl_codec_can_send (codec) && gst_wsctl_encoder_exists (codec))
      return codec;
  }
  if (wanted != NULL)
    return NULL;

  codec = gst_wsctl_codec_find (self->kind == GST_WSCTL_MEDIA_KIND_VIDEO
      ? "VP8" : "OPUS");
  if (gst_wsctl_encoder_exists (codec))
    return codec;
  for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
    if (codec->kind == self->kind && gst_wsctl_codec_can_send (codec)
        && gst_wsctl_encoder_exists (codec))
      return codec;
  }

  return NULL;
}

/* The best one that starts, set up for live media */
static GstElement *
make_encoder (const GstWsctlCodec * codec, const GstWsctlEncoderRow ** row)
{
  g_autoptr (GPtrArray) factories = gst_wsctl_encoder_list (codec, NULL);
  guint i;

  for (i = 0; i < factories->len; i++) {
    GstElement *encoder =
        gst_element_factory_create (g_ptr_array_index (factories, i), NULL);

    if (encoder == NULL)
      continue;
    *row = gst_wsctl_encoder_get_row (encoder, codec);
    if (*row != NULL)
      gst_wsctl_encoder_set_up (encoder, *row);
    if (gst_element_set_state (encoder, GST_STATE_READY)
        != GST_STATE_CHANGE_FAILURE)
      return encoder;
    gst_element_set_state (encoder, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (encoder));
  }

  return NULL;
}

static gboolean
add_encoder (GstWsctlPoolInput * self, const GstWsctlCodec * codec,
    GError ** error)
{
  g_autofree gchar *what = g_strdup_printf ("an encoder for %s", codec->name);
  const GstWsctlEncoderRow *row = NULL;
  g_autoptr (GstCaps) profile = NULL;

  if (!add_part (self, make_encoder (codec, &row), what, error))
    return FALSE;
  if (row == NULL || row->profile == NULL)
    return TRUE;
  if (!add_factory (self, "capsfilter", error))
    return FALSE;
  profile = gst_caps_from_string (row->profile);
  g_object_set (self->parts[self->n_parts - 1], "caps", profile, NULL);

  return TRUE;
}

static gboolean
add_converters (GstWsctlPoolInput * self, GError ** error)
{
  if (self->kind == GST_WSCTL_MEDIA_KIND_VIDEO)
    return add_factory (self, "videoconvert", error);

  return add_factory (self, "audioconvert", error)
      && add_factory (self, "audioresample", error);
}

/* NULL with @error */
static const GstWsctlCodec *
build_chain (GstWsctlPoolInput * self, const GstCaps * caps,
    const GstCaps * wanted, GError ** error)
{
  const GstWsctlCodec *codec;

  if (gst_wsctl_form_of_caps (caps) != GST_WSCTL_FORM_RAW)
    return gst_wsctl_codec_find_for_caps (caps);

  codec = choose_codec (self, wanted);
  if (codec == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "no encoder is installed for any %s codec that is wanted",
        gst_wsctl_media_kind_get_nick (self->kind));
    return NULL;
  }

  return add_converters (self, error) && add_encoder (self, codec, error)
      ? codec : NULL;
}

static gboolean
link_track (GstWsctlPoolInput * self, GstWsctlTrack * track, GError ** error)
{
  GstElement *last = self->n_parts > 0 ? self->parts[self->n_parts - 1]
      : self->head;
  g_autoptr (GstPad) src = gst_element_get_static_pad (last, "src");

  if (gst_pad_link (src, gst_wsctl_track_get_pad (track)) == GST_PAD_LINK_OK)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
      "what comes in on '%s' cannot be sent", GST_PAD_NAME (self));

  return FALSE;
}

/* On the streaming thread, with the first caps */
static gboolean
build (GstWsctlPoolInput * self, const GstCaps * caps, GError ** error)
{
  g_autoptr (GstWsctlPool) pool = NULL;
  g_autoptr (GstCaps) wanted = NULL;
  g_autoptr (GstCaps) encoded = NULL;
  g_autoptr (GstWsctlTrack) track = NULL;
  const GstWsctlCodec *codec;
  GList list = { NULL, };

  g_mutex_lock (&self->lock);
  if (self->pool != NULL)
    pool = g_object_ref (self->pool);
  if (self->wanted != NULL)
    wanted = gst_caps_ref (self->wanted);
  g_mutex_unlock (&self->lock);
  if (pool == NULL)
    return TRUE;

  codec = build_chain (self, caps, wanted, error);
  if (codec == NULL)
    return FALSE;
  encoded = gst_caps_from_string (codec->encoded_caps);
  track = gst_wsctl_pool_create_track (pool, encoded, error);
  if (track == NULL || !link_track (self, track, error))
    return FALSE;

  list.data = track;
  g_mutex_lock (&self->lock);
  self->stream = gst_wsctl_managed_stream_new (pool, &list);
  self->track = g_steal_pointer (&track);
  g_mutex_unlock (&self->lock);
  self->callbacks->ready (self, self->bin);

  return TRUE;
}

static GstPadProbeReturn
on_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlPoolInput *self = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  g_autoptr (GError) error = NULL;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    g_object_set (self->head, "sync",
        !gst_wsctl_upstream_is_live (GST_PAD (self)), NULL);
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS || gst_pad_is_linked (pad))
    return GST_PAD_PROBE_OK;

  gst_event_parse_caps (event, &caps);
  if (build (self, caps, &error))
    return GST_PAD_PROBE_OK;

  if (error == NULL)
    error = g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "what comes in on '%s' is nothing that peers know",
        GST_PAD_NAME (self));
  self->callbacks->error (self, error, self->bin);

  return GST_PAD_PROBE_OK;
}

/* What comes while there is no track is not for anybody. */
static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return gst_pad_is_linked (pad) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

GstWsctlPoolInput *
gst_wsctl_pool_input_new (GstBin * bin, GstPadTemplate * template,
    GstWsctlMediaKind kind, const GstWsctlPoolInputCallbacks * callbacks)
{
  GstWsctlPoolInput *self = g_object_new (GST_TYPE_WSCTL_POOL_INPUT, "name",
      gst_wsctl_media_kind_get_nick (kind), "direction", GST_PAD_SINK,
      "template", template, NULL);
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstPad) src = NULL;

  GST_DEBUG_CATEGORY_INIT (wsctlpoolinput_debug, "wsctlpoolinput", 0,
      "WebRTC WebSocket control: input of wsctlpool");

  self->bin = bin;
  self->kind = kind;
  self->callbacks = callbacks;
  self->head = gst_wsctl_upstream_new_clocksync ();
  g_object_set (self->head, "sync-to-first", TRUE, NULL);
  gst_bin_add (bin, self->head);
  gst_element_sync_state_with_parent (self->head);

  sink = gst_element_get_static_pad (self->head, "sink");
  src = gst_element_get_static_pad (self->head, "src");
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, self,
      NULL);
  gst_pad_add_probe (src,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_data,
      NULL, NULL);
  gst_ghost_pad_set_target (GST_GHOST_PAD (self), sink);
  gst_pad_set_active (GST_PAD (self), TRUE);
  gst_element_add_pad (GST_ELEMENT (bin), GST_PAD (self));

  return self;
}

void
gst_wsctl_pool_input_start (GstWsctlPoolInput * self, GstWsctlPool * pool,
    const GstCaps * wanted)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->pool, pool);
  gst_caps_replace (&self->wanted, (GstCaps *) wanted);
  g_mutex_unlock (&self->lock);
}

gboolean
gst_wsctl_pool_input_is_ready (GstWsctlPoolInput * self)
{
  gboolean ready;

  g_mutex_lock (&self->lock);
  ready = self->track != NULL;
  g_mutex_unlock (&self->lock);

  return ready;
}

GstWsctlManagedStream *
gst_wsctl_pool_input_get_stream (GstWsctlPoolInput * self)
{
  GstWsctlManagedStream *stream;

  g_mutex_lock (&self->lock);
  stream = self->stream != NULL ? g_object_ref (self->stream) : NULL;
  g_mutex_unlock (&self->lock);

  return stream;
}

static void
remove_element (GstBin * bin, GstElement * element)
{
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
  if (gst_object_has_as_parent (GST_OBJECT (element), GST_OBJECT (bin)))
    gst_bin_remove (bin, element);
}

void
gst_wsctl_pool_input_stop (GstWsctlPoolInput * self)
{
  g_autoptr (GstWsctlPool) pool = NULL;
  g_autoptr (GstWsctlTrack) track = NULL;
  g_autoptr (GstWsctlManagedStream) stream = NULL;

  g_mutex_lock (&self->lock);
  pool = g_steal_pointer (&self->pool);
  track = g_steal_pointer (&self->track);
  stream = g_steal_pointer (&self->stream);
  g_mutex_unlock (&self->lock);

  while (self->n_parts > 0)
    remove_element (self->bin, self->parts[--self->n_parts]);
}

void
gst_wsctl_pool_input_remove (GstWsctlPoolInput * self)
{
  g_autoptr (GstElement) head = gst_object_ref (self->head);
  GstBin *bin = self->bin;

  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_wsctl_pool_input_stop (self);
  gst_element_remove_pad (GST_ELEMENT (bin), GST_PAD (self));
  remove_element (bin, head);
}

static void
gst_wsctl_pool_input_finalize (GObject * object)
{
  GstWsctlPoolInput *self = GST_WSCTL_POOL_INPUT (object);

  g_clear_object (&self->pool);
  g_clear_object (&self->stream);
  g_clear_object (&self->track);
  gst_clear_caps (&self->wanted);
  gst_clear_object (&self->head);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_pool_input_parent_class)->finalize (object);
}

static void
gst_wsctl_pool_input_class_init (GstWsctlPoolInputClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_pool_input_finalize;
}

static void
gst_wsctl_pool_input_init (GstWsctlPoolInput * self)
{
  g_mutex_init (&self->lock);
}
