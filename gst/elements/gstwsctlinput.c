/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   this pad --> identity --> (chain) --> webrtcbin, or --> (drain)
 *
 * The gate is a probe on the pad itself: whatever the network does, upstream is
 * neither blocked nor told of an error.
 */

#include "gstwsctlinput.h"

#include <gst/video/video.h>

#include "gstwsctldrain.h"
#include "gstwsctlforms.h"
#include "gstwsctlframes.h"
#include "gstwsctlinputpad.h"
#include "gstwsctlkeyframes.h"
#include "gstwsctloffers.h"
#include "gstwsctlrtpposition.h"
#include "gstwsctlsendchain.h"
#include "gstwsctlupstream.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlinput_debug);
#define GST_CAT_DEFAULT wsctlinput_debug

struct _GstWsctlInput
{
  GstGhostPad parent;

  GstBin *bin;                  /* our parent: it outlives us */
  GstElement *head;
  GstWsctlMediaKind kind;
  GstWsctlFrames *frames;       /* our own; NULL but for video */
  GstWsctlInputCallbacks callbacks;
  GstWsctlKeyFrames key_frames;

  /* Held while a chain is built or taken away, and while the application sets
   * up what is in it; taken before "lock". */
  GMutex build_lock;

  GMutex lock;
  GstWsctlConnection *session;  /* lock: to build for, or NULL */
  gboolean connected;           /* lock: media can flow */
  GstCaps *caps;                /* lock: of what comes in */
  GstElement *chain;            /* lock; build_lock to change it */
  GstCaps *chain_caps;          /* build_lock: what it was built for */
  GstCaps *rtp;                 /* lock: agreed */
  GstWsctlInputEncoding encoding;       /* lock */

  gint open;                    /* atomic: data passes */
  gint waits_for_key;           /* atomic: encoded input, nothing sent yet */
  gint eos;                     /* atomic */
};

G_DEFINE_FINAL_TYPE (GstWsctlInput, gst_wsctl_input, GST_TYPE_GHOST_PAD);

/* Transfer full, or NULL */
static GstElement *
get_chain (GstWsctlInput * self)
{
  GstElement *chain;

  g_mutex_lock (&self->lock);
  chain = self->chain != NULL ? gst_object_ref (self->chain) : NULL;
  g_mutex_unlock (&self->lock);

  return chain;
}

