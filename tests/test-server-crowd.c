/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Bad clients among good ones: they open a thousand sockets, say nothing, say
 * anything, hear nothing, and the picture of the others has no gap.
 */

#include <gst/video/video.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bare-player.h"
#include "server-session.h"
#include "testsupport.h"

#define GOP 30                  /* frames */
#define N_SOCKETS 1000
#define N_SPARE 8               /* file descriptors that libraries may want */
#define N_LEAVING 300
#define POLL_INTERVAL_US 1000
#define N_LETTERS 200
#define N_FLOOD 400
#define WISH_INTERVAL_MS 50
#define N_TEXTS 200
#define TEXT_SIZE (64 * 1024)
#define VIDEO_PT 96
#define VIDEO_RATE_KHZ 90
#define MAX_LATE_MS 500
#define BAD_HOST "127.0.0.1"
#define GOOD_HOST "127.0.0.2"   /* also of this machine */
#define UPGRADE "GET /webrtc/live HTTP/1.1\r\nHost: localhost\r\n" \
    "Upgrade: websocket\r\nConnection: Upgrade\r\n" \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" \
    "Sec-WebSocket-Version: 13\r\n\r\n"

/* A TCP socket at that address, which is not connected yet */
static GSocket *
make_socket (const gchar * host)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string (host, 0);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_TCP, &error);

  g_assert_no_error (error);
  g_assert_true (g_socket_bind (socket, address, FALSE, &error));
  g_assert_no_error (error);
  g_socket_set_timeout (socket, 20);

  return socket;
}

static void
connect_socket (ServerSession * session, GSocket * socket)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1",
      gst_wsctl_server_get_port (session->server));

  g_assert_true (g_socket_connect (socket, address, NULL, &error));
  g_assert_no_error (error);
}

static GSocket *
open_socket (ServerSession * session, const gchar * host)
{
  GSocket *socket = make_socket (host);

  connect_socket (session, socket);

  return socket;
}

/* What the server says to that, up to its first pause; "" when it hangs up.
 * Transfer full. */
static gchar *
ask (GSocket * socket, const gchar * request)
{
  g_autoptr (GError) error = NULL;
  gchar answer[1024] = "";
  gssize size;

  g_socket_send (socket, request, strlen (request), NULL, NULL);
  size = g_socket_receive (socket, answer, sizeof answer - 1, NULL, &error);
  if (size < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);

  return g_strdup (answer);
}

static void
assert_served (ServerSession * session, const gchar * host)
{
  g_autoptr (GSocket) socket = open_socket (session, host);
  g_autofree gchar *answer = ask (socket, UPGRADE);

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 101"));
}

static struct rlimit
set_limit (rlim_t n)
{
  struct rlimit before, limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  limit = before;
  limit.rlim_cur = MIN (n, before.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);

  return before;
}

/* All from one address, which has no room left then; others do. */
static void
test_sockets (void)
{
  const struct rlimit limit = set_limit (4 * N_SOCKETS);
  g_autoptr (GPtrArray) sockets =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autofree gchar *refusal = NULL;
  guint i;

  for (i = 0; i < N_SOCKETS; i++)
    g_ptr_array_add (sockets, open_socket (session, BAD_HOST));
  refusal = ask (g_ptr_array_index (sockets, N_SOCKETS - 1), UPGRADE);
  g_assert_cmpstr (refusal, ==, "");
  assert_served (session, GOOD_HOST);
  g_clear_pointer (&sockets, g_ptr_array_unref);
  setrlimit (RLIMIT_NOFILE, &limit);
}

static gboolean
is_served (gpointer data)
{
  g_autoptr (GSocket) socket = open_socket (data, BAD_HOST);
  g_autofree gchar *answer = ask (socket, UPGRADE);

  return g_str_has_prefix (answer, "HTTP/1.1 101");
}

