/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlfeed-private.h"

#include <gst/gst.h>

GST_DEBUG_CATEGORY_STATIC (wsctlfeed_debug);
#define GST_CAT_DEFAULT wsctlfeed_debug

#define MAX_DELAYS 10           /* the longest wait, in first ones */

struct _GstWsctlFeed
{
  grefcount refs;               /* a callback may close what it is called by */
  GstWsctlLoop *loop;
  GstWsctlFeedCallbacks callbacks;
  gpointer data;
  guint retry_ms;
  guint delay_ms;               /* of the next wait */
  GSource *timer;
  GstWsctlChannel *channel;
  gboolean open;
  gboolean closed;
};

static gboolean connect_again (gpointer data);

static GstWsctlFeed *
ref_feed (GstWsctlFeed * self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

static void
unref_feed (GstWsctlFeed * self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlFeed, unref_feed);

static void
drop_channel (GstWsctlFeed * self)
{
  self->open = FALSE;
  if (self->channel == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->channel, self);
  gst_wsctl_channel_close (self->channel);
  g_clear_object (&self->channel);
}

static void
wait (GstWsctlFeed * self)
{
  GST_DEBUG ("%p: again in %u ms", self, self->delay_ms);
  gst_wsctl_loop_clear_timer (&self->timer);
  self->timer = gst_wsctl_loop_add_timer (self->loop, self->delay_ms,
      connect_again, self, NULL);
  self->delay_ms = MIN (self->delay_ms * 2, self->retry_ms * MAX_DELAYS);
}

static void
lose (GstWsctlFeed * self, const GError * error)
{
  g_autoptr (GstWsctlFeed) guard = ref_feed (self);

  GST_DEBUG ("%p: lost: %s", self, error != NULL ? error->message : "closed");
  drop_channel (self);
  if (self->callbacks.lost (error, self->data) && !self->closed)
    wait (self);
}

static void
on_opened (GstWsctlChannel * channel, GstWsctlFeed * self)
{
  self->open = TRUE;
  self->delay_ms = self->retry_ms;
  self->callbacks.opened (self->data);
}

static void
on_message (GstWsctlChannel * channel, const gchar * text, GstWsctlFeed * self)
{
  self->callbacks.message (text, self->data);
}

static void
on_closed (GstWsctlChannel * channel, const GError * error, GstWsctlFeed * self)
{
  lose (self, error);
}

static gboolean
connect_again (gpointer data)
{
  GstWsctlFeed *self = data;
  g_autoptr (GError) error = NULL;

  gst_wsctl_loop_clear_timer (&self->timer);
  self->channel = self->callbacks.connect (self->data, &error);
  if (self->channel == NULL) {
    lose (self, error);
    return G_SOURCE_REMOVE;
  }

  g_signal_connect (self->channel, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect (self->channel, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->channel, "closed", G_CALLBACK (on_closed), self);
  gst_wsctl_channel_open (self->channel);

  return G_SOURCE_REMOVE;
}

GstWsctlFeed *
gst_wsctl_feed_new (GstWsctlLoop * loop, guint retry_ms,
    const GstWsctlFeedCallbacks * callbacks, gpointer data)
{
  GstWsctlFeed *self = g_new0 (GstWsctlFeed, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlfeed_debug, "wsctlfeed", 0,
      "WebRTC WebSocket control: channels that come back");

  g_ref_count_init (&self->refs);
  self->loop = gst_wsctl_loop_ref (loop);
  self->callbacks = *callbacks;
  self->data = data;
  self->retry_ms = retry_ms;
  self->delay_ms = retry_ms;
  self->timer = gst_wsctl_loop_add_timer (loop, 0, connect_again, self, NULL);

  return self;
}

gboolean
gst_wsctl_feed_send (GstWsctlFeed * self, const gchar * text)
{
  return self->open && gst_wsctl_channel_send (self->channel, text, NULL);
}

void
gst_wsctl_feed_close (GstWsctlFeed * self)
{
  self->closed = TRUE;
  gst_wsctl_loop_clear_timer (&self->timer);
  drop_channel (self);
  unref_feed (self);
}
