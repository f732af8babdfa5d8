/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A queue that grows tells at once that a rendition is too much, and what comes
 * out of it meanwhile is what the way carries: down to what fits in there and
 * lets the queue run empty, in one step. The way up goes by what trains of
 * packets say that the way could carry (wsctlarrivals.c). Where they say
 * nothing, the next rendition is tried now and then, and less often each time
 * that it was too much.
 */

#include "wsctlrenditionpolicy-private.h"

#define MS(n) ((n) * G_TIME_SPAN_MILLISECOND)
#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

#define N_SAMPLES 64            /* three seconds of reports */

/* Congestion. A key frame makes a queue, too, but that is at its longest at once,
 * and gets shorter then. */
#define RISING_QUEUE_US MS (120)        /* that grew each time, … */
#define N_RISES 5
#define RISE_US MS (3)          /* so much at least, and … */
#define ALL_RISES_US MS (30)    /* … so much together */
#define QUEUE_US MS (200)       /* longer than some time ago, by … */
#define QUEUE_GROWTH_US MS (40)
#define STANDING_QUEUE_US MS (400)
#define GROWTH_TIME_US MS (400)
#define EMPTY_QUEUE_US MS (60)
#define LOSS_TIME_US MS (600)
#define MIN_LOST 5
#define BAD_LOSS 0.08           /* when less comes than should */
#define TERRIBLE_LOSS 0.25

/* Down */
#define DOWN_USE 0.85           /* of what comes through, at most … */
#define MIN_DOWN_USE 0.4        /* … and less for a queue to run empty … */
#define DRAIN_TIME_US SECONDS (2)       /* … in this time */
#define SETTLE_TIME_US SECONDS (1)      /* until it shows, unless … */
#define WORSE_US MS (200)       /* … the queue gets so much longer */

/* Up */
#define QUIET_TIME_US SECONDS (2)
#define UP_DISTANCE_US SECONDS (3)      /* from the change before */
#define MIN_MARGIN 1.2          /* what must fit, in bitrates of a rendition */
#define MAX_MARGIN 3.0
#define MARGIN_STEP 1.3
#define MIN_TRIAL_US SECONDS (8)
#define MAX_TRIAL_US SECONDS (60)
#define TRIAL_TIME_US SECONDS (6)       /* what comes later is something else */
#define SPREAD_LIMIT 1.1        /* how much quicker a frame comes than the next */
#define STRONG_DOUBT 4
#define DOUBT 2                 /* waits so many times longer */

/* Decoding */
#define DROP_TIME_US SECONDS (2)
#define MIN_DROPPED 10
#define BAD_DROPS 0.1
#define DECODER_REST_US SECONDS (60)

typedef struct
{
  gint64 time_us;
  GstWsctlRenditionReport report;
} Sample;

typedef struct
{
  GstWsctlRenditionState parent;

  Sample samples[N_SAMPLES];
  guint n_samples;
  gint64 quiet_since_us;
  gint64 changed_us;            /* 0: never */
  gint64 changed_queue_us;      /* the queue at that time */
  gint64 tried_us;              /* the last step up; 0: it is over */
  gint64 trial_us;              /* how long to wait for a trial … */
  gint64 failed_us;             /* … when the last one failed; 0: none did */
  gdouble margin;
  gint64 decoder_us;            /* until then … */
  gint decoder_limit;           /* … nothing better than this position */
} Adaptive;

/* The youngest one that is @age_us old, or the oldest there is. */
static const Sample *
find_sample (const Adaptive * self, gint64 time_us, gint64 age_us)
{
  const Sample *found = NULL;
  guint i;

  for (i = 1; i <= MIN (self->n_samples, N_SAMPLES); i++) {
    found = &self->samples[(self->n_samples - i) % N_SAMPLES];
    if (time_us - found->time_us >= age_us)
      break;
  }

  return found;
}

static gdouble
get_rate (const Sample * from, const Sample * to)
{
  gint64 time_us = to->time_us - from->time_us;

  return time_us > 0
      ? (to->report.bytes - from->report.bytes) * 8e6 / time_us : 0;
}

/* What came through since there was a queue */
static gdouble
get_throughput (const Adaptive * self)
{
  const Sample *last = find_sample (self, G_MAXINT64, 0);
  const Sample *from = last;
  guint i;

  for (i = 2; i <= MIN (self->n_samples, N_SAMPLES); i++) {
    from = &self->samples[(self->n_samples - i) % N_SAMPLES];
    if (from->report.queue_us < EMPTY_QUEUE_US
        || last->time_us - from->time_us >= GROWTH_TIME_US)
      break;
  }

  return get_rate (from, last);
}

static gint64
get_growth (const Adaptive * self, const Sample * now)
{
  const Sample *before = find_sample (self, now->time_us, GROWTH_TIME_US);

  return now->report.queue_us - before->report.queue_us;
}

static const Sample *
get_sample (const Adaptive * self, guint n_before)
{
  return &self->samples[(self->n_samples - 1 - n_before) % N_SAMPLES];
}

