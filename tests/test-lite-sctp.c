/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data channels that a client opens, without network or clock: packet for packet
 * what the client says, and what comes back.
 */

#include <string.h>
#include <gst/gst.h>

#include "testsupport.h"
#include "wsctllitechannels-private.h"
#include "wsctllitesctp-private.h"

#define CLIENT_PORT 5001
#define SERVER_PORT 5000
#define CLIENT_TAG 0x12345678
#define FIRST_TSN 0xfffffffe    /* so that it wraps */
#define N_MUTATIONS 20000

#define DATA 0
#define INIT 1
#define INIT_ACK 2
#define SACK 3
#define HEARTBEAT 4
#define HEARTBEAT_ACK 5
#define ABORT 6
#define COOKIE_ECHO 10
#define COOKIE_ACK 11
#define RECONFIG 130
#define FORWARD_TSN 192

#define BEGIN 2
#define END 1
#define CONTROL 50
#define TEXT 51
#define TEXT_EMPTY 56

typedef struct
{
  GstWsctlLiteChannels *channels;
  guint32 tag;                  /* the server's */
  guint32 tsn;                  /* of the next data */
  GQueue packets;               /* GBytes, from the server */
  GPtrArray *texts;             /* "label: text" */
} Client;

static void
on_send (const guint8 * packet, gsize size, gpointer data)
{
  Client *self = data;

  g_assert_cmpuint (size, >=, 16);
  g_assert_cmpuint (size % 4, ==, 0);
  g_assert_cmpuint (GST_READ_UINT16_BE (packet), ==, SERVER_PORT);
  g_assert_cmpuint (GST_READ_UINT16_BE (packet + 2), ==, CLIENT_PORT);
  g_assert_cmpuint (GST_READ_UINT32_BE (packet + 4), ==, CLIENT_TAG);
  g_assert_cmpuint (GST_READ_UINT32_LE (packet + 8), ==,
      gst_wsctl_lite_sctp_checksum (packet, size));
  g_queue_push_tail (&self->packets, g_bytes_new (packet, size));
}

static void
on_text (const gchar * label, const gchar * protocol, const gchar * text,
    gpointer data)
{
  Client *self = data;

  g_ptr_array_add (self->texts, *protocol == '\0'
      ? g_strdup_printf ("%s: %s", label, text)
      : g_strdup_printf ("%s/%s: %s", label, protocol, text));
}

static Client *
client_new (void)
{
  static const GstWsctlLiteChannelsCallbacks callbacks = { on_send, on_text };
  Client *self = g_new0 (Client, 1);

  self->channels = gst_wsctl_lite_channels_new (&callbacks, self);
  self->tsn = FIRST_TSN;
  g_queue_init (&self->packets);
  self->texts = g_ptr_array_new_with_free_func (g_free);

  return self;
}

static void
client_free (Client * self)
{
  gst_wsctl_lite_channels_free (self->channels);
  g_queue_clear_full (&self->packets, (GDestroyNotify) g_bytes_unref);
  g_ptr_array_unref (self->texts);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)
     static GByteArray *make_packet (guint32 tag, guint8 type, guint8 flags,
    const void *value, gsize size)
{
  GByteArray *packet = g_byte_array_new ();
  gsize padded = 16 + size + (-size % 4);

  g_byte_array_set_size (packet, padded);
  memset (packet->data, 0, padded);
  GST_WRITE_UINT16_BE (packet->data, CLIENT_PORT);
  GST_WRITE_UINT16_BE (packet->data + 2, SERVER_PORT);
  GST_WRITE_UINT32_BE (packet->data + 4, tag);
  packet->data[12] = type;
  packet->data[13] = flags;
  GST_WRITE_UINT16_BE (packet->data + 14, 4 + size);
  if (size > 0)
    memcpy (packet->data + 16, value, size);
  GST_WRITE_UINT32_LE (packet->data + 8,
      gst_wsctl_lite_sctp_checksum (packet->data, padded));

  return packet;
}

