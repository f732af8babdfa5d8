/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsink: encoders that fail, and what an application has to say to those
 * that do not, here and upstream.
 */

#include <gst/video/video.h>

#include "testencoder.h"
#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"

static TestPipeline *
new_sender (GstWsctlServer * server, const gchar * line)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");

  return test_pipeline_new ("wsctlsink name=s uri=%s %s", uri, line);
}

static void
check_fallback (TestEncoderFault fault)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE " ! s.video");

  test_encoder_register_faulty (fault);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 30);
  test_pipeline_assert_healthy (sender);
  test_pipeline_stop (sender);
  g_assert_cmpuint (test_encoder_count_tries (), >=, 1);
  test_encoder_unregister_faulty ();
}

static void
test_fails_to_start (void)
{
  check_fallback (TEST_ENCODER_FAILS_TO_START);
}

static void
test_refuses_caps (void)
{
  check_fallback (TEST_ENCODER_REFUSES_CAPS);
}

static void
test_fails_at_once (void)
{
  check_fallback (TEST_ENCODER_FAILS_AT_ONCE);
}

static void
test_fails_later (void)
{
  check_fallback (TEST_ENCODER_FAILS_LATER);
}

/* With no other encoder to take its place: one error, which says what is wrong;
 * upstream plays on. */
static void
test_none_left (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "video-caps=video/x-h264 " PICTURE " ! tee name=t t. ! queue ! s.video "
      "t. ! queue ! fakesink name=local");
  g_autoptr (TestTap) tap = test_tap_new (sender, "local", "sink");
  GstRegistry *registry = gst_registry_get ();
  const gchar *names[] = { "x264enc", "openh264enc" };
  GstPluginFeature *removed[G_N_ELEMENTS (names)];
  guint i;

  test_encoder_register_faulty (TEST_ENCODER_FAILS_LATER);
  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    removed[i] = gst_registry_lookup_feature (registry, names[i]);
    gst_registry_remove_feature (registry, removed[i]);
  }

  test_pipeline_play (sender);
  test_pipeline_wait_type (sender, GST_MESSAGE_ERROR);
  test_tap_wait (tap, 10);
  test_pipeline_expect_error (sender, GST_STREAM_ERROR,
      GST_STREAM_ERROR_ENCODE, "the device is gone");

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    gst_registry_add_feature (registry, removed[i]);
  test_encoder_unregister_faulty ();
}

/* What the handlers of the two signals heard */
typedef struct
{
  gboolean does_all;
  gint encoders;                /* atomic */
  gint payloaders;              /* atomic */
  gchar *stream;
  gchar *pad;
} Heard;

static gboolean
on_encoder_setup (GstElement * sink, const gchar * stream, const gchar * pad,
    GstElement * encoder, Heard * heard)
{
  g_atomic_int_inc (&heard->encoders);
  g_free (heard->stream);
  g_free (heard->pad);
  heard->stream = g_strdup (stream);
  heard->pad = g_strdup (pad);
  g_object_set (encoder, "key-int-max", 77, "threads", 1, NULL);

  return heard->does_all;
}

static gboolean
on_payloader_setup (GstElement * sink, const gchar * stream, const gchar * pad,
    GstElement * payloader, Heard * heard)
{
  g_atomic_int_inc (&heard->payloaders);
  g_object_set (payloader, "mtu", 900, NULL);

  return heard->does_all;
}

static guint
get_child_uint (GstElement * sink, const gchar * name)
{
  guint value = G_MAXUINT;

  gst_child_proxy_get (GST_CHILD_PROXY (sink), name, &value, NULL);

  return value;
}

static void
check_setup (gboolean does_all)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "video-caps=video/x-h264 " PICTURE " ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  Heard heard = { does_all, };

  g_signal_connect (sink, "encoder-setup", G_CALLBACK (on_encoder_setup),
      &heard);
  g_signal_connect (sink, "payloader-setup", G_CALLBACK (on_payloader_setup),
      &heard);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  g_assert_cmpint (g_atomic_int_get (&heard.encoders), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&heard.payloaders), ==, 1);
  g_assert_cmpstr (heard.stream, ==, "live");
  g_assert_cmpstr (heard.pad, ==, "video");
  /* Who does not do it all gets our settings over his. */
  g_assert_cmpuint (get_child_uint (sink, "video::encoder::key-int-max"), ==,
      does_all ? 77 : 2560);
  g_assert_cmpuint (get_child_uint (sink, "video::payloader::mtu"), ==,
      does_all ? 900 : 1200);
  test_pipeline_assert_healthy (sender);
  test_pipeline_stop (sender);
  g_free (heard.stream);
  g_free (heard.pad);
}

