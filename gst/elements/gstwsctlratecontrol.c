/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All state is the loop's. Reports come from the thread that receives RTCP, the
 * wanted bitrate goes out on one that may wait for an encoder.
 */

#include "gstwsctlratecontrol.h"

#include "wsctlconnection-private.h"
#include "wsctlfeedback-private.h"
#include "wsctlloop-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlratecontrol_debug);
#define GST_CAT_DEFAULT wsctlratecontrol_debug

#define TICK_INTERVAL_MS 250
#define VIDEO_CLOCK_RATE 90000

/* Each change is a command to the server and a new start for many an encoder,
 * also when somebody plays with a slider. */
#define CHANGE_INTERVAL_US (500 * G_TIME_SPAN_MILLISECOND)

struct _GstWsctlRateControl
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GWeakRef element;
  GstWsctlRateSettings settings;
  GstWsctlRateApplyFunc apply;
  gint bitrate_bps;             /* atomic: in force */

  GMutex lock;
  GstWsctlRateInfo info;        /* lock: of the policy, as it was last */

  /* The loop only */
  GstWsctlController *controller;       /* NULL once stopped */
  gulong bitrate_id;
  gulong report_id;
  GstWsctlRate *rate;
  guint fixed_bps;
  gint64 changed_us;            /* the bitrate in force, last */
  GstWsctlFeedback *feedback;
  GSource *timer;
};

