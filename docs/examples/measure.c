/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "measure.h"

#define US_PER_MS 1000.0
#define STAMP_UNIT_US 100       /* 32 bits of it last for days */

struct _Measure
{
  GMutex lock;
  gint64 moments_us[N_MOMENTS]; /* lock, as all below; 0: not yet */
  guint n_frames;
  guint n_unreadable;
  GArray *decoded_ms;           /* gdouble: from capture to decoded */
  GArray *shown_ms;             /* gdouble: from capture to shown */
  GstClockTime audio;
};

Measure *
measure_new (void)
{
  Measure *self = g_new0 (Measure, 1);

  g_mutex_init (&self->lock);
  self->decoded_ms = g_array_new (FALSE, FALSE, sizeof (gdouble));
  self->shown_ms = g_array_new (FALSE, FALSE, sizeof (gdouble));

  return self;
}

void
measure_free (Measure * self)
{
  g_array_unref (self->decoded_ms);
  g_array_unref (self->shown_ms);
  g_mutex_clear (&self->lock);
  g_free (self);
}

gboolean
measure_mark (Measure * self, Moment moment)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = self->moments_us[moment] == 0;
  if (first)
    self->moments_us[moment] = g_get_monotonic_time ();
  g_mutex_unlock (&self->lock);

  return first;
}

gdouble
measure_get_interval (Measure * self, Moment from, Moment to)
{
  gint64 from_us, to_us;

  g_mutex_lock (&self->lock);
  from_us = self->moments_us[from];
  to_us = self->moments_us[to];
  g_mutex_unlock (&self->lock);

  return from_us == 0 || to_us == 0 ? -1 : (to_us - from_us) / US_PER_MS;
}

/* Publisher and player are one process, so one clock tells both times. */
guint32
measure_make_stamp (Measure * self)
{
  return g_get_monotonic_time () / STAMP_UNIT_US;
}

static gdouble
get_age_ms (guint32 stamp)
{
  guint32 now = g_get_monotonic_time () / STAMP_UNIT_US;

  return (guint32) (now - stamp) * STAMP_UNIT_US / US_PER_MS;
}

void
measure_add_decoded (Measure * self, const guint32 * stamp)
{
  measure_mark (self, MOMENT_FIRST_FRAME);

  g_mutex_lock (&self->lock);
  self->n_frames++;
  if (stamp != NULL) {
    gdouble age_ms = get_age_ms (*stamp);

    g_array_append_val (self->decoded_ms, age_ms);
  } else {
    self->n_unreadable++;
  }
  g_mutex_unlock (&self->lock);
}

void
measure_add_shown (Measure * self, const guint32 * stamp)
{
  gdouble age_ms = get_age_ms (*stamp);

  g_mutex_lock (&self->lock);
  g_array_append_val (self->shown_ms, age_ms);
  g_mutex_unlock (&self->lock);
}

void
measure_add_audio (Measure * self, GstClockTime duration)
{
  g_mutex_lock (&self->lock);
  self->audio += duration;
  g_mutex_unlock (&self->lock);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

/* The value that @percent of all are below; -1 when there is none. */
static gdouble
get_percentile (GArray * values, guint percent)
{
  if (values->len == 0)
    return -1;

  g_array_sort (values, compare);

  return g_array_index (values, gdouble, (values->len - 1) * percent / 100);
}

const gchar *
measure_get_fault (Measure * self)
{
  const gchar *fault = NULL;

  g_mutex_lock (&self->lock);
  if (self->moments_us[MOMENT_PUBLISH_CONNECTED] == 0)
    fault = "the publisher did not connect";
  else if (self->moments_us[MOMENT_PLAY_CONNECTED] == 0)
    fault = "the player did not connect";
  else if (self->n_frames == 0)
    fault = "no picture arrived";
  else if (self->audio == 0)
    fault = "no sound arrived";
  else if (self->decoded_ms->len == 0)
    fault = "no stamp could be read from any picture";
  g_mutex_unlock (&self->lock);

  return fault;
}

void
measure_print (Measure * self)
{
  g_mutex_lock (&self->lock);
  g_print ("Arrived     %u pictures, %.1f s of sound\n", self->n_frames,
      (gdouble) self->audio / GST_SECOND);
  if (self->decoded_ms->len > 0)
    g_print ("Latency     %.0f ms from capture to decoded (median; 95 %% "
        "within %.0f ms)\n", get_percentile (self->decoded_ms, 50),
        get_percentile (self->decoded_ms, 95));
  if (self->shown_ms->len > 0)
    g_print ("            %.0f ms from capture to shown, with the jitter "
        "buffer\n", get_percentile (self->shown_ms, 50));
  if (self->n_unreadable > 0)
    g_print ("            %u pictures had no readable stamp\n",
        self->n_unreadable);
  g_mutex_unlock (&self->lock);
}

/* In the C locale whatever the user's is: JSON has decimal points. */
static void
print_number (const gchar * name, gdouble value, const gchar * end)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof (text), "%.1f", value);
  g_print ("\"%s\": %s%s", name, text, end);
}

void
measure_print_json (Measure * self)
{
  gdouble publish_open_ms = measure_get_interval (self, MOMENT_PUBLISH_START,
      MOMENT_PUBLISH_OPEN);
  gdouble play_open_ms = measure_get_interval (self, MOMENT_PLAY_START,
      MOMENT_PLAY_OPEN);
  gdouble first_frame_ms = measure_get_interval (self, MOMENT_PLAY_START,
      MOMENT_FIRST_FRAME);

  g_mutex_lock (&self->lock);
  g_print ("{");
  print_number ("publish_open_ms", publish_open_ms, ", ");
  print_number ("play_open_ms", play_open_ms, ", ");
  print_number ("first_frame_ms", first_frame_ms, ", ");
  g_print ("\"video_frames\": %u, ", self->n_frames);
  print_number ("audio_seconds", (gdouble) self->audio / GST_SECOND, ", ");
  print_number ("latency_ms_median", get_percentile (self->decoded_ms, 50),
      ", ");
  print_number ("latency_ms_95", get_percentile (self->decoded_ms, 95), ", ");
  print_number ("shown_latency_ms_median", get_percentile (self->shown_ms, 50),
      ", ");
  g_print ("\"unreadable_frames\": %u}\n", self->n_unreadable);
  g_mutex_unlock (&self->lock);
}
