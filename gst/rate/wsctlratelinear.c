/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * As the Ceeblue client (docs/protocol.md, "Bitrate adaptation"): down with
 * loss, up by a part of what is left when there was none for a while.
 */

#include "wsctlratepolicy-private.h"

typedef struct
{
  GstWsctlRateState parent;

  gint64 clean_since_us;        /* 0: no report yet */
  gdouble last_loss;
  guint steps;
} Linear;

static void
fall (Linear * self, gint64 time_us, gdouble bitrate_bps)
{
  self->parent.wanted_bps = bitrate_bps;
  self->steps++;
  self->clean_since_us = time_us;
}

static guint
get_min_steps (Linear * self)
{
  return gst_wsctl_rate_params_get (&self->parent.params,
      GST_WSCTL_RATE_LINEAR_STEPS);
}

static void
climb (Linear * self, gint64 time_us)
{
  gdouble stable_bps = self->parent.wanted_bps;

  self->parent.wanted_bps += (self->parent.params.max_bps - stable_bps)
      / self->steps;
  self->steps = MAX (self->steps - 1, get_min_steps (self));
  self->clean_since_us = time_us;
}

static void
judge (Linear * self, gint64 time_us, gdouble loss)
{
  GstWsctlRateState *state = &self->parent;

  if (self->clean_since_us == 0) {
    self->clean_since_us = time_us;
    self->steps = get_min_steps (self);
  }

  if (state->constraint_bps > 0 && state->taken_bps > state->constraint_bps
      && state->wanted_bps > state->constraint_bps)
    fall (self, time_us, state->constraint_bps);
  else if (loss > 0 && loss >= self->last_loss)
    fall (self, time_us, state->wanted_bps * (1.0 - loss));
  else if (loss > 0)
    self->clean_since_us = time_us;
  else if (time_us - self->clean_since_us >=
      gst_wsctl_rate_params_get_us (&state->params,
          GST_WSCTL_RATE_LINEAR_STABLE_TIME))
    climb (self, time_us);
  self->last_loss = loss;
}

static void
take_server_report (GstWsctlRateState * state, gint64 time_us,
    const GstWsctlRateServerReport * report)
{
  judge ((Linear *) state, time_us, CLAMP (report->fraction_lost, 0.0, 1.0));
}

const GstWsctlRateClass gst_wsctl_rate_linear = {
  .size = sizeof (Linear),
  .server_report = take_server_report,
};
