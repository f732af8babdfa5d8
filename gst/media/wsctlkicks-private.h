/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <nice/agent.h>

#include "wsctlanswer-private.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* Connectivity checks of our own, every 20 ms from the answer until media can
 * flow, and closer at first: libnice waits 500 ms before it repeats one, and a server that learns
 * our address from the first never answers that one. Made on the loop; freed on
 * any thread, and from the loop at once. */
typedef struct _GstWsctlKicks GstWsctlKicks;

GstWsctlKicks *gst_wsctl_kicks_new (GstWsctlLoop * loop, NiceAgent * agent,
    guint stream_id, const GstWsctlAnswer * answer);
void gst_wsctl_kicks_add_target (GstWsctlKicks * self, const gchar * address,
    guint16 port);
/* The next one comes behind what is about to be sent, and a few as close as
 * RFC 8445 allows: MistServer takes a packet of the DTLS handshake in hand when
 * the next packet comes. On the loop. */
void gst_wsctl_kicks_hurry (GstWsctlKicks * self);
void gst_wsctl_kicks_free (GstWsctlKicks * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlKicks, gst_wsctl_kicks_free)

G_END_DECLS
