/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * webrtcbin answers promises on a thread of its own; the answers are dealt with
 * on the loop. A reply to a task that is no longer the one waited for is late
 * and dropped.
 */

#include "wsctlnegotiator-private.h"

#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "wsctlerror.h"
#include "wsctllookups-private.h"
#include "wsctloffer-private.h"
#include "wsctlremote-private.h"
#include "wsctlwarmup-private.h"

struct _GstWsctlNegotiator
{
  GObject parent;

  GstWsctlLoop *loop;
  GstElement *webrtcbin;
  gchar *fingerprint;

  /* The loop only */
  GTask *offer_task;
  GTask *answer_task;
  GstPromise *asked;            /* the last one; offer and answer never overlap */
  gchar *offer;
  GstWsctlLookups *lookups;
};

/* A promise on its way */
typedef struct
{
  GTask *task;
  GstPromise *promise;          /* once replied */
  GstWsctlLoopFunc func;
} Reply;

G_DEFINE_FINAL_TYPE (GstWsctlNegotiator, gst_wsctl_negotiator, G_TYPE_OBJECT);

static Reply *
new_reply (GTask * task, GstWsctlLoopFunc func)
{
  Reply *reply = g_new0 (Reply, 1);

  reply->task = g_object_ref (task);
  reply->func = func;

  return reply;
}

static void
free_reply (gpointer data)
{
  Reply *reply = data;

  g_object_unref (reply->task);
  g_clear_pointer (&reply->promise, gst_promise_unref);
  g_free (reply);
}

/* On webrtcbin's own thread, or on whichever drops the promise */
static void
on_promise (GstPromise * promise, gpointer data)
{
  Reply *asked = data;
  GstWsctlNegotiator *self = g_task_get_source_object (asked->task);
  Reply *reply = new_reply (asked->task, asked->func);

  reply->promise = gst_promise_ref (promise);
  gst_wsctl_loop_call (self->loop, reply->func, reply, free_reply);
}

static void
ask (GstWsctlNegotiator * self, const gchar * signal, gpointer argument,
    GTask * task, GstWsctlLoopFunc func)
{
  g_clear_pointer (&self->asked, gst_promise_unref);
  self->asked = gst_promise_new_with_change_func (on_promise,
      new_reply (task, func), free_reply);
  g_signal_emit_by_name (self->webrtcbin, signal, argument, self->asked);
}

/* NULL for a late reply. */
static GTask *
steal_task (GTask ** pending, GTask * task)
{
  return *pending == task ? g_steal_pointer (pending) : NULL;
}

static GError *
get_reply_error (GstPromise * promise)
{
  const GstStructure *reply;
  g_autoptr (GError) error = NULL;

  if (gst_promise_wait (promise) != GST_PROMISE_RESULT_REPLIED)
    return g_error_new_literal (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "webrtcbin ended the negotiation");

  reply = gst_promise_get_reply (promise);
  if (reply == NULL || !gst_structure_has_field (reply, "error"))
    return NULL;

  gst_structure_get (reply, "error", G_TYPE_ERROR, &error, NULL);

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
      "the descriptions could not be negotiated: %s", error->message);
}

static void
set_local (GstWsctlNegotiator * self, GstWebRTCSessionDescription * description)
{
  gst_wsctl_offer_mend (description->sdp, self->fingerprint);
  g_signal_emit_by_name (self->webrtcbin, "set-local-description", description,
      NULL);
}

