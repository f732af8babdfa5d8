/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlratelimiter-private.h"

#define MIN_INTERVAL_US (500 * G_GINT64_CONSTANT (1000))

/* One part in so many is a trifle. */
#define TRIFLE 50

gboolean
gst_wsctl_rate_limiter_pass (GstWsctlRateLimiter * self, gint64 time_us,
    guint bitrate_bps, gboolean exact)
{
  guint trifle = exact ? 1 : MAX (self->bitrate_bps / TRIFLE, 1);
  guint difference = bitrate_bps > self->bitrate_bps
      ? bitrate_bps - self->bitrate_bps : self->bitrate_bps - bitrate_bps;

  if (self->time_us != 0
      && (difference < trifle || time_us - self->time_us < MIN_INTERVAL_US))
    return FALSE;

  self->time_us = time_us;
  self->bitrate_bps = bitrate_bps;

  return TRUE;
}
