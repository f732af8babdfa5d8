/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One thread with one context. All sessions of a process share one. Any thread
 * may call these functions; what they run, runs on the loop's thread. */
typedef struct _GstWsctlLoop GstWsctlLoop;

typedef void (*GstWsctlLoopFunc) (gpointer data);

/* Lifetime */
GstWsctlLoop *gst_wsctl_loop_new (const gchar * name);
GstWsctlLoop *gst_wsctl_loop_get_shared (void);
GstWsctlLoop *gst_wsctl_loop_ref (GstWsctlLoop * loop);
void gst_wsctl_loop_unref (GstWsctlLoop * loop);
void gst_wsctl_loop_stop (GstWsctlLoop * loop);

/* Work */
gboolean gst_wsctl_loop_call (GstWsctlLoop * loop, GstWsctlLoopFunc func,
    gpointer data, GDestroyNotify destroy);
gboolean gst_wsctl_loop_call_sync (GstWsctlLoop * loop,
    GstWsctlLoopFunc func, gpointer data);
GSource *gst_wsctl_loop_add_timer (GstWsctlLoop * loop, guint delay_ms,
    GSourceFunc func, gpointer data, GDestroyNotify destroy);
void gst_wsctl_loop_clear_timer (GSource ** timer);

/* Questions */
GMainContext *gst_wsctl_loop_get_context (GstWsctlLoop * loop);
gboolean gst_wsctl_loop_is_current (GstWsctlLoop * loop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlLoop, gst_wsctl_loop_unref)

G_END_DECLS
