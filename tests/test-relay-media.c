/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Both elements and the server, with a bad network between them.
 */

#include <gst/gst.h>

#include "testrelay.h"
#include "testsupport.h"
#include "wsctlserver-private.h"

#define SEED 7
#define LOSSY_SECONDS 5
#define FRAME_RATE 30

static GstWsctlServer *server;
static gchar *uri;
static TestRelay *relay;
static gint n_frames;           /* atomic: decoded ones */

static void
start_server (void)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autofree gchar *base = NULL;
  g_autoptr (GError) error = NULL;

  relay = test_relay_new (SEED);
  advertise[0] = test_relay_get_address (relay);
  params.advertise = advertise;
  server = gst_wsctl_server_new (&params);
  g_assert_true (gst_wsctl_server_start (server, &error));
  g_assert_no_error (error);
  test_relay_set_target (relay, gst_wsctl_server_get_media_port (server));
  base = gst_wsctl_server_get_uri (server);
  uri = g_strconcat (base, "/webrtc/live", NULL);
}

static void
stop_server (void)
{
  test_relay_say (relay);
  gst_wsctl_server_stop (server);
  test_assert_finalize (g_steal_pointer (&server));
  g_clear_pointer (&relay, test_relay_free);
  g_clear_pointer (&uri, g_free);
}

static GstElement *
launch (const gchar * format)
{
  g_autofree gchar *text = g_strdup_printf (format, uri);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);

  return pipeline;
}

/* An error of the pipeline is one of the test. */
static void
stop (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message != NULL)
    gst_message_parse_error (message, &error, NULL);
  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* The streaming threads and the server do not wake this thread. */
static void
poll_until (TestCondition condition, gpointer data, const gchar * what)
{
  g_autoptr (GSource) tick = g_timeout_source_new (10);

  g_source_set_callback (tick, on_tick, NULL, NULL);
  g_source_attach (tick, g_main_context_get_thread_default ());
  test_wait_until (NULL, condition, data, 0, what);
  g_source_destroy (tick);
}

static gboolean
is_online (gpointer data)
{
  return gst_wsctl_server_count_frames (server, "live", "video") > 0;
}

static gboolean
has_frames (gpointer data)
{
  return g_atomic_int_get (&n_frames) >= FRAME_RATE;
}

static gboolean
is_past (gpointer data)
{
  return g_get_monotonic_time () >= *(gint64 *) data;
}

static void
on_frame (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer data)
{
  g_atomic_int_inc (&n_frames);
}

static GstElement *
play (void)
{
  GstElement *player = launch ("wsctlsrc uri=%s ! videoconvert ! "
      "fakesink name=sink sync=false signal-handoffs=true");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (player), "sink");

  g_signal_connect (sink, "handoff", G_CALLBACK (on_frame), NULL);

  return player;
}

/* Frames in @seconds under the conditions of @script; @least: the fewest in one
 * of them */
static gint
count_frames (const gchar * script, guint seconds, gint * least)
{
  gint64 second_us = g_get_monotonic_time ();
  gint sum = 0;
  guint i;

  *least = G_MAXINT;
  test_relay_run (relay, script);
  for (i = 0; i < seconds; i++) {
    gint n_before = g_atomic_int_get (&n_frames);
    gint n;

    second_us += G_USEC_PER_SEC;
    poll_until (is_past, &second_us, "a bad second");
    n = g_atomic_int_get (&n_frames) - n_before;
    g_test_message ("%s: second %u: %d frames", script, i, n);
    *least = MIN (*least, n);
    sum += n;
  }

  return sum;
}

/* One packet in twenty is lost. What the server sends, it sends again: nearly
 * nothing is missed. What the publisher sends is lost for good, up to the next
 * key frame: something of it is seen all the same. */
static void
test_loss (void)
{
  GstElement *publisher, *player;
  TestLinkReport up, down;
  gint least;

  start_server ();
  publisher = launch ("videotestsrc is-live=true ! video/x-raw,width=320,"
      "height=240,framerate=30/1 ! wsctlsink video-bitrate=500000 uri=%s");
  poll_until (is_online, NULL, "frames reach the server");
  player = play ();
  poll_until (has_frames, NULL, "frames reach the player");

  g_assert_cmpint (count_frames ("0 down loss=5", LOSSY_SECONDS, &least), >=,
      LOSSY_SECONDS * FRAME_RATE * 4 / 5);
  g_assert_cmpint (least, >=, FRAME_RATE / 2);
  g_assert_cmpint (count_frames ("0 loss=5", LOSSY_SECONDS, &least), >=,
      FRAME_RATE / 4);

  test_relay_get_report (relay, TEST_DIRECTION_UP, &up);
  test_relay_get_report (relay, TEST_DIRECTION_DOWN, &down);
  g_assert_cmpuint (up.n_lost, >, 0);
  g_assert_cmpuint (down.n_lost, >, 0);
  g_assert_cmpuint (test_relay_count_clients (relay), ==, 2);
  stop (player);
  stop (publisher);
  stop_server ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/relay/media/loss", test_loss);

  return g_test_run ();
}
