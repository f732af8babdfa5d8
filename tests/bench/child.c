/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The child's side: it runs one session after the other and says when what
 * happens. Nothing is prepared before the first one but what a program that
 * links a pipeline together has done anyway.
 */

#include "bench.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const BenchClient *client;
  GDataInputStream *input;
  GMainLoop *loop;
  gpointer session;
  GThread *watcher;             /* of the first session */
} Child;

static void read_next (Child * self);

void
bench_note (const gchar * what)
{
  gchar line[64];
  gint size = g_snprintf (line, sizeof (line), "%s %" G_GINT64_FORMAT "\n",
      what, g_get_monotonic_time ());

  /* Less than PIPE_BUF: whole lines, from whichever thread. */
  if (write (STDOUT_FILENO, line, size) != size)
    exit (1);
}

static GstPadProbeReturn
on_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  bench_note (BENCH_FRAME);

  return GST_PAD_PROBE_REMOVE;
}

void
bench_note_first_buffer (GstPad * pad)
{
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_buffer,
      NULL, NULL);
}

/* A session that fails ends the benchmark: there is nothing to measure. */
static GstBusSyncReply
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s: %s\n", GST_MESSAGE_SRC_NAME (message), error->message);
    _exit (1);
  }
  gst_message_unref (message);

  return GST_BUS_DROP;
}

static GstElement *
new_pipeline (const gchar * launch)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);
  g_autoptr (GstBus) bus = NULL;

  if (error != NULL)
    g_error ("%s", error->message);

  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, on_message, NULL, NULL);

  return pipeline;
}

static GstElement *
start_pipeline (const gchar * launch)
{
  GstElement *pipeline = new_pipeline (launch);
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), "e");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), "f");

  g_signal_connect_swapped (element, "on-open", G_CALLBACK (bench_note),
      (gpointer) BENCH_OPEN);
  g_signal_connect_swapped (element, "on-connected", G_CALLBACK (bench_note),
      (gpointer) BENCH_CONNECTED);
  if (sink != NULL) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

    bench_note_first_buffer (pad);
  }

  bench_note (BENCH_START);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bench_note (BENCH_STATE);

  return pipeline;
}

static gpointer
start_feed (const gchar * uri)
{
  g_autofree gchar *launch = g_strdup_printf (BENCH_PICTURE "! e.video "
      "audiotestsrc is-live=true ! e.audio wsctlsink name=e uri=%s", uri);

  return start_pipeline (launch);
}

static gpointer
start_publish (const gchar * uri)
{
  g_autofree gchar *launch = g_strdup_printf (BENCH_PICTURE
      "! wsctlsink name=e uri=%s", uri);

  return start_pipeline (launch);
}

static gpointer
start_play (const gchar * uri)
{
  g_autofree gchar *launch =
      g_strdup_printf ("wsctlsrc name=e uri=%s data-tracks=all "
      "e.video_0 ! fakesink name=f async=false "
      "e.audio_0 ! fakesink async=false", uri);

  return start_pipeline (launch);
}

static void
stop_pipeline (gpointer pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static gpointer
start_certificate (const gchar * uri)
{
  GstElement *element;

  bench_note (BENCH_START);
  element = gst_element_factory_make ("dtlsdec", NULL);
  bench_note (BENCH_STATE);

  return element;
}

static void
stop_certificate (gpointer element)
{
  gst_object_unref (element);
}

const BenchClient bench_feed = { "feed", start_feed, stop_pipeline };
const BenchClient bench_publish = { "publish", start_publish, stop_pipeline };
const BenchClient bench_play = { "play", start_play, stop_pipeline };

const BenchClient bench_certificate = {
  "certificate", start_certificate, stop_certificate
};

/* Whoever makes a DTLS element while the first one is being made waits with it.
 * By now the session has begun the work itself. */
static gpointer
run_watch_certificate (gpointer data)
{
  GstElement *element = gst_element_factory_make ("dtlsdec", NULL);

  bench_note (BENCH_CERTIFICATE);

  return element;
}

static void
obey (Child * self, const gchar * line)
{
  if (g_str_has_prefix (line, "go ")) {
    self->session = self->client->start (line + strlen ("go "));
    if (self->watcher == NULL)
      self->watcher = g_thread_new ("certificate", run_watch_certificate, NULL);
  } else if (self->session != NULL) {
    self->client->stop (g_steal_pointer (&self->session));
    bench_note (BENCH_STOPPED);
  }
}

static void
on_line (GObject * source, GAsyncResult * result, gpointer data)
{
  Child *self = data;
  g_autofree gchar *line =
      g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);

  if (line == NULL) {
    g_main_loop_quit (self->loop);
    return;
  }
  obey (self, line);
  read_next (self);
}

static void
read_next (Child * self)
{
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL,
      on_line, self);
}

int
bench_child_run (const gchar * name)
{
  static const BenchClient *const clients[] = {
    &bench_feed, &bench_publish, &bench_play, &bench_plain_publish,
    &bench_plain_play, &bench_certificate
  };
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO,
      FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (stream);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Child child = { NULL, input, loop, NULL, NULL };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (clients); i++) {
    if (g_str_equal (clients[i]->name, name))
      child.client = clients[i];
  }
  if (child.client == NULL)
    return 2;

  read_next (&child);
  g_main_loop_run (loop);
  if (child.session != NULL)
    child.client->stop (child.session);
  if (child.watcher != NULL)
    gst_object_unref (g_thread_join (child.watcher));

  return 0;
}
