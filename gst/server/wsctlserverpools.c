/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A pool is there while somebody is in it. What its peers send each other is
 * read and written anew on its way, so that nobody gets what is no message.
 *
 * A peer that has died without a word is found by its silence: it is asked for a
 * sign of life often enough that the others know within ten seconds.
 */

#include "wsctlserverpools-private.h"

#define GST_CAT_DEFAULT wsctlserverpools_debug
GST_DEBUG_CATEGORY_STATIC (GST_CAT_DEFAULT);

#define MAX_POOLS 256
#define MAX_PEERS 64            /* of one pool */
#define PING_INTERVAL_S 2
#define LOOK_INTERVAL_MS 1000
#define SILENCE_US (7 * G_USEC_PER_SEC)
#define JOIN_TIMEOUT_US (30 * G_USEC_PER_SEC)

/* A newcomer says a description and some twenty candidates to each of the
 * others, all at once. */
#define MAX_MESSAGES 2000       /* at once, and … */
#define MESSAGES_A_SECOND 100

typedef struct
{
  gchar *name;
  GPtrArray *peers;             /* of Peer, in the order of their coming */
} Pool;

typedef struct
{
  GstWsctlServerPools *all;
  GstWsctlServerOutlet outlet;
  Pool *pool;                   /* NULL: it has not joined */
  gchar *id;
  gchar *address;
  GVariant *description;
  GstWsctlServerBucket messages;
  gint64 opened_us;
  gint64 heard_us;
} Peer;

struct _GstWsctlServerPools
{
  GstWsctlServerCore *core;
  GHashTable *pools;            /* name to Pool */
  GList *peers;                 /* of Peer: all sockets */
  GSource *timer;               /* while there is one */
};

static void
free_pool (gpointer data)
{
  Pool *pool = data;

  g_ptr_array_unref (pool->peers);
  g_free (pool->name);
  g_free (pool);
}

static void
free_peer (Peer * peer)
{
  gst_wsctl_server_guard_leave (peer->all->core->guard, peer->address);
  g_signal_handlers_disconnect_by_data (peer->outlet.socket, peer);
  g_object_unref (peer->outlet.socket);
  g_clear_pointer (&peer->description, g_variant_unref);
  g_free (peer->address);
  g_free (peer->id);
  g_free (peer);
}

GstWsctlServerPools *
gst_wsctl_server_pools_new (GstWsctlServerCore * core)
{
  GstWsctlServerPools *self = g_new0 (GstWsctlServerPools, 1);

  if (GST_CAT_DEFAULT == NULL)
    GST_DEBUG_CATEGORY_INIT (wsctlserverpools_debug, "wsctlserverpools", 0,
        "wsctl server: pools");

  self->core = core;
  self->pools = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      free_pool);

  return self;
}

/* A reader that is stuck is left to on_look(): the caller may be going through
 * a list that it is in. */
static void
send_message (Peer * peer, const GstWsctlSsp * message)
{
  g_autofree gchar *text =
      gst_wsctl_ssp_to_json (message, GST_WSCTL_SSP_TO_CLIENT);

  if (!gst_wsctl_server_outlet_send (&peer->outlet, text))
    peer->heard_us = 0;
}

static void
send_error (Peer * peer, const gchar * message, const gchar * reason)
{
  g_autoptr (GstWsctlSsp) error = gst_wsctl_ssp_new (GST_WSCTL_SSP_ERROR);

  GST_INFO ("%s: %s: %s", peer->id, message, reason);
  error->message = g_strdup (message);
  error->reason = g_strdup (reason);
  send_message (peer, error);
}

/* To all in the pool but @peer */
static void
tell_others (Peer * peer, const GstWsctlSsp * message)
{
  guint i;

  for (i = 0; i < peer->pool->peers->len; i++) {
    Peer *other = g_ptr_array_index (peer->pool->peers, i);

    if (other != peer)
      send_message (other, message);
  }
}

static void
leave_pool (Peer * peer)
{
  g_autoptr (GstWsctlSsp) message = NULL;
  Pool *pool = peer->pool;

  if (pool == NULL)
    return;

  message = gst_wsctl_ssp_new (GST_WSCTL_SSP_CLOSE);
  message->id = g_strdup (peer->id);
  tell_others (peer, message);
  g_ptr_array_remove (pool->peers, peer);
  peer->pool = NULL;
  if (pool->peers->len == 0)
    g_hash_table_remove (peer->all->pools, pool->name);
}

static void
remove_peer (Peer * peer, const gchar * why)
{
  GstWsctlServerPools *self = peer->all;

  GST_INFO ("%s: leaves: %s", peer->id, why);
  leave_pool (peer);
  self->peers = g_list_remove (self->peers, peer);
  if (self->peers == NULL)
    gst_wsctl_loop_clear_timer (&self->timer);
  free_peer (peer);
}

