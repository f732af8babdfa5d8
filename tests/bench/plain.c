/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The same by hand, as the tutorials show it: webrtcbin with its own
 * certificate, an offer when it asks for one, decodebin behind it. Socket and
 * offer are made side by side, which most tutorials do not do.
 */

#include "bench.h"

#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#define VIDEO_CAPS "application/x-rtp,media=video,encoding-name=H264," \
    "payload=96,clock-rate=90000"
#define AUDIO_CAPS "application/x-rtp,media=audio,encoding-name=OPUS," \
    "payload=97,clock-rate=48000"

typedef struct
{
  GstElement *pipeline;
  GstElement *webrtcbin;
  SoupSession *session;
  SoupMessage *request;
  SoupWebsocketConnection *socket;      /* NULL before it is open */
  gchar *offer;                 /* NULL before it is made */
} Plain;

static void
send_offer (Plain * self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  if (self->socket == NULL || self->offer == NULL)
    return;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "offer_sdp");
  json_builder_set_member_name (builder, "offer_sdp");
  json_builder_add_string_value (builder, self->offer);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  soup_websocket_connection_send_text (self->socket, text);
}

static gboolean
run_send_offer (gpointer data)
{
  send_offer (data);

  return G_SOURCE_REMOVE;
}

static void
on_offer (GstPromise * promise, gpointer data)
{
  Plain *self = data;
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;

  gst_structure_get (gst_promise_get_reply (promise), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  gst_promise_unref (promise);
  g_signal_emit_by_name (self->webrtcbin, "set-local-description", offer, NULL);
  self->offer = gst_sdp_message_as_text (offer->sdp);
  g_idle_add (run_send_offer, self);
}

static void
on_negotiation_needed (GstElement * webrtcbin, Plain * self)
{
  g_signal_emit_by_name (webrtcbin, "create-offer", NULL,
      gst_promise_new_with_change_func (on_offer, self, NULL));
}

static void
on_answer_set (GstPromise * promise, gpointer data)
{
  gst_promise_unref (promise);
  bench_note (BENCH_OPEN);
}

static void
on_state (GstElement * webrtcbin)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (webrtcbin, "connection-state", &state, NULL);
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
    bench_note (BENCH_CONNECTED);
}

static void
on_message (SoupWebsocketConnection * socket, SoupWebsocketDataType type,
    GBytes * bytes, Plain * self)
{
  g_autoptr (JsonNode) node =
      json_from_string (g_bytes_get_data (bytes, NULL), NULL);
  JsonObject *event = json_node_get_object (node);
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  GstSDPMessage *message;

  if (!g_str_equal (json_object_get_string_member (event, "type"),
          "on_answer_sdp"))
    return;

  gst_sdp_message_new_from_text (json_object_get_string_member (event,
          "answer_sdp"), &message);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      message);
  g_signal_emit_by_name (self->webrtcbin, "set-remote-description", answer,
      gst_promise_new_with_change_func (on_answer_set, self, NULL));
}

static void
on_socket (GObject * source, GAsyncResult * result, gpointer data)
{
  Plain *self = data;
  g_autoptr (GError) error = NULL;

  self->socket = soup_session_websocket_connect_finish (SOUP_SESSION (source),
      result, &error);
  if (self->socket == NULL)
    g_error ("%s", error->message);
  g_signal_connect (self->socket, "message", G_CALLBACK (on_message), self);
  send_offer (self);
}

static void
open_socket (Plain * self, const gchar * uri)
{
  self->session = soup_session_new ();
  self->request = soup_message_new (SOUP_METHOD_GET, uri);
  soup_session_websocket_connect_async (self->session, self->request, NULL,
      NULL, G_PRIORITY_DEFAULT, NULL, on_socket, self);
}

