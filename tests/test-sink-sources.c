/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsink with sources that are not live, and with pads that come late.
 */

#include <glib/gstdio.h>

#include "testpipeline.h"
#include "testserver.h"
#include "testsupport.h"

#define FPS 15
#define RAW "video/x-raw,format=I420,width=160,height=120,framerate=15/1"
#define LIVE "videotestsrc is-live=true ! " RAW " ! "
#define NOT_LIVE "videotestsrc ! " RAW " ! "
#define QUICK "reconnect-min-delay=50 reconnect-max-delay=200"

static TestPipeline *
new_sender (GstWsctlServer * server, const gchar * line)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");

  return test_pipeline_new ("wsctlsink name=s uri=%s %s", uri, line);
}

/* An MP4 file of @n pictures; full path */
static gchar *
make_file (guint n)
{
  g_autoptr (TestPipeline) maker = NULL;
  gchar *path = NULL;
  gint fd = g_file_open_tmp ("wsctl-XXXXXX.mp4", &path, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  maker = test_pipeline_new ("videotestsrc num-buffers=%u ! " RAW " ! "
      "x264enc bframes=0 key-int-max=15 speed-preset=ultrafast ! mp4mux ! "
      "filesink location=%s", n, path);
  test_pipeline_play (maker);
  test_pipeline_wait_type (maker, GST_MESSAGE_EOS);

  return path;
}

static void
wait_count (TestTap * tap, guint n)
{
  test_say ("buffers at a tap");
  while (test_tap_count (tap) < n)
    g_usleep (2000);
}

static guint64
count_video (GstWsctlServer * server)
{
  return gst_wsctl_server_count_frames (server, "live", "video");
}

/* Every picture is published, in the time that the file takes. */
static void
test_file (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *path = make_file (3 * FPS);
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! qtdemux ! "
      "h264parse ! s.", path);
  g_autoptr (TestPipeline) sender = new_sender (server, line);
  gint64 began_us;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  began_us = g_get_monotonic_time ();
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >,
      2800 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_video (server), ==, 3 * FPS);
  test_pipeline_assert_healthy (sender);
  g_unlink (path);
}

/* In the encoder, too, nothing stays behind. */
static void
test_encoded_here (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "videotestsrc num-buffers=20 ! " RAW " ! s.video "
      "audiotestsrc num-buffers=60 ! s.audio");

  test_pipeline_play (sender);
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  g_assert_cmpuint (count_video (server), ==, 20);
  test_pipeline_assert_healthy (sender);
}

/* While there is no session the source waits, and then goes on where it was. */
static void
test_restart (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, QUICK
      " videotestsrc num-buffers=60 ! " RAW " ! s.");
  g_autoptr (TestTap) tap = test_tap_new (sender, "s", "video");
  guint before;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 10);
  gst_wsctl_server_drop_sessions (server);
  test_pipeline_wait_element (sender, "wsctl-reconnecting");
  before = test_tap_count (tap);
  test_pipeline_forget (sender);
  test_pipeline_wait_element (sender, "wsctl-connected");
  /* One that waits, one that was on its way */
  g_assert_cmpuint (test_tap_count (tap), <=, before + 2);
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  g_assert_cmpuint (test_tap_count (tap), ==, 60);
}

/* A live source does not wait; with nothing published there is no success. */
static void
test_end_too_early (void)
{
  const TestScript silence = { NULL, };
  g_autoptr (TestServer) server = test_server_new_scripted (&silence);
  g_autoptr (TestPipeline) sender = test_pipeline_new ("videotestsrc "
      "is-live=true num-buffers=5 ! " RAW " ! wsctlsink uri=%s",
      test_server_get_uri (server));

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_FAILED, "nothing was published");
}

/* Whoever waits for a session is let go at once. */
static void
test_stop_held (void)
{
  const TestScript silence = { NULL, };
  g_autoptr (TestServer) server = test_server_new_scripted (&silence);
  g_autoptr (TestPipeline) sender = test_pipeline_new (NOT_LIVE
      "wsctlsink name=s uri=%s", test_server_get_uri (server));
  g_autoptr (TestTap) tap = test_tap_new (sender, "s", "video");

  test_pipeline_play (sender);
  wait_count (tap, 1);
  test_pipeline_set_state (sender, GST_STATE_PAUSED);
  g_assert_true (gst_element_seek_simple (test_pipeline_get (sender),
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SECOND));
  wait_count (tap, 2);
  test_pipeline_set_state (sender, GST_STATE_READY);
  test_pipeline_play (sender);
  wait_count (tap, 3);
  test_pipeline_stop (sender);
}