static void
tell (Client * self, guint8 type, guint8 flags, const void *value, gsize size)
{
  g_autoptr (GByteArray) packet = make_packet (type == INIT ? 0 : self->tag,
      type, flags, value, size);

  gst_wsctl_lite_channels_receive (self->channels, packet->data, packet->len);
}

static void
tell_data_as (Client * self, guint32 tsn, guint8 flags, guint16 stream,
    guint32 ppid, const void *message, gsize size)
{
  g_autofree guint8 *value = g_malloc0 (12 + size);

  GST_WRITE_UINT32_BE (value, tsn);
  GST_WRITE_UINT16_BE (value + 4, stream);
  GST_WRITE_UINT32_BE (value + 8, ppid);
  memcpy (value + 12, message, size);
  tell (self, DATA, flags, value, 12 + size);
}

static void
tell_data (Client * self, guint8 flags, guint16 stream, guint32 ppid,
    const void *message, gsize size)
{
  tell_data_as (self, self->tsn++, flags, stream, ppid, message, size);
}

static void
say (Client * self, guint16 stream, const gchar * text)
{
  tell_data (self, BEGIN | END, stream, TEXT, text, strlen (text));
}

static void
open_channel_for (Client * self, guint16 stream, const gchar * label,
    const gchar * protocol)
{
  gsize size = 12 + strlen (label) + strlen (protocol);
  g_autofree guint8 *message = g_malloc0 (size);

  message[0] = 3;
  GST_WRITE_UINT16_BE (message + 8, strlen (label));
  GST_WRITE_UINT16_BE (message + 10, strlen (protocol));
  memcpy (message + 12, label, strlen (label));
  memcpy (message + 12 + strlen (label), protocol, strlen (protocol));
  tell_data (self, BEGIN | END, stream, CONTROL, message, size);
}

static void
open_channel (Client * self, guint16 stream, const gchar * label)
{
  open_channel_for (self, stream, label, "");
}

/* The value of the first chunk of that type in the next packet, where data is
 * behind everything else; transfer full */
static GBytes *
take_chunk (Client * self, guint8 type)
{
  gboolean data = FALSE;
  g_autoptr (GBytes) packet = g_queue_pop_head (&self->packets);
  const guint8 *bytes;
  gsize size, place = 12;

  g_assert_nonnull (packet);
  bytes = g_bytes_get_data (packet, &size);
  while (place < size) {
    gsize chunk_size = GST_READ_UINT16_BE (bytes + place + 2);

    g_assert_cmpuint (chunk_size, >=, 4);
    g_assert_cmpuint (place + chunk_size, <=, size);
    g_assert_true (!data || bytes[place] == DATA);
    data = bytes[place] == DATA;
    if (bytes[place] == type)
      return g_bytes_new_from_bytes (packet, place + 4, chunk_size - 4);
    place += chunk_size + (-chunk_size % 4);
  }
  g_error ("There is no chunk of type %u", type);
}

static guint32
read_word (GBytes * bytes, gsize place)
{
  g_assert_cmpuint (g_bytes_get_size (bytes), >=, place + 4);

  return GST_READ_UINT32_BE ((const guint8 *) g_bytes_get_data (bytes, NULL)
      + place);
}

static void
expect_sack (Client * self, guint32 tsn)
{
  g_autoptr (GBytes) sack = take_chunk (self, SACK);

  g_assert_cmphex (read_word (sack, 0), ==, tsn);
  g_assert_true (g_queue_is_empty (&self->packets));
}

static void
tell_init (Client * self)
{
  guint8 init[16] = { 0, };

  GST_WRITE_UINT32_BE (init, CLIENT_TAG);
  GST_WRITE_UINT32_BE (init + 4, 65536);
  GST_WRITE_UINT16_BE (init + 8, 1024);
  GST_WRITE_UINT16_BE (init + 10, 1024);
  GST_WRITE_UINT32_BE (init + 12, FIRST_TSN);
  tell (self, INIT, 0, init, sizeof init);
}

