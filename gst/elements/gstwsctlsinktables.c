/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What wsctlsink has beside what both elements have.
 */

#include "gstwsctlsinktables.h"

#include "gstwsctlbitrate.h"

guint gst_wsctl_sink_signals[GST_WSCTL_SINK_N_SIGNALS];

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
          G_MAXINT, GST_WSCTL_SINK_DEFAULT_RTP_NACK,
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
          G_MAXINT, GST_WSCTL_SINK_DEFAULT_RTP_DROP,
          flags | GST_PARAM_MUTABLE_PLAYING));

  gst_wsctl_bitrate_install_properties (klass,
      GST_WSCTL_SINK_FIRST_BITRATE_PROP);
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
  gst_wsctl_sink_signals[GST_WSCTL_SINK_SIGNAL_ON_VIDEO_BITRATE] =
      g_signal_new ("on-video-bitrate", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);

  /**
   * wsctlsink::on-media-report:
   * @self: the element
   * @report: `application/x-wsctl-media-report`: what the server has received
   *
   * Also the element message `wsctl-media-report`.
   */
  gst_wsctl_sink_signals[GST_WSCTL_SINK_SIGNAL_ON_MEDIA_REPORT] =
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
  gst_wsctl_sink_signals[GST_WSCTL_SINK_SIGNAL_ON_RTP_PROPS] =
      g_signal_new ("on-rtp-props", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_INT, G_TYPE_INT);
}
