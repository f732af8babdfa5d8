/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How sessions go, and how they fail (docs/protocol.md, "How sessions fail"):
 * each failure has its error, each step its end.
 */

#include <gst/gst.h>

#include "controller-session.h"
#include "media-session.h"
#include "wsctlerror.h"

#define PATIENT_MS test_scale_ms (20000)
#define SHORT_MS 300
#define DENIED "{\"type\":\"on_answer_sdp\",\"result\":false}"
#define OPEN_FAILED "{\"type\":\"on_error\",\"command\":\"offer_sdp\"," \
    "\"message\":\"Stream open failed\"}"

static ControllerSession *
begin (guint timeout_ms)
{
  ControllerSession *session =
      controller_session_new (0, GST_WSCTL_ROLE_PLAY, timeout_ms);

  controller_session_open (session, NULL);

  return session;
}

/* Ends with @code, once, the call and the signal alike. */
static void
end_failed (ControllerSession * session, gint code)
{
  gint told = code < 0 ? (gint) GST_WSCTL_ERROR_CLOSED : code;

  controller_session_expect_close (session, code);
  controller_session_wait_call (session);
  g_assert_error (session->open_error, GST_WSCTL_ERROR, told);
  controller_session_expect_nothing (session);
  g_assert_cmpint (session->n_open_calls, ==, 1);
  controller_session_free (session);
}

static void
answer (ControllerSession * session, MediaServer * server)
{
  g_autofree gchar *offer = controller_session_hear_offer (session);
  g_autofree gchar *sdp = media_server_answer (server, offer);

  controller_session_say_answer (session, sdp);
}

static void
test_connect (void)
{
  ControllerSession *session = begin (PATIENT_MS);
  MediaServer *server = media_server_new ();

  answer (session, server);
  controller_session_expect (session, "open as+1/OPUS/H264");
  controller_session_wait_call (session);
  g_assert_no_error (session->open_error);
  controller_session_expect (session, "connected");
  gst_wsctl_controller_close (session->controller, NULL);
  gst_wsctl_controller_close (session->controller, NULL);
  controller_session_expect_close (session, -1);
  controller_session_expect_nothing (session);
  g_assert_cmpint (session->n_open_calls, ==, 1);

  controller_session_free (session);
  media_server_free (server);
}

/* Before the answer: what the server says, and what comes of it */
static void
test_refused (void)
{
  static const struct
  {
    const gchar *text;
    gint code;
  } rows[] = {
    {DENIED, GST_WSCTL_ERROR_ACCESS_DENIED},
    {"{\"type\":\"on_answer_sdp\",\"answer_sdp\":\"v=0\"}",
        GST_WSCTL_ERROR_ACCESS_DENIED},
    {"{\"type\":\"on_answer_sdp\",\"result\":true}",
        GST_WSCTL_ERROR_SIP_FAILED},
    {"{\"type\":\"on_answer_sdp\",\"result\":true,\"answer_sdp\":\"\"}",
        GST_WSCTL_ERROR_SIP_FAILED},
    {"{\"type\":\"on_answer_sdp\",\"result\":true,"
          "\"answer_sdp\":\"v=0\\r\\ns=-\\r\\n\"}", GST_WSCTL_ERROR_SIP_FAILED},
    {OPEN_FAILED, GST_WSCTL_ERROR_STREAM_FAILED},
    {"{\"type\":\"on_error\"}", GST_WSCTL_ERROR_STREAM_FAILED},
    {"{\"type\":\"on_stop\"}", -1},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    ControllerSession *session = begin (PATIENT_MS);
    g_autofree gchar *offer = controller_session_hear_offer (session);

    g_test_message ("%s", rows[i].text);
    controller_session_say (session, rows[i].text);
    end_failed (session, rows[i].code);
  }
}

/* The first error wins: MistServer drops the connection right after it. */
static void
test_first_error (void)
{
  ControllerSession *session = begin (PATIENT_MS);
  g_autofree gchar *offer = controller_session_hear_offer (session);

  controller_session_say (session, OPEN_FAILED);
  controller_session_drop (session, GST_WSCTL_ERROR_SOCKET_DISCONNECTION);
  end_failed (session, GST_WSCTL_ERROR_STREAM_FAILED);
}

/* Whatever the socket ends with, the session does. */
static void
test_socket (void)
{
  static const GstWsctlError codes[] = {
    GST_WSCTL_ERROR_CONNECTION_FAILED, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
    GST_WSCTL_ERROR_HOST_NOT_FOUND, GST_WSCTL_ERROR_TLS,
    GST_WSCTL_ERROR_SOCKET_DISCONNECTION, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE
  };
  ControllerSession *session;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (codes); i++) {
    session = begin (PATIENT_MS);
    controller_session_drop (session, codes[i]);
    end_failed (session, codes[i]);
  }

  session = begin (PATIENT_MS);
  controller_session_hang_up (session);
  end_failed (session, GST_WSCTL_ERROR_SERVER_SHUTDOWN);
}