static void
establish (Client * self)
{
  g_autoptr (GBytes) ack = NULL;
  g_autoptr (GBytes) done = NULL;
  const guint8 *bytes;

  tell_init (self);
  ack = take_chunk (self, INIT_ACK);
  self->tag = read_word (ack, 0);
  g_assert_cmpuint (self->tag, !=, 0);
  bytes = g_bytes_get_data (ack, NULL);
  g_assert_cmpuint (GST_READ_UINT16_BE (bytes + 16), ==, 7);
  tell (self, COOKIE_ECHO, 0, bytes + 20, GST_READ_UINT16_BE (bytes + 18) - 4);
  done = take_chunk (self, COOKIE_ACK);
}

static void
assert_text (Client * self, guint n, const gchar * text)
{
  g_assert_cmpuint (self->texts->len, ==, n);
  g_assert_cmpstr (g_ptr_array_index (self->texts, n - 1), ==, text);
}

/* RFC 3720, B.4, is of the same checksum. */
static void
test_checksum (void)
{
  guint8 packet[44] = { 0, };
  guint i;

  g_assert_cmphex (gst_wsctl_lite_sctp_checksum (packet, 32), ==, 0x8a9136aa);
  for (i = 0; i < 32; i++)
    packet[i] = i;
  /* The words of the checksum count as zero. */
  memset (packet + 8, 0xff, 4);
  i = gst_wsctl_lite_sctp_checksum (packet, 32);
  memset (packet + 8, 0, 4);
  g_assert_cmphex (gst_wsctl_lite_sctp_checksum (packet, 32), ==, i);
}

static void
test_messages (void)
{
  g_autoptr (Client) client = client_new ();
  g_autoptr (GBytes) opened = NULL;

  establish (client);
  open_channel (client, 1, "JSON");
  opened = take_chunk (client, DATA);
  g_assert_cmpuint (read_word (opened, 8), ==, CONTROL);
  g_assert_cmpuint (g_bytes_get_size (opened), ==, 13);
  say (client, 1, "hello");
  assert_text (client, 1, "JSON: hello");
  expect_sack (client, FIRST_TSN + 1);
  /* Of a channel that was agreed on, no label is known. */
  say (client, 9, "there");
  assert_text (client, 2, ": there");
  expect_sack (client, FIRST_TSN + 2);
  /* Bytes that are no text, and what is no UTF-8 */
  tell_data (client, BEGIN | END, 1, 53, "x", 1);
  tell_data (client, BEGIN | END, 1, TEXT, "\xff", 1);
  g_assert_cmpuint (client->texts->len, ==, 2);
}

/* In any order, twice, in parts, given up */
static void
test_order (void)
{
  g_autoptr (Client) client = client_new ();
  guint8 word[4];

  establish (client);
  tell_data_as (client, FIRST_TSN + 1, BEGIN | END, 1, TEXT, "b", 1);
  expect_sack (client, FIRST_TSN - 1);
  say (client, 1, "a");
  expect_sack (client, FIRST_TSN);
  tell_data_as (client, FIRST_TSN, BEGIN | END, 1, TEXT, "a", 1);
  expect_sack (client, FIRST_TSN);
  say (client, 1, "b");
  expect_sack (client, FIRST_TSN + 1);
  assert_text (client, 2, ": b");

  tell_data (client, BEGIN, 1, TEXT, "one", 3);
  tell_data (client, 0, 1, TEXT, " two", 4);
  g_assert_cmpuint (client->texts->len, ==, 2);
  tell_data (client, END, 1, TEXT, " three", 6);
  assert_text (client, 3, ": one two three");

  /* The rest of what was given up does not come. */
  tell_data (client, BEGIN, 1, TEXT, "half", 4);
  client->tsn += 3;
  GST_WRITE_UINT32_BE (word, client->tsn - 1);
  tell (client, FORWARD_TSN, 0, word, sizeof word);
  tell_data (client, END, 1, TEXT, "rest", 4);
  say (client, 1, "whole");
  assert_text (client, 4, ": whole");
}

