/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reads what a peer describes. webrtcbin asserts on a section without a mid, and
 * makes a transport for each one that is not bundled; so what it gets has a mid
 * each, all in one group (RFC 8843), and a certificate to hold it to.
 */

#include "wsctlpeersdp-private.h"

#include <gst/sdp/sdp.h>
#include <string.h>

#include "wsctlerror.h"

#define MAX_SDP_SIZE (64 * 1024)
#define MAX_MEDIA 16

static void
free_medium (gpointer data)
{
  GstWsctlPeerMedium *medium = data;

  g_free (medium->mid);
  g_ptr_array_unref (medium->codecs);
  g_array_unref (medium->payloads);
  g_free (medium);
}

void
gst_wsctl_peer_sdp_free (GstWsctlPeerSdp * self)
{
  g_ptr_array_unref (self->media);
  g_free (self->fingerprint);
  g_free (self->ufrag);
  g_free (self);
}

static gboolean
refuse (GError ** error, const gchar * why)
{
  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_SIP_FAILED,
      "the peer's description %s", why);

  return FALSE;
}

static const gchar *
get_attribute (const GstSDPMessage * sdp, const GstSDPMedia * media,
    const gchar * name)
{
  const gchar *value = gst_sdp_media_get_attribute_val (media, name);

  return value != NULL ? value : gst_sdp_message_get_attribute_val (sdp, name);
}

static gboolean
has_flag (const GstSDPMedia * media, const gchar * name)
{
  return gst_sdp_media_get_attribute_val (media, name) != NULL;
}

static void
read_codecs (GstWsctlPeerMedium * medium, const GstSDPMedia * media)
{
  guint i;

  for (i = 0; i < gst_sdp_media_formats_len (media); i++) {
    const gchar *format = gst_sdp_media_get_format (media, i);
    g_autoptr (GstCaps) caps = NULL;
    const GstWsctlCodec *codec;
    guint64 payload;

    if (!g_ascii_string_to_unsigned (format, 10, 0, 127, &payload, NULL))
      continue;
    caps = gst_sdp_media_get_caps_from_media (media, (gint) payload);
    if (caps == NULL || gst_caps_is_empty (caps))
      continue;

    caps = gst_caps_make_writable (caps);
    gst_structure_set_name (gst_caps_get_structure (caps, 0),
        "application/x-rtp");
    codec = gst_wsctl_codec_find_for_caps (caps);
    if (codec != NULL && codec->kind == medium->kind) {
      gint number = (gint) payload;

      g_ptr_array_add (medium->codecs, (gpointer) codec);
      g_array_append_val (medium->payloads, number);
    }
  }
}

static gboolean
read_medium (GstWsctlPeerSdp * self, const GstSDPMessage * sdp,
    const GstSDPMedia * media, GError ** error)
{
  GstWsctlPeerMedium *medium = g_new0 (GstWsctlPeerMedium, 1);
  const gchar *name = gst_sdp_media_get_media (media);
  const gchar *mid = gst_sdp_media_get_attribute_val (media, "mid");
  guint i;

  medium->codecs = g_ptr_array_new ();
  medium->payloads = g_array_new (FALSE, FALSE, sizeof (gint));
  g_ptr_array_add (self->media, medium);

  if (mid == NULL || *mid == '\0')
    return refuse (error, "has a section without a mid");
  for (i = 0; i + 1 < self->media->len; i++) {
    if (strcmp (((GstWsctlPeerMedium *) self->media->pdata[i])->mid, mid) == 0)
      return refuse (error, "has a mid twice");
  }
  medium->mid = g_strdup (mid);
  medium->rejected = gst_sdp_media_get_port (media) == 0
      && !has_flag (media, "bundle-only");

  if (g_strcmp0 (name, "application") == 0) {
    medium->is_data = TRUE;
    return TRUE;
  }
  if (g_strcmp0 (name, "audio") != 0 && g_strcmp0 (name, "video") != 0)
    return refuse (error, "has a section of no known kind");

  medium->kind = g_strcmp0 (name, "audio") == 0 ? GST_WSCTL_MEDIA_KIND_AUDIO
      : GST_WSCTL_MEDIA_KIND_VIDEO;
  medium->sends = !medium->rejected && !has_flag (media, "recvonly")
      && !has_flag (media, "inactive");
  medium->receives = !medium->rejected && !has_flag (media, "sendonly")
      && !has_flag (media, "inactive");
  read_codecs (medium, media);

  return TRUE;
}

