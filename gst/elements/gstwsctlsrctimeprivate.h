/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlsrctime.h"

G_BEGIN_DECLS

/* For gstwsctlsrctime.c and gstwsctlsrcseek.c */

struct _GstWsctlSrcTime
{
  gatomicrefcount refs;
  GWeakRef bin;

  GMutex seek_lock;             /* one seek after the other; before the lock */

  GMutex lock;
  GList *gates;                 /* lock */
  GstWsctlTimeline timeline;    /* lock */
  GstClock *clock;              /* lock; NULL: not playing yet */
  gint64 base_ns;               /* lock: the base time of webrtcbin */
  gboolean paused;              /* lock: after having played */
  gint64 held_ns;               /* lock: the place meanwhile */
  gint64 held_outer_ns;         /* lock: and the pipeline's time */

  /* lock: what the server has said, from the origin on */
  gboolean told;
  gint64 begin_ns;
  gint64 end_ns;
  gint64 end_time_us;           /* when that was the end */
  gint64 unix_offset_ns;        /* -1: not told */
  gboolean live;
  gint64 way_ns;                /* from capture to the last buffer; -1 */
  gint64 origin_ns;             /* of the server's time; -1: not known */

  /* lock: the last seek */
  guint seek_id;
  guint32 seqnum;
  gboolean seeking;
  gboolean pending;             /* not sent: for flushes, for PLAYING */
  guint n_unanswered;
  gint64 sent_us;
  gint64 target_ns;             /* or LIVE */
  gint64 landing_ns;
  gdouble rate;                 /* that has been asked for */
  gdouble sent_rate;
};

/* gstwsctlsrctime.c: inner time; 0 before playing */
gint64 gst_wsctl_src_time_get_now_locked (GstWsctlSrcTime * self);

/* gstwsctlsrcseek.c */
gint64 gst_wsctl_src_time_get_position_locked (GstWsctlSrcTime * self);
/* What comes from now on is of the new place, if it is @done. */
void gst_wsctl_src_time_finish_seek_locked (GstWsctlSrcTime * self,
    gboolean done);
void gst_wsctl_src_time_send_command (GstWsctlSrcTime * self,
    const gchar * type, const gchar * member, GVariant * value);
/* The last one, if that has not been sent */
void gst_wsctl_src_time_send_seek (GstWsctlSrcTime * self);

G_END_DECLS
