/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whether to try again, and when: without a network, and without time.
 */

#include "gstwsctlreconnect.h"
#include "testsupport.h"
#include "wsctlerror.h"

#define S G_TIME_SPAN_SECOND

static gboolean
plan_after (GstWsctlReconnect * self, GstWsctlError code, gint64 now_us,
    GstWsctlReconnectPlan * plan)
{
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR, code, "it");

  return gst_wsctl_reconnect_plan (self, error, now_us, 1.0, plan);
}

static void
test_delay (void)
{
  static const guint doubling[] = { 200, 400, 800, 1500, 1500, 1500 };
  GstWsctlReconnect self = { 0, };
  guint i;

  gst_wsctl_reconnect_init (&self);
  for (i = 0; i < G_N_ELEMENTS (doubling); i++) {
    g_assert_cmpuint (gst_wsctl_reconnect_get_delay_ms (&self, i + 1, 1.0), ==,
        doubling[i]);
    g_assert_cmpuint (gst_wsctl_reconnect_get_delay_ms (&self, i + 1, 0.0), ==,
        doubling[i] / 2);
  }
}

/* Limits that cross, and numbers that do not fit */
static void
test_extreme_delays (void)
{
  GstWsctlReconnect self = { 0, };

  gst_wsctl_reconnect_init (&self);
  self.min_delay_ms = 5000;
  g_assert_cmpuint (gst_wsctl_reconnect_get_delay_ms (&self, 9, 1.0), ==, 5000);
  self.min_delay_ms = G_MAXINT;
  self.max_delay_ms = G_MAXINT;
  g_assert_cmpuint (gst_wsctl_reconnect_get_delay_ms (&self, G_MAXUINT, 1.0),
      ==, G_MAXINT);
  self.min_delay_ms = 1;
  self.max_delay_ms = 1;
  g_assert_cmpuint (gst_wsctl_reconnect_get_delay_ms (&self, 0, 0.0), ==, 0);
}

typedef struct
{
  GstWsctlError code;
  gboolean first;               /* with "always", nothing was up */
  gboolean soon;                /* it was up until now */
  gboolean late;                /* it was up two minutes ago */
} Row;

/* docs/reconnect.md, the table */
static const Row rows[] = {
  {GST_WSCTL_ERROR_FAILED, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_INVALID_URI, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_HOST_NOT_FOUND, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_CONNECTION_FAILED, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_TLS, FALSE, TRUE, FALSE},
  {GST_WSCTL_ERROR_UNEXPECTED_STATUS, FALSE, TRUE, TRUE},
  {GST_WSCTL_ERROR_TIMED_OUT, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_CONNECTION_IDLE, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_SERVER_SHUTDOWN, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_SOCKET_DISCONNECTION, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_PEER_CONNECTION_FAILED, TRUE, TRUE, TRUE},
  {GST_WSCTL_ERROR_SIP_FAILED, FALSE, TRUE, FALSE},
  {GST_WSCTL_ERROR_ACCESS_DENIED, FALSE, TRUE, FALSE},
  {GST_WSCTL_ERROR_STREAM_FAILED, FALSE, TRUE, TRUE},
  {GST_WSCTL_ERROR_NO_COMMON_CODEC, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_FINGERPRINT_MISMATCH, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_MESSAGE_TOO_LARGE, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_INVALID_MESSAGE, FALSE, TRUE, FALSE},
  {GST_WSCTL_ERROR_REPLACE_TRACK_FAILED, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_MISSING_PLUGIN, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_ENCODING_FAILED, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_UNSUITABLE_MEDIA, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_CLOSED, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_INVALID_OPTION, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_WOULD_BLOCK, FALSE, FALSE, FALSE},
  {GST_WSCTL_ERROR_GOING_AWAY, TRUE, TRUE, TRUE},
};

