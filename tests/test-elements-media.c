/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What goes into wsctlsink comes out of wsctlsrc: for each codec, in each form.
 */

#include <math.h>

#include "testpipeline.h"
#include "testsupport.h"

#define RED "videotestsrc is-live=true pattern=solid-color " \
    "foreground-color=0xffff0000 ! " \
    "video/x-raw,format=I420,width=320,height=240,framerate=15/1"
#define TONE_HZ 440
#define TONE "audiotestsrc is-live=true freq=440 samplesperbuffer=960"

/* Publishes, and returns when the server has had of it. */
static TestPipeline *
publish (GstWsctlServer * server, const gchar * kind, const gchar * line)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  TestPipeline *self =
      test_pipeline_new ("%s ! s.%s wsctlsink name=s uri=%s", line, kind, uri);

  test_pipeline_play (self);
  test_pipeline_wait_element (self, "wsctl-connected");
  test_wsctl_server_wait_frames (server, "live", kind, 3);

  return self;
}

static TestPipeline *
play (GstWsctlServer * server, const gchar * kind, const gchar * line)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  TestPipeline *self =
      test_pipeline_new ("wsctlsrc name=s uri=%s s.%s_0 ! %s ! "
      "fakesink name=out async=false sync=false", uri, kind, line);

  test_pipeline_play (self);

  return self;
}

/* All over the picture: a slice that is lost leaves a stripe. */
static void
assert_red (TestTap * tap)
{
  g_autoptr (GstBuffer) buffer = test_tap_get_buffer (tap);
  GstMapInfo map;
  guint x, y;

  g_assert_nonnull (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_cmpuint (map.size, ==, 320 * 240 * 4);
  for (y = 8; y < 240; y += 16) {
    for (x = 8; x < 320; x += 16) {
      const guint8 *pixel = map.data + (y * 320 + x) * 4;

      g_assert_cmpint (pixel[0], >, 200);
      g_assert_cmpint (pixel[1], <, 60);
      g_assert_cmpint (pixel[2], <, 60);
    }
  }
  gst_buffer_unmap (buffer, &map);
}

static void
check_video (const gchar * codec, const gchar * encoder)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) tap = NULL;
  const GstStructure *open;
  g_autoptr (GstStructure) stream = NULL;

  sender = test_pipeline_new (RED " ! wsctlsink uri=%s video-caps=%s", uri,
      codec);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);

  player = play (server, "video",
      "videoconvert ! video/x-raw,format=RGBx,width=320,height=240");
  tap = test_tap_new (player, "out", "sink");
  open = test_pipeline_wait_element (player, "wsctl-open");
  gst_structure_get (open, "stream", GST_TYPE_STRUCTURE, &stream, NULL);
  g_assert_cmpstr (gst_structure_get_string (stream, "video-codec"), ==,
      encoder);
  test_tap_wait (tap, 5);
  assert_red (tap);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

static void
test_h264 (void)
{
  check_video ("video/x-h264", "H264");
}

/* The player begins with a key frame, which is what slices fall apart in. */
static void
check_slices (const gchar * packing)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *line = g_strdup_printf (RED
      " ! x264enc tune=zerolatency threads=4 key-int-max=300%s", packing);
  g_autoptr (TestPipeline) sender = publish (server, "video", line);
  g_autoptr (TestPipeline) player = play (server, "video",
      "videoconvert ! video/x-raw,format=RGBx");
  g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

  test_tap_wait (tap, 1);
  assert_red (tap);
  test_tap_wait (tap, 5);
  assert_red (tap);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

static void
test_slices (void)
{
  check_slices ("");
}

/* As most people write it: parameter sets before every slice. */
static void
test_slices_rtp (void)
{
  check_slices (" ! rtph264pay config-interval=-1");
}

static void
test_vp8 (void)
{
  check_video ("video/x-vp8", "VP8");
}

static void
test_vp9 (void)
{
  check_video ("video/x-vp9", "VP9");
}

/* How much of the sound is the tone, 0 to 1 (Goertzel) */
static gdouble
measure_tone (const gint16 * samples, guint n, gdouble rate_hz)
{
  gdouble omega = 2 * G_PI * TONE_HZ / rate_hz;
  gdouble re = 0, im = 0, energy = 0;
  guint i;

  for (i = 0; i < n; i++) {
    re += samples[i] * cos (omega * i);
    im += samples[i] * sin (omega * i);
    energy += (gdouble) samples[i] * samples[i];
  }

  return energy > 0 ? 2 * (re * re + im * im) / (n * energy) : 0;
}

static void
assert_tone (TestTap * tap, guint rate_hz)
{
  g_autoptr (GstBuffer) buffer = test_tap_get_buffer (tap);
  GstMapInfo map;

  g_assert_nonnull (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_cmpfloat (measure_tone ((const gint16 *) map.data, map.size / 2,
          rate_hz), >, 0.8);
  gst_buffer_unmap (buffer, &map);
}

static void
check_audio (const gchar * caps, const gchar * codec)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) tap = NULL;
  const GstStructure *open;
  g_autoptr (GstStructure) stream = NULL;

  sender = test_pipeline_new (TONE " ! wsctlsink uri=%s audio-caps=%s", uri,
      caps);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "audio", 3);

  player = play (server, "audio", "audioconvert ! audioresample ! "
      "audio/x-raw,format=S16LE,rate=48000,channels=1");
  tap = test_tap_new (player, "out", "sink");
  open = test_pipeline_wait_element (player, "wsctl-open");
  gst_structure_get (open, "stream", GST_TYPE_STRUCTURE, &stream, NULL);
  g_assert_cmpstr (gst_structure_get_string (stream, "audio-codec"), ==, codec);
  test_tap_wait (tap, 15);
  assert_tone (tap, 48000);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