static GstWsctlRateControl *
ref_control (GstWsctlRateControl * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_control (gpointer data)
{
  GstWsctlRateControl *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  gst_wsctl_rate_free (self->rate);
  g_mutex_clear (&self->lock);
  g_weak_ref_clear (&self->element);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

static void
unref_closure (gpointer data, GClosure * closure)
{
  unref_control (data);
}

guint
gst_wsctl_rate_settings_get_first (const GstWsctlRateSettings * self)
{
  if (self->fixed_bps > 0)
    return self->fixed_bps;

  return CLAMP (self->params.start_bps, MIN (self->params.min_bps,
          self->params.max_bps), self->params.max_bps);
}

static void
run_apply (GstElement * element, gpointer data)
{
  GstWsctlRateControl *self = data;

  self->apply (element);
}

static void
put_in_force (GstWsctlRateControl * self, guint bitrate_bps)
{
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);

  if (element == NULL
      || bitrate_bps == gst_wsctl_rate_control_get_bitrate (self))
    return;

  GST_DEBUG_OBJECT (element, "%u -> %u bit/s",
      gst_wsctl_rate_control_get_bitrate (self), bitrate_bps);
  g_atomic_int_set (&self->bitrate_bps, bitrate_bps);
  self->changed_us = g_get_monotonic_time ();
  gst_element_call_async (element, run_apply, ref_control (self),
      unref_control);
}

/* The policy is the loop's; who wants to know of it is not. */
static void
keep_info (GstWsctlRateControl * self)
{
  GstWsctlRateInfo info;

  gst_wsctl_rate_get_info (self->rate, &info);
  if (self->fixed_bps > 0)
    info.state = "fixed";
  g_mutex_lock (&self->lock);
  self->info = info;
  g_mutex_unlock (&self->lock);
}

/* What comes too early for a change waits for the next tick. A policy has
 * nothing to say before media can flow. */
static void
take_wanted (GstWsctlRateControl * self)
{
  gint64 now_us = g_get_monotonic_time ();
  guint bitrate_bps;

  keep_info (self);
  if (self->changed_us != 0 && now_us - self->changed_us < CHANGE_INTERVAL_US)
    return;

  if (self->fixed_bps > 0)
    put_in_force (self, self->fixed_bps);
  else if (self->feedback == NULL)
    put_in_force (self, gst_wsctl_rate_get_wanted (self->rate));
  else if (gst_wsctl_rate_take (self->rate, now_us, &bitrate_bps))
    put_in_force (self, bitrate_bps);
}

static void
on_video_bitrate (GstWsctlController * controller, guint64 bitrate_bps,
    guint64 constraint_bps, GstWsctlRateControl * self)
{
  gst_wsctl_rate_push_constraint (self->rate, g_get_monotonic_time (),
      bitrate_bps, constraint_bps);
  if (self->feedback != NULL)
    take_wanted (self);
}

static void
on_media_report (GstWsctlController * controller, GstStructure * structure,
    GstWsctlRateControl * self)
{
  GstWsctlRateServerReport report = { -1.0, -1, -1, -1 };
  gdouble jitter_s = 0;

  gst_structure_get_int64 (structure, "packets-lost", &report.packets_lost);
  gst_structure_get_int64 (structure, "nack-count", &report.nacks);
  if (gst_structure_get_double (structure, "jitter", &jitter_s))
    report.jitter_us = jitter_s * G_USEC_PER_SEC;
  /* A server that has received nothing yet says that all of it was lost. */
  if (!gst_structure_get_double (structure, "fraction-lost",
          &report.fraction_lost) || report.packets_lost == 0)
    report.fraction_lost = 0.0;
  gst_wsctl_rate_push_server_report (self->rate, g_get_monotonic_time (),
      &report);
}

typedef struct
{
  GstWsctlRateControl *control;
  gint64 time_us;
  gboolean is_report;
  guint64 bitrate_bps;          /* of a REMB, or by hand */
  GstWsctlRateReport report;
} Note;

static void
free_note (gpointer data)
{
  Note *note = data;

  unref_control (note->control);
  g_free (note);
}

static void
take_note (gpointer data)
{
  Note *note = data;
  GstWsctlRateControl *self = note->control;

  if (self->controller == NULL)
    return;

  if (note->is_report)
    gst_wsctl_rate_push_report (self->rate, note->time_us, &note->report);
  else
    gst_wsctl_rate_push_remb (self->rate, note->time_us, note->bitrate_bps);
  take_wanted (self);
}

static Note *
new_note (GstWsctlRateControl * self, gint64 time_us)
{
  Note *note = g_new0 (Note, 1);

  note->control = ref_control (self);
  note->time_us = time_us;

  return note;
}

static void
on_report (const GstWsctlFeedbackReport * report, gpointer data)
{
  GstWsctlRateControl *self = data;
  Note *note = new_note (self, report->time_us);

  note->is_report = TRUE;
  note->report.bytes_arrived = report->bytes_arrived;
  note->report.packets_arrived = report->packets_arrived;
  note->report.bytes_sent = report->bytes_sent;
  note->report.packets_lost = report->packets_lost;
  note->report.delay_min_us = report->oldest_missing_us;
  note->report.delay_max_us = report->newest_arrived_us;
  note->report.round_trip_us = report->round_trip_us;
  note->report.jitter_us = report->jitter_us;
  note->report.way_us = report->way_us;
  note->report.sent_us = report->sent_us;
  gst_wsctl_loop_call (self->loop, take_note, note, free_note);
}

static void
on_remb (guint64 bitrate_bps, gpointer data)
{
  GstWsctlRateControl *self = data;
  Note *note = new_note (self, g_get_monotonic_time ());

  note->bitrate_bps = bitrate_bps;
  gst_wsctl_loop_call (self->loop, take_note, note, free_note);
}

static const GstWsctlFeedbackCallbacks feedback_callbacks = {
  on_report, on_remb
};

static gboolean
on_tick (gpointer data)
{
  GstWsctlRateControl *self = data;

  if (self->feedback != NULL)
    gst_wsctl_rate_tick (self->rate, g_get_monotonic_time (),
        gst_wsctl_feedback_get_bytes_sent (self->feedback));
  take_wanted (self);

  return G_SOURCE_CONTINUE;
}

static GstWsctlRate *
make_rate (GstWsctlRateControl * self, guint start_bps)
{
  GstWsctlRateParams params = self->settings.params;

  params.start_bps = start_bps;

  return gst_wsctl_rate_new (self->settings.policy, &params);
}

static void
run_begin (gpointer data)
{
  GstWsctlRateControl *self = data;

  if (self->controller != NULL)
    self->timer = gst_wsctl_loop_add_timer (self->loop, TICK_INTERVAL_MS,
        on_tick, ref_control (self), unref_control);
}

GstWsctlRateControl *
gst_wsctl_rate_control_new (GstElement * element,
    GstWsctlController * controller, const GstWsctlRateSettings * settings,
    GstWsctlRateApplyFunc apply)
{
  GstWsctlRateControl *self = g_new0 (GstWsctlRateControl, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlratecontrol_debug, "wsctlratecontrol", 0,
      "WebRTC WebSocket control: bitrate of wsctlsink");

  g_atomic_ref_count_init (&self->refs);
  self->loop = gst_wsctl_loop_get_shared ();
  g_mutex_init (&self->lock);
  g_weak_ref_init (&self->element, element);
  self->settings = *settings;
  self->apply = apply;
  self->fixed_bps = settings->fixed_bps;
  self->bitrate_bps = gst_wsctl_rate_settings_get_first (settings);
  self->rate = make_rate (self, settings->params.start_bps);
  keep_info (self);
  self->controller = g_object_ref (controller);
  self->bitrate_id = g_signal_connect_data (controller, "on-video-bitrate",
      G_CALLBACK (on_video_bitrate), ref_control (self), unref_closure, 0);
  self->report_id = g_signal_connect_data (controller, "on-media-report",
      G_CALLBACK (on_media_report), ref_control (self), unref_closure, 0);
  gst_wsctl_loop_call (self->loop, run_begin, ref_control (self),
      unref_control);

  return self;
}

static void
run_start (gpointer data)
{
  GstWsctlRateControl *self = data;
  GstWsctlConnection *connection;
  g_autoptr (GstPad) pad = NULL;

  if (self->controller == NULL || self->feedback != NULL)
    return;

  connection = gst_wsctl_controller_get_connection (self->controller);
  pad = gst_wsctl_connection_get_sink_pad (connection,
      GST_WSCTL_MEDIA_KIND_VIDEO);
  if (pad == NULL)
    return;

  self->feedback =
      gst_wsctl_feedback_new (gst_wsctl_connection_get_element (connection),
      pad, VIDEO_CLOCK_RATE, &feedback_callbacks, ref_control (self),
      unref_control);
  self->changed_us = g_get_monotonic_time ();
}

void
gst_wsctl_rate_control_start (GstWsctlRateControl * self)
{
  gst_wsctl_loop_call (self->loop, run_start, ref_control (self),
      unref_control);
}

static void
take_fixed (gpointer data)
{
  Note *note = data;
  GstWsctlRateControl *self = note->control;
  guint bitrate_bps = note->bitrate_bps;

  if (self->controller == NULL)
    return;

  /* The policy goes on from where the hand left it. */
  if (bitrate_bps == 0 && self->fixed_bps > 0) {
    gst_wsctl_rate_free (self->rate);
    self->rate = make_rate (self, self->fixed_bps);
  }
  self->fixed_bps = bitrate_bps;
  take_wanted (self);
}

void
gst_wsctl_rate_control_set_fixed (GstWsctlRateControl * self, guint bitrate_bps)
{
  Note *note = new_note (self, 0);

  note->bitrate_bps = bitrate_bps;
  gst_wsctl_loop_call (self->loop, take_fixed, note, free_note);
}

guint
gst_wsctl_rate_control_get_bitrate (GstWsctlRateControl * self)
{
  return (guint) g_atomic_int_get (&self->bitrate_bps);
}

static void
set_if_known (GstStructure * structure, const gchar * name, gdouble value)
{
  if (value >= 0)
    gst_structure_set (structure, name, G_TYPE_DOUBLE, value, NULL);
}

GstStructure *
gst_wsctl_rate_control_get_stats (GstWsctlRateControl * self)
{
  GstWsctlRateInfo info;
  GstStructure *stats;

  g_mutex_lock (&self->lock);
  info = self->info;
  g_mutex_unlock (&self->lock);

  stats = gst_structure_new ("application/x-wsctl-rate",
      "policy", G_TYPE_STRING, info.policy,
      "state", G_TYPE_STRING, info.state,
      "target-bitrate", G_TYPE_UINT,
      gst_wsctl_rate_control_get_bitrate (self), NULL);
  if (info.available_bps >= 0)
    gst_structure_set (stats, "available-outgoing-bitrate", G_TYPE_UINT64,
        (guint64) info.available_bps, NULL);
  if (info.queue_us >= 0)
    set_if_known (stats, "queue-delay", info.queue_us / 1e6);
  set_if_known (stats, "fraction-lost", info.loss);
  set_if_known (stats, "usual-fraction-lost", info.usual_loss);

  return stats;
}

static void
run_stop (gpointer data)
{
  GstWsctlRateControl *self = data;

  gst_wsctl_loop_clear_timer (&self->timer);
  g_clear_pointer (&self->feedback, gst_wsctl_feedback_close);
  g_clear_signal_handler (&self->bitrate_id, self->controller);
  g_clear_signal_handler (&self->report_id, self->controller);
  g_clear_object (&self->controller);
}

void
gst_wsctl_rate_control_stop (GstWsctlRateControl * self)
{
  gst_wsctl_loop_call_sync (self->loop, run_stop, self);
  unref_control (self);
}
