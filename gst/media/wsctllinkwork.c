/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What of a link is made and taken away on the worker, and what its elements say
 * on their own threads.
 */

#include "wsctllinkinternal-private.h"

#include "wsctlcategory-private.h"
#include "wsctlcertificate-private.h"
#include "wsctllinkpads-private.h"
#include "wsctlwebrtcbin-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllinkwork_debug);
#define GST_CAT_DEFAULT wsctllinkwork_debug

GstWsctlLinkJob *
gst_wsctl_link_job_new (GstWsctlLink * self)
{
  GstWsctlLinkJob *job = g_new0 (GstWsctlLinkJob, 1);

  job->link = g_object_ref (self);

  return job;
}

void
gst_wsctl_link_job_free (gpointer data)
{
  GstWsctlLinkJob *job = data;

  g_object_unref (job->link);
  g_clear_error (&job->error);
  g_free (job->candidate);
  g_clear_object (&job->channel);
  g_free (job);
}

gboolean
gst_wsctl_link_is_closed (GstWsctlLink * self)
{
  return g_atomic_int_get (&self->closed);
}

void
gst_wsctl_link_set_state (GstWsctlLink * self, GstWsctlConnectionState state)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&self->owner);

  if (state == self->state || gst_wsctl_link_is_closed (self) || owner == NULL
      || self->state == GST_WSCTL_CONNECTION_STATE_FAILED)
    return;

  GST_DEBUG_OBJECT (self->webrtcbin, "link %s -> %s",
      gst_wsctl_connection_state_get_nick (self->state),
      gst_wsctl_connection_state_get_nick (state));
  self->state = state;
  self->callbacks->state (owner, self, state);
}

static void
take_state (gpointer data)
{
  GstWsctlLinkJob *job = data;

  if (job->state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    gst_wsctl_link_set_state (job->link, GST_WSCTL_CONNECTION_STATE_CONNECTED);
  else if (job->state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED)
    gst_wsctl_link_set_state (job->link, GST_WSCTL_CONNECTION_STATE_FAILED);
}

/* On webrtcbin's own thread */
static void
on_state (GstElement * webrtcbin, GParamSpec * pspec, GWeakRef * weak)
{
  g_autoptr (GstWsctlLink) self = g_weak_ref_get (weak);
  GstWsctlLinkJob *job;

  if (self == NULL)
    return;

  job = gst_wsctl_link_job_new (self);
  g_object_get (webrtcbin, "connection-state", &job->state, NULL);
  gst_wsctl_loop_call (self->loop, take_state, job, gst_wsctl_link_job_free);
}

static void
take_own_candidate (gpointer data)
{
  GstWsctlLinkJob *job = data;
  g_autoptr (GObject) owner = g_weak_ref_get (&job->link->owner);

  if (owner != NULL && !gst_wsctl_link_is_closed (job->link))
    job->link->callbacks->candidate (owner, job->link, job->mline,
        job->candidate);
}

/* On webrtcbin's own thread, or the agent's */
static void
on_candidate (GstElement * webrtcbin, guint mline, const gchar * candidate,
    GWeakRef * weak)
{
  g_autoptr (GstWsctlLink) self = g_weak_ref_get (weak);
  GstWsctlLinkJob *job;

  if (self == NULL)
    return;

  job = gst_wsctl_link_job_new (self);
  job->mline = mline;
  job->candidate = g_strdup (candidate);
  gst_wsctl_loop_call (self->loop, take_own_candidate, job,
      gst_wsctl_link_job_free);
}

/* On a streaming thread. The plan is not changed once there is media. */
static void
on_pad_added (GstElement * webrtcbin, GstPad * pad, GWeakRef * weak)
{
  g_autoptr (GstWsctlLink) self = g_weak_ref_get (weak);
  g_autoptr (GObject) owner = NULL;
  GstWsctlMediaKind kind;
  guint index;

  if (self == NULL || gst_wsctl_link_is_closed (self) || !GST_PAD_IS_SRC (pad))
    return;
  owner = g_weak_ref_get (&self->owner);
  if (owner != NULL && gst_wsctl_link_pads_find_index (webrtcbin, pad, &kind,
          &index))
    self->callbacks->pad (owner, self, pad, kind, index);
}

static void
take_refusal (gpointer data)
{
  GstWsctlLinkJob *job = data;

  GST_WARNING_OBJECT (job->link->webrtcbin, "the peer's DTLS certificate is "
      "not the one of its description");
  gst_wsctl_link_set_state (job->link, GST_WSCTL_CONNECTION_STATE_FAILED);
}

/* On a streaming thread, inside the handshake */
static void
on_dtls (GstWsctlDtlsEvent event, gpointer data)
{
  g_autoptr (GstWsctlLink) self = g_weak_ref_get (data);

  if (self != NULL && event == GST_WSCTL_DTLS_REFUSED)
    gst_wsctl_loop_call (self->loop, take_refusal,
        gst_wsctl_link_job_new (self), gst_wsctl_link_job_free);
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GWeakRef *
new_weak (GstWsctlLink * self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return weak;
}

static void
connect_weakly (GstWsctlLink * self, const gchar * signal, GCallback handler)
{
  g_signal_connect_data (self->webrtcbin, signal, handler, new_weak (self),
      (GClosureNotify) free_weak, 0);
}

gboolean
gst_wsctl_link_make_elements (GstWsctlLink * self, GError ** error)
{
  g_autofree gchar *pem = NULL;

  GST_WSCTL_CATEGORY_INIT (wsctllinkwork_debug, "wsctllinkwork",
      "WebRTC WebSocket control: elements of a link");

  pem = gst_wsctl_certificate_new_pem (error);
  if (pem == NULL)
    return FALSE;
  self->fingerprint =
      gst_wsctl_certificate_get_fingerprint (pem, "sha-256", error);
  if (self->fingerprint == NULL)
    return FALSE;
  self->webrtcbin = gst_wsctl_webrtcbin_new (self->params, &self->agent, error);
  if (self->webrtcbin == NULL)
    return FALSE;

  self->guard = gst_wsctl_dtls_guard_new (self->webrtcbin, pem,
      on_dtls, new_weak (self), free_weak);
  self->blocks = gst_wsctl_report_blocks_new (self->webrtcbin);
  connect_weakly (self, "notify::connection-state", G_CALLBACK (on_state));
  connect_weakly (self, "on-ice-candidate", G_CALLBACK (on_candidate));
  connect_weakly (self, "pad-added", G_CALLBACK (on_pad_added));
  gst_wsctl_link_pads_add_transceivers (self->webrtcbin, self->plan);
  gst_bin_add (self->bin, self->webrtcbin);
  gst_element_sync_state_with_parent (self->webrtcbin);
  gst_wsctl_link_make_channels (self);

  return TRUE;
}

void
gst_wsctl_link_remove_elements (GstWsctlLink * self)
{
  guint i;

  if (self->webrtcbin == NULL)
    return;

  for (i = 0; i < self->branches->len; i++)
    gst_wsctl_track_branch_cut (g_ptr_array_index (self->branches, i));
  gst_wsctl_dtls_guard_close (self->guard);
  gst_wsctl_dtls_guard_settle (self->guard);
  gst_element_set_locked_state (self->webrtcbin, TRUE);
  gst_wsctl_webrtcbin_stop (self->webrtcbin);
  g_ptr_array_set_size (self->branches, 0);
  gst_bin_remove (self->bin, self->webrtcbin);
}
