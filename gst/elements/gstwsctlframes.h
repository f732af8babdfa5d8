/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Frames of video at a pad of an element, and when they stopped coming. Any
 * thread; times are monotonic, in microseconds. */
typedef struct
{
  GMutex lock;
  guint64 n_received;           /* lock: whole ones, from the network */
  guint64 n_frames;             /* lock: given out, or sent */
  guint64 n_key_frames;         /* lock: of these */
  guint n_freezes;              /* lock */
  gint64 freezes_us;            /* lock: how long all of them took */
  gint64 last_us;               /* lock: 0 when none is expected */
  gint64 mean_us;               /* lock: from one to the next */
  guint n_intervals;            /* lock: in the mean */
} GstWsctlFrames;

void gst_wsctl_frames_init (GstWsctlFrames * self);
void gst_wsctl_frames_clear (GstWsctlFrames * self);
void gst_wsctl_frames_note (GstWsctlFrames * self, gint64 now_us,
    gboolean key);
void gst_wsctl_frames_note_received (GstWsctlFrames * self);
/* In a pause none is expected: it is no freeze. */
void gst_wsctl_frames_rest (GstWsctlFrames * self);

/* That of a pad, which keeps it; "collect" finds it there. */
GstWsctlFrames *gst_wsctl_frames_attach (GstPad * pad);
/* Adds all of @element's pads to "inbound-video" and "outbound-video"
 * (docs/stats.md). */
void gst_wsctl_frames_collect (GstElement * element, GstStructure * stats);

G_END_DECLS
