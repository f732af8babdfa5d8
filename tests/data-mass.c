/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "data-mass.h"

#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "testsupport.h"

#define BLOCK (16 * 1024)
#define MIB (1024 * 1024)

/* Of this process, in KiB */
static gint64
get_resident_kib (void)
{
  g_autofree gchar *text = NULL;
  gint64 pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    sscanf (text, "%*u %" G_GINT64_FORMAT, &pages);

  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

/* 0 with an allocator that does not say */
static gint64
get_heap_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return (gint64) (info.uordblks + info.hblkhd);
}

static gint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  gint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

/* One way; the loop only, once it has begun */
typedef struct
{
  GstWsctlDataChannel *channel;
  GBytes *block;
  guint64 left;                 /* bytes */
  gint64 most_bytes;            /* of the heap */
} Sender;

static void
send_more (Sender * self)
{
  self->most_bytes = MAX (self->most_bytes, get_heap_bytes ());
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
  self->most_bytes = 0;
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

void
data_mass_send (guint mib, gboolean ordered, DataMassReport * report)
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
  gint64 heap_bytes, resident_kib, start_us;
  guint i;

  data_session_negotiate (session);
  data_log_wait (our_log, "open");
  theirs = data_side_wait_channel (&session->sides[1]);
  their_log = data_log_new (theirs);
  our_log->quiet = their_log->quiet = TRUE;
  sender_init (&senders[0], ours, (guint64) mib * MIB);
  sender_init (&senders[1], theirs, (guint64) mib * MIB);

  heap_bytes = get_heap_bytes ();
  resident_kib = get_resident_kib ();
  start_us = g_get_monotonic_time ();
  for (i = 0; i < 2; i++)
    gst_wsctl_loop_call_sync (session->sides[0].loop, run_send_more,
        &senders[i]);
  data_log_wait_messages (their_log, mib * (MIB / BLOCK));
  data_log_wait_messages (our_log, mib * (MIB / BLOCK));
  report->seconds = (g_get_monotonic_time () - start_us) / 1e6;
  report->resident_kib = get_resident_kib () - resident_kib;

  data_log_free (our_log);
  data_log_free (their_log);
  sender_clear (&senders[0]);
  sender_clear (&senders[1]);
  report->heap_bytes =
      MAX (senders[0].most_bytes, senders[1].most_bytes) - heap_bytes;
  data_session_free (session);
}

static gint
count_elements (DataSession * session)
{
  return (gint) (data_side_count_elements (&session->sides[0])
      + data_side_count_elements (&session->sides[1]));
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

typedef struct
{
  DataSession *session;
  gint n_elements;
} Rest;

static gboolean
is_at_rest (gpointer data)
{
  Rest *rest = data;

  return count_elements (rest->session) <= rest->n_elements;
}

/* What is closed goes beside: until no more is left than before. */
static void
wait_rest (DataSession * session, gint n_elements)
{
  Rest rest = { session, n_elements };

  test_wait_until (NULL, is_at_rest, &rest, 0, "closed channels to be gone");
}

void
data_mass_cycle (guint n_first, guint n, DataCyclesReport * report)
{
  DataSession *session = data_session_new ();
  g_autoptr (GstWsctlDataChannel) first =
      data_side_create (&session->sides[0], "first", NULL);
  g_autoptr (GstWsctlDataChannel) stays = NULL;
  DataLog *log = data_log_new (first);
  gint64 heap_bytes = 0, resident_kib = 0, start_us;
  gint n_elements, n_threads = 0;
  guint i;

  data_session_negotiate (session);
  data_log_wait (log, "open");
  stays = data_side_wait_channel (&session->sides[1]);
  n_elements = count_elements (session);
  start_us = g_get_monotonic_time ();
  for (i = 0; i < n; i++) {
    if (i == n_first) {
      wait_rest (session, n_elements);
      heap_bytes = get_heap_bytes ();
      resident_kib = get_resident_kib ();
      n_threads = count_threads ();
    }
    run_cycle (session, i);
  }
  report->ms = (g_get_monotonic_time () - start_us) / 1000.0 / n;
  wait_rest (session, n_elements);
  report->heap_bytes = get_heap_bytes () - heap_bytes;
  report->resident_kib = get_resident_kib () - resident_kib;
  report->n_elements = count_elements (session) - n_elements;
  report->n_threads = count_threads () - n_threads;

  data_log_free (log);
  data_session_free (session);
}
