/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the arrival of packets tells of the way here. Pure: all times come from
 * the caller, in microseconds of one clock that never stands at 0.
 *
 * A sender sends the packets of a frame at once. At the narrowest place of the
 * way they get apart, by as much as each takes to pass: so a frame of several
 * packets tells what the way can carry, however little it does carry. And a frame
 * that takes longer than others took stood in a queue. */
typedef struct _GstWsctlArrivals GstWsctlArrivals;

typedef struct
{
  gint64 time_us;
  guint size;                   /* bytes, of the datagram */
  gboolean is_video;            /* of the stream whose frames are watched */
  guint16 seq;                  /* of it, as are … */
  guint32 rtp_time;             /* … this … */
  guint32 ssrc;                 /* … and this */
} GstWsctlArrival;

typedef struct
{
  guint64 bytes;                /* since the beginning */
  guint64 packets;              /* likewise, of video */
  guint64 missed;               /* of video: not there when their turn came … */
  guint64 lost;                 /* … and not there yet */
  gint64 queue_us;              /* of the last frame; -1 before there is one */
  guint64 capacity_bps;         /* 0: not known */
} GstWsctlArrivalsReport;

/* @clock_rate: of the video's RTP times, Hz */
GstWsctlArrivals *gst_wsctl_arrivals_new (guint clock_rate);
void gst_wsctl_arrivals_free (GstWsctlArrivals * self);
void gst_wsctl_arrivals_push (GstWsctlArrivals * self,
    const GstWsctlArrival * arrival);
/* What comes next is from another place, or after a pause: its delay is no queue. */
void gst_wsctl_arrivals_forget (GstWsctlArrivals * self);
void gst_wsctl_arrivals_get_report (GstWsctlArrivals * self, gint64 time_us,
    GstWsctlArrivalsReport * report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlArrivals, gst_wsctl_arrivals_free)

G_END_DECLS
