/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * When it cannot serve, and when a test wants it to fail.
 */

#include <string.h>

#include "server-session.h"
#include "testsupport.h"

static void
test_unknown_path (void)
{
  static const gchar *const paths[] = {
    "/nothing", "/webrtc/", "/webrtc/a%09b", "/webrtc/a%2Fb", "/webrtc/a/b",
    "/json_.js", "/",
    "/page.js", "/streams"
  };
  g_autoptr (ServerSession) session = server_session_new (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (Client) client = client_new (session->uri, paths[i]);

    g_assert_cmpuint (client_wait_refused (client), ==,
        SOUP_STATUS_UNSUPPORTED_MEDIA_TYPE);
  }
  g_assert_cmpuint (gst_wsctl_server_count_sessions (session->server), ==, 0);
}

static void
test_offline (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;

  client = server_session_offer_play (session, "/webrtc/nothing");
  event = client_wait (client, "on_error");
  g_assert_cmpstr (json_object_get_string_member (event, "message"), ==,
      "Stream open failed");
  g_assert_cmpuint (client_wait_closed (client), ==, 1006);
}

/* Who is there first stays. */
static void
test_taken (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) first = NULL;
  g_autoptr (Client) second = NULL;
  g_autoptr (JsonObject) accepted = NULL;
  g_autoptr (JsonObject) refused = NULL;

  first = server_session_offer_publish (session, "/webrtc/live");
  accepted = client_wait (first, "on_answer_sdp");
  g_assert_true (json_object_get_boolean_member (accepted, "result"));
  second = server_session_offer_publish (session, "/webrtc/live");
  refused = client_wait (second, "on_answer_sdp");
  g_assert_false (json_object_get_boolean_member (refused, "result"));
  g_assert_false (first->over);
}

static void
test_nonsense_offer (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;

  client = server_session_offer (session, "/webrtc/live", "nonsense");
  event = client_wait (client, "on_answer_sdp");
  g_assert_true (json_object_get_boolean_member (event, "result"));
  g_assert_null (strstr (json_object_get_string_member (event, "answer_sdp"),
          "m="));
}

static void
test_stop (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) player = NULL;
  g_autoptr (JsonObject) event = NULL;

  publisher = server_session_offer_publish (session, "/webrtc/live");
  json_object_unref (client_wait (publisher, "on_answer_sdp"));
  player = server_session_offer_play (session, "/webrtc/live");
  json_object_unref (client_wait (player, "on_answer_sdp"));
  gst_wsctl_server_stop (session->server);
  event = client_wait (player, "on_stop");
  /* Going away: it may be back (docs/server.md). */
  g_assert_cmpuint (client_wait_closed (player), ==, 1001);
}

/* A server that is killed tells nobody of the end of a stream, whoever came
 * first; nor do sockets that are lost. */
static void
test_drop (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) early = server_session_open (session, "/webrtc/live");
  g_autoptr (Client) publisher = NULL;
  g_autoptr (Client) late = NULL;
  gchar *text;

  publisher = server_session_offer_publish (session, "/webrtc/live");
  json_object_unref (client_wait (publisher, "on_answer_sdp"));
  late = server_session_offer_play (session, "/webrtc/live");
  json_object_unref (client_wait (late, "on_answer_sdp"));
  early->offer = g_strdup (late->offer);
  client_send_offer (early);
  json_object_unref (client_wait (early, "on_answer_sdp"));

  gst_wsctl_server_drop_sessions (session->server);
  g_assert_cmpuint (client_wait_closed (early), ==, 1006);
  g_assert_cmpuint (client_wait_closed (late), ==, 1006);
  while ((text = g_queue_pop_head (&early->texts)) != NULL
      || (text = g_queue_pop_head (&late->texts)) != NULL) {
    g_assert_null (strstr (text, "on_stop"));
    g_free (text);
  }
}

static guint
count_sections (const gchar * sdp, const gchar * start)
{
  guint count = 0;

  while ((sdp = strstr (sdp, start)) != NULL) {
    count++;
    sdp++;
  }

  return count;
}

