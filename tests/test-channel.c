/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The channel in memory, and with it the rules of every channel.
 */

#include "testchannel.h"
#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlmemorychannel-private.h"

typedef struct
{
  TestChannel *one;
  TestChannel *other;
} Pair;

static Pair
make_pair (void)
{
  GstWsctlMemoryChannel *one, *other;
  Pair pair;

  gst_wsctl_memory_channel_new_pair (&one, &other);
  pair.one = test_channel_new (one);
  pair.other = test_channel_new (other);

  return pair;
}

static void
open_pair (Pair * pair)
{
  test_channel_open (pair->one);
  test_channel_open (pair->other);
  test_channel_wait_opened (pair->one);
  test_channel_wait_opened (pair->other);
}

static void
free_pair (Pair * pair)
{
  test_channel_free (pair->one);
  test_channel_free (pair->other);
}

static void
test_new_free (void)
{
  GstWsctlMemoryChannel *one, *other;

  gst_wsctl_memory_channel_new_pair (&one, &other);
  test_assert_finalize (one);
  test_assert_finalize (other);
}

static void
test_exchange (void)
{
  Pair pair = make_pair ();
  g_autofree gchar *first = NULL;
  g_autofree gchar *second = NULL;
  g_autofree gchar *back = NULL;

  /* One sends before anybody is open. */
  test_channel_send (pair.one, "first");
  open_pair (&pair);
  test_channel_send (pair.one, "second");
  test_channel_send (pair.other, "back");

  first = test_channel_wait_message (pair.other);
  second = test_channel_wait_message (pair.other);
  back = test_channel_wait_message (pair.one);
  g_assert_cmpstr (first, ==, "first");
  g_assert_cmpstr (second, ==, "second");
  g_assert_cmpstr (back, ==, "back");

  free_pair (&pair);
}

/* What was sent before the close still arrives. */
static void
test_close (void)
{
  Pair pair = make_pair ();
  g_autofree gchar *last = NULL;
  g_autoptr (GError) error = NULL;

  open_pair (&pair);
  test_channel_send (pair.one, "last");
  test_channel_close (pair.one);
  test_channel_close (pair.one);
  g_assert_false (gst_wsctl_channel_send (pair.one->channel, "more", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);

  test_channel_wait_closed (pair.one);
  test_channel_wait_closed (pair.other);
  last = test_channel_wait_message (pair.other);
  g_assert_cmpstr (last, ==, "last");
  g_assert_no_error (pair.one->error);
  g_assert_error (pair.other->error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SERVER_SHUTDOWN);

  free_pair (&pair);
}

static void
test_fail (void)
{
  Pair pair = make_pair ();
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "Gone");

  open_pair (&pair);
  gst_wsctl_memory_channel_fail (GST_WSCTL_MEMORY_CHANNEL (pair.other->channel),
      error);
  test_channel_wait_closed (pair.one);
  test_channel_wait_closed (pair.other);
  g_assert_error (pair.one->error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SOCKET_DISCONNECTION);
  g_assert_cmpstr (pair.one->error->message, ==, "Gone");
  g_assert_no_error (pair.other->error);

  free_pair (&pair);
}

/* Closed or gone before or while it opens: the other end always hears. */
static void
test_close_early (void)
{
  Pair unopened = make_pair ();
  Pair opening = make_pair ();
  Pair gone = make_pair ();

  test_channel_close (unopened.one);
  test_channel_open (unopened.other);
  test_channel_wait_closed (unopened.other);
  g_assert_true (unopened.other->opened);
  g_assert_false (unopened.one->closed);
  free_pair (&unopened);

  test_channel_open (opening.one);
  test_channel_close (opening.one);
  test_channel_wait_closed (opening.one);
  g_assert_false (opening.one->opened);
  free_pair (&opening);

  test_channel_open (gone.other);
  g_clear_pointer (&gone.one, test_channel_free);
  test_channel_wait_closed (gone.other);
  g_assert_error (gone.other->error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SOCKET_DISCONNECTION);
  test_channel_free (gone.other);
}

static void
drop (gpointer data)
{
  TestChannel *self = data;

  g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
}

/* A handler may do anything, also let go of the channel that calls it. */
static void
test_drop_in_handler (void)
{
  Pair pair = make_pair ();

  pair.other->on_message = drop;
  pair.other->data = pair.other;
  open_pair (&pair);
  test_channel_send (pair.one, "one");
  test_channel_send (pair.one, "two");
  test_channel_wait_closed (pair.one);
  g_assert_cmpuint (pair.other->messages->len, ==, 1);

  free_pair (&pair);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/channel/memory/new-free", test_new_free);
  test_add ("/channel/memory/exchange", test_exchange);
  test_add ("/channel/memory/close", test_close);
  test_add ("/channel/memory/fail", test_fail);
  test_add ("/channel/memory/close-early", test_close_early);
  test_add ("/channel/memory/drop-in-handler", test_drop_in_handler);

  return g_test_run ();
}
