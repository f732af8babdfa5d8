/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who may do what, and that one bad client is no trouble to a good one.
 */

#include <glib/gstdio.h>
#include <string.h>

#include "bare-player.h"
#include "server-session.h"
#include "testcertificate.h"
#include "testsupport.h"
#include "wsctlserverguard-private.h"

#define TEXT_SIZE (64 * 1024)
#define GOP 30                  /* frames */
#define SILENCE_MS 10000

static ServerSession *session;

static gboolean
is_accepted (Client * client)
{
  g_autoptr (JsonObject) event = client_wait (client, "on_answer_sdp");

  return json_object_get_boolean_member (event, "result");
}

static void
test_tokens (void)
{
  const GstWsctlServerParams params = {
    .publish_token = "secret",
    .play_token = "ticket",
  };
  static const struct
  {
    const gchar *query;
    gboolean publishes, plays;
  } cases[] = {
    {"", FALSE, FALSE},
    {"?id=", FALSE, FALSE},
    {"?id=secre", FALSE, FALSE},
    {"?id=secrets", FALSE, FALSE},
    {"?id=ticket", FALSE, TRUE},
    {"?a=b&id=secret", TRUE, TRUE},
  };
  g_autoptr (Client) publisher = NULL;
  guint i;

  session = server_session_new (&params);
  publisher = server_session_offer_publish (session, "/webrtc/live?id=secret");
  g_assert_true (is_accepted (publisher));
  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *other =
        g_strconcat ("/webrtc/other", cases[i].query, NULL);
    g_autofree gchar *live = g_strconcat ("/webrtc/live", cases[i].query, NULL);
    g_autofree gchar *description =
        g_strconcat ("/json_live.js", cases[i].query, NULL);
    g_autoptr (Client) first = server_session_offer_publish (session, other);
    g_autoptr (Client) second = server_session_offer_play (session, live);
    g_autoptr (Client) watcher = client_new (session->uri, description);

    g_assert_cmpint (is_accepted (first), ==, cases[i].publishes);
    g_assert_cmpint (is_accepted (second), ==, cases[i].plays);
    if (cases[i].plays)
      client_wait_open (watcher);
    else
      g_assert_cmpuint (client_wait_refused (watcher), ==,
          SOUP_STATUS_FORBIDDEN);
  }
  g_clear_pointer (&session, server_session_free);
}

/* What the page may know without a token, and with one */
static void
test_list (void)
{
  const GstWsctlServerParams params = {
    .publish_token = "secret",
    .play_token = "ticket",
  };
  static const struct
  {
    const gchar *path;
    const gchar *answer;
  } cases[] = {
    {"/streams", "{\"streams\":[],\"may_play\":false}"},
    {"/streams?id=wrong", "{\"streams\":[],\"may_play\":false}"},
    {"/streams?id=ticket", "{\"streams\":[{\"name\":\"live\",\"tracks\":["},
    {"/streams?id=secret", "{\"streams\":[{\"name\":\"live\",\"tracks\":["},
    {"/", "<!DOCTYPE html>"},
    {"/page.js", "//"},
  };
  g_autoptr (Client) publisher = NULL;
  guint i;

  session = server_session_new (&params);
  publisher = server_session_offer_publish (session, "/webrtc/live?id=secret");
  g_assert_true (is_accepted (publisher));
  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree gchar *text = NULL;

    g_assert_cmpuint (server_session_request (session, SOUP_METHOD_GET,
            cases[i].path, NULL, &text), ==, 200);
    g_assert_true (g_str_has_prefix (text, cases[i].answer));
  }
  g_clear_pointer (&session, server_session_free);
}

/* With the token, and with the option only */
static void
test_takeover (void)
{
  static const struct
  {
    GstWsctlServerParams params;
    gboolean displaces;
  } cases[] = {
    {{.takeover = TRUE,.publish_token = "secret"}, TRUE},
    {{.takeover = FALSE,.publish_token = "secret"}, FALSE},
    {{.takeover = TRUE}, FALSE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Client) first = NULL;
    g_autoptr (Client) stranger = NULL;
    g_autoptr (Client) second = NULL;

    session = server_session_new (&cases[i].params);
    first = server_session_offer_publish (session, "/webrtc/live?id=secret");
    g_assert_true (is_accepted (first));
    stranger = server_session_offer_publish (session, "/webrtc/live?id=wrong");
    g_assert_false (is_accepted (stranger));
    second = server_session_offer_publish (session, "/webrtc/live?id=secret");
    g_assert_cmpint (is_accepted (second), ==, cases[i].displaces);
    if (cases[i].displaces) {
      json_object_unref (client_wait (first, "on_stop"));
      client_wait_closed (first);
    } else {
      g_assert_false (first->over);
    }
    g_clear_pointer (&session, server_session_free);
  }
}

static void
check_limit (const GstWsctlServerParams * params)
{
  g_autoptr (Client) first = NULL;
  g_autoptr (Client) second = NULL;
  g_autoptr (Client) third = NULL;

  session = server_session_new (params);
  first = server_session_open (session, "/webrtc/live");
  second = server_session_open (session, "/json_live.js");
  third = client_new (session->uri, "/webrtc/live");
  g_assert_cmpuint (client_wait_refused (third), ==,
      SOUP_STATUS_SERVICE_UNAVAILABLE);
  g_clear_pointer (&session, server_session_free);
}

