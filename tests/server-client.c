/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a client of the server needs, and no more.
 */

#include "server-client.h"

#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "testbare.h"
#include "testsupport.h"

#define VIDEO_CAPS "application/x-rtp,media=video,encoding-name=H264," \
    "payload=96,clock-rate=90000,packetization-mode=(string)1"
#define AUDIO_CAPS "application/x-rtp,media=audio,encoding-name=OPUS," \
    "payload=97,clock-rate=48000"
#define LOSSY_PT 96             /* video */
#define LOSSY_LATENCY_MS 200
#define MAX_BUNDLE 3
#define POLL_INTERVAL_MS 10

static void
on_message (SoupWebsocketConnection * socket, SoupWebsocketDataType type,
    GBytes * bytes, Client * self)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  g_queue_push_tail (&self->texts, g_strndup (data, size));
}

static void
on_closed (SoupWebsocketConnection * socket, Client * self)
{
  /* 0 for a connection that was just lost */
  self->close_code = soup_websocket_connection_get_close_code (socket);
  if (self->close_code == 0)
    self->close_code = SOUP_WEBSOCKET_CLOSE_ABNORMAL;
  self->over = TRUE;
}

static void
connect_done (GObject * source, GAsyncResult * result, gpointer data)
{
  Client *self = data;

  self->socket = soup_session_websocket_connect_finish (SOUP_SESSION (source),
      result, &self->error);
  if (self->socket == NULL) {
    self->over = TRUE;
    return;
  }
  soup_websocket_connection_set_max_incoming_payload_size (self->socket,
      1024 * 1024);
  g_signal_connect (self->socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->socket, "closed", G_CALLBACK (on_closed), self);
}

Client *
client_new (const gchar * uri, const gchar * path)
{
  Client *self = g_new0 (Client, 1);
  g_autofree gchar *full = g_strconcat (uri, path, NULL);

  self->context = g_main_context_ref_thread_default ();
  self->session = soup_session_new ();
  self->message = soup_message_new (SOUP_METHOD_GET, full);
  g_queue_init (&self->texts);
  g_mutex_init (&self->lock);
  soup_session_websocket_connect_async (self->session, self->message, NULL,
      NULL, G_PRIORITY_DEFAULT, NULL, connect_done, self);

  return self;
}

static void
stop_media (Client * self)
{
  if (self->pipeline == NULL)
    return;

  test_bare_stop (self->pipeline);
  g_clear_object (&self->webrtc);
  g_clear_object (&self->pipeline);
}

void
client_free (Client * self)
{
  stop_media (self);
  while (self->socket == NULL && !self->over)
    g_main_context_iteration (self->context, TRUE);
  if (self->socket != NULL) {
    g_signal_handlers_disconnect_by_data (self->socket, self);
    g_clear_object (&self->socket);
  }
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_object_unref (self->message);
  g_queue_clear_full (&self->texts, g_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->packets, g_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self->offer);
  g_main_context_unref (self->context);
  g_free (self);
}

static gboolean
is_decided (gpointer data)
{
  Client *self = data;

  return self->socket != NULL || self->over;
}

void
client_wait_open (Client * self)
{
  test_wait_until (self->context, is_decided, self, 0, "the socket opens");
  g_assert_no_error (self->error);
}

guint
client_wait_refused (Client * self)
{
  test_wait_until (self->context, is_decided, self, 0, "the socket fails");
  g_assert_null (self->socket);

  return soup_message_get_status (self->message);
}

void
client_send (Client * self, const gchar * text)
{
  soup_websocket_connection_send_text (self->socket, text);
}

static gboolean
has_text (gpointer data)
{
  Client *self = data;

  return self->texts.length > 0 || self->over;
}

gchar *
client_wait_text (Client * self)
{
  test_wait_until (self->context, has_text, self, 0, "a message comes");
  g_assert_cmpuint (self->texts.length, >, 0);

  return g_queue_pop_head (&self->texts);
}

static JsonObject *
parse (const gchar * text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);

  return json_object_ref (json_node_get_object (node));
}

JsonObject *
client_wait (Client * self, const gchar * type)
{
  for (;;) {
    g_autofree gchar *text = NULL;
    JsonObject *object;

    test_say (type);
    text = client_wait_text (self);
    object = parse (text);
    if (g_strcmp0 (json_object_get_string_member (object, "type"), type) == 0)
      return object;
    json_object_unref (object);
  }
}

gushort
client_wait_closed (Client * self)
{
  test_wait_flag (self->context, &self->over, "the socket closes");

  return self->close_code;
}

