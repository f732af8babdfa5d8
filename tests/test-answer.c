/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Answers as MistServer writes them, against the offers that they answer (cut
 * down from recordings), and what may be wrong with one.
 */

#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>
#include <string.h>

#include "testsupport.h"
#include "wsctlanswer-private.h"
#include "wsctlcodec-private.h"
#include "wsctlerror.h"
#include "wsctlwebrtcbin-private.h"

#define REJECTED_AUDIO "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n" \
    "c=IN IP4 0.0.0.0\r\na=inactive\r\n"
#define REJECTED_VIDEO "m=video 0 UDP/TLS/RTP/SAVPF 0\r\n" \
    "c=IN IP4 0.0.0.0\r\na=recvonly\r\n"

static gchar *
load (const gchar * name)
{
  g_autofree gchar *path = g_test_build_filename (G_TEST_DIST, "data", name,
      NULL);
  g_autoptr (GError) error = NULL;
  gchar *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);

  return text;
}

/* Cuts a description before each m-line. */
static GStrv
split (const gchar * sdp)
{
  g_auto (GStrv) parts = g_strsplit (sdp, "\r\nm=", -1);
  GStrv sections = g_new0 (gchar *, g_strv_length (parts) + 1);
  guint i;

  for (i = 0; parts[i] != NULL; i++)
    sections[i] = g_strconcat (i > 0 ? "m=" : "", parts[i],
        g_str_has_suffix (parts[i], "\r\n") ? "" : "\r\n", NULL);

  return sections;
}

static gchar *
replace (const gchar * text, const gchar * pattern, const gchar * with)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  gchar *result = g_regex_replace_literal (regex, text, -1, 0, with, 0, NULL);

  g_assert_cmpstr (result, !=, text);

  return result;
}

static GstWsctlAnswer *
read_answer (const gchar * offer, const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlAnswer *answer = gst_wsctl_answer_new (offer, text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);

  return answer;
}

static void
assert_codec (const GstWsctlAnswer * answer, GstWsctlMediaKind kind,
    const gchar * name)
{
  const GstWsctlAnsweredMedia *media =
      gst_wsctl_answer_get_media (answer, kind);

  g_assert_nonnull (media);
  if (name == NULL) {
    g_assert_true (media->rejected);
    g_assert_null (media->caps);
  } else {
    g_assert_false (media->rejected);
    g_assert_cmpstr (gst_wsctl_codec_find_for_caps (media->caps)->name, ==,
        name);
  }
}

static void
check_recorded (const gchar * name, const gchar * fingerprint,
    const gchar * ufrag)
{
  g_autofree gchar *offer_name = g_strdup_printf ("mist-%s-offer.sdp", name);
  g_autofree gchar *answer_name = g_strdup_printf ("mist-%s-answer.sdp", name);
  g_autofree gchar *offer = load (offer_name);
  g_autofree gchar *text = load (answer_name);
  g_autoptr (GstWsctlAnswer) answer = read_answer (offer, text);
  const GstWsctlRemoteCandidate *candidate;

  assert_codec (answer, GST_WSCTL_MEDIA_KIND_AUDIO, "OPUS");
  assert_codec (answer, GST_WSCTL_MEDIA_KIND_VIDEO, "H264");
  g_assert_true (g_str_has_prefix (answer->fingerprint, fingerprint));
  g_assert_cmpstr (answer->ufrag, ==, ufrag);
  g_assert_cmpuint (strlen (answer->pwd), ==, 32);

  /* Each address stands once in each of the two sections. */
  g_assert_cmpuint (answer->candidates->len, ==, 2);
  candidate = &g_array_index (answer->candidates, GstWsctlRemoteCandidate, 0);
  g_assert_cmpstr (candidate->address, ==, "10.77.0.1");
  g_assert_cmpuint (candidate->port, ==, 18203);
}

static void
test_recorded (void)
{
  check_recorded ("publish", "sha-256 38:85:A0:", "ZAaluOVTbf5UKbrs");
  check_recorded ("play", "sha-256 D4:04:E7:", "63JYpamo09otjDAP");
}