/* Who has left makes room. */
static void
test_sockets_leave (void)
{
  const GstWsctlServerParams params = {.max_sessions = 2 };
  g_autoptr (ServerSession) session = server_session_new (&params);
  guint i;

  for (i = 0; i < N_LEAVING; i++)
    g_object_unref (open_socket (session, BAD_HOST));
  test_wait_until (NULL, is_served, session, 0, "there is room again");
}

/* A request that never comes, and one that never ends */
static void
test_silence (void)
{
  static const gchar *const requests[] = { "", "GET / HTTP/1.1\r\nHost: " };
  const GstWsctlServerParams params = {.connect_timeout_ms = 1000 };
  g_autoptr (ServerSession) session = server_session_new (&params);
  g_autoptr (GSocket) good = open_socket (session, BAD_HOST);
  g_autofree gchar *upgraded = ask (good, UPGRADE);
  guint i;

  g_assert_true (g_str_has_prefix (upgraded, "HTTP/1.1 101"));
  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (GSocket) bad = open_socket (session, BAD_HOST);
    g_autofree gchar *answer = ask (bad, requests[i]);

    g_assert_cmpstr (answer, ==, "");
  }

  /* A WebSocket may be silent: nothing came, and it is open. */
  g_assert_cmpuint (gst_wsctl_server_count_sessions (session->server), ==, 1);
}

/* Somebody waits in every step: the server ends nevertheless, and at once. */
static void
test_stop (void)
{
  static const gchar *const requests[] = {
    "", "GET /webrtc/live HTTP/1.1\r\nHost: ", UPGRADE
  };
  g_autoptr (GPtrArray) sockets =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) silent = server_session_open (session, "/webrtc/live");
  g_autoptr (Client) watcher = server_session_open (session, "/json_live.js");
  g_autoptr (Client) publisher =
      server_session_offer_publish (session, "/webrtc/live");
  g_autoptr (Client) player = NULL;
  gint64 begin_us;
  guint i;

  json_object_unref (client_wait (publisher, "on_answer_sdp"));
  player = server_session_offer_play (session, "/webrtc/live");
  json_object_unref (client_wait (player, "on_answer_sdp"));
  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    GSocket *socket = open_socket (session, BAD_HOST);

    g_ptr_array_add (sockets, socket);
    g_socket_send (socket, requests[i], strlen (requests[i]), NULL, NULL);
  }

  begin_us = g_get_monotonic_time ();
  gst_wsctl_server_stop (session->server);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <,
      test_scale_ms (1000) * G_TIME_SPAN_MILLISECOND);
  client_wait_closed (silent);
  client_wait_closed (watcher);
  client_wait_closed (publisher);
  client_wait_closed (player);
  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autofree gchar *rest = NULL;

    test_say ("the end of a socket");
    do {
      g_free (rest);
      rest = ask (g_ptr_array_index (sockets, i), "");
    } while (*rest != '\0');
  }
}

static gboolean
is_exhausted (void)
{
  gint descriptor = dup (0);

  if (descriptor < 0)
    return TRUE;
  close (descriptor);

  return FALSE;
}

/* The server, which is in this process, has no descriptor left for those who
 * come, and goes on when there are some again. */
static void
test_no_descriptors (void)
{
  g_autoptr (GPtrArray) sockets =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autofree gchar *answer = NULL;
  struct rlimit limit;
  guint i;
  gint next;

  for (i = 0; i < 2 * N_SPARE; i++)
    g_ptr_array_add (sockets, make_socket (BAD_HOST));
  next = dup (0);
  close (next);
  limit = set_limit (next + N_SPARE);
  for (i = 0; i < sockets->len; i++)
    connect_socket (session, g_ptr_array_index (sockets, i));
  while (!is_exhausted ())
    g_usleep (POLL_INTERVAL_US);
  /* Each is a turn of its loop, in which it tries the next. */
  gst_wsctl_server_count_sessions (session->server);
  gst_wsctl_server_count_sessions (session->server);
  setrlimit (RLIMIT_NOFILE, &limit);

  answer = ask (g_ptr_array_index (sockets, sockets->len - 1), UPGRADE);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 101"));
}

