/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A channel is there from the first message on that opens it. One that both
 * sides agreed on beforehand has no such message and no label.
 */

#include "wsctllitechannels-private.h"

#include <string.h>
#include <gst/gst.h>

#include "wsctllitesctp-private.h"

#define PPID_CONTROL 50
#define PPID_TEXT 51
#define PPID_TEXT_EMPTY 56
#define MESSAGE_ACK 2
#define MESSAGE_OPEN 3
#define OPEN_SIZE 12
#define MAX_CHANNELS 64

typedef struct
{
  guint16 stream;
  gchar *label;
  gchar *protocol;
} Channel;

struct _GstWsctlLiteChannels
{
  GstWsctlLiteChannelsCallbacks callbacks;
  gpointer data;
  GstWsctlLiteSctp *sctp;
  GPtrArray *channels;          /* as they were opened */
  guint8 ack;
};

static void
free_channel (gpointer data)
{
  Channel *channel = data;

  g_free (channel->label);
  g_free (channel->protocol);
  g_free (channel);
}

static Channel *
find_by_stream (GstWsctlLiteChannels * self, guint16 stream)
{
  guint i;

  for (i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);

    if (channel->stream == stream)
      return channel;
  }

  return NULL;
}

static Channel *
find_by_name (GstWsctlLiteChannels * self, const gchar * name)
{
  guint i;

  for (i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);

    if (strcmp (channel->label, name) == 0
        || strcmp (channel->protocol, name) == 0)
      return channel;
  }

  return NULL;
}

static void
remove_channel (GstWsctlLiteChannels * self, guint16 stream)
{
  Channel *channel = find_by_stream (self, stream);

  if (channel != NULL)
    g_ptr_array_remove (self->channels, channel);
}

static gchar *
read_name (const guint8 * bytes, gsize size)
{
  g_autofree gchar *name = g_strndup ((const gchar *) bytes, size);

  return g_utf8_make_valid (name, -1);
}

static void
on_send (const guint8 * packet, gsize size, gpointer data)
{
  GstWsctlLiteChannels *self = data;

  self->callbacks.send (packet, size, self->data);
}

static void
open_channel (GstWsctlLiteChannels * self, guint16 stream,
    const guint8 * message, gsize size)
{
  gsize label_size, protocol_size;
  Channel *channel;

  if (size < OPEN_SIZE || message[0] != MESSAGE_OPEN
      || self->channels->len >= MAX_CHANNELS)
    return;
  label_size = GST_READ_UINT16_BE (message + 8);
  protocol_size = GST_READ_UINT16_BE (message + 10);
  if (label_size + protocol_size > size - OPEN_SIZE)
    return;

  remove_channel (self, stream);
  channel = g_new0 (Channel, 1);
  channel->stream = stream;
  channel->label = read_name (message + OPEN_SIZE, label_size);
  channel->protocol = read_name (message + OPEN_SIZE + label_size,
      protocol_size);
  g_ptr_array_add (self->channels, channel);
  gst_wsctl_lite_sctp_send (self->sctp, stream, PPID_CONTROL, &self->ack,
      sizeof self->ack);
}

static void
on_message (guint16 stream, guint32 ppid, const guint8 * message, gsize size,
    gpointer data)
{
  GstWsctlLiteChannels *self = data;
  Channel *channel = find_by_stream (self, stream);
  g_autofree gchar *text = NULL;

  if (ppid == PPID_CONTROL)
    open_channel (self, stream, message, size);
  if (ppid != PPID_TEXT
      || !g_utf8_validate_len ((const gchar *) message, size, NULL))
    return;

  text = g_strndup ((const gchar *) message, size);
  self->callbacks.text (channel != NULL ? channel->label : "",
      channel != NULL ? channel->protocol : "", text, self->data);
}

static void
on_reset (guint16 stream, gpointer data)
{
  remove_channel (data, stream);
}

GstWsctlLiteChannels *
gst_wsctl_lite_channels_new (const GstWsctlLiteChannelsCallbacks * callbacks,
    gpointer data)
{
  static const GstWsctlLiteSctpCallbacks sctp_callbacks = {
    .send = on_send,
    .message = on_message,
    .reset = on_reset,
  };
  GstWsctlLiteChannels *self = g_new0 (GstWsctlLiteChannels, 1);

  self->callbacks = *callbacks;
  self->data = data;
  self->ack = MESSAGE_ACK;
  self->channels = g_ptr_array_new_with_free_func (free_channel);
  self->sctp = gst_wsctl_lite_sctp_new (&sctp_callbacks, self);

  return self;
}

void
gst_wsctl_lite_channels_set_ack (GstWsctlLiteChannels * self, guint8 ack)
{
  self->ack = ack;
}

void
gst_wsctl_lite_channels_free (GstWsctlLiteChannels * self)
{
  gst_wsctl_lite_sctp_free (self->sctp);
  g_ptr_array_unref (self->channels);
  g_free (self);
}

void
gst_wsctl_lite_channels_receive (GstWsctlLiteChannels * self,
    const guint8 * packet, gsize size)
{
  gst_wsctl_lite_sctp_receive (self->sctp, packet, size);
}

/* An empty text is one that has a byte and another number (RFC 8831, 6.6). */
gboolean
gst_wsctl_lite_channels_send (GstWsctlLiteChannels * self, const gchar * name,
    const gchar * text)
{
  Channel *channel = find_by_name (self, name);
  gsize size = strlen (text);

  return channel != NULL && gst_wsctl_lite_sctp_send (self->sctp,
      channel->stream, size > 0 ? PPID_TEXT : PPID_TEXT_EMPTY,
      (const guint8 *) text, MAX (size, 1));
}

gboolean
gst_wsctl_lite_channels_has (GstWsctlLiteChannels * self, const gchar * name)
{
  return find_by_name (self, name) != NULL;
}

gboolean
gst_wsctl_lite_channels_is_waiting (GstWsctlLiteChannels * self)
{
  return gst_wsctl_lite_sctp_is_waiting (self->sctp);
}

void
gst_wsctl_lite_channels_tick (GstWsctlLiteChannels * self)
{
  gst_wsctl_lite_sctp_tick (self->sctp);
}
