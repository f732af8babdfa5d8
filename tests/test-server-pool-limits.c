/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the server's pools take of nobody: too many, too long, too fast.
 */

#include "ssp-client.h"
#include "testsupport.h"

#define MAX_PEERS 64            /* of one pool, as wsctlserverpools.c has it */

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
test_full (void)
{
  static const GstWsctlServerParams params = {.max_sessions = 2 };
  g_autofree gchar *first_id = NULL;
  Client *first, *second, *third;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);
  second = ssp_client_enter (uri);
  third = client_new (uri, "/ssp");
  g_assert_cmpuint (client_wait_refused (third), ==, 503);

  client_free (first);
  client_free (second);
  client_free (third);
  stop_server ();
}

/* A pool takes so many and no more; there is room again when one leaves. */
static void
test_full_pool (void)
{
  static const GstWsctlServerParams params = {.max_sessions = MAX_PEERS + 10 };
  Client *clients[MAX_PEERS + 1];
  guint i;

  start_server (&params);
  for (i = 0; i < MAX_PEERS; i++) {
    g_autofree gchar *id = NULL;

    clients[i] = ssp_client_enter (uri);
    id = ssp_client_join (clients[i]);
  }
  clients[MAX_PEERS] = ssp_client_enter (uri);
  client_send (clients[MAX_PEERS], SSP_JOIN ("p"));
  ssp_client_take_error (clients[MAX_PEERS], "the pool is full");

  for (i = 0; i <= MAX_PEERS; i++)
    client_free (clients[i]);
  stop_server ();
}

/* What is longer than a message may be ends who says it, and nobody else. */
static void
test_too_long (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autofree gchar *long_text =
      g_strnfill (GST_WSCTL_SSP_MAX_MESSAGE_SIZE + 1, 'x');
  g_autofree gchar *long_sdp = g_strnfill (GST_WSCTL_SSP_MAX_SDP_SIZE + 1, 'x');
  g_autofree gchar *first_id = NULL;
  g_autofree gchar *second_id = NULL;
  g_autoptr (GstWsctlSsp) came = NULL;
  g_autoptr (GstWsctlSsp) refused = NULL;
  g_autoptr (GstWsctlSsp) left = NULL;
  Client *first, *second;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);
  second = ssp_client_enter (uri);
  second_id = ssp_client_join (second);
  came = ssp_client_take (first, GST_WSCTL_SSP_PEER);

  ssp_client_say_sdp (second, first_id, long_sdp);
  refused = ssp_client_take (second, GST_WSCTL_SSP_ERROR);
  g_assert_cmpstr (refused->message, ==, "Not understood");
  client_send (second, long_text);
  client_wait_closed (second);
  left = ssp_client_take (first, GST_WSCTL_SSP_CLOSE);
  g_assert_cmpstr (left->id, ==, second_id);

  client_free (first);
  client_free (second);
  stop_server ();
}

/* Who talks without end is out, and its pool hears of it. */
static void
test_flood (void)
{
  static const GstWsctlServerParams params = { NULL, };
  g_autofree gchar *first_id = NULL;
  g_autofree gchar *second_id = NULL;
  g_autoptr (GstWsctlSsp) came = NULL;
  g_autoptr (GstWsctlSsp) left = NULL;
  Client *first, *second;
  guint i;

  start_server (&params);
  first = ssp_client_enter (uri);
  first_id = ssp_client_join (first);
  second = ssp_client_enter (uri);
  second_id = ssp_client_join (second);
  came = ssp_client_take (first, GST_WSCTL_SSP_PEER);
  for (i = 0; i < 5000 && soup_websocket_connection_get_state (second->socket)
      == SOUP_WEBSOCKET_STATE_OPEN; i++)
    client_send (second, "{\"type\":\"rtc:nothing\"}");
  left = ssp_client_take (first, GST_WSCTL_SSP_CLOSE);
  g_assert_cmpstr (left->id, ==, second_id);

  client_free (first);
  client_free (second);
  stop_server ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/server/pool-limits/full", test_full);
  test_add ("/server/pool-limits/full-pool", test_full_pool);
  test_add ("/server/pool-limits/too-long", test_too_long);
  test_add ("/server/pool-limits/flood", test_flood);

  return g_test_run ();
}
