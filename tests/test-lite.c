/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server's transport, when all goes well.
 */

#include <gst/gst.h>
#include <string.h>
#include <unistd.h>

#include "lite-session.h"
#include "wsctlerror.h"
#include "wsctllitepaths-private.h"

#define WATCHDOG_SECONDS 120
#define N_PEERS 20


static void
test_create (void)
{
  static const gchar *const advertise[] = { "192.0.2.1", "2001:db8::1", NULL };
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();
  g_autoptr (GstWsctlLitePort) other = NULL;
  g_autoptr (GstWsctlLitePeer) peer = NULL;
  g_auto (GStrv) candidates = gst_wsctl_lite_port_get_candidates (port);
  g_auto (GStrv) others = NULL;
  g_autofree gchar *candidate = NULL;

  candidate = g_strdup_printf ("1 1 udp 2130706431 127.0.0.1 %u typ host",
      gst_wsctl_lite_port_get_port (port));
  g_assert_cmpuint (g_strv_length (candidates), ==, 1);
  g_assert_cmpstr (candidates[0], ==, candidate);
  g_assert_true (g_str_has_prefix (gst_wsctl_lite_port_get_fingerprint (port),
          "sha-256 "));

  other = gst_wsctl_lite_port_new (NULL, 0, advertise, NULL);
  g_assert_nonnull (other);
  others = gst_wsctl_lite_port_get_candidates (other);
  g_assert_cmpuint (g_strv_length (others), ==, 2);
  g_assert_nonnull (strstr (others[1], " 2130706175 2001:db8::1 "));

  peer =
      gst_wsctl_lite_peer_new (port, LITE_REMOTE_UFRAG, "sha-256 AA",
      &lite_callbacks, NULL);
  g_assert_cmpint (gst_wsctl_lite_peer_get_last_seen (peer), ==, 0);
  g_assert_false (gst_wsctl_lite_peer_is_connected (peer));
  g_assert_false (gst_wsctl_lite_peer_send_rtp (peer, lite_rtp_packet,
          sizeof (lite_rtp_packet)));
}

/* What passes packets on has a port of its own. */
static void
test_advertise_port (void)
{
  static const gchar *const advertise[] = {
    "192.0.2.1:4000", "[2001:db8::1]:4001", "192.0.2.2", NULL
  };
  g_autoptr (GstWsctlLitePort) port =
      gst_wsctl_lite_port_new ("127.0.0.1", 0, advertise, NULL);
  g_auto (GStrv) candidates = NULL;
  g_autofree gchar *own = NULL;

  g_assert_nonnull (port);
  own = g_strdup_printf (" 192.0.2.2 %u typ host",
      gst_wsctl_lite_port_get_port (port));
  candidates = gst_wsctl_lite_port_get_candidates (port);
  g_assert_cmpuint (g_strv_length (candidates), ==, 3);
  g_assert_true (g_str_has_suffix (candidates[0], " 192.0.2.1 4000 typ host"));
  g_assert_true (g_str_has_suffix (candidates[1],
          " 2001:db8::1 4001 typ host"));
  g_assert_true (g_str_has_suffix (candidates[2], own));
}

static void
test_cannot_advertise (void)
{
  static const gchar *const nonsense[] = {
    "", "example", "example:4000", "192.0.2.1:", "192.0.2.1:0",
    "192.0.2.1:65536", "[2001:db8::1]", "192.0.2.1:4000:4001"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (nonsense); i++) {
    const gchar *const advertise[] = { "127.0.0.1", nonsense[i], NULL };
    g_autoptr (GError) error = NULL;

    g_assert_null (gst_wsctl_lite_port_new ("127.0.0.1", 0, advertise, &error));
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  }
}

