/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlpeersdp-private.h"
#include "wsctltrack-private.h"

G_BEGIN_DECLS

/* The sections of a link's webrtcbin, and what comes and goes on them */

/* One for each of @plan, in that order, before anything is described */
void gst_wsctl_link_pads_add_transceivers (GstElement * webrtcbin,
    GPtrArray * plan);
/* Which of the sections of its kind @pad belongs to. Any thread. */
gboolean gst_wsctl_link_pads_find_index (GstElement * webrtcbin, GstPad * pad,
    GstWsctlMediaKind * kind, guint * index);
/* Sends the tracks that @plan has a place for, as @remote agreed. The new
 * GstWsctlTrackBranch are added to @branches. */
void gst_wsctl_link_pads_add_branches (GstElement * webrtcbin, GstBin * bin,
    GPtrArray * plan, GPtrArray * tracks, const GstWsctlPeerSdp * remote,
    GPtrArray * branches);

G_END_DECLS
