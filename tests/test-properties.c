/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Numbers without sense, for every property of every element that is a number:
 * none is taken, and each is said.
 */

#include <gst/gst.h>

#include "testsupport.h"

static const gchar *const elements[] = { "wsctlsink", "wsctlsrc", "wsctlpool" };

/* For which every number that is not negative makes sense */
static const gchar *const unlimited[] = {
  "audio-track", "reconnect-retries", "video-track", NULL
};

static guint n_complaints;

static gboolean
on_fatal_log (const gchar * domain, GLogLevelFlags level,
    const gchar * message, gpointer data)
{
  if (strstr (message, "out of range") == NULL)
    return TRUE;

  n_complaints++;

  return FALSE;
}

static void
drop_log (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer data)
{
}

static gboolean
is_number (const GParamSpec * pspec)
{
  return (pspec->flags & G_PARAM_WRITABLE) != 0
      && (G_IS_PARAM_SPEC_UINT (pspec) || G_IS_PARAM_SPEC_INT (pspec)
      || G_IS_PARAM_SPEC_UINT64 (pspec) || G_IS_PARAM_SPEC_INT64 (pspec)
      || G_IS_PARAM_SPEC_LONG (pspec) || G_IS_PARAM_SPEC_ULONG (pspec)
      || G_IS_PARAM_SPEC_DOUBLE (pspec) || G_IS_PARAM_SPEC_FLOAT (pspec));
}

/* As a launch line sets it */
static void
check_refused (GstElement * element, GParamSpec * pspec, const gchar * text)
{
  GValue before = G_VALUE_INIT;
  GValue after = G_VALUE_INIT;

  g_test_message ("%s=%s", pspec->name, text);
  g_value_init (&before, pspec->value_type);
  g_value_init (&after, pspec->value_type);
  g_object_get_property (G_OBJECT (element), pspec->name, &before);
  n_complaints = 0;
  gst_util_set_object_arg (G_OBJECT (element), pspec->name, text);
  g_object_get_property (G_OBJECT (element), pspec->name, &after);
  g_assert_cmpint (g_param_values_cmp (pspec, &before, &after), ==, 0);
  g_assert_cmpuint (n_complaints, ==, 1);
  g_value_unset (&before);
  g_value_unset (&after);
}

static void
check_property (GstElement * element, GParamSpec * pspec)
{
  check_refused (element, pspec, "-5");
  if (G_IS_PARAM_SPEC_DOUBLE (pspec) || G_IS_PARAM_SPEC_FLOAT (pspec)) {
    check_refused (element, pspec, "1e300");
    check_refused (element, pspec, "nan");
  } else if (!g_strv_contains (unlimited, pspec->name)) {
    check_refused (element, pspec, "max");
  }
}

static void
test_numbers (void)
{
  guint i, j, n_numbers = 0;

  g_test_log_set_fatal_handler (on_fatal_log, NULL);
  g_log_set_handler ("GLib-GObject", G_LOG_LEVEL_WARNING
      | G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL, drop_log, NULL);
  for (i = 0; i < G_N_ELEMENTS (elements); i++) {
    g_autoptr (GstElement) element =
        gst_object_ref_sink (gst_element_factory_make (elements[i], NULL));
    guint n;
    g_autofree GParamSpec **pspecs =
        g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);

    for (j = 0; j < n; j++) {
      if (!is_number (pspecs[j]))
        continue;
      check_property (element, pspecs[j]);
      n_numbers++;
    }
  }
  g_assert_cmpuint (n_numbers, >, 30);
}

/* The same from a launch line, which is played all the same. */
static void
test_launch_line (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) sink = NULL;
  guint bitrate_bps;

  g_test_log_set_fatal_handler (on_fatal_log, NULL);
  n_complaints = 0;
  sink = gst_parse_launch ("wsctlsink video-bitrate=-5", &error);
  g_assert_no_error (error);
  gst_object_ref_sink (sink);
  g_object_get (sink, "video-bitrate", &bitrate_bps, NULL);
  g_assert_cmpuint (bitrate_bps, ==, 0);
  g_assert_cmpuint (n_complaints, ==, 1);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/properties/numbers", test_numbers);
  test_add ("/properties/launch-line", test_launch_line);

  return g_test_run ();
}
