/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The life of a controller: it is made, opens its session, and closes it.
 */

#include "wsctlcontrollerinternal-private.h"

#include "wsctladdress-private.h"
#include "wsctlcodec-private.h"
#include "wsctlerror.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlcontrollerlife_debug);
#define GST_CAT_DEFAULT wsctlcontrollerlife_debug

#define PRIVATE(self) gst_wsctl_controller_get_private (self)

static void
on_negotiated (GObject * object, GAsyncResult * result, gpointer data)
{
  GstWsctlController *self = GST_WSCTL_CONTROLLER (object);
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *answer = NULL;

  answer = GST_WSCTL_CONTROLLER_GET_CLASS (self)->negotiate_finish (self,
      result, &error);
  gst_wsctl_session_take_answer (priv->session, answer, error);
}

/* The session holds its controller weakly: one that nobody wants any more must
 * be able to go, and takes its session with it. */
static void
on_session_negotiate (const gchar * offer, gpointer data)
{
  g_autoptr (GstWsctlController) self = g_weak_ref_get (data);

  if (self != NULL)
    GST_WSCTL_CONTROLLER_GET_CLASS (self)->negotiate_async (self, offer,
        PRIVATE (self)->cancellable, on_negotiated, NULL);
}

void
gst_wsctl_controller_real_negotiate_async (GstWsctlController * self,
    const gchar * offer, GCancellable * cancellable,
    GAsyncReadyCallback callback, gpointer user_data)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GstWsctlCommand) command =
      gst_wsctl_command_new (GST_WSCTL_COMMAND_OFFER_SDP);
  g_autofree gchar *text = NULL;
  GError *error = NULL;

  command->offer_sdp = g_strdup (offer);
  text = gst_wsctl_command_to_json (command);
  if (gst_wsctl_session_send_now (priv->session, text, &error))
    priv->negotiate_task = g_steal_pointer (&task);
  else
    g_task_return_error (task, error);
}

gchar *
gst_wsctl_controller_real_negotiate_finish (GstWsctlController * self,
    GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
take_answer (GstWsctlController * self, const GstWsctlEvent * event)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  g_autoptr (GTask) task = g_steal_pointer (&priv->negotiate_task);

  if (task == NULL)
    GST_WARNING_OBJECT (self, "an answer that was not asked for is ignored");
  else if (!event->result)
    g_task_return_new_error (task, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_ACCESS_DENIED, "the server denies access to the "
        "stream: wrong token, or the name is taken");
  else if (event->answer_sdp == NULL)
    g_task_return_new_error (task, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_SIP_FAILED, "the server's answer has no description");
  else
    g_task_return_pointer (task, g_strdup (event->answer_sdp), g_free);
}

static void
on_session_event (const GstWsctlEvent * event, gpointer data)
{
  g_autoptr (GstWsctlController) self = g_weak_ref_get (data);

  if (self == NULL)
    return;

  if (event->type == GST_WSCTL_EVENT_ANSWER_SDP)
    take_answer (self, event);
  else
    gst_wsctl_controller_emit_event (self, event);
}

