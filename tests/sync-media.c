/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sync-media.h"

#include <gst/audio/audio.h>

#include "stamp.h"
#include "testsupport.h"

#define MAX_EVENTS 4096
#define N_NOISES 6
#define NOISE_BUFFERS 25        /* of 20 ms, from one noise to the next */
#define NOISE_NS ((gint64) (NOISE_BUFFERS * 20 * GST_MSECOND))
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

static Medium media[GST_WSCTL_N_MEDIA_KINDS];
static Medium *const pictures = &media[GST_WSCTL_MEDIA_KIND_VIDEO];
static Medium *const noises = &media[GST_WSCTL_MEDIA_KIND_AUDIO];
static gint stalled[GST_WSCTL_N_MEDIA_KINDS];   /* atomic: nothing is sent */
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

  if (g_atomic_int_get (&stalled[GST_WSCTL_MEDIA_KIND_VIDEO]))
    return GST_PAD_PROBE_DROP;

  gst_video_info_from_caps (&video, caps);
  info->data = gst_buffer_make_writable (info->data);
  g_assert_true (gst_video_frame_map (&frame, &video, info->data,
          GST_MAP_READWRITE));
  stamp_draw (&frame, pictures->n_sent);
  gst_video_frame_unmap (&frame);
  note_sent (pictures, get_due (pad, info->data));

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sent_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (g_atomic_int_get (&stalled[GST_WSCTL_MEDIA_KIND_AUDIO]))
    return GST_PAD_PROBE_DROP;
  if (n_buffers++ % NOISE_BUFFERS == 0) {
    note_sent (noises, get_due (pad, info->data));
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
  note_shown (pictures, number, get_due (pad, info->data));

  return GST_PAD_PROBE_OK;
}

/* The one that was sent nearest to it: by some milliseconds it may seem to be there
 * before, since pictures and sound are brought in step. */
static guint
find_noise (gint64 time_ns)
{
  guint number;

  g_mutex_lock (&noises->lock);
  for (number = noises->n_sent; number > 1
      && noises->sent_ns[number - 1] - time_ns > NOISE_NS / 2; number--);
  g_mutex_unlock (&noises->lock);
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

    note_shown (noises, find_noise (time_ns), time_ns);
  }

  return GST_PAD_PROBE_OK;
}

static void
watch (GstElement * element, const gchar * pad_name,
    GstPadProbeCallback callback)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, NULL, NULL);
}

gdouble
sync_media_wait (GstWsctlMediaKind kind, guint n)
{
  Medium *medium = &media[kind];
  gdouble way_ms;

  g_mutex_lock (&medium->lock);
  while (medium->n_shown < n)
    g_cond_wait (&medium->cond, &medium->lock);
  way_ms = medium->way_ms;
  g_mutex_unlock (&medium->lock);

  return way_ms;
}

guint
sync_media_count (GstWsctlMediaKind kind)
{
  Medium *medium = &media[kind];
  guint n;

  g_mutex_lock (&medium->lock);
  n = medium->n_shown;
  g_mutex_unlock (&medium->lock);

  return n;
}

static gint
compare_doubles (gconstpointer a, gconstpointer b)
{
  gdouble difference = *(const gdouble *) a - *(const gdouble *) b;

  return difference < 0 ? -1 : difference > 0;
}

static gdouble
get_middle (gdouble * differences)
{
  qsort (differences, N_NOISES, sizeof (gdouble), compare_doubles);

  return differences[N_NOISES / 2];
}

/* A machine that has no time for this process says nothing, and is asked again. */
gdouble
sync_media_measure (void)
{
  gdouble differences[N_NOISES];
  guint attempt, i;

  for (attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    gint64 starved_ms = test_get_process_starved_ms ();
    guint n = sync_media_count (GST_WSCTL_MEDIA_KIND_AUDIO);

    test_say ("noises");
    for (i = 0; i < N_NOISES; i++) {
      gdouble sound_ms =
          sync_media_wait (GST_WSCTL_MEDIA_KIND_AUDIO, n + i + 1) - OPUS_MS;

      differences[i] =
          sound_ms - sync_media_wait (GST_WSCTL_MEDIA_KIND_VIDEO, 1);
      g_test_message ("sound took %.1f ms, so much longer than pictures: %.1f",
          sound_ms, differences[i]);
    }
    /* To decode a picture takes longer where all is slow. */
    if (ABS (get_middle (differences)) <= test_scale_ms (LIMIT_MS))
      break;
    starved_ms = test_get_process_starved_ms () - starved_ms;
    g_assert_cmpint (starved_ms, >, STARVED_MS);
  }
  g_assert_cmpuint (attempt, <, MAX_ATTEMPTS);

  return get_middle (differences);
}

static void
forget (void)
{
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    media[kind].n_sent = media[kind].n_shown = 0;
    stalled[kind] = FALSE;
  }
  n_buffers = 0;
  loud = FALSE;
}

static GstWsctlServer *
start_server (TestRelay * relay)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autoptr (GError) error = NULL;
  GstWsctlServer *server;

  advertise[0] = test_relay_get_address (relay);
  params.advertise = advertise;
  server = gst_wsctl_server_new (&params);
  gst_wsctl_server_start (server, &error);
  g_assert_no_error (error);
  test_relay_set_target (relay, gst_wsctl_server_get_media_port (server));

  return server;
}

void
sync_media_begin (SyncMedia * self, TestRelay * relay)
{
  g_autoptr (GstElement) picture = NULL;
  g_autoptr (GstElement) sound = NULL;

  forget ();
  self->server = relay != NULL ? start_server (relay)
      : test_wsctl_server_new (0);
  self->uri = test_wsctl_server_get_uri (self->server, "live");
  self->sender = test_pipeline_new ("wsctlsink name=s uri=%s " PICTURE
      "s.video " SOUND "s.audio", self->uri);
  picture = test_pipeline_find (self->sender, "picture");
  sound = test_pipeline_find (self->sender, "sound");
  watch (picture, "src", on_sent_picture);
  watch (sound, "src", on_sent_sound);
  test_pipeline_play (self->sender);
  test_wsctl_server_wait_frames (self->server, "live", "video", 3);
  test_wsctl_server_wait_frames (self->server, "live", "audio", 3);
}

void
sync_media_end (SyncMedia * self)
{
  test_pipeline_stop (self->player);
  test_pipeline_assert_healthy (self->player);
  test_pipeline_free (self->player);
  test_pipeline_free (self->sender);
  g_object_unref (self->server);
  g_free (self->uri);
}

void
sync_media_watch (GstElement * sink, GstWsctlMediaKind kind)
{
  watch (sink, "sink", kind == GST_WSCTL_MEDIA_KIND_VIDEO
      ? on_shown_picture : on_shown_sound);
}

void
sync_media_stall (GstWsctlMediaKind kind, gboolean stall)
{
  g_atomic_int_set (&stalled[kind], stall);
}
