/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* JSON from people we do not know. json-glib takes much that is not JSON,
 * overflows the stack on deep nesting and wraps large integers around, so a
 * text is checked against RFC 8259 first. */
#define GST_WSCTL_JSON_MAX_SIZE (4 * 1024 * 1024)
#define GST_WSCTL_JSON_MAX_DEPTH 32
#define GST_WSCTL_JSON_MAX_ITEMS 256    /* of a list in a message */

/* Text */
JsonObject *gst_wsctl_json_parse (const gchar * text, GError ** error);
gchar *gst_wsctl_json_get_type_name (JsonObject * object, GError ** error);
gchar *gst_wsctl_json_print (JsonObject * object);
gchar *gst_wsctl_json_dup_member_text (const gchar * text,
    const gchar * name);

/* Members, total over any type: a number may come as a string and the other
 * way round; what makes no sense reads as what is absent. @object may be
 * NULL. */
JsonObject *gst_wsctl_json_get_object (JsonObject * object,
    const gchar * name);
JsonArray *gst_wsctl_json_get_array (JsonObject * object, const gchar * name);
gchar *gst_wsctl_json_get_string (JsonObject * object, const gchar * name);
gint64 gst_wsctl_json_get_count (JsonObject * object, const gchar * name);
gint64 gst_wsctl_json_get_int (JsonObject * object, const gchar * name);
gdouble gst_wsctl_json_get_double (JsonObject * object, const gchar * name);
gint gst_wsctl_json_get_flag (JsonObject * object, const gchar * name);

/* The same for a node, in a list for example */
gchar *gst_wsctl_json_node_to_string (JsonNode * node);
gboolean gst_wsctl_json_node_to_int (JsonNode * node, gint64 * value);

/* Writing: what is absent is left out. */
void gst_wsctl_json_set_string (JsonObject * object, const gchar * name,
    const gchar * value);
void gst_wsctl_json_set_count (JsonObject * object, const gchar * name,
    gint64 value);
void gst_wsctl_json_set_double (JsonObject * object, const gchar * name,
    gdouble value);
void gst_wsctl_json_set_flag (JsonObject * object, const gchar * name,
    gint value);
void gst_wsctl_json_set_selector (JsonObject * object, const gchar * name,
    const gchar * value);

G_END_DECLS
