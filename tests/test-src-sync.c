/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sound and pictures that were captured together are played together. Pictures
 * carry numbers, and each second there is a short noise: how long both take from
 * the clock of the publisher to that of the player is to be the same.
 */

#include <gst/audio/audio.h>

#include "stamp.h"
#include "testpipeline.h"
#include "testsupport.h"

#define MAX_EVENTS 4096
#define N_NOISES 6
#define NOISE_BUFFERS 50        /* of 20 ms, from one noise to the next */
#define THRESHOLD 3000          /* of 32767 */
#define LIMIT_MS 20
#define MAX_ATTEMPTS 4
#define STARVED_MS 500
/* What Opus delays sound by (RFC 7845, 4.2: it is not cut off here) */
#define OPUS_MS 6.5
#define PICTURE "videotestsrc is-live=true pattern=black ! " \
    "video/x-raw,format=I420,width=640,height=32,framerate=30/1 ! " \
    "identity name=picture ! "
#define SOUND "audiotestsrc is-live=true wave=white-noise volume=0.9 " \
    "samplesperbuffer=960 ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! " \
    "identity name=sound ! "

typedef struct
{
  GMutex lock;
  GCond cond;
  gint64 sent_ns[MAX_EVENTS];   /* lock: by the clock, of each */
  guint n_sent;                 /* lock */
  guint n_shown;                /* lock */
  gdouble way_ms;               /* lock: of the last one */
} Medium;

static Medium pictures, noises;
static guint n_buffers;         /* of sound, the sender's thread */
static gboolean loud;           /* the player's thread of sound */

/* When a buffer is due, by the clock that all of this process have */
static gint64
get_due (GstPad * pad, GstBuffer * buffer)
{
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  g_autoptr (GstElement) element = gst_pad_get_parent_element (pad);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);

  return (gint64) gst_segment_to_running_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer)) + gst_element_get_base_time (element);
}

static void
note_sent (Medium * medium, gint64 time_ns)
{
  g_mutex_lock (&medium->lock);
  g_assert_cmpuint (medium->n_sent, <, MAX_EVENTS);
  medium->sent_ns[medium->n_sent++] = time_ns;
  g_mutex_unlock (&medium->lock);
}

static void
note_shown (Medium * medium, guint number, gint64 time_ns)
{
  g_mutex_lock (&medium->lock);
  g_assert_cmpuint (number, <, medium->n_sent);
  medium->way_ms = (time_ns - medium->sent_ns[number]) / 1e6;
  medium->n_shown++;
  g_cond_broadcast (&medium->cond);
  g_mutex_unlock (&medium->lock);
}

static GstPadProbeReturn
on_sent_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  GstVideoFrame frame;

  gst_video_info_from_caps (&video, caps);
  info->data = gst_buffer_make_writable (info->data);
  g_assert_true (gst_video_frame_map (&frame, &video, info->data,
          GST_MAP_READWRITE));
  stamp_draw (&frame, pictures.n_sent);
  gst_video_frame_unmap (&frame);
  note_sent (&pictures, get_due (pad, info->data));

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sent_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (n_buffers++ % NOISE_BUFFERS == 0) {
    note_sent (&noises, get_due (pad, info->data));
    return GST_PAD_PROBE_OK;
  }
  info->data = gst_buffer_make_writable (info->data);
  gst_buffer_memset (info->data, 0, 0, -1);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_shown_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  GstVideoFrame frame;
  guint32 number;

  gst_video_info_from_caps (&video, caps);
  g_assert_true (gst_video_frame_map (&frame, &video, info->data,
          GST_MAP_READ));
  g_assert_true (stamp_read (&frame, &number));
  gst_video_frame_unmap (&frame);
  note_shown (&pictures, number, get_due (pad, info->data));

  return GST_PAD_PROBE_OK;
}

