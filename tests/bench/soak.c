/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Publishes and plays on the loopback for as long as is wanted, and prints what
 * that takes and whether it grows. The server is a process of its own: what is
 * counted here is ours. What is kept to be sent again takes half a minute to
 * fill. Ends with 1 when something has grown beyond that.
 */

#include <gst/gst.h>
#include <stdlib.h>

#include "testprocess.h"

#define PICTURE "videotestsrc is-live=true pattern=ball " \
    "! video/x-raw,width=320,height=240,framerate=30/1 "
#define TONE "audiotestsrc is-live=true "

/* From the first quarter to the end */
#define MAX_THREADS 2
#define MAX_DESCRIPTORS 2
#define MAX_BYTES (1024 * 1024)
#define MAX_BYTES_FILLING (10 * 1024 * 1024)
#define FILLED_S 45
#define LOOK_INTERVAL_MS 20

typedef struct
{
  guint threads;
  guint descriptors;
  gsize bytes;
  gdouble latency_ms;           /* mean; negative when not known */
  guint64 frames;
} Sample;

/* The player's streaming thread adds, the main loop takes. */
typedef struct
{
  GMutex lock;
  gint64 latency_sum_us;        /* lock */
  guint64 n_stamped;            /* lock */
  guint64 n_frames;             /* lock */
} Frames;

typedef struct
{
  GMainLoop *loop;
  GstElement *sender;
  GstElement *player;
  Frames frames;
  GArray *samples;              /* Sample */
  guint n_wanted;
  gint64 begin_us;
  gboolean failed;
} Soak;

static guint
count_entries (const gchar * path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  g_clear_pointer (&dir, g_dir_close);

  return n;
}

/* A frame carries the time at which the server had it. */
static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  static GstStaticCaps unix_caps = GST_STATIC_CAPS ("timestamp/x-unix");
  g_autoptr (GstCaps) caps = gst_static_caps_get (&unix_caps);
  GstReferenceTimestampMeta *meta =
      gst_buffer_get_reference_timestamp_meta (info->data, caps);
  Frames *frames = data;

  g_mutex_lock (&frames->lock);
  frames->n_frames++;
  if (meta != NULL) {
    frames->latency_sum_us +=
        g_get_real_time () - (gint64) (meta->timestamp / GST_USECOND);
    frames->n_stamped++;
  }
  g_mutex_unlock (&frames->lock);

  return GST_PAD_PROBE_OK;
}

static void
take_frames (Frames * frames, Sample * sample)
{
  g_mutex_lock (&frames->lock);
  sample->frames = frames->n_frames;
  sample->latency_ms = frames->n_stamped > 0
      ? frames->latency_sum_us / 1000.0 / frames->n_stamped : -1.0;
  frames->latency_sum_us = 0;
  frames->n_stamped = 0;
  g_mutex_unlock (&frames->lock);
}

/* The statistics, as somebody reads them all the time: microseconds each */
static gdouble
read_stats (GstElement * pipeline)
{
  g_autoptr (GstElement) element = gst_bin_get_by_name (GST_BIN (pipeline),
      "s");
  gint64 begin_us = g_get_monotonic_time ();
  guint i;

  for (i = 0; i < 10; i++) {
    g_autoptr (GstStructure) stats = NULL;

    g_object_get (element, "stats", &stats, NULL);
  }

  return (g_get_monotonic_time () - begin_us) / 10.0;
}

static gboolean
on_interval (gpointer data)
{
  Soak *soak = data;
  Sample sample = { count_entries ("/proc/self/task"),
    count_entries ("/proc/self/fd"), test_process_get_allocated (),
  };

  take_frames (&soak->frames, &sample);
  g_array_append_val (soak->samples, sample);
  g_print ("%6.0f s %8u threads %6u descriptors %9.1f MB %8.1f ms "
      "%9" G_GUINT64_FORMAT " frames %7.0f us a look\n",
      (g_get_monotonic_time () - soak->begin_us) / 1e6, sample.threads,
      sample.descriptors, sample.bytes / 1048576.0, sample.latency_ms,
      sample.frames, (read_stats (soak->sender)
          + read_stats (soak->player)) / 2);
  if (soak->samples->len < soak->n_wanted)
    return G_SOURCE_CONTINUE;

  g_main_loop_quit (soak->loop);

  return G_SOURCE_REMOVE;
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Soak *soak = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || gst_message_has_name (message, "wsctl-close")) {
    g_autofree gchar *text =
        gst_structure_to_string (gst_message_get_structure (message));

    g_printerr ("%s: %s\n", GST_MESSAGE_SRC_NAME (message), text);
    soak->failed = TRUE;
    g_main_loop_quit (soak->loop);
  }

  return G_SOURCE_CONTINUE;
}

