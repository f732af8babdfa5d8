/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The files of the page, and the one thing that it asks which no client of the
 * protocol does: what streams there are.
 */

#include "wsctlserverpage-private.h"

#include <json-glib/json-glib.h>

#include "wsctlserverpage-resources.h"
#include "wsctlserverstream-private.h"

static const struct
{
  const gchar *suffix;
  const gchar *type;
} types[] = {
  {".css", "text/css; charset=utf-8"},
  {".html", "text/html; charset=utf-8"},
  {".js", "text/javascript; charset=utf-8"},
};

/* Asked for by its function, since a linker leaves out of a static library what
 * only registers itself. */
GBytes *
gst_wsctl_server_page_find (const gchar * path, const gchar ** type)
{
  GResource *resource = gst_wsctl_server_page_get_resource ();
  guint i;

  if (g_str_equal (path, "/"))
    path = "/index.html";

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    if (g_str_has_suffix (path, types[i].suffix)) {
      *type = types[i].type;
      return g_resource_lookup_data (resource, path,
          G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    }
  }

  return NULL;
}

static void
add_stream (JsonBuilder * builder, GstWsctlServerStream * stream,
    const gchar * name)
{
  GPtrArray *tracks = gst_wsctl_server_stream_get_tracks (stream);
  guint i;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, name);
  json_builder_set_member_name (builder, "tracks");
  json_builder_begin_array (builder);
  for (i = 0; i < tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (tracks, i);

    json_builder_add_string_value (builder, track->codec->name);
  }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

gchar *
gst_wsctl_server_page_list_streams (GHashTable * streams)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GList) names = NULL;
  GList *item;

  if (streams != NULL)
    names = g_list_sort (g_hash_table_get_keys (streams),
        (GCompareFunc) g_strcmp0);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "streams");
  json_builder_begin_array (builder);
  for (item = names; item != NULL; item = item->next)
    add_stream (builder, g_hash_table_lookup (streams, item->data), item->data);
  json_builder_end_array (builder);
  if (streams == NULL) {
    json_builder_set_member_name (builder, "may_play");
    json_builder_add_boolean_value (builder, FALSE);
  }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);

  return json_to_string (root, FALSE);
}
