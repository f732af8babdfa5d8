/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server's transport on bad days: strangers, nonsense, loss, and an end in
 * every step.
 */

#include <gst/gst.h>
#include <string.h>
#include <unistd.h>

#include "lite-session.h"
#include "wsctlerror.h"

#define WATCHDOG_SECONDS 120


static void
test_wrong_fingerprint (void)
{
  static const gchar *const fingerprints[] = {
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
    "sha-256 00", "md5 00", "", "nonsense"
  };
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fingerprints); i++) {
    g_autoptr (LiteSession) session = lite_session_new (port, fingerprints[i]);

    lite_session_reach (session);
    lite_client_handshake (session->client, 1200);
    wait_until (session->n_closed == 1);
    g_assert_error (session->error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_FINGERPRINT_MISMATCH);
    g_assert_cmpuint (session->n_connected, ==, 0);
  }
}

static void
test_wrong_credentials (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();
  const gchar *ufrag = gst_wsctl_lite_peer_get_ufrag (session->peer);
  const gchar *pwd = gst_wsctl_lite_peer_get_pwd (session->peer);
  g_autofree gchar *short_name = g_strndup (session->username, 8);
  g_autofree gchar *other_name = g_strconcat (ufrag, ":efgh", NULL);

  lite_client_check (session->client, "ABCDEFGH:abcd", pwd, TRUE);
  lite_client_check (session->client, "A:B", pwd, TRUE);
  lite_client_check (session->client, ":", pwd, TRUE);
  lite_client_check (session->client, short_name, pwd, TRUE);
  lite_client_check (session->client, session->username, "wrong", TRUE);
  wait_until (lite_client_get_n_errors (session->client) == 1);
  lite_client_check (session->client, other_name, pwd, TRUE);
  wait_until (lite_client_get_n_errors (session->client) == 2);
  g_assert_cmpuint (lite_client_get_n_answers (session->client), ==, 0);
  g_assert_cmpuint (session->n_reached, ==, 0);
  g_assert_cmpint (gst_wsctl_lite_peer_get_last_seen (session->peer), ==, 0);
}

static void
send_garbage (LiteSession * session, GRand * rand, gsize max_size)
{
  guint8 packet[1500];
  guint first;
  gsize size, i;

  lite_client_send (session->client, "", 0);
  for (first = 0; first < 256; first++) {
    size = g_rand_int_range (rand, 1, max_size);
    packet[0] = first;
    for (i = 1; i < size; i++)
      packet[i] = g_rand_int (rand);
    lite_client_send (session->client, packet, size);
    /* No more at a time than the socket holds */
    if (first % 32 == 31)
      lite_session_synchronise (session);
  }
}

static void
test_garbage (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint i;

  for (i = 0; i < 4; i++)
    send_garbage (session, rand, i % 2 == 0 ? 30 : 1500);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client));
  for (i = 0; i < 4; i++)
    send_garbage (session, rand, i % 2 == 0 ? 30 : 1500);

  lite_client_send_media (session->client, lite_rtp_packet,
      sizeof (lite_rtp_packet));
  wait_until (session->n_rtp == 1);
  g_assert_cmpuint (session->n_closed, ==, 0);
}

static void
test_broken_checks (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();
  g_autoptr (GBytes) check = lite_client_make_check (session->client,
      session->username, gst_wsctl_lite_peer_get_pwd (session->peer), TRUE);
  gsize size, i;
  const guint8 *data = g_bytes_get_data (check, &size);

  for (i = 0; i < size; i++) {
    g_autofree guint8 *changed = g_memdup2 (data, size);

    changed[i] ^= 1 << (i % 8);
    lite_client_send (session->client, data, i);
    lite_client_send (session->client, changed, size);
    g_main_context_iteration (NULL, FALSE);
  }
  lite_client_check (session->client, session->username, "wrong", TRUE);
  wait_until (lite_client_get_n_errors (session->client) > 0);
  g_assert_cmpuint (lite_client_get_n_errors (session->client), ==, 1);
  g_assert_cmpuint (session->n_reached, ==, 0);

  lite_client_send (session->client, data, size);
  wait_until (session->n_reached == 1);
}

/* Every prefix of a ClientHello, and every byte of it changed, from an address
 * that is known. */
static void
test_broken_hellos (void)
{
  g_autoptr (GstWsctlLitePort) port = lite_port_open ();
  gsize size = 1, i;

  for (i = 0; i < size; i++) {
    g_autoptr (LiteSession) session = lite_session_new (port, NULL);
    g_autoptr (GBytes) hello = lite_client_make_hello (session->client);
    gconstpointer data = g_bytes_get_data (hello, &size);
    g_autofree guint8 *changed = g_memdup2 (data, size);

    lite_session_reach (session);
    lite_client_drop_dtls (session->client, G_MAXUINT);
    lite_client_send (session->client, changed, i);
    changed[i] ^= 1 << (i % 8);
    lite_client_send (session->client, changed, size);
    lite_client_check (session->client, session->username, "wrong", TRUE);
    wait_until (lite_client_get_n_errors (session->client) == 1
        || session->n_closed == 1);
    g_assert_cmpuint (session->n_connected, ==, 0);
  }
}

