/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where the publisher's frames meet the players. The backlog reaches back to
 * the last key frame, because that is where a new player starts.
 */

#include "wsctlserverstream-private.h"

#define GST_CAT_DEFAULT wsctlserverstream_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

/* A publisher that sends no key frame must not fill the memory. */
#define MAX_BACKLOG_BYTES (32 * 1024 * 1024)
#define MAX_BACKLOG_FRAMES 8192

struct _GstWsctlServerStream
{
  grefcount refs;
  gchar *name;
  GPtrArray *tracks;
  GQueue backlog;               /* of GstWsctlServerFrame, oldest first */
  gsize backlog_bytes;
  GHookList hooks;
  gboolean ended;
  void (*request_keyframe) (gpointer data);     /* NULL once ended */
  gpointer data;
};

/* A subscription: the hook's own data and func say whose it is. */
typedef struct
{
  GHook hook;
  GstWsctlServerSubscriber subscriber;
} Subscription;

GstWsctlServerStream *
gst_wsctl_server_stream_new (const gchar * name,
    void (*request_keyframe) (gpointer data), gpointer data)
{
  GstWsctlServerStream *self = g_new0 (GstWsctlServerStream, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverstream_debug, "wsctlserverstream", 0,
        "wsctl server: named streams");

  g_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  self->tracks = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_wsctl_server_track_unref);
  g_queue_init (&self->backlog);
  g_hook_list_init (&self->hooks, sizeof (Subscription));
  self->request_keyframe = request_keyframe;
  self->data = data;

  return self;
}

GstWsctlServerStream *
gst_wsctl_server_stream_ref (GstWsctlServerStream * self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

static void
drop_oldest (GstWsctlServerStream * self)
{
  GstWsctlServerFrame *frame = g_queue_pop_head (&self->backlog);

  self->backlog_bytes -= gst_buffer_get_size (frame->buffer);
  gst_wsctl_server_frame_unref (frame);
}

static void
clear_backlog (GstWsctlServerStream * self)
{
  while (!g_queue_is_empty (&self->backlog))
    drop_oldest (self);
}

void
gst_wsctl_server_stream_unref (GstWsctlServerStream * self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  clear_backlog (self);
  g_hook_list_clear (&self->hooks);
  g_ptr_array_unref (self->tracks);
  g_free (self->name);
  g_free (self);
}

GstWsctlServerTrack *
gst_wsctl_server_stream_add_track (GstWsctlServerStream * self, guint id,
    const GstWsctlServerCodec * codec)
{
  GstWsctlServerTrack *track =
      gst_wsctl_server_track_new (self->tracks->len, id, codec);

  g_ptr_array_add (self->tracks, track);
  GST_INFO ("%s: track %u is %s", self->name, track->index, codec->name);

  return track;
}

/* Older than the last key frame of every track is of no use to anyone. An
 * audio frame is always a start, so that audio alone keeps next to nothing. */
static void
trim_backlog (GstWsctlServerStream * self, GstWsctlServerFrame * frame)
{
  GstWsctlServerTrack *video =
      gst_wsctl_server_stream_find_track (self, GST_WSCTL_SERVER_KIND_VIDEO);

  if (self->backlog_bytes > MAX_BACKLOG_BYTES
      || self->backlog.length > MAX_BACKLOG_FRAMES) {
    GST_WARNING ("%s: no key frame for too long", self->name);
    clear_backlog (self);
    gst_wsctl_server_stream_request_keyframe (self);
    return;
  }
  if (frame->key && (video == NULL || frame->track == video))
    clear_backlog (self);
}

static gboolean
deliver_frame (GHook * hook, gpointer data)
{
  Subscription *subscription = (Subscription *) hook;

  if (subscription->subscriber.frame != NULL)
    subscription->subscriber.frame (data, hook->data);

  return TRUE;
}

static gboolean
deliver_changed (GHook * hook, gpointer data)
{
  Subscription *subscription = (Subscription *) hook;

  if (subscription->subscriber.changed != NULL)
    subscription->subscriber.changed (hook->data);

  return TRUE;
}

static gboolean
deliver_ended (GHook * hook, gpointer data)
{
  Subscription *subscription = (Subscription *) hook;

  if (subscription->subscriber.ended != NULL)
    subscription->subscriber.ended (hook->data);

  return TRUE;
}

void
gst_wsctl_server_stream_push (GstWsctlServerStream * self,
    GstWsctlServerFrame * frame)
{
  trim_backlog (self, frame);
  g_queue_push_tail (&self->backlog, gst_wsctl_server_frame_ref (frame));
  self->backlog_bytes += gst_buffer_get_size (frame->buffer);

  g_hook_list_marshal_check (&self->hooks, FALSE, deliver_frame, frame);
}

void
gst_wsctl_server_stream_set_changed (GstWsctlServerStream * self)
{
  g_hook_list_marshal_check (&self->hooks, FALSE, deliver_changed, NULL);
}

/* The publisher is gone; whoever holds the stream may still look at it. */
void
gst_wsctl_server_stream_end (GstWsctlServerStream * self)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  self->request_keyframe = NULL;
  gst_wsctl_server_stream_ref (self);
  g_hook_list_marshal_check (&self->hooks, FALSE, deliver_ended, NULL);
  clear_backlog (self);
  gst_wsctl_server_stream_unref (self);
}

