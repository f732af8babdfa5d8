/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The channel over a WebSocket, against servers that do not behave: each error
 * by domain, code and text, and a stop in each state.
 */

#include <libsoup/soup.h>
#include <string.h>

#include "testcertificate.h"
#include "testchannel.h"
#include "testresolver.h"
#include "testserver.h"
#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlsocketerror-private.h"
#include "wsctlwebsocketchannel-private.h"

#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n\r\n"
#define FRAMES(bytes) bytes, sizeof bytes - 1

static TestChannel *
open_channel (const gchar * uri, guint connect_timeout_ms)
{
  GstWsctlWebsocketParams params = { uri, };
  TestChannel *channel;

  params.connect_timeout_ms = connect_timeout_ms;
  params.max_message_size = 1000;
  channel = test_channel_new (gst_wsctl_websocket_channel_new (&params));
  test_channel_open (channel);

  return channel;
}

/* The sentence names the server and says why, and has nothing of the token. */
static void
assert_closed (TestChannel * channel, GstWsctlError code, const gchar * peer,
    const gchar * why)
{
  test_channel_wait_closed (channel);
  g_test_message ("%s", channel->error->message);
  g_assert_error (channel->error, GST_WSCTL_ERROR, code);
  g_assert_nonnull (strstr (channel->error->message, peer));
  g_assert_nonnull (strstr (channel->error->message, why));
  g_assert_null (strstr (channel->error->message, TEST_SECRET));
}

