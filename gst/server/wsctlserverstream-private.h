/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlloop-private.h"
#include "wsctlserverframe-private.h"
#include "wsctlservermemory-private.h"

G_BEGIN_DECLS

/* A named stream while it has publishers: its tracks, the frames of them that
 * are kept, and who wants them. One thread. */
typedef struct _GstWsctlServerStream GstWsctlServerStream;

/* What a subscriber hears; every member may be NULL. It may unsubscribe inside
 * of any. */
typedef struct
{
  void (*frame) (GstWsctlServerFrame * frame, gpointer data);
  void (*changed) (gpointer data);      /* a track's format is known */
  void (*dropped) (GstWsctlServerTrack * track, gpointer data);
  void (*ended) (gpointer data);
} GstWsctlServerSubscriber;

/* Keeps @keep_ns of it, and never more than @max_bytes. @memory is that of all
 * streams and outlives them. */
GstWsctlServerStream *gst_wsctl_server_stream_new (const gchar * name,
    gint64 keep_ns, gsize max_bytes, GstWsctlServerMemory * memory);
GstWsctlServerStream *gst_wsctl_server_stream_ref (GstWsctlServerStream *
    self);
void gst_wsctl_server_stream_unref (GstWsctlServerStream * self);

/* The publisher's side. Transfer none. */
GstWsctlServerTrack *gst_wsctl_server_stream_add_track (GstWsctlServerStream *
    self, guint id, const GstWsctlServerCodec * codec);
/* What @feeder has published stays for two seconds: @expired is called when no
 * other publisher has come by then. */
void gst_wsctl_server_stream_wait (GstWsctlServerStream * self,
    gpointer feeder, GstWsctlLoop * loop,
    void (*expired) (GstWsctlServerStream * self, gpointer data),
    gpointer data);
/* A publisher is there, with its tracks: players go over to these. */
void gst_wsctl_server_stream_end_wait (GstWsctlServerStream * self);
/* Those whose key frames @data is asked for */
void gst_wsctl_server_stream_remove_tracks (GstWsctlServerStream * self,
    gpointer data);
void gst_wsctl_server_stream_push (GstWsctlServerStream * self,
    GstWsctlServerFrame * frame);
/* An item of timed data now, which players do not get: its track, which is made
 * for the first one, and its time since the epoch. FALSE before frames. */
gboolean gst_wsctl_server_stream_add_data (GstWsctlServerStream * self,
    guint * index, gint64 * time_ns);
void gst_wsctl_server_stream_set_changed (GstWsctlServerStream * self);
void gst_wsctl_server_stream_end (GstWsctlServerStream * self);

/* The players' side */
gulong gst_wsctl_server_stream_subscribe (GstWsctlServerStream * self,
    const GstWsctlServerSubscriber * subscriber, gpointer data);
void gst_wsctl_server_stream_unsubscribe (GstWsctlServerStream * self,
    gulong id);

/* Questions */
const gchar *gst_wsctl_server_stream_get_name (GstWsctlServerStream * self);
/* No track comes from anyone else. */
gboolean gst_wsctl_server_stream_is_fed_by (GstWsctlServerStream * self,
    gpointer data);
/* Of GstWsctlServerTrack; transfer none */
GPtrArray *gst_wsctl_server_stream_get_tracks (GstWsctlServerStream * self);
/* The first of @kind; NULL when there is none. Transfer none. */
GstWsctlServerTrack *gst_wsctl_server_stream_find_track (GstWsctlServerStream
    * self, GstWsctlServerKind kind);
/* When the stream began, ns since 1970; 0 before frames */
gint64 gst_wsctl_server_stream_get_epoch (GstWsctlServerStream * self);
/* The span that a player can have, ns since 1970. FALSE while there is
 * nothing. */
gboolean gst_wsctl_server_stream_get_span (GstWsctlServerStream * self,
    gint64 * begin_ns, gint64 * end_ns);
/* Memory that its frames take, bytes */
gsize gst_wsctl_server_stream_get_size (GstWsctlServerStream * self);
/* Of a GstWsctlServerStream: its oldest group of pictures, or sounds, goes.
 * FALSE when it has none. */
gboolean gst_wsctl_server_stream_forget (gpointer stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerStream,
    gst_wsctl_server_stream_unref)

G_END_DECLS
