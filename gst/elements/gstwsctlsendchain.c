/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlsendchain.h"

#include <gst/video/video.h>

#include "gstwsctldownmix.h"
#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlh264.h"
#include "gstwsctlrtpfilter.h"
#include "wsctlerror.h"
#include "wsctltransportcc-private.h"

/* What fits a datagram on a usual path with SRTP around it, as webrtcsink has
 * it. */
#define MTU 1200

struct _GstWsctlSendChain
{
  GstBin parent;

  /* Set once, while it is built */
  const GstWsctlCodec *codec;
  GstWsctlForm form;
  GstWsctlSendChainCallbacks callbacks;
  gpointer data;
  GstWsctlEncoderSlot *slot;    /* NULL without an encoder */
  GstWsctlMitigation *mitigation;       /* NULL where it cannot be */

  gboolean dead;                /* the streaming thread: nothing works */
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
    fail_missing (builder, "what takes this input");
  builder->last = element;
}

/* @name: NULL for any */
static GstElement *
append_new (Builder * builder, const gchar * factory, const gchar * name)
{
  GstElement *element;

  if (builder->failed)
    return NULL;

  element = gst_element_factory_make (factory, name);
  if (element == NULL) {
    g_autofree gchar *what = g_strdup_printf ("the element '%s'", factory);

    fail_missing (builder, what);
    return NULL;
  }
  append (builder, element);

  return element;
}

static void
set_if_there (GstElement * element, const gchar * name, const gchar * value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), name) != NULL)
    gst_util_set_object_arg (G_OBJECT (element), name, value);
}

static void
append_filter (Builder * builder, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);
  GstElement *filter = append_new (builder, "capsfilter", NULL);

  if (filter != NULL)
    g_object_set (filter, "caps", caps, NULL);
}

/* Puts parameter sets before every key frame, so that whoever joins can decode.
 * The payloader would put them before every slice of it. */
static void
append_parser (Builder * builder, const GstWsctlCodec * codec)
{
  GstElement *parser;

  if (codec->parser == NULL)
    return;

  parser = append_new (builder, codec->parser, "parser");
  if (parser != NULL)
    set_if_there (parser, "config-interval", "-1");
}

static void
fail (GstWsctlSendChain * self, const GError * error)
{
  self->dead = TRUE;
  self->callbacks.error (error, self->data);
}

static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlSendChain *self = data;
  GstBuffer *frame = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (self->form != GST_WSCTL_FORM_RAW && caps != NULL
      && g_str_equal (self->codec->name, "H264")
      && gst_wsctl_h264_is_b_frame (frame, caps)) {
    g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_UNSUITABLE_MEDIA, "the H.264 that comes in has "
        "B-frames, which players of WebRTC do not take; encode it without "
        "(x264enc: bframes=0)");

    fail (self, error);
    return GST_PAD_PROBE_DROP;
  }

  return self->callbacks.frame (frame, self->data) ? GST_PAD_PROBE_OK
      : GST_PAD_PROBE_DROP;
}

/* RTP from elsewhere has packets of any size, and says neither where a key frame
 * begins nor, often, what its parameter sets are. So it is taken apart and packed
 * anew. */
static void
append_depayloader (Builder * builder, const GstWsctlCodec * codec)
{
  GstElement *depayloader =
      append_new (builder, codec->depayloader, "depayloader");

  if (depayloader == NULL)
    return;

  set_if_there (depayloader, "request-keyframe", "true");
  if (codec->depayloaded_caps != NULL)
    append_filter (builder, codec->depayloaded_caps);
}

static void
append_payloader (Builder * builder, const GstWsctlCodec * codec,
    const GstCaps * rtp)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (builder->bin);
  GstElement *payloader = append_new (builder, codec->payloader, "payloader");
  g_autoptr (GstPad) sink = NULL;
  gint payload = 0;

  if (payloader == NULL)
    return;

  /* No header extension but those agreed */
  if (!self->callbacks.set_up_payloader (payloader, self->data)) {
    g_object_set (payloader, "mtu", MTU, NULL);
    set_if_there (payloader, "aggregate-mode", "zero-latency");
    set_if_there (payloader, "picture-id-mode", "15-bit");
    set_if_there (payloader, "auto-header-extension", "false");
  }
  gst_structure_get_int (gst_caps_get_structure (rtp, 0), "payload", &payload);
  g_object_set (payloader, "pt", (guint) payload, NULL);
  gst_wsctl_transport_cc_set_up (payloader, rtp);

  sink = gst_element_get_static_pad (payloader, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, on_frame, self, NULL);
}