static void
test_too_long (void)
{
  g_autoptr (Client) client = client_new ();
  g_autofree gchar *part = g_strnfill (1000, 'x');
  guint i;

  establish (client);
  tell_data (client, BEGIN, 1, TEXT, part, 1000);
  for (i = 0; i < 100; i++)
    tell_data (client, 0, 1, TEXT, part, 1000);
  tell_data (client, END, 1, TEXT, part, 1000);
  g_assert_cmpuint (client->texts->len, ==, 0);
  say (client, 1, "short");
  assert_text (client, 1, ": short");
}

/* An answer comes again until it is acknowledged. */
static void
test_resend (void)
{
  g_autoptr (Client) client = client_new ();
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) again = NULL;
  guint8 sack[12] = { 0, };

  gst_wsctl_lite_channels_tick (client->channels);
  establish (client);
  open_channel (client, 1, "a");
  first = take_chunk (client, DATA);
  g_assert_true (gst_wsctl_lite_channels_is_waiting (client->channels));
  gst_wsctl_lite_channels_tick (client->channels);
  g_assert_true (g_queue_is_empty (&client->packets));
  gst_wsctl_lite_channels_tick (client->channels);
  again = take_chunk (client, DATA);
  g_assert_true (g_bytes_equal (first, again));
  GST_WRITE_UINT32_BE (sack, read_word (first, 0));
  tell (client, SACK, 0, sack, sizeof sack);
  g_assert_false (gst_wsctl_lite_channels_is_waiting (client->channels));
  gst_wsctl_lite_channels_tick (client->channels);
  gst_wsctl_lite_channels_tick (client->channels);
  g_assert_true (g_queue_is_empty (&client->packets));
}

/* To the first of a name, be it a label or a protocol, until it is closed */
static void
test_send (void)
{
  g_autoptr (Client) client = client_new ();
  g_autoptr (GBytes) sent = NULL;
  g_autoptr (GBytes) empty = NULL;
  guint8 request[18] = { 0, 13, 0, 18, 0, 0, 0, 77, };

  establish (client);
  g_assert_false (gst_wsctl_lite_channels_send (client->channels, "JSON", "1"));
  open_channel_for (client, 5, "events", "JSON");
  open_channel (client, 1, "JSON");
  say (client, 5, "x");
  assert_text (client, 1, "events/JSON: x");
  g_queue_clear_full (&client->packets, (GDestroyNotify) g_bytes_unref);

  g_assert_true (gst_wsctl_lite_channels_has (client->channels, "JSON"));
  g_assert_true (gst_wsctl_lite_channels_has (client->channels, "events"));
  g_assert_true (gst_wsctl_lite_channels_send (client->channels, "JSON",
          "hello"));
  sent = take_chunk (client, DATA);
  g_assert_cmphex (read_word (sent, 4), ==, 5 << 16 | 1);
  g_assert_cmpuint (read_word (sent, 8), ==, TEXT);
  g_assert_cmpmem ((const guint8 *) g_bytes_get_data (sent, NULL) + 12,
      g_bytes_get_size (sent) - 12, "hello", 5);

  request[17] = 5;
  tell (client, RECONFIG, 0, request, sizeof request);
  g_queue_clear_full (&client->packets, (GDestroyNotify) g_bytes_unref);
  g_assert_false (gst_wsctl_lite_channels_has (client->channels, "events"));
  g_assert_true (gst_wsctl_lite_channels_send (client->channels, "JSON", ""));
  empty = take_chunk (client, DATA);
  g_assert_cmphex (read_word (empty, 4), ==, 1 << 16 | 1);
  g_assert_cmpuint (read_word (empty, 8), ==, TEXT_EMPTY);
  g_assert_cmpuint (g_bytes_get_size (empty), ==, 13);
}

