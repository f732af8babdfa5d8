/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When an encoder is asked for a key frame: on demand, and once an interval, but
 * never more often than twice a second. A demand that comes too early waits for
 * its time. Any thread; times are monotonic, in microseconds. */
typedef struct
{
  GMutex lock;
  gint64 asked_us;              /* lock: last time, or G_MININT64 */
  gint64 interval_us;           /* lock; 0: only on demand */
  gboolean waiting;             /* lock: demanded, and not asked for yet */
} GstWsctlKeyFrames;

#define GST_WSCTL_KEY_FRAMES_MIN_DISTANCE_US (G_USEC_PER_SEC / 2)

void gst_wsctl_key_frames_init (GstWsctlKeyFrames * self);
void gst_wsctl_key_frames_clear (GstWsctlKeyFrames * self);
/* 0 for none */
void gst_wsctl_key_frames_set_interval (GstWsctlKeyFrames * self,
    guint interval_ms);
/* Somebody wants one. TRUE: ask now. */
gboolean gst_wsctl_key_frames_demand (GstWsctlKeyFrames * self, gint64 now_us);
/* With each frame; @missing: nothing can go out before there is one. TRUE: one
 * should be demanded now. */
gboolean gst_wsctl_key_frames_is_due (GstWsctlKeyFrames * self, gint64 now_us,
    gboolean missing);
/* One has gone out unasked: the interval begins anew. */
void gst_wsctl_key_frames_note (GstWsctlKeyFrames * self, gint64 now_us);

G_END_DECLS
