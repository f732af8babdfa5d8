/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Goes up until a queue shows, then falls below what came through at that
 * moment, far enough that the queue empties, and comes back along a curve.
 *
 * A receiver report is all that it needs. A queue shows in the time that
 * packets take, which loss by radio does not change; loss alone is a reason
 * only when there is more of it than the path has by itself, and that is found
 * out by sending less for a moment.
 */

#include "wsctlratepolicy-private.h"

#include <math.h>
#include <gst/gst.h>

#include "wsctlrateceiling-private.h"
#include "wsctlratecurve-private.h"
#include "wsctlrateencoder-private.h"
#include "wsctlrateloss-private.h"
#include "wsctlratepath-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlrateadaptive_debug);
#define GST_CAT_DEFAULT wsctlrateadaptive_debug

#define MS G_TIME_SPAN_MILLISECOND
#define SECONDS ((gdouble) G_TIME_SPAN_SECOND)

/* A queue of the length that is a parameter is one at once, of this one when it
 * stays: a key frame is a queue, too, for a moment. With the short one there is
 * none. Jitter is no queue. */
#define QUEUE_US (70 * MS)
#define STAY_US (200 * MS)
#define SHORT_QUEUE_US (45 * MS)
#define MAX_JITTER_US (20 * MS)
#define QUEUE_GROWTH_US (30 * MS)

/* To empty a queue, these shares of what comes through are given up. */
#define MIN_DRAIN 0.1
#define MAX_DRAIN 0.6
/* So long it may take, and this share of what came through is less. */
#define MAX_DRAIN_TIME_US (4 * G_TIME_SPAN_SECOND)
#define LESS 0.95
#define DELIVERY_SPAN_US (200 * MS)
#define RATE_SPAN_US (1 * G_TIME_SPAN_SECOND)

/* After the queue is gone: share of the full rate to begin at */
#define RETURN_SHARE 0.92
#define BEYOND 1.3              /* of the full rate: that is history */
/* While no bound is known, and reports are so frequent that one shows soon */
#define FAST_GROWTH 2.0
#define FREQUENT_US (300 * MS)
#define MAX_STEP_US (1200 * MS)
#define BUSY_SHARE 0.6

#define LOSS_SHARE 0.95
#define LOSS_STAYS 0.7
#define TRIAL_DELAY_US (700 * MS)

#define FRESH_US (3 * G_TIME_SPAN_SECOND)
#define SILENCE_US (2 * G_TIME_SPAN_SECOND)
#define SILENCE_SHARE 0.7

typedef struct
{
  GstWsctlRateState parent;

  GstWsctlRatePath path;
  GstWsctlRateLoss loss;
  GstWsctlRateEncoder encoder;
  GstWsctlRateCeiling ceiling;
  gint64 step_us;               /* of the last report of either kind */

  gboolean draining;
  gint64 cut_us;
  gint64 cut_queue_us;
  gdouble cut_bps;              /* what was wanted before it */
  gdouble cut_full_bps;         /* likewise */
  gint64 queue_since_us;        /* there is a queue; 0: none */

  GstWsctlRateCurve curve;

  /* Less is sent for a moment, to see whether loss is our doing. */
  gdouble trial_bps;            /* before it; 0: no trial */
  gdouble trial_loss;
  gint64 trial_us;              /* when it is under way; 0: it is */

  gint64 silence_us;            /* when it was last punished; 0: no silence */
} Adaptive;

static void
init_debug (void)
{
  GST_DEBUG_CATEGORY_INIT (wsctlrateadaptive_debug, "wsctlrateadaptive", 0,
      "WebRTC WebSocket control: bitrate by what the path carries");
}

static gdouble
get_param (const Adaptive * self, GstWsctlRateParam param)
{
  return gst_wsctl_rate_params_get (&self->parent.params, param);
}

static gint64
get_param_us (const Adaptive * self, GstWsctlRateParam param)
{
  return gst_wsctl_rate_params_get_us (&self->parent.params, param);
}

static gint64
get_jitter (const Adaptive * self)
{
  return MIN (self->path.jitter_us, MAX_JITTER_US);
}

static void
begin_curve (Adaptive * self, gint64 time_us, gdouble full_bps)
{
  gst_wsctl_rate_curve_begin (&self->curve, time_us, full_bps,
      self->parent.wanted_bps);
}

/* What the encoder may be told, for the path to be full: with what is lost by
 * nature, and without what the encoder makes beyond that. */