static void
test_errors (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    GstWsctlReconnect self = { 0, };
    GstWsctlReconnectPlan plan;

    g_test_message ("%s", gst_wsctl_error_get_name (row->code));
    g_assert_cmpint (row->code, ==, i);
    gst_wsctl_reconnect_init (&self);
    g_assert_false (plan_after (&self, row->code, S, &plan));

    self.mode = GST_WSCTL_RECONNECT_ALWAYS;
    gst_wsctl_reconnect_begin (&self);
    g_assert_cmpint (plan_after (&self, row->code, S, &plan), ==, row->first);

    self.mode = GST_WSCTL_RECONNECT_ESTABLISHED;
    gst_wsctl_reconnect_begin (&self);
    gst_wsctl_reconnect_connected (&self, S);
    g_assert_cmpint (plan_after (&self, row->code, 5 * S, &plan), ==,
        row->soon);
    g_assert_cmpint (plan_after (&self, row->code, 125 * S, &plan), ==,
        row->late);

    self.mode = GST_WSCTL_RECONNECT_NEVER;
    g_assert_false (plan_after (&self, row->code, 6 * S, &plan));
  }
}

/* What others throw has no hope either. */
static void
test_foreign_error (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR,
      G_IO_ERROR_CANCELLED, "it");
  GstWsctlReconnect self = { 0, };
  GstWsctlReconnectPlan plan;

  gst_wsctl_reconnect_init (&self);
  gst_wsctl_reconnect_connected (&self, S);
  g_assert_false (gst_wsctl_reconnect_plan (&self, error, 2 * S, 0.5, &plan));
  error->domain = GST_WSCTL_ERROR;
  error->code = 1000;
  g_assert_false (gst_wsctl_reconnect_plan (&self, error, 2 * S, 0.5, &plan));
  error->code = -1;
  g_assert_false (gst_wsctl_reconnect_plan (&self, error, 2 * S, 0.5, &plan));
}

static void
test_retries (void)
{
  GstWsctlReconnect self = { 0, };
  GstWsctlReconnectPlan plan;
  guint i;

  gst_wsctl_reconnect_init (&self);
  self.retries = 3;
  gst_wsctl_reconnect_connected (&self, S);
  for (i = 1; i <= 3; i++) {
    g_assert_true (plan_after (&self, GST_WSCTL_ERROR_CONNECTION_FAILED,
            100 * S, &plan));
    g_assert_cmpuint (plan.attempt, ==, i);
  }
  g_assert_false (plan_after (&self, GST_WSCTL_ERROR_CONNECTION_FAILED,
          100 * S, &plan));

  /* None at all, and without end */
  self.retries = 0;
  gst_wsctl_reconnect_connected (&self, 100 * S);
  g_assert_false (plan_after (&self, GST_WSCTL_ERROR_CONNECTION_FAILED,
          200 * S, &plan));
  self.retries = -1;
  for (i = 0; i < 1000; i++)
    g_assert_true (plan_after (&self, GST_WSCTL_ERROR_CONNECTION_FAILED,
            300 * S, &plan));
}

/* A session that holds begins the count anew, one that does not goes on with
 * it. */
static void
test_flapping (void)
{
  GstWsctlReconnect self = { 0, };
  GstWsctlReconnectPlan plan;
  guint i;

  gst_wsctl_reconnect_init (&self);
  for (i = 1; i <= 5; i++) {
    gst_wsctl_reconnect_connected (&self, i * S);
    g_assert_true (plan_after (&self, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
            i * S + S / 10, &plan));
    g_assert_cmpuint (plan.attempt, ==, i);
  }
  g_assert_cmpuint (plan.delay_ms, ==, 1500);

  gst_wsctl_reconnect_connected (&self, 10 * S);
  g_assert_true (plan_after (&self, GST_WSCTL_ERROR_SOCKET_DISCONNECTION,
          20 * S, &plan));
  g_assert_cmpuint (plan.attempt, ==, 1);
  g_assert_cmpuint (plan.delay_ms, ==, 200);
  g_assert_cmpuint (self.n_reconnects, ==, 5);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/reconnect/policy/delay", test_delay);
  test_add ("/reconnect/policy/extreme-delays", test_extreme_delays);
  test_add ("/reconnect/policy/errors", test_errors);
  test_add ("/reconnect/policy/foreign-error", test_foreign_error);
  test_add ("/reconnect/policy/retries", test_retries);
  test_add ("/reconnect/policy/flapping", test_flapping);

  return g_test_run ();
}
