/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every member of the pool and of the managed stream, each in a test of its
 * name; and what nobody should do or say.
 */

#include <libsoup/soup.h>
#include <string.h>

#include "pool-session.h"
#include "wsctlerror.h"
#include "wsctlmanagedstream.h"

static const GstWsctlServerParams params = {.pool_token = "secret" };

static GstWsctlServer *server;
static gchar *uri;
static PoolClient *first, *second;

/* The first sends, the second has nothing. */
static void
start_pair (void)
{
  server = pool_server_new (&params, &uri);
  first = pool_client_new (uri, POOL_LAUNCH_VIDEO);
  pool_client_join (first);
  pool_client_wait (first, &first->n_joined, 1, "the first to join");
  second = pool_client_new (uri, NULL);
  pool_client_join (second);
  pool_client_wait (first, &first->n_peers, 1, "the second to come");
  pool_client_wait (second, &second->n_joined, 1, "the second to join");
}

static void
stop_pair (void)
{
  pool_client_free (g_steal_pointer (&first));
  pool_client_free (g_steal_pointer (&second));
  pool_server_free (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static guint
request (const gchar * method, const gchar * path, const gchar * body)
{
  g_autofree gchar *address =
      g_strdup_printf ("http%s%s", uri + strlen ("ws"), path);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (method, address);
  g_autoptr (GBytes) sent = g_bytes_new_static (body, strlen (body));
  g_autoptr (GBytes) answer = NULL;

  if (*body != '\0')
    soup_message_set_request_body_from_bytes (message, "application/json",
        sent);
  answer = soup_session_send_and_read (session, message, NULL, NULL);

  return soup_message_get_status (message);
}

static void
test_join (void)
{
  g_autoptr (GError) twice = NULL;
  g_autoptr (GError) bad = NULL;
  g_autoptr (GError) late = NULL;

  start_pair ();
  g_assert_false (gst_wsctl_pool_join (first->pool, "q", &twice));
  g_assert_error (twice, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  g_assert_false (gst_wsctl_pool_join (first->pool, "no name", &bad));
  g_assert_error (bad, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_URI);
  gst_wsctl_pool_close (first->pool);
  g_assert_false (gst_wsctl_pool_join (first->pool, "p", &late));
  g_assert_error (late, GST_WSCTL_ERROR, GST_WSCTL_ERROR_CLOSED);
  stop_pair ();
}

static void
test_close (void)
{
  start_pair ();
  gst_wsctl_pool_close (second->pool);
  gst_wsctl_pool_close (second->pool);
  g_assert_cmpint (second->n_closed, ==, 1);
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (second->pool), ==, 0);
  pool_client_wait (first, &first->n_left, 1, "the second to be gone");
  stop_pair ();
}

static void
test_id (void)
{
  g_autofree gchar *one = NULL;
  g_autofree gchar *other = NULL;

  start_pair ();
  one = gst_wsctl_pool_get_id (first->pool);
  g_object_get (second->pool, "id", &other, NULL);
  g_assert_nonnull (one);
  g_assert_nonnull (other);
  g_assert_cmpstr (one, !=, other);
  stop_pair ();
}

static void
test_connections (void)
{
  g_autofree gchar *id = NULL;
  GList *connections;

  start_pair ();
  id = gst_wsctl_pool_get_id (second->pool);
  connections = gst_wsctl_pool_get_connections (first->pool);
  g_assert_cmpuint (g_list_length (connections), ==, 1);
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (first->pool), ==, 1);
  g_assert_cmpstr (gst_wsctl_connection_get_id (connections->data), ==, id);
  g_list_free_full (connections, g_object_unref);
  stop_pair ();
}

static void
test_get_connection (void)
{
  g_autoptr (GstWsctlConnection) connection = NULL;

  start_pair ();
  connection = pool_client_get_connection (first, second);
  g_assert_nonnull (connection);
  g_assert_null (gst_wsctl_pool_get_connection (first->pool, "nobody"));
  g_clear_object (&connection);
  stop_pair ();
}

static void
test_describe (void)
{
  g_autoptr (GstWsctlConnection) connection = NULL;
  g_autoptr (GVariant) description = NULL;
  g_autofree gchar *id = NULL;
  g_autofree gchar *path = NULL;
  const gchar *name = NULL;

  start_pair ();
  id = gst_wsctl_pool_get_id (second->pool);
  path = g_strdup_printf ("/pools/p/peers/%s/description?id=secret", id);
  connection = pool_client_get_connection (first, second);
  g_assert_null (gst_wsctl_connection_dup_description (connection));
  g_assert_cmpuint (request ("PUT", path, "{\"name\":\"Ada\"}"), ==, 204);
  pool_client_wait (first, &first->n_described, 1, "the description");
  description = gst_wsctl_connection_dup_description (connection);
  g_assert_true (g_variant_lookup (description, "name", "&s", &name));
  g_assert_cmpstr (name, ==, "Ada");
  g_clear_object (&connection);
  stop_pair ();
}

static void
test_stop (void)
{
  start_pair ();
  g_assert_cmpuint (request ("DELETE", "/pools/p?id=secret", ""), ==, 204);
  pool_client_wait (first, &first->n_stopped, 1, "the pool to be stopped");
  pool_client_wait (first, &first->n_closed, 1, "the pool to be closed");
  stop_pair ();
}

static void
test_remove_track (void)
{
  g_autoptr (GstWsctlConnection) connection = NULL;

  start_pair ();
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  connection = pool_client_get_connection (first, second);
  gst_wsctl_connection_remove_track (connection,
      first->tracks[GST_WSCTL_MEDIA_KIND_VIDEO]);
  pool_client_wait (second, &second->n_pads_gone, 1, "the pad to be gone");
  gst_wsctl_connection_add_track (connection,
      first->tracks[GST_WSCTL_MEDIA_KIND_VIDEO]);
  pool_client_wait (second, &second->n_tracks, 2, "the track again");
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  g_clear_object (&connection);
  stop_pair ();
}

static GstWsctlManagedStream *
make_stream (void)
{
  GList list = { first->tracks[GST_WSCTL_MEDIA_KIND_VIDEO], };

  return gst_wsctl_managed_stream_new (first->pool, &list);
}

static void
test_stream_mute (void)
{
  g_autoptr (GstWsctlManagedStream) stream = NULL;
  g_autoptr (GError) error = NULL;

  start_pair ();
  stream = make_stream ();
  g_assert_false (gst_wsctl_managed_stream_muted (stream, NULL));
  g_assert_true (gst_wsctl_managed_stream_mute (stream, "audio", NULL));
  g_assert_false (gst_wsctl_managed_stream_muted (stream, NULL));
  g_assert_true (gst_wsctl_managed_stream_mute (stream, NULL, NULL));
  g_assert_true (gst_wsctl_managed_stream_muted (stream, NULL));
  g_assert_true (gst_wsctl_managed_stream_muted (stream, "video"));
  g_assert_false (gst_wsctl_managed_stream_muted (stream, "audio"));
  g_assert_true (gst_wsctl_managed_stream_unmute (stream, "video", NULL));
  g_assert_false (gst_wsctl_managed_stream_muted (stream, NULL));
  g_assert_false (gst_wsctl_managed_stream_mute (stream, "smell", &error));
  g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_FAILED);
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  g_clear_object (&stream);
  stop_pair ();
}