/* The way that the network's own demands come: past the limit of the chain. */
static void
request_key_frame (GstWsctlInput * self)
{
  g_autoptr (GstElement) chain = get_chain (self);
  g_autoptr (GstPad) src = NULL;

  if (chain == NULL || self->kind != GST_WSCTL_MEDIA_KIND_VIDEO)
    return;

  src = gst_element_get_static_pad (chain, "src");
  gst_pad_send_event (src,
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

static gboolean
on_set_up_encoder (GstElement * encoder, gpointer data)
{
  GstWsctlInput *self = data;

  return self->callbacks.set_up_encoder (self, encoder, self->bin);
}

static gboolean
on_set_up_payloader (GstElement * payloader, gpointer data)
{
  GstWsctlInput *self = data;

  return self->callbacks.set_up_payloader (self, payloader, self->bin);
}

static gboolean
on_key_frame (gpointer data)
{
  GstWsctlInput *self = data;

  return gst_wsctl_key_frames_demand (&self->key_frames,
      g_get_monotonic_time ());
}

static void
on_frame (GstBuffer * frame, gpointer data)
{
  GstWsctlInput *self = data;
  gboolean key = !GST_BUFFER_FLAG_IS_SET (frame, GST_BUFFER_FLAG_DELTA_UNIT);

  if (self->frames != NULL)
    gst_wsctl_frames_note (self->frames, g_get_monotonic_time (), key);
  if (key)
    gst_wsctl_key_frames_note (&self->key_frames, g_get_monotonic_time ());
}

static void
on_chain_error (const GError * error, gpointer data)
{
  GstWsctlInput *self = data;

  self->callbacks.error (self, error, self->bin);
}

static const GstWsctlSendChainCallbacks chain_callbacks = {
  on_set_up_encoder, on_set_up_payloader, on_key_frame, on_frame,
  on_chain_error
};

/* webrtcbin's pad for us. Transfer full, or NULL */
static GstPad *
get_target (GstWsctlInput * self, GstWsctlConnection * session)
{
  return gst_wsctl_connection_get_sink_pad (session, self->kind);
}

static gboolean
link_chain (GstWsctlInput * self, GstWsctlConnection * session,
    GstElement * chain)
{
  GstElement *payloader =
      gst_wsctl_send_chain_get_payloader (GST_WSCTL_SEND_CHAIN (chain));
  g_autoptr (GstPad) sink = get_target (self, session);
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  if (sink != NULL && payloader != NULL)
    gst_wsctl_rtp_position_restore (sink, payloader);
  if (sink == NULL || gst_pad_link (src, sink) != GST_PAD_LINK_OK)
    return FALSE;

  gst_wsctl_connection_set_live (sink, is_live (self));
  gst_element_sync_state_with_parent (chain);
  gst_wsctl_drain_unlink (self->head);

  return gst_element_link_pads (self->head, "src", chain, "sink");
}

/* Whoever sends into it gets out of it first. */
static void
drop_chain (GstWsctlInput * self, GstElement * chain)
{
  GstElement *payloader =
      gst_wsctl_send_chain_get_payloader (GST_WSCTL_SEND_CHAIN (chain));
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");
  g_autoptr (GstPad) sink = gst_pad_get_peer (src);

  gst_element_unlink (self->head, chain);
  gst_wsctl_drain_link (self->head);
  if (sink != NULL && payloader != NULL)
    gst_wsctl_rtp_position_save (sink, payloader);
  gst_element_set_locked_state (chain, TRUE);
  gst_element_set_state (chain, GST_STATE_NULL);
  gst_bin_remove (self->bin, chain);
}

/* With build_lock held */
static void
clear_chain (GstWsctlInput * self)
{
  GstElement *chain;

  g_mutex_lock (&self->lock);
  chain = g_steal_pointer (&self->chain);
  g_atomic_int_set (&self->open, FALSE);
  g_mutex_unlock (&self->lock);

  gst_clear_caps (&self->chain_caps);
  if (chain != NULL)
    drop_chain (self, chain);
}

/* With the lock held. webrtcbin would block what comes before DTLS is up, and
 * upstream with it. */
static void
open_when_built_locked (GstWsctlInput * self)
{
  if (self->session == NULL || !self->connected || self->chain == NULL)
    return;

  g_atomic_int_set (&self->waits_for_key,
      gst_wsctl_form_of_caps (self->caps) == GST_WSCTL_FORM_ENCODED
      && self->kind == GST_WSCTL_MEDIA_KIND_VIDEO);
  g_atomic_int_set (&self->open, TRUE);
}

/* What a chain is built from; all transfer full */
typedef struct
{
  GstWsctlConnection *session;
  GstCaps *caps;
  GstCaps *rtp;
  GstWsctlInputEncoding encoding;
} Plan;

static void
clear_plan (Plan * plan)
{
  g_clear_object (&plan->session);
  gst_clear_caps (&plan->caps);
  gst_clear_caps (&plan->rtp);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, clear_plan);

/* FALSE while not all is known. */
static gboolean
make_plan (GstWsctlInput * self, Plan * plan)
{
  gboolean known;

  g_mutex_lock (&self->lock);
  known = self->session != NULL && self->caps != NULL && self->rtp != NULL;
  if (known) {
    plan->session = g_object_ref (self->session);
    plan->caps = gst_caps_ref (self->caps);
    plan->rtp = gst_caps_ref (self->rtp);
    plan->encoding = self->encoding;
  }
  g_mutex_unlock (&self->lock);

  return known;
}

/* Encoded media of another kind than was agreed cannot be sent. */
static gboolean
check_codec (const Plan * plan, GError ** error)
{
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (plan->caps);
  const GstWsctlCodec *agreed = gst_wsctl_codec_find_for_caps (plan->rtp);

  if (gst_wsctl_form_of_caps (plan->caps) == GST_WSCTL_FORM_RAW
      || codec == agreed)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
      "%s comes in where %s was agreed", codec != NULL ? codec->name
      : "something unknown", agreed->name);

  return FALSE;
}

static GstElement *
make_chain (GstWsctlInput * self, const Plan * plan, GError ** error)
{
  GstElement *chain;

  if (!check_codec (plan, error))
    return NULL;

  chain = gst_wsctl_send_chain_new (plan->caps, plan->rtp, &chain_callbacks,
      self, error);
  if (chain == NULL)
    return NULL;

  gst_object_set_name (GST_OBJECT (chain),
      gst_wsctl_media_kind_get_nick (self->kind));
  gst_wsctl_send_chain_set_bitrate (GST_WSCTL_SEND_CHAIN (chain),
      plan->encoding.mitigation, plan->encoding.bitrate_bps);
  gst_bin_add (self->bin, chain);
  if (link_chain (self, plan->session, chain))
    return chain;

  gst_element_set_locked_state (chain, TRUE);
  gst_element_set_state (chain, GST_STATE_NULL);
  gst_bin_remove (self->bin, chain);
  gst_wsctl_drain_link (self->head);
  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
      "the %s that comes in does not fit the codec that was agreed",
      gst_wsctl_media_kind_get_nick (self->kind));

  return NULL;
}

