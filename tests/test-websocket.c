/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The channel over a WebSocket, against a server that behaves.
 */

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <string.h>

#include "testcertificate.h"
#include "testchannel.h"
#include "testserver.h"
#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlwebsocketchannel-private.h"

#define ONE_DAY_S (24 * 60 * 60)

static TestChannel *
make_channel (const GstWsctlWebsocketParams * params)
{
  return test_channel_new (gst_wsctl_websocket_channel_new (params));
}

static TestChannel *
make_channel_to (TestServer * server)
{
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };

  return make_channel (&params);
}

static void
assert_answer (TestChannel * channel, const gchar * text)
{
  g_autofree gchar *answer = test_channel_wait_message (channel);

  g_assert_cmpstr (answer, ==, text);
}

static gboolean
has_none (gpointer data)
{
  TestServer *server = data;

  return test_server_get_ended (server) == test_server_get_taken (server);
}

static void
test_new_free (void)
{
  GstWsctlWebsocketParams params = { "ws://127.0.0.1:1/", };

  test_assert_finalize (gst_wsctl_websocket_channel_new (&params));
}

static void
test_echo (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  g_autoptr (TestChannel) channel = make_channel_to (server);

  /* Two before it is open, in order, and one after */
  test_channel_send (channel, "one");
  test_channel_open (channel);
  test_channel_send (channel, "two");
  test_channel_wait_opened (channel);
  test_channel_send (channel, "\xc3\xa9");
  assert_answer (channel, "one");
  assert_answer (channel, "two");
  assert_answer (channel, "\xc3\xa9");

  test_channel_close (channel);
  test_channel_wait_closed (channel);
  g_assert_no_error (channel->error);
  test_wait_until (NULL, has_none, server, 0, "the server to see the close");
}

static void
test_big (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  g_autoptr (TestChannel) channel = NULL;
  g_autofree gchar *up = g_strnfill (100000, 'y');
  g_autofree gchar *down = g_strnfill (1000000, 'x');

  /* The default is enough for the metadata of a long stream. */
  channel = make_channel (&params);
  test_channel_open (channel);
  test_channel_send (channel, up);
  test_channel_send (channel, "big 1000000");
  assert_answer (channel, up);
  assert_answer (channel, down);
}

static void
test_headers (void)
{
  static const gchar *const headers[] = { "X-One: 1", "X-Two:  a: b ", NULL };
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  g_autoptr (TestChannel) channel = NULL;
  g_autoptr (TestChannel) plain = make_channel_to (server);
  g_autofree gchar *agent = NULL;

  params.headers = headers;
  params.user_agent = "tester/1";
  channel = make_channel (&params);
  test_channel_open (channel);
  test_channel_send (channel, "header X-One");
  test_channel_send (channel, "header X-Two");
  test_channel_send (channel, "header User-Agent");
  assert_answer (channel, "1");
  assert_answer (channel, "a: b");
  assert_answer (channel, "tester/1");

  test_channel_open (plain);
  test_channel_send (plain, "header User-Agent");
  agent = test_channel_wait_message (plain);
  g_assert_true (g_str_has_prefix (agent, "gst-wsctl/"));
}

static void
test_bad_params (void)
{
  static const struct
  {
    const gchar *uri;
    const gchar *header;
    const gchar *ca_file;
    GstWsctlError code;
  } bad[] = {
    {NULL, NULL, NULL, GST_WSCTL_ERROR_INVALID_URI},
    {"", NULL, NULL, GST_WSCTL_ERROR_INVALID_URI},
    {"http://h/", NULL, NULL, GST_WSCTL_ERROR_INVALID_URI},
    {"wss:///x", NULL, NULL, GST_WSCTL_ERROR_INVALID_URI},
    {"ws://127.0.0.1:1/", TEST_SECRET, NULL, GST_WSCTL_ERROR_FAILED},
    {"ws://127.0.0.1:1/", ": " TEST_SECRET, NULL, GST_WSCTL_ERROR_FAILED},
    {"ws://127.0.0.1:1/", "a b: " TEST_SECRET, NULL, GST_WSCTL_ERROR_FAILED},
    {"ws://127.0.0.1:1/", "a: b\r\n" TEST_SECRET, NULL,
        GST_WSCTL_ERROR_FAILED},
    {"wss://127.0.0.1:1/", NULL, "/nowhere.pem", GST_WSCTL_ERROR_TLS},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    const gchar *headers[] = { bad[i].header, NULL };
    GstWsctlWebsocketParams params = { bad[i].uri, headers, };
    g_autoptr (TestChannel) channel = NULL;

    params.ca_file = bad[i].ca_file;
    channel = make_channel (&params);
    test_channel_open (channel);
    test_channel_wait_closed (channel);
    g_assert_error (channel->error, GST_WSCTL_ERROR, bad[i].code);
    g_assert_null (strstr (channel->error->message, TEST_SECRET));
  }
}

