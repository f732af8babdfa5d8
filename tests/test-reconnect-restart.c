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
#define N_RESTARTS 20
#define N_WARM 5                /* after so many, nothing new is made for good */
#define BACK_MS 2000            /* from the publisher's return to the picture */
#define STARVED_MS 300          /* then nothing is said about times */

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

static guint
count_files (const gchar * path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;

  return n;
}

static void
end_server (Fixture * fixture)
{
  test_pipeline_forget (fixture->sender);
  test_pipeline_forget (fixture->player);
  test_process_end (fixture->process);
  test_pipeline_wait_text (fixture->sender, "wsctl-close", "name",
      "Going away");
  test_pipeline_wait_text (fixture->player, "wsctl-close", "name",
      "Going away");
  test_pipeline_wait_element (fixture->sender, "wsctl-reconnecting");
  test_pipeline_wait_element (fixture->player, "wsctl-reconnecting");
}

/* How long the picture takes, from the publisher's return on */
static void
wait_picture (Fixture * fixture)
{
  gint64 starved_ms = test_get_process_starved_ms ();
  gint64 begin_us, took_ms;

  test_pipeline_wait_element (fixture->sender, "wsctl-connected");
  begin_us = g_get_monotonic_time ();
  test_pipeline_wait_element (fixture->player, "wsctl-connected");
  test_tap_wait (fixture->tap, 1);
  took_ms = (g_get_monotonic_time () - begin_us) / G_TIME_SPAN_MILLISECOND;
  starved_ms = test_get_process_starved_ms () - starved_ms;
  g_test_message ("a picture after %" G_GINT64_FORMAT " ms, starved for %"
      G_GINT64_FORMAT, took_ms, starved_ms);
  if (starved_ms < STARVED_MS)
    g_assert_cmpint (took_ms, <, test_scale_ms (BACK_MS));
}

/* Both are back, behind pipelines that never left PLAYING, and however often it
 * happens, nothing gets more. */
static void
test_restart (void)
{
  guint n_threads = 0, n_files = 0;
  gsize allocated = 0;
  Fixture fixture;
  guint i;

  begin (&fixture, QUICK);
  for (i = 0; i < N_RESTARTS; i++) {
    test_watchdog_restart ();
    end_server (&fixture);
    test_process_start (fixture.process);
    wait_picture (&fixture);
    assert_playing (fixture.sender);
    assert_playing (fixture.player);
    g_test_message ("restart %u: %u threads, %u files, %" G_GSIZE_FORMAT
        " bytes", i, count_files ("/proc/self/task"),
        count_files ("/proc/self/fd"), test_process_get_allocated ());
    if (i == N_WARM) {
      n_threads = count_files ("/proc/self/task");
      n_files = count_files ("/proc/self/fd");
      allocated = test_process_get_allocated ();
    }
  }
  g_assert_cmpuint (count_files ("/proc/self/task"), <=, n_threads + 4);
  /* One session has five. */
  g_assert_cmpuint (count_files ("/proc/self/fd"), <=, n_files + 4);
  /* Far less than one session each time */
  g_assert_cmpuint (test_process_get_allocated (), <=, allocated + 2000000);
  end (&fixture);
}

static gint
compare_decoder (gconstpointer item, gconstpointer name)
{
  GstElement *element = g_value_get_object (item);
  GstElementFactory *factory = gst_element_get_factory (element);
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstCaps) caps = NULL;

  if (factory == NULL || !gst_element_factory_list_is_type (factory,
          GST_ELEMENT_FACTORY_TYPE_DECODER))
    return 1;

  pad = gst_element_get_static_pad (element, "sink");
  caps = pad != NULL ? gst_pad_get_current_caps (pad) : NULL;

  return caps == NULL ? 1
      : g_strcmp0 (gst_structure_get_name (gst_caps_get_structure (caps, 0)),
      name);
}

static gboolean
has_decoder (Fixture * fixture, const gchar * name)
{
  g_autoptr (GstIterator) all =
      gst_bin_iterate_recurse (GST_BIN (test_pipeline_get (fixture->player)));
  GValue item = G_VALUE_INIT;
  gboolean found = gst_iterator_find_custom (all, compare_decoder, &item,
      (gpointer) name);

  if (found)
    g_value_unset (&item);

  return found;
}

/* What comes back is encoded in another way: the decoder is another one, and what
 * is behind the pad has not seen any of it. */
static void
test_codec (void)
{
  Fixture fixture;

  begin (&fixture, QUICK);
  g_assert_true (has_decoder (&fixture, "video/x-h264"));
  end_server (&fixture);
  test_pipeline_free (fixture.sender);
  test_process_start (fixture.process);
  fixture.sender = test_pipeline_new (PICTURE " ! wsctlsink uri=%s "
      "video-caps=video/x-vp8", test_process_get_uri (fixture.process));
  test_pipeline_play (fixture.sender);
  test_pipeline_wait_element (fixture.player, "wsctl-connected");
  test_tap_wait (fixture.tap, 10);
  test_tap_wait_caps (fixture.tap, "video/x-raw,width=160");
  g_assert_true (has_decoder (&fixture, "video/x-vp8"));
  g_assert_false (has_decoder (&fixture, "video/x-h264"));
  assert_playing (fixture.player);
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
  test_add ("/reconnect/restart/codec", test_codec);
  test_add ("/reconnect/restart/never", test_never);
  test_add ("/reconnect/restart/stream-ends", test_stream_ends);
  test_add ("/reconnect/restart/stop", test_stop);

  return g_test_run ();
}
