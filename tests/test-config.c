/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The configuration: every property by itself, copied, and without a leak.
 */

#include "testsupport.h"
#include "wsctlconfig-private.h"

static void
set_some_value (GObject * config, GParamSpec * spec, GValue * value)
{
  if (G_IS_PARAM_SPEC_STRING (spec)) {
    g_value_take_string (value, g_strdup_printf ("of-%s", spec->name));
  } else if (G_IS_PARAM_SPEC_UINT (spec)) {
    g_value_set_uint (value, 4000 + spec->param_id);
  } else if (G_IS_PARAM_SPEC_INT (spec)) {
    g_value_set_int (value, spec->param_id);
  } else if (G_IS_PARAM_SPEC_BOOLEAN (spec)) {
    g_value_set_boolean (value, !((GParamSpecBoolean *) spec)->default_value);
  } else if (G_IS_PARAM_SPEC_ENUM (spec)) {
    g_value_set_enum (value, GST_WSCTL_ICE_TRANSPORT_POLICY_RELAY);
  } else if (G_IS_PARAM_SPEC_BOXED (spec)) {
    g_value_take_boxed (value, gst_structure_new ("headers",
            "X-One", G_TYPE_STRING, "1", NULL));
  } else {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_static_string (&item, "turn://u:p@127.0.0.1:1");
    gst_value_array_append_value (value, &item);
    gst_value_array_append_and_take_value (value, &item);
  }
  g_object_set_property (config, spec->name, value);
}

static void
assert_equal (GObject * object, const gchar * name, const GValue * wanted)
{
  GValue value = G_VALUE_INIT;
  g_autofree gchar *one = NULL;
  g_autofree gchar *other = NULL;

  g_object_get_property (object, name, &value);
  if (!G_VALUE_HOLDS (wanted, GST_TYPE_STRUCTURE)
      || g_value_get_boxed (wanted) != NULL) {
    one = gst_value_serialize (wanted);
    other = gst_value_serialize (&value);
    g_assert_cmpstr (one, ==, other);
  } else {
    g_assert_null (g_value_get_boxed (&value));
  }
  g_value_unset (&value);
}

/* Each of them comes back as it was set, also from a copy, which what happens
 * to the first one afterwards does not change. */
static void
test_every_property (void)
{
  GstWsctlConfig *config = gst_wsctl_config_new (NULL);
  GObject *object = G_OBJECT (config);
  g_autofree GParamSpec **specs = NULL;
  guint n, i;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (config), &n);
  g_assert_cmpuint (n, ==, GST_WSCTL_CONFIG_N_PROPS - 1);

  for (i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;
    g_autoptr (GstWsctlConfig) copy = NULL;

    g_value_init (&value, specs[i]->value_type);
    set_some_value (object, specs[i], &value);
    assert_equal (object, specs[i]->name, &value);

    copy = gst_wsctl_config_copy (config);
    g_value_reset (&value);
    g_param_value_set_default (specs[i], &value);
    g_object_set_property (object, specs[i]->name, &value);
    assert_equal (object, specs[i]->name, &value);
    g_value_unset (&value);

    g_value_init (&value, specs[i]->value_type);
    set_some_value (object, specs[i], &value);
    assert_equal (G_OBJECT (copy), specs[i]->name, &value);
    g_value_unset (&value);
  }

  test_assert_finalize (config);
}

/* What a new one has is what its properties say their default is. */
static void
test_defaults (void)
{
  g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new ("ws://host/a");
  g_autofree GParamSpec **specs = NULL;
  guint n, i;

  g_assert_cmpstr (config->uri, ==, "ws://host/a");
  g_assert_true (config->ssl_strict);
  g_assert_cmpuint (config->connect_timeout_ms, ==, 10000);
  g_assert_null (config->stun_server);
  g_assert_true (g_str_has_prefix (config->user_agent, "GStreamer wsctl/"));

  g_object_set (config, "uri", NULL, NULL);
  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (config), &n);
  for (i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;

    g_object_get_property (G_OBJECT (config), specs[i]->name, &value);
    g_assert_true (g_param_value_defaults (specs[i], &value)
        || GST_IS_PARAM_SPEC_ARRAY_LIST (specs[i]));
    g_value_unset (&value);
  }
}

static void
test_other_property (void)
{
  g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new (NULL);
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_assert_false (gst_wsctl_config_set_value (config, 0, &value));
  g_assert_false (gst_wsctl_config_set_value (config, GST_WSCTL_CONFIG_N_PROPS,
          &value));
  g_assert_false (gst_wsctl_config_get_value (config, 0, &value));
  g_assert_false (gst_wsctl_config_get_value (config, GST_WSCTL_CONFIG_N_PROPS,
          &value));
  g_value_unset (&value);
}

/* A list may be emptied again, and hold a NULL. */
static void
test_lists (void)
{
  g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new (NULL);
  GValue list = G_VALUE_INIT;
  GValue item = G_VALUE_INIT;

  gst_value_array_init (&list, 3);
  g_value_init (&item, G_TYPE_STRING);
  g_value_set_static_string (&item, "a");
  gst_value_array_append_value (&list, &item);
  g_value_set_static_string (&item, NULL);
  gst_value_array_append_value (&list, &item);
  g_value_set_static_string (&item, "c");
  gst_value_array_append_and_take_value (&list, &item);
  g_object_set_property (G_OBJECT (config), "local-addresses", &list);
  g_assert_cmpuint (g_strv_length (config->local_addresses), ==, 3);
  g_assert_cmpstr (config->local_addresses[1], ==, "");
  g_assert_cmpstr (config->local_addresses[2], ==, "c");
  g_value_unset (&list);

  gst_value_array_init (&list, 0);
  g_object_set_property (G_OBJECT (config), "local-addresses", &list);
  g_assert_null (config->local_addresses);
  g_value_unset (&list);
}

static void
test_headers (void)
{
  g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new (NULL);
  g_autoptr (GstStructure) headers = gst_structure_new ("headers",
      "X-One", G_TYPE_STRING, "1", "X-Number", G_TYPE_INT, 2,
      "X-Two", G_TYPE_STRING, "2", NULL);
  g_auto (GStrv) lines = NULL;

  g_assert_null (gst_wsctl_config_get_header_lines (config));

  g_object_set (config, "extra-headers", headers, NULL);
  lines = gst_wsctl_config_get_header_lines (config);
  g_assert_cmpuint (g_strv_length (lines), ==, 2);
  g_assert_cmpstr (lines[0], ==, "X-One: 1");
  g_assert_cmpstr (lines[1], ==, "X-Two: 2");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/config/every-property", test_every_property);
  test_add ("/config/defaults", test_defaults);
  test_add ("/config/other-property", test_other_property);
  test_add ("/config/lists", test_lists);
  test_add ("/config/headers", test_headers);

  return g_test_run ();
}
