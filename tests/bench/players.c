/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How many players the server carries, for a minute by hand and for some seconds
 * as a test:
 *
 *   players SERVER [PLAYERS [SECONDS]]
 *
 * A server of its own, one stream of 1 Mbit/s from a process of its own, and
 * players that are a socket, OpenSSL and libsrtp each. Prints how long the
 * server takes to start, what it does with nothing to do, what it and the
 * publisher take of the processor, what the publisher sends, loses and is asked
 * for, and how many of its frames came whole. Fails when a player gets less than
 * 99 of 100, or when the publisher notices the players.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <gio/gunixinputstream.h>
#include <gst/video/video.h>

#include "bare-player.h"
#include "testsupport.h"
#include "wsctllitesrtp-private.h"

#define TOO_SLOW 10             /* so many times */
#define SKIPPED 77
#define DEFAULT_PLAYERS 50
#define DEFAULT_SECONDS 60
#define IDLE_SECONDS 5
#define SETTLE_SECONDS 2
#define SHORT_SECONDS 15
#define MIN_PART 0.99
#define MAX_COST 0.05           /* more packets for each frame, with players */
#define MIN_STEP 15             /* seconds; less is not worth one player alone */
#define PUBLISH_OPTION "--publish"

#define LAUNCH "webrtcbin name=w videotestsrc is-live=true pattern=ball ! " \
    "video/x-raw,width=320,height=240,framerate=30/1 ! x264enc name=e " \
    "tune=zerolatency bitrate=1000 speed-preset=ultrafast key-int-max=60 " \
    "option-string=nal-hrd=cbr:vbv-bufsize=1000 ! video/x-h264,profile=constrained-baseline ! " \
    "rtph264pay config-interval=-1 aggregate-mode=zero-latency ! " \
    "application/x-rtp,media=video,encoding-name=H264,payload=96 ! w. "

typedef struct
{
  gdouble cpu_s;
  guint64 n_switches;
} Usage;

/* The publisher, a child of this program that answers each line with its counts
 * so far */
typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines;
} Publisher;

typedef struct
{
  guint n_made;                 /* frames */
  guint n_sent;                 /* packets of media */
  guint n_asked;                /* for key frames, by the server */
  guint n_lost;                 /* packets, as the server says */
} Counts;

/* What a time with players was like */
typedef struct
{
  gdouble least;                /* share of the frames of the worst player */
  gdouble packets_a_frame;
  guint n_asked;                /* each a minute */
  guint n_lost;
} Result;

static gint64 last_check_us;

/* Consent: a server forgets whom it does not hear of. */
static void
check_players (GPtrArray * players)
{
  guint i;

  last_check_us = g_get_monotonic_time ();
  for (i = 0; i < players->len; i++) {
    BarePlayer *player = g_ptr_array_index (players, i);

    bare_player_check (player);
    g_queue_clear_full (&player->signalling->texts, g_free);
  }
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
run_for (GPtrArray * players, guint seconds)
{
  gint64 end_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  guint timer = g_timeout_add (100, do_nothing, NULL);

  while (g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, TRUE);
    if (g_get_monotonic_time () - last_check_us > 2 * G_USEC_PER_SEC)
      check_players (players);
  }
  g_source_remove (timer);
}

static guint64
count_switches (const gchar * pid)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%s/task", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const gchar *thread;
  guint64 n_switches = 0;

  while ((thread = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *name = g_strdup_printf ("%s/%s/status", path, thread);
    g_autofree gchar *text = NULL;
    const gchar *line;

    if (!g_file_get_contents (name, &text, NULL, NULL))
      continue;
    line = strstr (text, "\nvoluntary_ctxt_switches:");
    if (line != NULL)
      n_switches += g_ascii_strtoull (strchr (line, ':') + 1, NULL, 10);
  }

  return n_switches;
}

static Usage
get_usage (const gchar * pid)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%s/stat", pid);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) words = NULL;
  Usage usage = {.n_switches = count_switches (pid) };

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  words = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  usage.cpu_s = (g_ascii_strtod (words[11], NULL)
      + g_ascii_strtod (words[12], NULL)) / sysconf (_SC_CLK_TCK);

  return usage;
}

/* Its address, once it listens. Transfer full. */
static gchar *
wait_listening (GSubprocess * server)
{
  g_autoptr (GDataInputStream) lines =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  g_autofree gchar *line =
      g_data_input_stream_read_line (lines, NULL, NULL, NULL);

  g_assert_nonnull (line);
  g_assert_true (g_str_has_prefix (line, "listening on "));

  return g_strdup (line + strlen ("listening on "));
}

