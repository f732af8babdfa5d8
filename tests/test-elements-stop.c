/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Going to NULL takes less than a second in every step of a session, and
 * pushing never waits, whatever the server has stopped doing.
 */

#include "testpipeline.h"
#include "testserver.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"

typedef struct
{
  GstWsctlServerFault fault;
  const gchar *message;         /* as far as the session comes, or NULL */
} Silence;

static const Silence silences[] = {
  {GST_WSCTL_SERVER_FAULT_NO_ANSWER, NULL},
  {GST_WSCTL_SERVER_FAULT_NO_ICE, "wsctl-open"},
  {GST_WSCTL_SERVER_FAULT_NO_DTLS, "wsctl-open"},
  {GST_WSCTL_SERVER_FAULT_NO_MEDIA, "wsctl-connected"},
  {GST_WSCTL_SERVER_FAULT_NONE, "wsctl-connected"},
};

static TestPipeline *
new_pipeline (gboolean publishing, const gchar * uri)
{
  if (publishing)
    return test_pipeline_new (PICTURE " ! wsctlsink name=s uri=%s", uri);

  return test_pipeline_new ("wsctlsrc name=s uri=%s ! "
      "fakesink async=false", uri);
}

/* The server's libsoup warns of a client that is gone when it looks. */
static gboolean
is_fatal (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer data)
{
  return g_strcmp0 (domain, "libsoup") != 0;
}

static void
check_silence (const Silence * silence, gboolean publishing, gboolean paused)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) source = NULL;
  g_autoptr (TestPipeline) pipeline = NULL;

  /* A player needs something to play. */
  if (!publishing) {
    source = new_pipeline (TRUE, uri);
    test_pipeline_play (source);
    test_wsctl_server_wait_frames (server, "live", "video", 1);
  }

  gst_wsctl_server_set_faults (server, silence->fault);
  pipeline = new_pipeline (publishing, uri);
  test_pipeline_play (pipeline);
  if (silence->message == NULL)
    test_wsctl_server_wait_sessions (server, publishing ? 1 : 2);
  else
    test_pipeline_wait_element (pipeline, silence->message);

  if (paused)
    test_pipeline_set_state (pipeline, GST_STATE_PAUSED);
  test_pipeline_stop (pipeline);
  test_pipeline_assert_healthy (pipeline);
}

static void
check_silences (gboolean publishing, gboolean paused)
{
  guint i;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  for (i = 0; i < G_N_ELEMENTS (silences); i++)
    check_silence (&silences[i], publishing, paused);
}

static void
test_sink_playing (void)
{
  check_silences (TRUE, FALSE);
}

static void
test_sink_paused (void)
{
  check_silences (TRUE, TRUE);
}

static void
test_src_playing (void)
{
  check_silences (FALSE, FALSE);
}

static void
test_src_paused (void)
{
  check_silences (FALSE, TRUE);
}

/* In PAUSED from the start nothing times out, here or at the server, for nothing
 * has begun. A session of somebody else is the clock. */
static void
test_waiting_in_paused (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *clock_uri = test_wsctl_server_get_uri (server, "clock");
  g_autoptr (TestPipeline) clock = new_pipeline (TRUE, clock_uri);
  g_autoptr (TestPipeline) sender = new_pipeline (TRUE, uri);
  g_autoptr (TestPipeline) hasty_sender =
      test_pipeline_new (PICTURE " ! wsctlsink uri=%s connect-timeout=100",
      uri);
  g_autoptr (TestPipeline) hasty_player =
      test_pipeline_new ("wsctlsrc uri=%s connect-timeout=100 ! "
      "fakesink async=false", uri);

  test_pipeline_set_state (sender, GST_STATE_PAUSED);
  test_pipeline_set_state (hasty_sender, GST_STATE_PAUSED);
  test_pipeline_set_state (hasty_player, GST_STATE_PAUSED);
  test_pipeline_play (clock);
  test_wsctl_server_wait_frames (server, "clock", "video", 15);
  test_wsctl_server_wait_sessions (server, 1);
  test_pipeline_stop (hasty_sender);
  test_pipeline_assert_healthy (hasty_sender);
  test_pipeline_stop (hasty_player);
  test_pipeline_assert_healthy (hasty_player);

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  test_pipeline_stop (sender);
  test_pipeline_assert_healthy (sender);
}

/* Holds the first packet inside of webrtcbin: until well after the stop has
 * begun. */
typedef struct
{
  GMainContext *context;
  gint inside;                  /* atomic: packets that came so far */
} Held;

