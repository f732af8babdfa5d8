/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Joining a ClientHello that was cut, and leaving everything else alone.
 */

#include <gst/gst.h>
#include <string.h>

#include "testsupport.h"
#include "wsctlclienthello-private.h"

#define HEADERS (13 + 12)
#define CLIENT_HELLO 1
#define HANDSHAKE 22

/* One datagram with one record with one fragment */
typedef struct
{
  guint8 content_type;
  guint8 type;
  guint16 epoch;
  guint length;
  guint offset;
  guint size;
} Piece;

static guint8
get_byte (guint position)
{
  return (position * 7 + 3) & 0xff;
}

static gsize
write_piece (guint8 * datagram, const Piece * piece, guint8 sequence)
{
  guint i;

  memset (datagram, 0, HEADERS);
  datagram[0] = piece->content_type;
  datagram[1] = 0xfe;
  datagram[2] = 0xff;
  datagram[3] = piece->epoch >> 8;
  datagram[4] = piece->epoch & 0xff;
  datagram[10] = sequence;
  datagram[11] = (12 + piece->size) >> 8;
  datagram[12] = (12 + piece->size) & 0xff;
  datagram[13] = piece->type;
  GST_WRITE_UINT24_BE (datagram + 14, piece->length);
  GST_WRITE_UINT24_BE (datagram + 19, piece->offset);
  GST_WRITE_UINT24_BE (datagram + 22, piece->size);
  for (i = 0; i < piece->size; i++)
    datagram[HEADERS + i] = get_byte (piece->offset + i);

  return HEADERS + piece->size;
}

static GstWsctlClientHelloResult
push (GstWsctlClientHello * hello, const Piece * piece, guint8 sequence,
    GBytes ** joined)
{
  g_autofree guint8 *datagram = g_malloc (HEADERS + piece->size);
  gsize size = write_piece (datagram, piece, sequence);

  return gst_wsctl_client_hello_push (hello, datagram, size, joined);
}

static void
assert_joined (GBytes * joined, guint length, guint8 sequence)
{
  gsize size;
  const guint8 *record = g_bytes_get_data (joined, &size);
  guint i;

  g_assert_cmpuint (size, ==, HEADERS + length);
  g_assert_cmpuint (record[0], ==, HANDSHAKE);
  g_assert_cmpuint (record[10], ==, sequence);
  g_assert_cmpuint (record[11] << 8 | record[12], ==, 12 + length);
  g_assert_cmpuint (record[13], ==, CLIENT_HELLO);
  g_assert_cmpuint (GST_READ_UINT24_BE (record + 14), ==, length);
  g_assert_cmpuint (GST_READ_UINT24_BE (record + 19), ==, 0);
  g_assert_cmpuint (GST_READ_UINT24_BE (record + 22), ==, length);
  for (i = 0; i < length; i++)
    g_assert_cmpuint (record[HEADERS + i], ==, get_byte (i));
}

#define P GST_WSCTL_CLIENT_HELLO_PASS
#define H GST_WSCTL_CLIENT_HELLO_HELD
#define J GST_WSCTL_CLIENT_HELLO_JOINED
#define HELLO(length, offset, size) \
    {HANDSHAKE, CLIENT_HELLO, 0, length, offset, size}

