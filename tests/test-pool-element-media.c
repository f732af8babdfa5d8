/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What flows through wsctlpool: encoded once for all, a key frame for who comes,
 * nobody held up by somebody slow, muting, and data channels.
 */

#include "pool-node.h"

/* Without one for those who join it would be minutes to the next key frame. */
#define RARE_KEY_FRAMES "videotestsrc is-live=true ! " \
    "video/x-raw,width=64,height=64,framerate=30/1 ! " \
    "vp8enc deadline=1 keyframe-max-dist=100000 ! p.video "

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

/* Transfer full */
static gchar *
get_id (PoolNode * node)
{
  gchar *id = NULL;

  pool_node_wait (&node->n_joined, 1, "to join");
  g_object_get (node->element, "id", &id, NULL);
  g_assert_nonnull (id);

  return id;
}

/* Whoever comes, there is one encoder, and a payloader for each. */
static void
test_encoded_once (void)
{
  PoolNode *nodes[4];
  guint i;

  start ();
  for (i = 0; i < 4; i++)
    nodes[i] = pool_node_play (uri, i == 0 ? NODE_VIDEO NODE_AUDIO : "");
  for (i = 1; i < 4; i++) {
    pool_node_wait_more (&nodes[i]->n_video, 5, "pictures");
    pool_node_wait_more (&nodes[i]->n_audio, 5, "sound");
  }
  g_assert_cmpuint (pool_node_count_elements (nodes[0], "vp8enc"), ==, 1);
  g_assert_cmpuint (pool_node_count_elements (nodes[0], "opusenc"), ==, 1);
  g_assert_cmpuint (pool_node_count_elements (nodes[0], "rtpvp8pay"), ==, 3);
  g_assert_cmpuint (pool_node_count_elements (nodes[0], "rtpopuspay"), ==, 3);

  for (i = 0; i < 4; i++)
    pool_node_free (nodes[i]);
  stop ();
}

/* Who joins in the middle sees a picture at once. */
static void
test_key_frame_on_join (void)
{
  PoolNode *first, *second;
  guint i;

  start ();
  first = pool_node_play (uri, RARE_KEY_FRAMES);
  for (i = 0; i < 3; i++) {
    second = pool_node_play (uri, "");
    pool_node_wait_more (&second->n_video, 5, "pictures in the middle");
    pool_node_free (second);
  }

  pool_node_free (first);
  stop ();
}

/* A source that is not live is paced by the clock. */
static void
test_not_live (void)
{
  PoolNode *first, *second;
  gint64 began_us;

  start ();
  first = pool_node_play (uri, "videotestsrc ! "
      "video/x-raw,width=64,height=64,framerate=30/1 ! "
      "vp8enc deadline=1 keyframe-max-dist=30 ! p.video ");
  second = pool_node_play (uri, "");
  pool_node_wait_more (&second->n_video, 5, "the first pictures");
  began_us = g_get_monotonic_time ();
  pool_node_wait_more (&second->n_video, 60, "two seconds of pictures");
  g_assert_cmpint (g_get_monotonic_time () - began_us, >,
      1500 * G_TIME_SPAN_MILLISECOND);

  pool_node_free (second);
  pool_node_free (first);
  stop ();
}

/* The end of what is sent to @peer; transfer full */
static GstPad *
get_pad_to (PoolNode * node, const gchar * peer)
{
  g_autofree gchar *name = g_strdup_printf ("peer_%s", peer);
  g_autoptr (GstElement) bin =
      gst_bin_get_by_name (GST_BIN (node->element), name);
  GstIterator *iterator =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (bin), "rtpvp8pay");
  GValue value = G_VALUE_INIT;
  GstPad *pad;

  g_assert_cmpint (gst_iterator_next (iterator, &value), ==, GST_ITERATOR_OK);
  pad = gst_element_get_static_pad (g_value_get_object (&value), "src");
  g_value_unset (&value);
  gst_iterator_free (iterator);

  return pad;
}