static gboolean
is_rising (const Adaptive * self, const Sample * now)
{
  guint i;

  if (self->n_samples <= N_RISES || now->report.queue_us < RISING_QUEUE_US)
    return FALSE;

  for (i = 0; i < N_RISES; i++) {
    if (get_sample (self, i)->report.queue_us
        - get_sample (self, i + 1)->report.queue_us < RISE_US)
      return FALSE;
  }

  return now->report.queue_us - get_sample (self, N_RISES)->report.queue_us
      >= ALL_RISES_US;
}

static gboolean
is_queueing (const Adaptive * self, const Sample * now)
{
  gint64 growth_us = get_growth (self, now);

  return is_rising (self, now) || (now->report.queue_us >= QUEUE_US
      && growth_us >= QUEUE_GROWTH_US)
      || (now->report.queue_us >= STANDING_QUEUE_US && growth_us >= 0);
}

/* Where a queue is short, what does not fit is lost. Loss by chance, which a
 * smaller rendition does not mend, leaves the rest as it is. */
static gboolean
is_losing (const Adaptive * self, const Sample * now, gdouble wanted_bps)
{
  const Sample *before = find_sample (self, now->time_us, LOSS_TIME_US);
  gint64 lost = now->report.packets_lost - before->report.packets_lost;
  gint64 missed = MAX (lost, (gint64) (now->report.nacks
          - before->report.nacks));
  gdouble all = missed + now->report.packets - before->report.packets;

  if (missed < MIN_LOST || now->time_us - before->time_us < LOSS_TIME_US)
    return FALSE;

  return missed > all * TERRIBLE_LOSS || (missed > all * BAD_LOSS
      && get_rate (before, now) < wanted_bps);
}

/* Pictures that come late are dropped, too; that is no fault of the decoder. */
static gboolean
is_decoder_late (const Adaptive * self, const Sample * now)
{
  const Sample *before = find_sample (self, now->time_us, DROP_TIME_US);
  guint64 dropped = now->report.frames_dropped - before->report.frames_dropped;
  guint64 frames = now->report.frames - before->report.frames;

  return now->time_us - before->time_us >= DROP_TIME_US
      && now->time_us - self->quiet_since_us >= DROP_TIME_US
      && dropped >= MIN_DROPPED && dropped > frames * BAD_DROPS;
}

static gdouble
get_audio_bitrate (Adaptive * self)
{
  const GstWsctlLadderState *audio =
      &self->parent.ladders[GST_WSCTL_LADDER_AUDIO];

  return gst_wsctl_ladder_get_bitrate (audio, audio->current);
}

/* How many steps down, or 0 at the lowest */
static gint
count_steps_down (Adaptive * self, gdouble fits_bps)
{
  const GstWsctlLadderState *video =
      &self->parent.ladders[GST_WSCTL_LADDER_VIDEO];
  gint lowest = (gint) video->items->len - 1;
  gint position = video->current + 1;

  while (position < lowest && gst_wsctl_ladder_get_bitrate (video, position)
      + get_audio_bitrate (self) > fits_bps)
    position++;

  return MIN (position, lowest) - video->current;
}

static void
fail_trial (Adaptive * self, gint64 time_us)
{
  if (self->tried_us == 0)
    return;

  if (time_us - self->tried_us < TRIAL_TIME_US) {
    self->margin = MIN (self->margin * MARGIN_STEP, MAX_MARGIN);
    self->trial_us = MIN (self->trial_us * 2, MAX_TRIAL_US);
    self->failed_us = time_us;
  }
  self->tried_us = 0;
}

static void
pass_trial (Adaptive * self, gint64 time_us)
{
  if (self->tried_us == 0 || time_us - self->tried_us < TRIAL_TIME_US)
    return;

  self->margin = MAX (self->margin / MARGIN_STEP, MIN_MARGIN);
  self->trial_us = MAX (self->trial_us / 2, MIN_TRIAL_US);
  self->failed_us = 0;
  self->tried_us = 0;
}

static void
go_down (Adaptive * self, const Sample * now)
{
  GstWsctlLadderState *ladders = self->parent.ladders;
  /* It goes on growing until the server has heard. */
  gint64 queue_us = now->report.queue_us + MAX (get_growth (self, now), 0);
  gdouble use = 1.0 - (gdouble) queue_us / DRAIN_TIME_US;
  gdouble fits_bps =
      get_throughput (self) * CLAMP (use, MIN_DOWN_USE, DOWN_USE);
  gint steps = count_steps_down (self, fits_bps);

  fail_trial (self, now->time_us);
  if (!gst_wsctl_ladder_move (&ladders[GST_WSCTL_LADDER_VIDEO], -steps))
    gst_wsctl_ladder_move (&ladders[GST_WSCTL_LADDER_AUDIO], -1);
  self->changed_us = now->time_us;
  self->changed_queue_us = now->report.queue_us;
  self->quiet_since_us = now->time_us;
}

