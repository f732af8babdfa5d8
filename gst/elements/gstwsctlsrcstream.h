/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"

G_BEGIN_DECLS

/* What wsctlsrc knows of its stream beside the session, and what it wants of
 * it: when to begin, and which tracks. */
typedef struct _GstWsctlSrcStream GstWsctlSrcStream;

/* Numbers of the properties, from the first on */
enum
{
  GST_WSCTL_SRC_STREAM_PROP_STREAM_STATE,
  GST_WSCTL_SRC_STREAM_PROP_METADATA,
  GST_WSCTL_SRC_STREAM_PROP_WAIT_FOR_STREAM,
  GST_WSCTL_SRC_STREAM_PROP_MULTI_BITRATE,
  GST_WSCTL_SRC_STREAM_PROP_DATA_TRACKS,
  GST_WSCTL_SRC_STREAM_N_PROPS
};

/* Class */
void gst_wsctl_src_stream_install (GObjectClass * klass, guint first_prop);

/* Any thread. @bin outlives it. */
GstWsctlSrcStream *gst_wsctl_src_stream_new (GstWsctlBin * bin);
void gst_wsctl_src_stream_free (GstWsctlSrcStream * self);
/* @prop: of the numbers above; FALSE for another */
gboolean gst_wsctl_src_stream_set_property (GstWsctlSrcStream * self,
    guint prop, const GValue * value);
gboolean gst_wsctl_src_stream_get_property (GstWsctlSrcStream * self,
    guint prop, GValue * value);

/* The session, in this order. Opens it, now or when the stream is online. */
void gst_wsctl_src_stream_start (GstWsctlSrcStream * self,
    GstWsctlController * controller);
/* The loop */
void gst_wsctl_src_stream_connected (GstWsctlSrcStream * self);
/* Not on the loop: the stream has ended in order. */
void gst_wsctl_src_stream_end (GstWsctlSrcStream * self);
/* Waits for the loop; no lock held. */
void gst_wsctl_src_stream_stop (GstWsctlSrcStream * self);
/* Any thread. Puts in what there is to say of the renditions. */
void gst_wsctl_src_stream_add_stats (GstWsctlSrcStream * self,
    GstStructure * stats);
/* Everything is in READY: takes its pads away. */
void gst_wsctl_src_stream_stopped (GstWsctlSrcStream * self);

/* Any thread. audio-track or video-track has been set. */
void gst_wsctl_src_stream_apply_track (GstWsctlSrcStream * self,
    GstWsctlMediaKind kind);
/* Any thread. TRUE for a select-streams event, which it takes as tracks that are
 * set; takes nothing over. */
gboolean gst_wsctl_src_stream_take_event (GstWsctlSrcStream * self,
    GstEvent * event);
/* Any thread. What comes next is from another place, or after a pause. */
void gst_wsctl_src_stream_forget (GstWsctlSrcStream * self);
/* Any thread. A message of one of the bin's own elements */
void gst_wsctl_src_stream_take_message (GstWsctlSrcStream * self,
    GstMessage * message);

G_END_DECLS
