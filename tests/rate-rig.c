/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rate-rig.h"

#include <gst/gst.h>

#include "testfiller.h"
#include "testrelay.h"
#include "wsctlserver-private.h"

#define SEED 1
#define STREAM "rig"
#define POLL_INTERVAL_MS 10
#define MEAN_SAMPLES 5

typedef struct
{
  const RateRigSetup *setup;
  GstWsctlServer *server;
  TestRelay *relay;
  GstElement *pipeline;
  GstElement *sink;
  GMainContext *context;
  GMainLoop *loop;

  GArray *samples;
  gint64 begin_us;              /* 0: nothing has arrived yet */
  gint64 sample_us;             /* the last */
  gint64 poll_us;               /* likewise; 0: none yet */
  TestLinkReport report;        /* of then */
} Rig;

static gint64 stall_us;

gint64
rate_rig_get_stall (void)
{
  return stall_us;
}

static guint
get_bitrate (gpointer data)
{
  Rig *self = data;
  guint bitrate_bps = 0;

  g_object_get (self->sink, "video-bitrate", &bitrate_bps, NULL);

  return bitrate_bps;
}

static void
start_server (Rig * self)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autofree gchar *script = NULL;
  g_autoptr (GError) error = NULL;

  self->relay = test_relay_new (SEED);
  advertise[0] = test_relay_get_address (self->relay);
  params.advertise = advertise;
  self->server = gst_wsctl_server_new (&params);
  gst_wsctl_server_start (self->server, &error);
  g_assert_no_error (error);
  test_relay_set_target (self->relay,
      gst_wsctl_server_get_media_port (self->server));
  /* From the beginning: the way is measured by the shortest time there was. */
  script = g_strdup_printf ("0 delay=%u", self->setup->delay_ms);
  test_relay_run (self->relay, script);
}

/* Frames of the size that is wanted, whatever is in them */
#define STAND_IN "videotestsrc is-live=true pattern=black " \
    "! video/x-raw,width=160,height=90,framerate=30/1 ! vp8enc name=encoder " \
    "deadline=1 cpu-used=16 threads=1 target-bitrate=20000"

static void
add_filler (Rig * self)
{
  g_autoptr (GstElement) encoder =
      gst_bin_get_by_name (GST_BIN (self->pipeline), "encoder");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");

  test_filler_add (pad, SEED, get_bitrate, self);
}

