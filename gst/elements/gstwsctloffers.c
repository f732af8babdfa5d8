/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctloffers.h"

#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlprofiles.h"
#include "wsctlcodec-private.h"

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
      if (codec->kind == kind && !codec->on_request
          && gst_wsctl_codec_can_send (codec)
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

/* What is encoded says which profile it has; a server may know better than to
 * take it for what everybody can decode. */
static GstCaps *
describe (const GstWsctlCodec * codec, const GstCaps * input, gint payload)
{
  GstCaps *caps = gst_wsctl_codec_get_offer_caps (codec, payload);

  if (gst_wsctl_form_of_caps (input) == GST_WSCTL_FORM_ENCODED)
    gst_wsctl_profiles_describe (input, caps);

  return caps;
}

GstCaps *
gst_wsctl_offers_make (GstWsctlMediaKind kind, const GstCaps * input,
    const GstCaps * wanted)
{
  GstWsctlForm form = gst_wsctl_form_of_caps (input);
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (input);
  GstCaps *offer;
  gint payload = -1;

  /* Of RTP, the payload type must be known: it is what is offered. A link may
   * leave several codecs open; only caps that are fixed name a wrong one. */
  if (form == GST_WSCTL_FORM_UNKNOWN
      || (form != GST_WSCTL_FORM_RAW && codec == NULL
          && !gst_caps_is_fixed (input))
      || (form == GST_WSCTL_FORM_RTP && codec != NULL
          && !gst_structure_get_int (gst_caps_get_structure (input, 0),
              "payload", &payload)))
    return NULL;

  offer = gst_caps_new_empty ();
  if (form == GST_WSCTL_FORM_RAW)
    offer_encoders (kind, offer, wanted);
  else if (codec != NULL && is_wanted (codec, wanted)
      && gst_wsctl_codec_can_send (codec))
    gst_caps_append (offer, describe (codec, input, payload));

  return offer;
}
