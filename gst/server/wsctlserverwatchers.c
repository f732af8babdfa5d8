/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whoever does not take what is pushed is dropped, and nobody waits for it.
 */

#include "wsctlserverwatchers-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "wsctljson-private.h"
#include "wsctlserverhttp-private.h"
#include "wsctlserveroutlet-private.h"

#define GST_CAT_DEFAULT wsctlserverwatchers_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define PUSH_INTERVAL_MS 5000
#define MAX_MESSAGE_SIZE 4096
#define MAX_COMMANDS 20         /* at once, and … */
#define COMMANDS_A_SECOND 5

typedef struct
{
  GstWsctlServerWatchers *all;
  GstWsctlServerOutlet outlet;
  GstWsctlServerWatch watch;
  gchar *name;                  /* of the stream */
  gchar *authority;
  gchar *address;
  GArray *tracks;               /* gint64, of data; NULL: every one */
  GstWsctlServerBucket commands;
} Watcher;

struct _GstWsctlServerWatchers
{
  GstWsctlServerCore *core;
  GList *watchers;
  GSource *push_timer;          /* while somebody watches */
};

GstWsctlServerWatchers *
gst_wsctl_server_watchers_new (GstWsctlServerCore * core)
{
  GstWsctlServerWatchers *self = g_new0 (GstWsctlServerWatchers, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverwatchers_debug,
        "wsctlserverwatchers", 0, "wsctl server: sockets that listen");

  self->core = core;

  return self;
}

static void
free_watcher (Watcher * watcher)
{
  gst_wsctl_server_guard_leave (watcher->all->core->guard, watcher->address);
  g_signal_handlers_disconnect_by_data (watcher->outlet.socket, watcher);
  g_object_unref (watcher->outlet.socket);
  g_clear_pointer (&watcher->tracks, g_array_unref);
  g_free (watcher->name);
  g_free (watcher->authority);
  g_free (watcher->address);
  g_free (watcher);
}

void
gst_wsctl_server_watchers_free (GstWsctlServerWatchers * self)
{
  gst_wsctl_loop_clear_timer (&self->push_timer);
  g_list_free_full (self->watchers, (GDestroyNotify) free_watcher);
  g_free (self);
}

static void
remove_watcher (Watcher * watcher)
{
  GstWsctlServerWatchers *self = watcher->all;

  self->watchers = g_list_remove (self->watchers, watcher);
  if (self->watchers == NULL)
    gst_wsctl_loop_clear_timer (&self->push_timer);
  free_watcher (watcher);
}

static void
on_closed (SoupWebsocketConnection * socket, Watcher * watcher)
{
  remove_watcher (watcher);
}

static void
drop_watcher (Watcher * watcher)
{
  GST_INFO ("'%s': a watcher is dropped", watcher->name);
  g_signal_handlers_disconnect_by_data (watcher->outlet.socket, watcher);
  gst_wsctl_server_outlet_drop (&watcher->outlet);
  remove_watcher (watcher);
}

/* "0,1" */
static void
select_tracks (Watcher * watcher, const gchar * list)
{
  g_auto (GStrv) words = g_strsplit (list, ",", -1);
  guint i;

  g_clear_pointer (&watcher->tracks, g_array_unref);
  watcher->tracks = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (i = 0; words[i] != NULL; i++) {
    gint64 track = g_ascii_strtoll (words[i], NULL, 10);

    g_array_append_val (watcher->tracks, track);
  }
}

static void
on_message (SoupWebsocketConnection * socket, SoupWebsocketDataType type,
    GBytes * bytes, Watcher * watcher)
{
  g_autofree gchar *text = NULL;
  g_autofree gchar *name = NULL;
  g_autofree gchar *tracks = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (!gst_wsctl_server_bucket_take (&watcher->commands, MAX_COMMANDS,
          COMMANDS_A_SECOND, g_get_monotonic_time ())) {
    drop_watcher (watcher);
    return;
  }
  if (type != SOUP_WEBSOCKET_DATA_TEXT
      || watcher->watch != GST_WSCTL_SERVER_WATCH_DATA)
    return;

  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  object = gst_wsctl_json_parse (text, NULL);
  name = gst_wsctl_json_get_string (object, "type");
  tracks = gst_wsctl_json_get_string (object, "tracks");
  if (g_strcmp0 (name, "tracks") == 0 && tracks != NULL)
    select_tracks (watcher, tracks);
}

