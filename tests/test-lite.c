/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server's transport against a client that can be stopped in every step.
 */

#include <gst/gst.h>
#include <string.h>
#include <unistd.h>

#include "lite-client.h"
#include "wsctlerror.h"
#include "wsctllitepaths-private.h"

#define WATCHDOG_SECONDS 120
#define REMOTE_UFRAG "abcd"
#define N_PEERS 20

static const guint8 rtp_packet[] = {
  0x80, 0x60, 0x00, 0x01, 0, 0, 0, 1, 0x12, 0x34, 0x56, 0x78, 'r', 't', 'p', '!'
};

/* An empty receiver report */
static const guint8 rtcp_packet[] = { 0x80, 201, 0, 1, 0x12, 0x34, 0x56, 0x78 };

typedef enum
{
  CLOSE_NEVER,
  CLOSE_WHEN_REACHED,
  CLOSE_WHEN_CONNECTED,
  CLOSE_AT_RTP,
} CloseWhen;

typedef struct
{
  GstWsctlLitePort *port;
  GstWsctlLitePeer *peer;
  LiteClient *client;
  gchar *username;
  CloseWhen close_when;
  gboolean unref_too;

  guint n_reached, n_connected, n_rtp, n_rtcp, n_closed;
  GBytes *packet;
  GError *error;
} Session;

#define wait_until(condition) \
  while (!(condition)) \
    g_main_context_iteration (NULL, TRUE)

static void
close_if (Session * session, CloseWhen when)
{
  if (session->close_when != when)
    return;

  gst_wsctl_lite_peer_close (session->peer);
  if (session->unref_too)
    g_clear_object (&session->peer);
}

static void
on_reached (GstWsctlLitePeer * peer, gpointer data)
{
  Session *session = data;

  session->n_reached++;
  close_if (session, CLOSE_WHEN_REACHED);
}

static void
on_connected (GstWsctlLitePeer * peer, gpointer data)
{
  Session *session = data;

  g_assert_true (gst_wsctl_lite_peer_is_connected (peer));
  session->n_connected++;
  close_if (session, CLOSE_WHEN_CONNECTED);
}

static void
keep_packet (Session * session, const guint8 * packet, gsize size)
{
  g_clear_pointer (&session->packet, g_bytes_unref);
  session->packet = g_bytes_new (packet, size);
}

static void
on_rtp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  Session *session = data;

  session->n_rtp++;
  keep_packet (session, packet, size);
  close_if (session, CLOSE_AT_RTP);
}

static void
on_rtcp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  Session *session = data;

  session->n_rtcp++;
  keep_packet (session, packet, size);
}

static void
on_closed (GstWsctlLitePeer * peer, const GError * error, gpointer data)
{
  Session *session = data;

  g_assert_false (gst_wsctl_lite_peer_is_connected (peer));
  session->n_closed++;
  session->error = error != NULL ? g_error_copy (error) : NULL;
  gst_wsctl_lite_peer_close (peer);
}

static const GstWsctlLitePeerCallbacks callbacks = {
  on_reached, on_connected, on_rtp, on_rtcp, on_closed
};

static GstWsctlLitePort *
open_port (void)
{
  g_autoptr (GError) error = NULL;
  GstWsctlLitePort *port =
      gst_wsctl_lite_port_new ("127.0.0.1", 0, NULL, &error);

  g_assert_no_error (error);

  return port;
}

/* @fingerprint: NULL for the client's own */
static Session *
open_session (GstWsctlLitePort * port, const gchar * fingerprint)
{
  Session *session = g_new0 (Session, 1);

  session->port = g_object_ref (port);
  session->client = lite_client_new (gst_wsctl_lite_port_get_port (port));
  if (fingerprint == NULL)
    fingerprint = lite_client_get_fingerprint (session->client);
  session->peer = gst_wsctl_lite_peer_new (port, REMOTE_UFRAG, fingerprint,
      &callbacks, session);
  session->username =
      g_strconcat (gst_wsctl_lite_peer_get_ufrag (session->peer), ":",
      REMOTE_UFRAG, NULL);

  return session;
}