static void
take_offer (gpointer data)
{
  Reply *reply = data;
  GstWsctlNegotiator *self = g_task_get_source_object (reply->task);
  g_autoptr (GTask) task = steal_task (&self->offer_task, reply->task);
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  GError *error;

  if (task == NULL)
    return;

  error = get_reply_error (reply->promise);
  if (error == NULL) {
    gst_structure_get (gst_promise_get_reply (reply->promise), "offer",
        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
    if (offer == NULL)
      error = g_error_new_literal (GST_WSCTL_ERROR,
          GST_WSCTL_ERROR_SIP_FAILED, "no offer could be made");
  }
  if (error != NULL) {
    g_task_return_error (task, error);
    return;
  }

  /* Candidates are gathered meanwhile; the protocol has none in the offer. */
  set_local (self, offer);
  g_free (self->offer);
  self->offer = gst_sdp_message_as_text (offer->sdp);
  g_task_return_pointer (task, g_strdup (self->offer), g_free);
}

/* While the platform makes its key pair, webrtcbin's thread holds a lock that
 * the loop would want: so it is asked only afterwards. */
static void
ask_for_offer (gpointer data)
{
  GTask *task = data;
  GstWsctlNegotiator *self = g_task_get_source_object (task);

  if (self->offer_task == task)
    ask (self, "create-offer", NULL, task, take_offer);
}

void
gst_wsctl_negotiator_create_offer_async (GstWsctlNegotiator * self,
    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->offer_task == NULL);

  self->offer_task = g_task_new (self, NULL, callback, user_data);
  gst_wsctl_warmup_call (self->loop, ask_for_offer,
      g_object_ref (self->offer_task), g_object_unref);
}

