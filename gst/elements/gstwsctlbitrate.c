/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlbitrate.h"

#define DEFAULT_CONGESTION_CONTROL GST_WSCTL_RATE_POLICY_ADAPTIVE
#define DEFAULT_MIN_BITRATE 200000
#define DEFAULT_START_BITRATE 2000000
#define DEFAULT_MAX_BITRATE 8192000
/* A negative number that somebody sets as one without a sign is larger. */
#define HIGHEST_BITRATE 1000000000

enum
{
  VIDEO_BITRATE,
  CONGESTION_CONTROL,
  MIN_BITRATE,
  START_BITRATE,
  MAX_BITRATE,
  FIRST_PARAM,                  /* and those that follow in their table */
};

G_STATIC_ASSERT (FIRST_PARAM + GST_WSCTL_RATE_N_PARAMS
    == GST_WSCTL_BITRATE_N_PROPS);

void
gst_wsctl_bitrate_init (GstWsctlBitrate * self)
{
  g_mutex_init (&self->lock);
  self->settings.policy = DEFAULT_CONGESTION_CONTROL;
  self->settings.params.min_bps = DEFAULT_MIN_BITRATE;
  self->settings.params.start_bps = DEFAULT_START_BITRATE;
  self->settings.params.max_bps = DEFAULT_MAX_BITRATE;
}

void
gst_wsctl_bitrate_clear (GstWsctlBitrate * self)
{
  g_assert (self->control == NULL);

  g_mutex_clear (&self->lock);
}

/* TRUE when it reads so from now on; a session says when it does. */
static gboolean
fix_locked (GstWsctlBitrate * self, guint bitrate_bps)
{
  self->settings.fixed_bps = bitrate_bps;
  if (self->control == NULL)
    return TRUE;

  gst_wsctl_rate_control_set_fixed (self->control, bitrate_bps);

  return FALSE;
}

/* FALSE when @index is none of a parameter's. */
static gboolean
set_param_locked (GstWsctlBitrate * self, guint index, const GValue * value)
{
  if (index < FIRST_PARAM || index >= GST_WSCTL_BITRATE_N_PROPS)
    return FALSE;

  self->settings.params.values[index - FIRST_PARAM] =
      G_VALUE_HOLDS_DOUBLE (value) ? g_value_get_double (value)
      : g_value_get_uint (value);

  return TRUE;
}

static gboolean
get_param_locked (GstWsctlBitrate * self, guint index, GValue * value)
{
  gdouble number;

  if (index < FIRST_PARAM || index >= GST_WSCTL_BITRATE_N_PROPS)
    return FALSE;

  number = gst_wsctl_rate_params_get (&self->settings.params,
      index - FIRST_PARAM);
  if (G_VALUE_HOLDS_DOUBLE (value))
    g_value_set_double (value, number);
  else
    g_value_set_uint (value, number);

  return TRUE;
}

gboolean
gst_wsctl_bitrate_set_value (GstWsctlBitrate * self, GObject * element,
    guint index, const GValue * value)
{
  gboolean known = TRUE;
  gboolean notify = FALSE;

  g_mutex_lock (&self->lock);
  switch (index) {
    case VIDEO_BITRATE:
      notify = fix_locked (self, g_value_get_uint (value));
      break;
    case CONGESTION_CONTROL:
      self->settings.policy = g_value_get_enum (value);
      break;
    case MIN_BITRATE:
      self->settings.params.min_bps = g_value_get_uint (value);
      break;
    case START_BITRATE:
      self->settings.params.start_bps = g_value_get_uint (value);
      break;
    case MAX_BITRATE:
      self->settings.params.max_bps = g_value_get_uint (value);
      break;
    default:
      known = set_param_locked (self, index, value);
      break;
  }
  g_mutex_unlock (&self->lock);
  if (notify)
    g_object_notify (element, "video-bitrate");

  return known;
}

gboolean
gst_wsctl_bitrate_get_value (GstWsctlBitrate * self, guint index,
    GValue * value)
{
  gboolean known = TRUE;

  g_mutex_lock (&self->lock);
  switch (index) {
    case VIDEO_BITRATE:
      /* What was set, until there is a session. */
      g_value_set_uint (value, self->control != NULL
          ? gst_wsctl_rate_control_get_bitrate (self->control)
          : self->settings.fixed_bps);
      break;
    case CONGESTION_CONTROL:
      g_value_set_enum (value, self->settings.policy);
      break;
    case MIN_BITRATE:
      g_value_set_uint (value, self->settings.params.min_bps);
      break;
    case START_BITRATE:
      g_value_set_uint (value, self->settings.params.start_bps);
      break;
    case MAX_BITRATE:
      g_value_set_uint (value, self->settings.params.max_bps);
      break;
    default:
      known = get_param_locked (self, index, value);
      break;
  }
  g_mutex_unlock (&self->lock);

  return known;
}

