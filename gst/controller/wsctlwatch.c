/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A path that was never heard from is the business of the step's own timeout. A
 * server that never sent a report may be one that sends none (MistServer to a
 * publisher), so that watch begins with the first one, and a packet that
 * arrives is as good as a report. Nor has a server anything to say to a
 * publisher whose sources rest, or to a player that has it hold: MistServer
 * then sends neither packets nor reports. Its silence counts from when they went
 * on; a path that dies meanwhile is noticed by the checks of ICE.
 */

#include "wsctlwatch-private.h"

static gboolean
is_over (gint64 timeout_us, gint64 last_us, gint64 now_us)
{
  return timeout_us > 0 && now_us - last_us > timeout_us;
}

GstWsctlWatchVerdict
gst_wsctl_watch_judge (const GstWsctlWatch * watch, gint64 now_us)
{
  gint64 awake_us = watch->awake_since_us;
  gint64 last_us =
      MAX (MAX (watch->last_report_us, watch->last_packet_us), awake_us);

  if (watch->resting)
    return GST_WSCTL_WATCH_ALIVE;

  if (watch->last_packet_us > 0
      && is_over (watch->idle_timeout_us,
          MAX (watch->last_packet_us, awake_us), now_us))
    return GST_WSCTL_WATCH_NO_PACKETS;

  if (watch->last_report_us == 0)
    return GST_WSCTL_WATCH_ALIVE;
  if (is_over (watch->report_timeout_us, last_us, now_us))
    return GST_WSCTL_WATCH_NO_REPORTS;
  if (is_over (watch->report_timeout_us / 3, last_us, now_us))
    return GST_WSCTL_WATCH_LATE;

  return GST_WSCTL_WATCH_ALIVE;
}

const gchar *
gst_wsctl_watch_get_text (GstWsctlWatchVerdict verdict)
{
  switch (verdict) {
    case GST_WSCTL_WATCH_NO_PACKETS:
      return "the server has gone silent: no packet arrives any more";
    case GST_WSCTL_WATCH_NO_REPORTS:
      return "the server has gone silent: no report arrives any more";
    default:
      return NULL;
  }
}

void
gst_wsctl_watch_take_pause (GstWsctlWatch * watch, gboolean paused,
    gint64 now_us)
{
  if (watch->resting && !paused)
    watch->awake_since_us = now_us;
  watch->resting = paused;
}