static const struct
{
  const gchar *name;
  struct
  {
    Piece piece;
    GstWsctlClientHelloResult result;
  } steps[6];                   /* up to one of content type 0 */
} rows[] = {
  {"whole", {{HELLO (300, 0, 300), P}}},
  {"in two", {{HELLO (300, 0, 200), H}, {HELLO (300, 200, 100), J}}},
  {"in three", {{HELLO (600, 0, 231), H}, {HELLO (600, 231, 231), H},
          {HELLO (600, 462, 138), J}}},
  {"both hellos", {{HELLO (300, 0, 200), H}, {HELLO (300, 200, 100), J},
          {HELLO (332, 0, 231), H}, {HELLO (332, 231, 101), J}}},
  {"retransmitted", {{HELLO (300, 0, 200), H}, {HELLO (300, 0, 200), H},
          {HELLO (300, 200, 100), J}, {HELLO (300, 0, 200), H},
          {HELLO (300, 200, 100), J}}},
  {"cut anew", {{HELLO (300, 0, 200), H}, {HELLO (300, 0, 100), H},
          {HELLO (300, 100, 200), J}}},
  {"out of order", {{HELLO (300, 200, 100), P}, {HELLO (300, 0, 200), H},
          {HELLO (300, 200, 100), J}}},
  {"a gap", {{HELLO (600, 0, 200), H}, {HELLO (600, 300, 100), P},
          {HELLO (600, 200, 100), P}, {HELLO (600, 0, 300), H},
          {HELLO (600, 300, 300), J}}},
  {"another length", {{HELLO (300, 0, 200), H}, {HELLO (301, 200, 101), P}}},
  {"the largest", {{HELLO (1100, 0, 1099), H}, {HELLO (1100, 1099, 1), J}}},
  {"too large", {{HELLO (1101, 0, 1100), P}, {HELLO (1101, 1100, 1), P}}},
  {"past the end", {{HELLO (300, 0, 200), H}, {HELLO (300, 200, 101), P}}},
  {"huge numbers", {{{HANDSHAKE, CLIENT_HELLO, 0, 0xffffff, 0xffffff, 9}, P}}},
  {"empty piece", {{HELLO (300, 0, 0), H}, {HELLO (300, 0, 200), H},
          {HELLO (300, 200, 100), J}}},
  {"no message", {{HELLO (0, 0, 0), P}}},
  {"something else between", {{HELLO (300, 0, 200), H},
          {{HANDSHAKE, 2, 0, 300, 0, 200}, P}, {{20, 1, 0, 300, 0, 200}, P},
          {{HANDSHAKE, CLIENT_HELLO, 1, 300, 0, 200}, P},
          {HELLO (300, 200, 100), J}}},
  {"a certificate in two", {{{HANDSHAKE, 11, 0, 300, 0, 200}, P},
          {{HANDSHAKE, 11, 0, 300, 200, 100}, P}}},
};

static void
test_sequences (void)
{
  guint i, k;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstWsctlClientHello *hello = gst_wsctl_client_hello_new ();

    g_test_message ("%s", rows[i].name);
    for (k = 0; k < 6 && rows[i].steps[k].piece.content_type != 0; k++) {
      const Piece *piece = &rows[i].steps[k].piece;
      g_autoptr (GBytes) joined = NULL;

      g_assert_cmpint (push (hello, piece, k, &joined), ==,
          rows[i].steps[k].result);
      g_assert_true ((joined != NULL) == (rows[i].steps[k].result == J));
      if (joined != NULL)
        assert_joined (joined, piece->length, k);
    }
    gst_wsctl_client_hello_free (hello);
  }
}

/* Cut short anywhere, or with something behind it, it goes out as it is. */
static void
test_truncated (void)
{
  static const Piece piece = HELLO (300, 0, 200);
  GstWsctlClientHello *hello = gst_wsctl_client_hello_new ();
  guint8 datagram[2 * (HEADERS + 200)];
  gsize size = write_piece (datagram, &piece, 0);
  gsize i;

  for (i = 0; i < size; i++) {
    /* A copy of this length, so that a look past its end is seen. */
    g_autofree guint8 *copy = g_memdup2 (datagram, i);
    g_autoptr (GBytes) joined = NULL;

    g_assert_cmpint (gst_wsctl_client_hello_push (hello, copy, i, &joined), ==,
        GST_WSCTL_CLIENT_HELLO_PASS);
  }

  /* Several records in one datagram: OpenSSL writes none such for a hello. */
  memcpy (datagram + size, datagram, size);
  g_assert_cmpint (gst_wsctl_client_hello_push (hello, datagram, 2 * size,
          NULL), ==, GST_WSCTL_CLIENT_HELLO_PASS);

  gst_wsctl_client_hello_free (hello);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/client-hello/sequences", test_sequences);
  test_add ("/client-hello/truncated", test_truncated);

  return g_test_run ();
}
