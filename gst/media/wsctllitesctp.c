/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The chunks of RFC 9260, the reset of streams (RFC 6525) and the step over
 * what the other side gave up (RFC 3758). Whoever gets here has been
 * authenticated by DTLS, so that the cookie is no more than a number.
 */

#include "wsctllitesctp-private.h"

#include <string.h>
#include <gst/gst.h>

#include "wsctllitesctpqueue-private.h"

#define HEADER_SIZE 12
#define CHUNK_SIZE 4            /* of its header */
#define DATA_SIZE GST_WSCTL_LITE_SCTP_DATA_SIZE
#define COOKIE_SIZE 8
#define MAX_OUT_SIZE 1100
#define WINDOW (2 * GST_WSCTL_LITE_SCTP_MAX_MESSAGE)
#define N_STREAMS G_MAXUINT16

#define PARAM_COOKIE 7
#define PARAM_RESET_REQUEST 13
#define PARAM_RESPONSE 16
#define PARAM_EXTENSIONS 0x8008
#define PARAM_FORWARD_TSN 0xc000
#define RESET_DONE 1

typedef enum
{
  CHUNK_DATA = 0,
  CHUNK_INIT = 1,
  CHUNK_INIT_ACK = 2,
  CHUNK_SACK = 3,
  CHUNK_HEARTBEAT = 4,
  CHUNK_HEARTBEAT_ACK = 5,
  CHUNK_ABORT = 6,
  CHUNK_SHUTDOWN = 7,
  CHUNK_SHUTDOWN_ACK = 8,
  CHUNK_COOKIE_ECHO = 10,
  CHUNK_COOKIE_ACK = 11,
  CHUNK_RECONFIG = 130,
  CHUNK_FORWARD_TSN = 192,
} ChunkType;

struct _GstWsctlLiteSctp
{
  GstWsctlLiteSctpCallbacks callbacks;
  gpointer data;

  gboolean established;
  gboolean receiving;           /* a packet is being taken apart */
  guint16 local_port;
  guint16 remote_port;
  guint32 tag;                  /* what packets to us have */
  guint32 remote_tag;
  guint8 cookie[COOKIE_SIZE];

  guint32 received_tsn;         /* all up to this one */
  gboolean sack_due;
  GByteArray *message;          /* in parts, so far; NULL between messages */
  gboolean too_long;
  guint16 stream;
  guint32 ppid;

  GstWsctlLiteSctpQueue *queue; /* what is to say */
  guint32 reset_request;        /* the other side's last … */
  guint32 next_reset;           /* … and ours */

  GByteArray *out;
};

static guint32
get_crc (guint8 byte)
{
  static guint32 table[256];
  static gsize made = 0;

  if (g_once_init_enter (&made)) {
    guint i, bit;

    for (i = 0; i < G_N_ELEMENTS (table); i++) {
      guint32 value = i;

      for (bit = 0; bit < 8; bit++)
        value = value & 1 ? value >> 1 ^ 0x82f63b78 : value >> 1;
      table[i] = value;
    }
    g_once_init_leave (&made, 1);
  }

  return table[byte];
}

/* Of a packet whose own checksum counts as zero */
guint32
gst_wsctl_lite_sctp_checksum (const guint8 * packet, gsize size)
{
  guint32 crc = G_MAXUINT32;
  gsize i;

  for (i = 0; i < size; i++) {
    guint8 byte = i >= 8 && i < HEADER_SIZE ? 0 : packet[i];

    crc = crc >> 8 ^ get_crc (crc ^ byte);
  }

  return ~crc;
}

GstWsctlLiteSctp *
gst_wsctl_lite_sctp_new (const GstWsctlLiteSctpCallbacks * callbacks,
    gpointer data)
{
  GstWsctlLiteSctp *self = g_new0 (GstWsctlLiteSctp, 1);

  self->callbacks = *callbacks;
  self->data = data;
  self->tag = g_random_int () | 1;
  self->next_reset = g_random_int ();
  self->queue = gst_wsctl_lite_sctp_queue_new (self->next_reset);
  GST_WRITE_UINT32_BE (self->cookie, g_random_int ());
  GST_WRITE_UINT32_BE (self->cookie + 4, g_random_int ());
  self->out = g_byte_array_new ();

  return self;
}

