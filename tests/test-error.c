/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The error domain: the enumeration, its nicks and its names agree.
 */

#include "testsupport.h"
#include "wsctlerror.h"

static void
test_domain (void)
{
  g_assert_cmpstr (g_quark_to_string (GST_WSCTL_ERROR), ==,
      "gst-wsctl-error-quark");
}

/* Each code has a nick and a name of its own. */
static void
test_names (void)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (GST_WSCTL_TYPE_ERROR);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  gint code;

  g_assert_cmpint (klass->minimum, ==, GST_WSCTL_ERROR_FAILED);
  g_assert_cmpint (klass->maximum, ==, GST_WSCTL_ERROR_GOING_AWAY);
  g_assert_cmpuint (klass->n_values, ==, GST_WSCTL_ERROR_GOING_AWAY + 1);

  for (code = 0; code <= GST_WSCTL_ERROR_GOING_AWAY; code++) {
    const GEnumValue *value = g_enum_get_value (klass, code);

    g_assert_nonnull (value);
    g_assert_true (g_enum_get_value_by_nick (klass, value->value_nick) ==
        value);
    g_assert_true (g_hash_table_add (names,
            (gpointer) gst_wsctl_error_get_name (code)));
  }
}

/* Those that users of the Ceeblue client compare with */
static void
test_ceeblue_names (void)
{
  g_assert_cmpstr (gst_wsctl_error_get_name (GST_WSCTL_ERROR_CONNECTION_FAILED),
      ==, "Connection failed");
  g_assert_cmpstr (gst_wsctl_error_get_name (GST_WSCTL_ERROR_CONNECTION_IDLE),
      ==, "Connection idle");
  g_assert_cmpstr (gst_wsctl_error_get_name
      (GST_WSCTL_ERROR_PEER_CONNECTION_FAILED), ==, "RTCPeerConnection failed");
  g_assert_cmpstr (gst_wsctl_error_get_name (GST_WSCTL_ERROR_SIP_FAILED), ==,
      "SIP failed");
  g_assert_cmpstr (gst_wsctl_error_get_name (GST_WSCTL_ERROR_ACCESS_DENIED),
      ==, "Access denied");
  g_assert_cmpstr (gst_wsctl_error_get_name
      (GST_WSCTL_ERROR_REPLACE_TRACK_FAILED), ==, "Replace track failed");
  g_assert_cmpstr (gst_wsctl_error_get_name (GST_WSCTL_ERROR_SERVER_SHUTDOWN),
      ==, "Server shutdown");
  g_assert_cmpstr (gst_wsctl_error_get_name
      (GST_WSCTL_ERROR_SOCKET_DISCONNECTION), ==, "Socket disconnection");
  g_assert_cmpstr (gst_wsctl_error_get_name (9999), ==, "Failed");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/error/domain", test_domain);
  test_add ("/error/names", test_names);
  test_add ("/error/ceeblue-names", test_ceeblue_names);

  return g_test_run ();
}