static GstElement *
launch (Soak * soak, const gchar * format, const gchar * uri)
{
  g_autofree gchar *line = g_strdup_printf (format, uri);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstBus) bus = NULL;

  if (pipeline == NULL)
    g_error ("%s", error->message);

  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, on_message, soak);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);

  return pipeline;
}

static void
stop (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  gst_bus_remove_watch (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static gboolean
on_look (gpointer data)
{
  Soak *soak = data;
  gboolean begun;

  g_mutex_lock (&soak->frames.lock);
  begun = soak->frames.n_frames > 0;
  g_mutex_unlock (&soak->frames.lock);
  if (!begun)
    return G_SOURCE_CONTINUE;

  g_main_loop_quit (soak->loop);

  return G_SOURCE_REMOVE;
}

/* Until something is shown: before, all of it grows. */
static void
start (Soak * soak, const gchar * uri)
{
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  soak->sender = launch (soak, "wsctlsink name=s uri=%s " PICTURE
      "! s.video " TONE "! s.audio", uri);
  soak->player = launch (soak, "wsctlsrc name=s uri=%s wait-for-stream=true "
      "s. ! video/x-raw ! queue ! fakesink name=picture async=false "
      "s. ! audio/x-raw ! queue ! fakesink async=false", uri);
  sink = gst_bin_get_by_name (GST_BIN (soak->player), "picture");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, &soak->frames,
      NULL);
  g_timeout_add (LOOK_INTERVAL_MS, on_look, soak);
  g_main_loop_run (soak->loop);
}

static gboolean
has_grown (Soak * soak, guint interval_s)
{
  const Sample *first, *last;
  gsize max_bytes = soak->samples->len / 4 * interval_s >= FILLED_S
      ? MAX_BYTES : MAX_BYTES_FILLING;

  if (soak->samples->len < 4)
    return FALSE;

  first = &g_array_index (soak->samples, Sample, soak->samples->len / 4);
  last = &g_array_index (soak->samples, Sample, soak->samples->len - 1);
  g_print ("since the first quarter: %+d threads, %+d descriptors, %+.1f MB, "
      "%+.1f ms\n", (gint) (last->threads - first->threads),
      (gint) (last->descriptors - first->descriptors),
      ((gdouble) last->bytes - first->bytes) / 1048576.0,
      last->latency_ms - first->latency_ms);

  return last->threads > first->threads + MAX_THREADS
      || last->descriptors > first->descriptors + MAX_DESCRIPTORS
      || last->bytes > first->bytes + max_bytes
      || last->frames == first->frames;
}

int
main (int argc, char **argv)
{
  gdouble minutes = 60.0;
  gint interval_s = 60;
  GOptionEntry entries[] = {
    {"minutes", 'm', 0, G_OPTION_ARG_DOUBLE, &minutes, "For how long (60)",
        NULL},
    {"interval", 'i', 0, G_OPTION_ARG_INT, &interval_s,
        "Seconds from one line to the next (60)", NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (TestProcess) process = NULL;
  g_autoptr (GError) error = NULL;
  Soak soak = { NULL, };
  gboolean grown;

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error))
    g_error ("%s", error->message);

  process = test_process_new (WSCTL_SERVER);
  test_process_start (process);
  soak.loop = g_main_loop_new (NULL, FALSE);
  soak.samples = g_array_new (FALSE, FALSE, sizeof (Sample));
  soak.n_wanted = MAX (1, minutes * 60 / MAX (interval_s, 1));
  g_mutex_init (&soak.frames.lock);
  start (&soak, test_process_get_uri (process));
  soak.begin_us = g_get_monotonic_time ();
  g_timeout_add_seconds (MAX (interval_s, 1), on_interval, &soak);
  if (!soak.failed)
    g_main_loop_run (soak.loop);
  stop (soak.player);
  stop (soak.sender);
  grown = has_grown (&soak, MAX (interval_s, 1));
  g_mutex_clear (&soak.frames.lock);
  g_array_unref (soak.samples);
  g_main_loop_unref (soak.loop);

  return soak.failed || grown ? 1 : 0;
}
