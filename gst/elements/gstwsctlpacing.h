/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* When buffers are due. Each pad gets an offset from the running time of its
 * buffers to the running time of the pipeline at which they go out. Pads whose
 * buffers belong together share one offset, so that sound and picture stay
 * together.
 *
 * A source that is not live has no pace of its own: its offset changes when a
 * session begins (data was held until then), after a flush, when the times of the
 * buffers jump, and when the source is too slow. Of a live source only jumps are
 * taken out, for players would stop or hurry at them.
 * Pure: time is given. Any thread. */
typedef struct _GstWsctlPacing GstWsctlPacing;  /* of an element */
typedef struct _GstWsctlPace GstWsctlPace;      /* of a pad */

/* Buffers that are later than this move all that follows. */
#define GST_WSCTL_PACING_MAX_LATE_NS ((gint64) (500 * GST_MSECOND))
/* Buffers further apart than this are a jump, not a pause between pictures. */
#define GST_WSCTL_PACING_MAX_STEP_NS ((gint64) (10 * GST_SECOND))

GstWsctlPacing *gst_wsctl_pacing_new (void);
void gst_wsctl_pacing_unref (GstWsctlPacing * self);
/* A session begins: each pad's next buffer goes out now. */
void gst_wsctl_pacing_restart (GstWsctlPacing * self);

/* Holds a reference: an application may keep a pad longer than the element. */
GstWsctlPace *gst_wsctl_pace_new (GstWsctlPacing * pacing);
void gst_wsctl_pace_free (GstWsctlPace * self);
/* The pad has been flushed, or has another source. */
void gst_wsctl_pace_reset (GstWsctlPace * self);
/* A buffer of this running time is held until the session begins. */
void gst_wsctl_pace_hold (GstWsctlPace * self, gint64 time_ns);
/* What to add to the running time of the next buffer, in ns. @time_ns: its
 * running time; @duration_ns: its duration, 0 for unknown; @now_ns: the running
 * time of the pipeline; @live: whether its source is. */
gint64 gst_wsctl_pace_get_offset (GstWsctlPace * self, gint64 time_ns,
    gint64 duration_ns, gint64 now_ns, gboolean live);

G_END_DECLS
