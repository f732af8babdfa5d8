/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctl-server as a program: how it starts and ends, and that it sleeps while
 * nobody wants anything. WSCTL_SERVER says where it is.
 */

#define _GNU_SOURCE             /* for prlimit() */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "server-client.h"
#include "server-transcript.h"
#include "testsupport.h"

#define LISTENING "listening on "
#define FEW_DESCRIPTORS 256
#define IDLE_MS 2000
#define N_STARTS 10
#define MAX_START_MS 100
#define SETTLE_MS 2500          /* a stream is kept for two seconds */

typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines;
  gchar *uri;
} Program;

/* A test that fails leaves nothing running; and the usual limits are low. */
static void
prepare_child (gpointer data)
{
  struct rlimit limit;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = FEW_DESCRIPTORS;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static Program *
program_new (void)
{
  Program *self = g_new0 (Program, 1);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line = NULL;

  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error,
      g_getenv ("WSCTL_SERVER"), "--port", "0", NULL);
  g_assert_no_error (error);
  self->lines =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  line = g_data_input_stream_read_line (self->lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (line, LISTENING));
  self->uri = g_strdup (line + strlen (LISTENING));

  return self;
}

static void
program_free (Program * self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->lines);
  g_object_unref (self->process);
  g_free (self->uri);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)
/* How it ends by itself */
     static gint wait_exit (GSubprocess * process)
{
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (process));

  return g_subprocess_get_exit_status (process);
}

static Client *
offer_at (Program * program, const gchar * path, const gchar * transcript,
    const gchar * answer)
{
  g_autoptr (GPtrArray) lines = transcript_load (transcript);
  Client *client = client_new (program->uri, path);

  client_wait_open (client);
  client->offer = g_strdup (transcript_get_string (g_ptr_array_index (lines,
              0), "offer_sdp"));
  client_send_offer (client);
  json_object_unref (client_wait (client, answer));

  return client;
}

static Client *
offer (Program * program, const gchar * transcript)
{
  return offer_at (program, "/webrtc/live", transcript, "on_answer_sdp");
}

/* The next line that it prints, with the time in front */
static void
expect_line (Program * program, const gchar * words)
{
  g_autofree gchar *line =
      g_data_input_stream_read_line (program->lines, NULL, NULL, NULL);
  g_autofree gchar *pattern =
      g_strdup_printf ("^\\d\\d:\\d\\d:\\d\\d %s$", words);

  g_assert_nonnull (line);
  if (!g_regex_match_simple (pattern, line, 0, 0))
    g_error ("It says '%s', not '%s'", line, words);
}

/* Who does what, a line each */
static void
test_log (void)
{
  g_autoptr (Program) program = program_new ();
  g_autoptr (Client) publisher = offer (program, "mist-publish.jsonl");
  g_autoptr (Client) late = offer (program, "mist-publish.jsonl");
  g_autoptr (Client) player = offer (program, "mist-play.jsonl");
  g_autoptr (Client) lost = offer_at (program, "/webrtc/nothing",
      "mist-play.jsonl", "on_error");

  expect_line (program, "publisher of 'live' \\(1\\): opened from 127.0.0.1: "
      "H264, opus");
  expect_line (program, "client of 'live' \\(2\\): 127.0.0.1 is refused: the "
      "stream has a publisher");
  expect_line (program, "player of 'live' \\(3\\): opened from 127.0.0.1: "
      "H264, opus");
  expect_line (program, "client of 'nothing' \\(4\\): 127.0.0.1 goes: the "
      "stream is offline");
  client_send (player, "{\"type\":\"stop\"}");
  expect_line (program, "player of 'live' \\(3\\): left, after \\d s");
  g_subprocess_send_signal (program->process, SIGTERM);
  expect_line (program, "client of 'live' \\(2\\): 127.0.0.1 goes: the server "
      "stops");
  expect_line (program, "publisher of 'live' \\(1\\): the server stops, after "
      "\\d s");
}

