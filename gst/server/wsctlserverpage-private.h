/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The page for people: its files are inside of the program. */

/* The file that is served at @path, or NULL; @type: its media type. */
GBytes *gst_wsctl_server_page_find (const gchar * path, const gchar ** type);

/* Which streams there are (GstWsctlServerStream by name), as JSON for the page:
 * {"streams":[{"name":"…","tracks":["H264","opus"]}]}. NULL for a client that
 * may not know: {"streams":[],"may_play":false}. Transfer full. */
#define GST_WSCTL_SERVER_PAGE_STREAMS "/streams"

gchar *gst_wsctl_server_page_list_streams (GHashTable * streams);

G_END_DECLS
