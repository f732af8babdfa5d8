/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A connection that has not asked for anything costs a file descriptor, which
 * is enough to keep everybody else out. So each is counted from the first
 * packet on, and each has to say something now and then.
 */

#include "wsctlserverdoor-private.h"

#include <gst/gst.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define GST_CAT_DEFAULT wsctlserverdoor_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define BACKLOG 1024
#define MAX_AT_ONCE 16
#define RETRY_INTERVAL_MS 200
/* Browsers keep some connections open beside their WebSockets. */
#define MORE_CONNECTIONS 200
#define MORE_CONNECTIONS_PER_ADDRESS 50
#define SOCKET_KEY "wsctl-socket"
#define TLS_HANDSHAKE 22        /* RFC 8446, 5.1 */

struct _GstWsctlServerDoor
{
  GstWsctlLoop *loop;
  SoupServer *server;
  GTlsCertificate *certificate; /* NULL: no TLS */
  GstWsctlServerGuard *guard;   /* counts connections */
  guint timeout_s;
  GHashTable *visits;           /* of Visit, the set of those that are open */
  GSocket *socket;              /* NULL before it listens */
  GSource *source;              /* NULL while nobody can be let in … */
  GSource *retry_timer;         /* … until this fires */
  GCancellable *cancellable;    /* of handshakes */
};

/* A connection, which ends when nobody holds it any more. */
typedef struct
{
  GstWsctlServerDoor *door;
  GSocketConnection *connection;        /* weak */
  GSocketAddress *local_address;
  GSocketAddress *remote_address;
  gchar *host;
  /* Before the first byte; NULL with TLS */
  GSource *source;
  GSocketConnection *held;
} Visit;

static void watch_socket (GstWsctlServerDoor * self);

GstWsctlServerDoor *
gst_wsctl_server_door_new (GstWsctlLoop * loop, SoupServer * server,
    GstWsctlServerGuard * guard, guint timeout_ms)
{
  GstWsctlServerDoor *self = g_new0 (GstWsctlServerDoor, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverdoor_debug, "wsctlserverdoor", 0,
        "wsctl server: TCP connections");

  self->loop = gst_wsctl_loop_ref (loop);
  self->server = server;
  self->guard = gst_wsctl_server_guard_new_wider (guard, MORE_CONNECTIONS,
      MORE_CONNECTIONS_PER_ADDRESS);
  self->timeout_s = MAX (timeout_ms / 1000, 1);
  self->visits = g_hash_table_new (NULL, NULL);
  self->cancellable = g_cancellable_new ();

  return self;
}

static void
free_visit (Visit * visit)
{
  gst_wsctl_loop_clear_timer (&visit->source);
  g_clear_object (&visit->held);
  /* The socket keeps its address, which would keep the socket. */
  g_object_set_data (G_OBJECT (visit->remote_address), SOCKET_KEY, NULL);
  g_object_unref (visit->local_address);
  g_object_unref (visit->remote_address);
  g_free (visit->host);
  g_free (visit);
}

static void
on_connection_gone (gpointer data, GObject * connection)
{
  Visit *visit = data;
  GstWsctlServerDoor *self = visit->door;

  g_hash_table_remove (self->visits, visit);
  gst_wsctl_server_guard_leave (self->guard, visit->host);
  free_visit (visit);
}

void
gst_wsctl_server_door_free (GstWsctlServerDoor * self)
{
  GHashTableIter iter;
  gpointer visit;

  gst_wsctl_loop_clear_timer (&self->source);
  gst_wsctl_loop_clear_timer (&self->retry_timer);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_hash_table_iter_init (&iter, self->visits);
  while (g_hash_table_iter_next (&iter, &visit, NULL)) {
    g_object_weak_unref (G_OBJECT (((Visit *) visit)->connection),
        on_connection_gone, visit);
    free_visit (visit);
  }
  g_hash_table_unref (self->visits);
  gst_wsctl_server_guard_free (self->guard);
  g_clear_object (&self->socket);
  g_clear_object (&self->certificate);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

void
gst_wsctl_server_door_set_certificate (GstWsctlServerDoor * self,
    GTlsCertificate * certificate)
{
  g_set_object (&self->certificate, certificate);
}

static void
serve_stream (Visit * visit, GIOStream * stream)
{
  g_autoptr (GError) error = NULL;

  if (!soup_server_accept_iostream (visit->door->server, stream,
          visit->local_address, visit->remote_address, &error))
    GST_INFO ("%s: %s", visit->host, error->message);
}

/* Without a door there is no visit either, and the call was cancelled. */
static void
handshake_done (GObject * stream, GAsyncResult * result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (g_tls_connection_handshake_finish (G_TLS_CONNECTION (stream), result,
          &error))
    serve_stream (data, G_IO_STREAM (stream));
  else
    GST_INFO ("TLS: %s", error->message);
}

static void
start_tls (Visit * visit)
{
  static const gchar *const protocols[] = { "http/1.1", NULL };
  GstWsctlServerDoor *self = visit->door;
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOStream) stream =
      g_tls_server_connection_new (G_IO_STREAM (visit->connection),
      self->certificate, &error);

  if (stream == NULL) {
    GST_ERROR ("TLS: %s", error->message);
    return;
  }

  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream),
      protocols);
  /* Browsers just hang up. */
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (stream), FALSE);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream),
      G_PRIORITY_DEFAULT, self->cancellable, handshake_done, visit);
}

