/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Five kinds of address: the page and what it needs, a session's WebSocket, a
 * stream's description and its timed data (docs/protocol.md, "Addresses"), and
 * pools ("Pool signalling"). Everything else is answered 415 before a socket is
 * upgraded, as MistServer does.
 */

#include "wsctlserverhttp-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "wsctljson-private.h"
#include "wsctlserverdoor-private.h"
#include "wsctlserverpage-private.h"
#include "wsctlserverpools-private.h"
#include "wsctlserverwatchers-private.h"

#define GST_CAT_DEFAULT wsctlserverhttp_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define SESSION_PREFIX "/webrtc/"
#define DESCRIPTION_PREFIX "/json_"
#define DESCRIPTION_SUFFIX ".js"
#define DATA_SUFFIX ".json"
#define MAX_NAME_SIZE 128
#define MAX_BODY_SIZE (64 * 1024)
#define PREFLIGHT_AGE_S "86400"

struct _GstWsctlServerHttp
{
  GstWsctlServerCore *core;
  SoupServer *server;
  GstWsctlServerDoor *door;
  GstWsctlServerWatchers *watchers;
  GstWsctlServerPools *pools;
};

/* @name is decoded. A slash would be one of the path, and control characters do
 * not belong on a terminal. */
static gboolean
is_name (const gchar * name)
{
  const gchar *at;

  if (*name == '\0' || strlen (name) > MAX_NAME_SIZE
      || !g_utf8_validate (name, -1, NULL)
      || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return FALSE;

  for (at = name; *at != '\0'; at = g_utf8_next_char (at)) {
    if (*at == '/' || g_unichar_iscntrl (g_utf8_get_char (at)))
      return FALSE;
  }

  return TRUE;
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
get_data_name (const gchar * path)
{
  g_autofree gchar *name = NULL;

  if (*path != '/' || !g_str_has_suffix (path, DATA_SUFFIX))
    return NULL;
  name = g_strndup (path + 1, strlen (path) - strlen ("/" DATA_SUFFIX));

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

/* What the client says in the query; NULL when it says nothing. */
static gchar *
get_query_value (SoupServerMessage * message, const gchar * name)
{
  const gchar *query = g_uri_get_query (soup_server_message_get_uri (message));
  g_autoptr (GHashTable) values = NULL;

  if (query == NULL)
    return NULL;
  values = soup_form_decode (query);

  return g_strdup (g_hash_table_lookup (values, name));
}

static gboolean
may_play (GstWsctlServerHttp * self, SoupServerMessage * message)
{
  g_autofree gchar *token = get_query_value (message, "id");

  return gst_wsctl_server_guard_may_play (self->core->guard, token);
}

/* Who joins a pool sends to it and receives. */
static gboolean
may_join (GstWsctlServerHttp * self, SoupServerMessage * message)
{
  g_autofree gchar *token = get_query_value (message, "id");

  return gst_wsctl_server_guard_may_publish (self->core->guard, token);
}

static gboolean
is_of_pools (const gchar * path, gboolean upgrade)
{
  return upgrade ? strcmp (path, GST_WSCTL_SERVER_POOLS_PATH) == 0
      : gst_wsctl_server_pools_has_path (path);
}

static gboolean
is_of_page (const gchar * path)
{
  const gchar *type;
  g_autoptr (GBytes) file = gst_wsctl_server_page_find (path, &type);

  return file != NULL || strcmp (path, GST_WSCTL_SERVER_PAGE_STREAMS) == 0;
}

/* Pages of other hosts use this server: what they may know or do is a matter
 * of tokens, which no browser sends by itself, and not of where they are from.
 * They may also read why they were refused. */
static void
allow_origin (SoupServerMessage * message)
{
  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Access-Control-Allow-Origin", "*");
}

/* A browser asks before it posts JSON for a page of another host. */
static void
respond_preflight (SoupServerMessage * message, const gchar * methods)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Access-Control-Allow-Methods",
      methods);
  soup_message_headers_replace (headers, "Access-Control-Allow-Headers",
      "Content-Type");
  soup_message_headers_replace (headers, "Access-Control-Max-Age",
      PREFLIGHT_AGE_S);
  soup_server_message_set_status (message, SOUP_STATUS_NO_CONTENT, NULL);
}

/* 0 for a request that may come in */
static guint
check_request (GstWsctlServerHttp * self, SoupServerMessage * message,
    const gchar * path)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  g_autofree gchar *session = get_session_name (path);
  g_autofree gchar *description = get_description_name (path);
  g_autofree gchar *data = get_data_name (path);
  gboolean upgrade = is_upgrade (message);
  gboolean preflight =
      strcmp (soup_server_message_get_method (message), SOUP_METHOD_OPTIONS)
      == 0;

  /* An address that is none gets no socket. */
  if (description == NULL && data == NULL && !is_of_pools (path, upgrade)
      && (upgrade ? session == NULL : !is_of_page (path)))
    return SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE;
  if (upgrade && is_of_pools (path, TRUE) && !may_join (self, message))
    return SOUP_STATUS_FORBIDDEN;
  /* Who may not is told so by the answer to what follows a preflight: a page
   * cannot read that one's. */
  if (!preflight && (description != NULL || (data != NULL && upgrade))
      && !may_play (self, message))
    return SOUP_STATUS_FORBIDDEN;
  if (!gst_wsctl_server_guard_has_room (self->core->guard,
          soup_server_message_get_remote_host (message)))
    return SOUP_STATUS_SERVICE_UNAVAILABLE;

  /* A body is kept in memory before anybody looks at it. */
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED)
    return SOUP_STATUS_LENGTH_REQUIRED;
  if (soup_message_headers_get_content_length (headers) > MAX_BODY_SIZE)
    return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;

  return 0;
}

