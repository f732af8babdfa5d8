/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * wsctlsink: what comes in changes, goes away and comes back while it plays,
 * and the session stays the one that it was.
 */

#include <gst/rtp/gstrtpbuffer.h>

#include "testpipeline.h"
#include "testsupport.h"
#include "wsctlcontroller.h"

#define FRAMES "video/x-raw,width=160,height=120,framerate=30/1"
#define SOUND "audiotestsrc is-live=true samplesperbuffer=480 ! s.audio "
/* A source that may stand unlinked */
#define RAW(name) "videotestsrc is-live=true ! " FRAMES " ! queue ! " \
    "tee allow-not-linked=true name=" name " "
#define ENCODED(name) "videotestsrc is-live=true ! " FRAMES " ! " \
    "x264enc tune=zerolatency speed-preset=ultrafast ! " \
    "video/x-h264,profile=constrained-baseline ! queue ! " \
    "tee allow-not-linked=true name=" name " "
#define N_RELINKS 50

static TestPipeline *
new_sender (GstWsctlServer * server, const gchar * line)
{
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");

  return test_pipeline_new ("wsctlsink name=s video-caps=video/x-h264 uri=%s "
      "%s", uri, line);
}

static void
wait_more_frames (GstWsctlServer * server, guint n)
{
  test_wsctl_server_wait_frames (server, "live", "video",
      gst_wsctl_server_count_frames (server, "live", "video") + n);
}

/* What passes a pad: gaps, in its own time and in ours */
typedef struct
{
  GstClockTime last;
  gint64 last_us;
  GstClockTime longest;
  gint64 longest_us;
  gint64 starved_us;            /* until the last: the thread, by the machine */
  guint n;
} Gaps;

static GstPadProbeReturn
on_sound (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  Gaps *gaps = data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 starved_us = test_get_starved_us ();

  if (gaps->n++ > 0) {
    gaps->longest = MAX (gaps->longest, GST_BUFFER_PTS (buffer) - gaps->last);
    gaps->longest_us = MAX (gaps->longest_us, now_us - gaps->last_us
        - (starved_us - gaps->starved_us));
  }
  gaps->last = GST_BUFFER_PTS (buffer);
  gaps->last_us = now_us;
  gaps->starved_us = starved_us;

  return GST_PAD_PROBE_OK;
}

/* RTP that goes to webrtcbin: numbers that do not follow one another */
typedef struct
{
  guint n;
  guint jumps;
  guint16 seqnum;
  guint32 ssrc;
} Packets;

static void
count_packet (GstBuffer * buffer, Packets * packets)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint16 seqnum;
  guint32 ssrc;

  gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp);
  seqnum = gst_rtp_buffer_get_seq (&rtp);
  ssrc = gst_rtp_buffer_get_ssrc (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  if (packets->n++ > 0 && (seqnum != (guint16) (packets->seqnum + 1)
          || ssrc != packets->ssrc))
    packets->jumps++;
  packets->seqnum = seqnum;
  packets->ssrc = ssrc;
}

static gboolean
count_in_list (GstBuffer ** buffer, guint i, gpointer data)
{
  count_packet (*buffer, data);

  return TRUE;
}

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        count_in_list, data);
  else
    count_packet (GST_PAD_PROBE_INFO_BUFFER (info), data);

  return GST_PAD_PROBE_OK;
}

/* webrtcbin's pad, which stays, whatever feeds it. Transfer full. */
static GstPad *
get_target (GstElement * sink, const gchar * kind)
{
  g_autoptr (GstElement) chain = GST_ELEMENT
      (gst_child_proxy_get_child_by_name (GST_CHILD_PROXY (sink), kind));
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  return gst_pad_get_peer (src);
}

static GstPad *
get_source (TestPipeline * pipeline, const gchar * tee)
{
  g_autoptr (GstElement) element = test_pipeline_find (pipeline, tee);

  return gst_element_request_pad_simple (element, "src_%u");
}

static void
check_same_session (GstWsctlServer * server, TestPipeline * sender)
{
  g_assert_cmpuint (test_pipeline_count_element (sender, "wsctl-open"), ==, 1);
  g_assert_cmpuint (gst_wsctl_server_count_sessions (server), ==, 1);
  test_pipeline_assert_healthy (sender);
}