static gdouble
get_capacity (Adaptive * self, gint64 span_us)
{
  gdouble delivered_bps =
      gst_wsctl_rate_path_get_delivered (&self->path, span_us);

  if (delivered_bps < 0)
    return self->parent.wanted_bps * (1.0 - self->loss.loss);

  return delivered_bps / (1.0 - MIN (self->loss.baseline, 0.5))
      / gst_wsctl_rate_encoder_get_excess (&self->encoder);
}

static void
fall_below_capacity (Adaptive * self)
{
  gdouble capacity_bps = get_capacity (self, DELIVERY_SPAN_US);
  gdouble drain = CLAMP ((gdouble) self->path.queue_us / get_param_us (self,
          GST_WSCTL_RATE_ADAPTIVE_DRAIN_TIME), MIN_DRAIN, MAX_DRAIN);

  self->curve.full_bps = capacity_bps;
  self->parent.wanted_bps = MIN (self->parent.wanted_bps,
      capacity_bps * (1.0 - drain));
}

static void
cut (Adaptive * self, gint64 time_us)
{
  self->cut_bps = self->parent.wanted_bps;
  self->cut_full_bps = self->curve.full_bps;
  fall_below_capacity (self);
  self->draining = TRUE;
  self->cut_us = time_us;
  self->cut_queue_us = self->path.queue_us;
  self->trial_bps = 0;
  GST_DEBUG ("a queue of %" G_GINT64_FORMAT " ms, %.0f kbit/s come through: "
      "down to %.0f kbit/s", self->path.queue_us / MS,
      self->curve.full_bps / 1000, self->parent.wanted_bps / 1000);
}

static void
end_drain (Adaptive * self, gint64 time_us)
{
  self->draining = FALSE;
  self->queue_since_us = 0;
  self->parent.wanted_bps = MAX (self->parent.wanted_bps,
      self->curve.full_bps * RETURN_SHARE);
  begin_curve (self, time_us, self->curve.full_bps);
  gst_wsctl_rate_loss_restart (&self->loss, time_us);
  GST_DEBUG ("the queue is gone: up to %.0f kbit/s",
      self->parent.wanted_bps / 1000);
}

/* The queue went before anything that was sent since the cut arrived: it was a
 * burst, or the path stood still for a moment. Nothing was learned from it. */
static void
take_back_cut (Adaptive * self, gint64 time_us)
{
  self->draining = FALSE;
  self->queue_since_us = 0;
  self->parent.wanted_bps = self->cut_bps;
  begin_curve (self, time_us, self->cut_full_bps);
  GST_DEBUG ("the queue went by itself: back to %.0f kbit/s",
      self->parent.wanted_bps / 1000);
}

/* Does the report know of packets from after the cut? */
static gboolean
is_after_cut (Adaptive * self, gint64 time_us)
{
  gint64 sent_us = self->path.sent_us >= 0 ? self->path.sent_us : time_us;

  return sent_us > self->cut_us + 500 * MS;
}

/* A queue that does not go away though less is sent: when less comes through
 * as well, it is the way that has become longer. */
static void
give_up_drain (Adaptive * self, gint64 time_us)
{
  if (get_capacity (self, RATE_SPAN_US) < self->curve.full_bps * LESS) {
    GST_DEBUG ("%" G_GINT64_FORMAT " ms that do not pass: the way is longer",
        self->path.queue_us / MS);
    gst_wsctl_rate_path_forget_base (&self->path);
    end_drain (self, time_us);
  } else {
    cut (self, time_us);
  }
}

static void
drain (Adaptive * self, gint64 time_us)
{
  if (self->path.queue_us < SHORT_QUEUE_US + get_jitter (self)) {
    if (self->path.sent_us >= 0 && self->path.sent_us < self->cut_us)
      take_back_cut (self, time_us);
    else
      end_drain (self, time_us);
  } else if (!is_after_cut (self, time_us)) {
    /* While the queue grows the link is full, and each report knows its rate
     * better; later less may come through because less is sent. */
    if (self->path.queue_us > self->cut_queue_us)
      fall_below_capacity (self);
  } else if (self->path.queue_us > self->cut_queue_us + QUEUE_GROWTH_US) {
    cut (self, time_us);
  } else if (time_us - self->cut_us > MAX_DRAIN_TIME_US) {
    give_up_drain (self, time_us);
  }
}

static gboolean
has_queue (Adaptive * self, gint64 time_us)
{
  gint64 jitter_us = get_jitter (self);
  gint64 long_us = get_param_us (self, GST_WSCTL_RATE_ADAPTIVE_MAX_QUEUE);

  if (self->path.queue_us <= MIN (QUEUE_US, long_us) + jitter_us)
    self->queue_since_us = 0;
  else if (self->queue_since_us == 0)
    self->queue_since_us = time_us;

  return self->path.queue_us > long_us + jitter_us
      || (self->queue_since_us != 0
      && time_us - self->queue_since_us >= STAY_US);
}

