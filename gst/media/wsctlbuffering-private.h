/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

/* The jitter buffers of a webrtcbin, and how long they hold what they get: a
 * fixed time, or what the network asks for (wsctllatency.c). Any thread. */
typedef struct _GstWsctlBuffering GstWsctlBuffering;

/* Another latency is to be announced. On a streaming thread; no lock held. */
typedef void (*GstWsctlBufferingFunc) (gpointer data);

/* In READY, before anything comes. @fixed_ms: -1 for what is asked for */
GstWsctlBuffering *gst_wsctl_buffering_new (GstElement * webrtcbin,
    gint fixed_ms, GstWsctlBufferingFunc changed, gpointer data,
    GDestroyNotify destroy);
GstWsctlBuffering *gst_wsctl_buffering_ref (GstWsctlBuffering * self);
void gst_wsctl_buffering_unref (GstWsctlBuffering * self);
/* Lets go of webrtcbin; nothing is told any more. */
void gst_wsctl_buffering_close (GstWsctlBuffering * self);

void gst_wsctl_buffering_set_fixed (GstWsctlBuffering * self, gint fixed_ms);
/* The sender has jumped, or stood still. */
void gst_wsctl_buffering_forget (GstWsctlBuffering * self);
/* What is held, and so to be announced */
guint gst_wsctl_buffering_get_target (GstWsctlBuffering * self);
/* What the jitter buffer of @kind announces beyond that */
guint gst_wsctl_buffering_get_excess (GstWsctlBuffering * self,
    GstWsctlMediaKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlBuffering, gst_wsctl_buffering_unref)

G_END_DECLS
