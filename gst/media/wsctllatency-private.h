/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* How long received media has to be held so that what comes late still comes in
 * time: because of jitter, because it had to be asked for again, or because a
 * large picture takes its time on a narrow link. Pure: the time is given. Not
 * locked. */
typedef struct _GstWsctlLatency GstWsctlLatency;

#define GST_WSCTL_LATENCY_START_MS 20
#define GST_WSCTL_LATENCY_MIN_MS 10
#define GST_WSCTL_LATENCY_MAX_MS 1000

GstWsctlLatency *gst_wsctl_latency_new (void);
void gst_wsctl_latency_free (GstWsctlLatency * self);
/* A packet, in whatever order. @clock_rate: of its @rtp_time, not 0 */
void gst_wsctl_latency_take (GstWsctlLatency * self, GstWsctlMediaKind kind,
    guint32 rtp_time, guint clock_rate, gint64 arrival_us);
/* How much later than @limit_us the packet is that was taken last, if it was held
 * up: 0 when others of late are no earlier, for then the way is a longer one, or
 * the sender stood still. */
gint64 gst_wsctl_latency_get_excess_us (GstWsctlLatency * self,
    GstWsctlMediaKind kind, gint64 limit_us);
/* The sender's times no longer go on as they did: forgets what they were held
 * against, and keeps the target. */
void gst_wsctl_latency_forget (GstWsctlLatency * self);
/* Now and then, ten times a second say. What to hold, ms: it grows at once and
 * shrinks slowly. */
guint gst_wsctl_latency_update (GstWsctlLatency * self, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlLatency, gst_wsctl_latency_free)

G_END_DECLS
