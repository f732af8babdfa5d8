/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   this pad --> identity --> (chain) --> webrtcbin
 *
 * The gate is a probe on the pad itself: whatever the network does, upstream is
 * neither blocked nor told of an error.
 */

#include "gstwsctlinput.h"

#include <gst/video/video.h>

#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlsendchain.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlinput_debug);
#define GST_CAT_DEFAULT wsctlinput_debug

struct _GstWsctlInput
{
  GstGhostPad parent;

  GstBin *bin;                  /* our parent: it outlives us */
  GstElement *head;
  GstWsctlMediaKind kind;
  GstWsctlInputCallbacks callbacks;

  GMutex build_lock;            /* held while a chain is built or taken away */
  GstWsctlConnection *session;  /* build_lock: to build for, or NULL */
  gboolean connected;           /* build_lock: media can flow */
  GstCaps *caps;                /* build_lock: of what comes in */
  GstElement *chain;            /* build_lock */
  GstCaps *rtp;                 /* build_lock: agreed */
  guint bitrate_bps;            /* build_lock */

  gint open;                    /* atomic: data passes */
  gint waits_for_key;           /* atomic: encoded input, nothing sent yet */
  gint eos;                     /* atomic */
};

G_DEFINE_FINAL_TYPE (GstWsctlInput, gst_wsctl_input, GST_TYPE_GHOST_PAD);

static void
request_key_frame (GstWsctlInput * self)
{
  gst_pad_push_event (GST_PAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static gboolean
is_live (GstWsctlInput * self)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_peer_query (GST_PAD (self), query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);

  return live;
}

/* With build_lock held */
static gboolean
link_chain (GstWsctlInput * self, GstElement * chain)
{
  g_autoptr (GstPad) sink =
      gst_wsctl_connection_get_sink_pad (self->session, self->kind);
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  if (sink == NULL || gst_pad_link (src, sink) != GST_PAD_LINK_OK)
    return FALSE;

  gst_wsctl_connection_set_live (sink, is_live (self));
  gst_element_sync_state_with_parent (chain);

  return gst_element_link_pads (self->head, "src", chain, "sink");
}

/* With build_lock held. webrtcbin would block what comes before DTLS is up, and
 * upstream with it. */
static void
open_when_built (GstWsctlInput * self)
{
  if (self->session == NULL || !self->connected || self->chain == NULL)
    return;

  g_atomic_int_set (&self->waits_for_key,
      gst_wsctl_form_of_caps (self->caps) == GST_WSCTL_FORM_ENCODED
      && self->kind == GST_WSCTL_MEDIA_KIND_VIDEO);
  g_atomic_int_set (&self->open, TRUE);
}

/* With build_lock held: builds when all is known and it was not done yet. */
static gboolean
build_locked (GstWsctlInput * self, GError ** error)
{
  GstElement *chain;

  if (self->session == NULL || self->chain != NULL || self->rtp == NULL
      || self->caps == NULL)
    return TRUE;

  chain = gst_wsctl_send_chain_new (self->caps, self->rtp, error);
  if (chain == NULL)
    return FALSE;

  if (self->bitrate_bps > 0)
    gst_wsctl_send_chain_set_bitrate (GST_WSCTL_SEND_CHAIN (chain),
        self->bitrate_bps);
  gst_bin_add (self->bin, chain);
  if (!link_chain (self, chain)) {
    gst_element_set_state (chain, GST_STATE_NULL);
    gst_bin_remove (self->bin, chain);
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "the %s that comes in does not fit the codec that was agreed",
        gst_wsctl_media_kind_get_nick (self->kind));
    return FALSE;
  }

  GST_INFO_OBJECT (self, "sends %" GST_PTR_FORMAT " as %" GST_PTR_FORMAT,
      self->caps, self->rtp);
  self->chain = chain;
  open_when_built (self);

  return TRUE;
}

