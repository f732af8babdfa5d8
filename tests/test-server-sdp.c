/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Offers of Chromium and of webrtcbin, and the answers that MistServer gave to
 * them, letter for letter; and offers that are none.
 */

#include <string.h>

#include "server-transcript.h"
#include "testsupport.h"
#include "wsctlserversdp-private.h"

/* What an answer says of the server cannot be the same in ours. */
typedef struct
{
  GstWsctlServerAnswer answer;
  gchar *ufrag, *pwd, *fingerprint;
  GStrv candidates;
} Given;

static gchar *
find_line (const gchar * sdp, const gchar * prefix)
{
  g_auto (GStrv) lines = g_strsplit (sdp, "\r\n", -1);
  guint i;

  for (i = 0; lines[i] != NULL; i++) {
    if (g_str_has_prefix (lines[i], prefix))
      return g_strdup (lines[i] + strlen (prefix));
  }
  g_assert_not_reached ();
}

static void
read_given (Given * given, const gchar * sdp)
{
  g_auto (GStrv) lines = g_strsplit (sdp, "\r\n", -1);
  g_autoptr (GStrvBuilder) candidates = g_strv_builder_new ();
  g_autofree gchar *origin = find_line (sdp, "o=- ");
  const gchar *section = strstr (sdp, "m=");
  guint i, n_sections = 0;

  for (i = 0; lines[i] != NULL; i++) {
    n_sections += g_str_has_prefix (lines[i], "m=");
    if (n_sections == 1 && g_str_has_prefix (lines[i], "a=candidate:"))
      g_strv_builder_add (candidates, strchr (lines[i], ':') + 1);
  }

  given->ufrag = find_line (section, "a=ice-ufrag:");
  given->pwd = find_line (section, "a=ice-pwd:");
  given->fingerprint = find_line (section, "a=fingerprint:");
  given->candidates = g_strv_builder_end (candidates);
  given->answer.ufrag = given->ufrag;
  given->answer.pwd = given->pwd;
  given->answer.fingerprint = given->fingerprint;
  given->answer.candidates = (const gchar * const *) given->candidates;
  given->answer.session_id = g_ascii_strtoull (origin, NULL, 10);
}

static void
clear_given (Given * given)
{
  g_free (given->ufrag);
  g_free (given->pwd);
  g_free (given->fingerprint);
  g_strfreev (given->candidates);
}

/* What MistServer does not answer goes. TRUE when it was there. */
static gboolean
remove_own_line (gchar ** sdp)
{
  g_autoptr (GRegex) regex = g_regex_new ("a=rtcp-fb:\\d+ nack pli\r\n", 0,
      0, NULL);
  gchar *rest = g_regex_replace_literal (regex, *sdp, -1, 0, "", 0, NULL);
  gboolean was_there = strlen (rest) < strlen (*sdp);

  g_free (*sdp);
  *sdp = rest;

  return was_there;
}

static void
check_transcript (const gchar * name, gboolean sending)
{
  g_autoptr (GPtrArray) lines = transcript_load (name);
  const TranscriptLine *offered = g_ptr_array_index (lines, 0);
  const TranscriptLine *answered = g_ptr_array_index (lines, 1);
  const gchar *expected = transcript_get_string (answered, "answer_sdp");
  g_autoptr (GstWsctlServerOffer) offer =
      gst_wsctl_server_offer_parse (transcript_get_string (offered,
          "offer_sdp"));
  g_autofree gchar *text = NULL;
  Given given;

  g_assert_cmpuint (offer->medias->len, ==, 2);
  g_assert_cmpint (gst_wsctl_server_offer_is_sending (offer), ==, sending);
  g_assert_nonnull (gst_wsctl_server_offer_choose (offer,
          GST_WSCTL_SERVER_KIND_VIDEO, NULL));
  g_assert_nonnull (gst_wsctl_server_offer_choose (offer,
          GST_WSCTL_SERVER_KIND_AUDIO, NULL));

  read_given (&given, expected);
  text = gst_wsctl_server_offer_answer (offer, &given.answer);
  g_assert_cmpint (remove_own_line (&text), ==, !sending);
  g_assert_cmpstr (text, ==, expected);
  clear_given (&given);
}

