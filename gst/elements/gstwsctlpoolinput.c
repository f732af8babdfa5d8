/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   this pad --> clocksync --> (chain) --> track of the pool, or --> (drain)
 *
 * What stands behind the clocksync is made when the first caps come, on their
 * way through it. It paces what is not live, from the first buffer on.
 */

#include "gstwsctlpoolinput.h"

#include "gstwsctldrain.h"
#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlsendchain.h"
#include "gstwsctlupstream.h"
#include "wsctlcodec-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpoolinput_debug);
#define GST_CAT_DEFAULT wsctlpoolinput_debug

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

  /* Streaming thread, or stopped */
  const GstWsctlCodec *codec;   /* of the track */
  GstElement *chain;            /* for raw media */
  GstCaps *chain_caps;          /* that it was built for */
};

G_DEFINE_FINAL_TYPE (GstWsctlPoolInput, gst_wsctl_pool_input,
    GST_TYPE_GHOST_PAD);

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

static gboolean
set_up (GstElement * element, gpointer data)
{
  return FALSE;
}

static gboolean
on_key_frame (gpointer data)
{
  return TRUE;
}

static gboolean
on_frame (GstBuffer * frame, gpointer data)
{
  return TRUE;
}

static void
on_chain_error (const GError * error, gpointer data)
{
  GstWsctlPoolInput *self = data;

  self->callbacks->error (self, error, self->bin);
}

static void
on_chain_warning (const gchar * text, gpointer data)
{
  GstWsctlPoolInput *self = data;

  GST_ELEMENT_WARNING (self->bin, STREAM, FORMAT, ("%s.", text), (NULL));
}

static const GstWsctlSendChainCallbacks chain_callbacks = {
  set_up, set_up, on_key_frame, on_frame, on_chain_error, on_chain_warning
};

static const GstWsctlCodec *
choose (GstWsctlPoolInput * self, const GstCaps * caps, const GstCaps * wanted,
    GError ** error)
{
  const GstWsctlCodec *codec;

  if (gst_wsctl_form_of_caps (caps) != GST_WSCTL_FORM_RAW) {
    codec = gst_wsctl_codec_find_for_caps (caps);
    if (codec == NULL)
      g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
          "what comes in on '%s' is nothing that peers know",
          GST_PAD_NAME (self));
    return codec;
  }

  codec = choose_codec (self, wanted);
  if (codec == NULL)
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "no encoder is installed for any %s codec that is wanted",
        gst_wsctl_media_kind_get_nick (self->kind));

  return codec;
}

static void
remove_element (GstBin * bin, GstElement * element)
{
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
  if (gst_object_has_as_parent (GST_OBJECT (element), GST_OBJECT (bin)))
    gst_bin_remove (bin, element);
}

static void
clear_chain (GstWsctlPoolInput * self)
{
  gst_clear_caps (&self->chain_caps);
  if (self->chain != NULL)
    remove_element (self->bin, g_steal_pointer (&self->chain));
  gst_wsctl_drain_link (self->head);
}

static gboolean
link_track (GstWsctlPoolInput * self, GstWsctlTrack * track, GError ** error)
{
  GstElement *last = self->chain != NULL ? self->chain : self->head;
  g_autoptr (GstPad) src = gst_element_get_static_pad (last, "src");

  if (last == self->head)
    gst_wsctl_drain_unlink (self->head);
  if (gst_pad_link (src, gst_wsctl_track_get_pad (track)) == GST_PAD_LINK_OK)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
      "what comes in on '%s' cannot be sent", GST_PAD_NAME (self));

  return FALSE;
}

/* An encoder and what it needs in front, for raw media */
static gboolean
connect_track (GstWsctlPoolInput * self, const GstCaps * caps,
    GstWsctlTrack * track, GError ** error)
{
  g_autoptr (GstCaps) encoded = NULL;

  if (gst_wsctl_form_of_caps (caps) != GST_WSCTL_FORM_RAW)
    return link_track (self, track, error);

  encoded = gst_caps_from_string (self->codec->encoded_caps);
  self->chain = gst_wsctl_send_chain_new (caps, encoded, &chain_callbacks, self,
      error);
  if (self->chain == NULL)
    return FALSE;

  self->chain_caps = gst_caps_copy (caps);
  gst_bin_add (self->bin, self->chain);
  if (!link_track (self, track, error))
    return FALSE;
  gst_element_sync_state_with_parent (self->chain);
  gst_wsctl_drain_unlink (self->head);

  return gst_element_link (self->head, self->chain);
}

/* On the streaming thread, with the first caps */
static gboolean
build (GstWsctlPoolInput * self, const GstCaps * caps, GError ** error)
{
  g_autoptr (GstWsctlPool) pool = NULL;
  g_autoptr (GstCaps) wanted = NULL;
  g_autoptr (GstCaps) encoded = NULL;
  g_autoptr (GstWsctlTrack) track = NULL;
  GList list = { NULL, };

  g_mutex_lock (&self->lock);
  if (self->pool != NULL)
    pool = g_object_ref (self->pool);
  if (self->wanted != NULL)
    wanted = gst_caps_ref (self->wanted);
  g_mutex_unlock (&self->lock);
  if (pool == NULL)
    return TRUE;

  self->codec = choose (self, caps, wanted, error);
  if (self->codec == NULL)
    return FALSE;
  encoded = gst_caps_from_string (self->codec->encoded_caps);
  track = gst_wsctl_pool_create_track (pool, encoded, error);
  if (track == NULL || !connect_track (self, caps, track, error)) {
    clear_chain (self);
    return FALSE;
  }

  list.data = track;
  g_mutex_lock (&self->lock);
  self->stream = gst_wsctl_managed_stream_new (pool, &list);
  self->track = g_steal_pointer (&track);
  g_mutex_unlock (&self->lock);
  self->callbacks->ready (self, self->bin);

  return TRUE;
}

/* Raw media that needs another chain, for the same track */
static gboolean
rebuild (GstWsctlPoolInput * self, const GstCaps * caps, GError ** error)
{
  g_autoptr (GstWsctlTrack) track = NULL;

  if (self->chain == NULL
      || gst_wsctl_form_of_caps (caps) != GST_WSCTL_FORM_RAW
      || gst_wsctl_send_chain_fits (self->chain_caps, caps))
    return TRUE;

  g_mutex_lock (&self->lock);
  if (self->track != NULL)
    track = g_object_ref (self->track);
  g_mutex_unlock (&self->lock);
  clear_chain (self);

  return track == NULL || connect_track (self, caps, track, error);
}

static GstPadProbeReturn
on_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlPoolInput *self = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  g_autoptr (GError) error = NULL;
  gboolean live, built;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;

  gst_wsctl_upstream_is_live (GST_PAD (self), &live);
  g_object_set (self->head, "sync", !live, NULL);
  gst_event_parse_caps (event, &caps);
  built = gst_wsctl_drain_is_linked (self->head)
      ? build (self, caps, &error) : rebuild (self, caps, &error);
  if (!built)
    self->callbacks->error (self, error, self->bin);

  return GST_PAD_PROBE_OK;
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
  gst_wsctl_drain_link (self->head);
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

  g_clear_object (&stream);
  g_clear_object (&track);
  clear_chain (self);
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