static GstPadProbeReturn
on_packet_to_decrypt (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Held *held = data;

  if (g_atomic_int_add (&held->inside, 1) == 0) {
    g_main_context_wakeup (held->context);
    g_usleep (200 * G_TIME_SPAN_MILLISECOND);
  }

  return GST_PAD_PROBE_OK;
}

static void
on_deep_element_added (GstBin * pipeline, GstBin * bin, GstElement * element,
    Held * held)
{
  g_autoptr (GstPad) pad = NULL;

  if (!g_str_has_prefix (GST_OBJECT_NAME (element), "srtpdec"))
    return;

  pad = gst_element_get_static_pad (element, "rtp_sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet_to_decrypt,
      held, NULL);
}

static gboolean
is_inside (gpointer data)
{
  Held *held = data;

  return g_atomic_int_get (&held->inside) > 0;
}

/* A critical ends the test. */
static void
test_first_packet (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = new_pipeline (TRUE, uri);
  g_autoptr (TestPipeline) player = new_pipeline (FALSE, uri);
  Held held = { g_main_context_get_thread_default (), 0 };

  g_signal_connect (test_pipeline_get (player), "deep-element-added",
      G_CALLBACK (on_deep_element_added), &held);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  test_pipeline_play (player);
  test_wait_until (NULL, is_inside, &held, 0, "a packet reaches srtpdec");
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
}

/* A pad that never gets anything, and one that gets data without caps: there is
 * nothing to offer, so no session begins, and nothing is an error. */
static void
test_nothing_known (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autofree gchar *clock_uri = test_wsctl_server_get_uri (server, "clock");
  g_autoptr (TestPipeline) clock = new_pipeline (TRUE, clock_uri);
  g_autoptr (TestPipeline) silent =
      test_pipeline_new ("appsrc is-live=true ! wsctlsink uri=%s", uri);
  g_autoptr (TestPipeline) nameless =
      test_pipeline_new ("appsrc name=a is-live=true ! wsctlsink uri=%s", uri);
  g_autoptr (GstElement) source = test_pipeline_find (nameless, "a");
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 100, NULL);
  GstFlowReturn flow;

  test_pipeline_play (silent);
  test_pipeline_play (nameless);
  g_signal_emit_by_name (source, "push-buffer", buffer, &flow);
  g_assert_cmpint (flow, ==, GST_FLOW_OK);
  test_pipeline_play (clock);
  test_wsctl_server_wait_frames (server, "clock", "video", 5);
  test_wsctl_server_wait_sessions (server, 1);
  test_pipeline_stop (silent);
  test_pipeline_assert_healthy (silent);
  test_pipeline_stop (nameless);
  test_pipeline_assert_healthy (nameless);
}

/* A host that takes no connection, and one that takes it and says nothing */
static void
test_silent_socket (void)
{
  const TestScript silent = { NULL, NULL, 0, FALSE };
  guint i;

  for (i = 0; i < 4; i++) {
    g_autoptr (TestServer) server = i < 2 ? test_server_new_full ()
        : test_server_new_scripted (&silent);
    g_autoptr (TestPipeline) pipeline =
        new_pipeline (i % 2 == 0, test_server_get_uri (server));

    test_pipeline_play (pipeline);
    test_pipeline_stop (pipeline);
    test_pipeline_assert_healthy (pipeline);
  }
}

/* In no step at all: each time, the session is somewhere else. */
static void
test_at_once (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  guint i;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  for (i = 0; i < 16; i++) {
    g_autoptr (TestPipeline) pipeline = new_pipeline (i % 2 == 0, uri);

    test_pipeline_play (pipeline);
    g_usleep (i / 2 * 4000);
    test_pipeline_stop (pipeline);
  }
  test_wsctl_server_wait_sessions (server, 0);
}

/* READY and back: another session */
static void
test_again (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = new_pipeline (TRUE, uri);
  g_autoptr (TestPipeline) player = NULL;
  guint i;

  for (i = 0; i < 3; i++) {
    test_pipeline_play (sender);
    test_pipeline_wait_element (sender, "wsctl-connected");
    test_wsctl_server_wait_frames (server, "live", "video", 1);
    test_pipeline_forget (sender);
    test_pipeline_set_state (sender, GST_STATE_READY);
    test_wsctl_server_wait_sessions (server, 0);
  }

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  player = test_pipeline_new ("wsctlsrc uri=%s name=s", uri);
  for (i = 0; i < 3; i++) {
    g_autoptr (GstElement) src = test_pipeline_find (player, "s");

    test_pipeline_play (player);
    test_pipeline_wait_element (player, "wsctl-connected");
    test_pipeline_forget (player);
    test_pipeline_set_state (player, GST_STATE_READY);
    g_assert_cmpuint (src->numpads, ==, 0);
  }
  test_pipeline_assert_healthy (sender);
}

