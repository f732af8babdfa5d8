/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsrcuri.h"

static GstURIType
get_uri_type (GType type)
{
  return GST_URI_SRC;
}

static const gchar *const *
get_uri_protocols (GType type)
{
  static const gchar *const protocols[] = { "wsctl", "wsctls", NULL };

  return protocols;
}

static gchar *
get_uri (GstURIHandler * handler)
{
  gchar *uri = NULL;

  g_object_get (handler, "uri", &uri, NULL);

  return uri;
}

static gboolean
set_uri (GstURIHandler * handler, const gchar * uri, GError ** error)
{
  if (GST_STATE (handler) > GST_STATE_READY) {
    g_set_error_literal (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
        "the address can be set in READY and below only");
    return FALSE;
  }

  g_object_set (handler, "uri", uri, NULL);

  return TRUE;
}

void
gst_wsctl_src_uri_handler_init (gpointer iface, gpointer data)
{
  GstURIHandlerInterface *handler = iface;

  handler->get_type = get_uri_type;
  handler->get_protocols = get_uri_protocols;
  handler->get_uri = get_uri;
  handler->set_uri = set_uri;
}
