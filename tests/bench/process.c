/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The parent's side of a child: told by lines, heard by lines.
 */

#include "bench.h"

#include <gio/gio.h>
#include <string.h>

struct _BenchProcess
{
  gchar *name;
  GSubprocess *process;
  GDataInputStream *output;
  GHashTable *times;            /* what happened -> gint64 */
};

BenchProcess *
bench_process_new (const gchar * name)
{
  BenchProcess *self = g_new0 (BenchProcess, 1);
  g_autoptr (GError) error = NULL;

  self->name = g_strdup (name);
  self->times = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE
      | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/proc/self/exe", "--child",
      name, NULL);
  if (self->process == NULL)
    g_error ("%s", error->message);
  self->output =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));

  return self;
}

void
bench_process_free (BenchProcess * self)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (self->process);

  /* The end of its input is what it waits for. */
  g_output_stream_close (input, NULL, NULL);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->output);
  g_object_unref (self->process);
  g_hash_table_unref (self->times);
  g_free (self->name);
  g_free (self);
}

void
bench_process_tell (BenchProcess * self, const gchar * command,
    const gchar * argument)
{
  GOutputStream *input = g_subprocess_get_stdin_pipe (self->process);
  g_autofree gchar *line = g_strdup_printf ("%s %s\n", command, argument);
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all (input, line, strlen (line), NULL, NULL,
          &error))
    g_error ("%s: %s", self->name, error->message);
}

static void
read_line (BenchProcess * self, const gchar * wanted)
{
  g_autofree gchar *line =
      g_data_input_stream_read_line (self->output, NULL, NULL, NULL);
  gchar *end = line != NULL ? strchr (line, ' ') : NULL;
  gint64 *time_us;

  if (end == NULL)
    g_error ("%s: ended before '%s'", self->name, wanted);

  *end = '\0';
  time_us = g_new (gint64, 1);
  *time_us = g_ascii_strtoll (end + 1, NULL, 10);
  g_hash_table_insert (self->times, g_strdup (line), time_us);
}

gint64
bench_process_wait (BenchProcess * self, const gchar * what)
{
  while (!g_hash_table_contains (self->times, what))
    read_line (self, what);

  return *(gint64 *) g_hash_table_lookup (self->times, what);
}

void
bench_process_forget (BenchProcess * self)
{
  g_hash_table_remove_all (self->times);
}
