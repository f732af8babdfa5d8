/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlManagedStream:
 *
 * Tracks that go to every peer of a pool: those who are there and those who come
 * later, until the stream is closed or its tracks have ended. What each peer gets
 * is a stream with an id of its own.
 *
 * Functions may be called from any thread.
 *
 * Since: 0.1
 */

#include "wsctlmanagedstream-private.h"

#include "wsctlpool-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlmanagedstream_debug);
#define GST_CAT_DEFAULT wsctlmanagedstream_debug

enum
{
  PROP_0,
  PROP_CLOSED,
  N_PROPS
};

enum
{
  SIGNAL_CLOSE,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GstWsctlManagedStream, gst_wsctl_managed_stream,
    G_TYPE_OBJECT);

GPtrArray *
gst_wsctl_managed_stream_dup_tracks (GstWsctlManagedStream * self)
{
  GPtrArray *tracks;

  g_mutex_lock (&self->lock);
  tracks = g_ptr_array_copy (self->tracks, (GCopyFunc) g_object_ref, NULL);
  g_mutex_unlock (&self->lock);
  g_ptr_array_set_free_func (tracks, g_object_unref);

  return tracks;
}

/* A connection gets its stream once, whoever is first to say so. */
static void
add_connection (GstWsctlManagedStream * self, GstWsctlConnection * connection)
{
  const gchar *id = gst_wsctl_connection_get_id (connection);
  g_autoptr (GPtrArray) tracks = NULL;
  gboolean known;
  guint i;

  g_mutex_lock (&self->lock);
  known = self->closed || g_hash_table_contains (self->streams, id);
  if (!known)
    g_hash_table_insert (self->streams, g_strdup (id), g_uuid_string_random ());
  g_mutex_unlock (&self->lock);
  if (known)
    return;

  tracks = gst_wsctl_managed_stream_dup_tracks (self);
  for (i = 0; i < tracks->len; i++)
    gst_wsctl_connection_add_track (connection, g_ptr_array_index (tracks, i));
}

/* On the loop */
static void
on_peer (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlManagedStream * self)
{
  add_connection (self, connection);
}

/* On the loop. The end of the pool is the end of the stream. */
static void
on_close (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlManagedStream * self)
{
  if (connection == NULL) {
    gst_wsctl_managed_stream_close (self);
    return;
  }

  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->streams, gst_wsctl_connection_get_id (connection));
  g_mutex_unlock (&self->lock);
}

static void
remove_from_all (GstWsctlManagedStream * self, GstWsctlTrack * track)
{
  GList *connections = gst_wsctl_pool_get_connections (self->pool);
  GList *item;

  for (item = connections; item != NULL; item = item->next)
    gst_wsctl_connection_remove_track (item->data, track);
  g_list_free_full (connections, g_object_unref);
}

/* On a streaming thread, as a rule */
static void
on_ended (GstWsctlTrack * track, GParamSpec * pspec,
    GstWsctlManagedStream * self)
{
  gboolean last;

  g_mutex_lock (&self->lock);
  last = g_ptr_array_remove (self->tracks, track) && self->tracks->len == 0;
  g_mutex_unlock (&self->lock);

  remove_from_all (self, track);
  if (last)
    gst_wsctl_managed_stream_close (self);
}

/**
 * gst_wsctl_managed_stream_new:
 * @pool: a pool
 * @tracks: (element-type GstWsctlTrack): what is to be sent: tracks of @pool
 *
 * Sends @tracks to all peers of @pool. Any thread.
 *
 * Returns: (transfer full): the stream
 */
GstWsctlManagedStream *
gst_wsctl_managed_stream_new (GstWsctlPool * pool, GList * tracks)
{
  GstWsctlManagedStream *self;
  GList *connections, *item;

  g_return_val_if_fail (GST_WSCTL_IS_POOL (pool), NULL);

  self = g_object_new (GST_WSCTL_TYPE_MANAGED_STREAM, NULL);
  self->pool = g_object_ref (pool);
  for (item = tracks; item != NULL; item = item->next) {
    g_ptr_array_add (self->tracks, g_object_ref (item->data));
    g_signal_connect (item->data, "notify::ended", G_CALLBACK (on_ended), self);
  }

  /* First to hear of who comes, then to look who is there: nobody is left
   * out, and nobody is served twice. */
  self->peer_id = g_signal_connect (pool, "peer", G_CALLBACK (on_peer), self);
  self->close_id =
      g_signal_connect (pool, "close", G_CALLBACK (on_close), self);
  connections = gst_wsctl_pool_get_connections (pool);
  for (item = connections; item != NULL; item = item->next)
    add_connection (self, item->data);
  g_list_free_full (connections, g_object_unref);

  return self;
}