static void
close_session (Session * session)
{
  if (session->peer != NULL)
    gst_wsctl_lite_peer_close (session->peer);
  g_clear_object (&session->peer);
  g_clear_object (&session->port);
  lite_client_free (session->client);
  g_clear_pointer (&session->packet, g_bytes_unref);
  g_clear_error (&session->error);
  g_free (session->username);
  g_free (session);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, close_session);

static Session *
start_session (void)
{
  g_autoptr (GstWsctlLitePort) port = open_port ();

  return open_session (port, NULL);
}

static void
send_check (Session * session)
{
  lite_client_check (session->client, session->username,
      gst_wsctl_lite_peer_get_pwd (session->peer), TRUE);
}

static void
reach (Session * session)
{
  send_check (session);
  wait_until (lite_client_get_n_answers (session->client) == 1);
}

static void
connect_session (Session * session)
{
  reach (session);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client)
      && session->n_connected == 1);
}

/* What was sent before is handled when the answer to this has come: UDP on the
 * loopback keeps the order. */
static void
synchronise (Session * session)
{
  guint n = lite_client_get_n_answers (session->client);

  send_check (session);
  wait_until (lite_client_get_n_answers (session->client) > n);
}

static void
assert_packet (GBytes * bytes, const guint8 * packet, gsize size)
{
  gsize n;
  gconstpointer data = g_bytes_get_data (bytes, &n);

  g_assert_cmpmem (data, n, packet, size);
}

static void
test_create (void)
{
  static const gchar *const advertise[] = { "192.0.2.1", "2001:db8::1", NULL };
  g_autoptr (GstWsctlLitePort) port = open_port ();
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

  peer = gst_wsctl_lite_peer_new (port, REMOTE_UFRAG, "sha-256 AA", &callbacks,
      NULL);
  g_assert_cmpint (gst_wsctl_lite_peer_get_last_seen (peer), ==, 0);
  g_assert_false (gst_wsctl_lite_peer_is_connected (peer));
  g_assert_false (gst_wsctl_lite_peer_send_rtp (peer, rtp_packet,
          sizeof (rtp_packet)));
}

