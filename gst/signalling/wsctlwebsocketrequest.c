/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The HTTP request that opens a WebSocket, checked before it is sent.
 */

#include "wsctlwebsocketrequest-private.h"

#include <string.h>

#include "wsctlerror.h"

#define DEFAULT_USER_AGENT "gst-wsctl/" WSCTL_VERSION
#define DEFAULT_CONNECT_TIMEOUT_MS 10000
#define DEFAULT_KEEPALIVE_S 10
#define DEFAULT_MAX_MESSAGE_SIZE (1024 * 1024)
#define DEFAULT_MAX_QUEUED 64
#define PINGS_BEFORE_SILENCE 3

GstWsctlWebsocketParams *
gst_wsctl_websocket_params_copy (const GstWsctlWebsocketParams * params)
{
  GstWsctlWebsocketParams *copy = g_new (GstWsctlWebsocketParams, 1);

  *copy = *params;
  copy->uri = g_strdup (params->uri != NULL ? params->uri : "");
  copy->headers = (const gchar * const *)
      g_strdupv ((gchar **) params->headers);
  copy->user_agent = g_strdup (params->user_agent != NULL ?
      params->user_agent : DEFAULT_USER_AGENT);
  copy->ca_file = g_strdup (params->ca_file);
  if (copy->connect_timeout_ms == 0)
    copy->connect_timeout_ms = DEFAULT_CONNECT_TIMEOUT_MS;
  if (copy->keepalive_s == 0)
    copy->keepalive_s = DEFAULT_KEEPALIVE_S;
  if (copy->pong_timeout_ms == 0)
    copy->pong_timeout_ms = PINGS_BEFORE_SILENCE * 1000 * copy->keepalive_s;
  if (copy->max_message_size == 0)
    copy->max_message_size = DEFAULT_MAX_MESSAGE_SIZE;
  if (copy->max_queued == 0)
    copy->max_queued = DEFAULT_MAX_QUEUED;

  return copy;
}

void
gst_wsctl_websocket_params_free (GstWsctlWebsocketParams * params)
{
  g_free ((gchar *) params->uri);
  g_strfreev ((gchar **) params->headers);
  g_free ((gchar *) params->user_agent);
  g_free ((gchar *) params->ca_file);
  g_free (params);
}

static gboolean
is_websocket (GUri * uri)
{
  return (g_str_equal (g_uri_get_scheme (uri), "ws")
      || g_str_equal (g_uri_get_scheme (uri), "wss"))
      && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0';
}

static gchar *
describe_peer (GUri * uri)
{
  const gchar *host = g_uri_get_host (uri);
  gint port = g_uri_get_port (uri);

  if (port < 0)
    port = g_str_equal (g_uri_get_scheme (uri), "wss") ? 443 : 80;

  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%d" : "%s:%d",
      host, port);
}

/* FALSE for what libsoup would not send, or would send as two headers. */
static gboolean
add_header (SoupMessage * request, const gchar * line)
{
  gsize length = strcspn (line, ":");
  g_autofree gchar *name = g_strndup (line, length);
  g_autofree gchar *value = NULL;

  if (line[length] != ':' || length == 0
      || strpbrk (name, " \t\r\n") != NULL || strpbrk (line, "\r\n") != NULL)
    return FALSE;

  value = g_strstrip (g_strdup (line + length + 1));
  soup_message_headers_append (soup_message_get_request_headers (request), name,
      value);

  return TRUE;
}

SoupMessage *
gst_wsctl_websocket_request_new (const GstWsctlWebsocketParams * params,
    GstWsctlSocketAttempt * attempt, GError ** error)
{
  const gchar *const *headers = params->headers;
  g_autoptr (GUri) uri = g_uri_parse (params->uri, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SoupMessage) request = NULL;
  guint i;

  if (uri == NULL || !is_websocket (uri)) {
    g_set_error_literal (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI,
        "The address of the WebSocket is not a ws:// or wss:// URL");
    return NULL;
  }

  /* A browser does not follow a redirected WebSocket either. */
  request = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  soup_message_add_flags (request, SOUP_MESSAGE_NO_REDIRECT);
  for (i = 0; headers != NULL && headers[i] != NULL; i++) {
    /* The header may be a secret, so it is not told. */
    if (!add_header (request, headers[i])) {
      g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED,
          "The extra header number %u is not of the form 'Name: value'", i + 1);
      return NULL;
    }
  }
  attempt->peer = describe_peer (uri);
  attempt->tls = g_str_equal (g_uri_get_scheme (uri), "wss");

  return g_steal_pointer (&request);
}

SoupSession *
gst_wsctl_websocket_session_new (const GstWsctlWebsocketParams * params,
    GError ** error)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree gchar *path = NULL;

  soup_session_set_user_agent (session, params->user_agent);
  if (params->ca_file == NULL)
    return g_steal_pointer (&session);

  /* GIO takes absolute paths only. */
  path = g_canonicalize_filename (params->ca_file, NULL);
  database = g_tls_file_database_new (path, &cause);
  if (database == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_TLS,
        "The trusted authorities in '%s' (ssl-ca-file) cannot be used: %s",
        path, cause->message);
    return NULL;
  }
  soup_session_set_tls_database (session, database);

  return g_steal_pointer (&session);
}
