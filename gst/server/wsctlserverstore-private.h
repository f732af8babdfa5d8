/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserverframe-private.h"

G_BEGIN_DECLS

/* The frames of one track that are kept, oldest first, each with a number that
 * is never used again. It begins with a key frame and goes in whole groups:
 * what a key frame starts leaves together. One thread. */

GstWsctlServerStore *gst_wsctl_server_store_new (void);
void gst_wsctl_server_store_free (GstWsctlServerStore * self);
/* Frames hold their track, and so the store: it has to be cleared to go. */
void gst_wsctl_server_store_clear (GstWsctlServerStore * self);

/* FALSE when there is no key frame that it could follow. */
gboolean gst_wsctl_server_store_push (GstWsctlServerStore * self,
    GstWsctlServerFrame * frame);
/* Forgets groups that ended before. The last group stays. */
void gst_wsctl_server_store_trim (GstWsctlServerStore * self,
    gint64 oldest_ns);
/* Forgets the oldest group, the last one too. */
void gst_wsctl_server_store_drop_group (GstWsctlServerStore * self);

/* Numbers from begin on and before end are there. */
guint64 gst_wsctl_server_store_get_begin (GstWsctlServerStore * self);
guint64 gst_wsctl_server_store_get_end (GstWsctlServerStore * self);
/* Transfer none; NULL when it is not there */
GstWsctlServerFrame *gst_wsctl_server_store_get (GstWsctlServerStore * self,
    guint64 number);
/* Memory that its frames take, bytes */
gsize gst_wsctl_server_store_get_size (GstWsctlServerStore * self);
/* The key frame to start from for a picture of this time: the last one that is
 * not later, or the first of all. The end when it is empty. */
guint64 gst_wsctl_server_store_find_key (GstWsctlServerStore * self,
    gint64 time_ns);
/* The first key frame later than this, or the end */
guint64 gst_wsctl_server_store_find_next_key (GstWsctlServerStore * self,
    gint64 time_ns);
/* The first frame that is not earlier, or the end */
guint64 gst_wsctl_server_store_find_time (GstWsctlServerStore * self,
    gint64 time_ns);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerStore,
    gst_wsctl_server_store_free)

G_END_DECLS
