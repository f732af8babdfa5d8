/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What wsctldtlsguard does for a webrtcbin of ours, for one that is not.
 */

#include "testbare.h"

#include "wsctlsettle-private.h"

#define SETTLE_MS 5000

static GstPadProbeReturn
drop (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

static void
close_pad (GstElement * srtpdec, const gchar * name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (srtpdec, name);
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);

  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, drop, NULL,
      NULL);
  if (peer != NULL)
    g_assert_true (gst_wsctl_settle_pad (peer, SETTLE_MS));
}

static void
close_srtpdec (const GValue * item, gpointer data)
{
  GstElement *element = g_value_get_object (item);
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory == NULL || !g_str_equal (GST_OBJECT_NAME (factory), "srtpdec"))
    return;

  close_pad (element, "rtp_sink");
  close_pad (element, "rtcp_sink");
}

void
test_bare_stop (GstElement * pipeline)
{
  GstIterator *elements = gst_bin_iterate_recurse (GST_BIN (pipeline));

  while (gst_iterator_foreach (elements, close_srtpdec,
          NULL) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