static void
on_error (SoupWebsocketConnection * socket, GError * error, Watcher * watcher)
{
  GST_INFO ("'%s': %s", watcher->name, error->message);
}

static void
send_description (Watcher * watcher)
{
  GstWsctlServerCore *core = watcher->all->core;
  g_autofree gchar *text = NULL;

  if (watcher->watch != GST_WSCTL_SERVER_WATCH_DESCRIPTION)
    return;

  text = gst_wsctl_server_describe (g_hash_table_lookup (core->streams,
          watcher->name), watcher->name, watcher->authority, core->tls);
  if (!gst_wsctl_server_outlet_send (&watcher->outlet, text))
    drop_watcher (watcher);
}

static gboolean
on_push_timeout (gpointer data)
{
  GstWsctlServerWatchers *self = data;
  GList *item, *next;

  for (item = self->watchers; item != NULL; item = next) {
    next = item->next;
    send_description (item->data);
  }

  return G_SOURCE_CONTINUE;
}

void
gst_wsctl_server_watchers_add (GstWsctlServerWatchers * self,
    SoupWebsocketConnection * socket, GstWsctlServerWatch watch,
    const gchar * name, const gchar * authority, const gchar * address)
{
  Watcher *watcher = g_new0 (Watcher, 1);

  watcher->all = self;
  watcher->outlet.socket = g_object_ref (socket);
  watcher->watch = watch;
  watcher->name = g_strdup (name);
  watcher->authority = g_strdup (authority);
  watcher->address = g_strdup (address);
  soup_websocket_connection_set_max_incoming_payload_size (socket,
      MAX_MESSAGE_SIZE);
  g_signal_connect (socket, "message", G_CALLBACK (on_message), watcher);
  g_signal_connect (socket, "closed", G_CALLBACK (on_closed), watcher);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), watcher);

  gst_wsctl_server_guard_enter (self->core->guard, address);
  self->watchers = g_list_prepend (self->watchers, watcher);
  if (self->push_timer == NULL)
    self->push_timer = gst_wsctl_loop_add_timer (self->core->loop,
        PUSH_INTERVAL_MS, on_push_timeout, self, NULL);
  send_description (watcher);
}

void
gst_wsctl_server_watchers_push_description (GstWsctlServerWatchers * self,
    const gchar * name)
{
  GList *item, *next;

  for (item = self->watchers; item != NULL; item = next) {
    Watcher *watcher = item->data;

    next = item->next;
    if (strcmp (watcher->name, name) == 0)
      send_description (watcher);
  }
}

static gboolean
wants_track (Watcher * watcher, gint64 track)
{
  guint i;

  if (watcher->tracks == NULL)
    return TRUE;

  for (i = 0; i < watcher->tracks->len; i++) {
    if (g_array_index (watcher->tracks, gint64, i) == track)
      return TRUE;
  }

  return FALSE;
}

void
gst_wsctl_server_watchers_push_data (GstWsctlServerWatchers * self,
    const gchar * name, gint64 track, const gchar * text)
{
  GList *item, *next;

  for (item = self->watchers; item != NULL; item = next) {
    Watcher *watcher = item->data;

    next = item->next;
    if (watcher->watch == GST_WSCTL_SERVER_WATCH_DATA
        && strcmp (watcher->name, name) == 0 && wants_track (watcher, track)
        && !gst_wsctl_server_outlet_send (&watcher->outlet, text))
      drop_watcher (watcher);
  }
}
