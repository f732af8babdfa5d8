/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server's part in pools: who is told what, and what it takes from nobody.
 */

#include <string.h>

#include "ssp-client.h"
#include "testsupport.h"

static GstWsctlServer *server;
static gchar *uri;

static void
start_server (const GstWsctlServerParams * params)
{
  server = ssp_server_new (params, &uri);
}

static void
stop_server (void)
{
  ssp_server_free (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static void
say_candidate (Client * client, const gchar * to)
{
  g_autofree gchar *text = g_strdup_printf ("{\"type\":\"rtc:candidate\","
      "\"data\":{\"from\":\"somebody\",\"for\":\"%s\",\"candidate\":null}}",
      to);

  client_send (client, text);
}

static void
test_join (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autoptr (GstWsctlSsp) joined = NULL;
  g_autoptr (GstWsctlSsp) came = NULL;
  g_autoptr (GstWsctlSsp) left = NULL;
  g_autofree gchar *first_id = NULL;
  Client *first, *second;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);

  second = ssp_client_enter (uri);
  client_send (second, SSP_JOIN ("p"));
  joined = ssp_client_take (second, GST_WSCTL_SSP_JOINED);
  g_assert_cmpuint (g_strv_length (joined->peers), ==, 1);
  g_assert_cmpstr (joined->peers[0], ==, first_id);
  g_assert_cmpstr (joined->id, !=, first_id);
  came = ssp_client_take (first, GST_WSCTL_SSP_PEER);
  g_assert_cmpstr (came->id, ==, joined->id);

  client_free (second);
  left = ssp_client_take (first, GST_WSCTL_SSP_CLOSE);
  g_assert_cmpstr (left->id, ==, joined->id);

  client_free (first);
  stop_server ();
}

/* What one says reaches the one it is for, and says who it is from. */
static void
test_relay (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autoptr (GstWsctlSsp) came = NULL;
  g_autoptr (GstWsctlSsp) sdp = NULL;
  g_autoptr (GstWsctlSsp) candidate = NULL;
  g_autofree gchar *first_id = NULL;
  g_autofree gchar *second_id = NULL;
  Client *first, *second;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);
  second = ssp_client_enter (uri);
  second_id = ssp_client_join (second);
  came = ssp_client_take (first, GST_WSCTL_SSP_PEER);

  ssp_client_say_sdp (second, first_id, "v=0");
  sdp = ssp_client_take (first, GST_WSCTL_SSP_SDP);
  g_assert_cmpstr (sdp->id, ==, second_id);
  g_assert_cmpstr (sdp->sdp_type, ==, "offer");
  g_assert_cmpstr (sdp->sdp, ==, "v=0");

  say_candidate (first, second_id);
  candidate = ssp_client_take (second, GST_WSCTL_SSP_CANDIDATE);
  g_assert_cmpstr (candidate->id, ==, first_id);
  g_assert_null (candidate->candidate);

  client_free (first);
  client_free (second);
  stop_server ();
}

/* Pools know nothing of each other. */
static void
test_apart (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autoptr (GstWsctlSsp) joined = NULL;
  g_autofree gchar *first_id = NULL;
  Client *first, *second;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);
  second = ssp_client_enter (uri);
  client_send (second, SSP_JOIN ("q"));
  joined = ssp_client_take (second, GST_WSCTL_SSP_JOINED);
  g_assert_cmpuint (g_strv_length (joined->peers), ==, 0);

  ssp_client_say_sdp (second, first_id, "v=0");
  ssp_client_take_error (second, "no such peer");
  g_assert_true (g_queue_is_empty (&first->texts));

  client_free (first);
  client_free (second);
  stop_server ();
}

static void
test_errors (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autoptr (GstWsctlSsp) garbage = NULL;
  g_autofree gchar *id = NULL;
  Client *client;

  start_server (&params);
  client = ssp_client_enter (uri);
  ssp_client_say_sdp (client, "somebody", "v=0");
  ssp_client_take_error (client, "in no pool");
  id = ssp_client_join (client);
  client_send (client, SSP_JOIN ("p"));
  ssp_client_take_error (client, "in a pool already");
  ssp_client_say_sdp (client, "somebody", "v=0");
  ssp_client_take_error (client, "no such peer");
  ssp_client_say_sdp (client, id, "v=0");
  ssp_client_take_error (client, "no such peer");
  client_send (client, "[garbage");
  garbage = ssp_client_take (client, GST_WSCTL_SSP_ERROR);
  g_assert_nonnull (garbage->reason);

  /* To nobody, and of no known type: silence, and it goes on */
  say_candidate (client, "somebody");
  client_send (client,
      "{\"type\":\"rtc:close\",\"data\":{\"id\":\"somebody\"}}");
  client_send (client, SSP_JOIN ("p"));
  ssp_client_take_error (client, "in a pool already");

  client_free (client);
  stop_server ();
}

static guint
request (const gchar * method, const gchar * path, const gchar * body,
    gchar ** answer)
{
  g_autofree gchar *address =
      g_strdup_printf ("http%s%s", uri + strlen ("ws"), path);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, address);
  g_autoptr (GBytes) bytes = NULL;

  if (body != NULL) {
    g_autoptr (GBytes) sent = g_bytes_new_static (body, strlen (body));

    soup_message_set_request_body_from_bytes (message, "application/json",
        sent);
  }
  bytes = soup_session_send_and_read (session, message, NULL, NULL);
  if (answer != NULL)
    *answer = g_strndup (g_bytes_get_data (bytes, NULL),
        g_bytes_get_size (bytes));

  return soup_message_get_status (message);
}

