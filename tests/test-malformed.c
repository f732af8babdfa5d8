/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Messages that nobody should ever send: tables of them, large ones, random
 * ones.
 */

#include <math.h>
#include <string.h>

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlmessage-private.h"

static GstWsctlEvent *
parse_event (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlEvent *event = gst_wsctl_event_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (event);

  return event;
}

static GstWsctlCommand *
parse_command (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlCommand *command = gst_wsctl_command_parse (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (command);

  return command;
}

/* A number may be written in many ways; one that makes no sense is absent. */
static void
test_numbers (void)
{
  static const struct
  {
    const gchar *number;
    gint64 expected;
  } cases[] = {
    {"0", 0},
    {"7", 7},
    {"7.9", 7},
    {"7e2", 700},
    {"\"7\"", 7},
    {"\"7.5\"", 7},
    {"-7", -1},
    {"-0", 0},
    {"9223372036854775807", -1},
    {"1000000000000000000", 1000000000000000000},
    {"9223372036854775808", -1},
    {"99999999999999999999", -1},
    {"-99999999999999999999", -1},
    {"1e400", -1},
    {"1e30", -1},
    {"\"\"", -1},
    {"\"nan\"", -1},
    {"\"inf\"", -1},
    {"\"7 apples\"", -1},
    {"null", -1},
    {"true", -1},
    {"[7]", -1},
    {"{\"a\":7}", -1},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *text = g_strdup_printf
        ("{\"type\":\"video_bitrate\",\"video_bitrate\":%s}", cases[i].number);
    g_autoptr (GstWsctlCommand) command = parse_command (text);

    if (command->video_bitrate_bps != cases[i].expected)
      g_error ("%s is read as %" G_GINT64_FORMAT, cases[i].number,
          command->video_bitrate_bps);
  }
}

/* Whatever a struct holds, what is written is JSON. */
static void
test_write_anything (void)
{
  static const gdouble numbers[] = { 1e-300, -1e-5, 0.1, 1e15 + 0.5, 1e300,
    INFINITY, -INFINITY, NAN, 1e-4, 9.99e14
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autoptr (GstWsctlEvent) event =
        gst_wsctl_event_new (GST_WSCTL_EVENT_MEDIA_RECEIVE);
    g_autoptr (GstWsctlEvent) again = NULL;
    g_autofree gchar *text = NULL;
    gchar *codecs[] = { (gchar *) "H\xff" "264", NULL };

    event->jitter_ms = numbers[i];
    event->loss_perc = numbers[i];
    event->codecs = g_strdupv (codecs);
    g_free (event->name);
    event->name = g_strdup ("on_media_receive");
    text = gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_MIST);
    again = parse_event (text);
    if (fabs (numbers[i]) < 1e15 && fabs (numbers[i]) >= 1e-4)
      g_assert_cmpfloat_with_epsilon (again->jitter_ms, numbers[i], 1e-3);
  }
}

static gchar *
repeat (const gchar * start, const gchar * unit, guint n, const gchar * end)
{
  GString *text = g_string_new (start);

  while (n-- > 0)
    g_string_append (text, unit);

  return g_string_free (g_string_append (text, end), FALSE);
}

/* None of these is a message, and none of them does any harm. */
static void
test_malformed (void)
{
  static const gchar *const cases[] = {
    "", " ", "not json", "null", "true", "7", "\"type\"", "[]", "[{}]", "{}",
    "{", "}", "{]", "[}", "{\"type\":", "{\"type\":\"seek\"", "{\"type\"}",
    "{\"type\":7}", "{\"type\":null}", "{\"type\":[\"seek\"]}",
    "{\"type\":{\"a\":\"b\"}}", "{\"TYPE\":\"seek\"}", "{type:\"seek\"}",
    "{'type':'seek'}", "{\"type\":\"seek\",}", "{\"type\":\"seek\"}}",
    "{\"type\":\"seek\"}{\"type\":\"stop\"}", "{\"type\":\"seek\"} stop",
    "{\"type\":\"seek\",,\"a\":1}", "{,\"type\":\"seek\"}",
    "{\"type\":\"seek\",\"a\":[1,]}", "{\"type\":\"seek\",\"a\":[,1]}",
    "{\"type\":\"seek\",\"a\":[1 2]}", "{\"type\":\"seek\" \"a\":1}",
    "{\"type\":\"seek\",\"a\":010}", "{\"type\":\"seek\",\"a\":0x10}",
    "{\"type\":\"seek\",\"a\":+1}", "{\"type\":\"seek\",\"a\":-}",
    "{\"type\":\"seek\",\"a\":1.}", "{\"type\":\"seek\",\"a\":.5}",
    "{\"type\":\"seek\",\"a\":1e}", "{\"type\":\"seek\",\"a\":1e+}",
    "{\"type\":\"seek\",\"a\":NaN}", "{\"type\":\"seek\",\"a\":tru}",
    "{\"type\":\"seek\",\"a\":nullx}", "{\"type\":\"se\nek\"}",
    "{\"type\":\"\\q\"}", "{\"type\":\"\\u12\"}", "{\"type\":\"\\uzzzz\"}",
    "{\"type\":\"\\ud800\"}", "{\"type\":\"\\udc00\"}",
    "{\"type\":\"\\ud800\\ud800\"}", "{\"type\":\"\\ud83dx\"}",
    "{\"type\":\"\\ud83d\\n\"}", "{\"type\":\"\\udc00\\ud800\"}",
    "{\"type\":\"\\ud800\\u\"}", "{\"type\":\"seek\\\"}", "{\"type\":\"\\",
    "{\"type\":\"\\u", "{\"type\":\"\xff\"}", "{\"type\":\"\xc3\"}",
    "{\"type\":\"\xed\xa0\x80\"}", "/* */{\"type\":\"seek\"}",
    "{\"type\":\"seek\"}//", "var a = {\"type\":\"seek\"};",
    "\xef\xbb\xbf{\"type\":\"seek\"}", "{\"type\":\"seek\",\"a\":\v1}",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GError) other = NULL;

    if (gst_wsctl_event_parse (cases[i], &error) != NULL
        || gst_wsctl_command_parse (cases[i], &other) != NULL)
      g_error ("'%s' was taken for a message", cases[i]);
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
    g_assert_error (other, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
  }
}

