/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where the publisher's frames meet the players. What is kept of them ends at
 * a key frame, because that is where a player can start.
 */

#include "wsctlserverstream-private.h"

#include "wsctlserverstore-private.h"

#define GST_CAT_DEFAULT wsctlserverstream_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

/* For so long a stream waits for the return of its publisher. */
#define RETURN_MS 2000

struct _GstWsctlServerStream
{
  grefcount refs;
  gchar *name;
  GPtrArray *tracks;
  guint next_index;             /* no track ever has another's */
  gint64 keep_ns;
  gsize max_bytes;
  GstWsctlServerMemory *memory;
  gint64 epoch_ns;              /* 0 before frames */
  GHookList hooks;
  gboolean ended;
  GSource *wait;                /* for the next publisher, or NULL */
  void (*expired) (GstWsctlServerStream * self, gpointer data);
  gpointer expired_data;
};

/* A subscription: the hook's own data and func say whose it is. */
typedef struct
{
  GHook hook;
  GstWsctlServerSubscriber subscriber;
} Subscription;

GstWsctlServerStream *
gst_wsctl_server_stream_new (const gchar * name, gint64 keep_ns,
    gsize max_bytes, GstWsctlServerMemory * memory)
{
  GstWsctlServerStream *self = g_new0 (GstWsctlServerStream, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverstream_debug, "wsctlserverstream", 0,
        "wsctl server: named streams");

  g_ref_count_init (&self->refs);
  self->name = g_strdup (name);
  self->tracks = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_wsctl_server_track_unref);
  g_hook_list_init (&self->hooks, sizeof (Subscription));
  self->keep_ns = keep_ns;
  self->max_bytes = max_bytes;
  self->memory = memory;

  return self;
}

GstWsctlServerStream *
gst_wsctl_server_stream_ref (GstWsctlServerStream * self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

static void
clear_stores (GstWsctlServerStream * self)
{
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    gst_wsctl_server_store_clear (track->store);
  }
  gst_wsctl_server_memory_remove (self->memory, self);
}

void
gst_wsctl_server_stream_unref (GstWsctlServerStream * self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  gst_wsctl_loop_clear_timer (&self->wait);
  clear_stores (self);
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
      gst_wsctl_server_track_new (self->next_index++, id, codec);

  g_ptr_array_add (self->tracks, track);
  GST_INFO ("%s: track %u is %s", self->name, track->index, codec->name);

  return track;
}

gsize
gst_wsctl_server_stream_get_size (GstWsctlServerStream * self)
{
  gsize size = 0;
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    size += gst_wsctl_server_store_get_size (track->store);
  }

  return size;
}

static GstWsctlServerFrame *
get_first (GstWsctlServerTrack * track)
{
  return gst_wsctl_server_store_get (track->store,
      gst_wsctl_server_store_get_begin (track->store));
}

/* The track whose first frame is the oldest of all; NULL when all are empty. */
static GstWsctlServerTrack *
find_oldest (GstWsctlServerStream * self, gboolean only_video)
{
  GstWsctlServerTrack *oldest = NULL;
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (only_video && track->codec->kind != GST_WSCTL_SERVER_KIND_VIDEO)
      continue;
    if (get_first (track) != NULL && (oldest == NULL
            || get_first (track)->time_ns < get_first (oldest)->time_ns))
      oldest = track;
  }

  return oldest;
}

static void
count_memory (GstWsctlServerStream * self)
{
  gst_wsctl_server_memory_count (self->memory, self,
      gst_wsctl_server_stream_get_size (self));
}

gboolean
gst_wsctl_server_stream_forget (gpointer stream)
{
  GstWsctlServerStream *self = stream;
  GstWsctlServerTrack *track = find_oldest (self, FALSE);

  if (track == NULL)
    return FALSE;

  gst_wsctl_server_store_drop_group (track->store);
  GST_DEBUG ("%s: too large, a group of track %u goes", self->name,
      track->index);
  count_memory (self);
  if (get_first (track) == NULL)
    gst_wsctl_server_track_request_keyframe (track);

  return TRUE;
}

