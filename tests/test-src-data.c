/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Timed data: from whoever posts it to a pad of wsctlsrc.
 */

#include <libsoup/soup.h>
#include <string.h>

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define SINK "fakesink async=false sync=false"
#define MAX_ERROR_MS 500

typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  TestPipeline *sender;
} Live;

static void
start_live_of (Live * live, GstWsctlServerFault faults)
{
  live->server = test_wsctl_server_new (faults);
  live->uri = test_wsctl_server_get_uri (live->server, "live");
  live->sender = test_pipeline_new ("wsctlsink name=s uri=%s " PICTURE
      " ! s.video", live->uri);
  test_pipeline_play (live->sender);
  test_wsctl_server_wait_frames (live->server, "live", "video", 3);
}

static void
start_live (Live * live)
{
  start_live_of (live, 0);
}

static void
stop_live (Live * live)
{
  test_pipeline_free (live->sender);
  g_object_unref (live->server);
  g_free (live->uri);
}

static void
post (Live * live, const gchar * json)
{
  g_autofree gchar *uri = g_strdup_printf ("http://127.0.0.1:%u/live.json",
      gst_wsctl_server_get_port (live->server));
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_POST, uri);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  soup_message_set_request_body_from_bytes (message, "application/json", body);
  answer = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (soup_message_get_status (message), ==,
      SOUP_STATUS_NO_CONTENT);
}

/* A server tells watchers only of what comes from then on, so that items are
 * posted until one has come. */
static const GstStructure *
post_until_heard (Live * live, TestPipeline * player, const gchar * json)
{
  guint i;

  for (i = 0; i < 200; i++) {
    post (live, json);
    if (test_pipeline_count_element (player, "wsctl-data") > 0)
      return test_pipeline_wait_element (player, "wsctl-data");
    g_usleep (50000);
  }

  g_error ("no item came");
}

static void
on_pad_added (GstElement * src, GstPad * pad, TestPipeline * player)
{
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) sink = NULL;

  if (!g_str_has_prefix (GST_PAD_NAME (pad), "data_"))
    return;
  out = test_pipeline_find (player, "data");
  sink = gst_element_get_static_pad (out, "sink");
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
}

static void
on_data (GstElement * src, gint64 time_ms, guint track, const gchar * json,
    gint * n)
{
  g_atomic_int_inc (n);
}

static gchar *
get_text (GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  gchar *text = g_malloc0 (size + 1);

  gst_buffer_extract (buffer, 0, text, size);

  return text;
}

/* Until the last item that came to the pad is this one; transfer full */
static GstBuffer *
post_until_passed (Live * live, TestTap * tap, const gchar * json)
{
  guint i;

  for (i = 0; i < 200; i++) {
    g_autoptr (GstBuffer) buffer = NULL;
    g_autofree gchar *text = NULL;

    post (live, json);
    g_usleep (50000);
    buffer = test_tap_get_buffer (tap);
    text = buffer != NULL ? get_text (buffer) : NULL;
    if (g_strcmp0 (text, json) == 0)
      return g_steal_pointer (&buffer);
  }

  g_error ("%s did not come", json);
}