static GstPadProbeReturn
on_video (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Client *self = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gint height = 0;

  gst_structure_get_int (gst_caps_get_structure (caps, 0), "height", &height);
  g_atomic_int_set (&self->height, height);
  if (self->n_video == 0)
    self->first_video_us = g_get_monotonic_time ();
  g_atomic_int_inc (&self->n_video);
  g_main_context_wakeup (self->context);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_audio (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Client *self = data;

  g_atomic_int_inc (&self->n_audio);
  g_main_context_wakeup (self->context);

  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * webrtc, GstPad * pad, Client * self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *media =
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "media");
  gboolean video = g_str_equal (media, "video");
  GstElement *bin = gst_parse_bin_from_description (video
      ? "rtph264depay ! h264parse ! avdec_h264 ! fakesink name=out sync=false "
      "async=false" :
      "rtpopusdepay ! opusdec ! fakesink name=out sync=false async=false",
      TRUE, NULL);
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (bin), "out");
  g_autoptr (GstPad) sink = gst_element_get_static_pad (bin, "sink");
  g_autoptr (GstPad) end = gst_element_get_static_pad (out, "sink");

  gst_pad_add_probe (end, GST_PAD_PROBE_TYPE_BUFFER,
      video ? on_video : on_audio, self, NULL);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
}

static GstPadProbeReturn
on_kept_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Client *self = data;
  ClientPacket packet = {.arrived_us = g_get_monotonic_time () };
  guint8 header[8];

  if (gst_buffer_extract (info->data, 0, header, 8) < 8
      || header[0] >> 6 != 2 || (header[1] >= 192 && header[1] <= 223))
    return GST_PAD_PROBE_OK;

  packet.pt = header[1] & 0x7f;
  packet.seq = GST_READ_UINT16_BE (header + 2);
  packet.rtp_time = GST_READ_UINT32_BE (header + 4);
  g_mutex_lock (&self->lock);
  g_array_append_val (self->packets, packet);
  g_mutex_unlock (&self->lock);
  g_main_context_wakeup (self->context);

  return GST_PAD_PROBE_OK;
}

void
client_keep_packets (Client * self)
{
  self->packets = g_array_new (FALSE, FALSE, sizeof (ClientPacket));
}

GArray *
client_get_packets (Client * self, guint8 pt)
{
  GArray *packets = g_array_new (FALSE, FALSE, sizeof (ClientPacket));
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->packets->len; i++) {
    ClientPacket packet = g_array_index (self->packets, ClientPacket, i);

    if (packet.pt == pt)
      g_array_append_val (packets, packet);
  }
  g_mutex_unlock (&self->lock);

  return packets;
}

static void
on_source_added (GstBin * bin, GstBin * parent, GstElement * element,
    Client * self)
{
  g_autoptr (GstPad) pad = NULL;

  if (!g_str_has_prefix (GST_OBJECT_NAME (element), "nicesrc"))
    return;

  pad = gst_element_get_static_pad (element, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_kept_packet, self,
      NULL);
}

/* The header of a packet is not encrypted. */
static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Client *self = data;
  guint8 header[4];
  gint seq;

  if (gst_buffer_extract (info->data, 0, header, 4) < 4
      || header[0] >> 6 != 2 || (header[1] & 0x7f) != LOSSY_PT)
    return GST_PAD_PROBE_OK;

  seq = GST_READ_UINT16_BE (header + 2);
  if (seq == self->dropped_seq) {
    self->dropped_seq = -1;
    g_atomic_int_inc (&self->n_resent);
    g_main_context_wakeup (self->context);
    return GST_PAD_PROBE_OK;
  }
  if (++self->n_packets % self->drop_each != 0)
    return GST_PAD_PROBE_OK;
  self->dropped_seq = seq;

  return GST_PAD_PROBE_DROP;
}

static void
on_element_added (GstBin * bin, GstBin * parent, GstElement * element,
    Client * self)
{
  g_autoptr (GstPad) pad = NULL;

  if (g_str_has_prefix (GST_OBJECT_NAME (element), "nicesrc"))
    pad = gst_element_get_static_pad (element, "src");
  else if (g_str_has_prefix (GST_OBJECT_NAME (element), "nicesink"))
    pad = gst_element_get_static_pad (element, "sink");
  if (pad != NULL)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, self, NULL);
}

void
client_lose_packets (Client * self, guint drop_each)
{
  self->drop_each = drop_each;
  self->dropped_seq = -1;
}

/* webrtcbin asks for packets again only from sources that the answer names, and
 * this protocol's answers name none. */
