/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* A timer that is made once and set often. On the loop's thread; cleared with
 * gst_wsctl_loop_clear_timer(). */
GSource *gst_wsctl_server_alarm_new (GstWsctlLoop * loop, GSourceFunc func,
    gpointer data);
/* As g_get_monotonic_time(); -1: off. It is off too once it has rung. */
void gst_wsctl_server_alarm_set (GSource * alarm, gint64 time_us);

G_END_DECLS