static void
test_limits (void)
{
  const GstWsctlServerParams total = {.max_sessions = 2 };
  const GstWsctlServerParams each = {.max_sessions_per_address = 2 };

  check_limit (&total);
  check_limit (&each);
}

/* Of one address, as of a room */
static void
test_visits (void)
{
  g_autoptr (GstWsctlServerGuard) guard =
      gst_wsctl_server_guard_new (NULL, NULL, 3, 2);

  gst_wsctl_server_guard_enter (guard, "10.0.0.1");
  gst_wsctl_server_guard_enter (guard, "10.0.0.1");
  g_assert_false (gst_wsctl_server_guard_has_room (guard, "10.0.0.1"));
  g_assert_true (gst_wsctl_server_guard_has_room (guard, "10.0.0.2"));
  gst_wsctl_server_guard_enter (guard, "10.0.0.2");
  g_assert_false (gst_wsctl_server_guard_has_room (guard, "10.0.0.2"));
  gst_wsctl_server_guard_leave (guard, "10.0.0.1");
  g_assert_true (gst_wsctl_server_guard_has_room (guard, "10.0.0.1"));
}

static void
test_bucket (void)
{
  GstWsctlServerBucket bucket = { 0, };
  gint64 now_us = 50 * G_USEC_PER_SEC;

  g_assert_true (gst_wsctl_server_bucket_take (&bucket, 2, 1, now_us));
  g_assert_true (gst_wsctl_server_bucket_take (&bucket, 2, 1, now_us));
  g_assert_false (gst_wsctl_server_bucket_take (&bucket, 2, 1, now_us));
  now_us += G_USEC_PER_SEC;
  g_assert_true (gst_wsctl_server_bucket_take (&bucket, 2, 1, now_us));
  g_assert_false (gst_wsctl_server_bucket_take (&bucket, 2, 1, now_us));
}

/* Who gives too much does not keep others from giving. */
static void
test_givers (void)
{
  g_autoptr (GstWsctlServerGuard) guard =
      gst_wsctl_server_guard_new (NULL, NULL, 3, 2);
  gint64 now_us = 50 * G_USEC_PER_SEC;
  guint i;

  for (i = 0; i < 1000
      && gst_wsctl_server_guard_may_give (guard, "10.0.0.1", now_us); i++);
  g_assert_cmpuint (i, <, 1000);
  g_assert_true (gst_wsctl_server_guard_may_give (guard, "10.0.0.2", now_us));
  now_us += G_USEC_PER_SEC;
  g_assert_true (gst_wsctl_server_guard_may_give (guard, "10.0.0.1", now_us));

  /* So many addresses are remembered; they are forgotten when they rest. */
  for (i = 0; i < 10000; i++) {
    g_autofree gchar *address =
        g_strdup_printf ("10.1.%u.%u", i / 250, i % 250);

    if (!gst_wsctl_server_guard_may_give (guard, address, now_us))
      break;
  }
  g_assert_cmpuint (i, <, 10000);
  g_assert_true (gst_wsctl_server_guard_may_give (guard, "10.0.0.1", now_us));
  now_us += 10 * G_USEC_PER_SEC;
  g_assert_true (gst_wsctl_server_guard_may_give (guard, "10.2.0.1", now_us));
}

static void
test_too_many_commands (void)
{
  const GstWsctlServerParams params = { 0, };
  g_autoptr (Client) bad = NULL;
  g_autoptr (Client) good = NULL;
  guint i;

  session = server_session_new (&params);
  bad = server_session_open (session, "/webrtc/live");
  good = server_session_open (session, "/webrtc/live");
  for (i = 0; i < 200 && soup_websocket_connection_get_state (bad->socket)
      == SOUP_WEBSOCKET_STATE_OPEN; i++)
    client_send (bad, "{\"type\":\"rtp_props\"}");
  client_wait_closed (bad);
  client_send (good, "{\"type\":\"rtp_props\"}");
  json_object_unref (client_wait (good, "on_rtp_props"));
  g_clear_pointer (&session, server_session_free);
}

/* A WebSocket whose other end reads no more than the handshake. */
static GSocketConnection *
open_deaf_socket (void)
{
  static const gchar request[] = "GET /webrtc/live HTTP/1.1\r\n"
      "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n";
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = g_socket_client_connect_to_host (client,
      "127.0.0.1", gst_wsctl_server_get_port (session->server), NULL, &error);
  gchar answer[64];

  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream
          (G_IO_STREAM (connection)), request, strlen (request), NULL, NULL,
          NULL));
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream
          (G_IO_STREAM (connection)), answer, sizeof answer, NULL, NULL), >, 0);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 101"));

  return connection;
}

static gboolean
is_alone (gpointer data)
{
  return gst_wsctl_server_count_sessions (session->server) == 1;
}