static void
check_answer_fault (GstWsctlServerFault fault, guint n_media, guint n_refused)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;
  const gchar *sdp;

  gst_wsctl_server_set_faults (session->server, fault);
  client = server_session_offer_publish (session, "/webrtc/live");
  event = client_wait (client, "on_answer_sdp");
  sdp = json_object_get_string_member (event, "answer_sdp");
  g_assert_cmpuint (count_sections (sdp, "m="), ==, n_media);
  g_assert_cmpuint (count_sections (sdp, " 0 UDP/"), ==, n_refused);
}

static void
test_answer_faults (void)
{
  check_answer_fault (GST_WSCTL_SERVER_FAULT_NO_MEDIUM, 0, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_ONE_MEDIUM, 1, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_REJECT_FIRST, 2, 1);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_REJECT_SECOND, 2, 1);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_WRONG_FINGERPRINT, 2, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_NO_ICE, 2, 0);
  check_answer_fault (GST_WSCTL_SERVER_FAULT_NO_DTLS, 2, 0);
}

static void
test_refuse (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) client = NULL;
  g_autoptr (JsonObject) event = NULL;

  gst_wsctl_server_set_faults (session->server, GST_WSCTL_SERVER_FAULT_REFUSE);
  client = server_session_offer_publish (session, "/webrtc/live");
  event = client_wait (client, "on_answer_sdp");
  g_assert_false (json_object_get_boolean_member (event, "result"));
}

static void
test_socket_faults (void)
{
  static const struct
  {
    GstWsctlServerFault fault;
    gushort code;
  } cases[] = {
    {GST_WSCTL_SERVER_FAULT_DROP, 1006},
    {GST_WSCTL_SERVER_FAULT_CLOSE, 1000},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ServerSession) session = server_session_new (NULL);
    g_autoptr (Client) client = NULL;

    gst_wsctl_server_set_faults (session->server, cases[i].fault);
    client = server_session_offer_publish (session, "/webrtc/live");
    g_assert_cmpuint (client_wait_closed (client), ==, cases[i].code);
  }
}

static void
test_garbage (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) client = NULL;
  g_autofree gchar *text = NULL;

  gst_wsctl_server_set_faults (session->server, GST_WSCTL_SERVER_FAULT_GARBAGE);
  client = server_session_offer_publish (session, "/webrtc/live");
  text = client_wait_text (client);
  g_assert_null (json_from_string (text, NULL));
}

/* One that sends too much goes; the one beside it stays. */
static void
test_too_long (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) bad = NULL;
  g_autoptr (Client) good = NULL;
  g_autofree gchar *text = g_strnfill (200 * 1024, 'x');

  bad = server_session_open (session, "/webrtc/live");
  good = server_session_offer_publish (session, "/webrtc/live");
  json_object_unref (client_wait (good, "on_answer_sdp"));
  client_send (bad, text);
  client_wait_closed (bad);
  client_send (good, "{\"type\":\"rtp_props\"}");
  json_object_unref (client_wait (good, "on_rtp_props"));
}

static void
test_port_taken (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  GstWsctlServerParams params = { 0, };
  g_autoptr (GstWsctlServer) other = NULL;
  g_autoptr (GError) error = NULL;

  params.port = gst_wsctl_server_get_port (session->server);
  other = gst_wsctl_server_new (&params);
  g_assert_false (gst_wsctl_server_start (other, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/errors/unknown-path", test_unknown_path);
  test_add ("/server/errors/offline", test_offline);
  test_add ("/server/errors/taken", test_taken);
  test_add ("/server/errors/nonsense-offer", test_nonsense_offer);
  test_add ("/server/errors/stop", test_stop);
  test_add ("/server/errors/drop", test_drop);
  test_add ("/server/errors/answer-faults", test_answer_faults);
  test_add ("/server/errors/refuse", test_refuse);
  test_add ("/server/errors/socket-faults", test_socket_faults);
  test_add ("/server/errors/garbage", test_garbage);
  test_add ("/server/errors/too-long", test_too_long);
  test_add ("/server/errors/port-taken", test_port_taken);

  return g_test_run ();
}
