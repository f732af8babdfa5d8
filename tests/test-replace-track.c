/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is sent is replaced again and again, by the library's replace_track() and
 * by linking other RTP to wsctlsink: a player sees each source, at once, and the
 * time of the media goes on.
 */

#include "testpipeline.h"
#include "testsupport.h"
#include "wsctlcontroller.h"
#include "wsctlerror.h"

#define N_CHANGES 50
#define N_SOURCES 2
#define CHANGE_MS 1000
#define WIDTH 160
#define HEIGHT 120

/* Nearest to what a decoder makes of it: the byte of RGBx that is high */
static const struct
{
  const gchar *color;
  guint byte;
} sources[N_SOURCES] = {
  {"0xffff0000", 0},
  {"0xff0000ff", 2},
};

#define SOURCE "videotestsrc is-live=true pattern=solid-color " \
    "foreground-color=%s ! " \
    "video/x-raw,width=160,height=120,framerate=30/1 ! " \
    "vp8enc deadline=1 cpu-used=8 ! rtpvp8pay pt=%u"

/* What a player shows */
typedef struct
{
  TestPipeline *pipeline;
  GMutex lock;
  GCond cond;
  gint shown;                   /* lock: number of the source, -1: none */
  GstClockTime last;            /* lock: PTS */
  GstClockTime longest;         /* lock: from one picture to the next */
  guint n_back;                 /* lock: PTS that do not go on */
} Screen;

static gint
recognize (GstBuffer * buffer)
{
  const gsize middle = (HEIGHT / 2 * WIDTH + WIDTH / 2) * 4;
  guint8 pixel[4];
  gint i;

  if (gst_buffer_extract (buffer, middle, pixel, 4) != 4)
    return -1;
  for (i = 0; i < N_SOURCES; i++) {
    if (pixel[sources[i].byte] > 200 && pixel[2 - sources[i].byte] < 60)
      return i;
  }

  return -1;
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Screen *self = data;

  g_mutex_lock (&self->lock);
  self->shown = recognize (buffer);
  if (GST_CLOCK_TIME_IS_VALID (self->last)) {
    self->n_back += GST_BUFFER_PTS (buffer) <= self->last;
    if (GST_BUFFER_PTS (buffer) > self->last)
      self->longest = MAX (self->longest, GST_BUFFER_PTS (buffer) - self->last);
  }
  self->last = GST_BUFFER_PTS (buffer);
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);

  return GST_PAD_PROBE_OK;
}

static void
screen_init (Screen * self, GstWsctlServer * server)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) sink = NULL;

  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->shown = -1;
  self->last = GST_CLOCK_TIME_NONE;
  self->longest = 0;
  self->n_back = 0;
  self->pipeline = test_pipeline_new ("wsctlsrc uri=%s ! videoconvert ! "
      "video/x-raw,format=RGBx,width=%d,height=%d ! "
      "fakesink name=out async=false sync=false", uri, WIDTH, HEIGHT);
  out = test_pipeline_find (self->pipeline, "out");
  sink = gst_element_get_static_pad (out, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, on_picture, self, NULL);
  test_pipeline_play (self->pipeline);
}

