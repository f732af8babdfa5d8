/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The worker makes the elements, webrtcbin's own thread answers, the loop
 * decides. What passes from one to the other is a job that holds the link.
 */

#include "wsctllinkinternal-private.h"

#include "wsctlerror.h"
#include "wsctllinkpads-private.h"
#include "wsctlstats-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllink_debug);
#define GST_CAT_DEFAULT wsctllink_debug

/* webrtcbin gives its one bundled stream this number. */
#define NICE_STREAM_ID 1

G_DEFINE_FINAL_TYPE (GstWsctlLink, gst_wsctl_link, G_TYPE_OBJECT);

static void
fail_task (GstWsctlLink * self, GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (task != NULL)
    g_task_return_error (task, error);
  else
    g_error_free (error);
}

/* The peer's connection may be an old one, though ours is new. */
static gboolean
lay_out (GstWsctlLink * self, gchar ** offer, GError ** error)
{
  self->layout = gst_wsctl_peer_layout_new (*offer, self->agreed);
  if (self->layout == NULL) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "the offer has no place for each section that was agreed upon");
    return FALSE;
  }

  g_free (*offer);
  *offer = gst_wsctl_peer_layout_get_offer (self->layout);

  return TRUE;
}

static void
description_done (GObject * negotiator, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstWsctlLink) self = data;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  g_autofree gchar *text = self->offer != NULL
      ? gst_wsctl_negotiator_create_answer_finish (self->negotiator, result,
      &error)
      : gst_wsctl_negotiator_create_offer_finish (self->negotiator, result,
      &error);
  g_autoptr (GstWsctlPeerSdp) own = NULL;

  if (text == NULL) {
    fail_task (self, error);
    return;
  }

  if (self->agreed != NULL && !lay_out (self, &text, &error)) {
    fail_task (self, error);
    return;
  }

  own = gst_wsctl_peer_sdp_new (text, NULL);
  self->ufrag = g_strdup (own != NULL ? own->ufrag : NULL);
  task = g_steal_pointer (&self->task);
  if (task != NULL)
    g_task_return_pointer (task, g_steal_pointer (&text), g_free);
}

static void
take_elements (gpointer data)
{
  GstWsctlLinkJob *job = data;
  GstWsctlLink *self = job->link;

  if (gst_wsctl_link_is_closed (self))
    return;
  if (job->error != NULL) {
    fail_task (self, g_steal_pointer (&job->error));
    return;
  }

  self->negotiator = gst_wsctl_negotiator_new (self->loop, self->webrtcbin,
      self->fingerprint);
  if (self->offer == NULL) {
    gst_wsctl_negotiator_create_offer_async (self->negotiator,
        description_done, g_object_ref (self));
    return;
  }
  gst_wsctl_dtls_guard_expect (self->guard, self->remote->fingerprint);
  gst_wsctl_negotiator_create_answer_async (self->negotiator, self->offer,
      description_done, g_object_ref (self));
}

/* On the worker */
static void
run_make_elements (gpointer data)
{
  GstWsctlLink *self = ((GstWsctlLinkJob *) data)->link;
  GstWsctlLinkJob *job;

  if (gst_wsctl_link_is_closed (self))
    return;

  job = gst_wsctl_link_job_new (self);
  if (!gst_wsctl_link_make_elements (self, &job->error) && job->error == NULL)
    job->error = g_error_new_literal (GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "no connection could be made");
  gst_wsctl_loop_call (self->loop, take_elements, job, gst_wsctl_link_job_free);
}

static void
start (GstWsctlLink * self, GPtrArray * tracks, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_return_if_fail (self->task == NULL);

  self->tracks = g_ptr_array_copy (tracks, (GCopyFunc) g_object_ref, NULL);
  g_ptr_array_set_free_func (self->tracks, g_object_unref);
  self->task = g_task_new (self, NULL, callback, user_data);
  gst_wsctl_loop_call (self->worker, run_make_elements,
      gst_wsctl_link_job_new (self), gst_wsctl_link_job_free);
}

static GPtrArray *
get_codecs (GPtrArray * tracks)
{
  GPtrArray *codecs = g_ptr_array_new ();
  guint i;

  for (i = 0; i < tracks->len; i++)
    g_ptr_array_add (codecs,
        (gpointer) gst_wsctl_track_get_codec (tracks->pdata[i]));

  return codecs;
}