static gboolean
may_grow (Adaptive * self, gint64 time_us)
{
  gdouble sent_bps = gst_wsctl_rate_path_get_sent (&self->path, RATE_SPAN_US);

  /* Of a path that is not used, nothing is learned. */
  if (sent_bps >= 0 && sent_bps < self->parent.wanted_bps * BUSY_SHARE)
    return FALSE;

  return self->trial_bps == 0
      && self->path.queue_us < SHORT_QUEUE_US + get_jitter (self);
}

static gdouble
get_growth (Adaptive * self)
{
  gdouble growth = get_param (self, GST_WSCTL_RATE_ADAPTIVE_GROWTH);

  return self->curve.full_bps == 0 && self->path.interval_us > 0
      && self->path.interval_us < FREQUENT_US ? growth * FAST_GROWTH : growth;
}

static void
grow (Adaptive * self, gint64 time_us, gint64 step_us)
{
  GstWsctlRateState *state = &self->parent;
  gdouble most_bps =
      state->wanted_bps * exp (get_growth (self) * step_us / SECONDS);

  if (!may_grow (self, time_us)) {
    gst_wsctl_rate_curve_wait (&self->curve, step_us);
    return;
  }

  if (self->curve.full_bps > 0)
    most_bps = MIN (most_bps, gst_wsctl_rate_curve_get (&self->curve, time_us));
  most_bps = gst_wsctl_rate_ceiling_apply (&self->ceiling, time_us, most_bps);
  state->wanted_bps = MAX (state->wanted_bps, most_bps);
  if (state->wanted_bps > self->curve.full_bps * BEYOND)
    self->curve.full_bps = 0;
}

static void
begin_trial (Adaptive * self, gint64 time_us)
{
  GstWsctlRateState *state = &self->parent;
  gdouble capacity_bps = get_capacity (self, RATE_SPAN_US);

  self->trial_bps = state->wanted_bps;
  self->trial_loss = self->loss.loss;
  self->trial_us = time_us + TRIAL_DELAY_US;
  state->wanted_bps = MIN (state->wanted_bps, capacity_bps) * LOSS_SHARE;
  begin_curve (self, time_us, capacity_bps);
  GST_DEBUG ("%.1f %% are lost, %.1f %% more than usual: down to %.0f kbit/s",
      self->loss.loss * 100, (self->loss.loss - self->loss.baseline) * 100,
      state->wanted_bps / 1000);
}

static void
end_trial (Adaptive * self, gint64 time_us)
{
  GstWsctlRateState *state = &self->parent;

  if (self->loss.loss > self->trial_loss * LOSS_STAYS) {
    gst_wsctl_rate_loss_accept (&self->loss);
    state->wanted_bps = MAX (state->wanted_bps, self->trial_bps);
    self->curve.full_bps = 0;
    GST_DEBUG ("%.1f %% are lost whatever we do: back to %.0f kbit/s",
        self->loss.loss * 100, state->wanted_bps / 1000);
  }
  self->trial_bps = 0;
}

/* A window of loss is full. */
static void
judge_loss (Adaptive * self, gint64 time_us)
{
  if (self->draining || self->trial_us != 0)
    return;

  if (self->trial_bps > 0)
    end_trial (self, time_us);
  else if (gst_wsctl_rate_loss_get_excess (&self->loss) > get_param (self,
          GST_WSCTL_RATE_ADAPTIVE_LOSS_EXCESS))
    begin_trial (self, time_us);
}

static void
watch_trial (Adaptive * self, gint64 time_us)
{
  if (self->trial_us == 0 || time_us < self->trial_us)
    return;

  self->trial_us = 0;
  gst_wsctl_rate_loss_restart (&self->loss, time_us);
}

static gint64
take_step (Adaptive * self, gint64 time_us)
{
  gint64 step_us = self->step_us != 0
      ? MIN (time_us - self->step_us, MAX_STEP_US) : 0;

  self->step_us = time_us;
  if (self->silence_us != 0) {
    self->silence_us = 0;
    begin_curve (self, time_us, self->curve.full_bps);
  }

  return step_us;
}

