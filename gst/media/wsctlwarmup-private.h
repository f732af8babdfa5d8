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

G_END_DECLS