/* Word for word, with a time near that of the pictures that play now. */
static void
check_pad (const gchar * options, GstWsctlServerFault faults)
{
  Live live;

  start_live_of (&live, faults);
  {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s data-tracks=all %s "
        "r.video_0 ! " SINK " name=out " SINK " name=data", live.uri, options);
    g_autoptr (TestTap) video = test_tap_new (player, "out", "sink");
    g_autoptr (TestTap) data = test_tap_new (player, "data", "sink");
    g_autoptr (GstElement) src = test_pipeline_find (player, "r");
    g_autoptr (GstBuffer) buffer = NULL;
    g_autoptr (GstBuffer) picture = NULL;
    gint64 distance_ms;
    gint n = 0;

    g_signal_connect (src, "pad-added", G_CALLBACK (on_pad_added), player);
    g_signal_connect (src, "on-data", G_CALLBACK (on_data), &n);
    test_pipeline_play (player);
    test_tap_wait (video, 3);
    post_until_heard (&live, player, "{\"a\": 99999999999999999999}");
    buffer = post_until_passed (&live, data, "{\"b\": 1.50}");
    picture = test_tap_get_buffer (video);
    distance_ms = GST_CLOCK_DIFF (GST_BUFFER_PTS (picture),
        GST_BUFFER_PTS (buffer)) / (gint64) GST_MSECOND;
    g_test_message ("%" G_GINT64_FORMAT " ms after the picture", distance_ms);
    g_assert_cmpint (ABS (distance_ms), <, MAX_ERROR_MS);
    test_tap_wait_caps (data, "application/x-json");
    g_assert_cmpint (g_atomic_int_get (&n), >=, 2);
    test_pipeline_assert_healthy (player);

    /* The end of the stream is that of its data. */
    test_pipeline_stop (live.sender);
    test_tap_wait_eos (data);
    test_pipeline_stop (player);
    test_pipeline_assert_healthy (player);
  }
  stop_live (&live);
}

static void
test_pad (void)
{
  check_pad ("", 0);
}

static void
test_channel (void)
{
  check_pad ("use-data-channel=true", 0);
  check_pad ("use-data-channel=true", GST_WSCTL_SERVER_WAY_OF_MIST);
}

/* Nobody links the pad: nothing comes to harm, again and again. */
static void
test_unlinked (void)
{
  Live live;
  guint i;

  start_live (&live);
  for (i = 0; i < 3; i++) {
    g_autoptr (TestPipeline) player =
        test_pipeline_new ("wsctlsrc name=r uri=%s data-tracks=all r.video_0 ! "
        SINK " name=out", live.uri);
    g_autoptr (TestTap) video = test_tap_new (player, "out", "sink");

    test_pipeline_play (player);
    test_tap_wait (video, 3);
    post_until_heard (&live, player, "[1]");
    test_tap_wait (video, 30);
    test_pipeline_assert_healthy (player);
    test_pipeline_stop (player);
  }
  stop_live (&live);
}

/* Only what is asked for; and nothing, without being asked */
static void
check_tracks (const gchar * options)
{
  Live live;

  start_live (&live);
  {
    g_autoptr (TestPipeline) all =
        test_pipeline_new ("wsctlsrc uri=%s data-tracks=all %s ! " SINK,
        live.uri, options);
    g_autoptr (TestPipeline) none =
        test_pipeline_new ("wsctlsrc uri=%s %s ! " SINK " name=out", live.uri,
        options);
    g_autoptr (TestPipeline) other =
        test_pipeline_new ("wsctlsrc uri=%s data-tracks=7,8 %s ! " SINK
        " name=out", live.uri, options);
    g_autoptr (TestTap) none_tap = test_tap_new (none, "out", "sink");
    g_autoptr (TestTap) other_tap = test_tap_new (other, "out", "sink");

    test_pipeline_play (none);
    test_pipeline_play (other);
    test_tap_wait (none_tap, 3);
    test_tap_wait (other_tap, 3);
    test_pipeline_play (all);
    post_until_heard (&live, all, "null");
    test_tap_wait (none_tap, 10);
    test_tap_wait (other_tap, 10);
    g_assert_cmpuint (test_pipeline_count_element (none, "wsctl-data"), ==, 0);
    g_assert_cmpuint (test_pipeline_count_element (other, "wsctl-data"), ==, 0);
  }
  stop_live (&live);
}

static void
test_tracks (void)
{
  check_tracks ("");
  check_tracks ("use-data-channel=true");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add_in_real_time ("/src/data/pad", test_pad);
  test_add_in_real_time ("/src/data/channel", test_channel);
  test_add ("/src/data/unlinked", test_unlinked);
  test_add ("/src/data/tracks", test_tracks);

  return g_test_run ();
}
