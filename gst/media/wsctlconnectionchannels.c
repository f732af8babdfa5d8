/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The data channels of a connection to a peer of a pool: they stay while links
 * come and go below them.
 */

#include "wsctlconnectioninternal-private.h"

#include "wsctlcategory-private.h"
#include "wsctldatachannelbins-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlconnectionchannels_debug);
#define GST_CAT_DEFAULT wsctlconnectionchannels_debug

/* The label that is for data of any kind */
#define ANY_DATA "*"

/* Each costs two threads. */
#define MAX_CHANNELS 256
#define DEFAULT_TIMEOUT_MS 15000

static void
on_close (GstWsctlDataChannel * channel, const GError * error,
    GstWsctlConnection * self)
{
  GstWsctlConnectionPeer *peer = self->peer;

  if (peer->current != NULL)
    gst_wsctl_link_forget (peer->current, channel);
  g_ptr_array_remove (peer->channels, channel);
}

static void
add_channel (GstWsctlConnection * self, GstWsctlDataChannel * channel)
{
  g_ptr_array_add (self->peer->channels, g_object_ref (channel));
  g_signal_connect_object (channel, "on-close", G_CALLBACK (on_close), self, 0);
}

/* What the link does not carry yet it does from now on, or it takes another
 * link. */
static void
carry (GstWsctlConnection * self, GstWsctlDataChannel * channel)
{
  GstWsctlLink *current = self->peer->current;

  if (current != NULL && gst_wsctl_link_has_data (current))
    gst_wsctl_link_carry (current, channel);
  else
    gst_wsctl_connection_tell_changed (self);
}

void
gst_wsctl_connection_move_channels (GstWsctlConnection * self)
{
  GPtrArray *channels = self->peer->channels;
  guint i;

  for (i = 0; i < channels->len; i++)
    carry (self, channels->pdata[i]);
}

void
gst_wsctl_connection_detach_channels (GstWsctlConnection * self,
    GstWsctlLink * link)
{
  /* One that was closing is over now, and leaves the array. */
  g_autoptr (GPtrArray) channels = g_ptr_array_copy (self->peer->channels,
      (GCopyFunc) g_object_ref, NULL);
  guint i;

  g_ptr_array_set_free_func (channels, g_object_unref);
  for (i = 0; i < channels->len; i++)
    gst_wsctl_data_channel_detach (channels->pdata[i], link);
}

void
gst_wsctl_connection_end_channels (GstWsctlConnection * self)
{
  while (self->peer->channels->len > 0) {
    g_autoptr (GstWsctlDataChannel) channel =
        g_object_ref (self->peer->channels->pdata[0]);

    gst_wsctl_data_channel_end (channel, NULL);
    g_ptr_array_remove (self->peer->channels, channel);
  }
}

void
gst_wsctl_connection_take_channel (GstWsctlConnection * self,
    GstWsctlDataChannel * channel)
{
  if (self->peer->channels->len >= MAX_CHANNELS) {
    GST_WARNING ("a peer opens more than %d data channels", MAX_CHANNELS);
    gst_wsctl_data_channel_close (channel);
    return;
  }

  add_channel (self, channel);
  gst_wsctl_connection_emit_datachannel (self, channel);
}

/* A channel on its way to the loop */
typedef struct
{
  GstWsctlConnection *self;
  GstWsctlDataChannel *channel;
} Job;

static void
free_job (gpointer data)
{
  Job *job = data;

  g_object_unref (job->channel);
  g_object_unref (job->self);
  g_free (job);
}

static void
run_add_channel (gpointer data)
{
  Job *job = data;
  GstWsctlConnectionPeer *peer = job->self->peer;
  g_autoptr (GError) error = NULL;
  gboolean closed;

  g_mutex_lock (&peer->lock);
  closed = peer->closed;
  g_mutex_unlock (&peer->lock);
  if (closed)
    error = g_error_new_literal (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
        "the connection is closed");
  else if (peer->channels->len >= MAX_CHANNELS)
    error = g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_WOULD_BLOCK,
        "a connection has %d data channels at the most", MAX_CHANNELS);
  if (error != NULL) {
    gst_wsctl_data_channel_end (job->channel, error);
    return;
  }

  add_channel (job->self, job->channel);
  carry (job->self, job->channel);
}

