/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From the errors of GIO and libsoup to ours (docs/protocol.md, "How sessions
 * fail").
 */

#include "wsctlsocketerror-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "wsctlerror.h"

static const struct
{
  GTlsCertificateFlags flag;
  const gchar *why;
} tls_reasons[] = {
  {G_TLS_CERTIFICATE_UNKNOWN_CA,
      "it is not signed by an authority that is trusted here"},
  {G_TLS_CERTIFICATE_BAD_IDENTITY, "it is for another host"},
  {G_TLS_CERTIFICATE_EXPIRED, "it has expired"},
  {G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet"},
  {G_TLS_CERTIFICATE_REVOKED, "it was revoked"},
  {G_TLS_CERTIFICATE_INSECURE, "its algorithm is insecure"},
};

/* What else to try when the server does not speak what the scheme says */
#define TRY_WS "; if the server has no TLS, the address has to begin with " \
    "ws:// (without a scheme it means wss://)"
/* RFC 9110, 15.5.22; libsoup has no name for it. */
#define UPGRADE_REQUIRED 426
#define TRY_WSS "; if the server has TLS, the address has to begin with wss://"

/* HOST:PORT of the proxy that leads to @address, NULL when it is the server. */
static gchar *
describe_proxy (GSocketAddress * address)
{
  g_autoptr (GUri) uri = NULL;
  const gchar *text;

  if (!G_IS_PROXY_ADDRESS (address))
    return NULL;

  /* There may be a password in it. */
  text = g_proxy_address_get_uri (G_PROXY_ADDRESS (address));
  uri = text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL;

  return g_strdup_printf ("%s:%u", uri != NULL && g_uri_get_host (uri) != NULL
      ? g_uri_get_host (uri) : "unknown",
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
}

void
gst_wsctl_socket_attempt_take_event (GstWsctlSocketAttempt * self,
    GSocketClientEvent event, GIOStream * stream)
{
  g_autoptr (GSocketAddress) address = NULL;

  switch (event) {
    case G_SOCKET_CLIENT_CONNECTING:
      self->phase = GST_WSCTL_SOCKET_PHASE_CONNECTING;
      address = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION
          (stream), NULL);
      g_free (self->proxy);
      self->proxy = describe_proxy (address);
      break;
    case G_SOCKET_CLIENT_TLS_HANDSHAKING:
      self->phase = GST_WSCTL_SOCKET_PHASE_TLS;
      break;
    case G_SOCKET_CLIENT_COMPLETE:
      self->phase = GST_WSCTL_SOCKET_PHASE_HTTP;
      break;
    default:
      break;
  }
}

void
gst_wsctl_socket_attempt_clear (GstWsctlSocketAttempt * self)
{
  g_clear_pointer (&self->peer, g_free);
  g_clear_pointer (&self->proxy, g_free);
}

static const gchar *const proxy_variables[] = {
  "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
  "ALL_PROXY"
};

/* Where the address of the proxy comes from */
static const gchar *
find_proxy_setting (const gchar * proxy)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (proxy_variables); i++) {
    const gchar *value = g_getenv (proxy_variables[i]);

    if (value != NULL && strstr (value, proxy) != NULL)
      return proxy_variables[i];
  }

  return "the system's settings";
}

/* The variable whose proxy is the host that @cause is about, or NULL */
static const gchar *
find_unknown_proxy (const GError * cause)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (proxy_variables); i++) {
    const gchar *value = g_getenv (proxy_variables[i]);
    g_autoptr (GUri) uri = value != NULL
        ? g_uri_parse (value, G_URI_FLAGS_NONE, NULL) : NULL;

    if (uri != NULL && g_uri_get_host (uri) != NULL
        && *g_uri_get_host (uri) != '\0'
        && strstr (cause->message, g_uri_get_host (uri)) != NULL)
      return proxy_variables[i];
  }

  return NULL;
}

