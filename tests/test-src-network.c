/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsrc on good and bad networks: what is shown is whole, nearly all of it is
 * shown, and it is held as long as the network asks for. All of each picture is
 * made of its number, so that damage anywhere in it can be seen.
 */

#include <gst/app/gstappsink.h>

#include "stamp.h"
#include "testpipeline.h"
#include "testrelay.h"
#include "testsupport.h"

#define SEED 11
#define ROW 16                  /* pixels, of one stamp */
#define N_ROWS 6
#define BAD_SECONDS 5
#define PULL_TIMEOUT (10 * GST_SECOND)
#define PICTURE "videotestsrc is-live=true pattern=black ! " \
    "video/x-raw,format=I420,width=640,height=96,framerate=30/1 ! " \
    "identity name=stamp ! "
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960 ! "

/* WSCTL_TEST_SECONDS makes it longer, to measure it. */
static guint
get_bad_seconds (void)
{
  const gchar *text = g_getenv ("WSCTL_TEST_SECONDS");

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : BAD_SECONDS;
}

static GstWsctlServer *server;
static gchar *uri;
static TestRelay *relay;
static TestPipeline *sender;
static guint32 n_made;

static guint32
get_row_value (guint32 number, guint row)
{
  return row == 0 ? number : (number * N_ROWS + row) * 2654435761u;
}

/* The rows of the picture from this one on */
static void
get_rows (const GstVideoFrame * frame, guint row, GstVideoFrame * rows)
{
  *rows = *frame;
  rows->data[0] = (guint8 *) frame->data[0]
      + row * ROW * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0);
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoInfo video;
  GstVideoFrame frame, rows;
  guint row;

  gst_video_info_from_caps (&video, caps);
  info->data = gst_buffer_make_writable (info->data);
  g_assert_true (gst_video_frame_map (&frame, &video, info->data,
          GST_MAP_READWRITE));
  for (row = 0; row < N_ROWS; row++) {
    get_rows (&frame, row, &rows);
    stamp_draw (&rows, get_row_value (n_made, row));
  }
  gst_video_frame_unmap (&frame);
  n_made++;

  return GST_PAD_PROBE_OK;
}

static void
start (void)
{
  const gchar *advertise[] = { NULL, NULL };
  GstWsctlServerParams params = { 0, };
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) stamp = NULL;
  g_autoptr (GstPad) pad = NULL;

  relay = test_relay_new (SEED);
  advertise[0] = test_relay_get_address (relay);
  params.advertise = advertise;
  server = gst_wsctl_server_new (&params);
  g_assert_true (gst_wsctl_server_start (server, &error));
  g_assert_no_error (error);
  test_relay_set_target (relay, gst_wsctl_server_get_media_port (server));

  uri = test_wsctl_server_get_uri (server, "live");
  sender = test_pipeline_new ("wsctlsink name=s uri=%s video-bitrate=800000 "
      PICTURE "s.video " SOUND "s.audio", uri);
  stamp = test_pipeline_find (sender, "stamp");
  pad = gst_element_get_static_pad (stamp, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, NULL, NULL);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
}

static void
stop (void)
{
  test_relay_say (relay);
  test_pipeline_free (g_steal_pointer (&sender));
  test_assert_finalize (g_steal_pointer (&server));
  g_clear_pointer (&relay, test_relay_free);
  g_clear_pointer (&uri, g_free);
}

static TestPipeline *
play (const gchar * properties)
{
  TestPipeline *player =
      test_pipeline_new ("wsctlsrc name=r uri=%s %s r.video_0 ! videoconvert ! "
      "appsink name=out r.audio_0 ! queue ! fakesink sync=true", uri,
      properties);

  test_pipeline_play (player);

  return player;
}

/* The number of a picture that is whole; any other is an error. */
static guint32
read_number (GstSample * sample)
{
  GstVideoInfo video;
  GstVideoFrame frame, rows;
  guint32 number = 0, value;
  guint row;

  gst_video_info_from_caps (&video, gst_sample_get_caps (sample));
  g_assert_true (gst_video_frame_map (&frame, &video,
          gst_sample_get_buffer (sample), GST_MAP_READ));
  for (row = 0; row < N_ROWS; row++) {
    get_rows (&frame, row, &rows);
    if (!stamp_read (&rows, &value))
      g_error ("Row %u of a picture is damaged", row);
    if (row == 0)
      number = value;
    g_assert_cmpuint (value, ==, get_row_value (number, row));
  }
  gst_video_frame_unmap (&frame);

  return number;
}

static guint32
pull (TestPipeline * player)
{
  g_autoptr (GstElement) out = test_pipeline_find (player, "out");
  g_autoptr (GstSample) sample = NULL;

  test_say ("a picture");
  sample = gst_app_sink_try_pull_sample (GST_APP_SINK (out), PULL_TIMEOUT);
  if (sample == NULL)
    test_pipeline_assert_healthy (player);
  if (sample == NULL)
    g_error ("No picture came");

  return read_number (sample);
}

