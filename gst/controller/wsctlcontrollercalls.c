/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What one asks of a controller: commands to the server, and questions.
 */

#include "wsctlcontrollerinternal-private.h"

#include "wsctladdress-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlcontrollercalls_debug);
#define GST_CAT_DEFAULT wsctlcontrollercalls_debug

#define PRIVATE(self) gst_wsctl_controller_get_private (self)

typedef struct
{
  GstWsctlSession *session;
  gchar *text;
} Send;

static void
run_send (gpointer data)
{
  Send *send = data;
  g_autoptr (GError) error = NULL;

  if (!gst_wsctl_session_send (send->session, send->text, &error))
    GST_INFO_OBJECT (send->session, "not sent: %s", error->message);
}

static void
free_send (gpointer data)
{
  Send *send = data;

  g_object_unref (send->session);
  g_free (send->text);
  g_free (send);
}

static void
send_text (GstWsctlController * self, gchar * text)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  Send *send = g_new0 (Send, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlcontrollercalls_debug, "wsctlcontrollercalls",
      0, "WebRTC WebSocket control: calls to a controller");

  send->session = g_object_ref (priv->session);
  send->text = text;
  gst_wsctl_loop_call (priv->loop, run_send, send, free_send);
}

static void
send_command (GstWsctlController * self, GstWsctlCommand * command)
{
  send_text (self, gst_wsctl_command_to_json (command));
}

/**
 * gst_wsctl_controller_send:
 * @self: a controller
 * @type: the `type` of the message
 * @params: (nullable): further members, an `a{sv}` of basic values; a floating
 *   one is taken
 *
 * Sends any command to the server. Before the session is open it waits for that,
 * up to 64 of them; after the session has ended it is dropped.
 */
void
gst_wsctl_controller_send (GstWsctlController * self, const gchar * type,
    GVariant * params)
{
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GError) error = NULL;
  gchar *text;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));
  g_return_if_fail (type != NULL);

  if (params != NULL)
    owned = g_variant_ref_sink (params);
  text = gst_wsctl_message_build (type, owned, &error);
  if (text == NULL)
    g_warning ("%s", error->message);
  else
    send_text (self, text);
}

/**
 * gst_wsctl_controller_set_rtp_props:
 * @self: a controller that publishes
 * @nack: after how many packets the server is to ask for a missing one, or -1
 * @drop: after how many it is to give it up, or -1
 *
 * With -1 for both it only asks. "on-rtp-props" tells what is in force.
 */
void
gst_wsctl_controller_set_rtp_props (GstWsctlController * self, gint nack,
    gint drop)
{
  g_autoptr (GstWsctlCommand) command = NULL;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));

  command = gst_wsctl_command_new (GST_WSCTL_COMMAND_RTP_PROPS);
  command->nack = nack;
  command->drop = drop;
  send_command (self, command);
}

/**
 * gst_wsctl_controller_set_tracks:
 * @self: a controller that plays
 * @audio: (nullable): an index, "auto", "none" or another selector; %NULL
 *   leaves it as it is
 * @video: (nullable): likewise
 *
 * Chooses the tracks to play. The server switches at the next key frame.
 */
void
gst_wsctl_controller_set_tracks (GstWsctlController * self,
    const gchar * audio, const gchar * video)
{
  g_autoptr (GstWsctlCommand) command = NULL;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));

  command = gst_wsctl_command_new (GST_WSCTL_COMMAND_TRACKS);
  command->audio = g_strdup (audio);
  command->video = g_strdup (video);
  send_command (self, command);
}

/**
 * gst_wsctl_controller_set_video_bitrate:
 * @self: a controller that publishes
 * @bitrate_bps: the bitrate that is sent, bit/s; not 0
 *
 * Announces our video bitrate; "on-video-bitrate" tells what the server makes
 * of it.
 */
