/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserverreceiver-private.h"
#include "wsctlserverrtcp-private.h"
#include "wsctlserverstream-private.h"

G_BEGIN_DECLS

/* One medium of a publisher: packets of one payload type to the frames of a
 * track. On the server's thread. */
typedef struct _GstWsctlServerInput GstWsctlServerInput;

/* @fmtp may be NULL */
GstWsctlServerInput *gst_wsctl_server_input_new (GstWsctlServerStream *
    stream, guint8 pt, const GstWsctlServerCodec * codec, const gchar * fmtp,
    GError ** error);
void gst_wsctl_server_input_free (GstWsctlServerInput * self);
void gst_wsctl_server_input_set_props (GstWsctlServerInput * self, guint nack,
    guint drop);

/* @packet: at least an RTP header */
void gst_wsctl_server_input_push (GstWsctlServerInput * self,
    const guint8 * packet, gsize size, gint64 now_us);
/* What is in order goes on. TRUE when packets were given up. */
gboolean gst_wsctl_server_input_drain (GstWsctlServerInput * self,
    gint64 now_us);
/* A sender report of this source. What is known of the publisher's clock is
 * read, or written by the first. */
void gst_wsctl_server_input_take_sr (GstWsctlServerInput * self, guint64 ntp,
    gint64 time_ns, guint32 rtp_time, gboolean * has_offset,
    gint64 * offset_ns);
/* FALSE when nothing has come since the last one. */
gboolean gst_wsctl_server_input_fill_block (GstWsctlServerInput * self,
    GstWsctlServerReportBlock * block);

/* Questions; NULL and 0 before the first packet */
GstWsctlServerReceiver *gst_wsctl_server_input_get_receiver
    (GstWsctlServerInput * self);
guint32 gst_wsctl_server_input_get_ssrc (GstWsctlServerInput * self);
guint8 gst_wsctl_server_input_get_pt (GstWsctlServerInput * self);
GstWsctlServerTrack *gst_wsctl_server_input_get_track (GstWsctlServerInput *
    self);
/* Frames are held back, or the last key frame is older than the interval. */
gboolean gst_wsctl_server_input_needs_keyframe (GstWsctlServerInput * self,
    gint64 now_us, gint64 interval_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerInput,
    gst_wsctl_server_input_free)

G_END_DECLS
