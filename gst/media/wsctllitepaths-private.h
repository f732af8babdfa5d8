/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <string.h>

G_BEGIN_DECLS

/* The addresses at which a peer has proved to be, and which of them it is sent
 * to. Pure: the time is given. */

/* A client has one for each of its interfaces and NATs. */
#define GST_WSCTL_LITE_MAX_PATHS 8

/* A source address in a form that can be compared: a sockaddr_in6 at most */
typedef struct
{
  guint8 bytes[28];
  gsize size;
} GstWsctlLiteAddress;

typedef struct
{
  GSocketAddress *source;       /* NULL: this place is free */
  GstWsctlLiteAddress address;
  gint64 last_seen;             /* g_get_monotonic_time() */
  guint32 priority;
  gboolean nominated;
} GstWsctlLitePath;

typedef struct
{
  GstWsctlLitePath places[GST_WSCTL_LITE_MAX_PATHS];
  GstWsctlLitePath *selected;   /* NULL before the first check */
} GstWsctlLitePaths;

static inline gboolean
gst_wsctl_lite_address_equal (gconstpointer a, gconstpointer b)
{
  const GstWsctlLiteAddress *one = a, *other = b;

  return one->size == other->size
      && memcmp (one->bytes, other->bytes, one->size) == 0;
}

GstWsctlLitePath *gst_wsctl_lite_paths_find (GstWsctlLitePaths * self,
    const GstWsctlLiteAddress * address);
/* The place that the next new address takes: a free one, or that of the one
 * not heard of for longest. */
GstWsctlLitePath *gst_wsctl_lite_paths_get_place (GstWsctlLitePaths * self);
/* A valid check came by @path. TRUE: it is now the selected one. */
gboolean gst_wsctl_lite_paths_check (GstWsctlLitePaths * self,
    GstWsctlLitePath * path, gboolean nominated, guint32 priority, gint64 now);

G_END_DECLS