/* The first end is the one that is told, and it is told once. */
static void
test_first_wins (void)
{
  GstWsctlWebsocketParams params = { "http://h/", };
  g_autoptr (TestChannel) channel = make_channel (&params);

  test_channel_open (channel);
  test_channel_close (channel);
  test_channel_wait_closed (channel);
  g_assert_error (channel->error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI);

  test_channel_close (channel);
  test_drain (NULL);
}

static void
test_send_limits (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  g_autoptr (TestChannel) channel = NULL;
  g_autoptr (GError) error = NULL;

  params.max_queued = 2;
  channel = make_channel (&params);
  test_channel_open (channel);
  g_assert_false (gst_wsctl_channel_send (channel->channel, "\xff", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_MESSAGE);
  g_clear_error (&error);
  test_channel_send (channel, "one");
  test_channel_send (channel, "two");
  g_assert_false (gst_wsctl_channel_send (channel->channel, "three", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  g_clear_error (&error);

  test_channel_wait_opened (channel);
  test_channel_send (channel, "four");
  assert_answer (channel, "one");
  assert_answer (channel, "two");
  assert_answer (channel, "four");

  test_channel_close (channel);
  g_assert_false (gst_wsctl_channel_send (channel->channel, "five", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
}

static void
test_binary (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  g_autoptr (TestChannel) channel = make_channel_to (server);

  /* Ignored, and the session goes on */
  test_channel_open (channel);
  test_channel_send (channel, "binary");
  test_channel_send (channel, "after");
  assert_answer (channel, "after");
  g_assert_false (channel->closed);
}

static void
test_closed_by_server (void)
{
  static const struct
  {
    const gchar *order;
    GstWsctlError code;
    const gchar *sentence;
  } cases[] = {
    {"close 1000 ", GST_WSCTL_ERROR_SERVER_SHUTDOWN, "closed the session"},
    {"close 1000 bye", GST_WSCTL_ERROR_SERVER_SHUTDOWN, ": bye"},
    {"close 0 ", GST_WSCTL_ERROR_SERVER_SHUTDOWN, "without a reason"},
    {"close 1001 restart", GST_WSCTL_ERROR_GOING_AWAY,
        "code 1001: restart"},
    {"close 1008 no\nway", GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
        "code 1008: no way"},
    {"close 1011 broken", GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "1011: broken"},
    {"close 4001 own", GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "4001: own"},
    {"drop", GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "was lost"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestServer) server = test_server_new_echo (NULL);
    g_autoptr (TestChannel) channel = make_channel_to (server);

    g_test_message ("case %u", i);
    test_channel_open (channel);
    test_channel_send (channel, cases[i].order);
    test_channel_wait_closed (channel);
    g_assert_error (channel->error, GST_WSCTL_ERROR, cases[i].code);
    g_assert_nonnull (strstr (channel->error->message, cases[i].sentence));
    g_assert_nonnull (strstr (channel->error->message,
            test_server_get_peer (server)));
  }
}

/* A certificate is accepted when it is known, and only then, but for those who
 * ask for that. */
static void
test_tls (void)
{
  static const struct
  {
    const gchar *host;
    gint valid_s;
    gboolean known;
    gboolean insecure;
    const gchar *sentence;      /* NULL: it works */
  } cases[] = {
    {"127.0.0.1", ONE_DAY_S, TRUE, FALSE, NULL},
    {"127.0.0.1", ONE_DAY_S, FALSE, TRUE, NULL},
    {"other.example", -60, FALSE, TRUE, NULL},
    {"127.0.0.1", ONE_DAY_S, FALSE, FALSE, "not signed by an authority"},
    {"127.0.0.1", -60, TRUE, FALSE, "it has expired"},
    {"other.example", ONE_DAY_S, TRUE, FALSE, "it is for another host"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GTlsCertificate) certificate =
        test_certificate_new (cases[i].host, cases[i].valid_s);
    g_autofree gchar *file = test_certificate_save (certificate);
    g_autoptr (TestServer) server = test_server_new_echo (certificate);
    GstWsctlWebsocketParams params = { test_server_get_uri (server), };
    g_autoptr (TestChannel) channel = NULL;

    g_test_message ("case %u", i);
    params.ca_file = cases[i].known ? file : NULL;
    params.insecure = cases[i].insecure;
    channel = make_channel (&params);
    test_channel_open (channel);
    test_channel_send (channel, "hello");
    if (cases[i].sentence == NULL) {
      assert_answer (channel, "hello");
    } else {
      test_channel_wait_closed (channel);
      g_assert_error (channel->error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_TLS);
      g_assert_nonnull (strstr (channel->error->message, cases[i].sentence));
      g_assert_nonnull (strstr (channel->error->message,
              test_server_get_peer (server)));
      g_assert_false (channel->opened);
    }
    g_unlink (file);
  }
}

/* The path of an authority may be relative to the working directory. */
static void
test_relative_authority (void)
{
  g_autoptr (GTlsCertificate) certificate =
      test_certificate_new ("127.0.0.1", ONE_DAY_S);
  g_autofree gchar *file = test_certificate_save (certificate);
  g_autofree gchar *directory = g_path_get_dirname (file);
  g_autofree gchar *name = g_path_get_basename (file);
  g_autofree gchar *before = g_get_current_dir ();
  g_autoptr (TestServer) server = test_server_new_echo (certificate);
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  g_autoptr (TestChannel) channel = NULL;

  g_assert_cmpint (g_chdir (directory), ==, 0);
  params.ca_file = name;
  channel = make_channel (&params);
  test_channel_open (channel);
  test_channel_send (channel, "hello");
  assert_answer (channel, "hello");
  g_assert_cmpint (g_chdir (before), ==, 0);
  g_unlink (file);
}

static void
drop (gpointer data)
{
  TestChannel *self = data;

  g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
}

/* A handler may let go of the channel that calls it. */
static void
test_drop_in_handler (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  g_autoptr (TestChannel) opened = make_channel_to (server);
  g_autoptr (TestChannel) message = make_channel_to (server);
  g_autoptr (TestChannel) closed = make_channel_to (server);

  opened->on_opened = drop;
  opened->data = opened;
  test_channel_open (opened);
  test_channel_wait_opened (opened);

  message->on_message = drop;
  message->data = message;
  test_channel_open (message);
  test_channel_send (message, "one");
  test_channel_send (message, "two");
  g_free (test_channel_wait_message (message));

  closed->on_closed = drop;
  closed->data = closed;
  test_channel_open (closed);
  test_channel_send (closed, "close 1000 ");
  test_channel_wait_closed (closed);

  test_wait_until (NULL, has_none, server, 0, "the server to see all closes");
  g_assert_cmpuint (message->messages->len, ==, 0);
}

static gboolean
set_flag (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

/* Pings keep a session alive in which nothing is said. The wait is for time
 * itself: longer than the silence that is allowed. */
static void
test_keepalive (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  GstWsctlWebsocketParams params = { test_server_get_uri (server), };
  g_autoptr (TestChannel) channel = NULL;
  g_autoptr (GSource) timer = g_timeout_source_new (3500);
  gboolean over = FALSE;

  params.keepalive_s = 1;
  params.pong_timeout_ms = 2500;
  channel = make_channel (&params);
  test_channel_open (channel);
  test_channel_wait_opened (channel);

  g_source_set_callback (timer, set_flag, &over, NULL);
  g_source_attach (timer, g_main_context_get_thread_default ());
  test_wait_flag (NULL, &over, "three pings and their answers");
  g_assert_false (channel->closed);
}

typedef struct
{
  guint n_lines;
  guint n_warnings;
} Log;

static void
read_log (GstDebugCategory * category, GstDebugLevel level, const gchar * file,
    const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  Log *log = data;

  if (!g_str_has_prefix (gst_debug_category_get_name (category), "wsctl"))
    return;
  g_assert_null (strstr (gst_debug_message_get (message), TEST_SECRET));
  log->n_lines++;
  if (level <= GST_LEVEL_FIXME)
    log->n_warnings++;
}

/* At the highest level there is no token in the log; a session in which nothing
 * is wrong says nothing at level 3; one in which something is, does. */
static void
test_logs (void)
{
  g_autoptr (TestServer) server = test_server_new_echo (NULL);
  g_autoptr (TestChannel) channel = make_channel_to (server);
  Log log = { 0, };

  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (read_log, &log, NULL);
  gst_debug_set_threshold_from_string ("wsctl*:9", TRUE);

  test_channel_open (channel);
  test_channel_send (channel, "hello");
  assert_answer (channel, "hello");
  g_assert_cmpuint (log.n_warnings, ==, 0);
  g_assert_cmpuint (log.n_lines, >, 0);

  test_channel_send (channel, "binary");
  test_channel_send (channel, "close 1000 ");
  test_channel_wait_closed (channel);
  g_assert_cmpuint (log.n_warnings, ==, 1);

  gst_debug_set_threshold_from_string ("", TRUE);
  gst_debug_remove_log_function (read_log);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (NULL, NULL);

  test_add ("/websocket/new-free", test_new_free);
  test_add ("/websocket/echo", test_echo);
  test_add ("/websocket/big", test_big);
  test_add ("/websocket/headers", test_headers);
  test_add ("/websocket/bad-params", test_bad_params);
  test_add ("/websocket/first-wins", test_first_wins);
  test_add ("/websocket/send-limits", test_send_limits);
  test_add ("/websocket/binary", test_binary);
  test_add ("/websocket/closed-by-server", test_closed_by_server);
  test_add ("/websocket/tls", test_tls);
  test_add ("/websocket/relative-authority", test_relative_authority);
  test_add ("/websocket/drop-in-handler", test_drop_in_handler);
  test_add ("/websocket/logs", test_logs);
  test_add ("/websocket/keepalive", test_keepalive);

  return g_test_run ();
}
