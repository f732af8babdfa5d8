/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Both sides of a session, without the signalling.
 */

#include "media-session.h"

#include <gst/sdp/sdp.h>
#include <string.h>

#include "wsctlcodec-private.h"

static void
on_connected (GstWsctlLitePeer * peer, gpointer data)
{
  ((MediaServer *) data)->connected = TRUE;
}

static void
on_rtp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  MediaServer *self = data;

  self->n_rtp++;
  if (self->on_rtp != NULL)
    self->on_rtp (packet, size, self->data);
}

static void
on_rtcp (GstWsctlLitePeer * peer, guint8 * packet, gsize size, gpointer data)
{
  MediaServer *self = data;

  self->n_rtcp++;
  if (self->on_rtcp != NULL)
    self->on_rtcp (packet, size, self->data);
}

static void
on_closed (GstWsctlLitePeer * peer, const GError * error, gpointer data)
{
  ((MediaServer *) data)->closed = TRUE;
}

static const GstWsctlLitePeerCallbacks peer_callbacks = {
  .connected = on_connected,
  .rtp = on_rtp,
  .rtcp = on_rtcp,
  .closed = on_closed,
};

MediaServer *
media_server_new (void)
{
  MediaServer *self = g_new0 (MediaServer, 1);
  g_autoptr (GError) error = NULL;

  self->port = gst_wsctl_lite_port_new ("127.0.0.1", 0, NULL, &error);
  g_assert_no_error (error);

  return self;
}

static const gchar *
get_rtpmap (const GstSDPMedia * media, const gchar * format)
{
  guint i;

  for (i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

    if (strcmp (attribute->key, "rtpmap") == 0
        && g_str_has_prefix (attribute->value, format)
        && attribute->value[strlen (format)] == ' ')
      return attribute->value;
  }

  g_assert_not_reached ();
}

/* The repair flow for the first format, which is what webrtcbin offers one for */
static void
append_repair (const GstSDPMedia * offered, GString * sdp)
{
  guint i;

  for (i = 1; i < gst_sdp_media_formats_len (offered); i++) {
    const gchar *format = gst_sdp_media_get_format (offered, i);
    const gchar *rtpmap = get_rtpmap (offered, format);

    if (strstr (rtpmap, " rtx/") == NULL)
      continue;
    g_string_append_printf (sdp, "a=rtpmap:%s\r\na=fmtp:%s apt=%s\r\n",
        rtpmap, format, gst_sdp_media_get_format (offered, 0));
    return;
  }
}

/* Both that are offered for the first format */
static void
append_parity (const GstSDPMedia * offered, GString * sdp)
{
  static const gchar *const names[] = { " red/", " ulpfec/" };
  guint i, j;

  for (j = 0; j < G_N_ELEMENTS (names); j++) {
    for (i = 1; i < gst_sdp_media_formats_len (offered); i++) {
      const gchar *rtpmap = get_rtpmap (offered,
          gst_sdp_media_get_format (offered, i));

      if (strstr (rtpmap, names[j]) == NULL)
        continue;
      g_string_append_printf (sdp, "a=rtpmap:%s\r\n", rtpmap);
      break;
    }
  }
}

static void
append_transport_cc (const GstSDPMedia * offered, GString * sdp)
{
  guint i;

  for (i = 0; i < gst_sdp_media_attributes_len (offered); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (offered, i);

    if (strcmp (attribute->key, "extmap") == 0
        && strstr (attribute->value, "transport-wide-cc") != NULL)
      g_string_append_printf (sdp, "a=extmap:%s\r\na=rtcp-fb:* transport-cc"
          "\r\n", attribute->value);
  }
}

/* What is beside the first format: lines of the section */
static gchar *
list_extras (MediaServer * self, const GstSDPMedia * offered)
{
  GString *sdp = g_string_new (NULL);

  if (self->repair)
    append_repair (offered, sdp);
  if (self->parity)
    append_parity (offered, sdp);
  if (self->transport_cc)
    append_transport_cc (offered, sdp);

  return g_string_free (sdp, FALSE);
}

