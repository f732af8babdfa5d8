/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One that takes part in the pool "p", as a program, for peers that are none of
 * ours: it sends a picture and a tone, counts what comes, and echoes what it is
 * told on data channels. Says what happens, a line each, and does what it is
 * told by lines of its standard input:
 *
 *   mute KIND, unmute KIND     stops what is sent, or lets it go on
 *   remove KIND, add KIND      takes the track away from all, or gives it back
 *   channel LABEL              opens a data channel to everybody
 *   send LABEL TEXT            sends on those
 *
 * SIGTERM ends it. "clean" is its last word when nothing of the pool is left.
 */

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

#include "pool-session.h"

#define COUNT_INTERVAL_MS 100
#define LAUNCH POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO

typedef struct
{
  PoolClient *client;
  GMainLoop *loop;
  GMutex lock;
  GPtrArray *channels;          /* lock; of our own making */
  gint n_told[GST_WSCTL_N_MEDIA_KINDS];
} Peer;

G_GNUC_PRINTF (1, 2)
     static void say (const gchar * format, ...)
{
  va_list args;
  g_autofree gchar *line = NULL;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  printf ("%s\n", line);
  fflush (stdout);
}

static void
on_join (GstWsctlPool * pool, const gchar * name, Peer * self)
{
  g_autofree gchar *id = gst_wsctl_pool_get_id (pool);

  say ("joined %s", id);
}

static void
on_peer (GstWsctlPool * pool, GstWsctlConnection * connection, Peer * self)
{
  say ("peer %s", gst_wsctl_connection_get_id (connection));
}

static void
on_close (GstWsctlPool * pool, GstWsctlConnection * connection, Peer * self)
{
  if (connection != NULL)
    say ("left %s", gst_wsctl_connection_get_id (connection));
  else
    say ("closed");
}

static void
on_stop (GstWsctlPool * pool, Peer * self)
{
  say ("stopped");
}

static void
on_describe (GstWsctlPool * pool, GstWsctlConnection * connection,
    GVariant * description, Peer * self)
{
  g_autofree gchar *text = g_variant_print (description, FALSE);

  say ("described %s %s", gst_wsctl_connection_get_id (connection), text);
}

static void
on_error (GstWsctlPool * pool, GError * error, Peer * self)
{
  say ("error %s", error->message);
}

static void
on_pad_added (GstElement * element, GstPad * pad, Peer * self)
{
  if (GST_PAD_IS_SRC (pad))
    say ("pad %s", GST_OBJECT_NAME (pad));
}

static void
on_pad_removed (GstElement * element, GstPad * pad, Peer * self)
{
  if (GST_PAD_IS_SRC (pad))
    say ("no pad %s", GST_OBJECT_NAME (pad));
}

static void
on_echo_string (GstWsctlDataChannel * channel, const gchar * text, Peer * self)
{
  gst_wsctl_data_channel_send_string (channel, text, NULL);
}

static void
on_echo_data (GstWsctlDataChannel * channel, GBytes * data, Peer * self)
{
  gst_wsctl_data_channel_send_data (channel, data, NULL);
}

static void
on_string (GstWsctlDataChannel * channel, const gchar * text, Peer * self)
{
  say ("message %s %s", gst_wsctl_data_channel_get_label (channel), text);
}

static void
on_channel_open (GstWsctlDataChannel * channel, Peer * self)
{
  say ("channel %s open", gst_wsctl_data_channel_get_label (channel));
}

static void
on_channel_close (GstWsctlDataChannel * channel, const GError * error,
    Peer * self)
{
  say ("channel %s closed", gst_wsctl_data_channel_get_label (channel));
}

static void
on_datachannel (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlDataChannel * channel, Peer * self)
{
  g_signal_connect (channel, "on-message-string", G_CALLBACK (on_echo_string),
      self);
  g_signal_connect (channel, "on-message-data", G_CALLBACK (on_echo_data),
      self);
  g_signal_connect (channel, "on-close", G_CALLBACK (on_channel_close), self);
  say ("channel %s came", gst_wsctl_data_channel_get_label (channel));
}

static void
open_channel (Peer * self, GstWsctlConnection * connection, const gchar * label)
{
  g_autoptr (GError) error = NULL;
  GstWsctlDataChannel *channel =
      gst_wsctl_connection_create_data_channel (connection, label, NULL,
      &error);

  g_assert_no_error (error);
  g_signal_connect (channel, "on-open", G_CALLBACK (on_channel_open), self);
  g_signal_connect (channel, "on-close", G_CALLBACK (on_channel_close), self);
  g_signal_connect (channel, "on-message-string", G_CALLBACK (on_string), self);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->channels, channel);
  g_mutex_unlock (&self->lock);
}

