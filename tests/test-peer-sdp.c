/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What peers describe, what is safe to pass on, and what goes on which m-line.
 */

#include <string.h>

#include "testsupport.h"
#include "wsctlerror.h"
#include "wsctlpeersdp-private.h"
#include "wsctlremote-private.h"

#define START "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
#define GROUP "a=group:BUNDLE 0 1\r\n"
#define TRANSPORT "a=ice-ufrag:f\r\na=ice-pwd:p\r\n" \
    "a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=rtcp-mux\r\n"
#define AUDIO(direction) "m=audio 9 UDP/TLS/RTP/SAVPF 111 8\r\n" \
    "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:111 OPUS/48000/2\r\n" \
    "a=rtpmap:8 PCMA/8000\r\na=" direction "\r\n" TRANSPORT
#define VIDEO(direction) "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\n" \
    "c=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n" \
    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 H264/90000\r\n" \
    "a=" direction "\r\n" TRANSPORT

static GstWsctlPeerSdp *
parse (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  GstWsctlPeerSdp *sdp = gst_wsctl_peer_sdp_new (text, &error);

  g_assert_no_error (error);

  return sdp;
}

static const GstWsctlPeerMedium *
get_medium (const GstWsctlPeerSdp * sdp, guint index)
{
  return g_ptr_array_index (sdp->media, index);
}

static void
test_read (void)
{
  g_autoptr (GstWsctlPeerSdp) sdp =
      parse (START GROUP AUDIO ("sendrecv") VIDEO ("recvonly"));
  const GstWsctlPeerMedium *audio = get_medium (sdp, 0);
  const GstWsctlPeerMedium *video = get_medium (sdp, 1);

  g_assert_cmpuint (sdp->media->len, ==, 2);
  g_assert_cmpstr (sdp->ufrag, ==, "f");
  g_assert_cmpstr (sdp->fingerprint, ==, "sha-256 AA:BB");
  g_assert_cmpint (audio->kind, ==, GST_WSCTL_MEDIA_KIND_AUDIO);
  g_assert_true (audio->sends && audio->receives);
  g_assert_cmpuint (audio->codecs->len, ==, 2);
  g_assert_false (video->sends);
  g_assert_true (video->receives);
  g_assert_cmpuint (video->codecs->len, ==, 2);
  g_assert_cmpint (gst_wsctl_peer_medium_get_payload (video,
          gst_wsctl_codec_find ("H264")), ==, 98);
  g_assert_cmpint (gst_wsctl_peer_medium_get_payload (video,
          gst_wsctl_codec_find ("VP9")), ==, -1);
}

/* webrtcbin would assert on some of these. */
static void
test_refused (void)
{
  static const gchar *const cases[] = {
    "",
    "garbage",
    START,
    START GROUP,
    START AUDIO ("sendrecv"),
    START "a=group:BUNDLE 1\r\n" AUDIO ("sendrecv"),
    START "a=group:BUNDLE 0 5\r\n" AUDIO ("sendrecv"),
    START "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\n" TRANSPORT,
    START "a=group:BUNDLE 0\r\n" AUDIO ("sendrecv") AUDIO ("sendrecv"),
    START "a=group:BUNDLE 0\r\nm=text 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:0\r\n"
        TRANSPORT,
    START "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:0\r\n",
    START "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:0\r\n"
        "a=ice-ufrag:f\r\na=ice-pwd:p\r\n",
    START "a=group:BUNDLE 0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 8\r\na=mid:0\r\n"
        TRANSPORT,
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GstWsctlPeerSdp) sdp = gst_wsctl_peer_sdp_new (cases[i], &error);

    if (sdp != NULL)
      g_error ("case %u is taken", i);
    g_assert_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED);
  }
}

/* Any piece of a description is read or refused. */
static void
test_pieces (void)
{
  const gchar *whole = START GROUP AUDIO ("sendrecv") VIDEO ("sendrecv");
  gsize size;

  for (size = 0; size <= strlen (whole); size++) {
    g_autofree gchar *piece = g_strndup (whole, size);
    g_autoptr (GstWsctlPeerSdp) sdp = gst_wsctl_peer_sdp_new (piece, NULL);
  }
}

