/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * As the Ceeblue client (docs/protocol.md, "Bitrate adaptation"): tries more
 * than the constraint now and then, and less often each time that it fails.
 */

#include "wsctlratepolicy-private.h"

#define N_LOSSES 5
#define N_STABLE 15

typedef struct
{
  gdouble values[N_STABLE];     /* the longest that is kept */
  guint n;
} History;

typedef struct
{
  GstWsctlRateState parent;

  History losses;
  History stable;
  guint64 last_constraint_bps;  /* as seen with the last report */
  guint64 last_bitrate_bps;     /* what the constraint is to be compared with */
  gint64 delay_us;              /* 0: no report yet */
  gint64 next_try_us;
  gboolean falling;             /* halved, and no success since */
} Grade;

static gdouble
get_param (Grade * self, GstWsctlRateParam param)
{
  return gst_wsctl_rate_params_get (&self->parent.params, param);
}

static gint64
get_param_us (Grade * self, GstWsctlRateParam param)
{
  return gst_wsctl_rate_params_get_us (&self->parent.params, param);
}

static void
add (History * history, guint size, gdouble value)
{
  history->values[history->n++ % size] = value;
}

static gdouble
get_mean (const History * history, guint size)
{
  guint n = MIN (history->n, size);
  gdouble sum = 0;
  guint i;

  for (i = 0; i < n; i++)
    sum += history->values[i];

  return n > 0 ? sum / n : 0.0;
}

static void
fail (Grade * self, gint64 time_us, gdouble bitrate_bps)
{
  self->parent.wanted_bps = MIN (self->parent.wanted_bps, bitrate_bps);
  self->delay_us = MIN (self->delay_us * 2,
      get_param_us (self, GST_WSCTL_RATE_GRADE_MAX_DELAY));
  self->next_try_us = time_us + self->delay_us;
}

/* The first fall is taken seriously, those that follow it as they come. */
static void
follow_constraint (Grade * self, gint64 time_us)
{
  GstWsctlRateState *state = &self->parent;

  fail (self, time_us, self->falling ? state->constraint_bps
      : state->wanted_bps / 2);
  self->falling = TRUE;
}

static void
try_more (Grade * self, gint64 time_us, gdouble loss)
{
  GstWsctlRateState *state = &self->parent;
  gdouble base_bps = state->constraint_bps > 0
      ? MIN (state->constraint_bps, state->params.max_bps)
      : state->wanted_bps;

  if (loss < get_param (self, GST_WSCTL_RATE_GRADE_CLEAN_LOSS)) {
    add (&self->stable, N_STABLE, state->wanted_bps);
    state->wanted_bps = base_bps * 1.05;
    self->falling = FALSE;
    self->delay_us = MAX (self->delay_us * 3 / 4,
        get_param_us (self, GST_WSCTL_RATE_GRADE_MIN_DELAY));
    self->next_try_us = time_us + self->delay_us;
  } else if (loss < get_param (self, GST_WSCTL_RATE_GRADE_BEARABLE_LOSS)) {
    state->wanted_bps = base_bps * 0.99;
    self->next_try_us = time_us + self->delay_us;
  } else {
    /* Back to what has held before, or below that. */
    gdouble stable_bps = get_mean (&self->stable, N_STABLE);

    fail (self, time_us, stable_bps > 0 && stable_bps < state->wanted_bps
        ? stable_bps : state->wanted_bps * (1.0 - loss));
  }
}

static gboolean
has_fallen (Grade * self)
{
  GstWsctlRateState *state = &self->parent;

  /* It goes down with what we announce, too, which means nothing. */
  return state->constraint_bps > 0
      && state->constraint_bps < self->last_constraint_bps
      && state->constraint_bps < state->taken_bps
      && state->taken_bps >= self->last_bitrate_bps;
}

static void
judge (Grade * self, gint64 time_us, gdouble loss)
{
  GstWsctlRateState *state = &self->parent;

  if (self->delay_us == 0) {
    self->delay_us = get_param_us (self, GST_WSCTL_RATE_GRADE_MIN_DELAY);
    self->next_try_us = time_us + self->delay_us;
  }

  add (&self->losses, N_LOSSES, loss);
  if (has_fallen (self))
    follow_constraint (self, time_us);
  else if (time_us >= self->next_try_us)
    try_more (self, time_us, get_mean (&self->losses, N_LOSSES));
  self->last_constraint_bps = state->constraint_bps;
  self->last_bitrate_bps = state->taken_bps;
}

static void
take_server_report (GstWsctlRateState * state, gint64 time_us,
    const GstWsctlRateServerReport * report)
{
  judge ((Grade *) state, time_us, CLAMP (report->fraction_lost, 0.0, 1.0));
}

const GstWsctlRateClass gst_wsctl_rate_grade = {
  .size = sizeof (Grade),
  .server_report = take_server_report,
};
