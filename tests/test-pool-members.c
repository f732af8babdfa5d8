/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every member and every event of the pool, each in a test of its name; and what
 * nobody should do or say. Connections: test-pool-connection.c, streams:
 * test-pool-stream.c.
 */

#include <libsoup/soup.h>
#include <string.h>

#include "pool-session.h"
#include "wsctlerror.h"
#include "wsctlevents.h"

static const GstWsctlServerParams params = {.pool_token = "secret" };

/* The first sends, the second has nothing. */
static const gchar *const launches[] = { POOL_LAUNCH_VIDEO, "", NULL };

static PoolParty *party;
static PoolClient *first, *second;

static void
start_pair (void)
{
  party = pool_party_new (&params, FALSE, launches);
  first = party->clients[0];
  second = party->clients[1];
}

static void
stop_pair (void)
{
  pool_party_free (g_steal_pointer (&party));
}

static guint
request (const gchar * method, const gchar * path, const gchar * body)
{
  g_autofree gchar *address =
      g_strdup_printf ("http%s%s", party->uri + strlen ("ws"), path);
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
test_nconnections (void)
{
  guint n = 0;

  start_pair ();
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (first->pool), ==, 1);
  g_object_get (second->pool, "nconnections", &n, NULL);
  g_assert_cmpuint (n, ==, 1);
  gst_wsctl_pool_close (second->pool);
  pool_client_wait (first, &first->n_left, 1, "the second to be gone");
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (first->pool), ==, 0);
  g_assert_cmpuint (gst_wsctl_pool_get_nconnections (second->pool), ==, 0);
  stop_pair ();
}

/* What an event brought; another thread writes it, and then counts. */
typedef struct
{
  gint n;                       /* atomic */
  gchar *peer;                  /* id of the connection */
  gchar *text;                  /* a name, or a description */
  GstPad *pad;
  GstWsctlDataChannel *channel;
} Heard;

static void
hear (GObject * pool, const gchar * event, GPtrArray * args, gpointer data)
{
  Heard *heard = data;
  guint i;

  if (g_atomic_int_get (&heard->n) > 0)
    return;

  for (i = 0; i < args->len; i++) {
    const GValue *value = g_ptr_array_index (args, i);
    gpointer object = G_VALUE_HOLDS_OBJECT (value)
        ? g_value_get_object (value) : NULL;

    if (GST_WSCTL_IS_CONNECTION (object))
      heard->peer = g_strdup (gst_wsctl_connection_get_id (object));
    else if (GST_IS_PAD (object))
      heard->pad = g_object_ref (object);
    else if (GST_WSCTL_IS_DATA_CHANNEL (object))
      heard->channel = g_object_ref (object);
    else if (G_VALUE_HOLDS_STRING (value))
      heard->text = g_value_dup_string (value);
    else if (G_VALUE_HOLDS_VARIANT (value))
      heard->text = g_variant_print (g_value_get_variant (value), FALSE);
  }
  g_atomic_int_set (&heard->n, 1);
  g_main_context_wakeup (first->context);
}

