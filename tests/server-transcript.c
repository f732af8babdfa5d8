/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a real server said, for ours to be held against.
 */

#include "server-transcript.h"

#include <string.h>

static void
free_line (gpointer data)
{
  TranscriptLine *line = data;

  json_node_unref (line->message);
  g_free (line);
}

static TranscriptLine *
read_line (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);
  TranscriptLine *line = g_new0 (TranscriptLine, 1);
  JsonObject *object;
  const gchar *direction;

  g_assert_no_error (error);
  object = json_node_get_object (root);
  direction = json_object_get_string_member (object, "dir");
  line->from_client = strcmp (direction, "client") == 0;
  line->is_close = strcmp (direction, "close") == 0;
  line->message = json_node_copy (json_object_get_member (object, "message"));

  return line;
}

GPtrArray *
transcript_load (const gchar * name)
{
  g_autofree gchar *path =
      g_test_build_filename (G_TEST_DIST, "data", "transcripts", name, NULL);
  GPtrArray *lines = g_ptr_array_new_with_free_func (free_line);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;
  g_auto (GStrv) texts = NULL;
  guint i;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  texts = g_strsplit (text, "\n", -1);
  for (i = 0; texts[i] != NULL; i++) {
    if (*texts[i] != '\0')
      g_ptr_array_add (lines, read_line (texts[i]));
  }

  return lines;
}

const gchar *
transcript_get_string (const TranscriptLine * line, const gchar * member)
{
  if (!JSON_NODE_HOLDS_OBJECT (line->message))
    return NULL;

  return
      json_object_get_string_member_with_default (json_node_get_object
      (line->message), member, NULL);
}

const gchar *
transcript_get_type (const TranscriptLine * line)
{
  const gchar *type = transcript_get_string (line, "type");

  return type != NULL ? type : "";
}
