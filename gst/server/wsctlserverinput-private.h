/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserverreceiver-private.h"
#include "wsctlserverrtcp-private.h"
#include "wsctlserverstream-private.h"

G_BEGIN_DECLS

/* A value that should stay as it is. All zero before the first one. Pure. */
typedef struct
{
  gboolean known;
  gboolean trusted;             /* it has stayed */
  gint64 value_ns;
  gint64 since_us;
} GstWsctlServerSteady;

/* TRUE for the first value, and while it stays. After a change it has to stay for
 * a second to be TRUE again. */
gboolean gst_wsctl_server_steady_check (GstWsctlServerSteady * self,
    gint64 value_ns, gint64 now_us);

/* What a publisher's sender reports tell of its clock */
typedef struct
{
  GstWsctlServerSteady ntp;     /* its distance to the time that passes here */
  gboolean has_offset;
  gint64 offset_ns;             /* from the publisher's clock to ours */
} GstWsctlServerClock;

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
    guint32 rtp_time, GstWsctlServerClock * clock, gint64 now_us);
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
