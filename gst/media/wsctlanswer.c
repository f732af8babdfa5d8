/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reads an answer and mends what webrtcbin cannot take. A medium that the
 * server rejects (`m=… 0`) makes webrtcbin wait for ever: ICE never starts when
 * it is the first one, its sink pad blocks when it is a later one. So it becomes
 * an inactive one that shares the transport of the live ones, built from our
 * own offer, since such a section may hold nothing but its m-line
 * (docs/protocol.md, "Rejected media").
 */

#include "wsctlanswer-private.h"

#include <gst/sdp/sdp.h>
#include <string.h>

#include "wsctlcodec-private.h"
#include "wsctlerror.h"
#include "wsctlremote-private.h"
#include "wsctltransportcc-private.h"

#define MAX_SDP_SIZE (64 * 1024)
#define MAX_MEDIA 8
#define MAX_CANDIDATES 64

static void
free_answered_media (gpointer data)
{
  GstWsctlAnsweredMedia *media = data;

  g_free (media->mid);
  gst_clear_caps (&media->caps);
  g_free (media);
}

static void
clear_candidate (gpointer data)
{
  g_free (((GstWsctlRemoteCandidate *) data)->address);
}

void
gst_wsctl_answer_free (GstWsctlAnswer * answer)
{
  g_free (answer->sdp);
  g_ptr_array_unref (answer->media);
  g_free (answer->fingerprint);
  g_free (answer->local_ufrag);
  g_free (answer->ufrag);
  g_free (answer->pwd);
  g_array_unref (answer->candidates);
  g_free (answer);
}

const GstWsctlAnsweredMedia *
gst_wsctl_answer_get_media (const GstWsctlAnswer * answer,
    GstWsctlMediaKind kind)
{
  guint i;

  for (i = 0; i < answer->media->len; i++) {
    const GstWsctlAnsweredMedia *media = g_ptr_array_index (answer->media, i);

    if (media->kind == kind)
      return media;
  }

  return NULL;
}

static GstSDPMessage *
parse_sdp (const gchar * text, const gchar * whose, GError ** error)
{
  GstSDPMessage *message = NULL;
  gsize size = strlen (text);

  if (size > MAX_SDP_SIZE) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MESSAGE_TOO_LARGE,
        "%s description has %" G_GSIZE_FORMAT " bytes; the limit is %d", whose,
        size, MAX_SDP_SIZE);
    return NULL;
  }

  /* The parser asserts on an empty text. */
  if (size == 0 || gst_sdp_message_new_from_text (text, &message) != GST_SDP_OK) {
    g_clear_pointer (&message, gst_sdp_message_free);
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "%s description is not SDP", whose);
    return NULL;
  }

  return message;
}

/* A transport attribute may stand at the session's level for all media. */
static const gchar *
get_attribute (const GstSDPMessage * sdp, const GstSDPMedia * media,
    const gchar * name)
{
  const gchar *value = gst_sdp_media_get_attribute_val (media, name);

  return value != NULL ? value : gst_sdp_message_get_attribute_val (sdp, name);
}

static void
remove_attribute (GstSDPMedia * media, const gchar * name)
{
  guint i = gst_sdp_media_attributes_len (media);

  while (i-- > 0) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);

    if (strcmp (attribute->key, name) == 0)
      gst_sdp_media_remove_attribute (media, i);
  }
}

static gboolean
is_rejected (const GstSDPMedia * media)
{
  return gst_sdp_media_get_port (media) == 0
      || gst_sdp_media_get_attribute_val (media, "inactive") != NULL;
}

/* The section that describes the transport of them all; NULL when every one is
 * rejected. */
static const GstSDPMedia *
find_live_media (const GstSDPMessage * sdp)
{
  const GstSDPMedia *live = NULL;
  guint i;

  for (i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    if (is_rejected (media))
      continue;
    if (get_attribute (sdp, media, "ice-ufrag") != NULL)
      return media;
    if (live == NULL)
      live = media;
  }

  return live;
}

static gboolean
is_data (const GstSDPMedia * media)
{
  return g_strcmp0 (gst_sdp_media_get_media (media), "application") == 0;
}

/* Makes of a rejected section an inactive one on the live transport; data channels
 * cannot be inactive, and stay rejected. webrtcbin knows the bundled transport by the number of the first section, and takes
 * candidates for it from no other, so they go along. */
