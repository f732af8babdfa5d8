/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the elements say of themselves (docs/stats.md), in a session and over
 * several.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"

static GstStructure *
get_stats (TestPipeline * pipeline)
{
  g_autoptr (GstElement) element = test_pipeline_find (pipeline, "s");
  GstStructure *stats = NULL;

  g_object_get (element, "stats", &stats, NULL);

  return stats;
}

/* Waits until a field of a part, or of the whole for NULL, is at least @least. */
static void
wait_number (TestPipeline * pipeline, const gchar * part_name,
    const gchar * name, gdouble least)
{
  test_say (name);
  while (TRUE) {
    g_autoptr (GstStructure) stats = get_stats (pipeline);
    g_autoptr (GstStructure) part = NULL;
    const GstStructure *whole = stats;
    const GValue *value = NULL;
    GValue number = G_VALUE_INIT;
    gboolean enough = FALSE;

    if (part_name != NULL
        && gst_structure_get (stats, part_name, GST_TYPE_STRUCTURE, &part,
            NULL))
      whole = part;
    if (part_name == NULL || part != NULL)
      value = gst_structure_get_value (whole, name);
    if (value != NULL) {
      g_value_init (&number, G_TYPE_DOUBLE);
      g_assert_true (g_value_transform (value, &number));
      enough = g_value_get_double (&number) >= least;
      g_value_unset (&number);
    }
    if (enough)
      return;
    g_usleep (10000);
  }
}

static void
assert_text (TestPipeline * pipeline, const gchar * name, const gchar * text)
{
  g_autoptr (GstStructure) stats = get_stats (pipeline);

  g_assert_cmpstr (gst_structure_get_string (stats, name), ==, text);
}

static void
test_session (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! wsctlsink name=s uri=%s", uri);
  g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc name=s uri=%s"
      " ! fakesink async=false", uri);

  g_assert_null (get_stats (sender));
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  test_pipeline_play (player);

  wait_number (sender, "outbound-video", "packets-sent", 30);
  wait_number (sender, "outbound-video", "frames-sent", 30);
  wait_number (sender, "outbound-video", "key-frames-sent", 1);
  wait_number (sender, "outbound-video", "round-trip-time", 0);
  wait_number (sender, "congestion-control", "target-bitrate", 1);
  wait_number (sender, NULL, "last-report-age", 0);
  assert_text (sender, "local-candidate-type", "host");

  wait_number (player, "inbound-video", "packets-received", 30);
  wait_number (player, "inbound-video", "frames-received", 30);
  wait_number (player, "inbound-video", "frames-decoded", 20);
  wait_number (player, "inbound-video", "jitter-buffer-target-delay", 0.001);
  wait_number (player, "inbound-video", "jitter-buffer-emitted-count", 20);
  wait_number (player, "inbound-video", "jitter-buffer-delay", 0.000001);
  wait_number (player, "inbound-video", "freeze-count", 0);
  wait_number (player, NULL, "rendition-switches", 0);
  wait_number (player, NULL, "last-report-age", 0);
  wait_number (player, NULL, "reconnects", 0);
}

/* Frames are counted on, packets anew. */
static void
test_reconnects (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
      " ! wsctlsink name=s uri=%s reconnect-min-delay=400", uri);
  gboolean reconnecting = FALSE;
  g_autoptr (GstStructure) stats = NULL;

  test_pipeline_play (sender);
  wait_number (sender, "outbound-video", "frames-sent", 20);
  gst_wsctl_server_drop_sessions (server);
  test_pipeline_wait_element (sender, "wsctl-reconnecting");
  stats = get_stats (sender);
  g_assert_true (gst_structure_get_boolean (stats, "reconnecting",
          &reconnecting) && reconnecting);
  wait_number (sender, NULL, "reconnects", 1);
  wait_number (sender, "outbound-video", "frames-sent", 40);
  wait_number (sender, "outbound-video", "key-frames-sent", 2);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/elements/stats/session", test_session);
  test_add ("/elements/stats/reconnects", test_reconnects);

  return g_test_run ();
}
