/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The codecs that servers of this protocol speak (docs/protocol.md, "Media").
 */

#include "wsctlcodec-private.h"

#include <string.h>

/* 1 is that of wsctltransportcc.c. */
#define MID_EXTENSION "extmap-2=(string)urn:ietf:params:rtp-hdrext:sdes:mid"

/* From H.264 the parameter sets are taken out behind the depayloader (avc): a
 * sender may put them before every slice, as rtph264pay does, and there each
 * begins a new picture to a parser. It puts them back where they belong.
 *
 * H.265 likewise (hvc1). Only some browsers with a hardware decoder play it.
 *
 * H.264 is offered as constrained baseline, level 3.1, packetization mode 1:
 * the one form that RFC 7742 requires and that MistServer rewrites every
 * answer to. */
static const GstWsctlCodec codecs[] = {
  {"H264", GST_WSCTL_MEDIA_KIND_VIDEO, 102, 90000,
        "profile-level-id=(string)42e01f, packetization-mode=(string)1, "
        "level-asymmetry-allowed=(string)1",
        "video/x-h264, stream-format=(string){ avc, byte-stream }, "
        "alignment=(string)au",
        "video/x-h264, stream-format=(string)byte-stream, "
        "alignment=(string)au",
        "rtph264pay", "rtph264depay",
        "video/x-h264, stream-format=(string)avc, alignment=(string)au",
        "h264parse",
      "video/x-h264, stream-format=(string)avc3, alignment=(string)au"},
  {"VP8", GST_WSCTL_MEDIA_KIND_VIDEO, 104, 90000, NULL,
        "video/x-vp8", "video/x-vp8",
      "rtpvp8pay", "rtpvp8depay", NULL, NULL},
  {"VP9", GST_WSCTL_MEDIA_KIND_VIDEO, 106, 90000, NULL,
        "video/x-vp9", "video/x-vp9",
      "rtpvp9pay", "rtpvp9depay", NULL, NULL},
  {"AV1", GST_WSCTL_MEDIA_KIND_VIDEO, 108, 90000, NULL,
        "video/x-av1, stream-format=(string)obu-stream, "
        "alignment=(string)tu",
        "video/x-av1, stream-format=(string)obu-stream, "
        "alignment=(string)tu",
      "rtpav1pay", "rtpav1depay", NULL, "av1parse"},
  {"H265", GST_WSCTL_MEDIA_KIND_VIDEO, 100, 90000,
        "profile-id=(string)1, tier-flag=(string)0, level-id=(string)153, "
        "tx-mode=(string)SRST",
        "video/x-h265, stream-format=(string)byte-stream, "
        "alignment=(string)au",
        "video/x-h265, stream-format=(string)byte-stream, "
        "alignment=(string)au",
        "rtph265pay", "rtph265depay",
        "video/x-h265, stream-format=(string)hvc1, alignment=(string)au",
        "h265parse",
        "video/x-h265, stream-format=(string)hev1, alignment=(string)au",
      TRUE},
  {"OPUS", GST_WSCTL_MEDIA_KIND_AUDIO, 111, 48000,
        "encoding-params=(string)2, minptime=(string)10, "
        "useinbandfec=(string)1, stereo=(string)1",
        "audio/x-opus, channel-mapping-family=(int)0",
        "audio/x-opus, channel-mapping-family=(int)0",
      "rtpopuspay", "rtpopusdepay", NULL, NULL},
  {"PCMA", GST_WSCTL_MEDIA_KIND_AUDIO, 8, 8000, NULL,
        "audio/x-alaw, rate=(int)8000, channels=(int)1",
        "audio/x-alaw, rate=(int)8000, channels=(int)1",
      "rtppcmapay", "rtppcmadepay", NULL, NULL},
  {"PCMU", GST_WSCTL_MEDIA_KIND_AUDIO, 0, 8000, NULL,
        "audio/x-mulaw, rate=(int)8000, channels=(int)1",
        "audio/x-mulaw, rate=(int)8000, channels=(int)1",
      "rtppcmupay", "rtppcmudepay", NULL, NULL},
  {NULL}
};