/**
 * gst_wsctl_managed_stream_close:
 * @self: a stream
 *
 * Sends its tracks to nobody any more. #GstWsctlManagedStream::close is emitted
 * during it; a second close does nothing. Any thread.
 */
void
gst_wsctl_managed_stream_close (GstWsctlManagedStream * self)
{
  g_autoptr (GPtrArray) tracks = NULL;
  gboolean closed;
  guint i;

  g_return_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self));

  g_mutex_lock (&self->lock);
  closed = self->closed;
  self->closed = TRUE;
  g_hash_table_remove_all (self->streams);
  g_mutex_unlock (&self->lock);
  if (closed)
    return;

  tracks = gst_wsctl_managed_stream_dup_tracks (self);
  for (i = 0; i < tracks->len; i++) {
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (tracks, i),
        on_ended, self);
    remove_from_all (self, g_ptr_array_index (tracks, i));
  }
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->tracks, 0);
  g_mutex_unlock (&self->lock);

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CLOSED]);
  g_signal_emit (self, signals[SIGNAL_CLOSE], 0);
}

static void
gst_wsctl_managed_stream_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstWsctlManagedStream *self = GST_WSCTL_MANAGED_STREAM (object);

  switch (prop_id) {
    case PROP_CLOSED:
      g_value_set_boolean (value, gst_wsctl_managed_stream_get_closed (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

/* A handler may be running on the loop right now: so they go there. */
static void
run_let_go (gpointer data)
{
  GstWsctlManagedStream *self = data;

  g_signal_handler_disconnect (self->pool, self->peer_id);
  g_signal_handler_disconnect (self->pool, self->close_id);
  gst_wsctl_managed_stream_close (self);
}

static void
gst_wsctl_managed_stream_dispose (GObject * object)
{
  GstWsctlManagedStream *self = GST_WSCTL_MANAGED_STREAM (object);

  if (self->pool != NULL)
    gst_wsctl_loop_call_sync (gst_wsctl_pool_get_loop (self->pool),
        run_let_go, self);
  g_clear_object (&self->pool);

  G_OBJECT_CLASS (gst_wsctl_managed_stream_parent_class)->dispose (object);
}

static void
gst_wsctl_managed_stream_finalize (GObject * object)
{
  GstWsctlManagedStream *self = GST_WSCTL_MANAGED_STREAM (object);

  g_ptr_array_unref (self->tracks);
  g_hash_table_unref (self->streams);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_managed_stream_parent_class)->finalize (object);
}

static void
gst_wsctl_managed_stream_class_init (GstWsctlManagedStreamClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlmanagedstream_debug, "wsctlmanagedstream", 0,
      "WebRTC WebSocket control: managed stream");

  object_class->get_property = gst_wsctl_managed_stream_get_property;
  object_class->dispose = gst_wsctl_managed_stream_dispose;
  object_class->finalize = gst_wsctl_managed_stream_finalize;

  /**
   * GstWsctlManagedStream:closed:
   *
   * Whether nothing is sent any more.
   */
  properties[PROP_CLOSED] =
      g_param_spec_boolean ("closed", "Closed",
      "Whether nothing is sent any more", FALSE,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GstWsctlManagedStream::close:
   * @self: the stream
   *
   * Nothing is sent any more. On the thread that closed it, or the loop's, or
   * the streaming thread of the last track that has ended.
   */
  signals[SIGNAL_CLOSE] =
      g_signal_new ("close", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_wsctl_managed_stream_init (GstWsctlManagedStream * self)
{
  g_mutex_init (&self->lock);
  self->tracks = g_ptr_array_new_with_free_func (g_object_unref);
  self->streams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
}
