/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>
#include <nice/agent.h>

#include "wsctlconnection-private.h"

G_BEGIN_DECLS

/* A webrtcbin set up, with the agent inside it; transfer full, both. */
GstElement *gst_wsctl_webrtcbin_new (const GstWsctlConnectionParams * params,
    NiceAgent ** agent, GError ** error);
/* For a transceiver that sends @caps, right after it was added */
void gst_wsctl_webrtcbin_request_sink_pad (GstElement * webrtcbin,
    GstCaps * caps);
void gst_wsctl_webrtcbin_add_media (GstElement * webrtcbin,
    GstWsctlMediaKind kind, gboolean sending, GstCaps * caps);
/* @agreed: RTP caps of the answer. What is sent through the pad gets the numbers
 * that were agreed (wsctlrtprewriter-private.h). Transfer full, or NULL. */
GstPad *gst_wsctl_webrtcbin_get_sink_pad (GstElement * webrtcbin,
    GstWsctlMediaKind kind, const GstCaps * agreed);
/* The pad of the section of this number, which sends what it gets as it is */
GstPad *gst_wsctl_webrtcbin_get_sink_pad_of_section (GstElement * webrtcbin,
    guint section);
/* See gst_wsctl_connection_set_live(). */
void gst_wsctl_webrtcbin_set_fec_percentage (GstElement * webrtcbin,
    GstWsctlMediaKind kind, guint percentage);
void gst_wsctl_webrtcbin_set_live (GstPad * sink, gboolean live);
/* To NULL, for good. Not on one of its threads. */
void gst_wsctl_webrtcbin_stop (GstElement * webrtcbin);
/* See gst_wsctl_connection_replace_track(). @agreed: NULL when it was not. */
gboolean gst_wsctl_webrtcbin_replace_track (GstElement * webrtcbin,
    GstWsctlMediaKind kind, const GstCaps * agreed, GstPad * track,
    GError ** error);

G_END_DECLS
