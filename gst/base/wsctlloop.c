/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The one door into the state of all sessions: work is queued to a thread that
 * owns a context, and whoever brought it goes on (docs/threading.md). The
 * shared loop lives as long as somebody holds it.
 */

#include "wsctlloop-private.h"

struct _GstWsctlLoop
{
  gatomicrefcount refs;
  GMainContext *context;
  struct _Run *run;             /* belongs to the thread */

  GMutex lock;
  GThread *thread;              /* lock; NULL once stopped */
};

typedef struct
{
  GstWsctlLoopFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Call;

typedef struct
{
  GstWsctlLoopFunc func;
  gpointer data;
  gboolean done;                /* lock */
  GMutex lock;
  GCond cond;
} SyncCall;

/* What the thread needs. It is the thread's own, because the last reference to
 * the loop may be dropped on the thread itself. */
typedef struct _Run
{
  GMainContext *context;
  gboolean running;             /* the loop's thread only */
} Run;

/* Rounds that a stopped loop still makes, so that a source which is always
 * ready cannot keep it for ever. */
#define MAX_LAST_ROUNDS 100

static GMutex shared_lock;
static GstWsctlLoop *shared;    /* shared_lock; not a reference */

static gpointer
run_thread (gpointer data)
{
  Run *run = data;
  guint n_rounds = 0;

  g_main_context_push_thread_default (run->context);
  while (run->running)
    g_main_context_iteration (run->context, TRUE);

  /* Calls that were queued before the stop have run: they have its priority.
   * What they left behind, closing streams for example, gets its end here. */
  while (n_rounds++ < MAX_LAST_ROUNDS
      && g_main_context_iteration (run->context, FALSE));
  g_main_context_pop_thread_default (run->context);

  g_main_context_unref (run->context);
  g_free (run);

  return NULL;
}

static gboolean
stop_running (gpointer data)
{
  Run *run = data;

  run->running = FALSE;

  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_call (gpointer data)
{
  Call *call = data;

  call->func (call->data);

  return G_SOURCE_REMOVE;
}

static void
free_call (gpointer data)
{
  Call *call = data;

  if (call->destroy != NULL)
    call->destroy (call->data);
  g_free (call);
}

/* Never g_main_context_invoke(): it runs at once when the caller owns the
 * context, so a handler would be entered again while it is running. */
static void
attach (GMainContext * context, GSourceFunc func, gpointer data,
    GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, destroy);
  g_source_attach (source, context);
}

/* A loop of its own, for tests and the server; sessions share one. */
GstWsctlLoop *
gst_wsctl_loop_new (const gchar * name)
{
  GstWsctlLoop *loop = g_new0 (GstWsctlLoop, 1);
  Run *run = g_new0 (Run, 1);

  g_atomic_ref_count_init (&loop->refs);
  g_mutex_init (&loop->lock);
  loop->context = g_main_context_new ();
  loop->run = run;

  run->context = g_main_context_ref (loop->context);
  run->running = TRUE;
  loop->thread = g_thread_new (name, run_thread, run);

  return loop;
}

/* The loop that all sessions of this process share: made for the first one,
 * ended with the last. Transfer full. */
GstWsctlLoop *
gst_wsctl_loop_get_shared (void)
{
  GstWsctlLoop *loop;

  g_mutex_lock (&shared_lock);
  if (shared == NULL)
    shared = gst_wsctl_loop_new ("wsctl-loop");
  else
    gst_wsctl_loop_ref (shared);
  loop = shared;
  g_mutex_unlock (&shared_lock);

  return loop;
}

GstWsctlLoop *
gst_wsctl_loop_ref (GstWsctlLoop * loop)
{
  g_atomic_ref_count_inc (&loop->refs);

  return loop;
}

/* The last one out stops the loop. On the loop's own thread that cannot be
 * waited for: the thread then ends by itself. */
void
gst_wsctl_loop_unref (GstWsctlLoop * loop)
{
  gboolean last;

  g_mutex_lock (&shared_lock);
  last = g_atomic_ref_count_dec (&loop->refs);
  if (last && shared == loop)
    shared = NULL;
  g_mutex_unlock (&shared_lock);

  if (!last)
    return;

  gst_wsctl_loop_stop (loop);
  g_main_context_unref (loop->context);
  g_mutex_clear (&loop->lock);
  g_free (loop);
}

/* Takes no more calls, lets those that are queued run, and waits for the
 * thread unless it is the caller. A second stop does nothing. */
void
gst_wsctl_loop_stop (GstWsctlLoop * loop)
{
  GThread *thread;

  g_mutex_lock (&loop->lock);
  thread = g_steal_pointer (&loop->thread);
  if (thread != NULL)
    attach (loop->context, stop_running, loop->run, NULL);
  g_mutex_unlock (&loop->lock);

  if (thread == NULL)
    return;

  if (thread == g_thread_self ())
    g_thread_unref (thread);
  else
    g_thread_join (thread);
}

/* Always queues, also from the loop's own thread. FALSE once the loop is
 * stopped. @destroy runs in every case. */
gboolean
gst_wsctl_loop_call (GstWsctlLoop * loop, GstWsctlLoopFunc func,
    gpointer data, GDestroyNotify destroy)
{
  gboolean taken;

  g_mutex_lock (&loop->lock);
  taken = loop->thread != NULL;
  if (taken) {
    Call *call = g_new0 (Call, 1);

    call->func = func;
    call->data = data;
    call->destroy = destroy;
    attach (loop->context, dispatch_call, call, free_call);
  }
  g_mutex_unlock (&loop->lock);

  if (!taken && destroy != NULL)
    destroy (data);

  return taken;
}

static void
run_sync_call (gpointer data)
{
  SyncCall *call = data;

  call->func (call->data);
}

static void
finish_sync_call (gpointer data)
{
  SyncCall *call = data;

  g_mutex_lock (&call->lock);
  call->done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->lock);
}

