/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlpackets-private.h"

#define HEADER_SIZE 12

/* What shares the socket (RFC 7983, 7; RFC 5761, 4) */
#define FIRST_RTP 128
#define LAST_RTP 191
#define FIRST_RTCP 192
#define LAST_RTCP 223

typedef struct
{
  GstPad *pad;
  gulong id;
} Probe;

struct _GstWsctlPackets
{
  gatomicrefcount refs;
  GArray *probes;               /* Probe */
  GstWsctlPacketsFunc func;
  gpointer data;
  GDestroyNotify destroy;
};

static GstWsctlPackets *
ref_packets (GstWsctlPackets * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_packets (gpointer data)
{
  GstWsctlPackets *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  if (self->destroy != NULL)
    self->destroy (self->data);
  g_array_unref (self->probes);
  g_free (self);
}

gboolean
gst_wsctl_packet_read (GstWsctlPacket * packet, const guint8 * header,
    gsize size)
{
  if (size < HEADER_SIZE || header[0] < FIRST_RTP || header[0] > LAST_RTP
      || (header[1] >= FIRST_RTCP && header[1] <= LAST_RTCP))
    return FALSE;

  packet->payload = header[1] & 0x7f;
  packet->seq = GST_READ_UINT16_BE (header + 2);
  packet->rtp_time = GST_READ_UINT32_BE (header + 4);
  packet->ssrc = GST_READ_UINT32_BE (header + 8);

  return TRUE;
}

static void
take_buffer (GstWsctlPackets * self, GstBuffer * buffer, gint64 time_us)
{
  GstWsctlPacket packet = { time_us, gst_buffer_get_size (buffer), };
  guint8 header[HEADER_SIZE];

  if (gst_wsctl_packet_read (&packet, header,
          gst_buffer_extract (buffer, 0, header, sizeof header)))
    self->func (&packet, self->data);
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlPackets *self = data;
  gint64 time_us = g_get_monotonic_time ();
  guint i;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    take_buffer (self, GST_PAD_PROBE_INFO_BUFFER (info), time_us);
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (i = 0; i < gst_buffer_list_length (list); i++)
      take_buffer (self, gst_buffer_list_get (list, i), time_us);
  }

  return GST_PAD_PROBE_OK;
}

static void
add_probe (const GValue * item, gpointer data)
{
  GstWsctlPackets *self = data;
  Probe probe = { NULL, };

  probe.pad = gst_element_get_static_pad (g_value_get_object (item), "src");
  probe.id = gst_pad_add_probe (probe.pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets, ref_packets (self),
      unref_packets);
  g_array_append_val (self->probes, probe);
}

GstWsctlPackets *
gst_wsctl_packets_new (GstElement * webrtcbin, GstWsctlPacketsFunc func,
    gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GstIterator) sources =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (webrtcbin),
      "nicesrc");
  GstWsctlPackets *self = g_new0 (GstWsctlPackets, 1);

  g_atomic_ref_count_init (&self->refs);
  self->probes = g_array_new (FALSE, FALSE, sizeof (Probe));
  self->func = func;
  self->data = data;
  self->destroy = destroy;
  gst_iterator_foreach (sources, add_probe, self);

  return self;
}

void
gst_wsctl_packets_close (GstWsctlPackets * self)
{
  guint i;

  for (i = 0; i < self->probes->len; i++) {
    Probe *probe = &g_array_index (self->probes, Probe, i);

    gst_pad_remove_probe (probe->pad, probe->id);
    gst_object_unref (probe->pad);
  }
  unref_packets (self);
}
