/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When does silence mean that a session is dead? Pure; times in microseconds
 * of one clock, 0 for never (docs/protocol.md, "How sessions fail"). */
typedef struct
{
  gint64 idle_timeout_us;       /* 0: never */
  gint64 report_timeout_us;     /* 0: never */
  gint64 last_packet_us;        /* UDP */
  gint64 last_report_us;        /* on_time, on_media_receive */
  gboolean resting;             /* nothing is asked of the server */
  gint64 awake_since_us;        /* when it last ceased to rest */
} GstWsctlWatch;

typedef enum
{
  GST_WSCTL_WATCH_ALIVE,
  GST_WSCTL_WATCH_LATE,         /* a third of the report timeout is over */
  GST_WSCTL_WATCH_NO_PACKETS,
  GST_WSCTL_WATCH_NO_REPORTS,
} GstWsctlWatchVerdict;

GstWsctlWatchVerdict gst_wsctl_watch_judge (const GstWsctlWatch * watch,
    gint64 now_us);
/* Of a player: whether it has the server hold */
void gst_wsctl_watch_take_pause (GstWsctlWatch * watch, gboolean paused,
    gint64 now_us);
/* Why a session is dead; NULL: it is not. */
const gchar *gst_wsctl_watch_get_text (GstWsctlWatchVerdict verdict);

G_END_DECLS
