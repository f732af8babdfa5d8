/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Data channels of a pool: beside media and without, by both ways of making one,
 * and across what happens to the connection below.
 */

#include "data-session.h"
#include "pool-session.h"
#include "wsctlerror.h"
#include "wsctlevents.h"

typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  PoolClient *clients[2];
  GstWsctlConnection *connections[2];   /* of each to the other */

  GMutex lock;
  GstWsctlDataChannel *arrived; /* lock; at the second */
  DataLog *arrived_log;         /* lock */
} Meeting;

static void
on_datachannel (GstWsctlPool * pool, GstWsctlConnection * connection,
    GstWsctlDataChannel * channel, Meeting * meeting)
{
  g_mutex_lock (&meeting->lock);
  if (meeting->arrived == NULL) {
    meeting->arrived = g_object_ref (channel);
    meeting->arrived_log = data_log_new (channel);
    g_main_context_unref (meeting->arrived_log->context);
    meeting->arrived_log->context =
        g_main_context_ref (meeting->clients[1]->context);
  }
  g_mutex_unlock (&meeting->lock);
  g_main_context_wakeup (meeting->clients[1]->context);
}

static Meeting *
meeting_new (const gchar * launch)
{
  Meeting *meeting = g_new0 (Meeting, 1);
  guint i;

  g_mutex_init (&meeting->lock);
  meeting->server = pool_server_new (NULL, &meeting->uri);
  for (i = 0; i < 2; i++) {
    meeting->clients[i] = pool_client_new (meeting->uri, launch);
    pool_client_join (meeting->clients[i]);
    pool_client_wait (meeting->clients[i], &meeting->clients[i]->n_joined, 1,
        "a client to join");
  }
  g_signal_connect (meeting->clients[1]->pool, "datachannel",
      G_CALLBACK (on_datachannel), meeting);
  pool_client_wait (meeting->clients[0], &meeting->clients[0]->n_peers, 1,
      "the second to be seen");
  for (i = 0; i < 2; i++)
    meeting->connections[i] = pool_client_get_connection (meeting->clients[i],
        meeting->clients[1 - i]);

  return meeting;
}

static void
meeting_free (Meeting * meeting)
{
  guint i;

  g_signal_handlers_disconnect_by_data (meeting->clients[1]->pool, meeting);
  g_clear_pointer (&meeting->arrived_log, data_log_free);
  g_clear_object (&meeting->arrived);
  for (i = 0; i < 2; i++)
    g_object_unref (meeting->connections[i]);
  for (i = 0; i < 2; i++)
    g_clear_pointer (&meeting->clients[i], pool_client_free);
  pool_server_free (meeting->server);
  g_mutex_clear (&meeting->lock);
  g_free (meeting->uri);
  g_free (meeting);
}

static gboolean
has_arrived (gpointer data)
{
  Meeting *meeting = data;
  gboolean has;

  g_mutex_lock (&meeting->lock);
  has = meeting->arrived != NULL;
  g_mutex_unlock (&meeting->lock);

  return has;
}

static void
wait_arrival (Meeting * meeting)
{
  test_wait_until (NULL, has_arrived, meeting, 0, "the channel to arrive");
}

/* Raw: the channel is there at once, and opens by itself. */
static void
check_raw (const gchar * launch)
{
  Meeting *meeting = meeting_new (launch);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlDataChannel) channel =
      gst_wsctl_connection_create_data_channel (meeting->connections[0],
      "chat", NULL, &error);
  DataLog *log;

  g_assert_no_error (error);
  log = data_log_new (channel);
  data_log_wait (log, "open");
  wait_arrival (meeting);
  g_assert_cmpstr (gst_wsctl_data_channel_get_label (meeting->arrived), ==,
      "chat");

  gst_wsctl_data_channel_send_string (channel, "there", &error);
  g_assert_no_error (error);
  data_log_wait (meeting->arrived_log, "text there");
  gst_wsctl_data_channel_send_string (meeting->arrived, "and back", &error);
  g_assert_no_error (error);
  data_log_wait (log, "text and back");

  gst_wsctl_data_channel_close (meeting->arrived);
  data_log_wait (log, "close");
  data_log_wait (meeting->arrived_log, "close");

  data_log_free (log);
  meeting_free (meeting);
}

static void
test_raw (void)
{
  check_raw (NULL);
}

static void
test_beside_media (void)
{
  check_raw (POOL_LAUNCH_VIDEO POOL_LAUNCH_AUDIO);
}

typedef struct
{
  gboolean done;
  GstWsctlDataChannel *channel;
  GError *error;
} Opened;

static void
opened (GObject * connection, GAsyncResult * result, gpointer data)
{
  Opened *end = data;

  end->channel =
      gst_wsctl_connection_open_data_channel_finish (GST_WSCTL_CONNECTION
      (connection), result, &end->error);
  end->done = TRUE;
}

static void
test_open (void)
{
  Meeting *meeting = meeting_new (NULL);
  Opened end = { FALSE, };
  g_autoptr (GError) error = NULL;

  gst_wsctl_connection_open_data_channel_async (meeting->connections[0], "a",
      NULL, 0, NULL, opened, &end);
  test_wait_flag (NULL, &end.done, "the channel to open");
  g_assert_no_error (end.error);
  g_assert_cmpint (gst_wsctl_data_channel_get_state (end.channel), ==,
      GST_WSCTL_DATA_CHANNEL_STATE_OPEN);
  wait_arrival (meeting);
  gst_wsctl_data_channel_send_string (end.channel, "x", &error);
  g_assert_no_error (error);
  data_log_wait (meeting->arrived_log, "text x");

  g_object_unref (end.channel);
  meeting_free (meeting);
}

