/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Offers and answers. The answer has one payload a medium, everything in every
 * section and nothing in a refused one, because that is what clients of this
 * protocol must cope with.
 */

#include "wsctlserversdp-private.h"

#include <string.h>
#include <gst/sdp/sdp.h>

#define MAX_MEDIAS 16
#define MAX_FORMATS 128
#define SCTP_PORT 5000
#define MAX_MESSAGE_SIZE (64 * 1024)

static void
free_format (gpointer data)
{
  GstWsctlServerFormat *format = data;

  g_free (format->rtpmap);
  g_free (format->fmtp);
  g_free (format);
}

static void
free_media (gpointer data)
{
  GstWsctlServerMedia *media = data;

  g_free (media->media);
  g_free (media->protocol);
  g_free (media->payloads);
  g_free (media->mid);
  g_free (media->ufrag);
  g_free (media->pwd);
  g_free (media->fingerprint);
  g_free (media->setup);
  g_ptr_array_unref (media->formats);
  g_free (media);
}

void
gst_wsctl_server_offer_free (GstWsctlServerOffer * self)
{
  g_ptr_array_unref (self->medias);
  g_free (self);
}

/* A medium's attribute, or the session's that stands for all media. */
static gchar *
get_attribute (const GstSDPMessage * message, const GstSDPMedia * media,
    const gchar * name)
{
  const gchar *value = gst_sdp_media_get_attribute_val (media, name);

  if (value == NULL)
    value = gst_sdp_message_get_attribute_val (message, name);

  return g_strdup (value);
}

static gboolean
has_attribute (const GstSDPMessage * message, const GstSDPMedia * media,
    const gchar * name)
{
  g_autofree gchar *value = get_attribute (message, media, name);

  return value != NULL;
}

static GstWsctlServerDirection
read_direction (const GstSDPMessage * message, const GstSDPMedia * media)
{
  if (has_attribute (message, media, "sendonly"))
    return GST_WSCTL_SERVER_DIRECTION_SENDONLY;
  if (has_attribute (message, media, "recvonly"))
    return GST_WSCTL_SERVER_DIRECTION_RECVONLY;
  if (has_attribute (message, media, "inactive"))
    return GST_WSCTL_SERVER_DIRECTION_INACTIVE;

  return GST_WSCTL_SERVER_DIRECTION_SENDRECV;
}

/* The value of `a=NAME:PT VALUE`. */
static const gchar *
find_for_payload (const GstSDPMedia * media, const gchar * name, guint8 pt)
{
  guint i;

  for (i = 0;; i++) {
    const gchar *value = gst_sdp_media_get_attribute_val_n (media, name, i);
    gchar *end;
    guint64 number;

    if (value == NULL)
      return NULL;
    number = g_ascii_strtoull (value, &end, 10);
    if (end == value || *end != ' ' || number != pt)
      continue;
    while (*end == ' ')
      end++;
    return end;
  }
}

/* Two payload types have a meaning without a map (RFC 3551). */
static const gchar *
get_static_map (guint8 pt)
{
  switch (pt) {
    case 0:
      return "PCMU/8000";
    case 8:
      return "PCMA/8000";
    default:
      return NULL;
  }
}

static const GstWsctlServerCodec *
find_codec (GstWsctlServerKind kind, const gchar * rtpmap)
{
  g_auto (GStrv) words = g_strsplit (rtpmap, "/", 3);
  const GstWsctlServerCodec *codec;

  if (g_strv_length (words) < 2)
    return NULL;
  codec = gst_wsctl_server_codec_find (kind, words[0]);
  if (codec == NULL
      || g_ascii_strtoull (words[1], NULL, 10) != codec->clock_rate)
    return NULL;

  return codec;
}

static void
read_format (GstWsctlServerMedia * self, const GstSDPMedia * media,
    const gchar * text)
{
  GstWsctlServerFormat *format;
  const gchar *rtpmap;
  guint64 pt;

  if (!g_ascii_string_to_unsigned (text, 10, 0, 127, &pt, NULL))
    return;
  rtpmap = find_for_payload (media, "rtpmap", pt);
  if (rtpmap == NULL)
    rtpmap = get_static_map (pt);
  if (rtpmap == NULL)
    return;

  format = g_new0 (GstWsctlServerFormat, 1);
  format->pt = pt;
  format->rtpmap = g_strdup (rtpmap);
  format->fmtp = g_strdup (find_for_payload (media, "fmtp", pt));
  format->codec = find_codec (self->kind, rtpmap);
  g_ptr_array_add (self->formats, format);
}

