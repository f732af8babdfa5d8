/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Files with sound and pictures are published at their own speed, from the first
 * picture to the last; a recording at a player has all of it, in step.
 */

#include "source-rig.h"
#include "testsupport.h"

#define FIRST_MS 15000
#define END_MS 10000            /* more than the file is long */
#define TOLERANCE 0.05
#define END_S 0.2               /* the last packet may be asked for again */
#define STARVED_MS 20000        /* all threads of all rows */
#define LIMIT_MS 20             /* sound and pictures are apart */

/* Two demuxers whose streams go out as they are, or decoded */
#define AAC "queue ! aacparse ! avdec_aac ! audioconvert ! s.audio "
#define DECODED "SINK d. ! queue ! videoconvert ! s.video " \
    "d. ! queue ! audioconvert ! s.audio "

/* Starts before the publisher does. */
static void
start_recording (SourceRun * run)
{
  g_autofree gchar *uri =
      test_wsctl_server_get_uri (source_rig_get_server (), run->name);
  const gchar *dir = source_media_get_dir ();

  run->player = test_pipeline_new ("wsctlsrc name=r uri=%s "
      "wait-for-stream=true matroskamux name=m ! filesink location=%s/%s.mkv "
      "r.video_0 ! video/x-h264 ! h264parse ! queue ! m.video_0 %s", uri, dir,
      run->name, run->row->media & SOURCE_AUDIO
      ? "r.audio_0 ! audio/x-opus ! opusparse ! queue ! m.audio_0" : "");
  gst_element_set_state (test_pipeline_get (run->player), GST_STATE_PLAYING);
}

static gboolean
wait_first (SourceRun * run)
{
  gint64 end_us = g_get_monotonic_time ()
      + test_scale_ms (FIRST_MS) * G_TIME_SPAN_MILLISECOND;

  while (gst_wsctl_server_count_frames (source_rig_get_server (), run->name,
          "video") == 0) {
    if (g_get_monotonic_time () > end_us)
      return FALSE;
    g_usleep (5000);
  }

  return TRUE;
}

/* Decodes a file and looks at all of it. */
static SourceWatch *
look_at (const gchar * path, SourceMedia media)
{
  SourceWatch *watch = source_watch_new ();
  g_autoptr (TestPipeline) pipeline =
      test_pipeline_new ("filesrc location=%s ! decodebin name=d "
      "d. ! video/x-raw ! queue max-size-time=0 max-size-buffers=0 ! "
      "fakesink name=video %s", path, media & SOURCE_AUDIO
      ? "d. ! audio/x-raw ! queue ! audioconvert ! "
      "audio/x-raw,format=S16LE,channels=1 ! fakesink name=audio" : "");

  source_watch_attach (watch, test_pipeline_get (pipeline));
  test_pipeline_play (pipeline);
  test_pipeline_wait_count (pipeline, GST_MESSAGE_EOS, 1, END_MS);

  return watch;
}

/* Every picture, from the first to the last */
static gchar *
check_numbers (SourceWatch * watch, guint n)
{
  g_autoptr (GArray) pictures = source_watch_get (watch, FALSE, 0);
  guint i;

  for (i = 0; i < pictures->len; i++) {
    guint number = g_array_index (pictures, SourceMoment, i).number;

    if (number != i)
      return g_strdup_printf ("picture %u is recorded as number %u", number, i);
  }
  if (pictures->len != n)
    return g_strdup_printf ("%u of %u pictures are recorded", pictures->len, n);

  return NULL;
}

/* Several rows run at once: a machine that has no time for them decodes late. */
static gint64
get_limit_ms (void)
{
  return test_get_process_starved_ms () > STARVED_MS ? 3 * LIMIT_MS : LIMIT_MS;
}

/* Of the recording, and of the file that it is of */
static gchar *
check_recording (SourceRun * run, const gchar * original, guint seconds)
{
  const gchar *dir = source_media_get_dir ();
  g_autofree gchar *path = g_strdup_printf ("%s/%s.mkv", dir, run->name);
  g_autofree gchar *source = g_strdup_printf ("%s/%s", dir, original);
  SourceWatch *recorded = look_at (path, run->row->media);
  gchar *fault = check_numbers (recorded, seconds * SOURCE_FPS);

  if (fault == NULL && run->row->media & SOURCE_AUDIO) {
    SourceWatch *published = look_at (source, run->row->media);
    gdouble offset_ms = source_watch_get_offset_ms (recorded)
        - source_watch_get_offset_ms (published);

    g_string_append_printf (run->log, "sound %.1f ms later, %u beeps; ",
        offset_ms, source_watch_count (recorded, TRUE));
    if (ABS (offset_ms) > get_limit_ms ())
      fault = g_strdup_printf ("sound is %.1f ms later than pictures",
          offset_ms);
    /* A player gets all pictures from a key frame on, but sound from when it is
     * there. */
    else if (source_watch_count (recorded, TRUE) < 2 * seconds - 2)
      fault = g_strdup_printf ("%u of %u beeps are recorded",
          source_watch_count (recorded, TRUE), 2 * seconds);
    source_watch_free (published);
  }
  source_watch_free (recorded);

  return fault;
}

