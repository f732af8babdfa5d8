/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data channels by the mass: so much each way, ordered and not, with the memory
 * that it takes; and channels opened and closed, with what stays.
 *
 *   channels [MIB] [CYCLES]
 */

#include "data-session.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "testsupport.h"

#define BLOCK (16 * 1024)
#define MIB (1024 * 1024)

/* Of this process, in KiB */
static guint64
get_memory_kib (void)
{
  g_autofree gchar *text = NULL;
  guint64 pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*u %" G_GUINT64_FORMAT, &pages);

  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

/* One way: sends on whenever there is room. */
typedef struct
{
  GstWsctlDataChannel *channel;
  GBytes *block;
  guint64 left;                 /* bytes */
} Sender;

static void
send_more (Sender * self)
{
  while (self->left > 0) {
    g_autoptr (GError) error = NULL;

    if (!gst_wsctl_data_channel_send_data (self->channel, self->block, &error))
      return;
    self->left -= BLOCK;
  }
}

static void
on_low (GstWsctlDataChannel * channel, Sender * self)
{
  send_more (self);
}

static void
run_send_more (gpointer data)
{
  send_more (data);
}

static void
sender_init (Sender * self, GstWsctlDataChannel * channel, guint64 bytes)
{
  self->channel = channel;
  self->block = g_bytes_new_take (g_malloc0 (BLOCK), BLOCK);
  self->left = bytes;
  g_object_set (channel, "max-buffered-amount", (guint64) MIB,
      "buffered-amount-low-threshold", (guint64) MIB / 4, NULL);
  g_signal_connect (channel, "on-buffered-amount-low", G_CALLBACK (on_low),
      self);
}

static void
sender_clear (Sender * self)
{
  g_signal_handlers_disconnect_by_data (self->channel, self);
  g_bytes_unref (self->block);
}

static void
measure_mass (guint mib, gboolean ordered)
{
  g_autoptr (GstStructure) options = gst_structure_new ("options",
      "ordered", G_TYPE_BOOLEAN, ordered, NULL);
  DataSession *session = data_session_new ();
  g_autoptr (GstWsctlDataChannel) ours =
      data_side_create (&session->sides[0], "mass", options);
  g_autoptr (GstWsctlDataChannel) theirs = NULL;
  DataLog *our_log = data_log_new (ours);
  DataLog *their_log;
  Sender senders[2];
  guint64 memory_kib;
  gint64 start_us;

  data_session_negotiate (session);
  data_log_wait (our_log, "open");
  theirs = data_side_wait_channel (&session->sides[1]);
  their_log = data_log_new (theirs);
  our_log->quiet = their_log->quiet = TRUE;
  sender_init (&senders[0], ours, (guint64) mib * MIB);
  sender_init (&senders[1], theirs, (guint64) mib * MIB);

  memory_kib = get_memory_kib ();
  start_us = g_get_monotonic_time ();
  gst_wsctl_loop_call_sync (session->sides[0].loop, run_send_more, &senders[0]);
  gst_wsctl_loop_call_sync (session->sides[0].loop, run_send_more, &senders[1]);
  data_log_wait_messages (their_log, mib * (MIB / BLOCK));
  data_log_wait_messages (our_log, mib * (MIB / BLOCK));
  printf ("%-10s %u MiB each way: %6.1f MiB/s in all, memory %+.1f MiB\n",
      ordered ? "ordered" : "unordered", mib,
      2.0 * mib * G_USEC_PER_SEC / (g_get_monotonic_time () - start_us),
      ((gdouble) get_memory_kib () - memory_kib) / 1024);

  data_log_free (our_log);
  data_log_free (their_log);
  sender_clear (&senders[0]);
  sender_clear (&senders[1]);
  data_session_free (session);
}

static void
run_cycle (DataSession * session, guint i)
{
  g_autoptr (GstWsctlDataChannel) ours =
      data_side_create (&session->sides[i % 2], "cycle", NULL);
  g_autoptr (GstWsctlDataChannel) theirs = NULL;
  DataLog *log = data_log_new (ours);

  data_log_wait (log, "open");
  theirs = data_side_wait_channel (&session->sides[1 - i % 2]);
  gst_wsctl_data_channel_close (ours);
  data_log_wait (log, "close");
  data_log_free (log);
}

static void
measure_cycles (guint n)
{
  DataSession *session = data_session_new ();
  g_autoptr (GstWsctlDataChannel) first =
      data_side_create (&session->sides[0], "first", NULL);
  DataLog *log = data_log_new (first);
  guint64 memory_kib = 0;
  gint64 start_us = g_get_monotonic_time ();
  guint elements[2] = { 0, 0 };
  guint warm = n / 10;
  guint i;

  data_session_negotiate (session);
  data_log_wait (log, "open");
  for (i = 0; i < n; i++) {
    if (i == warm) {
      memory_kib = get_memory_kib ();
      elements[0] = data_side_count_elements (&session->sides[0]);
      elements[1] = data_side_count_elements (&session->sides[1]);
    }
    run_cycle (session, i);
  }
  printf ("%u cycles: %.2f ms each, after the first %u memory %+.1f MiB, "
      "elements %+d and %+d\n", n,
      (g_get_monotonic_time () - start_us) / 1000.0 / n, warm,
      ((gdouble) get_memory_kib () - memory_kib) / 1024,
      (gint) (data_side_count_elements (&session->sides[0]) - elements[0]),
      (gint) (data_side_count_elements (&session->sides[1]) - elements[1]));

  data_log_free (log);
  data_session_free (session);
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