static Plain *
new_plain (const gchar * launch)
{
  Plain *self = g_new0 (Plain, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) ice = NULL;
  gboolean added;

  self->pipeline = gst_parse_launch (launch, &error);
  if (error != NULL)
    g_error ("%s", error->message);
  self->webrtcbin = gst_bin_get_by_name (GST_BIN (self->pipeline), "e");
  g_signal_connect (self->webrtcbin, "on-negotiation-needed",
      G_CALLBACK (on_negotiation_needed), self);
  g_signal_connect (self->webrtcbin, "notify::connection-state",
      G_CALLBACK (on_state), NULL);

  /* Without this, loopback is not tried at all. */
  g_object_get (self->webrtcbin, "ice-agent", &ice, NULL);
  g_signal_emit_by_name (ice, "add-local-ip-address", "127.0.0.1", &added);

  return self;
}

static void
set_direction (Plain * self, GstWebRTCRTPTransceiverDirection direction)
{
  g_autoptr (GArray) transceivers = NULL;
  guint i;

  g_signal_emit_by_name (self->webrtcbin, "get-transceivers", &transceivers);
  for (i = 0; i < transceivers->len; i++)
    g_object_set (g_array_index (transceivers, GObject *, i), "direction",
        direction, NULL);
}

static gpointer
start_publish (const gchar * uri)
{
  Plain *self = new_plain (BENCH_PICTURE "! videoconvert ! x264enc "
      "tune=zerolatency speed-preset=ultrafast "
      "! video/x-h264,profile=constrained-baseline "
      "! rtph264pay config-interval=-1 aggregate-mode=zero-latency "
      "! " VIDEO_CAPS " ! webrtcbin name=e bundle-policy=max-bundle");

  set_direction (self, GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY);
  bench_note (BENCH_START);
  open_socket (self, uri);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  bench_note (BENCH_STATE);

  return self;
}

/* The new element's pad; transfer full. */
static GstPad *
link_new (Plain * self, GstPad * pad, GstElement * element)
{
  GstPad *sink = gst_element_get_static_pad (element, "sink");

  gst_bin_add (GST_BIN (self->pipeline), element);
  gst_element_sync_state_with_parent (element);
  gst_pad_link (pad, sink);

  return sink;
}

static void
on_decoded_pad (GstElement * decodebin, GstPad * pad, Plain * self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstElement *element = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sink = NULL;

  g_object_set (element, "async", FALSE, NULL);
  sink = link_new (self, pad, element);
  if (gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw"))
    bench_note_first_buffer (sink);
}

static void
on_received_pad (GstElement * webrtcbin, GstPad * pad, Plain * self)
{
  GstElement *decodebin;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;

  decodebin = gst_element_factory_make ("decodebin", NULL);
  g_signal_connect (decodebin, "pad-added", G_CALLBACK (on_decoded_pad), self);
  gst_object_unref (link_new (self, pad, decodebin));
}

static void
add_receiver (Plain * self, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  g_signal_emit_by_name (self->webrtcbin, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
}

static gpointer
start_play (const gchar * uri)
{
  Plain *self = new_plain ("pipeline.( webrtcbin name=e "
      "bundle-policy=max-bundle )");

  g_signal_connect (self->webrtcbin, "pad-added", G_CALLBACK (on_received_pad),
      self);
  bench_note (BENCH_START);
  open_socket (self, uri);
  add_receiver (self, VIDEO_CAPS);
  add_receiver (self, AUDIO_CAPS);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  bench_note (BENCH_STATE);

  return self;
}

static void
stop (gpointer session)
{
  Plain *self = session;

  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->webrtcbin);
  gst_object_unref (self->pipeline);
  if (self->socket != NULL)
    g_signal_handlers_disconnect_by_data (self->socket, self);
  g_clear_object (&self->socket);
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_object_unref (self->request);
  g_free (self->offer);
  g_free (self);
}

const BenchClient bench_plain_publish = {
  "plain-publish", start_publish, stop
};
const BenchClient bench_plain_play = { "plain-play", start_play, stop };