static void
test_chromium_publishes (void)
{
  check_transcript ("mist-publish.jsonl", TRUE);
}

static void
test_chromium_plays (void)
{
  check_transcript ("mist-play.jsonl", FALSE);
}

static void
test_webrtcbin_plays (void)
{
  check_transcript ("mist-commands.jsonl", FALSE);
}

#define HEAD "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define ICE "a=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 AA\r\n"
#define OFFER_VP8 HEAD "m=video 9 UDP/TLS/RTP/SAVPF 100 101\r\n" ICE \
    "a=mid:v\r\na=rtpmap:100 VP8/90000\r\na=rtpmap:101 H264/90000\r\n" \
    "a=fmtp:101 packetization-mode=1;profile-level-id=42e01f\r\na=sendonly\r\n"

/* A player gets the codec that the stream has, or nothing. */
static void
test_wanted_codec (void)
{
  const GstWsctlServerCodec *vp8 =
      gst_wsctl_server_codec_find (GST_WSCTL_SERVER_KIND_VIDEO, "vp8");
  const GstWsctlServerCodec *vp9 =
      gst_wsctl_server_codec_find (GST_WSCTL_SERVER_KIND_VIDEO, "VP9");
  g_autoptr (GstWsctlServerOffer) offer =
      gst_wsctl_server_offer_parse (OFFER_VP8);
  GstWsctlServerMedia *media;

  media = gst_wsctl_server_offer_choose (offer, GST_WSCTL_SERVER_KIND_VIDEO,
      vp8);
  g_assert_cmpuint (media->chosen->pt, ==, 100);
  media = gst_wsctl_server_offer_choose (offer, GST_WSCTL_SERVER_KIND_VIDEO,
      NULL);
  g_assert_cmpuint (media->chosen->pt, ==, 101);
  g_assert_null (gst_wsctl_server_offer_choose (offer,
          GST_WSCTL_SERVER_KIND_VIDEO, vp9));
}

/* Sessions whose attributes stand above the media; payloads without a map. */
static void
test_shared_attributes (void)
{
  g_autoptr (GstWsctlServerOffer) offer = gst_wsctl_server_offer_parse (HEAD
      ICE "a=recvonly\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:a\r\n");
  GstWsctlServerMedia *media = gst_wsctl_server_offer_choose (offer,
      GST_WSCTL_SERVER_KIND_AUDIO, NULL);

  g_assert_false (gst_wsctl_server_offer_is_sending (offer));
  g_assert_cmpstr (media->ufrag, ==, "u");
  g_assert_cmpstr (media->chosen->codec->name, ==, "ALAW");
}

