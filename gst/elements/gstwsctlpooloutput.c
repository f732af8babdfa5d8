/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   pad of the pool --> identity --> (chain) --> this pad
 *
 * Until the chain stands, what comes in is dropped before the identity.
 */

#include "gstwsctlpooloutput.h"

#include <gst/video/video.h>

#include "gstwsctlforms.h"
#include "gstwsctlreceivechain.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpooloutput_debug);
#define GST_CAT_DEFAULT wsctlpooloutput_debug

struct _GstWsctlPoolOutput
{
  GstGhostPad parent;

  GstBin *bin;                  /* our parent: it outlives us */
  GstElement *head;
  GstWsctlMediaKind kind;
  const GstWsctlCodec *codec;
  GstWsctlPoolOutputErrorFunc error_func;

  GMutex build_lock;            /* held while the chain is built or taken away */
  gboolean active;              /* build_lock */
  GstElement *chain;            /* build_lock */

  gint open;                    /* atomic: data passes */
  gint dropped;                 /* atomic: something was dropped */
};

G_DEFINE_FINAL_TYPE (GstWsctlPoolOutput, gst_wsctl_pool_output,
    GST_TYPE_GHOST_PAD);

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlPoolOutput *self = data;

  if (g_atomic_int_get (&self->open))
    return GST_PAD_PROBE_OK;

  g_atomic_int_set (&self->dropped, TRUE);

  return GST_PAD_PROBE_DROP;
}

/* With build_lock held */
static gboolean
attach_chain (GstWsctlPoolOutput * self, GstElement * chain)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  gst_bin_add (self->bin, chain);
  gst_element_sync_state_with_parent (chain);
  self->chain = chain;

  return gst_ghost_pad_set_target (GST_GHOST_PAD (self), src)
      && gst_element_link_pads (self->head, "src", chain, "sink");
}

/* With build_lock held */
static gboolean
build_locked (GstWsctlPoolOutput * self, const GstCaps * allowed,
    GError ** error)
{
  GstWsctlForm form = gst_wsctl_receive_chain_choose (self->codec, allowed);
  GstElement *chain;

  if (form == GST_WSCTL_FORM_UNKNOWN) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "what is linked to '%s' takes neither %s nor what it decodes to",
        GST_PAD_NAME (self), self->codec->name);
    return FALSE;
  }

  chain = gst_wsctl_receive_chain_new (self->codec, form, GST_PAD (self), NULL,
      error);
  if (chain == NULL)
    return FALSE;

  if (!attach_chain (self, chain)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "the %s stream could not be linked to '%s'", self->codec->name,
        GST_PAD_NAME (self));
    return FALSE;
  }

  return TRUE;
}

/* Whatever was lost meanwhile, a decoder needs a key frame to begin with. */
static void
request_key_frame (GstWsctlPoolOutput * self)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->head, "sink");

  gst_pad_push_event (sink,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

/* Builds, once, when there is somebody to ask. */
static void
build (GstWsctlPoolOutput * self)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (GST_PAD (self));
  g_autoptr (GstCaps) allowed = NULL;
  g_autoptr (GError) error = NULL;
  gboolean built = TRUE;

  if (peer == NULL)
    return;

  /* What it takes, in its own order; a filter would only hide that. */
  allowed = gst_pad_query_caps (peer, NULL);
  g_mutex_lock (&self->build_lock);
  if (self->active && self->chain == NULL) {
    built = build_locked (self, allowed, &error);
    if (built)
      g_atomic_int_set (&self->open, TRUE);
  }
  g_mutex_unlock (&self->build_lock);

  if (!built) {
    self->error_func (self, error, self->bin);
  } else {
    if (self->kind == GST_WSCTL_MEDIA_KIND_VIDEO
        && g_atomic_int_get (&self->dropped))
      request_key_frame (self);
    gst_element_post_message (GST_ELEMENT (self->bin),
        gst_message_new_latency (GST_OBJECT (self->bin)));
  }
}

static void
run_build (GstElement * element, gpointer data)
{
  build (data);
}

/* Linked after it appeared. Inside the linking, nothing may be changed. */
static void
on_linked (GstWsctlPoolOutput * self, GstPad * peer)
{
  gst_element_call_async (GST_ELEMENT (self->bin), run_build,
      gst_object_ref (self), gst_object_unref);
}

