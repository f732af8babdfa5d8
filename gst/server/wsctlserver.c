/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server as one object with one thread, which owns everything below it.
 * What other threads ask is asked on that thread.
 */

#include "wsctlserver-private.h"

#include "wsctlserverhttp-private.h"

#define GST_CAT_DEFAULT wsctlserver_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define DEFAULT_HOST "127.0.0.1"
#define DEFAULT_KEYFRAME_INTERVAL_MS 2000
#define DEFAULT_MAX_SESSIONS 1000
#define DEFAULT_MAX_SESSIONS_PER_ADDRESS 250
#define DEFAULT_CONNECT_TIMEOUT_MS 10000
#define DEFAULT_BUFFER_MS 60000
#define DEFAULT_MAX_STREAM_BYTES (64 * 1024 * 1024)
#define DEFAULT_MAX_BYTES (512 * 1024 * 1024)

struct _GstWsctlServer
{
  GObject parent_instance;

  gchar *host;
  guint16 asked_port;
  GStrv advertise;
  gchar *tls_cert;
  gchar *tls_key;
  gchar *renditions;

  GstWsctlLoop *loop;           /* NULL while stopped */
  guint16 port;                 /* set before start() returns */
  GstWsctlServerCore core;      /* the server's thread */
  GstWsctlServerHttp *http;     /* the server's thread */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstWsctlServer, gst_wsctl_server,
    G_TYPE_OBJECT, GST_DEBUG_CATEGORY_INIT (wsctlserver_debug, "wsctlserver",
        0, "wsctl server"));

/* A question or an order of another thread */
typedef struct
{
  GstWsctlServer *self;
  const gchar *stream;
  const gchar *text;
  GstWsctlServerFault faults;
  gint64 number;
  GError *error;
} Call;

static void
on_stream_changed (const gchar * name, gpointer data)
{
  GstWsctlServer *self = data;

  gst_wsctl_server_http_push_description (self->http, name);
}

static void
on_given (const gchar * name, const gchar * json, const gchar * address,
    gpointer data)
{
  GstWsctlServer *self = data;

  gst_wsctl_server_http_give (self->http, name, json, address);
}

static void
gst_wsctl_server_finalize (GObject * object)
{
  GstWsctlServer *self = GST_WSCTL_SERVER (object);

  gst_wsctl_server_stop (self);
  gst_wsctl_server_guard_free (self->core.guard);
  gst_wsctl_server_memory_free (self->core.memory);
  g_strfreev (self->advertise);
  g_free (self->host);
  g_free (self->tls_cert);
  g_free (self->tls_key);
  g_free (self->renditions);

  G_OBJECT_CLASS (gst_wsctl_server_parent_class)->finalize (object);
}

static void
gst_wsctl_server_class_init (GstWsctlServerClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_server_finalize;
}

static void
gst_wsctl_server_init (GstWsctlServer * self)
{
}

GstWsctlServer *
gst_wsctl_server_new (const GstWsctlServerParams * params)
{
  GstWsctlServer *self = g_object_new (GST_WSCTL_TYPE_SERVER, NULL);
  GstWsctlServerCore *core = &self->core;

  self->host = g_strdup (params->host != NULL ? params->host : DEFAULT_HOST);
  self->asked_port = params->port;
  self->advertise = g_strdupv ((gchar **) params->advertise);
  self->tls_cert = g_strdup (params->tls_cert);
  self->tls_key = g_strdup (params->tls_key);
  self->renditions = g_strdup (params->renditions);
  core->tls = params->tls_cert != NULL;
  core->takeover = params->takeover;
  core->dialect = params->ceeblue ? GST_WSCTL_DIALECT_CEEBLUE
      : GST_WSCTL_DIALECT_MIST;
  core->connect_timeout_ms = params->connect_timeout_ms != 0
      ? params->connect_timeout_ms : DEFAULT_CONNECT_TIMEOUT_MS;
  core->guard = gst_wsctl_server_guard_new (params->publish_token,
      params->play_token, params->max_sessions != 0 ? params->max_sessions
      : DEFAULT_MAX_SESSIONS, params->max_sessions_per_address != 0
      ? params->max_sessions_per_address : DEFAULT_MAX_SESSIONS_PER_ADDRESS);
  gst_wsctl_server_guard_set_pool_token (core->guard, params->pool_token);
  core->keyframe_interval_ms = params->keyframe_interval_ms != 0
      ? params->keyframe_interval_ms : DEFAULT_KEYFRAME_INTERVAL_MS;
  core->keep_ns = GST_MSECOND * (params->buffer_ms != 0
      ? params->buffer_ms : DEFAULT_BUFFER_MS);
  core->max_stream_bytes = params->max_stream_bytes != 0
      ? params->max_stream_bytes : DEFAULT_MAX_STREAM_BYTES;
  core->memory = gst_wsctl_server_memory_new (params->max_bytes != 0
      ? params->max_bytes : DEFAULT_MAX_BYTES, gst_wsctl_server_stream_forget);
  core->log = params->log;
  core->log_data = params->log_data;
  core->stream_changed = on_stream_changed;
  core->give = on_given;
  core->data = self;

  return self;
}

