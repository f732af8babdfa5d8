/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who comes to a pool and who leaves it, as the server says. What the server says
 * twice, or of somebody that nobody knows, changes nothing.
 */

#include "wsctlpoolinternal-private.h"

#include <string.h>

#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpoolmembers_debug);
#define GST_CAT_DEFAULT wsctlpoolmembers_debug

static void
on_send (gpointer owner, const GstWsctlSsp * message)
{
  gst_wsctl_pool_send (owner, message);
}

/* On a streaming thread */
static GstPad *
on_pad_added (gpointer owner, GstWsctlConnection * connection, GstPad * pad)
{
  GstWsctlPool *self = owner;
  g_autofree gchar *inner = gst_pad_get_name (pad);
  const gchar *number = strrchr (inner, '_');
  g_autofree gchar *name = g_strdup_printf ("%.*s_%s%s",
      (gint) (number - inner), inner, gst_wsctl_connection_get_id (connection),
      number);
  g_autoptr (GstPad) outer =
      gst_wsctl_connection_expose_pad (self->bin, name, pad);

  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_TRACK, connection, outer);

  return g_steal_pointer (&outer);
}

static const GstWsctlPoolPeerCallbacks peer_callbacks = {
  on_send, on_pad_added
};

static void
on_datachannel (GstWsctlConnection * connection, GstWsctlDataChannel * channel,
    GstWsctlPool * self)
{
  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_DATACHANNEL, connection,
      channel);
}

static void
add_peer (GstWsctlPool * self, const gchar * id, GVariant * description,
    gboolean polite)
{
  const GstWsctlPoolPeerParams params = {
    .loop = self->loop,
    .worker = self->worker,
    .bin = GST_BIN (self->bin),
    .params = self->params,
    .callbacks = &peer_callbacks,
    .owner = G_OBJECT (self),
    .grace_ms = self->grace_ms,
  };
  GstWsctlPoolPeer *peer;

  if (gst_wsctl_pool_find_peer (self, id) != NULL
      || self->peers->len >= GST_WSCTL_SSP_MAX_PEERS)
    return;

  GST_INFO_OBJECT (self->bin, "peer %s is here", id);
  peer = gst_wsctl_pool_peer_new (&params, id, description, polite);
  g_signal_connect_object (gst_wsctl_pool_peer_get_connection (peer),
      "datachannel", G_CALLBACK (on_datachannel), self, 0);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->peers, peer);
  g_mutex_unlock (&self->lock);
  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_PEER,
      gst_wsctl_pool_peer_get_connection (peer));
}

static void
remove_peer (GstWsctlPool * self, const gchar * id)
{
  g_autoptr (GstWsctlPoolPeer) peer = gst_wsctl_pool_find_peer (self, id);

  if (peer == NULL)
    return;

  GST_INFO_OBJECT (self->bin, "peer %s has left", id);
  g_object_ref (peer);
  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->peers, peer);
  g_mutex_unlock (&self->lock);
  gst_wsctl_pool_peer_close (peer);
  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_CLOSE,
      gst_wsctl_pool_peer_get_connection (peer));
}

/* Who joins later is the polite one: all that are here were first. */
static void
take_joined (GstWsctlPool * self, const GstWsctlSsp * message)
{
  guint i;

  g_mutex_lock (&self->lock);
  if (self->state != GST_WSCTL_POOL_STATE_JOINING) {
    g_mutex_unlock (&self->lock);
    return;
  }
  self->state = GST_WSCTL_POOL_STATE_JOINED;
  g_free (self->id);
  self->id = g_strdup (message->id);
  g_mutex_unlock (&self->lock);

  g_object_notify (G_OBJECT (self), "id");
  for (i = 0; message->peers[i] != NULL; i++) {
    if (g_strcmp0 (message->peers[i], message->id) != 0)
      add_peer (self, message->peers[i],
          g_hash_table_lookup (message->descriptions, message->peers[i]), TRUE);
  }
  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_JOIN, message->pool);
}