static void
test_cannot_open (void)
{
  static const gchar *const nonsense[] = { "example", NULL };
  g_autoptr (GstWsctlLitePort) port = open_port ();
  g_autoptr (GError) error = NULL;

  g_assert_null (gst_wsctl_lite_port_new ("127.0.0.1",
          gst_wsctl_lite_port_get_port (port), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_clear_error (&error);
  g_assert_null (gst_wsctl_lite_port_new ("nowhere", 0, NULL, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (gst_wsctl_lite_port_new ("127.0.0.1", 0, nonsense, &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
}

static void
test_connect (void)
{
  g_autoptr (Session) session = start_session ();
  guint i;

  reach (session);
  g_assert_cmpuint (session->n_reached, ==, 1);
  g_assert_cmpuint (lite_client_get_mapped_port (session->client), ==,
      lite_client_get_local_port (session->client));
  g_assert_cmpint (gst_wsctl_lite_peer_get_last_seen (session->peer), >, 0);

  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client));
  g_assert_cmpuint (session->n_connected, ==, 1);

  lite_client_send_media (session->client, rtp_packet, sizeof (rtp_packet));
  wait_until (session->n_rtp == 1);
  assert_packet (session->packet, rtp_packet, sizeof (rtp_packet));
  lite_client_send_media (session->client, rtcp_packet, sizeof (rtcp_packet));
  wait_until (session->n_rtcp == 1);
  assert_packet (session->packet, rtcp_packet, sizeof (rtcp_packet));

  g_assert_true (gst_wsctl_lite_peer_send_rtp (session->peer, rtp_packet,
          sizeof (rtp_packet)));
  wait_until (lite_client_get_n_media (session->client) == 1);
  assert_packet (lite_client_get_media (session->client), rtp_packet,
      sizeof (rtp_packet));
  for (i = 0; i < 2; i++)
    g_assert_true (gst_wsctl_lite_peer_send_rtcp (session->peer, rtcp_packet,
            sizeof (rtcp_packet)));
  wait_until (lite_client_get_n_media (session->client) == 3);
  assert_packet (lite_client_get_media (session->client), rtcp_packet,
      sizeof (rtcp_packet));

  lite_client_shut_down (session->client);
  wait_until (session->n_closed == 1);
  g_assert_no_error (session->error);
  g_assert_cmpuint (session->n_reached, ==, 1);
  g_assert_cmpuint (session->n_connected, ==, 1);
}

static void
test_close_notify (void)
{
  g_autoptr (Session) session = start_session ();

  connect_session (session);
  gst_wsctl_lite_peer_close (session->peer);
  gst_wsctl_lite_peer_close (session->peer);
  wait_until (lite_client_is_ended (session->client));
  g_assert_cmpuint (session->n_closed, ==, 0);
  g_assert_false (gst_wsctl_lite_peer_send_rtp (session->peer, rtp_packet,
          sizeof (rtp_packet)));
}

/* A packet may be sent again, as after a NACK. */
static void
test_repeat (void)
{
  g_autoptr (Session) session = start_session ();

  connect_session (session);
  g_assert_true (gst_wsctl_lite_peer_send_rtp (session->peer, rtp_packet,
          sizeof (rtp_packet)));
  wait_until (lite_client_get_n_media (session->client) == 1);
  g_assert_true (gst_wsctl_lite_peer_send_rtp (session->peer, rtp_packet,
          sizeof (rtp_packet)));
}

static void
test_wrong_fingerprint (void)
{
  static const gchar *const fingerprints[] = {
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
    "sha-256 00", "md5 00", "", "nonsense"
  };
  g_autoptr (GstWsctlLitePort) port = open_port ();
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fingerprints); i++) {
    g_autoptr (Session) session = open_session (port, fingerprints[i]);

    reach (session);
    lite_client_handshake (session->client, 1200);
    wait_until (session->n_closed == 1);
    g_assert_error (session->error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_FINGERPRINT_MISMATCH);
    g_assert_cmpuint (session->n_connected, ==, 0);
  }
}

/* A stranger is met with silence, a wrong password with an error. */
static void
test_wrong_credentials (void)
{
  g_autoptr (Session) session = start_session ();
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
send_garbage (Session * session, GRand * rand, gsize max_size)
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
      synchronise (session);
  }
}

static void
test_garbage (void)
{
  g_autoptr (Session) session = start_session ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint i;

  for (i = 0; i < 4; i++)
    send_garbage (session, rand, i % 2 == 0 ? 30 : 1500);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client));
  for (i = 0; i < 4; i++)
    send_garbage (session, rand, i % 2 == 0 ? 30 : 1500);

  lite_client_send_media (session->client, rtp_packet, sizeof (rtp_packet));
  wait_until (session->n_rtp == 1);
  g_assert_cmpuint (session->n_closed, ==, 0);
}

