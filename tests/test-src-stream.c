/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What wsctlsrc says of its stream, and how it waits for one.
 */

#include "testpipeline.h"
#include "testsupport.h"
#include "wsctlstreamstate.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960"
#define SINK "fakesink async=false sync=false"
#define SECRET "s3cr3t"

static GstWsctlServer *server;
static gchar *uri;

static void
start_server (const gchar * play_token)
{
  const GstWsctlServerParams params = {.play_token = play_token };
  g_autoptr (GError) error = NULL;

  server = gst_wsctl_server_new (&params);
  gst_wsctl_server_start (server, &error);
  g_assert_no_error (error);
  uri = test_wsctl_server_get_uri (server, "live");
}

static void
stop_server (void)
{
  gst_wsctl_server_stop (server);
  test_assert_finalize (g_steal_pointer (&server));
  g_clear_pointer (&uri, g_free);
}

static TestPipeline *
publish (void)
{
  TestPipeline *sender =
      test_pipeline_new ("wsctlsink name=s uri=%s " PICTURE " ! s.video "
      SOUND " ! s.audio", uri);

  test_pipeline_play (sender);

  return sender;
}

/* Waits until the stream has been in this state. */
static void
wait_state (TestPipeline * player, const gchar * state)
{
  test_pipeline_wait_text (player, "wsctl-state", "state", state);
}

static const GstStructure *
find_track (const GstStructure * metadata, const gchar * type)
{
  const GValue *tracks = gst_structure_get_value (metadata, "tracks");
  guint i;

  for (i = 0; i < gst_value_array_get_size (tracks); i++) {
    const GstStructure *track =
        gst_value_get_structure (gst_value_array_get_value (tracks, i));

    if (g_str_equal (gst_structure_get_string (track, "type"), type))
      return track;
  }

  return NULL;
}

static void
count_call (gpointer element, gpointer data, gint * n)
{
  g_atomic_int_inc (n);
}

static void
count_state (gpointer element, GstWsctlStreamState state,
    const gchar * message, gint * n)
{
  g_atomic_int_inc (n);
}

static void
test_description (void)
{
  start_server (NULL);
  {
    g_autoptr (TestPipeline) sender = publish ();
    g_autoptr (TestPipeline) player = NULL;
    g_autoptr (TestTap) tap = NULL;
    g_autoptr (GstElement) src = NULL;
    g_autoptr (GstStructure) metadata = NULL;
    g_autoptr (GstStreamCollection) collection = NULL;
    GstMessage *message;
    GstWsctlStreamState state;
    gint n_states = 0, n_metadata = 0;

    test_wsctl_server_wait_frames (server, "live", "video", 3);
    test_wsctl_server_wait_frames (server, "live", "audio", 3);
    player = test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! " SINK
        " name=out", uri);
    tap = test_tap_new (player, "out", "sink");
    src = test_pipeline_find (player, "r");
    g_object_get (src, "stream-state", &state, "metadata", &metadata, NULL);
    g_assert_cmpint (state, ==, GST_WSCTL_STREAM_STATE_UNKNOWN);
    g_assert_null (metadata);
    g_signal_connect (src, "on-state", G_CALLBACK (count_state), &n_states);
    g_signal_connect (src, "on-metadata", G_CALLBACK (count_call), &n_metadata);

    test_pipeline_play (player);
    message = test_pipeline_wait_type (player, GST_MESSAGE_STREAM_COLLECTION);
    gst_message_parse_stream_collection (message, &collection);
    g_assert_cmpuint (gst_stream_collection_get_size (collection), ==, 2);
    g_assert_nonnull (strstr (gst_stream_get_stream_id
            (gst_stream_collection_get_stream (collection, 0)), "live/audio/"));
    test_pipeline_wait_element (player, "wsctl-state");
    test_pipeline_wait_element (player, "wsctl-metadata");
    g_object_get (src, "stream-state", &state, "metadata", &metadata, NULL);
    g_assert_cmpint (state, ==, GST_WSCTL_STREAM_STATE_ONLINE);
    g_assert_cmpstr (gst_structure_get_string (metadata, "type"), ==, "live");
    g_assert_nonnull (find_track (metadata, "audio"));
    g_assert_cmpstr (gst_structure_get_string (find_track (metadata, "video"),
            "codec"), ==, "H264");
    g_assert_cmpint (g_atomic_int_get (&n_states), ==, 1);
    g_assert_cmpint (g_atomic_int_get (&n_metadata), >=, 1);
    test_tap_wait (tap, 3);

    test_pipeline_stop (player);
    g_clear_pointer (&metadata, gst_structure_free);
    g_object_get (src, "stream-state", &state, "metadata", &metadata, NULL);
    g_assert_cmpint (state, ==, GST_WSCTL_STREAM_STATE_UNKNOWN);
    g_assert_null (metadata);
    test_pipeline_assert_healthy (player);
  }
  stop_server ();
}

/* Nobody publishes yet; then somebody does. */
static void
test_wait (void)
{
  start_server (SECRET);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s wait-for-stream=true "
        "access-token=" SECRET " r.video_0 ! " SINK " name=out", uri);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");
    g_autoptr (TestPipeline) sender = NULL;

    test_pipeline_play (player);
    wait_state (player, "offline");
    g_assert_cmpuint (gst_wsctl_server_count_sessions (server), ==, 0);
    sender = publish ();
    wait_state (player, "online");
    test_tap_wait (tap, 10);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_server ();
}

/* The server is not even there; then it is. */
static void
test_wait_for_server (void)
{
  g_autoptr (GError) error = NULL;

  start_server (NULL);
  gst_wsctl_server_stop (server);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s wait-for-stream=true "
        "r.video_0 ! " SINK " name=out", uri);
    GstWsctlServerParams params = {.port = 0 };
    g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

    params.port = g_uri_get_port (parsed);
    test_pipeline_play (player);
    g_object_unref (server);
    server = gst_wsctl_server_new (&params);
    gst_wsctl_server_start (server, &error);
    g_assert_no_error (error);
    wait_state (player, "offline");
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_server ();
}

/* Without the right token there is nothing to wait for. */
static void
test_wait_denied (void)
{
  start_server (SECRET);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc uri=%s wait-for-stream=true "
        "access-token=wrong ! " SINK, uri);

    test_pipeline_play (player);
    test_pipeline_expect_error (player, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NOT_AUTHORIZED, "127.0.0.1");
  }
  stop_server ();
}

/* In the middle of waiting, again and again: nothing is left behind. */
static void
test_wait_stop (void)
{
  guint threads = 0, descriptors = 0;
  guint i;

  start_server (NULL);
  for (i = 0; i < 4; i++) {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc uri=%s wait-for-stream=true ! " SINK, uri);

    test_pipeline_play (player);
    if (i % 2 == 0)
      wait_state (player, "offline");
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
    if (i == 1) {
      threads = test_count_threads ();
      descriptors = test_count_descriptors ();
    }
  }
  g_assert_cmpuint (test_count_threads (), <=, threads + 1);
  g_assert_cmpuint (test_count_descriptors (), <=, descriptors + 8);
  stop_server ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/stream/description", test_description);
  test_add ("/src/stream/wait", test_wait);
  test_add ("/src/stream/wait-for-server", test_wait_for_server);
  test_add ("/src/stream/wait-denied", test_wait_denied);
  test_add ("/src/stream/wait-stop", test_wait_stop);

  return g_test_run ();
}