static void
send_letters (ServerSession * session)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1",
      gst_wsctl_server_get_media_port (session->server));
  /* STUN, DTLS, RTP and RTCP by their first bytes, and none of them */
  static const guint8 firsts[] = { 0, 22, 128, 129, 255 };
  g_autoptr (GRand) chance = g_rand_new_with_seed (1);
  guint i, j;

  for (i = 0; i < N_LETTERS; i++) {
    guint8 letter[200];

    for (j = 0; j < sizeof letter; j++)
      letter[j] = g_rand_int (chance);
    letter[0] = firsts[i % G_N_ELEMENTS (firsts)];
    g_socket_send_to (socket, address, (const gchar *) letter,
        g_rand_int_range (chance, 0, sizeof letter), NULL, NULL);
  }
}

static void
send_garbage (ServerSession * session)
{
  static const gchar *const texts[] = {
    "", "}{", "[]", "7", "{}", "{\"type\":7}", "{\"type\":\"\"}",
    "{\"type\":\"offer_sdp\",\"offer_sdp\":\"v=0\\r\\nm=video\"}",
    "{\"type\":\"seek\",\"seek_time\":{}}",
    "{\"type\":\"tracks\",\"video\":[1e999]}",
    "{\"type\":\"set_speed\",\"play_rate\":-1e308}",
    "{\"type\":\"video_bitrate\",\"video_bitrate\":-9223372036854775808}",
  };
  static const gchar *const requests[] = {
    "\r\n\r\n", "\x16\x03\x01\x02", "GET\r\n\r\n",
    "GET /../../etc/passwd HTTP/1.1\r\n\r\n",
    "POST /live.json HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  };
  g_autoptr (Client) client = server_session_open (session, "/webrtc/live");
  g_autoptr (Client) watcher = server_session_open (session, "/live.json");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    client_send (client, texts[i]);
    client_send (watcher, texts[i]);
  }
  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (GSocket) socket = open_socket (session, BAD_HOST);

    g_socket_send (socket, requests[i], strlen (requests[i]), NULL, NULL);
  }
  send_letters (session);
}

/* As much as goes out, of a player that is also there; it is dropped. */
static void
flood (ServerSession * session)
{
  g_autoptr (Client) client =
      server_session_offer_play (session, "/webrtc/live");
  guint i;

  for (i = 0; i < N_FLOOD && soup_websocket_connection_get_state
      (client->socket) == SOUP_WEBSOCKET_STATE_OPEN; i++)
    client_send (client, "{\"type\":\"seek\",\"seek_time\":0}");
  client_wait_closed (client);
}