static void
drop_peer (Peer * peer, const gchar * why)
{
  g_signal_handlers_disconnect_by_data (peer->outlet.socket, peer);
  gst_wsctl_server_outlet_drop (&peer->outlet);
  remove_peer (peer, why);
}

void
gst_wsctl_server_pools_free (GstWsctlServerPools * self)
{
  while (self->peers != NULL)
    drop_peer (self->peers->data, "the server stops");

  gst_wsctl_loop_clear_timer (&self->timer);
  g_hash_table_unref (self->pools);
  g_free (self);
}

static Peer *
find_peer (Pool * pool, const gchar * id)
{
  guint i;

  for (i = 0; i < pool->peers->len; i++) {
    Peer *peer = g_ptr_array_index (pool->peers, i);

    if (g_strcmp0 (peer->id, id) == 0)
      return peer;
  }

  return NULL;
}

static GstWsctlSsp *
describe_pool (Pool * pool)
{
  GstWsctlSsp *message = gst_wsctl_ssp_new (GST_WSCTL_SSP_JOINED);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  guint i;

  message->pool = g_strdup (pool->name);
  message->descriptions = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, (GDestroyNotify) g_variant_unref);
  for (i = 0; i < pool->peers->len; i++) {
    Peer *peer = g_ptr_array_index (pool->peers, i);

    g_strv_builder_add (ids, peer->id);
    if (peer->description != NULL)
      g_hash_table_insert (message->descriptions, g_strdup (peer->id),
          g_variant_ref (peer->description));
  }
  message->peers = g_strv_builder_end (ids);

  return message;
}

static Pool *
find_or_make_pool (GstWsctlServerPools * self, const gchar * name)
{
  Pool *pool = g_hash_table_lookup (self->pools, name);

  if (pool != NULL || g_hash_table_size (self->pools) >= MAX_POOLS)
    return pool;

  pool = g_new0 (Pool, 1);
  pool->name = g_strdup (name);
  pool->peers = g_ptr_array_new ();
  g_hash_table_insert (self->pools, pool->name, pool);

  return pool;
}

static void
join_pool (Peer * peer, const gchar * name)
{
  g_autoptr (GstWsctlSsp) joined = NULL;
  g_autoptr (GstWsctlSsp) came = NULL;
  Pool *pool;

  if (peer->pool != NULL) {
    send_error (peer, "Cannot join", "in a pool already");
    return;
  }
  pool = find_or_make_pool (peer->all, name);
  if (pool == NULL || pool->peers->len >= MAX_PEERS) {
    send_error (peer, "Cannot join",
        pool == NULL ? "too many pools" : "the pool is full");
    return;
  }

  joined = describe_pool (pool);
  joined->id = g_strdup (peer->id);
  send_message (peer, joined);
  g_ptr_array_add (pool->peers, peer);
  peer->pool = pool;
  GST_INFO ("%s: joins '%s' as number %u", peer->id, name, pool->peers->len);

  came = gst_wsctl_ssp_new (GST_WSCTL_SSP_PEER);
  came->id = g_strdup (peer->id);
  tell_others (peer, came);
}

/* The receiver is told who it is from, whatever the sender says. */
static void
relay (Peer * peer, GstWsctlSsp * message)
{
  Peer *receiver;

  if (peer->pool == NULL) {
    send_error (peer, "Cannot send", "in no pool");
    return;
  }
  receiver = find_peer (peer->pool, message->id);
  if (receiver == NULL || receiver == peer) {
    /* Candidates may well meet somebody who has just left. */
    if (message->type != GST_WSCTL_SSP_CANDIDATE)
      send_error (peer, "Cannot send", "no such peer");
    return;
  }

  g_free (message->id);
  message->id = g_strdup (peer->id);
  send_message (receiver, message);
}

static void
on_message (SoupWebsocketConnection * socket, SoupWebsocketDataType type,
    GBytes * bytes, Peer * peer)
{
  g_autoptr (GstWsctlSsp) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  peer->heard_us = g_get_monotonic_time ();
  if (!gst_wsctl_server_bucket_take (&peer->messages, MAX_MESSAGES,
          MESSAGES_A_SECOND, peer->heard_us)) {
    drop_peer (peer, "too many messages");
    return;
  }
  if (type != SOUP_WEBSOCKET_DATA_TEXT)
    return;

  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  message = gst_wsctl_ssp_parse (text, GST_WSCTL_SSP_TO_SERVER, &error);
  if (message == NULL) {
    send_error (peer, "Not understood", error->message);
    return;
  }

  switch (message->type) {
    case GST_WSCTL_SSP_JOIN:
      join_pool (peer, message->pool);
      break;
    case GST_WSCTL_SSP_SDP:
    case GST_WSCTL_SSP_CANDIDATE:
      relay (peer, message);
      break;
    default:
      GST_DEBUG ("%s: '%s' is ignored", peer->id, message->name);
      break;
  }
}