/* What one peer's pad leads to is no matter of the others. */
static GstFlowReturn
forgive (GstFlowReturn flow)
{
  return flow == GST_FLOW_NOT_LINKED || flow == GST_FLOW_EOS ? GST_FLOW_OK
      : flow;
}

static GstFlowReturn
chain_buffer (GstPad * internal, GstObject * parent, GstBuffer * buffer)
{
  return forgive (gst_proxy_pad_chain_default (internal, parent, buffer));
}

static GstFlowReturn
chain_list (GstPad * internal, GstObject * parent, GstBufferList * list)
{
  return forgive (gst_proxy_pad_chain_list_default (internal, parent, list));
}

/* The chain pushes into the ghost pad's other side. */
static void
watch_flow (GstWsctlPoolOutput * self)
{
  GstProxyPad *internal = gst_proxy_pad_get_internal (GST_PROXY_PAD (self));

  gst_pad_set_chain_function (GST_PAD (internal), chain_buffer);
  gst_pad_set_chain_list_function (GST_PAD (internal), chain_list);
  gst_object_unref (internal);
}

/* @source is linked before the pad is shown, and its data dropped until then. */
static void
make_head (GstWsctlPoolOutput * self, GstPad * source)
{
  g_autoptr (GstPad) sink = NULL;

  self->head = gst_object_ref_sink (gst_element_factory_make ("identity",
          NULL));
  g_object_set (self->head, "silent", TRUE, NULL);
  gst_bin_add (self->bin, self->head);
  gst_element_sync_state_with_parent (self->head);
  sink = gst_element_get_static_pad (self->head, "sink");
  gst_pad_add_probe (sink,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet,
      self, NULL);

  gst_pad_link (source, sink);
}

GstWsctlPoolOutput *
gst_wsctl_pool_output_new (GstBin * bin, GstPad * source,
    GstWsctlPoolOutputErrorFunc error_func)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (source);
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (caps);
  g_autofree gchar *name = gst_pad_get_name (source);
  GstWsctlPoolOutput *self;

  GST_DEBUG_CATEGORY_INIT (wsctlpooloutput_debug, "wsctlpooloutput", 0,
      "WebRTC WebSocket control: output of wsctlpool");

  if (codec == NULL)
    return NULL;

  self = g_object_new (GST_TYPE_WSCTL_POOL_OUTPUT, "name", name,
      "direction", GST_PAD_SRC, "template",
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (bin),
          codec->kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "audio_%s" : "video_%s"),
      NULL);
  gst_object_ref_sink (self);
  self->bin = bin;
  self->kind = codec->kind;
  self->codec = codec;
  self->error_func = error_func;
  self->active = TRUE;
  watch_flow (self);
  make_head (self, source);

  gst_pad_set_active (GST_PAD (self), TRUE);
  gst_element_add_pad (GST_ELEMENT (bin), GST_PAD (self));
  build (self);
  g_signal_connect (self, "linked", G_CALLBACK (on_linked), NULL);

  return self;
}

static void
block (GstWsctlPoolOutput * self)
{
  g_mutex_lock (&self->build_lock);
  self->active = FALSE;
  g_mutex_unlock (&self->build_lock);
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
gst_wsctl_pool_output_remove (GstWsctlPoolOutput * self)
{
  GstBin *bin = self->bin;
  g_autoptr (GstElement) head = gst_object_ref (self->head);
  GstElement *chain;

  block (self);
  g_mutex_lock (&self->build_lock);
  chain = g_steal_pointer (&self->chain);
  g_mutex_unlock (&self->build_lock);

  g_signal_handlers_disconnect_by_func (self, on_linked, NULL);
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_element_remove_pad (GST_ELEMENT (bin), GST_PAD (self));
  if (chain != NULL)
    remove_element (bin, chain);
  remove_element (bin, head);
}

static void
gst_wsctl_pool_output_finalize (GObject * object)
{
  GstWsctlPoolOutput *self = GST_WSCTL_POOL_OUTPUT (object);

  g_assert (self->chain == NULL);

  g_clear_object (&self->head);
  g_mutex_clear (&self->build_lock);

  G_OBJECT_CLASS (gst_wsctl_pool_output_parent_class)->finalize (object);
}

static void
gst_wsctl_pool_output_class_init (GstWsctlPoolOutputClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_pool_output_finalize;
}

static void
gst_wsctl_pool_output_init (GstWsctlPoolOutput * self)
{
  g_mutex_init (&self->build_lock);
}