void
gst_wsctl_controller_set_video_bitrate (GstWsctlController * self,
    guint64 bitrate_bps)
{
  g_autoptr (GstWsctlCommand) command = NULL;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));
  g_return_if_fail (bitrate_bps > 0);

  command = gst_wsctl_command_new (GST_WSCTL_COMMAND_VIDEO_BITRATE);
  command->video_bitrate_bps = (gint64) MIN (bitrate_bps, G_MAXINT64);
  send_command (self, command);
}

/**
 * gst_wsctl_controller_replace_track:
 * @self: an open controller that publishes
 * @kind: the kind of the track
 * @track: (nullable): a source pad with RTP of the codec agreed, or %NULL to
 *   send nothing
 * @error: set to %GST_WSCTL_ERROR_REPLACE_TRACK_FAILED, with the reason
 *
 * Sends another track of the same kind, without a new negotiation. Any payload
 * type, SSRC, sequence numbers and RTP times will do: they are replaced by those
 * that were agreed, and go on where the track before has stopped. The encoder of
 * the new track is asked for a key frame.
 *
 * It fails when the caps of @track do not fit what was agreed: another codec or
 * clock rate, or a profile of H.264 that is beyond it. #GstWsctlController:stream
 * has what was agreed. The track before stays then.
 *
 * What the track before still gives is dropped until it is linked again, so that
 * its source goes on. Not from a streaming thread of the track that is replaced.
 *
 * Returns: whether it is replaced
 */
gboolean
gst_wsctl_controller_replace_track (GstWsctlController * self,
    GstWsctlMediaKind kind, GstPad * track, GError ** error)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), FALSE);
  g_return_val_if_fail (track == NULL || GST_IS_PAD (track), FALSE);

  return gst_wsctl_connection_replace_track (PRIVATE (self)->connection, kind,
      track, error);
}

/**
 * gst_wsctl_controller_get_opened:
 * @self: a controller
 *
 * Whether the session is open now, as `opened` of Ceeblue's WSController. Any
 * thread.
 *
 * Returns: whether the session is open
 */
gboolean
gst_wsctl_controller_get_opened (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv;
  gboolean opened;

  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), FALSE);

  priv = PRIVATE (self);
  g_mutex_lock (&priv->lock);
  opened = priv->opened;
  g_mutex_unlock (&priv->lock);

  return opened;
}

/**
 * gst_wsctl_controller_get_closed:
 * @self: a controller
 *
 * Whether the session is over, as `closed` of Ceeblue's WSController: it stays
 * so. Any thread.
 *
 * Returns: whether the session has ended
 */
gboolean
gst_wsctl_controller_get_closed (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv;
  gboolean closed;

  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), FALSE);

  priv = PRIVATE (self);
  g_mutex_lock (&priv->lock);
  closed = priv->closed;
  g_mutex_unlock (&priv->lock);

  return closed;
}

/**
 * gst_wsctl_controller_get_stream:
 * @self: a controller
 *
 * See #GstWsctlController:stream. Any thread.
 *
 * Returns: (transfer full) (nullable): what was agreed, once open
 */
GstStructure *
gst_wsctl_controller_get_stream (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv;
  GstStructure *stream = NULL;

  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), NULL);

  priv = PRIVATE (self);
  g_mutex_lock (&priv->lock);
  if (priv->stream != NULL)
    stream = gst_structure_copy (priv->stream);
  g_mutex_unlock (&priv->lock);

  return stream;
}

/**
 * gst_wsctl_controller_get_stream_name:
 * @self: a controller
 *
 * The name of the stream, from the address. Any thread.
 *
 * Returns: (transfer full) (nullable): the name of the stream
 */
gchar *
gst_wsctl_controller_get_stream_name (GstWsctlController * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), NULL);

  return g_strdup (PRIVATE (self)->stream_name);
}

/**
 * gst_wsctl_controller_get_codecs:
 * @self: a controller
 *
 * See #GstWsctlController:codecs. Any thread.
 *
 * Returns: (transfer full) (nullable): the codecs to offer; once open, those
 *   agreed
 */