/* Every prefix of a check, and every byte of it changed */
static void
test_broken_checks (void)
{
  g_autoptr (Session) session = start_session ();
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

static void
test_close_in_callback (void)
{
  static const CloseWhen whens[] = {
    CLOSE_WHEN_REACHED, CLOSE_WHEN_CONNECTED, CLOSE_AT_RTP
  };
  guint i;

  for (i = 0; i < 2 * G_N_ELEMENTS (whens); i++) {
    g_autoptr (Session) session = start_session ();

    session->close_when = whens[i / 2];
    session->unref_too = i % 2;
    send_check (session);
    wait_until (session->n_reached == 1);
    if (session->close_when == CLOSE_WHEN_REACHED)
      continue;
    lite_client_handshake (session->client, 1200);
    wait_until (lite_client_is_connected (session->client)
        && session->n_connected == 1);
    if (session->close_when == CLOSE_AT_RTP) {
      lite_client_send_media (session->client, rtp_packet, sizeof (rtp_packet));
      wait_until (session->n_rtp == 1);
    }
    wait_until (lite_client_is_ended (session->client));
    g_assert_cmpuint (session->n_closed, ==, 0);
  }
}

/* Stopped in each step: the peer first, then the port first, then dropped. */
static void
test_close_in_step (void)
{
  guint step, way;

  for (step = 0; step < 4; step++) {
    for (way = 0; way < 3; way++) {
      g_autoptr (Session) session = start_session ();

      if (step >= 1)
        reach (session);
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

/* The client repeats nothing: what is lost comes again from the server. */
static void
test_lost_flight (void)
{
  g_autoptr (Session) session = start_session ();

  reach (session);
  lite_client_drop_dtls (session->client, 1);
  lite_client_handshake (session->client, 1200);
  wait_until (lite_client_is_connected (session->client));
  g_assert_cmpuint (session->n_connected, ==, 1);
}

/* As GStreamer's own DTLS sends it before 1.26.8 */
static void
test_split_hello (void)
{
  g_autoptr (Session) session = start_session ();

  reach (session);
  lite_client_handshake (session->client, 256);
  wait_until (lite_client_is_connected (session->client));
}

static void
test_many (void)
{
  g_autoptr (GstWsctlLitePort) port = open_port ();
  Session *sessions[N_PEERS];
  guint i;

  for (i = 0; i < N_PEERS; i++)
    sessions[i] = open_session (port, NULL);
  for (i = 0; i < N_PEERS; i++)
    reach (sessions[i]);
  for (i = 0; i < N_PEERS; i++)
    lite_client_handshake (sessions[i]->client, 1200);
  for (i = 0; i < N_PEERS; i++)
    wait_until (lite_client_is_connected (sessions[i]->client));

  for (i = 0; i < N_PEERS; i++) {
    guint8 packet[sizeof (rtp_packet)];

    memcpy (packet, rtp_packet, sizeof (packet));
    packet[15] = i;
    lite_client_send_media (sessions[i]->client, packet, sizeof (packet));
    wait_until (sessions[i]->n_rtp == 1);
    assert_packet (sessions[i]->packet, packet, sizeof (packet));
  }
  for (i = 0; i < N_PEERS; i++)
    close_session (sessions[i]);
}

/* A client that moves keeps its session; the server follows it when told to,
 * or when the old address is silent. */
static void
test_move (void)
{
  g_autoptr (Session) session = start_session ();

  connect_session (session);
  lite_client_move (session->client);
  synchronise (session);
  lite_client_send_media (session->client, rtp_packet, sizeof (rtp_packet));
  wait_until (session->n_rtp == 1);
  g_assert_cmpuint (session->n_reached, ==, 1);
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

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  alarm (WATCHDOG_SECONDS);

  g_test_add_func ("/lite/create", test_create);
  g_test_add_func ("/lite/cannot-open", test_cannot_open);
  g_test_add_func ("/lite/paths", test_paths);
  g_test_add_func ("/lite/connect", test_connect);
  g_test_add_func ("/lite/close-notify", test_close_notify);
  g_test_add_func ("/lite/repeat", test_repeat);
  g_test_add_func ("/lite/wrong-fingerprint", test_wrong_fingerprint);
  g_test_add_func ("/lite/wrong-credentials", test_wrong_credentials);
  g_test_add_func ("/lite/garbage", test_garbage);
  g_test_add_func ("/lite/broken-checks", test_broken_checks);
  g_test_add_func ("/lite/close-in-callback", test_close_in_callback);
  g_test_add_func ("/lite/close-in-step", test_close_in_step);
  g_test_add_func ("/lite/lost-flight", test_lost_flight);
  g_test_add_func ("/lite/split-hello", test_split_hello);
  g_test_add_func ("/lite/move", test_move);
  g_test_add_func ("/lite/many", test_many);

  return g_test_run ();
}