static GstWsctlDataChannel *
make_channel (GstWsctlConnection * self, const gchar * label,
    const GstStructure * options, GError ** error)
{
  g_autoptr (GstWsctlDataChannelOptions) read = NULL;

  GST_WSCTL_CATEGORY_INIT (wsctlconnectionchannels_debug,
      "wsctlconnectionchannels",
      "WebRTC WebSocket control: data channels of a connection");

  if (self->peer == NULL) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_INVALID_OPTION,
        "only a connection of a pool has data channels");
    return NULL;
  }
  read = gst_wsctl_data_channel_options_new (label, options, error);

  return read != NULL ? gst_wsctl_data_channel_new (self->loop, label, read)
      : NULL;
}

static void
queue_channel (GstWsctlConnection * self, GstWsctlDataChannel * channel)
{
  Job *job = g_new0 (Job, 1);

  job->self = g_object_ref (self);
  job->channel = g_object_ref (channel);
  gst_wsctl_loop_call (self->loop, run_add_channel, job, free_job);
}

/**
 * gst_wsctl_connection_create_data_channel:
 * @self: a connection of a pool
 * @label: what to call it, 65535 bytes at the most
 * @options: (nullable): its options, as for webrtcbin's "create-data-channel"
 * @error: what is wrong with the options: %GST_WSCTL_ERROR_INVALID_OPTION
 *
 * Makes a data channel to the peer (RFC 8832, W3C RTCDataChannelInit). What has to
 * be negotiated is negotiated by itself; it is open when
 * #GstWsctlDataChannel:ready-state says so. Any thread.
 *
 * The options are `ordered` (boolean, TRUE), `max-packet-lifetime` (int,
 * milliseconds) or `max-retransmits` (int), `protocol` (string), `negotiated`
 * (boolean, FALSE) with `id` (int), `priority` (string: very-low, low, medium,
 * high). The name of the structure means nothing.
 *
 * Returns: (transfer full): the channel, not yet open
 */
GstWsctlDataChannel *
gst_wsctl_connection_create_data_channel (GstWsctlConnection * self,
    const gchar * label, const GstStructure * options, GError ** error)
{
  GstWsctlDataChannel *channel;

  g_return_val_if_fail (GST_WSCTL_IS_CONNECTION (self), NULL);
  g_return_val_if_fail (label != NULL, NULL);

  channel = make_channel (self, label, options, error);
  if (channel != NULL)
    queue_channel (self, channel);

  return channel;
}

void
gst_wsctl_connection_make_server_channel (GstWsctlConnection * self)
{
  g_autoptr (GstWsctlDataChannelOptions) options =
      gst_wsctl_data_channel_options_new (ANY_DATA, NULL, NULL);

  self->data_channel = gst_wsctl_data_channel_new (self->loop, ANY_DATA,
      options);
}

GstWsctlDataChannel *
gst_wsctl_connection_get_data_channel (GstWsctlConnection * self)
{
  return self->data_channel;
}

void
gst_wsctl_connection_open_server_channel (GstWsctlConnection * self)
{
  g_autoptr (GstStructure) request = NULL;
  g_autoptr (GObject) inner = NULL;

  if (self->data_channel == NULL)
    return;

  gst_wsctl_data_channel_bins_watch (self->webrtcbin);
  request = gst_wsctl_data_channel_get_request (self->data_channel);
  g_signal_emit_by_name (self->webrtcbin, "create-data-channel",
      gst_wsctl_data_channel_get_label (self->data_channel), request, &inner);
  if (inner != NULL)
    gst_wsctl_data_channel_attach (self->data_channel, inner, self);
}

/* A channel that somebody waits for: on the loop, but for its making. */
typedef struct
{
  GstWsctlDataChannel *channel;
  GTask *task;
  guint timeout_ms;
  GSource *timeout;
  GSource *cancelled;
  gulong open_id;
  gulong close_id;
} Opening;

/* Takes @error; NULL: it is open. */
static void
end_opening (Opening * opening, GError * error)
{
  gst_wsctl_loop_clear_timer (&opening->timeout);
  gst_wsctl_loop_clear_timer (&opening->cancelled);
  g_signal_handler_disconnect (opening->channel, opening->open_id);
  g_signal_handler_disconnect (opening->channel, opening->close_id);

  if (error == NULL) {
    g_task_return_pointer (opening->task, g_object_ref (opening->channel),
        g_object_unref);
  } else {
    gst_wsctl_data_channel_close (opening->channel);
    g_task_return_error (opening->task, error);
  }
  g_object_unref (opening->task);
  g_object_unref (opening->channel);
  g_free (opening);
}

