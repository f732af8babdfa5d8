/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When what of a stream goes out to a player. Pure. Nanoseconds; what goes out
 * is counted by g_get_monotonic_time(). */
typedef struct
{
  gint64 media_ns;              /* this time of the stream … */
  gint64 out_ns;                /* … goes out at this one */
  gdouble rate;                 /* stream seconds a second */
} GstWsctlServerTimeline;

static inline gint64
gst_wsctl_server_timeline_get_out (const GstWsctlServerTimeline * self,
    gint64 media_ns)
{
  return self->out_ns + (gint64) ((media_ns - self->media_ns) / self->rate);
}

static inline gint64
gst_wsctl_server_timeline_get_media (const GstWsctlServerTimeline * self,
    gint64 out_ns)
{
  return self->media_ns + (gint64) ((out_ns - self->out_ns) * self->rate);
}

G_END_DECLS
