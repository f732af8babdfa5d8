/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Servers that behave as badly as a test wants.
 */

#include "testserver.h"

#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define MAX_REQUEST_SIZE 4096

struct _TestServer
{
  gatomicrefcount refs;         /* its owner, and each scripted connection */
  gchar *uri;
  gchar *peer;
  guint taken;
  guint ended;

  GSocketService *service;      /* scripted */
  TestScript script;
  GCancellable *cancellable;

  SoupServer *soup;             /* echo */
  GPtrArray *connections;       /* SoupWebsocketConnection */

  GPtrArray *sockets;           /* full: GSocket */
};

/* One scripted connection */
typedef struct
{
  TestServer *server;
  GSocketConnection *connection;
  GString *request;
  gchar buffer[512];
} Conversation;

static TestServer *
make_server (void)
{
  TestServer *server = g_new0 (TestServer, 1);

  g_atomic_ref_count_init (&server->refs);
  server->cancellable = g_cancellable_new ();

  return server;
}

static void
unref_server (TestServer * server)
{
  if (!g_atomic_ref_count_dec (&server->refs))
    return;

  g_object_unref (server->cancellable);
  g_free (server->uri);
  g_free (server->peer);
  g_free (server);
}

static void
set_port (TestServer * server, guint port, gboolean tls)
{
  server->peer = g_strdup_printf ("127.0.0.1:%u", port);
  server->uri = g_strdup_printf ("%s://%s/webrtc/s?id=" TEST_SECRET,
      tls ? "wss" : "ws", server->peer);
}

static void
end_conversation (Conversation * conversation)
{
  conversation->server->ended++;
  unref_server (conversation->server);
  g_object_unref (conversation->connection);
  g_string_free (conversation->request, TRUE);
  g_free (conversation);
}

static gchar *
make_handshake (const gchar * request)
{
  static const gchar name[] = "sec-websocket-key: ";
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree gchar *lower = g_ascii_strdown (request, -1);
  const gchar *found = strstr (lower, name);
  g_autofree gchar *accept = NULL;
  const gchar *key;
  guint8 digest[20];
  gsize size = sizeof digest;

  g_assert_nonnull (found);
  key = request + (found - lower) + strlen (name);
  g_checksum_update (checksum, (const guchar *) key, strcspn (key, "\r"));
  g_checksum_update (checksum, (const guchar *) WEBSOCKET_GUID, -1);
  g_checksum_get_digest (checksum, digest, &size);
  accept = g_base64_encode (digest, size);

  return g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\n"
      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
}

/* What is written fits into the socket's buffer. */
static void
write_bytes (Conversation * conversation, const gchar * bytes, gsize size)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM
          (conversation->connection)), bytes, size, NULL, NULL, NULL);
}

static void
follow_script (Conversation * conversation)
{
  const TestScript *script = &conversation->server->script;
  g_autofree gchar *handshake = NULL;

  if (g_strcmp0 (script->answer, "101") == 0) {
    handshake = make_handshake (conversation->request->str);
    write_bytes (conversation, handshake, strlen (handshake));
  } else if (script->answer != NULL) {
    write_bytes (conversation, script->answer, strlen (script->answer));
  }
  if (script->frames != NULL)
    write_bytes (conversation, script->frames, script->frames_size);
}

static void read_more (Conversation * conversation);

static void
read_done (GObject * stream, GAsyncResult * result, gpointer data)
{
  Conversation *conversation = data;
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (stream), result,
      NULL);
  gboolean complete = strstr (conversation->request->str, "\r\n\r\n") != NULL;

  if (size <= 0) {
    end_conversation (conversation);
    return;
  }

  /* After the request, all that comes is taken and not answered. */
  if (!complete && conversation->request->len < MAX_REQUEST_SIZE) {
    g_string_append_len (conversation->request, conversation->buffer, size);
    if (strstr (conversation->request->str, "\r\n\r\n") != NULL) {
      follow_script (conversation);
      if (conversation->server->script.hang_up) {
        end_conversation (conversation);
        return;
      }
    }
  }
  read_more (conversation);
}

static void
read_more (Conversation * conversation)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM
          (conversation->connection)), conversation->buffer,
      sizeof conversation->buffer, G_PRIORITY_DEFAULT,
      conversation->server->cancellable, read_done, conversation);
}

static gboolean
on_incoming (GSocketService * service, GSocketConnection * connection,
    GObject * source, TestServer * server)
{
  Conversation *conversation = g_new0 (Conversation, 1);

  g_atomic_ref_count_inc (&server->refs);
  server->taken++;
  conversation->server = server;
  conversation->connection = g_object_ref (connection);
  conversation->request = g_string_new (NULL);
  read_more (conversation);

  return TRUE;
}

static GSocketAddress *
make_loopback_address (void)
{
  return g_inet_socket_address_new_from_string ("127.0.0.1", 0);
}

TestServer *
test_server_new_scripted (const TestScript * script)
{
  TestServer *server = make_server ();
  g_autoptr (GSocketAddress) any = make_loopback_address ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  server->script = *script;
  server->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (server->service), any,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &address, &error);
  g_assert_no_error (error);
  set_port (server,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)), FALSE);
  g_signal_connect (server->service, "incoming", G_CALLBACK (on_incoming),
      server);

  return server;
}