static GstPadProbeReturn
on_blocked (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

/* One takes nothing for longer than its queue holds: the other does not notice,
 * and later it goes on, with a picture. */
static void
test_slow_peer (void)
{
  PoolNode *sender, *slow, *other;
  g_autofree gchar *id = NULL;
  g_autoptr (GstPad) pad = NULL;
  gulong probe;
  gint n;

  start ();
  sender = pool_node_play (uri, RARE_KEY_FRAMES);
  slow = pool_node_play (uri, "");
  other = pool_node_play (uri, "");
  pool_node_wait_more (&slow->n_video, 5, "pictures at the slow one");
  pool_node_wait_more (&other->n_video, 5, "pictures at the other one");

  id = get_id (slow);
  pad = get_pad_to (sender, id);
  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      on_blocked, NULL, NULL);
  pool_node_wait_more (&other->n_video, 15, "pictures at the other one");
  n = g_atomic_int_get (&slow->n_video);
  pool_node_wait_more (&other->n_video, 45, "pictures at the other one");
  g_assert_cmpint (g_atomic_int_get (&slow->n_video), ==, n);
  gst_pad_remove_probe (pad, probe);
  gst_clear_object (&pad);
  pool_node_wait_more (&slow->n_video, 15, "pictures at the slow one again");

  pool_node_free (slow);
  pool_node_free (other);
  pool_node_free (sender);
  stop ();
}

static void
test_mute (void)
{
  PoolNode *first, *second;
  gboolean done = FALSE;

  start ();
  first = pool_node_play (uri, NODE_VIDEO NODE_AUDIO);
  second = pool_node_play (uri, "");
  pool_node_wait_more (&second->n_video, 5, "pictures");
  g_signal_emit_by_name (first->element, "mute", "video", &done);
  g_assert_true (done);
  g_signal_emit_by_name (first->element, "mute", "smell", &done);
  g_assert_false (done);

  /* Sound goes on; by the time that so much of it has come, the last pictures
   * on their way are here. */
  pool_node_wait_more (&second->n_audio, 50, "sound");
  g_atomic_int_set (&second->n_video, 0);
  pool_node_wait_more (&second->n_audio, 50, "sound");
  g_assert_cmpint (g_atomic_int_get (&second->n_video), ==, 0);

  g_signal_emit_by_name (first->element, "unmute", NULL, &done);
  g_assert_true (done);
  pool_node_wait_more (&second->n_video, 5, "pictures again");

  pool_node_free (first);
  pool_node_free (second);
  stop ();
}

/* Of the one that opens it; atomic */
static gint n_open, n_echoes, n_closed;

static void
on_echo (GObject * channel, const gchar * text, gpointer data)
{
  gboolean sent = FALSE;

  g_signal_emit_by_name (channel, "send-string", text, &sent);
  g_assert_true (sent);
}

static void
on_echo_data (GObject * channel, GBytes * data, gpointer user_data)
{
  gboolean sent = FALSE;

  g_signal_emit_by_name (channel, "send-data", data, &sent);
  g_assert_true (sent);
}

static void
on_datachannel (GstElement * element, const gchar * peer, GObject * channel,
    const gchar * expected)
{
  g_assert_cmpstr (peer, ==, expected);
  g_signal_connect (channel, "on-message-string", G_CALLBACK (on_echo), NULL);
  g_signal_connect (channel, "on-message-data", G_CALLBACK (on_echo_data),
      NULL);
}

static void
on_open (GObject * channel, PoolNode * node)
{
  g_atomic_int_inc (&n_open);
  g_main_context_wakeup (node->context);
}

static void
on_text (GObject * channel, const gchar * text, PoolNode * node)
{
  g_assert_cmpstr (text, ==, "hello");
  g_atomic_int_inc (&n_echoes);
  g_main_context_wakeup (node->context);
}

static void
on_data (GObject * channel, GBytes * data, PoolNode * node)
{
  g_assert_cmpuint (g_bytes_get_size (data), ==, 3);
  g_atomic_int_inc (&n_echoes);
  g_main_context_wakeup (node->context);
}

static void
on_close (GObject * channel, const GError * error, PoolNode * node)
{
  g_assert_no_error (error);
  g_atomic_int_inc (&n_closed);
  g_main_context_wakeup (node->context);
}

