/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsink: its pads, properties, signals and ends.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=960"

static TestPipeline *
new_sender (GstWsctlServer * server, const gchar * line)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");

  return test_pipeline_new ("wsctlsink name=s uri=%s %s", uri, line);
}

static void
test_pads (void)
{
  GstElement *sink = gst_element_factory_make ("wsctlsink", NULL);
  GstPad *video, *audio;

  gst_object_ref_sink (sink);
  video = gst_element_request_pad_simple (sink, "video");
  audio = gst_element_request_pad_simple (sink, "audio");
  g_assert_nonnull (video);
  g_assert_cmpstr (GST_PAD_NAME (audio), ==, "audio");
  g_assert_null (gst_element_request_pad (sink,
          gst_element_get_pad_template (sink, "video"), NULL, NULL));

  gst_element_release_request_pad (sink, video);
  test_assert_finalize (video);
  video = gst_element_request_pad_simple (sink, "video");
  g_assert_nonnull (video);
  gst_object_unref (video);
  gst_object_unref (audio);
  test_assert_finalize (sink);
}

/* As JavaScript's names: a signal and a message for each */
typedef struct
{
  guint open, connected, bitrate, props, report;        /* the loop only, then
                                                         * read */
  guint64 bitrate_bps;
  gint nack;
} Heard;

static void
on_open (GstElement * sink, GstStructure * stream, Heard * heard)
{
  heard->open++;
}

static void
on_connected (GstElement * sink, Heard * heard)
{
  heard->connected++;
}

static void
on_video_bitrate (GstElement * sink, guint64 bitrate_bps,
    guint64 constraint_bps, Heard * heard)
{
  heard->bitrate++;
  heard->bitrate_bps = bitrate_bps;
}

static void
on_rtp_props (GstElement * sink, gint nack, gint drop, Heard * heard)
{
  heard->props++;
  heard->nack = nack;
}

static void
on_media_report (GstElement * sink, GstStructure * report, Heard * heard)
{
  g_assert_true (gst_structure_has_name (report,
          "application/x-wsctl-media-report"));
  g_assert_true (gst_structure_has_field_typed (report, "millis",
          G_TYPE_INT64));
  g_assert_true (gst_structure_has_field_typed (report, "fraction-lost",
          G_TYPE_DOUBLE));
  heard->report++;
}

static void
wait_bitrate (GstWsctlServer * server, gint64 bitrate_bps)
{
  test_say ("a bitrate at the server");
  while (gst_wsctl_server_get_video_bitrate (server, "live") != bitrate_bps)
    g_usleep (2000);
}

/* By name, as gst-launch-1.0 would set it */
static guint
get_encoder_bitrate (GstElement * sink)
{
  guint bitrate = 0;

  gst_child_proxy_get (GST_CHILD_PROXY (sink), "video::encoder::bitrate",
      &bitrate, NULL);

  return bitrate;
}

static void
test_signals (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender =
      new_sender (server, "rtp-nack=7 rtp-drop=9 video-bitrate=700000 "
      PICTURE " ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  Heard heard = { 0, };
  const GstStructure *message;
  guint64 bitrate_bps = 0;

  g_signal_connect (sink, "on-open", G_CALLBACK (on_open), &heard);
  g_signal_connect (sink, "on-connected", G_CALLBACK (on_connected), &heard);
  g_signal_connect (sink, "on-video-bitrate", G_CALLBACK (on_video_bitrate),
      &heard);
  g_signal_connect (sink, "on-rtp-props", G_CALLBACK (on_rtp_props), &heard);
  g_signal_connect (sink, "on-media-report", G_CALLBACK (on_media_report),
      &heard);
  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-open");
  test_pipeline_wait_element (sender, "wsctl-connected");
  message = test_pipeline_wait_element (sender, "wsctl-video-bitrate");
  gst_structure_get_uint64 (message, "bitrate", &bitrate_bps);
  g_assert_cmpuint (bitrate_bps, ==, 700000);
  test_pipeline_wait_element (sender, "wsctl-rtp-props");

  /* While playing: to the encoder and to the server */
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  g_assert_cmpuint (get_encoder_bitrate (sink), ==, 700);
  g_object_set (sink, "video-bitrate", 400000, NULL);
  wait_bitrate (server, 400000);
  g_assert_cmpuint (get_encoder_bitrate (sink), ==, 400);
  message = test_pipeline_wait_element (sender, "wsctl-media-report");
  g_assert_true (gst_structure_has_field_typed (message, "report",
          GST_TYPE_STRUCTURE));

  test_pipeline_stop (sender);
  g_assert_cmpuint (heard.open, ==, 1);
  g_assert_cmpuint (heard.connected, ==, 1);
  g_assert_cmpuint (heard.bitrate, >=, 1);
  g_assert_cmpuint (heard.props, >=, 1);
  g_assert_cmpint (heard.nack, ==, 7);
  g_assert_cmpuint (heard.report, >=, 1);
  test_pipeline_assert_healthy (sender);
}

static void
test_actions (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE " ! s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  gboolean sent = TRUE;

  g_signal_emit_by_name (sink, "send", "rtp_props", NULL, &sent);
  g_assert_false (sent);
  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-connected");
  g_signal_emit_by_name (sink, "send", "rtp_props", NULL, &sent);
  g_assert_true (sent);
  test_pipeline_wait_element (sender, "wsctl-rtp-props");
  g_signal_emit_by_name (sink, "close");
  test_pipeline_wait_element (sender, "wsctl-close");
  test_wsctl_server_wait_sessions (server, 0);
  test_pipeline_stop (sender);
  test_pipeline_assert_healthy (sender);
}

static void
test_stats (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender =
      new_sender (server, PICTURE " ! s.video " SOUND " ! s.audio");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstStructure) none = NULL;
  g_autoptr (GstStructure) stats = NULL;
  g_autofree gchar *text = NULL;

  g_object_get (sink, "stats", &none, NULL);
  g_assert_null (none);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 10);
  test_wsctl_server_wait_frames (server, "live", "audio", 10);
  g_object_get (sink, "stats", &stats, NULL);
  g_assert_nonnull (stats);
  g_assert_true (gst_structure_has_name (stats, "application/x-wsctl-stats"));
  text = gst_structure_to_string (stats);
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, "packets-sent"));
  g_assert_null (strstr (text, "pwd"));
}