gulong
gst_wsctl_server_stream_subscribe (GstWsctlServerStream * self,
    const GstWsctlServerSubscriber * subscriber, gpointer data)
{
  GHook *hook = g_hook_alloc (&self->hooks);

  hook->data = data;
  hook->func = (gpointer) deliver_frame;
  ((Subscription *) hook)->subscriber = *subscriber;
  g_hook_append (&self->hooks, hook);

  return hook->hook_id;
}

void
gst_wsctl_server_stream_unsubscribe (GstWsctlServerStream * self, gulong id)
{
  g_hook_destroy (&self->hooks, id);
}

void
gst_wsctl_server_stream_request_keyframe (GstWsctlServerStream * self)
{
  if (self->request_keyframe != NULL)
    self->request_keyframe (self->data);
}

const gchar *
gst_wsctl_server_stream_get_name (GstWsctlServerStream * self)
{
  return self->name;
}

GPtrArray *
gst_wsctl_server_stream_get_tracks (GstWsctlServerStream * self)
{
  return self->tracks;
}

GstWsctlServerTrack *
gst_wsctl_server_stream_find_track (GstWsctlServerStream * self,
    GstWsctlServerKind kind)
{
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (track->codec->kind == kind)
      return track;
  }

  return NULL;
}

GList *
gst_wsctl_server_stream_get_backlog (GstWsctlServerStream * self,
    GstWsctlServerTrack * track)
{
  GList *item;

  for (item = self->backlog.tail; item != NULL; item = item->prev) {
    GstWsctlServerFrame *frame = item->data;

    if (frame->track == track && frame->key)
      return item;
  }

  return NULL;
}

gint64
gst_wsctl_server_stream_get_epoch (GstWsctlServerStream * self)
{
  gint64 epoch_ns = 0;
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (track->first_ns != 0 && (epoch_ns == 0 || track->first_ns < epoch_ns))
      epoch_ns = track->first_ns;
  }

  return epoch_ns;
}

void
gst_wsctl_server_stream_get_span (GstWsctlServerStream * self,
    gint64 * begin_ns, gint64 * end_ns)
{
  gint64 epoch_ns = gst_wsctl_server_stream_get_epoch (self);
  GstWsctlServerFrame *first = g_queue_peek_head (&self->backlog);
  guint i;

  *begin_ns = first != NULL ? MAX (first->time_ns - epoch_ns, 0) : 0;
  *end_ns = *begin_ns;
  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (track->last_ns != 0)
      *end_ns = MAX (*end_ns, track->last_ns - epoch_ns);
  }
}
