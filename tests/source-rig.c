/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Runs the rows of a table of sources, several at once.
 */

#include "source-rig.h"

#include <libsoup/soup.h>
#include <string.h>

#include "testsupport.h"

#define FIRST_MS 15000          /* until something is shown */
#define MESSAGE_MS 10000        /* until the message is there */
#define AGAIN_MS 500            /* in which no second one comes */
#define N_FIRST_PICTURES 10     /* that are not measured */
#define N_PICTURES (5 * SOURCE_FPS)
#define N_FIRST_BEEPS 1
#define N_PICTURES_AFTER 30     /* something has been done */
#define N_BEEPS_AFTER 4
#define N_BEEPS 10              /* 5 s */
#define TOLERANCE 0.05
#define MAX_HOLE_NS (200 * GST_MSECOND)
#define MAX_ATTEMPTS 3
#define MEASURE_MS 10000
#define STARVED_MS 500
#define ROW_MS 90000

static GstWsctlServer *server;
static GThread *http_thread;
static GMainLoop *http_loop;
static gchar *http_uri;
static GHashTable *words;       /* gchar * to gchar *, what it stands for */
static GThread **threads;       /* by row */
static const SourceRow *rows;
static guint n_rows;
static guint n_started;
static guint max_running;
static gboolean is_single;      /* tests were chosen: none is started early */

static void
on_request (SoupServer * soup, SoupServerMessage * message,
    const gchar * path, GHashTable * query, gpointer data)
{
  g_autofree gchar *file = g_build_filename (source_media_get_dir (), path,
      NULL);
  gchar *contents;
  gsize size;

  if (!g_file_get_contents (file, &contents, &size, NULL)) {
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
    return;
  }
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/octet-stream",
      SOUP_MEMORY_TAKE, contents, size);
}

typedef struct
{
  GMutex lock;
  GCond cond;
} Start;

static gpointer
run_http (gpointer data)
{
  Start *start = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (SoupServer) soup = NULL;
  g_autoslist (GUri) uris = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (context);
  soup = soup_server_new (NULL, NULL);
  soup_server_add_handler (soup, NULL, on_request, NULL, NULL);
  soup_server_listen_local (soup, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (soup);
  g_mutex_lock (&start->lock);
  http_loop = g_main_loop_new (context, FALSE);
  http_uri = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port
      (uris->data));
  g_cond_signal (&start->cond);
  g_mutex_unlock (&start->lock);
  g_main_loop_run (http_loop);
  soup_server_disconnect (soup);
  g_main_context_pop_thread_default (context);

  return NULL;
}

static void
start_http (void)
{
  Start start;

  g_mutex_init (&start.lock);
  g_cond_init (&start.cond);
  g_mutex_lock (&start.lock);
  http_thread = g_thread_new ("http", run_http, &start);
  while (http_uri == NULL)
    g_cond_wait (&start.cond, &start.lock);
  g_mutex_unlock (&start.lock);
  g_mutex_clear (&start.lock);
  g_cond_clear (&start.cond);
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_REMOVE;
}

static void
stop_http (void)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit, http_loop, NULL);
  g_source_attach (source, g_main_loop_get_context (http_loop));
  g_thread_join (http_thread);
  g_main_loop_unref (http_loop);
  g_clear_pointer (&http_uri, g_free);
}

void
source_rig_begin (int argc, char **argv)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  gchar **all;
  gint i, n;

  for (i = 0; i < argc; i++) {
    is_single |= g_str_equal (argv[i], "-p");
    g_ptr_array_add (arguments, argv[i]);
  }
  /* The other rows are of interest when one fails. */
  g_ptr_array_add (arguments, (gchar *) "-k");
  n = arguments->len;
  g_ptr_array_add (arguments, NULL);
  all = (gchar **) arguments->pdata;
  test_init (&n, &all);
  gst_init (NULL, NULL);

  server = test_wsctl_server_new (0);
  start_http ();
  words = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  source_rig_add_word ("HTTP", http_uri);
}

void
source_rig_add_word (const gchar * word, const gchar * value)
{
  g_hash_table_insert (words, (gchar *) word, g_strdup (value));
}

void
source_rig_end (void)
{
  stop_http ();
  g_clear_pointer (&words, g_hash_table_unref);
  g_clear_object (&server);
  g_clear_pointer (&threads, g_free);
  source_media_remove_dir ();
}

