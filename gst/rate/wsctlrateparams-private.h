/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can be set of single policies, in the order of the table */
typedef enum
{
  GST_WSCTL_RATE_LINEAR_STABLE_TIME,    /* ms */
  GST_WSCTL_RATE_LINEAR_STEPS,
  GST_WSCTL_RATE_GRADE_MIN_DELAY,       /* ms */
  GST_WSCTL_RATE_GRADE_MAX_DELAY,       /* ms */
  GST_WSCTL_RATE_GRADE_CLEAN_LOSS,
  GST_WSCTL_RATE_GRADE_BEARABLE_LOSS,
  GST_WSCTL_RATE_ADAPTIVE_MAX_QUEUE,    /* ms */
  GST_WSCTL_RATE_ADAPTIVE_DRAIN_TIME,   /* ms */
  GST_WSCTL_RATE_ADAPTIVE_GROWTH,       /* a second */
  GST_WSCTL_RATE_ADAPTIVE_LOSS_EXCESS,
  GST_WSCTL_RATE_N_PARAMS
} GstWsctlRateParam;

/* A whole number of milliseconds or of steps, or a share */
typedef struct
{
  const gchar *name;            /* of the property */
  const gchar *nick;
  const gchar *blurb;
  gboolean is_share;
  gdouble lowest;
  gdouble highest;
  gdouble standard;
} GstWsctlRateParamRow;

const GstWsctlRateParamRow *gst_wsctl_rate_param_get_row (GstWsctlRateParam
    param);

typedef struct
{
  guint min_bps;
  guint start_bps;
  guint max_bps;
  gdouble values[GST_WSCTL_RATE_N_PARAMS];      /* 0: as in the table */
} GstWsctlRateParams;

gdouble gst_wsctl_rate_params_get (const GstWsctlRateParams * self,
    GstWsctlRateParam param);
/* Of one that is in ms */
gint64 gst_wsctl_rate_params_get_us (const GstWsctlRateParams * self,
    GstWsctlRateParam param);

G_END_DECLS