static void
screen_clear (Screen * self)
{
  test_pipeline_free (self->pipeline);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

/* Returns how long it took, in ms. */
static guint
screen_wait (Screen * self, gint source, guint wait_ms)
{
  gint64 begin_us = g_get_monotonic_time ();
  gint64 end_us = begin_us + test_scale_ms (wait_ms)
      * G_TIME_SPAN_MILLISECOND;

  g_mutex_lock (&self->lock);
  while (self->shown != source) {
    if (!g_cond_wait_until (&self->cond, &self->lock, end_us))
      g_error ("Waited in vain for a picture of source %d, %d is shown",
          source, self->shown);
  }
  g_mutex_unlock (&self->lock);

  return (guint) ((g_get_monotonic_time () - begin_us)
      / G_TIME_SPAN_MILLISECOND);
}

/* Changes until all have been seen N_CHANGES times in all. */
static void
watch_changes (Screen * screen, void (*change) (gpointer data, guint source),
    gpointer data)
{
  guint i, took_ms, sum_ms = 0, longest_ms = 0;

  for (i = 1; i <= N_CHANGES; i++) {
    change (data, i % N_SOURCES);
    took_ms = screen_wait (screen, i % N_SOURCES, CHANGE_MS);
    sum_ms += took_ms;
    longest_ms = MAX (longest_ms, took_ms);
    test_watchdog_restart ();
  }

  g_test_message ("%u changes, seen after %u ms, at most %u; from one picture "
      "to the next at most %" G_GUINT64_FORMAT " ms, %u backwards", N_CHANGES,
      sum_ms / N_CHANGES, longest_ms, screen->longest / GST_MSECOND,
      screen->n_back);
  g_assert_cmpuint (screen->n_back, ==, 0);
  g_assert_cmpuint (screen->longest, <, CHANGE_MS * GST_MSECOND);
}

/* A publisher made with the library */
typedef struct
{
  TestPipeline *pipeline;
  GstWsctlController *controller;
  GstElement *bins[N_SOURCES];  /* of the pipeline's */
  GMainContext *context;
  gint connected;               /* atomic */
  gint n_reports;               /* atomic */
  gint n_still;                 /* atomic: reports of no more than before */
  gint64 millis;                /* the loop: of the last one */
} Publisher;

static void
on_connected (GstWsctlController * controller, Publisher * self)
{
  g_atomic_int_set (&self->connected, TRUE);
  g_main_context_wakeup (self->context);
}

static void
on_report (GstWsctlController * controller, GstStructure * report,
    Publisher * self)
{
  gint64 millis = 0;

  gst_structure_get_int64 (report, "millis", &millis);
  if (g_atomic_int_add (&self->n_reports, 1) > 0 && millis <= self->millis)
    g_atomic_int_inc (&self->n_still);
  self->millis = millis;
  g_main_context_wakeup (self->context);
}

static gboolean
is_connected (gpointer data)
{
  return g_atomic_int_get (&((Publisher *) data)->connected);
}

static void
publisher_init (Publisher * self, GstWsctlServer * server,
    const gchar * const *codecs)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (GstWsctlConfig) config = gst_wsctl_config_new (uri);
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->context = g_main_context_ref_thread_default ();
  self->controller = gst_wsctl_controller_new (config, GST_WSCTL_ROLE_PUBLISH,
      &error);
  g_assert_no_error (error);
  gst_wsctl_controller_set_codecs (self->controller, codecs);
  g_signal_connect (self->controller, "on-connected",
      G_CALLBACK (on_connected), self);
  g_signal_connect (self->controller, "on-media-report",
      G_CALLBACK (on_report), self);
  self->pipeline = test_pipeline_new ("fakesrc num-buffers=0 ! "
      "fakesink async=false");
  gst_bin_add (GST_BIN (test_pipeline_get (self->pipeline)),
      gst_wsctl_connection_get_element (gst_wsctl_controller_get_connection
          (self->controller)));
  test_pipeline_play (self->pipeline);
  gst_wsctl_controller_open_async (self->controller, NULL, NULL, NULL);
  test_wait_until (self->context, is_connected, self, 0, "the publisher to "
      "be connected");
}

static void
publisher_clear (Publisher * self)
{
  gst_wsctl_controller_close (self->controller, NULL);
  test_pipeline_assert_healthy (self->pipeline);
  test_pipeline_free (self->pipeline);
  g_object_unref (self->controller);
  g_main_context_unref (self->context);
}

/* Transfer full */
static GstPad *
publisher_add (Publisher * self, const gchar * line, GstElement ** bin)
{
  g_autoptr (GError) error = NULL;

  *bin = gst_parse_bin_from_description (line, TRUE, &error);
  g_assert_no_error (error);
  gst_bin_add (GST_BIN (test_pipeline_get (self->pipeline)), *bin);

  return gst_element_get_static_pad (*bin, "src");
}

static gboolean
publisher_try (Publisher * self, GstWsctlMediaKind kind, GstPad * track,
    GError ** error)
{
  return gst_wsctl_controller_replace_track (self->controller, kind, track,
      error);
}

