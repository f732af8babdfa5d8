/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much more an encoder makes, with the headers that come on top, than it is
 * told to. What is measured on the path has to be divided by it. */
typedef struct
{
  gdouble told_bits;            /* since the last look */
  guint told_bps;               /* now */
  gint64 told_us;               /* counted until then; 0: nothing told */
  gint64 look_us;               /* 0: never */
  guint64 look_bytes;
  gdouble share;                /* sent of told, smoothed; 0: not known */
} GstWsctlRateEncoder;

void gst_wsctl_rate_encoder_tell (GstWsctlRateEncoder * self, gint64 time_us,
    guint bitrate_bps);
void gst_wsctl_rate_encoder_look (GstWsctlRateEncoder * self, gint64 time_us,
    guint64 bytes_sent);
/* 1 or more */
gdouble gst_wsctl_rate_encoder_get_excess (const GstWsctlRateEncoder * self);

G_END_DECLS
