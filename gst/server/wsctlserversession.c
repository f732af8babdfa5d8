/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One WebSocket and what hangs on it. A session ends once, whoever ends it: its
 * media at once, its socket when what was said last has been written.
 */

#include "wsctlserversession-private.h"

#include <string.h>

#define GST_CAT_DEFAULT wsctlserversession_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_MESSAGE_SIZE (128 * 1024)
#define SECOND_MS 1000

/* A socket that never offers, and a session where the UDP side has gone
 * silent */
#define OFFER_TIMEOUT_US (30 * G_USEC_PER_SEC)
#define SILENCE_TIMEOUT_US (10 * G_USEC_PER_SEC)

static void
on_message (SoupWebsocketConnection * socket, SoupWebsocketDataType type,
    GBytes * bytes, GstWsctlServerSession * self)
{
  g_autofree gchar *text = NULL;
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  if (self->ended)
    return;

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    text = g_strndup (data, size);
  gst_wsctl_server_session_take_message (self, text);
}

/* One that closes in order has nothing more to publish; one that is lost, or goes
 * away (1001), may return. */
static void
on_closed (SoupWebsocketConnection * socket, GstWsctlServerSession * self)
{
  gushort code = soup_websocket_connection_get_close_code (socket);

  self->returning = code != SOUP_WEBSOCKET_CLOSE_NORMAL
      && code != SOUP_WEBSOCKET_CLOSE_NO_STATUS;
  gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP, "left");
}

/* A text that is too long, or no text: the socket closes itself. */
static void
on_socket_error (SoupWebsocketConnection * socket, GError * error,
    GstWsctlServerSession * self)
{
  GST_INFO ("%u: %s", self->id, error->message);
}

static gboolean
is_silent (GstWsctlServerSession * self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->faults != GST_WSCTL_SERVER_FAULT_NONE)
    return FALSE;
  if (self->peer == NULL)
    return now_us - self->opened_us > OFFER_TIMEOUT_US;
  if (!gst_wsctl_lite_peer_is_connected (self->peer))
    return now_us - self->offered_us
        > self->core->connect_timeout_ms * G_GINT64_CONSTANT (1000);

  return now_us - gst_wsctl_lite_peer_get_last_seen (self->peer)
      > SILENCE_TIMEOUT_US;
}

static gboolean
on_second (gpointer data)
{
  GstWsctlServerSession *self = data;

  if (self->stuck || is_silent (self)) {
    gst_wsctl_server_session_end (self, GST_WSCTL_SERVER_END_DROP,
        self->stuck ? "too slow a reader" : "idle connection");
    return G_SOURCE_REMOVE;
  }
  if (self->peer != NULL && gst_wsctl_lite_peer_is_connected (self->peer))
    gst_wsctl_server_session_send_reports (self);

  return G_SOURCE_CONTINUE;
}

static void
set_name (GstWsctlServerSession * self, const gchar * name)
{
  const gchar *mark = strchr (name, '~');

  self->name = g_strdup (name);
  if (mark == NULL || mark == name) {
    self->stream_name = g_strdup (name);
    return;
  }
  self->stream_name = g_strndup (name, mark - name);
  self->rendition = g_strdup (mark + 1);
}

