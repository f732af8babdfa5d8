/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A server that falls silent as long as it holds, as MistServer does, and one
 * that stays so afterwards.
 */

#include "controller-session.h"
#include "media-session.h"

/* To connect, and without a report */
#define TIMEOUT_MS 2000

static ControllerSession *
play (MediaServer * server)
{
  ControllerSession *session = controller_session_new (0, GST_WSCTL_ROLE_PLAY,
      test_scale_ms (TIMEOUT_MS));
  g_autofree gchar *offer = NULL;
  g_autofree gchar *answer = NULL;

  controller_session_open (session, NULL);
  offer = controller_session_hear_offer (session);
  answer = media_server_answer (server, offer);
  controller_session_say_answer (session, answer);
  controller_session_expect (session, "open");
  controller_session_wait_call (session);
  g_assert_no_error (session->open_error);
  controller_session_expect (session, "connected");

  return session;
}

static gboolean
on_over (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

/* For what must not come, there is nothing to wait for but time. */
static void
wait_twice_the_timeout (void)
{
  g_autoptr (GSource) source =
      g_timeout_source_new (2 * test_scale_ms (TIMEOUT_MS));
  gboolean over = FALSE;

  g_source_set_callback (source, on_over, &over, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  test_wait_flag (g_main_context_get_thread_default (), &over, "the pause");
}

static void
test_hold (void)
{
  MediaServer *server = media_server_new ();
  ControllerSession *session = play (server);

  controller_session_say (session, "{\"type\":\"on_time\",\"data\":{"
      "\"begin\":0,\"current\":5000,\"end\":9000}}");
  controller_session_expect (session, "application/x-wsctl-playing");
  controller_session_say (session, "{\"type\":\"pause\",\"paused\":true}");
  wait_twice_the_timeout ();
  controller_session_expect_nothing (session);

  controller_session_say (session, "{\"type\":\"pause\",\"paused\":false}");
  controller_session_expect_close (session, GST_WSCTL_ERROR_CONNECTION_IDLE);

  controller_session_free (session);
  media_server_free (server);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/controller/pause/hold", test_hold);

  return g_test_run ();
}
