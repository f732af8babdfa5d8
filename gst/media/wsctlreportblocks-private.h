/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a peer reports of one source of ours (RFC 3550, 6.4.1) */
typedef struct
{
  guint32 ssrc;
  gdouble fraction_lost;        /* 0 to 1, since the report before */
  gint32 packets_lost;          /* since the beginning */
  guint32 highest_seq;          /* with wraps */
  guint32 jitter;               /* in the clock's ticks */
  guint32 last_sr;              /* 0: it knows of none */
  gint64 round_trip_us;         /* -1: not known */
} GstWsctlReportBlock;

/* Pure: the block about @ssrc in a compound packet; @ntp_us: now, as sender
 * reports have it, in microseconds since 1900. */
gboolean gst_wsctl_report_block_find (GstBuffer * rtcp, guint32 ssrc,
    guint64 ntp_us, GstWsctlReportBlock * block);
/* Now, for what has just arrived at a session of webrtcbin */
guint64 gst_wsctl_report_block_get_ntp_us (void);

/* The last block of each source that the sessions of a webrtcbin send. A
 * session itself keeps one of all, the last one in a packet. */
typedef struct _GstWsctlReportBlocks GstWsctlReportBlocks;

/* Before its first session */
GstWsctlReportBlocks *gst_wsctl_report_blocks_new (GstElement * webrtcbin);
void gst_wsctl_report_blocks_unref (GstWsctlReportBlocks * self);
/* Any thread. The round trip is the last one that was told. */
gboolean gst_wsctl_report_blocks_get (GstWsctlReportBlocks * self,
    guint32 ssrc, GstWsctlReportBlock * block);

G_END_DECLS
