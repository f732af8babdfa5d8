/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsrc inside what applications are made of: what finds out about a stream,
 * what decodes it, what records it.
 */

#include <glib/gstdio.h>
#include <gst/pbutils/pbutils.h>

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=320,height=240,framerate=30/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960"
#define SINK "fakesink async=false sync=false"
#define DISCOVER_TIMEOUT (20 * GST_SECOND)
#define RECORDED_FRAMES 45

static GstWsctlServer *server;
static gchar *uri;              /* wsctl:// */
static TestPipeline *sender;

static void
start (void)
{
  g_autofree gchar *ws = NULL;

  server = test_wsctl_server_new (0);
  ws = test_wsctl_server_get_uri (server, "live");
  uri = g_strconcat ("wsctl", ws + strlen ("ws"), NULL);
  sender = test_pipeline_new ("wsctlsink name=s uri=%s " PICTURE " ! s.video "
      SOUND " ! s.audio", ws);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  test_wsctl_server_wait_frames (server, "live", "audio", 3);
}

static void
stop (void)
{
  g_clear_pointer (&sender, test_pipeline_free);
  g_clear_object (&server);
  g_clear_pointer (&uri, g_free);
}

static GstDiscovererInfo *
discover (const gchar * address)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstDiscoverer) discoverer =
      gst_discoverer_new (DISCOVER_TIMEOUT, &error);
  GstDiscovererInfo *info;

  g_assert_no_error (error);
  test_say ("the discoverer");
  info = gst_discoverer_discover_uri (discoverer, address, &error);
  g_assert_no_error (error);
  g_assert_cmpint (gst_discoverer_info_get_result (info), ==,
      GST_DISCOVERER_OK);

  return info;
}

static void
check_streams (GstDiscovererInfo * info)
{
  GList *video = gst_discoverer_info_get_video_streams (info);
  GList *audio = gst_discoverer_info_get_audio_streams (info);

  g_assert_cmpuint (g_list_length (video), ==, 1);
  g_assert_cmpuint (gst_discoverer_video_info_get_width (video->data), ==, 320);
  g_assert_cmpuint (gst_discoverer_video_info_get_height (video->data), ==,
      240);
  g_assert_cmpuint (g_list_length (audio), ==, 1);
  gst_discoverer_stream_info_list_free (video);
  gst_discoverer_stream_info_list_free (audio);
}

static void
test_discoverer (void)
{
  GstDiscovererInfo *info;

  start ();
  info = discover (uri);
  g_assert_true (gst_discoverer_info_get_live (info));
  check_streams (info);
  gst_discoverer_info_unref (info);
  stop ();
}

static void
check_line (const gchar * format)
{
  g_autofree gchar *line = g_strdup_printf (format, uri);
  g_autoptr (TestPipeline) player = test_pipeline_new ("%s", line);
  g_autoptr (TestTap) video = test_tap_new (player, "video", "sink");
  g_autoptr (TestTap) audio = test_tap_new (player, "audio", "sink");

  test_pipeline_play (player);
  test_tap_wait_caps (video, "video/x-raw");
  test_tap_wait_caps (audio, "audio/x-raw");
  test_tap_wait (video, 10);
  test_tap_wait (audio, 10);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

static void
test_decodebins (void)
{
  start ();
  check_line ("uridecodebin3 name=d uri=%s d. ! video/x-raw ! queue ! " SINK
      " name=video d. ! audio/x-raw ! queue ! " SINK " name=audio");
  check_line ("uridecodebin name=d uri=%s d. ! video/x-raw ! queue ! " SINK
      " name=video d. ! audio/x-raw ! queue ! " SINK " name=audio");
  check_line ("wsctlsrc name=r uri=%s r.video_0 ! video/x-h264 ! decodebin3 ! "
      SINK " name=video r.audio_0 ! audio/x-opus ! decodebin3 ! " SINK
      " name=audio");
  stop ();
}

/* A bin of the application's, with a ghost pad of each pad that comes */
static void
on_inner_pad (GstElement * src, GstPad * pad, GstElement * bin)
{
  GstPad *ghost = gst_ghost_pad_new (GST_PAD_NAME (pad), pad);

  gst_pad_set_active (ghost, TRUE);
  gst_element_add_pad (bin, ghost);
}

static void
on_outer_pad (GstElement * bin, GstPad * pad, GstElement * pipeline)
{
  const gchar *name = g_str_has_prefix (GST_PAD_NAME (pad), "video") ? "video"
      : "audio";
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);

  g_assert_true (gst_element_link_pads (bin, GST_PAD_NAME (pad), sink, "sink"));
}

static void
test_bin (void)
{
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) video = NULL;
  g_autoptr (TestTap) audio = NULL;
  GstElement *bin = gst_bin_new (NULL);
  GstElement *src = gst_element_factory_make ("wsctlsrc", NULL);

  start ();
  player = test_pipeline_new (SINK " name=video " SINK " name=audio");
  video = test_tap_new (player, "video", "sink");
  audio = test_tap_new (player, "audio", "sink");
  g_object_set (src, "uri", uri, NULL);
  gst_bin_add (GST_BIN (bin), src);
  g_signal_connect (src, "pad-added", G_CALLBACK (on_inner_pad), bin);
  g_signal_connect (bin, "pad-added", G_CALLBACK (on_outer_pad),
      test_pipeline_get (player));
  gst_bin_add (GST_BIN (test_pipeline_get (player)), bin);

  test_pipeline_play (player);
  test_tap_wait_caps (video, "video/x-raw");
  test_tap_wait_caps (audio, "audio/x-raw");
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
  stop ();
}

/* Shown and written at the same time. When the publisher leaves, the file is
 * finished, and can be played. */
static void
test_recording (void)
{
  g_autofree gchar *dir = g_dir_make_tmp ("wsctl-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (dir, "live.mp4", NULL);
  g_autofree gchar *file_uri = g_strconcat ("file://", path, NULL);
  GstDiscovererInfo *info;

  start ();
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s "
        "mp4mux name=m ! filesink async=false location=%s "
        "r.video_0 ! video/x-h264 ! h264parse ! tee name=t t. ! queue ! m. "
        "t. ! queue ! decodebin3 ! " SINK " name=out "
        "r.audio_0 ! audio/x-opus ! opusparse ! queue ! m.", uri, path);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

    test_pipeline_play (player);
    test_tap_wait (tap, RECORDED_FRAMES);
    test_pipeline_stop (sender);
    test_pipeline_wait_type (player, GST_MESSAGE_EOS);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  info = discover (file_uri);
  check_streams (info);
  g_assert_cmpuint (gst_discoverer_info_get_duration (info), >=, GST_SECOND);
  g_assert_cmpuint (gst_discoverer_info_get_duration (info), <=,
      60 * GST_SECOND);
  gst_discoverer_info_unref (info);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("filesrc location=%s ! decodebin3 ! video/x-raw ! "
        SINK " name=out", path);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

    test_pipeline_play (player);
    test_tap_wait_eos (tap);
    g_assert_cmpuint (test_tap_count (tap), >=, RECORDED_FRAMES / 2);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  g_unlink (path);
  g_rmdir (dir);
  stop ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/apps/discoverer", test_discoverer);
  test_add ("/src/apps/decodebins", test_decodebins);
  test_add ("/src/apps/bin", test_bin);
  test_add ("/src/apps/recording", test_recording);

  return g_test_run ();
}
