/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything here runs on the context that the channel was made on.
 */

#include "wsctlgetchannel-private.h"

#include <gst/gst.h>
#include <string.h>

#include "wsctlerror.h"
#include "wsctlsocketerror-private.h"
#include "wsctlwebsocketrequest-private.h"

#define CHUNK_SIZE 65536
#define MS_IN_S 1000

struct _GstWsctlGetChannel
{
  GObject parent;

  GstWsctlWebsocketParams *params;
  GCancellable *cancellable;
  SoupSession *session;
  SoupMessage *request;
  GstWsctlSocketAttempt attempt;
  GByteArray *body;
  GMainContext *context;
  GSource *closing;             /* tells "closed" */
  GError *error;                /* what "closed" will say */
  gboolean begun;
  gboolean over;                /* "closed" is told or on its way */
};

static void gst_wsctl_get_channel_iface_init (GstWsctlChannelInterface * iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GstWsctlGetChannel, gst_wsctl_get_channel,
    G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (GST_WSCTL_TYPE_CHANNEL,
        gst_wsctl_get_channel_iface_init));

static gboolean
tell_closed (gpointer data)
{
  g_autoptr (GstWsctlGetChannel) self = g_object_ref (data);

  g_clear_pointer (&self->closing, g_source_unref);
  gst_wsctl_channel_emit_closed (GST_WSCTL_CHANNEL (self), self->error);

  return G_SOURCE_REMOVE;
}

/* The one way out; from a source, so that nobody is entered again. */
static void
finish (GstWsctlGetChannel * self, GError * error)
{
  if (self->over) {
    g_clear_error (&error);
    return;
  }

  self->over = TRUE;
  self->error = error;
  g_cancellable_cancel (self->cancellable);
  self->closing = g_idle_source_new ();
  g_source_set_priority (self->closing, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->closing, tell_closed, self, NULL);
  g_source_attach (self->closing, self->context);
}

static void
give_body (GstWsctlGetChannel * self)
{
  g_byte_array_append (self->body, (const guint8 *) "", 1);
  gst_wsctl_channel_emit_opened (GST_WSCTL_CHANNEL (self));
  if (!self->over && memchr (self->body->data, '\0', self->body->len - 1)
      == NULL)
    gst_wsctl_channel_emit_message (GST_WSCTL_CHANNEL (self),
        (const gchar *) self->body->data);
  finish (self, NULL);
}

static void read_on (GInputStream * stream, GstWsctlGetChannel * self);

static void
read_done (GObject * stream, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstWsctlGetChannel) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result,
      &error);

  if (self->over)
    return;
  if (bytes == NULL) {
    finish (self, gst_wsctl_socket_error_new_frame (self->attempt.peer,
            self->params->max_message_size, error));
    return;
  }
  if (g_bytes_get_size (bytes) == 0) {
    give_body (self);
    return;
  }

  g_byte_array_append (self->body, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  if (self->body->len > self->params->max_message_size)
    finish (self, g_error_new (GST_WSCTL_ERROR,
            GST_WSCTL_ERROR_MESSAGE_TOO_LARGE, "%s answers with more than %"
            G_GSIZE_FORMAT " bytes", self->attempt.peer,
            self->params->max_message_size));
  else
    read_on (G_INPUT_STREAM (stream), self);
}

static void
read_on (GInputStream * stream, GstWsctlGetChannel * self)
{
  g_input_stream_read_bytes_async (stream, CHUNK_SIZE, G_PRIORITY_DEFAULT,
      self->cancellable, read_done, g_object_ref (self));
}

static void
send_done (GObject * session, GAsyncResult * result, gpointer data)
{
  g_autoptr (GstWsctlGetChannel) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream =
      soup_session_send_finish (SOUP_SESSION (session), result, &error);
  guint status;

  if (self->over)
    return;

  status = soup_message_get_status (self->request);
  /* A status is no error to libsoup; as to a WebSocket it is. */
  if (stream != NULL && status != SOUP_STATUS_OK)
    g_set_error_literal (&error, SOUP_WEBSOCKET_ERROR,
        SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET, "HTTP status");
  if (stream == NULL || status != SOUP_STATUS_OK)
    finish (self, gst_wsctl_socket_error_new_connect (&self->attempt,
            status, error));
  else
    read_on (stream, self);
}

