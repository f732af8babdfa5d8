/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whoever waits for the warm-up is called on the loop, once.
 */

#include <gst/gst.h>
#include <stdlib.h>

#include "testsupport.h"
#include "wsctlwarmup-private.h"

typedef struct
{
  GstWsctlLoop *loop;
  GMainContext *context;
  gint n_calls;                 /* atomic */
  gint n_destroyed;             /* atomic */
} Waiting;

static void
on_warm (gpointer data)
{
  Waiting *waiting = data;

  g_assert_true (gst_wsctl_loop_is_current (waiting->loop));
  g_atomic_int_inc (&waiting->n_calls);
}

static void
on_destroyed (gpointer data)
{
  Waiting *waiting = data;

  g_atomic_int_inc (&waiting->n_destroyed);
  g_main_context_wakeup (waiting->context);
}

static gboolean
is_half_done (gpointer data)
{
  return g_atomic_int_get (&((Waiting *) data)->n_destroyed) >= 2;
}

static gboolean
is_done (gpointer data)
{
  return g_atomic_int_get (&((Waiting *) data)->n_destroyed) == 3;
}

/* Two while it runs, one when it is over */
static void
test_call (void)
{
  Waiting waiting = { gst_wsctl_loop_new ("test-loop"),
    g_main_context_get_thread_default (), 0, 0
  };

  gst_wsctl_warmup_start ();
  gst_wsctl_warmup_start ();
  gst_wsctl_warmup_call (waiting.loop, on_warm, &waiting, on_destroyed);
  gst_wsctl_warmup_call (waiting.loop, on_warm, &waiting, on_destroyed);
  test_wait_until (NULL, is_half_done, &waiting, 0, "two calls");
  gst_wsctl_warmup_call (waiting.loop, on_warm, &waiting, on_destroyed);
  test_wait_until (NULL, is_done, &waiting, 0, "three calls");
  g_assert_cmpint (g_atomic_int_get (&waiting.n_calls), ==, 3);

  gst_wsctl_loop_unref (waiting.loop);
}

/* A loop that was stopped meanwhile calls nobody, and frees. */
static void
test_stopped (void)
{
  Waiting waiting = { gst_wsctl_loop_new ("test-loop"),
    g_main_context_get_thread_default (), 0, 2  /* as if two had been */
  };

  gst_wsctl_loop_stop (waiting.loop);
  gst_wsctl_warmup_call (waiting.loop, on_warm, &waiting, on_destroyed);
  test_wait_until (NULL, is_done, &waiting, 0, "the data to be freed");
  g_assert_cmpint (g_atomic_int_get (&waiting.n_calls), ==, 0);

  gst_wsctl_loop_unref (waiting.loop);
}

/* A process that is over at once does not crash on its way out. */
static void
test_exit (void)
{
  if (g_test_subprocess ()) {
    gst_wsctl_warmup_start ();
    exit (0);
  }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  g_test_add_func ("/warmup/exit", test_exit);
  test_add ("/warmup/call", test_call);
  test_add ("/warmup/stopped", test_stopped);

  return g_test_run ();
}
