/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Two questions: may another session succeed where this one failed, and how long
 * to wait before it is tried. docs/reconnect.md has the table for people.
 */

#include "gstwsctlreconnect.h"

#include "wsctlerror.h"

#define DEFAULT_MODE GST_WSCTL_RECONNECT_ESTABLISHED
#define DEFAULT_MIN_DELAY_MS 200
/* No longer, so that a server that returns after an hour has its stream back
 * within two seconds; what is refused costs it next to nothing. */
#define DEFAULT_MAX_DELAY_MS 1500
#define DEFAULT_RETRIES -1
#define MAX_DELAY_MS (24 * 60 * 60 * 1000)

/* How long a server may take to notice that the session before is dead, and to
 * let go of the name. */
#define GRACE_US (60 * G_TIME_SPAN_SECOND)

/* After so many doublings it is the maximum, whatever the minimum was. */
#define MAX_DOUBLINGS 31

typedef enum
{
  HOPE_NONE,                    /* 0: no try can help */
  HOPE_GRACE,                   /* it may pass within the grace */
  HOPE_ALWAYS,
} Hope;

typedef struct
{
  Hope first;                   /* nothing was ever up */
  Hope later;                   /* it has been up before */
} Row;

static const Row rows[] = {
  [GST_WSCTL_ERROR_HOST_NOT_FOUND] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_CONNECTION_FAILED] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_TIMED_OUT] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_CONNECTION_IDLE] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_SERVER_SHUTDOWN] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_SOCKET_DISCONNECTION] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_GOING_AWAY] = {HOPE_ALWAYS, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_PEER_CONNECTION_FAILED] = {HOPE_ALWAYS, HOPE_ALWAYS},
  /* A proxy whose server is not up yet; a player before its publisher */
  [GST_WSCTL_ERROR_UNEXPECTED_STATUS] = {HOPE_NONE, HOPE_ALWAYS},
  [GST_WSCTL_ERROR_STREAM_FAILED] = {HOPE_NONE, HOPE_ALWAYS},
  /* The name is still held by the session before; a server that dies inside a
   * handshake, or half of a message */
  [GST_WSCTL_ERROR_ACCESS_DENIED] = {HOPE_NONE, HOPE_GRACE},
  [GST_WSCTL_ERROR_TLS] = {HOPE_NONE, HOPE_GRACE},
  [GST_WSCTL_ERROR_SIP_FAILED] = {HOPE_NONE, HOPE_GRACE},
  [GST_WSCTL_ERROR_INVALID_MESSAGE] = {HOPE_NONE, HOPE_GRACE},
  /* Nothing changes these but somebody who looks. */
  [GST_WSCTL_ERROR_CLOSED] = {HOPE_NONE, HOPE_NONE},
};

enum
{
  RECONNECT,
  MIN_DELAY,
  MAX_DELAY,
  RETRIES,
};

G_STATIC_ASSERT (RETRIES + 1 == GST_WSCTL_RECONNECT_N_PROPS);