static void
build (GstWsctlInput * self)
{
  g_autoptr (GError) error = NULL;
  gboolean built;

  g_mutex_lock (&self->build_lock);
  built = build_locked (self, &error);
  g_mutex_unlock (&self->build_lock);

  if (!built)
    self->callbacks.error (self, error, self->bin);
  else if (g_atomic_int_get (&self->waits_for_key))
    request_key_frame (self);
}

static gboolean
may_pass (GstWsctlInput * self, GstBuffer * buffer)
{
  if (!g_atomic_int_get (&self->open))
    return FALSE;

  if (!g_atomic_int_get (&self->waits_for_key))
    return TRUE;

  /* What nobody could decode is not worth the bandwidth. */
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    return FALSE;
  g_atomic_int_set (&self->waits_for_key, FALSE);

  return TRUE;
}

/* The pad itself takes note of caps only when they have passed, so they are kept
 * here. */
static void
take_caps (GstWsctlInput * self, GstEvent * event)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  g_mutex_lock (&self->build_lock);
  gst_caps_replace (&self->caps, caps);
  g_mutex_unlock (&self->build_lock);

  self->callbacks.caps (self, self->bin);
  build (self);
}

static GstPadProbeReturn
on_event (GstWsctlInput * self, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      take_caps (self, event);
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      g_atomic_int_set (&self->eos, FALSE);
      break;
    case GST_EVENT_EOS:
      /* The connection outlives a stream: the element says when all ended. */
      g_atomic_int_set (&self->eos, TRUE);
      self->callbacks.eos (self, self->bin);
      return GST_PAD_PROBE_DROP;
    default:
      break;
  }

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (pad);
  GstBufferList *list;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
    return on_event (self, GST_PAD_PROBE_INFO_EVENT (info));

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return may_pass (self, GST_PAD_PROBE_INFO_BUFFER (info))
        ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;

  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  if (gst_buffer_list_length (list) == 0)
    return GST_PAD_PROBE_OK;

  return may_pass (self, gst_buffer_list_get (list, 0))
      ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* A chain that is taken away under a buffer says that it flushes, and a source
 * that hears it stops for good. What is broken has told the bin; only caps that
 * do not fit are upstream's business. */
static GstFlowReturn
forgive (GstPad * pad, GstFlowReturn ret)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (pad);

  if (ret == GST_FLOW_NOT_NEGOTIATED && g_atomic_int_get (&self->open))
    return ret;

  return GST_FLOW_OK;
}

static GstFlowReturn
on_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  return forgive (pad, gst_proxy_pad_chain_default (pad, parent, buffer));
}

static GstFlowReturn
on_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  return forgive (pad, gst_proxy_pad_chain_list_default (pad, parent, list));
}

GstWsctlInput *
gst_wsctl_input_new (GstBin * bin, GstPadTemplate * template,
    GstWsctlMediaKind kind, const GstWsctlInputCallbacks * callbacks)
{
  GstWsctlInput *self = g_object_new (GST_TYPE_WSCTL_INPUT, "name",
      gst_wsctl_media_kind_get_nick (kind), "direction", GST_PAD_SINK,
      "template", template, NULL);
  g_autoptr (GstPad) target = NULL;

  GST_DEBUG_CATEGORY_INIT (wsctlinput_debug, "wsctlinput", 0,
      "WebRTC WebSocket control: input of wsctlsink");

  self->bin = bin;
  self->kind = kind;
  self->callbacks = *callbacks;
  self->head = gst_object_ref_sink (gst_element_factory_make ("identity",
          NULL));
  g_object_set (self->head, "silent", TRUE, NULL);
  gst_bin_add (bin, self->head);
  gst_element_sync_state_with_parent (self->head);

  target = gst_element_get_static_pad (self->head, "sink");
  gst_ghost_pad_set_target (GST_GHOST_PAD (self), target);
  gst_pad_set_chain_function (GST_PAD (self), on_chain);
  gst_pad_set_chain_list_function (GST_PAD (self), on_chain_list);
  gst_pad_add_probe (GST_PAD (self), GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_data, NULL, NULL);

  return self;
}