static void
test_opus (void)
{
  check_audio ("audio/x-opus", "OPUS");
}

static void
test_pcma (void)
{
  check_audio ("audio/x-alaw", "PCMA");
}

static void
test_pcmu (void)
{
  check_audio ("audio/x-mulaw", "PCMU");
}

/* Encoded in, parsed out */
static void
check_encoded (const gchar * kind, const gchar * line, const gchar * caps)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = publish (server, kind, line);
  g_autoptr (TestPipeline) player = play (server, kind, caps);
  g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

  test_tap_wait (tap, 5);
  test_tap_wait_caps (tap, caps);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

static void
test_encoded (void)
{
  check_encoded ("video", RED " ! x264enc tune=zerolatency key-int-max=15",
      "video/x-h264,stream-format=byte-stream,alignment=au");
  check_encoded ("video", RED " ! x264enc tune=zerolatency key-int-max=15 ! "
      "video/x-h264,stream-format=avc", "video/x-h264,stream-format=avc");
  check_encoded ("video", RED " ! vp8enc deadline=1 keyframe-max-dist=15",
      "video/x-vp8");
  check_encoded ("video", RED " ! vp9enc deadline=1 cpu-used=8 "
      "keyframe-max-dist=15", "video/x-vp9");
  check_encoded ("video", RED " ! x265enc tune=zerolatency key-int-max=15 "
      "speed-preset=ultrafast option-string=bframes=0",
      "video/x-h265,stream-format=byte-stream,alignment=au");
  check_encoded ("audio", TONE " ! opusenc", "audio/x-opus");
  check_encoded ("audio", TONE " ! audio/x-raw,rate=8000,channels=1 ! alawenc",
      "audio/x-alaw");
  check_encoded ("audio", TONE " ! audio/x-raw,rate=8000,channels=1 ! mulawenc",
      "audio/x-mulaw");
}

/* RTP in, RTP out */
static void
test_rtp (void)
{
  check_encoded ("video", RED " ! x264enc tune=zerolatency key-int-max=15 ! "
      "rtph264pay pt=97 config-interval=-1 mtu=1200",
      "application/x-rtp,encoding-name=H264");
  check_encoded ("video", RED " ! vp8enc deadline=1 keyframe-max-dist=15 ! "
      "rtpvp8pay pt=98 mtu=1200", "application/x-rtp,encoding-name=VP8");
  check_encoded ("video", RED " ! x265enc tune=zerolatency key-int-max=15 "
      "speed-preset=ultrafast option-string=bframes=0 ! "
      "rtph265pay pt=97 config-interval=-1 mtu=1200",
      "application/x-rtp,encoding-name=H265");
  check_encoded ("audio", TONE " ! opusenc ! rtpopuspay pt=99",
      "application/x-rtp,encoding-name=OPUS");
  check_encoded ("audio", TONE " ! audio/x-raw,rate=8000,channels=1 ! "
      "mulawenc ! rtppcmupay", "application/x-rtp,encoding-name=PCMU");
}

/* Picture and tone at once, and as they were */
static void
test_both (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) video = NULL;
  g_autoptr (TestTap) audio = NULL;

  sender = test_pipeline_new (RED " ! s.video " TONE " ! s.audio "
      "wsctlsink name=s uri=%s", uri);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  test_wsctl_server_wait_frames (server, "live", "audio", 3);

  player = test_pipeline_new ("wsctlsrc name=s uri=%s "
      "s.video_0 ! queue ! videoconvert ! "
      "video/x-raw,format=RGBx,width=320,height=240 ! "
      "fakesink name=video async=false sync=false "
      "s.audio_0 ! queue ! audioconvert ! audioresample ! "
      "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
      "fakesink name=audio async=false sync=false", uri);
  test_pipeline_play (player);
  video = test_tap_new (player, "video", "sink");
  audio = test_tap_new (player, "audio", "sink");
  test_tap_wait (video, 5);
  test_tap_wait (audio, 15);
  assert_red (video);
  assert_tone (audio, 48000);
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

/* The size changes while publishing: the player follows. */
static void
test_size_change (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) tap = NULL;
  g_autoptr (GstElement) filter = NULL;
  g_autoptr (GstCaps) larger =
      gst_caps_from_string ("video/x-raw,width=640,height=360,framerate=15/1");

  sender = test_pipeline_new ("videotestsrc is-live=true ! "
      "capsfilter name=f caps=video/x-raw,width=320,height=240,framerate=15/1 "
      "! wsctlsink uri=%s", uri);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  player = play (server, "video", "identity");
  tap = test_tap_new (player, "out", "sink");
  test_tap_wait_caps (tap, "video/x-raw,width=320,height=240");

  filter = test_pipeline_find (sender, "f");
  g_object_set (filter, "caps", larger, NULL);
  test_tap_wait_caps (tap, "video/x-raw,width=640,height=360");
  test_pipeline_assert_healthy (sender);
  test_pipeline_assert_healthy (player);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/elements/media/h264", test_h264);
  test_add ("/elements/media/slices", test_slices);
  test_add ("/elements/media/slices-rtp", test_slices_rtp);
  test_add ("/elements/media/vp8", test_vp8);
  test_add ("/elements/media/vp9", test_vp9);
  test_add ("/elements/media/opus", test_opus);
  test_add ("/elements/media/pcma", test_pcma);
  test_add ("/elements/media/pcmu", test_pcmu);
  test_add ("/elements/media/encoded", test_encoded);
  test_add ("/elements/media/rtp", test_rtp);
  test_add ("/elements/media/both", test_both);
  test_add ("/elements/media/size-change", test_size_change);

  return g_test_run ();
}
