/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsrc and the renditions of a stream: chosen by hand, by an event, by
 * itself.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE(width, height) "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=" #width ",height=" #height \
    ",framerate=30/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960"
#define SINK "fakesink async=false sync=false"
#define SMALL 120
#define LARGE 240

typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *small;
  TestPipeline *large;
} Live;

static void
start_live (Live * live)
{
  live->server = test_wsctl_server_new (0);
  live->uri = test_wsctl_server_get_uri (live->server, "live");
  live->small = test_pipeline_new ("wsctlsink name=s uri=%s "
      "video-bitrate=200000 " PICTURE (160, 120) " ! s.video " SOUND
      " ! s.audio", live->uri);
  test_pipeline_play (live->small);
  test_wsctl_server_wait_frames (live->server, "live", "audio", 3);
  test_wsctl_server_wait_frames (live->server, "live", "video", 3);
  live->large = test_pipeline_new ("wsctlsink name=s uri=%s~high "
      "video-bitrate=800000 " PICTURE (320, 240) " ! s.video", live->uri);
  test_pipeline_play (live->large);
}

static void
stop_live (Live * live)
{
  test_pipeline_free (live->large);
  test_pipeline_free (live->small);
  g_object_unref (live->server);
  g_free (live->uri);
}

static gboolean
is_whole_collection (GstMessage * message, gconstpointer data)
{
  g_autoptr (GstStreamCollection) collection = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_STREAM_COLLECTION)
    return FALSE;
  gst_message_parse_stream_collection (message, &collection);

  return gst_stream_collection_get_size (collection) == 3;
}

/* The collection in which both pictures are; transfer none */
static GstStreamCollection *
wait_collection (TestPipeline * player)
{
  GstMessage *message = test_pipeline_wait_match (player, is_whole_collection,
      NULL, "the collection with both pictures");
  GstStreamCollection *collection;

  gst_message_parse_stream_collection (message, &collection);
  gst_object_unref (collection);

  return collection;
}

static GstStream *
find_stream (GstStreamCollection * collection, GstStreamType type, gint height)
{
  guint i;

  for (i = 0; i < gst_stream_collection_get_size (collection); i++) {
    GstStream *stream = gst_stream_collection_get_stream (collection, i);
    g_autoptr (GstCaps) caps = gst_stream_get_caps (stream);
    gint value = 0;

    gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &value);
    if (gst_stream_get_stream_type (stream) == type && value == height)
      return stream;
  }

  g_error ("no stream of %d lines", height);
}

static gint
find_track (GstStreamCollection * collection, gint height)
{
  const gchar *id = gst_stream_get_stream_id (find_stream (collection,
          GST_STREAM_TYPE_VIDEO, height));

  return atoi (strrchr (id, '/') + 1);
}

static void
wait_height (TestTap * tap, gint height)
{
  g_autofree gchar *caps =
      g_strdup_printf ("video/x-raw,height=(int)%d", height);

  test_tap_wait_caps (tap, caps);
}

static void
select_streams (GstElement * src, GstStream * one, GstStream * other)
{
  g_autoptr (GList) ids = NULL;

  ids = g_list_append (ids, (gpointer) gst_stream_get_stream_id (one));
  if (other != NULL)
    ids = g_list_append (ids, (gpointer) gst_stream_get_stream_id (other));
  g_assert_true (gst_element_send_event (src,
          gst_event_new_select_streams (ids)));
}

static void
fail_on_pad (GstElement * src, GstPad * pad, gpointer data)
{
  g_error ("%s comes or goes", GST_PAD_NAME (pad));
}

/* From the first picture on */
static void
check_first (Live * live, gint track)
{
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("wsctlsrc uri=%s video-track=%d ! " SINK " name=out",
      live->uri, track);
  g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");
  g_autoptr (GstCaps) caps = NULL;
  gint height = 0;

  test_pipeline_play (player);
  test_tap_wait (tap, 1);
  caps = test_tap_get_caps (tap);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);
  g_assert_cmpint (height, ==, LARGE);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

static guint
count_switches (GstElement * src)
{
  g_autoptr (GstStructure) stats = NULL;
  guint n = 0;

  g_object_get (src, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint (stats, "rendition-switches", &n));

  return n;
}

/* Before play, while playing, by an event: the pad stays, and new caps come with
 * the first picture of another size. */