/* Deep and long texts end in an error, not on the end of the stack. */
static void
test_sizes (void)
{
  g_autofree gchar *deep = repeat ("{\"type\":\"on_time\",\"data\":", "[",
      1000000, "");
  g_autofree gchar *objects = repeat ("{\"type\":\"on_time\",\"data\":",
      "{\"a\":", 500000, "");
  g_autofree gchar *huge = repeat ("{\"type\":\"", "0123456789abcdef", 300000,
      "\"}");
  g_autofree gchar *digits = repeat ("{\"type\":\"on_time\",\"current\":", "9",
      100000, "}");
  g_autofree gchar *many = repeat ("{\"type\":\"on_time\",\"tracks\":[0", ",1",
      100000, "]}");
  g_autofree gchar *nested = repeat ("{\"type\":\"on_time\",\"data\":", "[", 31,
      "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}");
  g_autoptr (GstWsctlEvent) long_number = parse_event (digits);
  g_autoptr (GstWsctlEvent) long_list = parse_event (many);
  g_autoptr (GstWsctlEvent) deepest = parse_event (nested);
  g_autoptr (GError) error = NULL;

  g_assert_null (gst_wsctl_event_parse (deep, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  g_assert_null (gst_wsctl_event_parse (objects, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  g_assert_null (gst_wsctl_event_parse (huge, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE);

  g_assert_cmpint (long_number->current_ms, ==, -1);
  g_assert_cmpuint (long_list->tracks->len, ==, 256);
  g_assert_null (deepest->tracks);
}

/* Real messages with bytes changed at random: no crash, and what is read can be
 * written and read again. The seed is fixed by g_test. */
static void
test_random (void)
{
  static const gchar seed[] = "{\"type\":\"on_time\",\"data\":{\"begin\":"
      "2386400,\"current\":2404333,\"jitter\":1.5,\"play_rate_curr\":\"auto\","
      "\"tracks\":[0,1],\"u\":\"\\ud83d\\ude00\\n\",\"paused\":true}}";
  static const gchar bytes[] = "{}[]\",:\\u0d8-+.eE19tfn \x01\xff\xc3";
  guint i, j;

  for (i = 0; i < 20000; i++) {
    g_autofree gchar *text = g_strdup (seed);
    g_autoptr (GstWsctlEvent) event = NULL;
    g_autoptr (GstWsctlCommand) command = NULL;

    for (j = 0; j < 1 + i % 4; j++)
      text[g_test_rand_int_range (0, sizeof seed - 1)] =
          bytes[g_test_rand_int_range (0, sizeof bytes - 1)];
    event = gst_wsctl_event_parse (text, NULL);
    command = gst_wsctl_command_parse (text, NULL);
    g_assert_cmpint (event != NULL, ==, command != NULL);
    if (event != NULL) {
      g_autofree gchar *written =
          gst_wsctl_event_to_json (event, GST_WSCTL_DIALECT_CEEBLUE);
      g_autoptr (GstWsctlEvent) again = parse_event (written);

      g_assert_cmpstr (again->name, ==, event->name);
      g_assert_cmpint (again->begin_ms, ==, event->begin_ms);
    }
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/malformed/malformed", test_malformed);
  test_add ("/malformed/numbers", test_numbers);
  test_add ("/malformed/write-anything", test_write_anything);
  test_add ("/malformed/sizes", test_sizes);
  test_add ("/malformed/random", test_random);

  return g_test_run ();
}
