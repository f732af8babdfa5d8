/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * appsrc, a decoder, an encoder, appsink. What is too much for the machine is
 * left out before the decoder, and a key frame sets it right.
 */

#include "wsctlservertranscoder-private.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#define GST_CAT_DEFAULT wsctlservertranscoder_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_RENDITIONS 8
#define MIN_HEIGHT 16
#define MAX_HEIGHT 4320
#define MIN_BITRATE_BPS 10000
#define MAX_BITRATE_BPS 100000000
#define KEY_FRAMES 60           /* at most so far apart */
#define QUEUE "max-buffers=30 max-bytes=0 max-time=0 leaky-type=downstream"

struct _GstWsctlServerTranscoder
{
  gint refs;                    /* atomic: the encoder's thread has one each */
  GstWsctlLoop *loop;
  GstWsctlServerStream *stream; /* NULL once freed; the loop's */
  GstWsctlServerTrack *source;
  GstWsctlServerTrack *track;
  gulong subscription;
  gint64 epoch_ns;              /* of the buffers' times */
  GstElement *pipeline;
  GstElement *input;
  GstElement *output;
};

/* One frame on its way from the encoder to the loop */
typedef struct
{
  GstWsctlServerTranscoder *self;
  GstSample *sample;
} Made;

static gboolean
read_rendition (const gchar * text, GstWsctlServerRendition * rendition)
{
  gchar *end;
  guint64 height = g_ascii_strtoull (text, &end, 10);
  guint64 bitrate_bps;

  if (end == text || !g_str_has_prefix (end, "p:"))
    return FALSE;
  text = end + 2;
  bitrate_bps = g_ascii_strtoull (text, &end, 10);
  if (end == text || *end != '\0' || height < MIN_HEIGHT
      || height > MAX_HEIGHT || bitrate_bps < MIN_BITRATE_BPS
      || bitrate_bps > MAX_BITRATE_BPS)
    return FALSE;

  rendition->height = height;
  rendition->bitrate_bps = bitrate_bps;

  return TRUE;
}

GArray *
gst_wsctl_server_renditions_parse (const gchar * text, GError ** error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", MAX_RENDITIONS + 1);
  g_autoptr (GArray) renditions =
      g_array_new (FALSE, FALSE, sizeof (GstWsctlServerRendition));
  guint i;

  for (i = 0; i == 0 || words[i] != NULL; i++) {
    GstWsctlServerRendition rendition;

    if (words[i] == NULL || i == MAX_RENDITIONS
        || !read_rendition (words[i], &rendition)) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
          "'%s' is no rendition: HEIGHTp:BITRATE",
          words[i] != NULL ? words[i] : "");
      return NULL;
    }
    g_array_append_val (renditions, rendition);
  }

  return g_steal_pointer (&renditions);
}

static void
unref (GstWsctlServerTranscoder * self)
{
  if (!g_atomic_int_dec_and_test (&self->refs))
    return;

  gst_clear_object (&self->input);
  gst_clear_object (&self->output);
  gst_clear_object (&self->pipeline);
  g_clear_pointer (&self->source, gst_wsctl_server_track_unref);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

static void
free_made (gpointer data)
{
  Made *made = data;

  gst_sample_unref (made->sample);
  unref (made->self);
  g_free (made);
}

static void
take_made (gpointer data)
{
  Made *made = data;
  GstWsctlServerTranscoder *self = made->self;
  GstBuffer *buffer = gst_sample_get_buffer (made->sample);
  g_autoptr (GstWsctlServerFrame) frame = NULL;
  gboolean changed;
  gint64 rtp_time;

  if (self->stream == NULL || !GST_BUFFER_PTS_IS_VALID (buffer))
    return;

  changed = self->track->caps == NULL;
  if (changed)
    self->track->caps = gst_caps_ref (gst_sample_get_caps (made->sample));
  rtp_time = gst_wsctl_server_track_get_rtp_time (self->track,
      self->epoch_ns + GST_BUFFER_PTS (buffer));
  frame = gst_wsctl_server_frame_new (self->track, rtp_time,
      !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT),
      gst_buffer_ref (buffer));
  gst_wsctl_server_stream_push (self->stream, frame);
  if (changed)
    gst_wsctl_server_stream_set_changed (self->stream);
}

/* On the encoder's thread */
static GstFlowReturn
on_sample (GstAppSink * sink, gpointer data)
{
  GstWsctlServerTranscoder *self = data;
  Made *made = g_new0 (Made, 1);

  made->sample = gst_app_sink_pull_sample (sink);
  if (made->sample == NULL) {
    g_free (made);
    return GST_FLOW_EOS;
  }
  made->self = self;
  g_atomic_int_inc (&self->refs);
  gst_wsctl_loop_call (self->loop, take_made, made, free_made);

  return GST_FLOW_OK;
}