static GPtrArray *
make_tracks (const gchar * first, const gchar * second)
{
  GPtrArray *tracks = g_ptr_array_new ();

  if (first != NULL)
    g_ptr_array_add (tracks, (gpointer) gst_wsctl_codec_find (first));
  if (second != NULL)
    g_ptr_array_add (tracks, (gpointer) gst_wsctl_codec_find (second));

  return tracks;
}

static const gchar *
get_first_codec (const GstWsctlPeerPlan * plan)
{
  return gst_structure_get_string (gst_caps_get_structure (plan->caps, 0),
      "encoding-name");
}

/* Whatever we send, the peer finds a place for each kind. */
static void
test_offer (void)
{
  g_autoptr (GPtrArray) tracks = make_tracks ("VP8", NULL);
  g_autoptr (GPtrArray) plans = gst_wsctl_peer_plan_offer (tracks, NULL);
  const GstWsctlPeerPlan *video, *audio;

  g_assert_cmpuint (plans->len, ==, 2);
  video = g_ptr_array_index (plans, 0);
  audio = g_ptr_array_index (plans, 1);
  g_assert_cmpint (video->track, ==, 0);
  g_assert_true (video->receives);
  g_assert_cmpstr (get_first_codec (video), ==, "VP8");
  g_assert_cmpint (audio->kind, ==, GST_WSCTL_MEDIA_KIND_AUDIO);
  g_assert_cmpint (audio->track, ==, -1);
  g_assert_true (audio->receives);
  g_assert_true (gst_wsctl_peer_plan_is_complete (plans, 1));
}

/* A peer's track of another codec keeps a section of its own. */
static void
test_offer_beside (void)
{
  g_autoptr (GstWsctlPeerSdp) remote =
      parse (START GROUP AUDIO ("sendrecv") VIDEO ("sendrecv"));
  g_autoptr (GPtrArray) tracks = make_tracks ("H264", "OPUS");
  g_autoptr (GPtrArray) plans = gst_wsctl_peer_plan_offer (tracks, remote);
  const GstWsctlPeerPlan *beside;

  g_assert_cmpuint (plans->len, ==, 3);
  beside = g_ptr_array_index (plans, 1);
  g_assert_cmpstr (get_first_codec (beside), ==, "VP8");
  g_assert_cmpint (beside->track, ==, -1);
}

static void
test_answer (void)
{
  static const struct
  {
    const gchar *sdp;
    const gchar *first, *second;
    gint audio, video;          /* the track on it */
    gboolean complete;
  } cases[] = {
    {START GROUP AUDIO ("sendrecv") VIDEO ("sendrecv"), "VP8", "OPUS", 1, 0,
        TRUE},
    {START GROUP AUDIO ("sendrecv") VIDEO ("sendrecv"), NULL, NULL, -1, -1,
        TRUE},
    /* Both send on one only with the same codec. */
    {START GROUP AUDIO ("sendrecv") VIDEO ("sendrecv"), "H264", NULL, -1, -1,
        FALSE},
    {START GROUP AUDIO ("sendrecv") VIDEO ("recvonly"), "H264", NULL, -1, 0,
        TRUE},
    {START GROUP AUDIO ("sendonly") VIDEO ("inactive"), "VP8", "OPUS", -1, -1,
        FALSE},
    {START GROUP AUDIO ("recvonly") VIDEO ("recvonly"), "VP8", "VP8", -1, 0,
        FALSE},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstWsctlPeerSdp) sdp = parse (cases[i].sdp);
    g_autoptr (GPtrArray) tracks =
        make_tracks (cases[i].first, cases[i].second);
    g_autoptr (GPtrArray) plans = gst_wsctl_peer_plan_answer (tracks, sdp);
    const GstWsctlPeerPlan *audio = g_ptr_array_index (plans, 0);
    const GstWsctlPeerPlan *video = g_ptr_array_index (plans, 1);

    g_assert_cmpuint (plans->len, ==, 2);
    if (audio->track != cases[i].audio || video->track != cases[i].video)
      g_error ("case %u: audio %d, video %d", i, audio->track, video->track);
    g_assert_true (gst_wsctl_peer_plan_is_complete (plans, tracks->len)
        == cases[i].complete);
    g_assert_true (audio->receives == get_medium (sdp, 0)->sends);
    g_assert_true (video->receives == get_medium (sdp, 1)->sends);
  }
}