static void
heard_clear (Heard * heard)
{
  g_clear_object (&heard->channel);
  g_clear_object (&heard->pad);
  g_free (heard->peer);
  g_free (heard->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Heard, heard_clear)
     static gulong
         subscribe (PoolClient * client, const gchar * event, Heard * heard)
{
  g_autoptr (GError) error = NULL;
  gulong id = gst_wsctl_on (G_OBJECT (client->pool), event, NULL, hear, heard,
      NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (id, !=, 0);

  return id;
}

static void
wait_heard (PoolClient * client, Heard * heard, gulong id, const gchar * what)
{
  pool_client_wait (client, &heard->n, 1, what);
  gst_wsctl_off (G_OBJECT (client->pool), id);
}

static void
assert_is (const Heard * heard, PoolClient * peer)
{
  g_autofree gchar *id = gst_wsctl_pool_get_id (peer->pool);

  g_assert_cmpstr (heard->peer, ==, id);
}

/* One more, who hears of what happens in coming */
static void
check_coming (const gchar * event, Heard * heard)
{
  PoolClient *third;
  gulong id;

  third = pool_client_new (party->uri, NULL);
  id = subscribe (third, event, heard);
  pool_client_join (third);
  wait_heard (third, heard, id, event);
  pool_client_free (third);
}

static void
test_event_join (void)
{
  g_auto (Heard) heard = { 0, };

  start_pair ();
  check_coming ("join", &heard);
  g_assert_cmpstr (heard.text, ==, "p");
  stop_pair ();
}

static void
test_event_peer (void)
{
  g_auto (Heard) heard = { 0, };
  g_auto (Heard) seen = { 0, };
  PoolClient *third;
  gulong id;

  start_pair ();
  check_coming ("peer", &heard);
  g_assert_nonnull (heard.peer);

  id = subscribe (first, "peer", &seen);
  third = pool_client_new (party->uri, NULL);
  pool_client_join (third);
  wait_heard (first, &seen, id, "peer");
  pool_client_wait (third, &third->n_joined, 1, "the third to join");
  assert_is (&seen, third);
  pool_client_free (third);
  stop_pair ();
}

static void
test_event_close (void)
{
  g_auto (Heard) of_peer = { 0, };
  g_auto (Heard) of_pool = { 0, };
  gulong id, own_id;

  start_pair ();
  id = subscribe (first, "close", &of_peer);
  own_id = subscribe (second, "close", &of_pool);
  gst_wsctl_pool_close (second->pool);
  wait_heard (second, &of_pool, own_id, "close");
  g_assert_null (of_pool.peer);
  wait_heard (first, &of_peer, id, "close");
  assert_is (&of_peer, second);
  stop_pair ();
}

static void
test_event_stop (void)
{
  g_auto (Heard) heard = { 0, };
  gulong id;

  start_pair ();
  id = subscribe (second, "stop", &heard);
  g_assert_cmpuint (request ("DELETE", "/pools/p?id=secret", ""), ==, 204);
  wait_heard (second, &heard, id, "stop");
  pool_client_wait (first, &first->n_closed, 1, "the pool to be closed");
  g_assert_cmpint (first->n_errors, ==, 0);
  stop_pair ();
}

static void
test_event_describe (void)
{
  g_auto (Heard) heard = { 0, };
  g_autofree gchar *peer = NULL;
  g_autofree gchar *path = NULL;
  gulong id;

  start_pair ();
  peer = gst_wsctl_pool_get_id (second->pool);
  path = g_strdup_printf ("/pools/p/peers/%s/description?id=secret", peer);
  id = subscribe (first, "describe", &heard);
  g_assert_cmpuint (request ("PUT", path, "{\"name\":\"Ada\"}"), ==, 204);
  wait_heard (first, &heard, id, "describe");
  assert_is (&heard, second);
  g_assert_nonnull (strstr (heard.text, "Ada"));
  stop_pair ();
}

static void
test_event_track (void)
{
  g_auto (Heard) heard = { 0, };

  start_pair ();
  check_coming ("track", &heard);
  assert_is (&heard, first);
  g_assert_true (GST_PAD_IS_SRC (heard.pad));
  stop_pair ();
}

static void
test_event_datachannel (void)
{
  g_auto (Heard) heard = { 0, };
  g_autoptr (GstWsctlConnection) connection = NULL;
  g_autoptr (GstWsctlDataChannel) channel = NULL;
  g_autoptr (GError) error = NULL;
  gulong id;

  start_pair ();
  id = subscribe (first, "datachannel", &heard);
  connection = pool_client_get_connection (second, first);
  channel = gst_wsctl_connection_create_data_channel (connection, "chat", NULL,
      &error);
  g_assert_no_error (error);
  wait_heard (first, &heard, id, "datachannel");
  assert_is (&heard, second);
  g_assert_cmpstr (gst_wsctl_data_channel_get_label (heard.channel), ==,
      "chat");
  g_clear_object (&channel);
  g_clear_object (&connection);
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
  test_add ("/pool/members/nconnections", test_nconnections);
  test_add ("/pool/members/get-connection", test_get_connection);
  test_add ("/pool/members/event-join", test_event_join);
  test_add ("/pool/members/event-stop", test_event_stop);
  test_add ("/pool/members/event-close", test_event_close);
  test_add ("/pool/members/event-describe", test_event_describe);
  test_add ("/pool/members/event-peer", test_event_peer);
  test_add ("/pool/members/event-track", test_event_track);
  test_add ("/pool/members/event-datachannel", test_event_datachannel);
  test_add ("/pool/members/hostile", test_hostile);

  return g_test_run ();
}
