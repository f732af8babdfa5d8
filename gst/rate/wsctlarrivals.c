/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlarrivals-private.h"

#include <stdlib.h>

#define N_TRAINS 32
/* Older ones tell of a way that may be another by now. */
#define MAX_AGE_US (8 * G_TIME_SPAN_SECOND)
/* Fewer are chance. */
#define MIN_TRAINS 3
/* So much may go at once after a pause, whatever the way carries: shapers are
 * mostly made like that. */
#define BUCKET_SIZE 3500
/* What is read at once has come at once, for all that we can see. */
#define MIN_SPREAD_US 50
#define MAX_CAPACITY_BPS 1e9
/* The quickest frame is looked for in as much time as this, and twice it. */
#define BASE_TIME_US (10 * G_TIME_SPAN_SECOND)
/* When a queue gets so long, the way is not what it was; it is over at half. */
#define QUEUE_US (100 * G_TIME_SPAN_MILLISECOND)
/* Frames further apart than this do not come in a rhythm. */
#define MAX_INTERVAL_US (200 * G_TIME_SPAN_MILLISECOND)
/* A key frame may take as long to come in, without any queue. */
#define KEY_TIME_US (200 * G_TIME_SPAN_MILLISECOND)
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
  guint head_bytes;             /* of what may have gone at once */
  gint64 head_us;               /* when that was all there */
  gint64 last_us;               /* when its last packet came */
  guint tail_bytes;             /* of it and what came between, after that */
  guint other_bytes;            /* behind its last packet */

  Train trains[N_TRAINS];
  guint n_trains;
  gint64 valid_us;              /* those before tell of another way */
  gboolean is_queueing;

  /* Delays are those of first packets, against RTP times: large numbers of no
   * meaning but by comparison. */
  gint64 media_us;              /* RTP time of the frame, unwrapped */
  gint64 delay_us;
  gint64 interval_us;           /* to the frame before; 0: not known */
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
  gint64 spread_us = MAX (self->last_us - self->head_us, MIN_SPREAD_US);
  Train *train = &self->trains[self->n_trains % N_TRAINS];

  if (self->tail_bytes == 0)
    return;

  train->time_us = self->last_us;
  train->bytes = self->tail_bytes;
  train->capacity_bps = MIN (self->tail_bytes * 8e6 / spread_us,
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
    self->interval_us = 0;
    self->delay_us = arrival->time_us;
    start_base (self, arrival->time_us);
    return;
  }

  self->delay_us = delay_us;
  self->interval_us = passed_us > 0 && passed_us <= MAX_INTERVAL_US
      ? passed_us : 0;
  if (arrival->time_us - self->base_since_us > BASE_TIME_US) {
    self->base_us[1] = self->base_us[0];
    self->base_us[0] = delay_us;
    self->base_since_us = arrival->time_us;
  }
  self->base_us[0] = MIN (self->base_us[0], delay_us);
}

static void
watch_queue (GstWsctlArrivals * self, gint64 time_us)
{
  gint64 queue_us = self->delay_us - MIN (self->base_us[0], self->base_us[1]);

  if (!self->is_queueing && queue_us >= QUEUE_US)
    self->valid_us = time_us - QUEUE_US;
  self->is_queueing = queue_us >= (self->is_queueing ? QUEUE_US / 2 : QUEUE_US);
}

static void
start_frame (GstWsctlArrivals * self, const GstWsctlArrival * arrival)
{
  end_train (self);
  watch_delay (self, arrival);
  watch_queue (self, arrival->time_us);
  self->started = TRUE;
  self->rtp_time = arrival->rtp_time;
  self->head_bytes = 0;
  self->tail_bytes = 0;
  self->other_bytes = 0;
}

static void
add_to_frame (GstWsctlArrivals * self, const GstWsctlArrival * arrival)
{
  guint bytes = self->other_bytes + arrival->size;

  if (self->head_bytes < BUCKET_SIZE) {
    self->head_bytes += bytes;
    self->head_us = arrival->time_us;
  } else {
    self->tail_bytes += bytes;
  }
  self->last_us = arrival->time_us;
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

  if (!self->started || arrival->rtp_time != self->rtp_time)
    start_frame (self, arrival);
  add_to_frame (self, arrival);
}

void
gst_wsctl_arrivals_forget (GstWsctlArrivals * self)
{
  self->started = FALSE;
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
    if (time_us - self->trains[i].time_us > MAX_AGE_US
        || self->trains[i].time_us < self->valid_us)
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

/* While a frame still comes in, the next one may wait behind it already. */
static gint64
get_queue (GstWsctlArrivals * self, gint64 time_us)
{
  gint64 base_us = MIN (self->base_us[0], self->base_us[1]);
  gint64 queue_us = self->delay_us - base_us;
  gint64 next_us = self->media_us + self->interval_us + base_us;

  if (self->interval_us > 0 && time_us - self->last_us <= 2 * self->interval_us)
    queue_us = MAX (queue_us, time_us - next_us);

  return queue_us;
}

void
gst_wsctl_arrivals_get_report (GstWsctlArrivals * self, gint64 time_us,
    GstWsctlArrivalsReport * report)
{
  report->bytes = self->bytes;
  report->packets = self->packets;
  report->missed = self->missed;
  report->lost = self->missed - self->late;
  report->queue_us = self->started ? get_queue (self, time_us) : -1;
  report->capacity_bps = estimate_capacity (self, time_us);
}