static void
test_open_wrong (void)
{
  Meeting *meeting = meeting_new (NULL);
  g_autoptr (GstStructure) options =
      gst_structure_from_string ("options, colour=(string)red", NULL);
  Opened end = { FALSE, };

  gst_wsctl_connection_open_data_channel_async (meeting->connections[0], "a",
      options, 0, NULL, opened, &end);
  test_wait_flag (NULL, &end.done, "the error");
  g_assert_error (end.error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_OPTION);
  g_clear_error (&end.error);

  meeting_free (meeting);
}

/* It will never be open: the wait ends, in words. */
static void
test_open_timeout (void)
{
  Meeting *meeting = meeting_new (NULL);
  Opened end = { FALSE, };

  gst_wsctl_connection_open_data_channel_async (meeting->connections[0], "a",
      NULL, 1, NULL, opened, &end);
  test_wait_flag (NULL, &end.done, "the timeout");
  g_assert_error (end.error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_TIMED_OUT);
  g_clear_error (&end.error);

  meeting_free (meeting);
}

static void
test_open_cancelled (void)
{
  Meeting *meeting = meeting_new (NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Opened end = { FALSE, };

  g_cancellable_cancel (cancellable);
  gst_wsctl_connection_open_data_channel_async (meeting->connections[0], "a",
      NULL, 0, cancellable, opened, &end);
  test_wait_flag (NULL, &end.done, "the end");
  g_assert_error (end.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&end.error);

  meeting_free (meeting);
}

/* The pool is left while one waits, and while one is open. */
static void
test_closed (void)
{
  Meeting *meeting = meeting_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlDataChannel) open =
      gst_wsctl_connection_create_data_channel (meeting->connections[0],
      "open", NULL, &error);
  DataLog *log = data_log_new (open);
  Opened end = { FALSE, };

  data_log_wait (log, "open");
  wait_arrival (meeting);
  gst_wsctl_pool_close (meeting->clients[0]->pool);
  gst_wsctl_connection_open_data_channel_async (meeting->connections[0],
      "late", NULL, 0, NULL, opened, &end);
  test_wait_flag (NULL, &end.done, "the end");
  g_assert_error (end.error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
  g_clear_error (&end.error);
  data_log_wait (log, "close");
  data_log_wait (meeting->arrived_log, "close");

  data_log_free (log);
  meeting_free (meeting);
}

static void
run_negotiate (gpointer data)
{
  gst_wsctl_pool_negotiate (((PoolClient *) data)->pool);
}

/* The connection is made anew below: the channel stays, and what is sent
 * meanwhile arrives. */
static void
test_made_anew (void)
{
  Meeting *meeting = meeting_new (POOL_LAUNCH_AUDIO);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstWsctlDataChannel) channel =
      gst_wsctl_connection_create_data_channel (meeting->connections[0],
      "chat", NULL, &error);
  DataLog *log = data_log_new (channel);
  guint i;

  data_log_wait (log, "open");
  wait_arrival (meeting);
  for (i = 0; i < 5; i++) {
    g_autofree gchar *text = g_strdup_printf ("%u", i);
    g_autofree gchar *said = g_strdup_printf ("text %u", i);

    pool_client_call (meeting->clients[i % 2], run_negotiate);
    pool_client_wait_media (meeting->clients[0], GST_WSCTL_MEDIA_KIND_AUDIO, 5);
    gst_wsctl_data_channel_send_string (channel, text, &error);
    g_assert_no_error (error);
    data_log_wait (meeting->arrived_log, said);
  }
  g_assert_false (data_log_has (log, "close"));
  g_assert_false (data_log_has (meeting->arrived_log, "close"));

  data_log_free (log);
  meeting_free (meeting);
}

static void
ignore (GObject * object, const gchar * event, GPtrArray * args, gpointer data)
{
}

/* A connection has two events and no other. */
static void
test_events (void)
{
  Meeting *meeting = meeting_new (NULL);
  GObject *connection = G_OBJECT (meeting->connections[0]);
  g_autoptr (GError) error = NULL;
  gulong id;

  id = gst_wsctl_on (connection, "track", NULL, ignore, NULL, NULL, &error);
  g_assert_no_error (error);
  gst_wsctl_off (connection, id);
  id = gst_wsctl_on (connection, "datachannel", NULL, ignore, NULL, NULL,
      &error);
  g_assert_no_error (error);
  gst_wsctl_off (connection, id);
  g_assert_cmpuint (gst_wsctl_on (connection, "icecandidate", NULL, ignore,
          NULL, NULL, &error), ==, 0);
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "icecandidate"));

  meeting_free (meeting);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/pool-channels/raw", test_raw);
  test_add_in_real_time ("/pool-channels/beside-media", test_beside_media);
  test_add ("/pool-channels/open", test_open);
  test_add ("/pool-channels/open-wrong", test_open_wrong);
  test_add ("/pool-channels/open-timeout", test_open_timeout);
  test_add ("/pool-channels/open-cancelled", test_open_cancelled);
  test_add ("/pool-channels/closed", test_closed);
  test_add ("/pool-channels/made-anew", test_made_anew);
  test_add ("/pool-channels/events", test_events);

  return g_test_run ();
}
