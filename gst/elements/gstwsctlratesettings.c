/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlratecontrol.h"

#define DEFAULT_CONGESTION_CONTROL GST_WSCTL_RATE_POLICY_ADAPTIVE
#define DEFAULT_MIN_BITRATE 200000
#define DEFAULT_START_BITRATE 2000000
#define DEFAULT_MAX_BITRATE 8192000

enum
{
  CONGESTION_CONTROL,
  MIN_BITRATE,
  START_BITRATE,
  MAX_BITRATE,
};

G_STATIC_ASSERT (MAX_BITRATE + 1 == GST_WSCTL_RATE_N_PROPS);

void
gst_wsctl_rate_settings_init (GstWsctlRateSettings * self)
{
  self->policy = DEFAULT_CONGESTION_CONTROL;
  self->min_bps = DEFAULT_MIN_BITRATE;
  self->start_bps = DEFAULT_START_BITRATE;
  self->max_bps = DEFAULT_MAX_BITRATE;
  self->fixed_bps = 0;
}

guint
gst_wsctl_rate_settings_get_first (const GstWsctlRateSettings * self)
{
  if (self->fixed_bps > 0)
    return self->fixed_bps;

  return CLAMP (self->start_bps, MIN (self->min_bps, self->max_bps),
      self->max_bps);
}

void
gst_wsctl_rate_settings_set (GstWsctlRateSettings * self, guint index,
    const GValue * value)
{
  switch (index) {
    case CONGESTION_CONTROL:
      self->policy = g_value_get_enum (value);
      break;
    case MIN_BITRATE:
      self->min_bps = g_value_get_uint (value);
      break;
    case START_BITRATE:
      self->start_bps = g_value_get_uint (value);
      break;
    case MAX_BITRATE:
      self->max_bps = g_value_get_uint (value);
      break;
    default:
      g_assert_not_reached ();
  }
}

void
gst_wsctl_rate_settings_get (const GstWsctlRateSettings * self, guint index,
    GValue * value)
{
  switch (index) {
    case CONGESTION_CONTROL:
      g_value_set_enum (value, self->policy);
      break;
    case MIN_BITRATE:
      g_value_set_uint (value, self->min_bps);
      break;
    case START_BITRATE:
      g_value_set_uint (value, self->start_bps);
      break;
    case MAX_BITRATE:
      g_value_set_uint (value, self->max_bps);
      break;
    default:
      g_assert_not_reached ();
  }
}

void
gst_wsctl_rate_settings_install (GObjectClass * klass, guint first_id)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  /**
   * wsctlsink:congestion-control:
   *
   * How the video bitrate follows the network between
   * #wsctlsink:min-bitrate and #wsctlsink:max-bitrate: `adaptive` by all that
   * is known of delay, delivery and loss; `linear` and `grade` as the Ceeblue
   * client does; `disabled` stays at #wsctlsink:start-bitrate.
   */
  g_object_class_install_property (klass, first_id + CONGESTION_CONTROL,
      g_param_spec_enum ("congestion-control", "Congestion control",
          "How the video bitrate follows the network",
          GST_WSCTL_TYPE_RATE_POLICY, DEFAULT_CONGESTION_CONTROL, flags));

  /**
   * wsctlsink:min-bitrate:
   *
   * The lowest video bitrate that congestion control may choose, in bit/s.
   */
  g_object_class_install_property (klass, first_id + MIN_BITRATE,
      g_param_spec_uint ("min-bitrate", "Minimum bitrate",
          "Lowest video bitrate of congestion control, in bit/s", 1, G_MAXUINT,
          DEFAULT_MIN_BITRATE, flags));

  /**
   * wsctlsink:start-bitrate:
   *
   * The video bitrate that a session begins with, in bit/s, unless
   * #wsctlsink:video-bitrate is set.
   */
  g_object_class_install_property (klass, first_id + START_BITRATE,
      g_param_spec_uint ("start-bitrate", "Start bitrate",
          "Video bitrate to begin with, in bit/s", 1, G_MAXUINT,
          DEFAULT_START_BITRATE, flags));

  /**
   * wsctlsink:max-bitrate:
   *
   * The highest video bitrate that congestion control may choose, in bit/s.
   */
  g_object_class_install_property (klass, first_id + MAX_BITRATE,
      g_param_spec_uint ("max-bitrate", "Maximum bitrate",
          "Highest video bitrate of congestion control, in bit/s", 1,
          G_MAXUINT, DEFAULT_MAX_BITRATE, flags));
}
