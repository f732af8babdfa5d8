/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What can be asked of a managed stream
 */

#include "wsctlmanagedstream-private.h"

#include "wsctlerror.h"

/**
 * gst_wsctl_managed_stream_get_closed:
 * @self: a stream
 *
 * Whether it is over: it was closed, the pool was, or its tracks have ended. It
 * stays so. Any thread.
 *
 * Returns: whether nothing is sent any more
 */
gboolean
gst_wsctl_managed_stream_get_closed (GstWsctlManagedStream * self)
{
  gboolean closed;

  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), TRUE);

  g_mutex_lock (&self->lock);
  closed = self->closed;
  g_mutex_unlock (&self->lock);

  return closed;
}

/**
 * gst_wsctl_managed_stream_get_tracks:
 * @self: a stream
 *
 * What is sent, muted or not. Any thread.
 *
 * Returns: (transfer full) (element-type GstWsctlTrack): the tracks that have not
 *   ended
 */
GList *
gst_wsctl_managed_stream_get_tracks (GstWsctlManagedStream * self)
{
  g_autoptr (GPtrArray) tracks = NULL;
  GList *list = NULL;
  guint i;

  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), NULL);

  tracks = gst_wsctl_managed_stream_dup_tracks (self);
  for (i = tracks->len; i-- > 0;)
    list = g_list_prepend (list, g_object_ref (g_ptr_array_index (tracks, i)));

  return list;
}

static gboolean
is_of_kind (GstWsctlTrack * track, const gchar * kind)
{
  return kind == NULL || g_strcmp0 (kind,
      gst_wsctl_media_kind_get_nick (gst_wsctl_track_get_kind (track))) == 0;
}

static gboolean
check_kind (const gchar * kind, GError ** error)
{
  if (kind == NULL || g_str_equal (kind, "audio")
      || g_str_equal (kind, "video"))
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
      "'%s' is no kind of track: audio and video are", kind);

  return FALSE;
}

static void
set_muted (GstWsctlManagedStream * self, const gchar * kind, gboolean muted)
{
  g_autoptr (GPtrArray) tracks = gst_wsctl_managed_stream_dup_tracks (self);
  guint i;

  for (i = 0; i < tracks->len; i++) {
    GstWsctlTrack *track = g_ptr_array_index (tracks, i);

    if (is_of_kind (track, kind))
      gst_wsctl_track_set_muted (track, muted);
  }
}

/**
 * gst_wsctl_managed_stream_mute:
 * @self: a stream
 * @kind: (nullable): "audio", "video", or %NULL for all
 * @error: set for another kind
 *
 * Sends nothing of that kind to any peer. Any thread.
 *
 * Returns: %FALSE with @error for a kind that is none
 */
gboolean
gst_wsctl_managed_stream_mute (GstWsctlManagedStream * self,
    const gchar * kind, GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), FALSE);

  if (!check_kind (kind, error))
    return FALSE;
  set_muted (self, kind, TRUE);

  return TRUE;
}

/**
 * gst_wsctl_managed_stream_unmute:
 * @self: a stream
 * @kind: (nullable): "audio", "video", or %NULL for all
 * @error: set for another kind
 *
 * Sends that kind to every peer again. Any thread.
 *
 * Returns: %FALSE with @error for a kind that is none
 */
gboolean
gst_wsctl_managed_stream_unmute (GstWsctlManagedStream * self,
    const gchar * kind, GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), FALSE);

  if (!check_kind (kind, error))
    return FALSE;
  set_muted (self, kind, FALSE);

  return TRUE;
}

/**
 * gst_wsctl_managed_stream_muted:
 * @self: a stream
 * @kind: (nullable): "audio", "video", or %NULL for all
 *
 * Whether a kind is muted, for all peers. Any thread.
 *
 * Returns: whether there are tracks of that kind and every one is muted
 */
gboolean
gst_wsctl_managed_stream_muted (GstWsctlManagedStream * self,
    const gchar * kind)
{
  g_autoptr (GPtrArray) tracks = NULL;
  gboolean muted = FALSE;
  guint i;

  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), FALSE);

  tracks = gst_wsctl_managed_stream_dup_tracks (self);
  for (i = 0; i < tracks->len; i++) {
    GstWsctlTrack *track = g_ptr_array_index (tracks, i);

    if (!is_of_kind (track, kind))
      continue;
    if (!gst_wsctl_track_get_muted (track))
      return FALSE;
    muted = TRUE;
  }

  return muted;
}

/* The id of the connection that gets the stream of this id; transfer full */
static gchar *
find_connection (GstWsctlManagedStream * self, const gchar * stream_id)
{
  GHashTableIter iter;
  gpointer connection, stream;
  gchar *found = NULL;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->streams);
  while (found == NULL && g_hash_table_iter_next (&iter, &connection, &stream)) {
    if (g_strcmp0 (stream, stream_id) == 0)
      found = g_strdup (connection);
  }
  g_mutex_unlock (&self->lock);

  return found;
}

/**
 * gst_wsctl_managed_stream_has_stream:
 * @self: a stream
 * @stream_id: an id, as gst_wsctl_managed_stream_get_stream() gives it
 *
 * Whether a stream is one of ours. Any thread.
 *
 * Returns: whether a peer gets a stream of this id
 */
gboolean
gst_wsctl_managed_stream_has_stream (GstWsctlManagedStream * self,
    const gchar * stream_id)
{
  g_autofree gchar *connection = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), FALSE);

  connection = find_connection (self, stream_id);

  return connection != NULL;
}

/**
 * gst_wsctl_managed_stream_get_stream:
 * @self: a stream
 * @connection_id: the id of a peer
 *
 * What a peer gets. Any thread.
 *
 * Returns: (transfer full) (nullable): the id of the stream that this peer gets;
 *   %NULL when it is not there
 */
gchar *
gst_wsctl_managed_stream_get_stream (GstWsctlManagedStream * self,
    const gchar * connection_id)
{
  gchar *stream;

  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), NULL);
  g_return_val_if_fail (connection_id != NULL, NULL);

  g_mutex_lock (&self->lock);
  stream = g_strdup (g_hash_table_lookup (self->streams, connection_id));
  g_mutex_unlock (&self->lock);

  return stream;
}

/**
 * gst_wsctl_managed_stream_get_connection:
 * @self: a stream
 * @stream_id: an id, as gst_wsctl_managed_stream_get_stream() gives it
 *
 * Whom a stream goes to. Any thread.
 *
 * Returns: (transfer full) (nullable): the connection that the stream of this id
 *   goes to; %NULL when there is none
 */
GstWsctlConnection *
gst_wsctl_managed_stream_get_connection (GstWsctlManagedStream * self,
    const gchar * stream_id)
{
  g_autofree gchar *id = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_MANAGED_STREAM (self), NULL);

  id = find_connection (self, stream_id);

  return id != NULL ? gst_wsctl_pool_get_connection (self->pool, id) : NULL;
}