static GType
get_mode_type (void)
{
  static const GEnumValue values[] = {
    {GST_WSCTL_RECONNECT_NEVER,
        "Never: every failure is an error", "never"},
    {GST_WSCTL_RECONNECT_ESTABLISHED,
          "Once media could flow: a failure at first connect is an error",
        "established"},
    {GST_WSCTL_RECONNECT_ALWAYS, "Also at first connect", "always"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        g_enum_register_static ("GstWsctlReconnectMode", values));

  return type;
}

void
gst_wsctl_reconnect_init (GstWsctlReconnect * self)
{
  self->mode = DEFAULT_MODE;
  self->min_delay_ms = DEFAULT_MIN_DELAY_MS;
  self->max_delay_ms = DEFAULT_MAX_DELAY_MS;
  self->retries = DEFAULT_RETRIES;
  gst_wsctl_reconnect_begin (self);
}

void
gst_wsctl_reconnect_begin (GstWsctlReconnect * self)
{
  self->established = FALSE;
  self->connected_us = 0;
  self->lost_us = 0;
  self->attempt = 0;
  self->n_reconnects = 0;
}

void
gst_wsctl_reconnect_connected (GstWsctlReconnect * self, gint64 now_us)
{
  if (self->established)
    self->n_reconnects++;
  self->established = TRUE;
  self->connected_us = now_us;
}

static Hope
get_hope (const GError * error, gboolean established)
{
  if (error->domain != GST_WSCTL_ERROR || error->code < 0
      || error->code >= (gint) G_N_ELEMENTS (rows))
    return HOPE_NONE;

  return established ? rows[error->code].later : rows[error->code].first;
}

static gboolean
may_help (const GstWsctlReconnect * self, const GError * error, gint64 now_us)
{
  if (self->mode == GST_WSCTL_RECONNECT_NEVER
      || (self->mode == GST_WSCTL_RECONNECT_ESTABLISHED && !self->established))
    return FALSE;

  switch (get_hope (error, self->established)) {
    case HOPE_ALWAYS:
      return TRUE;
    case HOPE_GRACE:
      return now_us - self->lost_us < GRACE_US;
    case HOPE_NONE:
      break;
  }

  return FALSE;
}

/* What is lost as soon as it is there must not be tried without a pause for
 * ever: only a session that has held for a while begins the count anew. */
static void
count_anew_if_held (GstWsctlReconnect * self, gint64 now_us)
{
  gint64 least_us = (gint64) self->max_delay_ms * 1000;

  if (self->connected_us != 0) {
    if (now_us - self->connected_us >= least_us)
      self->attempt = 0;
    self->lost_us = now_us;
  }
  if (self->lost_us == 0)
    self->lost_us = now_us;
  self->connected_us = 0;
}

guint
gst_wsctl_reconnect_get_delay_ms (const GstWsctlReconnect * self,
    guint attempt, gdouble chance)
{
  guint doublings = MIN (attempt > 0 ? attempt - 1 : 0, MAX_DOUBLINGS);
  guint64 whole_ms = MIN ((guint64) self->min_delay_ms << doublings,
      MAX (self->min_delay_ms, self->max_delay_ms));

  /* Half of it is chance, so that all who lost a server do not come back to it
   * at once. */
  return (guint) (whole_ms / 2 + (guint64) (chance * (whole_ms -
              whole_ms / 2)));
}

gboolean
gst_wsctl_reconnect_plan (GstWsctlReconnect * self, const GError * error,
    gint64 now_us, gdouble chance, GstWsctlReconnectPlan * plan)
{
  count_anew_if_held (self, now_us);
  if (!may_help (self, error, now_us)
      || (self->retries >= 0 && self->attempt >= (guint) self->retries))
    return FALSE;

  self->attempt++;
  plan->attempt = self->attempt;
  plan->delay_ms =
      gst_wsctl_reconnect_get_delay_ms (self, self->attempt, chance);

  return TRUE;
}

gboolean
gst_wsctl_reconnect_set_value (GstWsctlReconnect * self, guint index,
    const GValue * value)
{
  switch (index) {
    case RECONNECT:
      self->mode = g_value_get_enum (value);
      return TRUE;
    case MIN_DELAY:
      self->min_delay_ms = g_value_get_uint (value);
      return TRUE;
    case MAX_DELAY:
      self->max_delay_ms = g_value_get_uint (value);
      return TRUE;
    case RETRIES:
      self->retries = g_value_get_int (value);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
gst_wsctl_reconnect_get_value (const GstWsctlReconnect * self, guint index,
    GValue * value)
{
  switch (index) {
    case RECONNECT:
      g_value_set_enum (value, self->mode);
      return TRUE;
    case MIN_DELAY:
      g_value_set_uint (value, self->min_delay_ms);
      return TRUE;
    case MAX_DELAY:
      g_value_set_uint (value, self->max_delay_ms);
      return TRUE;
    case RETRIES:
      g_value_set_int (value, self->retries);
      return TRUE;
    default:
      return FALSE;
  }
}

void
gst_wsctl_reconnect_install_properties (GObjectClass * klass, guint first_id)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_PLAYING;

  /**
   * GstWsctlBin:reconnect:
   *
   * What follows when a session fails: `never` an error; `established` another
   * session if media could flow before; `always` another one even at first
   * connect, where that may help. Each is announced by
   * #GstWsctlBin::on-reconnecting; an error is posted only when it is given up.
   * docs/reconnect.md says which failures are worth a try.
   */
  g_object_class_install_property (klass, first_id + RECONNECT,
      g_param_spec_enum ("reconnect", "Reconnect",
          "When another session follows one that failed", get_mode_type (),
          DEFAULT_MODE, flags));

  /**
   * GstWsctlBin:reconnect-min-delay:
   *
   * How long to wait before the first try, in milliseconds. It doubles with each
   * further one up to #GstWsctlBin:reconnect-max-delay; up to half of it is taken
   * off by chance.
   */
  g_object_class_install_property (klass, first_id + MIN_DELAY,
      g_param_spec_uint ("reconnect-min-delay", "Minimum reconnect delay",
          "Time before the first try to reconnect, in ms", 1, MAX_DELAY_MS,
          DEFAULT_MIN_DELAY_MS, flags));

  /**
   * GstWsctlBin:reconnect-max-delay:
   *
   * The longest time between two tries, in milliseconds.
   */
  g_object_class_install_property (klass, first_id + MAX_DELAY,
      g_param_spec_uint ("reconnect-max-delay", "Maximum reconnect delay",
          "Longest time between two tries to reconnect, in ms", 1,
          MAX_DELAY_MS, DEFAULT_MAX_DELAY_MS, flags));

  /**
   * GstWsctlBin:reconnect-retries:
   *
   * How many tries in a row may fail before it is given up with an error; -1 for
   * no limit. As the `retries` of souphttpsrc.
   */
  g_object_class_install_property (klass, first_id + RETRIES,
      g_param_spec_int ("reconnect-retries", "Reconnect retries",
          "Maximum number of tries in a row until giving up (-1=infinite)", -1,
          G_MAXINT, DEFAULT_RETRIES, flags));
}
