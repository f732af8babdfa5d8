/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlratepath-private.h"

#define BASE_PERIOD_US (20 * G_TIME_SPAN_SECOND)

/* A pause in the reports says nothing of how often they come. */
#define MAX_INTERVAL_US (5 * G_TIME_SPAN_SECOND)

static gint64
get_base (const GstWsctlRatePath * self)
{
  gint64 base_us = G_MAXINT64;
  guint i;

  for (i = 0; i < GST_WSCTL_RATE_PATH_N_BASES; i++)
    base_us = MIN (base_us, self->bases_us[i]);

  return base_us;
}

static void
begin_period (GstWsctlRatePath * self, gint64 time_us)
{
  guint i;

  for (i = GST_WSCTL_RATE_PATH_N_BASES - 1; i > 0; i--)
    self->bases_us[i] = self->bases_us[i - 1];
  self->bases_us[0] = G_MAXINT64;
  self->period_us = time_us;
}

void
gst_wsctl_rate_path_forget_base (GstWsctlRatePath * self)
{
  self->period_us = 0;
  self->queue_us = 0;
}

static void
take_base (GstWsctlRatePath * self, gint64 time_us, gint64 delay_us)
{
  if (delay_us < 0)
    return;

  if (self->period_us == 0) {
    guint i;

    for (i = 0; i < GST_WSCTL_RATE_PATH_N_BASES; i++)
      begin_period (self, time_us);
  } else if (time_us - self->period_us >= BASE_PERIOD_US) {
    begin_period (self, time_us);
  }
  self->bases_us[0] = MIN (self->bases_us[0], delay_us);
}

/* What there is on the way back is no matter. */
static void
take_way (GstWsctlRatePath * self, gint64 time_us,
    const GstWsctlRateReport * report)
{
  take_base (self, time_us, report->way_us);
  self->queue_us = MAX (report->way_us - get_base (self), 0);
  self->jitter_us = MAX (report->jitter_us, 0);
  self->sent_us = report->sent_us;
}

static void
take_delays (GstWsctlRatePath * self, gint64 time_us,
    const GstWsctlRateReport * report)
{
  gint64 delay_us = MAX (report->delay_min_us, report->round_trip_us);

  take_base (self, time_us, report->delay_max_us);
  take_base (self, time_us, report->round_trip_us);
  self->queue_us = 0;
  if (delay_us >= 0 && self->period_us != 0)
    self->queue_us = MAX (delay_us - get_base (self), 0);
  self->jitter_us = MAX (report->jitter_us, 0);
  self->sent_us = report->delay_max_us >= 0 ? time_us - report->delay_max_us
      : -1;
}

static const GstWsctlRateSample *
get_sample (const GstWsctlRatePath * self, guint age)
{
  return &self->samples[(self->n_samples - 1 - age)
      % GST_WSCTL_RATE_PATH_N_SAMPLES];
}

gint64
gst_wsctl_rate_path_get_last_time (const GstWsctlRatePath * self)
{
  return self->n_samples > 0 ? get_sample (self, 0)->time_us : 0;
}

guint64
gst_wsctl_rate_path_get_last_bytes (const GstWsctlRatePath * self)
{
  return self->n_samples > 0 ? get_sample (self, 0)->bytes_sent : 0;
}

static void
take_interval (GstWsctlRatePath * self, gint64 time_us)
{
  gint64 interval_us = MIN (time_us - gst_wsctl_rate_path_get_last_time (self),
      MAX_INTERVAL_US);

  if (self->n_samples == 0)
    return;

  self->interval_us = self->interval_us == 0 ? interval_us
      : (self->interval_us * 3 + interval_us) / 4;
}

/* What one kind of reports counts from, and by which clocks it tells the time,
 * means nothing to the other. */
static void
take_source (GstWsctlRatePath * self, gboolean one_way)
{
  if (one_way == self->one_way)
    return;

  self->one_way = one_way;
  self->n_samples = 0;
  gst_wsctl_rate_path_forget_base (self);
}

void
gst_wsctl_rate_path_push (GstWsctlRatePath * self, gint64 time_us,
    const GstWsctlRateReport * report)
{
  GstWsctlRateSample *sample;

  take_interval (self, time_us);
  take_source (self, report->way_us > 0);
  sample = &self->samples[self->n_samples++ % GST_WSCTL_RATE_PATH_N_SAMPLES];
  sample->time_us = time_us;
  sample->bytes_arrived = report->bytes_arrived;
  sample->bytes_sent = report->bytes_sent;
  sample->packets_arrived = report->packets_arrived;
  sample->packets_lost = report->packets_lost;
  if (self->one_way)
    take_way (self, time_us, report);
  else
    take_delays (self, time_us, report);
}

/* The newest sample that is at least @span_us older than the last, or the
 * oldest there is; NULL without two. */
static const GstWsctlRateSample *
find_sample (const GstWsctlRatePath * self, gint64 span_us)
{
  guint n = MIN (self->n_samples, GST_WSCTL_RATE_PATH_N_SAMPLES);
  gint64 until_us = gst_wsctl_rate_path_get_last_time (self) - span_us;
  guint age;

  for (age = 1; age < n; age++) {
    if (get_sample (self, age)->time_us <= until_us)
      return get_sample (self, age);
  }

  return n > 1 ? get_sample (self, n - 1) : NULL;
}

static gdouble
get_rate (gdouble bytes, gint64 time_us)
{
  return time_us > 0 ? bytes * 8 * G_USEC_PER_SEC / time_us : -1.0;
}

gdouble
gst_wsctl_rate_path_get_delivered (const GstWsctlRatePath * self,
    gint64 span_us)
{
  const GstWsctlRateSample *first = find_sample (self, span_us);
  const GstWsctlRateSample *last;
  gdouble packets, lost;

  if (first == NULL)
    return -1.0;

  last = get_sample (self, 0);
  packets = (gint64) (last->packets_arrived - first->packets_arrived);
  lost = CLAMP (last->packets_lost - first->packets_lost, 0, packets);
  if (packets <= 0)
    return 0.0;

  return get_rate ((gint64) (last->bytes_arrived - first->bytes_arrived)
      * (1.0 - lost / packets), last->time_us - first->time_us);
}

gdouble
gst_wsctl_rate_path_get_sent (const GstWsctlRatePath * self, gint64 span_us)
{
  const GstWsctlRateSample *first = find_sample (self, span_us);
  const GstWsctlRateSample *last;

  if (first == NULL)
    return -1.0;

  last = get_sample (self, 0);

  return get_rate ((gint64) (last->bytes_sent - first->bytes_sent),
      last->time_us - first->time_us);
}
