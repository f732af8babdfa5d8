/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlrateceiling-private.h"

#include <math.h>

#define CONSTRAINT_US (30 * G_TIME_SPAN_SECOND)
#define REMB_US (3 * G_TIME_SPAN_SECOND)
#define ECHO 0.01
#define HINT 0.75
#define ECHO_STEP 0.9           /* MistServer's largest, 0.91, and a bit */

void
gst_wsctl_rate_ceiling_announce (GstWsctlRateCeiling * self, guint bitrate_bps)
{
  self->announced_bps[self->n_announced++
      % G_N_ELEMENTS (self->announced_bps)] = bitrate_bps;
}

static gboolean
set (GstWsctlRateCeiling * self, guint64 bitrate_bps, gint64 until_us)
{
  self->bps = bitrate_bps;
  self->until_us = until_us;

  return TRUE;
}

/* MistServer's constraint is what we announced, times 0.91 to 0.99 for each
 * second with loss: our own measure of it is finer, and made for networks that
 * lose by nature it would only ever go down. What a server answers at once,
 * however, or much less than we send, is meant. */
gboolean
gst_wsctl_rate_ceiling_take_constraint (GstWsctlRateCeiling * self,
    gint64 time_us, guint64 bitrate_bps, guint64 constraint_bps,
    gboolean measured)
{
  gboolean at_once = bitrate_bps != self->answered_bps;

  self->answered_bps = bitrate_bps;
  self->constraint_bps = constraint_bps;
  if (constraint_bps >= bitrate_bps * (1.0 - ECHO))
    return FALSE;

  if (at_once)
    return set (self, constraint_bps, time_us + CONSTRAINT_US);
  if (constraint_bps < bitrate_bps * HINT || !measured)
    return set (self, constraint_bps, time_us);

  return FALSE;
}

/* Some servers send back what they were told, or their constraint, of which the
 * socket tells a moment later. */
static gboolean
is_echo (const GstWsctlRateCeiling * self, guint64 bitrate_bps)
{
  guint i;

  if (self->constraint_bps > 0
      && bitrate_bps <= self->constraint_bps * (1.0 + ECHO)
      && bitrate_bps >= self->constraint_bps * ECHO_STEP)
    return TRUE;

  for (i = 0; i < MIN (self->n_announced, G_N_ELEMENTS (self->announced_bps));
      i++) {
    if (fabs ((gdouble) bitrate_bps - self->announced_bps[i])
        <= self->announced_bps[i] * ECHO)
      return TRUE;
  }

  return FALSE;
}

gboolean
gst_wsctl_rate_ceiling_take_remb (GstWsctlRateCeiling * self, gint64 time_us,
    guint64 bitrate_bps)
{
  return !is_echo (self, bitrate_bps)
      && set (self, bitrate_bps, time_us + REMB_US);
}

gdouble
gst_wsctl_rate_ceiling_apply (const GstWsctlRateCeiling * self,
    gint64 time_us, gdouble bps)
{
  return time_us < self->until_us ? MIN (bps, self->bps) : bps;
}
