/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A server that is asked to end says goodbye to everybody. That is not the end
 * of what it publishes and plays: it may be a restart (docs/reconnect.md).
 */

#include "testpipeline.h"
#include "testprocess.h"
#include "testserver.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define QUICK "reconnect-min-delay=50 reconnect-max-delay=200"
#define N_RESTARTS 3

/* A process, and what publishes to it and plays from it */
typedef struct
{
  TestProcess *process;
  TestPipeline *sender;
  TestPipeline *player;
  TestTap *tap;                 /* what is played */
} Fixture;

static void
begin (Fixture * fixture, const gchar * settings)
{
  const gchar *uri;

  fixture->process = test_process_new (WSCTL_SERVER);
  uri = test_process_get_uri (fixture->process);
  test_process_start (fixture->process);
  fixture->sender =
      test_pipeline_new (PICTURE " ! wsctlsink uri=%s %s", uri, settings);
  test_pipeline_play (fixture->sender);
  test_pipeline_wait_element (fixture->sender, "wsctl-media-report");
  fixture->player = test_pipeline_new ("wsctlsrc uri=%s %s ! "
      "fakesink name=sink async=false", uri, settings);
  fixture->tap = test_tap_new (fixture->player, "sink", "sink");
  test_pipeline_play (fixture->player);
  test_tap_wait (fixture->tap, 2);
}

static void
end (Fixture * fixture)
{
  test_pipeline_free (fixture->player);
  test_pipeline_free (fixture->sender);
  test_tap_free (fixture->tap);
  test_process_free (fixture->process);
}

static void
assert_playing (TestPipeline * pipeline)
{
  GstState state, pending;

  gst_element_get_state (test_pipeline_get (pipeline), &state, &pending, 0);
  g_assert_cmpint (state, ==, GST_STATE_PLAYING);
  g_assert_cmpint (pending, ==, GST_STATE_VOID_PENDING);
  g_assert_cmpuint (test_pipeline_count_type (pipeline, GST_MESSAGE_EOS), ==,
      0);
  test_pipeline_assert_healthy (pipeline);
}

/* Both are back, behind pipelines that never left PLAYING. */
static void
test_restart (void)
{
  Fixture fixture;
  guint i;

  begin (&fixture, QUICK);
  for (i = 0; i < N_RESTARTS; i++) {
    test_pipeline_forget (fixture.sender);
    test_pipeline_forget (fixture.player);
    test_process_end (fixture.process);
    test_pipeline_wait_text (fixture.sender, "wsctl-close", "name",
        "Going away");
    test_pipeline_wait_text (fixture.player, "wsctl-close", "name",
        "Going away");
    test_pipeline_wait_element (fixture.sender, "wsctl-reconnecting");
    test_pipeline_wait_element (fixture.player, "wsctl-reconnecting");
    test_process_start (fixture.process);
    test_pipeline_wait_element (fixture.sender, "wsctl-connected");
    test_pipeline_wait_element (fixture.player, "wsctl-connected");
    test_tap_wait (fixture.tap, 2);
    assert_playing (fixture.sender);
    assert_playing (fixture.player);
  }
  end (&fixture);
}

/* Who does not want another session has come to the end, and no error. */
static void
test_never (void)
{
  Fixture fixture;

  begin (&fixture, "reconnect=never");
  test_process_end (fixture.process);
  test_pipeline_wait_type (fixture.sender, GST_MESSAGE_EOS);
  test_pipeline_wait_type (fixture.player, GST_MESSAGE_EOS);
  test_pipeline_assert_healthy (fixture.sender);
  test_pipeline_assert_healthy (fixture.player);
  end (&fixture);
}

/* A stream that ends while its server lives is over at once. */
static void
test_stream_ends (void)
{
  Fixture fixture;

  begin (&fixture, QUICK);
  test_pipeline_stop (fixture.sender);
  test_pipeline_wait_type (fixture.player, GST_MESSAGE_EOS);
  g_assert_cmpuint (test_pipeline_count_element (fixture.player,
          "wsctl-reconnecting"), ==, 0);
  end (&fixture);
}

/* Stopped while it waits for the server */
static void
test_stop (void)
{
  Fixture fixture;

  begin (&fixture, QUICK);
  test_process_end (fixture.process);
  test_pipeline_stop (fixture.player);
  test_pipeline_stop (fixture.sender);
  test_pipeline_assert_healthy (fixture.player);
  test_pipeline_assert_healthy (fixture.sender);
  end (&fixture);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/reconnect/restart/restart", test_restart);
  test_add ("/reconnect/restart/never", test_never);
  test_add ("/reconnect/restart/stream-ends", test_stream_ends);
  test_add ("/reconnect/restart/stop", test_stop);

  return g_test_run ();
}
