/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlbin.h"
#include "gstwsctlbitrate.h"

G_BEGIN_DECLS

/* The properties and signals of wsctlsink, for its own file only. */
#define GST_WSCTL_SINK_DEFAULT_RTP_NACK (-1)
#define GST_WSCTL_SINK_DEFAULT_RTP_DROP (-1)

enum
{
  GST_WSCTL_SINK_PROP_VIDEO_CAPS = GST_WSCTL_BIN_FIRST_PROP,
  GST_WSCTL_SINK_PROP_AUDIO_CAPS,
  GST_WSCTL_SINK_PROP_RTP_NACK,
  GST_WSCTL_SINK_PROP_RTP_DROP,
  GST_WSCTL_SINK_FIRST_BITRATE_PROP,
  GST_WSCTL_SINK_FIRST_ENCODING_PROP =
      GST_WSCTL_SINK_FIRST_BITRATE_PROP + GST_WSCTL_BITRATE_N_PROPS,
};

void gst_wsctl_sink_install_properties (GObjectClass * klass);
void gst_wsctl_sink_install_signals (GType type);
/* What @controller says, @sink says too, also as messages. */
void gst_wsctl_sink_forward_signals (GstElement * sink,
    GstWsctlController * controller);

G_END_DECLS
