/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a publisher's video may have, of what it has asked for. No network and
 * no clock: a function of reports, one a second. */
typedef struct
{
  gint64 asked_bps;             /* -1: not said */
  gint64 allowed_bps;           /* 0: no limit was ever needed */
  gdouble losses[5];            /* percent, of the last reports */
  guint n_losses;
} GstWsctlServerConstraint;

void gst_wsctl_server_constraint_init (GstWsctlServerConstraint * self);
/* A new start from @bitrate_bps, more than 0 */
void gst_wsctl_server_constraint_ask (GstWsctlServerConstraint * self,
    gint64 bitrate_bps);
/* What came in the last second: @bitrate_bps of it, and how long packets waited
 * on their way. TRUE when less is allowed now. */
gboolean gst_wsctl_server_constraint_report (GstWsctlServerConstraint * self,
    gdouble loss_perc, gint64 queue_ms, gint64 bitrate_bps);

G_END_DECLS
