/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A pause on purpose is no dead session, however long it is: nothing is sent,
 * or the server holds, and afterwards the same session goes on.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define TIMEOUT_MS 1000

typedef struct
{
  GstWsctlServer *server;
  gchar *uri;
  gchar *timeouts;
} Fixture;

static void
set_up (Fixture * self)
{
  guint timeout_ms = test_scale_ms (TIMEOUT_MS);

  self->server = test_wsctl_server_new (0);
  self->uri = test_wsctl_server_get_uri (self->server, "live");
  self->timeouts = g_strdup_printf ("idle-timeout=%u report-timeout=%u",
      timeout_ms, timeout_ms);
}

static void
tear_down (Fixture * self)
{
  g_object_unref (self->server);
  g_free (self->uri);
  g_free (self->timeouts);
}

static gboolean
is_over (gpointer data)
{
  return g_get_monotonic_time () > *(gint64 *) data;
}

/* Three times as long as silence may be. What must not come is nothing that
 * could be waited for. */
static void
pause_for_long (TestPipeline * pipeline)
{
  GMainContext *context = g_main_context_get_thread_default ();
  g_autoptr (GSource) source = NULL;
  guint duration_ms = 3 * test_scale_ms (TIMEOUT_MS);
  gint64 end_us;

  test_pipeline_set_state (pipeline, GST_STATE_PAUSED);
  end_us = g_get_monotonic_time ()
      + duration_ms * G_TIME_SPAN_MILLISECOND;
  source = g_timeout_source_new (duration_ms + 1);
  g_source_set_dummy_callback (source);
  g_source_attach (source, context);
  test_wait_until (context, is_over, &end_us, 2 * duration_ms, "the pause");
  g_source_destroy (source);
}

static void
check_same_session (TestPipeline * pipeline)
{
  g_assert_cmpuint (test_pipeline_count_element (pipeline, "wsctl-open"), ==,
      1);
  g_assert_cmpuint (test_pipeline_count_element (pipeline, "wsctl-close"), ==,
      0);
  test_pipeline_assert_healthy (pipeline);
}

static void
test_sink (void)
{
  Fixture self;

  set_up (&self);
  {
    g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
        " ! wsctlsink uri=%s %s", self.uri, self.timeouts);
    guint64 sent;

    test_pipeline_play (sender);
    test_pipeline_wait_element (sender, "wsctl-media-report");
    test_wsctl_server_wait_frames (self.server, "live", "video", 3);
    pause_for_long (sender);
    check_same_session (sender);
    sent = gst_wsctl_server_count_frames (self.server, "live", "video");
    test_pipeline_play (sender);
    test_wsctl_server_wait_frames (self.server, "live", "video", sent + 30);
    check_same_session (sender);
  }
  tear_down (&self);
}

static void
test_src (void)
{
  Fixture self;

  set_up (&self);
  {
    g_autoptr (TestPipeline) sender = test_pipeline_new (PICTURE
        " ! wsctlsink uri=%s", self.uri);
    g_autoptr (TestPipeline) player = test_pipeline_new ("wsctlsrc uri=%s %s "
        "! fakesink name=out", self.uri, self.timeouts);
    g_autoptr (TestTap) tap = test_tap_new (player, "out", "sink");

    test_pipeline_play (sender);
    test_wsctl_server_wait_frames (self.server, "live", "video", 3);
    test_pipeline_play (player);
    test_pipeline_wait_element (player, "wsctl-playing");
    test_tap_wait (tap, 10);
    pause_for_long (player);
    check_same_session (player);
    test_pipeline_play (player);
    test_tap_wait (tap, 30);
    check_same_session (player);
    test_pipeline_stop (player);
  }
  tear_down (&self);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/elements/pause/sink", test_sink);
  test_add ("/elements/pause/src", test_src);

  return g_test_run ();
}
