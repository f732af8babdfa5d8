/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcontroller.h"

G_BEGIN_DECLS

/* As much redundancy as helps against what the network loses: in-band FEC of the
 * Opus encoders of an element, and ULPFEC for video where the answer takes it. */
typedef struct _GstWsctlLoss GstWsctlLoss;

/* Any thread. @controller: the session that sends */
GstWsctlLoss *gst_wsctl_loss_new (GstElement * element,
    GstWsctlController * controller);
/* Media can flow, or is about to. */
void gst_wsctl_loss_start (GstWsctlLoss * self);
/* Any thread. Of video, on top of it; -1 where it is not agreed. */
gint gst_wsctl_loss_get_fec_percentage (GstWsctlLoss * self);
/* Waits for the loop, so with no lock held, and frees. */
void gst_wsctl_loss_stop (GstWsctlLoss * self);

G_END_DECLS