/* The end of all that is published ends the pipeline. */
static void
test_eos (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender =
      new_sender (server, "videotestsrc is-live=true num-buffers=30 ! "
      "video/x-raw,width=160,height=120,framerate=30/1 ! s.video "
      "audiotestsrc is-live=true num-buffers=30 ! s.audio");

  test_pipeline_play (sender);
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  test_pipeline_assert_healthy (sender);
}

static void
test_server_closes (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE " ! s.video");

  test_pipeline_play (sender);
  test_pipeline_wait_element (sender, "wsctl-connected");
  gst_wsctl_server_send_text (server, "{\"type\":\"on_stop\"}");
  test_pipeline_wait_type (sender, GST_MESSAGE_EOS);
  test_pipeline_stop (sender);
  test_pipeline_assert_healthy (sender);
}

/* One medium is refused: a warning, once, and the other flows. Video is offered
 * first. */
static void
check_rejected (GstWsctlServerFault fault)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (fault);
  g_autoptr (TestPipeline) sender =
      new_sender (server, PICTURE " ! s.video " SOUND " ! s.audio");
  gboolean first = fault == GST_WSCTL_SERVER_FAULT_REJECT_FIRST;

  test_pipeline_play (sender);
  test_pipeline_wait_type (sender, GST_MESSAGE_WARNING);
  test_wsctl_server_wait_frames (server, "live", first ? "audio" : "video", 10);
  test_pipeline_stop (sender);
  g_assert_cmpuint (test_pipeline_count_type (sender, GST_MESSAGE_WARNING), ==,
      1);
  g_assert_cmpuint (test_pipeline_count_type (sender, GST_MESSAGE_ERROR), ==,
      0);
}

static void
test_rejected_first (void)
{
  check_rejected (GST_WSCTL_SERVER_FAULT_REJECT_FIRST);
}

static void
test_rejected_second (void)
{
  check_rejected (GST_WSCTL_SERVER_FAULT_REJECT_SECOND);
}

static void
test_latency (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, PICTURE " ! s.video");
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live = FALSE;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 3);
  g_assert_true (gst_element_query (test_pipeline_get (sender), query));
  gst_query_parse_latency (query, &live, &min, &max);
  g_assert_true (live);
  g_assert_cmpuint (min, <=, max);
  gst_query_unref (query);
}

/* The other branch of a tee goes on when the session is over. */
static void
test_tee (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender =
      new_sender (server, PICTURE " ! tee name=t t. ! queue ! s.video "
      "t. ! queue ! fakesink name=local");
  g_autoptr (TestTap) tap = test_tap_new (sender, "local", "sink");

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 5);
  test_tap_wait (tap, 5);
  gst_wsctl_server_send_text (server, "{\"type\":\"on_stop\"}");
  test_pipeline_wait_element (sender, "wsctl-close");
  test_tap_wait (tap, 10);
}

/* An application may keep a pad longer than the element. */
static void
test_kept_pad (void)
{
  GstElement *sink =
      gst_object_ref_sink (gst_element_factory_make ("wsctlsink", NULL));
  GstPad *pad = gst_element_request_pad_simple (sink, "video");

  test_assert_finalize (sink);
  test_assert_finalize (pad);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/sink/pads", test_pads);
  test_add ("/sink/kept-pad", test_kept_pad);
  test_add ("/sink/signals", test_signals);
  test_add ("/sink/actions", test_actions);
  test_add ("/sink/stats", test_stats);
  test_add ("/sink/eos", test_eos);
  test_add ("/sink/server-closes", test_server_closes);
  test_add ("/sink/rejected-first", test_rejected_first);
  test_add ("/sink/rejected-second", test_rejected_second);
  test_add ("/sink/latency", test_latency);
  test_add ("/sink/tee", test_tee);

  return g_test_run ();
}
