/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Watchdog, waiting and leak checks for the tests of all rooms.
 */

#include "testsupport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wsctlwarmup-private.h"

#define TOO_SLOW 10             /* so many times */

static GMutex watchdog_lock;
static GCond watchdog_cond;
static GThread *watchdog;       /* the test's thread only */
static gint64 watchdog_end;     /* watchdog_lock; 0: stop */
static gchar *watchdog_what;    /* watchdog_lock */

struct _TestLeaks
{
  GMutex lock;
  GPtrArray *alive;             /* lock; not references */
  GPtrArray *names;             /* lock; by the same index */
};

static gpointer
watch (gpointer data)
{
  g_mutex_lock (&watchdog_lock);
  while (watchdog_end != 0) {
    if (g_cond_wait_until (&watchdog_cond, &watchdog_lock, watchdog_end))
      continue;
    if (watchdog_end == 0 || g_get_monotonic_time () < watchdog_end)
      continue;

    /* No cleanup: whoever hangs could hold any lock. */
    printf ("Bail out! Watchdog: waited too long for: %s\n", watchdog_what);
    fflush (stdout);
    fprintf (stderr, "Watchdog: waited too long for: %s\n", watchdog_what);
    _Exit (1);
  }
  g_mutex_unlock (&watchdog_lock);

  return NULL;
}

void
test_watchdog_start (guint timeout_ms)
{
  g_assert_null (watchdog);

  watchdog_end = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  watchdog = g_thread_new ("watchdog", watch, NULL);
}

void
test_watchdog_stop (void)
{
  g_mutex_lock (&watchdog_lock);
  watchdog_end = 0;
  g_cond_signal (&watchdog_cond);
  g_mutex_unlock (&watchdog_lock);

  g_thread_join (g_steal_pointer (&watchdog));
  g_clear_pointer (&watchdog_what, g_free);
}

void
test_watchdog_restart (void)
{
  g_mutex_lock (&watchdog_lock);
  watchdog_end = g_get_monotonic_time ()
      + test_scale_ms (TEST_TIMEOUT_MS) * G_TIME_SPAN_MILLISECOND;
  g_cond_signal (&watchdog_cond);
  g_mutex_unlock (&watchdog_lock);
}

/* What the test does next, for the watchdog to say */
void
test_say (const gchar * what)
{
  g_mutex_lock (&watchdog_lock);
  g_free (watchdog_what);
  watchdog_what = g_strdup (what);
  g_mutex_unlock (&watchdog_lock);
}

static void
ignore_log (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer data)
{
}

/* What others say of themselves, and what does no harm */
static const gchar *const known[] = {
  /* libsoup's server, of every client that goes before it is looked at */
  "could not get remote address",
  /* rtpsession, when a source comes while it makes a report: that report is
   * without the rest, the next one has them all */
  "assertion 'version == hash_table->version' failed",
};

static gboolean
is_fatal (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer data)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (known); i++) {
    if (strstr (message, known[i]) != NULL)
      return FALSE;
  }

  return TRUE;
}

/* GLib's own handler would write "Bail out!" into the results first. */
static void
filter_log (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer data)
{
  if (is_fatal (domain, level, message, NULL))
    g_log_default_handler (domain, level, message, data);
}

/* No desktop's proxy, mounts or settings. GLib's isolated directories would
 * help as well, but leak a little for each test. */
void
test_init (gint * argc, gchar *** argv)
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_init (argc, argv, NULL);

  /* It quotes what came in, which need not be text. */
  g_log_set_handler ("libsoup", G_LOG_LEVEL_DEBUG, ignore_log, NULL);
  g_log_set_handler ("libsoup", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL,
      filter_log, NULL);
  g_log_set_handler ("GLib", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL,
      filter_log, NULL);
  g_log_set_handler ("GStreamer", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL,
      filter_log, NULL);
}

gint64
test_get_starved_us (void)
{
  FILE *file = fopen ("/proc/thread-self/schedstat", "r");
  gint64 ran_ns = 0, starved_ns = 0;

  if (file == NULL)
    return 0;
  if (fscanf (file, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, &ran_ns,
          &starved_ns) != 2)
    starved_ns = 0;
  fclose (file);

  return starved_ns / 1000;
}

