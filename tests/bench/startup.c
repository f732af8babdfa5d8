/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How long does it take from PLAYING to media? Not a test: a machine is too
 * noisy for a verdict. The server is in this process, on its own thread; one
 * child feeds it, others are measured, in turns, so that the noise of a moment
 * falls on all of them.
 */

#include <stdlib.h>
#include <sys/types.h>

#include "bench.h"
#include "wsctlserver-private.h"

#define DEFAULT_RUNS 10
#define POLL_INTERVAL_US 500
#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define STREAM "bench"

typedef struct
{
  GstWsctlServer *server;       /* NULL: somebody else's */
  gchar *uri;
  const gchar *play_uri;        /* of a stream there */
  BenchReport *report;
  guint n_sessions;             /* so that each publishes its own stream */
} Bench;

static gboolean
is_publisher (const BenchClient * client)
{
  return client == &bench_publish || client == &bench_plain_publish;
}

/* The server says nothing of a first frame, so that it is asked. */
static gint64
wait_for_frame (Bench * self, const gchar * stream)
{
  gint64 start_us = g_get_monotonic_time ();

  while (gst_wsctl_server_count_frames (self->server, stream, "video") == 0) {
    if (g_get_monotonic_time () - start_us > PATIENCE_US)
      g_error ("no frame of '%s' came", stream);
    g_usleep (POLL_INTERVAL_US);
  }

  return g_get_monotonic_time ();
}

static void
add_time (Bench * self, BenchProcess * process, const BenchClient * client,
    const gchar * session, const gchar * event)
{
  bench_report_add (self->report, client->name, session, event,
      bench_process_wait (process, event)
      - bench_process_wait (process, BENCH_START));
}

static void
run_session (Bench * self, BenchProcess * process, const BenchClient * client,
    const gchar * session)
{
  g_autofree gchar *stream = is_publisher (client)
      ? g_strdup_printf (STREAM "-%u", ++self->n_sessions) : g_strdup (STREAM);
  g_autofree gchar *uri = self->play_uri != NULL ? g_strdup (self->play_uri)
      : g_strdup_printf ("%s/webrtc/%s", self->uri, stream);
  gint64 frame_us;

  bench_process_forget (process);
  bench_process_tell (process, "go", uri);
  frame_us = is_publisher (client) ? wait_for_frame (self, stream)
      : bench_process_wait (process, BENCH_FRAME);

  if (g_strcmp0 (session, "first") == 0) {
    add_time (self, process, client, session, BENCH_CERTIFICATE);
    bench_report_add (self->report, client->name, session, BENCH_REST,
        frame_us - bench_process_wait (process, BENCH_CERTIFICATE));
  }
  if (session != NULL) {
    add_time (self, process, client, session, BENCH_STATE);
    add_time (self, process, client, session, BENCH_OPEN);
    add_time (self, process, client, session, BENCH_CONNECTED);
    bench_report_add (self->report, client->name, session, BENCH_FRAME,
        frame_us - bench_process_wait (process, BENCH_START));
  }

  bench_process_tell (process, "stop", "");
  bench_process_wait (process, BENCH_STOPPED);
}

/* In a fresh process each */
static void
run_first (Bench * self, const BenchClient * client)
{
  BenchProcess *process = bench_process_new (client->name);

  run_session (self, process, client, "first");
  bench_process_free (process);
}

static void
run_certificate (Bench * self)
{
  BenchProcess *process = bench_process_new (bench_certificate.name);

  bench_process_tell (process, "go", "");
  add_time (self, process, &bench_certificate, "first", BENCH_STATE);
  bench_process_free (process);
}

static void
run_all (Bench * self, const BenchClient * const *clients, guint n_clients,
    guint n_runs, gboolean with_first)
{
  g_autofree BenchProcess **processes = g_new0 (BenchProcess *, n_clients);
  guint run, i;

  for (run = 0; with_first && run < n_runs; run++) {
    run_certificate (self);
    for (i = 0; i < n_clients; i++)
      run_first (self, clients[i]);
  }

  for (i = 0; i < n_clients; i++) {
    processes[i] = bench_process_new (clients[i]->name);
    run_session (self, processes[i], clients[i], NULL);
  }
  for (run = 0; run < n_runs; run++) {
    for (i = 0; i < n_clients; i++)
      run_session (self, processes[i], clients[i], "later");
  }
  for (i = 0; i < n_clients; i++)
    bench_process_free (processes[i]);
}

/* Of a server that is there already, with the stream on it: nothing but play */
static void
run_play (Bench * self, guint n_runs, gboolean with_first)
{
  const BenchClient *client = &bench_play;

  run_all (self, &client, 1, n_runs, with_first);
}

static gboolean
start_server (Bench * self, GError ** error)
{
  GstWsctlServerParams params = { NULL, };

  self->server = gst_wsctl_server_new (&params);
  if (!gst_wsctl_server_start (self->server, error))
    return FALSE;

  self->uri = gst_wsctl_server_get_uri (self->server);

  return TRUE;
}

static void
run_bench (Bench * self, guint n_runs, gboolean with_plain, gboolean with_first)
{
  static const BenchClient *const clients[] = {
    &bench_publish, &bench_play, &bench_plain_publish, &bench_plain_play
  };
  BenchProcess *feed = bench_process_new (bench_feed.name);
  g_autofree gchar *uri = g_strdup_printf ("%s/webrtc/" STREAM, self->uri);

  bench_process_tell (feed, "go", uri);
  wait_for_frame (self, STREAM);
  run_all (self, clients, with_plain ? 4 : 2, n_runs, with_first);
  bench_process_free (feed);
}

int
main (int argc, char **argv)
{
  gint n_runs = DEFAULT_RUNS;
  gboolean json = FALSE, without_plain = FALSE, without_first = FALSE;
  g_autofree gchar *child = NULL;
  g_autofree gchar *play_uri = NULL;
  const GOptionEntry entries[] = {
    {"runs", 'n', 0, G_OPTION_ARG_INT, &n_runs, "How often each (10)", "N"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &json, "For programs", NULL},
    {"no-plain", 0, 0, G_OPTION_ARG_NONE, &without_plain,
        "Without the plain webrtcbin clients", NULL},
    {"no-first", 0, 0, G_OPTION_ARG_NONE, &without_first,
        "Without the first sessions of fresh processes", NULL},
    {"play", 0, 0, G_OPTION_ARG_STRING, &play_uri,
        "Only play, and this stream of another server", "URI"},
    {"child", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &child, NULL,
        NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Bench self = { NULL, };

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error) || n_runs < 1) {
    g_printerr ("startup: %s\n", error ? error->message : "no runs");
    return 2;
  }
  if (child != NULL)
    return bench_child_run (child);

  self.play_uri = play_uri;
  if (play_uri == NULL && !start_server (&self, &error)) {
    g_printerr ("startup: %s\n", error->message);
    return 1;
  }
  self.report = bench_report_new ();
  if (play_uri != NULL)
    run_play (&self, n_runs, !without_first);
  else
    run_bench (&self, n_runs, !without_plain, !without_first);
  if (json)
    bench_report_print_json (self.report);
  else
    bench_report_print (self.report);

  bench_report_free (self.report);
  if (self.server != NULL)
    gst_wsctl_server_stop (self.server);
  g_clear_object (&self.server);
  g_free (self.uri);

  return 0;
}