static void
on_frame (GstWsctlServerFrame * frame, gpointer data)
{
  GstWsctlServerTranscoder *self = data;
  g_autoptr (GstBuffer) buffer = NULL;

  if (frame->track != self->source || frame->time_ns < self->epoch_ns)
    return;

  buffer = gst_buffer_copy (frame->buffer);
  GST_BUFFER_PTS (buffer) = frame->time_ns - self->epoch_ns;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  gst_app_src_set_caps (GST_APP_SRC (self->input), self->source->caps);
  gst_app_src_push_buffer (GST_APP_SRC (self->input),
      g_steal_pointer (&buffer));
}

static void
on_keyframe_wanted (gpointer data)
{
  GstWsctlServerTranscoder *self = data;

  gst_element_send_event (self->output,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static const gchar *
find_installed (const gchar * const *names)
{
  for (; *names != NULL; names++) {
    g_autoptr (GstElementFactory) factory = gst_element_factory_find (*names);

    if (factory != NULL)
      return *names;
  }

  return NULL;
}

static gchar *
make_launch (const GstWsctlServerCodec * codec,
    const GstWsctlServerRendition * rendition)
{
  static const gchar *const h264[] = { "avdec_h264", "openh264dec", NULL };
  static const gchar *const vp8[] = { "vp8dec", NULL };
  gboolean is_h264 = g_str_equal (codec->name, "H264");
  const gchar *decoder = find_installed (is_h264 ? h264 : vp8);
  g_autofree gchar *encoder = NULL;

  if (decoder == NULL || (!is_h264 && !g_str_equal (codec->name, "VP8")))
    return NULL;

  encoder = is_h264
      ? g_strdup_printf ("x264enc tune=zerolatency speed-preset=veryfast "
      "key-int-max=%d bitrate=%u ! video/x-h264,profile=constrained-baseline ! "
      "h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,"
      "alignment=au", KEY_FRAMES, rendition->bitrate_bps / 1000)
      : g_strdup_printf ("vp8enc deadline=1 cpu-used=8 end-usage=cbr "
      "keyframe-max-dist=%d target-bitrate=%u", KEY_FRAMES,
      rendition->bitrate_bps);

  return g_strdup_printf ("appsrc name=in format=time is-live=true " QUEUE
      " ! %s ! videoconvert ! videoscale ! video/x-raw,format=I420,height=%u,"
      "pixel-aspect-ratio=1/1 ! %s ! appsink name=out sync=false", decoder,
      rendition->height, encoder);
}

static gboolean
start_pipeline (GstWsctlServerTranscoder * self, const gchar * launch,
    GError ** error)
{
  GstAppSinkCallbacks callbacks = {.new_sample = on_sample };

  self->pipeline = gst_parse_launch_full (launch, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (self->pipeline == NULL)
    return FALSE;

  gst_object_ref_sink (self->pipeline);
  self->input = gst_bin_get_by_name (GST_BIN (self->pipeline), "in");
  self->output = gst_bin_get_by_name (GST_BIN (self->pipeline), "out");
  gst_app_sink_set_callbacks (GST_APP_SINK (self->output),
      &callbacks, self, NULL);
  gst_app_src_set_caps (GST_APP_SRC (self->input), self->source->caps);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  return TRUE;
}

GstWsctlServerTranscoder *
gst_wsctl_server_transcoder_new (GstWsctlLoop * loop,
    GstWsctlServerStream * stream, GstWsctlServerTrack * track,
    const GstWsctlServerRendition * rendition, GError ** error)
{
  static const GstWsctlServerSubscriber subscriber = {.frame = on_frame };
  g_autofree gchar *launch = make_launch (track->codec, rendition);
  GstWsctlServerTranscoder *self;
  gint height = 0;

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlservertranscoder_debug,
        "wsctlservertranscoder", 0, "wsctl server: smaller pictures");

  gst_structure_get_int (gst_caps_get_structure (track->caps, 0), "height",
      &height);
  if (launch == NULL || (height > 0 && (guint) height <= rendition->height)) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NOT_IMPLEMENTED,
        "%up cannot be made of %s with %d lines", rendition->height,
        track->codec->name, height);
    return NULL;
  }

  self = g_new0 (GstWsctlServerTranscoder, 1);
  self->refs = 1;
  self->loop = gst_wsctl_loop_ref (loop);
  self->source = gst_wsctl_server_track_ref (track);
  self->epoch_ns = track->first_ns;
  if (!start_pipeline (self, launch, error)) {
    unref (self);
    return NULL;
  }

  self->stream = gst_wsctl_server_stream_ref (stream);
  self->track = gst_wsctl_server_stream_add_track (stream, 0, track->codec);
  self->track->anchor_ns = self->epoch_ns;
  self->track->request_keyframe = on_keyframe_wanted;
  self->track->data = self;
  self->subscription =
      gst_wsctl_server_stream_subscribe (stream, &subscriber, self);
  gst_wsctl_server_track_request_keyframe (track);

  return self;
}

void
gst_wsctl_server_transcoder_free (GstWsctlServerTranscoder * self)
{
  gst_wsctl_server_stream_unsubscribe (self->stream, self->subscription);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_wsctl_server_stream_remove_tracks (self->stream, self);
  g_clear_pointer (&self->stream, gst_wsctl_server_stream_unref);
  unref (self);
}