static GstSDPMedia *
make_inactive (const GstSDPMedia * offered, const GstSDPMessage * answer,
    const GstSDPMedia * live)
{
  static const gchar *const replaced[] = {
    "sendonly", "recvonly", "sendrecv", "inactive", "bundle-only",
    "candidate", "end-of-candidates", "ice-ufrag", "ice-pwd", "fingerprint",
    "setup", NULL
  };
  static const gchar *const transport[] = {
    "ice-ufrag", "ice-pwd", "fingerprint", "setup", NULL
  };
  GstSDPMedia *media = NULL;
  guint i;

  gst_sdp_media_copy (offered, &media);
  for (i = 0; replaced[i] != NULL; i++)
    remove_attribute (media, replaced[i]);
  for (i = 0; transport[i] != NULL; i++) {
    const gchar *value = get_attribute (answer, live, transport[i]);

    if (value != NULL)
      gst_sdp_media_add_attribute (media, transport[i], value);
  }
  for (i = 0; i < gst_sdp_media_attributes_len (live); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (live, i);

    if (strcmp (attribute->key, "candidate") == 0)
      gst_sdp_media_add_attribute (media, "candidate", attribute->value);
  }
  gst_sdp_media_add_attribute (media, "inactive", "");
  gst_sdp_media_set_port_info (media, is_data (offered) ? 0 : 9, 0);

  return media;
}

static void
replace_media (GstSDPMessage * sdp, guint index, GstSDPMedia * media)
{
  GstSDPMedia *old = (GstSDPMedia *) gst_sdp_message_get_media (sdp, index);
  GstSDPMedia kept = *old;

  /* There is no call to replace a section: the contents change places. */
  *old = *media;
  *media = kept;
  gst_sdp_media_free (media);
}

static void
set_bundle_group (GstSDPMessage * sdp)
{
  g_autoptr (GString) group = g_string_new ("BUNDLE");
  guint i;

  for (i = 0; i < gst_sdp_message_medias_len (sdp); i++) {
    const gchar *mid =
        gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (sdp, i),
        "mid");

    g_string_append_printf (group, " %s", mid);
  }

  for (i = gst_sdp_message_attributes_len (sdp); i-- > 0;) {
    const GstSDPAttribute *attribute = gst_sdp_message_get_attribute (sdp, i);

    if (strcmp (attribute->key, "group") == 0
        && g_str_has_prefix (attribute->value, "BUNDLE"))
      gst_sdp_message_remove_attribute (sdp, i);
  }
  gst_sdp_message_add_attribute (sdp, "group", group->str);
}

static GstCaps *
get_payload_caps (const GstSDPMedia * media, const gchar * format)
{
  g_autoptr (GstCaps) caps = gst_sdp_media_get_caps_from_media (media,
      (gint) g_ascii_strtoll (format, NULL, 10));

  if (caps == NULL || gst_caps_is_empty (caps))
    return NULL;

  caps = gst_caps_make_writable (caps);
  gst_structure_set_name (gst_caps_get_structure (caps, 0),
      "application/x-rtp");

  return g_steal_pointer (&caps);
}

/* A number alone says nothing: it has to be the codec that we gave it to. */
static gboolean
is_offered (const GstSDPMedia * offered, const gchar * format,
    const GstWsctlCodec * codec)
{
  guint i;

  for (i = 0; i < gst_sdp_media_formats_len (offered); i++) {
    g_autoptr (GstCaps) caps = NULL;

    if (g_strcmp0 (gst_sdp_media_get_format (offered, i), format) != 0)
      continue;

    caps = get_payload_caps (offered, format);
    return gst_wsctl_codec_find_for_caps (caps) == codec;
  }

  return FALSE;
}

#define PROFILE "profile-level-id"

/* From "FORMAT NAME=VALUE;…" (RFC 6184, 8.1); transfer full, or NULL */
static gchar *
find_profile (const GstSDPMedia * media, const gchar * format)
{
  guint i;

  for (i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);
    gsize length = strlen (format);
    const gchar *at;

    if (strcmp (attribute->key, "fmtp") != 0 || attribute->value == NULL
        || strncmp (attribute->value, format, length) != 0
        || attribute->value[length] != ' ')
      continue;
    at = strstr (attribute->value, PROFILE "=");
    if (at != NULL)
      return g_strndup (at + strlen (PROFILE "="),
          strspn (at + strlen (PROFILE "="), "0123456789abcdefABCDEF"));
  }

  return NULL;
}

