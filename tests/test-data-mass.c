/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The short form of bench/channels: back-pressure holds memory down, and closed
 * channels leave nothing.
 */

#include "data-mass.h"
#include "testsupport.h"

/* Without back-pressure twice so much would wait to be sent. */
#define MIB 16
/* Two channels may hold 1 MiB each; the rest is in SCTP's own buffers and on the
 * way. */
#define MOST_MIB 8

#define N_FIRST 100
#define N_CYCLES 700
/* What is on its way at the one moment and not at the other comes to a tenth of a
 * MiB and to a thread or two; 600 of anything that a channel is made of is more. */
#define MOST_BYTES (192 * 1024)
#define MOST_THREADS 8

static void
check_mass (gboolean ordered)
{
  DataMassReport report;

  data_mass_send (MIB, ordered, &report);
  g_test_message ("%.1f MiB/s, heap %+.1f MiB at the worst",
      2.0 * MIB / report.seconds, report.heap_bytes / 1048576.0);
  g_assert_cmpint (report.heap_bytes, <, MOST_MIB * 1024 * 1024);
}

static void
test_ordered (void)
{
  check_mass (TRUE);
}

static void
test_unordered (void)
{
  check_mass (FALSE);
}

static void
test_cycles (void)
{
  DataCyclesReport report;
  guint scale = test_scale_ms (1);
  guint n = N_CYCLES / scale;

  data_mass_cycle (N_FIRST / scale, n, &report);
  g_test_message ("%.2f ms each, heap %+d bytes, threads %+d", report.ms,
      (gint) report.heap_bytes, report.n_threads);
  g_assert_cmpint (report.n_elements, ==, 0);
  g_assert_cmpint (report.n_threads, <=, MOST_THREADS);
  g_assert_cmpint (report.heap_bytes, <, MOST_BYTES);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/data-mass/ordered", test_ordered);
  test_add ("/data-mass/unordered", test_unordered);
  test_add ("/data-mass/cycles", test_cycles);

  return g_test_run ();
}
