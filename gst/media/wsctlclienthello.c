/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The handshake hash is defined over the message without its fragmentation
 * (RFC 6347, 4.2.6), so the join changes nothing that either side checks.
 */

#include "wsctlclienthello-private.h"

#include <gst/gst.h>
#include <string.h>

#define RECORD_HEADER 13
#define HANDSHAKE_HEADER 12
#define CONTENT_TYPE_HANDSHAKE 22
#define HANDSHAKE_TYPE_CLIENT_HELLO 1

/* Above this a joined record would not fit a datagram of a usual path. */
#define MAX_HELLO 1100

struct _GstWsctlClientHello
{
  guint8 record[RECORD_HEADER + HANDSHAKE_HEADER + MAX_HELLO];
  gsize length;                 /* of the message; 0 when none is begun */
  gsize collected;
};

typedef struct
{
  const guint8 *start;          /* the record's header */
  const guint8 *body;           /* the fragment */
  gsize length;
  gsize offset;
  gsize size;
} Fragment;

GstWsctlClientHello *
gst_wsctl_client_hello_new (void)
{
  return g_new0 (GstWsctlClientHello, 1);
}

void
gst_wsctl_client_hello_free (GstWsctlClientHello * self)
{
  g_free (self);
}

/* Nothing in a record is aligned. */
static guint
read_u16 (const guint8 * bytes)
{
  return bytes[0] << 8 | bytes[1];
}

static void
write_u16 (guint8 * bytes, guint value)
{
  bytes[0] = value >> 8;
  bytes[1] = value & 0xff;
}

/* TRUE for a piece of a ClientHello that is the only record of @datagram. */
static gboolean
read_fragment (const guint8 * datagram, gsize size, Fragment * fragment)
{
  const guint8 *handshake = datagram + RECORD_HEADER;

  if (size < RECORD_HEADER + HANDSHAKE_HEADER)
    return FALSE;
  if (datagram[0] != CONTENT_TYPE_HANDSHAKE
      || read_u16 (datagram + 3) != 0
      || handshake[0] != HANDSHAKE_TYPE_CLIENT_HELLO)
    return FALSE;

  fragment->start = datagram;
  fragment->body = handshake + HANDSHAKE_HEADER;
  fragment->length = GST_READ_UINT24_BE (handshake + 1);
  fragment->offset = GST_READ_UINT24_BE (handshake + 6);
  fragment->size = GST_READ_UINT24_BE (handshake + 9);

  return fragment->size < fragment->length && fragment->length <= MAX_HELLO
      && fragment->offset + fragment->size <= fragment->length
      && size == RECORD_HEADER + HANDSHAKE_HEADER + fragment->size
      && read_u16 (datagram + 11) == HANDSHAKE_HEADER + fragment->size;
}

/* The record takes the sequence number of the last fragment, which no other
 * record has. */
static GBytes *
finish_record (GstWsctlClientHello * self, const Fragment * last)
{
  guint8 *handshake = self->record + RECORD_HEADER;
  gsize size = self->length;

  memcpy (self->record, last->start, RECORD_HEADER + HANDSHAKE_HEADER);
  write_u16 (self->record + 11, HANDSHAKE_HEADER + size);
  GST_WRITE_UINT24_BE (handshake + 6, 0);
  GST_WRITE_UINT24_BE (handshake + 9, size);
  self->length = self->collected = 0;

  return g_bytes_new (self->record, RECORD_HEADER + HANDSHAKE_HEADER + size);
}

GstWsctlClientHelloResult
gst_wsctl_client_hello_push (GstWsctlClientHello * self,
    const guint8 * datagram, gsize size, GBytes ** joined)
{
  Fragment fragment;

  if (!read_fragment (datagram, size, &fragment))
    return GST_WSCTL_CLIENT_HELLO_PASS;

  if (fragment.offset == 0) {
    self->length = fragment.length;
    self->collected = 0;
  }

  /* OpenSSL writes the pieces in order; anything else goes out as it is. */
  if (fragment.length != self->length || fragment.offset != self->collected) {
    self->length = self->collected = 0;
    return GST_WSCTL_CLIENT_HELLO_PASS;
  }

  memcpy (self->record + RECORD_HEADER + HANDSHAKE_HEADER + fragment.offset,
      fragment.body, fragment.size);
  self->collected += fragment.size;
  if (self->collected < self->length)
    return GST_WSCTL_CLIENT_HELLO_HELD;

  *joined = finish_record (self, &fragment);

  return GST_WSCTL_CLIENT_HELLO_JOINED;
}