static gboolean
on_accept_certificate (SoupMessage * request, GTlsCertificate * certificate,
    GTlsCertificateFlags flags, GstWsctlGetChannel * self)
{
  self->attempt.tls_flags = flags;

  return self->params->insecure;
}

static void
on_network_event (SoupMessage * request, GSocketClientEvent event,
    GIOStream * stream, GstWsctlGetChannel * self)
{
  gst_wsctl_socket_attempt_take_event (&self->attempt, event, stream);
}

/* The same address under its other name */
static void
use_http (SoupMessage * request)
{
  GUri *uri = soup_message_get_uri (request);
  g_autoptr (GUri) http = soup_uri_copy (uri, SOUP_URI_SCHEME,
      g_str_equal (g_uri_get_scheme (uri), "wss") ? "https" : "http",
      SOUP_URI_NONE);

  soup_message_set_uri (request, http);
}

static gboolean
prepare (GstWsctlGetChannel * self, GError ** error)
{
  self->request =
      gst_wsctl_websocket_request_new (self->params, &self->attempt, error);
  if (self->request == NULL)
    return FALSE;
  use_http (self->request);
  g_signal_connect_object (self->request, "accept-certificate",
      G_CALLBACK (on_accept_certificate), self, 0);
  g_signal_connect_object (self->request, "network-event",
      G_CALLBACK (on_network_event), self, 0);

  self->session = gst_wsctl_websocket_session_new (self->params, error);
  if (self->session == NULL)
    return FALSE;
  soup_session_set_timeout (self->session,
      MAX (self->params->connect_timeout_ms / MS_IN_S, 1));

  return TRUE;
}

static void
open_channel (GstWsctlChannel * channel)
{
  GstWsctlGetChannel *self = GST_WSCTL_GET_CHANNEL (channel);
  GError *error = NULL;

  g_return_if_fail (!self->begun);

  self->begun = TRUE;
  if (!prepare (self, &error)) {
    finish (self, error);
    return;
  }
  soup_session_send_async (self->session, self->request, G_PRIORITY_DEFAULT,
      self->cancellable, send_done, g_object_ref (self));
}

static gboolean
send_text (GstWsctlChannel * channel, const gchar * text, GError ** error)
{
  g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
      "Nothing can be said to an address that only answers");

  return FALSE;
}

static void
close_channel (GstWsctlChannel * channel, gboolean returning)
{
  GstWsctlGetChannel *self = GST_WSCTL_GET_CHANNEL (channel);

  if (self->begun)
    finish (self, NULL);
  self->over = TRUE;
}

static void
gst_wsctl_get_channel_iface_init (GstWsctlChannelInterface * iface)
{
  iface->open = open_channel;
  iface->send = send_text;
  iface->close = close_channel;
}

static void
gst_wsctl_get_channel_dispose (GObject * object)
{
  GstWsctlGetChannel *self = GST_WSCTL_GET_CHANNEL (object);

  if (self->closing != NULL)
    g_source_destroy (self->closing);
  g_clear_pointer (&self->closing, g_source_unref);
  g_clear_object (&self->request);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (gst_wsctl_get_channel_parent_class)->dispose (object);
}

static void
gst_wsctl_get_channel_finalize (GObject * object)
{
  GstWsctlGetChannel *self = GST_WSCTL_GET_CHANNEL (object);

  gst_wsctl_websocket_params_free (self->params);
  gst_wsctl_socket_attempt_clear (&self->attempt);
  g_clear_error (&self->error);
  g_byte_array_unref (self->body);
  g_object_unref (self->cancellable);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (gst_wsctl_get_channel_parent_class)->finalize (object);
}

static void
gst_wsctl_get_channel_class_init (GstWsctlGetChannelClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = gst_wsctl_get_channel_dispose;
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_get_channel_finalize;
}

static void
gst_wsctl_get_channel_init (GstWsctlGetChannel * self)
{
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->body = g_byte_array_new ();
}

GstWsctlGetChannel *
gst_wsctl_get_channel_new (const GstWsctlWebsocketParams * params)
{
  GstWsctlGetChannel *self = g_object_new (GST_WSCTL_TYPE_GET_CHANNEL, NULL);

  self->params = gst_wsctl_websocket_params_copy (params);

  return self;
}
