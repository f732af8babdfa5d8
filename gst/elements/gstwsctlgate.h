/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlflows.h"
#include "gstwsctlsrctime.h"

G_BEGIN_DECLS

/* The last step of a source pad of wsctlsrc. What comes from webrtcbin is one
 * even stream that nobody can flush or seek; what goes out of the gate is one
 * that has been flushed, sought in, and played at some speed:
 *
 *   it writes the segments, so that a buffer's stream time is the server's;
 *   it drops what is left of the old place after a seek, and what is in front of
 *   the new one, which is only there to decode from;
 *   it notes on each buffer when it was captured;
 *   it takes seeks and answers questions of time. */

/* @pad: a ghost pad, which the gate does not outlive. @flows: of all pads */
GstWsctlGate *gst_wsctl_gate_new (GstGhostPad * pad, GstWsctlMediaKind kind,
    GstWsctlSrcTime * time, GstWsctlFlows * flows);
void gst_wsctl_gate_free (GstWsctlGate * self);
/* Another session goes on behind it; no thread pushes through it now. */
void gst_wsctl_gate_restart (GstWsctlGate * self);
/* Of its pad: transfer full. */
GstPad *gst_wsctl_gate_ref_pad (GstWsctlGate * self);
/* EOS where no data come, which it repeats after each flush; no other thread
 * pushes through it. */
void gst_wsctl_gate_end (GstWsctlGate * self);
/* There will be data after all: flushes, so that they are taken. */
void gst_wsctl_gate_reopen (GstWsctlGate * self);
/* How far the times of buffers are in front of the clock. Any thread. */
void gst_wsctl_gate_set_lead (GstWsctlGate * self, gint64 lead_ns);
/* A key frame has been asked for, since something is lost. A server that plays
 * from its buffer goes back for one, as in a seek; pictures up to @last_ns are
 * from before that. Any thread. */
void gst_wsctl_gate_expect_key_frame (GstWsctlGate * self, gint64 last_ns);
/* It has not come yet. Any thread. */
gboolean gst_wsctl_gate_is_expecting (GstWsctlGate * self);
/* Not on a thread that pushes through it, but for the one that seeks. */
void gst_wsctl_gate_start_flush (GstWsctlGate * self, guint32 seqnum);
/* Nothing goes out until the new place begins. */
void gst_wsctl_gate_stop_flush (GstWsctlGate * self, guint32 seqnum);
/* @place: what is said to be played until something comes. After the flush of
 * all gates: a player that keeps streams in step (streamsynchronizer of
 * playbin) takes a segment that it sees within the flush of another stream for
 * the end of what has been played, and puts that in front of all to come. */
void gst_wsctl_gate_begin_place (GstWsctlGate * self, guint32 seqnum,
    const GstWsctlSpan * place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlGate, gst_wsctl_gate_free)

G_END_DECLS
