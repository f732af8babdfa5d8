/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctl-server: options and signals. Everything else is GstWsctlServer.
 */

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <sys/resource.h>

#include "wsctlserver-private.h"

#define SUMMARY "A WebRTC server with WebSocket signalling, for one machine. " \
    "It prints where it\nlistens; the same address with http is a page."

/* When it is not enough, and what is */
#define DESCRIPTION "It runs on one machine, records nothing and has no " \
    "accounts. When there are more\nplayers than one processor core serves " \
    "(some hundreds), or a stream has to be\nrecorded, or come or go as RTMP, " \
    "SRT or HLS, or has to stay up when a machine does\nnot, the same elements " \
    "and clients use another server; only the address changes:\n\n" \
    "  MistServer     uri=ws://HOST:8080/webrtc/NAME (NAME has the source " \
    "push://)\n" \
    "  Ceeblue Cloud  uri=wss://HOST/webrtc/NAME access-token=TOKEN\n\n" \
    "See https://mistserver.org and https://ceeblue.net. Everything else is in " \
    "\"man\nwsctl-server\"."

#define MAX_BUFFER_S 3600
#define MAX_MEMORY_MIB (1024 * 1024)

typedef struct
{
  gchar *host;
  gint port;
  gchar **advertise;
  gint keyframe_interval_ms;
  gint buffer_s;
  gint max_memory_mib;
  gchar *tls_cert;
  gchar *tls_key;
  gchar *publish_token;
  gchar *play_token;
  gchar *pool_token;
  gboolean takeover;
  gchar *dialect;
  gchar *renditions;
  gint max_sessions;
  gint max_sessions_per_address;
  gboolean quiet;
  gboolean version;
} Options;

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);

  return G_SOURCE_CONTINUE;
}

/* A reader at the other end of a pipe wants each line when it happens. */
static void
print_line (const gchar * line, gpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree gchar *time = g_date_time_format (now, "%H:%M:%S");

  g_print ("%s %s\n", time, line);
  fflush (stdout);
}

static gboolean
fail_option (GError ** error, const gchar * text)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);

  return FALSE;
}

/* The environment is not for everybody to see, as a command line is. */
static void
read_token (gchar ** token, const gchar * variable)
{
  if (*token == NULL)
    *token = g_strdup (g_getenv (variable));
}

static gboolean
check_options (Options * options, GError ** error)
{
  if (options->port < 0 || options->port > G_MAXUINT16)
    return fail_option (error, "A port is a number from 0 to 65535");
  if (options->keyframe_interval_ms < 500)
    return fail_option (error,
        "A key frame can be asked for every 500 ms at most");
  if (options->buffer_s < 1 || options->buffer_s > MAX_BUFFER_S)
    return fail_option (error,
        "From 1 to " G_STRINGIFY (MAX_BUFFER_S) " seconds can be kept");
  if (options->max_memory_mib < 1 || options->max_memory_mib > MAX_MEMORY_MIB)
    return fail_option (error,
        "Memory is from 1 to " G_STRINGIFY (MAX_MEMORY_MIB) " MiB");
  if (options->max_sessions < 1 || options->max_sessions_per_address < 1)
    return fail_option (error, "A server without sessions serves nobody");
  if (options->publish_token != NULL && *options->publish_token == '\0')
    return fail_option (error, "The publish token is empty");
  if (options->play_token != NULL && *options->play_token == '\0')
    return fail_option (error, "The play token is empty");
  if (options->pool_token != NULL && *options->pool_token == '\0')
    return fail_option (error, "The pool token is empty");
  if (options->takeover && options->publish_token == NULL)
    return fail_option (error, "--takeover needs a publish token");
  if (options->tls_key != NULL && options->tls_cert == NULL)
    return fail_option (error, "--tls-key needs --tls-cert");
  if (options->dialect != NULL && strcmp (options->dialect, "mist") != 0
      && strcmp (options->dialect, "ceeblue") != 0)
    return fail_option (error, "The dialects are mist and ceeblue");

  return TRUE;
}