/* Everybody is told, and that it is the server that ends. */
static void
test_ends (void)
{
  static const gint signals[] = { SIGTERM, SIGINT };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (signals); i++) {
    g_autoptr (Program) program = program_new ();
    g_autoptr (Client) publisher = offer (program, "mist-publish.jsonl");
    g_autoptr (Client) player = offer (program, "mist-play.jsonl");

    g_subprocess_send_signal (program->process, signals[i]);
    json_object_unref (client_wait (publisher, "on_stop"));
    json_object_unref (client_wait (player, "on_stop"));
    g_assert_cmpint (client_wait_closed (publisher), ==,
        SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
    g_assert_cmpint (client_wait_closed (player), ==,
        SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
    g_assert_cmpint (wait_exit (program->process), ==, 0);
  }
}

static void
test_options (void)
{
  static const gchar *const cases[] = {
    "--port=65536", "--port=x", "--buffer=0", "--max-memory=0",
    "--max-sessions=0", "--keyframe-interval=499", "--publish-token=",
    "--takeover", "--tls-key=key.pem", "--dialect=other", "--unknown",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GSubprocess) process =
        g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
        g_getenv ("WSCTL_SERVER"), cases[i], NULL);

    test_say (cases[i]);
    g_assert_cmpint (wait_exit (process), ==, 2);
  }
}

/* From the call to the line that says where; the best of some, since others are
 * on this machine. The first one may have to look through GStreamer's plugins. */
static void
test_start (void)
{
  gint64 least_us = G_MAXINT64;
  guint i;

  for (i = 0; i < N_STARTS; i++) {
    gint64 start_us = g_get_monotonic_time ();
    g_autoptr (Program) program = program_new ();

    least_us = MIN (least_us, g_get_monotonic_time () - start_us);
  }
  g_test_message ("It listens after %" G_GINT64_FORMAT " us", least_us);
  /* With a sanitizer in it, it is another program. */
  if (g_getenv ("WSCTL_TEST_SLOW") == NULL)
    g_assert_cmpint (least_us / 1000, <=, MAX_START_MS);
}

static void
test_port_taken (void)
{
  g_autoptr (Program) program = program_new ();
  g_autofree gchar *option =
      g_strconcat ("--port=", strrchr (program->uri, ':') + 1, NULL);
  g_autoptr (GSubprocess) other =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
      g_getenv ("WSCTL_SERVER"), option, NULL);

  g_assert_cmpint (wait_exit (other), ==, 1);
}

/* Sockets for all sessions, whatever it was started with */
static void
test_descriptors (void)
{
  g_autoptr (Program) program = program_new ();
  struct rlimit limit;
  pid_t pid =
      g_ascii_strtoll (g_subprocess_get_identifier (program->process), NULL,
      10);

  g_assert_cmpint (prlimit (pid, RLIMIT_NOFILE, NULL, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_cur, ==, limit.rlim_max);
}

/* How often its threads have gone to sleep: each time they were woken before,
 * however busy the machine is. */
static guint64
count_naps (Program * program)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%s/task",
      g_subprocess_get_identifier (program->process));
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const gchar *thread;
  guint64 n_naps = 0;

  g_assert_nonnull (dir);
  while ((thread = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *name = g_strdup_printf ("%s/%s/status", path, thread);
    g_autofree gchar *text = NULL;
    const gchar *line;

    g_assert_true (g_file_get_contents (name, &text, NULL, NULL));
    line = strstr (text, "\nvoluntary_ctxt_switches:");
    g_assert_nonnull (line);
    n_naps += g_ascii_strtoull (strchr (line, ':') + 1, NULL, 10);
  }

  return n_naps;
}

static gboolean
set_flag (gpointer data)
{
  *(gboolean *) data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
let_pass (guint time_ms)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (GSource) timer = g_timeout_source_new (time_ms);
  gboolean over = FALSE;

  g_source_set_callback (timer, set_flag, &over, NULL);
  g_source_attach (timer, context);
  test_wait_flag (context, &over, "time passes");
}

static void
assert_idle (Program * program)
{
  guint64 n_naps;

  let_pass (SETTLE_MS);
  n_naps = count_naps (program);
  let_pass (IDLE_MS);
  g_assert_cmpuint (count_naps (program), ==, n_naps);
}

/* It is not woken at all, neither before nor after it had something to do. */
static void
test_idle (void)
{
  g_autoptr (Program) program = program_new ();
  Client *publisher, *player, *watcher;

  assert_idle (program);
  publisher = offer (program, "mist-publish.jsonl");
  player = offer (program, "mist-play.jsonl");
  watcher = client_new (program->uri, "/json_live.js");
  client_wait_open (watcher);
  client_free (player);
  client_free (publisher);
  client_free (watcher);
  assert_idle (program);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  g_assert_nonnull (g_getenv ("WSCTL_SERVER"));

  test_add ("/server/program/ends", test_ends);
  test_add ("/server/program/log", test_log);
  test_add ("/server/program/options", test_options);
  test_add ("/server/program/start", test_start);
  test_add ("/server/program/port-taken", test_port_taken);
  test_add ("/server/program/descriptors", test_descriptors);
  test_add ("/server/program/idle", test_idle);

  return g_test_run ();
}