/* What is held, ms: what the pad says of itself */
static guint
get_latency_ms (TestPipeline * player, const gchar * name)
{
  g_autoptr (GstElement) src = test_pipeline_find (player, "r");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (src, name);
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min = 0;
  gboolean live = FALSE;

  g_assert_true (gst_pad_query (pad, query));
  gst_query_parse_latency (query, &live, &min, NULL);
  gst_query_unref (query);
  g_assert_true (live);

  return min / GST_MSECOND;
}

/* Sound says what the jitter buffer holds, and nothing of a decoder. Pictures
 * pass meanwhile. On a busy machine the best network is not a good one for long:
 * it is the watchdog that ends this. */
static void
wait_latency (TestPipeline * player, guint least_ms, guint most_ms)
{
  g_autofree gchar *what =
      g_strdup_printf ("a latency of %u to %u ms", least_ms, most_ms);
  guint latency_ms;

  do {
    pull (player);
    test_say (what);
    latency_ms = get_latency_ms (player, "audio_0");
  } while (latency_ms < least_ms || latency_ms > most_ms);
  g_test_message ("%s: %u", what, latency_ms);
}

/* What is set stays, and can be set again. */
static void
test_fixed (void)
{
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (GstElement) src = NULL;
  gint mode = -1;

  start ();
  player = play ("latency=70");
  src = test_pipeline_find (player, "r");
  g_object_get (src, "latency-mode", &mode, NULL);
  g_assert_cmpint (mode, ==, 1);
  wait_latency (player, 70, 70);
  test_relay_run (relay, "0 down jitter=120");
  pull (player);
  g_assert_cmpuint (get_latency_ms (player, "audio_0"), ==, 70);
  g_object_set (src, "latency", 150, NULL);
  wait_latency (player, 150, 150);
  gst_util_set_object_arg (G_OBJECT (src), "latency-mode", "adaptive");
  test_relay_run (relay, "0 down jitter=0");
  wait_latency (player, 0, 60);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
  stop ();
}

/* Pictures that were shown in @seconds, and those that were not */
static void
count_shown (TestPipeline * player, guint seconds, guint * n_shown,
    guint * n_missing)
{
  gint64 end_us = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  guint32 last = pull (player);

  *n_shown = *n_missing = 0;
  while (g_get_monotonic_time () < end_us) {
    guint32 number = pull (player);

    g_assert_cmpuint (number, >, last);
    *n_shown += 1;
    *n_missing += number - last - 1;
    last = number;
  }
}

static void
test_bad (void)
{
  g_autoptr (TestPipeline) player = NULL;
  guint n_shown, n_missing;

  start ();
  player = play ("");
  pull (player);
  test_relay_run (relay, "0 down loss=2 jitter=30");
  count_shown (player, get_bad_seconds (), &n_shown, &n_missing);
  g_test_message ("%u pictures shown, %u not; held for %u ms", n_shown,
      n_missing, get_latency_ms (player, "audio_0"));
  g_assert_cmpuint (n_missing * 20, <=, n_shown + n_missing);
  test_pipeline_stop (player);
  test_pipeline_assert_healthy (player);
  stop ();
}

/* What is lost for good is not shown, and nothing that is made of it. */
static void
test_very_bad (void)
{
  g_autoptr (TestPipeline) player = NULL;
  guint n_shown, n_missing;

  start ();
  player = play ("");
  pull (player);
  test_relay_run (relay, "0 down loss=25 burst=3");
  count_shown (player, get_bad_seconds (), &n_shown, &n_missing);
  g_test_message ("%u pictures shown, %u not", n_shown, n_missing);
  g_assert_cmpuint (n_shown, >, 0);
  test_relay_run (relay, "0 down loss=0 burst=0");
  pull (player);
  test_pipeline_stop (player);
  stop ();
}

static guint64
get_count (TestPipeline * player, const gchar * name)
{
  g_autoptr (GstElement) src = test_pipeline_find (player, "r");
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) video = NULL;
  const GValue *value;
  GValue count = G_VALUE_INIT;

  g_object_get (src, "stats", &stats, NULL);
  gst_structure_get (stats, "inbound-video", GST_TYPE_STRUCTURE, &video, NULL);
  value = video != NULL ? gst_structure_get_value (video, name) : NULL;
  if (value == NULL)
    return 0;
  g_value_init (&count, G_TYPE_UINT64);
  g_assert_true (g_value_transform (value, &count));

  return g_value_get_uint64 (&count);
}

/* Nothing is asked for again where nobody is to. */
static void
test_no_retransmission (void)
{
  g_autoptr (TestPipeline) player = NULL;

  start ();
  player = play ("do-retransmission=false");
  pull (player);
  test_relay_run (relay, "0 down loss=5");
  do
    pull (player);
  while (get_count (player, "packets-lost") < 5);
  g_assert_cmpuint (get_count (player, "retransmission-requests"), ==, 0);
  g_assert_cmpuint (get_count (player, "nack-count"), ==, 0);
  test_pipeline_stop (player);
  stop ();
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/src/network/fixed", test_fixed);
  test_add ("/src/network/no-retransmission", test_no_retransmission);
  test_add ("/src/network/bad", test_bad);
  test_add ("/src/network/very-bad", test_very_bad);

  return g_test_run ();
}
