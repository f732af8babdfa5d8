/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The policies beside each other on a real path: wsctlsink and wsctl-server with
 * a narrow link between them, in real time. About seven minutes:
 *   GST_PLUGIN_PATH=build/gst build/tests/bench/rate-rig-table [POLICY] [--720p]
 * With --720p a real encoder encodes a real picture of that size, 30 times a
 * second; otherwise there is a stand-in that takes no time.
 */

#include <gst/gst.h>

#include "rate-rig.h"

#define SECONDS(n) ((n) * G_TIME_SPAN_SECOND)

/* What was longer in a queue is late: a full queue is full use of a link. */
#define IN_TIME_US (150 * G_TIME_SPAN_MILLISECOND)

static const RateLinkStep falling[] = {
  {0, 4000000}, {SECONDS (30), 1000000}, {SECONDS (60), 4000000},
  {SECONDS (90), 0}
};

static const RateLinkStep steady[] = {
  {0, 2500000}, {SECONDS (40), 0}
};

static const RateRigSetup falling_setup = {
  .params = {200000, 2000000, 8192000},.steps = falling,.delay_ms = 50,
  .queue_bytes = 100000,
};

static const RateRigSetup lossy_setup = {
  .params = {200000, 2000000, 8192000},.steps = steady,.delay_ms = 50,
  .queue_bytes = 100000,.loss = 0.05,
};

/* Clouds that boil: soft, and never the same, so that an encoder has use for
 * what it is given */
#define PICTURE "videotestsrc is-live=true pattern=snow " \
    "! video/x-raw,format=I420,width=160,height=90,framerate=30/1 " \
    "! videoscale method=bilinear ! video/x-raw,width=1280,height=720 ! queue"

static gboolean is_real;

static const GstWsctlRatePolicy policies[] = {
  GST_WSCTL_RATE_POLICY_LINEAR, GST_WSCTL_RATE_POLICY_GRADE,
  GST_WSCTL_RATE_POLICY_ADAPTIVE
};

#define N_POLICIES G_N_ELEMENTS (policies)

static gdouble
get_seconds (gint64 time_us)
{
  return time_us == G_MAXINT64 ? 99.0 : time_us / (gdouble) SECONDS (1);
}

static gdouble
measure_first_use (GArray * samples)
{
  return rate_link_get_use_in_time (samples, SECONDS (15), SECONDS (30),
      IN_TIME_US)
      * 100;
}

static gdouble
measure_fall (GArray * samples)
{
  return get_seconds (rate_link_get_fall_time (samples, SECONDS (30),
          SECONDS (60), 1000000));
}

static gdouble
measure_drain (GArray * samples)
{
  return get_seconds (rate_link_get_drain_time (samples, SECONDS (30),
          SECONDS (45), IN_TIME_US));
}

static gdouble
measure_low_use (GArray * samples)
{
  return rate_link_get_use_in_time (samples, SECONDS (40), SECONDS (60),
      IN_TIME_US)
      * 100;
}

static gdouble
measure_low_queue (GArray * samples)
{
  return rate_link_get_queue (samples, SECONDS (40), SECONDS (60)) / 1000.0;
}

static gdouble
measure_rise (GArray * samples)
{
  return get_seconds (rate_link_get_rise_time (samples, SECONDS (60),
          SECONDS (90), 0.85 * 4000000));
}

static gdouble
measure_lossy_use (GArray * samples)
{
  return rate_link_get_use_in_time (samples, SECONDS (15), SECONDS (40),
      IN_TIME_US)
      * 100;
}

typedef struct
{
  const gchar *name;
  const RateRigSetup *setup;
    gdouble (*measure) (GArray * samples);
} Row;

static const Row rows[] = {
  {"4 Mbit/s: use in time, %", &falling_setup, measure_first_use},
  {"4 to 1: under the link after, s", &falling_setup, measure_fall},
  {"4 to 1: queue under 150 ms after, s", &falling_setup, measure_drain},
  {"1 Mbit/s: use in time, %", &falling_setup, measure_low_use},
  {"1 Mbit/s: longest queue, ms", &falling_setup, measure_low_queue},
  {"1 to 4: at 85 % after, s", &falling_setup, measure_rise},
  {"5 % loss, 2.5 Mbit/s: use in time, %", &lossy_setup, measure_lossy_use},
};

/* Each setup is run once for each policy, and read by all its rows. */
static void
fill (gdouble values[][N_POLICIES], const RateRigSetup * setup, gint only)
{
  guint i, j;

  for (j = 0; j < N_POLICIES; j++) {
    RateRigSetup one = *setup;
    g_autoptr (GArray) samples = NULL;

    if (only >= 0 && only != (gint) policies[j])
      continue;
    one.policy = policies[j];
    one.picture = is_real ? PICTURE : NULL;
    samples = rate_rig_run (&one);
    for (i = 0; i < G_N_ELEMENTS (rows); i++) {
      if (rows[i].setup == setup)
        values[i][j] = rows[i].measure (samples);
    }
  }
}

static gint
find_policy (const gchar * nick)
{
  GEnumClass *nicks = g_type_class_ref (GST_WSCTL_TYPE_RATE_POLICY);
  GEnumValue *value = g_enum_get_value_by_nick (nicks, nick);
  gint policy = value != NULL ? value->value : -1;

  g_type_class_unref (nicks);

  return policy;
}

int
main (int argc, char **argv)
{
  gdouble values[G_N_ELEMENTS (rows)][N_POLICIES] = { {0,}, };
  gint only = -1;
  guint i, j;

  gst_init (&argc, &argv);
  for (i = 1; i < (guint) argc; i++) {
    if (g_str_equal (argv[i], "--720p"))
      is_real = TRUE;
    else
      only = find_policy (argv[i]);
  }

  fill (values, &falling_setup, only);
  fill (values, &lossy_setup, only);
  g_print ("%-42s %10s %10s %10s\n", "", "linear", "grade", "adaptive");
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_print ("%-42s", rows[i].name);
    for (j = 0; j < N_POLICIES; j++)
      g_print (" %10.1f", values[i][j]);
    g_print ("\n");
  }

  return 0;
}
