/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A path that dies without a word: the WebSocket lives on, no datagram passes.
 */

#include "testpipeline.h"
#include "testrelay.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define NOTICE_S 10

/* A publisher and a player see it within the time that is promised, and are back
 * when the path is. What is played comes from another publisher, who does not
 * look: a stream ends with its own. */
static void
test_blackout (void)
{
  TestRelay *relay = test_relay_new (1);
  const gchar *advertise[] = { test_relay_get_address (relay), NULL };
  GstWsctlServerParams params = {.advertise = advertise };
  GstWsctlServer *server = gst_wsctl_server_new (&params);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *uri = NULL;
  g_autofree gchar *other = NULL;
  TestPipeline *sender, *source, *player;
  gint64 begin_us, sender_us, player_us;

  gst_wsctl_server_start (server, &error);
  g_assert_no_error (error);
  test_relay_set_target (relay, gst_wsctl_server_get_media_port (server));
  uri = test_wsctl_server_get_uri (server, "live");
  other = test_wsctl_server_get_uri (server, "other");
  source = test_pipeline_new (PICTURE " ! wsctlsink uri=%s idle-timeout=0 "
      "report-timeout=0", uri);
  sender = test_pipeline_new (PICTURE " ! wsctlsink uri=%s", other);
  player = test_pipeline_new ("wsctlsrc uri=%s ! fakesink async=false", uri);
  test_pipeline_play (source);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 5);
  test_wsctl_server_wait_frames (server, "other", "video", 5);
  test_pipeline_play (player);
  test_pipeline_wait_element (player, "wsctl-connected");
  test_pipeline_forget (sender);
  test_pipeline_forget (player);

  test_relay_run (relay, "0 blackout=1");
  begin_us = g_get_monotonic_time ();
  test_pipeline_wait_element (player, "wsctl-reconnecting");
  player_us = g_get_monotonic_time () - begin_us;
  test_pipeline_wait_element (sender, "wsctl-reconnecting");
  sender_us = g_get_monotonic_time () - begin_us;
  g_test_message ("noticed after %" G_GINT64_FORMAT " ms by the player, %"
      G_GINT64_FORMAT " ms by the publisher", player_us / 1000,
      sender_us / 1000);
  if (g_getenv ("WSCTL_TEST_SLOW") == NULL)
    g_assert_cmpint (MAX (player_us, sender_us), <,
        NOTICE_S * G_TIME_SPAN_SECOND);

  test_relay_run (relay, "0 blackout=0");
  test_pipeline_wait_element (sender, "wsctl-connected");
  test_pipeline_wait_element (player, "wsctl-connected");
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
  test_pipeline_free (player);
  test_pipeline_free (sender);
  test_pipeline_assert_healthy (source);
  test_pipeline_free (source);
  gst_wsctl_server_stop (server);
  test_assert_finalize (server);
  test_relay_free (relay);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/reconnect/network/blackout", test_blackout);

  return g_test_run ();
}
