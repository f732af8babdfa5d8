/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a publisher is told and asked for while it publishes: reports, what its
 * video may have, key frames.
 */

#include <gst/video/video.h>

#include "server-session.h"
#include "testsupport.h"
#include "wsctlserverconstraint-private.h"

#define GOP 30                  /* frames */
#define LONG_GOP 3000
#define ASKED_BPS 1000000
#define FLOOR_BPS (32 * 1024)
#define REPORT_MS 1000
#define TOLERANCE_MS 250
#define N_REPORTS 4
#define N_REQUESTS 4
#define INTERVAL_MS 1000

static GstWsctlServerConstraint constraint;

static void
start (gint64 bitrate_bps)
{
  gst_wsctl_server_constraint_init (&constraint);
  gst_wsctl_server_constraint_ask (&constraint, bitrate_bps);
}

/* What is left of what was asked for, as so often is lost so much */
static gdouble
lose (gdouble loss_perc, guint n)
{
  guint i;

  start (ASKED_BPS);
  for (i = 0; i < n; i++)
    gst_wsctl_server_constraint_report (&constraint, loss_perc, 0, 0);

  return constraint.allowed_bps / (gdouble) ASKED_BPS;
}

/* MistServer's steps and its floor */
static void
test_loss (void)
{
  g_assert_cmpfloat (lose (0, 1), ==, 1);
  g_assert_cmpfloat (lose (5, 1), ==, 1);
  g_assert_cmpfloat_with_epsilon (lose (5.1, 1), 0.99, 1e-5);
  g_assert_cmpfloat_with_epsilon (lose (10, 1), 0.99, 1e-5);
  g_assert_cmpfloat_with_epsilon (lose (10.1, 1), 0.95, 1e-5);
  g_assert_cmpfloat_with_epsilon (lose (50, 1), 0.95, 1e-5);
  g_assert_cmpfloat_with_epsilon (lose (50.1, 1), 0.91, 1e-5);
  g_assert_cmpfloat_with_epsilon (lose (100, 2), 0.91 * 0.91, 1e-5);
  g_assert_cmpfloat_with_epsilon (lose (100, 1000),
      FLOOR_BPS / (gdouble) ASKED_BPS, 1e-5);

  /* Who asked for less than the floor keeps it. */
  start (20000);
  g_assert_true (gst_wsctl_server_constraint_report (&constraint, 100, 0, 0)
      == FALSE);
  g_assert_cmpint (constraint.allowed_bps, ==, 20000);
}

/* One bad second among five counts for a fifth. */
static void
test_mean (void)
{
  guint i;

  start (ASKED_BPS);
  for (i = 0; i < 4; i++)
    g_assert_false (gst_wsctl_server_constraint_report (&constraint, 0, 0, 0));
  g_assert_false (gst_wsctl_server_constraint_report (&constraint, 25, 0, 0));
  g_assert_true (gst_wsctl_server_constraint_report (&constraint, 25, 0, 0));
  for (i = 0; i < 4; i++)
    gst_wsctl_server_constraint_report (&constraint, 0, 0, 0);
  g_assert_false (gst_wsctl_server_constraint_report (&constraint, 0, 0, 0));
}

/* What queues up says what the way carries; a wish begins anew. */
static void
test_queue (void)
{
  start (ASKED_BPS);
  g_assert_false (gst_wsctl_server_constraint_report (&constraint, 0, 100,
          500000));
  g_assert_true (gst_wsctl_server_constraint_report (&constraint, 0, 101,
          500000));
  g_assert_cmpint (constraint.allowed_bps, ==, 425000);
  g_assert_false (gst_wsctl_server_constraint_report (&constraint, 0, 101,
          600000));
  gst_wsctl_server_constraint_ask (&constraint, 800000);
  g_assert_cmpint (constraint.allowed_bps, ==, 800000);

  /* Who never asked is taken to send what is usual. */
  gst_wsctl_server_constraint_init (&constraint);
  g_assert_true (gst_wsctl_server_constraint_report (&constraint, 20, 0, 0));
  g_assert_cmpint (constraint.asked_bps, ==, 6000000);
}

static gint64
get_stat (JsonObject * report, const gchar * name)
{
  return json_object_get_int_member (json_object_get_object_member (report,
          "stats"), name);
}

