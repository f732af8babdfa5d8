/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * GstWsctlPool:
 *
 * Connections to all peers of a pool, each with each, over a server that passes
 * on their messages. What has to be negotiated is negotiated inside, both ways
 * and at any time.
 *
 * Put the pool's element into a pipeline that is in READY or above, then join.
 * Tracks made with gst_wsctl_pool_create_track() go to all peers by a
 * #GstWsctlManagedStream, or to one by gst_wsctl_connection_add_track(). What
 * peers send comes as pads of the element; see #GstWsctlPool::track.
 *
 * Functions may be called from any thread. Signals come from the thread of the
 * library's loop, but for #GstWsctlPool::track, with no lock held: they must not
 * wait.
 *
 * Since: 0.1
 */

#include "wsctlpoolinternal-private.h"

#include "wsctlconfig-private.h"
#include "wsctlerror.h"
#include "wsctlwarmup-private.h"
#include "wsctlwebsockettransport-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpool_debug);
#define GST_CAT_DEFAULT wsctlpool_debug

/* Time for the newcomer's offer: it knows of us before we know of it. */
#define GRACE_MS 100

enum
{
  PROP_0,
  PROP_ID,
  PROP_NCONNECTIONS,
  PROP_ELEMENT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (GstWsctlPool, gst_wsctl_pool, G_TYPE_OBJECT);

static void
run_close (gpointer data)
{
  gst_wsctl_pool_leave (data, NULL, FALSE);
}

/**
 * gst_wsctl_pool_close:
 * @self: a pool
 *
 * Leaves the pool and closes all connections. No signal comes after it returns,
 * but for the one about the close, which is during it. The elements of the
 * connections go away beside. A second close does nothing. Any thread.
 */
void
gst_wsctl_pool_close (GstWsctlPool * self)
{
  g_return_if_fail (GST_WSCTL_IS_POOL (self));

  gst_wsctl_loop_call_sync (self->loop, run_close, self);
}

static void
do_nothing (gpointer data)
{
}

void
gst_wsctl_pool_settle (GstWsctlPool * self)
{
  gst_wsctl_loop_call_sync (self->worker, do_nothing, NULL);
}

void
gst_wsctl_pool_set_grace (GstWsctlPool * self, guint grace_ms)
{
  self->grace_ms = grace_ms;
}

GstWsctlTransport *
gst_wsctl_pool_get_transport (GstWsctlPool * self)
{
  return self->transport;
}

GstWsctlLoop *
gst_wsctl_pool_get_loop (GstWsctlPool * self)
{
  return self->loop;
}

/**
 * gst_wsctl_pool_get_element:
 * @self: a pool
 *
 * The element to put into a pipeline. Any thread.
 *
 * Returns: (transfer none): the element
 */
GstElement *
gst_wsctl_pool_get_element (GstWsctlPool * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), NULL);

  return self->bin;
}

/**
 * gst_wsctl_pool_create_track:
 * @self: a pool
 * @caps: what it will be given: encoded media, "video/x-vp8" for example
 * @error: why there can be no such track
 *
 * Makes a track, with a pad of its own on the pool's element. Any thread.
 *
 * Returns: (transfer full) (nullable): the track, or %NULL with @error
 */
GstWsctlTrack *
gst_wsctl_pool_create_track (GstWsctlPool * self, GstCaps * caps,
    GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), NULL);
  g_return_val_if_fail (GST_IS_CAPS (caps), NULL);

  return gst_wsctl_track_new (GST_BIN (self->bin), caps, error);
}

/**
 * gst_wsctl_pool_get_id:
 * @self: a pool
 *
 * Our own name in the pool. Any thread.
 *
 * Returns: (transfer full) (nullable): our own id in the pool; %NULL before it
 *   is joined
 */
gchar *
gst_wsctl_pool_get_id (GstWsctlPool * self)
{
  gchar *id;

  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), NULL);

  g_mutex_lock (&self->lock);
  id = g_strdup (self->id);
  g_mutex_unlock (&self->lock);

  return id;
}

/**
 * gst_wsctl_pool_get_connections:
 * @self: a pool
 *
 * The connections to all peers. Any thread.
 *
 * Returns: (transfer full) (element-type GstWsctlConnection): the connections to
 *   all peers that are there
 */