static void
take_description (GstWsctlPool * self, const GstWsctlSsp * message)
{
  GstWsctlPoolPeer *peer = gst_wsctl_pool_find_peer (self, message->id);
  g_autoptr (GstWsctlConnection) connection = NULL;

  if (peer == NULL)
    return;

  connection = g_object_ref (gst_wsctl_pool_peer_get_connection (peer));
  gst_wsctl_connection_set_description (connection, message->description);
  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_DESCRIBE, connection,
      message->description);
}

static void
take_error (GstWsctlPool * self, const GstWsctlSsp * message)
{
  g_autoptr (GError) error = g_error_new (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_FAILED, "the server says: %s%s%s",
      message->message != NULL ? message->message : "error",
      message->reason != NULL ? ": " : "",
      message->reason != NULL ? message->reason : "");
  gboolean joining;

  g_mutex_lock (&self->lock);
  joining = self->state == GST_WSCTL_POOL_STATE_JOINING;
  g_mutex_unlock (&self->lock);

  if (joining)
    gst_wsctl_pool_leave (self, error, FALSE);
  else
    gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_ERROR, error);
}

static gboolean
is_joined (GstWsctlPool * self)
{
  gboolean joined;

  g_mutex_lock (&self->lock);
  joined = self->state == GST_WSCTL_POOL_STATE_JOINED;
  g_mutex_unlock (&self->lock);

  return joined;
}

void
gst_wsctl_pool_take_message (GstWsctlPool * self, const GstWsctlSsp * message)
{
  GstWsctlPoolPeer *peer;

  GST_DEBUG_CATEGORY_INIT (wsctlpoolmembers_debug, "wsctlpoolmembers", 0,
      "WebRTC WebSocket control: members of a pool");

  if (message->type == GST_WSCTL_SSP_JOINED) {
    take_joined (self, message);
    return;
  }
  if (message->type == GST_WSCTL_SSP_ERROR) {
    take_error (self, message);
    return;
  }
  if (!is_joined (self))
    return;

  switch (message->type) {
    case GST_WSCTL_SSP_PEER:
      add_peer (self, message->id, NULL, FALSE);
      break;
    case GST_WSCTL_SSP_CLOSE:
      remove_peer (self, message->id);
      break;
    case GST_WSCTL_SSP_STOP:
      gst_wsctl_pool_leave (self, NULL, TRUE);
      break;
    case GST_WSCTL_SSP_DESCRIBE:
      take_description (self, message);
      break;
    case GST_WSCTL_SSP_SDP:
    case GST_WSCTL_SSP_CANDIDATE:
      peer = gst_wsctl_pool_find_peer (self, message->id);
      if (peer != NULL)
        gst_wsctl_pool_peer_take (peer, message);
      else
        GST_INFO_OBJECT (self->bin, "'%s' of a peer that is not here",
            message->name);
      break;
    default:
      GST_DEBUG_OBJECT (self->bin, "'%s' is ignored", message->name);
      break;
  }
}

void
gst_wsctl_pool_negotiate (GstWsctlPool * self)
{
  guint i;

  for (i = 0; i < self->peers->len; i++)
    gst_wsctl_pool_peer_negotiate (g_ptr_array_index (self->peers, i));
}

void
gst_wsctl_pool_leave (GstWsctlPool * self, const GError * error,
    gboolean stopped)
{
  g_autoptr (GPtrArray) peers = NULL;
  GstWsctlPoolState state;
  guint i;

  g_mutex_lock (&self->lock);
  state = self->state;
  self->state = GST_WSCTL_POOL_STATE_CLOSED;
  peers = self->peers;
  self->peers = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_unlock (&self->lock);
  if (state == GST_WSCTL_POOL_STATE_CLOSED)
    return;

  for (i = 0; i < peers->len; i++)
    gst_wsctl_pool_peer_close (g_ptr_array_index (peers, i));
  if (state != GST_WSCTL_POOL_STATE_NEW)
    gst_wsctl_transport_close (self->transport);

  if (error != NULL)
    gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_ERROR, error);
  if (stopped)
    gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_STOP);
  gst_wsctl_pool_emit (self, GST_WSCTL_POOL_SIGNAL_CLOSE, NULL);
}