void
gst_wsctl_lite_sctp_free (GstWsctlLiteSctp * self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
  gst_wsctl_lite_sctp_queue_free (self->queue);
  g_byte_array_unref (self->out);
  g_free (self);
}

/* What is ready to go, as one packet */
static void
flush (GstWsctlLiteSctp * self)
{
  guint8 *header = self->out->data;

  if (self->out->len <= HEADER_SIZE)
    return;

  GST_WRITE_UINT16_BE (header, self->local_port);
  GST_WRITE_UINT16_BE (header + 2, self->remote_port);
  GST_WRITE_UINT32_BE (header + 4, self->remote_tag);
  GST_WRITE_UINT32_LE (header + 8, gst_wsctl_lite_sctp_checksum (header,
          self->out->len));
  self->callbacks.send (header, self->out->len, self->data);
  g_byte_array_set_size (self->out, 0);
}

static void
add_bytes (GstWsctlLiteSctp * self, const guint8 * bytes, gsize size)
{
  static const guint8 padding[3] = { 0, };

  g_byte_array_append (self->out, bytes, size);
  g_byte_array_append (self->out, padding, -size % 4);
}

static void
add_chunk (GstWsctlLiteSctp * self, ChunkType type, guint8 flags,
    const guint8 * value, gsize size)
{
  guint8 header[CHUNK_SIZE] = { type, flags, };

  if (self->out->len + size > MAX_OUT_SIZE)
    flush (self);
  if (self->out->len == 0)
    g_byte_array_set_size (self->out, HEADER_SIZE);
  GST_WRITE_UINT16_BE (header + 2, CHUNK_SIZE + size);
  g_byte_array_append (self->out, header, sizeof header);
  add_bytes (self, value, size);
}

/* Who asks again has not got the answer; who is established has. */
static void
take_init (GstWsctlLiteSctp * self, const guint8 * value, gsize size)
{
  guint8 reply[16 + 4 + COOKIE_SIZE + 4 + 8] = { 0, };
  guint8 *param = reply + 16;

  if (size < 16 || self->established || GST_READ_UINT32_BE (value) == 0)
    return;

  self->remote_tag = GST_READ_UINT32_BE (value);
  self->received_tsn = GST_READ_UINT32_BE (value + 12) - 1;

  GST_WRITE_UINT32_BE (reply, self->tag);
  GST_WRITE_UINT32_BE (reply + 4, WINDOW);
  GST_WRITE_UINT16_BE (reply + 8, N_STREAMS);
  GST_WRITE_UINT16_BE (reply + 10, N_STREAMS);
  GST_WRITE_UINT32_BE (reply + 12,
      gst_wsctl_lite_sctp_queue_get_next_tsn (self->queue));
  GST_WRITE_UINT16_BE (param, PARAM_COOKIE);
  GST_WRITE_UINT16_BE (param + 2, 4 + COOKIE_SIZE);
  memcpy (param + 4, self->cookie, COOKIE_SIZE);
  param += 4 + COOKIE_SIZE;
  GST_WRITE_UINT16_BE (param, PARAM_FORWARD_TSN);
  GST_WRITE_UINT16_BE (param + 2, 4);
  param += 4;
  GST_WRITE_UINT16_BE (param, PARAM_EXTENSIONS);
  GST_WRITE_UINT16_BE (param + 2, 6);
  param[4] = CHUNK_RECONFIG;
  param[5] = CHUNK_FORWARD_TSN;
  add_chunk (self, CHUNK_INIT_ACK, 0, reply, sizeof reply);
}

static void
take_cookie (GstWsctlLiteSctp * self, const guint8 * value, gsize size)
{
  if (size != COOKIE_SIZE || memcmp (value, self->cookie, size) != 0)
    return;

  self->established = TRUE;
  add_chunk (self, CHUNK_COOKIE_ACK, 0, NULL, 0);
}