/* Once a second, what arrived */
static void
test_reports (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = server_session_publish_live (session, GOP);
  gint64 last_us = 0, last_ms = 0;
  guint i;

  for (i = 0; i < N_REPORTS; i++) {
    g_autoptr (JsonObject) report = client_wait (publisher, "on_media_receive");
    JsonArray *tracks = json_object_get_array_member (report, "tracks");
    gint64 now_us = g_get_monotonic_time ();

    g_assert_cmpuint (json_array_get_length (tracks), ==, 2);
    g_assert_cmpstr (json_array_get_string_element (tracks, 0), ==, "H264");
    g_assert_cmpstr (json_array_get_string_element (tracks, 1), ==, "opus");
    g_assert_cmpint (json_object_get_int_member (report, "millis"), >, last_ms);
    g_assert_cmpint (get_stat (report, "loss_num"), ==, 0);
    g_assert_cmpint (get_stat (report, "loss_perc"), ==, 0);
    g_assert_cmpint (get_stat (report, "jitter_ms"), <, REPORT_MS);
    if (i > 1)
      g_assert_cmpint (ABS ((now_us - last_us) / 1000 - REPORT_MS), <,
          test_scale_ms (TOLERANCE_MS));
    last_ms = json_object_get_int_member (report, "millis");
    last_us = now_us;
  }
}

/* A fifth of the packets is lost: the publisher is told so, and to send less. */
static void
test_constraint (void)
{
  g_autofree gchar *launch =
      g_strdup_printf ("webrtcbin name=w " CLIENT_VIDEO CLIENT_AUDIO, GOP);
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher = server_session_open (session, "/webrtc/live");
  gint64 before_bps = ASKED_BPS;
  guint i;

  client_lose_packets (publisher, 5);
  client_start_publisher (publisher, launch);
  client_offer (publisher);
  g_free (client_take_answer (publisher));
  client_send (publisher, "{\"type\":\"video_bitrate\",\"video_bitrate\":"
      G_STRINGIFY (ASKED_BPS) "}");
  json_object_unref (client_wait (publisher, "on_video_bitrate"));

  for (i = 0; i < N_REPORTS; i++) {
    g_autoptr (JsonObject) event = client_wait (publisher, "on_video_bitrate");
    gint64 allowed_bps =
        json_object_get_int_member (event, "video_bitrate_constraint");

    g_assert_true (json_object_get_boolean_member (event, "result"));
    g_assert_cmpint (json_object_get_int_member (event, "video_bitrate"), ==,
        ASKED_BPS);
    g_assert_cmpint (allowed_bps, <, before_bps);
    g_assert_cmpint (allowed_bps, >=, before_bps * 0.9);
    before_bps = allowed_bps;
  }
}

static GstPadProbeReturn
count_request (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (gst_video_event_is_force_key_unit (gst_pad_probe_info_get_event (info)))
    g_atomic_int_inc ((gint *) data);

  return GST_PAD_PROBE_OK;
}

static gboolean
is_asked (gpointer data)
{
  return g_atomic_int_get ((gint *) data) >= N_REQUESTS;
}

/* As often as the publisher wants to be asked; its encoder makes none by
 * itself. */
static void
test_keyframe_interval (void)
{
  g_autoptr (ServerSession) session = server_session_new (NULL);
  g_autoptr (Client) publisher =
      server_session_publish_live (session, LONG_GOP);
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (publisher->webrtc, "sink_0");
  gint n_requests = 0;
  gint64 start_us, passed_ms;
  gulong probe;

  client_send (publisher, "{\"type\":\"keyframe_interval\","
      "\"keyframe_interval_millis\":" G_STRINGIFY (INTERVAL_MS) "}");
  json_object_unref (client_wait (publisher, "on_keyframe_interval"));
  start_us = g_get_monotonic_time ();
  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      count_request, &n_requests, NULL);
  client_poll_until (publisher, is_asked, &n_requests, "key frames are asked "
      "for");
  passed_ms = (g_get_monotonic_time () - start_us) / 1000;
  gst_pad_remove_probe (pad, probe);
  g_assert_cmpint (passed_ms, >, (N_REQUESTS - 1) * INTERVAL_MS * 3 / 4);
  g_assert_cmpint (passed_ms, <, test_scale_ms ((N_REQUESTS + 2)
          * INTERVAL_MS));
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/publisher/loss", test_loss);
  test_add ("/server/publisher/mean", test_mean);
  test_add ("/server/publisher/queue", test_queue);
  test_add ("/server/publisher/reports", test_reports);
  test_add ("/server/publisher/constraint", test_constraint);
  test_add ("/server/publisher/keyframe-interval", test_keyframe_interval);

  return g_test_run ();
}