/* A refused medium has its port, its connection, its direction. */
static void
test_refused (void)
{
  static const gchar *const none[] = { NULL };
  static const GstWsctlServerAnswer answer = { "U", "P", "sha-256 BB", none,
    7
  };
  g_autoptr (GstWsctlServerOffer) offer =
      gst_wsctl_server_offer_parse (OFFER_VP8
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n");
  g_autofree gchar *text = gst_wsctl_server_offer_answer (offer, &answer);

  g_assert_cmpstr (text, ==, "v=0\r\no=- 7 0 IN IP4 0.0.0.0\r\ns=-\r\n"
      "t=0 0\r\na=ice-lite\r\n"
      "m=video 0 UDP/TLS/RTP/SAVPF 100 101\r\nc=IN IP4 0.0.0.0\r\n"
      "a=recvonly\r\n"
      "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "c=IN IP4 0.0.0.0\r\na=recvonly\r\n");
}

/* Data channels, when they are wanted: on the transport of the others */
static void
test_channels (void)
{
  static const gchar *const candidates[] = { "C", NULL };
  static const GstWsctlServerAnswer answer = { "U", "P", "sha-256 BB",
    candidates, 7
  };
  g_autoptr (GstWsctlServerOffer) offer =
      gst_wsctl_server_offer_parse (OFFER_VP8
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n" ICE
      "a=sctp-port:5000\r\n");
  g_autofree gchar *text = NULL;

  g_assert_nonnull (gst_wsctl_server_offer_choose (offer,
          GST_WSCTL_SERVER_KIND_VIDEO, NULL));
  g_assert_nonnull (gst_wsctl_server_offer_choose_channels (offer));
  text = gst_wsctl_server_offer_answer (offer, &answer);
  g_assert_nonnull (strstr (text, "a=group:BUNDLE v d\r\n"));
  g_assert_true (g_str_has_suffix (text,
          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
          "c=IN IP4 0.0.0.0\r\na=setup:passive\r\n"
          "a=fingerprint:sha-256 BB\r\na=ice-ufrag:U\r\na=ice-pwd:P\r\n"
          "a=mid:d\r\na=sctp-port:5000\r\na=max-message-size:65536\r\n"
          "a=candidate:C\r\na=end-of-candidates\r\n"));
}

/* Nothing of these can be served, and nothing breaks. */
static void
test_unusable (void)
{
  static const gchar *const offers[] = {
    "", "nonsense", "v=0", "m=", "m=video", "m=video 9\r\n",
    HEAD "m=video 9 UDP/TLS/RTP/SAVPF\r\n",
    HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n",
    HEAD "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n" ICE
        "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n",
    HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" ICE
        "a=mid:v\r\na=rtpmap:96 VP8/90000\r\na=inactive\r\n",
    HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" ICE
        "a=mid:v\r\na=rtpmap:96 VP8/8000\r\n",
    HEAD "m=video 9 UDP/TLS/RTP/SAVPF 999 -1 x\r\n" ICE
        "a=mid:v\r\na=rtpmap:999 VP8/90000\r\na=rtpmap:x VP8/90000\r\n",
    HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" ICE
        "a=mid:v\r\na=rtpmap:96\r\na=rtpmap:96 \r\na=fmtp:96\r\n",
    HEAD "m=text 9 UDP/TLS/RTP/SAVPF 96\r\n" ICE
        "a=mid:v\r\na=rtpmap:96 VP8/90000\r\n",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (offers); i++) {
    g_autoptr (GstWsctlServerOffer) offer =
        gst_wsctl_server_offer_parse (offers[i]);

    g_assert_null (gst_wsctl_server_offer_choose (offer,
            GST_WSCTL_SERVER_KIND_VIDEO, NULL));
    g_assert_null (gst_wsctl_server_offer_choose (offer,
            GST_WSCTL_SERVER_KIND_AUDIO, NULL));
    g_assert_null (gst_wsctl_server_offer_choose_channels (offer));
  }
}

static void
test_many_media (void)
{
  g_autoptr (GString) text = g_string_new (HEAD);
  g_autoptr (GstWsctlServerOffer) offer = NULL;
  guint i;

  for (i = 0; i < 1000; i++)
    g_string_append (text, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
  offer = gst_wsctl_server_offer_parse (text->str);
  g_assert_cmpuint (offer->medias->len, ==, 16);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/server/sdp/chromium-publishes", test_chromium_publishes);
  test_add ("/server/sdp/chromium-plays", test_chromium_plays);
  test_add ("/server/sdp/webrtcbin-plays", test_webrtcbin_plays);
  test_add ("/server/sdp/wanted-codec", test_wanted_codec);
  test_add ("/server/sdp/shared-attributes", test_shared_attributes);
  test_add ("/server/sdp/refused", test_refused);
  test_add ("/server/sdp/channels", test_channels);
  test_add ("/server/sdp/unusable", test_unusable);
  test_add ("/server/sdp/many-media", test_many_media);

  return g_test_run ();
}