static gboolean
read_options (Options * options, int *argc, char ***argv, GError ** error)
{
  const GOptionEntry entries[] = {
    {"host", 0, 0, G_OPTION_ARG_STRING, &options->host,
        "Address to listen on (127.0.0.1)", "ADDRESS"},
    {"port", 'p', 0, G_OPTION_ARG_INT, &options->port,
        "Port to listen on (8080); 0 picks one", "PORT"},
    {"advertise", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->advertise,
          "Address that players and publishers reach media at, with a port if "
          "it is not the server's own; may be given more than once",
        "ADDRESS[:PORT]"},
    {"keyframe-interval", 0, 0, G_OPTION_ARG_INT,
          &options->keyframe_interval_ms,
        "How often to ask publishers for a key frame (2000)", "MS"},
    {"buffer", 0, 0, G_OPTION_ARG_INT, &options->buffer_s,
          "How much of each stream to keep for players to go back to (60)",
        "SECONDS"},
    {"max-memory", 0, 0, G_OPTION_ARG_INT, &options->max_memory_mib,
        "How much all streams together may keep (512)", "MIB"},
    {"tls-cert", 0, 0, G_OPTION_ARG_FILENAME, &options->tls_cert,
        "Certificate, and those that it stands on, for wss and https", "PEM"},
    {"tls-key", 0, 0, G_OPTION_ARG_FILENAME, &options->tls_key,
        "Its key, when that is in a file of its own", "PEM"},
    {"publish-token", 0, 0, G_OPTION_ARG_STRING, &options->publish_token,
          "What publishers must give as id=TOKEN (WSCTL_PUBLISH_TOKEN)",
        "TOKEN"},
    {"play-token", 0, 0, G_OPTION_ARG_STRING, &options->play_token,
        "What players must give as id=TOKEN (WSCTL_PLAY_TOKEN)", "TOKEN"},
    {"pool-token", 0, 0, G_OPTION_ARG_STRING, &options->pool_token,
        "What must be given as id=TOKEN to describe the peers of pools "
          "(WSCTL_POOL_TOKEN)", "TOKEN"},
    {"takeover", 0, 0, G_OPTION_ARG_NONE, &options->takeover,
        "A publisher with the token displaces the one that is there", NULL},
    {"dialect", 0, 0, G_OPTION_ARG_STRING, &options->dialect,
        "How on_time is written: mist (the default) or ceeblue", "NAME"},
    {"renditions", 0, 0, G_OPTION_ARG_STRING, &options->renditions,
          "Smaller pictures to make of every stream: 720p:1500000,360p:500000",
        "HEIGHTp:BITRATE,..."},
    {"max-sessions", 0, 0, G_OPTION_ARG_INT, &options->max_sessions,
        "WebSockets at a time (1000)", "NUMBER"},
    {"max-sessions-per-address", 0, 0, G_OPTION_ARG_INT,
          &options->max_sessions_per_address,
        "WebSockets of one address at a time (250)", "NUMBER"},
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet,
        "Do not print what happens", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options->version,
        "Print the version and leave", NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context, SUMMARY);
  g_option_context_set_description (context, DESCRIPTION);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;

  read_token (&options->publish_token, "WSCTL_PUBLISH_TOKEN");
  read_token (&options->play_token, "WSCTL_PLAY_TOKEN");
  read_token (&options->pool_token, "WSCTL_POOL_TOKEN");

  return check_options (options, error);
}

/* A session is a socket, and the usual limit is about the number of sessions
 * that are allowed. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static int
serve (const Options * options)
{
  GstWsctlServerParams params = {
    .host = options->host,
    .port = options->port,
    .advertise = (const gchar * const *) options->advertise,
    .keyframe_interval_ms = options->keyframe_interval_ms,
    .buffer_ms = options->buffer_s * 1000,
    .max_bytes = (gsize) options->max_memory_mib * 1024 * 1024,
    .tls_cert = options->tls_cert,
    .tls_key = options->tls_key,
    .publish_token = options->publish_token,
    .play_token = options->play_token,
    .pool_token = options->pool_token,
    .takeover = options->takeover,
    .ceeblue = g_strcmp0 (options->dialect, "ceeblue") == 0,
    .renditions = options->renditions,
    .max_sessions = options->max_sessions,
    .max_sessions_per_address = options->max_sessions_per_address,
    .log = options->quiet ? NULL : print_line,
  };
  g_autoptr (GstWsctlServer) server = gst_wsctl_server_new (&params);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *uri = NULL;
  guint sigint, sigterm;

  if (!gst_wsctl_server_start (server, &error)) {
    g_printerr ("wsctl-server: %s\n", error->message);
    return 1;
  }

  uri = gst_wsctl_server_get_uri (server);
  g_print ("listening on %s\n", uri);
  fflush (stdout);

  sigint = g_unix_signal_add (SIGINT, on_signal, loop);
  sigterm = g_unix_signal_add (SIGTERM, on_signal, loop);
  g_main_loop_run (loop);
  g_source_remove (sigint);
  g_source_remove (sigterm);
  gst_wsctl_server_stop (server);

  return 0;
}

int
main (int argc, char **argv)
{
  Options options = {
    .port = 8080,
    .keyframe_interval_ms = 2000,
    .buffer_s = 60,
    .max_memory_mib = 512,
    .max_sessions = 1000,
    .max_sessions_per_address = 250,
  };
  g_autoptr (GError) error = NULL;
  int result = 0;

  setlocale (LC_CTYPE, "");
  if (!read_options (&options, &argc, &argv, &error)) {
    g_printerr ("wsctl-server: %s\n", error->message);
    result = 2;
  } else if (options.version) {
    g_print ("wsctl-server %s\n", WSCTL_VERSION);
  } else {
    raise_descriptor_limit ();
    result = serve (&options);
  }
  g_free (options.host);
  g_strfreev (options.advertise);
  g_free (options.tls_cert);
  g_free (options.tls_key);
  g_free (options.publish_token);
  g_free (options.play_token);
  g_free (options.pool_token);
  g_free (options.dialect);
  g_free (options.renditions);

  return result;
}