void
gst_wsctl_link_offer_async (GstWsctlLink * self, GPtrArray * tracks,
    GstWsctlPeerSdp * agreed, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GPtrArray) codecs = get_codecs (tracks);

  self->plan = gst_wsctl_peer_plan_offer (codecs, agreed);
  self->agreed = agreed;
  start (self, tracks, callback, user_data);
}

void
gst_wsctl_link_answer_async (GstWsctlLink * self, GPtrArray * tracks,
    const gchar * offer, GstWsctlPeerSdp * sdp, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_autoptr (GPtrArray) codecs = get_codecs (tracks);

  self->plan = gst_wsctl_peer_plan_answer (codecs, sdp);
  self->offer = g_strdup (offer);
  self->remote = sdp;
  start (self, tracks, callback, user_data);
}

gchar *
gst_wsctl_link_describe_finish (GstWsctlLink * self, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
answer_done (GObject * negotiator, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstWsctlLink) self = data;
  g_autoptr (GError) error = NULL;

  if (gst_wsctl_negotiator_set_answer_finish (self->negotiator, result,
          &error) || gst_wsctl_link_is_closed (self))
    return;

  GST_WARNING_OBJECT (self->webrtcbin, "%s", error->message);
  gst_wsctl_link_set_state (self, GST_WSCTL_CONNECTION_STATE_FAILED);
}

gboolean
gst_wsctl_link_take_answer (GstWsctlLink * self, const gchar * text,
    GError ** error)
{
  const gchar *offer = gst_wsctl_negotiator_get_offer (self->negotiator);
  g_autofree gchar *own = NULL;

  g_return_val_if_fail (self->offer == NULL && offer != NULL, FALSE);

  if (self->remote != NULL) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "a second answer came");
    return FALSE;
  }

  own = self->layout != NULL
      ? gst_wsctl_peer_layout_read_answer (self->layout, text)
      : g_strdup (text);
  if (own == NULL) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "the peer's answer has other sections than the offer");
    return FALSE;
  }

  self->remote = gst_wsctl_peer_sdp_new (own, error);
  if (self->remote == NULL)
    return FALSE;
  if (self->remote->media->len < self->plan->len) {
    g_clear_pointer (&self->remote, gst_wsctl_peer_sdp_free);
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "the peer's answer has fewer sections than the offer");
    return FALSE;
  }

  gst_wsctl_dtls_guard_expect (self->guard, self->remote->fingerprint);
  gst_wsctl_negotiator_set_answer_async (self->negotiator, own,
      answer_done, g_object_ref (self));

  return TRUE;
}

gboolean
gst_wsctl_link_add_candidate (GstWsctlLink * self, guint mline,
    const gchar * candidate)
{
  if (self->negotiator == NULL)
    return FALSE;

  gst_wsctl_lookups_add (gst_wsctl_negotiator_get_lookups (self->negotiator),
      mline, candidate);

  return TRUE;
}

/* On the worker */
static void
run_send (gpointer data)
{
  GstWsctlLink *self = ((GstWsctlLinkJob *) data)->link;

  if (!gst_wsctl_link_is_closed (self))
    gst_wsctl_link_pads_add_branches (self->webrtcbin, self->bin, self->plan,
        self->tracks, self->remote, self->branches);
}

void
gst_wsctl_link_send (GstWsctlLink * self)
{
  if (self->sending)
    return;

  self->sending = TRUE;
  gst_wsctl_loop_call (self->worker, run_send, gst_wsctl_link_job_new (self),
      gst_wsctl_link_job_free);
}

/* On the worker */
static void
run_remove_elements (gpointer data)
{
  gst_wsctl_link_remove_elements (((GstWsctlLinkJob *) data)->link);
}