GstWsctlServer *
source_rig_get_server (void)
{
  return server;
}

static void
replace (gchar ** line, const gchar * word, const gchar * value)
{
  g_auto (GStrv) parts = g_strsplit (*line, word, -1);

  g_free (*line);
  *line = g_strjoinv (value, parts);
}

gchar *
source_rig_expand (const gchar * line, const gchar * stream)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, stream);
  g_autofree gchar *sink = g_strdup_printf ("wsctlsink name=s uri=%s", uri);
  gchar *expanded = g_strdup (line);
  GHashTableIter iter;
  gpointer word, value;

  replace (&expanded, "SINK", sink);
  g_hash_table_iter_init (&iter, words);
  while (g_hash_table_iter_next (&iter, &word, &value))
    replace (&expanded, word, value);
  if (strstr (expanded, "DIR") != NULL)
    replace (&expanded, "DIR", source_media_get_dir ());

  return expanded;
}

/* Pads come as the stream has media, and again when it has others. */
static void
on_player_pad (GstElement * element, GstPad * pad, SourceRun * self)
{
  gboolean sound = g_str_has_prefix (GST_PAD_NAME (pad), "audio");
  GstElement *bin = gst_parse_bin_from_description (sound
      ? "capsfilter caps=audio/x-raw,format=S16LE ! queue ! "
      "fakesink sync=true name=audio" : "capsfilter caps=video/x-raw ! queue ! "
      "fakesink sync=true name=video", TRUE, NULL);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (bin, "sink");

  source_watch_attach (self->watch, bin);
  gst_bin_add (GST_BIN (test_pipeline_get (self->player)), bin);
  gst_element_sync_state_with_parent (bin);
  gst_pad_link (pad, sink);
}

static void
start_player (SourceRun * self)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, self->name);
  g_autoptr (GstElement) source = NULL;

  self->player = test_pipeline_new ("wsctlsrc name=r uri=%s "
      "wait-for-stream=true", uri);
  source = test_pipeline_find (self->player, "r");
  g_signal_connect (source, "pad-added", G_CALLBACK (on_player_pad), self);
  gst_element_set_state (test_pipeline_get (self->player), GST_STATE_PLAYING);
}

static gdouble
get_distance_s (const SourceMoment * first, const SourceMoment * last)
{
  return (last->at_us - first->at_us) / 1e6;
}

/* How many pictures @b comes after @a */
static gint64
get_step (const SourceRow * row, const SourceMoment * a, const SourceMoment * b)
{
  gint64 step = (gint64) b->number - a->number;

  if (row->period != 0 && step < 0)
    step += row->period;

  return step;
}

static gchar *
check_rate (const gchar * what, gdouble rate)
{
  if (ABS (rate - 1) <= TOLERANCE)
    return NULL;

  return g_strdup_printf ("%s: at %.3f times the speed", what, rate);
}

/* By what is in them, and by their times. */
static gchar *
check_speed (SourceRun * self, gboolean sound, GArray * moments)
{
  const SourceMoment *first = &g_array_index (moments, SourceMoment, 0);
  const SourceMoment *last = &g_array_index (moments, SourceMoment,
      moments->len - 1);
  gdouble wall_s = get_distance_s (first, last);
  gdouble content_s = 0;
  gchar *fault;
  guint i;

  for (i = 1; i < moments->len; i++)
    content_s += sound ? SOURCE_BEEP_NS / 1e9 : get_step (self->row,
        &g_array_index (moments, SourceMoment, i - 1),
        &g_array_index (moments, SourceMoment, i)) / (gdouble) SOURCE_FPS;
  g_string_append_printf (self->log, "%s: %.2f s of media with times over "
      "%.2f s in %.2f s; ", sound ? "sound" : "pictures", content_s,
      ((gint64) last->time - (gint64) first->time) / 1e9, wall_s);
  fault = check_rate (sound ? "beeps" : "pictures", content_s / wall_s);
  if (fault == NULL)
    fault = check_rate (sound ? "times of beeps" : "times of pictures",
        ((gint64) last->time - (gint64) first->time) / 1e9 / wall_s);

  return fault;
}

/* From the @first one on, which is some seconds ago when the other medium has been
 * measured. */
