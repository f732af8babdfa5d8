/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlConnection:
 *
 * One WebRTC connection: a webrtcbin with what it needs around it. To a server,
 * its element goes into a pipeline; the #GstWsctlController that owns the
 * connection does the rest. To a peer of a #GstWsctlPool, that one does all.
 *
 * Since: 0.1
 */

#include "wsctlconnectioninternal-private.h"

#include <gst/webrtc/webrtc.h>

#include "wsctlcertificate-private.h"
#include "wsctlerror.h"
#include "wsctlstats-private.h"
#include "wsctlwebrtcbin-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlconnection_debug);
#define GST_CAT_DEFAULT wsctlconnection_debug

/* webrtcbin gives its one bundled stream this number. */
#define NICE_STREAM_ID 1

#define PATH_LOST "the path to the server is lost"
#define NO_ADDRESS "no path to the server: its answer has no usable address"
#define NO_PATH "no path to the server: ICE or DTLS failed"

enum
{
  PROP_0,
  PROP_STATE,
  PROP_ELEMENT,
  PROP_ID,
  PROP_DESCRIPTION,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (GstWsctlConnection, gst_wsctl_connection, G_TYPE_OBJECT);

/* A note to the loop: what happened, to whom. The connection is held weakly,
 * so that a note on its way keeps nothing alive. */
typedef struct
{
  GWeakRef connection;
  GstWebRTCPeerConnectionState state;
} Note;

static Note *
new_note (GstWsctlConnection * self)
{
  Note *note = g_new0 (Note, 1);

  g_weak_ref_init (&note->connection, self);

  return note;
}

static void
free_note (gpointer data)
{
  Note *note = data;

  g_weak_ref_clear (&note->connection);
  g_free (note);
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static GWeakRef *
new_weak (GstWsctlConnection * self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return weak;
}

void
gst_wsctl_connection_set_state (GstWsctlConnection * self,
    GstWsctlConnectionState state)
{
  GstWsctlConnectionState old = gst_wsctl_connection_get_state (self);

  /* What has ended stays ended; only a pool tries again. */
  if (state == old || old == GST_WSCTL_CONNECTION_STATE_CLOSED
      || (old == GST_WSCTL_CONNECTION_STATE_FAILED && self->peer == NULL
          && state != GST_WSCTL_CONNECTION_STATE_CLOSED))
    return;

  GST_INFO_OBJECT (gst_wsctl_connection_get_element (self),
      "connection %s -> %s",
      gst_wsctl_connection_state_get_nick (old),
      gst_wsctl_connection_state_get_nick (state));
  if (state != GST_WSCTL_CONNECTION_STATE_CONNECTING)
    g_clear_pointer (&self->kicks, gst_wsctl_kicks_free);
  g_atomic_int_set (&self->state, state);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
fail (GstWsctlConnection * self, GstWsctlError code, const gchar * message)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (GST_WSCTL_ERROR, code, message);
  gst_wsctl_connection_set_state (self, GST_WSCTL_CONNECTION_STATE_FAILED);
}

/* Says which names of the server are unknown here, if any, after @message. */
static void
fail_without_path (GstWsctlConnection * self, const gchar * message)
{
  g_autofree gchar *names = gst_wsctl_connection_get_lookup_failure (self);
  g_autofree gchar *text = g_strconcat (message, names != NULL ? "; " : NULL,
      names, NULL);

  fail (self, GST_WSCTL_ERROR_PEER_CONNECTION_FAILED, text);
}

gchar *
gst_wsctl_connection_get_lookup_failure (GstWsctlConnection * self)
{
  return self->negotiator == NULL ? NULL
      : gst_wsctl_lookups_get_failure (gst_wsctl_negotiator_get_lookups
      (self->negotiator));
}

/* On the loop: a host name of the server's candidates has an address, or none. */
static void
on_lookup (const gchar * address, guint16 port, gpointer data)
{
  GstWsctlConnection *self = data;

  if (address != NULL) {
    self->answer->has_address = TRUE;
    if (self->kicks != NULL)
      gst_wsctl_kicks_add_target (self->kicks, address, port);
  } else if (!self->answer->has_address
      && !gst_wsctl_lookups_is_pending (gst_wsctl_negotiator_get_lookups
          (self->negotiator))) {
    fail_without_path (self, NO_ADDRESS);
  }
}

static void
take_state (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlConnection) self = g_weak_ref_get (&note->connection);

  if (self == NULL)
    return;

  switch (note->state) {
    case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED:
      gst_wsctl_connection_set_state (self,
          GST_WSCTL_CONNECTION_STATE_CONNECTED);
      break;
    case GST_WEBRTC_PEER_CONNECTION_STATE_FAILED:
      if (gst_wsctl_connection_get_state (self)
          == GST_WSCTL_CONNECTION_STATE_CONNECTED)
        fail (self, GST_WSCTL_ERROR_PEER_CONNECTION_FAILED, PATH_LOST);
      else
        fail_without_path (self, NO_PATH);
      break;
    default:
      break;
  }
}

/* On webrtcbin's own thread */
static void
on_webrtcbin_state (GstElement * webrtcbin, GParamSpec * pspec, GWeakRef * weak)
{
  g_autoptr (GstWsctlConnection) self = g_weak_ref_get (weak);
  GstWebRTCPeerConnectionState state;
  Note *note;

  if (self == NULL)
    return;

  g_object_get (webrtcbin, "connection-state", &state, NULL);
  note = new_note (self);
  note->state = state;
  gst_wsctl_loop_call (self->loop, take_state, note, free_note);
}

static void
take_refusal (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlConnection) self = g_weak_ref_get (&note->connection);

