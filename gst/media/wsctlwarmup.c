/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first DTLS element of a process makes an RSA key pair (90 to 600 ms on
 * two cores) whether it is used or not, and lets go of it with the last such
 * element. So one is made here, on a thread of its own, and kept. GStreamer 1.28
 * makes an ECDSA pair instead, which costs nothing: there is nothing to do then.
 *
 * Plugins are loaded beside it: those of a decoder alone can take as long.
 *
 * A process may be over before the key pair is made. OpenSSL takes itself apart
 * at exit, under the feet of the thread, so the exit waits for it.
 */

#include "wsctlwarmup-private.h"

#include <gst/gst.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include "wsctlplatform-private.h"

typedef struct
{
  GstWsctlLoop *loop;
  GstWsctlLoopFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Waiter;

static GMutex lock;
static gboolean started;        /* lock */
static gboolean done;           /* lock */
static GSList *waiters;         /* lock; of Waiter */
static GThread *thread;         /* lock; while it may be running */
static pid_t thread_pid;        /* lock; a fork has no such thread */
static GstElement *keeper;      /* lock; never let go of */
static GThreadPool *loader;     /* lock; of one thread */
static GHashTable *loaded;      /* lock; names of factories, interned */

static void
call_waiter (gpointer data)
{
  Waiter *waiter = data;

  gst_wsctl_loop_call (waiter->loop, waiter->func, waiter->data,
      waiter->destroy);
  gst_wsctl_loop_unref (waiter->loop);
  g_free (waiter);
}

static void
finish (GstElement * element)
{
  GSList *waiting;

  g_mutex_lock (&lock);
  /* Nobody reads it, and a plain store would be left out. */
  g_atomic_pointer_set (&keeper, element);
  done = TRUE;
  waiting = g_slist_reverse (g_steal_pointer (&waiters));
  g_mutex_unlock (&lock);

  g_slist_free_full (waiting, call_waiter);
}

static gpointer
run_warmup (gpointer data)
{
  GstElement *element = gst_element_factory_make ("dtlsdec", NULL);

  if (element != NULL) {
    gst_object_ref_sink (element);
    GST_OBJECT_FLAG_SET (element, GST_OBJECT_FLAG_MAY_BE_LEAKED);
  }
  finish (element);

  return NULL;
}

static void
wait_at_exit (void)
{
  GThread *running;

  g_mutex_lock (&lock);
  running = thread_pid == getpid ()? g_steal_pointer (&thread) : NULL;
  g_mutex_unlock (&lock);

  if (running != NULL)
    g_thread_join (running);
}

/* What is registered last runs first: so OpenSSL registers now (with no option it
 * would not), then we. */
static void
start_thread (void)
{
  OPENSSL_init_crypto (OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
  atexit (wait_at_exit);

  g_mutex_lock (&lock);
  thread_pid = getpid ();
  thread = g_thread_new ("wsctl-warmup", run_warmup, NULL);
  g_mutex_unlock (&lock);
}

void
gst_wsctl_warmup_start (void)
{
  gboolean first;

  g_mutex_lock (&lock);
  first = !started;
  started = TRUE;
  g_mutex_unlock (&lock);

  if (!first)
    return;

  if (!gst_wsctl_platform_is_since (28, 0))
    start_thread ();
  else
    finish (NULL);
}

void
gst_wsctl_warmup_call (GstWsctlLoop * loop, GstWsctlLoopFunc func,
    gpointer data, GDestroyNotify destroy)
{
  gboolean ready;

  gst_wsctl_warmup_start ();

  g_mutex_lock (&lock);
  ready = done;
  if (!ready) {
    Waiter *waiter = g_new0 (Waiter, 1);

    waiter->loop = gst_wsctl_loop_ref (loop);
    waiter->func = func;
    waiter->data = data;
    waiter->destroy = destroy;
    waiters = g_slist_prepend (waiters, waiter);
  }
  g_mutex_unlock (&lock);

  if (ready)
    gst_wsctl_loop_call (loop, func, data, destroy);
}

static void
load_plugin (gpointer data, gpointer user_data)
{
  const gchar *name = data;
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);
  g_autoptr (GstPluginFeature) feature = NULL;

  if (factory != NULL)
    feature = gst_plugin_feature_load (GST_PLUGIN_FEATURE (factory));

  g_mutex_lock (&lock);
  g_hash_table_add (loaded, (gpointer) name);
  g_mutex_unlock (&lock);
}

void
gst_wsctl_warmup_load (const gchar * factory)
{
  const gchar *name = g_intern_string (factory);

  g_mutex_lock (&lock);
  if (loaded == NULL)
    loaded = g_hash_table_new (NULL, NULL);
  if (!g_hash_table_contains (loaded, name)) {
    if (loader == NULL)
      loader = g_thread_pool_new (load_plugin, NULL, 1, FALSE, NULL);
    g_thread_pool_push (loader, (gpointer) name, NULL);
  }
  g_mutex_unlock (&lock);
}

void
gst_wsctl_warmup_settle (void)
{
  GThreadPool *pool;

  g_mutex_lock (&lock);
  pool = g_steal_pointer (&loader);
  g_mutex_unlock (&lock);

  if (pool != NULL)
    g_thread_pool_free (pool, TRUE, TRUE);
}
