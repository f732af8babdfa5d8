/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A healthy session says nothing at GST_DEBUG=3, but for what GStreamer 1.22
 * says of itself whoever uses it.
 */

#include "testpipeline.h"
#include "testsupport.h"

#define N_FRAMES 30

/* Where each comes from: nothing that these elements do could keep them away. */
static const struct
{
  const gchar *category;
  const gchar *function;
} upstream[] = {
  /* Each element without a stream's name of its own makes one up, and says that
   * it is not the same another time: test sources, nicesrc, rtpbin. */
  {"default", "gst_pad_create_stream_id_internal"},
  {"default", "gst_element_decorate_stream_id_internal"},       /* as of 1.24 */
  /* Streams without a group: nicesink's and fakesink's */
  {"basesink", "gst_base_sink_default_event"},
  /* The test's own sinks, which are stopped before the queues that push to them */
  {"basesink", "gst_base_sink_chain_main"},
  /* nicesrc is asked before it is linked to anything. */
  {"GST_PADS", "gst_pad_peer_query"},
  /* webrtcbin looks for repair flows by FEC that were not negotiated. */
  {"webrtcbin", "try_match_transceiver_with_fec_decoder"},
  /* … and in 1.26 for sources of what is only received. */
  {"webrtcbin", "sdp_media_from_transceiver"},
  /* webrtcbin's sending side configures a latency on itself when it is asked for
   * one, and says that it did not when its parts are on their way up. */
  {"transportsendbin", "transport_send_bin_element_query"},
  /* audioresample, from 44.1 to the 48 kHz of Opus: it interpolates. */
  {"audio-resampler", "convert_taps_gint16_c"},
};

static GMutex lock;
static GPtrArray *said;         /* lock; gchar * */

/* Where everything is slow, as under valgrind, decoders and sinks speak of
 * pictures that come late: then, what counts is what we say. */
static gboolean
is_upstream (const gchar * category, const gchar * function)
{
  guint i;

  if (test_scale_ms (1) > 1 && !g_str_has_prefix (category, "wsctl"))
    return TRUE;

  for (i = 0; i < G_N_ELEMENTS (upstream); i++) {
    if (g_str_equal (category, upstream[i].category)
        && g_str_equal (function, upstream[i].function))
      return TRUE;
  }

  return FALSE;
}

static void
on_log (GstDebugCategory * category, GstDebugLevel level, const gchar * file,
    const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  const gchar *name = gst_debug_category_get_name (category);

  if (level > GST_LEVEL_FIXME || is_upstream (name, function))
    return;

  g_mutex_lock (&lock);
  g_ptr_array_add (said, g_strdup_printf ("%s %s %s:%d:%s: %s",
          gst_debug_level_get_name (level), name, file, line, function,
          gst_debug_message_get (message)));
  g_mutex_unlock (&lock);
}

static void
begin_listening (void)
{
  said = g_ptr_array_new_with_free_func (g_free);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (on_log, NULL, NULL);
  gst_debug_set_threshold_from_string ("3", TRUE);
}

static void
check_silence (void)
{
  guint i;

  gst_debug_set_threshold_from_string ("0", TRUE);
  gst_debug_remove_log_function (on_log);
  g_mutex_lock (&lock);
  for (i = 0; i < said->len; i++)
    g_test_message ("%s", (const gchar *) g_ptr_array_index (said, i));
  g_assert_cmpuint (said->len, ==, 0);
  g_clear_pointer (&said, g_ptr_array_unref);
  g_mutex_unlock (&lock);
}

static void
check_session (const gchar * picture, const gchar * sound, const gchar * form)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender = NULL;
  g_autoptr (TestPipeline) player = NULL;
  g_autoptr (TestTap) video = NULL;
  g_autoptr (TestTap) audio = NULL;

  begin_listening ();
  sender = test_pipeline_new ("wsctlsink name=s uri=%s "
      "videotestsrc is-live=true ! video/x-raw,format=I420,width=160,"
      "height=120,framerate=30/1 ! %s ! s.video "
      "audiotestsrc is-live=true ! %s ! s.audio", uri, picture, sound);
  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  test_wsctl_server_wait_frames (server, "live", "audio", 1);

  player = test_pipeline_new ("wsctlsrc name=s uri=%s s.video_0 ! queue ! %s ! "
      "fakesink name=video async=false sync=false s.audio_0 ! queue ! "
      "fakesink name=audio async=false sync=false", uri, form);
  video = test_tap_new (player, "video", "sink");
  audio = test_tap_new (player, "audio", "sink");
  test_pipeline_play (player);
  test_tap_wait (video, N_FRAMES);
  test_tap_wait (audio, N_FRAMES);

  test_pipeline_stop (player);
  test_pipeline_stop (sender);
  check_silence ();
  test_pipeline_assert_healthy (player);
  test_pipeline_assert_healthy (sender);
}

static void
test_raw (void)
{
  check_session ("queue", "queue", "video/x-raw");
}

static void
test_encoded (void)
{
  check_session ("x264enc tune=zerolatency speed-preset=ultrafast", "opusenc",
      "video/x-h264");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/quiet/raw", test_raw);
  test_add ("/quiet/encoded", test_encoded);

  return g_test_run ();
}
