/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"

G_BEGIN_DECLS

/* How long wsctlsrc holds what it receives, and what its pads say of that. Any
 * thread, no lock held. */
typedef struct _GstWsctlSrcLatency GstWsctlSrcLatency;

GstWsctlSrcLatency *gst_wsctl_src_latency_new (GstWsctlBin * bin);
/* Its pads may go later. */
void gst_wsctl_src_latency_unref (GstWsctlSrcLatency * self);

/* A session, from its webrtcbin in READY on; another one replaces it. */
void gst_wsctl_src_latency_begin (GstWsctlSrcLatency * self,
    GstElement * webrtcbin);
void gst_wsctl_src_latency_end (GstWsctlSrcLatency * self);
/* The sender has jumped, or stood still. */
void gst_wsctl_src_latency_forget (GstWsctlSrcLatency * self);
/* What @pad answers to latency queries */
void gst_wsctl_src_latency_watch (GstWsctlSrcLatency * self, GstPad * pad,
    GstWsctlMediaKind kind);

/* wsctlsrc's property, numbered @id. "latency" has been set by hand. */
void gst_wsctl_src_latency_install_property (GObjectClass * klass, guint id);
void gst_wsctl_src_latency_set_mode (GstWsctlSrcLatency * self,
    const GValue * value);
void gst_wsctl_src_latency_get_mode (GstWsctlSrcLatency * self,
    GValue * value);
void gst_wsctl_src_latency_fix (GstWsctlSrcLatency * self);

G_END_DECLS
