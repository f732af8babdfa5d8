/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The channel over a WebSocket. Everything here runs on the context that the
 * channel was made on.
 */

#include "wsctlwebsocketchannel-private.h"

#include <gst/gst.h>
#include <string.h>

#include "wsctlerror.h"
#include "wsctlsocketerror-private.h"
#include "wsctlwebsocketrequest-private.h"

GST_DEBUG_CATEGORY_STATIC (websocket_debug);
#define GST_CAT_DEFAULT websocket_debug

typedef enum
{
  STATE_NEW,
  STATE_CONNECTING,
  STATE_OPEN,
  STATE_CLOSED,                 /* "closed" is told or on its way */
} State;

struct _GstWsctlWebsocketChannel
{
  GObject parent;

  GstWsctlWebsocketParams *params;      /* our own copy, without zeros */

  /* State */
  State state;
  GMainContext *context;
  GQueue queue;                 /* gchar *, sends before open */
  GSource *watchdog;            /* connecting: the limit; open: silence */
  GSource *closing;             /* tells "closed" */
  GError *error;                /* what "closed" will say */

  /* Connecting */
  SoupSession *session;
  SoupMessage *request;
  GCancellable *cancellable;
  GstWsctlSocketAttempt attempt;

  /* Open */
  SoupWebsocketConnection *connection;
  gboolean returning;           /* after a close of ours */
};

static void gst_wsctl_websocket_channel_iface_init (GstWsctlChannelInterface *
    iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstWsctlWebsocketChannel,
    gst_wsctl_websocket_channel, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (GST_WSCTL_TYPE_CHANNEL,
        gst_wsctl_websocket_channel_iface_init);
    GST_DEBUG_CATEGORY_INIT (websocket_debug, "wsctlwebsocketchannel", 0,
        "WebSocket of a session"));