void
gst_wsctl_bitrate_begin (GstWsctlBitrate * self, GstElement * element,
    GstWsctlController * controller, GstWsctlRateApplyFunc apply)
{
  g_mutex_lock (&self->lock);
  self->control = gst_wsctl_rate_control_new (element, controller,
      &self->settings, apply);
  self->loss = gst_wsctl_loss_new (element, controller);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_bitrate_start (GstWsctlBitrate * self)
{
  g_mutex_lock (&self->lock);
  if (self->control != NULL)
    gst_wsctl_rate_control_start (self->control);
  if (self->loss != NULL)
    gst_wsctl_loss_start (self->loss);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_bitrate_end (GstWsctlBitrate * self)
{
  GstWsctlRateControl *control;
  GstWsctlLoss *loss;

  g_mutex_lock (&self->lock);
  control = g_steal_pointer (&self->control);
  loss = g_steal_pointer (&self->loss);
  g_mutex_unlock (&self->lock);

  g_clear_pointer (&control, gst_wsctl_rate_control_stop);
  g_clear_pointer (&loss, gst_wsctl_loss_stop);
}

guint
gst_wsctl_bitrate_get (GstWsctlBitrate * self)
{
  guint bitrate_bps;

  g_mutex_lock (&self->lock);
  bitrate_bps = self->control != NULL
      ? gst_wsctl_rate_control_get_bitrate (self->control)
      : gst_wsctl_rate_settings_get_first (&self->settings);
  g_mutex_unlock (&self->lock);

  return bitrate_bps;
}

void
gst_wsctl_bitrate_add_stats (GstWsctlBitrate * self, GstStructure * stats)
{
  g_autoptr (GstStructure) rate = NULL;
  gint fec = -1;

  g_mutex_lock (&self->lock);
  if (self->control != NULL)
    rate = gst_wsctl_rate_control_get_stats (self->control);
  if (self->loss != NULL)
    fec = gst_wsctl_loss_get_fec_percentage (self->loss);
  g_mutex_unlock (&self->lock);

  if (rate != NULL && fec >= 0)
    gst_structure_set (rate, "fec-percentage", G_TYPE_UINT, (guint) fec, NULL);
  if (rate != NULL)
    gst_structure_set (stats, "congestion-control", GST_TYPE_STRUCTURE, rate,
        NULL);
}

/* A policy's parameters, all by one table: docs/network.md has what each does. */
static void
install_params (GObjectClass * klass, guint first_id, GParamFlags flags)
{
  guint i;

  for (i = 0; i < GST_WSCTL_RATE_N_PARAMS; i++) {
    const GstWsctlRateParamRow *row = gst_wsctl_rate_param_get_row (i);
    GParamSpec *pspec = row->is_share
        ? g_param_spec_double (row->name, row->nick, row->blurb, row->lowest,
        row->highest, row->standard, flags)
        : g_param_spec_uint (row->name, row->nick, row->blurb, row->lowest,
        row->highest, row->standard, flags);

    g_object_class_install_property (klass, first_id + i, pspec);
  }
}

void
gst_wsctl_bitrate_install_properties (GObjectClass * klass, guint first_id)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  /**
   * wsctlsink:video-bitrate:
   *
   * The video bitrate in bit/s. Set, also while playing, it goes to the
   * encoder, is announced to the server and stays; 0 gives it back to
   * #wsctlsink:congestion-control. During a session it reads as the bitrate in
   * force, and is notified with each change of that, twice a second at most.
   */
  g_object_class_install_property (klass, first_id + VIDEO_BITRATE,
      g_param_spec_uint ("video-bitrate", "Video bitrate",
          "Video bitrate in bit/s; 0 for congestion control", 0,
          HIGHEST_BITRATE, 0,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY |
          GST_PARAM_MUTABLE_PLAYING));

  /**
   * wsctlsink:congestion-control:
   *
   * How the video bitrate follows the network between
   * #wsctlsink:min-bitrate and #wsctlsink:max-bitrate: `adaptive` by all that
   * is known of delay, delivery and loss; `linear` and `grade` as the Ceeblue
   * client does; `fixed` stays at #wsctlsink:start-bitrate.
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
          "Lowest video bitrate of congestion control, in bit/s", 1,
          HIGHEST_BITRATE, DEFAULT_MIN_BITRATE, flags));

  /**
   * wsctlsink:start-bitrate:
   *
   * The video bitrate that a session begins with, in bit/s, unless
   * #wsctlsink:video-bitrate is set.
   */
  g_object_class_install_property (klass, first_id + START_BITRATE,
      g_param_spec_uint ("start-bitrate", "Start bitrate",
          "Video bitrate to begin with, in bit/s", 1, HIGHEST_BITRATE,
          DEFAULT_START_BITRATE, flags));

  /**
   * wsctlsink:max-bitrate:
   *
   * The highest video bitrate that congestion control may choose, in bit/s.
   */
  g_object_class_install_property (klass, first_id + MAX_BITRATE,
      g_param_spec_uint ("max-bitrate", "Maximum bitrate",
          "Highest video bitrate of congestion control, in bit/s", 1,
          HIGHEST_BITRATE, DEFAULT_MAX_BITRATE, flags));

  install_params (klass, first_id + FIRST_PARAM, flags);
}