static gchar *
list_formats (const GstSDPMedia * offered, const gchar * extras)
{
  GString *formats = g_string_new (gst_sdp_media_get_format (offered, 0));
  const gchar *line;

  for (line = strstr (extras, "a=rtpmap:"); line != NULL;
      line = strstr (line + 1, "a=rtpmap:"))
    g_string_append_printf (formats, " %d", atoi (line + strlen ("a=rtpmap:")));

  return g_string_free (formats, FALSE);
}

/* Rejected as MistServer does it: nothing but the m-line and a direction. */
static void
append_media (MediaServer * self, const GstSDPMedia * offered, GString * sdp)
{
  const gchar *name = gst_sdp_media_get_media (offered);
  const gchar *format = gst_sdp_media_get_format (offered, 0);
  gboolean sending =
      gst_sdp_media_get_attribute_val (offered, "sendonly") != NULL;
  gboolean rejected = self->reject[strcmp (name, "video") == 0];
  g_auto (GStrv) candidates = NULL;
  g_autofree gchar *extras = NULL;
  g_autofree gchar *formats = NULL;

  if (rejected) {
    g_string_append_printf (sdp, "m=%s 0 UDP/TLS/RTP/SAVPF 0\r\n"
        "c=IN IP4 0.0.0.0\r\na=inactive\r\n", name);
    return;
  }

  candidates = gst_wsctl_lite_port_get_candidates (self->port);
  extras = list_extras (self, offered);
  formats = list_formats (offered, extras);
  g_string_append_printf (sdp, "m=%s 9 UDP/TLS/RTP/SAVPF %s\r\n"
      "c=IN IP4 0.0.0.0\r\na=%s\r\na=setup:passive\r\na=fingerprint:%s\r\n"
      "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=rtcp-mux\r\na=rtpmap:%s\r\n"
      "a=mid:%s\r\na=candidate:%s\r\na=end-of-candidates\r\n%s", name, formats,
      sending ? "recvonly" : "sendonly",
      self->fingerprint != NULL ? self->fingerprint
      : gst_wsctl_lite_port_get_fingerprint (self->port),
      gst_wsctl_lite_peer_get_ufrag (self->peer),
      gst_wsctl_lite_peer_get_pwd (self->peer), get_rtpmap (offered, format),
      gst_sdp_media_get_attribute_val (offered, "mid"), candidates[0], extras);
}

static gchar *
rewrite (const gchar * text, const gchar * pattern, const gchar * with)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  gchar *result = g_regex_replace (regex, text, -1, 0, with, 0, NULL);

  g_assert_cmpstr (result, !=, text);
  g_test_message ("%s", result);

  return result;
}

gchar *
media_server_answer (MediaServer * self, const gchar * text)
{
  g_autoptr (GString) sdp = g_string_new ("v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\n"
      "s=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE");
  g_autoptr (GstSDPMessage) offer = NULL;
  const GstSDPMedia *first;
  guint i;

  g_assert_cmpint (gst_sdp_message_new_from_text (text, &offer), ==,
      GST_SDP_OK);
  first = gst_sdp_message_get_media (offer, 0);
  g_assert_null (self->peer);
  self->peer = gst_wsctl_lite_peer_new (self->port,
      gst_sdp_media_get_attribute_val (first, "ice-ufrag"),
      gst_sdp_media_get_attribute_val (first, "fingerprint"), &peer_callbacks,
      self);

  for (i = 0; i < gst_sdp_message_medias_len (offer); i++)
    g_string_append_printf (sdp, " %s",
        gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (offer, i),
            "mid"));
  g_string_append (sdp, "\r\n");
  for (i = 0; i < gst_sdp_message_medias_len (offer); i++)
    append_media (self, gst_sdp_message_get_media (offer, i), sdp);

  return self->pattern == NULL ? g_strdup (sdp->str)
      : rewrite (sdp->str, self->pattern, self->with);
}

void
media_server_free (MediaServer * self)
{
  if (self->peer != NULL) {
    gst_wsctl_lite_peer_close (self->peer);
    test_assert_finalize (self->peer);
  }
  test_assert_finalize (self->port);
  g_free (self);
}

