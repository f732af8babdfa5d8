/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Three kinds of address: the page and what it needs, a session's WebSocket, a
 * stream's description (docs/protocol.md, "Addresses"). Everything else is
 * answered 415 before a socket is upgraded, as MistServer does.
 */

#include "wsctlserverhttp-private.h"

#include <string.h>

#include "wsctlserverpage-private.h"

#define GST_CAT_DEFAULT wsctlserverhttp_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define SESSION_PREFIX "/webrtc/"
#define DESCRIPTION_PREFIX "/json_"
#define DESCRIPTION_SUFFIX ".js"
#define MAX_NAME_SIZE 128
#define NAME_LETTERS G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+._-"
#define PUSH_INTERVAL_MS 5000
#define MAX_WATCHER_MESSAGE_SIZE 4096

/* A socket on a description */
typedef struct
{
  GstWsctlServerHttp *http;
  SoupWebsocketConnection *socket;
  gchar *name;
  gchar *authority;
} Watcher;

struct _GstWsctlServerHttp
{
  GstWsctlServerCore *core;
  SoupServer *server;
  GList *watchers;
  guint n_watchers;
  guint max_sessions;
  GSource *push_timer;
};

static gboolean
is_name (const gchar * name)
{
  gsize size = strlen (name);

  return size > 0 && size <= MAX_NAME_SIZE
      && strspn (name, NAME_LETTERS) == size;
}

/* The name inside of @path, or NULL. Transfer full. */
static gchar *
get_session_name (const gchar * path)
{
  if (!g_str_has_prefix (path, SESSION_PREFIX)
      || !is_name (path + strlen (SESSION_PREFIX)))
    return NULL;

  return g_strdup (path + strlen (SESSION_PREFIX));
}

static gchar *
get_description_name (const gchar * path)
{
  g_autofree gchar *name = NULL;

  if (!g_str_has_prefix (path, DESCRIPTION_PREFIX)
      || !g_str_has_suffix (path, DESCRIPTION_SUFFIX)
      || strlen (path) <= strlen (DESCRIPTION_PREFIX DESCRIPTION_SUFFIX))
    return NULL;

  name = g_strndup (path + strlen (DESCRIPTION_PREFIX),
      strlen (path) - strlen (DESCRIPTION_PREFIX DESCRIPTION_SUFFIX));

  return is_name (name) ? g_steal_pointer (&name) : NULL;
}

static gchar *
get_authority (SoupServerMessage * message)
{
  const gchar *host =
      soup_message_headers_get_one (soup_server_message_get_request_headers
      (message), "Host");

  return g_strdup (host != NULL ? host : "localhost");
}

static gboolean
is_upgrade (SoupServerMessage * message)
{
  return
      soup_message_headers_header_contains
      (soup_server_message_get_request_headers (message), "Upgrade",
      "websocket");
}

static void
free_watcher (Watcher * watcher)
{
  g_signal_handlers_disconnect_by_data (watcher->socket, watcher);
  g_object_unref (watcher->socket);
  g_free (watcher->name);
  g_free (watcher->authority);
  g_free (watcher);
}

static void
on_watcher_closed (SoupWebsocketConnection * socket, Watcher * watcher)
{
  GstWsctlServerHttp *self = watcher->http;

  self->watchers = g_list_remove (self->watchers, watcher);
  self->n_watchers--;
  free_watcher (watcher);
}

static void
send_description (Watcher * watcher)
{
  g_autofree gchar *text =
      gst_wsctl_server_describe (g_hash_table_lookup
      (watcher->http->core->streams, watcher->name), watcher->name,
      watcher->authority);

  if (soup_websocket_connection_get_state (watcher->socket)
      == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (watcher->socket, text);
}

static void
add_watcher (GstWsctlServerHttp * self, SoupWebsocketConnection * socket,
    gchar * name, gchar * authority)
{
  Watcher *watcher = g_new0 (Watcher, 1);

  watcher->http = self;
  watcher->socket = g_object_ref (socket);
  watcher->name = name;
  watcher->authority = authority;
  soup_websocket_connection_set_max_incoming_payload_size (socket,
      MAX_WATCHER_MESSAGE_SIZE);
  g_signal_connect (socket, "closed", G_CALLBACK (on_watcher_closed), watcher);
  self->watchers = g_list_prepend (self->watchers, watcher);
  self->n_watchers++;
  send_description (watcher);
}

static gboolean
is_of_page (const gchar * path)
{
  const gchar *type;
  g_autoptr (GBytes) file = gst_wsctl_server_page_find (path, &type);

  return file != NULL || strcmp (path, GST_WSCTL_SERVER_PAGE_STREAMS) == 0;
}

/* Before anything else: an address that is none gets no socket. */
static void
on_early_request (SoupServer * server, SoupServerMessage * message,
    const gchar * path, GHashTable * query, gpointer data)
{
  GstWsctlServerHttp *self = data;
  g_autofree gchar *session = get_session_name (path);
  g_autofree gchar *description = get_description_name (path);
  gboolean known = description != NULL || is_of_page (path);

  if (is_upgrade (message))
    known = session != NULL || description != NULL;
  if (!known)
    soup_server_message_set_status (message,
        SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE, NULL);
  else if (self->core->n_sessions + self->n_watchers >= self->max_sessions)
    soup_server_message_set_status (message, SOUP_STATUS_SERVICE_UNAVAILABLE,
        NULL);
}

/* The page may load what is here and talk to this server, and nothing else. */
static void
respond_file (SoupServerMessage * message, GBytes * file, const gchar * type)
{
  gsize size;
  const gchar *body = g_bytes_get_data (file, &size);

  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Content-Security-Policy",
      "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
      "media-src 'self' blob:; frame-ancestors 'none'");
  soup_server_message_set_response (message, type, SOUP_MEMORY_STATIC, body,
      size);
}

