/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What an SCTP association has to say, without network or clock.
 */

#include <string.h>
#include <gst/gst.h>

#include "testsupport.h"
#include "wsctllitesctpqueue-private.h"

#define FIRST_TSN 0xfffffff0    /* so that it wraps */
#define PART 1024
#define FIRST_WINDOW 8
#define MAX_PARTS 256
#define BEGIN GST_WSCTL_LITE_SCTP_FLAG_BEGIN
#define END GST_WSCTL_LITE_SCTP_FLAG_END
#define PLENTY (1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlLiteSctpQueue,
    gst_wsctl_lite_sctp_queue_free)
     typedef struct
     {
       guint8 flags;
       GByteArray *value;
     } Sent;

     static void free_sent (gpointer data)
{
  Sent *sent = data;

  g_byte_array_unref (sent->value);
  g_free (sent);
}

static void
on_send (guint8 flags, const guint8 * value, gsize size, gpointer data)
{
  Sent *sent = g_new0 (Sent, 1);

  g_assert_cmpuint (size, >, 12);
  g_assert_cmpuint (size, <=, 12 + PART);
  sent->flags = flags;
  sent->value = g_byte_array_append (g_byte_array_new (), value, size);
  g_ptr_array_add (data, sent);
}

/* What goes now. Transfer full. */
static GPtrArray *
send_all (GstWsctlLiteSctpQueue * queue)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (free_sent);

  gst_wsctl_lite_sctp_queue_send (queue, on_send, all);

  return all;
}

static void
expect_sent (GstWsctlLiteSctpQueue * queue, guint n, guint32 first_tsn)
{
  g_autoptr (GPtrArray) all = send_all (queue);
  guint i;

  g_assert_cmpuint (all->len, ==, n);
  for (i = 0; i < n; i++) {
    Sent *sent = g_ptr_array_index (all, i);

    g_assert_cmphex (GST_READ_UINT32_BE (sent->value->data), ==, first_tsn + i);
  }
}

static void
push (GstWsctlLiteSctpQueue * queue, guint16 stream, gsize size)
{
  g_autofree guint8 *message = g_malloc0 (size);

  g_assert_true (gst_wsctl_lite_sctp_queue_push (queue, stream, 51, message,
          size));
}

static void
sack (GstWsctlLiteSctpQueue * queue, guint32 tsn, guint32 room, guint16 n_gaps)
{
  guint8 value[12] = { 0, };

  GST_WRITE_UINT32_BE (value, tsn);
  GST_WRITE_UINT32_BE (value + 4, room);
  GST_WRITE_UINT16_BE (value + 8, n_gaps);
  gst_wsctl_lite_sctp_queue_take_sack (queue, value, sizeof value);
}

static void
assert_part (GPtrArray * all, guint i, guint8 flags, guint16 stream,
    guint16 number, gsize size)
{
  Sent *sent = g_ptr_array_index (all, i);

  g_assert_cmpuint (sent->flags, ==, flags);
  g_assert_cmpuint (sent->value->len, ==, 12 + size);
  g_assert_cmphex (GST_READ_UINT32_BE (sent->value->data), ==, FIRST_TSN + i);
  g_assert_cmpuint (GST_READ_UINT16_BE (sent->value->data + 4), ==, stream);
  g_assert_cmpuint (GST_READ_UINT16_BE (sent->value->data + 6), ==, number);
  g_assert_cmpuint (GST_READ_UINT32_BE (sent->value->data + 8), ==, 51);
}

static void
test_parts (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);
  g_autoptr (GPtrArray) all = NULL;

  g_assert_true (gst_wsctl_lite_sctp_queue_is_empty (queue));
  push (queue, 1, 2 * PART + 7);
  push (queue, 1, PART);
  push (queue, 3, 1);
  gst_wsctl_lite_sctp_queue_reset_stream (queue, 1);
  push (queue, 1, 5);
  all = send_all (queue);
  g_assert_cmpuint (all->len, ==, 6);
  assert_part (all, 0, BEGIN, 1, 0, PART);
  assert_part (all, 1, 0, 1, 0, PART);
  assert_part (all, 2, END, 1, 0, 7);
  assert_part (all, 3, BEGIN | END, 1, 1, PART);
  assert_part (all, 4, BEGIN | END, 3, 0, 1);
  assert_part (all, 5, BEGIN | END, 1, 0, 5);
  expect_sent (queue, 0, 0);
  sack (queue, FIRST_TSN + 5, PLENTY, 0);
  g_assert_true (gst_wsctl_lite_sctp_queue_is_empty (queue));
}

static void
test_window (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);

  push (queue, 1, 40 * PART);
  expect_sent (queue, FIRST_WINDOW, FIRST_TSN);
  /* Four have arrived, and as many more may be on their way. */
  sack (queue, FIRST_TSN + 3, PLENTY, 0);
  expect_sent (queue, 8, FIRST_TSN + FIRST_WINDOW);
  /* The other side has room for one, or for none. */
  sack (queue, FIRST_TSN + 15, PART + 12, 0);
  expect_sent (queue, 1, FIRST_TSN + 16);
  sack (queue, FIRST_TSN + 16, 0, 0);
  expect_sent (queue, 1, FIRST_TSN + 17);
  sack (queue, FIRST_TSN + 16, 0, 0);
  expect_sent (queue, 0, 0);
}