#define M "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:"
#define CANDIDATE "a=candidate:1 1 udp 1 "

/* What of a description webrtcbin cannot read where it stands */
static void
test_mend (void)
{
  static const struct
  {
    const gchar *sdp;
    const gchar *setup[2];
    guint n_names;
    guint mline;                /* of the first name */
  } cases[] = {
    {START GROUP "a=setup:active\r\n" M "0\r\n" M "1\r\n",
        {"active", "active"}},
    {START GROUP "a=setup:active\r\n" M "0\r\na=setup:passive\r\n" M "1\r\n",
        {"passive", "active"}},
    {START GROUP M "0\r\na=ice-ufrag:f\r\na=setup:passive\r\n" M "1\r\n",
        {"passive", "passive"}},
    {START GROUP M "0\r\n" M "1\r\na=ice-ufrag:f\r\na=setup:passive\r\n",
        {"passive", "passive"}},
    {START M "0\r\na=ice-ufrag:f\r\na=setup:passive\r\n" M "1\r\n",
        {"passive", NULL}},
    {START M "0\r\n" CANDIDATE "192.0.2.1 9 typ host\r\n" CANDIDATE
          "h.test 9 typ host\r\n" M "1\r\n", {NULL, NULL}, 1, 0},
    {START M "0\r\n" M "1\r\n" CANDIDATE "x.local 9 typ host\r\n" CANDIDATE
          "fe80::1%eth0 9 typ host\r\n" CANDIDATE "fe80::1 9 typ host\r\n",
        {NULL, NULL}, 2, 1},
    {START GROUP M "0\r\n" M "1\r\n" CANDIDATE "x.local 9 typ host\r\n",
        {NULL, NULL}, 1, 0},
    {START M "0\r\na=candidate:\r\na=candidate:1 1 udp\r\n" M "1\r\n",
        {NULL, NULL}, 0},
  };
  guint i, n;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstSDPMessage) sdp = NULL;
    g_autoptr (GPtrArray) names =
        g_ptr_array_new_with_free_func (gst_wsctl_remote_name_free);
    g_autofree gchar *rest = NULL;

    g_test_message ("case %u", i);
    g_assert_cmpint (gst_sdp_message_new_from_text (cases[i].sdp, &sdp), ==,
        GST_SDP_OK);
    gst_wsctl_remote_complete (sdp);
    for (n = 0; n < 2; n++)
      g_assert_cmpstr (gst_sdp_media_get_attribute_val
          (gst_sdp_message_get_media (sdp, n), "setup"), ==, cases[i].setup[n]);

    gst_wsctl_remote_take_names (sdp, names);
    g_assert_cmpuint (names->len, ==, cases[i].n_names);
    if (names->len > 0)
      g_assert_cmpuint (((GstWsctlRemoteName *) names->pdata[0])->mline, ==,
          cases[i].mline);
    rest = gst_sdp_message_as_text (sdp);
    g_assert_null (strstr (rest, "test"));
    g_assert_null (strstr (rest, "local"));
    g_assert_null (strchr (rest, '%'));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);
  test_add ("/peer-sdp/read", test_read);
  test_add ("/peer-sdp/refused", test_refused);
  test_add ("/peer-sdp/pieces", test_pieces);
  test_add ("/peer-sdp/offer", test_offer);
  test_add ("/peer-sdp/offer-beside", test_offer_beside);
  test_add ("/peer-sdp/answer", test_answer);
  test_add ("/peer-sdp/mend", test_mend);

  return g_test_run ();
}
