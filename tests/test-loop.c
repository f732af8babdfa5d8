/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The loop: what is queued runs once, on its thread, and every end is told.
 */

#include "testsupport.h"
#include "wsctlloop-private.h"

#define N_CALLS 1000

typedef struct
{
  GstWsctlLoop *loop;
  gint calls;
  gint destroyed;
  gboolean was_current;
  gboolean nested_ran;          /* before the call that queued it was over */
  GMutex lock;
  GCond cond;
} Work;

static void
count (gpointer data)
{
  Work *work = data;

  work->was_current = work->loop == NULL
      || gst_wsctl_loop_is_current (work->loop);
  g_atomic_int_inc (&work->calls);
}

static void
count_destroy (gpointer data)
{
  Work *work = data;

  g_atomic_int_inc (&work->destroyed);
}

static void
test_new_free (void)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_new ("test-loop");

  g_assert_false (gst_wsctl_loop_is_current (loop));
  g_assert_nonnull (gst_wsctl_loop_get_context (loop));
}

static void
test_call (void)
{
  GstWsctlLoop *loop = gst_wsctl_loop_new ("test-loop");
  Work work = { loop, };
  guint i;

  for (i = 0; i < N_CALLS; i++)
    g_assert_true (gst_wsctl_loop_call (loop, count, &work, count_destroy));

  /* All that was queued before a stop runs. */
  gst_wsctl_loop_stop (loop);
  g_assert_cmpint (work.calls, ==, N_CALLS);
  g_assert_cmpint (work.destroyed, ==, N_CALLS);
  g_assert_true (work.was_current);

  /* And nothing after it, but its end is told. */
  g_assert_false (gst_wsctl_loop_call (loop, count, &work, count_destroy));
  g_assert_false (gst_wsctl_loop_call_sync (loop, count, &work));
  gst_wsctl_loop_stop (loop);
  g_assert_cmpint (work.calls, ==, N_CALLS);
  g_assert_cmpint (work.destroyed, ==, N_CALLS + 1);

  gst_wsctl_loop_unref (loop);
}

static void
queue_nested (gpointer data)
{
  Work *work = data;
  gint before = work->calls;

  gst_wsctl_loop_call (work->loop, count, work, count_destroy);
  work->nested_ran = work->calls != before;
}

/* A call from the loop itself is queued, a sync one runs at once. */
static void
test_nested (void)
{
  GstWsctlLoop *loop = gst_wsctl_loop_new ("test-loop");
  Work work = { loop, };

  g_assert_true (gst_wsctl_loop_call_sync (loop, queue_nested, &work));
  g_assert_true (gst_wsctl_loop_call_sync (loop, count, &work));
  g_assert_false (work.nested_ran);
  g_assert_cmpint (work.calls, ==, 2);
  gst_wsctl_loop_unref (loop);
}

static void
call_sync_again (gpointer data)
{
  Work *work = data;

  g_assert_true (gst_wsctl_loop_call_sync (work->loop, count, work));
}

static void
test_sync_on_loop (void)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_new ("test-loop");
  Work work = { loop, };

  g_assert_true (gst_wsctl_loop_call_sync (loop, call_sync_again, &work));
  g_assert_cmpint (work.calls, ==, 1);
}

static void
tell_destroyed (gpointer data)
{
  Work *work = data;

  g_mutex_lock (&work->lock);
  work->destroyed++;
  g_cond_signal (&work->cond);
  g_mutex_unlock (&work->lock);
}

static void
unref_loop (gpointer data)
{
  gst_wsctl_loop_unref (((Work *) data)->loop);
}

/* The last reference dropped on the loop's own thread: it ends by itself. */
static void
test_unref_on_loop (void)
{
  Work work = { gst_wsctl_loop_new ("test-loop"), };

  g_mutex_init (&work.lock);
  g_cond_init (&work.cond);
  test_say ("the loop to end by itself");
  gst_wsctl_loop_call (work.loop, unref_loop, &work, tell_destroyed);
  g_mutex_lock (&work.lock);
  while (work.destroyed == 0)
    g_cond_wait (&work.cond, &work.lock);
  g_mutex_unlock (&work.lock);
  g_cond_clear (&work.cond);
  g_mutex_clear (&work.lock);
}

