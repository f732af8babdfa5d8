/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who may come in, how many at a time, and how often one may ask for
 * something. One thread. */
typedef struct _GstWsctlServerGuard GstWsctlServerGuard;

/* Tokens: NULL lets everybody in. */
GstWsctlServerGuard *gst_wsctl_server_guard_new (const gchar * publish_token,
    const gchar * play_token, guint max_visits, guint max_visits_per_address);
/* A guard that lets in so many more than @other does, and knows no token */
GstWsctlServerGuard *gst_wsctl_server_guard_new_wider (GstWsctlServerGuard *
    other, guint more_visits, guint more_visits_per_address);
void gst_wsctl_server_guard_free (GstWsctlServerGuard * self);

/* @token: as given, or NULL. Who may publish may play too. */
gboolean gst_wsctl_server_guard_may_publish (GstWsctlServerGuard * self,
    const gchar * token);
gboolean gst_wsctl_server_guard_may_play (GstWsctlServerGuard * self,
    const gchar * token);
/* Who may describe the peers of pools and close them: nobody without a token,
 * for the peers trust what they are told. */
void gst_wsctl_server_guard_set_pool_token (GstWsctlServerGuard * self,
    const gchar * token);
gboolean gst_wsctl_server_guard_may_manage (GstWsctlServerGuard * self,
    const gchar * token);
/* Publishing takes a token, so that who has it is known. */
gboolean gst_wsctl_server_guard_asks_publishers (GstWsctlServerGuard * self);

/* One WebSocket of @address. FALSE when there are too many. */
gboolean gst_wsctl_server_guard_has_room (GstWsctlServerGuard * self,
    const gchar * address);
void gst_wsctl_server_guard_enter (GstWsctlServerGuard * self,
    const gchar * address);
void gst_wsctl_server_guard_leave (GstWsctlServerGuard * self,
    const gchar * address);

/* @address wants to give an item of timed data now. FALSE when it gives too
 * many. */
gboolean gst_wsctl_server_guard_may_give (GstWsctlServerGuard * self,
    const gchar * address, gint64 now_us);

/* So many at once, and so many a second from then on. Zeroed it is full. */
typedef struct
{
  gdouble n_taken;
  gint64 taken_us;
} GstWsctlServerBucket;

gboolean gst_wsctl_server_bucket_take (GstWsctlServerBucket * self,
    guint size, guint each_second, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerGuard,
    gst_wsctl_server_guard_free)

G_END_DECLS