static gchar *
check_file (SourceRun * run, const gchar * original, guint seconds)
{
  gdouble took_s;
  gint64 begin_us;

  if (!wait_first (run))
    return g_strdup ("nothing is published in 15 s");
  begin_us = g_get_monotonic_time ();
  if (!test_pipeline_wait_count (run->publisher, GST_MESSAGE_EOS, 1,
          seconds * 1000 + END_MS))
    return g_strdup ("no end of stream");
  took_s = (g_get_monotonic_time () - begin_us) / 1e6;
  g_string_append_printf (run->log, "took %.2f s; ", took_s);
  gst_element_set_state (test_pipeline_get (run->publisher), GST_STATE_NULL);
  if (!test_pipeline_wait_count (run->player, GST_MESSAGE_EOS, 1, END_MS))
    return g_strdup ("no end of the recording");
  if (took_s < seconds * (1 - TOLERANCE)
      || took_s > seconds * (1 + TOLERANCE) + END_S)
    return g_strdup_printf ("%u s took %.2f s", seconds, took_s);

  return check_recording (run, original, seconds);
}

static gchar *
check_film (SourceRun * run)
{
  return check_file (run, "film.mp4", SOURCE_FILM_S);
}

static gchar *
check_mp4 (SourceRun * run)
{
  return check_file (run, "short.mp4", SOURCE_SHORT_S);
}

static gchar *
check_mkv (SourceRun * run)
{
  return check_file (run, "short.mkv", SOURCE_SHORT_S);
}

static gchar *
check_ts (SourceRun * run)
{
  return check_file (run, "short.ts", SOURCE_SHORT_S);
}

#define ROW(path, text, kinds, func) \
    {"files/" path, text, kinds, .prepare = start_recording, .check = func}
/* TODO: the first seconds of a recording, with other rows beside */
#define DECODED_ROW(path, text, kinds, func) \
    {"files/" path, text, kinds, .prepare = start_recording, .check = func, \
        .todo = "sound is up to 40 ms early where pictures are encoded anew"}
#define BOTH (SOURCE_VIDEO | SOURCE_AUDIO)

static const SourceRow rows[] = {
  ROW ("film", "filesrc location=DIR/film.mp4 ! qtdemux name=d SINK "
      "d.video_0 ! queue ! h264parse ! s.video d.audio_0 ! " AAC, BOTH,
      check_film),
  ROW ("qtdemux", "filesrc location=DIR/short.mp4 ! qtdemux name=d SINK "
      "d.video_0 ! queue ! s.video d.audio_0 ! " AAC, BOTH, check_mp4),
  ROW ("matroskademux", "filesrc location=DIR/short.mkv ! "
      "matroskademux name=d SINK d.video_0 ! queue ! s.video "
      "d.audio_0 ! queue ! s.audio", BOTH, check_mkv),
  ROW ("tsdemux", "filesrc location=DIR/short.ts ! tsdemux name=d SINK "
      "d. ! queue ! h264parse ! s.video d. ! " AAC, BOTH, check_ts),
  DECODED_ROW ("decodebin-mp4",
      "filesrc location=DIR/short.mp4 ! decodebin name=d " DECODED, BOTH,
      check_mp4),
  DECODED_ROW ("decodebin-mkv",
      "filesrc location=DIR/short.mkv ! decodebin name=d " DECODED, BOTH,
      check_mkv),
  DECODED_ROW ("decodebin-ts",
      "filesrc location=DIR/short.ts ! decodebin name=d " DECODED, BOTH,
      check_ts),
  DECODED_ROW ("uridecodebin3-mp4",
      "uridecodebin3 uri=file://DIR/short.mp4 name=d " DECODED, BOTH,
      check_mp4),
  DECODED_ROW ("uridecodebin3-mkv",
      "uridecodebin3 uri=file://DIR/short.mkv name=d " DECODED, BOTH,
      check_mkv),
  DECODED_ROW ("uridecodebin3-ts",
      "uridecodebin3 uri=file://DIR/short.ts name=d " DECODED, BOTH, check_ts),
  ROW ("playbin3",
      "playbin3 uri=file://DIR/short.mp4 video-sink=\"SINK\" "
      "audio-sink=\"fakesink sync=true\"", SOURCE_VIDEO, check_mp4),
};

int
main (int argc, char **argv)
{
  gint status;

  source_rig_begin (argc, argv);
  source_rig_add (rows, G_N_ELEMENTS (rows), 3);
  status = g_test_run ();
  source_rig_end ();

  return status;
}