static GError *
make_host_error (const GstWsctlSocketAttempt * attempt, const GError * cause)
{
  const gchar *variable = find_unknown_proxy (cause);

  if (variable != NULL)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_HOST_NOT_FOUND,
        "Could not connect to %s: the proxy of %s was not found: %s",
        attempt->peer, variable, cause->message);

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_HOST_NOT_FOUND,
      "The host of %s was not found: %s", attempt->peer, cause->message);
}

static GError *
make_proxy_error (const GstWsctlSocketAttempt * attempt, const gchar * cause)
{
  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CONNECTION_FAILED,
      "Could not connect to %s: the proxy %s of %s does not answer: %s",
      attempt->peer, attempt->proxy, find_proxy_setting (attempt->proxy),
      cause);
}

static GError *
make_tls_error (const GstWsctlSocketAttempt * attempt, const GError * cause)
{
  g_autoptr (GString) why = g_string_new (NULL);
  guint i;

  if (attempt->tls_flags == 0)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_TLS,
        "Could not make a TLS connection to %s: %s" TRY_WS, attempt->peer,
        cause->message);

  for (i = 0; i < G_N_ELEMENTS (tls_reasons); i++) {
    if (attempt->tls_flags & tls_reasons[i].flag)
      g_string_append_printf (why, "%s%s", why->len > 0 ? ", and " : "",
          tls_reasons[i].why);
  }
  if (why->len == 0)
    g_string_append (why, "it is broken");

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_TLS,
      "The certificate of %s is not accepted: %s", attempt->peer, why->str);
}

static GError *
make_status_error (const GstWsctlSocketAttempt * attempt, guint status)
{
  const gchar *phrase = soup_status_get_phrase (status);
  /* Servers with TLS answer a plain request with an error or a redirection. */
  gboolean try_wss = !attempt->tls && (status == SOUP_STATUS_BAD_REQUEST
      || status == UPGRADE_REQUIRED || SOUP_STATUS_IS_REDIRECTION (status));

  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_ACCESS_DENIED,
        "%s answered %u %s: access is denied, check the token", attempt->peer,
        status, phrase);
  if (status == SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE
      || status == SOUP_STATUS_NOT_FOUND)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
        "%s answered %u %s: this path is not a WebRTC end point",
        attempt->peer, status, phrase);

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
      "%s answered %u %s in place of a WebSocket%s", attempt->peer, status,
      phrase, try_wss ? TRY_WSS : "");
}

/* It took the connection; what it answers is not HTTP, or nothing. */
static GError *
make_http_error (const GstWsctlSocketAttempt * attempt, const GError * cause)
{
  const gchar *what = "ended the connection before it answered";

  if (cause->domain == SOUP_WEBSOCKET_ERROR
      || cause->domain == SOUP_SESSION_ERROR)
    what = "is not a WebSocket server";

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CONNECTION_FAILED,
      "%s %s: %s%s", attempt->peer, what, cause->message,
      attempt->tls ? "" : TRY_WSS);
}

static GError *
make_connect_error (const GstWsctlSocketAttempt * attempt, guint status,
    const GError * cause)
{
  const gchar *peer = attempt->peer;

  if (cause->domain == G_TLS_ERROR)
    return make_tls_error (attempt, cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_TIMED_OUT,
        "%s did not answer: %s", peer, cause->message);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CONNECTION_FAILED,
        "%s refused the connection: no server listens there", peer);

  /* A server that says 101 and then breaks the handshake is none of ours. */
  if (status != 0 && status != SOUP_STATUS_SWITCHING_PROTOCOLS
      && cause->domain == SOUP_WEBSOCKET_ERROR)
    return make_status_error (attempt, status);
  if (cause->domain == SOUP_WEBSOCKET_ERROR
      || cause->domain == SOUP_SESSION_ERROR
      || attempt->phase == GST_WSCTL_SOCKET_PHASE_HTTP)
    return make_http_error (attempt, cause);
  if (attempt->phase == GST_WSCTL_SOCKET_PHASE_TLS)
    return make_tls_error (attempt, cause);

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CONNECTION_FAILED,
      "Could not connect to %s: %s", peer, cause->message);
}