static void
on_opening_open (GstWsctlDataChannel * channel, Opening * opening)
{
  end_opening (opening, NULL);
}

static void
on_opening_close (GstWsctlDataChannel * channel, const GError * error,
    Opening * opening)
{
  end_opening (opening, error != NULL ? g_error_copy (error)
      : g_error_new (GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED,
          "the connection was closed before the data channel '%s' was open",
          gst_wsctl_data_channel_get_label (channel)));
}

static gboolean
on_opening_timeout (gpointer data)
{
  Opening *opening = data;

  end_opening (opening, g_error_new (GST_WSCTL_ERROR,
          GST_WSCTL_ERROR_TIMED_OUT, "the data channel '%s' was not open "
          "within %u ms", gst_wsctl_data_channel_get_label (opening->channel),
          opening->timeout_ms));

  return G_SOURCE_REMOVE;
}

static gboolean
on_opening_cancelled (GCancellable * cancellable, gpointer data)
{
  end_opening (data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "cancelled"));

  return G_SOURCE_REMOVE;
}

static void
run_watch_opening (gpointer data)
{
  Opening *opening = data;
  GstWsctlConnection *self = g_task_get_source_object (opening->task);
  GCancellable *cancellable = g_task_get_cancellable (opening->task);

  opening->open_id = g_signal_connect (opening->channel, "on-open",
      G_CALLBACK (on_opening_open), opening);
  opening->close_id = g_signal_connect (opening->channel, "on-close",
      G_CALLBACK (on_opening_close), opening);
  opening->timeout = gst_wsctl_loop_add_timer (self->loop, opening->timeout_ms,
      on_opening_timeout, opening, NULL);
  if (cancellable == NULL)
    return;

  opening->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (opening->cancelled,
      G_SOURCE_FUNC (on_opening_cancelled), opening, NULL);
  g_source_attach (opening->cancelled, gst_wsctl_loop_get_context (self->loop));
}

/**
 * gst_wsctl_connection_open_data_channel_async:
 * @self: a connection of a pool
 * @label: what to call it
 * @options: (nullable): see gst_wsctl_connection_create_data_channel()
 * @timeout_ms: how long to wait, in milliseconds; 0 for 15 seconds
 * @cancellable: (nullable): ends the wait, and the channel
 * @callback: (scope async): called when it is open, or never will be
 * @user_data: for @callback
 *
 * As gst_wsctl_connection_create_data_channel(), and waits for it. Any thread;
 * the callback comes on the thread-default context of the caller.
 */
void
gst_wsctl_connection_open_data_channel_async (GstWsctlConnection * self,
    const gchar * label, const GstStructure * options, guint timeout_ms,
    GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GstWsctlDataChannel) channel = NULL;
  GError *error = NULL;
  Opening *opening;

  g_return_if_fail (GST_WSCTL_IS_CONNECTION (self));
  g_return_if_fail (label != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, gst_wsctl_connection_open_data_channel_async);
  channel = make_channel (self, label, options, &error);
  if (channel == NULL) {
    g_task_return_error (task, error);
    return;
  }

  opening = g_new0 (Opening, 1);
  opening->task = g_object_ref (task);
  opening->channel = g_object_ref (channel);
  opening->timeout_ms = timeout_ms != 0 ? timeout_ms : DEFAULT_TIMEOUT_MS;
  gst_wsctl_loop_call (self->loop, run_watch_opening, opening, NULL);
  queue_channel (self, channel);
}

/**
 * gst_wsctl_connection_open_data_channel_finish:
 * @self: a connection of a pool
 * @result: as given to the callback
 * @error: why it is not open: %GST_WSCTL_ERROR_TIMED_OUT,
 *   %GST_WSCTL_ERROR_CLOSED, %GST_WSCTL_ERROR_INVALID_OPTION,
 *   %G_IO_ERROR_CANCELLED
 *
 * Ends gst_wsctl_connection_open_data_channel_async(). Any thread.
 *
 * Returns: (transfer full): the channel, open
 */
GstWsctlDataChannel *
gst_wsctl_connection_open_data_channel_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