static void
on_echo_message (SoupWebsocketConnection * connection, gint type, GBytes * data,
    SoupServerMessage * request)
{
  const gchar *text = g_bytes_get_data (data, NULL);
  g_auto (GStrv) words = g_strsplit (text, " ", 3);

  if (g_str_equal (text, "drop")) {
    g_io_stream_close (soup_websocket_connection_get_io_stream (connection),
        NULL, NULL);
  } else if (g_str_equal (text, "binary")) {
    soup_websocket_connection_send_binary (connection, "\0\1", 2);
  } else if (g_str_has_prefix (text, "big ")) {
    g_autofree gchar *big = g_strnfill (atoi (words[1]), 'x');

    soup_websocket_connection_send_text (connection, big);
  } else if (g_str_has_prefix (text, "header ")) {
    const gchar *value = soup_message_headers_get_list
        (soup_server_message_get_request_headers (request), words[1]);

    soup_websocket_connection_send_text (connection,
        value != NULL ? value : "-");
  } else if (g_str_has_prefix (text, "close ")) {
    guint code = atoi (words[1]);

    soup_websocket_connection_close (connection,
        code != 0 ? code : SOUP_WEBSOCKET_CLOSE_NO_STATUS, words[2]);
  } else {
    soup_websocket_connection_send_text (connection, text);
  }
}

static void
on_echo_closed (SoupWebsocketConnection * connection, TestServer * server)
{
  server->ended++;
}

static void
on_echo_websocket (SoupServer * soup, SoupServerMessage * request,
    const gchar * path, SoupWebsocketConnection * connection, gpointer data)
{
  TestServer *server = data;

  server->taken++;
  g_ptr_array_add (server->connections, g_object_ref (connection));
  g_signal_connect_data (connection, "message", G_CALLBACK (on_echo_message),
      g_object_ref (request), (GClosureNotify) g_object_unref, 0);
  g_signal_connect (connection, "closed", G_CALLBACK (on_echo_closed), server);
}

TestServer *
test_server_new_echo (GTlsCertificate * certificate)
{
  TestServer *server = make_server ();
  g_autoptr (GSocketAddress) any = make_loopback_address ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;
  GSList *listeners;

  server->connections = g_ptr_array_new_with_free_func (g_object_unref);
  server->soup = soup_server_new (NULL, NULL);
  if (certificate != NULL)
    soup_server_set_tls_certificate (server->soup, certificate);
  soup_server_add_websocket_handler (server->soup, NULL, NULL, NULL,
      on_echo_websocket, server, NULL);
  soup_server_listen (server->soup, any,
      certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0, &error);
  g_assert_no_error (error);

  /* soup_server_get_uris() of libsoup 3.2 leaks an address. */
  listeners = soup_server_get_listeners (server->soup);
  address = g_socket_get_local_address (listeners->data, NULL);
  g_slist_free (listeners);
  set_port (server,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)),
      certificate != NULL);

  return server;
}

static GSocket *
make_socket (TestServer * server)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_TCP, NULL);

  g_assert_nonnull (socket);
  g_socket_set_blocking (socket, FALSE);
  g_ptr_array_add (server->sockets, socket);

  return socket;
}

TestServer *
test_server_new_full (void)
{
  TestServer *server = make_server ();
  g_autoptr (GSocketAddress) any = make_loopback_address ();
  g_autoptr (GSocketAddress) address = NULL;
  GSocket *listener;
  guint i;

  server->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  listener = make_socket (server);
  g_socket_set_listen_backlog (listener, 0);
  g_assert_true (g_socket_bind (listener, any, FALSE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  address = g_socket_get_local_address (listener, NULL);
  set_port (server,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)), FALSE);

  /* One fits into the queue; a few more, in case the kernel rounds up. */
  for (i = 0; i < 4; i++)
    g_socket_connect (make_socket (server), address, NULL, NULL);

  return server;
}

const gchar *
test_server_get_uri (TestServer * server)
{
  return server->uri;
}

const gchar *
test_server_get_peer (TestServer * server)
{
  return server->peer;
}

guint
test_server_get_taken (TestServer * server)
{
  return server->taken;
}

guint
test_server_get_ended (TestServer * server)
{
  return server->ended;
}

static void
forget_connection (gpointer data, gpointer server)
{
  g_signal_handlers_disconnect_by_data (data, server);
}

void
test_server_free (TestServer * server)
{
  g_cancellable_cancel (server->cancellable);
  if (server->service != NULL) {
    g_signal_handlers_disconnect_by_data (server->service, server);
    g_socket_service_stop (server->service);
    g_socket_listener_close (G_SOCKET_LISTENER (server->service));
    g_clear_object (&server->service);
  }
  if (server->soup != NULL) {
    g_ptr_array_foreach (server->connections, forget_connection, server);
    soup_server_disconnect (server->soup);
    g_clear_object (&server->soup);
    g_clear_pointer (&server->connections, g_ptr_array_unref);
  }
  g_clear_pointer (&server->sockets, g_ptr_array_unref);
  unref_server (server);
}

guint16
test_find_closed_port (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) any = make_loopback_address ();
  g_autoptr (GSocketAddress) address = NULL;

  /* Bound and never listening; the port is free again on return, and the
   * kernel does not give it out again soon. */
  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  address = g_socket_get_local_address (socket, NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}