static gchar *
measure_from (SourceRun * self, gboolean sound, guint first)
{
  guint n = sound ? N_BEEPS : N_PICTURES;
  g_autoptr (GArray) moments = NULL;

  if (!source_watch_wait (self->watch, sound, first + n, MEASURE_MS))
    return g_strdup_printf ("%u of %u %s in 10 s", source_watch_count
        (self->watch, sound) - first, n, sound ? "beeps" : "pictures");

  moments = source_watch_get (self->watch, sound, first);
  g_array_set_size (moments, n);

  return check_speed (self, sound, moments);
}

static gchar *
measure_once (SourceRun * self)
{
  guint n_pictures = source_watch_count (self->watch, FALSE);
  guint n_beeps = source_watch_count (self->watch, TRUE);
  gchar *fault = NULL;

  if (self->row->media & SOURCE_VIDEO)
    fault = measure_from (self, FALSE, n_pictures);
  if (fault == NULL && self->row->media & SOURCE_AUDIO)
    fault = measure_from (self, TRUE, n_beeps);

  return fault;
}

/* A machine that has no time for this process says nothing. */
static gchar *
measure (SourceRun * self)
{
  guint attempt;

  for (attempt = 1;; attempt++) {
    gint64 starved_ms = test_get_process_starved_ms ();
    gchar *fault = measure_once (self);

    if (fault == NULL || attempt == MAX_ATTEMPTS
        || test_get_process_starved_ms () - starved_ms < STARVED_MS)
      return fault;
    g_string_append_printf (self->log, "%s; ", fault);
    g_free (fault);
  }
}

/* What was shown around the @index-th picture */
static void
log_pictures (SourceRun * self, GArray * pictures, guint index)
{
  guint i;

  for (i = MAX (index, 4) - 4; i < MIN (index + 4, pictures->len); i++) {
    SourceMoment *moment = &g_array_index (pictures, SourceMoment, i);

    g_string_append_printf (self->log, "%u of %.2f s at %.2f s, ",
        moment->number, moment->time / 1e9, (moment->at_us
            - g_array_index (pictures, SourceMoment, 0).at_us) / 1e6);
  }
  g_string_append (self->log, "; ");
}

/* No picture is missing, none comes twice, and none is far from the one before. */
static gchar *
check_pictures (SourceRun * self)
{
  g_autoptr (GArray) pictures = source_watch_get (self->watch, FALSE, 0);
  guint i, n_jumps = 0, n_holes = 0;

  for (i = 1; i < pictures->len; i++) {
    SourceMoment *a = &g_array_index (pictures, SourceMoment, i - 1);
    SourceMoment *b = &g_array_index (pictures, SourceMoment, i);
    gint64 hole_ns = (gint64) b->time - (gint64) a->time;

    if (get_step (self->row, a, b) == 1
        && ABS (hole_ns) <= (gint64) MAX_HOLE_NS)
      continue;
    log_pictures (self, pictures, i);
    if (get_step (self->row, a, b) != 1 && (!self->row->jumps || n_jumps++ > 0))
      return g_strdup_printf ("picture %u follows picture %u", b->number,
          a->number);
    if (ABS (hole_ns) > (gint64) MAX_HOLE_NS && n_holes++ >= self->row->holes)
      return g_strdup_printf ("%.0f ms from picture %u to picture %u",
          hole_ns / 1e6, a->number, b->number);
  }
  if (source_watch_count_unreadable (self->watch) > 0)
    return g_strdup_printf ("%u pictures cannot be read",
        source_watch_count_unreadable (self->watch));

  return NULL;
}

static gchar *
check_player (SourceRun * self)
{
  SourceMedia media = self->row->media;
  gchar *fault = NULL;

  if (media & SOURCE_VIDEO && !source_watch_wait (self->watch, FALSE,
          N_FIRST_PICTURES, FIRST_MS))
    return g_strdup_printf ("%u pictures in 15 s",
        source_watch_count (self->watch, FALSE));
  if (media & SOURCE_AUDIO && !source_watch_wait (self->watch, TRUE,
          N_FIRST_BEEPS, FIRST_MS))
    return g_strdup ("no sound in 15 s");
  if (self->row->act != NULL) {
    self->row->act (self);
    /* It may be under way to the player. */
    source_watch_wait (self->watch, !(media & SOURCE_VIDEO), source_watch_count
        (self->watch,
            !(media & SOURCE_VIDEO)) +
        (media & SOURCE_VIDEO ? N_PICTURES_AFTER : N_BEEPS_AFTER), MEASURE_MS);
  }
  fault = measure (self);
  if (fault == NULL && media & SOURCE_VIDEO)
    fault = check_pictures (self);

  return fault;
}