static void
respond_json (SoupServerMessage * message, gchar * body)
{
  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Access-Control-Allow-Origin", "*");
  soup_server_message_set_response (message, "application/json",
      SOUP_MEMORY_TAKE, body, strlen (body));
}

static void
on_request (SoupServer * server, SoupServerMessage * message,
    const gchar * path, GHashTable * query, gpointer data)
{
  GstWsctlServerHttp *self = data;
  g_autofree gchar *name = get_description_name (path);
  g_autofree gchar *authority = get_authority (message);
  const gchar *method = soup_server_message_get_method (message);
  g_autoptr (GBytes) file = NULL;
  const gchar *type;

  /* The socket's handler runs after this one, unless there is a status. */
  if (is_upgrade (message))
    return;

  if (strcmp (method, SOUP_METHOD_GET) != 0
      && strcmp (method, SOUP_METHOD_HEAD) != 0) {
    soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED,
        NULL);
    return;
  }

  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Cache-Control", "no-store");
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  file = gst_wsctl_server_page_find (path, &type);
  if (file != NULL)
    respond_file (message, file, type);
  else if (name != NULL)
    respond_json (message,
        gst_wsctl_server_describe (g_hash_table_lookup (self->core->streams,
                name), name, authority));
  else
    respond_json (message,
        gst_wsctl_server_page_list_streams (self->core->streams));
}

static void
on_websocket (SoupServer * server, SoupServerMessage * message,
    const gchar * path, SoupWebsocketConnection * socket, gpointer data)
{
  GstWsctlServerHttp *self = data;
  g_autofree gchar *session = get_session_name (path);
  gchar *description = get_description_name (path);

  GST_DEBUG ("WebSocket on %s", path);
  if (session != NULL)
    gst_wsctl_server_session_new (self->core, socket, session);
  else if (description != NULL)
    add_watcher (self, socket, description, get_authority (message));
}

static gboolean
on_push_timeout (gpointer data)
{
  GstWsctlServerHttp *self = data;

  g_list_foreach (self->watchers, (GFunc) send_description, NULL);

  return G_SOURCE_CONTINUE;
}

GstWsctlServerHttp *
gst_wsctl_server_http_new (GstWsctlServerCore * core, guint max_sessions)
{
  GstWsctlServerHttp *self = g_new0 (GstWsctlServerHttp, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverhttp_debug, "wsctlserverhttp", 0,
        "wsctl server: HTTP");

  self->core = core;
  self->max_sessions = max_sessions;
  self->server = soup_server_new ("server-header", "wsctl-server", NULL);
  soup_server_add_early_handler (self->server, NULL, on_early_request, self,
      NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_add_websocket_handler (self->server, NULL, NULL, NULL,
      on_websocket, self, NULL);
  self->push_timer = gst_wsctl_loop_add_timer (core->loop, PUSH_INTERVAL_MS,
      on_push_timeout, self, NULL);

  return self;
}

gboolean
gst_wsctl_server_http_listen (GstWsctlServerHttp * self, const gchar * host,
    guint16 port, guint16 * real_port, GError ** error)
{
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (host, port);
  GSList *uris;

  if (address == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "'%s' is not an address", host);
    return FALSE;
  }
  if (!soup_server_listen (self->server, address, 0, error))
    return FALSE;

  uris = soup_server_get_uris (self->server);
  *real_port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return TRUE;
}

void
gst_wsctl_server_http_free (GstWsctlServerHttp * self)
{
  gst_wsctl_loop_clear_timer (&self->push_timer);
  soup_server_disconnect (self->server);
  g_list_free_full (self->watchers, (GDestroyNotify) free_watcher);
  g_object_unref (self->server);
  g_free (self);
}

void
gst_wsctl_server_http_push_description (GstWsctlServerHttp * self,
    const gchar * name)
{
  GList *item;

  for (item = self->watchers; item != NULL; item = item->next) {
    Watcher *watcher = item->data;

    if (strcmp (watcher->name, name) == 0)
      send_description (watcher);
  }
}
