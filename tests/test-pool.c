/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools on good days: who is there, and what flows.
 */

#include <string.h>

#include "pool-session.h"

static GstWsctlServer *server;
static gchar *uri;

static void
start (void)
{
  server = pool_server_new (NULL, &uri);
}

static void
stop (void)
{
  pool_server_free (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static void
test_new_free (void)
{
  PoolClient *client = pool_client_new ("127.0.0.1:1", NULL);

  g_assert_null (gst_wsctl_pool_get_id (client->pool));
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (client->pool), ==, 0);
  g_assert_null (gst_wsctl_pool_get_connections (client->pool));
  g_assert_null (gst_wsctl_pool_get_connection (client->pool, "nobody"));

  pool_client_free (client);
}

/* One track, from one to the other */
static void
test_one_track (void)
{
  PoolClient *first, *second;

  start ();
  first = pool_client_new (uri, POOL_LAUNCH_VIDEO);
  pool_client_join (first);
  pool_client_wait (first, &first->n_joined, 1, "the first to join");
  second = pool_client_new (uri, NULL);
  pool_client_join (second);
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 20);
  g_assert_cmpint (second->n_tracks, ==, 1);

  pool_client_free (second);
  pool_client_wait (first, &first->n_left, 1, "the second to be gone");
  pool_client_free (first);
  stop ();
}

/* Both send both. */
static void
test_both_ways (void)
{
  PoolClient *first, *second;

  start ();
  first = pool_client_new (uri, POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO);
  pool_client_join (first);
  pool_client_wait (first, &first->n_joined, 1, "the first to join");
  second = pool_client_new (uri, POOL_LAUNCH_AUDIO POOL_LAUNCH_VIDEO);
  pool_client_join (second);
  pool_client_wait_media (first, GST_WSCTL_MEDIA_KIND_VIDEO, 20);
  pool_client_wait_media (first, GST_WSCTL_MEDIA_KIND_AUDIO, 20);
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 20);
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_AUDIO, 20);

  pool_client_free (first);
  pool_client_free (second);
  stop ();
}

/* Two in a pool of their own */
typedef struct
{
  PoolClient *clients[2];
  GstWsctlConnection *connections[2];
  gint n_connected[2];          /* atomic */
} Pair;

#define N_PAIRS 4
static Pair pairs[N_PAIRS];

static void
on_state (GstWsctlConnection * connection, GParamSpec * pspec,
    gint * n_connected)
{
  if (gst_wsctl_connection_get_state (connection)
      == GST_WSCTL_CONNECTION_STATE_CONNECTED)
    g_atomic_int_inc (n_connected);
}

static void
wait_all_media (Pair * pair, gint n)
{
  guint i;

  for (i = 0; i < 2; i++) {
    pool_client_wait_media (pair->clients[i], GST_WSCTL_MEDIA_KIND_VIDEO, n);
    pool_client_wait_media (pair->clients[i], GST_WSCTL_MEDIA_KIND_AUDIO, n);
  }
}

static void
pair_init (Pair * pair, const gchar * name)
{
  guint i;

  for (i = 0; i < 2; i++) {
    pair->clients[i] =
        pool_client_new (uri, POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO);
    gst_wsctl_pool_set_grace (pair->clients[i]->pool, 0);
    pool_client_join_pool (pair->clients[i], name);
    pool_client_wait (pair->clients[i], &pair->clients[i]->n_joined, 1,
        "one of a pair to join");
  }
  wait_all_media (pair, 1);
  for (i = 0; i < 2; i++) {
    pair->connections[i] =
        pool_client_get_connection (pair->clients[i], pair->clients[1 - i]);
    g_signal_connect (pair->connections[i], "notify::state",
        G_CALLBACK (on_state), &pair->n_connected[i]);
  }
}

static void
pair_clear (Pair * pair)
{
  guint i;

  for (i = 0; i < 2; i++) {
    g_signal_handlers_disconnect_by_data (pair->connections[i],
        &pair->n_connected[i]);
    g_clear_object (&pair->connections[i]);
  }
  for (i = 0; i < 2; i++)
    pool_client_free (pair->clients[i]);
}

/* In one turn of the loop, so that nobody can hear of the other's first */
static void
run_negotiate_all (gpointer data)
{
  guint i;

  for (i = 0; i < N_PAIRS; i++) {
    gst_wsctl_pool_negotiate (pairs[i].clients[0]->pool);
    gst_wsctl_pool_negotiate (pairs[i].clients[1]->pool);
  }
}

/* Of each pair, in each of two tests. Where all is slower, so many times fewer: it
 * is the watchdog's time that they share. */
#define MEETINGS MAX (25 / test_scale_ms (1), 1)

/* Both sides negotiate at the same instant, 200 times in this process, by four
 * pairs side by side: every time it ends connected, and everything flows. */
static void
test_meetings (void)
{
  gint n;
  guint i, side;

  start ();
  memset (pairs, 0, sizeof (pairs));
  for (i = 0; i < N_PAIRS; i++) {
    g_autofree gchar *name = g_strdup_printf ("pair%u", i);

    pair_init (&pairs[i], name);
  }

  for (n = 1; n <= (gint) MEETINGS; n++) {
    pool_client_call (pairs[0].clients[0], run_negotiate_all);
    for (i = 0; i < N_PAIRS; i++) {
      for (side = 0; side < 2; side++)
        pool_client_wait (pairs[i].clients[side], &pairs[i].n_connected[side],
            n, "both to be connected again");
    }
    for (i = 0; i < N_PAIRS; i++)
      wait_all_media (&pairs[i], 1);
  }

  for (i = 0; i < N_PAIRS; i++) {
    for (side = 0; side < 2; side++) {
      g_assert_cmpint (pairs[i].n_connected[side], ==, MEETINGS);
      g_assert_cmpint (pairs[i].clients[side]->n_tracks, ==, 2);
      g_assert_cmpint (pairs[i].clients[side]->n_pads_gone, ==, 0);
    }
    pair_clear (&pairs[i]);
  }
  stop ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/new-free", test_new_free);
  test_add ("/pool/one-track", test_one_track);
  test_add ("/pool/both-ways", test_both_ways);
  test_add_in_real_time ("/pool/meetings/1", test_meetings);
  test_add_in_real_time ("/pool/meetings/2", test_meetings);

  return g_test_run ();
}
