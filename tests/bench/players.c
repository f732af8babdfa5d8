/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How many players the server carries, run by hand:
 *
 *   players SERVER [PLAYERS [SECONDS]]
 *
 * A server of its own, one stream of 1 Mbit/s, and players that are a socket,
 * OpenSSL and libsrtp each. Prints how long the server takes to start, what it
 * does with nothing to do, its processor time, and how many of the publisher's
 * frames came whole. Fails when a player gets less than 99 of 100.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lite-client.h"
#include "server-client.h"
#include "testsupport.h"
#include "wsctllitesrtp-private.h"

#define DEFAULT_PLAYERS 50
#define DEFAULT_SECONDS 60
#define IDLE_SECONDS 5
#define VIDEO_PT 96
#define MIN_PART 0.99
#define MAX_START_MS 100

#define LAUNCH "webrtcbin name=w videotestsrc is-live=true pattern=ball ! " \
    "video/x-raw,width=320,height=240,framerate=30/1 ! x264enc name=e " \
    "tune=zerolatency bitrate=1000 speed-preset=ultrafast key-int-max=60 " \
    "option-string=nal-hrd=cbr:vbv-bufsize=1000 ! video/x-h264,profile=constrained-baseline ! " \
    "rtph264pay config-interval=-1 aggregate-mode=zero-latency ! " \
    "application/x-rtp,media=video,encoding-name=H264,payload=96 ! w. "

#define OFFER "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=setup:actpass" \
    "\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n" \
    "a=rtcp-mux\r\na=recvonly\r\na=rtpmap:96 H264/90000\r\n" \
    "a=fmtp:96 profile-level-id=42e01f;packetization-mode=1\r\na=mid:0\r\n" \
    "a=fingerprint:%s\r\n"

typedef struct
{
  Client *signalling;
  LiteClient *media;
  gchar *username;
  gchar *pwd;
  gboolean started;
  gboolean broken;              /* a packet of the frame is missing */
  guint16 seq;
  guint n_frames;               /* that came whole */
} Player;

typedef struct
{
  gdouble cpu_s;
  guint64 n_switches;
} Usage;

static gint n_made;             /* atomic; the publisher's frames */
static gint64 last_check_us;

static GstPadProbeReturn
on_made (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_atomic_int_inc (&n_made);

  return GST_PAD_PROBE_OK;
}

static void
on_media (const guint8 * packet, gsize size, gpointer data)
{
  Player *self = data;
  guint16 seq = GST_READ_UINT16_BE (packet + 2);

  if ((packet[1] & 0x7f) != VIDEO_PT)
    return;

  if (self->started && (guint16) (self->seq + 1) != seq)
    self->broken = TRUE;
  self->started = TRUE;
  self->seq = seq;
  if (!(packet[1] & 0x80))
    return;
  if (!self->broken)
    self->n_frames++;
  self->broken = FALSE;
}

static gchar *
find_value (const gchar * sdp, const gchar * name)
{
  const gchar *start = strstr (sdp, name);

  g_assert_nonnull (start);
  start += strlen (name);

  return g_strndup (start, strcspn (start, "\r\n"));
}

static guint16
find_port (const gchar * sdp)
{
  g_autofree gchar *candidate = find_value (sdp, "a=candidate:");
  g_auto (GStrv) words = g_strsplit (candidate, " ", -1);

  return g_ascii_strtoull (words[5], NULL, 10);
}

/* The offer names the certificate, and the answer the port: the socket is there
 * first, for any port, and moves. */
static Player *
add_player (const gchar * uri, guint16 port)
{
  Player *self = g_new0 (Player, 1);
  g_autoptr (JsonObject) event = NULL;
  g_autofree gchar *ufrag = NULL;
  const gchar *sdp;

  self->media = lite_client_new (port);
  lite_client_set_media_func (self->media, on_media, self);
  lite_client_set_persistent (self->media);
  self->signalling = client_new (uri, "/webrtc/bench");
  client_wait_open (self->signalling);
  self->signalling->offer = g_strdup_printf (OFFER,
      lite_client_get_fingerprint (self->media));
  client_send_offer (self->signalling);
  event = client_wait (self->signalling, "on_answer_sdp");
  sdp = json_object_get_string_member (event, "answer_sdp");
  g_assert_cmpuint (find_port (sdp), ==, port);
  ufrag = find_value (sdp, "a=ice-ufrag:");
  self->username = g_strconcat (ufrag, ":abcd", NULL);
  self->pwd = find_value (sdp, "a=ice-pwd:");
  lite_client_check (self->media, self->username, self->pwd, TRUE);
  while (lite_client_get_n_answers (self->media) == 0)
    g_main_context_iteration (NULL, TRUE);
  lite_client_handshake (self->media, 1200);
  while (!lite_client_is_connected (self->media))
    g_main_context_iteration (NULL, TRUE);

  return self;
}

static void
free_player (gpointer data)
{
  Player *self = data;

  lite_client_free (self->media);
  client_free (self->signalling);
  g_free (self->username);
  g_free (self->pwd);
  g_free (self);
}

/* Consent: a server forgets whom it does not hear of. */
static void
check_players (GPtrArray * players)
{
  guint i;

  last_check_us = g_get_monotonic_time ();
  for (i = 0; i < players->len; i++) {
    Player *player = g_ptr_array_index (players, i);

    lite_client_check (player->media, player->username, player->pwd, TRUE);
    g_queue_clear_full (&player->signalling->texts, g_free);
  }
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
run_for (GPtrArray * players, guint seconds)
{
  gint64 end_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  guint timer = g_timeout_add (100, do_nothing, NULL);

  while (g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, TRUE);
    if (g_get_monotonic_time () - last_check_us > 2 * G_USEC_PER_SEC)
      check_players (players);
  }
  g_source_remove (timer);
}

