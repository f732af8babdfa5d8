/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlmedia.h"

G_BEGIN_DECLS

#define GST_WSCTL_TYPE_TRACK (gst_wsctl_track_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlTrack, gst_wsctl_track, GST_WSCTL, TRACK,
    GObject)

GstWsctlMediaKind gst_wsctl_track_get_kind (GstWsctlTrack * self);
GstPad *gst_wsctl_track_get_pad (GstWsctlTrack * self);
gboolean gst_wsctl_track_get_muted (GstWsctlTrack * self);
void gst_wsctl_track_set_muted (GstWsctlTrack * self, gboolean muted);
gboolean gst_wsctl_track_get_ended (GstWsctlTrack * self);
void gst_wsctl_track_request_key_frame (GstWsctlTrack * self);

G_END_DECLS