static void
on_state (GstWsctlConnection * connection, GParamSpec * pspec,
    MediaClient * self)
{
  g_assert_true (gst_wsctl_loop_is_current (self->loop));

  g_atomic_int_set (&self->state, gst_wsctl_connection_get_state (connection));
  g_main_context_wakeup (self->context);
}

MediaClient *
media_client_new_bare (void)
{
  static const gchar *const loopback[] = { "127.0.0.1", NULL };
  const GstWsctlConnectionParams params = {
    .latency_ms = 50,.local_addresses = loopback
  };
  MediaClient *self = g_new0 (MediaClient, 1);
  g_autoptr (GError) error = NULL;

  self->context = g_main_context_ref_thread_default ();
  self->loop = gst_wsctl_loop_get_shared ();
  self->connection = gst_wsctl_connection_new (&params, &error);
  g_assert_no_error (error);
  g_signal_connect (self->connection, "notify::state", G_CALLBACK (on_state),
      self);

  return self;
}

static void
add_media (MediaClient * self, const gchar * codec, gboolean sending)
{
  const GstWsctlCodec *row = gst_wsctl_codec_find (codec);
  g_autoptr (GstCaps) caps = gst_wsctl_codec_get_offer_caps (row, -1);

  gst_wsctl_connection_add_media (self->connection, row->kind, sending, caps);
}

void
media_client_add_audio (MediaClient * self, gboolean sending)
{
  add_media (self, "OPUS", sending);
}

void
media_client_add_media (MediaClient * self, gboolean sending)
{
  add_media (self, "OPUS", sending);
  add_media (self, "VP8", sending);
}

static void
link_track (MediaClient * self, const gchar * name, GstWsctlMediaKind kind)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (self->pipeline), name);
  g_autoptr (GstPad) src = NULL;
  g_autoptr (GstPad) sink = NULL;

  if (element == NULL)
    return;

  src = gst_element_get_static_pad (element, "src");
  sink = gst_wsctl_connection_get_sink_pad (self->connection, kind);
  g_assert_nonnull (sink);
  g_assert_cmpint (gst_pad_link (src, sink), ==, GST_PAD_LINK_OK);
}

static void
on_pad_added (GstElement * webrtcbin, GstPad * pad, GstElement * pipeline)
{
  GstElement *sink;
  g_autoptr (GstPad) sink_pad = NULL;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;

  sink = gst_element_factory_make ("fakesink", NULL);
  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (pipeline), sink);
  sink_pad = gst_element_get_static_pad (sink, "sink");
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, sink_pad);
}

MediaClient *
media_client_new (const gchar * launch)
{
  MediaClient *self = media_client_new_bare ();
  GstElement *webrtcbin = gst_wsctl_connection_get_element (self->connection);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  /* Whatever the text, a pipeline */
  text = g_strdup_printf ("%s fakesrc num-buffers=0 ! fakesink async=false",
      launch != NULL ? launch : "");
  self->pipeline = gst_parse_launch (text, &error);
  g_assert_no_error (error);
  gst_bin_add (GST_BIN (self->pipeline), webrtcbin);
  g_signal_connect (webrtcbin, "pad-added", G_CALLBACK (on_pad_added),
      self->pipeline);

  return self;
}

static void
recalculate_latency (GstElement * pipeline, gpointer data)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline));
}

/* As an application does, or rtpsession cannot tell the time of what it sends. */
static GstBusSyncReply
on_bus_message (GstBus * bus, GstMessage * message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY)
    gst_element_call_async (data, recalculate_latency, NULL, NULL);
  gst_message_unref (message);

  return GST_BUS_DROP;
}

