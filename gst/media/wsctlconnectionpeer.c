/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The side of a connection that is for the peers of a pool: its tracks, and the
 * links that carry them one after the other.
 */

#include "wsctlconnectioninternal-private.h"

#include "wsctlcategory-private.h"
#include "wsctlerror.h"
#include "wsctlpeerbin-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlconnectionpeer_debug);
#define GST_CAT_DEFAULT wsctlconnectionpeer_debug

#define MAX_EARLY 64            /* candidates */

typedef struct
{
  guint mline;
  gchar *candidate;
  gchar *ufrag;
} EarlyCandidate;

static void
free_early (gpointer data)
{
  EarlyCandidate *early = data;

  g_free (early->candidate);
  g_free (early->ufrag);
  g_free (early);
}

/* A call for the worker or the loop */
typedef struct
{
  GstWsctlConnection *self;
  GstWsctlLink *link;
} Job;

static Job *
new_job (GstWsctlConnection * self)
{
  Job *job = g_new0 (Job, 1);

  job->self = g_object_ref (self);

  return job;
}

static void
free_job (gpointer data)
{
  Job *job = data;

  g_clear_object (&job->link);
  g_object_unref (job->self);
  g_free (job);
}

static void
drop_link (GstWsctlConnection * self, GstWsctlLink ** link)
{
  if (*link == NULL)
    return;

  gst_wsctl_link_close (*link);
  gst_wsctl_connection_detach_channels (self, *link);
  g_clear_object (link);
}

static void
run_prune (gpointer data)
{
  Job *job = data;

  gst_wsctl_connection_prune_pads (job->self,
      job->link != NULL ? gst_wsctl_link_get_remote (job->link) : NULL);
}

static void
queue_prune (GstWsctlConnection * self, GstWsctlLink * link)
{
  Job *job = new_job (self);

  job->link = link != NULL ? g_object_ref (link) : NULL;
  gst_wsctl_loop_call (self->peer->worker, run_prune, job, free_job);
}

static void
tell_state (GstWsctlConnection * self, GstWsctlConnectionState state)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->peer->owner);

  gst_wsctl_connection_set_state (self, state);
  if (owner != NULL)
    self->peer->callbacks->state (owner, self, state);
}

static void
on_link_state (gpointer owner, GstWsctlLink * link,
    GstWsctlConnectionState state)
{
  GstWsctlConnection *self = owner;
  GstWsctlConnectionPeer *peer = self->peer;

  if (link == peer->next && state == GST_WSCTL_CONNECTION_STATE_CONNECTED) {
    drop_link (self, &peer->current);
    peer->current = g_steal_pointer (&peer->next);
    gst_wsctl_link_send (peer->current);
    gst_wsctl_connection_move_channels (self);
    queue_prune (self, peer->current);
    tell_state (self, state);
  } else if (state == GST_WSCTL_CONNECTION_STATE_FAILED
      && (link == peer->next || (link == peer->current
              && peer->next == NULL))) {
    drop_link (self, &peer->next);
    tell_state (self, state);
  }
}

static void
on_link_candidate (gpointer owner, GstWsctlLink * link, guint mline,
    const gchar * candidate)
{
  GstWsctlConnection *self = owner;
  g_autoptr (GObject) pool = g_weak_ref_get (&self->peer->owner);

  if (pool != NULL && link == self->peer->next)
    self->peer->callbacks->candidate (pool, self, mline, candidate,
        gst_wsctl_link_get_ufrag (link));
}

static void
on_link_pad (gpointer owner, GstWsctlLink * link, GstPad * pad,
    GstWsctlMediaKind kind, guint index)
{
  gst_wsctl_connection_take_pad (owner, pad, kind, index);
}

static void
on_link_channel (gpointer owner, GstWsctlLink * link,
    GstWsctlDataChannel * channel)
{
  gst_wsctl_connection_take_channel (owner, channel);
}

static const GstWsctlLinkCallbacks link_callbacks = {
  on_link_state, on_link_candidate, on_link_channel, on_link_pad
};

static void
start_link (GstWsctlConnection * self)
{
  GstWsctlConnectionPeer *peer = self->peer;

  drop_link (self, &peer->next);
  peer->next = gst_wsctl_link_new (self->loop, peer->worker, peer->bin,
      peer->params, &link_callbacks, G_OBJECT (self));
  gst_wsctl_link_set_channels (peer->next, peer->channels);
  gst_wsctl_connection_set_state (self, GST_WSCTL_CONNECTION_STATE_CONNECTING);
}

/* Candidates that came before what they belong to. Those of another description
 * stay: its turn may come. */
static void
add_early (GstWsctlConnection * self)
{
  GstWsctlConnectionPeer *peer = self->peer;
  guint n = g_queue_get_length (&peer->early);

  while (n-- > 0) {
    EarlyCandidate *early = g_queue_pop_head (&peer->early);

    gst_wsctl_connection_add_candidate (self, early->mline, early->candidate,
        early->ufrag);
    free_early (early);
  }
}