static gchar *
make_path (const gchar * id, const gchar * token)
{
  return g_strdup_printf ("/pools/p/peers/%s/description?id=%s", id, token);
}

/* Set by who has the token, told to who is there and to who comes. */
static void
test_describe (void)
{
  static const GstWsctlServerParams params = {.pool_token = "secret" };
  g_autofree gchar *first_id = NULL;
  g_autofree gchar *second_id = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *wrong_path = NULL;
  g_autofree gchar *other_path = NULL;
  g_autofree gchar *list = NULL;
  g_autofree gchar *large = g_strnfill (20000, '1');
  g_autoptr (GstWsctlSsp) came = NULL;
  g_autoptr (GstWsctlSsp) described = NULL;
  g_autoptr (GstWsctlSsp) joined = NULL;
  GVariant *description;
  const gchar *name = NULL;
  Client *first, *second, *third;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);
  second = ssp_client_enter (uri);
  second_id = ssp_client_join (second);
  came = ssp_client_take (first, GST_WSCTL_SSP_PEER);

  path = make_path (first_id, "secret");
  wrong_path = make_path (first_id, "guess");
  other_path = make_path ("somebody", "secret");
  g_assert_cmpuint (request ("PUT", wrong_path, "1", NULL), ==, 403);
  g_assert_cmpuint (request ("PUT", other_path, "1", NULL), ==, 404);
  g_assert_cmpuint (request ("PUT", path, "{", NULL), ==, 400);
  g_assert_cmpuint (request ("PUT", path, large, NULL), ==, 413);
  g_assert_cmpuint (request ("GET", path, NULL, NULL), ==, 405);
  g_assert_cmpuint (request ("PUT", path, "{\"name\":\"Ada\"}", NULL), ==, 204);

  described = ssp_client_take (second, GST_WSCTL_SSP_DESCRIBE);
  g_assert_cmpstr (described->id, ==, first_id);
  g_assert_true (g_variant_lookup (described->description, "name", "&s",
          &name));
  g_assert_cmpstr (name, ==, "Ada");

  third = ssp_client_enter (uri);
  client_send (third, SSP_JOIN ("p"));
  joined = ssp_client_take (third, GST_WSCTL_SSP_JOINED);
  description = g_hash_table_lookup (joined->descriptions, first_id);
  g_assert_true (g_variant_equal (description, described->description));
  g_assert_null (g_hash_table_lookup (joined->descriptions, second_id));

  g_assert_cmpuint (request ("GET", "/pools/p?id=secret", NULL, &list), ==,
      200);
  g_assert_nonnull (strstr (list, first_id));
  g_assert_nonnull (strstr (list, "Ada"));
  g_assert_cmpuint (request ("GET", "/pools/q?id=secret", NULL, NULL), ==, 404);

  client_free (first);
  client_free (second);
  client_free (third);
  stop_server ();
}

static void
test_stop (void)
{
  static const GstWsctlServerParams params = {.pool_token = "secret" };
  g_autofree gchar *id = NULL;
  g_autoptr (GstWsctlSsp) stop = NULL;
  Client *client;

  start_server (&params);
  client = ssp_client_enter (uri);
  id = ssp_client_join (client);
  g_assert_cmpuint (request ("DELETE", "/pools/p", NULL, NULL), ==, 403);
  g_assert_cmpuint (request ("DELETE", "/pools/p?id=secret", NULL, NULL), ==,
      204);
  stop = ssp_client_take (client, GST_WSCTL_SSP_STOP);
  g_assert_cmpuint (client_wait_closed (client), ==, 1000);
  g_assert_cmpuint (request ("DELETE", "/pools/p?id=secret", NULL, NULL), ==,
      404);

  client_free (client);
  stop_server ();
}

/* Without a token of its own nobody describes anybody; with one for publishers
 * nobody else joins. */
static void
test_tokens (void)
{
  static const GstWsctlServerParams params = {.publish_token = "ticket" };
  Client *client;

  start_server (&params);
  client = client_new (uri, "/ssp");
  g_assert_cmpuint (client_wait_refused (client), ==, 403);
  client_free (client);

  client = client_new (uri, "/ssp?id=ticket");
  client_wait_open (client);
  g_assert_cmpuint (request ("GET", "/pools/p?id=ticket", NULL, NULL), ==, 403);
  g_assert_cmpuint (request ("GET", "/pools/p?id=", NULL, NULL), ==, 403);
  client_free (client);

  stop_server ();
}

/* The server stops with somebody in a pool. */
static void
test_server_stops (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autofree gchar *id = NULL;
  Client *client;

  start_server (&params);
  client = ssp_client_enter (uri);
  id = ssp_client_join (client);
  stop_server ();
  client_wait_closed (client);
  client_free (client);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/server/pools/join", test_join);
  test_add ("/server/pools/relay", test_relay);
  test_add ("/server/pools/apart", test_apart);
  test_add ("/server/pools/errors", test_errors);
  test_add ("/server/pools/describe", test_describe);
  test_add ("/server/pools/stop", test_stop);
  test_add ("/server/pools/tokens", test_tokens);
  test_add ("/server/pools/server-stops", test_server_stops);

  return g_test_run ();
}
