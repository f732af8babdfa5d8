/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "testplayer.h"

#include <gst/video/video.h>

#include "testsupport.h"

#define BLACK 40
#define WHITE 210
/* Of 16 bits; an encoder makes noise of silence. */
#define LOUD 2000
#define QUIET 200

struct _TestPlayer
{
  TestPipeline *pipeline;
  TestTap *given;               /* what wsctlsrc gives */
  TestTap *shown;
};

TestPlayer *
test_player_new (GstWsctlServer * server, const gchar * stream,
    const gchar * kind)
{
  TestPlayer *self = g_new0 (TestPlayer, 1);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, stream);
  gboolean video = g_str_equal (kind, "video");

  self->pipeline = test_pipeline_new ("wsctlsrc name=s uri=%s "
      "wait-for-stream=true s.%s ! identity name=given ! %s ! "
      "fakesink name=shown async=false sync=false", uri,
      video ? "video_0" : "audio_0",
      video ? "videoconvert ! video/x-raw,format=GRAY8"
      : "audioconvert ! audio/x-raw,format=S16LE,channels=2");
  self->given = test_tap_new (self->pipeline, "given", "sink");
  self->shown = test_tap_new (self->pipeline, "shown", "sink");
  test_pipeline_play (self->pipeline);

  return self;
}

void
test_player_wait_caps (TestPlayer * self, const gchar * caps)
{
  test_tap_wait_caps (self->given, caps);
}

/* In the middle */
static guint8
get_brightness (GstBuffer * buffer, GstCaps * caps)
{
  GstVideoFrame frame;
  GstVideoInfo info;
  guint8 brightness;

  g_assert_true (gst_video_info_from_caps (&info, caps));
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  brightness = ((guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0))
      [info.height / 2 * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0)
      + info.width / 2];
  gst_video_frame_unmap (&frame);

  return brightness;
}

void
test_player_wait_blink (TestPlayer * self)
{
  gboolean black = FALSE, white = FALSE;

  while (!black || !white) {
    g_autoptr (GstBuffer) buffer = NULL;
    g_autoptr (GstCaps) caps = NULL;
    guint8 brightness;

    test_tap_wait (self->shown, 1);
    buffer = test_tap_get_buffer (self->shown);
    caps = test_tap_get_caps (self->shown);
    brightness = get_brightness (buffer, caps);
    black |= brightness < BLACK;
    white |= brightness > WHITE;
  }
}

/* The largest sample of a channel */
static gint
get_loudness (GstBuffer * buffer, guint channel)
{
  GstMapInfo map;
  gint loudest = 0;
  gsize i;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (i = channel; i < map.size / sizeof (gint16); i += 2)
    loudest = MAX (loudest, ABS ((gint) ((gint16 *) map.data)[i]));
  gst_buffer_unmap (buffer, &map);

  return loudest;
}

static gboolean
is_as (gint loudness, gboolean loud)
{
  return loud ? loudness > LOUD : loudness < QUIET;
}

void
test_player_wait_sound (TestPlayer * self, gboolean left, gboolean right)
{
  guint n = 0;

  while (n < 50) {
    g_autoptr (GstBuffer) buffer = NULL;

    test_tap_wait (self->shown, 1);
    buffer = test_tap_get_buffer (self->shown);
    if (is_as (get_loudness (buffer, 0), left)
        && is_as (get_loudness (buffer, 1), right))
      n++;
    else
      n = 0;
  }
}

void
test_player_free (TestPlayer * self)
{
  test_tap_free (self->given);
  test_tap_free (self->shown);
  test_pipeline_stop (self->pipeline);
  test_pipeline_assert_healthy (self->pipeline);
  test_pipeline_free (self->pipeline);
  g_free (self);
}