static void
assert_mended (const gchar * offer, const gchar * text,
    GstWsctlMediaKind rejected)
{
  g_autoptr (GstWsctlAnswer) answer = read_answer (offer, text);
  g_auto (GStrv) sections = split (answer->sdp);
  const gchar *mended = sections[1 + rejected];

  assert_codec (answer, rejected, NULL);
  assert_codec (answer, !rejected,
      rejected == GST_WSCTL_MEDIA_KIND_AUDIO ? "H264" : "OPUS");
  g_assert_nonnull (strstr (sections[0], "a=group:BUNDLE 0 1\r\n"));
  g_assert_null (strstr (sections[0], "a=group:BUNDLE 1\r\n"));
  g_assert_nonnull (strstr (mended, rejected == GST_WSCTL_MEDIA_KIND_AUDIO
          ? "m=audio 9 " : "m=video 9 "));
  g_assert_nonnull (strstr (mended, rejected == GST_WSCTL_MEDIA_KIND_AUDIO
          ? "a=mid:0" : "a=mid:1"));
  g_assert_nonnull (strstr (mended, "a=inactive"));
  g_assert_null (strstr (mended, "a=sendonly"));
  g_assert_nonnull (strstr (mended, "a=setup:passive"));
  g_assert_null (strstr (mended, "a=setup:actpass"));
  g_assert_nonnull (strstr (mended, answer->ufrag));
  g_assert_nonnull (strstr (mended, answer->fingerprint));
}

static void
test_rejected (void)
{
  g_autofree gchar *offer = load ("mist-publish-offer.sdp");
  g_autofree gchar *text = load ("mist-publish-answer.sdp");
  g_autofree gchar *single = replace (text, "BUNDLE 0 1", "BUNDLE 1");
  g_auto (GStrv) parts = split (single);
  g_autofree gchar *first = g_strconcat (parts[0], REJECTED_AUDIO, parts[2],
      NULL);
  g_autofree gchar *second = g_strconcat (parts[0], parts[1], REJECTED_VIDEO,
      NULL);

  assert_mended (offer, first, GST_WSCTL_MEDIA_KIND_AUDIO);
  assert_mended (offer, second, GST_WSCTL_MEDIA_KIND_VIDEO);
}

/* Transport for all media may be said once, before the first of them. */
static void
test_session_level (void)
{
  g_autofree gchar *offer = load ("mist-publish-offer.sdp");
  g_autofree gchar *text = load ("mist-publish-answer.sdp");
  g_autofree gchar *bare = replace (text,
      "^a=(fingerprint|ice-ufrag|ice-pwd):.*\r\n", "");
  g_autofree gchar *full = replace (bare, "^a=group",
      "a=fingerprint:sha-256 AA:BB\r\na=ice-ufrag:u123\r\n"
      "a=ice-pwd:p1234567890123456789012\r\na=group");
  g_autoptr (GstWsctlAnswer) answer = read_answer (offer, full);

  g_assert_cmpstr (answer->fingerprint, ==, "sha-256 AA:BB");
  g_assert_cmpstr (answer->ufrag, ==, "u123");
  g_assert_cmpstr (answer->pwd, ==, "p1234567890123456789012");
}

/* A pattern in the recorded answer, what stands there instead, and what comes
 * of it. */
static const struct
{
  const gchar *name;
  const gchar *pattern;
  const gchar *with;
  GstWsctlError code;
} spoilt[] = {
  {"no fingerprint", "^a=fingerprint:.*\r\n", "", GST_WSCTL_ERROR_SIP_FAILED},
  {"no password", "^a=ice-pwd:.*\r\n", "", GST_WSCTL_ERROR_SIP_FAILED},
  {"no user", "^a=ice-ufrag:.*\r\n", "", GST_WSCTL_ERROR_SIP_FAILED},
  {"wrong kind", "^m=audio", "m=video", GST_WSCTL_ERROR_SIP_FAILED},
  {"other kind", "^m=video", "m=application", GST_WSCTL_ERROR_SIP_FAILED},
  {"number not offered", " 108\r\n|:108 ", " 77\r\n",
      GST_WSCTL_ERROR_NO_COMMON_CODEC},
  {"codec not offered", "H264/90000", "VP9/90000",
      GST_WSCTL_ERROR_NO_COMMON_CODEC},
  {"number of another codec", "^m=video.*108\r\n",
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n",
      GST_WSCTL_ERROR_NO_COMMON_CODEC},
  {"repair only", "H264/90000", "rtx/90000", GST_WSCTL_ERROR_NO_COMMON_CODEC},
  {"all rejected", "^m=(audio|video) 9", "m=\\1 0",
      GST_WSCTL_ERROR_NO_COMMON_CODEC},
};

