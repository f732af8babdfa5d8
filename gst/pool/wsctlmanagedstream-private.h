/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlmanagedstream.h"

G_BEGIN_DECLS

/* Only for wsctlmanagedstream.c and wsctlmanagedstreamcalls.c */
struct _GstWsctlManagedStream
{
  GObject parent;

  GstWsctlPool *pool;
  gulong peer_id;
  gulong close_id;

  GMutex lock;
  GPtrArray *tracks;            /* lock; GstWsctlTrack */
  GHashTable *streams;          /* lock; id of a connection to that of its
                                 * stream */
  gboolean closed;              /* lock */
};

/* Those of now; transfer full */
GPtrArray *gst_wsctl_managed_stream_dup_tracks (GstWsctlManagedStream * self);

G_END_DECLS
