/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rendition-rig.h"

#include <gst/gst.h>

#include "testfiller.h"
#include "testrelay.h"
#include "wsctlserver-private.h"

#define SEED 1
#define POLL_INTERVAL_MS 10
#define SAMPLE_US 100000
#define N RENDITION_LINK_N
#define FRAME_US (G_USEC_PER_SEC / 30)
#define FREEZE_US 150000

static const gint heights[N] = { 96, 80, 64 };
static const gchar *const names[N] = { "", "~medium", "~low" };

typedef struct
{
  gint64 time_us;
  gint height;
} Shown;

typedef struct
{
  const RenditionRigSetup *setup;
  GstWsctlServer *server;
  TestRelay *relay;
  GstElement *publishers[N];
  GstElement *player;
  GMainContext *context;
  GMainLoop *loop;

  GMutex lock;
  GArray *shown;                /* Shown; lock */

  gint64 begin_us;              /* 0: nothing is shown yet */
  gint64 sample_us;             /* of the last one */
  RenditionLinkResult *result;
} Rig;

static void
start_server (Rig * self)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autoptr (GError) error = NULL;

  self->relay = test_relay_new (SEED);
  advertise[0] = test_relay_get_address (self->relay);
  params.advertise = advertise;
  self->server = gst_wsctl_server_new (&params);
  gst_wsctl_server_start (self->server, &error);
  g_assert_no_error (error);
  test_relay_set_target (self->relay,
      gst_wsctl_server_get_media_port (self->server));
}

static GstElement *
launch (Rig * self, const gchar * line, const gchar * stream)
{
  g_autofree gchar *base = gst_wsctl_server_get_uri (self->server);
  g_autofree gchar *uri = g_strconcat (base, "/webrtc/live", stream, NULL);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) element = NULL;

  g_assert_no_error (error);
  element = gst_bin_get_by_name (GST_BIN (pipeline), "wsctl");
  g_object_set (element, "uri", uri, NULL);

  return pipeline;
}

static guint
get_bitrate (gpointer data)
{
  return rendition_link_bitrates[GPOINTER_TO_UINT (data)];
}

static void
start_publisher (Rig * self, guint i)
{
  g_autofree gchar *line =
      g_strdup_printf ("videotestsrc is-live=true pattern=black ! video/x-raw,"
      "width=%d,height=%d,framerate=30/1 ! vp8enc name=encoder deadline=1 "
      "cpu-used=16 threads=1 target-bitrate=20000 keyframe-max-dist=60 "
      "! wsctlsink name=wsctl", heights[i] * 2, heights[i]);
  g_autoptr (GstElement) encoder = NULL;
  g_autoptr (GstPad) pad = NULL;

  self->publishers[i] = launch (self, line, names[i]);
  encoder = gst_bin_get_by_name (GST_BIN (self->publishers[i]), "encoder");
  pad = gst_element_get_static_pad (encoder, "src");
  test_filler_add (pad, SEED + i, get_bitrate, GUINT_TO_POINTER (i));
  gst_element_set_state (self->publishers[i], GST_STATE_PLAYING);
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Rig *self = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  Shown shown = { g_get_monotonic_time (), 0 };

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height",
      &shown.height);
  g_mutex_lock (&self->lock);
  g_array_append_val (self->shown, shown);
  g_mutex_unlock (&self->lock);

  return GST_PAD_PROBE_OK;
}

static void
start_player (Rig * self)
{
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstElement) src = NULL;
  g_autoptr (GstPad) pad = NULL;

  self->player = launch (self, "wsctlsrc name=wsctl ! video/x-raw ! queue ! "
      "fakesink name=out sync=false async=false", "");
  src = gst_bin_get_by_name (GST_BIN (self->player), "wsctl");
  g_object_set (src, "multi-bitrate", self->setup->policy, NULL);
  out = gst_bin_get_by_name (GST_BIN (self->player), "out");
  pad = gst_element_get_static_pad (out, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, self, NULL);
  gst_element_set_state (self->player, GST_STATE_PLAYING);
}