/* With build_lock held: builds when all is known, and anew for media that need
 * another chain. */
static gboolean
build_locked (GstWsctlInput * self, GError ** error)
{
  g_auto (Plan) plan = { NULL, };
  GstElement *chain;
  gboolean late;

  if (!make_plan (self, &plan))
    return TRUE;

  if (self->chain_caps != NULL
      && gst_wsctl_send_chain_fits (self->chain_caps, plan.caps))
    return TRUE;

  clear_chain (self);
  chain = make_chain (self, &plan, error);
  if (chain == NULL)
    return FALSE;

  GST_INFO_OBJECT (self, "sends %" GST_PTR_FORMAT " as %" GST_PTR_FORMAT,
      plan.caps, plan.rtp);
  g_mutex_lock (&self->lock);
  late = self->session != plan.session;
  if (!late) {
    self->chain = chain;
    self->chain_caps = gst_caps_ref (plan.caps);
    open_when_built_locked (self);
  }
  g_mutex_unlock (&self->lock);
  if (late)
    drop_chain (self, chain);

  return TRUE;
}

/* An encoder of our own is set while the chain is built; one upstream may be
 * another than before. */
static void
set_upstream (GstElement * bin, gpointer data)
{
  GstWsctlInput *self = data;
  GstWsctlInputEncoding encoding;
  GstWsctlForm form;

  g_mutex_lock (&self->lock);
  encoding = self->encoding;
  form = gst_wsctl_form_of_caps (self->caps);
  g_mutex_unlock (&self->lock);

  if (encoding.bitrate_bps > 0 && (form == GST_WSCTL_FORM_ENCODED
          || form == GST_WSCTL_FORM_RTP))
    gst_wsctl_upstream_set_bitrate (GST_PAD (self), encoding.control_upstream,
        encoding.bitrate_bps);
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
  gboolean missing;

  if (!g_atomic_int_get (&self->open))
    return FALSE;

  /* What nobody could decode is not worth the bandwidth. */
  missing = g_atomic_int_get (&self->waits_for_key)
      && GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (!missing)
    g_atomic_int_set (&self->waits_for_key, FALSE);
  if (gst_wsctl_key_frames_is_due (&self->key_frames, g_get_monotonic_time (),
          missing))
    request_key_frame (self);

  return !missing;
}

/* The pad itself takes note of caps only when they have passed, so they are kept
 * here. */
static void
take_caps (GstWsctlInput * self, GstEvent * event)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->caps, caps);
  g_mutex_unlock (&self->lock);

  self->callbacks.caps (self, self->bin);
  build (self);
  /* From elsewhere: the encoder may be in the middle of sending us this. */
  gst_element_call_async (GST_ELEMENT (self->bin), set_upstream,
      gst_object_ref (self), gst_object_unref);
}