static void
clear_source (GSource ** source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
start_watchdog (GstWsctlWebsocketChannel * self, guint delay_ms,
    GSourceFunc func)
{
  clear_source (&self->watchdog);
  self->watchdog = g_timeout_source_new (delay_ms);
  g_source_set_callback (self->watchdog, func, self, NULL);
  g_source_attach (self->watchdog, self->context);
}

static gboolean
drop_connection (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* libsoup goes on with a connection after its signals, without a reference of
 * its own, so the last one is never dropped from inside one of them. */
static void
release_connection (GstWsctlWebsocketChannel * self)
{
  g_autoptr (GSource) source = NULL;

  if (self->connection == NULL)
    return;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, drop_connection,
      g_steal_pointer (&self->connection), g_object_unref);
  g_source_attach (source, self->context);
}

/* Ends all that is under way. What is open is closed in order: libsoup sends
 * the close frame and waits a few seconds for the server's. */
static void
stop_work (GstWsctlWebsocketChannel * self)
{
  clear_source (&self->watchdog);
  g_queue_clear_full (&self->queue, g_free);

  if (self->request != NULL)
    g_signal_handlers_disconnect_by_data (self->request, self);
  g_clear_object (&self->request);
  g_cancellable_cancel (self->cancellable);

  if (self->connection != NULL) {
    g_signal_handlers_disconnect_by_data (self->connection, self);
    if (soup_websocket_connection_get_state (self->connection) ==
        SOUP_WEBSOCKET_STATE_OPEN)
      soup_websocket_connection_close (self->connection,
          self->returning ? SOUP_WEBSOCKET_CLOSE_GOING_AWAY
          : SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  }
}

static gboolean
tell_closed (gpointer data)
{
  g_autoptr (GstWsctlWebsocketChannel) self = g_object_ref (data);

  clear_source (&self->closing);
  gst_wsctl_channel_emit_closed (GST_WSCTL_CHANNEL (self), self->error);

  return G_SOURCE_REMOVE;
}

/* The one way out. The first error wins; "closed" is told from a source, so
 * that nobody is entered again from inside a call. */
static void
finish (GstWsctlWebsocketChannel * self, GError * error)
{
  if (self->state == STATE_CLOSED) {
    g_clear_error (&error);
    return;
  }

  GST_INFO_OBJECT (self, "closed: %s",
      error != NULL ? error->message : "by ourselves");
  self->state = STATE_CLOSED;
  self->error = error;
  stop_work (self);

  self->closing = g_idle_source_new ();
  g_source_set_priority (self->closing, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->closing, tell_closed, self, NULL);
  g_source_attach (self->closing, self->context);
}

static gboolean
on_silence (gpointer data)
{
  GstWsctlWebsocketChannel *self = data;

  finish (self, gst_wsctl_socket_error_new_silence (self->attempt.peer,
          self->params->pong_timeout_ms));

  return G_SOURCE_REMOVE;
}

/* Something came in, so the server lives. */
static void
feed_watchdog (GstWsctlWebsocketChannel * self)
{
  if (self->watchdog != NULL)
    g_source_set_ready_time (self->watchdog,
        g_get_monotonic_time () +
        self->params->pong_timeout_ms * G_TIME_SPAN_MILLISECOND);
}

static void
on_message (SoupWebsocketConnection * connection, gint type, GBytes * data,
    GstWsctlWebsocketChannel * self)
{
  gsize size;
  /* libsoup ends it with a NUL that is not counted. */
  const gchar *text = g_bytes_get_data (data, &size);

  feed_watchdog (self);
  if (type != SOUP_WEBSOCKET_DATA_TEXT) {
    GST_WARNING_OBJECT (self, "ignored a binary message of %" G_GSIZE_FORMAT
        " bytes", size);
    return;
  }
  if (size > 0 && memchr (text, '\0', size) != NULL) {
    GST_WARNING_OBJECT (self, "ignored a message with a NUL in it");
    return;
  }

  GST_LOG_OBJECT (self, "received %" G_GSIZE_FORMAT " bytes", size);
  gst_wsctl_channel_emit_message (GST_WSCTL_CHANNEL (self),
      size > 0 ? text : "");
}

static void
on_pong (SoupWebsocketConnection * connection, GBytes * data,
    GstWsctlWebsocketChannel * self)
{
  feed_watchdog (self);
}

static GError *
make_close_error (GstWsctlWebsocketChannel * self,
    SoupWebsocketConnection * connection)
{
  return gst_wsctl_socket_error_new_close (self->attempt.peer,
      soup_websocket_connection_get_close_code (connection),
      soup_websocket_connection_get_close_data (connection));
}

/* The server's close frame, or, without one, the end of the connection */
static void
on_closing (SoupWebsocketConnection * connection,
    GstWsctlWebsocketChannel * self)
{
  finish (self, make_close_error (self, connection));
}

/* A close frame with a code that libsoup does not know comes here as well. */
static void
on_error (SoupWebsocketConnection * connection, GError * error,
    GstWsctlWebsocketChannel * self)
{
  if (soup_websocket_connection_get_close_code (connection) != 0)
    finish (self, make_close_error (self, connection));
  else
    finish (self, gst_wsctl_socket_error_new_frame (self->attempt.peer,
            self->params->max_message_size, error));
}

/* A server may be leaving already: "closing" tells of it in a moment. */
static void
send_now (GstWsctlWebsocketChannel * self, const gchar * text)
{
  if (soup_websocket_connection_get_state (self->connection)
      == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->connection, text);
}

static void
start_session (GstWsctlWebsocketChannel * self,
    SoupWebsocketConnection * connection)
{
  g_autofree gchar *text = NULL;

  self->connection = connection;
  self->state = STATE_OPEN;
  GST_INFO_OBJECT (self, "connecting to %s -> open", self->attempt.peer);

  g_signal_handlers_disconnect_by_data (self->request, self);
  g_clear_object (&self->request);
  soup_websocket_connection_set_max_incoming_payload_size (connection,
      self->params->max_message_size);
  soup_websocket_connection_set_keepalive_interval (connection,
      self->params->keepalive_s);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "pong", G_CALLBACK (on_pong), self);
  g_signal_connect (connection, "closing", G_CALLBACK (on_closing), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closing), self);
  g_signal_connect (connection, "error", G_CALLBACK (on_error), self);
  start_watchdog (self, self->params->pong_timeout_ms, on_silence);

  /* A send can fail and end the session. */
  while (self->state == STATE_OPEN
      && (text = g_queue_pop_head (&self->queue)) != NULL) {
    send_now (self, text);
    g_clear_pointer (&text, g_free);
  }
  if (self->state == STATE_OPEN)
    gst_wsctl_channel_emit_opened (GST_WSCTL_CHANNEL (self));
}

static void
connect_done (GObject * session, GAsyncResult * result, gpointer data)
{
  GWeakRef *weak = data;
  g_autoptr (GstWsctlWebsocketChannel) self = g_weak_ref_get (weak);
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_weak_ref_clear (weak);
  g_free (weak);

  /* Closed or gone meanwhile: what came is dropped. */
  connection = soup_session_websocket_connect_finish (SOUP_SESSION (session),
      result, &error);
  if (self == NULL || self->state != STATE_CONNECTING)
    return;

  if (connection != NULL)
    start_session (self, g_steal_pointer (&connection));
  else
    finish (self, gst_wsctl_socket_error_new_connect (&self->attempt,
            soup_message_get_status (self->request), error));
}

static gboolean
on_connect_timeout (gpointer data)
{
  GstWsctlWebsocketChannel *self = data;

  finish (self, gst_wsctl_socket_error_new_timeout (&self->attempt,
          self->params->connect_timeout_ms));

  return G_SOURCE_REMOVE;
}