static void
agree (GstWsctlConnectionPeer * peer, const gchar * description)
{
  g_free (peer->agreed);
  peer->agreed = g_strdup (description);
}

static GstWsctlPeerSdp *
get_agreed (GstWsctlConnectionPeer * peer)
{
  return peer->agreed != NULL ? gst_wsctl_peer_sdp_new (peer->agreed, NULL)
      : NULL;
}

/* The caller knows no links. The data of the task is the offer that is answered. */
static void
describe_done (GObject * link, GAsyncResult * result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GstWsctlConnection *self = g_task_get_source_object (task);
  GError *error = NULL;
  gchar *text = gst_wsctl_link_describe_finish (GST_WSCTL_LINK (link), result,
      &error);

  if (text == NULL) {
    g_task_return_error (task, error);
    return;
  }

  if (GST_WSCTL_LINK (link) == self->peer->next
      && g_task_get_task_data (task) != NULL)
    agree (self->peer, g_task_get_task_data (task));
  g_task_return_pointer (task, text, g_free);
  if (GST_WSCTL_LINK (link) == self->peer->next)
    add_early (self);
}

void
gst_wsctl_connection_describe_offer_async (GstWsctlConnection * self,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstWsctlConnectionPeer *peer = self->peer;

  start_link (self);
  gst_wsctl_link_offer_async (peer->next, peer->tracks, get_agreed (peer),
      describe_done, g_task_new (self, NULL, callback, user_data));
}

gboolean
gst_wsctl_connection_describe_answer_async (GstWsctlConnection * self,
    const gchar * offer, GAsyncReadyCallback callback, gpointer user_data,
    GError ** error)
{
  GstWsctlPeerSdp *sdp = gst_wsctl_peer_sdp_new (offer, error);
  g_autoptr (GstWsctlPeerSdp) agreed = NULL;
  GTask *task;

  if (sdp == NULL)
    return FALSE;

  agreed = get_agreed (self->peer);
  self->peer->keeps_ice = agreed != NULL
      && g_str_equal (agreed->ufrag, sdp->ufrag);
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (task, g_strdup (offer), g_free);
  start_link (self);
  gst_wsctl_link_answer_async (self->peer->next, self->peer->tracks, offer,
      sdp, describe_done, task);

  return TRUE;
}

gboolean
gst_wsctl_connection_keeps_ice (GstWsctlConnection * self)
{
  return self->peer->keeps_ice;
}

gchar *
gst_wsctl_connection_describe_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
gst_wsctl_connection_take_peer_answer (GstWsctlConnection * self,
    const gchar * answer, GError ** error)
{
  if (self->peer->next == NULL) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "an answer came to no offer");
    return FALSE;
  }
  if (!gst_wsctl_link_take_answer (self->peer->next, answer, error))
    return FALSE;
  agree (self->peer, answer);
  add_early (self);

  return TRUE;
}

static gboolean
is_of_link (GstWsctlLink * link, const gchar * ufrag)
{
  const GstWsctlPeerSdp *remote =
      link != NULL ? gst_wsctl_link_get_remote (link) : NULL;

  return remote != NULL
      && (ufrag == NULL || g_strcmp0 (ufrag, remote->ufrag) == 0);
}

void
gst_wsctl_connection_add_candidate (GstWsctlConnection * self, guint mline,
    const gchar * candidate, const gchar * ufrag)
{
  GstWsctlConnectionPeer *peer = self->peer;
  EarlyCandidate *early;

  if (is_of_link (peer->next, ufrag)
      && gst_wsctl_link_add_candidate (peer->next, mline, candidate))
    return;
  if (peer->next == NULL && is_of_link (peer->current, ufrag)
      && gst_wsctl_link_add_candidate (peer->current, mline, candidate))
    return;

  /* Who sends more of them than that means no good, or is long gone. */
  if (g_queue_get_length (&peer->early) >= MAX_EARLY)
    free_early (g_queue_pop_head (&peer->early));
  early = g_new0 (EarlyCandidate, 1);
  early->mline = mline;
  early->candidate = g_strdup (candidate);
  early->ufrag = g_strdup (ufrag);
  g_queue_push_tail (&peer->early, early);
}

void
gst_wsctl_connection_abandon (GstWsctlConnection * self)
{
  drop_link (self, &self->peer->next);
}

gboolean
gst_wsctl_connection_has_tracks (GstWsctlConnection * self)
{
  return self->peer->tracks->len > 0;
}

gboolean
gst_wsctl_connection_is_complete (GstWsctlConnection * self)
{
  return self->peer->current != NULL
      && gst_wsctl_link_is_complete (self->peer->current);
}