/* Size, rate and format: the same chain takes them. */
static void
test_caps (void)
{
  static const gchar *const caps[] = {
    "video/x-raw,format=NV12,width=320,height=240,framerate=15/1",
    "video/x-raw,format=RGB,width=96,height=80,framerate=30/1",
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1",
  };
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      "videotestsrc is-live=true ! capsfilter caps=" FRAMES
      " name=c ! s.video");
  g_autoptr (GstElement) filter = test_pipeline_find (sender, "c");
  guint i;

  test_pipeline_play (sender);
  wait_more_frames (server, 5);
  for (i = 0; i < G_N_ELEMENTS (caps); i++) {
    gst_util_set_object_arg (G_OBJECT (filter), "caps", caps[i]);
    wait_more_frames (server, 10);
  }
  check_same_session (server, sender);
}

/* The video source is unlinked and another one linked, again and again, while
 * audio plays. */
static void
test_relink (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      SOUND RAW ("a") RAW ("b"));
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstPad) video = gst_element_request_pad_simple (sink, "video");
  g_autoptr (GstPad) first = get_source (sender, "a");
  g_autoptr (GstPad) second = get_source (sender, "b");
  g_autoptr (GstPad) sound = NULL;
  g_autoptr (GstPad) target = NULL;
  Gaps gaps = { 0, };
  Packets packets = { 0, };
  guint i;

  gst_pad_link (first, video);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "audio", 5);
  wait_more_frames (server, 5);
  sound = get_target (sink, "audio");
  target = get_target (sink, "video");
  gst_pad_add_probe (sound, GST_PAD_PROBE_TYPE_BUFFER, on_sound, &gaps, NULL);
  gst_pad_add_probe (target, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet, &packets, NULL);

  for (i = 0; i < N_RELINKS; i++) {
    g_assert_true (gst_pad_unlink (i % 2 == 0 ? first : second, video));
    g_assert_cmpint (gst_pad_link (i % 2 == 0 ? second : first, video), ==,
        GST_PAD_LINK_OK);
    wait_more_frames (server, 2);
  }

  check_same_session (server, sender);
  test_pipeline_stop (sender);
  g_test_message ("%u buffers of sound, gaps of at most %" G_GUINT64_FORMAT
      " ms in their time and %" G_GINT64_FORMAT " ms in ours", gaps.n,
      gaps.longest / GST_MSECOND, gaps.longest_us / 1000);
  g_assert_cmpuint (gaps.n, >, 50);
  g_assert_cmpuint (gaps.longest, <=, 100 * GST_MSECOND);
  /* When they pass is a matter of the machine, too. */
  if (g_getenv ("WSCTL_TEST_SLOW") == NULL)
    g_assert_cmpint (gaps.longest_us, <=, 100 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (packets.jumps, ==, 0);
}

/* From raw to encoded and back: another chain, and the same RTP stream. */
static void
test_forms (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      RAW ("a") ENCODED ("b"));
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstPad) video = gst_element_request_pad_simple (sink, "video");
  g_autoptr (GstPad) first = get_source (sender, "a");
  g_autoptr (GstPad) second = get_source (sender, "b");
  g_autoptr (GstPad) target = NULL;
  Packets packets = { 0, };
  guint i;

  gst_pad_link (first, video);
  test_pipeline_play (sender);
  wait_more_frames (server, 5);
  target = get_target (sink, "video");
  gst_pad_add_probe (target, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet, &packets, NULL);

  for (i = 0; i < 6; i++) {
    g_assert_true (gst_pad_unlink (i % 2 == 0 ? first : second, video));
    g_assert_cmpint (gst_pad_link (i % 2 == 0 ? second : first, video), ==,
        GST_PAD_LINK_OK);
    wait_more_frames (server, 5);
  }
  check_same_session (server, sender);
  test_pipeline_stop (sender);
  g_assert_cmpuint (packets.n, >, 30);
  g_assert_cmpuint (packets.jumps, ==, 0);
}

/* The pad is given back and requested again; in between there is no video, and
 * audio does not mind. */