static void
test_setup (void)
{
  check_setup (FALSE);
  check_setup (TRUE);
}

/* As in a launch line, before there is such a child */
static void
test_children (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "video-caps=video/x-h264 video::encoder::key-int-max=99 "
      "video::payloader::mtu=1000 " PICTURE " ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  g_assert_cmpuint (get_child_uint (sink, "video::encoder::key-int-max"), ==,
      99);
  g_assert_cmpuint (get_child_uint (sink, "video::payloader::mtu"), ==, 1000);
  test_pipeline_assert_healthy (sender);
}

static void
test_b_frames (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE
      " ! x264enc bframes=2 b-adapt=false rc-lookahead=2 speed-preset=ultrafast"
      " ! video/x-h264,profile=main ! s.video");

  test_pipeline_play (sender);
  test_pipeline_expect_error (sender, GST_STREAM_ERROR,
      GST_STREAM_ERROR_FORMAT, "B-frames");
}

static GstPadProbeReturn
on_upstream_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  const GstStructure *structure = gst_event_get_structure (event);
  guint bitrate_bps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      && gst_structure_has_name (structure, "wsctl-bitrate")
      && gst_structure_get_uint (structure, "bitrate", &bitrate_bps))
    g_atomic_int_set ((gint *) data, (gint) bitrate_bps);

  return GST_PAD_PROBE_OK;
}

static void
wait_bitrate (GstElement * encoder, guint kbps)
{
  guint now = 0;

  test_say ("the bitrate of an encoder upstream");
  while (now != kbps) {
    g_usleep (2000);
    g_object_get (encoder, "bitrate", &now, NULL);
  }
}

/* The encoder is in a bin, behind a queue, a parser, a filter and a tee. */
static void
check_upstream (gboolean control)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "video-bitrate=700000 tee name=t ! queue ! s.video t. ! queue ! fakesink "
      "( videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! "
      "x264enc name=e tune=zerolatency bitrate=2000 ! queue ) ! h264parse ! "
      "video/x-h264 ! t.");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstElement) encoder = test_pipeline_find (sender, "e");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");
  gint heard = 0;               /* atomic */

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_upstream_event,
      &heard, NULL);
  g_object_set (sink, "control-upstream-encoder", control, NULL);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  wait_bitrate (encoder, control ? 700 : 2000);
  g_object_set (sink, "video-bitrate", 400000, NULL);
  test_say ("the event with a bitrate");
  while (g_atomic_int_get (&heard) != 400000)
    g_usleep (2000);
  wait_bitrate (encoder, control ? 400 : 2000);
  test_pipeline_stop (sender);
  test_pipeline_assert_healthy (sender);
}

static void
test_upstream (void)
{
  check_upstream (TRUE);
  check_upstream (FALSE);
}

/* Counts key frames and demands for them at an encoder. */
typedef struct
{
  gint frames;                  /* atomic */
  gint keys;                    /* atomic */
  gint demands;                 /* atomic */
} Keys;

static GstPadProbeReturn
on_encoded (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Keys *keys = data;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_UPSTREAM) {
    if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
      g_atomic_int_inc (&keys->demands);
    return GST_PAD_PROBE_OK;
  }

  g_atomic_int_inc (&keys->frames);
  if (!GST_BUFFER_FLAG_IS_SET (GST_PAD_PROBE_INFO_BUFFER (info),
          GST_BUFFER_FLAG_DELTA_UNIT))
    g_atomic_int_inc (&keys->keys);

  return GST_PAD_PROBE_OK;
}

/* Two seconds of frames with a key frame wanted of each: by time they are at
 * most one each half a second. */
static void
test_key_frame_limit (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE
      " ! x264enc name=e tune=zerolatency key-int-max=1000 ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstElement) encoder = test_pipeline_find (sender, "e");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");
  g_autoptr (GstElement) chain = NULL;
  g_autoptr (GstPad) src = NULL;
  Keys keys = { 0, };
  gint64 start_us;
  gint frames, demands, seconds_half;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_encoded, &keys, NULL);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  chain = GST_ELEMENT (gst_child_proxy_get_child_by_name (GST_CHILD_PROXY
          (sink), "video"));
  src = gst_element_get_static_pad (chain, "src");

  start_us = g_get_monotonic_time ();
  demands = g_atomic_int_get (&keys.demands);
  frames = g_atomic_int_get (&keys.frames);
  test_say ("frames of two seconds");
  while (g_atomic_int_get (&keys.frames) < frames + 60) {
    gst_pad_send_event (src,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE,
            TRUE, 0));
    g_usleep (10000);
  }
  demands = g_atomic_int_get (&keys.demands) - demands;
  seconds_half = (gint) ((g_get_monotonic_time () - start_us)
      / (G_USEC_PER_SEC / 2));
  g_assert_cmpint (demands, <=, seconds_half + 1);
  g_assert_cmpint (demands, >=, 2);
  test_pipeline_stop (sender);
  test_pipeline_assert_healthy (sender);
}