static void
assert_error (const gchar * offer, const gchar * text, GstWsctlError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (gst_wsctl_answer_new (offer, text, &error));
  g_assert_error (error, GST_WSCTL_ERROR, (gint) code);
  g_test_message ("%s", error->message);
}

static void
test_spoilt (void)
{
  g_autofree gchar *offer = load ("mist-publish-offer.sdp");
  g_autofree gchar *text = load ("mist-publish-answer.sdp");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (spoilt); i++) {
    g_autoptr (GRegex) regex = g_regex_new (spoilt[i].pattern,
        G_REGEX_MULTILINE, 0, NULL);
    g_autofree gchar *changed = g_regex_replace (regex, text, -1, 0,
        spoilt[i].with, 0, NULL);

    g_test_message ("%s", spoilt[i].name);
    g_assert_cmpstr (changed, !=, text);
    assert_error (offer, changed, spoilt[i].code);
  }
}

static void
test_wrong_media (void)
{
  g_autofree gchar *offer = load ("mist-publish-offer.sdp");
  g_autofree gchar *text = load ("mist-publish-answer.sdp");
  g_auto (GStrv) parts = split (text);
  g_autofree gchar *one = g_strconcat (parts[0], parts[1], NULL);
  g_autofree gchar *three = g_strconcat (text, parts[2], NULL);
  g_autofree gchar *swapped = g_strconcat (parts[0], parts[2], parts[1], NULL);
  g_autofree gchar *both = g_strconcat (parts[0], REJECTED_AUDIO,
      REJECTED_VIDEO, NULL);

  assert_error (offer, parts[0], GST_WSCTL_ERROR_SIP_FAILED);
  assert_error (offer, one, GST_WSCTL_ERROR_SIP_FAILED);
  assert_error (offer, three, GST_WSCTL_ERROR_SIP_FAILED);
  assert_error (offer, swapped, GST_WSCTL_ERROR_SIP_FAILED);
  assert_error (offer, both, GST_WSCTL_ERROR_NO_COMMON_CODEC);
}

/* Whatever comes, it ends in an answer or in an error. */
static void
test_garbage (void)
{
  static const gchar *const rows[] = {
    "", "v=0", "hello", "{\"type\":1}", "\r\n\r\n", "v=0\r\nm=\r\nm=\r\n",
    "v=0\r\nm=audio\r\nm=video\r\n", "m=audio 9\r\nm=video 9 x y\r\n",
    "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF\r\nm=video 9 UDP/TLS/RTP/SAVPF\r\n",
    "\xff\xfe\x01", "a=mid:0\r\na=group:BUNDLE\r\n",
  };
  g_autofree gchar *offer = load ("mist-publish-offer.sdp");
  g_autofree gchar *text = load ("mist-publish-answer.sdp");
  g_autofree gchar *big = g_strnfill (64 * 1024 + 1, 'v');
  gsize size = strlen (text);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (gst_wsctl_answer_new (offer, rows[i], &error));
    g_assert_nonnull (error);
  }
  assert_error (offer, big, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE);

  for (i = 0; i < size; i += 7) {
    g_autofree gchar *cut = g_strndup (text, i);
    g_autofree gchar *flipped = g_strdup (text);
    g_autoptr (GstWsctlAnswer) one = NULL;
    g_autoptr (GstWsctlAnswer) other = NULL;

    flipped[i] = '\x7f';
    one = gst_wsctl_answer_new (offer, cut, NULL);
    other = gst_wsctl_answer_new (offer, flipped, NULL);
  }
}

