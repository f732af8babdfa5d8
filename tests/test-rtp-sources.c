/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * RTP as it comes is published, with any caps and any numbers. Its source is
 * replaced again and again, by the library's replace_track() and by linking
 * another one to wsctlsink: a player sees each source, at once, and the time of
 * the media goes on.
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
  guint n_shown[N_SOURCES];     /* lock: pictures of each */
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
  if (self->shown >= 0)
    self->n_shown[self->shown]++;
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
screen_init (Screen * self, GstWsctlServer * server, const gchar * stream)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, stream);
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) sink = NULL;

  memset (self, 0, sizeof *self);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->shown = -1;
  self->last = GST_CLOCK_TIME_NONE;
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
  screen_init (&screen, server, "live");
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

/* wsctlsink with two sources that may stand unlinked */
typedef struct
{
  GstPad *sources[N_SOURCES];
  GstPad *sink;
} Relink;

static void
relink (gpointer data, guint source)
{
  Relink *self = data;
  g_autoptr (GstPad) old = gst_pad_get_peer (self->sink);

  g_assert_true (gst_pad_unlink (old, self->sink));
  g_assert_cmpint (gst_pad_link (self->sources[source], self->sink), ==,
      GST_PAD_LINK_OK);
}

static void
test_element (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *first = g_strdup_printf (SOURCE, sources[0].color, 96);
  g_autofree gchar *second = g_strdup_printf (SOURCE, sources[1].color, 97);
  g_autoptr (TestPipeline) sender =
      test_pipeline_new ("wsctlsink name=s uri=%s "
      "%s ! queue ! tee allow-not-linked=true name=t0 "
      "%s ! queue ! tee allow-not-linked=true name=t1", uri, first, second);
  g_autoptr (GstElement) element = test_pipeline_find (sender, "s");
  Relink pads = { {NULL}, gst_element_request_pad_simple (element, "video") };
  Screen screen;
  guint i;

  for (i = 0; i < N_SOURCES; i++) {
    g_autofree gchar *name = g_strdup_printf ("t%u", i);
    g_autoptr (GstElement) tee = test_pipeline_find (sender, name);

    pads.sources[i] = gst_element_request_pad_simple (tee, "src_%u");
  }
  gst_pad_link (pads.sources[0], pads.sink);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  screen_init (&screen, server, "live");
  screen_wait (&screen, 0, TEST_TIMEOUT_MS);
  watch_changes (&screen, relink, &pads);

  g_assert_cmpuint (gst_wsctl_server_count_sessions (server), ==, 2);
  test_pipeline_assert_healthy (sender);
  screen_clear (&screen);
  gst_object_unref (pads.sink);
  for (i = 0; i < N_SOURCES; i++)
    gst_object_unref (pads.sources[i]);
}

#define MAX_PACKET 1200
#define N_PICTURES 15

#define PICTURES(color) "videotestsrc is-live=true pattern=solid-color " \
    "foreground-color=" color " ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1 ! "
#define RED PICTURES ("0xffff0000")
#define BLUE PICTURES ("0xff0000ff")
#define ENCODER "x264enc tune=zerolatency speed-preset=ultrafast " \
    "key-int-max=30 ! "
#define RTP "application/x-rtp,media=(string)video"

/* As cameras and payloaders give it. @text: of the warning, or NULL */
static const struct
{
  const gchar *name;
  const gchar *line;
  const gchar *text;
} rows[] = {
  {"rtspsrc", RED ENCODER "rtph264pay ! capssetter replace=true caps=\"" RTP
        ",clock-rate=90000,encoding-name=H264,payload=96,ssrc=(uint)5,"
        "seqnum-base=(uint)7,clock-base=(uint)9,npt-start=(guint64)0,"
        "play-speed=(double)1,play-scale=(double)1,packetization-mode=(string)1,"
        "a-tool=(string)GStreamer,a-type=(string)broadcast,"
        "x-dimensions=(string)\\\"160,120\\\"\"", NULL},
  {"no-payload", RED ENCODER "rtph264pay ! capssetter replace=true caps=" RTP
        ",clock-rate=90000,encoding-name=H264", NULL},
  {"no-clock-rate", RED ENCODER "rtph264pay ! capssetter replace=true caps="
        RTP ",encoding-name=H264", NULL},
  {"other-number", RED "vp8enc deadline=1 ! rtpvp8pay pt=127", NULL},
  {"wrong-number", RED ENCODER "rtph264pay pt=98 ! capssetter replace=true "
        "caps=" RTP ",clock-rate=90000,encoding-name=H264,payload=99",
      "payload type 99"},
  {"large-packets", RED ENCODER "rtph264pay mtu=60000 name=large", NULL},
  {"mode-0", RED ENCODER "rtph264pay mtu=60000 aggregate-mode=none ! "
        "capssetter replace=true caps=" RTP ",clock-rate=90000,"
        "encoding-name=H264,payload=96,packetization-mode=(string)0", NULL},
  {"fec", RED ENCODER "rtph264pay pt=96 ! "
        "rtpulpfecenc pt=100 percentage=100", NULL},
  {"beside", RED ENCODER "rtph264pay pt=96 ! funnel name=f "
        "forward-sticky-events=false " BLUE ENCODER
        "rtph264pay pt=97 ssrc=77 ! f. f.", NULL},
};

typedef struct
{
  TestPipeline *sender;
  Screen screen;
  gint largest;                 /* atomic: bytes of a packet */
} Row;