gchar *
gst_wsctl_negotiator_create_offer_finish (GstWsctlNegotiator * self,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
take_answer_reply (gpointer data)
{
  Reply *reply = data;
  GstWsctlNegotiator *self = g_task_get_source_object (reply->task);
  g_autoptr (GTask) task = steal_task (&self->answer_task, reply->task);
  GError *error;

  if (task == NULL)
    return;

  error = get_reply_error (reply->promise);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static GstWebRTCSessionDescription *
read_remote (GstWsctlNegotiator * self, GstWebRTCSDPType type,
    const gchar * text)
{
  g_autoptr (GPtrArray) names =
      g_ptr_array_new_with_free_func (gst_wsctl_remote_name_free);
  GstSDPMessage *message = NULL;
  guint i;

  gst_sdp_message_new_from_text (text, &message);
  gst_wsctl_remote_complete (message);
  gst_wsctl_remote_take_names (message, names);
  /* webrtcbin keeps candidates until the descriptions are there. */
  for (i = 0; i < names->len; i++) {
    const GstWsctlRemoteName *name = g_ptr_array_index (names, i);

    gst_wsctl_lookups_add (self->lookups, name->mline, name->text);
  }

  return gst_webrtc_session_description_new (type, message);
}

void
gst_wsctl_negotiator_set_answer_async (GstWsctlNegotiator * self,
    const gchar * sdp, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;

  g_return_if_fail (self->answer_task == NULL);

  answer = read_remote (self, GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  self->answer_task = g_task_new (self, NULL, callback, user_data);
  ask (self, "set-remote-description", answer, self->answer_task,
      take_answer_reply);
}

gboolean
gst_wsctl_negotiator_set_answer_finish (GstWsctlNegotiator * self,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
take_own_answer (gpointer data)
{
  Reply *reply = data;
  GstWsctlNegotiator *self = g_task_get_source_object (reply->task);
  g_autoptr (GTask) task = steal_task (&self->answer_task, reply->task);
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  GError *error;

  if (task == NULL)
    return;

  error = get_reply_error (reply->promise);
  if (error == NULL) {
    gst_structure_get (gst_promise_get_reply (reply->promise), "answer",
        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, NULL);
    if (answer == NULL)
      error = g_error_new_literal (GST_WSCTL_ERROR,
          GST_WSCTL_ERROR_SIP_FAILED, "no answer could be made");
  }
  if (error != NULL) {
    g_task_return_error (task, error);
    return;
  }

  set_local (self, answer);
  g_task_return_pointer (task, gst_sdp_message_as_text (answer->sdp), g_free);
}

static void
ask_for_answer (gpointer data)
{
  Reply *reply = data;
  GstWsctlNegotiator *self = g_task_get_source_object (reply->task);
  GError *error;

  if (self->answer_task != reply->task)
    return;

  error = get_reply_error (reply->promise);
  if (error == NULL) {
    ask (self, "create-answer", NULL, self->answer_task, take_own_answer);
  } else {
    g_autoptr (GTask) task = g_steal_pointer (&self->answer_task);

    g_task_return_error (task, error);
  }
}

/* After the key pair of the platform, as with an offer */
static void
ask_to_take_offer (gpointer data)
{
  GTask *task = data;
  GstWsctlNegotiator *self = g_task_get_source_object (task);
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;

  if (self->answer_task != task)
    return;

  offer = read_remote (self, GST_WEBRTC_SDP_TYPE_OFFER,
      g_task_get_task_data (task));
  ask (self, "set-remote-description", offer, task, ask_for_answer);
}

void
gst_wsctl_negotiator_create_answer_async (GstWsctlNegotiator * self,
    const gchar * offer, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (self->answer_task == NULL);

  self->answer_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (self->answer_task, g_strdup (offer), g_free);
  gst_wsctl_warmup_call (self->loop, ask_to_take_offer,
      g_object_ref (self->answer_task), g_object_unref);
}

gchar *
gst_wsctl_negotiator_create_answer_finish (GstWsctlNegotiator * self,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
end_task (GTask ** pending)
{
  g_autoptr (GTask) task = g_steal_pointer (pending);

  if (task != NULL)
    g_task_return_new_error (task, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the connection was closed");
}

void
gst_wsctl_negotiator_close (GstWsctlNegotiator * self)
{
  end_task (&self->offer_task);
  end_task (&self->answer_task);
  gst_wsctl_lookups_close (self->lookups);

  /* A webrtcbin that is stopped lets go of what it has not begun without a
   * reply, which GStreamer calls a fault. */
  if (self->asked != NULL)
    gst_promise_interrupt (self->asked);
  g_clear_pointer (&self->asked, gst_promise_unref);
}

GstWsctlLookups *
gst_wsctl_negotiator_get_lookups (GstWsctlNegotiator * self)
{
  return self->lookups;
}

const gchar *
gst_wsctl_negotiator_get_offer (GstWsctlNegotiator * self)
{
  return self->offer;
}

GstWsctlNegotiator *
gst_wsctl_negotiator_new (GstWsctlLoop * loop, GstElement * webrtcbin,
    const gchar * fingerprint)
{
  GstWsctlNegotiator *self = g_object_new (GST_WSCTL_TYPE_NEGOTIATOR, NULL);

  self->loop = gst_wsctl_loop_ref (loop);
  self->webrtcbin = gst_object_ref (webrtcbin);
  self->fingerprint = g_strdup (fingerprint);
  self->lookups = gst_wsctl_lookups_new (loop, webrtcbin);

  return self;
}

static void
gst_wsctl_negotiator_dispose (GObject * object)
{
  GstWsctlNegotiator *self = GST_WSCTL_NEGOTIATOR (object);

  g_clear_pointer (&self->asked, gst_promise_unref);
  if (self->lookups != NULL)
    gst_wsctl_lookups_close (self->lookups);
  g_clear_object (&self->webrtcbin);

  G_OBJECT_CLASS (gst_wsctl_negotiator_parent_class)->dispose (object);
}

static void
gst_wsctl_negotiator_finalize (GObject * object)
{
  GstWsctlNegotiator *self = GST_WSCTL_NEGOTIATOR (object);

  g_assert (self->offer_task == NULL && self->answer_task == NULL);

  g_free (self->offer);
  g_free (self->fingerprint);
  gst_wsctl_lookups_unref (self->lookups);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_negotiator_parent_class)->finalize (object);
}

static void
gst_wsctl_negotiator_class_init (GstWsctlNegotiatorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = gst_wsctl_negotiator_dispose;
  object_class->finalize = gst_wsctl_negotiator_finalize;
}

static void
gst_wsctl_negotiator_init (GstWsctlNegotiator * self)
{
}
