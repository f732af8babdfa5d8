/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* As the W3C's RTCDataChannelInit */
typedef struct
{
  gboolean ordered;
  gint max_packet_lifetime_ms;  /* -1: no limit */
  gint max_retransmits;         /* -1: no limit */
  gchar *protocol;
  gboolean negotiated;          /* both sides know of it by themselves … */
  gint id;                      /* … under this number; -1: it is given one */
  gint priority;                /* GstWebRTCPriorityType */
} GstWsctlDataChannelOptions;

/* @label and @structure as given to gst_wsctl_connection_create_data_channel();
 * NULL with an error that names what is wrong. Pure. */
GstWsctlDataChannelOptions *gst_wsctl_data_channel_options_new (const gchar *
    label, const GstStructure * structure, GError ** error);
GstWsctlDataChannelOptions *gst_wsctl_data_channel_options_copy (const
    GstWsctlDataChannelOptions * self);
void gst_wsctl_data_channel_options_free (GstWsctlDataChannelOptions * self);
/* As webrtcbin's "create-data-channel" takes them. Transfer full. */
GstStructure *gst_wsctl_data_channel_options_to_structure (const
    GstWsctlDataChannelOptions * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlDataChannelOptions,
    gst_wsctl_data_channel_options_free)

G_END_DECLS
