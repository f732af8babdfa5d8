/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Members of a JSON object, from and to values. The text itself is checked in
 * wsctljsontext.c before json-glib sees it.
 */

#include "wsctljson-private.h"

#include <math.h>
#include <string.h>

#include "wsctlerror.h"

static JsonNode *
find_member (JsonObject * object, const gchar * name)
{
  return object != NULL ? json_object_get_member (object, name) : NULL;
}

JsonObject *
gst_wsctl_json_get_object (JsonObject * object, const gchar * name)
{
  JsonNode *node = find_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;

  return json_node_get_object (node);
}

JsonArray *
gst_wsctl_json_get_array (JsonObject * object, const gchar * name)
{
  JsonNode *node = find_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return NULL;

  return json_node_get_array (node);
}

static gboolean
holds (JsonNode * node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == type;
}

/* A number as text, without an exponent or a needless fraction. */
static gchar *
print_double (gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    return NULL;

  g_ascii_formatd (text, sizeof text, "%.9g", value);

  return g_strdup (text);
}

gchar *
gst_wsctl_json_node_to_string (JsonNode * node)
{
  if (holds (node, G_TYPE_STRING))
    return g_strdup (json_node_get_string (node));
  if (holds (node, G_TYPE_INT64))
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (holds (node, G_TYPE_DOUBLE))
    return print_double (json_node_get_double (node));

  return NULL;
}

static gboolean
read_double (JsonNode * node, gdouble * value)
{
  if (holds (node, G_TYPE_INT64)) {
    *value = json_node_get_int (node);
  } else if (holds (node, G_TYPE_DOUBLE)) {
    *value = json_node_get_double (node);
  } else if (holds (node, G_TYPE_STRING)) {
    const gchar *text = json_node_get_string (node);
    gchar *end;

    *value = g_ascii_strtod (text, &end);
    if (end == text || *end != '\0')
      return FALSE;
  } else {
    return FALSE;
  }

  return isfinite (*value);
}

/* FALSE for what is no number, and for one that a gint64 cannot hold. */
gboolean
gst_wsctl_json_node_to_int (JsonNode * node, gint64 * value)
{
  gdouble number;

  if (holds (node, G_TYPE_INT64)) {
    *value = json_node_get_int (node);
    return TRUE;
  }
  if (holds (node, G_TYPE_STRING)
      && g_ascii_string_to_signed (json_node_get_string (node), 10,
          G_MININT64, G_MAXINT64, value, NULL))
    return TRUE;

  if (!read_double (node, &number) || fabs (number) >= 0x1p63)
    return FALSE;
  *value = number;

  return TRUE;
}

gchar *
gst_wsctl_json_get_string (JsonObject * object, const gchar * name)
{
  return gst_wsctl_json_node_to_string (find_member (object, name));
}

/* Never negative, but for -1 when absent */
gint64
gst_wsctl_json_get_count (JsonObject * object, const gchar * name)
{
  gint64 value = gst_wsctl_json_get_int (object, name);

  return MAX (value, -1);
}

gint64
gst_wsctl_json_get_int (JsonObject * object, const gchar * name)
{
  gint64 value;

  if (!gst_wsctl_json_node_to_int (find_member (object, name), &value))
    return -1;

  return value;
}

gdouble
gst_wsctl_json_get_double (JsonObject * object, const gchar * name)
{
  gdouble value;

  return read_double (find_member (object, name), &value) ? value : NAN;
}

gint
gst_wsctl_json_get_flag (JsonObject * object, const gchar * name)
{
  JsonNode *node = find_member (object, name);
  gdouble number;

  if (holds (node, G_TYPE_BOOLEAN))
    return json_node_get_boolean (node);
  if (holds (node, G_TYPE_STRING)) {
    if (g_ascii_strcasecmp (json_node_get_string (node), "true") == 0)
      return 1;
    if (g_ascii_strcasecmp (json_node_get_string (node), "false") == 0)
      return 0;
  }

  return read_double (node, &number) ? number != 0 : -1;
}

/* The `type` that every message has; a number is not one. */
gchar *
gst_wsctl_json_get_type_name (JsonObject * object, GError ** error)
{
  JsonNode *node = find_member (object, "type");

  if (!holds (node, G_TYPE_STRING)) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_INVALID_MESSAGE, "The message has no string 'type'");
    return NULL;
  }

  return g_strdup (json_node_get_string (node));
}

gchar *
gst_wsctl_json_print (JsonObject * object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (),
      object);

  return json_to_string (node, FALSE);
}

/* json-glib takes what is not UTF-8 and so would write what is not JSON. */
void
gst_wsctl_json_set_string (JsonObject * object, const gchar * name,
    const gchar * value)
{
  g_autofree gchar *valid = NULL;

  if (value == NULL)
    return;

  valid = g_utf8_make_valid (value, -1);
  json_object_set_string_member (object, name, valid);
}

void
gst_wsctl_json_set_count (JsonObject * object, const gchar * name, gint64 value)
{
  if (value >= 0)
    json_object_set_int_member (object, name, value);
}

/* json-glib 1.6 writes an exponent as "1e-05.0", which is not JSON, so a
 * number that would have one is rounded. MistServer writes 1, not 1.0. */
void
gst_wsctl_json_set_double (JsonObject * object, const gchar * name,
    gdouble value)
{
  if (!isfinite (value) || fabs (value) >= 0x1p63)
    return;

  if (fabs (value) < 1e-4)
    value = 0;
  if (value == trunc (value) || fabs (value) > 1e15)
    json_object_set_int_member (object, name, value);
  else
    json_object_set_double_member (object, name, value);
}

void
gst_wsctl_json_set_flag (JsonObject * object, const gchar * name, gint value)
{
  if (value >= 0)
    json_object_set_boolean_member (object, name, value != 0);
}

/* A number or a word: "auto", "0", "1.5" */
void
gst_wsctl_json_set_selector (JsonObject * object, const gchar * name,
    const gchar * value)
{
  gdouble number;
  gchar *end;

  if (value == NULL)
    return;

  /* Digits first, because strtod() also takes "nan", "inf" and "0x". */
  number = g_ascii_strtod (value, &end);
  if (*value != '\0' && *end == '\0'
      && strspn (value, "0123456789.") == strlen (value)
      && fabs (number) < 1e15)
    gst_wsctl_json_set_double (object, name, number);
  else
    gst_wsctl_json_set_string (object, name, value);
}
