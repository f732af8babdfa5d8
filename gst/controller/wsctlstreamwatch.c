/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The metadata channel (docs/protocol.md, "Metadata channel").
 */

#include "wsctlstreamwatch-private.h"

#include "wsctladdress-private.h"
#include "wsctlconfigchannel-private.h"
#include "wsctlerror.h"
#include "wsctlfeed-private.h"
#include "wsctlmetadata-private.h"
#include "wsctlstreamdescription-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlstreamwatch_debug);
#define GST_CAT_DEFAULT wsctlstreamwatch_debug

/* As the Ceeblue client */
#define RETRY_MS 3000

struct _GstWsctlStreamWatch
{
  grefcount refs;               /* a callback may free what it is called by */
  GstWsctlConfig *config;
  GstWsctlStreamWatchCallbacks callbacks;
  gpointer data;
  gchar *name;                  /* of the stream */
  GstWsctlFeed *feed;           /* NULL once it has failed or is freed */
  gboolean asks;                /* now and then, for want of a WebSocket */
  GstWsctlStreamState state;
  GstWsctlStreamDescription *last;      /* NULL: none yet */
};

static GstWsctlStreamWatch *
ref_watch (GstWsctlStreamWatch * self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

static void
unref_watch (GstWsctlStreamWatch * self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  g_clear_pointer (&self->last, gst_wsctl_stream_description_free);
  g_object_unref (self->config);
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlStreamWatch, unref_watch);

static GstWsctlChannel *
make_channel (gpointer data, GError ** error)
{
  GstWsctlStreamWatch *self = data;

  return gst_wsctl_config_new_channel (self->config,
      self->asks ? GST_WSCTL_CONFIG_CHANNEL_METADATA_ONCE
      : GST_WSCTL_CONFIG_CHANNEL_METADATA, error);
}

static void
set_state (GstWsctlStreamWatch * self, GstWsctlStreamState state,
    const gchar * message)
{
  if (state == self->state)
    return;

  GST_INFO_OBJECT (self->config, "stream %s -> %s",
      gst_wsctl_stream_state_get_nick (self->state),
      gst_wsctl_stream_state_get_nick (state));
  self->state = state;
  self->callbacks.state (state, message, self->data);
}

static void
describe (GstWsctlStreamWatch * self, const GstWsctlMetadata * metadata)
{
  g_autoptr (GstWsctlStreamDescription) description =
      gst_wsctl_stream_description_new (self->name, metadata);

  if (self->last != NULL
      && gst_wsctl_stream_description_is_like (description, self->last)) {
    description->changed = FALSE;
    gst_object_replace ((GstObject **) & description->collection,
        GST_OBJECT (self->last->collection));
  }
  g_clear_pointer (&self->last, gst_wsctl_stream_description_free);
  self->last = gst_wsctl_stream_description_copy (description);
  self->callbacks.described (description, self->data);
}

static void
on_opened (gpointer data)
{
}

static void
on_message (const gchar * text, gpointer data)
{
  g_autoptr (GstWsctlStreamWatch) self = ref_watch (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlMetadata) metadata =
      gst_wsctl_metadata_parse (text, &error);

  if (metadata == NULL) {
    GST_WARNING_OBJECT (self->config, "description ignored: %s",
        error->message);
    return;
  }

  set_state (self, metadata->state, metadata->message);
  if (metadata->state == GST_WSCTL_STREAM_STATE_ONLINE && self->feed != NULL)
    describe (self, metadata);
}

/* What trying again does not mend */
static gboolean
is_final (const GError * error)
{
  static const GstWsctlError codes[] = {
    GST_WSCTL_ERROR_INVALID_URI, GST_WSCTL_ERROR_TLS,
    GST_WSCTL_ERROR_ACCESS_DENIED, GST_WSCTL_ERROR_UNEXPECTED_STATUS,
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (codes); i++) {
    if (g_error_matches (error, GST_WSCTL_ERROR, codes[i]))
      return TRUE;
  }

  return FALSE;
}

static gboolean
on_lost (const GError * error, gpointer data)
{
  g_autoptr (GstWsctlStreamWatch) self = ref_watch (data);

  /* Whatever is on the way may take no WebSockets; the same is said over HTTP. */
  if (!self->asks && g_error_matches (error, GST_WSCTL_ERROR,
          GST_WSCTL_ERROR_UNEXPECTED_STATUS)) {
    self->asks = TRUE;
    return TRUE;
  }
  if (self->asks && error == NULL)
    return TRUE;

  set_state (self, GST_WSCTL_STREAM_STATE_UNKNOWN, NULL);
  if (self->feed == NULL || !is_final (error))
    return TRUE;

  GST_INFO_OBJECT (self->config, "nothing is said of the stream: %s",
      error->message);
  self->callbacks.failed (error, self->data);

  return FALSE;
}

GstWsctlStreamWatch *
gst_wsctl_stream_watch_new (GstWsctlLoop * loop, GstWsctlConfig * config,
    const GstWsctlStreamWatchCallbacks * callbacks, gpointer data)
{
  static const GstWsctlFeedCallbacks feed_callbacks = {
    make_channel, on_opened, on_message, on_lost
  };
  GstWsctlStreamWatch *self = g_new0 (GstWsctlStreamWatch, 1);
  g_autoptr (GstWsctlAddress) address =
      gst_wsctl_address_new (config->uri, config->stream, NULL, NULL, NULL,
      NULL);

  GST_DEBUG_CATEGORY_INIT (wsctlstreamwatch_debug, "wsctlstreamwatch", 0,
      "WebRTC WebSocket control: what a stream is");

  g_ref_count_init (&self->refs);
  self->config = g_object_ref (config);
  self->callbacks = *callbacks;
  self->data = data;
  self->name = g_strdup (address != NULL && address->stream_name != NULL
      ? address->stream_name : "stream");
  self->feed = gst_wsctl_feed_new (loop, RETRY_MS, &feed_callbacks, self);

  return self;
}

void
gst_wsctl_stream_watch_free (GstWsctlStreamWatch * self)
{
  g_clear_pointer (&self->feed, gst_wsctl_feed_close);
  unref_watch (self);
}