static void
take_report (GstWsctlRateState * state, gint64 time_us,
    const GstWsctlRateReport * report)
{
  Adaptive *self = (Adaptive *) state;
  gint64 step_us = take_step (self, time_us);

  init_debug ();
  gst_wsctl_rate_path_push (&self->path, time_us, report);
  gst_wsctl_rate_encoder_look (&self->encoder, time_us, report->bytes_sent);
  watch_trial (self, time_us);
  if (gst_wsctl_rate_loss_push (&self->loss, time_us, report->packets_arrived,
          report->packets_lost))
    judge_loss (self, time_us);

  if (self->draining)
    drain (self, time_us);
  else if (has_queue (self, time_us))
    cut (self, time_us);
  else
    grow (self, time_us, step_us);
}

static gboolean
has_fresh_reports (Adaptive * self, gint64 time_us)
{
  gint64 last_us = gst_wsctl_rate_path_get_last_time (&self->path);

  return last_us != 0 && time_us - last_us < FRESH_US;
}

/* It knows less than a receiver report: it is used where there are none. */
static void
take_server_report (GstWsctlRateState * state, gint64 time_us,
    const GstWsctlRateServerReport * report)
{
  Adaptive *self = (Adaptive *) state;
  gint64 step_us;

  if (has_fresh_reports (self, time_us))
    return;

  init_debug ();
  step_us = take_step (self, time_us);
  watch_trial (self, time_us);
  gst_wsctl_rate_loss_set (&self->loss, CLAMP (report->fraction_lost, 0.0,
          1.0));
  judge_loss (self, time_us);
  grow (self, time_us, step_us);
}

static void
take_constraint (GstWsctlRateState * state, gint64 time_us,
    guint64 bitrate_bps, guint64 constraint_bps)
{
  Adaptive *self = (Adaptive *) state;

  if (gst_wsctl_rate_ceiling_take_constraint (&self->ceiling, time_us,
          bitrate_bps, constraint_bps, has_fresh_reports (self, time_us)))
    state->wanted_bps = MIN (state->wanted_bps, constraint_bps);
}

static void
take_remb (GstWsctlRateState * state, gint64 time_us, guint64 bitrate_bps)
{
  Adaptive *self = (Adaptive *) state;

  if (gst_wsctl_rate_ceiling_take_remb (&self->ceiling, time_us, bitrate_bps))
    state->wanted_bps = MIN (state->wanted_bps, bitrate_bps);
}

static void
take_taken (GstWsctlRateState * state, gint64 time_us, guint bitrate_bps)
{
  Adaptive *self = (Adaptive *) state;

  gst_wsctl_rate_encoder_tell (&self->encoder, time_us, bitrate_bps);
  gst_wsctl_rate_ceiling_announce (&self->ceiling, bitrate_bps);
}

/* Reports that stop coming are lost, or what they are about is. */
static void
take_tick (GstWsctlRateState * state, gint64 time_us, guint64 bytes_sent)
{
  Adaptive *self = (Adaptive *) state;
  gint64 last_us = gst_wsctl_rate_path_get_last_time (&self->path);
  gint64 patience_us = MAX (3 * self->path.interval_us, SILENCE_US);

  if (last_us == 0 || time_us - MAX (last_us, self->silence_us) < patience_us
      || bytes_sent <= gst_wsctl_rate_path_get_last_bytes (&self->path))
    return;

  self->silence_us = time_us;
  if (self->curve.full_bps == 0)
    self->curve.full_bps = state->wanted_bps;
  state->wanted_bps *= SILENCE_SHARE;
  GST_DEBUG ("no report for %" G_GINT64_FORMAT " ms: down to %.0f kbit/s",
      (time_us - last_us) / MS, state->wanted_bps / 1000);
}

static void
take_info (GstWsctlRateState * state, GstWsctlRateInfo * info)
{
  const Adaptive *self = (const Adaptive *) state;

  if (self->draining)
    info->state = "draining";
  else if (self->silence_us != 0)
    info->state = "silence";
  else if (self->trial_bps > 0)
    info->state = "trial";
  else if (state->wanted_bps < state->params.max_bps)
    info->state = "growing";
  if (self->curve.full_bps > 0)
    info->available_bps = self->curve.full_bps;
  if (gst_wsctl_rate_path_get_last_time (&self->path) != 0)
    info->queue_us = self->path.queue_us;
  info->loss = self->loss.loss;
  info->usual_loss = self->loss.baseline;
}

const GstWsctlRateClass gst_wsctl_rate_adaptive = {
  .size = sizeof (Adaptive),
  .report = take_report,
  .server_report = take_server_report,
  .constraint = take_constraint,
  .remb = take_remb,
  .taken = take_taken,
  .tick = take_tick,
  .info = take_info,
};