static void
test_script (void)
{
  static const struct
  {
    TestScript script;
    GstWsctlError code;
    const gchar *why;
  } cases[] = {
    /* The HTTP answer */
    {{STATUS ("415 Unsupported Media Type")},
        GST_WSCTL_ERROR_UNEXPECTED_STATUS,
        "answered 415 Unsupported Media Type: this path is not a WebRTC end "
        "point"},
    {{STATUS ("404 Not Found")}, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
        "404 Not Found: this path"},
    {{STATUS ("401 Unauthorized")}, GST_WSCTL_ERROR_ACCESS_DENIED,
        "401 Unauthorized: access is denied"},
    {{STATUS ("403 Forbidden")}, GST_WSCTL_ERROR_ACCESS_DENIED,
        "403 Forbidden: access is denied"},
    {{STATUS ("400 Bad Request")}, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
        "400 Bad Request in place of a WebSocket; if the server has TLS, the "
        "address has to begin with wss://"},
    {{STATUS ("503 Service Unavailable")}, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
        "503 Service Unavailable in place"},
    {{STATUS ("200 OK")}, GST_WSCTL_ERROR_UNEXPECTED_STATUS, "200 OK in place"},
    {{"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                "Content-Length: 0\r\n\r\n"}, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
        "302 Found in place of a WebSocket; if the server has TLS"},
    {{"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n"
                "Content-Length: 0\r\n\r\n"}, GST_WSCTL_ERROR_ACCESS_DENIED,
        "401 Unauthorized"},
    {{STATUS ("101 Switching Protocols")}, GST_WSCTL_ERROR_CONNECTION_FAILED,
        "is not a WebSocket server"},
    {{"220 mail.example ESMTP\r\n\r\n"}, GST_WSCTL_ERROR_CONNECTION_FAILED,
        "is not a WebSocket server"},
    {{"\x16\x03\x01\r\n\r\n", NULL, 0, TRUE},
        GST_WSCTL_ERROR_CONNECTION_FAILED, ""},
    {{NULL, NULL, 0, TRUE}, GST_WSCTL_ERROR_CONNECTION_FAILED, ""},
    {{"HTTP/1.1 101 Swi", NULL, 0, TRUE}, GST_WSCTL_ERROR_CONNECTION_FAILED,
        ""},

    /* After the handshake */
    {{"101", NULL, 0, TRUE}, GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "was lost"},
    {{"101", FRAMES ("\x81\x7e\x04\x00")}, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE,
        "more than 1000 bytes"},
    {{"101", FRAMES ("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff")},
        GST_WSCTL_ERROR_MESSAGE_TOO_LARGE, "more than 1000 bytes"},
    {{"101", FRAMES ("\x81\x01\xff")}, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "not WebSocket data"},
    {{"101", FRAMES ("\x81\x81" "abcdA")},
        GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "not WebSocket data"},
    {{"101", FRAMES ("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")},
        GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "not WebSocket data"},
    {{"101", FRAMES ("\x83\x00")}, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "not WebSocket data"},
    {{"101", FRAMES ("\x80\x01" "a")}, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "not WebSocket data"},
    {{"101", FRAMES ("\x88\x00")}, GST_WSCTL_ERROR_SERVER_SHUTDOWN,
        "without a reason"},
    {{"101", FRAMES ("\x88\x02\x03\xe8")}, GST_WSCTL_ERROR_SERVER_SHUTDOWN,
        "closed the session"},
    {{"101", FRAMES ("\x88\x01\x03")}, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "not WebSocket data"},
    {{"101", FRAMES ("\x88\x02\x00\x07")},
        GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "with code 7"},
    {{"101", FRAMES ("\x88\x02\x03\xee")},
        GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "with code 1006"},
    {{"101", FRAMES ("\x88\x03\x03\xe8\xff")}, GST_WSCTL_ERROR_SERVER_SHUTDOWN,
        "closed the session"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestServer) server = test_server_new_scripted (&cases[i].script);
    g_autoptr (TestChannel) channel = open_channel (test_server_get_uri
        (server), 0);

    g_test_message ("case %u", i);
    assert_closed (channel, cases[i].code, test_server_get_peer (server),
        cases[i].why);
  }
}

/* Odd but legal, or at least harmless: the session lives, and says what makes
 * sense. */
static void
test_odd_frames (void)
{
  static const TestScript script = { "101",
    FRAMES ("\x89\x01!"         /* a ping */
        "\x8a\x00"              /* a pong that nobody asked for */
        "\x82\x01" "b"          /* binary */
        "\x81\x03" "a\0b"       /* a NUL inside */
        "\x81\x00"              /* empty */
        "\x01\x02" "fr" "\x80\x02" "ag" /* in two fragments */ ),
  };
  g_autoptr (TestServer) server = test_server_new_scripted (&script);
  g_autoptr (TestChannel) channel = open_channel (test_server_get_uri
      (server), 0);
  g_autofree gchar *empty = test_channel_wait_message (channel);
  g_autofree gchar *fragments = test_channel_wait_message (channel);

  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (fragments, ==, "frag");
  g_assert_false (channel->closed);
}

static void
test_refused (void)
{
  g_autofree gchar *peer = g_strdup_printf ("127.0.0.1:%u",
      test_find_closed_port ());
  g_autofree gchar *uri = g_strdup_printf ("ws://%s/webrtc/s?id=" TEST_SECRET,
      peer);
  g_autoptr (TestChannel) channel = open_channel (uri, 0);

  assert_closed (channel, GST_WSCTL_ERROR_CONNECTION_FAILED, peer,
      "refused the connection");
}

static void
test_host_not_found (void)
{
  g_autoptr (TestResolverSwap) swap = test_resolver_install ();
  g_autoptr (TestChannel) channel = NULL;

  channel = open_channel ("wss://nobody.invalid/webrtc/s?id=" TEST_SECRET, 0);
  assert_closed (channel, GST_WSCTL_ERROR_HOST_NOT_FOUND, "nobody.invalid:443",
      "was not found");
}

/* The proxy is told, not the server behind it, and no password. In a process of
 * its own, because the settings are read once. */
static void
test_dead_proxy (void)
{
  g_autofree gchar *proxy = NULL;
  g_autofree gchar *setting = NULL;
  g_autoptr (TestChannel) channel = NULL;

  if (!g_test_subprocess ()) {
    proxy = g_strdup_printf ("127.0.0.1:%u", test_find_closed_port ());
    setting = g_strdup_printf ("http://me:" TEST_SECRET "@%s/", proxy);
    g_setenv ("http_proxy", setting, TRUE);
    g_setenv ("TEST_PROXY", proxy, TRUE);
    g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_unsetenv ("http_proxy");
    g_test_trap_assert_passed ();
    return;
  }

  /* Without a module of GIO for it there is no proxy either. */
  g_unsetenv ("GIO_USE_PROXY_RESOLVER");
  if (g_str_equal (G_OBJECT_TYPE_NAME (g_proxy_resolver_get_default ()),
          "GDummyProxyResolver"))
    return;

  setting = g_strdup_printf ("the proxy %s of http_proxy does not answer",
      g_getenv ("TEST_PROXY"));
  channel = open_channel ("ws://127.0.0.1:1/webrtc/s?id=" TEST_SECRET, 0);
  assert_closed (channel, GST_WSCTL_ERROR_CONNECTION_FAILED, "127.0.0.1:1",
      setting);
}

static void
check_sentence (const GstWsctlSocketAttempt * attempt, guint status,
    GQuark domain, gint code, const gchar * message, const gchar * sentence)
{
  g_autoptr (GError) cause = g_error_new_literal (domain, code, message);
  g_autoptr (GError) error =
      gst_wsctl_socket_error_new_connect (attempt, status, cause);

  g_assert_cmpstr (error->message, ==, sentence);
}

/* A proxy that nobody knows, and one that answers itself */
static void
test_proxy_sentences (void)
{
  GstWsctlSocketAttempt attempt = { (gchar *) "h:80", };

  g_setenv ("http_proxy", "proxy", TRUE);
  g_setenv ("all_proxy", "http://me:" TEST_SECRET "@proxy.test:3128", TRUE);
  check_sentence (&attempt, 0, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
      "Nobody knows proxy.test", "Could not connect to h:80: the proxy of "
      "all_proxy was not found: Nobody knows proxy.test");
  check_sentence (&attempt, 0, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND,
      "Nobody knows h", "The host of h:80 was not found: Nobody knows h");

  attempt.proxy = (gchar *) "proxy.test:3128";
  attempt.phase = GST_WSCTL_SOCKET_PHASE_HTTP;
  check_sentence (&attempt, SOUP_STATUS_BAD_GATEWAY, SOUP_WEBSOCKET_ERROR, 0,
      "", "h:80 (through the proxy proxy.test:3128 of all_proxy) answered 502 "
      "Bad Gateway in place of a WebSocket");
  g_unsetenv ("http_proxy");
  g_unsetenv ("all_proxy");
}

/* Told at once, with the scheme to try */
static void
test_plain_to_tls (void)
{
  g_autoptr (GTlsCertificate) certificate =
      test_certificate_new ("127.0.0.1", 3600);
  g_autoptr (TestServer) server = test_server_new_echo (certificate);
  g_autofree gchar *uri = g_strdup_printf ("ws://%s/webrtc/s",
      test_server_get_peer (server));
  g_autoptr (TestChannel) channel = open_channel (uri, 0);

  assert_closed (channel, GST_WSCTL_ERROR_CONNECTION_FAILED,
      test_server_get_peer (server),
      "if the server has TLS, the address has to begin with wss://");
}

/* The sentence tells how far it came. */
static void
test_connect_timeout (void)
{
  static const TestScript silent = { NULL, };
  g_autoptr (TestServer) full = test_server_new_full ();
  g_autoptr (TestServer) server = test_server_new_scripted (&silent);
  g_autofree gchar *tls_uri = g_strdup_printf ("wss://%s/webrtc/s?id="
      TEST_SECRET, test_server_get_peer (server));
  g_autoptr (TestChannel) tcp = open_channel (test_server_get_uri (full), 200);
  g_autoptr (TestChannel) tls = open_channel (tls_uri, 200);
  g_autoptr (TestChannel) http = open_channel (test_server_get_uri (server),
      200);

  assert_closed (tcp, GST_WSCTL_ERROR_TIMED_OUT, test_server_get_peer (full),
      "did not take the connection");
  assert_closed (tls, GST_WSCTL_ERROR_TIMED_OUT, test_server_get_peer (server),
      "did not finish the TLS handshake; if the server has no TLS, the address "
      "has to begin with ws://");
  assert_closed (http, GST_WSCTL_ERROR_TIMED_OUT, test_server_get_peer (server),
      "did not answer; if the server has TLS");
}

/* The handshake, and then never a word, not even to a ping */
static void
test_silence (void)
{
  static const TestScript silent = { "101", };
  g_autoptr (TestServer) server = test_server_new_scripted (&silent);
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  g_autoptr (TestChannel) channel = NULL;

  params.keepalive_s = 1;
  params.pong_timeout_ms = 300;
  channel = test_channel_new (gst_wsctl_websocket_channel_new (&params));
  test_channel_open (channel);
  assert_closed (channel, GST_WSCTL_ERROR_CONNECTION_IDLE,
      test_server_get_peer (server), "Nothing was heard");
  g_assert_true (channel->opened);
}

static gboolean
has_one (gpointer data)
{
  return test_server_get_taken (data) == 1;
}

static gboolean
has_none_left (gpointer data)
{
  return test_server_get_ended (data) == test_server_get_taken (data);
}

typedef enum
{
  STOP_UNOPENED,
  STOP_AT_ONCE,
  STOP_TAKEN,
  STOP_OPEN,
  N_STOPS
} Stop;

static TestChannel *
go_to (Stop stop, TestServer * silent, TestServer * talking)
{
  TestServer *server = stop == STOP_OPEN ? talking : silent;
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  TestChannel *channel =
      test_channel_new (gst_wsctl_websocket_channel_new (&params));

  if (stop >= STOP_AT_ONCE)
    test_channel_open (channel);
  if (stop == STOP_TAKEN)
    test_wait_until (NULL, has_one, silent, 0, "the server to take it");
  if (stop == STOP_OPEN)
    test_channel_wait_opened (channel);

  return channel;
}

/* In every state: closed at once, closed once, nothing left; and the same for a
 * channel that is dropped and not closed. */
static void
test_stop (void)
{
  static const TestScript silence = { NULL, };
  static const TestScript handshake = { "101", };
  Stop stop;

  for (stop = 0; stop < N_STOPS; stop++) {
    g_autoptr (TestServer) silent = test_server_new_scripted (&silence);
    g_autoptr (TestServer) talking = test_server_new_scripted (&handshake);
    TestChannel *channel;

    channel = go_to (stop, silent, talking);
    test_channel_close (channel);
    test_channel_close (channel);
    if (stop != STOP_UNOPENED) {
      test_channel_wait_closed (channel);
      g_assert_no_error (channel->error);
    }
    test_channel_free (channel);
    test_wait_until (NULL, has_none_left, silent, 0, "the server to be left");
    test_wait_until (NULL, has_none_left, talking, 0, "the server to be left");
  }

  for (stop = 0; stop < N_STOPS; stop++) {
    g_autoptr (TestServer) silent = test_server_new_scripted (&silence);
    g_autoptr (TestServer) talking = test_server_new_scripted (&handshake);

    test_channel_free (go_to (stop, silent, talking));
    test_wait_until (NULL, has_none_left, silent, 0, "the server to be left");
    test_wait_until (NULL, has_none_left, talking, 0, "the server to be left");
  }
}

/* Ours first, then theirs: no error wins over our own close. */
static void
test_close_first (void)
{
  g_autofree gchar *uri = g_strdup_printf ("ws://127.0.0.1:%u/",
      test_find_closed_port ());
  g_autoptr (TestChannel) channel = open_channel (uri, 0);

  test_channel_close (channel);
  test_channel_wait_closed (channel);
  g_assert_no_error (channel->error);
  test_drain (NULL);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/websocket-errors/stop", test_stop);
  test_add ("/websocket-errors/script", test_script);
  test_add ("/websocket-errors/odd-frames", test_odd_frames);
  test_add ("/websocket-errors/refused", test_refused);
  test_add ("/websocket-errors/host-not-found", test_host_not_found);
  test_add ("/websocket-errors/dead-proxy", test_dead_proxy);
  test_add ("/websocket-errors/proxy-sentences", test_proxy_sentences);
  test_add ("/websocket-errors/plain-to-tls", test_plain_to_tls);
  test_add ("/websocket-errors/connect-timeout", test_connect_timeout);
  test_add ("/websocket-errors/silence", test_silence);
  test_add ("/websocket-errors/close-first", test_close_first);

  return g_test_run ();
}
