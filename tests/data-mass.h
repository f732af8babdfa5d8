/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data channels by the mass, and what stays of it: for a test in short, for
 * bench/channels at length.
 */

#pragma once

#include "data-session.h"

G_BEGIN_DECLS

typedef struct
{
  gdouble seconds;
  gint64 heap_bytes;            /* more in use than before, at the worst */
  gint64 resident_kib;          /* more than before, at the end */
} DataMassReport;

/* So much each way at the same time, on one channel; each side sends whenever
 * there is room. */
void data_mass_send (guint mib, gboolean ordered, DataMassReport * report);

typedef struct
{
  gdouble ms;                   /* of each */
  gint64 heap_bytes;            /* after the last, more than after the first
                                 * @n_first */
  gint64 resident_kib;
  gint n_elements;              /* of both sides */
  gint n_threads;
} DataCyclesReport;

/* Channels opened and closed, by the two sides in turn */
void data_mass_cycle (guint n_first, guint n, DataCyclesReport * report);

G_END_DECLS
