/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Publishes a picture and a tone to a server, plays them back from it, and says
 * how long everything took. An example, too, of both elements in an
 * application: two pipelines, three signals, and the bus.
 *
 * The latency is measured in the picture itself: the time at which a frame
 * leaves the test source is drawn into it as a row of blocks (stamp.c), and
 * read where the decoded frame comes out of the player.
 */

#include <gst/gst.h>
#include <gst/video/video.h>

#include "measure.h"
#include "stamp.h"

#define CONNECT_TIMEOUT_S 20
#define AUDIO_BYTES_PER_SECOND (48000 * 2 * 2)
#define PICTURE_TIMEOUT (5 * GST_SECOND)

#define PUBLISH_PIPELINE \
    "wsctlsink name=session " \
    "videotestsrc is-live=true pattern=smpte horizontal-speed=4 " \
    "! video/x-raw,format=I420,width=640,height=360,framerate=30/1 " \
    "! identity name=camera ! session.video " \
    "audiotestsrc is-live=true wave=sine freq=440 volume=0.2 " \
    "! audio/x-raw,rate=48000,channels=2 ! session.audio"
/* What wsctlsrc's pads are linked to, once it has them */
#define VIDEO_OUTPUT \
    "queue ! videoconvert ! video/x-raw,format=I420 ! identity name=decoded " \
    "! queue ! fakesink name=screen sync=true signal-handoffs=true"
#define AUDIO_OUTPUT \
    "queue ! audioconvert ! audioresample " \
    "! audio/x-raw,format=S16LE,rate=48000,channels=2 " \
    "! fakesink name=speaker sync=true signal-handoffs=true"

typedef struct
{
  gchar *uri;
  gint seconds;
  gchar *picture;
  gboolean json;
} Options;

typedef struct
{
  const Options *options;
  GMainLoop *loop;
  Measure *measure;
  GstElement *publisher;        /* a pipeline */
  GstElement *player;           /* a pipeline; NULL before there is one */
  gchar *error;                 /* the first one */

  GMutex lock;
  GstBuffer *last_frame;        /* lock */
  GstVideoInfo info;            /* the decoded stream's; its thread */
} Demo;

static void
fail (Demo * self, const gchar * text)
{
  if (self->error == NULL)
    self->error = g_strdup (text);
  g_main_loop_quit (self->loop);
}

static gboolean
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Demo *self = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    fail (self, error->message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    fail (self, "the stream ended too soon");
  }

  return G_SOURCE_CONTINUE;
}

static GstElement *
new_pipeline (Demo * self, const gchar * description, GError ** error)
{
  GstElement *parsed = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  GstElement *pipeline;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstElement) session = NULL;

  if (parsed == NULL)
    return NULL;

  /* One element alone comes as itself. */
  if (GST_IS_PIPELINE (parsed)) {
    pipeline = parsed;
  } else {
    pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (pipeline), parsed);
  }

  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, on_bus_message, self);
  session = gst_bin_get_by_name (GST_BIN (pipeline), "session");
  g_object_set (session, "uri", self->options->uri, NULL);

  return pipeline;
}

static void
stop_pipeline (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  gst_object_unref (pipeline);
}

/* The publisher: frames get their stamp on the way to wsctlsink. */
static GstPadProbeReturn
on_captured (GstPad * pad, GstPadProbeInfo * probe, gpointer data)
{
  Demo *self = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstBuffer *buffer =
      gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (probe));
  GstVideoInfo info;
  GstVideoFrame frame;

  GST_PAD_PROBE_INFO_DATA (probe) = buffer;
  if (gst_video_info_from_caps (&info, caps)
      && gst_video_frame_map (&frame, &info, buffer, GST_MAP_READWRITE)) {
    stamp_draw (&frame, measure_make_stamp (self->measure));
    gst_video_frame_unmap (&frame);
  }

  return GST_PAD_PROBE_OK;
}

/* The player */
static gboolean
read_stamp (Demo * self, GstBuffer * buffer, guint32 * stamp)
{
  GstVideoFrame frame;
  gboolean valid;

  if (!gst_video_frame_map (&frame, &self->info, buffer, GST_MAP_READ))
    return FALSE;

  valid = stamp_read (&frame, stamp);
  gst_video_frame_unmap (&frame);

  return valid;
}

