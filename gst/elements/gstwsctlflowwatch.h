/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlinput.h"

G_BEGIN_DECLS

/* Finds out that data come in on a pad of wsctlsink and none go out, and why. The
 * one place for that: whatever drops or keeps data need not say so itself. Pure:
 * time is given. Not thread-safe. */
typedef struct
{
  guint64 n_arrived;            /* when data last went out */
  guint64 n_sent;
  guint64 n_times;              /* when the timestamps last changed */
  guint64 n_arrived_then;       /* and how many buffers there were then */
  gint64 sent_us;               /* when data last went out, or began to be
                                 * expected; 0: not looked yet */
  guint state;                  /* what of the session there was then */
  gint64 times_us;              /* when the timestamps last changed */
  guint told;                   /* the reasons that have been told, a bit each */
} GstWsctlFlowWatch;

/* How long data may come in with none going out */
#define GST_WSCTL_FLOW_WATCH_LIMIT_US (3 * G_TIME_SPAN_SECOND)

/* A pause is over: what was before does not count. */
void gst_wsctl_flow_watch_rest (GstWsctlFlowWatch * self);
/* A sentence without its full stop, the first time that there is one to say, or
 * NULL. Transfer full. To be called about twice a second. */
gchar *gst_wsctl_flow_watch_check (GstWsctlFlowWatch * self,
    const GstWsctlInputFlow * flow, GstWsctlMediaKind kind, gint64 now_us);

G_END_DECLS