GList *
gst_wsctl_pool_get_connections (GstWsctlPool * self)
{
  GList *connections = NULL;
  guint i;

  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), NULL);

  g_mutex_lock (&self->lock);
  for (i = self->peers->len; i-- > 0;)
    connections = g_list_prepend (connections,
        g_object_ref (gst_wsctl_pool_peer_get_connection (self->peers->
                pdata[i])));
  g_mutex_unlock (&self->lock);

  return connections;
}

/**
 * gst_wsctl_pool_get_nconnections:
 * @self: a pool
 *
 * Counts the peers. Any thread.
 *
 * Returns: how many peers are there
 */
guint
gst_wsctl_pool_get_nconnections (GstWsctlPool * self)
{
  guint n;

  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), 0);

  g_mutex_lock (&self->lock);
  n = self->peers->len;
  g_mutex_unlock (&self->lock);

  return n;
}

/* The loop only: it is the one that changes the list. */
GstWsctlPoolPeer *
gst_wsctl_pool_find_peer (GstWsctlPool * self, const gchar * id)
{
  guint i;

  for (i = 0; i < self->peers->len; i++) {
    GstWsctlPoolPeer *peer = g_ptr_array_index (self->peers, i);

    if (g_strcmp0 (gst_wsctl_connection_get_id
            (gst_wsctl_pool_peer_get_connection (peer)), id) == 0)
      return peer;
  }

  return NULL;
}

/**
 * gst_wsctl_pool_get_connection:
 * @self: a pool
 * @id: the id of a peer
 *
 * Finds the connection to a peer. Any thread.
 *
 * Returns: (transfer full) (nullable): the connection to it; %NULL when it is
 *   not there
 */
GstWsctlConnection *
gst_wsctl_pool_get_connection (GstWsctlPool * self, const gchar * id)
{
  GstWsctlConnection *connection = NULL;
  GstWsctlPoolPeer *peer;

  g_return_val_if_fail (GST_WSCTL_IS_POOL (self), NULL);

  g_mutex_lock (&self->lock);
  peer = gst_wsctl_pool_find_peer (self, id);
  if (peer != NULL)
    connection = g_object_ref (gst_wsctl_pool_peer_get_connection (peer));
  g_mutex_unlock (&self->lock);

  return connection;
}

static void
read_config (GstWsctlPool * self, GstWsctlConfig * config)
{
  GstWsctlConnectionParams params = {
    .stun_server = config->stun_server,
    .turn_servers = (const gchar * const *) config->turn_servers,
    .relay_only =
        config->ice_transport_policy == GST_WSCTL_ICE_TRANSPORT_POLICY_RELAY,
    .latency_ms = config->latency_ms,
    .local_addresses = (const gchar * const *) config->local_addresses,
  };

  self->params = gst_wsctl_connection_params_copy (&params);
}

/**
 * gst_wsctl_pool_new_with_transport:
 * @config: how to reach the peers; its address is not used
 * @transport: how to reach the server
 * @error: why there can be no pool
 *
 * Makes a pool that speaks to its server over a transport of the application.
 * Any thread, after gst_init().
 *
 * Returns: (transfer full) (nullable): the pool, or %NULL with @error
 */
GstWsctlPool *
gst_wsctl_pool_new_with_transport (GstWsctlConfig * config,
    GstWsctlTransport * transport, GError ** error)
{
  GstPluginFeature *webrtcbin;
  GstWsctlPool *self;

  g_return_val_if_fail (GST_WSCTL_IS_CONFIG (config), NULL);
  g_return_val_if_fail (GST_WSCTL_IS_TRANSPORT (transport), NULL);

  webrtcbin = gst_registry_lookup_feature (gst_registry_get (), "webrtcbin");
  if (webrtcbin == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "the element 'webrtcbin' is not installed (GStreamer Bad Plug-ins)");
    return NULL;
  }
  gst_object_unref (webrtcbin);

  /* Who makes a pool is going to join it: by then there is nothing to wait
   * for. */
  gst_wsctl_warmup_start ();
  self = g_object_new (GST_WSCTL_TYPE_POOL, NULL);
  read_config (self, config);
  self->transport = g_object_ref (transport);
  gst_wsctl_pool_connect_transport (self);

  return self;
}

