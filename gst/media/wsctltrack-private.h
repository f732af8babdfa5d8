/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlcodec-private.h"
#include "wsctltrack.h"

G_BEGIN_DECLS

/* A track in @bin, with a pad of its own there that takes encoded media. NULL
 * for caps of no codec, or of one that cannot be sent. Any thread. */
GstWsctlTrack *gst_wsctl_track_new (GstBin * bin, const GstCaps * caps,
    GError ** error);
const GstWsctlCodec *gst_wsctl_track_get_codec (GstWsctlTrack * self);
/* Where branches begin. Transfer none. */
GstElement *gst_wsctl_track_get_tee (GstWsctlTrack * self);
/* Takes it out of its bin. Not from a streaming thread. */
void gst_wsctl_track_end (GstWsctlTrack * self);

/* wsctltrackbranch.c: a branch for one receiver, in @bin, which is beside the track: what comes is
 * payloaded and goes to @sink. A receiver that takes nothing loses data and
 * holds up nobody. Not from a streaming thread. */
typedef struct _GstWsctlTrackBranch GstWsctlTrackBranch;

GstWsctlTrackBranch *gst_wsctl_track_add_branch (GstWsctlTrack * self,
    GstBin * bin, GstPad * sink, gint payload, GError ** error);
/* Before the receiver is stopped: an answer of its must not end the others. */
void gst_wsctl_track_branch_cut (GstWsctlTrackBranch * branch);
/* After that: in a pipeline that is paused, what is on its way waits in the
 * receiver. */
void gst_wsctl_track_branch_free (GstWsctlTrackBranch * branch);

G_END_DECLS