static void
close_all (GstWsctlServer * self)
{
  g_clear_pointer (&self->http, gst_wsctl_server_http_free);
  if (self->core.port != NULL)
    gst_wsctl_lite_port_close (self->core.port);
  g_clear_object (&self->core.port);
  g_clear_pointer (&self->core.streams, g_hash_table_unref);
  g_clear_pointer (&self->core.renditions, g_array_unref);
}

static gboolean
set_renditions (GstWsctlServer * self, GError ** error)
{
  if (self->renditions == NULL)
    return TRUE;

  self->core.renditions =
      gst_wsctl_server_renditions_parse (self->renditions, error);

  return self->core.renditions != NULL;
}

static gboolean
set_certificate (GstWsctlServer * self, GError ** error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (self->tls_cert == NULL)
    return TRUE;

  certificate = g_tls_certificate_new_from_files (self->tls_cert,
      self->tls_key != NULL ? self->tls_key : self->tls_cert, error);
  if (certificate == NULL)
    return FALSE;
  gst_wsctl_server_http_set_certificate (self->http, certificate);

  return TRUE;
}

/* Media use the UDP port of the same number when it is free, so that a
 * firewall needs one rule. */
static void
open_all (gpointer data)
{
  Call *call = data;
  GstWsctlServer *self = call->self;
  GstWsctlServerCore *core = &self->core;

  core->loop = self->loop;
  core->streams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) gst_wsctl_server_stream_unref);
  self->http = gst_wsctl_server_http_new (core);
  if (!set_renditions (self, &call->error)
      || !set_certificate (self, &call->error)
      || !gst_wsctl_server_http_listen (self->http, self->host,
          self->asked_port, &self->port, &call->error)) {
    close_all (self);
    return;
  }

  core->port = gst_wsctl_lite_port_new (self->host, self->port,
      (const gchar * const *) self->advertise, NULL);
  if (core->port == NULL)
    core->port = gst_wsctl_lite_port_new (self->host, 0,
        (const gchar * const *) self->advertise, &call->error);
  if (core->port == NULL)
    close_all (self);
}

gboolean
gst_wsctl_server_start (GstWsctlServer * self, GError ** error)
{
  Call call = { self, };

  g_return_val_if_fail (GST_WSCTL_IS_SERVER (self), FALSE);
  g_return_val_if_fail (self->loop == NULL, FALSE);

  self->loop = gst_wsctl_loop_new ("wsctl-server");
  self->core.stopping = FALSE;
  gst_wsctl_loop_call_sync (self->loop, open_all, &call);
  if (call.error == NULL) {
    GST_INFO_OBJECT (self, "listens on %s:%u", self->host, self->port);
    return TRUE;
  }

  g_propagate_error (error, call.error);
  gst_wsctl_loop_stop (self->loop);
  g_clear_pointer (&self->loop, gst_wsctl_loop_unref);

  return FALSE;
}

static gint
compare_publishing (gconstpointer a, gconstpointer b)
{
  const GstWsctlServerSession *one = a;
  const GstWsctlServerSession *other = b;

  return (one->ingest != NULL) - (other->ingest != NULL);
}

/* A player may hear of it from its stream; where nobody is to hear of anything,
 * players go first. */
static void
end_sessions (GstWsctlServer * self, GstWsctlServerEnd how, gboolean told)
{
  g_autoptr (GList) sessions = g_list_copy (self->core.sessions);
  GList *item;

  if (how == GST_WSCTL_SERVER_END_DROP)
    sessions = g_list_sort (sessions, compare_publishing);
  for (item = sessions; item != NULL; item = item->next) {
    GstWsctlServerSession *session = item->data;

    if (session->ended)
      continue;
    if (told)
      gst_wsctl_server_session_send_stop (session);
    gst_wsctl_server_session_end (session, how, "the server stops");
  }
}

static void
stop_all (gpointer data)
{
  GstWsctlServer *self = data;
  GMainContext *context = gst_wsctl_loop_get_context (self->loop);

  self->core.stopping = TRUE;
  end_sessions (self, GST_WSCTL_SERVER_END_AWAY, TRUE);

  /* Each frees itself from a source that is ready by now. */
  while (self->core.sessions != NULL)
    g_main_context_iteration (context, TRUE);
  close_all (self);
}

