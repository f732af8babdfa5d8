/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlConfig:
 *
 * All that a session needs to know before it begins. A controller takes a copy:
 * what is changed afterwards changes nothing below.
 *
 * The properties are those of the elements, with the same names, types and
 * units. Not thread-safe: one thread at a time.
 *
 * Since: 0.1
 */

#include "wsctlconfig-private.h"

G_DEFINE_FINAL_TYPE (GstWsctlConfig, gst_wsctl_config, G_TYPE_OBJECT);

static gboolean
append_header (GQuark field, const GValue * value, gpointer data)
{
  if (G_VALUE_HOLDS_STRING (value))
    g_ptr_array_add (data, g_strdup_printf ("%s: %s",
            g_quark_to_string (field), g_value_get_string (value)));

  return TRUE;
}

GStrv
gst_wsctl_config_get_header_lines (GstWsctlConfig * self)
{
  g_autoptr (GPtrArray) lines = NULL;

  if (self->extra_headers == NULL)
    return NULL;

  lines = g_ptr_array_new ();
  gst_structure_foreach (self->extra_headers, append_header, lines);
  g_ptr_array_add (lines, NULL);

  return (GStrv) g_ptr_array_steal (lines, NULL);
}

gchar *
gst_wsctl_config_get_selector (gint track)
{
  if (track == GST_WSCTL_CONFIG_NO_TRACK)
    return g_strdup ("none");

  return track >= 0 ? g_strdup_printf ("%d", track) : NULL;
}

/**
 * gst_wsctl_config_new:
 * @uri: (nullable): the address of the server and the stream
 *
 * Makes a configuration; nothing is checked before it is used. Any thread.
 *
 * Returns: (transfer full): a configuration with the defaults
 */
GstWsctlConfig *
gst_wsctl_config_new (const gchar * uri)
{
  return g_object_new (GST_WSCTL_TYPE_CONFIG, "uri", uri, NULL);
}

/**
 * gst_wsctl_config_copy:
 * @self: a configuration
 *
 * Copies all values. The caller sees to it that no other thread changes @self
 * meanwhile.
 *
 * Returns: (transfer full): another one with the same values
 */
GstWsctlConfig *
gst_wsctl_config_copy (GstWsctlConfig * self)
{
  GstWsctlConfig *copy;
  guint n, i;
  g_autofree GParamSpec **specs = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_CONFIG (self), NULL);

  copy = gst_wsctl_config_new (NULL);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (self), &n);
  for (i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;

    g_object_get_property (G_OBJECT (self), specs[i]->name, &value);
    g_object_set_property (G_OBJECT (copy), specs[i]->name, &value);
    g_value_unset (&value);
  }

  return copy;
}

static void
gst_wsctl_config_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  if (!gst_wsctl_config_set_value (GST_WSCTL_CONFIG (object), prop_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_config_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  if (!gst_wsctl_config_get_value (GST_WSCTL_CONFIG (object), prop_id, value))
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
gst_wsctl_config_finalize (GObject * object)
{
  gst_wsctl_config_clear_fields (GST_WSCTL_CONFIG (object));

  G_OBJECT_CLASS (gst_wsctl_config_parent_class)->finalize (object);
}

static void
gst_wsctl_config_class_init (GstWsctlConfigClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_wsctl_config_set_property;
  object_class->get_property = gst_wsctl_config_get_property;
  object_class->finalize = gst_wsctl_config_finalize;

  gst_wsctl_config_install_properties (object_class, TRUE);
}

static void
gst_wsctl_config_init (GstWsctlConfig * self)
{
  gst_wsctl_config_init_fields (self);
}
