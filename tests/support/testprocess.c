/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "testprocess.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>

#include "testserver.h"
#include "testsupport.h"

struct _TestProcess
{
  gchar *program;
  gchar *uri;
  gchar *port;
  GSubprocess *process;
};

TestProcess *
test_process_new (const gchar * program)
{
  TestProcess *self = g_new0 (TestProcess, 1);

  self->program = g_strdup (program);
  self->port = g_strdup_printf ("%u", test_find_closed_port ());
  self->uri = g_strdup_printf ("ws://127.0.0.1:%s/webrtc/live", self->port);

  return self;
}

void
test_process_free (TestProcess * self)
{
  if (self->process != NULL)
    test_process_kill (self);
  g_free (self->program);
  g_free (self->uri);
  g_free (self->port);
  g_free (self);
}

/* A test that aborts leaves no server behind. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* It says so itself, in its first line. */
static void
wait_for_line (TestProcess * self)
{
  g_autoptr (GDataInputStream) output =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_autoptr (GError) error = NULL;
  g_autofree gchar *line = NULL;

  test_say ("wsctl-server listening");
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  if (line == NULL || !g_str_has_prefix (line, "listening on"))
    g_error ("wsctl-server said '%s' and not that it listens", line);
}

void
test_process_start (TestProcess * self)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;

  g_assert_null (self->process);

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, self->program,
      "--quiet", "--port", self->port, NULL);
  g_assert_no_error (error);
  wait_for_line (self);
}

void
test_process_kill (TestProcess * self)
{
  test_say ("wsctl-server ending");
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
}

void
test_process_end (TestProcess * self)
{
  g_autoptr (GError) error = NULL;

  test_say ("wsctl-server ending in order");
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait_check (self->process, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&self->process);
}

const gchar *
test_process_get_uri (TestProcess * self)
{
  return self->uri;
}

gsize
test_process_get_allocated (void)
{
#if defined (__GLIBC__) && __GLIBC_PREREQ (2, 33)
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}