static GstWsctlServerMedia *
read_media (const GstSDPMessage * message, const GstSDPMedia * media)
{
  GstWsctlServerMedia *self = g_new0 (GstWsctlServerMedia, 1);
  g_autoptr (GString) payloads = g_string_new (NULL);
  guint i;

  self->media = g_strdup (gst_sdp_media_get_media (media));
  self->protocol = g_strdup (gst_sdp_media_get_proto (media));
  if (g_strcmp0 (self->media, "audio") == 0)
    self->kind = GST_WSCTL_SERVER_KIND_AUDIO;
  else if (g_strcmp0 (self->media, "video") == 0)
    self->kind = GST_WSCTL_SERVER_KIND_VIDEO;
  else
    self->kind = GST_WSCTL_SERVER_KIND_OTHER;

  self->mid = g_strdup (gst_sdp_media_get_attribute_val (media, "mid"));
  self->ufrag = get_attribute (message, media, "ice-ufrag");
  self->pwd = get_attribute (message, media, "ice-pwd");
  self->fingerprint = get_attribute (message, media, "fingerprint");
  self->setup = get_attribute (message, media, "setup");
  self->direction = read_direction (message, media);
  self->rejected = gst_sdp_media_get_port (media) == 0
      && gst_sdp_media_get_attribute_val (media, "bundle-only") == NULL;

  self->formats = g_ptr_array_new_with_free_func (free_format);
  for (i = 0; i < gst_sdp_media_formats_len (media) && i < MAX_FORMATS; i++) {
    const gchar *text = gst_sdp_media_get_format (media, i);

    g_string_append_printf (payloads, "%s%s", i > 0 ? " " : "", text);
    if (self->kind != GST_WSCTL_SERVER_KIND_OTHER)
      read_format (self, media, text);
  }
  self->payloads = g_strdup (payloads->str);

  return self;
}

/* Text that is no session description is an offer of nothing. */
GstWsctlServerOffer *
gst_wsctl_server_offer_parse (const gchar * text)
{
  GstWsctlServerOffer *self = g_new0 (GstWsctlServerOffer, 1);
  GstSDPMessage *message;
  guint i;

  self->medias = g_ptr_array_new_with_free_func (free_media);
  gst_sdp_message_new (&message);
  if (*text != '\0'
      && gst_sdp_message_parse_buffer ((const guint8 *) text, strlen (text),
          message) == GST_SDP_OK) {
    for (i = 0; i < gst_sdp_message_medias_len (message) && i < MAX_MEDIAS; i++)
      g_ptr_array_add (self->medias, read_media (message,
              gst_sdp_message_get_media (message, i)));
  }
  gst_sdp_message_free (message);

  return self;
}

gboolean
gst_wsctl_server_offer_is_sending (const GstWsctlServerOffer * self)
{
  guint i;

  for (i = 0; i < self->medias->len; i++) {
    const GstWsctlServerMedia *media = g_ptr_array_index (self->medias, i);

    if (media->direction == GST_WSCTL_SERVER_DIRECTION_SENDONLY)
      return TRUE;
  }

  return FALSE;
}

/* Of several payload types of H.264, the one that everybody decodes and that
 * allows frames larger than a packet. */
static guint
rank_format (const GstWsctlServerFormat * format)
{
  guint rank = gst_wsctl_server_codec_get_rank (format->codec) * 16;
  g_autofree gchar *fmtp = NULL;

  if (format->fmtp == NULL)
    return rank;
  fmtp = g_ascii_strdown (format->fmtp, -1);
  if (g_strcmp0 (format->codec->name, "H264") == 0) {
    if (strstr (fmtp, "packetization-mode=1") == NULL)
      rank += 8;
    if (strstr (fmtp, "profile-level-id=42e0") == NULL)
      rank += strstr (fmtp, "profile-level-id=42") == NULL ? 4 : 2;
  }
  /* Other profiles of VP9 and AV1 are beyond most decoders. */
  if (strstr (fmtp, "profile-id=") != NULL
      && strstr (fmtp, "profile-id=0") == NULL)
    rank += 8;
  if (strstr (fmtp, "profile=1") != NULL || strstr (fmtp, "profile=2") != NULL)
    rank += 8;

  return rank;
}

static GstWsctlServerFormat *
find_best_format (const GstWsctlServerMedia * media,
    const GstWsctlServerCodec * codec)
{
  GstWsctlServerFormat *best = NULL;
  guint i;

  for (i = 0; i < media->formats->len; i++) {
    GstWsctlServerFormat *format = g_ptr_array_index (media->formats, i);

    if (format->codec == NULL || (codec != NULL && format->codec != codec))
      continue;
    if (best == NULL || rank_format (format) < rank_format (best))
      best = format;
  }

  return best;
}

GstWsctlServerMedia *
gst_wsctl_server_offer_choose (GstWsctlServerOffer * self,
    GstWsctlServerKind kind, const GstWsctlServerCodec * codec)
{
  guint i;

  for (i = 0; i < self->medias->len; i++) {
    GstWsctlServerMedia *media = g_ptr_array_index (self->medias, i);

    if (media->kind != kind || media->rejected || media->mid == NULL
        || media->ufrag == NULL || media->fingerprint == NULL
        || media->direction == GST_WSCTL_SERVER_DIRECTION_INACTIVE)
      continue;
    media->chosen = find_best_format (media, codec);
    if (media->chosen != NULL)
      return media;
  }

  return NULL;
}

