/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Times of pictures behind a jitter buffer, whose idea of the sender's clock
 * moves with the network, and faster than the stamps of pictures that are sent
 * in a hurry: several get one time then. Here each picture has a time of its
 * own again, and those that the sender stamps closely follow each other as
 * closely. One thread. */
typedef struct
{
  gboolean known;
  guint32 stamp;                /* RTP, 90 kHz */
  GstClockTime time;
} GstWsctlPacketTimes;

/* Pictures closer than this are in front of the place that is wanted. */
#define GST_WSCTL_HURRY_NS (4 * GST_MSECOND)

/* Of the packet with @stamp, which comes by @time */
GstClockTime gst_wsctl_packet_times_next (GstWsctlPacketTimes * self,
    guint32 stamp, GstClockTime time);
/* The same for a packet, or a list of them, on its way: a new one takes its
 * place where times change. */
void gst_wsctl_packet_times_write (GstWsctlPacketTimes * self,
    GstPadProbeInfo * info);

/* How far the times of packets are in front of the clock by which they come: of
 * such as are not held up on their way. A jitter buffer that took the first
 * packet for a quick one, and it was not, is ahead until it has found out.
 * Stamps that stood still in a pause, went back, or are slow are no such thing:
 * then none was ever so far in front. Nanoseconds; one thread. */
typedef struct
{
  gboolean known;
  guint32 stamp;                /* RTP */
  gint64 stamp_ns;              /* the same, which does not wrap */
  gint64 since_ns;              /* of the second that is measured */
  gint64 newest_ns;             /* the least from stamp to clock in it … */
  gint64 older_ns;              /* … and in the one before */
  gint64 newest_ahead_ns;       /* the most from clock to time, likewise */
  gint64 older_ahead_ns;
} GstWsctlPacketLead;

/* A packet with @stamp that comes by @time_ns passes at @now_ns: the lead */
gint64 gst_wsctl_packet_lead_note (GstWsctlPacketLead * self, guint clock_rate,
    guint32 stamp, gint64 time_ns, gint64 now_ns);

G_END_DECLS