/* The server is told, and the encoder asked. */
static void
test_key_frame_interval (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "keyframe-interval=60000 " PICTURE
      " ! x264enc name=e tune=zerolatency key-int-max=1000 ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstElement) encoder = test_pipeline_find (sender, "e");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");
  Keys keys = { 0, };
  gint before;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_encoded, &keys, NULL);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 60);
  /* The first one and that of the connection: the server, whose own is two
   * seconds, has been told of a minute. */
  before = g_atomic_int_get (&keys.keys);
  g_assert_cmpint (before, <=, 3);
  g_object_set (sink, "keyframe-interval", 500, NULL);
  test_say ("three more key frames");
  while (g_atomic_int_get (&keys.keys) < before + 3)
    g_usleep (5000);
  test_pipeline_stop (sender);
  test_pipeline_assert_healthy (sender);
}

/* Any profile without B-frames passes, and is offered as what it is. */
static void
test_high_profile (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE
      " ! x264enc tune=zerolatency ! video/x-h264,profile=high ! s.video");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 10);
  test_pipeline_assert_healthy (sender);
}

/* Waits until the encoder is given such pictures. */
static void
wait_picture (GstElement * sink, gint width, gint height, gint fps_n,
    gint fps_d)
{
  g_autoptr (GstElement) chain = GST_ELEMENT
      (gst_child_proxy_get_child_by_name (GST_CHILD_PROXY (sink), "video"));
  g_autoptr (GstElement) encoder =
      gst_bin_get_by_name (GST_BIN (chain), "encoder");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "sink");
  g_autoptr (GstCaps) wanted = gst_caps_new_simple ("video/x-raw",
      "width", G_TYPE_INT, width, "height", G_TYPE_INT, height,
      "framerate", GST_TYPE_FRACTION, fps_n, fps_d, NULL);
  gboolean found = FALSE;

  test_say ("pictures of another size or rate at the encoder");
  while (!found) {
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

    found = caps != NULL && gst_caps_is_subset (caps, wanted);
    g_usleep (5000);
  }
}

/* Too little for the picture, less, and enough again */
static void
test_mitigation (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "video-caps=video/x-h264 video-bitrate=1000000 "
      "videotestsrc is-live=true ! "
      "video/x-raw,width=1280,height=720,framerate=10/1 ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  wait_picture (sink, 1280, 720, 10, 1);
  g_object_set (sink, "video-bitrate", 250000, NULL);
  wait_picture (sink, 640, 360, 10, 1);
  g_object_set (sink, "video-bitrate", 100000, NULL);
  wait_picture (sink, 640, 360, 5, 1);
  gst_util_set_object_arg (G_OBJECT (sink), "enable-mitigation-modes",
      "downscaled");
  wait_picture (sink, 640, 360, 10, 1);
  gst_util_set_object_arg (G_OBJECT (sink), "enable-mitigation-modes",
      "downscaled+downsampled");
  wait_picture (sink, 640, 360, 5, 1);
  g_object_set (sink, "video-bitrate", 1000000, NULL);
  wait_picture (sink, 1280, 720, 10, 1);
  test_wsctl_server_wait_frames (server, "live", "video",
      gst_wsctl_server_count_frames (server, "live", "video") + 3);
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-open"), ==, 1);
  test_pipeline_assert_healthy (sender);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/sink-encoding/fails-to-start", test_fails_to_start);
  test_add ("/sink-encoding/refuses-caps", test_refuses_caps);
  test_add ("/sink-encoding/fails-at-once", test_fails_at_once);
  test_add ("/sink-encoding/fails-later", test_fails_later);
  test_add ("/sink-encoding/none-left", test_none_left);
  test_add ("/sink-encoding/setup", test_setup);
  test_add ("/sink-encoding/children", test_children);
  test_add ("/sink-encoding/b-frames", test_b_frames);
  test_add ("/sink-encoding/high-profile", test_high_profile);
  test_add ("/sink-encoding/mitigation", test_mitigation);
  test_add ("/sink-encoding/upstream", test_upstream);
  test_add ("/sink-encoding/key-frame-limit", test_key_frame_limit);
  test_add ("/sink-encoding/key-frame-interval", test_key_frame_interval);

  return g_test_run ();
}
