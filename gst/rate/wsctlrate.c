/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What all policies have in common: the bounds, the limiter, and receiver
 * reports in place of the server's for those that know no others.
 */

#include "wsctlrate-private.h"

#include "wsctlratelimiter-private.h"
#include "wsctlratepolicy-private.h"

#define STAND_IN_INTERVAL_US (1 * G_TIME_SPAN_SECOND)

struct _GstWsctlRate
{
  GstWsctlRatePolicy policy;
  const GstWsctlRateClass *klass;
  GstWsctlRateState *state;     /* of the size that the policy wants */
  GstWsctlRateLimiter limiter;

  gboolean has_server_reports;
  GstWsctlRateReport stood_in;  /* the last one that did */
  gint64 stood_in_us;           /* 0: none yet */
};

static const GstWsctlRateClass disabled = {
  .size = sizeof (GstWsctlRateState)
};

static const GstWsctlRateClass *const classes[] = {
  &disabled, &gst_wsctl_rate_linear, &gst_wsctl_rate_grade,
  &gst_wsctl_rate_adaptive
};

GType
gst_wsctl_rate_policy_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_WSCTL_RATE_POLICY_DISABLED, "The bitrate to start with", "fixed"},
    {GST_WSCTL_RATE_POLICY_DISABLED, "The same, as webrtcsink calls it",
        "disabled"},
    {GST_WSCTL_RATE_POLICY_LINEAR, "As the Ceeblue client, in steps",
        "linear"},
    {GST_WSCTL_RATE_POLICY_GRADE, "As the Ceeblue client, by trials",
        "grade"},
    {GST_WSCTL_RATE_POLICY_ADAPTIVE, "By delay, delivery and loss",
        "adaptive"},
    {0, NULL, NULL}
  };
  static gsize type;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlRatePolicy", values));

  return type;
}

GstWsctlRate *
gst_wsctl_rate_new (GstWsctlRatePolicy policy,
    const GstWsctlRateParams * params)
{
  GstWsctlRate *self;

  g_return_val_if_fail (policy < G_N_ELEMENTS (classes), NULL);

  self = g_new0 (GstWsctlRate, 1);
  self->policy = policy;
  self->klass = classes[policy];
  self->state = g_malloc0 (self->klass->size);
  self->state->params = *params;
  /* Bounds that contradict each other: the upper one is what the user pays. */
  self->state->params.min_bps = MIN (params->min_bps, params->max_bps);
  self->state->wanted_bps = CLAMP (params->start_bps,
      self->state->params.min_bps, params->max_bps);
  self->state->taken_bps = self->state->wanted_bps;

  return self;
}

void
gst_wsctl_rate_free (GstWsctlRate * self)
{
  g_free (self->state);
  g_free (self);
}

/* No policy may run away beyond what is ever sent. */
static void
clamp (GstWsctlRate * self)
{
  GstWsctlRateState *state = self->state;

  state->wanted_bps = CLAMP (state->wanted_bps, state->params.min_bps,
      state->params.max_bps);
}

/* MistServer 3.9 sends publishers no reports of its own. */
static void
stand_in (GstWsctlRate * self, gint64 time_us,
    const GstWsctlRateReport * report)
{
  GstWsctlRateServerReport server_report = { 0.0, -1, -1, report->jitter_us };
  gint64 packets = report->packets_arrived - self->stood_in.packets_arrived;
  gint64 lost = report->packets_lost - self->stood_in.packets_lost;

  if (self->stood_in_us != 0
      && time_us - self->stood_in_us < STAND_IN_INTERVAL_US)
    return;

  if (self->stood_in_us != 0 && packets > 0) {
    server_report.fraction_lost = CLAMP ((gdouble) lost / packets, 0.0, 1.0);
    self->klass->server_report (self->state, time_us, &server_report);
  }
  self->stood_in = *report;
  self->stood_in_us = time_us;
}

void
gst_wsctl_rate_push_report (GstWsctlRate * self, gint64 time_us,
    const GstWsctlRateReport * report)
{
  if (self->klass->report != NULL)
    self->klass->report (self->state, time_us, report);
  else if (self->klass->server_report != NULL && !self->has_server_reports)
    stand_in (self, time_us, report);
  clamp (self);
}

void
gst_wsctl_rate_push_server_report (GstWsctlRate * self, gint64 time_us,
    const GstWsctlRateServerReport * report)
{
  self->has_server_reports = TRUE;
  if (self->klass->server_report != NULL)
    self->klass->server_report (self->state, time_us, report);
  clamp (self);
}

void
gst_wsctl_rate_push_constraint (GstWsctlRate * self, gint64 time_us,
    guint64 bitrate_bps, guint64 constraint_bps)
{
  if (constraint_bps == 0)
    return;

  if (self->klass->constraint != NULL)
    self->klass->constraint (self->state, time_us, bitrate_bps, constraint_bps);
  self->state->constraint_bps = constraint_bps;
  clamp (self);
}

void
gst_wsctl_rate_push_remb (GstWsctlRate * self, gint64 time_us,
    guint64 bitrate_bps)
{
  if (bitrate_bps > 0 && self->klass->remb != NULL)
    self->klass->remb (self->state, time_us, bitrate_bps);
  clamp (self);
}

void
gst_wsctl_rate_tick (GstWsctlRate * self, gint64 time_us, guint64 bytes_sent)
{
  if (self->klass->tick != NULL)
    self->klass->tick (self->state, time_us, bytes_sent);
  clamp (self);
}

guint
gst_wsctl_rate_get_wanted (GstWsctlRate * self)
{
  return self->state->wanted_bps;
}

void
gst_wsctl_rate_get_info (GstWsctlRate * self, GstWsctlRateInfo * info)
{
  GEnumClass *policies = g_type_class_ref (GST_WSCTL_TYPE_RATE_POLICY);
  const GstWsctlRateState *state = self->state;

  info->policy = g_enum_get_value (policies, self->policy)->value_nick;
  g_type_class_unref (policies);
  info->state = state->wanted_bps >= state->params.max_bps ? "highest"
      : state->wanted_bps <= state->params.min_bps ? "lowest" : "between";
  info->available_bps = info->loss = info->usual_loss = -1.0;
  info->queue_us = -1;
  if (self->klass->info != NULL)
    self->klass->info (self->state, info);
}

gboolean
gst_wsctl_rate_take (GstWsctlRate * self, gint64 time_us, guint * bitrate_bps)
{
  GstWsctlRateState *state = self->state;
  guint wanted_bps = state->wanted_bps;
  gboolean exact = wanted_bps == state->params.min_bps
      || wanted_bps == state->params.max_bps;

  if (!gst_wsctl_rate_limiter_pass (&self->limiter, time_us, wanted_bps, exact))
    return FALSE;

  state->taken_bps = wanted_bps;
  if (self->klass->taken != NULL)
    self->klass->taken (state, time_us, wanted_bps);
  *bitrate_bps = wanted_bps;

  return TRUE;
}