static void
test_slow_reader (void)
{
  const GstWsctlServerParams params = { 0, };
  g_autofree gchar *text = g_strnfill (TEXT_SIZE, ' ');
  g_autoptr (Client) good = NULL;
  g_autoptr (GSocketConnection) deaf = NULL;
  guint i;

  session = server_session_new (&params);
  good = server_session_open (session, "/webrtc/live");
  deaf = open_deaf_socket ();
  g_assert_cmpuint (gst_wsctl_server_count_sessions (session->server), ==, 2);
  for (i = 0; i < 200; i++) {
    gst_wsctl_server_send_text (session->server, text);
    g_free (client_wait_text (good));
  }
  client_poll_until (good, is_alone, NULL, "who does not read is dropped");
  client_send (good, "{\"type\":\"rtp_props\"}");
  json_object_unref (client_wait (good, "on_rtp_props"));
  g_clear_pointer (&session, server_session_free);
}

/* An answer that nothing comes after */
static void
test_connect_timeout (void)
{
  const GstWsctlServerParams params = {.connect_timeout_ms = 100 };
  g_autoptr (Client) publisher = NULL;

  session = server_session_new (&params);
  publisher = server_session_offer_publish (session, "/webrtc/live");
  g_assert_true (is_accepted (publisher));
  client_wait_closed (publisher);
  g_clear_pointer (&session, server_session_free);
}

/* A player that no packet comes from any more goes after ten seconds. */
static void
test_silent_player (void)
{
  const GstWsctlServerParams params = { 0, };
  g_autoptr (Client) publisher = NULL;
  g_autoptr (BarePlayer) player = NULL;
  gint64 start_us, passed_ms;

  session = server_session_new (&params);
  publisher = server_session_publish_live (session, GOP);
  player = bare_player_new (session->uri, "/webrtc/live",
      gst_wsctl_server_get_media_port (session->server));
  start_us = g_get_monotonic_time ();
  g_assert_cmpuint (client_wait_closed (player->signalling), ==, 1006);
  passed_ms = (g_get_monotonic_time () - start_us) / 1000;
  g_assert_cmpint (passed_ms, >=, SILENCE_MS - 100);
  g_assert_cmpint (passed_ms, <, test_scale_ms (SILENCE_MS + 2000));
  g_assert_false (publisher->over);
  g_clear_pointer (&session, server_session_free);
}

static gboolean
accept_certificate (SoupMessage * message, GTlsCertificate * certificate,
    GTlsCertificateFlags errors, gpointer data)
{
  return TRUE;
}

static gchar *
save_key (GTlsCertificate * certificate, const gchar * path)
{
  g_autofree gchar *key = NULL;
  gchar *key_path = g_strconcat (path, ".key", NULL);

  g_object_get (certificate, "private-key-pem", &key, NULL);
  g_assert_nonnull (key);
  g_assert_true (g_file_set_contents (key_path, key, -1, NULL));

  return key_path;
}

static void
test_tls (void)
{
  g_autoptr (GTlsCertificate) certificate =
      test_certificate_new ("127.0.0.1", 3600);
  g_autofree gchar *cert_path = test_certificate_save (certificate);
  g_autofree gchar *key_path = save_key (certificate, cert_path);
  const GstWsctlServerParams params = {
    .tls_cert = cert_path,
    .tls_key = key_path,
  };
  g_autoptr (Client) stranger = NULL;
  g_autoptr (Client) client = NULL;

  session = server_session_new (&params);
  g_assert_true (g_str_has_prefix (session->uri, "wss://127.0.0.1:"));
  stranger = client_new (session->uri, "/webrtc/live");
  client_wait_refused (stranger);
  g_assert_error (stranger->error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  client = client_new (session->uri, "/webrtc/live");
  g_signal_connect (client->message, "accept-certificate",
      G_CALLBACK (accept_certificate), NULL);
  client_wait_open (client);
  client_send (client, "{\"type\":\"rtp_props\"}");
  json_object_unref (client_wait (client, "on_rtp_props"));
  g_clear_pointer (&session, server_session_free);
  g_unlink (cert_path);
  g_unlink (key_path);
}

static void
test_tls_missing (void)
{
  const GstWsctlServerParams params = {.tls_cert = "/nonexistent.pem" };
  GstWsctlServer *server = gst_wsctl_server_new (&params);
  g_autoptr (GError) error = NULL;

  g_assert_false (gst_wsctl_server_start (server, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  test_assert_finalize (server);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/safety/tokens", test_tokens);
  test_add ("/server/safety/list", test_list);
  test_add ("/server/safety/takeover", test_takeover);
  test_add ("/server/safety/limits", test_limits);
  test_add ("/server/safety/visits", test_visits);
  test_add ("/server/safety/bucket", test_bucket);
  test_add ("/server/safety/givers", test_givers);
  test_add ("/server/safety/too-many-commands", test_too_many_commands);
  test_add ("/server/safety/slow-reader", test_slow_reader);
  test_add ("/server/safety/connect-timeout", test_connect_timeout);
  test_add ("/server/safety/silent-player", test_silent_player);
  test_add ("/server/safety/tls", test_tls);
  test_add ("/server/safety/tls-missing", test_tls_missing);

  return g_test_run ();
}