static void
test_stream_get_stream (void)
{
  g_autoptr (GstWsctlManagedStream) stream = NULL;
  g_autoptr (GstWsctlConnection) connection = NULL;
  g_autofree gchar *peer = NULL;
  g_autofree gchar *id = NULL;

  start_pair ();
  stream = make_stream ();
  peer = gst_wsctl_pool_get_id (second->pool);
  id = gst_wsctl_managed_stream_get_stream (stream, peer);
  g_assert_nonnull (id);
  g_assert_true (gst_wsctl_managed_stream_has_stream (stream, id));
  g_assert_false (gst_wsctl_managed_stream_has_stream (stream, "other"));
  g_assert_null (gst_wsctl_managed_stream_get_stream (stream, "nobody"));
  connection = gst_wsctl_managed_stream_get_connection (stream, id);
  g_assert_cmpstr (gst_wsctl_connection_get_id (connection), ==, peer);
  g_assert_null (gst_wsctl_managed_stream_get_connection (stream, "other"));
  g_clear_object (&connection);
  g_clear_object (&stream);
  stop_pair ();
}

static void
on_stream_close (GstWsctlManagedStream * stream, gint * n_closed)
{
  (*n_closed)++;
}

static void
test_stream_close (void)
{
  g_autoptr (GstWsctlManagedStream) stream = NULL;
  GList *tracks;
  gint n_closed = 0;

  start_pair ();
  stream = make_stream ();
  g_signal_connect (stream, "close", G_CALLBACK (on_stream_close), &n_closed);
  tracks = gst_wsctl_managed_stream_get_tracks (stream);
  g_assert_cmpuint (g_list_length (tracks), ==, 1);
  g_list_free_full (tracks, g_object_unref);
  g_assert_false (gst_wsctl_managed_stream_get_closed (stream));
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);

  gst_wsctl_managed_stream_close (stream);
  gst_wsctl_managed_stream_close (stream);
  g_assert_cmpint (n_closed, ==, 1);
  g_assert_true (gst_wsctl_managed_stream_get_closed (stream));
  g_assert_null (gst_wsctl_managed_stream_get_tracks (stream));
  pool_client_wait (second, &second->n_pads_gone, 1, "the pad to be gone");
  g_clear_object (&stream);
  stop_pair ();
}

