/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a connection to a peer of a pool is to an application.
 */

#include "wsctlconnectioninternal-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlconnectionmembers_debug);
#define GST_CAT_DEFAULT wsctlconnectionmembers_debug

#define MAX_TRACKS 8

enum
{
  SIGNAL_TRACK,
  SIGNAL_DATACHANNEL,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* A track on its way to the loop */
typedef struct
{
  GstWsctlConnection *self;
  GstWsctlTrack *track;
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  g_object_unref (job->track);
  g_object_unref (job->self);
  g_free (job);
}

void
gst_wsctl_connection_tell_changed (GstWsctlConnection * self)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->peer->owner);

  if (owner != NULL)
    self->peer->callbacks->tracks_changed (owner, self);
}

static void
run_add_track (gpointer data)
{
  Job *job = data;
  GPtrArray *tracks = job->self->peer->tracks;

  if (gst_wsctl_connection_get_state (job->self)
      == GST_WSCTL_CONNECTION_STATE_CLOSED
      || g_ptr_array_find (tracks, job->track, NULL))
    return;
  if (tracks->len == MAX_TRACKS) {
    GST_WARNING ("a connection takes %d tracks and no more", MAX_TRACKS);
    return;
  }

  g_ptr_array_add (tracks, g_object_ref (job->track));
  gst_wsctl_connection_tell_changed (job->self);
}

static void
run_remove_track (gpointer data)
{
  Job *job = data;

  if (g_ptr_array_remove (job->self->peer->tracks, job->track))
    gst_wsctl_connection_tell_changed (job->self);
}

static void
queue_track (GstWsctlConnection * self, GstWsctlTrack * track,
    GstWsctlLoopFunc func)
{
  Job *job;

  if (self->peer == NULL) {
    GST_WARNING ("only a connection of a pool takes tracks");
    return;
  }

  job = g_new0 (Job, 1);
  job->self = g_object_ref (self);
  job->track = g_object_ref (track);
  gst_wsctl_loop_call (self->loop, func, job, free_job);
}

/**
 * gst_wsctl_connection_add_track:
 * @self: a connection of a pool
 * @track: a track of the same pool
 *
 * Sends @track to this peer alone; a #GstWsctlManagedStream sends to all. What
 * has to be negotiated is negotiated by itself. A track that is sent already
 * stays as it is. Any thread.
 */
void
gst_wsctl_connection_add_track (GstWsctlConnection * self,
    GstWsctlTrack * track)
{
  g_return_if_fail (GST_WSCTL_IS_CONNECTION (self));
  g_return_if_fail (GST_WSCTL_IS_TRACK (track));

  queue_track (self, track, run_add_track);
}

/**
 * gst_wsctl_connection_remove_track:
 * @self: a connection of a pool
 * @track: a track that was added
 *
 * Sends @track to this peer no longer. One that is not sent is no error. Any
 * thread.
 */
void
gst_wsctl_connection_remove_track (GstWsctlConnection * self,
    GstWsctlTrack * track)
{
  g_return_if_fail (GST_WSCTL_IS_CONNECTION (self));
  g_return_if_fail (GST_WSCTL_IS_TRACK (track));

  queue_track (self, track, run_remove_track);
}

/**
 * gst_wsctl_connection_get_id:
 * @self: a connection
 *
 * The name of the other side. It never changes. Any thread.
 *
 * Returns: (transfer none) (nullable): the id of the peer in its pool; %NULL
 *   for a connection to a server
 */
const gchar *
gst_wsctl_connection_get_id (GstWsctlConnection * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONNECTION (self), NULL);

  return self->peer != NULL ? self->peer->id : NULL;
}

/**
 * gst_wsctl_connection_dup_description:
 * @self: a connection
 *
 * What the server's side says about the peer: any JSON, as a #GVariant (an
 * object is an `a{sv}`). It may change; see #GstWsctlConnection:description. Any
 * thread.
 *
 * Returns: (transfer full) (nullable): the description
 */
GVariant *
gst_wsctl_connection_dup_description (GstWsctlConnection * self)
{
  GVariant *description = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_CONNECTION (self), NULL);

  if (self->peer == NULL)
    return NULL;

  g_mutex_lock (&self->peer->lock);
  if (self->peer->description != NULL)
    description = g_variant_ref (self->peer->description);
  g_mutex_unlock (&self->peer->lock);

  return description;
}

void
gst_wsctl_connection_set_description (GstWsctlConnection * self,
    GVariant * description)
{
  g_mutex_lock (&self->peer->lock);
  g_clear_pointer (&self->peer->description, g_variant_unref);
  if (description != NULL)
    self->peer->description = g_variant_ref (description);
  g_mutex_unlock (&self->peer->lock);

  gst_wsctl_connection_notify_description (self);
}

void
gst_wsctl_connection_emit_track (GstWsctlConnection * self, GstPad * pad)
{
  g_signal_emit (self, signals[SIGNAL_TRACK], 0, pad);
}

void
gst_wsctl_connection_emit_datachannel (GstWsctlConnection * self,
    GstWsctlDataChannel * channel)
{
  g_signal_emit (self, signals[SIGNAL_DATACHANNEL], 0, channel);
}

void
gst_wsctl_connection_members_class_init (GObjectClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (wsctlconnectionmembers_debug,
      "wsctlconnectionmembers", 0,
      "WebRTC WebSocket control: members of a connection");

  /**
   * GstWsctlConnection::track:
   * @self: the connection
   * @pad: a source pad, on the element of the pool, that gives RTP
   *
   * A track of the peer has come. Emitted on a streaming thread, like
   * #GstElement::pad-added, so that nothing is lost when it is linked there;
   * what comes while the pad is not linked is dropped. The pad stays as long as
   * the peer sends the track, across reconnections.
   */
  signals[SIGNAL_TRACK] =
      g_signal_new ("track", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, GST_TYPE_PAD);

  /**
   * GstWsctlConnection::datachannel:
   * @self: the connection
   * @channel: the channel, open
   *
   * The peer has opened a data channel. On the loop's thread, before its first
   * message: connect to its signals here.
   */
  signals[SIGNAL_DATACHANNEL] =
      g_signal_new ("datachannel", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
      GST_WSCTL_TYPE_DATA_CHANNEL);
}
