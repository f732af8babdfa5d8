/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctl-server: options and signals. Everything else is GstWsctlServer.
 */

#include <stdio.h>
#include <glib-unix.h>
#include <gst/gst.h>

#include "wsctlserver-private.h"

typedef struct
{
  gchar *host;
  gint port;
  gchar **advertise;
  gint keyframe_interval_ms;
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
  g_print ("%s\n", line);
  fflush (stdout);
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
    {"quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet,
        "Do not print what happens", NULL},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options->version,
        "Print the version and leave", NULL},
    {NULL}
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_summary (context,
      "A WebRTC server with WebSocket signalling.");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;

  if (options->port < 0 || options->port > G_MAXUINT16) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "%d is not a port", options->port);
    return FALSE;
  }
  if (options->keyframe_interval_ms < 500) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "A key frame can be asked for every 500 ms at most");
    return FALSE;
  }

  return TRUE;
}

static int
serve (const Options * options)
{
  GstWsctlServerParams params = {
    .host = options->host,
    .port = options->port,
    .advertise = (const gchar * const *) options->advertise,
    .keyframe_interval_ms = options->keyframe_interval_ms,
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
  Options options = {.port = 8080,.keyframe_interval_ms = 2000 };
  g_autoptr (GError) error = NULL;
  int result = 0;

  if (!read_options (&options, &argc, &argv, &error)) {
    g_printerr ("wsctl-server: %s\n", error->message);
    result = 2;
  } else if (options.version) {
    g_print ("wsctl-server %s\n", WSCTL_VERSION);
  } else {
    result = serve (&options);
  }
  g_free (options.host);
  g_strfreev (options.advertise);

  return result;
}