static GstPadProbeReturn
on_decoded (GstPad * pad, GstPadProbeInfo * probe, gpointer data)
{
  Demo *self = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);
  guint32 stamp;
  gboolean valid;

  if (!gst_video_info_from_caps (&self->info, caps))
    return GST_PAD_PROBE_OK;

  valid = read_stamp (self, buffer, &stamp);
  measure_add_decoded (self->measure, valid ? &stamp : NULL);

  g_mutex_lock (&self->lock);
  gst_buffer_replace (&self->last_frame, buffer);
  g_mutex_unlock (&self->lock);

  return GST_PAD_PROBE_OK;
}

static void
on_shown (GstElement * screen, GstBuffer * buffer, GstPad * pad, Demo * self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo info;
  GstVideoFrame frame;
  guint32 stamp;

  if (!gst_video_info_from_caps (&info, caps)
      || !gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ))
    return;

  if (stamp_read (&frame, &stamp))
    measure_add_shown (self->measure, &stamp);
  gst_video_frame_unmap (&frame);
}

static void
on_heard (GstElement * speaker, GstBuffer * buffer, GstPad * pad, Demo * self)
{
  measure_add_audio (self->measure,
      gst_util_uint64_scale (gst_buffer_get_size (buffer), GST_SECOND,
          AUDIO_BYTES_PER_SECOND));
}

static void
add_probe (GstElement * bin, const gchar * name, GstPadProbeCallback callback,
    Demo * self)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (bin), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, self, NULL);
}

static void
connect_sink (GstElement * bin, const gchar * name, GCallback callback,
    Demo * self)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), name);

  g_signal_connect (sink, "handoff", callback, self);
}

/* A streaming thread: the server has told what there is to play. */
static void
on_pad_added (GstElement * session, GstPad * pad, Demo * self)
{
  gboolean is_video = g_str_has_prefix (GST_PAD_NAME (pad), "video");
  g_autoptr (GstPad) sink_pad = NULL;
  GstElement *output = gst_parse_bin_from_description
      (is_video ? VIDEO_OUTPUT : AUDIO_OUTPUT, TRUE, NULL);

  if (is_video) {
    add_probe (output, "decoded", on_decoded, self);
    connect_sink (output, "screen", G_CALLBACK (on_shown), self);
  } else {
    connect_sink (output, "speaker", G_CALLBACK (on_heard), self);
  }

  gst_bin_add (GST_BIN (self->player), output);
  sink_pad = gst_element_get_static_pad (output, "sink");
  gst_pad_link (pad, sink_pad);
  gst_element_sync_state_with_parent (output);
}

static void
on_play_open (GstElement * session, GstStructure * stream, Demo * self)
{
  measure_mark (self->measure, MOMENT_PLAY_OPEN);
}

static void
on_play_connected (GstElement * session, Demo * self)
{
  measure_mark (self->measure, MOMENT_PLAY_CONNECTED);
}

