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
#define MESSAGE_ACK 2
#define MESSAGE_OPEN 3
#define OPEN_SIZE 12
#define MAX_CHANNELS 64

struct _GstWsctlLiteChannels
{
  GstWsctlLiteChannelsCallbacks callbacks;
  gpointer data;
  GstWsctlLiteSctp *sctp;
  GHashTable *labels;           /* stream to gchar * */
};

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
  static const guint8 ack[] = { MESSAGE_ACK };
  g_autofree gchar *label = NULL;
  gsize label_size;

  if (size < OPEN_SIZE || message[0] != MESSAGE_OPEN
      || g_hash_table_size (self->labels) >= MAX_CHANNELS)
    return;
  label_size = GST_READ_UINT16_BE (message + 8);
  if (label_size > size - OPEN_SIZE)
    return;

  label = g_strndup ((const gchar *) message + OPEN_SIZE, label_size);
  g_hash_table_insert (self->labels, GUINT_TO_POINTER (stream),
      g_utf8_make_valid (label, -1));
  gst_wsctl_lite_sctp_send (self->sctp, stream, PPID_CONTROL, ack, sizeof ack);
}

static void
on_message (guint16 stream, guint32 ppid, const guint8 * message, gsize size,
    gpointer data)
{
  GstWsctlLiteChannels *self = data;
  const gchar *label =
      g_hash_table_lookup (self->labels, GUINT_TO_POINTER (stream));
  g_autofree gchar *text = NULL;

  if (ppid == PPID_CONTROL)
    open_channel (self, stream, message, size);
  if (ppid != PPID_TEXT
      || !g_utf8_validate_len ((const gchar *) message, size, NULL))
    return;

  text = g_strndup ((const gchar *) message, size);
  self->callbacks.text (label != NULL ? label : "", text, self->data);
}

static void
on_reset (guint16 stream, gpointer data)
{
  GstWsctlLiteChannels *self = data;

  g_hash_table_remove (self->labels, GUINT_TO_POINTER (stream));
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
  self->labels = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->sctp = gst_wsctl_lite_sctp_new (&sctp_callbacks, self);

  return self;
}

void
gst_wsctl_lite_channels_free (GstWsctlLiteChannels * self)
{
  gst_wsctl_lite_sctp_free (self->sctp);
  g_hash_table_unref (self->labels);
  g_free (self);
}

void
gst_wsctl_lite_channels_receive (GstWsctlLiteChannels * self,
    const guint8 * packet, gsize size)
{
  gst_wsctl_lite_sctp_receive (self->sctp, packet, size);
}

void
gst_wsctl_lite_channels_resend (GstWsctlLiteChannels * self)
{
  gst_wsctl_lite_sctp_resend (self->sctp);
}
