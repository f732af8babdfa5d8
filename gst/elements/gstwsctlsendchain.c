/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsendchain.h"

#include <gst/video/video.h>

#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "wsctlerror.h"

/* What fits a datagram on a usual path with SRTP around it, as webrtcsink has
 * it. */
#define MTU 1200

struct _GstWsctlSendChain
{
  GstBin parent;

  GstElement *encoder;          /* ours through the bin, or NULL */
};

G_DEFINE_FINAL_TYPE (GstWsctlSendChain, gst_wsctl_send_chain, GST_TYPE_BIN);

/* Elements in the order of the flow, while a chain is being built */
typedef struct
{
  GstBin *bin;
  GstElement *first;
  GstElement *last;
  GError **error;
  gboolean failed;
} Builder;

static void
fail_missing (Builder * builder, const gchar * what)
{
  if (!builder->failed)
    g_set_error (builder->error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_MISSING_PLUGIN, "%s is not installed", what);
  builder->failed = TRUE;
}

static void
append (Builder * builder, GstElement * element)
{
  gst_bin_add (builder->bin, element);
  if (builder->last == NULL)
    builder->first = element;
  else if (!gst_element_link (builder->last, element))
    fail_missing (builder, "an encoder that takes this input");
  builder->last = element;
}

static GstElement *
append_new (Builder * builder, const gchar * factory)
{
  GstElement *element;

  if (builder->failed)
    return NULL;

  element = gst_element_factory_make (factory, NULL);
  if (element == NULL) {
    g_autofree gchar *what = g_strdup_printf ("the element '%s'", factory);

    fail_missing (builder, what);
    return NULL;
  }
  append (builder, element);

  return element;
}

static void
append_caps (Builder * builder, const GstCaps * caps)
{
  GstElement *filter = append_new (builder, "capsfilter");

  if (filter != NULL)
    g_object_set (filter, "caps", caps, NULL);
}

static void
set_if_there (GstElement * element, const gchar * name, const gchar * value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), name) != NULL)
    gst_util_set_object_arg (G_OBJECT (element), name, value);
}

/* Puts parameter sets before every key frame, so that whoever joins can decode.
 * The payloader would put them before every slice of it. */
static void
append_parser (Builder * builder, const GstWsctlCodec * codec)
{
  GstElement *parser;

  if (codec->parser == NULL)
    return;

  parser = append_new (builder, codec->parser);
  if (parser != NULL)
    set_if_there (parser, "config-interval", "-1");
}

static void
append_payloader (Builder * builder, const GstWsctlCodec * codec, gint payload)
{
  GstElement *payloader = append_new (builder, codec->payloader);

  if (payloader == NULL)
    return;

  /* No header extension but those agreed, and there is none. */
  g_object_set (payloader, "pt", (guint) payload, "mtu", MTU, NULL);
  set_if_there (payloader, "aggregate-mode", "zero-latency");
  set_if_there (payloader, "picture-id-mode", "15-bit");
  set_if_there (payloader, "auto-header-extension", "false");
}

static void
append_encoder (Builder * builder, const GstWsctlCodec * codec)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (builder->bin);
  g_autoptr (GstCaps) profile = NULL;
  guint index = 0;

  if (builder->failed)
    return;

  self->encoder = gst_wsctl_encoder_make (codec, &index, &profile);
  if (self->encoder == NULL) {
    g_autofree gchar *what = g_strdup_printf ("an encoder for %s", codec->name);

    fail_missing (builder, what);
    return;
  }
  append (builder, self->encoder);
  if (profile != NULL)
    append_caps (builder, profile);
}

static void
append_converters (Builder * builder, const GstWsctlCodec * codec,
    const GstCaps * input)
{
  if (codec->kind == GST_WSCTL_MEDIA_KIND_AUDIO) {
    append_new (builder, "audioconvert");
    append_new (builder, "audioresample");
    return;
  }

  /* Memory of a device goes to the encoder untouched. */
  if (gst_caps_features_is_equal (gst_caps_get_features (input, 0),
          GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY))
    append_new (builder, "videoconvert");
}

static void
build (Builder * builder, const GstCaps * input, const GstCaps * rtp)
{
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (rtp);
  gint payload = 0;

  gst_structure_get_int (gst_caps_get_structure (rtp, 0), "payload", &payload);

  switch (gst_wsctl_form_of_caps (input)) {
    case GST_WSCTL_FORM_RAW:
      append_converters (builder, codec, input);
      append_encoder (builder, codec);
      append_parser (builder, codec);
      append_payloader (builder, codec, payload);
      break;
    case GST_WSCTL_FORM_ENCODED:
      append_parser (builder, codec);
      append_payloader (builder, codec, payload);
      break;
    case GST_WSCTL_FORM_RTP:
    case GST_WSCTL_FORM_UNKNOWN:
      append_new (builder, "identity");
      break;
  }
}

static void
expose (GstWsctlSendChain * self, const gchar * name, GstElement * element)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (element, name);

  gst_element_add_pad (GST_ELEMENT (self), gst_ghost_pad_new (name, target));
}

GstElement *
gst_wsctl_send_chain_new (const GstCaps * input, const GstCaps * rtp,
    GError ** error)
{
  GstWsctlSendChain *self = g_object_new (GST_TYPE_WSCTL_SEND_CHAIN, NULL);
  Builder builder = { GST_BIN (self), NULL, NULL, error, FALSE };

  build (&builder, input, rtp);
  if (builder.failed) {
    gst_element_set_state (GST_ELEMENT (self), GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (self));
    return NULL;
  }

  expose (self, "sink", builder.first);
  expose (self, "src", builder.last);

  return GST_ELEMENT (self);
}

void
gst_wsctl_send_chain_set_bitrate (GstWsctlSendChain * self, guint bitrate_bps)
{
  if (self->encoder != NULL)
    gst_wsctl_encoder_set_bitrate (self->encoder, bitrate_bps);
}

gboolean
gst_wsctl_send_chain_has_encoder (GstWsctlSendChain * self)
{
  return self->encoder != NULL;
}

static void
gst_wsctl_send_chain_class_init (GstWsctlSendChainClass * klass)
{
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Send chain", "Bin", "From what a sink pad takes to RTP",
      "The gst-wsctl authors");
}

static void
gst_wsctl_send_chain_init (GstWsctlSendChain * self)
{
}