void
gst_wsctl_server_stop (GstWsctlServer * self)
{
  g_return_if_fail (GST_WSCTL_IS_SERVER (self));

  if (self->loop == NULL)
    return;

  gst_wsctl_loop_call_sync (self->loop, stop_all, self);
  gst_wsctl_loop_stop (self->loop);
  g_clear_pointer (&self->loop, gst_wsctl_loop_unref);
}

guint16
gst_wsctl_server_get_port (GstWsctlServer * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_SERVER (self), 0);

  return self->port;
}

gchar *
gst_wsctl_server_get_uri (GstWsctlServer * self)
{
  const gchar *scheme = self->core.tls ? "wss" : "ws";

  g_return_val_if_fail (GST_WSCTL_IS_SERVER (self), NULL);

  if (strchr (self->host, ':') != NULL)
    return g_strdup_printf ("%s://[%s]:%u", scheme, self->host, self->port);

  return g_strdup_printf ("%s://%s:%u", scheme, self->host, self->port);
}

static void
run (Call * call, GstWsctlLoopFunc func)
{
  if (call->self->loop != NULL)
    gst_wsctl_loop_call_sync (call->self->loop, func, call);
}

static void
set_faults (gpointer data)
{
  Call *call = data;

  call->self->core.faults = call->faults;
}

void
gst_wsctl_server_set_faults (GstWsctlServer * self, GstWsctlServerFault faults)
{
  Call call = { self,.faults = faults };

  run (&call, set_faults);
}

static void
drop_sessions (gpointer data)
{
  Call *call = data;

  end_sessions (call->self, GST_WSCTL_SERVER_END_DROP, FALSE);
}

void
gst_wsctl_server_drop_sessions (GstWsctlServer * self)
{
  Call call = { self, };

  run (&call, drop_sessions);
}

static void
close_sessions (gpointer data)
{
  Call *call = data;

  end_sessions (call->self, GST_WSCTL_SERVER_END_CLOSE, FALSE);
}

void
gst_wsctl_server_close_sessions (GstWsctlServer * self)
{
  Call call = { self, };

  run (&call, close_sessions);
}

static void
count_sessions (gpointer data)
{
  Call *call = data;

  call->number = call->self->core.n_sessions;
}

guint
gst_wsctl_server_count_sessions (GstWsctlServer * self)
{
  Call call = { self, };

  run (&call, count_sessions);

  return call.number;
}

static void
find_media_port (gpointer data)
{
  Call *call = data;

  call->number = gst_wsctl_lite_port_get_port (call->self->core.port);
}

guint16
gst_wsctl_server_get_media_port (GstWsctlServer * self)
{
  Call call = { self, };

  run (&call, find_media_port);

  return call.number;
}

static void
count_frames (gpointer data)
{
  Call *call = data;
  GstWsctlServerStream *stream =
      g_hash_table_lookup (call->self->core.streams, call->stream);
  GPtrArray *tracks;
  guint i;

  if (stream == NULL)
    return;

  tracks = gst_wsctl_server_stream_get_tracks (stream);
  for (i = 0; i < tracks->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (tracks, i);

    if (g_str_equal (gst_wsctl_server_kind_get_name (track->codec->kind),
            call->text))
      call->number += track->n_frames;
  }
}

guint64
gst_wsctl_server_count_frames (GstWsctlServer * self, const gchar * stream,
    const gchar * kind)
{
  Call call = { self,.stream = stream,.text = kind };

  run (&call, count_frames);

  return call.number;
}

static void
measure_stream (gpointer data)
{
  Call *call = data;
  GstWsctlServerStream *stream =
      g_hash_table_lookup (call->self->core.streams, call->stream);

  if (stream != NULL)
    call->number = gst_wsctl_server_stream_get_size (stream);
}

gsize
gst_wsctl_server_get_size (GstWsctlServer * self, const gchar * stream)
{
  Call call = { self,.stream = stream };

  run (&call, measure_stream);

  return call.number;
}

static void
find_video_bitrate (gpointer data)
{
  Call *call = data;
  GList *item;

  for (item = call->self->core.sessions; item != NULL; item = item->next) {
    GstWsctlServerSession *session = item->data;

    if (session->ingest != NULL && g_str_equal (session->name, call->stream))
      call->number = session->constraint.asked_bps;
  }
}

gint64
gst_wsctl_server_get_video_bitrate (GstWsctlServer * self, const gchar * stream)
{
  Call call = { self,.stream = stream,.number = -1 };

  run (&call, find_video_bitrate);

  return call.number;
}

static void
send_text (gpointer data)
{
  Call *call = data;
  GList *item;

  for (item = call->self->core.sessions; item != NULL; item = item->next)
    gst_wsctl_server_session_send_text (item->data, call->text);
}

void
gst_wsctl_server_send_text (GstWsctlServer * self, const gchar * text)
{
  Call call = { self,.text = text };

  run (&call, send_text);
}