  if (self != NULL)
    fail (self, GST_WSCTL_ERROR_FINGERPRINT_MISMATCH,
        "the server's DTLS certificate is not the one of its answer: somebody "
        "may be in between; no media was sent or taken");
}

static void
take_flight (gpointer data)
{
  Note *note = data;
  g_autoptr (GstWsctlConnection) self = g_weak_ref_get (&note->connection);

  if (self != NULL && self->kicks != NULL)
    gst_wsctl_kicks_hurry (self->kicks);
}

/* On a streaming thread, inside the handshake */
static void
on_dtls (GstWsctlDtlsEvent event, gpointer data)
{
  g_autoptr (GstWsctlConnection) self = g_weak_ref_get (data);

  if (self != NULL)
    gst_wsctl_loop_call (self->loop, event == GST_WSCTL_DTLS_REFUSED
        ? take_refusal : take_flight, new_note (self), free_note);
}

GstWsctlConnection *
gst_wsctl_connection_new (const GstWsctlConnectionParams * params,
    GError ** error)
{
  g_autoptr (GstWsctlConnection) self = NULL;
  g_autofree gchar *pem = NULL;
  g_autofree gchar *fingerprint = NULL;

  pem = gst_wsctl_certificate_new_pem (error);
  if (pem != NULL)
    fingerprint = gst_wsctl_certificate_get_fingerprint (pem, "sha-256", error);
  if (fingerprint == NULL)
    return NULL;

  self = g_object_new (GST_WSCTL_TYPE_CONNECTION, NULL);
  self->webrtcbin = gst_wsctl_webrtcbin_new (params, &self->agent, error);
  if (self->webrtcbin == NULL)
    return NULL;
  self->blocks = gst_wsctl_report_blocks_new (self->webrtcbin);
  self->negotiator =
      gst_wsctl_negotiator_new (self->loop, self->webrtcbin, fingerprint);

  if (params->data_channel)
    gst_wsctl_connection_make_server_channel (self);

  self->guard = gst_wsctl_dtls_guard_new (self->webrtcbin, pem,
      on_dtls, new_weak (self), free_weak);
  self->state_id = g_signal_connect_data (self->webrtcbin,
      "notify::connection-state", G_CALLBACK (on_webrtcbin_state),
      new_weak (self), (GClosureNotify) free_weak, 0);

  return g_steal_pointer (&self);
}