static void
on_early_request (SoupServer * server, SoupServerMessage * message,
    const gchar * path, GHashTable * query, gpointer data)
{
  guint status = check_request (data, message, path);

  allow_origin (message);
  if (status != 0)
    soup_server_message_set_status (message, status, NULL);
}

/* Word for word: json-glib would write some numbers as others, and some in a way
 * that is not JSON. */
static gchar *
make_item (const gchar * data, guint track, gint64 time_ns)
{
  return g_strdup_printf ("{\"time\":%" G_GINT64_FORMAT ",\"track\":%u,"
      "\"data\":%s}", time_ns / (gint64) GST_MSECOND, track, data);
}

static void
send_item (GstWsctlServerHttp * self, const gchar * name, const gchar * item)
{
  GList *session;

  for (session = self->core->sessions; session != NULL; session = session->next) {
    GstWsctlServerSession *player = session->data;

    if (strcmp (player->stream_name, name) == 0)
      gst_wsctl_server_session_send_item (player, item);
  }
}

guint
gst_wsctl_server_http_give (GstWsctlServerHttp * self, const gchar * name,
    const gchar * json, const gchar * address)
{
  g_autofree gchar *text = g_strdup_printf ("{\"data\":%s}", json);
  GstWsctlServerStream *stream =
      g_hash_table_lookup (self->core->streams, name);
  g_autoptr (JsonObject) object = NULL;
  g_autofree gchar *data = NULL;
  g_autofree gchar *item = NULL;
  gint64 time_ns;
  guint track;

  if (!gst_wsctl_server_guard_may_give (self->core->guard, address,
          g_get_monotonic_time ()))
    return SOUP_STATUS_SERVICE_UNAVAILABLE;
  object = gst_wsctl_json_parse (text, NULL);
  if (object == NULL || json_object_get_size (object) != 1)
    return SOUP_STATUS_BAD_REQUEST;
  if (stream == NULL
      || !gst_wsctl_server_stream_add_data (stream, &track, &time_ns))
    return SOUP_STATUS_NOT_FOUND;

  data = gst_wsctl_json_dup_member_text (text, "data");
  item = make_item (data, track, time_ns);
  gst_wsctl_server_watchers_push_data (self->watchers, name, track, item);
  send_item (self, name, item);

  return SOUP_STATUS_NO_CONTENT;
}

/* POST /STREAM.json. The status. */
static guint
take_item (GstWsctlServerHttp * self, SoupServerMessage * message,
    const gchar * name)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree gchar *token = get_query_value (message, "id");
  g_autofree gchar *json = g_strndup (body->data != NULL ? body->data : "",
      body->length);

  if (!gst_wsctl_server_guard_may_publish (self->core->guard, token))
    return SOUP_STATUS_FORBIDDEN;

  return gst_wsctl_server_http_give (self, name, json,
      soup_server_message_get_remote_host (message));
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
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);
  g_autofree gchar *data_name = get_data_name (path);
  g_autoptr (GBytes) file = NULL;
  const gchar *type;

  /* The socket's handler runs after this one, unless there is a status. */
  if (is_upgrade (message)) {
    gst_wsctl_server_door_let_stay (message);
    return;
  }

  if (strcmp (method, SOUP_METHOD_OPTIONS) == 0) {
    respond_preflight (message, data_name != NULL && name == NULL
        ? "POST" : "GET, HEAD");
    return;
  }

  if (is_of_pools (path, FALSE)) {
    g_autofree gchar *token = get_query_value (message, "id");

    gst_wsctl_server_pools_take_request (self->pools, message, path, token);
    return;
  }

  if (data_name != NULL && name == NULL) {
    soup_server_message_set_status (message,
        strcmp (method, SOUP_METHOD_POST) == 0
        ? take_item (self, message, data_name)
        : SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
    return;
  }

  if (strcmp (method, SOUP_METHOD_GET) != 0
      && strcmp (method, SOUP_METHOD_HEAD) != 0) {
    soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED,
        NULL);
    return;
  }

  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  file = gst_wsctl_server_page_find (path, &type);
  if (file != NULL)
    respond_file (message, file, type);
  else if (name != NULL)
    respond_json (message,
        gst_wsctl_server_describe (g_hash_table_lookup (self->core->streams,
                name), name, authority, self->core->tls));
  else
    respond_json (message,
        gst_wsctl_server_page_list_streams (may_play (self, message)
            ? self->core->streams : NULL));
}

