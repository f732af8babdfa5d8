/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools on good days: who is there, and what flows.
 */

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

static void
start_pair (PoolClient ** first, PoolClient ** second)
{
  start ();
  *first = pool_client_new (uri, POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO);
  gst_wsctl_pool_set_grace ((*first)->pool, 0);
  pool_client_join (*first);
  pool_client_wait (*first, &(*first)->n_joined, 1, "the first to join");
  *second = pool_client_new (uri, POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO);
  pool_client_join (*second);
}

static void
wait_all_media (PoolClient * client, gint n)
{
  pool_client_wait_media (client, GST_WSCTL_MEDIA_KIND_VIDEO, n);
  pool_client_wait_media (client, GST_WSCTL_MEDIA_KIND_AUDIO, n);
}

static PoolClient *both[2];
static gint n_connected[2];     /* atomic */

static void
on_state (GstWsctlConnection * connection, GParamSpec * pspec,
    gint * n_connected_here)
{
  if (gst_wsctl_connection_get_state (connection)
      == GST_WSCTL_CONNECTION_STATE_CONNECTED)
    g_atomic_int_inc (n_connected_here);
}

/* In one turn of the loop, so that neither can hear of the other's first */
static void
run_negotiate_both (gpointer data)
{
  gst_wsctl_pool_negotiate (both[0]->pool);
  gst_wsctl_pool_negotiate (both[1]->pool);
}

/* Of one pair; there are four, one after the other. Where all is slower, so many
 * times fewer: it is the watchdog's time that they share. */
#define MEETINGS (50 / test_scale_ms (1))

/* Both sides negotiate at the same instant, 200 times in this process: every
 * time it ends connected, and everything flows. */
static void
test_meetings (void)
{
  GstWsctlConnection *connections[2];
  guint i, n;

  start_pair (&both[0], &both[1]);
  wait_all_media (both[0], 1);
  wait_all_media (both[1], 1);
  for (i = 0; i < 2; i++) {
    connections[i] = pool_client_get_connection (both[i], both[1 - i]);
    g_atomic_int_set (&n_connected[i], 0);
    g_signal_connect (connections[i], "notify::state", G_CALLBACK (on_state),
        &n_connected[i]);
  }

  for (n = 1; n <= MEETINGS; n++) {
    pool_client_call (both[0], run_negotiate_both);
    for (i = 0; i < 2; i++)
      pool_client_wait (both[i], &n_connected[i], n,
          "both to be connected again");
    wait_all_media (both[0], 1);
    wait_all_media (both[1], 1);
  }
  for (i = 0; i < 2; i++) {
    g_assert_cmpint (n_connected[i], ==, MEETINGS);
    g_assert_cmpint (both[i]->n_tracks, ==, 2);
    g_assert_cmpint (both[i]->n_pads_gone, ==, 0);
    g_signal_handlers_disconnect_by_data (connections[i], &n_connected[i]);
    g_clear_object (&connections[i]);
  }

  pool_client_free (both[0]);
  pool_client_free (both[1]);
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
  test_add_in_real_time ("/pool/meetings/3", test_meetings);
  test_add_in_real_time ("/pool/meetings/4", test_meetings);

  return g_test_run ();
}
