/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctldatagram-private.h"

#define FIRST_RTP 128
#define LAST_RTP 191
#define FIRST_RTCP 192
#define LAST_RTCP 223

#define CONTENT_TYPE_CHANGE_CIPHER_SPEC 20
#define CONTENT_TYPE_HANDSHAKE 22
#define CONTENT_TYPE_APPLICATION_DATA 23
#define DTLS_RECORD_HEADER 13

/* SRTP and SRTCP (RFC 7983: the first byte is 128 to 191), and the data channel:
 * application data in any of the DTLS records of a datagram. */
static gboolean
is_media (const guint8 * packet, gsize size)
{
  if (size > 0 && packet[0] >= FIRST_RTP && packet[0] <= LAST_RTP)
    return TRUE;

  while (size >= DTLS_RECORD_HEADER) {
    gsize record = DTLS_RECORD_HEADER + (packet[11] << 8 | packet[12]);

    if (packet[0] == CONTENT_TYPE_APPLICATION_DATA)
      return TRUE;
    if (record > size)
      return FALSE;
    packet += record;
    size -= record;
  }

  return FALSE;
}

static gboolean
is_media_buffer (GstBuffer * buffer)
{
  GstMapInfo map;
  gboolean media;

  /* What cannot be looked at does not pass. */
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return TRUE;
  media = is_media (map.data, map.size);
  gst_buffer_unmap (buffer, &map);

  return media;
}

static gboolean
is_media_list (GstBufferList * list)
{
  guint i;

  for (i = 0; i < gst_buffer_list_length (list); i++) {
    if (is_media_buffer (gst_buffer_list_get (list, i)))
      return TRUE;
  }

  return FALSE;
}

gboolean
gst_wsctl_datagram_has_media (GstPadProbeInfo * info)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    return is_media_list (GST_PAD_PROBE_INFO_BUFFER_LIST (info));

  return is_media_buffer (GST_PAD_PROBE_INFO_BUFFER (info));
}

GstWsctlDatagram
gst_wsctl_datagram_get_kind (GstPadProbeInfo * info)
{
  GstBuffer *buffer = info->type & GST_PAD_PROBE_TYPE_BUFFER
      ? GST_PAD_PROBE_INFO_BUFFER (info)
      : gst_buffer_list_get (GST_PAD_PROBE_INFO_BUFFER_LIST (info), 0);
  guint8 bytes[2];

  if (gst_buffer_extract (buffer, 0, bytes, 2) != 2)
    return GST_WSCTL_DATAGRAM_OTHER;
  if (bytes[0] >= FIRST_RTP && bytes[0] <= LAST_RTP)
    return bytes[1] >= FIRST_RTCP && bytes[1] <= LAST_RTCP
        ? GST_WSCTL_DATAGRAM_RTCP : GST_WSCTL_DATAGRAM_RTP;
  if (bytes[0] >= CONTENT_TYPE_CHANGE_CIPHER_SPEC
      && bytes[0] <= CONTENT_TYPE_HANDSHAKE)
    return GST_WSCTL_DATAGRAM_HANDSHAKE;

  return GST_WSCTL_DATAGRAM_OTHER;
}