void
media_client_play (MediaClient * self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  gst_bus_set_sync_handler (bus, on_bus_message, self->pipeline, NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

typedef struct
{
  MediaClient *client;
  const gchar *text;
} Call;

static void
offer_done (GObject * negotiator, GAsyncResult * result, gpointer data)
{
  MediaClient *self = data;

  g_assert_true (gst_wsctl_loop_is_current (self->loop));
  g_assert_null (self->offer);
  g_assert_null (self->offer_error);
  self->offer = gst_wsctl_connection_create_offer_finish (self->connection,
      result, &self->offer_error);
  g_assert_true ((self->offer == NULL) == (self->offer_error != NULL));
  g_atomic_int_inc (&self->n_offers);
  g_main_context_wakeup (self->context);
}

static void
run_create_offer (gpointer data)
{
  MediaClient *self = data;

  gst_wsctl_connection_create_offer_async (self->connection, offer_done, self);
}

void
media_client_create_offer (MediaClient * self)
{
  gst_wsctl_loop_call_sync (self->loop, run_create_offer, self);
}

static void
answer_done (GObject * negotiator, GAsyncResult * result, gpointer data)
{
  MediaClient *self = data;
  gboolean set;

  g_assert_true (gst_wsctl_loop_is_current (self->loop));
  g_clear_error (&self->answer_error);
  set = gst_wsctl_connection_set_answer_finish (self->connection, result,
      &self->answer_error);
  g_assert_true (set == (self->answer_error == NULL));
  g_atomic_int_inc (&self->n_answers);
  g_main_context_wakeup (self->context);
}

static void
run_set_answer (gpointer data)
{
  Call *call = data;

  gst_wsctl_connection_set_answer_async (call->client->connection, call->text,
      answer_done, call->client);
}

void
media_client_set_answer (MediaClient * self, const gchar * sdp)
{
  Call call = { self, sdp };

  gst_wsctl_loop_call_sync (self->loop, run_set_answer, &call);
}

static void
run_close (gpointer data)
{
  gst_wsctl_connection_close (((MediaClient *) data)->connection);
}

void
media_client_close (MediaClient * self)
{
  gst_wsctl_loop_call_sync (self->loop, run_close, self);
  gst_wsctl_connection_settle (self->connection);
}

void
media_client_call (MediaClient * self, GstWsctlLoopFunc func)
{
  gst_wsctl_loop_call_sync (self->loop, func, self);
}

static gboolean
has_offer (gpointer data)
{
  return g_atomic_int_get (&((MediaClient *) data)->n_offers) > 0;
}

static gboolean
has_answer (gpointer data)
{
  return g_atomic_int_get (&((MediaClient *) data)->n_answers) > 0;
}

void
media_client_wait_offer (MediaClient * self)
{
  test_wait_until (NULL, has_offer, self, 0, "the offer");
}

void
media_client_wait_answer (MediaClient * self)
{
  test_wait_until (NULL, has_answer, self, 0, "the answer to be taken");
}

typedef struct
{
  MediaClient *client;
  GstWsctlConnectionState state;
} Wanted;

static gboolean
is_in_state (gpointer data)
{
  Wanted *wanted = data;

  return g_atomic_int_get (&wanted->client->state) == wanted->state;
}

void
media_client_wait_state (MediaClient * self, GstWsctlConnectionState state)
{
  Wanted wanted = { self, state };

  test_wait_until (NULL, is_in_state, &wanted, 0, "a state of the connection");
}

void
media_client_negotiate (MediaClient * self, MediaServer * server)
{
  g_autofree gchar *answer = NULL;

  gst_element_set_state (self->pipeline, GST_STATE_READY);
  media_client_create_offer (self);
  media_client_wait_offer (self);
  g_assert_no_error (self->offer_error);
  answer = media_server_answer (server, self->offer);
  media_client_set_answer (self, answer);
  media_client_wait_answer (self);
  if (!server->reject[GST_WSCTL_MEDIA_KIND_AUDIO])
    link_track (self, "audio", GST_WSCTL_MEDIA_KIND_AUDIO);
  if (!server->reject[GST_WSCTL_MEDIA_KIND_VIDEO])
    link_track (self, "video", GST_WSCTL_MEDIA_KIND_VIDEO);
  media_client_play (self);
}

void
media_client_free (MediaClient * self)
{
  TestLeaks *leaks = test_leaks_new ();

  test_leaks_watch (leaks, gst_wsctl_connection_get_element (self->connection));
  media_client_close (self);
  if (self->pipeline != NULL) {
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
    gst_object_unref (self->pipeline);
  }
  test_assert_finalize (self->connection);
  test_leaks_check (leaks);

  gst_wsctl_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_clear_error (&self->offer_error);
  g_clear_error (&self->answer_error);
  g_free (self->offer);
  g_free (self);
}