static gboolean
on_accept_certificate (SoupMessage * request, GTlsCertificate * certificate,
    GTlsCertificateFlags flags, GstWsctlWebsocketChannel * self)
{
  self->attempt.tls_flags = flags;

  return self->params->insecure;
}

/* How far it came tells what to say when it goes no further. */
static void
on_network_event (SoupMessage * request, GSocketClientEvent event,
    GIOStream * stream, GstWsctlWebsocketChannel * self)
{
  gst_wsctl_socket_attempt_take_event (&self->attempt, event, stream);
}

static gboolean
prepare_request (GstWsctlWebsocketChannel * self, GError ** error)
{
  self->request =
      gst_wsctl_websocket_request_new (self->params, &self->attempt, error);
  if (self->request == NULL)
    return FALSE;

  g_signal_connect (self->request, "accept-certificate",
      G_CALLBACK (on_accept_certificate), self);
  g_signal_connect (self->request, "network-event",
      G_CALLBACK (on_network_event), self);
  self->session = gst_wsctl_websocket_session_new (self->params, error);

  return self->session != NULL;
}

static void
open_channel (GstWsctlChannel * channel)
{
  GstWsctlWebsocketChannel *self = GST_WSCTL_WEBSOCKET_CHANNEL (channel);
  GError *error = NULL;
  GWeakRef *weak;

  g_return_if_fail (self->state == STATE_NEW);

  self->state = STATE_CONNECTING;
  if (!prepare_request (self, &error)) {
    finish (self, error);
    return;
  }

  GST_INFO_OBJECT (self, "new -> connecting to %s", self->attempt.peer);
  start_watchdog (self, self->params->connect_timeout_ms, on_connect_timeout);
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  soup_session_websocket_connect_async (self->session, self->request, NULL,
      NULL, G_PRIORITY_DEFAULT, self->cancellable, connect_done, weak);
}

static gboolean
send_text (GstWsctlChannel * channel, const gchar * text, GError ** error)
{
  GstWsctlWebsocketChannel *self = GST_WSCTL_WEBSOCKET_CHANNEL (channel);
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

  /* libsoup arms the rest of a large send on the caller's context. */
  g_return_val_if_fail (context == self->context, FALSE);

  if (self->state == STATE_CLOSED) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "The channel is closed");
    return FALSE;
  }
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_INVALID_MESSAGE, "The message is not UTF-8 text");
    return FALSE;
  }

  if (self->state == STATE_OPEN) {
    send_now (self, text);
    return TRUE;
  }
  if (g_queue_get_length (&self->queue) >= self->params->max_queued) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
        "%u messages wait for the connection already",
        self->params->max_queued);
    return FALSE;
  }
  g_queue_push_tail (&self->queue, g_strdup (text));

  return TRUE;
}

static void
close_channel (GstWsctlChannel * channel, gboolean returning)
{
  GstWsctlWebsocketChannel *self = GST_WSCTL_WEBSOCKET_CHANNEL (channel);

  self->returning = returning;
  if (self->state == STATE_NEW)
    self->state = STATE_CLOSED;
  else
    finish (self, NULL);
}

static void
gst_wsctl_websocket_channel_iface_init (GstWsctlChannelInterface * iface)
{
  iface->open = open_channel;
  iface->send = send_text;
  iface->close = close_channel;
}

static void
gst_wsctl_websocket_channel_init (GstWsctlWebsocketChannel * self)
{
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->queue);
}

static void
gst_wsctl_websocket_channel_dispose (GObject * object)
{
  GstWsctlWebsocketChannel *self = GST_WSCTL_WEBSOCKET_CHANNEL (object);

  self->state = STATE_CLOSED;
  stop_work (self);
  clear_source (&self->closing);
  release_connection (self);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (gst_wsctl_websocket_channel_parent_class)->dispose (object);
}

static void
gst_wsctl_websocket_channel_finalize (GObject * object)
{
  GstWsctlWebsocketChannel *self = GST_WSCTL_WEBSOCKET_CHANNEL (object);

  gst_wsctl_websocket_params_free (self->params);
  gst_wsctl_socket_attempt_clear (&self->attempt);
  g_clear_error (&self->error);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (gst_wsctl_websocket_channel_parent_class)->finalize (object);
}

static void
gst_wsctl_websocket_channel_class_init (GstWsctlWebsocketChannelClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = gst_wsctl_websocket_channel_dispose;
  object_class->finalize = gst_wsctl_websocket_channel_finalize;
}

GstWsctlWebsocketChannel *
gst_wsctl_websocket_channel_new (const GstWsctlWebsocketParams * params)
{
  GstWsctlWebsocketChannel *self =
      g_object_new (GST_WSCTL_TYPE_WEBSOCKET_CHANNEL, NULL);

  self->params = gst_wsctl_websocket_params_copy (params);

  return self;
}
