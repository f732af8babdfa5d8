/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The README's lines for recording and for playing, as they are printed there,
 * with streams that change their size, go away and return, or have one medium
 * only (docs/recording.md).
 */

#include <glib/gstdio.h>
#include <string.h>

#include "testpipeline.h"
#include "testprocess.h"
#include "testsupport.h"

#define PRINTED "ws://127.0.0.1:8080/webrtc/live"
#define QUICK "reconnect-min-delay=50 reconnect-max-delay=200"
#define SMALL "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
/* Large enough for the rate control to make it smaller, and for another default
 * colorimetry than the smaller one has */
#define HEIGHT 600
#define LARGE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=640,height=600,framerate=15/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960"
#define SHRUNK_HEIGHT 360
#define N_RETURNS 4
/* The times of a file are rounded, and a first packet may be lost. */
#define APART (100 * GST_MSECOND)

/* What a file has of one medium */
typedef struct
{
  guint n;
  GstClockTime first;
  GstClockTime last;
  GstClockTime longest;         /* from one to the next */
  GArray *heights;              /* one after the other */
} Track;

/* The line below a title of the README; transfer full. */
static gchar *
read_line (const gchar * title)
{
  g_autofree gchar *path =
      g_test_build_filename (G_TEST_DIST, "..", "README.md", NULL);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  const gchar *begin;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  begin = strstr (text, title);
  g_assert_nonnull (begin);
  begin = strstr (begin, "gst-launch-1.0 ");
  g_assert_nonnull (begin);
  begin += strlen ("gst-launch-1.0 ");
  if (g_str_has_prefix (begin, "-e "))
    begin += strlen ("-e ");

  return g_strndup (begin, strcspn (begin, "\n"));
}

static void
replace (gchar ** line, const gchar * from, const gchar * to)
{
  g_auto (GStrv) parts = g_strsplit (*line, from, -1);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_free (*line);
  *line = g_strjoinv (to, parts);
}

/* The README's, with another address and file */
static TestPipeline *
make_recorder (const gchar * uri, const gchar * path)
{
  g_autofree gchar *line = read_line ("Record ");
  g_autofree gchar *address = g_strconcat (uri, " " QUICK, NULL);

  replace (&line, PRINTED, address);
  replace (&line, "live.mkv", path);

  return test_pipeline_new ("%s", line);
}

/* The same with what stands in for a screen and a loudspeaker */
static TestPipeline *
make_player (const gchar * uri)
{
  g_autofree gchar *line = read_line ("Play picture and sound");
  g_autofree gchar *address = g_strconcat (uri, " " QUICK, NULL);

  replace (&line, PRINTED, address);
  replace (&line, "autovideosink", "fakesink name=video sync=true");
  replace (&line, "autoaudiosink", "fakesink name=audio sync=true");

  return test_pipeline_new ("%s", line);
}

static GstPadProbeReturn
on_decoded (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Track *track = data;
  GstClockTime time = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint height = 0;

  if (track->n++ == 0) {
    track->first = time;
  } else {
    g_assert_cmpuint (time, >, track->last);
    track->longest = MAX (track->longest, time - track->last);
  }
  track->last = time;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);
  if (track->heights->len == 0
      || g_array_index (track->heights, gint,
          track->heights->len - 1) != height)
    g_array_append_val (track->heights, height);

  return GST_PAD_PROBE_OK;
}

static void
watch_track (TestPipeline * pipeline, const gchar * name, Track * track)
{
  g_autoptr (GstElement) sink = test_pipeline_find (pipeline, name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  memset (track, 0, sizeof *track);
  track->heights = g_array_new (FALSE, FALSE, sizeof (gint));
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_decoded, track, NULL);
}

/* Decodes the file, which goes away. */
static void
read_file (const gchar * path, Track * video, Track * audio)
{
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("filesrc location=%s ! decodebin name=d "
      "d. ! video/x-raw ! queue ! fakesink sync=false name=video%s", path,
      audio == NULL ? ""
      : " d. ! audio/x-raw ! queue ! fakesink sync=false name=audio");

  watch_track (player, "video", video);
  if (audio != NULL)
    watch_track (player, "audio", audio);
  test_say ("the end of the file");
  test_pipeline_play (player);
  test_pipeline_wait_type (player, GST_MESSAGE_EOS);
  test_pipeline_stop (player);
  g_unlink (path);
}

static void
clear_track (Track * track)
{
  g_array_unref (track->heights);
}

/* As gst-launch does at an interrupt with -e */
static void
finish (TestPipeline * recorder)
{
  gst_element_send_event (test_pipeline_get (recorder), gst_event_new_eos ());
  test_say ("the end of the recording");
  test_pipeline_wait_type (recorder, GST_MESSAGE_EOS);
  test_pipeline_stop (recorder);
}