static void
test_candidates (void)
{
  static const struct
  {
    const gchar *candidate;
    guint n;
  } rows[] = {
    {"1 1 udp 2130706431 127.0.0.1 1 typ host", 1},
    {"1 1 UDP 2130706431 ::1 65535 typ host generation 0", 1},
    {"1 2 udp 2130706431 127.0.0.1 1 typ host", 0},
    {"1 1 tcp 2130706431 127.0.0.1 9 typ host tcptype passive", 0},
    {"1 1 udp 2130706431 127.0.0.1 1 typ srflx raddr 1.2.3.4 rport 1", 0},
    {"1 1 udp 2130706431 host.local 1 typ host", 0},
    {"1 1 udp 2130706431 127.0.0.1 0 typ host", 0},
    {"1 1 udp 2130706431 127.0.0.1 65536 typ host", 0},
    {"1 1 udp 2130706431 127.0.0.1 x typ host", 0},
    {"1 1 udp", 0},
    {"", 0},
  };
  g_autofree gchar *offer = load ("mist-publish-offer.sdp");
  g_autofree gchar *text = load ("mist-publish-answer.sdp");
  g_autofree gchar *bare = replace (text, "^a=candidate:.*\r\n", "");
  g_autoptr (GString) many = g_string_new (bare);
  g_autoptr (GstWsctlAnswer) bounded = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *changed = g_strdup_printf ("%sa=candidate:%s\r\n", bare,
        rows[i].candidate);
    g_autoptr (GstWsctlAnswer) answer = read_answer (offer, changed);

    g_test_message ("%s", rows[i].candidate);
    g_assert_cmpuint (answer->candidates->len, ==, rows[i].n);
  }

  for (i = 0; i < 500; i++)
    g_string_append_printf (many, "a=candidate:1 1 udp 1 127.0.0.1 %u typ "
        "host\r\n", 1000 + i);
  bounded = read_answer (offer, many->str);
  g_assert_cmpuint (bounded->candidates->len, ==, 64);
}

static void
add_transceiver (GstElement * webrtcbin, const gchar * codec)
{
  g_autoptr (GstCaps) caps =
      gst_wsctl_codec_get_offer_caps (gst_wsctl_codec_find (codec), -1);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  g_signal_emit_by_name (webrtcbin, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, caps, &transceiver);
}

