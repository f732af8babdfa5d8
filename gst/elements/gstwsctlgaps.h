/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Gap events on a source pad whose stream is away, on a thread of its own: a sink
 * may hold each of them until its time has come. */
typedef struct _GstWsctlGaps GstWsctlGaps;

/* @position: where the data of @pad ended, in its segment, or NONE for now */
GstWsctlGaps *gst_wsctl_gaps_start (GstPad * pad, GstElement * element,
    GstClockTime position);
/* Begins no other one; does not wait. Any thread. */
void gst_wsctl_gaps_end (GstWsctlGaps * self);
/* Waits for the last one, and frees. Returns where that ended; NONE: nothing was
 * known of a place. Not where downstream waits for the caller. */
GstClockTime gst_wsctl_gaps_free (GstWsctlGaps * self);

G_END_DECLS
