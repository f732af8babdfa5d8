/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What was measured, for people and for programs.
 */

#include "bench.h"

#include <json-glib/json-glib.h>

/* A machine is never alone with a benchmark: the median is what counts, and
 * the other two say how much to believe it. */
typedef struct
{
  const gchar *client;
  const gchar *session;
  const gchar *event;
  GArray *times;                /* gint64, microseconds */
} Row;

struct _BenchReport
{
  GPtrArray *rows;              /* in the order they came up */
};

/* For the medians of our own clients */
static const struct
{
  const gchar *session;
  const gchar *event;
  gint64 limit_us;
} targets[] = {
  {"later", BENCH_FRAME, 100 * 1000},
  {"first", BENCH_REST, 80 * 1000},
};

static void
free_row (gpointer data)
{
  Row *row = data;

  g_array_unref (row->times);
  g_free (row);
}

BenchReport *
bench_report_new (void)
{
  BenchReport *self = g_new0 (BenchReport, 1);

  self->rows = g_ptr_array_new_with_free_func (free_row);

  return self;
}

void
bench_report_free (BenchReport * self)
{
  g_ptr_array_unref (self->rows);
  g_free (self);
}

static Row *
find_row (BenchReport * self, const gchar * client, const gchar * session,
    const gchar * event)
{
  guint i;

  for (i = 0; i < self->rows->len; i++) {
    Row *row = g_ptr_array_index (self->rows, i);

    if (g_str_equal (row->client, client)
        && g_str_equal (row->session, session)
        && g_str_equal (row->event, event))
      return row;
  }

  return NULL;
}

void
bench_report_add (BenchReport * self, const gchar * client,
    const gchar * session, const gchar * event, gint64 time_us)
{
  Row *row = find_row (self, client, session, event);

  if (row == NULL) {
    row = g_new0 (Row, 1);
    row->client = g_intern_string (client);
    row->session = g_intern_string (session);
    row->event = g_intern_string (event);
    row->times = g_array_new (FALSE, FALSE, sizeof (gint64));
    g_ptr_array_add (self->rows, row);
  }
  g_array_append_val (row->times, time_us);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a, other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

/* @part of the way from the least to the greatest, in quarters */
static gint64
get_quantile (Row * row, guint part)
{
  guint last = row->times->len - 1;
  guint low = last * part / 4, high = (last * part + 3) / 4;

  g_array_sort (row->times, compare_times);

  return (g_array_index (row->times, gint64, low)
      + g_array_index (row->times, gint64, high)) / 2;
}

static gint64
get_median (Row * row)
{
  return get_quantile (row, 2);
}

/* What is promised of @row: -1 for nothing. */
static gint64
get_target (Row * row)
{
  guint i;

  if (g_str_has_prefix (row->client, "plain-"))
    return -1;

  for (i = 0; i < G_N_ELEMENTS (targets); i++) {
    if (g_str_equal (targets[i].session, row->session)
        && g_str_equal (targets[i].event, row->event))
      return targets[i].limit_us;
  }

  return -1;
}

static void
print_time (gint64 time_us)
{
  g_print ("%9.1f", time_us / 1000.0);
}

static void
print_row (BenchReport * self, Row * row)
{
  g_autofree gchar *plain_name = g_strconcat ("plain-", row->client, NULL);
  Row *plain = find_row (self, plain_name, row->session, row->event);
  gint64 target_us = get_target (row);
  gint64 median_us = get_median (row);

  g_print ("%-14s %-6s %-12s", row->client, row->session, row->event);
  print_time (get_quantile (row, 0));
  print_time (median_us);
  print_time (get_quantile (row, 4));
  if (plain != NULL)
    g_print ("  plain x %.1f", (gdouble) get_median (plain) / median_us);
  if (target_us >= 0)
    g_print ("  %s %.0f ms", median_us <= target_us ? "within" : "PAST",
        target_us / 1000.0);
  g_print ("\n");
}

void
bench_report_print (BenchReport * self)
{
  const gchar *client = NULL;
  guint i;

  g_print ("From set_state (PLAYING), in ms\n"
      "%-14s %-6s %-12s%9s%9s%9s\n", "client", "of its", "to", "min", "median",
      "max");
  for (i = 0; i < self->rows->len; i++) {
    Row *row = g_ptr_array_index (self->rows, i);

    if (g_strcmp0 (client, row->client) != 0)
      g_print ("\n");
    client = row->client;
    print_row (self, row);
  }
}

static void
add_number (JsonBuilder * builder, const gchar * name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}

static void
add_text (JsonBuilder * builder, const gchar * name, const gchar * text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_row (JsonBuilder * builder, Row * row)
{
  gint64 target_us = get_target (row);

  json_builder_begin_object (builder);
  add_text (builder, "client", row->client);
  add_text (builder, "session", row->session);
  add_text (builder, "event", row->event);
  add_number (builder, "runs", row->times->len);
  add_number (builder, "min_us", get_quantile (row, 0));
  add_number (builder, "median_us", get_median (row));
  add_number (builder, "max_us", get_quantile (row, 4));
  if (target_us >= 0)
    add_number (builder, "target_us", target_us);
  json_builder_end_object (builder);
}

void
bench_report_print_json (BenchReport * self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;
  guint i;

  json_builder_begin_array (builder);
  for (i = 0; i < self->rows->len; i++)
    add_row (builder, g_ptr_array_index (self->rows, i));
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
}
