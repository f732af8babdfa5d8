/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* How long packets stay in an rtpjitterbuffer, which does not tell. */
void gst_wsctl_jitter_delay_watch (GstElement * jitterbuffer);
/* Any thread. The sum over all packets that have come out, and how many that
 * were; FALSE for one that is not watched. */
gboolean gst_wsctl_jitter_delay_get (GstElement * jitterbuffer,
    guint64 * delay_us, guint64 * n_packets);

G_END_DECLS