static void
run_script (Rig * self)
{
  g_autoptr (GString) script = g_string_new (NULL);
  const RenditionLinkStep *step;

  g_string_append_printf (script, "0 delay=%u; 0 down queue=%u",
      self->setup->delay_ms, self->setup->queue_bytes);
  for (step = self->setup->steps; step->bitrate_bps != 0; step++)
    g_string_append_printf (script, "; %" G_GINT64_FORMAT " down rate=%"
        G_GUINT64_FORMAT, step->time_us / G_TIME_SPAN_MILLISECOND,
        step->bitrate_bps);
  test_relay_run (self->relay, script->str);
}

static gint64
get_end (Rig * self)
{
  const RenditionLinkStep *step = self->setup->steps;

  while (step->bitrate_bps != 0)
    step++;

  return step->time_us;
}

static guint
find_position (gint height)
{
  guint i;

  for (i = 0; i < N - 1 && heights[i] != height; i++);

  return i;
}

/* The last picture; FALSE when there is none yet */
static gboolean
get_last (Rig * self, Shown * shown)
{
  gboolean any;

  g_mutex_lock (&self->lock);
  any = self->shown->len > 0;
  if (any)
    *shown = g_array_index (self->shown, Shown, self->shown->len - 1);
  g_mutex_unlock (&self->lock);

  return any;
}

static gboolean
on_sample (gpointer data)
{
  Rig *self = data;
  RenditionLinkSample sample = { 0, };
  gint64 now_us = g_get_monotonic_time ();
  Shown last;

  if (!get_last (self, &last))
    return G_SOURCE_CONTINUE;

  if (self->begin_us == 0) {
    run_script (self);
    self->begin_us = self->sample_us = now_us;
  }
  if (now_us - self->sample_us >= SAMPLE_US) {
    sample.time_us = now_us - self->begin_us;
    sample.position = find_position (last.height);
    g_array_append_val (self->result->samples, sample);
    self->sample_us = now_us;
  }
  if (now_us - self->begin_us >= get_end (self))
    g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

static void
count (Rig * self)
{
  guint i;

  for (i = 1; i < self->shown->len; i++) {
    const Shown *shown = &g_array_index (self->shown, Shown, i);
    gint64 gap_us = shown->time_us - shown[-1].time_us;
    gdouble time_s = (shown->time_us - self->begin_us) / 1e6;

    if (shown->height != shown[-1].height) {
      self->result->n_switches++;
      if (self->setup->verbose)
        g_print ("    %6.2f s: rendition %u\n", time_s,
            find_position (shown->height));
    }
    if (shown->time_us < self->begin_us
        || gap_us <= MAX (3 * FRAME_US, FRAME_US + FREEZE_US))
      continue;
    self->result->frozen_us += gap_us;
    self->result->n_freezes++;
    if (self->setup->verbose)
      g_print ("    %6.2f s: frozen for %.2f s\n", time_s, gap_us / 1e6);
  }
}

/* An error of a pipeline is one of the measurement. */
static void
stop_pipeline (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message != NULL)
    gst_message_parse_error (message, &error, NULL);
  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static void
stop (Rig * self)
{
  guint i;

  stop_pipeline (self->player);
  for (i = 0; i < N; i++)
    stop_pipeline (self->publishers[i]);
  gst_wsctl_server_stop (self->server);
  g_object_unref (self->server);
  test_relay_free (self->relay);
  g_array_unref (self->shown);
  g_mutex_clear (&self->lock);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
}

RenditionLinkResult *
rendition_rig_run (const RenditionRigSetup * setup)
{
  Rig self = { setup, NULL, };
  g_autoptr (GSource) timer = g_timeout_source_new (POLL_INTERVAL_MS);
  guint i;

  self.result = g_new0 (RenditionLinkResult, 1);
  self.result->samples =
      g_array_new (FALSE, FALSE, sizeof (RenditionLinkSample));
  self.shown = g_array_new (FALSE, FALSE, sizeof (Shown));
  g_mutex_init (&self.lock);
  self.context = g_main_context_ref_thread_default ();
  self.loop = g_main_loop_new (self.context, FALSE);
  g_source_set_callback (timer, on_sample, &self, NULL);
  g_source_attach (timer, self.context);

  start_server (&self);
  for (i = 0; i < N; i++) {
    start_publisher (&self, i);
    while (i == 0
        && gst_wsctl_server_count_frames (self.server, "live", "video") == 0)
      g_usleep (POLL_INTERVAL_MS * 1000);
  }
  start_player (&self);
  g_main_loop_run (self.loop);
  g_source_destroy (timer);
  count (&self);
  stop (&self);

  return self.result;
}
