/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlpool-private.h"

static guint signals[GST_WSCTL_POOL_N_SIGNALS];

void
gst_wsctl_pool_emit (GstWsctlPool * self, GstWsctlPoolSignal signal, ...)
{
  va_list args;

  va_start (args, signal);
  g_signal_emit_valist (self, signals[signal], 0, args);
  va_end (args);
}

void
gst_wsctl_pool_signals_class_init (GObjectClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  /**
   * GstWsctlPool::join:
   * @self: the pool
   * @pool: (nullable): the pool that was joined, which may be another than was
   *   asked for
   *
   * The pool is joined; #GstWsctlPool::peer has told of those who were there. On
   * the loop's thread, as all signals but #GstWsctlPool::track.
   */
  signals[GST_WSCTL_POOL_SIGNAL_JOIN] =
      g_signal_new ("join", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, G_TYPE_STRING);

  /**
   * GstWsctlPool::stop:
   * @self: the pool
   *
   * The server has closed the pool for all. #GstWsctlPool::close follows.
   */
  signals[GST_WSCTL_POOL_SIGNAL_STOP] =
      g_signal_new ("stop", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 0);

  /**
   * GstWsctlPool::close:
   * @self: the pool
   * @connection: (nullable): the connection to a peer that has left; %NULL when
   *   the pool itself is closed
   *
   * A peer has left, or the pool is closed: by ourselves, by the server, or
   * because of an error, of which #GstWsctlPool::error has told.
   */
  signals[GST_WSCTL_POOL_SIGNAL_CLOSE] =
      g_signal_new ("close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_WSCTL_TYPE_CONNECTION);

  /**
   * GstWsctlPool::describe:
   * @self: the pool
   * @connection: the connection to a peer
   * @description: (nullable): what the server's side says about it
   *
   * A peer was described anew.
   */
  signals[GST_WSCTL_POOL_SIGNAL_DESCRIBE] =
      g_signal_new ("describe", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_WSCTL_TYPE_CONNECTION, G_TYPE_VARIANT);

  /**
   * GstWsctlPool::peer:
   * @self: the pool
   * @connection: the connection to it
   *
   * A peer is there. Nothing has been negotiated yet: the time to add tracks.
   */
  signals[GST_WSCTL_POOL_SIGNAL_PEER] =
      g_signal_new ("peer", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, GST_WSCTL_TYPE_CONNECTION);

  /**
   * GstWsctlPool::track:
   * @self: the pool
   * @connection: the connection that it comes from
   * @pad: a source pad, on the element of the pool, that gives RTP
   *
   * #GstWsctlConnection::track of every connection. On a streaming thread.
   */
  signals[GST_WSCTL_POOL_SIGNAL_TRACK] =
      g_signal_new ("track", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_WSCTL_TYPE_CONNECTION, GST_TYPE_PAD);

  /**
   * GstWsctlPool::datachannel:
   * @self: the pool
   * @connection: the connection that it comes from
   * @channel: the channel, open
   *
   * #GstWsctlConnection::datachannel of every connection.
   */
  signals[GST_WSCTL_POOL_SIGNAL_DATACHANNEL] =
      g_signal_new ("datachannel", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_WSCTL_TYPE_CONNECTION, GST_WSCTL_TYPE_DATA_CHANNEL);

  /**
   * GstWsctlPool::error:
   * @self: the pool
   * @error: what is wrong
   *
   * The server has complained, or cannot be reached; #GstWsctlPool::close
   * follows when that is the end.
   */
  signals[GST_WSCTL_POOL_SIGNAL_ERROR] =
      g_signal_new ("error", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 1, G_TYPE_ERROR);
}