/* The application ends the pipeline (gst-launch-1.0 -e). */
static void
test_end_held (void)
{
  const TestScript silence = { NULL, };
  g_autoptr (TestServer) server = test_server_new_scripted (&silence);
  g_autoptr (TestPipeline) sender = test_pipeline_new (NOT_LIVE
      "wsctlsink name=s uri=%s", test_server_get_uri (server));
  g_autoptr (TestTap) tap = test_tap_new (sender, "s", "video");

  test_pipeline_play (sender);
  wait_count (tap, 1);
  g_assert_true (gst_element_send_event (test_pipeline_get (sender),
          gst_event_new_eos ()));
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  test_pipeline_assert_healthy (sender);
}

/* Nor does it wait where no session follows. */
static void
test_refused (void)
{
  g_autoptr (TestPipeline) sender = test_pipeline_new (NOT_LIVE
      "wsctlsink uri=ws://127.0.0.1:%u/webrtc/live", test_find_closed_port ());

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_OPEN_WRITE, "Could not publish");
}

static void
add_source (TestPipeline * pipeline, const gchar * line, const gchar * pad)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) sink = test_pipeline_find (pipeline, "s");
  GstElement *source = gst_parse_bin_from_description (line, TRUE, &error);

  g_assert_no_error (error);
  gst_bin_add (GST_BIN (test_pipeline_get (pipeline)), source);
  g_assert_true (gst_element_link_pads (source, "src", sink, pad));
  gst_element_sync_state_with_parent (source);
}

static void
test_late_pads (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, "");

  test_pipeline_play (sender);
  add_source (sender, LIVE "queue", "video");
  add_source (sender, "audiotestsrc is-live=true ! queue", "audio");
  test_wsctl_server_wait_frames (server, "live", "video", 10);
  test_wsctl_server_wait_frames (server, "live", "audio", 10);
  /* Both came within the time that a session waits. */
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-open"), ==, 1);
  test_pipeline_assert_healthy (sender);
}

/* One that comes to an open session brings another session, with both; players
 * stay. */
static void
test_second_medium (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = new_sender (server, LIVE "s.");
  g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc uri=%s ! "
      "video/x-raw ! fakesink name=f async=false", uri);
  g_autoptr (TestTap) tap = NULL;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 5);
  test_pipeline_play (player);
  tap = test_tap_new (player, "f", "sink");
  test_tap_wait (tap, 5);
  add_source (sender, "audiotestsrc is-live=true ! queue", "audio");
  test_wsctl_server_wait_frames (server, "live", "audio", 10);
  test_wsctl_server_wait_frames (server, "live", "video", 10);
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-open"), ==, 2);
  test_pipeline_assert_healthy (sender);
  test_tap_wait (tap, 10);
  g_assert_cmpuint (test_pipeline_count_type (player, GST_MESSAGE_EOS), ==, 0);
}

/* A pad that is linked and gives nothing does not keep the other from going. */
static void
test_silent_pad (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, LIVE
      "s.video appsrc is-live=true ! identity ! s.audio");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 5);
}

/* Another codec than the session has */
static void
test_other_codec (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, "concat name=c ! s. "
      "videotestsrc num-buffers=15 ! " RAW " ! vp8enc deadline=1 ! c. "
      "videotestsrc num-buffers=15 ! " RAW " ! x264enc tune=zerolatency ! "
      "video/x-h264,profile=constrained-baseline ! c.");

  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-reconnecting");
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-open"), ==, 2);
  g_assert_cmpuint (count_video (server), ==, 15);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/sink/sources/file", test_file);
  test_add_in_real_time ("/sink/sources/encoded-here", test_encoded_here);
  test_add_in_real_time ("/sink/sources/restart", test_restart);
  test_add ("/sink/sources/end-too-early", test_end_too_early);
  test_add ("/sink/sources/stop-held", test_stop_held);
  test_add ("/sink/sources/end-held", test_end_held);
  test_add ("/sink/sources/refused", test_refused);
  test_add_in_real_time ("/sink/sources/late-pads", test_late_pads);
  test_add_in_real_time ("/sink/sources/second-medium", test_second_medium);
  test_add_in_real_time ("/sink/sources/silent-pad", test_silent_pad);
  test_add_in_real_time ("/sink/sources/other-codec", test_other_codec);

  return g_test_run ();
}
