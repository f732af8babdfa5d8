/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Sees the packets that a webrtcbin receives, as they arrive: before they are
 * decrypted and before anything holds them back. */
typedef struct _GstWsctlPackets GstWsctlPackets;

/* What the header says, which is not encrypted (RFC 3550, 5.1) */
typedef struct
{
  gint64 time_us;               /* monotonic */
  guint size;                   /* bytes, of the datagram */
  guint8 payload;               /* type */
  guint16 seq;
  guint32 rtp_time;
  guint32 ssrc;
} GstWsctlPacket;

/* On a streaming thread; for media only. */
typedef void (*GstWsctlPacketsFunc) (const GstWsctlPacket * packet,
    gpointer data);

/* Once there is a transport. Takes @data over, which @destroy frees when no call
 * can come any more. Any thread. */
GstWsctlPackets *gst_wsctl_packets_new (GstElement * webrtcbin,
    GstWsctlPacketsFunc func, gpointer data, GDestroyNotify destroy);
/* A call may be under way when it returns. Any thread. */
void gst_wsctl_packets_close (GstWsctlPackets * self);

/* Pure: FALSE for what is no packet of media */
gboolean gst_wsctl_packet_read (GstWsctlPacket * packet,
    const guint8 * header, gsize size);

G_END_DECLS
