/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Peers in one process, each sending to all: from joining to media, and what a
 * connection costs beside the encoders.
 *
 *   pool [PEERS] [SECONDS]
 */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pool-session.h"

#define MAX_PEERS 16
#define BITRATE_BPS 500000
#define BASELINE_S 5
/* Noise, of which an encoder makes as much as it may */
#define LAUNCH "videotestsrc is-live=true pattern=snow ! " \
    "video/x-raw,width=160,height=120,framerate=30/1 ! " \
    "vp8enc deadline=1 end-usage=cbr target-bitrate=%u keyframe-max-dist=300 " \
    "! video/x-vp8 ! identity name=video "

typedef struct
{
  PoolClient *client;
  gint64 join_us;
  gint64 first_us;              /* atomic by lock; from the first peer */
  gint64 last_us;               /* from the last one so far */
  gint n_first;                 /* atomic: peers that something came from */
  gint n_encoded;               /* atomic: pictures */
  gint n_encoded_bytes;         /* atomic */
  gint n_received_bytes;        /* atomic */
} Member;

static Member members[MAX_PEERS];
static guint n_members;
static GMutex lock;             /* of the times */

static GstPadProbeReturn
on_encoded (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Member *member = data;

  g_atomic_int_inc (&member->n_encoded);
  g_atomic_int_add (&member->n_encoded_bytes,
      (gint) gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)));

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_first (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Member *member = data;

  g_mutex_lock (&lock);
  member->last_us = g_get_monotonic_time ();
  if (member->first_us == 0)
    member->first_us = member->last_us;
  g_mutex_unlock (&lock);
  g_atomic_int_inc (&member->n_first);
  g_main_context_wakeup (member->client->context);

  return GST_PAD_PROBE_REMOVE;
}

static GstPadProbeReturn
on_received (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Member *member = data;

  g_atomic_int_add (&member->n_received_bytes,
      (gint) gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)));

  return GST_PAD_PROBE_OK;
}

static void
on_track (GstWsctlPool * pool, GstWsctlConnection * connection, GstPad * pad,
    gpointer data)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_first, data, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_received, data, NULL);
}

static void
start_member (Member * member, const gchar * uri)
{
  g_autofree gchar *launch = g_strdup_printf (LAUNCH, BITRATE_BPS);
  g_autoptr (GstElement) encoded = NULL;
  g_autoptr (GstPad) src = NULL;

  member->client = pool_client_new (uri, launch);
  g_signal_connect (member->client->pool, "track", G_CALLBACK (on_track),
      member);
  encoded = gst_bin_get_by_name (GST_BIN (member->client->pipeline), "video");
  src = gst_element_get_static_pad (encoded, "src");
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, on_encoded, member, NULL);
}

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

static gdouble
get_cpu_s (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
      + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

/* In percent of one core, over @seconds */
static gdouble
measure_cpu (guint seconds)
{
  gint64 start_us = g_get_monotonic_time ();
  gdouble start_s = get_cpu_s ();

  g_usleep (seconds * G_USEC_PER_SEC);

  return 100 * (get_cpu_s () - start_s) * G_USEC_PER_SEC
      / (g_get_monotonic_time () - start_us);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  return *(const gint *) a - *(const gint *) b;
}

/* One after the other, each when those before have their media */
static void
join_all (void)
{
  gint first_ms[MAX_PEERS], all_ms[MAX_PEERS];
  guint i, j;

  for (i = 0; i < n_members; i++) {
    Member *member = &members[i];

    member->join_us = g_get_monotonic_time ();
    pool_client_join (member->client);
    pool_client_wait (member->client, &member->client->n_joined, 1, "to join");
    for (j = 0; i > 0 && j <= i; j++)
      pool_client_wait (members[j].client, &members[j].n_first, (gint) i,
          "media of all");
    if (i == 0)
      continue;
    first_ms[i - 1] = (gint) ((member->first_us - member->join_us) / 1000);
    all_ms[i - 1] = (gint) ((member->last_us - member->join_us) / 1000);
    printf ("| %u | %d | %d |\n", i, first_ms[i - 1], all_ms[i - 1]);
  }

  qsort (first_ms, n_members - 1, sizeof (gint), compare);
  qsort (all_ms, n_members - 1, sizeof (gint), compare);
  printf ("\nto the first picture %d ms, to those of all %d ms (median)\n\n",
      first_ms[(n_members - 1) / 2], all_ms[(n_members - 1) / 2]);
}

static void
reset_counts (void)
{
  guint i;

  for (i = 0; i < n_members; i++) {
    g_atomic_int_set (&members[i].n_encoded, 0);
    g_atomic_int_set (&members[i].n_encoded_bytes, 0);
    g_atomic_int_set (&members[i].n_received_bytes, 0);
  }
}

static void
print_flow (gint64 duration_us)
{
  guint64 encoded = 0, sent = 0, received = 0;
  gdouble seconds = duration_us / 1e6;
  guint i;

  for (i = 0; i < n_members; i++) {
    encoded += (guint) g_atomic_int_get (&members[i].n_encoded);
    sent += (guint) g_atomic_int_get (&members[i].n_encoded_bytes);
    received += (guint) g_atomic_int_get (&members[i].n_received_bytes);
  }
  printf ("| pictures encoded a second by each | %.1f |\n",
      encoded / seconds / n_members);
  printf ("| encoded by each | %.0f kbit/s |\n",
      sent * 8 / seconds / 1000 / n_members);
  printf ("| received by each, RTP | %.0f kbit/s |\n",
      received * 8 / seconds / 1000 / n_members);
}

int
main (int argc, char **argv)
{
  guint seconds = argc > 2 ? (guint) atoi (argv[2]) : 20;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree gchar *uri = NULL;
  GstWsctlServer *server;
  guint64 memory_kib;
  gdouble baseline, all;
  gint64 start_us;
  guint threads, ends, i;

  gst_init (&argc, &argv);
  n_members = CLAMP (argc > 1 ? atoi (argv[1]) : 8, 2, MAX_PEERS);
  ends = n_members * (n_members - 1);
  setvbuf (stdout, NULL, _IOLBF, 0);
  g_main_context_push_thread_default (context);

  server = pool_server_new (NULL, &uri);
  for (i = 0; i < n_members; i++)
    start_member (&members[i], uri);
  g_usleep (G_USEC_PER_SEC);
  baseline = measure_cpu (BASELINE_S);
  memory_kib = get_memory_kib ();
  threads = count_threads ();

  printf ("| there before | first media, ms | media of all, ms |\n"
      "|---|---|---|\n");
  join_all ();

  g_usleep (2 * G_USEC_PER_SEC);
  reset_counts ();
  start_us = g_get_monotonic_time ();
  all = measure_cpu (seconds);
  printf ("| %u peers, %u connections of two ends | |\n|---|---|\n",
      n_members, ends / 2);
  print_flow (g_get_monotonic_time () - start_us);
  printf ("| CPU of the encoders alone | %.0f %% of a core |\n", baseline);
  printf ("| CPU in all | %.0f %% |\n", all);
  printf ("| CPU of one end of a connection | %.2f %% |\n",
      (all - baseline) / ends);
  printf ("| memory of one end | %.2f MiB |\n",
      ((gdouble) get_memory_kib () - memory_kib) / 1024 / ends);
  printf ("| threads of one end | %.1f |\n",
      ((gdouble) count_threads () - threads) / ends);

  for (i = 0; i < n_members; i++)
    pool_client_free (members[i].client);
  pool_server_free (server);
  g_main_context_pop_thread_default (context);

  return 0;
}