static void
test_release (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server, SOUND RAW ("a"));
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  GstPad *video = gst_element_request_pad_simple (sink, "video");
  g_autoptr (GstPad) source = get_source (sender, "a");
  g_autoptr (GstPad) target = NULL;
  Packets packets = { 0, };
  guint i;

  gst_pad_link (source, video);
  test_pipeline_play (sender);
  wait_more_frames (server, 5);
  target = get_target (sink, "video");
  gst_pad_add_probe (target, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet, &packets, NULL);

  for (i = 0; i < 5; i++) {
    guint64 sounds;

    /* Once while data flow into it, once when it is unlinked */
    if (i % 2 == 0)
      gst_pad_unlink (source, video);
    gst_element_release_request_pad (sink, video);
    test_assert_finalize (video);
    sounds = gst_wsctl_server_count_frames (server, "live", "audio");
    test_wsctl_server_wait_frames (server, "live", "audio", sounds + 10);
    video = gst_element_request_pad_simple (sink, "video");
    g_assert_nonnull (video);
    g_assert_cmpint (gst_pad_link (source, video), ==, GST_PAD_LINK_OK);
    wait_more_frames (server, 5);
  }
  check_same_session (server, sender);
  test_pipeline_stop (sender);
  g_assert_cmpuint (packets.jumps, ==, 0);
  gst_object_unref (video);
}

/* A stop finds a pad without a source, and a source without a pad. */
static void
test_stop_unlinked (void)
{
  guint i;

  for (i = 0; i < 5; i++) {
    g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
    g_autoptr (TestPipeline) sender = new_sender (server, SOUND RAW ("a"));
    g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
    g_autoptr (GstPad) video = gst_element_request_pad_simple (sink, "video");
    g_autoptr (GstPad) source = get_source (sender, "a");

    gst_pad_link (source, video);
    test_pipeline_play (sender);
    wait_more_frames (server, 2);
    gst_pad_unlink (source, video);
    if (i % 2 == 0)
      gst_element_release_request_pad (sink, video);
    test_pipeline_stop (sender);
    test_pipeline_assert_healthy (sender);
  }
}

static void
replace (TestPipeline * sender, GstPad * track)
{
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (GstWsctlController) controller = NULL;
  g_autoptr (GError) error = NULL;

  g_object_get (sink, "controller", &controller, NULL);
  g_assert_true (gst_wsctl_controller_replace_track (controller,
          GST_WSCTL_MEDIA_KIND_VIDEO, track, &error));
  g_assert_no_error (error);
}

/* Nothing in the place of a track: its source goes on, and nobody hears of it
 * until it is put back. */
static void
test_replaced_by_nothing (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autoptr (TestPipeline) sender = new_sender (server,
      SOUND "videotestsrc is-live=true ! " FRAMES " ! identity name=i ! "
      "s.video");
  g_autoptr (GstElement) sink = test_pipeline_find (sender, "s");
  g_autoptr (TestTap) source = test_tap_new (sender, "i", "src");
  g_autoptr (GstPad) target = NULL;
  g_autoptr (GstPad) track = NULL;
  guint64 sent, sounds;

  test_pipeline_play (sender);
  wait_more_frames (server, 5);
  target = get_target (sink, "video");
  track = gst_pad_get_peer (target);

  replace (sender, NULL);
  test_tap_wait (source, 10);
  sent = gst_wsctl_server_count_frames (server, "live", "video");
  sounds = gst_wsctl_server_count_frames (server, "live", "audio");
  test_tap_wait (source, 30);
  g_assert_cmpuint (gst_wsctl_server_count_frames (server, "live", "video"),
      ==, sent);
  test_wsctl_server_wait_frames (server, "live", "audio", sounds + 10);

  replace (sender, track);
  wait_more_frames (server, 10);
  check_same_session (server, sender);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/sink-relink/caps", test_caps);
  test_add ("/sink-relink/relink", test_relink);
  test_add ("/sink-relink/forms", test_forms);
  test_add ("/sink-relink/release", test_release);
  test_add ("/sink-relink/stop-unlinked", test_stop_unlinked);
  test_add ("/sink-relink/replaced-by-nothing", test_replaced_by_nothing);

  return g_test_run ();
}
