/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server's transport against webrtcbin. What the client sends is sent back
 * to it, so one session shows both directions.
 */

#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>
#include <unistd.h>

#include "wsctlerror.h"
#include "wsctllite-private.h"

#define WATCHDOG_SECONDS 120
#define N_PACKETS 20

typedef struct
{
  GMainContext *context;
  GstWsctlLitePort *port;
  GstWsctlLitePeer *peer;
  GstElement *pipeline;
  GstElement *webrtc;
  gboolean wrong_fingerprint;
  gint64 answered_us, reached_us, connected_us;
  guint n_rtp, n_rtcp;
  gint n_played;                /* atomic; counted on a streaming thread */
  GError *error;
  gboolean closed;
} Session;

static void
on_reached (GstWsctlLitePeer * peer, gpointer data)
{
  ((Session *) data)->reached_us = g_get_monotonic_time ();
}

static void
on_connected (GstWsctlLitePeer * peer, gpointer data)
{
  ((Session *) data)->connected_us = g_get_monotonic_time ();
}

/* A loop-back of its own SSRC would be a collision, so it gets another. */
static void
on_rtp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  Session *session = data;

  session->n_rtp++;
  packet[11] ^= 1;
  g_assert_true (gst_wsctl_lite_peer_send_rtp (peer, packet, size));
}

static void
on_rtcp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  ((Session *) data)->n_rtcp++;
}

static void
on_closed (GstWsctlLitePeer * peer, const GError * error, gpointer data)
{
  Session *session = data;

  session->closed = TRUE;
  session->error = error != NULL ? g_error_copy (error) : NULL;
}

static const GstWsctlLitePeerCallbacks callbacks = {
  .reached = on_reached,
  .connected = on_connected,
  .rtp = on_rtp,
  .rtcp = on_rtcp,
  .closed = on_closed,
};

static gchar *
make_answer (Session * session, const GstSDPMedia * offer)
{
  g_auto (GStrv) candidates =
      gst_wsctl_lite_port_get_candidates (session->port);

  return g_strdup_printf ("v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
      "a=ice-lite\r\na=group:BUNDLE %s\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\n"
      "a=sendrecv\r\na=setup:passive\r\na=fingerprint:%s\r\n"
      "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=rtcp-mux\r\n"
      "a=rtpmap:%s OPUS/48000/2\r\na=mid:%s\r\na=candidate:%s\r\n"
      "a=end-of-candidates\r\n",
      gst_sdp_media_get_attribute_val (offer, "mid"),
      gst_sdp_media_get_format (offer, 0),
      gst_wsctl_lite_port_get_fingerprint (session->port),
      gst_wsctl_lite_peer_get_ufrag (session->peer),
      gst_wsctl_lite_peer_get_pwd (session->peer),
      gst_sdp_media_get_format (offer, 0),
      gst_sdp_media_get_attribute_val (offer, "mid"), candidates[0]);
}

static void
set_answer (Session * session, const gchar * text)
{
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  GstSDPMessage *message;

  g_assert_cmpint (gst_sdp_message_new_from_text (text, &message), ==,
      GST_SDP_OK);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      message);
  session->answered_us = g_get_monotonic_time ();
  g_signal_emit_by_name (session->webrtc, "set-remote-description", answer,
      NULL);
}

static void
negotiate (Session * session)
{
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  g_autofree gchar *answer = NULL;
  GstPromise *promise = gst_promise_new ();
  const GstSDPMedia *media;

  g_signal_emit_by_name (session->webrtc, "create-offer", NULL, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (promise), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  gst_promise_unref (promise);
  g_signal_emit_by_name (session->webrtc, "set-local-description", offer, NULL);

  media = gst_sdp_message_get_media (offer->sdp, 0);
  session->peer = gst_wsctl_lite_peer_new (session->port,
      gst_sdp_media_get_attribute_val (media, "ice-ufrag"),
      session->wrong_fingerprint
      ? gst_wsctl_lite_port_get_fingerprint (session->port)
      : gst_sdp_media_get_attribute_val (media, "fingerprint"), &callbacks,
      session);
  answer = make_answer (session, media);
  set_answer (session, answer);
}

static GstPadProbeReturn
on_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Session *session = data;

  g_atomic_int_inc (&session->n_played);
  g_main_context_wakeup (session->context);

  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * webrtc, GstPad * pad, Session * session)
{
  g_autoptr (GstPad) sink = NULL;
  GstElement *fakesink;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;

  fakesink = gst_element_factory_make ("fakesink", NULL);
  g_object_set (fakesink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (session->pipeline), fakesink);
  sink = gst_element_get_static_pad (fakesink, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, session, NULL);
  gst_element_sync_state_with_parent (fakesink);
  gst_pad_link (pad, sink);
}

static void
start (Session * session)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;
  gboolean added;

  session->context = g_main_context_ref_thread_default ();
  session->port = gst_wsctl_lite_port_new ("127.0.0.1", 0, NULL, &error);
  g_assert_no_error (error);

  session->pipeline = gst_parse_launch ("webrtcbin name=w bundle-policy=3 "
      "audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=97 ! "
      "application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! w.",
      &error);
  g_assert_no_error (error);
  session->webrtc = gst_bin_get_by_name (GST_BIN (session->pipeline), "w");
  g_signal_connect (session->webrtc, "pad-added", G_CALLBACK (on_pad_added),
      session);
  g_object_get (session->webrtc, "ice-agent", &ice, NULL);
  g_signal_emit_by_name (ice, "add-local-ip-address", "127.0.0.1", &added);
  g_assert_true (added);
  /* Looks for a router on every interface otherwise */
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, NULL);

  gst_element_set_state (session->pipeline, GST_STATE_PLAYING);
  negotiate (session);
}

static void
stop (Session * session)
{
  gst_wsctl_lite_peer_close (session->peer);
  gst_element_set_state (session->pipeline, GST_STATE_NULL);
  gst_object_unref (session->webrtc);
  gst_object_unref (session->pipeline);
  g_object_unref (session->peer);
  g_object_unref (session->port);
  g_main_context_unref (session->context);
  g_clear_error (&session->error);
}

static void
test_both_ways (void)
{
  Session session = { 0, };

  start (&session);
  while (session.n_rtp < N_PACKETS
      || g_atomic_int_get (&session.n_played) < N_PACKETS)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (session.error);
  g_test_message ("answer to first check %" G_GINT64_FORMAT
      " us, first check to connected %" G_GINT64_FORMAT " us",
      session.reached_us - session.answered_us,
      session.connected_us - session.reached_us);
  stop (&session);
}

static void
test_wrong_fingerprint (void)
{
  Session session = { 0, };

  session.wrong_fingerprint = TRUE;
  start (&session);
  while (!session.closed)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (session.error, GST_WSCTL_ERROR,
      GST_WSCTL_ERROR_FINGERPRINT_MISMATCH);
  g_assert_cmpint (session.connected_us, ==, 0);
  g_assert_cmpuint (session.n_rtp, ==, 0);
  stop (&session);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  alarm (WATCHDOG_SECONDS);

  g_test_add_func ("/lite-webrtcbin/both-ways", test_both_ways);
  g_test_add_func ("/lite-webrtcbin/wrong-fingerprint", test_wrong_fingerprint);

  return g_test_run ();
}