/* After open, what was fatal before is a warning; what is strange, nothing. */
static void
test_open_strange (void)
{
  static const gchar *const rows[] = {
    OPEN_FAILED, DENIED, "hello", "[]", "{}", "{\"type\":7}",
    "{\"type\":\"brand-new\"}", "{\"type\":\"warning\",\"message\":\"x\"}",
    "{\"type\":\"on_track_drop\",\"track\":3,\"mediatype\":\"video\"}",
    "{\"type\":\"on_track_drop\"}", "{\"type\":\"warning\"}",
    "{\"type\":\"on_error\"}", "{\"type\":\"set_speed\"}",
  };
  ControllerSession *session = begin (PATIENT_MS);
  MediaServer *server = media_server_new ();
  guint i;

  answer (session, server);
  controller_session_expect (session, "open");
  controller_session_expect (session, "connected");
  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    controller_session_say (session, rows[i]);
  controller_session_expect_nothing (session);
  g_assert_true (gst_wsctl_controller_get_opened (session->controller));

  controller_session_say (session, "{\"type\":\"on_stop\"}");
  controller_session_expect_close (session, -1);
  controller_session_free (session);
  media_server_free (server);
}

/* No time to make an offer; a server that says nothing; one that hears no
 * DTLS: each ends with the error of its step. */
static void
test_silent (void)
{
  ControllerSession *session = begin (1);
  MediaServer *server = media_server_new ();

  end_failed (session, GST_WSCTL_ERROR_SIP_FAILED);

  session = begin (test_scale_ms (SHORT_MS));
  end_failed (session, GST_WSCTL_ERROR_TIMED_OUT);

  session = begin (test_scale_ms (SHORT_MS));
  answer (session, server);
  gst_wsctl_lite_peer_ignore_dtls (server->peer);
  controller_session_expect (session, "open");
  controller_session_expect_close (session,
      GST_WSCTL_ERROR_PEER_CONNECTION_FAILED);
  controller_session_expect_nothing (session);
  controller_session_free (session);
  media_server_free (server);
}

static void
test_wrong_certificate (void)
{
  ControllerSession *session = begin (PATIENT_MS);
  MediaServer *server = media_server_new ();

  server->fingerprint = "sha-256 AA:BB";
  answer (session, server);
  controller_session_expect (session, "open");
  controller_session_expect_close (session,
      GST_WSCTL_ERROR_FINGERPRINT_MISMATCH);
  controller_session_free (session);
  media_server_free (server);
}

/* Closed by us in each step, at once and in order */
static void
test_close (void)
{
  ControllerSession *session;
  MediaServer *server = media_server_new ();
  g_autofree gchar *offer = NULL;

  session = controller_session_new (0, GST_WSCTL_ROLE_PLAY, PATIENT_MS);
  gst_wsctl_controller_close (session->controller, NULL);
  controller_session_expect_close (session, -1);
  controller_session_free (session);

  session = begin (PATIENT_MS);
  gst_wsctl_controller_close (session->controller, NULL);
  end_failed (session, -1);

  session = begin (PATIENT_MS);
  offer = controller_session_hear_offer (session);
  gst_wsctl_controller_close (session->controller, NULL);
  end_failed (session, -1);

  /* Told, or not any more; closed in any case, and the call ends. */
  session = begin (PATIENT_MS);
  answer (session, server);
  gst_wsctl_controller_close_sync (session->controller);
  controller_session_wait_call (session);
  g_assert_true (gst_wsctl_controller_get_closed (session->controller));
  g_assert_cmpint (session->n_open_calls, ==, 1);
  controller_session_free (session);
  media_server_free (server);
}

/* With an error of the caller's own, that is what is told. */
static void
test_close_with_error (void)
{
  ControllerSession *session = begin (PATIENT_MS);
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_REPLACE_TRACK_FAILED, "no more of this");

  gst_wsctl_controller_close (session->controller, error);
  end_failed (session, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED);
}

/* An answer that nobody keeps, and the end while it is being tried */
static void
test_late (void)
{
  ControllerSession *session = begin (PATIENT_MS);
  MediaServer *server = media_server_new ();
  g_autofree gchar *offer = controller_session_hear_offer (session);
  g_autofree gchar *sdp = media_server_answer (server, offer);

  media_server_free (server);
  controller_session_say_answer (session, sdp);
  gst_wsctl_controller_close_sync (session->controller);
  controller_session_expect_close (session, -1);
  controller_session_expect_nothing (session);
  g_assert_false (gst_wsctl_controller_get_opened (session->controller));

  controller_session_free (session);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  /* Tells of the strange things that are said here */
  g_setenv ("GST_DEBUG", "0", FALSE);
  gst_init (&argc, &argv);

  test_add ("/session/connect", test_connect);
  test_add ("/session/refused", test_refused);
  test_add ("/session/first-error", test_first_error);
  test_add ("/session/socket", test_socket);
  test_add ("/session/open-strange", test_open_strange);
  test_add ("/session/silent", test_silent);
  test_add ("/session/wrong-certificate", test_wrong_certificate);
  test_add ("/session/close", test_close);
  test_add ("/session/close-with-error", test_close_with_error);
  test_add ("/session/late", test_late);

  return g_test_run ();
}
