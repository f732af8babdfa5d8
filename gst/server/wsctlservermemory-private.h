/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What all streams together may keep. Whoever keeps the most forgets first, so
 * that a stream of many megabits does not take the past of the others. One
 * thread. */
typedef struct _GstWsctlServerMemory GstWsctlServerMemory;

/* Forgets something of @holder, and counts it again. FALSE when there is
 * nothing left to forget. */
typedef gboolean (*GstWsctlServerForgetFunc) (gpointer holder);

GstWsctlServerMemory *gst_wsctl_server_memory_new (gsize max_bytes,
    GstWsctlServerForgetFunc forget);
/* All holders have been removed by then. */
void gst_wsctl_server_memory_free (GstWsctlServerMemory * self);
/* @holder keeps so much now. Does not forget anything. */
void gst_wsctl_server_memory_count (GstWsctlServerMemory * self,
    gpointer holder, gsize bytes);
void gst_wsctl_server_memory_remove (GstWsctlServerMemory * self,
    gpointer holder);
/* Has the largest holders forget until there is not too much. */
void gst_wsctl_server_memory_trim (GstWsctlServerMemory * self);
gsize gst_wsctl_server_memory_get_used (GstWsctlServerMemory * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerMemory,
    gst_wsctl_server_memory_free)

G_END_DECLS
