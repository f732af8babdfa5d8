/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"
#include "gstwsctltimeline.h"

G_BEGIN_DECLS

/* Where in the stream wsctlsrc plays: it holds in a pause, seeks, changes the
 * speed, and answers questions about all that. Any thread, no lock held. */
typedef struct _GstWsctlSrcTime GstWsctlSrcTime;
typedef struct _GstWsctlGate GstWsctlGate;

/* What a gate has to know of a buffer */
typedef struct
{
  GstWsctlSpan span;
  guint seek_id;                /* of the last seek */
  guint32 seqnum;               /* of its events */
  gboolean seeking;             /* the server is not there yet */
  gint64 landing_ns;            /* inner; what is older is from before it */
  gint64 unix_offset_ns;        /* from stream to Unix time; -1: not told */
  gboolean live;                /* what is played is being published now */
} GstWsctlLook;

/* Lifetime */
GstWsctlSrcTime *gst_wsctl_src_time_new (GstWsctlBin * bin);
GstWsctlSrcTime *gst_wsctl_src_time_ref (GstWsctlSrcTime * self);
void gst_wsctl_src_time_unref (GstWsctlSrcTime * self);

/* The session: another webrtcbin, and what the server says. */
void gst_wsctl_src_time_begin (GstWsctlSrcTime * self);
void gst_wsctl_src_time_take_report (GstWsctlSrcTime * self,
    const GstStructure * report);
void gst_wsctl_src_time_take_seek (GstWsctlSrcTime * self,
    const GstStructure * report);

/* The element: around the change of its children's states. */
void gst_wsctl_src_time_before_change (GstWsctlSrcTime * self,
    GstStateChange transition);
void gst_wsctl_src_time_after_change (GstWsctlSrcTime * self,
    GstStateChange transition);

/* From downstream or the application. FALSE for a query that is not of time;
 * @event is a seek, transfer full. */
gboolean gst_wsctl_src_time_query (GstWsctlSrcTime * self, GstQuery * query);
gboolean gst_wsctl_src_time_seek (GstWsctlSrcTime * self, GstEvent * event);
gboolean gst_wsctl_src_time_go_live (GstWsctlSrcTime * self);
/* How long what passes a gate now has taken from its capture */
void gst_wsctl_src_time_note_capture (GstWsctlSrcTime * self,
    gint64 capture_unix_ns);
/* `end-to-end-latency`, seconds, once it is known */
void gst_wsctl_src_time_add_stats (GstWsctlSrcTime * self,
    GstStructure * stats);

/* wsctlsrc's properties of time, numbered from @first on. FALSE for another. */
#define GST_WSCTL_SRC_TIME_N_PROPS 2
void gst_wsctl_src_time_install_properties (GObjectClass * klass, guint first);
gboolean gst_wsctl_src_time_get_property (GstWsctlSrcTime * self, guint index,
    GValue * value);

/* The pads */
void gst_wsctl_src_time_add_gate (GstWsctlSrcTime * self, GstWsctlGate * gate);
void gst_wsctl_src_time_remove_gate (GstWsctlSrcTime * self,
    GstWsctlGate * gate);
/* Inner time; 0 before playing */
gint64 gst_wsctl_src_time_get_now (GstWsctlSrcTime * self);
/* At a buffer's time, which is so far in front of inner time; so is what is
 * found. */
void gst_wsctl_src_time_look (GstWsctlSrcTime * self, gint64 time_ns,
    gint64 lead_ns, GstWsctlLook * look);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlSrcTime, gst_wsctl_src_time_unref)

G_END_DECLS
