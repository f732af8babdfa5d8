/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every member of a connection to a peer, each in a test of its name. More of data
 * channels: test-pool-channels.c.
 */

#include <string.h>

#include "data-session.h"
#include "pool-session.h"
#include "wsctlerror.h"
#include "wsctlevents.h"

/* Of the first to the second. Both have a track, and give it to nobody by
 * themselves. */
static PoolParty *party;
static PoolClient *first, *second;
static GstWsctlConnection *connection;

static void
start (void)
{
  static const gchar *const launches[] =
      { POOL_LAUNCH_VIDEO, POOL_LAUNCH_VIDEO, NULL };

  party = pool_party_new (NULL, TRUE, launches);
  first = party->clients[0];
  second = party->clients[1];
  connection = pool_client_get_connection (first, second);
}

static void
stop (void)
{
  g_clear_object (&connection);
  pool_party_free (g_steal_pointer (&party));
}

static void
test_id (void)
{
  g_autofree gchar *id = NULL;
  g_autofree gchar *property = NULL;

  start ();
  id = gst_wsctl_pool_get_id (second->pool);
  g_assert_cmpstr (gst_wsctl_connection_get_id (connection), ==, id);
  g_object_get (connection, "id", &property, NULL);
  g_assert_cmpstr (property, ==, id);
  stop ();
}

static void
on_notify (GObject * object, GParamSpec * pspec, gint * n)
{
  g_atomic_int_inc (n);
}

static void
describe (const gchar * description)
{
  g_autofree gchar *data =
      g_strdup_printf ("{\"id\":\"%s\",\"description\":%s}",
      gst_wsctl_connection_get_id (connection), description);
  gint n = g_atomic_int_get (&first->n_described);

  pool_client_receive (first, "rtc:describe", data);
  pool_client_wait (first, &first->n_described, n + 1, "a description");
}

/* The same object says what was said last: any JSON; and nobody can change it. */
static void
test_description (void)
{
  g_autoptr (GVariant) object = NULL;
  g_autoptr (GVariant) other = NULL;
  GParamSpec *pspec;
  const gchar *name = NULL;
  gint n_notified = 0;

  start ();
  g_signal_connect (connection, "notify::description", G_CALLBACK (on_notify),
      &n_notified);
  g_assert_null (gst_wsctl_connection_dup_description (connection));
  describe ("{\"name\":\"Ada\",\"more\":[1,null,{\"deep\":true}]}");
  object = gst_wsctl_connection_dup_description (connection);
  g_assert_true (g_variant_lookup (object, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "Ada");
  describe ("\"only text\"");
  g_object_get (connection, "description", &other, NULL);
  g_assert_cmpstr (g_variant_get_string (other, NULL), ==, "only text");
  g_assert_cmpint (g_atomic_int_get (&n_notified), ==, 2);

  pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (connection),
      "description");
  g_assert_cmpint (pspec->flags & G_PARAM_WRITABLE, ==, 0);
  g_signal_handlers_disconnect_by_data (connection, &n_notified);
  stop ();
}

static void
count_event (GObject * object, const gchar * event, GPtrArray * args,
    gpointer data)
{
  g_atomic_int_inc ((gint *) data);
  g_main_context_wakeup (first->context);
}

/* There are two events and no other; asking for another is an error that names
 * it. */
static void
test_add_event_listener (void)
{
  static const gchar *const others[] =
      { "icecandidate", "negotiationneeded", "close", "notify", "" };
  gint n_tracks = 0, n_channels = 0;
  g_autoptr (GstWsctlConnection) back = NULL;
  g_autoptr (GstWsctlDataChannel) channel = NULL;
  g_autoptr (GError) error = NULL;
  guint i;

  start ();
  for (i = 0; i < G_N_ELEMENTS (others); i++) {
    g_autoptr (GError) wrong = NULL;

    g_assert_cmpuint (gst_wsctl_on (G_OBJECT (connection), others[i], NULL,
            count_event, &n_tracks, NULL, &wrong), ==, 0);
    g_assert_nonnull (wrong);
    g_assert_nonnull (strstr (wrong->message, others[i]));
  }

  gst_wsctl_on (G_OBJECT (connection), "track", NULL, count_event, &n_tracks,
      NULL, &error);
  g_assert_no_error (error);
  gst_wsctl_on (G_OBJECT (connection), "datachannel", NULL, count_event,
      &n_channels, NULL, &error);
  g_assert_no_error (error);
  back = pool_client_get_connection (second, first);
  gst_wsctl_connection_add_track (back,
      second->tracks[GST_WSCTL_MEDIA_KIND_VIDEO]);
  pool_client_wait (first, &n_tracks, 1, "the event 'track'");
  channel = gst_wsctl_connection_create_data_channel (back, "chat", NULL,
      &error);
  g_assert_no_error (error);
  pool_client_wait (first, &n_channels, 1, "the event 'datachannel'");
  g_clear_object (&channel);
  g_clear_object (&back);
  stop ();
}