static gint64
read_starved_ns (const gchar * thread)
{
  g_autofree gchar *path =
      g_build_filename ("/proc/self/task", thread, "schedstat", NULL);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  fields = g_strsplit (text, " ", 3);

  return fields[0] != NULL && fields[1] != NULL
      ? g_ascii_strtoll (fields[1], NULL, 10) : 0;
}

gint64
test_get_process_starved_ms (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  gint64 starved_ns = 0;
  const gchar *thread;

  while (dir != NULL && (thread = g_dir_read_name (dir)) != NULL)
    starved_ns += read_starved_ns (thread);

  return starved_ns / 1000000;
}

guint
test_scale_ms (guint timeout_ms)
{
  const gchar *factor = g_getenv ("WSCTL_TEST_SLOW");

  return timeout_ms * (factor != NULL ? MAX (1, atoi (factor)) : 1);
}

static void
skip_test (void)
{
  g_test_skip ("media in real time, which nobody makes at this speed");
}

typedef struct
{
  TestFunc func;                /* or */
  TestDataFunc data_func;
  gconstpointer data;
} TestCase;

static void
run_test (gconstpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  const TestCase *test_case = data;

  test_say (g_test_get_path ());
  test_watchdog_start (test_scale_ms (TEST_TIMEOUT_MS));
  g_main_context_push_thread_default (context);
  g_test_log_set_fatal_handler (is_fatal, NULL);

  if (test_case->func != NULL)
    test_case->func ();
  else
    test_case->data_func (test_case->data);

  test_say ("the sources that the test left behind");
  test_drain (context);
  g_main_context_pop_thread_default (context);
  test_watchdog_stop ();
}

void
test_add_in_real_time (const gchar * path, TestFunc func)
{
  test_add (path, test_scale_ms (1) < TOO_SLOW ? func : skip_test);
}

static void
add_case (const gchar * path, TestFunc func, TestDataFunc data_func,
    gconstpointer data)
{
  static GSList *all;           /* what is not run is not freed either */
  TestCase *test_case = g_new (TestCase, 1);

  test_case->func = func;
  test_case->data_func = data_func;
  test_case->data = data;
  all = g_slist_prepend (all, test_case);
  g_test_add_data_func (path, test_case, run_test);
}

void
test_add (const gchar * path, TestFunc func)
{
  add_case (path, func, NULL, NULL);
}

void
test_add_data (const gchar * path, TestDataFunc func, gconstpointer data)
{
  add_case (path, NULL, func, data);
}

static gboolean
on_deadline (gpointer data)
{
  gboolean *late = data;

  *late = TRUE;

  return G_SOURCE_CONTINUE;
}

void
test_wait_until (GMainContext * context, TestCondition condition,
    gpointer data, guint timeout_ms, const gchar * what)
{
  g_autoptr (GSource) deadline = NULL;
  gboolean late = FALSE;

  if (context == NULL)
    context = g_main_context_get_thread_default ();
  if (timeout_ms == 0)
    timeout_ms = TEST_TIMEOUT_MS;

  test_say (what);
  deadline = g_timeout_source_new (test_scale_ms (timeout_ms));
  g_source_set_callback (deadline, on_deadline, &late, NULL);
  g_source_attach (deadline, context);
  while (!condition (data) && !late)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (deadline);

  if (!condition (data))
    g_error ("Waited %u ms in vain for: %s", timeout_ms, what);
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *) data;
}

void
test_wait_flag (GMainContext * context, gboolean * flag, const gchar * what)
{
  test_wait_until (context, is_set, flag, 0, what);
}

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean warm;                /* lock */
} Warmth;

static void
run_warm (gpointer data)
{
  Warmth *warmth = data;

  g_mutex_lock (&warmth->lock);
  warmth->warm = TRUE;
  g_cond_signal (&warmth->cond);
  g_mutex_unlock (&warmth->lock);
}