/* GStreamer makes a "profile" of it, where levels may differ. A server that takes
 * H.264 as it was offered may not repeat it. */
static void
put_profile (GstCaps * caps, const GstSDPMedia * offered,
    const GstSDPMedia * media, const gchar * format)
{
  g_autofree gchar *profile = find_profile (media, format);

  if (profile == NULL)
    profile = find_profile (offered, format);
  if (profile != NULL)
    gst_caps_set_simple (caps, PROFILE, G_TYPE_STRING, profile, NULL);
}

/* The caps of the first payload that is media, not a repair flow. */
static GstCaps *
get_media_caps (const GstSDPMedia * offered, const GstSDPMedia * media)
{
  guint i;

  for (i = 0; i < gst_sdp_media_formats_len (media); i++) {
    const gchar *format = gst_sdp_media_get_format (media, i);
    g_autoptr (GstCaps) caps = get_payload_caps (media, format);
    const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (caps);

    if (codec == NULL || !is_offered (offered, format, codec))
      continue;
    put_profile (caps, offered, media, format);
    gst_wsctl_transport_cc_put (caps, gst_wsctl_transport_cc_get_id (offered,
            media, format));
    return g_steal_pointer (&caps);
  }

  return NULL;
}

static gboolean
has_encoding (const GstSDPMedia * media, const gchar * name)
{
  guint i;

  for (i = 0; i < gst_sdp_media_formats_len (media); i++) {
    g_autoptr (GstCaps) caps = get_payload_caps (media,
        gst_sdp_media_get_format (media, i));

    if (caps != NULL && g_strcmp0 (gst_structure_get_string
            (gst_caps_get_structure (caps, 0), "encoding-name"), name) == 0)
      return TRUE;
  }

  return FALSE;
}

/* Bundled media repeat the candidates of the first. */
static gboolean
have_candidate (GstWsctlAnswer * self, const gchar * address, guint64 port)
{
  guint i;

  for (i = 0; i < self->candidates->len; i++) {
    const GstWsctlRemoteCandidate *candidate =
        &g_array_index (self->candidates, GstWsctlRemoteCandidate, i);

    if (candidate->port == port && strcmp (candidate->address, address) == 0)
      return TRUE;
  }

  return FALSE;
}

static void
add_candidates (GstWsctlAnswer * self, const GstSDPMedia * media)
{
  guint i;

  for (i = 0; i < gst_sdp_media_attributes_len (media); i++) {
    const GstSDPAttribute *attribute = gst_sdp_media_get_attribute (media, i);
    g_auto (GStrv) words = NULL;
    GstWsctlRemoteCandidate candidate;
    guint64 port;

    if (strcmp (attribute->key, "candidate") != 0
        || self->candidates->len == MAX_CANDIDATES)
      continue;

    /* foundation component transport priority address port typ type */
    words = gst_wsctl_remote_split_candidate (attribute->value);
    if (words == NULL || !g_hostname_is_ip_address (words[4]))
      continue;
    self->has_address = TRUE;
    if (strcmp (words[1], "1") != 0 || g_ascii_strcasecmp (words[2], "udp") != 0
        || strcmp (words[7], "host") != 0
        || !g_ascii_string_to_unsigned (words[5], 10, 1, G_MAXUINT16, &port,
            NULL)
        || have_candidate (self, words[4], port))
      continue;

    candidate.address = g_strdup (words[4]);
    candidate.port = (guint16) port;
    g_array_append_val (self->candidates, candidate);
  }
}

/* A section belongs to its offer by place; the mid is there to be found. */
static void
set_mid (GstSDPMedia * media, const GstSDPMedia * offered)
{
  remove_attribute (media, "mid");
  gst_sdp_media_add_attribute (media, "mid",
      gst_sdp_media_get_attribute_val (offered, "mid"));
}