GstWsctlServerMedia *
gst_wsctl_server_offer_choose_channels (GstWsctlServerOffer * self)
{
  guint i;

  for (i = 0; i < self->medias->len; i++) {
    GstWsctlServerMedia *media = g_ptr_array_index (self->medias, i);

    if (g_strcmp0 (media->media, "application") != 0 || media->rejected
        || g_strcmp0 (media->payloads, "webrtc-datachannel") != 0
        || media->mid == NULL || media->ufrag == NULL
        || media->fingerprint == NULL)
      continue;
    media->channels = TRUE;
    return media;
  }

  return NULL;
}

static void
append_candidates (GString * text, const GstWsctlServerAnswer * answer)
{
  guint i;

  for (i = 0; answer->candidates[i] != NULL; i++)
    g_string_append_printf (text, "a=candidate:%s\r\n", answer->candidates[i]);
  g_string_append (text, "a=end-of-candidates\r\n");
}

/* RFC 8841 */
static void
append_channels (GString * text, const GstWsctlServerMedia * media,
    const GstWsctlServerAnswer * answer)
{
  g_string_append_printf (text, "m=application 9 %s %s\r\nc=IN IP4 0.0.0.0\r\n"
      "a=setup:passive\r\na=fingerprint:%s\r\na=ice-ufrag:%s\r\n"
      "a=ice-pwd:%s\r\n", media->protocol, media->payloads,
      answer->fingerprint, answer->ufrag, answer->pwd);
  g_string_append_printf (text, "a=mid:%s\r\na=sctp-port:%u\r\n"
      "a=max-message-size:%u\r\n", media->mid, SCTP_PORT, MAX_MESSAGE_SIZE);
  append_candidates (text, answer);
}

static void
append_section (GString * text, const GstWsctlServerMedia * media,
    const GstWsctlServerAnswer * answer, const gchar * direction)
{
  const GstWsctlServerFormat *format = media->chosen;

  if (media->channels) {
    append_channels (text, media, answer);
    return;
  }
  if (format == NULL) {
    g_string_append_printf (text, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\n"
        "a=%s\r\n", media->media, media->protocol, media->payloads, direction);
    return;
  }

  g_string_append_printf (text, "m=%s 9 %s %u\r\nc=IN IP4 0.0.0.0\r\na=%s\r\n"
      "a=rtcp:9\r\na=setup:passive\r\na=fingerprint:%s\r\n", media->media,
      media->protocol, format->pt, direction, answer->fingerprint);
  g_string_append_printf (text, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
      "a=rtcp-mux\r\na=rtcp-rsize\r\n", answer->ufrag, answer->pwd);
  g_string_append_printf (text, "a=rtpmap:%u %s\r\na=rtcp-fb:%u nack\r\n",
      format->pt, format->rtpmap, format->pt);
  /* It is players that ask for a picture. */
  if (media->kind == GST_WSCTL_SERVER_KIND_VIDEO
      && strcmp (direction, "sendonly") == 0)
    g_string_append_printf (text, "a=rtcp-fb:%u nack pli\r\n", format->pt);
  if (media->kind == GST_WSCTL_SERVER_KIND_VIDEO)
    g_string_append_printf (text, "a=rtcp-fb:%u goog-remb\r\n", format->pt);
  g_string_append_printf (text, "a=mid:%s\r\n", media->mid);
  if (format->codec->answer_fmtp != NULL)
    g_string_append_printf (text, "a=fmtp:%u %s\r\n", format->pt,
        format->codec->answer_fmtp);
  append_candidates (text, answer);
}

/* MistServer writes a group only when both kinds are served. */
static void
append_group (GString * text, const GstWsctlServerOffer * self)
{
  g_autoptr (GString) mids = g_string_new (NULL);
  guint i, n_mids = 0;

  for (i = 0; i < self->medias->len; i++) {
    const GstWsctlServerMedia *media = g_ptr_array_index (self->medias, i);

    if (media->chosen == NULL && !media->channels)
      continue;
    g_string_append_printf (mids, " %s", media->mid);
    n_mids++;
  }
  if (n_mids > 1)
    g_string_append_printf (text, "a=group:BUNDLE%s\r\n", mids->str);
}

gchar *
gst_wsctl_server_offer_answer (const GstWsctlServerOffer * self,
    const GstWsctlServerAnswer * answer)
{
  GString *text = g_string_new (NULL);
  const gchar *direction =
      gst_wsctl_server_offer_is_sending (self) ? "recvonly" : "sendonly";
  guint i;

  g_string_append_printf (text, "v=0\r\no=- %" G_GUINT64_FORMAT
      " 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n",
      answer->session_id);
  append_group (text, self);
  for (i = 0; i < self->medias->len; i++)
    append_section (text, g_ptr_array_index (self->medias, i), answer,
        direction);

  return g_string_free (text, FALSE);
}
