/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlrateencoder-private.h"

/* A key frame is no excess, so it takes a while to tell. */
#define MIN_TIME_US (1 * G_TIME_SPAN_SECOND)
#define WEIGHT 0.3
#define MAX_EXCESS 1.6

static void
count_told (GstWsctlRateEncoder * self, gint64 time_us)
{
  if (self->told_us != 0)
    self->told_bits += (gdouble) self->told_bps * (time_us - self->told_us)
        / G_USEC_PER_SEC;
  self->told_us = time_us;
}

void
gst_wsctl_rate_encoder_tell (GstWsctlRateEncoder * self, gint64 time_us,
    guint bitrate_bps)
{
  count_told (self, time_us);
  self->told_bps = bitrate_bps;
}

void
gst_wsctl_rate_encoder_look (GstWsctlRateEncoder * self, gint64 time_us,
    guint64 bytes_sent)
{
  gdouble share;

  if (self->told_us == 0 || time_us - self->look_us < MIN_TIME_US)
    return;

  count_told (self, time_us);
  if (self->look_us != 0 && self->told_bits > 0) {
    share = (gint64) (bytes_sent - self->look_bytes) * 8 / self->told_bits;
    self->share = self->share > 0
        ? self->share * (1.0 - WEIGHT) + share * WEIGHT : share;
  }
  self->told_bits = 0;
  self->look_us = time_us;
  self->look_bytes = bytes_sent;
}

gdouble
gst_wsctl_rate_encoder_get_excess (const GstWsctlRateEncoder * self)
{
  return CLAMP (self->share, 1.0, MAX_EXCESS);
}