void
gst_wsctl_connection_create_offer_async (GstWsctlConnection * self,
    GAsyncReadyCallback callback, gpointer user_data)
{
  gst_wsctl_connection_open_server_channel (self);
  gst_wsctl_negotiator_create_offer_async (self->negotiator, callback,
      user_data);
}

gchar *
gst_wsctl_connection_create_offer_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error)
{
  return gst_wsctl_negotiator_create_offer_finish (self->negotiator, result,
      error);
}

void
gst_wsctl_connection_set_answer_async (GstWsctlConnection * self,
    const gchar * sdp, GAsyncReadyCallback callback, gpointer user_data)
{
  const gchar *offer = gst_wsctl_negotiator_get_offer (self->negotiator);
  GError *error = NULL;

  g_return_if_fail (self->answer == NULL);

  if (gst_wsctl_connection_get_state (self) != GST_WSCTL_CONNECTION_STATE_NEW)
    g_set_error (&error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED, "closed");
  else if (offer == NULL)
    g_set_error (&error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "an answer came before the offer");
  else
    self->answer = gst_wsctl_answer_new (offer, sdp, &error);

  if (self->answer == NULL) {
    g_autoptr (GTask) task =
        g_task_new (self->negotiator, NULL, callback, user_data);

    g_task_return_error (task, error);
    return;
  }

  gst_wsctl_connection_set_state (self, GST_WSCTL_CONNECTION_STATE_CONNECTING);
  gst_wsctl_dtls_guard_expect (self->guard, self->answer->fingerprint);
  gst_wsctl_lookups_set_func (gst_wsctl_negotiator_get_lookups
      (self->negotiator), on_lookup, self);
  gst_wsctl_negotiator_set_answer_async (self->negotiator, self->answer->sdp,
      callback, user_data);
  self->kicks = gst_wsctl_kicks_new (self->loop, self->agent, NICE_STREAM_ID,
      self->answer);
}

gboolean
gst_wsctl_connection_set_answer_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error)
{
  return gst_wsctl_negotiator_set_answer_finish (self->negotiator, result,
      error);
}

const GstWsctlAnswer *
gst_wsctl_connection_get_answer (GstWsctlConnection * self)
{
  return self->answer;
}

const GError *
gst_wsctl_connection_get_error (GstWsctlConnection * self)
{
  return self->error;
}

void
gst_wsctl_connection_close (GstWsctlConnection * self)
{
  if (self->peer != NULL) {
    gst_wsctl_connection_peer_close (self);
  } else {
    gst_wsctl_dtls_guard_close (self->guard);
    gst_wsctl_negotiator_close (self->negotiator);
    if (self->data_channel != NULL)
      gst_wsctl_data_channel_end (self->data_channel, NULL);
  }
  gst_wsctl_connection_set_state (self, GST_WSCTL_CONNECTION_STATE_CLOSED);
}

/**
 * gst_wsctl_connection_get_element:
 * @self: a connection
 *
 * The element to put into a pipeline. Any thread.
 *
 * Returns: (transfer none): the element
 */
GstElement *
gst_wsctl_connection_get_element (GstWsctlConnection * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONNECTION (self), NULL);

  return self->peer != NULL ? self->peer->bin : self->webrtcbin;
}

/**
 * gst_wsctl_connection_get_state:
 * @self: a connection
 *
 * How far the connection is, as #GstWsctlConnection:state. Any thread.
 *
 * Returns: the state of the connection
 */
GstWsctlConnectionState
gst_wsctl_connection_get_state (GstWsctlConnection * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONNECTION (self),
      GST_WSCTL_CONNECTION_STATE_CLOSED);

  return g_atomic_int_get (&self->state);
}

/**
 * gst_wsctl_connection_get_stats:
 * @self: a connection
 *
 * What has been sent and received so far, per kind, and the candidate pair in
 * use; names as in the W3C's webrtc-stats. Right under BUNDLE, unlike
 * webrtcbin's own "get-stats" before 1.26. Any thread; does not wait.
 *
 * Returns: (transfer full): a structure `application/x-wsctl-stats`
 */
