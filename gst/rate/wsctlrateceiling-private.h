/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What others allow: the server by its constraint, a peer by REMB. Both also
 * come as an echo of what was announced to them, and that is no news. Pure;
 * zeros at first. */
typedef struct
{
  guint64 bps;
  gint64 until_us;
  guint64 constraint_bps;       /* the server's last; 0: none yet */
  guint64 answered_bps;         /* what it is about */
  guint announced_bps[2];       /* as many as are under way */
  guint n_announced;
} GstWsctlRateCeiling;

void gst_wsctl_rate_ceiling_announce (GstWsctlRateCeiling * self,
    guint bitrate_bps);
/* TRUE when there is a ceiling now. @measured: we have a measure of our own of
 * what is lost. */
gboolean gst_wsctl_rate_ceiling_take_constraint (GstWsctlRateCeiling * self,
    gint64 time_us, guint64 bitrate_bps, guint64 constraint_bps,
    gboolean measured);
gboolean gst_wsctl_rate_ceiling_take_remb (GstWsctlRateCeiling * self,
    gint64 time_us, guint64 bitrate_bps);
/* @bps, or what is allowed of it */
gdouble gst_wsctl_rate_ceiling_apply (const GstWsctlRateCeiling * self,
    gint64 time_us, gdouble bps);

G_END_DECLS