static void
test_lost (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);

  push (queue, 1, 20 * PART);
  expect_sent (queue, FIRST_WINDOW, FIRST_TSN);
  sack (queue, FIRST_TSN, PLENTY, 1);
  sack (queue, FIRST_TSN, PLENTY, 1);
  expect_sent (queue, 2, FIRST_TSN + 8);
  sack (queue, FIRST_TSN, PLENTY, 1);
  expect_sent (queue, 1, FIRST_TSN + 1);
  /* Once */
  sack (queue, FIRST_TSN, PLENTY, 1);
  sack (queue, FIRST_TSN, PLENTY, 1);
  sack (queue, FIRST_TSN, PLENTY, 1);
  expect_sent (queue, 0, 0);
}

/* Nothing comes back: again, a little, and each time later. */
static void
test_quiet (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);
  guint n_ticks, i;

  push (queue, 1, 20 * PART);
  expect_sent (queue, FIRST_WINDOW, FIRST_TSN);
  for (n_ticks = 1; n_ticks <= 64; n_ticks *= 2) {
    for (i = 0; i < MIN (n_ticks, 16); i++) {
      gst_wsctl_lite_sctp_queue_tick (queue);
      expect_sent (queue, 0, 0);
    }
    gst_wsctl_lite_sctp_queue_tick (queue);
    expect_sent (queue, 2, FIRST_TSN);
  }

  sack (queue, FIRST_TSN, PLENTY, 0);
  expect_sent (queue, 2, FIRST_TSN + 2);
  gst_wsctl_lite_sctp_queue_tick (queue);
  expect_sent (queue, 0, 0);
  gst_wsctl_lite_sctp_queue_tick (queue);
  expect_sent (queue, 2, FIRST_TSN + 1);
}

/* All of it, or nothing */
static void
test_full (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);
  g_autofree guint8 *message = g_malloc0 (2 * PART);

  push (queue, 1, (MAX_PARTS - 1) * PART);
  g_assert_false (gst_wsctl_lite_sctp_queue_push (queue, 1, 51, message,
          2 * PART));
  g_assert_cmphex (gst_wsctl_lite_sctp_queue_get_next_tsn (queue), ==,
      FIRST_TSN + MAX_PARTS - 1);
  push (queue, 1, PART);
}

static void
test_nonsense (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);
  g_autoptr (GRand) chance = g_rand_new_with_seed (1);
  guint i, j;

  push (queue, 1, 20 * PART);
  expect_sent (queue, FIRST_WINDOW, FIRST_TSN);
  /* Of what was not made, and of what is long gone */
  sack (queue, FIRST_TSN + 20, PLENTY, 0);
  sack (queue, FIRST_TSN - 1, PLENTY, 0);
  expect_sent (queue, 0, 0);

  for (i = 0; i < 1000; i++) {
    guint8 value[12];

    for (j = 0; j < sizeof value; j++)
      value[j] = g_rand_int (chance);
    gst_wsctl_lite_sctp_queue_take_sack (queue, value,
        g_rand_int_range (chance, 0, sizeof value + 1));
    g_ptr_array_unref (send_all (queue));
  }
}

/* The other side: keeps what comes in any order, and says what it has. */
typedef struct
{
  GRand *chance;
  gboolean has[4096];
  guint n_in_order;
  guint n_more;                 /* behind a gap */
} Receiver;

static void
receive (Receiver * self, GPtrArray * all)
{
  guint i;

  for (i = 0; i < all->len; i++) {
    Sent *sent = g_ptr_array_index (all, i);
    guint32 place = GST_READ_UINT32_BE (sent->value->data) - FIRST_TSN;

    g_assert_cmpuint (place, <, G_N_ELEMENTS (self->has));
    if (g_rand_double (self->chance) < 0.2)
      continue;
    self->n_more += !self->has[place];
    self->has[place] = TRUE;
    while (self->has[self->n_in_order]) {
      self->n_in_order++;
      self->n_more--;
    }
  }
}

/* A fifth is lost, both ways; everything arrives. */
static void
test_lossy (void)
{
  g_autoptr (GstWsctlLiteSctpQueue) queue =
      gst_wsctl_lite_sctp_queue_new (FIRST_TSN);
  g_autofree Receiver *receiver = g_new0 (Receiver, 1);
  guint n_messages = 300;
  guint n_rounds = 0;

  receiver->chance = g_rand_new_with_seed (1);
  while (n_messages > 0 || !gst_wsctl_lite_sctp_queue_is_empty (queue)) {
    g_autoptr (GPtrArray) all = NULL;
    gsize size = g_rand_int_range (receiver->chance, 1, 5000);
    g_autofree guint8 *message = g_malloc0 (size);

    g_assert_cmpuint (n_rounds++, <, 10000);
    if (n_messages > 0
        && gst_wsctl_lite_sctp_queue_push (queue, 1, 51, message, size))
      n_messages--;
    all = send_all (queue);
    if (all->len == 0)
      gst_wsctl_lite_sctp_queue_tick (queue);
    receive (receiver, all);
    if (g_rand_double (receiver->chance) >= 0.2)
      sack (queue, FIRST_TSN + receiver->n_in_order - 1, PLENTY,
          receiver->n_more > 0);
  }
  g_assert_cmphex (FIRST_TSN + receiver->n_in_order, ==,
      gst_wsctl_lite_sctp_queue_get_next_tsn (queue));
  g_rand_free (receiver->chance);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/lite/sctp-queue/parts", test_parts);
  test_add ("/lite/sctp-queue/window", test_window);
  test_add ("/lite/sctp-queue/lost", test_lost);
  test_add ("/lite/sctp-queue/quiet", test_quiet);
  test_add ("/lite/sctp-queue/full", test_full);
  test_add ("/lite/sctp-queue/nonsense", test_nonsense);
  test_add ("/lite/sctp-queue/lossy", test_lossy);

  return g_test_run ();
}
