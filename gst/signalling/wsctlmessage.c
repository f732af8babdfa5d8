/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Messages that the tables of wsctlcommand.c do not have: for users who know
 * their server better than we do.
 */

#include "wsctlmessage-private.h"

#include "wsctlerror.h"
#include "wsctljson-private.h"

/* FALSE when @value is no basic type. */
static gboolean
set_variant (JsonObject * object, const gchar * name, GVariant * value)
{
  switch (g_variant_classify (value)) {
    case G_VARIANT_CLASS_BOOLEAN:
      gst_wsctl_json_set_flag (object, name, g_variant_get_boolean (value));
      return TRUE;
    case G_VARIANT_CLASS_BYTE:
      json_object_set_int_member (object, name, g_variant_get_byte (value));
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      json_object_set_int_member (object, name, g_variant_get_int16 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      json_object_set_int_member (object, name, g_variant_get_uint16 (value));
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      json_object_set_int_member (object, name, g_variant_get_int32 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      json_object_set_int_member (object, name, g_variant_get_uint32 (value));
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      json_object_set_int_member (object, name, g_variant_get_int64 (value));
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      /* json-glib 1.6 has signed integers only. */
      if (g_variant_get_uint64 (value) > G_MAXINT64)
        return FALSE;
      json_object_set_int_member (object, name, g_variant_get_uint64 (value));
      return TRUE;
    case G_VARIANT_CLASS_DOUBLE:
      gst_wsctl_json_set_double (object, name, g_variant_get_double (value));
      return json_object_has_member (object, name);
    case G_VARIANT_CLASS_STRING:
      gst_wsctl_json_set_string (object, name,
          g_variant_get_string (value, NULL));
      return TRUE;
    default:
      return FALSE;
  }
}

gchar *
gst_wsctl_message_build (const gchar * type, GVariant * params, GError ** error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const GVariantType *vardict = G_VARIANT_TYPE_VARDICT;
  GVariantIter iter;
  const gchar *name;
  GVariant *value;

  if (params != NULL && !g_variant_is_of_type (params, vardict)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE,
        "The parameters of '%s' have to be an a{sv}, not %s", type,
        g_variant_get_type_string (params));
    return NULL;
  }

  /* The type comes first so that it can be told in a log; a member of that
   * name cannot replace it. */
  gst_wsctl_json_set_string (object, "type", type);
  if (params == NULL)
    return gst_wsctl_json_print (object);

  g_variant_iter_init (&iter, params);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value)) {
    if (g_str_equal (name, "type") || !set_variant (object, name, value)) {
      g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE,
          "The parameter '%s' of '%s' cannot be sent as %s", name, type,
          g_variant_get_type_string (value));
      g_variant_unref (value);
      return NULL;
    }
  }

  return gst_wsctl_json_print (object);
}