static GstPadProbeReturn
on_made (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_atomic_int_inc ((gint *) & ((Counts *) data)->n_made);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sent (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Counts *counts = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    g_atomic_int_inc ((gint *) & counts->n_sent);
  else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    g_atomic_int_add ((gint *) & counts->n_sent,
        gst_buffer_list_length (GST_PAD_PROBE_INFO_BUFFER_LIST (info)));
  else if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    g_atomic_int_inc ((gint *) & counts->n_asked);

  return GST_PAD_PROBE_OK;
}

static gboolean
on_question (GObject * input, gpointer data)
{
  Counts *counts = data;
  gchar line[2];

  /* The end of its input is the end of it. */
  if (g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input),
          line, 1, NULL, NULL) != 1)
    exit (0);
  printf ("%u %u %u %u\n",
      (guint) g_atomic_int_get ((gint *) & counts->n_made),
      (guint) g_atomic_int_get ((gint *) & counts->n_sent),
      (guint) g_atomic_int_get ((gint *) & counts->n_asked), counts->n_lost);

  return G_SOURCE_CONTINUE;
}

static void
count_lost (Counts * counts, const gchar * text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonObject *message = json_node_get_object (node);

  if (json_object_has_member (message, "stats"))
    counts->n_lost += json_object_get_int_member (json_object_get_object_member
        (message, "stats"), "loss_num");
}

/* The child: publishes until it is not asked any more. */
static void
run_publisher (const gchar * uri)
{
  Client *publisher = client_new (uri, "/webrtc/bench");
  GInputStream *input = g_unix_input_stream_new (0, FALSE);
  Counts counts = { 0, };
  GSource *source;
  GstElement *encoder;
  GstPad *pad;

  client_wait_open (publisher);
  client_start_publisher (publisher, LAUNCH);
  encoder = gst_bin_get_by_name (GST_BIN (publisher->pipeline), "e");
  pad = gst_element_get_static_pad (encoder, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_made, &counts, NULL);
  pad = gst_element_get_static_pad (publisher->webrtc, "sink_0");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      on_sent, &counts, NULL);
  client_offer (publisher);
  g_free (client_take_answer (publisher));

  source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM
      (input), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_question), &counts, NULL);
  g_source_attach (source, NULL);
  for (;;) {
    g_autofree gchar *text = NULL;

    g_main_context_iteration (NULL, TRUE);
    text = g_queue_pop_head (&publisher->texts);
    if (text != NULL)
      count_lost (&counts, text);
  }
}

/* It does not outlive this one, whatever becomes of it. */
static void
follow_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
start_process (GSubprocessFlags flags, const gchar * const *args)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_child_setup (launcher, follow_parent, NULL, NULL);

  return g_subprocess_launcher_spawnv (launcher, args, NULL);
}

static void
start_publisher (Publisher * self, const gchar * uri)
{
  const gchar *args[] = { "/proc/self/exe", PUBLISH_OPTION, uri, NULL };

  self->process = start_process (G_SUBPROCESS_FLAGS_STDIN_PIPE
      | G_SUBPROCESS_FLAGS_STDOUT_PIPE, args);
  g_assert_nonnull (self->process);
  self->lines =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
}

static Counts
ask_publisher (Publisher * self)
{
  g_autofree gchar *line = NULL;
  Counts counts = { 0, };

  g_assert_true (g_output_stream_write_all (g_subprocess_get_stdin_pipe
          (self->process), "?", 1, NULL, NULL, NULL));
  line = g_data_input_stream_read_line (self->lines, NULL, NULL, NULL);
  g_assert_nonnull (line);
  g_assert_cmpint (sscanf (line, "%u %u %u %u", &counts.n_made, &counts.n_sent,
          &counts.n_asked, &counts.n_lost), ==, 4);

  return counts;
}

static void
stop_publisher (Publisher * self)
{
  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL,
      NULL);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->lines);
  g_object_unref (self->process);
}

static gdouble
get_percent (const Usage * start, const Usage * end, guint seconds)
{
  return (end->cpu_s - start->cpu_s) * 100 / seconds;
}

static Result
measure (const gchar * pid, Publisher * publisher, GPtrArray * players,
    guint seconds)
{
  const gchar *publisher_pid = g_subprocess_get_identifier (publisher->process);
  g_autofree guint *before = g_new (guint, players->len);
  Counts first = ask_publisher (publisher), last;
  Usage server_start = get_usage (pid), server_end;
  Usage publisher_start = get_usage (publisher_pid), publisher_end;
  Result result = {.least = 1 };
  guint i, n_made;

  for (i = 0; i < players->len; i++)
    before[i] = ((BarePlayer *) g_ptr_array_index (players, i))->n_frames;
  run_for (players, seconds);
  last = ask_publisher (publisher);
  server_end = get_usage (pid);
  publisher_end = get_usage (publisher_pid);

  n_made = last.n_made - first.n_made;
  for (i = 0; i < players->len; i++) {
    BarePlayer *player = g_ptr_array_index (players, i);

    result.least = MIN (result.least,
        (player->n_frames - before[i]) / (gdouble) n_made);
  }
  result.packets_a_frame = (last.n_sent - first.n_sent) / (gdouble) n_made;
  result.n_asked = (last.n_asked - first.n_asked) * 60 / seconds;
  result.n_lost = last.n_lost - first.n_lost;
  printf ("%u players, %u frames in %u s: the least got %.2f %%, server at "
      "%.1f %% of a core\n  publisher at %.1f %% of a core, %u packets sent, "
      "%u lost, %u key frames asked for\n", players->len, n_made, seconds,
      result.least * 100, get_percent (&server_start, &server_end, seconds),
      get_percent (&publisher_start, &publisher_end, seconds),
      last.n_sent - first.n_sent, result.n_lost, last.n_asked - first.n_asked);

  return result;
}