static void
append_downmix (Builder * builder, const GstCaps * input)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (builder->bin);
  g_autofree gchar *warning = gst_wsctl_downmix_describe (input);
  GValue matrix = G_VALUE_INIT;

  if (!gst_wsctl_downmix_check (input, builder->error)) {
    builder->failed = TRUE;
    return;
  }
  if (gst_wsctl_downmix_get_matrix (input, &matrix)) {
    GstElement *mixer = append_new (builder, "audioconvert", NULL);

    if (mixer != NULL)
      g_object_set_property (G_OBJECT (mixer), "mix-matrix", &matrix);
    g_value_unset (&matrix);
  }
  append_new (builder, "audioconvert", NULL);
  append_new (builder, "audioresample", NULL);
  if (warning != NULL)
    self->callbacks.warning (warning, self->data);
}

/* What stays in front of an encoder when that is another one: smaller pictures
 * can only be made of those that are in our memory. */
static GstElement *
append_front (Builder * builder, const GstCaps * input)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (builder->bin);

  if (self->codec->kind == GST_WSCTL_MEDIA_KIND_AUDIO)
    append_downmix (builder, input);
  else
    self->mitigation = gst_wsctl_mitigation_new (builder->bin,
        gst_caps_features_is_equal (gst_caps_get_features (input, 0),
            GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY), &builder->first,
        &builder->last);

  return builder->last;
}

static void
build_raw (Builder * builder, const GstCaps * input, const GstCaps * output)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (builder->bin);
  const GstWsctlCodec *codec = self->codec;
  GstElement *before = append_front (builder, input);
  GstElement *first = builder->first;
  GstElement *after;

  builder->first = builder->last = NULL;
  append_parser (builder, codec);
  if (gst_wsctl_form_of_caps (output) == GST_WSCTL_FORM_RTP)
    append_payloader (builder, codec, output);
  else
    append_new (builder, "identity", NULL);
  after = builder->first;
  builder->first = first;
  if (builder->failed)
    return;

  self->slot = gst_wsctl_encoder_slot_new (builder->bin, codec, input,
      self->callbacks.set_up_encoder, self->data);
  if (!gst_wsctl_encoder_slot_fill (self->slot, before, after, builder->error))
    builder->failed = TRUE;
}

static void
build (Builder * builder, const GstCaps * input, const GstCaps * output)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (builder->bin);

  switch (self->form) {
    case GST_WSCTL_FORM_RAW:
      build_raw (builder, input, output);
      break;
    case GST_WSCTL_FORM_ENCODED:
      append_parser (builder, self->codec);
      append_payloader (builder, self->codec, output);
      break;
    case GST_WSCTL_FORM_RTP:
      append_depayloader (builder, self->codec);
      append_parser (builder, self->codec);
      append_payloader (builder, self->codec, output);
      break;
    case GST_WSCTL_FORM_UNKNOWN:
      append_new (builder, "identity", NULL);
      break;
  }
}

/* The encoder's place is downstream of here, so nothing flows there now. */
static GstFlowReturn
push_until_encoded (GstWsctlSendChain * self, GstPad * pad, GstBuffer * buffer)
{
  GstFlowReturn ret = gst_proxy_pad_chain_default (pad, GST_OBJECT (self),
      gst_buffer_ref (buffer));

  while (gst_wsctl_encoder_slot_has_failed (self->slot, ret)) {
    g_autoptr (GError) error = NULL;

    if (!gst_wsctl_encoder_slot_replace (self->slot, &error)) {
      fail (self, error);
      break;
    }
    ret = gst_proxy_pad_chain_default (pad, GST_OBJECT (self),
        gst_buffer_ref (buffer));
  }

  return ret;
}

static GstFlowReturn
on_buffer (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (parent);
  GstCaps *caps = NULL;
  gboolean passes = !self->dead;
  GstFlowReturn ret = GST_FLOW_OK;

  if (passes && self->mitigation != NULL)
    passes = gst_wsctl_mitigation_take_buffer (self->mitigation, buffer, &caps);
  if (caps != NULL)
    gst_pad_event_default (pad, parent, gst_event_new_caps (caps));
  gst_clear_caps (&caps);

  if (passes && self->slot != NULL)
    ret = push_until_encoded (self, pad, buffer);
  else if (passes)
    return gst_proxy_pad_chain_default (pad, parent, buffer);
  gst_buffer_unref (buffer);

  return self->dead ? GST_FLOW_OK : ret;
}