static void
send_on_channels (Peer * self, const gchar * label, const gchar * text)
{
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->channels->len; i++) {
    GstWsctlDataChannel *channel = g_ptr_array_index (self->channels, i);

    if (strcmp (gst_wsctl_data_channel_get_label (channel), label) == 0)
      gst_wsctl_data_channel_send_string (channel, text, NULL);
  }
  g_mutex_unlock (&self->lock);
}

static GstWsctlTrack *
get_track (Peer * self, const gchar * kind)
{
  return self->client->tracks[g_strcmp0 (kind, "audio") == 0
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO];
}

static void
obey_for (Peer * self, GstWsctlConnection * connection, gchar ** words)
{
  if (strcmp (words[0], "remove") == 0)
    gst_wsctl_connection_remove_track (connection, get_track (self, words[1]));
  else if (strcmp (words[0], "add") == 0)
    gst_wsctl_connection_add_track (connection, get_track (self, words[1]));
  else if (strcmp (words[0], "channel") == 0)
    open_channel (self, connection, words[1]);
}

static void
obey (Peer * self, const gchar * line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  GList *connections = NULL;
  GList *item;

  if (g_strv_length (words) < 2)
    g_error ("poolpeer: '%s' is no order", line);

  if (strcmp (words[0], "mute") == 0 || strcmp (words[0], "unmute") == 0) {
    gst_wsctl_track_set_muted (get_track (self, words[1]), *words[0] == 'm');
    return;
  }
  if (strcmp (words[0], "send") == 0) {
    send_on_channels (self, words[1], words[2]);
    return;
  }

  connections = gst_wsctl_pool_get_connections (self->client->pool);
  for (item = connections; item != NULL; item = item->next)
    obey_for (self, item->data, words);
  g_list_free_full (connections, g_object_unref);
}

static gboolean
on_input (GIOChannel * input, GIOCondition condition, gpointer data)
{
  g_autofree gchar *line = NULL;

  if (g_io_channel_read_line (input, &line, NULL, NULL, NULL)
      != G_IO_STATUS_NORMAL)
    return G_SOURCE_REMOVE;

  obey (data, g_strchomp (line));

  return G_SOURCE_CONTINUE;
}

static gboolean
on_count (gpointer data)
{
  Peer *self = data;
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    gint n = g_atomic_int_get (&self->client->n_buffers[kind]);

    if (n != self->n_told[kind])
      say ("%s %d", gst_wsctl_media_kind_get_nick (kind), n);
    self->n_told[kind] = n;
  }

  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate (gpointer data)
{
  g_main_loop_quit (((Peer *) data)->loop);

  return G_SOURCE_CONTINUE;
}

static void
follow (Peer * self)
{
  GstWsctlPool *pool = self->client->pool;
  GstElement *element = gst_wsctl_pool_get_element (pool);

  g_signal_connect (pool, "join", G_CALLBACK (on_join), self);
  g_signal_connect (pool, "peer", G_CALLBACK (on_peer), self);
  g_signal_connect (pool, "close", G_CALLBACK (on_close), self);
  g_signal_connect (pool, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (pool, "describe", G_CALLBACK (on_describe), self);
  g_signal_connect (pool, "error", G_CALLBACK (on_error), self);
  g_signal_connect (pool, "datachannel", G_CALLBACK (on_datachannel), self);
  g_signal_connect (element, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (element, "pad-removed", G_CALLBACK (on_pad_removed), self);
}

int
main (int argc, char **argv)
{
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  Peer self = { NULL, };

  gst_init (&argc, &argv);
  if (argc != 2)
    g_error ("poolpeer URI");
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL
      | G_LOG_LEVEL_WARNING);

  self.loop = g_main_loop_new (NULL, FALSE);
  self.channels = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_init (&self.lock);
  self.client = pool_client_new (argv[1], LAUNCH);
  follow (&self);
  g_unix_signal_add (SIGTERM, on_terminate, &self);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, &self);
  g_timeout_add (COUNT_INTERVAL_MS, on_count, &self);
  pool_client_join (self.client);
  g_main_loop_run (self.loop);

  g_signal_handlers_disconnect_by_data (gst_wsctl_pool_get_element
      (self.client->pool), &self);
  g_ptr_array_set_size (self.channels, 0);
  pool_client_free (self.client);
  say ("clean");

  g_ptr_array_unref (self.channels);
  g_mutex_clear (&self.lock);
  g_main_loop_unref (self.loop);

  return 0;
}