GstWsctlMediaKind
gst_wsctl_input_get_kind (GstWsctlInput * self)
{
  return self->kind;
}

static gboolean
is_wanted (const GstWsctlCodec * codec, const GstCaps * wanted)
{
  g_autoptr (GstCaps) caps = NULL;

  if (wanted == NULL || gst_caps_is_any (wanted))
    return TRUE;

  caps = gst_caps_from_string (codec->encoded_caps);

  return gst_caps_can_intersect (wanted, caps);
}

static void
offer_codec (GstCaps * offer, const GstWsctlCodec * codec, gint payload)
{
  gst_caps_append (offer, gst_wsctl_codec_get_offer_caps (codec, payload));
}

/* All that can be encoded, in the order wanted, or in ours. */
static void
offer_encoders (GstWsctlInput * self, GstCaps * offer, const GstCaps * wanted)
{
  const GstWsctlCodec *codec;
  guint i, n;

  if (wanted == NULL || gst_caps_is_any (wanted)) {
    for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
      if (codec->kind == self->kind && gst_wsctl_codec_can_send (codec)
          && gst_wsctl_encoder_exists (codec))
        offer_codec (offer, codec, -1);
    }
    return;
  }

  n = gst_caps_get_size (wanted);
  for (i = 0; i < n; i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (wanted, i);

    codec = gst_wsctl_codec_find_for_caps (one);
    if (codec != NULL && codec->kind == self->kind
        && gst_wsctl_codec_can_send (codec) && gst_wsctl_encoder_exists (codec))
      offer_codec (offer, codec, -1);
  }
}

static GstCaps *
query_input (GstWsctlInput * self)
{
  g_autoptr (GstCaps) template = NULL;
  GstCaps *caps = NULL;

  g_mutex_lock (&self->build_lock);
  if (self->caps != NULL)
    caps = gst_caps_ref (self->caps);
  g_mutex_unlock (&self->build_lock);
  if (caps != NULL)
    return caps;

  template = gst_pad_get_pad_template_caps (GST_PAD (self));

  return gst_pad_peer_query_caps (GST_PAD (self), template);
}

GstCaps *
gst_wsctl_input_get_offer (GstWsctlInput * self, const GstCaps * wanted)
{
  g_autoptr (GstCaps) input = query_input (self);
  GstWsctlForm form = gst_wsctl_form_of_caps (input);
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (input);
  GstCaps *offer;
  gint payload = -1;

  /* Of RTP, the payload type must be known: it is what is offered. A link may
   * leave several codecs open; only caps that are fixed name a wrong one. */
  if (form == GST_WSCTL_FORM_UNKNOWN
      || (form != GST_WSCTL_FORM_RAW && codec == NULL
          && !gst_caps_is_fixed (input))
      || (form == GST_WSCTL_FORM_RTP && codec != NULL
          && !gst_structure_get_int (gst_caps_get_structure (input, 0),
              "payload", &payload)))
    return NULL;

  offer = gst_caps_new_empty ();
  if (form == GST_WSCTL_FORM_RAW)
    offer_encoders (self, offer, wanted);
  else if (codec != NULL && is_wanted (codec, wanted)
      && gst_wsctl_codec_can_send (codec))
    offer_codec (offer, codec, payload);

  return offer;
}

void
gst_wsctl_input_begin (GstWsctlInput * self, GstWsctlConnection * session)
{
  g_mutex_lock (&self->build_lock);
  g_set_object (&self->session, session);
  g_mutex_unlock (&self->build_lock);
}

