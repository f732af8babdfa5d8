/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * MistServer's rule for loss, and an estimate of our own for queues: packets
 * that queue up somewhere are lost later.
 */

#include "wsctlserverconstraint-private.h"

#define DEFAULT_BPS 6000000
#define MIN_ASKED_BPS 1024
#define MIN_BPS (32 * 1024)
#define MAX_QUEUE_MS 100
#define QUEUE_FACTOR 0.85

void
gst_wsctl_server_constraint_init (GstWsctlServerConstraint * self)
{
  *self = (GstWsctlServerConstraint) {
  .asked_bps = -1};
}

void
gst_wsctl_server_constraint_ask (GstWsctlServerConstraint * self,
    gint64 bitrate_bps)
{
  self->asked_bps = bitrate_bps;
  self->allowed_bps = MAX (bitrate_bps, MIN_ASKED_BPS);
}

/* The mean of five reports counts. */
static gdouble
get_loss_factor (GstWsctlServerConstraint * self, gdouble loss_perc)
{
  gdouble loss = 0;
  guint i, n;

  self->losses[self->n_losses++ % G_N_ELEMENTS (self->losses)] = loss_perc;
  n = MIN (self->n_losses, G_N_ELEMENTS (self->losses));
  for (i = 0; i < n; i++)
    loss += self->losses[i];
  loss /= n;

  return loss > 50 ? 0.91 : loss > 10 ? 0.95 : loss > 5 ? 0.99 : 1;
}

/* The way carries no more than what comes out of it, and the queue has to become
 * empty again. */
static gint64
estimate_bitrate (gint64 queue_ms, gint64 bitrate_bps)
{
  return queue_ms > MAX_QUEUE_MS ? bitrate_bps * QUEUE_FACTOR : G_MAXINT64;
}

gboolean
gst_wsctl_server_constraint_report (GstWsctlServerConstraint * self,
    gdouble loss_perc, gint64 queue_ms, gint64 bitrate_bps)
{
  gint64 before_bps = self->allowed_bps;
  gdouble factor = get_loss_factor (self, loss_perc);
  gint64 estimate_bps = estimate_bitrate (queue_ms, bitrate_bps);

  if (factor == 1 && estimate_bps == G_MAXINT64)
    return FALSE;

  if (self->asked_bps < 0)
    self->asked_bps = DEFAULT_BPS;
  if (self->allowed_bps == 0)
    self->allowed_bps = self->asked_bps;
  self->allowed_bps = MIN (self->allowed_bps * factor, estimate_bps);
  self->allowed_bps = MAX (self->allowed_bps, MIN (MIN_BPS, self->asked_bps));

  return self->allowed_bps != before_bps;
}
