/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlrate-private.h"

G_BEGIN_DECLS

/* What receiver reports say of the path: how long packets stand in its queue,
 * and how much of them comes through. */
#define GST_WSCTL_RATE_PATH_N_SAMPLES 64
#define GST_WSCTL_RATE_PATH_N_BASES 3

typedef struct
{
  gint64 time_us;
  guint64 bytes_arrived;
  guint64 bytes_sent;
  guint64 packets_arrived;
  gint64 packets_lost;
} GstWsctlRateSample;

typedef struct
{
  GstWsctlRateSample samples[GST_WSCTL_RATE_PATH_N_SAMPLES];
  guint n_samples;              /* since the beginning */

  /* The shortest way there and back, by periods: it is the way without a
   * queue. The oldest period is forgotten, since ways change. */
  gint64 bases_us[GST_WSCTL_RATE_PATH_N_BASES];
  gint64 period_us;             /* when the newest began; 0: no base yet */

  gboolean one_way;             /* the bases are of the way there alone */
  gint64 queue_us;              /* 0 when unknown */
  gint64 jitter_us;
  gint64 sent_us;               /* when the newest that arrived was sent, or
                                 * before; -1 unknown */
  gint64 interval_us;           /* between reports, smoothed */
} GstWsctlRatePath;

void gst_wsctl_rate_path_push (GstWsctlRatePath * self, gint64 time_us,
    const GstWsctlRateReport * report);
/* Of the last report; 0 without one */
gint64 gst_wsctl_rate_path_get_last_time (const GstWsctlRatePath * self);
guint64 gst_wsctl_rate_path_get_last_bytes (const GstWsctlRatePath * self);
/* bit/s over the last @span_us at least; negative when not known. What was lost
 * did not come through. */
gdouble gst_wsctl_rate_path_get_delivered (const GstWsctlRatePath * self,
    gint64 span_us);
gdouble gst_wsctl_rate_path_get_sent (const GstWsctlRatePath * self,
    gint64 span_us);
/* The way has become longer, and it is no queue that makes it so. */
void gst_wsctl_rate_path_forget_base (GstWsctlRatePath * self);

G_END_DECLS