static void
on_session_opened (const GstWsctlAnswer * answer, gpointer data)
{
  g_autoptr (GstWsctlController) self = g_weak_ref_get (data);
  g_autoptr (GTask) task = NULL;

  if (self == NULL)
    return;

  task = g_steal_pointer (&PRIVATE (self)->open_task);
  gst_wsctl_controller_set_opened (self, answer);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
on_session_connected (gpointer data)
{
  g_autoptr (GstWsctlController) self = g_weak_ref_get (data);

  if (self != NULL)
    gst_wsctl_controller_emit_connected (self);
}

static void
answer_task (GTask ** pending, const GError * error)
{
  g_autoptr (GTask) task = g_steal_pointer (pending);

  if (task == NULL)
    return;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_new_error (task, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the session was closed");
}

static void
on_session_closed (const GError * error, gpointer data)
{
  g_autoptr (GstWsctlController) self = g_weak_ref_get (data);
  GstWsctlControllerPrivate *priv;

  if (self == NULL)
    return;

  /* All that is pending is answered first. */
  priv = PRIVATE (self);
  g_cancellable_cancel (priv->cancellable);
  answer_task (&priv->negotiate_task, error);
  answer_task (&priv->open_task, error);
  gst_wsctl_controller_set_closed (self, error);
}

static const GstWsctlSessionCallbacks session_callbacks = {
  on_session_negotiate, on_session_opened, on_session_connected,
  on_session_event, on_session_closed
};

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gboolean
take_address (GstWsctlController * self, GStrv * loopback, GError ** error)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  GstWsctlConfig *config = priv->config;
  g_autoptr (GstWsctlAddress) address = NULL;
  g_autoptr (GInetAddress) inet = NULL;

  address = gst_wsctl_address_new (config->uri, config->stream, NULL, NULL,
      NULL, error);
  if (address == NULL)
    return FALSE;

  priv->stream_name = g_strdup (address->stream_name);
  inet = g_inet_address_new_from_string (g_strcmp0 (address->host,
          "localhost") == 0 ? "127.0.0.1" : address->host);
  if (inet == NULL || !g_inet_address_get_is_loopback (inet))
    return TRUE;

  /* libnice leaves the loopback out unless it is told to use it. */
  *loopback = g_new0 (gchar *, 2);
  (*loopback)[0] = g_inet_address_to_string (inet);

  return TRUE;
}

gboolean
gst_wsctl_controller_initable_init (GInitable * initable,
    GCancellable * cancellable, GError ** error)
{
  GstWsctlController *self = GST_WSCTL_CONTROLLER (initable);
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  GstWsctlConfig *config = priv->config;
  g_auto (GStrv) loopback = NULL;
  GstWsctlConnectionParams params = { NULL, };
  GWeakRef *weak;

  g_return_val_if_fail (config != NULL && priv->session == NULL, FALSE);

  GST_DEBUG_CATEGORY_INIT (wsctlcontrollerlife_debug, "wsctlcontrollerlife", 0,
      "WebRTC WebSocket control: life of a controller");

  gst_wsctl_warmup_start ();
  if (!take_address (self, &loopback, error))
    return FALSE;

  params.stun_server = config->stun_server;
  params.turn_servers = (const gchar * const *) config->turn_servers;
  params.relay_only =
      config->ice_transport_policy == GST_WSCTL_ICE_TRANSPORT_POLICY_RELAY;
  params.latency_ms = config->latency_ms;
  params.no_retransmission = !config->do_retransmission;
  params.data_channel = config->use_data_channel;
  params.local_addresses = (const gchar * const *)
      (config->local_addresses != NULL ? config->local_addresses : loopback);
  priv->connection = gst_wsctl_connection_new (&params, error);
  if (priv->connection == NULL)
    return FALSE;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  priv->session = gst_wsctl_session_new (priv->loop, config, priv->connection,
      &session_callbacks, weak, free_weak);

  return TRUE;
}

/**
 * gst_wsctl_controller_new:
 * @config: what to connect to and how; copied
 * @role: whether to publish or to play
 * @error: set to %GST_WSCTL_ERROR_INVALID_URI for an address that names no
 *   server and stream, to %GST_WSCTL_ERROR_MISSING_PLUGIN when GStreamer lacks
 *   a part
 *
 * Nothing is connected before gst_wsctl_controller_open_async().
 *
 * Returns: (transfer full): a controller, or %NULL with @error set
 */
GstWsctlController *
gst_wsctl_controller_new (GstWsctlConfig * config, GstWsctlRole role,
    GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONFIG (config), NULL);

  return g_initable_new (GST_WSCTL_TYPE_CONTROLLER, NULL, error,
      "config", config, "role", role, NULL);
}

void
gst_wsctl_controller_add_media (GstWsctlController * self,
    GstWsctlMediaKind kind, GstCaps * caps)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);

  priv->has_media = TRUE;
  gst_wsctl_connection_add_media (priv->connection, kind,
      priv->role == GST_WSCTL_ROLE_PUBLISH, caps);
}

void
gst_wsctl_controller_set_channel (GstWsctlController * self,
    GstWsctlChannel * channel)
{
  gst_wsctl_session_set_channel (PRIVATE (self)->session, channel);
}

static gboolean
is_wanted (GstWsctlControllerPrivate * priv, const GstWsctlCodec * codec)
{
  gboolean publish = priv->role == GST_WSCTL_ROLE_PUBLISH;
  gboolean able = publish ? gst_wsctl_codec_can_send (codec)
      : gst_wsctl_codec_can_receive (codec);
  guint i;

  if (!able || priv->codecs == NULL)
    return able && !(publish && codec->on_request);

  for (i = 0; priv->codecs[i] != NULL; i++) {
    if (g_ascii_strcasecmp (priv->codecs[i], codec->name) == 0)
      return TRUE;
  }

  return FALSE;
}