static void
test_shared (void)
{
  GstWsctlLoop *one = gst_wsctl_loop_get_shared ();
  GstWsctlLoop *other = gst_wsctl_loop_get_shared ();
  Work work = { one, };

  g_assert_true (one == other);
  gst_wsctl_loop_unref (other);
  g_assert_true (gst_wsctl_loop_call_sync (one, count, &work));
  gst_wsctl_loop_unref (one);

  /* Ended with the last session, and made again for the next */
  one = gst_wsctl_loop_get_shared ();
  work.loop = one;
  g_assert_true (gst_wsctl_loop_call_sync (one, count, &work));
  g_assert_cmpint (work.calls, ==, 2);
  gst_wsctl_loop_unref (one);
}

static gpointer
use_shared (gpointer data)
{
  guint i;

  for (i = 0; i < 200; i++) {
    g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();
    Work work = { loop, };

    g_assert_true (gst_wsctl_loop_call_sync (loop, count, &work));
    g_assert_cmpint (work.calls, ==, 1);
  }

  return NULL;
}

/* Sessions come and go on many threads; none gets a loop that is ending. */
static void
test_shared_threads (void)
{
  GThread *threads[4];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("shared", use_shared, NULL);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static gboolean
on_timer (gpointer data)
{
  Work *work = data;

  work->was_current = gst_wsctl_loop_is_current (work->loop);
  g_mutex_lock (&work->lock);
  work->calls++;
  g_cond_signal (&work->cond);
  g_mutex_unlock (&work->lock);

  return G_SOURCE_CONTINUE;
}

static void
test_timer (void)
{
  GstWsctlLoop *loop = gst_wsctl_loop_new ("test-loop");
  Work work = { loop, };
  GSource *timer;
  GSource *late;

  g_mutex_init (&work.lock);
  g_cond_init (&work.cond);
  test_say ("two rounds of a timer");
  timer = gst_wsctl_loop_add_timer (loop, 1, on_timer, &work, count_destroy);
  g_mutex_lock (&work.lock);
  while (work.calls < 2)
    g_cond_wait (&work.cond, &work.lock);
  g_mutex_unlock (&work.lock);
  g_assert_true (work.was_current);

  gst_wsctl_loop_clear_timer (&timer);
  g_assert_null (timer);
  gst_wsctl_loop_clear_timer (&timer);

  /* One that is pending does not keep the loop from stopping. */
  late = gst_wsctl_loop_add_timer (loop, 3600 * 1000, on_timer, &work,
      count_destroy);
  gst_wsctl_loop_stop (loop);
  gst_wsctl_loop_clear_timer (&late);
  g_assert_cmpint (work.destroyed, ==, 2);

  gst_wsctl_loop_unref (loop);
  g_cond_clear (&work.cond);
  g_mutex_clear (&work.lock);
}

static gboolean
go_on (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* A source that is always ready cannot keep the loop from stopping. */
static void
test_stop_busy (void)
{
  GstWsctlLoop *loop = gst_wsctl_loop_new ("test-loop");
  g_autoptr (GSource) busy = g_idle_source_new ();

  g_source_set_priority (busy, G_PRIORITY_DEFAULT);
  g_source_set_callback (busy, go_on, NULL, NULL);
  g_source_attach (busy, gst_wsctl_loop_get_context (loop));

  test_say ("a busy loop to stop");
  gst_wsctl_loop_unref (loop);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/loop/new-free", test_new_free);
  test_add ("/loop/call", test_call);
  test_add ("/loop/nested", test_nested);
  test_add ("/loop/sync-on-loop", test_sync_on_loop);
  test_add ("/loop/unref-on-loop", test_unref_on_loop);
  test_add ("/loop/shared", test_shared);
  test_add ("/loop/shared-threads", test_shared_threads);
  test_add ("/loop/timer", test_timer);
  test_add ("/loop/stop-busy", test_stop_busy);

  return g_test_run ();
}
