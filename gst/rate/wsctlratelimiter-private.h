/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lets a bitrate change twice a second at most: each one costs a command, and
 * encoders their rate control. */
typedef struct
{
  gint64 time_us;               /* of the last change; 0: none yet */
  guint bitrate_bps;
} GstWsctlRateLimiter;

/* @exact: of a bound, which is to be reached and not just neared */
gboolean gst_wsctl_rate_limiter_pass (GstWsctlRateLimiter * self,
    gint64 time_us, guint bitrate_bps, gboolean exact);

G_END_DECLS