/* Sound is kept for as long as there is a picture to it. */
static void
trim_stores (GstWsctlServerStream * self, GstWsctlServerFrame * frame)
{
  gint64 oldest_ns = frame->time_ns - self->keep_ns;
  GstWsctlServerTrack *video = find_oldest (self, TRUE);

  if (frame->track->codec->kind == GST_WSCTL_SERVER_KIND_AUDIO && video != NULL)
    oldest_ns = MIN (oldest_ns, get_first (video)->time_ns);
  gst_wsctl_server_store_trim (frame->track->store, oldest_ns);

  while (gst_wsctl_server_stream_get_size (self) > self->max_bytes)
    gst_wsctl_server_stream_forget (self);
  count_memory (self);
  gst_wsctl_server_memory_trim (self->memory);
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
deliver_dropped (GHook * hook, gpointer data)
{
  Subscription *subscription = (Subscription *) hook;

  if (subscription->subscriber.dropped != NULL)
    subscription->subscriber.dropped (data, hook->data);

  return TRUE;
}

void
gst_wsctl_server_stream_remove_tracks (GstWsctlServerStream * self,
    gpointer data)
{
  guint i;

  for (i = self->tracks->len; i > 0; i--) {
    g_autoptr (GstWsctlServerTrack) track =
        gst_wsctl_server_track_ref (g_ptr_array_index (self->tracks, i - 1));

    if (track->data != data)
      continue;
    track->request_keyframe = NULL;
    g_ptr_array_remove_index (self->tracks, i - 1);
    g_hook_list_marshal_check (&self->hooks, FALSE, deliver_dropped, track);
    gst_wsctl_server_store_clear (track->store);
    count_memory (self);
    GST_INFO ("%s: track %u is gone", self->name, track->index);
  }
}

static gboolean
on_wait_over (gpointer data)
{
  GstWsctlServerStream *self = data;

  gst_wsctl_loop_clear_timer (&self->wait);
  self->expired (self, self->expired_data);

  return G_SOURCE_REMOVE;
}

/* Tracks without a publisher are fed by the stream itself. */
void
gst_wsctl_server_stream_wait (GstWsctlServerStream * self, gpointer feeder,
    GstWsctlLoop * loop, void (*expired) (GstWsctlServerStream * self,
        gpointer data), gpointer data)
{
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (track->data != feeder)
      continue;
    track->request_keyframe = NULL;
    track->data = self;
  }
  GST_INFO ("%s: waits for its publisher", self->name);
  self->expired = expired;
  self->expired_data = data;
  gst_wsctl_loop_clear_timer (&self->wait);
  self->wait = gst_wsctl_loop_add_timer (loop, RETURN_MS, on_wait_over, self,
      NULL);
}

void
gst_wsctl_server_stream_end_wait (GstWsctlServerStream * self)
{
  gst_wsctl_loop_clear_timer (&self->wait);
  gst_wsctl_server_stream_remove_tracks (self, self);
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
  gst_wsctl_server_frame_pack (frame);
  if (gst_wsctl_server_store_push (frame->track->store, frame))
    trim_stores (self, frame);
  else
    gst_wsctl_server_track_request_keyframe (frame->track);

  g_hook_list_marshal_check (&self->hooks, FALSE, deliver_frame, frame);
  gst_wsctl_server_frame_drop_buffer (frame);
}

void
gst_wsctl_server_stream_set_changed (GstWsctlServerStream * self)
{
  g_hook_list_marshal_check (&self->hooks, FALSE, deliver_changed, NULL);
}

gboolean
gst_wsctl_server_stream_add_data (GstWsctlServerStream * self, guint * index,
    gint64 * time_ns)
{
  GstWsctlServerTrack *track =
      gst_wsctl_server_stream_find_track (self, GST_WSCTL_SERVER_KIND_OTHER);
  gboolean first = track == NULL;
  gint64 epoch_ns = gst_wsctl_server_stream_get_epoch (self);

  if (epoch_ns == 0)
    return FALSE;

  if (first)
    track = gst_wsctl_server_stream_add_track (self, 0,
        gst_wsctl_server_codec_get_json ());
  track->last_ns = MAX (g_get_real_time () * 1000, epoch_ns);
  if (first)
    track->first_ns = track->last_ns;
  track->n_frames++;
  *index = track->index;
  *time_ns = track->last_ns - epoch_ns;
  if (first)
    gst_wsctl_server_stream_set_changed (self);

  return TRUE;
}

/* The publisher is gone; whoever holds the stream may still look at it. */
void
gst_wsctl_server_stream_end (GstWsctlServerStream * self)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  gst_wsctl_server_stream_ref (self);
  g_hook_list_marshal_check (&self->hooks, FALSE, deliver_ended, NULL);
  clear_stores (self);
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

const gchar *
gst_wsctl_server_stream_get_name (GstWsctlServerStream * self)
{
  return self->name;
}

gboolean
gst_wsctl_server_stream_is_fed_by (GstWsctlServerStream * self, gpointer data)
{
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (track->data != NULL && track->data != data)
      return FALSE;
  }

  return TRUE;
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

/* It stays when the track that it is of goes: players count from it. */
gint64
gst_wsctl_server_stream_get_epoch (GstWsctlServerStream * self)
{
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);

    if (track->first_ns != 0
        && (self->epoch_ns == 0 || track->first_ns < self->epoch_ns))
      self->epoch_ns = track->first_ns;
  }

  return self->epoch_ns;
}

gboolean
gst_wsctl_server_stream_get_span (GstWsctlServerStream * self,
    gint64 * begin_ns, gint64 * end_ns)
{
  GstWsctlServerTrack *first = find_oldest (self, TRUE);
  guint i;

  if (first == NULL)
    first = find_oldest (self, FALSE);
  if (first == NULL)
    return FALSE;

  *begin_ns = *end_ns = get_first (first)->time_ns;
  for (i = 0; i < self->tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (self->tracks, i);
    GstWsctlServerFrame *last = gst_wsctl_server_store_get (track->store,
        gst_wsctl_server_store_get_end (track->store) - 1);

    if (last != NULL)
      *end_ns = MAX (*end_ns, last->time_ns);
  }

  return TRUE;
}