static guint64
count_switches (const gchar * pid)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%s/task", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const gchar *thread;
  guint64 n_switches = 0;

  while ((thread = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *name = g_strdup_printf ("%s/%s/status", path, thread);
    g_autofree gchar *text = NULL;
    const gchar *line;

    if (!g_file_get_contents (name, &text, NULL, NULL))
      continue;
    line = strstr (text, "\nvoluntary_ctxt_switches:");
    if (line != NULL)
      n_switches += g_ascii_strtoull (strchr (line, ':') + 1, NULL, 10);
  }

  return n_switches;
}

static Usage
get_usage (const gchar * pid)
{
  g_autofree gchar *path = g_strdup_printf ("/proc/%s/stat", pid);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) words = NULL;
  Usage usage = {.n_switches = count_switches (pid) };

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  words = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  usage.cpu_s = (g_ascii_strtod (words[11], NULL)
      + g_ascii_strtod (words[12], NULL)) / sysconf (_SC_CLK_TCK);

  return usage;
}

/* Its address, once it listens. Transfer full. */
static gchar *
wait_listening (GSubprocess * server)
{
  g_autoptr (GDataInputStream) lines =
      g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));
  g_autofree gchar *line =
      g_data_input_stream_read_line (lines, NULL, NULL, NULL);

  g_assert_nonnull (line);
  g_assert_true (g_str_has_prefix (line, "listening on "));

  return g_strdup (line + strlen ("listening on "));
}

static Client *
publish (const gchar * uri)
{
  Client *publisher = client_new (uri, "/webrtc/bench");
  g_autoptr (GstElement) encoder = NULL;
  g_autoptr (GstPad) pad = NULL;

  client_wait_open (publisher);
  client_start_publisher (publisher, LAUNCH);
  encoder = gst_bin_get_by_name (GST_BIN (publisher->pipeline), "e");
  pad = gst_element_get_static_pad (encoder, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_made, NULL, NULL);
  client_offer (publisher);
  g_free (client_take_answer (publisher));

  return publisher;
}

/* TRUE when every player got its part. */
static gboolean
measure (const gchar * pid, GPtrArray * players, guint seconds)
{
  g_autofree guint *before = g_new (guint, players->len);
  Usage start = get_usage (pid);
  gint made = g_atomic_int_get (&n_made);
  gdouble least = 1;
  Usage end;
  guint i;

  for (i = 0; i < players->len; i++)
    before[i] = ((Player *) g_ptr_array_index (players, i))->n_frames;
  run_for (players, seconds);
  made = g_atomic_int_get (&n_made) - made;
  end = get_usage (pid);

  for (i = 0; i < players->len; i++) {
    Player *player = g_ptr_array_index (players, i);

    least = MIN (least, (player->n_frames - before[i]) / (gdouble) made);
  }
  printf ("%u players, %d frames in %u s: the least got %.2f %%, server at "
      "%.1f %% of a core\n", players->len, made, seconds, least * 100,
      (end.cpu_s - start.cpu_s) * 100 / seconds);

  return least >= MIN_PART;
}

int
main (int argc, char **argv)
{
  guint n_players = argc > 2 ? atoi (argv[2]) : DEFAULT_PLAYERS;
  guint seconds = argc > 3 ? atoi (argv[3]) : DEFAULT_SECONDS;
  g_autoptr (GPtrArray) players = g_ptr_array_new_with_free_func (free_player);
  g_autoptr (GSubprocess) server = NULL;
  g_autoptr (Client) publisher = NULL;
  g_autofree gchar *uri = NULL;
  const gchar *pid;
  gint64 start_us;
  gdouble start_ms;
  Usage idle, busy;
  gboolean good;

  if (argc < 2) {
    fprintf (stderr, "usage: players SERVER [PLAYERS [SECONDS]]\n");
    return 2;
  }

  gst_init (&argc, &argv);
  /* Before the element of GStreamer, which also does it once a process */
  g_assert_true (gst_wsctl_lite_srtp_init (NULL));
  setvbuf (stdout, NULL, _IOLBF, 0);
  start_us = g_get_monotonic_time ();
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, argv[1],
      "--port", "0", "--quiet", NULL);
  g_assert_nonnull (server);
  uri = wait_listening (server);
  start_ms = (g_get_monotonic_time () - start_us) / 1000.0;
  printf ("listens after %.0f ms\n", start_ms);

  pid = g_subprocess_get_identifier (server);
  g_usleep (G_USEC_PER_SEC);
  idle = get_usage (pid);
  g_usleep (IDLE_SECONDS * G_USEC_PER_SEC);
  busy = get_usage (pid);
  printf ("idle: %.2f s of processor time and %" G_GUINT64_FORMAT
      " wakeups in %d s\n", busy.cpu_s - idle.cpu_s,
      busy.n_switches - idle.n_switches, IDLE_SECONDS);

  publisher = publish (uri);
  run_for (players, 2);
  measure (pid, players, MIN (seconds, 5));
  while (players->len < n_players) {
    g_ptr_array_add (players, add_player (uri,
            g_ascii_strtoull (strrchr (uri, ':') + 1, NULL, 10)));
    if (players->len == 1) {
      run_for (players, 1);
      measure (pid, players, MIN (seconds, 5));
    }
  }
  run_for (players, 2);
  good = measure (pid, players, seconds) && start_ms <= MAX_START_MS
      && busy.n_switches == idle.n_switches;
  g_subprocess_send_signal (server, 15);
  g_subprocess_wait (server, NULL, NULL);

  return good ? 0 : 1;
}