static void
open_session (GstWsctlServerHttp * self, SoupServerMessage * message,
    SoupWebsocketConnection * socket, const gchar * name)
{
  g_autofree gchar *token = get_query_value (message, "id");
  g_autofree gchar *audio = get_query_value (message, "audio");
  g_autofree gchar *video = get_query_value (message, "video");
  GstWsctlServerSessionParams params = {
    .name = name,
    .address = soup_server_message_get_remote_host (message),
    .may_publish =
        gst_wsctl_server_guard_may_publish (self->core->guard, token),
    .may_play = gst_wsctl_server_guard_may_play (self->core->guard, token),
    .audio = audio,
    .video = video,
  };

  gst_wsctl_server_session_new (self->core, socket, &params);
}

static void
on_websocket (SoupServer * server, SoupServerMessage * message,
    const gchar * path, SoupWebsocketConnection * socket, gpointer data)
{
  GstWsctlServerHttp *self = data;
  const gchar *address = soup_server_message_get_remote_host (message);
  g_autofree gchar *session = get_session_name (path);
  g_autofree gchar *description = get_description_name (path);
  g_autofree gchar *data_name = get_data_name (path);
  g_autofree gchar *authority = get_authority (message);

  GST_DEBUG ("WebSocket on %s", path);
  /* The stop waits for all sessions that it has ended: it would wait for this. */
  if (self->core->stopping)
    return;

  if (is_of_pools (path, TRUE))
    gst_wsctl_server_pools_add (self->pools, socket, address);
  else if (session != NULL)
    open_session (self, message, socket, session);
  else if (description != NULL)
    gst_wsctl_server_watchers_add (self->watchers, socket,
        GST_WSCTL_SERVER_WATCH_DESCRIPTION, description, authority, address);
  else if (data_name != NULL)
    gst_wsctl_server_watchers_add (self->watchers, socket,
        GST_WSCTL_SERVER_WATCH_DATA, data_name, authority, address);
}

GstWsctlServerHttp *
gst_wsctl_server_http_new (GstWsctlServerCore * core)
{
  GstWsctlServerHttp *self = g_new0 (GstWsctlServerHttp, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverhttp_debug, "wsctlserverhttp", 0,
        "wsctl server: HTTP");

  self->core = core;
  self->watchers = gst_wsctl_server_watchers_new (core);
  self->pools = gst_wsctl_server_pools_new (core);
  self->server = soup_server_new ("server-header", "wsctl-server", NULL);
  self->door = gst_wsctl_server_door_new (core->loop, self->server,
      core->guard, core->connect_timeout_ms);
  soup_server_add_early_handler (self->server, NULL, on_early_request, self,
      NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_add_websocket_handler (self->server, NULL, NULL, NULL,
      on_websocket, self, NULL);

  return self;
}

void
gst_wsctl_server_http_set_certificate (GstWsctlServerHttp * self,
    GTlsCertificate * certificate)
{
  gst_wsctl_server_door_set_certificate (self->door, certificate);
}

gboolean
gst_wsctl_server_http_listen (GstWsctlServerHttp * self, const gchar * host,
    guint16 port, guint16 * real_port, GError ** error)
{
  return gst_wsctl_server_door_listen (self->door, host, port, real_port,
      error);
}

void
gst_wsctl_server_http_free (GstWsctlServerHttp * self)
{
  gst_wsctl_server_door_free (self->door);
  soup_server_disconnect (self->server);
  gst_wsctl_server_watchers_free (self->watchers);
  gst_wsctl_server_pools_free (self->pools);
  g_object_unref (self->server);
  g_free (self);
}

void
gst_wsctl_server_http_push_description (GstWsctlServerHttp * self,
    const gchar * name)
{
  gst_wsctl_server_watchers_push_description (self->watchers, name);
}
