/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A peer that keeps its connection begins the DTLS handshake with our new link on
 * the old one's path. The old one's elements call that an error, which is not the
 * application's: a link that fails is followed by another.
 */

#include "wsctlpeerbin-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpeerbin_debug);
#define GST_CAT_DEFAULT wsctlpeerbin_debug

struct _GstWsctlPeerBin
{
  GstBin parent;
};

G_DEFINE_FINAL_TYPE (GstWsctlPeerBin, gst_wsctl_peer_bin, GST_TYPE_BIN);

static gboolean
is_of_network (GstMessage * message)
{
  GstObject *source = GST_MESSAGE_SRC (message);
  GstElementFactory *factory = GST_IS_ELEMENT (source)
      ? gst_element_get_factory (GST_ELEMENT (source)) : NULL;

  return factory != NULL
      && g_strcmp0 (GST_OBJECT_NAME (factory), "nicesrc") == 0;
}

/* On any thread */
static void
gst_wsctl_peer_bin_handle_message (GstBin * bin, GstMessage * message)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR
      || !is_of_network (message)) {
    GST_BIN_CLASS (gst_wsctl_peer_bin_parent_class)->handle_message (bin,
        message);
    return;
  }

  gst_message_parse_error (message, &error, NULL);
  GST_INFO_OBJECT (bin, "a link ends: %s", error->message);
  gst_message_unref (message);
}

GstElement *
gst_wsctl_peer_bin_new (const gchar * name)
{
  return g_object_new (GST_WSCTL_TYPE_PEER_BIN, "name", name, NULL);
}

static void
gst_wsctl_peer_bin_class_init (GstWsctlPeerBinClass * klass)
{
  GST_BIN_CLASS (klass)->handle_message = gst_wsctl_peer_bin_handle_message;

  GST_DEBUG_CATEGORY_INIT (wsctlpeerbin_debug, "wsctlpeerbin", 0,
      "WebRTC WebSocket control: elements of a connection to a peer");
}

static void
gst_wsctl_peer_bin_init (GstWsctlPeerBin * self)
{
}
