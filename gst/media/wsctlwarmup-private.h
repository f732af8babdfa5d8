/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* What the platform does slowly, once a process, before its first offer: begun
 * early, it runs beside the opening of the socket. Any thread. */
void gst_wsctl_warmup_start (void);
/* Calls @func on the loop when it is done; starts it when nobody has. */
void gst_wsctl_warmup_call (GstWsctlLoop * loop, GstWsctlLoopFunc func,
    gpointer data, GDestroyNotify destroy);
/* Loads the plugin of the element @factory, one after the other, on a thread
 * beside. An application's own loading waits for that: ask when it has done
 * its own. */
void gst_wsctl_warmup_load (const gchar * factory);
/* Returns with nothing being loaded; what has not begun is left. Before an
 * application may exit: a plugin that is loaded meanwhile crashes in libraries
 * that are being taken down. */
void gst_wsctl_warmup_settle (void);

G_END_DECLS
