/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctllite-private.h"
#include "wsctlserverframe-private.h"

G_BEGIN_DECLS

/* One RTP source towards a player: numbers, times, what was sent, and what of
 * it is sent again. RTP times are those at which frames go out, whatever part
 * of the stream they are from. On the server's thread. */
typedef struct _GstWsctlServerSender GstWsctlServerSender;

GstWsctlServerSender *gst_wsctl_server_sender_new (guint8 pt,
    guint clock_rate);
void gst_wsctl_server_sender_free (GstWsctlServerSender * self);
/* RTP times are those of the stream, whenever it is sent. */
void gst_wsctl_server_sender_use_media_times (GstWsctlServerSender * self);
guint32 gst_wsctl_server_sender_get_ssrc (GstWsctlServerSender * self);
/* A packet of @frame; @out_ns as g_get_monotonic_time() */
void gst_wsctl_server_sender_send (GstWsctlServerSender * self,
    GstWsctlLitePeer * peer, GstWsctlServerFrame * frame, guint packet,
    gint64 out_ns);
void gst_wsctl_server_sender_send_again (GstWsctlServerSender * self,
    GstWsctlLitePeer * peer, guint16 seq);
/* A sender report. Once a second: it also renews what may be sent again. */
void gst_wsctl_server_sender_report (GstWsctlServerSender * self,
    GstWsctlLitePeer * peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerSender,
    gst_wsctl_server_sender_free)

G_END_DECLS
