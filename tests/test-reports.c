/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the signals carry, from messages as servers send them.
 */

#include "testsupport.h"
#include "wsctlreports-private.h"

static void
assert_report (GstStructure * report, const gchar * wanted)
{
  g_autoptr (GstStructure) structure = gst_structure_from_string (wanted, NULL);
  g_autofree gchar *text = gst_structure_to_string (report);

  g_assert_nonnull (structure);
  g_test_message ("%s", text);
  g_assert_true (gst_structure_is_equal (report, structure));
  gst_structure_free (report);
}

static GstWsctlEvent *
parse (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlEvent *event = gst_wsctl_event_parse (text, &error);

  g_assert_no_error (error);

  return event;
}

static void
test_media (void)
{
  g_autoptr (GstWsctlEvent) event =
      parse ("{\"type\":\"on_media_receive\",\"millis\":1500,"
      "\"tracks\":[\"opus\",\"H264\"],\"stats\":{\"jitter_ms\":12.5,"
      "\"loss_num\":3,\"loss_perc\":25,\"nack_num\":4}}");
  g_autoptr (GstWsctlEvent) bare = parse ("{\"type\":\"on_media_receive\"}");

  assert_report (gst_wsctl_report_of_media (event),
      "application/x-wsctl-media-report, millis=(gint64)1500, "
      "jitter=(double)0.0125, packets-lost=(gint64)3, "
      "fraction-lost=(double)0.25, nack-count=(gint64)4, "
      "codecs=(string)< opus, H264 >;");

  /* What a message does not tell is not told. */
  assert_report (gst_wsctl_report_of_media (bare),
      "application/x-wsctl-media-report, codecs=(string)< >;");
}

static void
test_playing (void)
{
  g_autoptr (GstWsctlEvent) mist =
      parse ("{\"data\":{\"begin\":2386400,\"current\":2390233,"
      "\"end\":2392192,\"jitter\":30,\"next\":2390233,"
      "\"play_rate_curr\":\"fast-forward\",\"tracks\":[0,1],"
      "\"unixoffset\":1795178584239},\"type\":\"on_time\"}");
  g_autoptr (GstWsctlEvent) ceeblue =
      parse ("{\"type\":\"on_time\",\"begin\":0,\"current\":5,\"end\":9,"
      "\"tracks\":[2],\"paused\":true,\"live_point\":false}");

  assert_report (gst_wsctl_report_of_playing (mist),
      "application/x-wsctl-playing, begin=(gint64)2386400, "
      "current=(gint64)2390233, end=(gint64)2392192, "
      "unix-offset=(gint64)1795178584239, tracks=(gint64)< 0, 1 >, "
      "play-rate=(string)fast-forward;");
  assert_report (gst_wsctl_report_of_playing (ceeblue),
      "application/x-wsctl-playing, begin=(gint64)0, current=(gint64)5, "
      "end=(gint64)9, tracks=(gint64)< 2 >, paused=(boolean)true, "
      "live=(boolean)false;");
}

static GstWsctlAnswer *
make_answer (const gchar * audio, const gchar * video)
{
  const gchar *codecs[GST_WSCTL_N_MEDIA_KINDS] = { audio, video };
  GstWsctlAnswer *answer = g_new0 (GstWsctlAnswer, 1);
  guint kind;

  answer->media = g_ptr_array_new_with_free_func (g_free);
  answer->candidates = g_array_new (FALSE, FALSE,
      sizeof (GstWsctlRemoteCandidate));
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    GstWsctlAnsweredMedia *media = g_new0 (GstWsctlAnsweredMedia, 1);

    media->kind = kind;
    media->rejected = codecs[kind] == NULL;
    if (codecs[kind] != NULL)
      media->caps = gst_caps_new_simple ("application/x-rtp",
          "encoding-name", G_TYPE_STRING, codecs[kind], NULL);
    g_ptr_array_add (answer->media, media);
  }

  return answer;
}

static void
free_answer (GstWsctlAnswer * answer)
{
  guint i;

  for (i = 0; i < answer->media->len; i++) {
    GstWsctlAnsweredMedia *media = g_ptr_array_index (answer->media, i);

    gst_clear_caps (&media->caps);
  }
  gst_wsctl_answer_free (answer);
}

static void
test_stream (void)
{
  GstWsctlAnswer *both = make_answer ("OPUS", "H264");
  GstWsctlAnswer *video = make_answer (NULL, "VP8");
  g_auto (GStrv) codecs = gst_wsctl_report_of_codecs (both);
  g_auto (GStrv) one = gst_wsctl_report_of_codecs (video);
  g_autoptr (GstStructure) stream = gst_wsctl_report_of_stream ("a", video);
  g_autoptr (GstStructure) other = gst_wsctl_report_of_stream ("as+1", both);
  g_autoptr (GstCaps) audio_caps = NULL;
  g_autoptr (GstCaps) video_caps = NULL;

  gst_structure_get (other, "audio-caps", GST_TYPE_CAPS, &audio_caps,
      "video-caps", GST_TYPE_CAPS, &video_caps, NULL);
  g_assert_true (gst_caps_is_equal (audio_caps, gst_wsctl_answer_get_media
          (both, GST_WSCTL_MEDIA_KIND_AUDIO)->caps));
  g_assert_true (gst_caps_is_equal (video_caps, gst_wsctl_answer_get_media
          (both, GST_WSCTL_MEDIA_KIND_VIDEO)->caps));
  gst_structure_remove_fields (other, "audio-caps", "video-caps", NULL);
  assert_report (gst_structure_copy (other),
      "application/x-wsctl-stream, name=(string)as+1, "
      "audio-codec=(string)OPUS, video-codec=(string)H264;");
  g_assert_null (gst_structure_get_string (stream, "audio-codec"));
  g_assert_false (gst_structure_has_field (stream, "audio-caps"));
  g_assert_cmpstr (gst_structure_get_string (stream, "video-codec"), ==, "VP8");
  g_assert_cmpuint (g_strv_length (codecs), ==, 2);
  g_assert_cmpstr (codecs[0], ==, "OPUS");
  g_assert_cmpstr (codecs[1], ==, "H264");
  g_assert_cmpuint (g_strv_length (one), ==, 1);

  free_answer (both);
  free_answer (video);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/reports/media", test_media);
  test_add ("/reports/playing", test_playing);
  test_add ("/reports/stream", test_stream);

  return g_test_run ();
}
