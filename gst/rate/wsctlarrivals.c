/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlarrivals-private.h"

#include <stdlib.h>

#define N_TRAINS 32
/* Older ones tell of a way that may be another by now. */
#define MAX_AGE_US (4 * G_TIME_SPAN_SECOND)
/* Fewer are chance. */
#define MIN_TRAINS 5
/* What is read at once has come at once, for all that we can see. */
#define MIN_SPREAD_US 50
#define MAX_CAPACITY_BPS 1e9
/* The quickest frame is looked for in as much time as this, and twice it. */
#define BASE_TIME_US (10 * G_TIME_SPAN_SECOND)
/* Not a queue, but another time line: a seek, a pause */
#define MAX_JUMP_US (3 * G_TIME_SPAN_SECOND)

typedef struct
{
  gint64 time_us;
  guint bytes;
  gdouble capacity_bps;
} Train;

struct _GstWsctlArrivals
{
  guint clock_rate;
  guint64 bytes;
  guint64 packets;
  guint64 missed;
  guint64 late;                 /* those of them that came after all */

  /* The frame that is coming in */
  gboolean started;
  guint32 ssrc;
  guint16 seq;                  /* the highest */
  guint32 rtp_time;
  gint64 first_us;              /* when it began to come … */
  gint64 last_us;               /* … and what came last of it */
  guint frame_bytes;            /* since it began: of it and what came between */
  guint other_bytes;            /* behind its last packet */

  Train trains[N_TRAINS];
  guint n_trains;

  /* Delays are those of first packets, against RTP times: large numbers of no
   * meaning but by comparison. */
  gint64 media_us;              /* RTP time of the frame, unwrapped */
  gint64 delay_us;
  gint64 base_us[2];            /* the smallest: now and in the time before */
  gint64 base_since_us;
};

GstWsctlArrivals *
gst_wsctl_arrivals_new (guint clock_rate)
{
  GstWsctlArrivals *self = g_new0 (GstWsctlArrivals, 1);

  self->clock_rate = clock_rate;

  return self;
}

void
gst_wsctl_arrivals_free (GstWsctlArrivals * self)
{
  g_free (self);
}

static void
end_train (GstWsctlArrivals * self)
{
  gint64 spread_us = MAX (self->last_us - self->first_us, MIN_SPREAD_US);
  Train *train = &self->trains[self->n_trains % N_TRAINS];

  if (self->frame_bytes == 0)
    return;

  train->time_us = self->last_us;
  train->bytes = self->frame_bytes;
  train->capacity_bps = MIN (self->frame_bytes * 8e6 / spread_us,
      MAX_CAPACITY_BPS);
  self->n_trains++;
}

static void
start_base (GstWsctlArrivals * self, gint64 time_us)
{
  self->base_us[0] = self->delay_us;
  self->base_us[1] = self->delay_us;
  self->base_since_us = time_us;
}

static void
watch_delay (GstWsctlArrivals * self, const GstWsctlArrival * arrival)
{
  gint64 passed_us = (gint32) (arrival->rtp_time - self->rtp_time)
      * G_TIME_SPAN_SECOND / self->clock_rate;
  gint64 delay_us;

  self->media_us += passed_us;
  delay_us = arrival->time_us - self->media_us;
  if (!self->started || ABS (delay_us - self->delay_us) > MAX_JUMP_US) {
    self->media_us = 0;
    self->delay_us = arrival->time_us;
    start_base (self, arrival->time_us);
    return;
  }

  self->delay_us = delay_us;
  if (arrival->time_us - self->base_since_us > BASE_TIME_US) {
    self->base_us[1] = self->base_us[0];
    self->base_us[0] = delay_us;
    self->base_since_us = arrival->time_us;
  }
  self->base_us[0] = MIN (self->base_us[0], delay_us);
}

static void
start_frame (GstWsctlArrivals * self, const GstWsctlArrival * arrival)
{
  end_train (self);
  watch_delay (self, arrival);
  self->started = TRUE;
  self->rtp_time = arrival->rtp_time;
  self->first_us = arrival->time_us;
  self->last_us = arrival->time_us;
  self->frame_bytes = 0;
  self->other_bytes = 0;
}

/* FALSE for one that is sent again, or was overtaken. */
static gboolean
count_packet (GstWsctlArrivals * self, const GstWsctlArrival * arrival)
{
  gint16 steps = arrival->seq - self->seq;

  self->packets++;
  if (self->started && arrival->ssrc != self->ssrc)
    self->started = FALSE;
  self->ssrc = arrival->ssrc;
  if (self->started && steps <= 0) {
    self->late = MIN (self->late + 1, self->missed);
    return FALSE;
  }
  if (self->started)
    self->missed += steps - 1;
  self->seq = arrival->seq;

  return TRUE;
}

void
gst_wsctl_arrivals_push (GstWsctlArrivals * self,
    const GstWsctlArrival * arrival)
{
  self->bytes += arrival->size;
  if (!arrival->is_video || !count_packet (self, arrival)) {
    /* It takes its time on the way as well. */
    self->other_bytes += arrival->size;
    return;
  }

  if (!self->started || arrival->rtp_time != self->rtp_time) {
    start_frame (self, arrival);
    return;
  }
  self->frame_bytes += self->other_bytes + arrival->size;
  self->other_bytes = 0;
  self->last_us = arrival->time_us;
}

static gint
compare_capacities (gconstpointer one, gconstpointer other)
{
  gdouble a = ((const Train *) one)->capacity_bps;
  gdouble b = ((const Train *) other)->capacity_bps;

  return (a > b) - (a < b);
}

/* The median, by weight: long trains are told better from chance. */
static guint64
estimate_capacity (GstWsctlArrivals * self, gint64 time_us)
{
  Train trains[N_TRAINS];
  guint64 all_bytes = 0, bytes = 0;
  guint n = 0;
  guint i;

  for (i = 0; i < MIN (self->n_trains, N_TRAINS); i++) {
    if (time_us - self->trains[i].time_us > MAX_AGE_US)
      continue;
    trains[n++] = self->trains[i];
    all_bytes += self->trains[i].bytes;
  }
  if (n < MIN_TRAINS)
    return 0;

  qsort (trains, n, sizeof *trains, compare_capacities);
  for (i = 0; i < n - 1 && bytes + trains[i].bytes < all_bytes / 2; i++)
    bytes += trains[i].bytes;

  return trains[i].capacity_bps;
}

void
gst_wsctl_arrivals_get_report (GstWsctlArrivals * self, gint64 time_us,
    GstWsctlArrivalsReport * report)
{
  report->bytes = self->bytes;
  report->packets = self->packets;
  report->missed = self->missed;
  report->lost = self->missed - self->late;
  report->queue_us = self->started
      ? self->delay_us - MIN (self->base_us[0], self->base_us[1]) : -1;
  report->capacity_bps = estimate_capacity (self, time_us);
}