static void
prepare_loss (Client * self)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (self->webrtc), "rtpbin");

  g_object_set (rtpbin, "do-retransmission", TRUE, NULL);
  g_object_set (self->webrtc, "latency", LOSSY_LATENCY_MS, NULL);
  g_signal_connect (self->pipeline, "deep-element-added",
      G_CALLBACK (on_element_added), self);
}

static void
start (Client * self, const gchar * launch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;
  gboolean added;

  test_warm_up ();
  self->pipeline = gst_parse_launch (launch, &error);
  g_assert_no_error (error);
  if (!GST_IS_PIPELINE (self->pipeline)) {
    GstElement *pipeline = gst_pipeline_new (NULL);

    gst_bin_add (GST_BIN (pipeline), self->pipeline);
    self->webrtc = g_object_ref (self->pipeline);
    self->pipeline = pipeline;
  } else {
    self->webrtc = gst_bin_get_by_name (GST_BIN (self->pipeline), "w");
  }
  g_object_set (self->webrtc, "bundle-policy", MAX_BUNDLE, "latency", 20, NULL);
  if (self->drop_each > 0)
    prepare_loss (self);
  if (self->packets != NULL)
    g_signal_connect (self->pipeline, "deep-element-added",
        G_CALLBACK (on_source_added), self);
  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  g_signal_emit_by_name (ice, "add-local-ip-address", "127.0.0.1", &added);
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, NULL);
}

void
client_start_publisher (Client * self, const gchar * launch)
{
  g_autoptr (GArray) transceivers = NULL;
  guint i;

  start (self, launch);
  g_signal_emit_by_name (self->webrtc, "get-transceivers", &transceivers);
  for (i = 0; i < transceivers->len; i++)
    g_object_set (g_array_index (transceivers, GObject *, i), "direction",
        GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

static void
add_receiver (Client * self, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  g_signal_emit_by_name (self->webrtc, "add-transceiver",
      GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
  g_object_set (transceiver, "do-nack", TRUE, NULL);
}

void
client_start_player (Client * self, gboolean video, gboolean audio)
{
  start (self, "webrtcbin name=w");
  g_signal_connect (self->webrtc, "pad-added", G_CALLBACK (on_pad_added), self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  if (video)
    add_receiver (self, VIDEO_CAPS);
  if (audio)
    add_receiver (self, AUDIO_CAPS);
}

void
client_send_offer (Client * self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, "offer_sdp");
  json_builder_set_member_name (builder, "offer_sdp");
  json_builder_add_string_value (builder, self->offer);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  self->offered_us = g_get_monotonic_time ();
  client_send (self, text);
}

void
client_offer (Client * self)
{
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;
  GstPromise *promise = gst_promise_new ();

  g_signal_emit_by_name (self->webrtc, "create-offer", NULL, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (gst_promise_get_reply (promise), "offer",
      GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  gst_promise_unref (promise);
  g_assert_nonnull (offer);
  g_signal_emit_by_name (self->webrtc, "set-local-description", offer, NULL);

  g_free (self->offer);
  self->offer = gst_sdp_message_as_text (offer->sdp);
  client_send_offer (self);
}

gchar *
client_take_answer (Client * self)
{
  g_autoptr (JsonObject) event = client_wait (self, "on_answer_sdp");
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  GstSDPMessage *message;
  const gchar *text;

  g_assert_true (json_object_get_boolean_member (event, "result"));
  text = json_object_get_string_member (event, "answer_sdp");
  g_assert_cmpint (gst_sdp_message_new_from_text (text, &message), ==,
      GST_SDP_OK);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER,
      message);
  self->answered_us = g_get_monotonic_time ();
  g_signal_emit_by_name (self->webrtc, "set-remote-description", answer, NULL);

  return g_strdup (text);
}

typedef struct
{
  Client *self;
  gint n_video, n_audio;
} Wanted;

static gboolean
has_media (gpointer data)
{
  Wanted *wanted = data;

  return g_atomic_int_get (&wanted->self->n_video) >= wanted->n_video
      && g_atomic_int_get (&wanted->self->n_audio) >= wanted->n_audio;
}

void
client_wait_media (Client * self, gint n_video, gint n_audio)
{
  Wanted wanted = { self, n_video, n_audio };

  test_wait_until (self->context, has_media, &wanted, 0, "media come");
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
client_poll_until (Client * self, gboolean (*condition) (gpointer data),
    gpointer data, const gchar * what)
{
  g_autoptr (GSource) source = g_timeout_source_new (POLL_INTERVAL_MS);

  g_source_set_callback (source, do_nothing, NULL, NULL);
  g_source_attach (source, self->context);
  test_wait_until (self->context, condition, data, 0, what);
  g_source_destroy (source);
}