static void
assert_together (const Track * video, const Track * audio)
{
  g_assert_cmpuint (MIN (video->first, audio->first), <, APART);
  g_assert_cmpuint (MAX (video->first, audio->first), <, 4 * APART);
  g_assert_cmpint (ABS (GST_CLOCK_DIFF (video->last, audio->last)), <,
      4 * APART);
}

static gint
get_height (TestTap * tap)
{
  g_autoptr (GstCaps) caps = test_tap_get_caps (tap);
  gint height = 0;

  if (caps != NULL)
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);

  return height;
}

static gchar *
get_colorimetry (TestTap * tap)
{
  g_autoptr (GstCaps) caps = test_tap_get_caps (tap);

  return g_strdup (gst_structure_get_string (gst_caps_get_structure (caps, 0),
          "colorimetry"));
}

/* Records a publisher that makes its picture smaller on the way. */
static void
record_shrinking (TestPipeline * recorder, TestPipeline * sender, gchar * path)
{
  g_autoptr (TestTap) tap = test_tap_new (recorder, "m", "video_0");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autofree gchar *before = NULL;
  g_autofree gchar *after = NULL;
  Track video, audio;
  guint n;

  test_pipeline_play (recorder);
  test_tap_wait (tap, 15);
  before = get_colorimetry (tap);
  g_object_set (sink, "video-bitrate", 100000, NULL);
  test_say ("smaller pictures");
  while (get_height (tap) != SHRUNK_HEIGHT)
    test_tap_wait (tap, 1);
  test_tap_wait (tap, 15);
  after = get_colorimetry (tap);
  g_assert_cmpstr (after, ==, before);
  finish (recorder);
  test_pipeline_assert_healthy (recorder);
  n = test_tap_count (tap);

  read_file (path, &video, &audio);
  g_assert_cmpuint (video.n, ==, n);
  g_assert_cmpuint (video.heights->len, ==, 2);
  g_assert_cmpint (g_array_index (video.heights, gint, 0), ==, HEIGHT);
  g_assert_cmpint (g_array_index (video.heights, gint, 1), ==, SHRUNK_HEIGHT);
  assert_together (&video, &audio);
  clear_track (&video);
  clear_track (&audio);
}

/* Of each muxer; NULL is for the README's line. */
static const gchar *recorders[] = {
  NULL,
  "s. ! queue ! video/x-h264 ! h264parse ! m. s. ! queue ! audio/x-opus ! m. "
      "matroskamux name=m offset-to-zero=true ! filesink location=",
  "s. ! queue ! video/x-h264,stream-format=avc ! m. "
      "s. ! queue ! audio/x-opus ! m. mp4mux name=m ! filesink location=",
};

static void
test_size (void)
{
  g_autofree gchar *dir = g_dir_make_tmp ("wsctl-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (dir, "live", NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (recorders); i++) {
    g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
    g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
    g_autoptr (TestPipeline) sender =
        test_pipeline_new ("wsctlsink name=s uri=%s video-bitrate=1500000 "
        LARGE " ! s.video " SOUND " ! s.audio", uri);
    g_autoptr (TestPipeline) recorder = NULL;

    test_watchdog_restart ();
    g_test_message ("recorder %u", i);
    test_pipeline_play (sender);
    test_wsctl_server_wait_frames (server, "live", "video", 3);
    test_wsctl_server_wait_frames (server, "live", "audio", 3);
    recorder = recorders[i] == NULL ? make_recorder (uri, path)
        : test_pipeline_new ("wsctlsrc name=s uri=%s %s%s", uri, recorders[i],
        path);
    record_shrinking (recorder, sender, path);
  }
  g_rmdir (dir);
}

/* Server and publisher go away and return, again and again. */
static void
test_returns (void)
{
  g_autofree gchar *dir = g_dir_make_tmp ("wsctl-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (dir, "live", NULL);
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  const gchar *uri = test_process_get_uri (process);
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) recorder = NULL;
  g_autoptr (TestTap) tap = NULL;
  gint64 begin_us, took_us;
  Track video, audio;
  guint i;

  test_process_start (process);
  sender = test_pipeline_new ("wsctlsink name=s uri=%s " QUICK " " SMALL
      " ! s.video " SOUND " ! s.audio", uri);
  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-media-report");
  recorder = make_recorder (uri, path);
  tap = test_tap_new (recorder, "m", "video_0");
  test_pipeline_play (recorder);
  test_tap_wait (tap, 15);
  begin_us = g_get_monotonic_time ();
  for (i = 0; i < N_RETURNS; i++) {
    test_watchdog_restart ();
    test_process_kill (process);
    test_pipeline_forget (recorder);
    test_process_start (process);
    test_pipeline_wait_element (recorder, "wsctl-connected");
    test_tap_wait (tap, 15);
  }
  took_us = g_get_monotonic_time () - begin_us;
  finish (recorder);
  test_pipeline_assert_healthy (recorder);

  read_file (path, &video, &audio);
  g_assert_cmpuint (video.n, ==, test_tap_count (tap));
  g_assert_cmpuint (video.longest, >, 4 * GST_SECOND / 30);
  g_assert_cmpuint (video.last - video.first, >, took_us * 1000);
  assert_together (&video, &audio);
  clear_track (&video);
  clear_track (&audio);
  g_rmdir (dir);
}