static gboolean
on_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (parent);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS
      && self->form == GST_WSCTL_FORM_RAW) {
    gst_event_parse_caps (event, &caps);
    caps = self->mitigation != NULL
        ? gst_wsctl_mitigation_take_caps (self->mitigation, caps)
        : gst_wsctl_downmix_take_caps (caps);
    gst_event_unref (event);
    event = gst_event_new_caps (caps);
    gst_caps_unref (caps);
  }

  return gst_pad_event_default (pad, parent, event);
}

static GstPadProbeReturn
on_upstream_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlSendChain *self = data;

  if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info))
      && !self->callbacks.key_frame (self->data))
    return GST_PAD_PROBE_DROP;

  return GST_PAD_PROBE_OK;
}

static GstPad *
expose (GstWsctlSendChain * self, const gchar * name, GstElement * element)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (element, name);
  GstPad *pad = gst_ghost_pad_new (name, target);

  gst_element_add_pad (GST_ELEMENT (self), pad);

  return pad;
}

GstElement *
gst_wsctl_send_chain_new (const GstCaps * input, const GstCaps * output,
    const GstWsctlSendChainCallbacks * callbacks, gpointer data,
    GError ** error)
{
  GstWsctlSendChain *self = g_object_new (GST_TYPE_WSCTL_SEND_CHAIN, NULL);
  Builder builder = { GST_BIN (self), NULL, NULL, error, FALSE };
  GstPad *sink, *src;

  self->codec = gst_wsctl_codec_find_for_caps (output);
  self->form = gst_wsctl_form_of_caps (input);
  self->callbacks = *callbacks;
  self->data = data;
  build (&builder, input, output);
  if (builder.failed) {
    gst_element_set_state (GST_ELEMENT (self), GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (self));
    return NULL;
  }

  sink = expose (self, "sink", builder.first);
  gst_pad_set_chain_function (sink, on_buffer);
  gst_pad_set_event_function (sink, on_event);
  if (self->form == GST_WSCTL_FORM_RTP)
    gst_wsctl_rtp_filter_attach (sink, self->codec, self->callbacks.warning,
        data);
  src = expose (self, "src", builder.last);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      on_upstream_event, self, NULL);

  return GST_ELEMENT (self);
}

/* For raw media: does the same converter do for both? */
static gboolean
is_converted_alike (const GstCaps * input, const GstCaps * other)
{
  return gst_wsctl_downmix_is_same (input, other)
      && gst_wsctl_encoder_is_interlaced (input)
      == gst_wsctl_encoder_is_interlaced (other);
}

gboolean
gst_wsctl_send_chain_fits (const GstCaps * input, const GstCaps * other)
{
  return gst_wsctl_form_of_caps (input) == gst_wsctl_form_of_caps (other)
      && gst_wsctl_codec_find_for_caps (input)
      == gst_wsctl_codec_find_for_caps (other)
      && gst_caps_features_is_equal (gst_caps_get_features (input, 0),
      gst_caps_get_features (other, 0))
      && is_converted_alike (input, other);
}

void
gst_wsctl_send_chain_set_bitrate (GstWsctlSendChain * self,
    GstWsctlMitigationMode modes, guint bitrate_bps)
{
  if (self->mitigation != NULL)
    gst_wsctl_mitigation_set (self->mitigation, modes, bitrate_bps);
  if (self->slot != NULL)
    gst_wsctl_encoder_slot_set_bitrate (self->slot, bitrate_bps);
}

/* A bin passes up what its children post: an error of an encoder that another
 * will stand in for is none. */
static void
gst_wsctl_send_chain_handle_message (GstBin * bin, GstMessage * message)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (bin);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR && self->slot != NULL
      && gst_wsctl_encoder_slot_take_error (self->slot, message)) {
    gst_message_unref (message);
    return;
  }

  GST_BIN_CLASS (gst_wsctl_send_chain_parent_class)->handle_message (bin,
      message);
}

static void
gst_wsctl_send_chain_finalize (GObject * object)
{
  GstWsctlSendChain *self = GST_WSCTL_SEND_CHAIN (object);

  g_clear_pointer (&self->slot, gst_wsctl_encoder_slot_free);
  g_clear_pointer (&self->mitigation, gst_wsctl_mitigation_free);

  G_OBJECT_CLASS (gst_wsctl_send_chain_parent_class)->finalize (object);
}

static void
gst_wsctl_send_chain_class_init (GstWsctlSendChainClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_send_chain_finalize;
  GST_BIN_CLASS (klass)->handle_message = gst_wsctl_send_chain_handle_message;
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Send chain", "Bin", "From what a sink pad takes to RTP",
      "The gst-wsctl authors");
}

static void
gst_wsctl_send_chain_init (GstWsctlSendChain * self)
{
}
