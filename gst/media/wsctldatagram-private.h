/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What is on its way between webrtcbin and its socket, by its first bytes
 * (RFC 7983, 7; RFC 5761, 4; RFC 6347, 4.1). A list is what its first is. */
typedef enum
{
  GST_WSCTL_DATAGRAM_OTHER,
  GST_WSCTL_DATAGRAM_RTP,
  GST_WSCTL_DATAGRAM_RTCP,
  GST_WSCTL_DATAGRAM_HANDSHAKE, /* DTLS before there is any data */
} GstWsctlDatagram;

GstWsctlDatagram gst_wsctl_datagram_get_kind (GstPadProbeInfo * info);
/* Whether anything in it is: RTP, RTCP, or data of a channel. TRUE for what
 * cannot be looked at. */
gboolean gst_wsctl_datagram_has_media (GstPadProbeInfo * info);

G_END_DECLS
