/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcontroller-private.h"
#include "wsctlrendition-private.h"
#include "wsctlstreamwatch-private.h"

G_BEGIN_DECLS

/* Chooses the renditions of one session of wsctlsrc: brings what is heard of the
 * network to a policy, and what that wants to the server. */
typedef struct _GstWsctlSrcQuality GstWsctlSrcQuality;

/* Any thread, before the session is open. @n_switches, an atomic RC box, is counted
 * up with each change of what the server sends. */
GstWsctlSrcQuality *gst_wsctl_src_quality_new (GstElement * element,
    GstWsctlController * controller, GstWsctlRenditionPolicy policy,
    gint * n_switches);
/* Waits for the loop, and lets go of it; no lock held. */
void gst_wsctl_src_quality_stop (GstWsctlSrcQuality * self);
GstWsctlSrcQuality *gst_wsctl_src_quality_ref (GstWsctlSrcQuality * self);
void gst_wsctl_src_quality_unref (GstWsctlSrcQuality * self);

/* The loop: media can flow. */
void gst_wsctl_src_quality_connected (GstWsctlSrcQuality * self);
/* The loop: what there is to choose from */
void gst_wsctl_src_quality_describe (GstWsctlSrcQuality * self,
    const GstWsctlStreamDescription * description);
/* Any thread. Chosen by hand, or not any more */
void gst_wsctl_src_quality_set_fixed (GstWsctlSrcQuality * self,
    GstWsctlMediaKind kind, gboolean fixed);
/* Any thread. What comes next is from another place, or after a pause. */
void gst_wsctl_src_quality_forget (GstWsctlSrcQuality * self);
/* Any thread. What a decoder says of its work (%GST_MESSAGE_QOS) */
void gst_wsctl_src_quality_take_qos (GstWsctlSrcQuality * self,
    GstMessage * message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlSrcQuality,
    gst_wsctl_src_quality_unref)

G_END_DECLS