/* Exactly the one that the row has */
static gchar *
check_messages (SourceRun * self)
{
  const gchar *text = self->row->message;
  g_auto (GStrv) texts = NULL;
  g_autofree gchar *all = NULL;

  if (text != NULL)
    g_strfreev (test_pipeline_wait_bad (self->publisher, MESSAGE_MS));
  if (self->row->media == 0)
    g_usleep (AGAIN_MS * 1000);
  texts = test_pipeline_wait_bad (self->publisher, 0);
  all = g_strjoinv (" | ", texts);
  g_string_append_printf (self->log, "messages: %s; ", all);
  if (text == NULL ? g_strv_length (texts) == 0
      : g_strv_length (texts) == 1 && strstr (texts[0], text) != NULL)
    return NULL;

  return text == NULL ? g_strdup_printf ("no message was due: %s", all)
      : g_strdup_printf ("one message with '%s' was due: %s", text, all);
}

static gchar *
watch_row (SourceRun * self)
{
  gchar *fault = NULL;
  gchar *second;

  if (self->row->check != NULL)
    fault = self->row->check (self);
  else if (self->row->media != 0)
    fault = check_player (self);
  second = check_messages (self);
  if (fault != NULL && second != NULL)
    g_string_append (self->log, second);
  else if (fault == NULL)
    fault = g_steal_pointer (&second);
  g_free (second);

  return fault;
}

typedef struct
{
  gchar *fault;
  gchar *log;
} Result;

static gpointer
run_row (gpointer data)
{
  SourceRun self = { data, };
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree gchar *line = NULL;
  Result *result = g_new0 (Result, 1);

  g_main_context_push_thread_default (context);
  self.log = g_string_new (NULL);
  self.name = g_strdelimit (g_strdup (self.row->name), "/", '-');
  self.watch = source_watch_new ();
  line = source_rig_expand (self.row->line, self.name);
  self.publisher = test_pipeline_new ("%s", line);
  source_media_mark (test_pipeline_get (self.publisher));
  if (self.row->prepare != NULL)
    self.row->prepare (&self);
  if (self.row->media != 0 && self.row->check == NULL)
    start_player (&self);
  gst_element_set_state (test_pipeline_get (self.publisher), GST_STATE_PLAYING);
  if (self.row->started != NULL)
    self.row->started (&self);
  result->fault = watch_row (&self);
  g_atomic_int_set (&self.stopping, TRUE);
  g_clear_pointer (&self.helper, g_thread_join);
  g_clear_pointer (&self.player, test_pipeline_free);
  g_clear_pointer (&self.publisher, test_pipeline_free);
  source_watch_free (self.watch);
  g_free (self.name);
  result->log = g_string_free (self.log, FALSE);
  test_drain (context);
  g_main_context_pop_thread_default (context);

  return result;
}

static void
test_row (gconstpointer data)
{
  const SourceRow *row = data;
  guint index = row - rows;
  guint end = is_single ? index + 1 : MIN (n_rows, index + max_running);
  Result *result;

  for (n_started = MAX (n_started, index); n_started < end; n_started++)
    threads[n_started] = g_thread_new ("row", run_row,
        (gpointer) & rows[n_started]);
  test_watchdog_stop ();
  test_watchdog_start (test_scale_ms (ROW_MS));
  test_say (row->name);
  result = g_thread_join (threads[index]);
  g_test_message ("%s", result->log);
  if (result->fault != NULL && row->todo != NULL)
    g_test_incomplete_printf ("%s: %s", row->todo, result->fault);
  else if (result->fault != NULL)
    g_test_fail_printf ("%s", result->fault);
  else if (row->todo != NULL)
    g_test_message ("passes now");
  g_free (result->fault);
  g_free (result->log);
  g_free (result);
}

void
source_rig_add (const SourceRow * all, guint n, guint n_at_once)
{
  guint i;

  rows = all;
  n_rows = n;
  max_running = n_at_once;
  threads = g_new0 (GThread *, n);
  for (i = 0; i < n; i++) {
    g_autofree gchar *path = g_strconcat ("/sources/", all[i].name, NULL);

    test_add_data (path, test_row, &all[i]);
  }
}
