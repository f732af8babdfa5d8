/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The grammar of RFC 8259, walked without recursion and without keeping
 * anything, so that json-glib only ever sees a text that is JSON and not deep.
 */

#include "wsctljson-private.h"

#include <string.h>

#include "wsctlerror.h"

/* An integer of this many digits always fits. */
#define MAX_DIGITS 18

typedef enum
{
  EXPECT_VALUE,
  EXPECT_VALUE_OR_END,          /* after '[' */
  EXPECT_NAME,                  /* after ',' in an object */
  EXPECT_NAME_OR_END,           /* after '{' */
  EXPECT_COMMA_OR_END,
} Expect;

typedef struct
{
  const gchar *at;
  const gchar *copied;          /* what comes before is in @copy */
  GString *copy;                /* what json-glib gets */
  gchar open[GST_WSCTL_JSON_MAX_DEPTH];
  guint depth;
  Expect expect;
} Scan;

static void
skip_space (Scan * scan)
{
  scan->at += strspn (scan->at, " \t\r\n");
}

/* The code unit of a \uXXXX, or -1 */
static gint
read_unit (const gchar * at)
{
  gint unit = 0;
  guint i;

  if (at[0] != '\\' || at[1] != 'u')
    return -1;

  for (i = 2; i < 6; i++) {
    if (!g_ascii_isxdigit (at[i]))
      return -1;
    unit = unit * 16 + g_ascii_xdigit_value (at[i]);
  }

  return unit;
}

/* The length of the escape at @at, 0 for none. Half of a surrogate pair is
 * none: json-glib 1.6 would leak on it. */
static gsize
measure_escape (const gchar * at)
{
  gint unit = read_unit (at);
  gint low;

  if (unit < 0)
    return at[1] != '\0' && strchr ("\"\\/bfnrt", at[1]) != NULL ? 2 : 0;
  if (unit < 0xd800 || unit > 0xdfff)
    return 6;

  low = read_unit (at + 6);

  return unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

static gboolean
skip_string (Scan * scan)
{
  const gchar *at = scan->at + 1;

  while (*at != '"') {
    gsize length = *at == '\\' ? measure_escape (at) : 1;

    /* Control characters, and the end of the text */
    if (length == 0 || (guchar) * at < 0x20)
      return FALSE;
    at += length;
  }
  scan->at = at + 1;

  return TRUE;
}

static gsize
skip_digits (Scan * scan)
{
  const gchar *start = scan->at;

  while (g_ascii_isdigit (*scan->at))
    scan->at++;

  return scan->at - start;
}

/* json-glib wraps an integer that is too large around; as a double it keeps
 * its size. */
static gboolean
skip_number (Scan * scan)
{
  gboolean integer = TRUE;
  gsize n_digits;

  if (*scan->at == '-')
    scan->at++;
  if (scan->at[0] == '0' && g_ascii_isdigit (scan->at[1]))
    return FALSE;
  n_digits = skip_digits (scan);
  if (n_digits == 0)
    return FALSE;

  if (*scan->at == '.') {
    integer = FALSE;
    scan->at++;
    if (skip_digits (scan) == 0)
      return FALSE;
  }
  if (*scan->at == 'e' || *scan->at == 'E') {
    integer = FALSE;
    scan->at++;
    if (*scan->at == '+' || *scan->at == '-')
      scan->at++;
    if (skip_digits (scan) == 0)
      return FALSE;
  }

  if (integer && n_digits > MAX_DIGITS) {
    g_string_append_len (scan->copy, scan->copied, scan->at - scan->copied);
    g_string_append (scan->copy, ".0");
    scan->copied = scan->at;
  }

  return TRUE;
}

static gboolean
skip_word (Scan * scan, const gchar * word)
{
  if (!g_str_has_prefix (scan->at, word))
    return FALSE;
  scan->at += strlen (word);

  return TRUE;
}

static gboolean
open_container (Scan * scan)
{
  gchar bracket = *scan->at;

  if (scan->depth == GST_WSCTL_JSON_MAX_DEPTH)
    return FALSE;
  scan->open[scan->depth++] = bracket;
  scan->expect = bracket == '{' ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
  scan->at++;

  return TRUE;
}

static gboolean
close_container (Scan * scan)
{
  gchar bracket = *scan->at;

  if (scan->open[scan->depth - 1] != (bracket == '}' ? '{' : '['))
    return FALSE;
  scan->depth--;
  scan->expect = EXPECT_COMMA_OR_END;
  scan->at++;

  return TRUE;
}

static gboolean
skip_value (Scan * scan)
{
  scan->expect = EXPECT_COMMA_OR_END;
  switch (*scan->at) {
    case '{':
    case '[':
      return open_container (scan);
    case '"':
      return skip_string (scan);
    case 't':
      return skip_word (scan, "true");
    case 'f':
      return skip_word (scan, "false");
    case 'n':
      return skip_word (scan, "null");
    default:
      return skip_number (scan);
  }
}

static gboolean
skip_name (Scan * scan)
{
  if (*scan->at != '"' || !skip_string (scan))
    return FALSE;
  skip_space (scan);
  scan->expect = EXPECT_VALUE;

  return skip_word (scan, ":");
}

/* One step inside a container */
static gboolean
skip_token (Scan * scan)
{
  gboolean ends = *scan->at == '}' || *scan->at == ']';

  switch (scan->expect) {
    case EXPECT_VALUE:
      return skip_value (scan);
    case EXPECT_VALUE_OR_END:
      return ends ? close_container (scan) : skip_value (scan);
    case EXPECT_NAME:
      return skip_name (scan);
    case EXPECT_NAME_OR_END:
      return ends ? close_container (scan) : skip_name (scan);
    case EXPECT_COMMA_OR_END:
      if (ends)
        return close_container (scan);
      scan->expect = scan->open[scan->depth - 1] == '{' ?
          EXPECT_NAME : EXPECT_VALUE;
      return skip_word (scan, ",");
  }

  return FALSE;
}

/* One object and nothing after it. NULL when @text is anything else. */
static gchar *
check_text (const gchar * text)
{
  Scan scan = { text, text, NULL, };
  gboolean ok;

  skip_space (&scan);
  if (*scan.at != '{')
    return NULL;

  scan.copy = g_string_new (NULL);
  ok = open_container (&scan);
  while (ok && scan.depth > 0) {
    skip_space (&scan);
    ok = skip_token (&scan);
  }
  skip_space (&scan);
  g_string_append (scan.copy, scan.copied);

  return g_string_free (scan.copy, !ok || *scan.at != '\0');
}

/* The object that @text is. Transfer full. */
JsonObject *
gst_wsctl_json_parse (const gchar * text, GError ** error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autofree gchar *checked = NULL;
  JsonNode *root = NULL;

  if (strlen (text) > GST_WSCTL_JSON_MAX_SIZE) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE,
        "The message has %" G_GSIZE_FORMAT " bytes; %d are allowed",
        strlen (text), GST_WSCTL_JSON_MAX_SIZE);
    return NULL;
  }

  if (g_utf8_validate (text, -1, NULL))
    checked = check_text (text);
  if (checked == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE,
        "The message is not a JSON object, or nested deeper than %d",
        GST_WSCTL_JSON_MAX_DEPTH);
    return NULL;
  }

  /* json-glib takes all that passed, but is asked all the same. What it says
   * is left out: it may quote the text. */
  parser = json_parser_new ();
  if (json_parser_load_from_data (parser, checked, -1, NULL))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_INVALID_MESSAGE, "The message is not a JSON object");
    return NULL;
  }

  return json_object_ref (json_node_get_object (root));
}