/* Threads, descriptors and objects after many sessions are those of after one. */
static void
test_cycles (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  guint threads = 0, descriptors = 0;
  guint i;

  for (i = 0; i < 20; i++) {
    TestPipeline *sender = new_pipeline (TRUE, uri);
    TestPipeline *player;

    test_pipeline_play (sender);
    test_wsctl_server_wait_frames (server, "live", "video", 1);
    player = new_pipeline (FALSE, uri);
    test_pipeline_play (player);
    test_pipeline_wait_element (player, "wsctl-connected");
    test_pipeline_free (player);
    test_pipeline_free (sender);
    test_wsctl_server_wait_sessions (server, 0);
    g_test_message ("cycle %u: %u threads, %u descriptors", i,
        test_count_threads (), test_count_descriptors ());

    /* Pools of threads are filled by then; on a busy machine they may be empty
     * again at times. */
    if (i <= 4) {
      threads = MAX (threads, test_count_threads ());
      descriptors = MAX (descriptors, test_count_descriptors ());
    }
  }
  g_assert_cmpuint (test_count_descriptors (), <=, descriptors + 4);
  g_assert_cmpuint (test_count_threads (), <=, threads + 4);
}

/* The longest that a push took, in microseconds */
typedef struct
{
  gint64 begin_us;
  gint64 longest_us;
  guint n;
} Pushes;

static GstPadProbeReturn
on_push (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Pushes *pushes = data;
  gint64 now_us = g_get_monotonic_time ();

  /* The source comes back for the next buffer: the one before has returned. */
  if (pushes->begin_us != 0)
    pushes->longest_us = MAX (pushes->longest_us, now_us - pushes->begin_us);
  pushes->begin_us = now_us;
  g_atomic_int_inc (&pushes->n);

  return GST_PAD_PROBE_OK;
}

static void
wait_pushes (Pushes * pushes, guint n)
{
  test_say ("pushes that return");
  n += g_atomic_int_get (&pushes->n);
  while ((guint) g_atomic_int_get (&pushes->n) < n)
    g_usleep (1000);
}

/* 100 ms and the time between two pictures, in every step and after the server
 * has vanished */
static void
test_never_blocks (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (silences); i++) {
    g_autoptr (GstWsctlServer) server =
        test_wsctl_server_new (silences[i].fault);
    g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
    g_autoptr (TestPipeline) pipeline = new_pipeline (TRUE, uri);
    g_autoptr (GstElement) sink = test_pipeline_find (pipeline, "s");
    g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "video");
    g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
    Pushes pushes = { 0, };

    gst_pad_add_probe (peer, GST_PAD_PROBE_TYPE_BUFFER, on_push, &pushes, NULL);
    test_pipeline_play (pipeline);
    if (silences[i].message != NULL)
      test_pipeline_wait_element (pipeline, silences[i].message);
    wait_pushes (&pushes, 15);
    gst_wsctl_server_stop (server);
    wait_pushes (&pushes, 15);
    test_pipeline_stop (pipeline);
    g_test_message ("fault %u: %u pushes, the longest %" G_GINT64_FORMAT " us",
        silences[i].fault, pushes.n, pushes.longest_us);
    if (g_getenv ("WSCTL_TEST_SLOW") == NULL)
      g_assert_cmpint (pushes.longest_us, <, 200 * G_TIME_SPAN_MILLISECOND);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/elements/stop/sink/playing", test_sink_playing);
  test_add ("/elements/stop/sink/paused", test_sink_paused);
  test_add ("/elements/stop/src/playing", test_src_playing);
  test_add ("/elements/stop/src/paused", test_src_paused);
  test_add ("/elements/stop/waiting-in-paused", test_waiting_in_paused);
  test_add ("/elements/stop/first-packet", test_first_packet);
  test_add ("/elements/stop/nothing-known", test_nothing_known);
  test_add ("/elements/stop/silent-socket", test_silent_socket);
  test_add ("/elements/stop/at-once", test_at_once);
  test_add ("/elements/stop/again", test_again);
  test_add ("/elements/stop/cycles", test_cycles);
  test_add ("/elements/stop/never-blocks", test_never_blocks);

  return g_test_run ();
}