/* The one that has been sent last before it */
static guint
find_noise (gint64 time_ns)
{
  guint number;

  g_mutex_lock (&noises.lock);
  for (number = noises.n_sent; number > 1
      && noises.sent_ns[number - 1] > time_ns; number--);
  g_mutex_unlock (&noises.lock);
  g_assert_cmpuint (number, >, 0);

  return number - 1;
}

static GstPadProbeReturn
on_shown_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstAudioInfo audio;
  GstMapInfo map;
  gsize i, n;
  gboolean was_loud = loud;

  gst_audio_info_from_caps (&audio, caps);
  g_assert_cmpint (GST_AUDIO_INFO_FORMAT (&audio), ==, GST_AUDIO_FORMAT_S16);
  gst_buffer_map (info->data, &map, GST_MAP_READ);
  n = map.size / 2;
  for (i = 0; i < n && ABS (((gint16 *) map.data)[i]) < THRESHOLD; i++);
  loud = i < n;
  gst_buffer_unmap (info->data, &map);
  if (loud && !was_loud) {
    gint64 time_ns = get_due (pad, info->data) + gst_util_uint64_scale (i,
        GST_SECOND, GST_AUDIO_INFO_RATE (&audio)
        * GST_AUDIO_INFO_CHANNELS (&audio));

    note_shown (&noises, find_noise (time_ns), time_ns);
  }

  return GST_PAD_PROBE_OK;
}

static void
watch (TestPipeline * pipeline, const gchar * name, const gchar * pad_name,
    GstPadProbeCallback callback)
{
  g_autoptr (GstElement) element = test_pipeline_find (pipeline, name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, NULL, NULL);
}

static gdouble
wait_shown (Medium * medium, guint n)
{
  gdouble way_ms;

  g_mutex_lock (&medium->lock);
  while (medium->n_shown < n)
    g_cond_wait (&medium->cond, &medium->lock);
  way_ms = medium->way_ms;
  g_mutex_unlock (&medium->lock);

  return way_ms;
}

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  gdouble difference = *(const gdouble *) a - *(const gdouble *) b;

  return difference < 0 ? -1 : difference > 0;
}

/* A machine that has no time for this process says nothing, and is asked again. */
static gboolean
is_in_sync (guint attempt)
{
  gint64 starved_ms = test_get_process_starved_ms ();
  gdouble differences[N_NOISES];
  guint i;

  test_say ("noises");
  for (i = 0; i < N_NOISES; i++) {
    gdouble sound_ms =
        wait_shown (&noises, attempt * N_NOISES + i + 1) - OPUS_MS;

    differences[i] = sound_ms - wait_shown (&pictures, 1);
    g_test_message ("sound took %.1f ms, so much longer than pictures: %.1f",
        sound_ms, differences[i]);
  }
  qsort (differences, N_NOISES, sizeof (gdouble), compare_doubles);
  if (ABS (differences[N_NOISES / 2]) <= LIMIT_MS)
    return TRUE;
  starved_ms = test_get_process_starved_ms () - starved_ms;
  g_assert_cmpint (starved_ms, >, STARVED_MS);

  return FALSE;
}

static void
test_sync (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new ("wsctlsink name=s "
      "uri=%s " PICTURE "s.video " SOUND "s.audio", uri);
  g_autoptr (TestPipeline) player = NULL;
  guint n;

  watch (sender, "picture", "src", on_sent_picture);
  watch (sender, "sound", "src", on_sent_sound);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  test_wsctl_server_wait_frames (server, "live", "audio", 3);
  player = test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! "
      "video/x-raw ! fakesink sync=true name=video r.audio_0 ! "
      "audio/x-raw ! fakesink sync=true name=audio", uri);
  watch (player, "video", "sink", on_shown_picture);
  watch (player, "audio", "sink", on_shown_sound);
  test_pipeline_play (player);
  for (n = 0; !is_in_sync (n) && n < MAX_ATTEMPTS; n++);
  g_assert_cmpuint (n, <, MAX_ATTEMPTS);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
  test_pipeline_stop (sender);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/sync", test_sync);

  return g_test_run ();
}
