/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From a text to steps, each with the whole of the conditions.
 */

#include "testschedule.h"

#include <stddef.h>
#include <string.h>

typedef enum
{
  TYPE_COUNT,
  TYPE_RATE,
  TYPE_PERCENT,
  TYPE_NUMBER,
  TYPE_FLAG,
} Type;

static const struct
{
  const gchar *name;
  Type type;
  gsize offset;
} members[] = {
  {"rate", TYPE_RATE, offsetof (TestConditions, rate_bps)},
  {"bucket", TYPE_COUNT, offsetof (TestConditions, bucket_bytes)},
  {"queue", TYPE_COUNT, offsetof (TestConditions, queue_bytes)},
  {"delay", TYPE_COUNT, offsetof (TestConditions, delay_ms)},
  {"jitter", TYPE_COUNT, offsetof (TestConditions, jitter_ms)},
  {"loss", TYPE_PERCENT, offsetof (TestConditions, loss)},
  {"burst", TYPE_NUMBER, offsetof (TestConditions, burst)},
  {"reorder", TYPE_PERCENT, offsetof (TestConditions, reorder)},
  {"late", TYPE_COUNT, offsetof (TestConditions, reorder_ms)},
  {"blackout", TYPE_FLAG, offsetof (TestConditions, blackout)},
};

static gboolean
parse_count (const gchar * text, guint64 max, guint64 * count)
{
  return g_ascii_string_to_unsigned (text, 10, 0, max, count, NULL);
}

static gboolean
parse_number (const gchar * text, gdouble max, gdouble * number)
{
  gchar *end;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  *number = g_ascii_strtod (text, &end);

  return *end == '\0' && *number <= max;
}

static gboolean
set_member (TestConditions * conditions, guint index, const gchar * text)
{
  gpointer member = G_STRUCT_MEMBER_P (conditions, members[index].offset);
  guint64 count;
  gdouble number;

  switch (members[index].type) {
    case TYPE_RATE:
      return parse_count (text, G_GUINT64_CONSTANT (100000000000), member);
    case TYPE_COUNT:
      if (!parse_count (text, G_MAXINT32, &count))
        return FALSE;
      *(guint *) member = count;
      return TRUE;
    case TYPE_FLAG:
      if (!parse_count (text, 1, &count))
        return FALSE;
      *(gboolean *) member = count;
      return TRUE;
    case TYPE_PERCENT:
      if (!parse_number (text, 100, &number))
        return FALSE;
      *(gdouble *) member = number / 100;
      return TRUE;
    case TYPE_NUMBER:
      return parse_number (text, G_MAXINT32, member);
  }

  g_assert_not_reached ();
}

static gboolean
parse_change (const gchar * text, TestConditions * conditions)
{
  const gchar *equals = strchr (text, '=');
  guint i;

  if (equals == NULL)
    return FALSE;

  for (i = 0; i < G_N_ELEMENTS (members); i++) {
    gsize size = strlen (members[i].name);

    if ((gsize) (equals - text) == size
        && strncmp (text, members[i].name, size) == 0)
      return set_member (conditions, i, equals + 1);
  }

  return FALSE;
}

/* The words of a text, without empty ones. Transfer full. */
static GStrv
split_words (const gchar * text)
{
  g_auto (GStrv) all = g_strsplit_set (text, " \t\r", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  guint i;

  for (i = 0; all[i] != NULL; i++) {
    if (all[i][0] != '\0')
      g_strv_builder_add (words, all[i]);
  }

  return g_strv_builder_end (words);
}

static gboolean
parse_step (GStrv words, TestStep * step)
{
  gboolean is_up = g_strcmp0 (words[1], "up") == 0;
  gboolean is_down = g_strcmp0 (words[1], "down") == 0;
  guint at_ms = step->at_ms;
  guint64 count;
  guint i;

  if (!parse_count (words[0], G_MAXINT32, &count) || count < at_ms)
    return FALSE;
  step->at_ms = count;

  for (i = is_up || is_down ? 2 : 1; words[i] != NULL; i++) {
    if (!is_down
        && !parse_change (words[i], &step->conditions[TEST_DIRECTION_UP]))
      return FALSE;
    if (!is_up
        && !parse_change (words[i], &step->conditions[TEST_DIRECTION_DOWN]))
      return FALSE;
  }

  return TRUE;
}

/* Steps of one line; @step is the one before them. */
static gboolean
parse_line (gchar * line, TestStep * step, GArray * steps, GError ** error)
{
  g_auto (GStrv) texts = NULL;
  gchar *comment = strchr (line, '#');
  guint i;

  if (comment != NULL)
    *comment = '\0';
  texts = g_strsplit (line, ";", -1);
  for (i = 0; texts[i] != NULL; i++) {
    g_auto (GStrv) words = split_words (texts[i]);

    if (words[0] == NULL)
      continue;
    if (!parse_step (words, step)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          "This is no step: '%s'", g_strstrip (texts[i]));
      return FALSE;
    }
    g_array_append_vals (steps, step, 1);
  }

  return TRUE;
}

GArray *
test_schedule_parse (const gchar * text, const TestConditions * initial,
    GError ** error)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (TestStep));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  TestStep step = { 0, };
  guint i;

  if (initial != NULL)
    memcpy (step.conditions, initial, sizeof (step.conditions));
  for (i = 0; lines[i] != NULL; i++) {
    if (!parse_line (lines[i], &step, steps, error))
      return NULL;
  }

  return g_steal_pointer (&steps);
}
