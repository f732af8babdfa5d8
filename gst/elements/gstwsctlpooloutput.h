/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A source pad of wsctlpool with all that stands before it: one track of one
 * peer. Its chain is built when it is linked, in the form that downstream takes;
 * until then what comes is dropped. */
#define GST_TYPE_WSCTL_POOL_OUTPUT (gst_wsctl_pool_output_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlPoolOutput, gst_wsctl_pool_output, GST,
    WSCTL_POOL_OUTPUT, GstGhostPad)

/* On any thread but the loop's */
typedef void (*GstWsctlPoolOutputErrorFunc) (GstWsctlPoolOutput * output,
    const GError * error, gpointer bin);

/* Adds a pad to @bin, named as @source, a pad of the pool that gives RTP. NULL
 * for RTP of no codec that is known. Transfer full. On a streaming thread. */
GstWsctlPoolOutput *gst_wsctl_pool_output_new (GstBin * bin,
    GstPad * source,
    GstWsctlPoolOutputErrorFunc error_func);
/* Takes all away, with the pad; nothing comes from its source any more. */
void gst_wsctl_pool_output_remove (GstWsctlPoolOutput * self);

G_END_DECLS
