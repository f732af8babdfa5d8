/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlinputpad.h"

/* A chain that is taken away under a buffer says that it flushes, and a source
 * that hears it stops for good. What is broken has told the bin; it is not
 * upstream's business. */
static GstFlowReturn
on_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_proxy_pad_chain_default (pad, parent, buffer);

  return GST_FLOW_OK;
}

static GstFlowReturn
on_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  gst_proxy_pad_chain_list_default (pad, parent, list);

  return GST_FLOW_OK;
}

/* What is behind now is preferred: for RTP, it has the numbers that the session
 * wants. But it is built anew for whatever else may come in. */
static void
widen (GstPad * pad, GstQuery * query)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *now, *filter;

  gst_query_parse_caps_result (query, &now);
  gst_query_parse_caps (query, &filter);
  caps = gst_caps_merge (gst_caps_ref (now), gst_caps_ref (template));
  if (filter != NULL) {
    GstCaps *allowed = gst_caps_intersect_full (filter, caps,
        GST_CAPS_INTERSECT_FIRST);

    gst_caps_replace (&caps, allowed);
    gst_caps_unref (allowed);
  }
  gst_query_set_caps_result (query, caps);
}

static gboolean
on_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  g_autoptr (GstCaps) template = NULL;
  GstCaps *caps;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      if (!gst_pad_query_default (pad, parent, query))
        return FALSE;
      widen (pad, query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      template = gst_pad_get_pad_template_caps (pad);
      gst_query_parse_accept_caps (query, &caps);
      gst_query_set_accept_caps_result (query,
          gst_caps_is_subset (caps, template));
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

void
gst_wsctl_input_pad_set_functions (GstPad * pad)
{
  gst_pad_set_chain_function (pad, on_chain);
  gst_pad_set_chain_list_function (pad, on_chain_list);
  gst_pad_set_query_function (pad, on_query);
}