static gboolean
measure (GstBuffer ** packet, guint i, gpointer data)
{
  gint size = (gint) gst_buffer_get_size (*packet);
  Row *row = data;

  if (size > g_atomic_int_get (&row->largest))
    g_atomic_int_set (&row->largest, size);

  return TRUE;
}

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *packet;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), measure,
        data);
  } else {
    packet = GST_PAD_PROBE_INFO_BUFFER (info);
    measure (&packet, 0, data);
  }

  return GST_PAD_PROBE_OK;
}

/* Where packets leave the element */
static void
watch_packets (Row * row)
{
  g_autoptr (GstElement) sink = test_pipeline_find (row->sender, "s");
  g_autoptr (GstElement) chain = GST_ELEMENT
      (gst_child_proxy_get_child_by_name (GST_CHILD_PROXY (sink), "video"));
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet, row, NULL);
}

/* Of one source only: where there are two, that whose packets came first */
static void
wait_pictures (Screen * screen)
{
  gint64 end_us = g_get_monotonic_time ()
      + test_scale_ms (TEST_TIMEOUT_MS) * G_TIME_SPAN_MILLISECOND;

  g_mutex_lock (&screen->lock);
  while (MAX (screen->n_shown[0], screen->n_shown[1]) < N_PICTURES) {
    if (!g_cond_wait_until (&screen->cond, &screen->lock, end_us))
      g_error ("Waited in vain for pictures");
  }
  g_mutex_unlock (&screen->lock);
  g_assert_cmpuint (MIN (screen->n_shown[0], screen->n_shown[1]), ==, 0);
  g_assert_cmpuint (screen->n_back, ==, 0);
}

static gboolean
is_warning (GstMessage * message, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING)
    return FALSE;
  gst_message_parse_warning (message, &error, NULL);

  return strstr (error->message, text) != NULL;
}

/* All at once: each is a stream of its own. */
static void
test_rows (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  Row all[G_N_ELEMENTS (rows)];
  guint i;

  memset (all, 0, sizeof all);
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *uri = test_wsctl_server_get_uri (server, rows[i].name);

    all[i].sender = test_pipeline_new ("%s ! wsctlsink name=s uri=%s",
        rows[i].line, uri);
    test_pipeline_play (all[i].sender);
  }
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s at the server", rows[i].name);
    test_wsctl_server_wait_frames (server, rows[i].name, "video", 1);
    watch_packets (&all[i]);
    screen_init (&all[i].screen, server, rows[i].name);
  }
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i].name);
    wait_pictures (&all[i].screen);
    screen_clear (&all[i].screen);
    g_assert_cmpint (g_atomic_int_get (&all[i].largest), >, 0);
    g_assert_cmpint (g_atomic_int_get (&all[i].largest), <=, MAX_PACKET);
    if (rows[i].text == NULL)
      test_pipeline_assert_healthy (all[i].sender);
    else
      test_pipeline_wait_match (all[i].sender, is_warning, rows[i].text,
          rows[i].text);
    g_assert_cmpuint (test_pipeline_count_type (all[i].sender,
            GST_MESSAGE_WARNING), ==, rows[i].text != NULL);
    test_pipeline_free (all[i].sender);
  }
}

/* What cannot be published is one error, which says what to do. */
static void
test_errors (void)
{
  static const struct
  {
    const gchar *line;
    const gchar *text;
  } errors[] = {
    {RED ENCODER "rtph264pay ! capssetter replace=true caps=" RTP,
        "no encoding-name"},
    {RED "jpegenc ! rtpjpegpay", "JPEG"},
    {RED "x264enc bframes=2 b-adapt=false ! video/x-h264,profile=main ! "
          "rtph264pay", "B-frames"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (errors); i++) {
    g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
    g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
    g_autoptr (TestPipeline) sender = test_pipeline_new ("%s ! "
        "wsctlsink uri=%s", errors[i].line, uri);

    test_pipeline_play (sender);
    test_pipeline_expect_error (sender, GST_STREAM_ERROR,
        GST_STREAM_ERROR_FORMAT, errors[i].text);
  }
}

/* Both payloaders as they come, with the same payload type; and one whose codec
 * is known by that alone. */
static void
test_same_number (void)
{
  static const gchar *const sounds[] = {
    "opusenc ! rtpopuspay pt=96",
    "audioconvert ! audioresample ! alawenc ! rtppcmapay ! "
        "capssetter replace=true caps=application/x-rtp,media=audio,payload=8",
  };
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sounds); i++) {
    g_autofree gchar *name = g_strdup_printf ("s%u", i);
    g_autofree gchar *uri = test_wsctl_server_get_uri (server, name);
    g_autoptr (TestPipeline) sender = test_pipeline_new (RED
        "vp8enc deadline=1 ! rtpvp8pay pt=96 ! s.video "
        "audiotestsrc is-live=true samplesperbuffer=960 ! %s ! s.audio "
        "wsctlsink name=s uri=%s", sounds[i], uri);

    test_pipeline_play (sender);
    test_wsctl_server_wait_frames (server, name, "video", 10);
    test_wsctl_server_wait_frames (server, name, "audio", 10);
    test_pipeline_assert_healthy (sender);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/rtp-sources/library", test_library);
  test_add ("/rtp-sources/refused", test_refused);
  test_add_in_real_time ("/rtp-sources/element", test_element);
  test_add ("/rtp-sources/rows", test_rows);
  test_add ("/rtp-sources/errors", test_errors);
  test_add ("/rtp-sources/same-number", test_same_number);

  return g_test_run ();
}