static void
test_by_hand (void)
{
  Live live;

  start_live (&live);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s multi-bitrate=disabled "
        "r.video_0 ! " SINK " name=out r.audio_0 ! " SINK " name=other",
        live.uri);
    g_autoptr (TestTap) video = test_tap_new (player, "out", "sink");
    g_autoptr (TestTap) audio = test_tap_new (player, "other", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");
    g_autoptr (GstStreamCollection) collection = NULL;
    GstStream *sound;
    gint track;

    test_pipeline_play (player);
    collection = gst_object_ref (wait_collection (player));
    test_tap_wait (video, 3);
    test_tap_wait (audio, 3);
    g_signal_connect (src, "pad-added", G_CALLBACK (fail_on_pad), NULL);
    g_signal_connect (src, "pad-removed", G_CALLBACK (fail_on_pad), NULL);

    g_object_set (src, "video-track", find_track (collection, LARGE), NULL);
    wait_height (video, LARGE);
    g_object_set (src, "video-track", find_track (collection, SMALL), NULL);
    wait_height (video, SMALL);

    sound = find_stream (collection, GST_STREAM_TYPE_AUDIO, 0);
    select_streams (src, find_stream (collection, GST_STREAM_TYPE_VIDEO,
            LARGE), sound);
    wait_height (video, LARGE);
    g_object_get (src, "video-track", &track, NULL);
    g_assert_cmpint (track, ==, find_track (collection, LARGE));
    test_tap_wait (audio, 3);

    /* Only the sound; then the picture comes back. */
    select_streams (src, sound, NULL);
    g_object_get (src, "video-track", &track, NULL);
    g_assert_cmpint (track, ==, -2);
    test_tap_wait (audio, 30);
    g_object_set (src, "video-track", find_track (collection, SMALL), NULL);
    wait_height (video, SMALL);
    g_assert_cmpuint (count_switches (src), >=, 2);
    g_assert_cmpuint (count_switches (src), <=, 4);
    g_signal_handlers_disconnect_by_func (src, fail_on_pad, NULL);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
    track = find_track (collection, LARGE);
    check_first (&live, track);
  }
  stop_live (&live);
}

/* Somebody else's ids are left to somebody else. */
static void
test_foreign_event (void)
{
  Live live;

  start_live (&live);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s ! " SINK " name=out",
        live.uri);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");
    GList ids = {.data = (gpointer) "somebody/else's" };
    gint track;

    test_pipeline_play (player);
    wait_collection (player);
    gst_element_send_event (src, gst_event_new_select_streams (&ids));
    g_object_get (src, "video-track", &track, NULL);
    g_assert_cmpint (track, ==, -1);
    test_tap_wait (tap, 10);
    test_pipeline_stop (player);
  }
  stop_live (&live);
}

static guint
count_selected (TestPipeline * player)
{
  return test_pipeline_count_type (player, GST_MESSAGE_STREAMS_SELECTED);
}

/* With room enough the best one is played, and the pipeline is told. A track that
 * is fixed and let go again is where it goes on from. */
static void
test_by_itself (void)
{
  Live live;

  start_live (&live);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s r.video_0 ! " SINK
        " name=out", live.uri);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");
    GstStreamCollection *collection;

    test_pipeline_play (player);
    wait_height (tap, LARGE);
    collection = wait_collection (player);
    g_object_set (src, "video-track", find_track (collection, SMALL), NULL);
    wait_height (tap, SMALL);
    test_tap_wait (tap, 60);
    wait_height (tap, SMALL);
    g_object_set (src, "video-track", -1, NULL);
    wait_height (tap, LARGE);
    test_pipeline_wait_type (player, GST_MESSAGE_STREAMS_SELECTED);
    g_assert_cmpuint (count_selected (player), >=, 1);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

/* Its rendition is gone: what is left is played. */
static void
test_dropped (void)
{
  Live live;

  start_live (&live);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc uri=%s ! " SINK " name=out", live.uri);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

    test_pipeline_play (player);
    wait_height (tap, LARGE);
    test_pipeline_stop (live.large);
    wait_height (tap, SMALL);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/src/quality/by-hand", test_by_hand);
  test_add_in_real_time ("/src/quality/foreign-event", test_foreign_event);
  test_add_in_real_time ("/src/quality/by-itself", test_by_itself);
  test_add_in_real_time ("/src/quality/dropped", test_dropped);

  return g_test_run ();
}
