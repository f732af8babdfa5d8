/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Timed data, of a WebSocket or a data channel (docs/protocol.md, "Timed data").
 */

#include "wsctldatawatch-private.h"

#include <gst/gst.h>

#include "wsctlconfigchannel-private.h"
#include "wsctlfeed-private.h"
#include "wsctltimeddata-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctldatawatch_debug);
#define GST_CAT_DEFAULT wsctldatawatch_debug

/* As the Ceeblue client */
#define RETRY_MS 3000

struct _GstWsctlDataWatch
{
  GstWsctlConfig *config;
  gchar *tracks;
  GstWsctlDataWatchFunc func;
  gpointer data;
  GstWsctlFeed *feed;           /* or … */
  GstWsctlDataChannel *channel;
  gulong message_id;
};

static GstWsctlChannel *
make_channel (gpointer data, GError ** error)
{
  GstWsctlDataWatch *self = data;

  return gst_wsctl_config_new_channel (self->config,
      GST_WSCTL_CONFIG_CHANNEL_DATA, error);
}

static void
on_opened (gpointer data)
{
  GstWsctlDataWatch *self = data;
  g_autofree gchar *text = gst_wsctl_timed_data_select (self->tracks);

  if (text != NULL)
    gst_wsctl_feed_send (self->feed, text);
}

/* All tracks come on it. */
static gboolean
is_wanted (GstWsctlDataWatch * self, gint64 track)
{
  g_auto (GStrv) words = NULL;
  g_autofree gchar *text = NULL;

  if (self->tracks == NULL)
    return TRUE;

  words = g_strsplit (self->tracks, ",", -1);
  text = g_strdup_printf ("%" G_GINT64_FORMAT, track);

  return g_strv_contains ((const gchar * const *) words, text);
}

static void
on_message (const gchar * text, gpointer data)
{
  GstWsctlDataWatch *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlTimedData) item =
      gst_wsctl_timed_data_parse (text, &error);

  if (error != NULL)
    GST_WARNING_OBJECT (self->config, "item ignored: %s", error->message);
  if (item != NULL && (self->channel == NULL || is_wanted (self, item->track)))
    self->func (item->time_ms, item->duration_ms, item->track, item->json,
        self->data);
}

static void
on_channel_message (GstWsctlDataChannel * channel, const gchar * text,
    GstWsctlDataWatch * self)
{
  on_message (text, self);
}

/* A server that has no such channel plays all the same. */
static gboolean
on_lost (const GError * error, gpointer data)
{
  GstWsctlDataWatch *self = data;

  GST_INFO_OBJECT (self->config, "timed data: %s",
      error != NULL ? error->message : "closed");

  return TRUE;
}

GstWsctlDataWatch *
gst_wsctl_data_watch_new (GstWsctlLoop * loop, GstWsctlConfig * config,
    GstWsctlDataChannel * channel, const gchar * tracks,
    GstWsctlDataWatchFunc func, gpointer data)
{
  static const GstWsctlFeedCallbacks callbacks = {
    make_channel, on_opened, on_message, on_lost
  };
  GstWsctlDataWatch *self = g_new0 (GstWsctlDataWatch, 1);

  GST_DEBUG_CATEGORY_INIT (wsctldatawatch_debug, "wsctldatawatch", 0,
      "WebRTC WebSocket control: timed data");

  self->config = g_object_ref (config);
  self->tracks = g_strdup (tracks);
  self->func = func;
  self->data = data;
  if (channel != NULL) {
    self->channel = g_object_ref (channel);
    self->message_id = g_signal_connect (channel, "on-message-string",
        G_CALLBACK (on_channel_message), self);
  } else {
    self->feed = gst_wsctl_feed_new (loop, RETRY_MS, &callbacks, self);
  }

  return self;
}

void
gst_wsctl_data_watch_free (GstWsctlDataWatch * self)
{
  if (self->channel != NULL)
    g_clear_signal_handler (&self->message_id, self->channel);
  g_clear_object (&self->channel);
  g_clear_pointer (&self->feed, gst_wsctl_feed_close);
  g_object_unref (self->config);
  g_free (self->tracks);
  g_free (self);
}
