/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Depayloaders, parsers and payloaders without a pipeline: a pad of our own
 * on either side of a bin. The server turns packets into frames and frames
 * into packets on its one thread, and nothing waits for another thread.
 */

#include "wsctlserverchain-private.h"

#define GST_CAT_DEFAULT wsctlserverchain_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

struct _GstWsctlServerChain
{
  GstElement *bin;
  GstPad *src;                  /* ours, linked to the bin's sink */
  GstPad *sink;                 /* ours, linked to the bin's source */
  GstCaps *caps;
  GstWsctlServerChainFunc func;
  gpointer data;
};

static GstFlowReturn
on_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstWsctlServerChain *self = gst_pad_get_element_private (pad);

  self->func (self, buffer, self->data);

  return GST_FLOW_OK;
}

static gboolean
on_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstWsctlServerChain *self = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    gst_caps_replace (&self->caps, caps);
    GST_DEBUG ("%s gives %" GST_PTR_FORMAT, GST_OBJECT_NAME (self->bin), caps);
  }
  gst_event_unref (event);

  return TRUE;
}

/* Upstream of a chain there is nobody who could make a key frame. */
static gboolean
on_upstream_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);

  return FALSE;
}

/* Without a template, a pad that has caps takes no others: a picture could not
 * change its size. */
static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS_ANY);

static gboolean
link_pads (GstWsctlServerChain * self)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->bin, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (self->bin, "src");

  self->src = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_event_function (self->src, on_upstream_event);
  self->sink = gst_object_ref_sink (gst_pad_new_from_static_template
      (&sink_template, "sink"));
  gst_pad_set_element_private (self->sink, self);
  gst_pad_set_chain_function (self->sink, on_buffer);
  gst_pad_set_event_function (self->sink, on_event);

  return gst_pad_link_full (self->src, sink, GST_PAD_LINK_CHECK_NOTHING)
      == GST_PAD_LINK_OK
      && gst_pad_link_full (src, self->sink, GST_PAD_LINK_CHECK_NOTHING)
      == GST_PAD_LINK_OK;
}

static void
send_start (GstWsctlServerChain * self, GstCaps * caps)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->src, gst_event_new_stream_start ("wsctl"));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
}

GstWsctlServerChain *
gst_wsctl_server_chain_new (const gchar * launch, GstCaps * caps,
    GstWsctlServerChainFunc func, gpointer data, GError ** error)
{
  g_autoptr (GstWsctlServerChain) self = NULL;
  GstElement *bin;

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverchain_debug, "wsctlserverchain", 0,
        "wsctl server: elements driven by hand");

  bin = gst_parse_bin_from_description_full (launch, TRUE, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (bin == NULL)
    return NULL;

  self = g_new0 (GstWsctlServerChain, 1);
  self->bin = gst_object_ref_sink (bin);
  self->func = func;
  self->data = data;
  /* Paused is enough for data, and needs no clock and no latency. */
  if (!link_pads (self)
      || gst_element_set_state (bin, GST_STATE_PAUSED)
      == GST_STATE_CHANGE_FAILURE) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
        "Cannot start '%s'", launch);
    return NULL;
  }
  gst_pad_set_active (self->sink, TRUE);
  gst_pad_set_active (self->src, TRUE);
  send_start (self, caps);

  return g_steal_pointer (&self);
}

void
gst_wsctl_server_chain_free (GstWsctlServerChain * self)
{
  if (self->src != NULL)
    gst_pad_set_active (self->src, FALSE);
  gst_element_set_state (self->bin, GST_STATE_NULL);
  if (self->sink != NULL)
    gst_pad_set_active (self->sink, FALSE);
  gst_clear_object (&self->src);
  gst_clear_object (&self->sink);
  gst_clear_caps (&self->caps);
  gst_clear_object (&self->bin);
  g_free (self);
}

GstFlowReturn
gst_wsctl_server_chain_push (GstWsctlServerChain * self, GstBuffer * buffer)
{
  return gst_pad_push (self->src, buffer);
}

GstCaps *
gst_wsctl_server_chain_get_caps (GstWsctlServerChain * self)
{
  return self->caps;
}