/* A client that wants TLS waits for an answer that HTTP never gives it, so it is
 * let go at once. Nothing to read: it has said nothing in time, or has left. */
static gboolean
on_first_byte (GSocket * socket, GIOCondition condition, gpointer data)
{
  Visit *visit = data;
  g_autoptr (GSocketConnection) connection = g_steal_pointer (&visit->held);
  guint8 byte;

  gst_wsctl_loop_clear_timer (&visit->source);
  if (recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
    return G_SOURCE_REMOVE;

  if (byte == TLS_HANDSHAKE)
    GST_INFO ("%s: speaks TLS, which is not spoken here", visit->host);
  else
    serve_stream (visit, G_IO_STREAM (connection));

  return G_SOURCE_REMOVE;
}

static void
wait_for_first_byte (Visit * visit, GSocket * socket)
{
  visit->held = g_object_ref (visit->connection);
  visit->source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (visit->source, G_SOURCE_FUNC (on_first_byte), visit,
      NULL);
  g_source_attach (visit->source,
      gst_wsctl_loop_get_context (visit->door->loop));
}

static void
let_in (GstWsctlServerDoor * self, GSocket * socket,
    GSocketConnection * connection, GSocketAddress * remote, gchar * host)
{
  Visit *visit = g_new0 (Visit, 1);

  visit->door = self;
  visit->connection = connection;
  visit->local_address = g_socket_get_local_address (socket, NULL);
  visit->remote_address = g_object_ref (remote);
  visit->host = g_strdup (host);
  g_hash_table_add (self->visits, visit);
  gst_wsctl_server_guard_enter (self->guard, host);
  g_object_weak_ref (G_OBJECT (connection), on_connection_gone, visit);

  /* libsoup knows no socket of a stream, but gives the address back. */
  g_object_set_data_full (G_OBJECT (remote), SOCKET_KEY, g_object_ref (socket),
      g_object_unref);
  g_socket_set_timeout (socket, self->timeout_s);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  if (self->certificate != NULL)
    start_tls (visit);
  else
    wait_for_first_byte (visit, socket);
}

/* Whoever is too many is taken in all the same, and let go at once: else the
 * queue would be full of them. */
static void
meet (GstWsctlServerDoor * self, GSocket * socket)
{
  g_autoptr (GSocketConnection) connection =
      g_socket_connection_factory_create_connection (socket);
  g_autoptr (GSocketAddress) remote =
      g_socket_connection_get_remote_address (connection, NULL);
  g_autofree gchar *host = NULL;

  /* It may have left by now. */
  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return;

  host = g_inet_address_to_string (g_inet_socket_address_get_address
      (G_INET_SOCKET_ADDRESS (remote)));
  if (gst_wsctl_server_guard_has_room (self->guard, host))
    let_in (self, socket, connection, remote, host);
  else
    GST_INFO ("%s: too many connections", host);
}

static gboolean
on_retry_timeout (gpointer data)
{
  GstWsctlServerDoor *self = data;

  gst_wsctl_loop_clear_timer (&self->retry_timer);
  watch_socket (self);

  return G_SOURCE_REMOVE;
}

/* Without a file descriptor nobody can be let in, and the socket would say for
 * ever that somebody is there. */
static void
close_for_a_while (GstWsctlServerDoor * self, const GError * error)
{
  GST_WARNING ("Nobody can come in at the moment: %s", error->message);
  gst_wsctl_loop_clear_timer (&self->source);
  self->retry_timer = gst_wsctl_loop_add_timer (self->loop, RETRY_INTERVAL_MS,
      on_retry_timeout, self, NULL);
}

/* FALSE when nobody else waits, or nobody can come in. */
static gboolean
accept_one (GstWsctlServerDoor * self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_accept (self->socket, NULL, &error);

  if (socket != NULL) {
    meet (self, socket);
    return TRUE;
  }
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    close_for_a_while (self, error);

  return FALSE;
}

/* Some at a time: media are on the same thread. */
static gboolean
on_incoming (GSocket * listener, GIOCondition condition, gpointer data)
{
  guint i;

  for (i = 0; i < MAX_AT_ONCE && accept_one (data); i++);

  return G_SOURCE_CONTINUE;
}

static void
watch_socket (GstWsctlServerDoor * self)
{
  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_incoming), self, NULL);
  g_source_attach (self->source, gst_wsctl_loop_get_context (self->loop));
}

gboolean
gst_wsctl_server_door_listen (GstWsctlServerDoor * self, const gchar * host,
    guint16 port, guint16 * real_port, GError ** error)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (host, port);
  g_autoptr (GSocketAddress) bound = NULL;

  if (address == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "'%s' is not an address", host);
    return FALSE;
  }

  self->socket = g_socket_new (g_socket_address_get_family (address),
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (self->socket == NULL)
    return FALSE;
  g_socket_set_blocking (self->socket, FALSE);
  g_socket_set_listen_backlog (self->socket, BACKLOG);
  if (!g_socket_bind (self->socket, address, TRUE, error)
      || !g_socket_listen (self->socket, error))
    return FALSE;
  bound = g_socket_get_local_address (self->socket, error);
  if (bound == NULL)
    return FALSE;

  *real_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  watch_socket (self);

  return TRUE;
}

void
gst_wsctl_server_door_let_stay (SoupServerMessage * message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  GSocket *socket = address != NULL
      ? g_object_get_data (G_OBJECT (address), SOCKET_KEY) : NULL;

  if (socket != NULL)
    g_socket_set_timeout (socket, 0);
}
