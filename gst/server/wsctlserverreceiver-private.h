/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlserverrtcp-private.h"

G_BEGIN_DECLS

/* One incoming RTP source: puts packets in order, says which ones to ask for
 * again, gives up on those that do not come, and counts (RFC 3550, A.3 and
 * A.8). Pure: the time is an argument, in microseconds. In-order packets are
 * never held. */
typedef struct _GstWsctlServerReceiver GstWsctlServerReceiver;

/* For `on_media_receive` */
typedef struct
{
  guint8 fraction_lost;         /* of 256, since the last report */
  guint32 jitter;               /* in the clock's ticks */
  guint n_nacks;                /* since the last report */
  guint n_lost;                 /* since the last report */
  guint64 n_bytes;              /* since the last report */
  gint64 queue_ms;              /* what even the fastest packet waited longer
                                 * than the fastest ever: a queue on the way */
} GstWsctlServerReport;

GstWsctlServerReceiver *gst_wsctl_server_receiver_new (guint clock_rate);
void gst_wsctl_server_receiver_free (GstWsctlServerReceiver * self);
/* How many packets later a missing one is asked for, and given up */
void gst_wsctl_server_receiver_set_props (GstWsctlServerReceiver * self,
    guint nack, guint drop);
/* @packet: transfer full, a valid RTP packet */
void gst_wsctl_server_receiver_push (GstWsctlServerReceiver * self,
    GstBuffer * packet, guint16 seq, guint32 rtp_time, gint64 now_us);
/* The next packet in order, NULL when it is not there yet. @lost: packets
 * right before it were given up. */
GstBuffer *gst_wsctl_server_receiver_pop (GstWsctlServerReceiver * self,
    gint64 now_us, gboolean * lost);
gboolean gst_wsctl_server_receiver_is_waiting (GstWsctlServerReceiver * self);
guint gst_wsctl_server_receiver_collect_nacks (GstWsctlServerReceiver * self,
    gint64 now_us, guint16 * seqs, guint max);
void gst_wsctl_server_receiver_report (GstWsctlServerReceiver * self,
    GstWsctlServerReport * report);
/* Fills in what is the receiver's, and counts anew: for each receiver report.
 * FALSE when nothing has come since the last one. */
gboolean gst_wsctl_server_receiver_fill_block (GstWsctlServerReceiver * self,
    GstWsctlServerReportBlock * block);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerReceiver,
    gst_wsctl_server_receiver_free)

G_END_DECLS