/* The parts of a message are next to each other (RFC 9260, 6.9). */
static void
take_part (GstWsctlLiteSctp * self, guint8 flags, const guint8 * value,
    gsize size)
{
  if (flags & GST_WSCTL_LITE_SCTP_FLAG_BEGIN) {
    g_clear_pointer (&self->message, g_byte_array_unref);
    self->message = g_byte_array_new ();
    self->too_long = FALSE;
    self->stream = GST_READ_UINT16_BE (value + 4);
    self->ppid = GST_READ_UINT32_BE (value + 8);
  }
  if (self->message == NULL)
    return;

  value += DATA_SIZE;
  size -= DATA_SIZE;
  self->too_long |= self->message->len + size > GST_WSCTL_LITE_SCTP_MAX_MESSAGE;
  if (!self->too_long)
    g_byte_array_append (self->message, value, size);
  if (flags & GST_WSCTL_LITE_SCTP_FLAG_END) {
    g_autoptr (GByteArray) message = g_steal_pointer (&self->message);

    if (!self->too_long)
      self->callbacks.message (self->stream, self->ppid, message->data,
          message->len, self->data);
  }
}

static void
take_data (GstWsctlLiteSctp * self, guint8 flags, const guint8 * value,
    gsize size)
{
  if (!self->established || size <= DATA_SIZE)
    return;

  self->sack_due = TRUE;
  if (GST_READ_UINT32_BE (value) != self->received_tsn + 1)
    return;
  self->received_tsn++;
  take_part (self, flags, value, size);
}

static gboolean
is_after (guint32 tsn, guint32 other)
{
  return (gint32) (tsn - other) > 0;
}

/* What the other side gave up is as good as there. */
static void
take_forward_tsn (GstWsctlLiteSctp * self, const guint8 * value, gsize size)
{
  if (!self->established || size < 4)
    return;

  self->sack_due = TRUE;
  if (!is_after (GST_READ_UINT32_BE (value), self->received_tsn))
    return;
  self->received_tsn = GST_READ_UINT32_BE (value);
  g_clear_pointer (&self->message, g_byte_array_unref);
}

static void
reset_stream (GstWsctlLiteSctp * self, guint16 stream)
{
  gst_wsctl_lite_sctp_queue_reset_stream (self->queue, stream);
  self->callbacks.reset (stream, self->data);
}

/* Streams that the other side closes are closed here, too: the answer, and a
 * request of ours for the same ones. */
static void
reset_streams (GstWsctlLiteSctp * self, const guint8 * param, gsize size)
{
  g_autoptr (GByteArray) value = g_byte_array_new ();
  guint32 request = GST_READ_UINT32_BE (param + 4);
  gboolean again = request == self->reset_request;
  gsize i;

  g_byte_array_set_size (value, again ? 12 : 12 + size + (-size % 4));
  memset (value->data, 0, value->len);
  GST_WRITE_UINT16_BE (value->data, PARAM_RESPONSE);
  GST_WRITE_UINT16_BE (value->data + 2, 12);
  GST_WRITE_UINT32_BE (value->data + 4, request);
  GST_WRITE_UINT32_BE (value->data + 8, RESET_DONE);
  if (!again) {
    memcpy (value->data + 12, param, size);
    GST_WRITE_UINT32_BE (value->data + 16, self->next_reset++);
    GST_WRITE_UINT32_BE (value->data + 20, request);
    GST_WRITE_UINT32_BE (value->data + 24,
        gst_wsctl_lite_sctp_queue_get_next_tsn (self->queue) - 1);
    for (i = 16; i + 2 <= size; i += 2)
      reset_stream (self, GST_READ_UINT16_BE (param + i));
  }
  self->reset_request = request;
  add_chunk (self, CHUNK_RECONFIG, 0, value->data, value->len);
}

static void
take_reconfig (GstWsctlLiteSctp * self, const guint8 * value, gsize size)
{
  while (self->established && size >= 4) {
    gsize param_size = GST_READ_UINT16_BE (value + 2);
    gsize step = param_size + (-param_size % 4);

    if (param_size < 4 || param_size > size)
      return;
    if (GST_READ_UINT16_BE (value) == PARAM_RESET_REQUEST && param_size >= 16)
      reset_streams (self, value, param_size);
    if (step >= size)
      return;
    value += step;
    size -= step;
  }
}

