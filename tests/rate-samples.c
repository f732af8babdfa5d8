/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What was measured, in the numbers that are wanted of it.
 */

#include "rate-link.h"

#define SECOND_US G_TIME_SPAN_SECOND

static const RateLinkSample *
get_at (GArray * samples, gint64 time_us)
{
  return &g_array_index (samples, RateLinkSample,
      MIN (time_us / RATE_LINK_SAMPLE_US, samples->len - 1));
}

gdouble
rate_link_get_use_in_time (GArray * samples, gint64 from_us, gint64 to_us,
    gint64 queue_us)
{
  gdouble arrived = 0, room = 0;
  gint64 at;

  for (at = from_us; at < to_us; at += RATE_LINK_SAMPLE_US) {
    const RateLinkSample *sample = get_at (samples, at);

    if (sample->queue_us <= queue_us)
      arrived += sample->arrived_bits;
    room += (gdouble) sample->link_bps * RATE_LINK_SAMPLE_US / SECOND_US;
  }

  return arrived / room;
}

gdouble
rate_link_get_use (GArray * samples, gint64 from_us, gint64 to_us)
{
  return rate_link_get_use_in_time (samples, from_us, to_us, G_MAXINT64);
}

gdouble
rate_link_get_sent (GArray * samples, gint64 from_us, gint64 to_us)
{
  gdouble bits = 0;
  gint64 at;

  for (at = from_us; at < to_us; at += RATE_LINK_SAMPLE_US)
    bits += get_at (samples, at)->sent_bits;

  return bits * SECOND_US / (to_us - from_us);
}

gint64
rate_link_get_queue (GArray * samples, gint64 from_us, gint64 to_us)
{
  gint64 queue_us = 0;
  gint64 at;

  for (at = from_us; at < to_us; at += RATE_LINK_SAMPLE_US)
    queue_us = MAX (queue_us, get_at (samples, at)->queue_us);

  return queue_us;
}

gint64
rate_link_get_fall_time (GArray * samples, gint64 from_us, gint64 to_us,
    gdouble bps)
{
  gint64 at;

  for (at = from_us; at < to_us; at += RATE_LINK_SAMPLE_US) {
    if (get_at (samples, at)->wanted_bps <= bps)
      return at - from_us;
  }

  return G_MAXINT64;
}

gint64
rate_link_get_rise_time (GArray * samples, gint64 from_us, gint64 to_us,
    gdouble bps)
{
  gint64 at;

  for (at = from_us; at < to_us; at += RATE_LINK_SAMPLE_US) {
    if (get_at (samples, at)->wanted_bps >= bps)
      return at - from_us;
  }

  return G_MAXINT64;
}

gint64
rate_link_get_drain_time (GArray * samples, gint64 from_us, gint64 to_us,
    gint64 queue_us)
{
  gint64 at, below_us = -1;
  gboolean grown = FALSE;

  /* Before it was longer it has only not begun to grow. */
  for (at = from_us; at < to_us; at += RATE_LINK_SAMPLE_US) {
    if (get_at (samples, at)->queue_us >= queue_us) {
      grown = TRUE;
      below_us = -1;
    } else if (grown && below_us < 0) {
      below_us = at;
    } else if (grown && at - below_us >= SECOND_US) {
      return below_us - from_us;
    }
  }

  return grown ? G_MAXINT64 : 0;
}
