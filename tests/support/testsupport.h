/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the tests of all rooms need. A test that hangs must say what it was
 * waiting for and fail, and not take the whole job down with it. */
#define TEST_TIMEOUT_MS 30000

typedef void (*TestFunc) (void);
typedef void (*TestDataFunc) (gconstpointer data);
typedef gboolean (*TestCondition) (gpointer data);

/* Calls g_test_init(), which makes criticals and warnings fatal. Call before
 * anything else. */
void test_init (gint * argc, gchar *** argv);
/* Like g_test_add_func(), on a main context of its own, and under the
 * watchdog. */
void test_add (const gchar * path, TestFunc func);
/* Likewise, for a table; @data: outlives the test */
void test_add_data (const gchar * path, TestDataFunc func, gconstpointer data);
/* Likewise, of what encoders and peers do in real time. At a tenth of the speed,
 * under valgrind, that cannot be: there it is skipped. */
void test_add_in_real_time (const gchar * path, TestFunc func);

/* Watchdog: the process ends with a failure, and with the words last given,
 * when the test is not over in time. */
void test_watchdog_start (guint timeout_ms);
void test_watchdog_stop (void);
/* One more round of a test that has many: with time of its own */
void test_watchdog_restart (void);
void test_say (const gchar * what);

/* As much longer as WSCTL_TEST_SLOW says: valgrind and the sanitizers are many
 * times slower. */
guint test_scale_ms (guint timeout_ms);
/* There, the platform's key pair takes longer than any timeout of a session;
 * this returns when it is made. Otherwise it is made beside, as usual. */
void test_warm_up (void);

/* For how long this thread could have run so far, and others did: that is the
 * machine's doing, and nobody's who held it up. 0 where the kernel does not
 * tell. */
gint64 test_get_starved_us (void);

/* How long the threads of this process have waited for a CPU, all together: 0
 * when the kernel does not say. What is held against a clock means nothing while
 * that grows. */
gint64 test_get_process_starved_ms (void);

/* Waiting: iterates @context (NULL: the thread's default) until @condition
 * holds. After @timeout_ms (0: TEST_TIMEOUT_MS) the test fails and says
 * @what. */
void test_wait_until (GMainContext * context, TestCondition condition,
    gpointer data, guint timeout_ms, const gchar * what);
/* Until *@flag is TRUE */
void test_wait_flag (GMainContext * context, gboolean * flag,
    const gchar * what);
/* Dispatches what is ready now, and does not wait. */
void test_drain (GMainContext * context);

/* Leaks: @object is given to the check and has to be finalized by it, or, after
 * what is ready on the context has run, by then. */
void test_assert_finalize (gpointer object);
/* Objects that belong to others: each one watched, none alive at the end. */
typedef struct _TestLeaks TestLeaks;

TestLeaks *test_leaks_new (void);
void test_leaks_watch (TestLeaks * leaks, gpointer object);
void test_leaks_check (TestLeaks * leaks);

G_END_DECLS
