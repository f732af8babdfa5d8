/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What the peer reports of the stream that one pad of webrtcbin sends, the
 * moment it arrives, put together with our notes of when each packet was
 * sent. */
typedef struct _GstWsctlFeedback GstWsctlFeedback;

/* "Arrived" is all that was sent up to and with the newest packet that the peer
 * knows of. */
typedef struct
{
  gint64 time_us;               /* g_get_monotonic_time() */
  guint64 bytes_arrived;
  guint64 packets_arrived;
  guint64 bytes_sent;
  gint64 packets_lost;
  gint64 oldest_missing_us;     /* age of the next one after it; 0: none */
  gint64 newest_arrived_us;     /* its age */
  gint64 round_trip_us;         /* -1 when told before, or never */
  /* From transport-wide feedback: how long the newest was on its way, by clocks
   * that differ by we know not what, and when it was sent. 0: from a receiver
   * report. */
  gint64 way_us;
  gint64 sent_us;
  gint64 jitter_us;
} GstWsctlFeedbackReport;

/* On the thread that receives RTCP: queue what takes time. */
typedef struct
{
  void (*report) (const GstWsctlFeedbackReport * report, gpointer data);
  void (*remb) (guint64 bitrate_bps, gpointer data);
} GstWsctlFeedbackCallbacks;

/* @pad: a sink pad of @webrtcbin, after negotiation. @clock_rate: of what it
 * sends. NULL when webrtcbin has no session yet. */
GstWsctlFeedback *gst_wsctl_feedback_new (GstElement * webrtcbin,
    GstPad * pad, guint clock_rate,
    const GstWsctlFeedbackCallbacks * callbacks, gpointer data,
    GDestroyNotify destroy);
/* Lets go of webrtcbin; a call may still be under way on another thread. */
void gst_wsctl_feedback_close (GstWsctlFeedback * self);
/* Any thread. */
guint64 gst_wsctl_feedback_get_bytes_sent (GstWsctlFeedback * self);
/* Pure: bit/s of the content of a feedback packet, or 0 for one that is not a
 * REMB (draft-alvestrand-rmcat-remb-03). */
guint64 gst_wsctl_feedback_parse_remb (const guint8 * fci, gsize size);

G_END_DECLS