/* What comes from a session that is over comes too late. */
void
gst_wsctl_input_connect (GstWsctlInput * self, GstWsctlConnection * session,
    const GstCaps * rtp)
{
  g_mutex_lock (&self->build_lock);
  if (self->session == session)
    gst_caps_replace (&self->rtp, (GstCaps *) rtp);
  g_mutex_unlock (&self->build_lock);

  build (self);
}

void
gst_wsctl_input_open (GstWsctlInput * self, GstWsctlConnection * session)
{
  g_mutex_lock (&self->build_lock);
  if (self->session == session) {
    self->connected = TRUE;
    open_when_built (self);
  }
  g_mutex_unlock (&self->build_lock);

  if (g_atomic_int_get (&self->waits_for_key))
    request_key_frame (self);
}

/* With build_lock held */
static void
end_session (GstWsctlInput * self)
{
  self->connected = FALSE;
  g_atomic_int_set (&self->open, FALSE);
  g_atomic_int_set (&self->waits_for_key, FALSE);
  gst_clear_caps (&self->rtp);
  g_clear_object (&self->session);
}

void
gst_wsctl_input_block (GstWsctlInput * self)
{
  g_mutex_lock (&self->build_lock);
  end_session (self);
  g_mutex_unlock (&self->build_lock);
}

void
gst_wsctl_input_disconnect (GstWsctlInput * self)
{
  GstElement *chain;

  g_mutex_lock (&self->build_lock);
  end_session (self);
  chain = g_steal_pointer (&self->chain);
  g_mutex_unlock (&self->build_lock);

  if (chain == NULL)
    return;

  gst_element_unlink (self->head, chain);
  gst_element_set_locked_state (chain, TRUE);
  gst_element_set_state (chain, GST_STATE_NULL);
  gst_bin_remove (self->bin, chain);
}

void
gst_wsctl_input_remove (GstWsctlInput * self)
{
  GstBin *bin = self->bin;
  g_autoptr (GstElement) head = gst_object_ref (self->head);

  gst_wsctl_input_disconnect (self);
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_element_remove_pad (GST_ELEMENT (bin), GST_PAD (self));
  gst_element_set_locked_state (head, TRUE);
  gst_element_set_state (head, GST_STATE_NULL);
  /* A bin that goes away has let go of it before its pads. */
  if (gst_object_has_as_parent (GST_OBJECT (head), GST_OBJECT (bin)))
    gst_bin_remove (bin, head);
}

void
gst_wsctl_input_set_bitrate (GstWsctlInput * self, guint bitrate_bps)
{
  g_mutex_lock (&self->build_lock);
  self->bitrate_bps = bitrate_bps;
  if (self->chain != NULL && bitrate_bps > 0)
    gst_wsctl_send_chain_set_bitrate (GST_WSCTL_SEND_CHAIN (self->chain),
        bitrate_bps);
  g_mutex_unlock (&self->build_lock);
}

gboolean
gst_wsctl_input_has_encoder (GstWsctlInput * self)
{
  gboolean result;

  g_mutex_lock (&self->build_lock);
  result = self->chain != NULL
      && gst_wsctl_send_chain_has_encoder (GST_WSCTL_SEND_CHAIN (self->chain));
  g_mutex_unlock (&self->build_lock);

  return result;
}

gboolean
gst_wsctl_input_is_eos (GstWsctlInput * self)
{
  return g_atomic_int_get (&self->eos);
}

static void
gst_wsctl_input_finalize (GObject * object)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (object);

  g_assert (self->chain == NULL);

  g_clear_object (&self->head);
  g_clear_object (&self->session);
  gst_clear_caps (&self->caps);
  gst_clear_caps (&self->rtp);
  g_mutex_clear (&self->build_lock);

  G_OBJECT_CLASS (gst_wsctl_input_parent_class)->finalize (object);
}

static void
gst_wsctl_input_class_init (GstWsctlInputClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_input_finalize;
}

static void
gst_wsctl_input_init (GstWsctlInput * self)
{
  g_mutex_init (&self->build_lock);
}