/**
 * gst_wsctl_pool_new:
 * @config: the server, and how to reach it and the peers
 * @error: why there can be no pool
 *
 * Makes a pool that speaks to its server over a WebSocket, at `/ssp` when the
 * address names nothing else. Any thread, after gst_init().
 *
 * Returns: (transfer full) (nullable): the pool, or %NULL with @error
 */
GstWsctlPool *
gst_wsctl_pool_new (GstWsctlConfig * config, GError ** error)
{
  g_autoptr (GstWsctlTransport) transport = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_CONFIG (config), NULL);

  transport = gst_wsctl_websocket_transport_new (config);

  return gst_wsctl_pool_new_with_transport (config, transport, error);
}

static void
gst_wsctl_pool_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstWsctlPool *self = GST_WSCTL_POOL (object);

  switch (prop_id) {
    case PROP_ID:
      g_value_take_string (value, gst_wsctl_pool_get_id (self));
      break;
    case PROP_NCONNECTIONS:
      g_value_set_uint (value, gst_wsctl_pool_get_nconnections (self));
      break;
    case PROP_ELEMENT:
      g_value_set_object (value, self->bin);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
}

static void
gst_wsctl_pool_dispose (GObject * object)
{
  GstWsctlPool *self = GST_WSCTL_POOL (object);
  guint i;

  if (self->transport != NULL) {
    for (i = 0; i < G_N_ELEMENTS (self->transport_ids); i++)
      g_signal_handler_disconnect (self->transport, self->transport_ids[i]);
    gst_wsctl_loop_call_sync (self->loop, run_close, self);
  }
  g_clear_object (&self->transport);

  G_OBJECT_CLASS (gst_wsctl_pool_parent_class)->dispose (object);
}

static void
gst_wsctl_pool_finalize (GObject * object)
{
  GstWsctlPool *self = GST_WSCTL_POOL (object);

  g_ptr_array_unref (self->peers);
  g_clear_pointer (&self->params, gst_wsctl_connection_params_free);
  gst_object_unref (self->bin);
  g_free (self->wanted);
  g_free (self->id);
  g_mutex_clear (&self->lock);
  gst_wsctl_loop_unref (self->worker);
  gst_wsctl_loop_unref (self->loop);

  G_OBJECT_CLASS (gst_wsctl_pool_parent_class)->finalize (object);
}

static void
gst_wsctl_pool_class_init (GstWsctlPoolClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlpool_debug, "wsctlpool", 0,
      "WebRTC WebSocket control: pool");

  object_class->get_property = gst_wsctl_pool_get_property;
  object_class->dispose = gst_wsctl_pool_dispose;
  object_class->finalize = gst_wsctl_pool_finalize;

  /**
   * GstWsctlPool:id:
   *
   * Our own id in the pool; %NULL before it is joined. Notified on the loop's
   * thread.
   */
  properties[PROP_ID] =
      g_param_spec_string ("id", "Id", "Our own id in the pool", NULL,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlPool:nconnections:
   *
   * How many peers are there.
   */
  properties[PROP_NCONNECTIONS] =
      g_param_spec_uint ("nconnections", "Connections",
      "How many peers are there", 0, G_MAXUINT, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  /**
   * GstWsctlPool:element:
   *
   * The element to put into a pipeline.
   */
  properties[PROP_ELEMENT] =
      g_param_spec_object ("element", "Element",
      "The element to put into a pipeline", GST_TYPE_ELEMENT,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (object_class, N_PROPS, properties);
  gst_wsctl_pool_signals_class_init (object_class);
}

static void
gst_wsctl_pool_init (GstWsctlPool * self)
{
  g_mutex_init (&self->lock);
  self->loop = gst_wsctl_loop_get_shared ();
  self->worker = gst_wsctl_loop_new ("wsctl-pool");
  self->bin = gst_object_ref_sink (gst_bin_new (NULL));
  /* Or it would be told no latency */
  GST_OBJECT_FLAG_SET (self->bin, GST_ELEMENT_FLAG_SINK);
  self->peers = g_ptr_array_new_with_free_func (g_object_unref);
  self->grace_ms = GRACE_MS;
}
