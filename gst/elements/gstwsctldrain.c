/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctldrain.h"

#define KEY "wsctl-drain"

static GstFlowReturn
drop_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  gst_buffer_unref (buffer);

  return GST_FLOW_OK;
}

static gboolean
drop_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);

  return TRUE;
}

/* @element owns it: a link holds no reference. */
static GstPad *
get_drain (GstElement * element)
{
  GstPad *drain = g_object_get_data (G_OBJECT (element), KEY);

  if (drain != NULL)
    return drain;

  drain = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SINK));
  gst_pad_set_chain_function (drain, drop_buffer);
  gst_pad_set_event_function (drain, drop_event);
  g_object_set_data_full (G_OBJECT (element), KEY, drain, gst_object_unref);

  return drain;
}

void
gst_wsctl_drain_link (GstElement * element)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");
  GstPad *drain = get_drain (element);

  if (gst_pad_is_linked (src))
    return;

  gst_pad_set_active (drain, TRUE);
  gst_pad_link (src, drain);
}

void
gst_wsctl_drain_unlink (GstElement * element)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");
  GstPad *drain = get_drain (element);

  gst_pad_unlink (src, drain);
  gst_pad_set_active (drain, FALSE);
}

gboolean
gst_wsctl_drain_is_linked (GstElement * element)
{
  return gst_pad_is_linked (get_drain (element));
}
