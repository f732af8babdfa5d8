/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data channels by the mass: so much each way, ordered and not, with the memory
 * that it takes; and channels opened and closed, with what stays.
 *
 *   channels [MIB] [CYCLES]
 */

#include <stdio.h>
#include <stdlib.h>

#include "data-mass.h"

static void
measure_mass (guint mib, gboolean ordered)
{
  DataMassReport report;

  data_mass_send (mib, ordered, &report);
  printf ("%-10s %u MiB each way: %6.1f MiB/s in all, heap %+.1f MiB at the "
      "worst, memory %+.1f MiB\n", ordered ? "ordered" : "unordered", mib,
      2.0 * mib / report.seconds, report.heap_bytes / 1048576.0,
      report.resident_kib / 1024.0);
}

static void
measure_cycles (guint n)
{
  DataCyclesReport report;

  data_mass_cycle (n / 10, n, &report);
  printf ("%u cycles: %.2f ms each, after the first %u heap %+.3f MiB, memory "
      "%+.1f MiB, elements %+d, threads %+d\n", n, report.ms, n / 10,
      report.heap_bytes / 1048576.0, report.resident_kib / 1024.0,
      report.n_elements, report.n_threads);
}

int
main (int argc, char **argv)
{
  guint mib = argc > 1 ? (guint) atoi (argv[1]) : 100;
  guint cycles = argc > 2 ? (guint) atoi (argv[2]) : 10000;
  g_autoptr (GMainContext) context = g_main_context_new ();

  gst_init (&argc, &argv);
  /* It takes as long as it takes. */
  g_setenv ("WSCTL_TEST_SLOW", "100", FALSE);
  g_main_context_push_thread_default (context);

  if (mib > 0) {
    measure_mass (mib, TRUE);
    measure_mass (mib, FALSE);
  }
  if (cycles > 0)
    measure_cycles (cycles);
  g_main_context_pop_thread_default (context);

  return 0;
}
