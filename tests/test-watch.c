/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * When silence means that a session is dead, as a table.
 */

#include "testsupport.h"
#include "wsctlwatch-private.h"

#define S G_TIME_SPAN_SECOND
#define NOW (1000 * S)

/* Idle timeout 10 s, report timeout 30 s unless a row says otherwise; ages are
 * those of the last packet and of the last report, -1: none ever came. */
static const struct
{
  const gchar *name;
  gint64 packet_age_s;
  gint64 report_age_s;
  gboolean resting;
  gint64 idle_s;
  gint64 report_s;
  GstWsctlWatchVerdict verdict;
} rows[] = {
  {"nothing ever", -1, -1, FALSE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"both fresh", 0, 0, FALSE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"packets only, fresh", 1, -1, FALSE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"packets only, just in time", 10, -1, FALSE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"packets only, over", 11, -1, FALSE, 10, 30, GST_WSCTL_WATCH_NO_PACKETS},
  {"packets over, reports fresh", 11, 0, FALSE, 10, 30,
      GST_WSCTL_WATCH_NO_PACKETS},
  {"resting, packets over", 11, 0, TRUE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"resting, all over", 99, 31, TRUE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"never idle", 99, 0, FALSE, 0, 30, GST_WSCTL_WATCH_ALIVE},
  {"never idle, no reports", 99, 31, FALSE, 0, 30, GST_WSCTL_WATCH_NO_REPORTS},
  {"reports late", -1, 11, FALSE, 10, 30, GST_WSCTL_WATCH_LATE},
  {"reports just in time", -1, 30, FALSE, 10, 30, GST_WSCTL_WATCH_LATE},
  {"reports over", -1, 31, FALSE, 10, 30, GST_WSCTL_WATCH_NO_REPORTS},
  {"reports over, packets fresh", 1, 31, FALSE, 10, 30, GST_WSCTL_WATCH_ALIVE},
  {"reports never asked for", -1, 99, FALSE, 10, 0, GST_WSCTL_WATCH_ALIVE},
  {"no watch at all", 99, 99, FALSE, 0, 0, GST_WSCTL_WATCH_ALIVE},
};

/* A server that has said nothing for 99 s. */
static void
test_rest (void)
{
  GstWsctlWatch watch = { 10 * S, 30 * S, NOW - 99 * S, NOW - 99 * S, TRUE, 0 };

  /* There is nothing to answer. */
  g_assert_cmpint (gst_wsctl_watch_judge (&watch, NOW), ==,
      GST_WSCTL_WATCH_ALIVE);

  /* It goes on: silence counts from here. */
  watch.resting = FALSE;
  watch.awake_since_us = NOW - 9 * S;
  g_assert_cmpint (gst_wsctl_watch_judge (&watch, NOW), ==,
      GST_WSCTL_WATCH_ALIVE);
  watch.awake_since_us = NOW - 11 * S;
  g_assert_cmpint (gst_wsctl_watch_judge (&watch, NOW), ==,
      GST_WSCTL_WATCH_NO_PACKETS);
  watch.idle_timeout_us = 0;
  g_assert_cmpint (gst_wsctl_watch_judge (&watch, NOW), ==,
      GST_WSCTL_WATCH_LATE);
  watch.awake_since_us = NOW - 31 * S;
  g_assert_cmpint (gst_wsctl_watch_judge (&watch, NOW), ==,
      GST_WSCTL_WATCH_NO_REPORTS);
}

static gint64
get_time (gint64 age_s)
{
  return age_s < 0 ? 0 : NOW - age_s * S;
}

static void
test_table (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    const GstWsctlWatch watch = {
      rows[i].idle_s * S, rows[i].report_s * S, get_time (rows[i].packet_age_s),
      get_time (rows[i].report_age_s), rows[i].resting
    };

    g_test_message ("%s", rows[i].name);
    g_assert_cmpint (gst_wsctl_watch_judge (&watch, NOW), ==, rows[i].verdict);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/watch/table", test_table);
  test_add ("/watch/rest", test_rest);

  return g_test_run ();
}