const GstWsctlCodec *
gst_wsctl_codec_get_all (void)
{
  return codecs;
}

const GstWsctlCodec *
gst_wsctl_codec_find (const gchar * name)
{
  const GstWsctlCodec *codec;

  for (codec = codecs; name != NULL && codec->name != NULL; codec++) {
    if (g_ascii_strcasecmp (codec->name, name) == 0)
      return codec;
  }

  return NULL;
}

static const GstWsctlCodec *
find_for_structure (const GstStructure * structure)
{
  const gchar *name = gst_structure_get_name (structure);
  const GstWsctlCodec *codec;

  if (strcmp (name, "application/x-rtp") == 0) {
    gint payload;

    codec = gst_wsctl_codec_find (gst_structure_get_string (structure,
            "encoding-name"));
    if (codec != NULL || !gst_structure_get_int (structure, "payload",
            &payload))
      return codec;

    /* Static payload types need no encoding name (RFC 3551). */
    return payload == 0 ? gst_wsctl_codec_find ("PCMU")
        : payload == 8 ? gst_wsctl_codec_find ("PCMA") : NULL;
  }

  for (codec = codecs; codec->name != NULL; codec++) {
    gsize length = strcspn (codec->encoded_caps, ",");

    if (strlen (name) == length
        && strncmp (codec->encoded_caps, name, length) == 0)
      return codec;
  }

  return NULL;
}

const GstWsctlCodec *
gst_wsctl_codec_find_for_caps (const GstCaps * caps)
{
  guint i;

  if (caps == NULL || gst_caps_is_any (caps))
    return NULL;

  for (i = 0; i < gst_caps_get_size (caps); i++) {
    const GstWsctlCodec *codec =
        find_for_structure (gst_caps_get_structure (caps, i));

    if (codec != NULL)
      return codec;
  }

  return NULL;
}

static gboolean
have_element (const gchar * name)
{
  GstPluginFeature *feature;

  if (name == NULL)
    return TRUE;

  feature = gst_registry_lookup_feature (gst_registry_get (), name);
  if (feature == NULL)
    return FALSE;
  gst_object_unref (feature);

  return TRUE;
}

gboolean
gst_wsctl_codec_can_send (const GstWsctlCodec * codec)
{
  return have_element (codec->payloader) && have_element (codec->parser);
}

gboolean
gst_wsctl_codec_can_receive (const GstWsctlCodec * codec)
{
  return have_element (codec->depayloader) && have_element (codec->parser);
}

GList *
gst_wsctl_codec_list_decoders (const GstWsctlCodec * codec)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (codec->parsed_caps);
  GList *all = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
  GList *able;

  /* Some take pictures with alpha only. */
  if (codec->kind == GST_WSCTL_MEDIA_KIND_VIDEO)
    gst_caps_set_simple (caps, "codec-alpha", G_TYPE_BOOLEAN, FALSE, NULL);
  able = gst_element_factory_list_filter (all, caps, GST_PAD_SINK, FALSE);
  gst_plugin_feature_list_free (all);

  return g_list_sort (able, gst_plugin_feature_rank_compare_func);
}

gboolean
gst_wsctl_codec_can_decode (const GstWsctlCodec * codec)
{
  GList *able = gst_wsctl_codec_list_decoders (codec);
  gboolean result = able != NULL;

  gst_plugin_feature_list_free (able);

  return result;
}

GstCaps *
gst_wsctl_codec_get_offer_caps (const GstWsctlCodec * codec, gint payload)
{
  g_autofree gchar *text =
      g_strdup_printf ("application/x-rtp, media=(string)%s, payload=(int)%d, "
      "clock-rate=(int)%d, encoding-name=(string)%s, " MID_EXTENSION "%s%s",
      gst_wsctl_media_kind_get_nick (codec->kind),
      payload < 0 ? (gint) codec->payload : payload, codec->clock_rate,
      codec->name, codec->rtp_caps != NULL ? ", " : "",
      codec->rtp_caps != NULL ? codec->rtp_caps : "");

  return gst_caps_from_string (text);
}