/* By signals alone, as an application has it that knows the element only */
static void
test_data_channel (void)
{
  PoolNode *first, *second;
  g_autofree gchar *first_id = NULL;
  g_autofree gchar *second_id = NULL;
  g_autoptr (GObject) channel = NULL;
  g_autoptr (GObject) nothing = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("\0\1\2", 3);
  gboolean sent = TRUE;

  start ();
  first = pool_node_play (uri, "");
  first_id = get_id (first);
  second = pool_node_play (uri, "");
  second_id = get_id (second);
  pool_node_wait (&first->n_peers, 1, "the second to come");
  g_signal_connect (second->element, "on-datachannel",
      G_CALLBACK (on_datachannel), first_id);

  g_signal_emit_by_name (first->element, "create-data-channel", "nobody",
      "chat", NULL, &nothing);
  g_assert_null (nothing);
  g_signal_emit_by_name (first->element, "create-data-channel", second_id,
      "chat", NULL, &channel);
  g_assert_nonnull (channel);
  g_signal_emit_by_name (channel, "send-string", "early", &sent);
  g_assert_false (sent);
  g_signal_connect (channel, "on-open", G_CALLBACK (on_open), first);
  g_signal_connect (channel, "on-message-string", G_CALLBACK (on_text), first);
  g_signal_connect (channel, "on-message-data", G_CALLBACK (on_data), first);
  g_signal_connect (channel, "on-close", G_CALLBACK (on_close), first);
  pool_node_wait (&n_open, 1, "the channel to be open");
  pool_node_wait (&second->n_channels, 1, "the message of the other");

  g_signal_emit_by_name (channel, "send-string", "hello", &sent);
  g_assert_true (sent);
  g_signal_emit_by_name (channel, "send-data", bytes, &sent);
  g_assert_true (sent);
  pool_node_wait (&n_echoes, 2, "the echoes");
  g_signal_emit_by_name (channel, "close");
  pool_node_wait (&n_closed, 1, "the channel to be closed");
  g_signal_handlers_disconnect_by_data (channel, first);

  pool_node_free (first);
  pool_node_free (second);
  stop ();
}

/* Raw media of any kind, as into wsctlsink. Interlaced pictures need another chain
 * than those before. */
static void
test_raw (void)
{
  PoolNode *first, *second;
  g_autoptr (GstElement) setter = NULL;

  start ();
  first = pool_node_play (uri, "videotestsrc is-live=true ! "
      "video/x-raw,format=BGRA,width=65,height=49,framerate=15/1 ! "
      "capssetter name=c join=true caps=video/x-raw,framerate=0/1 ! p.video "
      "audiotestsrc is-live=true ! "
      "audio/x-raw,channels=4,channel-mask=(bitmask)0 ! p.audio ");
  second = pool_node_play (uri, "");
  pool_node_wait_more (&second->n_video, 5, "pictures");
  pool_node_wait_more (&second->n_audio, 5, "sound");
  setter = gst_bin_get_by_name (GST_BIN (first->pipeline), "c");
  gst_util_set_object_arg (G_OBJECT (setter), "caps",
      "video/x-raw,framerate=0/1,interlace-mode=interleaved");
  pool_node_wait_more (&second->n_video, 10, "pictures of another chain");
  g_assert_cmpuint (pool_node_count_elements (first, "deinterlace"), ==, 1);
  g_assert_cmpint (first->n_errors, ==, 0);
  g_assert_cmpint (first->n_warnings, ==, 1);

  pool_node_free (second);
  pool_node_free (first);
  stop ();
}

/* A bin from a description has no ghost pad but that of its queue. */
static void
test_description (void)
{
  g_autofree gchar *description = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *source, *bin;
  PoolNode *second;

  start ();
  description = g_strdup_printf ("queue ! wsctlpool uri=%s pool=room", uri);
  bin = gst_parse_bin_from_description (description, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bin->numpads, ==, 1);
  source = gst_parse_bin_from_description ("videotestsrc is-live=true ! "
      "video/x-raw,width=64,height=64,framerate=30/1 ! queue", TRUE, &error);
  g_assert_no_error (error);
  pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_bin_add_many (GST_BIN (pipeline), source, bin, NULL);
  g_assert_true (gst_element_link (source, bin));

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  second = pool_node_play (uri, "");
  pool_node_wait_more (&second->n_video, 5, "pictures");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  pool_node_free (second);
  stop ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/pool/element/encoded-once", test_encoded_once);
  test_add ("/pool/element/key-frame-on-join", test_key_frame_on_join);
  test_add ("/pool/element/not-live", test_not_live);
  test_add ("/pool/element/raw", test_raw);
  test_add ("/pool/element/description", test_description);
  test_add ("/pool/element/slow-peer", test_slow_peer);
  test_add ("/pool/element/mute", test_mute);
  test_add ("/pool/element/data-channel", test_data_channel);

  return g_test_run ();
}
