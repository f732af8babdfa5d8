/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlrate-private.h"

G_BEGIN_DECLS

/* What every policy sees of the outside. Its state begins with this. */
typedef struct
{
  GstWsctlRateParams params;
  gdouble wanted_bps;           /* what the policy decides; any value */
  guint taken_bps;              /* what is being sent */
  guint64 constraint_bps;       /* the server's last; 0: none yet */
} GstWsctlRateState;

/* Any function may be missing. */
typedef struct
{
  gsize size;                   /* of the policy's own state, zeros at first */
  void (*report) (GstWsctlRateState * state, gint64 time_us,
      const GstWsctlRateReport * report);
  void (*server_report) (GstWsctlRateState * state, gint64 time_us,
      const GstWsctlRateServerReport * report);
  void (*constraint) (GstWsctlRateState * state, gint64 time_us,
      guint64 bitrate_bps, guint64 constraint_bps);
  void (*remb) (GstWsctlRateState * state, gint64 time_us,
      guint64 bitrate_bps);
  void (*taken) (GstWsctlRateState * state, gint64 time_us,
      guint bitrate_bps);
  void (*tick) (GstWsctlRateState * state, gint64 time_us,
      guint64 bytes_sent);
  void (*info) (GstWsctlRateState * state, GstWsctlRateInfo * info);
} GstWsctlRateClass;

extern const GstWsctlRateClass gst_wsctl_rate_linear;
extern const GstWsctlRateClass gst_wsctl_rate_grade;
extern const GstWsctlRateClass gst_wsctl_rate_adaptive;

G_END_DECLS
