/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What wsctlpool tells and what it can be asked
 */

#include "gstwsctlpoolbin.h"

GST_DEBUG_CATEGORY_STATIC (wsctlpoolsignals_debug);
#define GST_CAT_DEFAULT wsctlpoolsignals_debug

static guint signals[GST_WSCTL_POOL_BIN_N_SIGNALS];

static const gchar *const messages[GST_WSCTL_POOL_BIN_N_SIGNALS] = {
  "wsctl-join", "wsctl-stop", "wsctl-close", "wsctl-describe", "wsctl-peer",
  "wsctl-track", "wsctl-datachannel"
};

static void
post (GstWsctlPoolBin * self, GstWsctlPoolBinSignal signal, const gchar * peer,
    gpointer more)
{
  GstStructure *structure = gst_structure_new_empty (messages[signal]);

  if (peer != NULL)
    gst_structure_set (structure,
        signal == GST_WSCTL_POOL_BIN_ON_JOIN ? "pool" : "peer", G_TYPE_STRING,
        peer, NULL);
  if (signal == GST_WSCTL_POOL_BIN_ON_DESCRIBE && more != NULL)
    gst_structure_set (structure, "description", G_TYPE_VARIANT, more, NULL);
  if (signal == GST_WSCTL_POOL_BIN_ON_TRACK)
    gst_structure_set (structure, "pad", G_TYPE_STRING, GST_PAD_NAME (more),
        NULL);
  if (signal == GST_WSCTL_POOL_BIN_ON_DATACHANNEL)
    gst_structure_set (structure, "label", G_TYPE_STRING,
        gst_wsctl_data_channel_get_label (more), NULL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

void
gst_wsctl_pool_bin_emit (GstWsctlPoolBin * self, GstWsctlPoolBinSignal signal,
    const gchar * peer, gpointer more)
{
  post (self, signal, peer, more);
  if (signal == GST_WSCTL_POOL_BIN_ON_STOP)
    g_signal_emit (self, signals[signal], 0);
  else if (signal == GST_WSCTL_POOL_BIN_ON_DESCRIBE
      || signal == GST_WSCTL_POOL_BIN_ON_TRACK
      || signal == GST_WSCTL_POOL_BIN_ON_DATACHANNEL)
    g_signal_emit (self, signals[signal], 0, peer, more);
  else
    g_signal_emit (self, signals[signal], 0, peer);
}

static gboolean
mute (GstWsctlPoolBin * self, const gchar * kind)
{
  return gst_wsctl_pool_bin_set_muted (self, kind, TRUE);
}

static gboolean
unmute (GstWsctlPoolBin * self, const gchar * kind)
{
  return gst_wsctl_pool_bin_set_muted (self, kind, FALSE);
}

static GstWsctlConnection *
get_connection (GstWsctlPoolBin * self, const gchar * id)
{
  g_autoptr (GstWsctlPool) pool = gst_wsctl_pool_bin_get_pool (self);

  return pool != NULL ? gst_wsctl_pool_get_connection (pool, id) : NULL;
}

/* An action says what was wrong in the log only. */
static GstWsctlDataChannel *
create_data_channel (GstWsctlPoolBin * self, const gchar * peer,
    const gchar * label, const GstStructure * options)
{
  g_autoptr (GstWsctlConnection) connection = get_connection (self, peer);
  g_autoptr (GError) error = NULL;
  GstWsctlDataChannel *channel;

  if (connection == NULL || label == NULL) {
    GST_WARNING_OBJECT (self, "no data channel '%s' to '%s', which is not here",
        label, peer);
    return NULL;
  }

  channel = gst_wsctl_connection_create_data_channel (connection, label,
      options, &error);
  if (channel == NULL)
    GST_WARNING_OBJECT (self, "no data channel '%s' to '%s': %s", label, peer,
        error->message);

  return channel;
}

static guint
new_signal (GType type, const gchar * name, guint n, GType first, GType second)
{
  return g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, n, first, second);
}

static void
new_action (GType type, const gchar * name, GCallback func, GType result)
{
  g_signal_new_class_handler (name, type, G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      func, NULL, NULL, NULL, result, 1, G_TYPE_STRING);
}

void
gst_wsctl_pool_bin_signals_class_init (GObjectClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlpoolsignals_debug, "wsctlpoolsignals", 0,
      "WebRTC WebSocket control: signals of wsctlpool");

  /**
   * wsctlpool::on-join:
   * @element: the element
   * @pool: the name of the pool
   *
   * The pool is joined. On the loop's thread, as all but on-track; also posted as
   * an element message `wsctl-join`, and so on.
   */
  signals[GST_WSCTL_POOL_BIN_ON_JOIN] =
      new_signal (type, "on-join", 1, G_TYPE_STRING, G_TYPE_NONE);

  /**
   * wsctlpool::on-stop:
   * @element: the element
   *
   * The server has closed the pool for all.
   */
  signals[GST_WSCTL_POOL_BIN_ON_STOP] =
      new_signal (type, "on-stop", 0, G_TYPE_NONE, G_TYPE_NONE);

  /**
   * wsctlpool::on-close:
   * @element: the element
   * @peer: (nullable): the id of a peer that has left; %NULL when the pool is
   *   closed
   *
   * A peer has left, or the pool is closed.
   */
  signals[GST_WSCTL_POOL_BIN_ON_CLOSE] =
      new_signal (type, "on-close", 1, G_TYPE_STRING, G_TYPE_NONE);

  /**
   * wsctlpool::on-describe:
   * @element: the element
   * @peer: the id of a peer
   * @description: (nullable): what the server's side says about it
   *
   * A peer was described.
   */
  signals[GST_WSCTL_POOL_BIN_ON_DESCRIBE] =
      new_signal (type, "on-describe", 2, G_TYPE_STRING, G_TYPE_VARIANT);

  /**
   * wsctlpool::on-peer:
   * @element: the element
   * @peer: its id
   *
   * A peer is there.
   */
  signals[GST_WSCTL_POOL_BIN_ON_PEER] =
      new_signal (type, "on-peer", 1, G_TYPE_STRING, G_TYPE_NONE);

  /**
   * wsctlpool::on-track:
   * @element: the element
   * @peer: the id of the peer that it comes from
   * @pad: the source pad
   *
   * A track of a peer has come; the pad has been added. On a streaming thread.
   */
  signals[GST_WSCTL_POOL_BIN_ON_TRACK] =
      new_signal (type, "on-track", 2, G_TYPE_STRING, GST_TYPE_PAD);

  /**
   * wsctlpool::on-datachannel:
   * @element: the element
   * @peer: the id of the peer that has opened it
   * @channel: the #GstWsctlDataChannel, open
   *
   * A data channel of a peer has come. Before its first message: connect to its
   * signals here.
   */
  signals[GST_WSCTL_POOL_BIN_ON_DATACHANNEL] =
      new_signal (type, "on-datachannel", 2, G_TYPE_STRING,
      GST_WSCTL_TYPE_DATA_CHANNEL);

  /**
   * wsctlpool::mute:
   * @element: the element
   * @kind: (nullable): "audio", "video", or %NULL for both
   *
   * Sends nothing of that kind to any peer. Returns %FALSE for another kind.
   */
  new_action (type, "mute", G_CALLBACK (mute), G_TYPE_BOOLEAN);

  /**
   * wsctlpool::unmute:
   * @element: the element
   * @kind: (nullable): "audio", "video", or %NULL for both
   *
   * Sends that kind to every peer again. Returns %FALSE for another kind.
   */
  new_action (type, "unmute", G_CALLBACK (unmute), G_TYPE_BOOLEAN);

  /**
   * wsctlpool::get-connection:
   * @element: the element
   * @peer: the id of a peer
   *
   * The #GstWsctlConnection to it, for what is between two only; %NULL when it
   * is not there.
   */
  new_action (type, "get-connection", G_CALLBACK (get_connection),
      GST_WSCTL_TYPE_CONNECTION);

  /**
   * wsctlpool::create-data-channel:
   * @element: the element
   * @peer: the id of a peer
   * @label: what to call it
   * @options: (nullable): see gst_wsctl_connection_create_data_channel()
   *
   * Opens a data channel to a peer. The #GstWsctlDataChannel says when it is open
   * (`on-open`), and takes messages by action signals of its own (`send-string`,
   * `send-data`, `close`). %NULL when the peer is not there or the options are
   * wrong.
   */
  g_signal_new_class_handler ("create-data-channel", type,
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (create_data_channel),
      NULL, NULL, NULL, GST_WSCTL_TYPE_DATA_CHANNEL, 3, G_TYPE_STRING,
      G_TYPE_STRING, GST_TYPE_STRUCTURE);
}
