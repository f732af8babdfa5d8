/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlchannel-private.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* A channel that is opened again when it is lost, for what goes beside a
 * session: the stream's description, its timed data. The loop only. */
typedef struct _GstWsctlFeed GstWsctlFeed;

/* Any may close the feed; nothing comes after that. */
typedef struct
{
  /* A channel that is not open yet, or NULL with @error. Transfer full. */
  GstWsctlChannel *(*connect) (gpointer data, GError ** error);
  void (*opened) (gpointer data);
  void (*message) (const gchar * text, gpointer data);
  /* NULL: the server closed it in order. FALSE ends the feed. */
  gboolean (*lost) (const GError * error, gpointer data);
} GstWsctlFeedCallbacks;

/* @retry_ms: how long it waits before it connects again; longer each time that
 * nothing opens, to ten times as long. Connects from the loop's next turn on. */
GstWsctlFeed *gst_wsctl_feed_new (GstWsctlLoop * loop, guint retry_ms,
    const GstWsctlFeedCallbacks * callbacks, gpointer data);
/* FALSE while nothing is open. */
gboolean gst_wsctl_feed_send (GstWsctlFeed * self, const gchar * text);
/* Lets go of it; no callback follows. */
void gst_wsctl_feed_close (GstWsctlFeed * self);

G_END_DECLS
