/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pool-session.h"

#include <string.h>

#define CONNECT_TIMEOUT_MS 10000        /* the default */

static const gchar *const encoded[GST_WSCTL_N_MEDIA_KINDS] = {
  [GST_WSCTL_MEDIA_KIND_AUDIO] = "audio/x-opus",
  [GST_WSCTL_MEDIA_KIND_VIDEO] = "video/x-vp8",
};

GstWsctlServer *
pool_server_new (const GstWsctlServerParams * params, gchar ** uri)
{
  GstWsctlServerParams patient = { NULL, };
  GstWsctlServer *server;
  g_autoptr (GError) error = NULL;

  if (params != NULL)
    patient = *params;
  if (patient.connect_timeout_ms == 0)
    patient.connect_timeout_ms = test_scale_ms (CONNECT_TIMEOUT_MS);
  server = gst_wsctl_server_new (&patient);

  gst_wsctl_server_start (server, &error);
  g_assert_no_error (error);
  *uri = gst_wsctl_server_get_uri (server);

  return server;
}

void
pool_server_free (GstWsctlServer * server)
{
  gst_wsctl_server_stop (server);
  test_assert_finalize (server);
}

static void
count (PoolClient * self, gint * counter)
{
  g_atomic_int_inc (counter);
  g_main_context_wakeup (self->context);
}

static void
on_join (GstWsctlPool * pool, const gchar * name, PoolClient * self)
{
  count (self, &self->n_joined);
}

static void
on_peer (GstWsctlPool * pool, GstWsctlConnection * connection,
    PoolClient * self)
{
  guint i;

  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS && !self->by_streams; i++) {
    if (self->tracks[i] != NULL)
      gst_wsctl_connection_add_track (connection, self->tracks[i]);
  }
  count (self, &self->n_peers);
}

static void
on_close (GstWsctlPool * pool, GstWsctlConnection * connection,
    PoolClient * self)
{
  count (self, connection != NULL ? &self->n_left : &self->n_closed);
}

static void
on_stop (GstWsctlPool * pool, PoolClient * self)
{
  count (self, &self->n_stopped);
}

static void
on_describe (GstWsctlPool * pool, GstWsctlConnection * connection,
    GVariant * description, PoolClient * self)
{
  count (self, &self->n_described);
}

static void
on_error (GstWsctlPool * pool, GError * error, PoolClient * self)
{
  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_error_copy (error);
  g_mutex_unlock (&self->lock);
  count (self, &self->n_errors);
}

static GstPadProbeReturn
on_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  PoolClient *self = data;
  GstWsctlMediaKind kind = g_str_has_prefix (GST_OBJECT_NAME (pad), "audio")
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;

  count (self, &self->n_buffers[kind]);

  return GST_PAD_PROBE_OK;
}

/* On a streaming thread */
static void
on_track (GstWsctlPool * pool, GstWsctlConnection * connection, GstPad * pad,
    PoolClient * self)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sink_pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (self->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, self, NULL);
  g_assert_cmpint (gst_pad_link (pad, sink_pad), ==, GST_PAD_LINK_OK);
  count (self, &self->n_tracks);
}

static void
on_pad_removed (GstElement * element, GstPad * pad, PoolClient * self)
{
  if (GST_PAD_IS_SRC (pad))
    count (self, &self->n_pads_gone);
}

static void
recalculate_latency (GstElement * pipeline, gpointer data)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline));
}

static GstBusSyncReply
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    gst_element_call_async (data, recalculate_latency, NULL, NULL);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_error ("a pipeline fails: %s", error->message);
  }
  gst_message_unref (message);

  return GST_BUS_DROP;
}

static void
add_track (PoolClient * self, GstWsctlMediaKind kind)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (self->pipeline),
      gst_wsctl_media_kind_get_nick (kind));
  g_autoptr (GstCaps) caps = gst_caps_from_string (encoded[kind]);
  g_autoptr (GstPad) src = NULL;
  g_autoptr (GError) error = NULL;

  if (source == NULL)
    return;

  self->tracks[kind] = gst_wsctl_pool_create_track (self->pool, caps, &error);
  g_assert_no_error (error);
  src = gst_element_get_static_pad (source, "src");
  g_assert_cmpint (gst_pad_link (src,
          gst_wsctl_track_get_pad (self->tracks[kind])), ==, GST_PAD_LINK_OK);
}