static void
expect_warning (TestPipeline * pipeline, const gchar * text)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_warning (test_pipeline_wait_type (pipeline,
          GST_MESSAGE_WARNING), &error, NULL);
  g_assert_cmpstr (error->message, ==, text);
  g_assert_cmpuint (test_pipeline_count_type (pipeline, GST_MESSAGE_WARNING),
      ==, 1);
}

/* The line for picture and sound: one moves, the other is said not to come, and
 * the end of the stream is the end of the line. */
static void
check_alone (const gchar * source, const gchar * nick, const gchar * warning)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender =
      test_pipeline_new ("%s ! wsctlsink uri=%s", source, uri);
  g_autoptr (TestPipeline) player = make_player (uri);
  g_autoptr (TestTap) tap = test_tap_new (player, nick, "sink");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", nick, 3);
  test_pipeline_play (player);
  test_tap_wait (tap, 20);
  expect_warning (player, warning);
  test_pipeline_stop (sender);
  test_say ("the end of the line");
  test_pipeline_wait_type (player, GST_MESSAGE_EOS);
  test_pipeline_stop (player);
}

static void
test_alone (void)
{
  check_alone (SMALL, "video", "The server sends no audio.");
  check_alone (SOUND, "audio", "The server sends no video.");
}

/* The README's line for recording, on a stream without sound */
static void
test_record_alone (void)
{
  g_autofree gchar *dir = g_dir_make_tmp ("wsctl-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (dir, "live", NULL);
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender =
      test_pipeline_new (SMALL " ! wsctlsink uri=%s", uri);
  g_autoptr (TestPipeline) recorder = make_recorder (uri, path);
  g_autoptr (TestTap) tap = test_tap_new (recorder, "m", "video_0");
  Track video;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  test_pipeline_play (recorder);
  test_tap_wait (tap, 30);
  finish (recorder);
  expect_warning (recorder, "The server sends no audio.");

  read_file (path, &video, NULL);
  g_assert_cmpuint (video.n, ==, test_tap_count (tap));
  clear_track (&video);
  g_rmdir (dir);
}

/* A player chooses among the pads that there are: it finds one. */
static void
test_player (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender =
      test_pipeline_new (SMALL " ! wsctlsink uri=%s", uri);
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("uridecodebin3 name=d uri=wsctl%s ! "
      "fakesink name=video sync=true", uri + strlen ("ws"));
  g_autoptr (TestTap) tap = test_tap_new (player, "video", "sink");
  g_autoptr (GstElement) bin = test_pipeline_find (player, "d");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  test_pipeline_play (player);
  test_tap_wait (tap, 20);
  g_assert_cmpuint (bin->numsrcpads, ==, 1);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

/* The publisher returns with sound: it is heard behind the pad that had ended. */
static void
test_comes_later (void)
{
  g_autoptr (TestProcess) process = test_process_new (WSCTL_SERVER);
  const gchar *uri = test_process_get_uri (process);
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) player = make_player (uri);
  g_autoptr (TestTap) video = test_tap_new (player, "video", "sink");
  g_autoptr (TestTap) audio = test_tap_new (player, "audio", "sink");

  test_process_start (process);
  sender = test_pipeline_new (SMALL " ! wsctlsink uri=%s", uri);
  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-media-report");
  test_pipeline_play (player);
  test_tap_wait (video, 10);
  expect_warning (player, "The server sends no audio.");

  test_process_kill (process);
  g_clear_pointer (&sender, test_pipeline_free);
  test_process_start (process);
  sender = test_pipeline_new ("wsctlsink name=s uri=%s " SMALL " ! s.video "
      SOUND " ! s.audio", uri);
  test_pipeline_play (sender);
  test_tap_wait (audio, 20);
  test_tap_wait (video, 10);
  test_pipeline_stop (player);
  g_assert_cmpuint (test_pipeline_count_type (player, GST_MESSAGE_EOS), ==, 0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/record/size", test_size);
  test_add ("/src/record/returns", test_returns);
  test_add ("/src/record/one-medium", test_record_alone);
  test_add ("/src/one-medium/line", test_alone);
  test_add ("/src/one-medium/player", test_player);
  test_add ("/src/one-medium/second-comes-later", test_comes_later);

  return g_test_run ();
}
