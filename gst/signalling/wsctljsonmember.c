/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A member as it was written. What somebody else's data say is passed on word
 * for word: json-glib would write large numbers as others, and some in a way
 * that is not JSON.
 */

#include "wsctljson-private.h"

#include <string.h>

#define SPACE " \t\r\n"

static const gchar *
skip_string (const gchar * at)
{
  for (at++; *at != '\0' && *at != '"'; at++) {
    if (*at == '\\' && at[1] != '\0')
      at++;
  }

  return *at == '"' ? at + 1 : at;
}

static const gchar *
skip_value (const gchar * at)
{
  guint depth = 0;

  while (*at != '\0') {
    if (*at == '"') {
      at = skip_string (at);
      continue;
    }
    if (*at == '{' || *at == '[')
      depth++;
    else if (depth == 0 && strchr (",}]", *at) != NULL)
      break;
    else if (*at == '}' || *at == ']')
      depth--;
    at++;
  }

  return at;
}

/* Whether the string at @at, quotes and all, is @name. A name in escapes is none
 * that we look for. */
static gboolean
is_name (const gchar * at, const gchar * end, const gchar * name)
{
  gsize size = strlen (name);

  return end > at && (gsize) (end - at) == size + 2
      && strncmp (at + 1, name, size) == 0;
}

/* Of a text that gst_wsctl_json_parse() has taken: the last member of this name,
 * as readers of JSON agree. NULL when there is none. Transfer full. */
gchar *
gst_wsctl_json_dup_member_text (const gchar * text, const gchar * name)
{
  const gchar *at = text + strspn (text, SPACE);
  gchar *found = NULL;

  while (*at == '{' || *at == ',') {
    const gchar *key = at + 1 + strspn (at + 1, SPACE);
    const gchar *key_end, *value, *end;

    if (*key != '"')
      break;
    key_end = skip_string (key);
    value = key_end + strspn (key_end, SPACE ":");
    end = skip_value (value);
    if (is_name (key, key_end, name)) {
      g_free (found);
      found = g_strchomp (g_strndup (value, end - value));
    }
    at = end;
  }

  return found;
}