/* Queues and waits; on the loop's own thread, runs at once. The caller holds no
 * lock that @func could want. */
gboolean
gst_wsctl_loop_call_sync (GstWsctlLoop * loop, GstWsctlLoopFunc func,
    gpointer data)
{
  SyncCall call = { func, data, };
  gboolean taken;

  if (gst_wsctl_loop_is_current (loop)) {
    func (data);
    return TRUE;
  }

  g_mutex_init (&call.lock);
  g_cond_init (&call.cond);

  taken = gst_wsctl_loop_call (loop, run_sync_call, &call, finish_sync_call);
  g_mutex_lock (&call.lock);
  while (!call.done)
    g_cond_wait (&call.cond, &call.lock);
  g_mutex_unlock (&call.lock);

  g_cond_clear (&call.cond);
  g_mutex_clear (&call.lock);

  return taken;
}

/* A timer on the loop's context (g_timeout_add() would land on the default
 * one). Transfer full: end it with gst_wsctl_loop_clear_timer(). */
GSource *
gst_wsctl_loop_add_timer (GstWsctlLoop * loop, guint delay_ms,
    GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
  GSource *timer = g_timeout_source_new (delay_ms);

  g_source_set_callback (timer, func, data, destroy);
  g_source_attach (timer, loop->context);

  return timer;
}

void
gst_wsctl_loop_clear_timer (GSource ** timer)
{
  GSource *source = g_steal_pointer (timer);

  if (source == NULL)
    return;

  g_source_destroy (source);
  g_source_unref (source);
}

GMainContext *
gst_wsctl_loop_get_context (GstWsctlLoop * loop)
{
  return loop->context;
}

gboolean
gst_wsctl_loop_is_current (GstWsctlLoop * loop)
{
  return g_main_context_is_owner (loop->context);
}