/* Another source: what it encodes refers to pictures that nobody has seen. */
static void
begin_stream (GstWsctlInput * self)
{
  g_atomic_int_set (&self->eos, FALSE);
  g_mutex_lock (&self->lock);
  if (g_atomic_int_get (&self->open))
    open_when_built_locked (self);
  g_mutex_unlock (&self->lock);

  if (g_atomic_int_get (&self->waits_for_key))
    request_key_frame (self);
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
      begin_stream (self);
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
  if (kind == GST_WSCTL_MEDIA_KIND_VIDEO)
    self->frames = gst_wsctl_frames_attach (GST_PAD (self));
  self->callbacks = *callbacks;
  self->head = gst_object_ref_sink (gst_element_factory_make ("identity",
          NULL));
  g_object_set (self->head, "silent", TRUE, NULL);
  gst_bin_add (bin, self->head);
  gst_element_sync_state_with_parent (self->head);
  gst_wsctl_drain_link (self->head);

  target = gst_element_get_static_pad (self->head, "sink");
  gst_ghost_pad_set_target (GST_GHOST_PAD (self), target);
  gst_wsctl_input_pad_set_functions (GST_PAD (self));
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

GstCaps *
gst_wsctl_input_query_caps (GstWsctlInput * self)
{
  g_autoptr (GstCaps) template = NULL;
  GstCaps *caps = NULL;

  g_mutex_lock (&self->lock);
  if (self->caps != NULL)
    caps = gst_caps_ref (self->caps);
  g_mutex_unlock (&self->lock);
  if (caps != NULL)
    return caps;

  template = gst_pad_get_pad_template_caps (GST_PAD (self));

  return gst_pad_peer_query_caps (GST_PAD (self), template);
}

GstCaps *
gst_wsctl_input_get_offer (GstWsctlInput * self, const GstCaps * wanted)
{
  g_autoptr (GstCaps) input = gst_wsctl_input_query_caps (self);

  return gst_wsctl_offers_make (self->kind, input, wanted);
}

void
gst_wsctl_input_begin (GstWsctlInput * self, GstWsctlConnection * session)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->session, session);
  g_mutex_unlock (&self->lock);
}

/* What comes from a session that is over comes too late. */
void
gst_wsctl_input_connect (GstWsctlInput * self, GstWsctlConnection * session,
    const GstCaps * rtp)
{
  g_mutex_lock (&self->lock);
  if (self->session == session)
    gst_caps_replace (&self->rtp, (GstCaps *) rtp);
  g_mutex_unlock (&self->lock);

  build (self);
  set_upstream (GST_ELEMENT (self->bin), self);
}

void
gst_wsctl_input_open (GstWsctlInput * self, GstWsctlConnection * session)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = self->session == session && !self->connected;
  if (first) {
    self->connected = TRUE;
    open_when_built_locked (self);
  }
  g_mutex_unlock (&self->lock);

  if (first)
    request_key_frame (self);
}

void
gst_wsctl_input_block (GstWsctlInput * self)
{
  g_mutex_lock (&self->lock);
  self->connected = FALSE;
  g_atomic_int_set (&self->open, FALSE);
  g_atomic_int_set (&self->waits_for_key, FALSE);
  gst_clear_caps (&self->rtp);
  g_clear_object (&self->session);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_input_disconnect (GstWsctlInput * self)
{
  gst_wsctl_input_block (self);
  g_mutex_lock (&self->build_lock);
  clear_chain (self);
  g_mutex_unlock (&self->build_lock);
}

void
gst_wsctl_input_remove (GstWsctlInput * self)
{
  GstBin *bin = self->bin;
  g_autoptr (GstElement) head = gst_object_ref (self->head);
  g_autoptr (GstPad) peer = gst_pad_get_peer (GST_PAD (self));

  gst_wsctl_input_block (self);
  /* First of all: a source that may stand unlinked goes on, but one that meets a
   * pad that is not active is told of a flush, and stops for good. */
  if (peer != NULL)
    gst_pad_unlink (peer, GST_PAD (self));
  /* Waits for who is inside. */
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_wsctl_input_disconnect (self);
  gst_element_remove_pad (GST_ELEMENT (bin), GST_PAD (self));
  gst_element_set_locked_state (head, TRUE);
  gst_element_set_state (head, GST_STATE_NULL);
  /* A bin that goes away has let go of it before its pads. */
  if (gst_object_has_as_parent (GST_OBJECT (head), GST_OBJECT (bin)))
    gst_bin_remove (bin, head);
}

void
gst_wsctl_input_set_encoding (GstWsctlInput * self,
    const GstWsctlInputEncoding * encoding)
{
  g_autoptr (GstElement) chain = NULL;

  g_mutex_lock (&self->lock);
  self->encoding = *encoding;
  chain = self->chain != NULL ? gst_object_ref (self->chain) : NULL;
  g_mutex_unlock (&self->lock);

  gst_wsctl_key_frames_set_interval (&self->key_frames,
      encoding->key_frame_interval_ms);
  if (chain != NULL && encoding->bitrate_bps > 0)
    gst_wsctl_send_chain_set_bitrate (GST_WSCTL_SEND_CHAIN (chain),
        encoding->mitigation, encoding->bitrate_bps);
  set_upstream (GST_ELEMENT (self->bin), self);
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
  gst_wsctl_key_frames_clear (&self->key_frames);
  g_mutex_clear (&self->lock);
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
  g_mutex_init (&self->lock);
  gst_wsctl_key_frames_init (&self->key_frames);
}