GstWsctlServerSession *
gst_wsctl_server_session_new (GstWsctlServerCore * core,
    SoupWebsocketConnection * socket,
    const GstWsctlServerSessionParams * params)
{
  GstWsctlServerSession *self = g_new0 (GstWsctlServerSession, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserversession_debug, "wsctlserversession",
        0, "wsctl server: sessions");

  self->core = core;
  self->id = ++core->last_id;
  set_name (self, params->name);
  self->address = g_strdup (params->address);
  self->may_publish = params->may_publish;
  self->may_play = params->may_play;
  self->audio = g_strdup (params->audio);
  self->video = g_strdup (params->video);
  self->socket = g_object_ref (socket);
  self->outlet.socket = socket;
  self->opened_us = g_get_monotonic_time ();
  gst_wsctl_server_constraint_init (&self->constraint);
  self->nack = 5;
  self->drop = 30;
  self->keyframe_interval_ms = core->keyframe_interval_ms;
  self->second_timer = gst_wsctl_loop_add_timer (core->loop, SECOND_MS,
      on_second, self, NULL);

  soup_websocket_connection_set_max_incoming_payload_size (socket,
      MAX_MESSAGE_SIZE);
  g_signal_connect (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (socket, "closed", G_CALLBACK (on_closed), self);
  g_signal_connect (socket, "error", G_CALLBACK (on_socket_error), self);

  core->sessions = g_list_prepend (core->sessions, self);
  core->n_sessions++;
  gst_wsctl_server_guard_enter (core->guard, self->address);
  GST_INFO ("%u: opened for '%s'", self->id, self->name);

  return self;
}

static void
free_session (gpointer data)
{
  GstWsctlServerSession *self = data;

  self->core->sessions = g_list_remove (self->core->sessions, self);
  self->core->n_sessions--;
  gst_wsctl_server_guard_leave (self->core->guard, self->address);
  g_clear_object (&self->socket);
  g_free (self->name);
  g_free (self->stream_name);
  g_free (self->rendition);
  g_free (self->address);
  g_free (self->audio);
  g_free (self->video);
  g_free (self);
}

/* The last reference to the socket's stream closes it without a frame. */
static gboolean
drop_socket (gpointer data)
{
  GstWsctlServerSession *self = data;

  gst_wsctl_server_outlet_drop (&self->outlet);

  return G_SOURCE_REMOVE;
}

/* What is queued on the socket is written by a source of default priority, so
 * this comes after it. */
static void
free_later (GstWsctlServerSession * self, GSourceFunc func)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_LOW);
  g_source_set_callback (source, func, self, free_session);
  g_source_attach (source, gst_wsctl_loop_get_context (self->core->loop));
}

/* The stream ends with its last publisher. Players hear of the end while it is
 * still whole. */
static void
end_stream (GstWsctlServerCore * core, GstWsctlServerStream * stream,
    gpointer feeder)
{
  const gchar *name = gst_wsctl_server_stream_get_name (stream);

  if (g_hash_table_lookup (core->streams, name) != stream)
    return;

  gst_wsctl_server_stream_ref (stream);
  if (gst_wsctl_server_stream_is_fed_by (stream, feeder)) {
    g_hash_table_remove (core->streams, name);
    gst_wsctl_server_stream_end (stream);
  } else {
    gst_wsctl_server_stream_remove_tracks (stream, feeder);
  }
  core->stream_changed (name, core->data);
  gst_wsctl_server_stream_unref (stream);
}

static void
on_not_returned (GstWsctlServerStream * stream, gpointer core)
{
  end_stream (core, stream, stream);
}

static void
end_publishing (GstWsctlServerSession * self)
{
  g_clear_pointer (&self->transcoders, g_ptr_array_unref);
  if (self->returning && !self->core->stopping
      && gst_wsctl_server_stream_is_fed_by (self->stream, self->ingest))
    gst_wsctl_server_stream_wait (self->stream, self->ingest, self->core->loop,
        on_not_returned, self->core);
  else
    end_stream (self->core, self->stream, self->ingest);
}

static void
end_media (GstWsctlServerSession * self)
{
  gst_wsctl_loop_clear_timer (&self->second_timer);
  gst_wsctl_server_session_stop_channels (self);
  g_clear_pointer (&self->player, gst_wsctl_server_player_free);
  if (self->peer != NULL)
    gst_wsctl_lite_peer_close (self->peer);
  if (self->stream != NULL && self->subscription != 0)
    gst_wsctl_server_stream_unsubscribe (self->stream, self->subscription);
  self->subscription = 0;

  if (self->ingest != NULL)
    end_publishing (self);
}