void
gst_wsctl_link_close (GstWsctlLink * self)
{
  if (!g_atomic_int_compare_and_exchange (&self->closed, FALSE, TRUE))
    return;

  fail_task (self, g_error_new_literal (GST_WSCTL_ERROR,
          GST_WSCTL_ERROR_CLOSED, "the connection was closed"));
  if (self->negotiator != NULL) {
    gst_wsctl_dtls_guard_close (self->guard);
    gst_wsctl_negotiator_close (self->negotiator);
  }
  gst_wsctl_loop_call (self->worker, run_remove_elements,
      gst_wsctl_link_job_new (self), gst_wsctl_link_job_free);
}

const GstWsctlPeerSdp *
gst_wsctl_link_get_remote (GstWsctlLink * self)
{
  return self->remote;
}

const gchar *
gst_wsctl_link_get_ufrag (GstWsctlLink * self)
{
  return self->ufrag;
}

gboolean
gst_wsctl_link_is_complete (GstWsctlLink * self)
{
  return gst_wsctl_peer_plan_is_complete (self->plan, self->tracks->len);
}

static gboolean
has_media (const GstWsctlPeerSdp * sdp)
{
  guint i;

  for (i = 0; sdp != NULL && i < sdp->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (sdp->media, i);

    if (!medium->is_data && !medium->rejected
        && (medium->sends || medium->receives))
      return TRUE;
  }

  return FALSE;
}

gint64
gst_wsctl_link_get_last_received_us (GstWsctlLink * self)
{
  GstWsctlTraffic traffic;

  if (!has_media (self->remote))
    return 0;

  gst_wsctl_dtls_guard_get_traffic (self->guard, &traffic);

  return traffic.last_received_us;
}

GstStructure *
gst_wsctl_link_get_stats (GstWsctlLink * self)
{
  if (self->negotiator == NULL)
    return NULL;

  return gst_wsctl_stats_collect (self->webrtcbin, self->agent,
      NICE_STREAM_ID, self->blocks);
}

GstWsctlLink *
gst_wsctl_link_new (GstWsctlLoop * loop, GstWsctlLoop * worker,
    GstElement * bin, const GstWsctlConnectionParams * params,
    const GstWsctlLinkCallbacks * callbacks, GObject * owner)
{
  GstWsctlLink *self = g_object_new (GST_WSCTL_TYPE_LINK, NULL);

  self->loop = gst_wsctl_loop_ref (loop);
  self->worker = gst_wsctl_loop_ref (worker);
  self->bin = gst_object_ref (GST_BIN (bin));
  self->params = gst_wsctl_connection_params_copy (params);
  self->callbacks = callbacks;
  g_weak_ref_init (&self->owner, owner);

  return self;
}

static void
gst_wsctl_link_finalize (GObject * object)
{
  GstWsctlLink *self = GST_WSCTL_LINK (object);

  g_assert (self->task == NULL);

  g_clear_pointer (&self->guard, gst_wsctl_dtls_guard_unref);
  g_clear_pointer (&self->blocks, gst_wsctl_report_blocks_unref);
  g_clear_object (&self->negotiator);
  g_clear_object (&self->agent);
  gst_clear_object (&self->webrtcbin);
  g_clear_pointer (&self->plan, g_ptr_array_unref);
  g_clear_pointer (&self->tracks, g_ptr_array_unref);
  g_ptr_array_unref (self->channels);
  g_clear_pointer (&self->branches, g_ptr_array_unref);
  g_clear_pointer (&self->remote, gst_wsctl_peer_sdp_free);
  g_clear_pointer (&self->agreed, gst_wsctl_peer_sdp_free);
  g_clear_pointer (&self->layout, gst_wsctl_peer_layout_free);
  g_free (self->offer);
  g_free (self->ufrag);
  g_free (self->fingerprint);
  gst_wsctl_connection_params_free (self->params);
  g_weak_ref_clear (&self->owner);
  gst_object_unref (self->bin);
  gst_wsctl_loop_unref (self->worker);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_link_parent_class)->finalize (object);
}

static void
gst_wsctl_link_class_init (GstWsctlLinkClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_link_finalize;

  GST_DEBUG_CATEGORY_INIT (wsctllink_debug, "wsctllink", 0,
      "WebRTC WebSocket control: link to a peer");
}

static void
gst_wsctl_link_init (GstWsctlLink * self)
{
  self->channels = g_ptr_array_new_with_free_func (g_object_unref);
  self->branches = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_wsctl_track_branch_free);
}
