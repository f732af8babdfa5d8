/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlupstream.h"

#include "gstwsctlencoder.h"

GST_DEBUG_CATEGORY_STATIC (wsctlupstream_debug);
#define GST_CAT_DEFAULT wsctlupstream_debug

/* No pipeline has so many elements behind its encoder; a loop has. */
#define MAX_DEPTH 32

/* The pad of an element that feeds @sink, whatever bins are around it. */
static GstPad *
find_source (GstPad * sink)
{
  GstPad *pad = gst_pad_get_peer (sink);

  while (pad != NULL && GST_IS_PROXY_PAD (pad)) {
    GstPad *next;

    if (GST_IS_GHOST_PAD (pad)) {
      /* Into a bin, */
      next = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));
    } else {
      /* or out of the one that we are in */
      g_autoptr (GstProxyPad) ghost =
          gst_proxy_pad_get_internal (GST_PROXY_PAD (pad));

      next = ghost != NULL ? gst_pad_get_peer (GST_PAD (ghost)) : NULL;
    }
    gst_object_unref (pad);
    pad = next;
  }

  return pad;
}

static gboolean
is_video_encoder (GstElement * element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory != NULL && gst_element_factory_list_is_type (factory,
      GST_ELEMENT_FACTORY_TYPE_ENCODER | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO);
}

static GstElement *find_encoder (GstPad * sink, guint depth);

static GstElement *
find_behind (GstPad * source, guint depth)
{
  GstIterator *sinks = gst_pad_iterate_internal_links (source);
  GValue item = G_VALUE_INIT;
  GstElement *encoder = NULL;

  if (sinks == NULL)
    return NULL;

  while (encoder == NULL && gst_iterator_next (sinks, &item) == GST_ITERATOR_OK) {
    encoder = find_encoder (g_value_get_object (&item), depth + 1);
    g_value_reset (&item);
  }
  g_value_unset (&item);
  gst_iterator_free (sinks);

  return encoder;
}

static GstElement *
find_encoder (GstPad * sink, guint depth)
{
  g_autoptr (GstPad) source = find_source (sink);
  g_autoptr (GstElement) element = NULL;

  if (source == NULL || depth > MAX_DEPTH)
    return NULL;

  element = gst_pad_get_parent_element (source);
  if (element != NULL && is_video_encoder (element))
    return g_steal_pointer (&element);

  return find_behind (source, depth);
}

GstElement *
gst_wsctl_upstream_find_encoder (GstPad * sink)
{
  return find_encoder (sink, 0);
}

void
gst_wsctl_upstream_set_bitrate (GstPad * sink, gboolean control,
    guint bitrate_bps)
{
  g_autoptr (GstElement) encoder = NULL;

  GST_DEBUG_CATEGORY_INIT (wsctlupstream_debug, "wsctlupstream", 0,
      "WebRTC WebSocket control: encoders upstream");

  gst_pad_push_event (sink,
      gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM,
          gst_structure_new (GST_WSCTL_BITRATE_EVENT,
              "bitrate", G_TYPE_UINT, bitrate_bps, NULL)));
  if (!control)
    return;

  encoder = gst_wsctl_upstream_find_encoder (sink);
  if (encoder == NULL)
    GST_DEBUG_OBJECT (sink, "no encoder upstream");
  else if (!gst_wsctl_encoder_set_bitrate (encoder, bitrate_bps))
    GST_INFO_OBJECT (sink, "%" GST_PTR_FORMAT " is not known; its bitrate is "
        "its own affair", encoder);
}

gboolean
gst_wsctl_upstream_is_live (GstPad * sink, gboolean * live)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean answered = gst_pad_peer_query (sink, query);

  *live = FALSE;
  if (answered)
    gst_query_parse_latency (query, live, NULL, NULL);
  gst_query_unref (query);

  return answered;
}

/* Its clock is the system's, which every pipeline has. */
GstElement *
gst_wsctl_upstream_new_clocksync (void)
{
  GstElement *clocksync = gst_element_factory_make ("clocksync", NULL);

  GST_OBJECT_FLAG_UNSET (clocksync, GST_ELEMENT_FLAG_PROVIDE_CLOCK);
  g_object_set (clocksync, "sync", FALSE, NULL);

  return gst_object_ref_sink (clocksync);
}
