/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlrateloss-private.h"

/* Fewer packets say too little: of 100 that are lost with a chance of one in
 * twenty, nobody wonders at ten. */
#define MIN_PACKETS 100
#define MIN_TIME_US (1 * G_TIME_SPAN_SECOND)
#define MAX_TIME_US (4 * G_TIME_SPAN_SECOND)

void
gst_wsctl_rate_loss_restart (GstWsctlRateLoss * self, gint64 time_us)
{
  self->begin_us = time_us;
  self->begin_packets = self->packets;
  self->begin_lost = self->lost;
}

void
gst_wsctl_rate_loss_set (GstWsctlRateLoss * self, gdouble loss)
{
  self->loss = loss;
  /* A quiet path is believed by and by, since one window proves little. */
  if (loss < self->baseline)
    self->baseline = (self->baseline * 3 + loss) / 4;
}

gboolean
gst_wsctl_rate_loss_push (GstWsctlRateLoss * self, gint64 time_us,
    guint64 packets, gint64 lost)
{
  gint64 length_us = time_us - self->begin_us;
  gint64 n_packets, n_lost;

  self->packets = packets;
  self->lost = lost;
  if (self->begin_us == 0) {
    gst_wsctl_rate_loss_restart (self, time_us);
    return FALSE;
  }

  n_packets = (gint64) (packets - self->begin_packets);
  /* Somebody else has begun to count. */
  if (n_packets < 0) {
    gst_wsctl_rate_loss_restart (self, time_us);
    return FALSE;
  }

  n_lost = lost - self->begin_lost;
  if (n_packets <= 0 || length_us < MIN_TIME_US
      || (n_packets < MIN_PACKETS && length_us < MAX_TIME_US))
    return FALSE;

  gst_wsctl_rate_loss_set (self, CLAMP ((gdouble) n_lost / n_packets, 0.0,
          1.0));
  gst_wsctl_rate_loss_restart (self, time_us);

  return TRUE;
}

gdouble
gst_wsctl_rate_loss_get_excess (const GstWsctlRateLoss * self)
{
  return MAX (self->loss - self->baseline, 0.0);
}

void
gst_wsctl_rate_loss_accept (GstWsctlRateLoss * self)
{
  self->baseline = MAX (self->baseline, self->loss);
}
