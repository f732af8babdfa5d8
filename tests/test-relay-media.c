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
#define FRAME_RATE 30

/* So many are sent under each condition, and so many of them have to be seen by
 * the time that a few more were sent: they are under way. */
#define LOSSY_FRAMES (5 * FRAME_RATE)
#define SEEN_FRAMES (LOSSY_FRAMES * 9 / 10)
#define SLACK_FRAMES (FRAME_RATE / 2)

static GstWsctlServer *server;
static gchar *uri;
static TestRelay *relay;
static gint n_sent;             /* atomic: frames that go to the encoder */
static gint n_frames;           /* atomic: decoded ones */

static void
start_server (void)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autofree gchar *base = NULL;
  g_autoptr (GError) error = NULL;

  relay = test_relay_new (SEED);
  test_relay_run (relay, "0 delay=10");
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

static void
on_frame (GstElement * element, GstBuffer * buffer, GstPad * pad,
    gint * counter)
{
  g_atomic_int_inc (counter);
}

static void
on_frame_sent (GstElement * identity, GstBuffer * buffer, gint * counter)
{
  g_atomic_int_inc (counter);
}

static GstElement *
publish (void)
{
  GstElement *publisher = launch ("videotestsrc is-live=true ! video/x-raw,"
      "width=320,height=240,framerate=30/1 ! identity name=source ! "
      "wsctlsink video-bitrate=1000000 uri=%s");
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (publisher), "source");

  g_signal_connect (source, "handoff", G_CALLBACK (on_frame_sent), &n_sent);

  return publisher;
}

/* With time for repairs, also when the machine is busy: it is not latency that
 * is measured here. */
static GstElement *
play (void)
{
  GstElement *player = launch ("wsctlsrc latency=500 uri=%s ! videoconvert ! "
      "fakesink name=sink sync=false signal-handoffs=true");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (player), "sink");

  g_signal_connect (sink, "handoff", G_CALLBACK (on_frame), &n_frames);

  return player;
}

typedef struct
{
  gint sent_before;
  gint seen_before;
} Phase;

static gint
count_sent (const Phase * phase)
{
  return g_atomic_int_get (&n_sent) - phase->sent_before;
}

static gint
count_seen (const Phase * phase)
{
  return g_atomic_int_get (&n_frames) - phase->seen_before;
}

static gboolean
is_over (gpointer data)
{
  return count_sent (data) >= LOSSY_FRAMES + SLACK_FRAMES
      || (count_sent (data) >= LOSSY_FRAMES
      && count_seen (data) >= SEEN_FRAMES);
}

static void
check_frames (const gchar * script)
{
  Phase phase = { g_atomic_int_get (&n_sent), g_atomic_int_get (&n_frames) };

  test_relay_run (relay, script);
  poll_until (is_over, &phase, script);
  g_test_message ("%s: %d frames of %d", script, count_seen (&phase),
      count_sent (&phase));
  g_assert_cmpint (count_seen (&phase), >=, SEEN_FRAMES);
}

/* One packet in twenty is lost, on the way down, up, and both: what is lost is
 * asked for and sent again, and nearly all frames are seen. */
static void
test_loss (void)
{
  static const gchar *const scripts[] = {
    "0 down loss=5", "0 down loss=0; 0 up loss=5", "0 loss=5"
  };
  GstElement *publisher, *player;
  TestLinkReport up, down;
  guint i;

  start_server ();
  publisher = publish ();
  poll_until (is_online, NULL, "frames reach the server");
  player = play ();
  poll_until (has_frames, NULL, "frames reach the player");

  for (i = 0; i < G_N_ELEMENTS (scripts); i++)
    check_frames (scripts[i]);

  test_relay_get_report (relay, TEST_DIRECTION_UP, &up);
  test_relay_get_report (relay, TEST_DIRECTION_DOWN, &down);
  g_assert_cmpuint (up.n_lost, >, 0);
  g_assert_cmpuint (down.n_lost, >, 0);
  g_assert_cmpuint (test_relay_count_clients (relay), ==, 2);
  stop (player);
  stop (publisher);
  stop_server ();
}

static gint
get_percentage (gpointer data)
{
  gint percent = -1;

  g_object_get (data, "packet-loss-percentage", &percent, NULL);

  return percent;
}

static gboolean
knows_of_loss (gpointer data)
{
  return get_percentage (data) >= 5;
}

static gboolean
has_encoder (gpointer data)
{
  GstElement **encoder = data;
  g_autoptr (GstIterator) encoders = NULL;
  GValue item = G_VALUE_INIT;

  encoders = gst_bin_iterate_all_by_element_factory_name (GST_BIN (encoder[0]),
      "opusenc");
  /* Who waits asks again when it is there. */
  if (encoder[1] == NULL
      && gst_iterator_next (encoders, &item) == GST_ITERATOR_OK) {
    encoder[1] = g_value_dup_object (&item);
    g_value_unset (&item);
  }

  return encoder[1] != NULL;
}

/* Opus reckons with what is lost, also when all of it came the second time. */
static void
test_opus (void)
{
  GstElement *publisher;
  GstElement *found[2] = { NULL, };
  g_autoptr (GstElement) encoder = NULL;
  gint bitrate_bps = 0, reduced_bps = 0;

  start_server ();
  publisher = found[0] = launch ("audiotestsrc is-live=true ! "
      "wsctlsink uri=%s");
  poll_until (has_encoder, found, "an Opus encoder");
  encoder = found[1];
  g_assert_cmpint (get_percentage (encoder), ==, 0);
  g_object_get (encoder, "bitrate", &bitrate_bps, NULL);

  test_relay_run (relay, "0 up loss=20");
  poll_until (knows_of_loss, encoder, "the encoder to hear of loss");
  g_object_get (encoder, "bitrate", &reduced_bps, NULL);
  g_assert_cmpint (reduced_bps, <, bitrate_bps);
  stop (publisher);
  stop_server ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/relay/media/loss", test_loss);
  test_add ("/relay/media/opus", test_opus);

  return g_test_run ();
}
