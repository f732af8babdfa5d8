/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What wsctlsink has beside what both elements have.
 */

#include "gstwsctlsinktables.h"

#include "gstwsctlbitrate.h"
#include "gstwsctlencoding.h"

/* Of one sequence of RTP */
#define MAX_PACKETS 65535

enum
{
  SIGNAL_ON_VIDEO_BITRATE,
  SIGNAL_ON_MEDIA_REPORT,
  SIGNAL_ON_RTP_PROPS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
gst_wsctl_sink_install_properties (GObjectClass * klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  /**
   * wsctlsink:video-caps:
   *
   * The video codecs to offer for raw input, as caps of elementary streams in
   * the order of preference; %NULL for all that can be encoded.
   */
  g_object_class_install_property (klass, GST_WSCTL_SINK_PROP_VIDEO_CAPS,
      g_param_spec_boxed ("video-caps", "Video caps",
          "Video codecs to offer, in order of preference", GST_TYPE_CAPS,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * wsctlsink:audio-caps:
   *
   * The audio codecs to offer for raw input, likewise.
   */
  g_object_class_install_property (klass, GST_WSCTL_SINK_PROP_AUDIO_CAPS,
      g_param_spec_boxed ("audio-caps", "Audio caps",
          "Audio codecs to offer, in order of preference", GST_TYPE_CAPS,
          flags | GST_PARAM_MUTABLE_READY));

  /**
   * wsctlsink:rtp-nack:
   *
   * After how many packets the server is to ask for a missing one; -1 leaves it
   * to the server.
   */
  g_object_class_install_property (klass, GST_WSCTL_SINK_PROP_RTP_NACK,
      g_param_spec_int ("rtp-nack", "RTP NACK",
          "Packets after which the server asks for a missing one, or -1", -1,
          MAX_PACKETS, GST_WSCTL_SINK_DEFAULT_RTP_NACK,
          flags | GST_PARAM_MUTABLE_PLAYING));

  /**
   * wsctlsink:rtp-drop:
   *
   * After how many packets the server is to give a missing one up; -1 leaves it
   * to the server.
   */
  g_object_class_install_property (klass, GST_WSCTL_SINK_PROP_RTP_DROP,
      g_param_spec_int ("rtp-drop", "RTP drop",
          "Packets after which the server gives a missing one up, or -1", -1,
          MAX_PACKETS, GST_WSCTL_SINK_DEFAULT_RTP_DROP,
          flags | GST_PARAM_MUTABLE_PLAYING));

  gst_wsctl_bitrate_install_properties (klass,
      GST_WSCTL_SINK_FIRST_BITRATE_PROP);
  gst_wsctl_encoding_install_properties (klass,
      GST_WSCTL_SINK_FIRST_ENCODING_PROP);
}

void
gst_wsctl_sink_install_signals (GType type)
{
  /**
   * wsctlsink::on-video-bitrate:
   * @self: the element
   * @bitrate: what the server knows of our bitrate, bit/s
   * @constraint: what it allows, bit/s
   *
   * Also the element message `wsctl-video-bitrate`.
   */
  signals[SIGNAL_ON_VIDEO_BITRATE] =
      g_signal_new ("on-video-bitrate", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);

  /**
   * wsctlsink::on-media-report:
   * @self: the element
   * @report: `application/x-wsctl-media-report`: what the server has received
   *
   * Also the element message `wsctl-media-report`.
   */
  signals[SIGNAL_ON_MEDIA_REPORT] =
      g_signal_new ("on-media-report", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);

  /**
   * wsctlsink::on-rtp-props:
   * @self: the element
   * @nack: as #wsctlsink:rtp-nack, in force
   * @drop: as #wsctlsink:rtp-drop, in force
   *
   * Also the element message `wsctl-rtp-props`.
   */
  signals[SIGNAL_ON_RTP_PROPS] =
      g_signal_new ("on-rtp-props", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);

  gst_wsctl_encoding_install_signals (type);
}

static void
post_event (GstElement * self, GstStructure * structure)
{
  gst_element_post_message (self,
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
on_video_bitrate (GstWsctlController * controller, guint64 bitrate,
    guint64 constraint, GstElement * self)
{
  post_event (self, gst_structure_new ("wsctl-video-bitrate",
          "bitrate", G_TYPE_UINT64, bitrate,
          "constraint", G_TYPE_UINT64, constraint, NULL));
  g_signal_emit (self,
      signals[SIGNAL_ON_VIDEO_BITRATE], 0, bitrate, constraint);
}

static void
on_media_report (GstWsctlController * controller, GstStructure * report,
    GstElement * self)
{
  post_event (self, gst_structure_new ("wsctl-media-report",
          "report", GST_TYPE_STRUCTURE, report, NULL));
  g_signal_emit (self, signals[SIGNAL_ON_MEDIA_REPORT], 0, report);
}

static void
on_rtp_props (GstWsctlController * controller, gint nack, gint drop,
    GstElement * self)
{
  post_event (self, gst_structure_new ("wsctl-rtp-props",
          "nack", G_TYPE_INT, nack, "drop", G_TYPE_INT, drop, NULL));
  g_signal_emit (self, signals[SIGNAL_ON_RTP_PROPS], 0, nack, drop);
}

void
gst_wsctl_sink_forward_signals (GstElement * sink,
    GstWsctlController * controller)
{
  g_signal_connect_object (controller, "on-video-bitrate",
      G_CALLBACK (on_video_bitrate), sink, 0);
  g_signal_connect_object (controller, "on-media-report",
      G_CALLBACK (on_media_report), sink, 0);
  g_signal_connect_object (controller, "on-rtp-props",
      G_CALLBACK (on_rtp_props), sink, 0);
}
