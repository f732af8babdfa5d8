/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A channel that comes back, over channels in memory whose other end does what
 * the test says.
 */

#include <gst/gst.h>

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlfeed-private.h"
#include "wsctlmemorychannel-private.h"

#define RETRY_MS 5
#define PATIENCE_US (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  GstWsctlLoop *loop;
  GAsyncQueue *events;          /* gchar * */

  /* The loop's */
  GstWsctlFeed *feed;
  GstWsctlMemoryChannel *server;        /* the other end */
  guint n_failures;             /* still to come before one opens */
  gboolean stubborn;            /* goes on after a loss */
  gboolean closes;              /* inside of whatever comes next */
} Fixture;

static void
push (Fixture * self, const gchar * what, const gchar * detail)
{
  g_async_queue_push (self->events, g_strconcat (what, " ", detail, NULL));
}

/* What the test hears of, it may answer with another order for the next. */
static void
note (Fixture * self, const gchar * what, const gchar * detail)
{
  gboolean closes = self->closes;

  push (self, what, detail);
  if (closes)
    g_clear_pointer (&self->feed, gst_wsctl_feed_close);
}

static void
on_heard (GstWsctlChannel * channel, const gchar * text, Fixture * self)
{
  push (self, "heard", text);
}

static GstWsctlChannel *
connect_pair (gpointer data, GError ** error)
{
  Fixture *self = data;
  GstWsctlMemoryChannel *client;

  if (self->n_failures > 0) {
    self->n_failures--;
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_CONNECTION_FAILED, "nobody there");
    return NULL;
  }

  g_clear_object (&self->server);
  gst_wsctl_memory_channel_new_pair (&client, &self->server);
  g_signal_connect (self->server, "message", G_CALLBACK (on_heard), self);
  gst_wsctl_channel_open (GST_WSCTL_CHANNEL (self->server));

  return GST_WSCTL_CHANNEL (client);
}

static void
on_opened (gpointer data)
{
  Fixture *self = data;

  note (self, "opened", "");
}

static void
on_message (const gchar * text, gpointer data)
{
  Fixture *self = data;

  note (self, "message", text);
}

static gboolean
on_lost (const GError * error, gpointer data)
{
  Fixture *self = data;
  gboolean stubborn = self->stubborn;

  note (self, "lost", error != NULL ? error->message : "");

  return stubborn;
}

static void
run_start (gpointer data)
{
  static const GstWsctlFeedCallbacks callbacks = {
    connect_pair, on_opened, on_message, on_lost
  };
  Fixture *self = data;

  self->feed = gst_wsctl_feed_new (self->loop, RETRY_MS, &callbacks, self);
}

static void
run_stop (gpointer data)
{
  Fixture *self = data;

  g_clear_pointer (&self->feed, gst_wsctl_feed_close);
  g_clear_object (&self->server);
}

static void
run_fail (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_SOCKET_DISCONNECTION, "cut");

  gst_wsctl_memory_channel_fail (self->server, error);
}

static void
run_talk (gpointer data)
{
  Fixture *self = data;

  gst_wsctl_channel_send (GST_WSCTL_CHANNEL (self->server), "hello", NULL);
}

static void
run_answer (gpointer data)
{
  Fixture *self = data;

  g_assert_true (gst_wsctl_feed_send (self->feed, "good day"));
}

static void
tell (Fixture * self, GstWsctlLoopFunc func)
{
  gst_wsctl_loop_call_sync (self->loop, func, self);
}

static void
start (Fixture * self)
{
  self->loop = gst_wsctl_loop_new ("feed");
  self->events = g_async_queue_new_full (g_free);
  tell (self, run_start);
}

static void
stop (Fixture * self)
{
  tell (self, run_stop);
  gst_wsctl_loop_stop (self->loop);
  gst_wsctl_loop_unref (self->loop);
  g_async_queue_unref (self->events);
}

static void
expect (Fixture * self, const gchar * expected)
{
  g_autofree gchar *event = NULL;

  test_say (expected);
  event = g_async_queue_timeout_pop (self->events, PATIENCE_US);
  g_assert_cmpstr (event, ==, expected);
}

static void
expect_nothing (Fixture * self)
{
  g_autofree gchar *event =
      g_async_queue_timeout_pop (self->events, 20 * RETRY_MS * 1000);

  g_assert_cmpstr (event, ==, NULL);
}

static void
test_exchange (void)
{
  Fixture self = {.stubborn = TRUE };

  start (&self);
  expect (&self, "opened ");
  tell (&self, run_talk);
  expect (&self, "message hello");
  tell (&self, run_answer);
  expect (&self, "heard good day");
  stop (&self);
}

static void
test_comes_back (void)
{
  Fixture self = {.stubborn = TRUE,.n_failures = 2 };
  guint i;

  start (&self);
  expect (&self, "lost nobody there");
  expect (&self, "lost nobody there");
  for (i = 0; i < 5; i++) {
    expect (&self, "opened ");
    tell (&self, run_talk);
    expect (&self, "message hello");
    tell (&self, run_fail);
    expect (&self, "lost cut");
  }
  stop (&self);
}

static void
test_gives_up (void)
{
  Fixture self = {.n_failures = 1 };

  start (&self);
  expect (&self, "lost nobody there");
  expect_nothing (&self);
  stop (&self);
}

/* In every place: while it waits, inside of what it calls, while it is open. */
static void
test_stop (void)
{
  Fixture waiting = {.stubborn = TRUE,.n_failures = 1000 };
  Fixture opening = {.stubborn = TRUE,.closes = TRUE };
  Fixture losing = {.stubborn = TRUE,.closes = TRUE,.n_failures = 1 };
  Fixture open = {.stubborn = TRUE };

  start (&waiting);
  expect (&waiting, "lost nobody there");
  stop (&waiting);

  start (&opening);
  expect (&opening, "opened ");
  expect_nothing (&opening);
  stop (&opening);

  start (&losing);
  expect (&losing, "lost nobody there");
  expect_nothing (&losing);
  stop (&losing);

  start (&open);
  expect (&open, "opened ");
  open.closes = TRUE;
  tell (&open, run_talk);
  expect (&open, "message hello");
  expect_nothing (&open);
  stop (&open);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/feed/exchange", test_exchange);
  test_add ("/feed/comes-back", test_comes_back);
  test_add ("/feed/gives-up", test_gives_up);
  test_add ("/feed/stop", test_stop);

  return g_test_run ();
}