/* May run inside a callback of the ingest or the peer: they go later. */
static gboolean
release_media (gpointer data)
{
  GstWsctlServerSession *self = data;

  g_clear_pointer (&self->ingest, gst_wsctl_server_ingest_free);
  gst_wsctl_server_session_close_channels (self);
  g_clear_pointer (&self->stream, gst_wsctl_server_stream_unref);
  g_clear_object (&self->peer);

  return G_SOURCE_REMOVE;
}

static gboolean
release_and_drop (gpointer data)
{
  release_media (data);

  return drop_socket (data);
}

/* Who comes and goes with nothing said, as a port scan does, has no line. */
static void
log_end (GstWsctlServerSession * self, const gchar * why)
{
  gint64 time_us = g_get_monotonic_time () - self->opened_us;

  if (self->peer != NULL)
    gst_wsctl_server_session_log (self, "%s, after %" G_GINT64_FORMAT " s",
        why, time_us / G_USEC_PER_SEC);
  else if (strcmp (why, "left") != 0)
    gst_wsctl_server_session_log (self, "%s goes: %s", self->address, why);
}

void
gst_wsctl_server_session_end (GstWsctlServerSession * self,
    GstWsctlServerEnd how, const gchar * why)
{
  if (self->ended)
    return;

  self->ended = TRUE;
  GST_INFO ("%u: ends: %s", self->id, why);
  log_end (self, why);
  g_signal_handlers_disconnect_by_data (self->socket, self);
  end_media (self);

  if (how == GST_WSCTL_SERVER_END_DROP) {
    free_later (self, release_and_drop);
    return;
  }
  if (soup_websocket_connection_get_state (self->socket)
      == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->socket,
        how == GST_WSCTL_SERVER_END_AWAY ? SOUP_WEBSOCKET_CLOSE_GOING_AWAY
        : SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  free_later (self, release_media);
}

void
gst_wsctl_server_session_send_text (GstWsctlServerSession * self,
    const gchar * text)
{
  gboolean sent = gst_wsctl_server_session_has_control (self)
      ? gst_wsctl_server_session_send_control (self, text)
      : gst_wsctl_server_outlet_send (&self->outlet, text);

  /* The caller has more to do with the session: it ends within the second. */
  if (!sent)
    self->stuck = TRUE;
}

void
gst_wsctl_server_session_send (GstWsctlServerSession * self,
    const GstWsctlEvent * event)
{
  g_autofree gchar *text = gst_wsctl_event_to_json (event, self->core->dialect);

  GST_DEBUG ("%u: sends %s", self->id, event->name);
  gst_wsctl_server_session_send_text (self, text);
}

void
gst_wsctl_server_session_send_error (GstWsctlServerSession * self,
    const gchar * command, const gchar * message)
{
  g_autoptr (GstWsctlEvent) event = gst_wsctl_event_new (GST_WSCTL_EVENT_ERROR);

  event->command = g_strdup (command);
  event->message = g_strdup (message);
  gst_wsctl_server_session_send (self, event);
}

void
gst_wsctl_server_session_send_stop (GstWsctlServerSession * self)
{
  g_autoptr (GstWsctlEvent) event = gst_wsctl_event_new (GST_WSCTL_EVENT_STOP);
  g_autofree gchar *text = gst_wsctl_event_to_json (event, self->core->dialect);

  gst_wsctl_server_session_send_text (self, text);
  /* The channel goes with the media, perhaps before it has arrived. */
  if (gst_wsctl_server_session_has_control (self))
    gst_wsctl_server_outlet_send (&self->outlet, text);
}

void
gst_wsctl_server_session_log (GstWsctlServerSession * self,
    const gchar * format, ...)
{
  g_autofree gchar *text = NULL;
  g_autofree gchar *line = NULL;
  va_list args;

  if (self->core->log == NULL)
    return;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strdup_printf ("%s of '%s' (%u): %s",
      self->ingest != NULL ? "publisher" : self->player != NULL ? "player"
      : "client", self->name, self->id, text);
  self->core->log (line, self->core->log_data);
}
