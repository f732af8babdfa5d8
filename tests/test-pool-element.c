/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The life of wsctlpool: who comes and leaves, what fails, and stopping in the
 * middle of it.
 */

#include <string.h>

#include "pool-node.h"
#include "testserver.h"

static GstWsctlServer *server;
static gchar *uri;

static void
start (void)
{
  server = pool_server_new (NULL, &uri);
}

static void
stop (void)
{
  pool_server_free (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static void
test_new_free (void)
{
  GstElement *element = gst_element_factory_make ("wsctlpool", NULL);
  g_autofree gchar *id = NULL;
  guint n = 1;

  gst_object_ref_sink (element);
  g_object_get (element, "id", &id, "nconnections", &n, NULL);
  g_assert_null (id);
  g_assert_cmpuint (n, ==, 0);
  test_assert_finalize (element);
}

/* Three see and hear each other; one leaves, and the others go on. */
static void
test_three (void)
{
  PoolNode *nodes[3];
  gint i;

  start ();
  for (i = 0; i < 3; i++)
    nodes[i] =
        pool_node_play (uri,
        i == 1 ? NODE_ENCODED_VIDEO NODE_AUDIO : NODE_VIDEO NODE_AUDIO);
  for (i = 0; i < 3; i++) {
    pool_node_wait (&nodes[i]->n_pads, 4, "the pads of two peers");
    pool_node_wait_more (&nodes[i]->n_video, 20, "pictures");
    pool_node_wait_more (&nodes[i]->n_audio, 20, "sound");
  }

  pool_node_free (nodes[2]);
  for (i = 0; i < 2; i++) {
    pool_node_wait (&nodes[i]->n_left, 1, "the third to be gone");
    pool_node_wait (&nodes[i]->n_pads_gone, 2, "its pads to be gone");
    pool_node_wait_more (&nodes[i]->n_video, 20, "pictures after that");
    pool_node_wait_more (&nodes[i]->n_audio, 20, "sound after that");
    g_assert_cmpint (nodes[i]->n_errors, ==, 0);
  }

  pool_node_free (nodes[0]);
  pool_node_free (nodes[1]);
  stop ();
}

/* READY and PLAYING again is a new member each time. */
static void
test_again (void)
{
  PoolNode *first, *second;
  gint i;

  start ();
  first = pool_node_play (uri, NODE_VIDEO);
  second = pool_node_new (uri, NODE_VIDEO);
  for (i = 1; i <= 3; i++) {
    gst_element_set_state (second->pipeline, GST_STATE_PLAYING);
    pool_node_wait (&second->n_joined, i, "to join");
    pool_node_wait_more (&second->n_video, 5, "pictures");
    pool_node_wait_more (&first->n_video, 5, "pictures of the one that came");
    gst_element_set_state (second->pipeline, GST_STATE_READY);
    pool_node_wait (&first->n_left, i, "the other to be gone");
  }

  pool_node_free (first);
  pool_node_free (second);
  stop ();
}

static void
test_get_connection (void)
{
  PoolNode *first, *second;
  g_autoptr (GstWsctlConnection) connection = NULL;
  g_autoptr (GstWsctlConnection) nobody = NULL;
  g_autofree gchar *id = NULL;
  guint n = 0;

  start ();
  first = pool_node_play (uri, NODE_VIDEO);
  second = pool_node_play (uri, "");
  pool_node_wait_more (&second->n_video, 1, "pictures");
  g_object_get (second->element, "id", &id, NULL);
  g_object_get (first->element, "nconnections", &n, NULL);
  g_assert_cmpuint (n, ==, 1);
  g_signal_emit_by_name (first->element, "get-connection", id, &connection);
  g_assert_cmpstr (gst_wsctl_connection_get_id (connection), ==, id);
  g_signal_emit_by_name (first->element, "get-connection", "nobody", &nobody);
  g_assert_null (nobody);
  g_clear_object (&connection);

  pool_node_free (first);
  pool_node_free (second);
  stop ();
}

/* One error that names what is wrong, and no crash on the way out */
static void
test_no_server (void)
{
  PoolNode *node;
  g_autofree gchar *where = NULL;

  start ();
  where = g_strdup (uri);
  stop ();
  node = pool_node_play (where, NODE_VIDEO NODE_AUDIO);
  pool_node_wait (&node->n_errors, 1, "an error");
  g_assert_true (node->error_domain == GST_RESOURCE_ERROR);
  pool_node_free (node);

  node = pool_node_play ("wsctl:///", NODE_VIDEO);
  pool_node_wait (&node->n_errors, 1, "an error for an address that is none");
  pool_node_free (node);
}

static void
test_server_dies (void)
{
  PoolNode *first, *second;

  start ();
  first = pool_node_play (uri, NODE_VIDEO);
  second = pool_node_play (uri, NODE_VIDEO);
  pool_node_wait_more (&first->n_video, 5, "pictures");
  stop ();
  pool_node_wait (&first->n_errors, 1, "the first to fail");
  pool_node_wait (&second->n_errors, 1, "the second to fail");

  pool_node_free (first);
  pool_node_free (second);
}

/* Unmasked, as a server's is */
static void
append_frame (GByteArray * frames, const gchar * text)
{
  guint8 head[2] = { 0x81, (guint8) strlen (text) };

  g_assert_cmpuint (strlen (text), <, 126);
  g_byte_array_append (frames, head, sizeof (head));
  g_byte_array_append (frames, (const guint8 *) text, strlen (text));
}

/* A pool that is stopped is at its end, and that is no error, whatever the server
 * has complained of before. */
static void
test_stopped (void)
{
  g_autoptr (GByteArray) frames = g_byte_array_new ();
  TestScript script = {.answer = "101",.hang_up = TRUE };
  TestServer *scripted;
  PoolNode *node;

  append_frame (frames, "{\"type\":\"rtc:joined\",\"data\":{\"client_id\":"
      "\"me\",\"peers\":[],\"descriptions\":{},\"pool\":\"room\"}}");
  append_frame (frames, "{\"type\":\"rtc:error\",\"data\":{\"message\":"
      "\"Cannot send\",\"reason\":\"no such peer\"}}");
  append_frame (frames, "{\"type\":\"rtc:stop\",\"data\":{}}");
  script.frames = (const gchar *) frames->data;
  script.frames_size = frames->len;
  scripted = test_server_new_scripted (&script);

  node = pool_node_play (test_server_get_uri (scripted), "");
  pool_node_wait (&node->n_joined, 1, "to join");
  pool_node_wait (&node->n_eos, 1, "the end of the stream");
  gst_element_set_state (node->pipeline, GST_STATE_NULL);
  g_assert_cmpint (node->n_errors, ==, 0);

  pool_node_free (node);
  test_server_free (scripted);
}

/* A server that takes the connection and says nothing, and one that never has
 * any media: to stop takes no longer for it. */
static void
test_stop_waiting (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *silent = NULL;
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  PoolNode *node;

  g_assert_no_error (error);
  silent = g_strdup_printf ("ws://127.0.0.1:%u", port);
  node = pool_node_play (silent, NODE_VIDEO NODE_AUDIO);
  pool_node_free (node);
  node =
      pool_node_play (silent, "fakesrc is-live=true num-buffers=0 ! p.video ");
  pool_node_free (node);

  start ();
  node = pool_node_play (uri, NODE_VIDEO);
  pool_node_free (node);
  node = pool_node_play (uri, NODE_VIDEO);
  pool_node_wait (&node->n_joined, 1, "to join");
  pool_node_free (node);
  stop ();
}

/* Into the middle of everybody's negotiation */
static void
test_stop_negotiating (void)
{
  gint i;

  start ();
  for (i = 0; i < 10; i++) {
    PoolNode *first = pool_node_play (uri, NODE_VIDEO);
    PoolNode *second = pool_node_play (uri, NODE_VIDEO);

    pool_node_wait (&second->n_joined, 1, "to join");
    if (i % 2 == 0)
      pool_node_wait (&second->n_peers, 1, "to hear of the other");
    pool_node_free (i % 3 == 0 ? first : second);
    pool_node_free (i % 3 == 0 ? second : first);
  }
  stop ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/element/new-free", test_new_free);
  test_add_in_real_time ("/pool/element/three", test_three);
  test_add_in_real_time ("/pool/element/again", test_again);
  test_add_in_real_time ("/pool/element/get-connection", test_get_connection);
  test_add ("/pool/element/no-server", test_no_server);
  test_add ("/pool/element/server-dies", test_server_dies);
  test_add ("/pool/element/stopped", test_stopped);
  test_add ("/pool/element/stop-waiting", test_stop_waiting);
  test_add ("/pool/element/stop-negotiating", test_stop_negotiating);

  return g_test_run ();
}
