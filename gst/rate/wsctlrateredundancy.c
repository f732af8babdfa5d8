/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlrateredundancy-private.h"

#define WEIGHT 0.3              /* of the newest look */
#define LEAST_LOSS 0.01         /* below, there is none to speak of */
#define DOWN 0.8                /* so far below a step it is left */

/* More than that costs more than it mends. */
#define MOST_OFF 0.3
#define MIN_BITRATE_BPS 16000

static const guint steps[] = { 0, 5, 10, 15, 20, 30 };

/* The step that is not exceeded */
static guint
find_step (gdouble loss)
{
  guint i = 0;

  if (loss < LEAST_LOSS)
    return 0;

  while (i < G_N_ELEMENTS (steps) - 1 && loss * 100 > steps[i])
    i++;

  return steps[i];
}

guint
gst_wsctl_rate_redundancy_push (GstWsctlRateRedundancy * self, guint64 n_sent,
    gint64 n_lost)
{
  gint64 sent = n_sent - self->n_sent;
  gint64 lost = n_lost - self->n_lost;
  guint step;

  self->n_sent = n_sent;
  self->n_lost = n_lost;
  /* A source that begins anew counts anew. */
  if (sent <= 0)
    return self->percent;

  self->loss += (CLAMP ((gdouble) lost / sent, 0.0, 1.0) - self->loss)
      * WEIGHT;
  step = find_step (self->loss);
  if (step > self->percent || find_step (self->loss / DOWN) < self->percent)
    self->percent = step;

  return self->percent;
}

guint
gst_wsctl_rate_redundancy_get_bitrate (const GstWsctlRateRedundancy * self,
    guint bitrate_bps)
{
  gdouble share = 1.0 - MIN (self->percent / 100.0, MOST_OFF);

  return MAX (bitrate_bps * share, MIN (bitrate_bps, MIN_BITRATE_BPS));
}