static void
test_close_in_callback (void)
{
  static const CloseWhen whens[] = {
    CLOSE_WHEN_REACHED, CLOSE_WHEN_CONNECTED, CLOSE_AT_RTP
  };
  guint i;

  for (i = 0; i < 2 * G_N_ELEMENTS (whens); i++) {
    g_autoptr (LiteSession) session = lite_session_new_alone ();

    session->close_when = whens[i / 2];
    session->unref_too = i % 2;
    lite_session_check (session);
    wait_until (session->n_reached == 1);
    if (session->close_when == CLOSE_WHEN_REACHED)
      continue;
    lite_client_handshake (session->client, 1200);
    wait_until (lite_client_is_connected (session->client)
        && session->n_connected == 1);
    if (session->close_when == CLOSE_AT_RTP) {
      lite_client_send_media (session->client, lite_rtp_packet,
          sizeof (lite_rtp_packet));
      wait_until (session->n_rtp == 1);
    }
    wait_until (lite_client_is_ended (session->client));
    g_assert_cmpuint (session->n_closed, ==, 0);
  }
}

static void
test_close_in_step (void)
{
  guint step, way;

  for (step = 0; step < 4; step++) {
    for (way = 0; way < 3; way++) {
      g_autoptr (LiteSession) session = lite_session_new_alone ();

      if (step >= 1)
        lite_session_reach (session);
      if (step == 2) {
        lite_client_drop_dtls (session->client, G_MAXUINT);
        lite_client_handshake (session->client, 1200);
        wait_until (lite_client_get_n_dtls (session->client) > 0);
      } else if (step == 3) {
        lite_client_handshake (session->client, 1200);
        wait_until (lite_client_is_connected (session->client));
      }

      if (way == 0) {
        gst_wsctl_lite_peer_close (session->peer);
      } else if (way == 1) {
        gst_wsctl_lite_port_close (session->port);
        g_assert_cmpuint (session->n_closed, ==, 1);
        g_assert_error (session->error, GST_WSCTL_ERROR,
            GST_WSCTL_ERROR_CLOSED);
      } else {
        g_clear_object (&session->port);
        g_clear_object (&session->peer);
      }
      if (step == 3)
        wait_until (lite_client_is_ended (session->client));
    }
  }
}

static void
test_lost_flight (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();

  lite_session_reach (session);
  lite_client_drop_dtls (session->client, 1);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client));
  g_assert_cmpuint (session->n_connected, ==, 1);
}

static void
test_lost_end (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();
  guint n;

  lite_session_reach (session);
  lite_client_set_persistent (session->client);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_get_n_dtls (session->client) > 0);
  lite_client_drop_dtls (session->client, G_MAXUINT);
  n = lite_client_get_n_dtls (session->client);
  wait_until (session->n_connected == 1
      && lite_client_get_n_dtls (session->client) > n);
  g_assert_false (lite_client_is_connected (session->client));
  lite_client_drop_dtls (session->client, 0);
  wait_until (lite_client_is_connected (session->client));
  g_assert_cmpuint (session->n_connected, ==, 1);
}

static void
test_no_certificate (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();

  lite_session_reach (session);
  lite_client_set_anonymous (session->client);
  lite_client_handshake (session->client, 1200);
  wait_until (session->n_closed == 1);
  g_assert_error (session->error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_PEER_CONNECTION_FAILED);
  g_assert_cmpuint (session->n_connected, ==, 0);
}

static void
test_many_ssrcs (void)
{
  g_autoptr (LiteSession) session = lite_session_new_alone ();
  guint8 packet[sizeof (lite_rtp_packet)];
  guint i;

  lite_session_connect (session);
  memcpy (packet, lite_rtp_packet, sizeof (packet));
  for (i = 0; i < 100; i++) {
    packet[11] = i;
    lite_client_send_media (session->client, packet, sizeof (packet));
  }
  lite_session_synchronise (session);
  g_assert_cmpuint (session->n_rtp, ==, 64);

  packet[3]++;
  packet[11] = 0;
  lite_client_send_media (session->client, packet, sizeof (packet));
  lite_session_synchronise (session);
  g_assert_cmpuint (session->n_rtp, ==, 65);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  alarm (WATCHDOG_SECONDS);

  g_test_add_func ("/lite-faults/wrong-fingerprint", test_wrong_fingerprint);
  g_test_add_func ("/lite-faults/wrong-credentials", test_wrong_credentials);
  g_test_add_func ("/lite-faults/garbage", test_garbage);
  g_test_add_func ("/lite-faults/broken-checks", test_broken_checks);
  g_test_add_func ("/lite-faults/broken-hellos", test_broken_hellos);
  g_test_add_func ("/lite-faults/close-in-callback", test_close_in_callback);
  g_test_add_func ("/lite-faults/close-in-step", test_close_in_step);
  g_test_add_func ("/lite-faults/lost-flight", test_lost_flight);
  g_test_add_func ("/lite-faults/lost-end", test_lost_end);
  g_test_add_func ("/lite-faults/no-certificate", test_no_certificate);
  g_test_add_func ("/lite-faults/many-ssrcs", test_many_ssrcs);

  return g_test_run ();
}