static void
take_chunk (GstWsctlLiteSctp * self, ChunkType type, guint8 flags,
    const guint8 * value, gsize size)
{
  switch (type) {
    case CHUNK_DATA:
      take_data (self, flags, value, size);
      break;
    case CHUNK_SACK:
      gst_wsctl_lite_sctp_queue_take_sack (self->queue, value, size);
      break;
    case CHUNK_HEARTBEAT:
      add_chunk (self, CHUNK_HEARTBEAT_ACK, 0, value, size);
      break;
    case CHUNK_COOKIE_ECHO:
      take_cookie (self, value, size);
      break;
    case CHUNK_FORWARD_TSN:
      take_forward_tsn (self, value, size);
      break;
    case CHUNK_RECONFIG:
      take_reconfig (self, value, size);
      break;
    case CHUNK_SHUTDOWN:
      add_chunk (self, CHUNK_SHUTDOWN_ACK, 0, NULL, 0);
      break;
    case CHUNK_ABORT:
      self->established = FALSE;
      break;
    default:
      break;
  }
}

static void
add_sack (GstWsctlLiteSctp * self)
{
  guint8 value[12] = { 0, };

  self->sack_due = FALSE;
  GST_WRITE_UINT32_BE (value, self->received_tsn);
  GST_WRITE_UINT32_BE (value + 4, WINDOW);
  add_chunk (self, CHUNK_SACK, 0, value, sizeof value);
}

/* Data comes behind everything else in a packet: some take another order for an
 * attack. */
static void
add_data (guint8 flags, const guint8 * value, gsize size, gpointer data)
{
  add_chunk (data, CHUNK_DATA, flags, value, size);
}

static void
send_due (GstWsctlLiteSctp * self)
{
  if (self->established)
    gst_wsctl_lite_sctp_queue_send (self->queue, add_data, self);
  flush (self);
}

void
gst_wsctl_lite_sctp_receive (GstWsctlLiteSctp * self, const guint8 * packet,
    gsize size)
{
  gsize place = HEADER_SIZE;
  guint32 tag;

  if (size < HEADER_SIZE + CHUNK_SIZE || GST_READ_UINT32_LE (packet + 8)
      != gst_wsctl_lite_sctp_checksum (packet, size))
    return;

  /* An INIT is alone in its packet, which has no tag yet. */
  tag = GST_READ_UINT32_BE (packet + 4);
  if (tag != (packet[HEADER_SIZE] == CHUNK_INIT ? 0 : self->tag))
    return;
  self->remote_port = GST_READ_UINT16_BE (packet);
  self->local_port = GST_READ_UINT16_BE (packet + 2);

  self->receiving = TRUE;
  while (place + CHUNK_SIZE <= size) {
    const guint8 *chunk = packet + place;
    gsize chunk_size = GST_READ_UINT16_BE (chunk + 2);

    if (chunk_size < CHUNK_SIZE || chunk_size > size - place)
      break;
    if (tag == 0) {
      take_init (self, chunk + CHUNK_SIZE, chunk_size - CHUNK_SIZE);
      break;
    }
    take_chunk (self, chunk[0], chunk[1], chunk + CHUNK_SIZE,
        chunk_size - CHUNK_SIZE);
    place += chunk_size + (-chunk_size % 4);
  }
  self->receiving = FALSE;
  if (self->sack_due)
    add_sack (self);
  send_due (self);
}

gboolean
gst_wsctl_lite_sctp_send (GstWsctlLiteSctp * self, guint16 stream,
    guint32 ppid, const guint8 * message, gsize size)
{
  gboolean taken = gst_wsctl_lite_sctp_queue_push (self->queue, stream, ppid,
      message, size);

  if (!self->receiving)
    send_due (self);

  return taken;
}

gboolean
gst_wsctl_lite_sctp_is_waiting (GstWsctlLiteSctp * self)
{
  return !gst_wsctl_lite_sctp_queue_is_empty (self->queue);
}

void
gst_wsctl_lite_sctp_tick (GstWsctlLiteSctp * self)
{
  gst_wsctl_lite_sctp_queue_tick (self->queue);
  send_due (self);
}
