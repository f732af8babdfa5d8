/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctloffers.h"

#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlh264.h"
#include "wsctlcodec-private.h"

#define PROFILE "profile-level-id"

static gboolean
is_wanted (const GstWsctlCodec * codec, const GstCaps * wanted)
{
  g_autoptr (GstCaps) caps = NULL;

  if (wanted == NULL || gst_caps_is_any (wanted))
    return TRUE;

  caps = gst_caps_from_string (codec->encoded_caps);

  return gst_caps_can_intersect (wanted, caps);
}

/* All that can be encoded, in the order wanted, or in ours. */
static void
offer_encoders (GstWsctlMediaKind kind, GstCaps * offer, const GstCaps * wanted)
{
  const GstWsctlCodec *codec;
  guint i, n;

  if (wanted == NULL || gst_caps_is_any (wanted)) {
    for (codec = gst_wsctl_codec_get_all (); codec->name != NULL; codec++) {
      if (codec->kind == kind && gst_wsctl_codec_can_send (codec)
          && gst_wsctl_encoder_exists (codec))
        gst_caps_append (offer, gst_wsctl_codec_get_offer_caps (codec, -1));
    }
    return;
  }

  n = gst_caps_get_size (wanted);
  for (i = 0; i < n; i++) {
    g_autoptr (GstCaps) one = gst_caps_copy_nth (wanted, i);

    codec = gst_wsctl_codec_find_for_caps (one);
    if (codec != NULL && codec->kind == kind && gst_wsctl_codec_can_send (codec)
        && gst_wsctl_encoder_exists (codec))
      gst_caps_append (offer, gst_wsctl_codec_get_offer_caps (codec, -1));
  }
}

/* H.264 that is encoded says which it is; a server may know better than to
 * take it for what everybody can decode. */
static GstCaps *
describe (const GstWsctlCodec * codec, const GstCaps * input)
{
  GstCaps *caps = gst_wsctl_codec_get_offer_caps (codec, -1);
  g_autofree gchar *id = g_strdup (gst_structure_get_string
      (gst_caps_get_structure (input, 0), PROFILE));

  if (!g_str_equal (codec->name, "H264"))
    return caps;

  if (id == NULL)
    id = gst_wsctl_h264_get_profile_level_id (input);
  if (id != NULL)
    gst_caps_set_simple (caps, PROFILE, G_TYPE_STRING, id, NULL);

  return caps;
}

/* A link may leave several codecs open, and a caps filter of RTP may name the
 * medium only. */
static gboolean
is_known (GstWsctlForm form, const GstCaps * input, gboolean final)
{
  if (form == GST_WSCTL_FORM_UNKNOWN)
    return FALSE;
  if (form == GST_WSCTL_FORM_RAW
      || gst_wsctl_codec_find_for_caps (input) != NULL)
    return TRUE;

  return final || (form != GST_WSCTL_FORM_RTP && gst_caps_is_fixed (input));
}

GstCaps *
gst_wsctl_offers_make (GstWsctlMediaKind kind, const GstCaps * input,
    gboolean final, const GstCaps * wanted)
{
  GstWsctlForm form = gst_wsctl_form_of_caps (input);
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (input);
  GstCaps *offer;

  if (!is_known (form, input, final))
    return NULL;

  offer = gst_caps_new_empty ();
  if (form == GST_WSCTL_FORM_RAW)
    offer_encoders (kind, offer, wanted);
  else if (codec != NULL && is_wanted (codec, wanted)
      && gst_wsctl_codec_can_send (codec))
    gst_caps_append (offer, describe (codec, input));

  return offer;
}

gchar *
gst_wsctl_offers_explain (GstWsctlMediaKind kind, const GstCaps * input)
{
  const gchar *nick = gst_wsctl_media_kind_get_nick (kind);
  const gchar *name;

  if (gst_wsctl_form_of_caps (input) != GST_WSCTL_FORM_RTP
      || gst_wsctl_codec_find_for_caps (input) != NULL)
    return NULL;

  name = gst_structure_get_string (gst_caps_get_structure (input, 0),
      "encoding-name");
  if (name != NULL)
    return g_strdup_printf ("the RTP that is linked to '%s' has the "
        "encoding-name %s, which WebRTC does not send; depayload and decode it "
        "in front of wsctlsink", nick, name);

  return g_strdup_printf ("the caps of the RTP that is linked to '%s' have no "
      "encoding-name; give it to the source or to rtpjitterbuffer, as in "
      "caps=\"application/x-rtp,media=%s,clock-rate=%s,encoding-name=%s\"",
      nick, nick, kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "48000" : "90000",
      kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "OPUS" : "H264");
}
