/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlpool: several pipelines in one process, each for one that takes part.
 */

#include "pool-session.h"

#define VIDEO "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! p.video "
#define ENCODED_VIDEO "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! vp8enc deadline=1 ! " \
    "p.video "
#define AUDIO "audiotestsrc is-live=true ! p.audio "

/* Counters are atomic. */
typedef struct
{
  GMainContext *context;
  GstElement *pipeline;
  GstElement *element;
  gint n_joined;
  gint n_peers;
  gint n_left;
  gint n_pads;
  gint n_pads_gone;
  gint n_errors;
  gint n_eos;
  gint n_video;                 /* decoded pictures */
  gint n_audio;
  GQuark error_domain;          /* set before n_errors */
} Node;

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
count (Node * self, gint * counter)
{
  g_atomic_int_inc (counter);
  g_main_context_wakeup (self->context);
}

static void
recalculate_latency (GstElement * pipeline, gpointer data)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline));
}

static void
take_error (Node * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  self->error_domain = error->domain;
  count (self, &self->n_errors);
}

static GstBusSyncReply
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Node *self = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    gst_element_call_async (self->pipeline, recalculate_latency, NULL, NULL);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    take_error (self, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    count (self, &self->n_eos);
  else if (gst_message_has_name (message, "wsctl-join"))
    count (self, &self->n_joined);
  else if (gst_message_has_name (message, "wsctl-peer"))
    count (self, &self->n_peers);
  else if (gst_message_has_name (message, "wsctl-close")
      && gst_structure_has_field (gst_message_get_structure (message), "peer"))
    count (self, &self->n_left);
  gst_message_unref (message);

  return GST_BUS_DROP;
}

static void
on_handoff (GstElement * sink, GstBuffer * buffer, GstPad * pad, Node * self)
{
  count (self, g_object_get_data (G_OBJECT (sink), "counter"));
}

static void
on_pad_added (GstElement * element, GstPad * pad, Node * self)
{
  gboolean video = g_str_has_prefix (GST_PAD_NAME (pad), "video");
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) sink_pad = NULL;

  if (!GST_PAD_IS_SRC (pad))
    return;

  bin = gst_parse_bin_from_description (video
      ? "videoconvert ! fakesink name=sink async=false signal-handoffs=true"
      : "audioconvert ! fakesink name=sink async=false signal-handoffs=true",
      TRUE, NULL);
  gst_object_ref_sink (bin);
  sink = gst_bin_get_by_name (GST_BIN (bin), "sink");
  g_object_set_data (G_OBJECT (sink), "counter",
      video ? &self->n_video : &self->n_audio);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), self);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  sink_pad = gst_element_get_static_pad (bin, "sink");
  g_assert_cmpint (gst_pad_link (pad, sink_pad), ==, GST_PAD_LINK_OK);
  count (self, &self->n_pads);
}

static void
on_pad_removed (GstElement * element, GstPad * pad, Node * self)
{
  if (GST_PAD_IS_SRC (pad))
    count (self, &self->n_pads_gone);
}

static Node *
node_new (const gchar * where, const gchar * launch)
{
  Node *self = g_new0 (Node, 1);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text =
      g_strdup_printf ("wsctlpool name=p uri=%s pool=room "
      "fakesrc num-buffers=0 ! fakesink async=false %s", where, launch);

  self->context = g_main_context_ref_thread_default ();
  /* Whatever the text, a pipeline */
  self->pipeline = gst_parse_launch (text, &error);
  g_assert_no_error (error);
  self->element = gst_bin_get_by_name (GST_BIN (self->pipeline), "p");
  g_signal_connect (self->element, "pad-added", G_CALLBACK (on_pad_added),
      self);
  g_signal_connect (self->element, "pad-removed", G_CALLBACK (on_pad_removed),
      self);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, on_bus_message, self, NULL);

  return self;
}

static Node *
node_play (const gchar * where, const gchar * launch)
{
  Node *self = node_new (where, launch);

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);

  return self;
}

typedef struct
{
  gint *counter;
  gint n;
} Wanted;

static gboolean
has_count (gpointer data)
{
  Wanted *wanted = data;

  return g_atomic_int_get (wanted->counter) >= wanted->n;
}

static void
wait_count (gint * counter, gint n, const gchar * what)
{
  Wanted wanted = { counter, n };

  test_wait_until (NULL, has_count, &wanted, 0, what);
}

static void
wait_more (gint * counter, gint n, const gchar * what)
{
  wait_count (counter, g_atomic_int_get (counter) + n, what);
}

static void
node_stop (Node * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
}

static void
node_free (Node * self)
{
  node_stop (self);
  test_assert_finalize (g_steal_pointer (&self->pipeline));
  test_assert_finalize (g_steal_pointer (&self->element));
  g_main_context_unref (self->context);
  g_free (self);
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
  Node *nodes[3];
  gint i;

  start ();
  for (i = 0; i < 3; i++)
    nodes[i] = node_play (uri, i == 1 ? ENCODED_VIDEO AUDIO : VIDEO AUDIO);
  for (i = 0; i < 3; i++) {
    wait_count (&nodes[i]->n_pads, 4, "the pads of two peers");
    wait_more (&nodes[i]->n_video, 20, "pictures");
    wait_more (&nodes[i]->n_audio, 20, "sound");
  }

  node_free (nodes[2]);
  for (i = 0; i < 2; i++) {
    wait_count (&nodes[i]->n_left, 1, "the third to be gone");
    wait_count (&nodes[i]->n_pads_gone, 2, "its pads to be gone");
    wait_more (&nodes[i]->n_video, 20, "pictures after that");
    wait_more (&nodes[i]->n_audio, 20, "sound after that");
    g_assert_cmpint (nodes[i]->n_errors, ==, 0);
  }

  node_free (nodes[0]);
  node_free (nodes[1]);
  stop ();
}

