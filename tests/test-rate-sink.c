/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsink's bitrate, against the server: by itself, by hand, and back.
 */

#include <gst/gst.h>

#include "testsupport.h"
#include "wsctlrate-private.h"
#include "wsctlserver-private.h"

#define STREAM "rate"
#define N_CHANGES 4
#define CHANGE_INTERVAL_US (500 * G_TIME_SPAN_MILLISECOND)
#define SLACK_US (250 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  GstWsctlServer *server;
  GstElement *pipeline;
  GstElement *sink;
  GMainContext *context;
  guint bus_id;

  /* With the lock: told on other threads */
  GMutex lock;
  guint n_notified;
  guint n_encoder;              /* changes of its bitrate */
  gint64 first_us;              /* of the notifications */
  gint64 last_us;
  guint n_told;                 /* on-video-bitrate */
  guint64 told_bps;
  guint wanted_bps;             /* of wait_told() */
} Fixture;

static void
on_notify (GObject * sink, GParamSpec * pspec, Fixture * self)
{
  g_mutex_lock (&self->lock);
  self->last_us = g_get_monotonic_time ();
  if (self->n_notified++ == 0)
    self->first_us = self->last_us;
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->context);
}

static void
on_encoder_notify (GstObject * sink, GstObject * object, GParamSpec * pspec,
    Fixture * self)
{
  if (!GST_IS_ELEMENT (object)
      || !gst_element_factory_list_is_type (gst_element_get_factory
          (GST_ELEMENT (object)), GST_ELEMENT_FACTORY_TYPE_VIDEO_ENCODER))
    return;

  g_mutex_lock (&self->lock);
  self->n_encoder++;
  g_mutex_unlock (&self->lock);
}

static void
on_video_bitrate (GstElement * sink, guint64 bitrate_bps,
    guint64 constraint_bps, Fixture * self)
{
  g_mutex_lock (&self->lock);
  self->n_told++;
  self->told_bps = bitrate_bps;
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->context);
}