/* A second of players that come, on a machine that has to make their keys, is
 * no time to measure in; but nothing is asked of the publisher for them. */
static guint
add_players (GPtrArray * players, guint n_players, const gchar * uri,
    Publisher * publisher)
{
  Counts before = ask_publisher (publisher);
  gint64 start_us = g_get_monotonic_time ();
  guint n_before = players->len, n_asked;

  while (players->len < n_players)
    g_ptr_array_add (players, bare_player_new (uri, "/webrtc/bench",
            g_ascii_strtoull (strrchr (uri, ':') + 1, NULL, 10)));
  n_asked = ask_publisher (publisher).n_asked - before.n_asked;
  printf ("%u more players came in %.1f s, %u key frames asked for\n",
      n_players - n_before,
      (g_get_monotonic_time () - start_us) / (gdouble) G_USEC_PER_SEC, n_asked);
  run_for (players, SETTLE_SECONDS);

  return n_asked;
}

/* Under a tool that makes everything slow it is only said. */
static gboolean
check (gboolean holds, const gchar * what)
{
  gboolean counts = g_getenv ("WSCTL_TEST_SLOW") == NULL;

  if (!holds)
    printf ("%s: %s\n", counts ? "FAILED" : "not so", what);

  return holds || !counts;
}

int
main (int argc, char **argv)
{
  guint n_players = argc > 2 ? atoi (argv[2]) : DEFAULT_PLAYERS;
  guint seconds = argc > 3 ? atoi (argv[3]) : DEFAULT_SECONDS;
  g_autoptr (GPtrArray) players =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bare_player_free);
  const gchar *server_args[] = { NULL, "--port", "0", "--quiet", NULL };
  g_autoptr (GSubprocess) server = NULL;
  Publisher publisher;
  g_autofree gchar *uri = NULL;
  const gchar *pid;
  gint64 start_us;
  gdouble start_ms;
  guint idle_seconds;
  Usage idle, busy;
  Result alone, last;
  gboolean good = TRUE;

  if (argc < 2) {
    fprintf (stderr, "usage: players SERVER [PLAYERS [SECONDS]]\n");
    return 2;
  }

  /* It begins itself anew, and is about nothing but speed. */
  if (test_scale_ms (1) >= TOO_SLOW) {
    printf ("Not where everything is so slow\n");
    return SKIPPED;
  }
  server_args[0] = argv[1];

  gst_init (&argc, &argv);
  /* Before the element of GStreamer, which also does it once a process */
  g_assert_true (gst_wsctl_lite_srtp_init (NULL));
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (strcmp (argv[1], PUBLISH_OPTION) == 0)
    run_publisher (argv[2]);

  start_us = g_get_monotonic_time ();
  server = start_process (G_SUBPROCESS_FLAGS_STDOUT_PIPE, server_args);
  g_assert_nonnull (server);
  uri = wait_listening (server);
  start_ms = (g_get_monotonic_time () - start_us) / 1000.0;
  printf ("listens after %.0f ms\n", start_ms);

  pid = g_subprocess_get_identifier (server);
  g_usleep (G_USEC_PER_SEC);
  idle = get_usage (pid);
  idle_seconds = MIN (seconds, IDLE_SECONDS);
  g_usleep (idle_seconds * G_USEC_PER_SEC);
  busy = get_usage (pid);
  printf ("idle: %.2f s of processor time and %" G_GUINT64_FORMAT
      " wakeups in %d s\n", busy.cpu_s - idle.cpu_s,
      busy.n_switches - idle.n_switches, idle_seconds);

  start_publisher (&publisher, uri);
  run_for (players, SETTLE_SECONDS);
  alone = measure (pid, &publisher, players, MIN (seconds, SHORT_SECONDS));
  if (seconds >= MIN_STEP) {
    add_players (players, 1, uri, &publisher);
    measure (pid, &publisher, players, SHORT_SECONDS);
  }
  add_players (players, n_players, uri, &publisher);
  last = measure (pid, &publisher, players, seconds);

  good &= check (busy.n_switches == idle.n_switches, "it sleeps when idle");
  good &= check (last.least >= MIN_PART, "every player gets 99 %");
  good &= check (last.packets_a_frame
      <= alone.packets_a_frame * (1 + MAX_COST), "no more packets to send");
  good &= check (last.n_lost == 0, "nothing of the publisher's is lost");
  stop_publisher (&publisher);
  g_subprocess_send_signal (server, 15);
  g_subprocess_wait (server, NULL, NULL);

  return good ? 0 : 1;
}