static gboolean
on_time_over (gpointer data)
{
  Demo *self = data;

  g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

static gboolean
start_player (gpointer data)
{
  Demo *self = data;
  g_autoptr (GstElement) session = NULL;
  g_autoptr (GError) error = NULL;

  self->player = new_pipeline (self, "wsctlsrc name=session", &error);
  if (self->player == NULL) {
    fail (self, error->message);
    return G_SOURCE_REMOVE;
  }

  session = gst_bin_get_by_name (GST_BIN (self->player), "session");
  g_signal_connect (session, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (session, "on-open", G_CALLBACK (on_play_open), self);
  g_signal_connect (session, "on-connected", G_CALLBACK (on_play_connected),
      self);
  g_timeout_add_seconds (self->options->seconds, on_time_over, self);

  measure_mark (self->measure, MOMENT_PLAY_START);
  gst_element_set_state (self->player, GST_STATE_PLAYING);

  return G_SOURCE_REMOVE;
}

static void
on_publish_open (GstElement * session, GstStructure * stream, Demo * self)
{
  measure_mark (self->measure, MOMENT_PUBLISH_OPEN);
}

/* On the session's thread, which must not wait: the player starts elsewhere. */
static void
on_publish_connected (GstElement * session, Demo * self)
{
  if (measure_mark (self->measure, MOMENT_PUBLISH_CONNECTED))
    g_idle_add (start_player, self);
}

static gboolean
start_publisher (Demo * self, GError ** error)
{
  g_autoptr (GstElement) session = NULL;

  self->publisher = new_pipeline (self, PUBLISH_PIPELINE, error);
  if (self->publisher == NULL)
    return FALSE;

  add_probe (self->publisher, "camera", on_captured, self);
  session = gst_bin_get_by_name (GST_BIN (self->publisher), "session");
  g_signal_connect (session, "on-open", G_CALLBACK (on_publish_open), self);
  g_signal_connect (session, "on-connected",
      G_CALLBACK (on_publish_connected), self);

  measure_mark (self->measure, MOMENT_PUBLISH_START);
  gst_element_set_state (self->publisher, GST_STATE_PLAYING);

  return TRUE;
}

static gboolean
write_picture (Demo * self, const gchar * path, GError ** error)
{
  g_autoptr (GstCaps) caps = gst_video_info_to_caps (&self->info);
  g_autoptr (GstCaps) png = gst_caps_new_empty_simple ("image/png");
  g_autoptr (GstSample) frame = gst_sample_new (self->last_frame, caps, NULL,
      NULL);
  g_autoptr (GstSample) picture = gst_video_convert_sample (frame, png,
      PICTURE_TIMEOUT, error);
  GstMapInfo map;
  gboolean written;

  if (picture == NULL)
    return FALSE;

  gst_buffer_map (gst_sample_get_buffer (picture), &map, GST_MAP_READ);
  written = g_file_set_contents (path, (const gchar *) map.data, map.size,
      error);
  gst_buffer_unmap (gst_sample_get_buffer (picture), &map);

  return written;
}

static void
print_session (Demo * self, const gchar * title, Moment start, Moment open,
    Moment connected)
{
  g_print ("%s  open after %.0f ms, connected after %.0f ms", title,
      measure_get_interval (self->measure, start, open),
      measure_get_interval (self->measure, start, connected));
}

static int
report (Demo * self)
{
  const Options *options = self->options;
  const gchar *fault = self->error != NULL ? self->error
      : measure_get_fault (self->measure);
  g_autoptr (GError) error = NULL;

  if (fault != NULL) {
    g_printerr ("The demo failed: %s\n", fault);
    return 1;
  }

  print_session (self, "Published ", MOMENT_PUBLISH_START, MOMENT_PUBLISH_OPEN,
      MOMENT_PUBLISH_CONNECTED);
  g_print ("\n");
  print_session (self, "Played    ", MOMENT_PLAY_START, MOMENT_PLAY_OPEN,
      MOMENT_PLAY_CONNECTED);
  g_print (", first picture after %.0f ms\n",
      measure_get_interval (self->measure, MOMENT_PLAY_START,
          MOMENT_FIRST_FRAME));
  measure_print (self->measure);
  if (options->picture != NULL) {
    if (!write_picture (self, options->picture, &error)) {
      g_printerr ("The demo failed: no picture could be written: %s\n",
          error->message);
      return 1;
    }
    g_print ("Picture     %s\n", options->picture);
  }
  if (options->json)
    measure_print_json (self->measure);

  return 0;
}

static int
run (const Options * options)
{
  Demo self = { options, };
  g_autoptr (GError) error = NULL;
  guint deadline;
  int result;

  g_mutex_init (&self.lock);
  self.loop = g_main_loop_new (NULL, FALSE);
  self.measure = measure_new ();

  deadline = g_timeout_add_seconds (options->seconds + CONNECT_TIMEOUT_S,
      on_time_over, &self);
  if (start_publisher (&self, &error))
    g_main_loop_run (self.loop);
  else
    fail (&self, error->message);
  g_source_remove (deadline);

  if (self.player != NULL)
    stop_pipeline (self.player);
  if (self.publisher != NULL)
    stop_pipeline (self.publisher);
  result = report (&self);

  gst_clear_buffer (&self.last_frame);
  measure_free (self.measure);
  g_main_loop_unref (self.loop);
  g_mutex_clear (&self.lock);
  g_free (self.error);

  return result;
}

int
main (int argc, char **argv)
{
  Options options = {.seconds = 10 };
  const GOptionEntry entries[] = {
    {"uri", 'u', 0, G_OPTION_ARG_STRING, &options.uri,
        "Where to publish to and to play from", "URI"},
    {"seconds", 's', 0, G_OPTION_ARG_INT, &options.seconds,
        "How long to play (10)", "N"},
    {"picture", 'p', 0, G_OPTION_ARG_FILENAME, &options.picture,
        "Write the last picture that arrived as PNG", "FILE"},
    {"json", 'j', 0, G_OPTION_ARG_NONE, &options.json,
        "End with a line of JSON", NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int result = 2;

  g_option_context_set_summary (context,
      "Publishes a test picture and a tone, plays them back, and measures.");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_printerr ("%s\n", error->message);
  else if (options.uri == NULL || options.seconds < 1)
    g_printerr ("Needs --uri, and a second or more.\n");
  else
    result = run (&options);
  g_free (options.uri);
  g_free (options.picture);

  return result;
}
