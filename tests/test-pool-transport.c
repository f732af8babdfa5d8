/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools over a transport of the application: what comes in another order or
 * twice, and a transport that fails; and a path that is lost.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pool-session.h"
#include "post-office.h"
#include "wsctlerror.h"

static void
check_media (PoolClient * clients[2])
{
  guint i;

  for (i = 0; i < 2; i++) {
    pool_client_wait_media (clients[i], GST_WSCTL_MEDIA_KIND_VIDEO, 5);
    pool_client_wait_media (clients[i], GST_WSCTL_MEDIA_KIND_AUDIO, 5);
  }
}

typedef struct
{
  PostOffice *office;
  GstWsctlTransport *transports[2];
  PoolClient *clients[2];
} Meeting;

static void
meeting_init (Meeting * meeting, PostManner manner)
{
  guint i;

  meeting->office = post_office_new (manner);
  for (i = 0; i < 2; i++) {
    meeting->transports[i] = post_office_add (meeting->office);
    meeting->clients[i] =
        pool_client_new_with_transport (meeting->transports[i],
        POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO);
    pool_client_join (meeting->clients[i]);
  }
}

static void
meeting_clear (Meeting * meeting)
{
  guint i;

  for (i = 0; i < 2; i++) {
    pool_client_free (meeting->clients[i]);
    test_assert_finalize (meeting->transports[i]);
  }
  post_office_free (meeting->office);
}

static void
check_manner (PostManner manner)
{
  Meeting meeting;
  guint i;

  meeting_init (&meeting, manner);
  check_media (meeting.clients);
  for (i = 0; i < 2; i++) {
    g_assert_cmpint (meeting.clients[i]->n_tracks, ==, 2);
    g_assert_cmpint (meeting.clients[i]->n_peers, ==, 1);
    g_assert_cmpint (meeting.clients[i]->n_errors, ==, 0);
  }
  meeting_clear (&meeting);
}

static void
test_plain (void)
{
  check_manner (POST_PLAIN);
}

static void
test_candidates_first (void)
{
  check_manner (POST_CANDIDATES_FIRST);
}

static void
test_candidates_late (void)
{
  check_manner (POST_CANDIDATES_LATE);
}

static void
test_twice (void)
{
  check_manner (POST_TWICE);
}

static void
test_refused (void)
{
  Meeting meeting;
  guint i;

  meeting_init (&meeting, POST_REFUSED);
  for (i = 0; i < 2; i++) {
    pool_client_wait (meeting.clients[i], &meeting.clients[i]->n_closed, 1,
        "the pool to be closed");
    g_assert_cmpint (meeting.clients[i]->n_joined, ==, 0);
    g_assert_error (meeting.clients[i]->error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_CONNECTION_FAILED);
  }
  meeting_clear (&meeting);
}

/* It never opens, and all is closed meanwhile. */
static void
test_silent (void)
{
  Meeting meeting;
  guint i;

  meeting_init (&meeting, POST_SILENT);
  for (i = 0; i < 2; i++) {
    gst_wsctl_pool_close (meeting.clients[i]->pool);
    g_assert_cmpint (meeting.clients[i]->n_closed, ==, 1);
    g_assert_cmpint (meeting.clients[i]->n_errors, ==, 0);
  }
  meeting_clear (&meeting);
}

static void
test_lost (void)
{
  Meeting meeting;

  meeting_init (&meeting, POST_PLAIN);
  check_media (meeting.clients);
  post_office_lose (meeting.office, meeting.transports[1]);
  pool_client_wait (meeting.clients[1], &meeting.clients[1]->n_closed, 1,
      "the pool to be closed");
  g_assert_cmpint (meeting.clients[1]->n_errors, ==, 1);
  pool_client_wait (meeting.clients[0], &meeting.clients[0]->n_left, 1,
      "the other to hear that it is gone");
  g_assert_cmpint (meeting.clients[0]->n_errors, ==, 0);
  meeting_clear (&meeting);
}

static gboolean
is_udp (gint fd)
{
  gint type = 0;
  socklen_t size = sizeof (type);

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0
      && type == SOCK_DGRAM;
}

/* All that this process has: nothing but media goes over UDP. What is connected to
 * nowhere gets nothing from elsewhere; what is opened later is not concerned. */
static void
lose_paths (void)
{
  struct sockaddr_in nowhere = { 0, };
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const gchar *name;
  guint n = 0;

  nowhere.sin_family = AF_INET;
  nowhere.sin_port = htons (9);
  nowhere.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  while ((name = g_dir_read_name (dir)) != NULL) {
    gint fd = atoi (name);

    if (is_udp (fd) && connect (fd, (struct sockaddr *) &nowhere,
            sizeof (nowhere)) == 0)
      n++;
  }
  g_assert_cmpuint (n, >=, 2);
}

static gint n_made_anew;        /* atomic */

static void
on_state (GstWsctlConnection * connection, GParamSpec * pspec, gpointer data)
{
  if (gst_wsctl_connection_get_state (connection)
      == GST_WSCTL_CONNECTION_STATE_CONNECTED)
    g_atomic_int_inc (&n_made_anew);
}

/* The path between two is lost: a fresh connection takes the place of the old
 * one, and the application sees a gap and nothing else. */
static void
test_path_lost (void)
{
  Meeting meeting;
  g_autoptr (GstWsctlConnection) connection = NULL;
  gint64 start_us;
  guint i;

  meeting_init (&meeting, POST_PLAIN);
  check_media (meeting.clients);
  connection =
      pool_client_get_connection (meeting.clients[0], meeting.clients[1]);
  g_signal_connect (connection, "notify::state", G_CALLBACK (on_state), NULL);
  start_us = g_get_monotonic_time ();
  lose_paths ();
  check_media (meeting.clients);
  g_test_message ("media again after %" G_GINT64_FORMAT " ms",
      (g_get_monotonic_time () - start_us) / 1000);
  g_assert_cmpint (g_atomic_int_get (&n_made_anew), ==, 1);
  g_signal_handlers_disconnect_by_func (connection, on_state, NULL);
  g_clear_object (&connection);
  for (i = 0; i < 2; i++) {
    g_assert_cmpint (meeting.clients[i]->n_tracks, ==, 2);
    g_assert_cmpint (meeting.clients[i]->n_pads_gone, ==, 0);
    g_assert_cmpint (meeting.clients[i]->n_left, ==, 0);
    g_assert_cmpint (meeting.clients[i]->n_errors, ==, 0);
  }
  meeting_clear (&meeting);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/transport/plain", test_plain);
  test_add ("/pool/transport/candidates-first", test_candidates_first);
  test_add ("/pool/transport/candidates-late", test_candidates_late);
  test_add ("/pool/transport/twice", test_twice);
  test_add ("/pool/transport/refused", test_refused);
  test_add ("/pool/transport/silent", test_silent);
  test_add ("/pool/transport/lost", test_lost);
  test_add ("/pool/transport/path-lost", test_path_lost);

  return g_test_run ();
}