static void
on_pong (SoupWebsocketConnection * socket, GBytes * data, Peer * peer)
{
  peer->heard_us = g_get_monotonic_time ();
}

static void
on_closed (SoupWebsocketConnection * socket, Peer * peer)
{
  remove_peer (peer, "closed");
}

/* A text that is too long: the socket closes itself. */
static void
on_error (SoupWebsocketConnection * socket, GError * error, Peer * peer)
{
  GST_INFO ("%s: %s", peer->id, error->message);
}

static gboolean
on_look (gpointer data)
{
  GstWsctlServerPools *self = data;
  gint64 now_us = g_get_monotonic_time ();
  GList *item, *next;

  for (item = self->peers; item != NULL; item = next) {
    Peer *peer = item->data;

    next = item->next;
    if (now_us - peer->heard_us > SILENCE_US)
      drop_peer (peer, "silent, or takes nothing");
    else if (peer->pool == NULL && now_us - peer->opened_us > JOIN_TIMEOUT_US)
      drop_peer (peer, "joined nothing");
  }

  return self->timer != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
gst_wsctl_server_pools_add (GstWsctlServerPools * self,
    SoupWebsocketConnection * socket, const gchar * address)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->all = self;
  peer->outlet.socket = g_object_ref (socket);
  peer->id = g_uuid_string_random ();
  peer->address = g_strdup (address);
  peer->opened_us = peer->heard_us = g_get_monotonic_time ();
  soup_websocket_connection_set_max_incoming_payload_size (socket,
      GST_WSCTL_SSP_MAX_MESSAGE_SIZE);
  soup_websocket_connection_set_keepalive_interval (socket, PING_INTERVAL_S);
  g_signal_connect (socket, "message", G_CALLBACK (on_message), peer);
  g_signal_connect (socket, "pong", G_CALLBACK (on_pong), peer);
  g_signal_connect (socket, "closed", G_CALLBACK (on_closed), peer);
  g_signal_connect (socket, "error", G_CALLBACK (on_error), peer);

  gst_wsctl_server_guard_enter (self->core->guard, address);
  self->peers = g_list_prepend (self->peers, peer);
  if (self->timer == NULL)
    self->timer = gst_wsctl_loop_add_timer (self->core->loop,
        LOOK_INTERVAL_MS, on_look, self, NULL);
}

gboolean
gst_wsctl_server_pools_describe (GstWsctlServerPools * self,
    const gchar * name, const gchar * id, GVariant * description)
{
  Pool *pool = g_hash_table_lookup (self->pools, name);
  Peer *peer = pool != NULL ? find_peer (pool, id) : NULL;
  g_autoptr (GstWsctlSsp) message = NULL;

  if (peer == NULL)
    return FALSE;

  g_clear_pointer (&peer->description, g_variant_unref);
  peer->description = g_variant_ref (description);
  message = gst_wsctl_ssp_new (GST_WSCTL_SSP_DESCRIBE);
  message->id = g_strdup (id);
  message->description = g_variant_ref (description);
  tell_others (peer, message);

  return TRUE;
}

gboolean
gst_wsctl_server_pools_stop (GstWsctlServerPools * self, const gchar * name)
{
  g_autoptr (GstWsctlSsp) message = gst_wsctl_ssp_new (GST_WSCTL_SSP_STOP);
  Pool *pool = g_hash_table_lookup (self->pools, name);
  guint i;

  if (pool == NULL)
    return FALSE;

  GST_INFO ("'%s' is closed", name);
  for (i = 0; i < pool->peers->len; i++) {
    Peer *peer = g_ptr_array_index (pool->peers, i);

    send_message (peer, message);
    peer->pool = NULL;
    /* It goes by its own "closed" when the close frame has been answered, or
     * as one that has joined nothing. */
    if (soup_websocket_connection_get_state (peer->outlet.socket)
        == SOUP_WEBSOCKET_STATE_OPEN)
      soup_websocket_connection_close (peer->outlet.socket,
          SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  }
  g_hash_table_remove (self->pools, name);

  return TRUE;
}

GstWsctlSsp *
gst_wsctl_server_pools_list (GstWsctlServerPools * self, const gchar * name)
{
  Pool *pool = g_hash_table_lookup (self->pools, name);

  return pool != NULL ? describe_pool (pool) : NULL;
}

GstWsctlServerCore *
gst_wsctl_server_pools_get_core (GstWsctlServerPools * self)
{
  return self->core;
}