/* The server says what it likes: nothing is more than a warning. */
static void
test_hostile (void)
{
  static const gchar *const texts[] = {
    "{}", "[]", "{\"type\":5}",
    "{\"type\":\"rtc:joined\",\"data\":{\"client_id\":\"x\",\"peers\":[]}}",
    "{\"type\":\"rtc:close\",\"data\":{\"id\":\"nobody\"}}",
    "{\"type\":\"rtc:describe\",\"data\":{\"id\":\"nobody\"}}",
    "{\"type\":\"rtc:candidate\",\"data\":{\"from\":\"nobody\","
        "\"candidate\":{\"candidate\":\"x\"}}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"peer\":\"nobody\",\"description\":{"
        "\"type\":\"offer\",\"sdp\":\"v=0\"}}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"peer\":\"%s\",\"description\":{"
        "\"type\":\"offer\",\"sdp\":\"v=0\\r\\nm=audio 9 X 0\\r\\n\"}}}",
    "{\"type\":\"rtc:sdp\",\"data\":{\"peer\":\"%s\",\"description\":{"
        "\"type\":\"answer\",\"sdp\":\"v=0\"}}}",
    "{\"type\":\"rtc:candidate\",\"data\":{\"from\":\"%s\","
        "\"candidate\":{\"candidate\":\"candidate:garbage\"}}}",
    "{\"type\":\"rtc:peer\",\"data\":{\"id\":\"%s\"}}",
  };
  g_autofree gchar *id = NULL;
  guint i;

  start_pair ();
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 5);
  id = gst_wsctl_pool_get_id (first->pool);
  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (GStrv) parts = g_strsplit (texts[i], "%s", 2);
    g_autofree gchar *text = g_strjoinv (id, parts);
    g_autofree gchar *type = NULL;
    g_autofree gchar *data = NULL;

    if (gst_wsctl_ssp_split (text, &type, &data))
      pool_client_receive (second, type, data);
  }
  pool_client_wait_media (second, GST_WSCTL_MEDIA_KIND_VIDEO, 20);
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (second->pool), ==, 1);
  g_assert_cmpint (second->n_joined, ==, 1);
  stop_pair ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/members/join", test_join);
  test_add ("/pool/members/close", test_close);
  test_add ("/pool/members/id", test_id);
  test_add ("/pool/members/connections", test_connections);
  test_add ("/pool/members/get-connection", test_get_connection);
  test_add ("/pool/members/describe", test_describe);
  test_add ("/pool/members/stop", test_stop);
  test_add ("/pool/members/remove-track", test_remove_track);
  test_add ("/pool/members/stream-mute", test_stream_mute);
  test_add ("/pool/members/stream-get-stream", test_stream_get_stream);
  test_add ("/pool/members/stream-close", test_stream_close);
  test_add ("/pool/members/hostile", test_hostile);

  return g_test_run ();
}