void
test_warm_up (void)
{
  GstWsctlLoop *loop;
  Warmth warmth = { 0, };

  if (test_scale_ms (1) == 1)
    return;

  test_say ("the platform's key pair");
  g_mutex_init (&warmth.lock);
  g_cond_init (&warmth.cond);
  loop = gst_wsctl_loop_new ("test-warm-up");
  gst_wsctl_warmup_call (loop, run_warm, &warmth, NULL);
  g_mutex_lock (&warmth.lock);
  while (!warmth.warm)
    g_cond_wait (&warmth.cond, &warmth.lock);
  g_mutex_unlock (&warmth.lock);
  gst_wsctl_loop_unref (loop);
  g_mutex_clear (&warmth.lock);
  g_cond_clear (&warmth.cond);
}

void
test_drain (GMainContext * context)
{
  if (context == NULL)
    context = g_main_context_get_thread_default ();

  while (g_main_context_iteration (context, FALSE));
}

/* An object that somebody waits to see gone; it may go on any thread. */
typedef struct
{
  GMainContext *context;        /* of who waits; NULL: the default */
  gint finalized;               /* atomic */
} Farewell;

static void
on_finalized (gpointer data, GObject * object)
{
  Farewell *farewell = data;
  GMainContext *context = farewell->context;

  g_atomic_int_set (&farewell->finalized, TRUE);
  g_main_context_wakeup (context);
}

static gboolean
is_finalized (gpointer data)
{
  Farewell *farewell = data;

  return g_atomic_int_get (&farewell->finalized);
}

void
test_assert_finalize (gpointer object)
{
  g_autofree gchar *what = g_strdup_printf ("the end of a %s",
      G_OBJECT_TYPE_NAME (object));
  Farewell farewell = { g_main_context_get_thread_default (), FALSE };

  g_object_weak_ref (object, on_finalized, &farewell);
  g_object_unref (object);

  /* Sources that hold it, cancelled requests for example, run now. */
  if (!is_finalized (&farewell))
    test_wait_until (NULL, is_finalized, &farewell, 5000, what);
}

TestLeaks *
test_leaks_new (void)
{
  TestLeaks *leaks = g_new0 (TestLeaks, 1);

  g_mutex_init (&leaks->lock);
  leaks->alive = g_ptr_array_new ();
  leaks->names = g_ptr_array_new ();

  return leaks;
}

static void
on_watched_gone (gpointer data, GObject * object)
{
  TestLeaks *leaks = data;
  guint index;

  g_mutex_lock (&leaks->lock);
  if (g_ptr_array_find (leaks->alive, object, &index)) {
    g_ptr_array_remove_index (leaks->alive, index);
    g_ptr_array_remove_index (leaks->names, index);
  }
  g_mutex_unlock (&leaks->lock);
}

void
test_leaks_watch (TestLeaks * leaks, gpointer object)
{
  g_mutex_lock (&leaks->lock);
  g_ptr_array_add (leaks->alive, object);
  g_ptr_array_add (leaks->names, (gpointer) G_OBJECT_TYPE_NAME (object));
  g_mutex_unlock (&leaks->lock);

  g_object_weak_ref (object, on_watched_gone, leaks);
}

static gboolean
none_alive (gpointer data)
{
  TestLeaks *leaks = data;
  gboolean none;

  g_mutex_lock (&leaks->lock);
  none = leaks->alive->len == 0;
  g_mutex_unlock (&leaks->lock);

  return none;
}

/* Frees @leaks as well. */
void
test_leaks_check (TestLeaks * leaks)
{
  g_autofree gchar *what = NULL;

  g_mutex_lock (&leaks->lock);
  what = g_strdup_printf ("the end of %u objects, the first a %s",
      leaks->alive->len, leaks->names->len > 0 ?
      (const gchar *) g_ptr_array_index (leaks->names, 0) : "-");
  g_mutex_unlock (&leaks->lock);

  test_wait_until (NULL, none_alive, leaks, 5000, what);
  g_ptr_array_unref (leaks->alive);
  g_ptr_array_unref (leaks->names);
  g_mutex_clear (&leaks->lock);
  g_free (leaks);
}