static void
replace (gpointer data, guint source)
{
  Publisher *self = data;
  g_autoptr (GstPad) track = NULL;
  g_autoptr (GError) error = NULL;

  if (self->bins[source] == NULL) {
    g_autofree gchar *line = g_strdup_printf (SOURCE, sources[source].color,
        96 + source);

    track = publisher_add (self, line, &self->bins[source]);
  } else {
    track = gst_element_get_static_pad (self->bins[source], "src");
  }

  publisher_try (self, GST_WSCTL_MEDIA_KIND_VIDEO, track, &error);
  g_assert_no_error (error);
  gst_element_sync_state_with_parent (self->bins[source]);
}

static gboolean
has_reports (gpointer data)
{
  return g_atomic_int_get (&((Publisher *) data)->n_reports) >= 5;
}

/* Two encoders and payloaders, in turn; both run all the time. */
static void
test_library (void)
{
  static const gchar *const codecs[] = { "VP8", NULL };
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  Publisher publisher;
  Screen screen;

  publisher_init (&publisher, server, codecs);
  replace (&publisher, 0);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  screen_init (&screen, server);
  screen_wait (&screen, 0, TEST_TIMEOUT_MS);
  watch_changes (&screen, replace, &publisher);

  test_wait_until (publisher.context, has_reports, &publisher, 0,
      "reports of the server");
  g_assert_cmpint (g_atomic_int_get (&publisher.n_still), ==, 0);
  screen_clear (&screen);
  publisher_clear (&publisher);
}

/* What was agreed can be asked for, and what does not fit is refused: the track
 * before stays. */
static void
test_refused (void)
{
  static const gchar *const codecs[] = { "H264", NULL };
  static const struct
  {
    const gchar *line;
    const gchar *reason;
  } rows[] = {
    {"videotestsrc is-live=true ! vp8enc ! rtpvp8pay", "H264"},
    {"videotestsrc is-live=true ! x264enc ! "
          "video/x-h264,profile=high ! rtph264pay ! capsfilter "
          "caps=\"application/x-rtp,profile-level-id=(string)64001f\"",
        "profile"},
    {"videotestsrc is-live=true", "H264"},
    {"audiotestsrc is-live=true ! opusenc ! rtpopuspay", "H264"},
  };
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (GstStructure) stream = NULL;
  g_autoptr (GstCaps) agreed = NULL;
  g_autofree gchar *text = NULL;
  const GstStructure *structure;
  Publisher publisher;
  gint number;
  guint i;

  publisher_init (&publisher, server, codecs);
  stream = gst_wsctl_controller_get_stream (publisher.controller);
  g_assert_true (gst_structure_get (stream, "video-caps", GST_TYPE_CAPS,
          &agreed, NULL));
  structure = gst_caps_get_structure (agreed, 0);
  text = gst_structure_to_string (structure);
  g_test_message ("agreed: %s", text);
  g_assert_true (gst_structure_get_int (structure, "payload", &number));
  g_assert_true (gst_structure_get_int (structure, "clock-rate", &number));
  g_assert_cmpint (number, ==, 90000);
  g_assert_nonnull (gst_structure_get_string (structure, "profile-level-id"));

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstElement *bin;
    g_autoptr (GstPad) track = publisher_add (&publisher, rows[i].line, &bin);
    g_autoptr (GError) error = NULL;

    g_assert_false (publisher_try (&publisher, GST_WSCTL_MEDIA_KIND_VIDEO,
            track, &error));
    g_test_message ("%s", error->message);
    g_assert_error (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_REPLACE_TRACK_FAILED);
    g_assert_nonnull (strstr (error->message, rows[i].reason));
    g_assert_false (gst_pad_is_linked (track));
    gst_bin_remove (GST_BIN (test_pipeline_get (publisher.pipeline)), bin);
  }
  publisher_clear (&publisher);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/replace-track/library", test_library);
  test_add ("/replace-track/refused", test_refused);

  return g_test_run ();
}
