/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is not installed is named on the bus, as those who install it know it,
 * and the session ends with one error. Here it is taken out of the registry of
 * this process.
 */

#include <gst/pbutils/pbutils.h>

#include "testpipeline.h"
#include "testsupport.h"

#define PICTURE "videotestsrc is-live=true ! " \
    "video/x-raw,format=I420,width=160,height=120,framerate=30/1 ! "
#define TONE "audiotestsrc is-live=true ! "
#define H264 PICTURE "x264enc tune=zerolatency ! "

/* Takes all features of a type, and says which. Of encoders and decoders those
 * of media only: the ones of DTLS and SRTP are no less. */
static GList *
remove_features (GstElementFactoryListType type)
{
  GList *features = gst_element_factory_list_get_elements (type, GST_RANK_NONE);
  GList *item;

  g_assert_nonnull (features);
  for (item = features; item != NULL; item = item->next)
    gst_registry_remove_feature (gst_registry_get (), item->data);

  return features;
}

static void
restore_features (GList * features)
{
  GList *item;

  for (item = features; item != NULL; item = item->next)
    gst_registry_add_feature (gst_registry_get (), item->data);
  gst_plugin_feature_list_free (features);
}

static gboolean
is_missing (GstMessage * message, gconstpointer data)
{
  return gst_is_missing_plugin_message (message);
}

/* Tells of this, once, and then fails. */
static void
expect_missing (TestPipeline * pipeline, const gchar * what,
    const gchar * sentence)
{
  GstMessage *message = test_pipeline_wait_match (pipeline, is_missing, NULL,
      "what is missing");
  g_autofree gchar *detail =
      gst_missing_plugin_message_get_installer_detail (message);

  g_assert_true (g_str_has_suffix (detail, what));
  test_pipeline_expect_error (pipeline, GST_CORE_ERROR,
      GST_CORE_ERROR_MISSING_PLUGIN, sentence);
  g_assert_cmpuint (test_pipeline_count_element (pipeline, "missing-plugin"),
      ==, 1);
}

/* What is sent, what is away, what is asked for */
static const struct
{
  const gchar *line;
  GstElementFactoryListType away;
  const gchar *missing;
} senders[] = {
  {PICTURE "s.video", GST_ELEMENT_FACTORY_TYPE_VIDEO_ENCODER,
      "|encoder-video/x-h264"},
  {TONE "s.audio", GST_ELEMENT_FACTORY_TYPE_AUDIO_ENCODER,
      "|encoder-audio/x-opus"},
  {PICTURE "s.video", GST_ELEMENT_FACTORY_TYPE_PAYLOADER,
      "|element-rtph264pay"},
  {H264 "s.video", GST_ELEMENT_FACTORY_TYPE_PAYLOADER, "|element-rtph264pay"},
  {H264 "s.video", GST_ELEMENT_FACTORY_TYPE_PARSER, "|element-h264parse"},
};

static void
test_sender (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (senders); i++) {
    g_autoptr (TestPipeline) sender =
        test_pipeline_new ("wsctlsink name=s uri=%s %s", uri, senders[i].line);
    GList *away = remove_features (senders[i].away);

    g_test_message ("%s: %s", senders[i].line, senders[i].missing);
    gst_element_set_state (test_pipeline_get (sender), GST_STATE_PLAYING);
    expect_missing (sender, senders[i].missing, "no encoder or payloader");
    restore_features (away);
  }
}

/* Of those wanted, the first */
static void
test_wanted (void)
{
  g_autoptr (TestPipeline) sender =
      test_pipeline_new (PICTURE "wsctlsink uri=ws://127.0.0.1:9/webrtc/x "
      "video-caps=\"video/x-vp8; video/x-h264\"");
  GList *away = remove_features (GST_ELEMENT_FACTORY_TYPE_VIDEO_ENCODER);

  gst_element_set_state (test_pipeline_get (sender), GST_STATE_PLAYING);
  expect_missing (sender, "|encoder-video/x-vp8", "no encoder or payloader");
  restore_features (away);
}

static void
test_decoder (void)
{
  g_autoptr (GstWsctlServer) server = test_wsctl_server_new (0);
  g_autofree gchar *uri = test_wsctl_server_get_uri (server, "live");
  g_autoptr (TestPipeline) sender =
      test_pipeline_new (PICTURE "wsctlsink video-caps=video/x-h264 uri=%s",
      uri);
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("wsctlsrc uri=%s ! video/x-raw ! fakesink", uri);
  g_autoptr (TestPipeline) other =
      test_pipeline_new ("wsctlsrc uri=%s ! fakesink name=out", uri);
  g_autoptr (TestTap) tap = test_tap_new (other, "out", "sink");
  GList *away;

  test_pipeline_play (sender);
  test_wsctl_server_wait_frames (server, "live", "video", 1);
  away = remove_features (GST_ELEMENT_FACTORY_TYPE_DECODER
      | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO);
  test_pipeline_play (player);
  expect_missing (player, "|decoder-video/x-h264", "a decoder for H264");

  /* Who takes it encoded misses nothing. */
  test_pipeline_play (other);
  test_tap_wait_caps (tap, "video/x-h264");
  test_pipeline_stop (other);
  test_pipeline_assert_healthy (other);
  restore_features (away);
}

static void
test_depayloader (void)
{
  g_autoptr (TestPipeline) player =
      test_pipeline_new ("wsctlsrc uri=ws://127.0.0.1:9/webrtc/x "
      "video-caps=video/x-vp8 ! fakesink");
  GList *away = remove_features (GST_ELEMENT_FACTORY_TYPE_DEPAYLOADER);

  gst_element_set_state (test_pipeline_get (player), GST_STATE_PLAYING);
  expect_missing (player, "|element-rtpvp8depay", "no depayloader");
  restore_features (away);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/elements/missing/sender", test_sender);
  test_add ("/elements/missing/wanted", test_wanted);
  test_add ("/elements/missing/decoder", test_decoder);
  test_add ("/elements/missing/depayloader", test_depayloader);

  return g_test_run ();
}
