/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlconfig-private.h"
#include "wsctlloop-private.h"
#include "wsctlmedia.h"
#include "wsctlstreamstate.h"

G_BEGIN_DECLS

/* Watches what a server says of a stream, beside the session and longer than
 * it. It connects again by itself. The loop only. */
typedef struct _GstWsctlStreamWatch GstWsctlStreamWatch;

/* An audio or video track that may be asked for */
typedef struct
{
  GstWsctlMediaKind kind;
  gint64 index;
  const gchar *codec;           /* RTP name, "" for one that we do not know */
  guint64 bitrate_bps;          /* 0: not said */
  gchar *stream_id;             /* in the collection … */
  guint position;               /* … and where in it */
} GstWsctlStreamTrack;

typedef struct
{
  GstStructure *metadata;       /* `application/x-wsctl-metadata` */
  GstStreamCollection *collection;
  GPtrArray *tracks;            /* GstWsctlStreamTrack: by kind, best first */
  gboolean changed;             /* tracks came or went since the last one */
} GstWsctlStreamDescription;

/* What is given is the caller's. Any may free the watch. */
typedef struct
{
  /* It has another state. @message: why it cannot be had, or NULL */
  void (*state) (GstWsctlStreamState state, const gchar * message,
      gpointer data);
  /* It is online, and this is in it: every few seconds. */
  void (*described) (const GstWsctlStreamDescription * description,
      gpointer data);
  /* The server will not tell. Nothing follows. */
  void (*failed) (const GError * error, gpointer data);
} GstWsctlStreamWatchCallbacks;

GstWsctlStreamWatch *gst_wsctl_stream_watch_new (GstWsctlLoop * loop,
    GstWsctlConfig * config, const GstWsctlStreamWatchCallbacks * callbacks,
    gpointer data);
void gst_wsctl_stream_watch_free (GstWsctlStreamWatch * self);

/* For whoever keeps one */
GstWsctlStreamDescription *gst_wsctl_stream_description_copy (const
    GstWsctlStreamDescription * self);
void gst_wsctl_stream_description_free (GstWsctlStreamDescription * self);
/* NULL when there is none. Transfer none. */
const GstWsctlStreamTrack *gst_wsctl_stream_description_find (const
    GstWsctlStreamDescription * self, const gchar * stream_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlStreamDescription,
    gst_wsctl_stream_description_free)

G_END_DECLS
