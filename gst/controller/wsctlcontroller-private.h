/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlanswer-private.h"
#include "wsctlchannel-private.h"
#include "wsctlcontroller.h"

G_BEGIN_DECLS

/* Before open: a medium with the codecs of @caps (RTP). Without any, all that
 * is installed, or all of "codecs", is offered. */
void gst_wsctl_controller_add_media (GstWsctlController * self,
    GstWsctlMediaKind kind, GstCaps * caps);
/* Before open, for tests: instead of a WebSocket. */
void gst_wsctl_controller_set_channel (GstWsctlController * self,
    GstWsctlChannel * channel);
/* Returns when the session is closed, no more signal will come and no packet is
 * on its way through webrtcbin, unless the caller is the loop. No lock held. */
void gst_wsctl_controller_close_sync (GstWsctlController * self);
/* From a handler of "on-open" on: what was answered. The loop only. */
const GstWsctlAnswer *gst_wsctl_controller_get_answer (GstWsctlController *
    self);
/* Where to, for people; NULL for an address that cannot be read. */
gchar *gst_wsctl_controller_get_display_uri (GstWsctlController * self);

G_END_DECLS