static void
add_default_media (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  gint kind;

  for (kind = GST_WSCTL_N_MEDIA_KINDS - 1; kind >= 0; kind--) {
    g_autoptr (GstCaps) caps = gst_caps_new_empty ();
    const GstWsctlCodec *codec;

    for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
      if ((gint) codec->kind == kind && is_wanted (priv, codec))
        gst_caps_append (caps, gst_wsctl_codec_get_offer_caps (codec, -1));
    }
    if (!gst_caps_is_empty (caps))
      gst_wsctl_controller_add_media (self, kind, caps);
  }
}

static void
close_when_cancelled (GstWsctlController * self)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "opening was cancelled");

  gst_wsctl_controller_close (self, error);
}

static void
run_open (gpointer data)
{
  GTask *task = data;
  GstWsctlController *self = g_task_get_source_object (task);
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  GstElement *element = gst_wsctl_connection_get_element (priv->connection);

  if (gst_wsctl_session_get_step (priv->session) != GST_WSCTL_STEP_NEW) {
    g_task_return_new_error (task, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the session was opened before: a controller is for one session");
    return;
  }

  if (GST_STATE (element) < GST_STATE_READY) {
    g_task_return_new_error (task, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "the connection's element must be in READY or above before opening");
    return;
  }

  priv->open_task = g_object_ref (task);
  if (priv->has_media) {
    gst_wsctl_session_open (priv->session);
  } else {
    g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "nothing to offer: none of the codecs asked for is installed");

    gst_wsctl_session_close (priv->session, error);
  }
}

/**
 * gst_wsctl_controller_open_async:
 * @self: a controller
 * @cancellable: (nullable): cancelled, it closes the session
 * @callback: (scope async) (closure user_data): called when the session is open
 *   or could not be opened, in the caller's thread-default context
 * @user_data: for @callback
 *
 * Opens the session: the socket, the offer, the answer. "Open" means that the
 * two sides agree; "on-connected" tells when media can flow. A controller is for
 * one session: once is all. An element in NULL is an error that leaves the
 * controller as it was.
 */
void
gst_wsctl_controller_open_async (GstWsctlController * self,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  if (!priv->has_media)
    add_default_media (self);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled",
        G_CALLBACK (close_when_cancelled), self, G_CONNECT_SWAPPED);
  /* Cancelled before, it tells nobody any more. */
  if (g_cancellable_is_cancelled (cancellable))
    close_when_cancelled (self);
  gst_wsctl_loop_call (priv->loop, run_open, g_steal_pointer (&task),
      g_object_unref);
}

/**
 * gst_wsctl_controller_open_finish:
 * @self: a controller
 * @result: what the callback was given
 * @error: set when the session could not be opened
 *
 * Ends gst_wsctl_controller_open_async(). Any #GstWsctlError may be the reason,
 * and %G_IO_ERROR_CANCELLED.
 *
 * Returns: whether the session is open
 */
gboolean
gst_wsctl_controller_open_finish (GstWsctlController * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  GstWsctlSession *session;
  GError *error;
} Close;

static void
run_close (gpointer data)
{
  Close *close = data;

  gst_wsctl_session_close (close->session, close->error);
}

static void
free_close (gpointer data)
{
  Close *close = data;

  g_object_unref (close->session);
  g_clear_error (&close->error);
  g_free (close);
}

/**
 * gst_wsctl_controller_close:
 * @self: a controller
 * @error: (nullable): what "on-close" is to say
 *
 * Closes the session. "on-close" follows, once; a second call does nothing.
 */
void
gst_wsctl_controller_close (GstWsctlController * self, const GError * error)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  Close *close;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));

  close = g_new0 (Close, 1);
  close->session = g_object_ref (priv->session);
  close->error = error != NULL ? g_error_copy (error) : NULL;
  gst_wsctl_loop_call (priv->loop, run_close, close, free_close);
}

/**
 * gst_wsctl_controller_close_in_order: (rename-to gst_wsctl_controller_close)
 * @self: a controller
 *
 * gst_wsctl_controller_close() without an error, for languages whose bindings
 * cannot pass none.
 */
void
gst_wsctl_controller_close_in_order (GstWsctlController * self)
{
  gst_wsctl_controller_close (self, NULL);
}

void
gst_wsctl_controller_close_sync (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  Close close = { priv->session, NULL };

  gst_wsctl_loop_call_sync (priv->loop, run_close, &close);
  if (!gst_wsctl_loop_is_current (priv->loop))
    gst_wsctl_connection_settle (gst_wsctl_controller_get_connection (self));
}