GstStructure *
gst_wsctl_connection_get_stats (GstWsctlConnection * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONNECTION (self), NULL);

  if (self->peer != NULL)
    return gst_wsctl_connection_peer_get_stats (self);

  return gst_wsctl_stats_collect (self->webrtcbin, self->agent, NICE_STREAM_ID,
      self->blocks);
}

void
gst_wsctl_connection_notify_description (GstWsctlConnection * self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DESCRIPTION]);
}

static void
gst_wsctl_connection_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstWsctlConnection *self = GST_WSCTL_CONNECTION (object);

  switch (prop_id) {
    case PROP_STATE:
      g_value_set_enum (value, gst_wsctl_connection_get_state (self));
      break;
    case PROP_ELEMENT:
      g_value_set_object (value, gst_wsctl_connection_get_element (self));
      break;
    case PROP_ID:
      g_value_set_string (value, gst_wsctl_connection_get_id (self));
      break;
    case PROP_DESCRIPTION:
      g_value_take_variant (value, gst_wsctl_connection_dup_description (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_connection_dispose (GObject * object)
{
  GstWsctlConnection *self = GST_WSCTL_CONNECTION (object);

  if (self->webrtcbin != NULL && self->state_id != 0)
    g_signal_handler_disconnect (self->webrtcbin, self->state_id);
  self->state_id = 0;
  g_clear_pointer (&self->kicks, gst_wsctl_kicks_free);
  if (self->guard != NULL)
    gst_wsctl_dtls_guard_close (self->guard);
  g_clear_pointer (&self->guard, gst_wsctl_dtls_guard_unref);
  if (self->negotiator != NULL)
    gst_wsctl_lookups_close (gst_wsctl_negotiator_get_lookups
        (self->negotiator));
  g_clear_object (&self->negotiator);
  g_clear_object (&self->data_channel);
  g_clear_object (&self->agent);
  g_clear_object (&self->webrtcbin);

  G_OBJECT_CLASS (gst_wsctl_connection_parent_class)->dispose (object);
}

static void
gst_wsctl_connection_finalize (GObject * object)
{
  GstWsctlConnection *self = GST_WSCTL_CONNECTION (object);

  g_clear_pointer (&self->peer, gst_wsctl_connection_peer_free);
  g_clear_pointer (&self->answer, gst_wsctl_answer_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->blocks, gst_wsctl_report_blocks_unref);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_connection_parent_class)->finalize (object);
}

static void
gst_wsctl_connection_class_init (GstWsctlConnectionClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlconnection_debug, "wsctlconnection", 0,
      "WebRTC WebSocket control: connection");

  object_class->get_property = gst_wsctl_connection_get_property;
  object_class->dispose = gst_wsctl_connection_dispose;
  object_class->finalize = gst_wsctl_connection_finalize;

  /**
   * GstWsctlConnection:state:
   *
   * How far the connection is. Notified on the loop's thread.
   */
  properties[PROP_STATE] =
      g_param_spec_enum ("state", "State", "How far the connection is",
      GST_WSCTL_TYPE_CONNECTION_STATE, GST_WSCTL_CONNECTION_STATE_NEW,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlConnection:element:
   *
   * The element to put into a pipeline.
   */
  properties[PROP_ELEMENT] =
      g_param_spec_object ("element", "Element",
      "The element to put into a pipeline", GST_TYPE_ELEMENT,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlConnection:id:
   *
   * The id of the peer in its pool; %NULL for a connection to a server.
   */
  properties[PROP_ID] =
      g_param_spec_string ("id", "Id", "The id of the peer in its pool", NULL,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlConnection:description:
   *
   * What the server's side says about the peer, now. Notified on the loop's
   * thread.
   */
  properties[PROP_DESCRIPTION] =
      g_param_spec_variant ("description", "Description",
      "What the server's side says about the peer", G_VARIANT_TYPE_ANY, NULL,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
  gst_wsctl_connection_members_class_init (object_class);
}

static void
gst_wsctl_connection_init (GstWsctlConnection * self)
{
  self->loop = gst_wsctl_loop_get_shared ();
}