GError *
gst_wsctl_socket_error_new_connect (const GstWsctlSocketAttempt * attempt,
    guint status, const GError * cause)
{
  GstWsctlSocketAttempt through = *attempt;
  g_autofree gchar *peer = NULL;

  if (cause->domain == G_RESOLVER_ERROR
      || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_HOST_NOT_FOUND))
    return make_host_error (attempt, cause);
  if (attempt->proxy == NULL)
    return make_connect_error (attempt, status, cause);
  if (attempt->phase == GST_WSCTL_SOCKET_PHASE_CONNECTING)
    return make_proxy_error (attempt, cause->message);

  /* The answer may be the proxy's or the server's. */
  peer = g_strdup_printf ("%s (through the proxy %s of %s)", attempt->peer,
      attempt->proxy, find_proxy_setting (attempt->proxy));
  through.peer = peer;

  return make_connect_error (&through, status, cause);
}

GError *
gst_wsctl_socket_error_new_timeout (const GstWsctlSocketAttempt * attempt,
    guint timeout_ms)
{
  const gchar *what = NULL;

  if (attempt->proxy != NULL
      && attempt->phase == GST_WSCTL_SOCKET_PHASE_CONNECTING)
    return make_proxy_error (attempt, "timed out");

  switch (attempt->phase) {
    case GST_WSCTL_SOCKET_PHASE_RESOLVING:
      what = "its host name was not resolved";
      break;
    case GST_WSCTL_SOCKET_PHASE_CONNECTING:
      what = "it did not take the connection";
      break;
    case GST_WSCTL_SOCKET_PHASE_TLS:
      what = "it took the connection but did not finish the TLS handshake"
          TRY_WS;
      break;
    case GST_WSCTL_SOCKET_PHASE_HTTP:
      what = attempt->tls ? "it took the connection but did not answer"
          : "it took the connection but did not answer" TRY_WSS;
      break;
  }

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_TIMED_OUT,
      "Gave up on %s after %u ms: %s", attempt->peer, timeout_ms, what);
}

/* What a server wrote, on one line */
static gchar *
clean_reason (const gchar * reason)
{
  gchar *clean = g_utf8_make_valid (reason, -1);

  return g_strdelimit (g_strchomp (clean), "\r\n\t\v\f\033", ' ');
}

GError *
gst_wsctl_socket_error_new_close (const gchar * peer, guint code,
    const gchar * reason)
{
  g_autofree gchar *clean = reason != NULL ? clean_reason (reason) : NULL;
  g_autofree gchar *said = clean != NULL && *clean != '\0' ?
      g_strdup_printf (": %s", clean) : g_strdup ("");

  if (code == SOUP_WEBSOCKET_CLOSE_NORMAL)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SERVER_SHUTDOWN,
        "%s closed the session%s", peer, said);
  if (code == SOUP_WEBSOCKET_CLOSE_NO_STATUS)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SERVER_SHUTDOWN,
        "%s closed the session without a reason", peer);
  if (code == SOUP_WEBSOCKET_CLOSE_GOING_AWAY)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_GOING_AWAY,
        "%s goes away, with code %u%s", peer, code, said);
  if (code == 0)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "The connection to %s was lost", peer);

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
      "%s closed the session with code %u%s", peer, code, said);
}

GError *
gst_wsctl_socket_error_new_frame (const gchar * peer, gsize max_message_size,
    const GError * cause)
{
  /* libsoup gives close codes in its own domain here. */
  if (cause->domain == SOUP_WEBSOCKET_ERROR
      && cause->code == SOUP_WEBSOCKET_CLOSE_TOO_BIG)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE,
        "%s sent a message of more than %" G_GSIZE_FORMAT " bytes", peer,
        max_message_size);
  if (cause->domain == SOUP_WEBSOCKET_ERROR)
    return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "%s sent what is not WebSocket data: %s", peer, cause->message);

  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
      "The connection to %s was lost: %s", peer, cause->message);
}

GError *
gst_wsctl_socket_error_new_silence (const gchar * peer, guint timeout_ms)
{
  return g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CONNECTION_IDLE,
      "Nothing was heard from %s for %u ms, not even an answer to a ping",
      peer, timeout_ms);
}