static void
rest_decoder (Adaptive * self, gint64 time_us)
{
  GstWsctlLadderState *video = &self->parent.ladders[GST_WSCTL_LADDER_VIDEO];

  if (!gst_wsctl_ladder_move (video, -1))
    return;

  self->decoder_limit = video->current;
  self->decoder_us = time_us + DECODER_REST_US;
  self->changed_us = time_us;
  self->tried_us = 0;
}

static gint
get_highest (const Adaptive * self, gint64 time_us)
{
  return time_us < self->decoder_us ? self->decoder_limit : 0;
}

/* How many steps up what the way could carry allows */
static gint
count_steps_up (Adaptive * self, const Sample * now)
{
  const GstWsctlLadderState *video =
      &self->parent.ladders[GST_WSCTL_LADDER_VIDEO];
  gint position = get_highest (self, now->time_us);

  while (position < video->current
      && (gst_wsctl_ladder_get_bitrate (video, position)
          + get_audio_bitrate (self)) * self->margin > now->report.capacity_bps)
    position++;

  return MAX (video->current - position, 0);
}

/* How much longer to wait for a trial of the next one: what says that it does
 * not fit may be a sender that spreads its frames. If they came much quicker than
 * they are made, it is the way. */
static gint
get_doubt (Adaptive * self, const Sample * now, gdouble next_bps)
{
  const Sample *before = find_sample (self, now->time_us, SECONDS (1));
  gdouble capacity_bps = now->report.capacity_bps;

  if (capacity_bps == 0 || capacity_bps >= next_bps)
    return 1;

  return capacity_bps < get_rate (before, now) * SPREAD_LIMIT ? DOUBT
      : STRONG_DOUBT;
}

static gboolean
is_time_for_trial (Adaptive * self, const Sample * now)
{
  const GstWsctlLadderState *video =
      &self->parent.ladders[GST_WSCTL_LADDER_VIDEO];
  gdouble next_bps = gst_wsctl_ladder_get_bitrate (video, video->current - 1);
  gint64 wait_us = self->trial_us * get_doubt (self, now, next_bps);

  return now->time_us - self->quiet_since_us >= wait_us
      && now->time_us - self->changed_us >= wait_us
      && video->current > get_highest (self, now->time_us);
}

/* What looked wide and was not, is looked at again later, and a step at a time:
 * somewhere on the way there may be room for a train, but not for more. */
static void
go_up (Adaptive * self, const Sample * now)
{
  GstWsctlLadderState *ladders = self->parent.ladders;
  gint steps = count_steps_up (self, now);

  if (self->failed_us > 0) {
    if (now->time_us - self->failed_us < self->trial_us)
      return;
    steps = MIN (steps, 1);
  }
  if (steps == 0 && is_time_for_trial (self, now))
    steps = 1;
  if (steps == 0 && ladders[GST_WSCTL_LADDER_AUDIO].current <= 0)
    return;

  if (!gst_wsctl_ladder_move (&ladders[GST_WSCTL_LADDER_AUDIO], 1)
      && !gst_wsctl_ladder_move (&ladders[GST_WSCTL_LADDER_VIDEO], steps))
    return;
  self->tried_us = now->time_us;
  self->changed_us = now->time_us;
}

static const Sample *
add_sample (Adaptive * self, gint64 time_us,
    const GstWsctlRenditionReport * report)
{
  Sample *sample = &self->samples[self->n_samples++ % N_SAMPLES];

  sample->time_us = time_us;
  sample->report = *report;

  return sample;
}

static void
take_report (GstWsctlRenditionState * state, gint64 time_us,
    const GstWsctlRenditionReport * report)
{
  Adaptive *self = (Adaptive *) state;
  const GstWsctlLadderState *video = &state->ladders[GST_WSCTL_LADDER_VIDEO];
  const Sample *now = add_sample (self, time_us, report);
  gboolean settling;

  if (self->quiet_since_us == 0) {
    self->quiet_since_us = time_us;
    self->trial_us = MIN_TRIAL_US;
    self->margin = MIN_MARGIN;
  }
  if (report->queue_us > EMPTY_QUEUE_US)
    self->quiet_since_us = time_us;
  if (video->current < 0)
    return;

  settling = self->changed_us > 0 && self->tried_us == 0
      && time_us - self->changed_us < SETTLE_TIME_US
      && report->queue_us - self->changed_queue_us < WORSE_US;
  if (!settling && (is_queueing (self, now) || is_losing (self, now,
              gst_wsctl_ladder_get_bitrate (video, video->current))))
    go_down (self, now);
  else if (!settling && is_decoder_late (self, now))
    rest_decoder (self, time_us);
  else if (time_us - self->quiet_since_us >= QUIET_TIME_US
      && time_us - self->changed_us >= UP_DISTANCE_US)
    go_up (self, now);
  pass_trial (self, time_us);
}

const GstWsctlRenditionClass gst_wsctl_rendition_adaptive = {
  .size = sizeof (Adaptive),
  .report = take_report,
};