static void
test_remove_event_listener (void)
{
  gint n_removed = 0, n_kept = 0;
  g_autoptr (GstWsctlConnection) back = NULL;
  g_autoptr (GError) error = NULL;
  gulong id;

  start ();
  id = gst_wsctl_on (G_OBJECT (connection), "track", NULL, count_event,
      &n_removed, NULL, &error);
  g_assert_no_error (error);
  gst_wsctl_on (G_OBJECT (connection), "track", NULL, count_event, &n_kept,
      NULL, &error);
  g_assert_no_error (error);
  gst_wsctl_off (G_OBJECT (connection), id);
  back = pool_client_get_connection (second, first);
  gst_wsctl_connection_add_track (back,
      second->tracks[GST_WSCTL_MEDIA_KIND_VIDEO]);
  pool_client_wait (first, &n_kept, 1, "the event that is kept");
  g_assert_cmpint (g_atomic_int_get (&n_removed), ==, 0);
  g_clear_object (&back);
  stop ();
}

/* To this peer alone; twice is once. */
static void
test_add_track (void)
{
  start ();
  gst_wsctl_connection_add_track (connection,
      first->tracks[GST_WSCTL_MEDIA_KIND_VIDEO]);
  gst_wsctl_connection_add_track (connection,
      first->tracks[GST_WSCTL_MEDIA_KIND_VIDEO]);
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  g_assert_cmpint (second->n_tracks, ==, 1);
  g_assert_cmpint (first->n_tracks, ==, 0);
  stop ();
}

/* And it may come again; one that is not sent is no error. */
static void
test_remove_track (void)
{
  GstWsctlTrack *track;

  start ();
  track = first->tracks[GST_WSCTL_MEDIA_KIND_VIDEO];
  gst_wsctl_connection_remove_track (connection, track);
  gst_wsctl_connection_add_track (connection, track);
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  gst_wsctl_connection_remove_track (connection, track);
  pool_client_wait (second, &second->n_pads_gone, 1, "the pad to be gone");
  gst_wsctl_connection_add_track (connection, track);
  pool_client_wait (second, &second->n_tracks, 2, "the track again");
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  stop ();
}

/* At once, not yet open */
static void
test_data_channel_raw (void)
{
  g_autoptr (GstWsctlDataChannel) channel = NULL;
  g_autoptr (GError) error = NULL;
  DataLog *log;

  start ();
  channel = gst_wsctl_connection_create_data_channel (connection, "raw", NULL,
      &error);
  g_assert_no_error (error);
  g_assert_cmpint (gst_wsctl_data_channel_get_state (channel), ==,
      GST_WSCTL_DATA_CHANNEL_STATE_CONNECTING);
  log = data_log_new (channel);
  data_log_wait (log, "open");
  data_log_free (log);
  g_clear_object (&channel);
  stop ();
}

typedef struct
{
  gboolean done;
  GstWsctlDataChannel *channel;
  GError *error;
} Opened;

static void
opened (GObject * source, GAsyncResult * result, gpointer data)
{
  Opened *end = data;

  end->channel =
      gst_wsctl_connection_open_data_channel_finish (GST_WSCTL_CONNECTION
      (source), result, &end->error);
  end->done = TRUE;
}

/* When it is open, with the options that were asked for */
static void
test_data_channel (void)
{
  g_autoptr (GstStructure) options =
      gst_structure_from_string ("options, ordered=(boolean)false, "
      "max-packet-lifetime=(int)500, protocol=(string)json, "
      "priority=(string)high", NULL);
  Opened end = { FALSE, };
  g_autofree gchar *protocol = NULL;
  gboolean ordered = TRUE;
  gint lifetime_ms = 0;

  start ();
  gst_wsctl_connection_open_data_channel_async (connection, "a", options, 0,
      NULL, opened, &end);
  test_wait_flag (NULL, &end.done, "the channel to open");
  g_assert_no_error (end.error);
  g_assert_cmpint (gst_wsctl_data_channel_get_state (end.channel), ==,
      GST_WSCTL_DATA_CHANNEL_STATE_OPEN);
  g_object_get (end.channel, "ordered", &ordered, "max-packet-lifetime",
      &lifetime_ms, "protocol", &protocol, NULL);
  g_assert_false (ordered);
  g_assert_cmpint (lifetime_ms, ==, 500);
  g_assert_cmpstr (protocol, ==, "json");
  g_object_unref (end.channel);
  stop ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/connection/id", test_id);
  test_add ("/pool/connection/description", test_description);
  test_add ("/pool/connection/add-event-listener", test_add_event_listener);
  test_add ("/pool/connection/remove-event-listener",
      test_remove_event_listener);
  test_add ("/pool/connection/add-track", test_add_track);
  test_add ("/pool/connection/remove-track", test_remove_track);
  test_add ("/pool/connection/data-channel-raw", test_data_channel_raw);
  test_add ("/pool/connection/data-channel", test_data_channel);

  return g_test_run ();
}