static gboolean
read_media (GstWsctlAnswer * self, const GstSDPMedia * offered,
    GstSDPMedia * media, GError ** error)
{
  const gchar *name = gst_sdp_media_get_media (offered);
  GstWsctlAnsweredMedia *answered;

  if (g_strcmp0 (gst_sdp_media_get_media (media), name) != 0) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "the server answered %s where %s was offered",
        gst_sdp_media_get_media (media), name);
    return FALSE;
  }

  if (is_data (offered)) {
    set_mid (media, offered);
    add_candidates (self, media);
    return TRUE;
  }

  answered = g_new0 (GstWsctlAnsweredMedia, 1);
  g_ptr_array_add (self->media, answered);
  answered->kind = g_strcmp0 (name, "audio") == 0
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;
  answered->mid = g_strdup (gst_sdp_media_get_attribute_val (offered, "mid"));
  answered->rejected = is_rejected (media);
  if (answered->rejected)
    return TRUE;

  answered->caps = get_media_caps (offered, media);
  if (answered->caps == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "the server's answer has no %s codec that was offered", name);
    return FALSE;
  }

  answered->fec = has_encoding (offered, "RED") && has_encoding (media, "RED")
      && has_encoding (media, "ULPFEC");

  set_mid (media, offered);
  add_candidates (self, media);

  return TRUE;
}

static gboolean
take_transport (GstWsctlAnswer * self, const GstSDPMessage * offer,
    const GstSDPMessage * answer, const GstSDPMedia * live, GError ** error)
{
  const gchar *missing = NULL;

  self->fingerprint = g_strdup (get_attribute (answer, live, "fingerprint"));
  self->local_ufrag = g_strdup (get_attribute (offer,
          gst_sdp_message_get_media (offer, 0), "ice-ufrag"));
  self->ufrag = g_strdup (get_attribute (answer, live, "ice-ufrag"));
  self->pwd = g_strdup (get_attribute (answer, live, "ice-pwd"));

  if (self->fingerprint == NULL)
    missing = "certificate fingerprint";
  else if (self->ufrag == NULL)
    missing = "ICE user name";
  else if (self->pwd == NULL)
    missing = "ICE password";
  if (missing == NULL)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
      "the server's answer has no %s", missing);

  return FALSE;
}

static gboolean
read_all (GstWsctlAnswer * self, GstSDPMessage * offer, GstSDPMessage * answer,
    GError ** error)
{
  guint offered = gst_sdp_message_medias_len (offer);
  guint n = gst_sdp_message_medias_len (answer);
  const GstSDPMedia *live;
  guint i;

  if (n != offered || n > MAX_MEDIA) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
        "the server's answer describes %u media, %u were offered", n, offered);
    return FALSE;
  }

  for (i = 0; i < n; i++) {
    if (!read_media (self, gst_sdp_message_get_media (offer, i),
            (GstSDPMedia *) gst_sdp_message_get_media (answer, i), error))
      return FALSE;
  }

  live = find_live_media (answer);
  if (live == NULL) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "the server rejected every medium that was offered: no common codec, "
        "or the stream has none of them");
    return FALSE;
  }

  if (!take_transport (self, offer, answer, live, error))
    return FALSE;

  for (i = 0; i < n; i++) {
    const GstSDPMedia *media = gst_sdp_message_get_media (answer, i);

    if (is_rejected (media))
      replace_media (answer, i,
          make_inactive (gst_sdp_message_get_media (offer, i), answer, live));
  }
  set_bundle_group (answer);

  return TRUE;
}

GstWsctlAnswer *
gst_wsctl_answer_new (const gchar * offer, const gchar * answer,
    GError ** error)
{
  g_autoptr (GstWsctlAnswer) self = g_new0 (GstWsctlAnswer, 1);
  g_autoptr (GstSDPMessage) offered = NULL;
  g_autoptr (GstSDPMessage) answered = NULL;

  self->media = g_ptr_array_new_with_free_func (free_answered_media);
  self->candidates = g_array_new (FALSE, FALSE,
      sizeof (GstWsctlRemoteCandidate));
  g_array_set_clear_func (self->candidates, clear_candidate);

  offered = parse_sdp (offer, "our own", error);
  if (offered == NULL)
    return NULL;
  answered = parse_sdp (answer, "the server's", error);
  if (answered == NULL || !read_all (self, offered, answered, error))
    return NULL;

  self->sdp = gst_sdp_message_as_text (answered);

  return g_steal_pointer (&self);
}