static void
set_description (GstElement * webrtcbin, const gchar * signal,
    GstWebRTCSessionDescription * description)
{
  g_autoptr (GstPromise) promise = gst_promise_new ();
  const GstStructure *reply;

  g_signal_emit_by_name (webrtcbin, signal, description, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  reply = gst_promise_get_reply (promise);
  if (reply != NULL && gst_structure_has_field (reply, "error")) {
    g_autofree gchar *text = gst_structure_to_string (reply);

    g_error ("%s: %s", signal, text);
  }
}

static gchar *
make_offer (GstElement * webrtcbin)
{
  g_autoptr (GstPromise) promise = gst_promise_new ();
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;

  g_signal_emit_by_name (webrtcbin, "create-offer", NULL, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (promise), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  set_description (webrtcbin, "set-local-description", offer);

  return gst_sdp_message_as_text (offer->sdp);
}

/* The answer of the recorded server to our own offer */
static gchar *
make_answer (const gchar * offer, gboolean audio, gboolean video)
{
  static const gchar section[] = "m=%s 9 UDP/TLS/RTP/SAVPF %u\r\n"
      "c=IN IP4 0.0.0.0\r\na=recvonly\r\na=rtcp:9\r\na=setup:passive\r\n"
      "a=fingerprint:sha-256 38:85:A0:B9:A1:1B:BB:D1:E5:4B:2A:6C:BB:34:81:D6:"
      "53:F0:E8:D8:4B:3E:E2:F6:E3:71:DF:9D:08:64:FC:92\r\n"
      "a=ice-ufrag:ZAaluOVTbf5UKbrs\r\n"
      "a=ice-pwd:DFaJ2nM63UsBnpE70xETPIYczxIzp7GS\r\n"
      "a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:%u %s\r\na=mid:%s\r\n"
      "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n"
      "a=end-of-candidates\r\n";
  g_autoptr (GRegex) regex = g_regex_new ("^a=mid:(.*)\r$", G_REGEX_MULTILINE,
      0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree gchar *first = NULL;
  g_autofree gchar *second = NULL;
  g_autofree gchar *one = NULL;
  g_autofree gchar *other = NULL;

  g_assert_true (g_regex_match (regex, offer, 0, &match));
  first = g_match_info_fetch (match, 1);
  g_assert_true (g_match_info_next (match, NULL));
  second = g_match_info_fetch (match, 1);

  one = audio ? g_strdup_printf (section, "audio", 111, 111, "opus/48000/2",
      first) : g_strdup (REJECTED_AUDIO);
  other = video ? g_strdup_printf (section, "video", 102, 102, "H264/90000",
      second) : g_strdup (REJECTED_VIDEO);

  return g_strdup_printf ("v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
      "a=ice-lite\r\na=group:BUNDLE%s%s%s%s\r\n%s%s", audio ? " " : "",
      audio ? first : "", video ? " " : "", video ? second : "", one, other);
}

static void
check_webrtcbin (gboolean audio, gboolean video)
{
  static const gchar *const loopback[] = { "127.0.0.1", NULL };
  const GstWsctlConnectionParams params = {.local_addresses = loopback };
  g_autoptr (GstWebRTCSessionDescription) description = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *offer = NULL;
  g_autofree gchar *text = NULL;
  g_autoptr (GstWsctlAnswer) answer = NULL;
  GstSDPMessage *message;
  GstElement *webrtcbin;
  NiceAgent *agent;

  webrtcbin = gst_wsctl_webrtcbin_new (&params, &agent, &error);
  g_assert_no_error (error);
  add_transceiver (webrtcbin, "OPUS");
  add_transceiver (webrtcbin, "H264");
  gst_element_set_state (webrtcbin, GST_STATE_PLAYING);

  offer = make_offer (webrtcbin);
  text = make_answer (offer, audio, video);
  answer = read_answer (offer, text);
  assert_codec (answer, GST_WSCTL_MEDIA_KIND_AUDIO, audio ? "OPUS" : NULL);
  assert_codec (answer, GST_WSCTL_MEDIA_KIND_VIDEO, video ? "H264" : NULL);

  gst_sdp_message_new_from_text (answer->sdp, &message);
  description = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      message);
  set_description (webrtcbin, "set-remote-description", description);

  gst_element_set_state (webrtcbin, GST_STATE_NULL);
  g_object_unref (agent);
  test_assert_finalize (webrtcbin);
}

static void
test_webrtcbin (void)
{
  check_webrtcbin (TRUE, TRUE);
  check_webrtcbin (FALSE, TRUE);
  check_webrtcbin (TRUE, FALSE);
}

/* Data channels, which are taken or not, are no medium. */
static void
check_data (guint port)
{
  g_autofree gchar *media_offer = load ("mist-play-offer.sdp");
  g_autofree gchar *media_answer = load ("mist-play-answer.sdp");
  g_autofree gchar *offer = g_strconcat (media_offer, "m=application 9 "
      "UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
      "a=mid:data\r\na=sctp-port:5000\r\n", NULL);
  g_autofree gchar *section = g_strdup_printf ("m=application %u "
      "UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
      "a=mid:7\r\na=sctp-port:5000\r\n", port);
  g_autofree gchar *text = g_strconcat (media_answer, section, NULL);
  g_autoptr (GstWsctlAnswer) answer = read_answer (offer, text);
  g_autoptr (GstSDPMessage) sdp = NULL;
  const GstSDPMedia *data;

  assert_codec (answer, GST_WSCTL_MEDIA_KIND_AUDIO, "OPUS");
  assert_codec (answer, GST_WSCTL_MEDIA_KIND_VIDEO, "H264");
  g_assert_cmpuint (answer->media->len, ==, 2);
  g_assert_cmpint (gst_sdp_message_new_from_text (answer->sdp, &sdp), ==,
      GST_SDP_OK);
  data = gst_sdp_message_get_media (sdp, 2);
  g_assert_cmpuint (gst_sdp_media_get_port (data), ==, port);
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (data, "mid"), ==, "data");
  g_assert_true (g_str_has_suffix (gst_sdp_message_get_attribute_val (sdp,
              "group"), " data"));
  /* webrtcbin wants one in a section that is rejected, too. */
  if (port == 0)
    g_assert_nonnull (gst_sdp_media_get_attribute_val (data, "fingerprint"));
}

static void
test_data (void)
{
  check_data (9);
  check_data (0);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/answer/recorded", test_recorded);
  test_add ("/answer/rejected", test_rejected);
  test_add ("/answer/session-level", test_session_level);
  test_add ("/answer/spoilt", test_spoilt);
  test_add ("/answer/wrong-media", test_wrong_media);
  test_add ("/answer/garbage", test_garbage);
  test_add ("/answer/candidates", test_candidates);
  test_add ("/answer/data", test_data);
  test_add ("/answer/webrtcbin", test_webrtcbin);

  return g_test_run ();
}