/* READY and PLAYING again is a new member each time. */
static void
test_again (void)
{
  Node *first, *second;
  gint i;

  start ();
  first = node_play (uri, VIDEO);
  second = node_new (uri, VIDEO);
  for (i = 1; i <= 3; i++) {
    gst_element_set_state (second->pipeline, GST_STATE_PLAYING);
    wait_count (&second->n_joined, i, "to join");
    wait_more (&second->n_video, 5, "pictures");
    wait_more (&first->n_video, 5, "pictures of the one that came");
    gst_element_set_state (second->pipeline, GST_STATE_READY);
    wait_count (&first->n_left, i, "the other to be gone");
  }

  node_free (first);
  node_free (second);
  stop ();
}

static void
test_mute (void)
{
  Node *first, *second;
  gboolean done = FALSE;

  start ();
  first = node_play (uri, VIDEO AUDIO);
  second = node_play (uri, "");
  wait_more (&second->n_video, 5, "pictures");
  g_signal_emit_by_name (first->element, "mute", "video", &done);
  g_assert_true (done);
  g_signal_emit_by_name (first->element, "mute", "smell", &done);
  g_assert_false (done);

  /* Sound goes on; by the time that so much of it has come, the last pictures
   * on their way are here. */
  wait_more (&second->n_audio, 50, "sound");
  g_atomic_int_set (&second->n_video, 0);
  wait_more (&second->n_audio, 50, "sound");
  g_assert_cmpint (g_atomic_int_get (&second->n_video), ==, 0);

  g_signal_emit_by_name (first->element, "unmute", NULL, &done);
  g_assert_true (done);
  wait_more (&second->n_video, 5, "pictures again");

  node_free (first);
  node_free (second);
  stop ();
}

static void
test_get_connection (void)
{
  Node *first, *second;
  g_autoptr (GstWsctlConnection) connection = NULL;
  g_autoptr (GstWsctlConnection) nobody = NULL;
  g_autofree gchar *id = NULL;
  guint n = 0;

  start ();
  first = node_play (uri, VIDEO);
  second = node_play (uri, "");
  wait_more (&second->n_video, 1, "pictures");
  g_object_get (second->element, "id", &id, NULL);
  g_object_get (first->element, "nconnections", &n, NULL);
  g_assert_cmpuint (n, ==, 1);
  g_signal_emit_by_name (first->element, "get-connection", id, &connection);
  g_assert_cmpstr (gst_wsctl_connection_get_id (connection), ==, id);
  g_signal_emit_by_name (first->element, "get-connection", "nobody", &nobody);
  g_assert_null (nobody);
  g_clear_object (&connection);

  node_free (first);
  node_free (second);
  stop ();
}

/* One error that names what is wrong, and no crash on the way out */
static void
test_no_server (void)
{
  Node *node;
  g_autofree gchar *where = NULL;

  start ();
  where = g_strdup (uri);
  stop ();
  node = node_play (where, VIDEO AUDIO);
  wait_count (&node->n_errors, 1, "an error");
  g_assert_true (node->error_domain == GST_RESOURCE_ERROR);
  node_free (node);

  node = node_play ("wsctl:///", VIDEO);
  wait_count (&node->n_errors, 1, "an error for an address that is none");
  node_free (node);
}

static void
test_server_dies (void)
{
  Node *first, *second;

  start ();
  first = node_play (uri, VIDEO);
  second = node_play (uri, VIDEO);
  wait_more (&first->n_video, 5, "pictures");
  stop ();
  wait_count (&first->n_errors, 1, "the first to fail");
  wait_count (&second->n_errors, 1, "the second to fail");

  node_free (first);
  node_free (second);
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
  Node *node;

  g_assert_no_error (error);
  silent = g_strdup_printf ("ws://127.0.0.1:%u", port);
  node = node_play (silent, VIDEO AUDIO);
  node_free (node);
  node = node_play (silent, "fakesrc is-live=true num-buffers=0 ! p.video ");
  node_free (node);

  start ();
  node = node_play (uri, VIDEO);
  node_free (node);
  node = node_play (uri, VIDEO);
  wait_count (&node->n_joined, 1, "to join");
  node_free (node);
  stop ();
}

/* Into the middle of everybody's negotiation */
static void
test_stop_negotiating (void)
{
  gint i;

  start ();
  for (i = 0; i < 10; i++) {
    Node *first = node_play (uri, VIDEO);
    Node *second = node_play (uri, VIDEO);

    wait_count (&second->n_joined, 1, "to join");
    if (i % 2 == 0)
      wait_count (&second->n_peers, 1, "to hear of the other");
    node_free (i % 3 == 0 ? first : second);
    node_free (i % 3 == 0 ? second : first);
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
  test_add_in_real_time ("/pool/element/mute", test_mute);
  test_add_in_real_time ("/pool/element/get-connection", test_get_connection);
  test_add ("/pool/element/no-server", test_no_server);
  test_add ("/pool/element/server-dies", test_server_dies);
  test_add ("/pool/element/stop-waiting", test_stop_waiting);
  test_add ("/pool/element/stop-negotiating", test_stop_negotiating);

  return g_test_run ();
}