static Fixture *
start (const gchar * properties)
{
  Fixture *self = g_new0 (Fixture, 1);
  GstWsctlServerParams params = { 0, };
  g_autoptr (GError) error = NULL;
  g_autofree gchar *uri = NULL;
  g_autofree gchar *line = NULL;

  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  self->server = gst_wsctl_server_new (&params);
  gst_wsctl_server_start (self->server, &error);
  g_assert_no_error (error);
  uri = gst_wsctl_server_get_uri (self->server);

  /* Noise: no encoder makes less of it than it is given. */
  line = g_strdup_printf ("videotestsrc is-live=true pattern=snow ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! wsctlsink name=s "
      "uri=%s/webrtc/" STREAM " local-addresses=<\"127.0.0.1\"> %s", uri,
      properties);
  self->pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  self->sink = gst_bin_get_by_name (GST_BIN (self->pipeline), "s");
  g_signal_connect (self->sink, "notify::video-bitrate",
      G_CALLBACK (on_notify), self);
  g_signal_connect (self->sink, "deep-notify::bitrate",
      G_CALLBACK (on_encoder_notify), self);
  g_signal_connect (self->sink, "deep-notify::target-bitrate",
      G_CALLBACK (on_encoder_notify), self);
  g_signal_connect (self->sink, "on-video-bitrate",
      G_CALLBACK (on_video_bitrate), self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  return self;
}

static void
stop (Fixture * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_wsctl_server_stop (self->server);
  g_object_unref (self->server);
  gst_object_unref (self->sink);
  gst_object_unref (self->pipeline);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
was_told (gpointer data)
{
  Fixture *self = data;
  gboolean told;

  g_mutex_lock (&self->lock);
  told = self->told_bps == self->wanted_bps;
  g_mutex_unlock (&self->lock);

  return told;
}

static gboolean
was_told_more (gpointer data)
{
  Fixture *self = data;
  gboolean told;

  g_mutex_lock (&self->lock);
  told = self->told_bps > self->wanted_bps;
  g_mutex_unlock (&self->lock);

  return told;
}

static gboolean
was_told_each (gpointer data)
{
  Fixture *self = data;
  gboolean each;

  g_mutex_lock (&self->lock);
  each = self->n_told == self->n_notified + 1;
  g_mutex_unlock (&self->lock);

  return each;
}

static void
wait_told (Fixture * self, guint bitrate_bps, TestCondition condition)
{
  self->wanted_bps = bitrate_bps;
  test_wait_until (self->context, condition, self, 0,
      "the server to hear of the bitrate");
}

static guint
get_bitrate (Fixture * self)
{
  guint bitrate_bps;

  g_object_get (self->sink, "video-bitrate", &bitrate_bps, NULL);

  return bitrate_bps;
}

/* A free path: it goes up, each change once, and to the bound. */
static void
test_up (void)
{
  Fixture *self = start ("start-bitrate=500000 max-bitrate=700000");

  wait_told (self, 500000, was_told);
  g_assert_cmpuint (get_bitrate (self), ==, 500000);
  wait_told (self, 700000, was_told);
  g_assert_cmpuint (get_bitrate (self), ==, 700000);
  g_assert_cmpint (gst_wsctl_server_get_video_bitrate (self->server, STREAM),
      ==, 700000);

  /* The first one was announced without a change. */
  test_wait_until (self->context, was_told_each, self, 0,
      "a notification for each bitrate");
  stop (self);
}

static gboolean
was_notified_often (gpointer data)
{
  Fixture *self = data;
  gboolean often;

  g_mutex_lock (&self->lock);
  often = self->n_notified >= N_CHANGES;
  g_mutex_unlock (&self->lock);

  return often;
}

static gboolean
has_frames (gpointer data)
{
  Fixture *self = data;

  return gst_wsctl_server_count_frames (self->server, STREAM, "video") > 0;
}

/* The server does not wake this thread. */
static gboolean
on_poll (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_frames (Fixture * self)
{
  g_autoptr (GSource) poll = g_timeout_source_new (10);

  g_source_set_callback (poll, on_poll, NULL, NULL);
  g_source_attach (poll, self->context);
  test_wait_until (self->context, has_frames, self, 0, "the first frame");
  g_source_destroy (poll);
}

/* However often it is set: a change is one command, one notification, one new
 * setting of the encoder, and all that not more often than twice a second. */
static void
test_each_change (void)
{
  Fixture *self = start ("video-bitrate=300000");
  guint bitrate_bps, n_encoder, n_notified;

  wait_told (self, 300000, was_told);
  /* An encoder that is made is not told, it begins with it. */
  wait_frames (self);
  g_mutex_lock (&self->lock);
  n_encoder = self->n_encoder;
  n_notified = self->n_notified;
  g_mutex_unlock (&self->lock);

  for (bitrate_bps = 300000; !was_notified_often (self); bitrate_bps++) {
    g_object_set (self->sink, "video-bitrate", bitrate_bps, NULL);
    g_main_context_iteration (self->context, FALSE);
    g_usleep (5000);
  }
  g_object_set (self->sink, "video-bitrate", 700000, NULL);
  wait_told (self, 700000, was_told);
  test_wait_until (self->context, was_told_each, self, 0,
      "a notification for each bitrate");

  g_mutex_lock (&self->lock);
  g_assert_cmpuint (self->n_encoder - n_encoder, ==,
      self->n_notified - n_notified);
  g_assert_cmpint (self->last_us - self->first_us, >=,
      (self->n_notified - 1) * CHANGE_INTERVAL_US - SLACK_US);
  g_mutex_unlock (&self->lock);
  stop (self);
}

/* What the policy is at, and what the encoder was told */
static void
test_stats (void)
{
  Fixture *self = start ("start-bitrate=500000 max-bitrate=700000");
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) rate = NULL;
  guint target_bps = 0;

  wait_told (self, 700000, was_told);
  g_object_get (self->sink, "stats", &stats, NULL);
  g_assert_true (gst_structure_get (stats, "congestion-control",
          GST_TYPE_STRUCTURE, &rate, NULL));
  g_assert_cmpstr (gst_structure_get_string (rate, "policy"), ==, "adaptive");
  g_assert_cmpstr (gst_structure_get_string (rate, "state"), ==, "highest");
  g_assert_true (gst_structure_get_uint (rate, "target-bitrate", &target_bps));
  g_assert_cmpuint (target_bps, ==, 700000);
  g_assert_true (gst_structure_has_field (rate, "queue-delay"));
  g_assert_true (gst_structure_has_field (rate, "fraction-lost"));
  stop (self);
}

static void
test_by_hand (void)
{
  Fixture *self = start ("start-bitrate=500000 max-bitrate=2000000");

  wait_told (self, 500000, was_told);
  g_object_set (self->sink, "video-bitrate", 300000, NULL);
  wait_told (self, 300000, was_told);
  g_assert_cmpuint (get_bitrate (self), ==, 300000);

  /* Given back, it goes up from there. */
  g_object_set (self->sink, "video-bitrate", 0, NULL);
  wait_told (self, 320000, was_told_more);
  g_assert_cmpuint (get_bitrate (self), >=, 320000);
  stop (self);
}

static void
test_fixed_from_start (void)
{
  Fixture *self = start ("video-bitrate=400000");

  wait_told (self, 400000, was_told);
  g_assert_cmpuint (get_bitrate (self), ==, 400000);
  stop (self);
}

/* It is stopped and started again, in each state of things. */
static void
test_restart (void)
{
  Fixture *self = start ("start-bitrate=500000 max-bitrate=700000");
  guint i;

  for (i = 0; i < 3; i++) {
    wait_told (self, 500000, was_told);
    gst_element_set_state (self->pipeline, GST_STATE_READY);
    g_assert_cmpuint (get_bitrate (self), ==, 0);
    g_mutex_lock (&self->lock);
    self->told_bps = 0;
    g_mutex_unlock (&self->lock);
    gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  }
  stop (self);
}

static void
test_properties (void)
{
  g_autoptr (GstElement) sink =
      gst_object_ref_sink (gst_element_factory_make ("wsctlsink", NULL));
  guint min, first, max, bitrate;
  gint policy;

  gst_util_set_object_arg (G_OBJECT (sink), "congestion-control", "linear");
  g_object_set (sink, "min-bitrate", 1000, "start-bitrate", 2000,
      "max-bitrate", 3000, "video-bitrate", 4000, NULL);
  g_object_get (sink, "congestion-control", &policy, "min-bitrate", &min,
      "start-bitrate", &first, "max-bitrate", &max, "video-bitrate", &bitrate,
      NULL);
  g_assert_cmpint (policy, ==, 1);
  g_assert_cmpuint (min, ==, 1000);
  g_assert_cmpuint (first, ==, 2000);
  g_assert_cmpuint (max, ==, 3000);
  g_assert_cmpuint (bitrate, ==, 4000);

  /* Both names of what follows nothing */
  gst_util_set_object_arg (G_OBJECT (sink), "congestion-control", "fixed");
  g_object_get (sink, "congestion-control", &policy, NULL);
  g_assert_cmpint (policy, ==, GST_WSCTL_RATE_POLICY_DISABLED);
  gst_util_set_object_arg (G_OBJECT (sink), "congestion-control", "adaptive");
  gst_util_set_object_arg (G_OBJECT (sink), "congestion-control", "disabled");
  g_object_get (sink, "congestion-control", &policy, NULL);
  g_assert_cmpint (policy, ==, GST_WSCTL_RATE_POLICY_DISABLED);
}

static gdouble
get_number (GstElement * sink, const GstWsctlRateParamRow * row)
{
  gdouble share = -1;
  guint number = G_MAXUINT;

  if (row->is_share)
    g_object_get (sink, row->name, &share, NULL);
  else
    g_object_get (sink, row->name, &number, NULL);

  return row->is_share ? share : number;
}

/* The parameters of the policies, and which policy it is when none is named */
static void
test_parameters (void)
{
  g_autoptr (GstElement) sink =
      gst_object_ref_sink (gst_element_factory_make ("wsctlsink", NULL));
  gint policy;
  guint i;

  g_object_get (sink, "congestion-control", &policy, NULL);
  g_assert_cmpint (policy, ==, GST_WSCTL_RATE_POLICY_ADAPTIVE);
  for (i = 0; i < GST_WSCTL_RATE_N_PARAMS; i++) {
    const GstWsctlRateParamRow *row = gst_wsctl_rate_param_get_row (i);
    g_autofree gchar *text = g_strdup_printf ("%.10g", row->highest);

    g_test_message ("%s", row->name);
    g_assert_cmpfloat (get_number (sink, row), ==, row->standard);
    gst_util_set_object_arg (G_OBJECT (sink), row->name, text);
    g_assert_cmpfloat (get_number (sink, row), ==, row->highest);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/rate-sink/properties", test_properties);
  test_add ("/rate-sink/parameters", test_parameters);
  test_add ("/rate-sink/up", test_up);
  test_add ("/rate-sink/each-change", test_each_change);
  test_add ("/rate-sink/stats", test_stats);
  test_add ("/rate-sink/by-hand", test_by_hand);
  test_add ("/rate-sink/fixed-from-start", test_fixed_from_start);
  test_add ("/rate-sink/restart", test_restart);

  return g_test_run ();
}