static void
test_cannot_open (void)
{
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();
  g_autoptr (GError) error = NULL;

  g_assert_null (gst_wsctl_lite_port_new ("127.0.0.1",
          gst_wsctl_lite_port_get_port (port), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  g_assert_null (gst_wsctl_lite_port_new ("nowhere", 0, NULL, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
}

static GstWsctlLitePath *
take_place (GstWsctlLitePaths * paths, guint16 port)
{
  GstWsctlLitePath *path = gst_wsctl_lite_paths_get_place (paths);

  g_clear_object (&path->source);
  path->source = g_inet_socket_address_new_from_string ("127.0.0.1", port);
  path->address.size = sizeof (port);
  memcpy (path->address.bytes, &port, sizeof (port));
  path->nominated = FALSE;

  return path;
}

static void
test_paths (void)
{
  GstWsctlLitePaths paths = { 0, };
  GstWsctlLitePath *first = take_place (&paths, 1);
  GstWsctlLitePath *second = take_place (&paths, 2);
  gint64 now = 100 * G_USEC_PER_SEC;
  guint i;

  g_assert_true (gst_wsctl_lite_paths_check (&paths, first, FALSE, 10, now));
  g_assert_true (paths.selected == first);
  g_assert_false (gst_wsctl_lite_paths_check (&paths, second, FALSE, 20, now));
  g_assert_true (gst_wsctl_lite_paths_check (&paths, second, TRUE, 20, now));
  g_assert_false (gst_wsctl_lite_paths_check (&paths, first, TRUE, 10, now));
  g_assert_true (paths.selected == second);

  /* The selected one goes silent. */
  now += G_USEC_PER_SEC;
  g_assert_false (gst_wsctl_lite_paths_check (&paths, first, TRUE, 10, now));
  now += 3 * G_USEC_PER_SEC;
  g_assert_true (gst_wsctl_lite_paths_check (&paths, first, FALSE, 10, now));
  g_assert_true (paths.selected == first);

  /* More than there are places for: the selected one stays. */
  for (i = 3; i < 40; i++) {
    GstWsctlLitePath *path = take_place (&paths, i);

    g_assert_true (path != first);
    gst_wsctl_lite_paths_check (&paths, path, FALSE, 1, ++now);
    g_assert_true (gst_wsctl_lite_paths_find (&paths, &path->address) == path);
  }
  g_assert_true (paths.selected == first);

  for (i = 0; i < GST_WSCTL_LITE_MAX_PATHS; i++)
    g_clear_object (&paths.places[i].source);
}

static void
test_connect (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();
  guint i;

  lite_session_reach (session);
  g_assert_cmpuint (session->n_reached, ==, 1);
  g_assert_cmpuint (lite_client_get_mapped_port (session->client), ==,
      lite_client_get_local_port (session->client));
  g_assert_cmpint (gst_wsctl_lite_peer_get_last_seen (session->peer), >, 0);

  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client));
  g_assert_cmpuint (session->n_connected, ==, 1);

  lite_client_send_media (session->client, lite_rtp_packet,
      sizeof (lite_rtp_packet));
  wait_until (session->n_rtp == 1);
  lite_assert_packet (session->packet, lite_rtp_packet,
      sizeof (lite_rtp_packet));
  lite_client_send_media (session->client, lite_rtcp_packet,
      sizeof (lite_rtcp_packet));
  wait_until (session->n_rtcp == 1);
  lite_assert_packet (session->packet, lite_rtcp_packet,
      sizeof (lite_rtcp_packet));

  g_assert_true (gst_wsctl_lite_peer_send_rtp (session->peer, lite_rtp_packet,
          sizeof (lite_rtp_packet)));
  wait_until (lite_client_get_n_media (session->client) == 1);
  lite_assert_packet (lite_client_get_media (session->client), lite_rtp_packet,
      sizeof (lite_rtp_packet));
  for (i = 0; i < 2; i++)
    g_assert_true (gst_wsctl_lite_peer_send_rtcp (session->peer,
            lite_rtcp_packet, sizeof (lite_rtcp_packet)));
  wait_until (lite_client_get_n_media (session->client) == 3);
  lite_assert_packet (lite_client_get_media (session->client), lite_rtcp_packet,
      sizeof (lite_rtcp_packet));

  lite_client_shut_down (session->client);
  wait_until (session->n_closed == 1);
  g_assert_no_error (session->error);
  g_assert_cmpuint (session->n_reached, ==, 1);
  g_assert_cmpuint (session->n_connected, ==, 1);
}

static void
test_close_notify (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();

  lite_session_connect (session);
  gst_wsctl_lite_peer_close (session->peer);
  gst_wsctl_lite_peer_close (session->peer);
  wait_until (lite_client_is_ended (session->client));
  g_assert_cmpuint (session->n_closed, ==, 0);
  g_assert_false (gst_wsctl_lite_peer_send_rtp (session->peer, lite_rtp_packet,
          sizeof (lite_rtp_packet)));
}

static void
test_repeat (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();

  lite_session_connect (session);
  g_assert_true (gst_wsctl_lite_peer_send_rtp (session->peer, lite_rtp_packet,
          sizeof (lite_rtp_packet)));
  wait_until (lite_client_get_n_media (session->client) == 1);
  g_assert_true (gst_wsctl_lite_peer_send_rtp (session->peer, lite_rtp_packet,
          sizeof (lite_rtp_packet)));
}

static void
test_profiles (void)
{
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();
  g_autoptr (LiteSession) gcm = lite_session_new (port, NULL);
  g_autoptr (LiteSession) none = lite_session_new (port, NULL);

  lite_client_set_profiles (gcm->client, "SRTP_AEAD_AES_128_GCM");
  lite_session_connect (gcm);
  lite_client_send_media (gcm->client, lite_rtp_packet,
      sizeof (lite_rtp_packet));
  wait_until (gcm->n_rtp == 1);
  lite_assert_packet (gcm->packet, lite_rtp_packet, sizeof (lite_rtp_packet));
  g_assert_true (gst_wsctl_lite_peer_send_rtcp (gcm->peer, lite_rtcp_packet,
          sizeof (lite_rtcp_packet)));
  wait_until (lite_client_get_n_media (gcm->client) == 1);

  lite_session_reach (none);
  lite_client_set_profiles (none->client, NULL);
  lite_client_handshake (none->client, 1200);
  wait_until (none->n_closed == 1);
  g_assert_error (none->error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_PEER_CONNECTION_FAILED);
  g_assert_cmpuint (none->n_connected, ==, 0);
}

static void
test_any_address (void)
{
  g_autoptr (GstWsctlLitePort) port =
      gst_wsctl_lite_port_new (NULL, 0, NULL, NULL);
  g_autoptr (LiteSession) session = lite_session_new (port, NULL);

  lite_session_connect (session);
  g_assert_cmpuint (lite_client_get_mapped_port (session->client), ==,
      lite_client_get_local_port (session->client));
}

static void
test_split_hello (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();

  lite_session_reach (session);
  lite_client_handshake (session->client, 256);
  wait_until (lite_client_is_connected (session->client));
}

static void
test_move (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();

  lite_session_connect (session);
  lite_client_move (session->client);
  lite_session_synchronise (session);
  lite_client_send_media (session->client, lite_rtp_packet,
      sizeof (lite_rtp_packet));
  wait_until (session->n_rtp == 1);
  g_assert_cmpuint (session->n_reached, ==, 1);
}

static void
test_many (void)
{
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();
  LiteSession *sessions[N_PEERS];
  guint i;

  for (i = 0; i < N_PEERS; i++)
    sessions[i] = lite_session_new (port, NULL);
  for (i = 0; i < N_PEERS; i++)
    lite_session_reach (sessions[i]);
  for (i = 0; i < N_PEERS; i++)
    lite_client_handshake (sessions[i]->client, 1200);
  for (i = 0; i < N_PEERS; i++)
    wait_until (lite_client_is_connected (sessions[i]->client));

  for (i = 0; i < N_PEERS; i++) {
    guint8 packet[sizeof (lite_rtp_packet)];

    memcpy (packet, lite_rtp_packet, sizeof (packet));
    packet[15] = i;
    lite_client_send_media (sessions[i]->client, packet, sizeof (packet));
    wait_until (sessions[i]->n_rtp == 1);
    lite_assert_packet (sessions[i]->packet, packet, sizeof (packet));
  }
  for (i = 0; i < N_PEERS; i++)
    lite_session_free (sessions[i]);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  alarm (WATCHDOG_SECONDS);

  g_test_add_func ("/lite/create", test_create);
  g_test_add_func ("/lite/cannot-open", test_cannot_open);
  g_test_add_func ("/lite/advertise-port", test_advertise_port);
  g_test_add_func ("/lite/cannot-advertise", test_cannot_advertise);
  g_test_add_func ("/lite/paths", test_paths);
  g_test_add_func ("/lite/connect", test_connect);
  g_test_add_func ("/lite/close-notify", test_close_notify);
  g_test_add_func ("/lite/repeat", test_repeat);
  g_test_add_func ("/lite/profiles", test_profiles);
  g_test_add_func ("/lite/any-address", test_any_address);
  g_test_add_func ("/lite/split-hello", test_split_hello);
  g_test_add_func ("/lite/move", test_move);
  g_test_add_func ("/lite/many", test_many);

  return g_test_run ();
}
