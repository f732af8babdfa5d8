/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* wsctl-server as a process of its own, which can be killed as a crash would, and
 * started again at the same address. It ends with the test. */
typedef struct _TestProcess TestProcess;

/* Not started. @program: the path of wsctl-server */
TestProcess *test_process_new (const gchar * program);
void test_process_free (TestProcess * self);
/* Returns when it listens. */
void test_process_start (TestProcess * self);
/* Without a word to anybody; returns when it is gone. */
void test_process_kill (TestProcess * self);
/* In order, as a service manager does (SIGTERM); returns when it is gone. */
void test_process_end (TestProcess * self);
/* "ws://127.0.0.1:PORT/webrtc/live", running or not; transfer none */
const gchar *test_process_get_uri (TestProcess * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestProcess, test_process_free)

/* What this process holds, for tests that look for growth */
gsize test_process_get_allocated (void);        /* bytes; 0: not known */

G_END_DECLS