/* The answer, and a request for the same stream; again, the answer alone */
static void
test_reset (void)
{
  g_autoptr (Client) client = client_new ();
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GBytes) again = NULL;
  guint8 request[18] = { 0, 13, 0, 18, 0, 0, 0, 77, };

  establish (client);
  open_channel (client, 3, "a");
  g_queue_clear_full (&client->packets, (GDestroyNotify) g_bytes_unref);
  request[17] = 3;
  tell (client, RECONFIG, 0, request, sizeof request);
  answer = take_chunk (client, RECONFIG);
  g_assert_cmphex (read_word (answer, 0), ==, 16 << 16 | 12);
  g_assert_cmpuint (read_word (answer, 4), ==, 77);
  g_assert_cmpuint (read_word (answer, 8), ==, 1);
  g_assert_cmphex (read_word (answer, 12), ==, 13 << 16 | 18);
  g_assert_cmphex (read_word (answer, 28), ==, 3 << 16);
  tell (client, RECONFIG, 0, request, sizeof request);
  again = take_chunk (client, RECONFIG);
  g_assert_cmpuint (g_bytes_get_size (again), ==, 12);
  say (client, 3, "x");
  assert_text (client, 1, ": x");
}

static void
test_strangers (void)
{
  g_autoptr (Client) client = client_new ();
  g_autoptr (GBytes) beat = NULL;
  guint32 tag;

  say (client, 1, "too early");
  establish (client);
  client->tsn = FIRST_TSN;
  tag = client->tag;
  client->tag++;
  say (client, 1, "another's");
  client->tag = tag;
  client->tsn = FIRST_TSN;
  tell_init (client);
  g_assert_true (g_queue_is_empty (&client->packets));
  g_assert_cmpuint (client->texts->len, ==, 0);
  tell (client, HEARTBEAT, 0, "beat", 4);
  beat = take_chunk (client, HEARTBEAT_ACK);
  g_assert_cmpmem (g_bytes_get_data (beat, NULL), g_bytes_get_size (beat),
      "beat", 4);
  say (client, 1, "ours");
  assert_text (client, 1, ": ours");
  tell (client, ABORT, 0, NULL, 0);
  say (client, 1, "late");
  g_assert_cmpuint (client->texts->len, ==, 1);
}

/* Cut anywhere and changed anywhere, with a checksum that is right */
static void
test_broken (void)
{
  static const guint8 types[] = {
    DATA, INIT, SACK, HEARTBEAT, COOKIE_ECHO, RECONFIG, FORWARD_TSN, 255
  };
  g_autoptr (GRand) chance = g_rand_new_with_seed (1);
  g_autoptr (Client) client = client_new ();
  guint i, j;

  establish (client);
  for (i = 0; i < N_MUTATIONS; i++) {
    guint8 value[64];
    g_autoptr (GByteArray) packet = NULL;
    gsize size;

    for (j = 0; j < sizeof value; j++)
      value[j] = g_rand_int_range (chance, 0, 4) == 0 ? g_rand_int (chance) : 0;
    GST_WRITE_UINT32_BE (value, client->tsn);
    packet = make_packet (client->tag, types[i % G_N_ELEMENTS (types)],
        g_rand_int (chance) & 3, value, g_rand_int_range (chance, 0,
            sizeof value));
    size = packet->len;
    if (g_rand_boolean (chance))
      packet->data[14 + g_rand_int_range (chance, 0, 2)] = g_rand_int (chance);
    if (g_rand_boolean (chance))
      size = g_rand_int_range (chance, 0, size + 1);
    if (size >= 12)
      GST_WRITE_UINT32_LE (packet->data + 8,
          gst_wsctl_lite_sctp_checksum (packet->data, size));
    gst_wsctl_lite_channels_receive (client->channels, packet->data, size);
    gst_wsctl_lite_channels_tick (client->channels);
    g_queue_clear_full (&client->packets, (GDestroyNotify) g_bytes_unref);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/lite/sctp/checksum", test_checksum);
  test_add ("/lite/sctp/messages", test_messages);
  test_add ("/lite/sctp/order", test_order);
  test_add ("/lite/sctp/too-long", test_too_long);
  test_add ("/lite/sctp/resend", test_resend);
  test_add ("/lite/sctp/send", test_send);
  test_add ("/lite/sctp/reset", test_reset);
  test_add ("/lite/sctp/strangers", test_strangers);
  test_add ("/lite/sctp/broken", test_broken);

  return g_test_run ();
}