GStrv
gst_wsctl_controller_get_codecs (GstWsctlController * self)
{
  GstWsctlControllerPrivate *priv;
  GStrv codecs;

  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), NULL);

  priv = PRIVATE (self);
  g_mutex_lock (&priv->lock);
  codecs = g_strdupv (priv->codecs);
  g_mutex_unlock (&priv->lock);

  return codecs;
}

/**
 * gst_wsctl_controller_set_codecs:
 * @self: a controller that has not been opened
 * @codecs: (nullable) (array zero-terminated=1): RTP names of codecs, or %NULL
 *   for all that are installed
 *
 * Says which codecs to offer.
 *
 * Returns: FALSE once it has been opened, or told by an element what to offer:
 *   then nothing changes
 */
gboolean
gst_wsctl_controller_set_codecs (GstWsctlController * self,
    const gchar * const *codecs)
{
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  gboolean settable;

  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), FALSE);

  g_mutex_lock (&priv->lock);
  settable = !priv->has_media;
  if (settable) {
    g_strfreev (priv->codecs);
    priv->codecs = g_strdupv ((gchar **) codecs);
  }
  g_mutex_unlock (&priv->lock);

  return settable;
}

/**
 * gst_wsctl_controller_get_connection:
 * @self: a controller
 *
 * The connection that the session is made of, from the beginning to the end of
 * the controller. Any thread.
 *
 * Returns: (transfer none): the connection
 */
GstWsctlConnection *
gst_wsctl_controller_get_connection (GstWsctlController * self)
{
  g_return_val_if_fail (GST_WSCTL_IS_CONTROLLER (self), NULL);

  return PRIVATE (self)->connection;
}

static void
run_infos (gpointer data)
{
  GTask *task = data;
  GstWsctlController *self = g_task_get_source_object (task);
  GstWsctlControllerPrivate *priv = PRIVATE (self);
  gint64 cache_us = (gint64) GPOINTER_TO_UINT (g_task_get_task_data (task))
      * 1000;
  gint64 now_us = g_get_monotonic_time ();

  if (priv->infos == NULL || now_us - priv->infos_time_us >= cache_us) {
    gst_clear_structure (&priv->infos);
    priv->infos = gst_wsctl_connection_get_stats (priv->connection);
    priv->infos_time_us = now_us;
  }
  g_task_return_pointer (task, gst_structure_copy (priv->infos),
      (GDestroyNotify) gst_structure_free);
}

/**
 * gst_wsctl_controller_connection_infos_async:
 * @self: a controller
 * @cache_ms: how old an answer may be, in milliseconds
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called with the answer, in the
 *   caller's thread-default context
 * @user_data: for @callback
 *
 * What the connection has sent and received, as
 * gst_wsctl_connection_get_stats() says it.
 */
void
gst_wsctl_controller_connection_infos_async (GstWsctlController * self,
    guint cache_ms, GCancellable * cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  GTask *task;

  g_return_if_fail (GST_WSCTL_IS_CONTROLLER (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, GUINT_TO_POINTER (cache_ms), NULL);
  gst_wsctl_loop_call (PRIVATE (self)->loop, run_infos, task, g_object_unref);
}

/**
 * gst_wsctl_controller_connection_infos_finish:
 * @self: a controller
 * @result: what the callback was given
 * @error: set when it was cancelled
 *
 * Ends gst_wsctl_controller_connection_infos_async(). Any thread.
 *
 * Returns: (transfer full): a structure `application/x-wsctl-stats`
 */
GstStructure *
gst_wsctl_controller_connection_infos_finish (GstWsctlController * self,
    GAsyncResult * result, GError ** error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

const GstWsctlAnswer *
gst_wsctl_controller_get_answer (GstWsctlController * self)
{
  return gst_wsctl_connection_get_answer (PRIVATE (self)->connection);
}

gchar *
gst_wsctl_controller_get_display_uri (GstWsctlController * self)
{
  GstWsctlConfig *config = PRIVATE (self)->config;
  g_autoptr (GstWsctlAddress) address =
      gst_wsctl_address_new (config->uri, config->stream, NULL, NULL, NULL,
      NULL);

  return address != NULL ? g_strdup (address->display) : NULL;
}