static gboolean
check_group (GstWsctlPeerSdp * self, const GstSDPMessage * sdp, GError ** error)
{
  const gchar *group = gst_sdp_message_get_attribute_val (sdp, "group");
  g_auto (GStrv) words = NULL;
  guint i;

  if (group == NULL || !g_str_has_prefix (group, "BUNDLE "))
    return refuse (error, "is not bundled");

  words = g_strsplit (group + strlen ("BUNDLE "), " ", -1);
  for (i = 0; i < self->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (self->media, i);

    if (!medium->rejected
        && !g_strv_contains ((const gchar * const *) words, medium->mid))
      return refuse (error, "has a section outside of its bundle");
  }
  for (i = 0; words[i] != NULL; i++) {
    guint n;

    for (n = 0; n < self->media->len; n++) {
      if (strcmp (((GstWsctlPeerMedium *) self->media->pdata[n])->mid,
              words[i]) == 0)
        break;
    }
    if (n == self->media->len)
      return refuse (error, "bundles what is not there");
  }

  return TRUE;
}

static gboolean
read_transport (GstWsctlPeerSdp * self, const GstSDPMessage * sdp,
    GError ** error)
{
  guint i;

  for (i = 0; i < self->media->len && self->ufrag == NULL; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (self->media, i);
    const GstSDPMedia *media = gst_sdp_message_get_media (sdp, i);

    if (medium->rejected)
      continue;
    self->ufrag = g_strdup (get_attribute (sdp, media, "ice-ufrag"));
    self->fingerprint = g_strdup (get_attribute (sdp, media, "fingerprint"));
    if (self->ufrag == NULL || get_attribute (sdp, media, "ice-pwd") == NULL)
      return refuse (error, "has no ICE credentials");
    if (self->fingerprint == NULL)
      return refuse (error, "has no certificate fingerprint");
  }
  if (self->ufrag == NULL)
    return refuse (error, "has no section that is not rejected");

  return TRUE;
}

static gboolean
read_all (GstWsctlPeerSdp * self, const GstSDPMessage * sdp, GError ** error)
{
  guint n = gst_sdp_message_medias_len (sdp);
  guint i;

  if (n == 0 || n > MAX_MEDIA)
    return refuse (error, n == 0 ? "is empty" : "has too many sections");

  for (i = 0; i < n; i++) {
    if (!read_medium (self, sdp, gst_sdp_message_get_media (sdp, i), error))
      return FALSE;
  }

  return check_group (self, sdp, error) && read_transport (self, sdp, error);
}

GstWsctlPeerSdp *
gst_wsctl_peer_sdp_new (const gchar * text, GError ** error)
{
  g_autoptr (GstWsctlPeerSdp) self = g_new0 (GstWsctlPeerSdp, 1);
  g_autoptr (GstSDPMessage) sdp = NULL;
  gsize size = strlen (text);

  self->media = g_ptr_array_new_with_free_func (free_medium);
  /* The parser asserts on an empty text. */
  if (size == 0 || size > MAX_SDP_SIZE) {
    refuse (error, size == 0 ? "is empty" : "is too large");
    return NULL;
  }
  if (gst_sdp_message_new_from_text (text, &sdp) != GST_SDP_OK) {
    refuse (error, "is not SDP");
    return NULL;
  }

  return read_all (self, sdp, error) ? g_steal_pointer (&self) : NULL;
}

gint
gst_wsctl_peer_medium_get_payload (const GstWsctlPeerMedium * medium,
    const GstWsctlCodec * codec)
{
  guint i;

  for (i = 0; i < medium->codecs->len; i++) {
    if (g_ptr_array_index (medium->codecs, i) == codec)
      return g_array_index (medium->payloads, gint, i);
  }

  return -1;
}