static PoolClient *
start_client (GstWsctlPool * pool, const gchar * launch)
{
  PoolClient *self = g_new0 (PoolClient, 1);
  GstElement *element = gst_wsctl_pool_get_element (pool);
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;
  guint kind;

  self->context = g_main_context_ref_thread_default ();
  self->pool = pool;
  g_mutex_init (&self->lock);
  text = g_strdup_printf ("%s fakesrc num-buffers=0 ! fakesink async=false",
      launch != NULL ? launch : "");
  self->pipeline = gst_parse_launch (text, &error);
  g_assert_no_error (error);
  gst_bin_add (GST_BIN (self->pipeline), element);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    add_track (self, kind);

  g_signal_connect (pool, "join", G_CALLBACK (on_join), self);
  g_signal_connect (pool, "peer", G_CALLBACK (on_peer), self);
  g_signal_connect (pool, "close", G_CALLBACK (on_close), self);
  g_signal_connect (pool, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (pool, "describe", G_CALLBACK (on_describe), self);
  g_signal_connect (pool, "error", G_CALLBACK (on_error), self);
  g_signal_connect (pool, "track", G_CALLBACK (on_track), self);
  g_signal_connect (element, "pad-removed", G_CALLBACK (on_pad_removed), self);

  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_bus_message, self->pipeline, NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  return self;
}

static GstWsctlConfig *
new_config (const gchar * uri)
{
  GstWsctlConfig *config = gst_wsctl_config_new (uri);

  test_warm_up ();
  g_object_set (config, "connect-timeout", test_scale_ms (CONNECT_TIMEOUT_MS),
      NULL);

  return config;
}

PoolClient *
pool_client_new (const gchar * uri, const gchar * launch)
{
  g_autoptr (GstWsctlConfig) config = new_config (uri);
  g_autoptr (GError) error = NULL;
  GstWsctlPool *pool = gst_wsctl_pool_new (config, &error);

  g_assert_no_error (error);

  return start_client (pool, launch);
}

PoolClient *
pool_client_new_with_transport (GstWsctlTransport * transport,
    const gchar * launch)
{
  g_autoptr (GstWsctlConfig) config = new_config ("127.0.0.1");
  g_auto (GValue) addresses = G_VALUE_INIT;
  g_auto (GValue) address = G_VALUE_INIT;
  g_autoptr (GError) error = NULL;
  GstWsctlPool *pool;

  g_value_init (&addresses, GST_TYPE_ARRAY);
  g_value_init (&address, G_TYPE_STRING);
  g_value_set_static_string (&address, "127.0.0.1");
  gst_value_array_append_value (&addresses, &address);
  g_object_set_property (G_OBJECT (config), "local-addresses", &addresses);
  pool = gst_wsctl_pool_new_with_transport (config, transport, &error);
  g_assert_no_error (error);

  return start_client (pool, launch);
}

void
pool_client_join_pool (PoolClient * self, const gchar * name)
{
  g_autoptr (GError) error = NULL;

  gst_wsctl_pool_join (self->pool, name, &error);
  g_assert_no_error (error);
}

void
pool_client_join (PoolClient * self)
{
  pool_client_join_pool (self, "p");
}

typedef struct
{
  gint *counter;
  gint n;
} Wanted;

static gboolean
has_count (gpointer data)
{
  Wanted *wanted = data;

  return g_atomic_int_get (wanted->counter) >= wanted->n;
}

void
pool_client_wait (PoolClient * self, gint * counter, gint n, const gchar * what)
{
  Wanted wanted = { counter, n };

  test_wait_until (NULL, has_count, &wanted, 0, what);
}

void
pool_client_wait_media (PoolClient * self, GstWsctlMediaKind kind, gint n)
{
  gint *counter = &self->n_buffers[kind];

  pool_client_wait (self, counter, g_atomic_int_get (counter) + n,
      kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "audio of a peer"
      : "video of a peer");
}

GstWsctlConnection *
pool_client_get_connection (PoolClient * self, PoolClient * other)
{
  g_autofree gchar *id = gst_wsctl_pool_get_id (other->pool);

  return gst_wsctl_pool_get_connection (self->pool, id);
}

void
pool_client_call (PoolClient * self, GstWsctlLoopFunc func)
{
  gst_wsctl_loop_call_sync (gst_wsctl_pool_get_loop (self->pool), func, self);
}

void
pool_client_receive (PoolClient * self, const gchar * type, const gchar * data)
{
  gst_wsctl_transport_received (gst_wsctl_pool_get_transport (self->pool),
      type, data);
}

void
pool_client_free (PoolClient * self)
{
  guint kind;

  gst_wsctl_pool_close (self->pool);
  gst_wsctl_pool_settle (self->pool);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_signal_handlers_disconnect_by_data (gst_wsctl_pool_get_element
      (self->pool), self);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    g_clear_object (&self->tracks[kind]);
  gst_object_unref (self->pipeline);
  test_assert_finalize (self->pool);

  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_main_context_unref (self->context);
  g_free (self);
}

PoolParty *
pool_party_new (const GstWsctlServerParams * params, gboolean by_streams,
    const gchar * const *launches)
{
  PoolParty *self = g_new0 (PoolParty, 1);
  guint i;

  self->server = pool_server_new (params, &self->uri);
  for (i = 0; launches[i] != NULL; i++) {
    g_assert_cmpuint (i, <, G_N_ELEMENTS (self->clients));
    self->clients[i] = pool_client_new (self->uri, launches[i]);
    self->clients[i]->by_streams = by_streams;
    pool_client_join (self->clients[i]);
    pool_client_wait (self->clients[i], &self->clients[i]->n_joined, 1,
        "one more to join");
  }
  self->n_clients = i;
  for (i = 0; i < self->n_clients; i++)
    pool_client_wait (self->clients[i], &self->clients[i]->n_peers,
        (gint) self->n_clients - 1, "all to be seen");

  return self;
}

void
pool_party_free (PoolParty * self)
{
  guint i;

  for (i = 0; i < self->n_clients; i++)
    pool_client_free (self->clients[i]);
  pool_server_free (self->server);
  g_free (self->uri);
  g_free (self);
}
