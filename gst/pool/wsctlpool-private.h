/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlloop-private.h"
#include "wsctlpool.h"
#include "wsctlssp-private.h"

G_BEGIN_DECLS

/* Waits until what was closed has gone from the element. No lock is held, and
 * the caller is none of its streaming threads. */
void gst_wsctl_pool_settle (GstWsctlPool * self);
/* For tests: how long the one that was there first waits for the newcomer's
 * offer; 0 makes them meet. Before joining. */
void gst_wsctl_pool_set_grace (GstWsctlPool * self, guint grace_ms);
/* Loop only: negotiates anew with everybody. */
void gst_wsctl_pool_negotiate (GstWsctlPool * self);
GstWsctlTransport *gst_wsctl_pool_get_transport (GstWsctlPool * self);
GstWsctlLoop *gst_wsctl_pool_get_loop (GstWsctlPool * self);

/* wsctlpoolsignals.c */
typedef enum
{
  GST_WSCTL_POOL_SIGNAL_JOIN,
  GST_WSCTL_POOL_SIGNAL_STOP,
  GST_WSCTL_POOL_SIGNAL_CLOSE,
  GST_WSCTL_POOL_SIGNAL_DESCRIBE,
  GST_WSCTL_POOL_SIGNAL_PEER,
  GST_WSCTL_POOL_SIGNAL_TRACK,
  GST_WSCTL_POOL_SIGNAL_DATACHANNEL,
  GST_WSCTL_POOL_SIGNAL_ERROR,
  GST_WSCTL_POOL_N_SIGNALS
} GstWsctlPoolSignal;

void gst_wsctl_pool_signals_class_init (GObjectClass * klass);
void gst_wsctl_pool_emit (GstWsctlPool * self, GstWsctlPoolSignal signal, ...);

/* wsctlpoolmembers.c: the peers, on the loop */
void gst_wsctl_pool_take_message (GstWsctlPool * self,
    const GstWsctlSsp * message);
/* The pool is left: with @error, or on our own wish, or because it is
 * stopped */
void gst_wsctl_pool_leave (GstWsctlPool * self, const GError * error,
    gboolean stopped);

G_END_DECLS