static void
start_pipeline (Rig * self)
{
  g_autofree gchar *base = gst_wsctl_server_get_uri (self->server);
  g_autofree gchar *uri = g_strconcat (base, "/webrtc/" STREAM, NULL);
  g_autofree gchar *line = g_strdup_printf ("%s ! wsctlsink name=sink",
      self->setup->picture != NULL ? self->setup->picture : STAND_IN);
  g_autoptr (GError) error = NULL;

  self->pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  self->sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "sink");
  g_object_set (self->sink, "uri", uri, "congestion-control",
      self->setup->policy, "min-bitrate", self->setup->params.min_bps,
      "start-bitrate", self->setup->params.start_bps, "max-bitrate",
      self->setup->params.max_bps, NULL);
  if (self->setup->picture == NULL)
    add_filler (self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

static void
run_script (Rig * self)
{
  g_autoptr (GString) script = g_string_new (NULL);
  const RateLinkStep *step;

  g_string_append_printf (script, "0 delay=%u; 0 up queue=%u loss=%.2f",
      self->setup->delay_ms, self->setup->queue_bytes, self->setup->loss * 100);
  for (step = self->setup->steps; step->bps != 0; step++)
    g_string_append_printf (script, "; %" G_GINT64_FORMAT " up rate=%u",
        step->from_us / G_TIME_SPAN_MILLISECOND, step->bps);
  test_relay_run (self->relay, script->str);
}

static guint
get_link_bps (Rig * self, gint64 time_us)
{
  const RateLinkStep *step = self->setup->steps;

  while (step[1].bps != 0 && step[1].from_us <= time_us)
    step++;

  return step->bps;
}

static gint64
get_end (Rig * self)
{
  const RateLinkStep *step = self->setup->steps;

  while (step->bps != 0)
    step++;

  return step->from_us;
}

/* With the samples before it */
static guint
get_mean_sent (Rig * self)
{
  guint i, n = MIN (self->samples->len, MEAN_SAMPLES);
  guint64 bits = 0;

  for (i = self->samples->len - n; i < self->samples->len; i++)
    bits += g_array_index (self->samples, RateLinkSample, i).sent_bits;

  return bits * G_USEC_PER_SEC / (n * RATE_LINK_SAMPLE_US);
}

/* The thread may be late, so bits are those of a whole sample's time. */
static void
take_sample (Rig * self, gint64 now_us)
{
  gdouble share = RATE_LINK_SAMPLE_US / (gdouble) (now_us - self->sample_us);
  RateLinkSample sample = { 0, };
  TestLinkReport report;
  guint64 n_queued;

  test_relay_get_report (self->relay, TEST_DIRECTION_UP, &report);
  n_queued = report.n_queued - self->report.n_queued;
  sample.link_bps = get_link_bps (self, self->sample_us - self->begin_us);
  sample.sent_bits = (report.bytes_in - self->report.bytes_in) * 8 * share;
  sample.arrived_bits = (report.bytes_out - self->report.bytes_out) * 8 * share;
  if (n_queued > 0)
    sample.queue_us = (report.queue_delay_sum_us
        - self->report.queue_delay_sum_us) / n_queued;
  g_array_append_val (self->samples, sample);
  g_array_index (self->samples, RateLinkSample,
      self->samples->len - 1).wanted_bps = get_mean_sent (self);
  self->report = report;
  self->sample_us = now_us;
}

/* As many samples as tenths of a second: one that comes much too late stands for
 * several. */
static gboolean
on_sample (gpointer data)
{
  Rig *self = data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 n_due;

  if (self->poll_us != 0)
    stall_us = MAX (stall_us, now_us - self->poll_us);
  if (self->begin_us != 0)
    self->poll_us = now_us;
  if (self->begin_us == 0) {
    if (gst_wsctl_server_count_frames (self->server, STREAM, "video") == 0)
      return G_SOURCE_CONTINUE;
    run_script (self);
    self->begin_us = self->sample_us = now_us;
    test_relay_get_report (self->relay, TEST_DIRECTION_UP, &self->report);
  }

  n_due = (now_us - self->begin_us) / RATE_LINK_SAMPLE_US;
  if (self->samples->len < n_due)
    take_sample (self, now_us);
  while (self->samples->len < n_due) {
    /* A copy: the array may move while it grows. */
    RateLinkSample last = g_array_index (self->samples, RateLinkSample,
        self->samples->len - 1);

    g_array_append_val (self->samples, last);
  }
  if (now_us - self->begin_us >= get_end (self))
    g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

/* An error of the pipeline is one of the measurement. */
static void
check_bus (Rig * self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message != NULL)
    gst_message_parse_error (message, &error, NULL);
  g_assert_no_error (error);
}

static void
stop (Rig * self)
{
  check_bus (self);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->sink);
  gst_object_unref (self->pipeline);
  gst_wsctl_server_stop (self->server);
  g_object_unref (self->server);
  test_relay_free (self->relay);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
}

GArray *
rate_rig_run (const RateRigSetup * setup)
{
  Rig self = { setup, NULL, };
  g_autoptr (GSource) timer = g_timeout_source_new (POLL_INTERVAL_MS);

  stall_us = 0;
  self.samples = g_array_new (FALSE, TRUE, sizeof (RateLinkSample));
  self.context = g_main_context_ref_thread_default ();
  self.loop = g_main_loop_new (self.context, FALSE);
  g_source_set_callback (timer, on_sample, &self, NULL);
  g_source_attach (timer, self.context);

  start_server (&self);
  start_pipeline (&self);
  g_main_loop_run (self.loop);
  g_source_destroy (timer);
  stop (&self);

  return self.samples;
}