static gboolean
has_dropped (gpointer data)
{
  g_autoptr (GError) error = NULL;
  gchar text[1024];
  gssize size;

  do {
    size = g_socket_receive_with_blocking (data, text, sizeof text, FALSE,
        NULL, &error);
  } while (size > 0);

  return !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* More than the socket of somebody who does not read takes; @client does. */
static void
be_deaf (ServerSession * session, Client * client)
{
  g_autofree gchar *text = g_strnfill (TEXT_SIZE, ' ');
  g_autoptr (GSocket) deaf = open_socket (session, BAD_HOST);
  g_autofree gchar *upgraded = ask (deaf, UPGRADE);
  guint i;

  g_assert_true (g_str_has_prefix (upgraded, "HTTP/1.1 101"));
  for (i = 0; i < N_TEXTS; i++) {
    gst_wsctl_server_send_text (session->server, text);
    g_free (client_wait_text (client));
  }
  client_poll_until (client, has_dropped, deaf, "who does not read is dropped");
}

/* Every packet once, and in time */
static void
assert_no_gap (Client * player)
{
  g_autoptr (GArray) packets = client_get_packets (player, VIDEO_PT);
  guint i;

  g_assert_cmpuint (packets->len, >, 0);
  for (i = 1; i < packets->len; i++) {
    const ClientPacket *packet = &g_array_index (packets, ClientPacket, i);
    gint32 stamp_ms = (gint32) (packet->rtp_time - packet[-1].rtp_time)
        / VIDEO_RATE_KHZ;
    gint64 arrival_ms = (packet->arrived_us - packet[-1].arrived_us) / 1000;

    g_assert_cmpint ((guint16) (packet->seq - packet[-1].seq), ==, 1);
    g_assert_cmpint (arrival_ms - stamp_ms, <, test_scale_ms (MAX_LATE_MS));
  }
}

static void
watch_on (Client * player)
{
  gint n_frames = g_atomic_int_get (&player->n_video);

  client_wait_media (player, n_frames + 30, 10);
  assert_no_gap (player);
  g_assert_false (player->over);
}

/* The publisher's frames all come out, once, while others misbehave. */
static void
test_undisturbed (void)
{
  const struct rlimit limit = set_limit (4 * N_SOCKETS);
  g_autoptr (GPtrArray) sockets =
      g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = server_session_publish_live (session, GOP);
  g_autoptr (Client) player = server_session_open (session, "/webrtc/live");
  guint i;

  client_keep_packets (player);
  client_start_player (player, TRUE, TRUE);
  client_offer (player);
  g_free (client_take_answer (player));
  client_wait_media (player, 10, 10);

  test_say ("garbage");
  send_garbage (session);
  watch_on (player);
  test_say ("a flood");
  flood (session);
  watch_on (player);
  test_say ("somebody who does not read");
  be_deaf (session, player);
  watch_on (player);
  test_say ("a thousand sockets");
  for (i = 0; i < N_SOCKETS; i++)
    g_ptr_array_add (sockets, open_socket (session, BAD_HOST));
  watch_on (player);
  g_assert_false (publisher->over);
  g_clear_pointer (&sockets, g_ptr_array_unref);
  setrlimit (RLIMIT_NOFILE, &limit);
}

static GstPadProbeReturn
count_requests (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (gst_video_event_is_force_key_unit (gst_pad_probe_info_get_event (info)))
    g_atomic_int_inc ((gint *) data);

  return GST_PAD_PROBE_OK;
}

static gboolean
wish_keyframe (gpointer data)
{
  bare_player_wish_keyframe (data);

  return G_SOURCE_CONTINUE;
}

/* Key frames are what all others pay for: a player that wants one all the time
 * gets one a second. */
static void
test_wishes (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = server_session_publish_live (session, GOP);
  g_autoptr (BarePlayer) player = bare_player_new (session->uri,
      "/webrtc/live", gst_wsctl_server_get_media_port (session->server));
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (publisher->webrtc, "sink_0");
  g_autoptr (GSource) timer = g_timeout_source_new (WISH_INTERVAL_MS);
  gint n_requests = 0;
  gint64 start_us = g_get_monotonic_time ();
  gint64 passed_s;
  gulong probe;

  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      count_requests, &n_requests, NULL);
  g_source_set_callback (timer, wish_keyframe, player, NULL);
  g_source_attach (timer, publisher->context);
  while (player->n_frames < 100)
    g_main_context_iteration (publisher->context, TRUE);
  passed_s = (g_get_monotonic_time () - start_us) / G_USEC_PER_SEC;
  g_source_destroy (timer);
  gst_pad_remove_probe (pad, probe);
  g_assert_cmpint (g_atomic_int_get (&n_requests), >, 1);
  g_assert_cmpint (g_atomic_int_get (&n_requests), <=, passed_s + 2);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/crowd/sockets", test_sockets);
  test_add ("/server/crowd/sockets-leave", test_sockets_leave);
  test_add ("/server/crowd/silence", test_silence);
  test_add ("/server/crowd/stop", test_stop);
  test_add ("/server/crowd/no-descriptors", test_no_descriptors);
  test_add_in_real_time ("/server/crowd/undisturbed", test_undisturbed);
  test_add_in_real_time ("/server/crowd/wishes", test_wishes);

  return g_test_run ();
}