gint64
gst_wsctl_connection_get_last_received_us (GstWsctlConnection * self)
{
  return self->peer->current != NULL
      ? gst_wsctl_link_get_last_received_us (self->peer->current) : 0;
}

typedef struct
{
  GstWsctlConnection *self;
  GstStructure *stats;
} StatsCall;

static void
run_get_stats (gpointer data)
{
  StatsCall *call = data;
  GstWsctlConnectionPeer *peer = call->self->peer;

  if (peer->current != NULL)
    call->stats = gst_wsctl_link_get_stats (peer->current);
}

/* The links are the loop's. */
GstStructure *
gst_wsctl_connection_peer_get_stats (GstWsctlConnection * self)
{
  StatsCall call = { self, NULL };

  gst_wsctl_loop_call_sync (self->loop, run_get_stats, &call);

  return call.stats != NULL ? call.stats
      : gst_structure_new_empty ("application/x-wsctl-stats");
}

/* On the worker: after the links' own elements */
static void
run_remove_bin (gpointer data)
{
  GstWsctlConnection *self = ((Job *) data)->self;
  GstElement *bin = self->peer->bin;
  g_autoptr (GstObject) pool = gst_object_get_parent (GST_OBJECT (bin));

  gst_wsctl_connection_prune_pads (self, NULL);
  gst_element_set_locked_state (bin, TRUE);
  gst_element_set_state (bin, GST_STATE_NULL);
  if (pool != NULL)
    gst_bin_remove (GST_BIN (pool), bin);
}

void
gst_wsctl_connection_peer_close (GstWsctlConnection * self)
{
  GstWsctlConnectionPeer *peer = self->peer;
  gboolean closed;

  g_mutex_lock (&peer->lock);
  closed = peer->closed;
  peer->closed = TRUE;
  g_mutex_unlock (&peer->lock);
  if (closed)
    return;

  drop_link (self, &peer->next);
  drop_link (self, &peer->current);
  gst_wsctl_connection_end_channels (self);
  g_ptr_array_set_size (peer->tracks, 0);
  gst_wsctl_loop_call (peer->worker, run_remove_bin, new_job (self), free_job);
}

void
gst_wsctl_connection_peer_free (GstWsctlConnectionPeer * peer)
{
  g_queue_clear_full (&peer->early, free_early);
  g_ptr_array_unref (peer->tracks);
  g_ptr_array_unref (peer->channels);
  g_ptr_array_unref (peer->received);
  g_clear_pointer (&peer->description, g_variant_unref);
  gst_wsctl_connection_params_free (peer->params);
  gst_object_unref (peer->bin);
  g_weak_ref_clear (&peer->owner);
  g_mutex_clear (&peer->lock);
  gst_wsctl_loop_unref (peer->worker);
  g_free (peer->agreed);
  g_free (peer->id);
  g_free (peer);
}

static void
run_add_bin (gpointer data)
{
  Job *job = data;

  gst_element_sync_state_with_parent (job->self->peer->bin);
}

GstWsctlConnection *
gst_wsctl_connection_new_for_peer (const GstWsctlConnectionParams * params,
    GstWsctlLoop * worker, GstBin * bin, const gchar * id,
    GVariant * description, const GstWsctlPeerCallbacks * callbacks,
    GObject * owner)
{
  GstWsctlConnection *self = g_object_new (GST_WSCTL_TYPE_CONNECTION, NULL);
  GstWsctlConnectionPeer *peer = g_new0 (GstWsctlConnectionPeer, 1);
  g_autofree gchar *name = g_strdup_printf ("peer_%s", id);

  GST_WSCTL_CATEGORY_INIT (wsctlconnectionpeer_debug, "wsctlconnectionpeer",
      "WebRTC WebSocket control: connection to a peer");

  self->peer = peer;
  peer->worker = gst_wsctl_loop_ref (worker);
  peer->bin = gst_object_ref_sink (gst_wsctl_peer_bin_new (name));
  /* There is no sink in it when it is added, and a bin that has none is told no
   * latency. */
  GST_OBJECT_FLAG_SET (peer->bin, GST_ELEMENT_FLAG_SINK);
  peer->params = gst_wsctl_connection_params_copy (params);
  peer->callbacks = callbacks;
  g_weak_ref_init (&peer->owner, owner);
  peer->id = g_strdup (id);
  peer->tracks = g_ptr_array_new_with_free_func (g_object_unref);
  peer->channels = g_ptr_array_new_with_free_func (g_object_unref);
  peer->received = g_ptr_array_new_with_free_func (gst_wsctl_peer_pad_free);
  g_queue_init (&peer->early);
  g_mutex_init (&peer->lock);
  if (description != NULL)
    peer->description = g_variant_ref (description);

  gst_bin_add (bin, peer->bin);
  gst_wsctl_loop_call (worker, run_add_bin, new_job (self), free_job);

  return self;
}
