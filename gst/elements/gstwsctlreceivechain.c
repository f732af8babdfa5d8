/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlreceivechain.h"

#include <gst/video/video.h>

#include "wsctlerror.h"
#include "wsctlframerate-private.h"
#include "wsctlpictures-private.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlreceivechain_debug);
#define GST_CAT_DEFAULT wsctlreceivechain_debug

#define DECODING "gst-wsctl-decoding"

static gboolean
add_missing (const gchar * what, GError ** error)
{
  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
      "%s is not installed", what);

  return FALSE;
}

/* Elements in the order of the flow, while a chain is being built */
typedef struct
{
  GstBin *bin;
  GstElement *first;
  GstElement *last;
} Builder;

/* A new element behind the last one, TRUE when it is there. */
static gboolean
append (Builder * builder, GstElement * element)
{
  gst_bin_add (builder->bin, element);
  if (builder->first == NULL)
    builder->first = element;
  else if (!gst_element_link (builder->last, element))
    return FALSE;
  builder->last = element;

  return TRUE;
}

static gboolean
append_new (Builder * builder, const gchar * factory, GError ** error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL || !append (builder, element))
    return add_missing (factory, error);

  return TRUE;
}

/* The best decoder that starts and takes the stream. Those of hardware say what
 * they can do in their pads' caps, profiles and sizes, or when they open their
 * device. */
typedef struct
{
  GstBin *bin;                  /* our owner */
  GstPad *src;                  /* of the bin, once it is exposed */
  GstElement *before;
  GList *able;                  /* GstElementFactory */
  GList *next;                  /* in able */
  GstElement *decoder;          /* the bin's */
} Decoding;

static void
free_decoding (gpointer data)
{
  Decoding *self = data;

  gst_plugin_feature_list_free (self->able);
  g_free (self);
}

/* NULL: there is none left. */
static GstElement *
make_decoder (Decoding * self)
{
  while (self->next != NULL) {
    GstElement *decoder = gst_element_factory_create (self->next->data, NULL);

    self->next = self->next->next;
    if (decoder == NULL)
      continue;
    if (gst_element_set_state (decoder, GST_STATE_READY)
        != GST_STATE_CHANGE_FAILURE)
      return decoder;

    GST_INFO_OBJECT (decoder, "does not start");
    gst_element_set_state (decoder, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (decoder));
  }

  return NULL;
}

static void
drop (Decoding * self, GstElement * decoder)
{
  gst_element_set_locked_state (decoder, TRUE);
  gst_element_set_state (decoder, GST_STATE_NULL);
  gst_bin_remove (self->bin, decoder);
}

/* On the streaming thread, in front of the decoder */
static gboolean
replace_decoder (Decoding * self)
{
  GstElement *decoder = make_decoder (self);
  g_autoptr (GstPad) src = NULL;

  if (decoder == NULL)
    return FALSE;

  GST_INFO_OBJECT (decoder, "takes the place of %" GST_PTR_FORMAT,
      self->decoder);
  drop (self, self->decoder);
  self->decoder = decoder;
  gst_bin_add (self->bin, decoder);
  src = gst_element_get_static_pad (decoder, "src");
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->src), src);
  gst_element_sync_state_with_parent (decoder);

  return gst_element_link (self->before, decoder);
}

static gboolean
accepts (Decoding * self, GstCaps * caps)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->decoder, "sink");

  return gst_pad_query_accept_caps (sink, caps);
}

static GstPadProbeReturn
on_decoder_caps (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Decoding *self = data;
  gboolean replaced = FALSE;
  GstCaps *caps;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;

  gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
  while (!accepts (self, caps) && replace_decoder (self))
    replaced = TRUE;
  if (replaced)
    gst_element_post_message (GST_ELEMENT (self->bin),
        gst_message_new_latency (GST_OBJECT (self->bin)));

  return GST_PAD_PROBE_OK;
}

static Decoding *
new_decoding (Builder * builder, const GstWsctlCodec * codec)
{
  Decoding *self = g_new0 (Decoding, 1);
  g_autoptr (GstPad) sink = NULL;

  self->bin = builder->bin;
  self->able = self->next = gst_wsctl_codec_list_decoders (codec);
  self->before = builder->last;
  sink = gst_element_get_static_pad (self->before, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_decoder_caps,
      self, NULL);
  g_object_set_data_full (G_OBJECT (self->bin), DECODING, self, free_decoding);

  return self;
}

static gboolean
append_decoder (Builder * builder, const GstWsctlCodec * codec, GError ** error)
{
  g_autofree gchar *what = NULL;
  Decoding *decoding;
  GstElement *decoder;

  if (!append_new (builder, "identity", error))
    return FALSE;

  decoding = new_decoding (builder, codec);
  while ((decoder = make_decoder (decoding)) != NULL) {
    if (append (builder, decoder)) {
      GST_INFO_OBJECT (decoder, "chosen for %s", codec->name);
      decoding->decoder = decoder;
      return TRUE;
    }
    drop (decoding, decoder);
  }

  what = g_strdup_printf ("a decoder for %s that starts", codec->name);

  return add_missing (what, error);
}

static gboolean
append_filter (Builder * builder, const gchar * text, GError ** error)
{
  g_autoptr (GstCaps) caps = NULL;

  if (text == NULL)
    return TRUE;
  if (!append_new (builder, "capsfilter", error))
    return FALSE;

  caps = gst_caps_from_string (text);
  g_object_set (builder->last, "caps", caps, NULL);

  return TRUE;
}

static gboolean
append_custom (Builder * builder, GstElement * filter, GError ** error)
{
  if (filter == NULL || (filter->numsrcpads > 0 && append (builder, filter)))
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_INVALID_OPTION,
      "the filter of encoded frames, '%s', cannot be linked to what is "
      "received", GST_OBJECT_NAME (filter));

  return FALSE;
}

static gboolean
append_parser (Builder * builder, const GstWsctlCodec * codec, GError ** error)
{
  g_autoptr (GstPad) src = NULL;

  if (codec->parser == NULL)
    return TRUE;
  if (!append_new (builder, codec->parser, error))
    return FALSE;

  src = gst_element_get_static_pad (builder->last, "src");
  gst_wsctl_framerate_correct (src);

  return TRUE;
}

static gboolean
takes (const GstCaps * allowed, const gchar * text)
{
  g_autoptr (GstCaps) caps = NULL;

  if (text == NULL)
    return FALSE;

  caps = gst_caps_from_string (text);

  return gst_caps_can_intersect (allowed, caps);
}

/* An encoded form, and the pad that it goes to, which outlives the chain */
typedef struct
{
  const GstWsctlCodec *codec;
  GstPad *output;
} Encoded;

static void
copy_fields (GstCaps * caps, const GstCaps * from, const gchar ** names)
{
  const GstStructure *structure;

  if (from == NULL)
    return;

  structure = gst_caps_get_structure (from, 0);
  for (; *names != NULL; names++) {
    const GValue *value = gst_structure_get_value (structure, *names);

    if (value != NULL)
      gst_caps_set_value (caps, *names, value);
  }
}

/* A parser leaves codec_data empty where the parameter sets are in band, but
 * not every player finds them there: put those of the depayloader in. A muxer
 * that takes another size in the stream takes no other frame rate or
 * colorimetry. Both are only hints for a decoder, so keep the first ones. */
static void
complete_in_band (Encoded * self, GstPad * pad, GstCaps * caps)
{
  static const gchar *of_depayloader[] = { "codec_data", NULL };
  static const gchar *of_first[] = { "framerate", "colorimetry", NULL };
  g_autoptr (GstElement) parser = gst_pad_get_parent_element (pad);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (parser, "sink");
  g_autoptr (GstCaps) depayloaded = gst_pad_get_current_caps (sink);
  g_autoptr (GstCaps) last = gst_pad_get_current_caps (self->output);

  copy_fields (caps, depayloaded, of_depayloader);
  if (last != NULL && takes (last, self->codec->in_band_caps))
    copy_fields (caps, last, of_first);
}

/* Muxers need more than depayloaders and parsers say. */
static GstPadProbeReturn
on_encoded_caps (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Encoded *self = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  const GstWsctlCodec *codec = self->codec;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;

  gst_event_parse_caps (event, &caps);
  caps = gst_caps_copy (caps);
  if (codec->kind == GST_WSCTL_MEDIA_KIND_AUDIO
      && !gst_structure_has_field (gst_caps_get_structure (caps, 0), "rate"))
    gst_caps_set_simple (caps, "rate", G_TYPE_INT, codec->clock_rate, NULL);
  if (takes (caps, codec->in_band_caps))
    complete_in_band (self, pad, caps);

  GST_PAD_PROBE_INFO_DATA (info) = gst_event_new_caps (caps);
  gst_event_unref (event);
  gst_caps_unref (caps);

  return GST_PAD_PROBE_OK;
}

static void
watch_encoded (Builder * builder, const GstWsctlCodec * codec, GstPad * output)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (builder->last, "src");
  Encoded *encoded = g_new0 (Encoded, 1);

  encoded->codec = codec;
  encoded->output = output;
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_encoded_caps,
      encoded, g_free);
}

/* With the parameter sets in band, where downstream takes that: a muxer puts
 * the first ones into its header, and takes others only in the stream. */
static gboolean
finish_encoded (Builder * builder, const GstWsctlCodec * codec,
    GstPad * output, GError ** error)
{
  g_autoptr (GstCaps) allowed = gst_pad_peer_query_caps (output, NULL);
  gboolean in_band = takes (allowed, codec->in_band_caps);

  if (!append_parser (builder, codec, error))
    return FALSE;
  watch_encoded (builder, codec, output);
  if (!in_band)
    return TRUE;

  g_object_set (builder->last, "config-interval", -1, NULL);

  return append_filter (builder, codec->in_band_caps, error);
}

static gboolean
build (Builder * builder, const GstWsctlCodec * codec, GstWsctlForm form,
    GstPad * output, GstElement * filter, GError ** error)
{
  if (form == GST_WSCTL_FORM_RTP)
    return append_new (builder, "identity", error);

  if (!append_new (builder, codec->depayloader, error)
      || !append_filter (builder, codec->depayloaded_caps, error)
      || !append_custom (builder, filter, error))
    return FALSE;

  /* A decoder takes what a depayloader gives; others want it in a form. */
  if (form == GST_WSCTL_FORM_ENCODED)
    return finish_encoded (builder, codec, output, error);

  return form != GST_WSCTL_FORM_RAW || (append_parser (builder, codec, error)
      && append_decoder (builder, codec, error));
}

static GstPad *
expose (GstElement * bin, const gchar * name, GstElement * element)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (element, name);
  GstPad *pad = gst_ghost_pad_new (name, target);

  gst_element_add_pad (bin, pad);

  return pad;
}

/* What follows a depayloader until a decoder can start */
typedef struct
{
  GstWsctlPictures *pictures;
  gboolean waiting;
} Start;

static void
free_start (gpointer data)
{
  Start *self = data;

  gst_wsctl_pictures_free (self->pictures);
  g_free (self);
}

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Start *self = data;
  GstBuffer *picture = gst_wsctl_pictures_take (self->pictures,
      GST_PAD_PROBE_INFO_BUFFER (info));

  GST_PAD_PROBE_INFO_DATA (info) = picture;
  if (GST_BUFFER_IS_DISCONT (picture)) {
    self->waiting = TRUE;
    gst_pad_send_event (pad,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            0));
  }
  if (!self->waiting)
    return GST_PAD_PROBE_OK;
  if (GST_BUFFER_FLAG_IS_SET (picture, GST_BUFFER_FLAG_DELTA_UNIT))
    return GST_PAD_PROBE_DROP;

  self->waiting = FALSE;
  GST_BUFFER_FLAG_SET (picture, GST_BUFFER_FLAG_DISCONT);

  return GST_PAD_PROBE_OK;
}

/* Behind losses, nothing but a key frame helps. Depayloaders of H.264 and H.265
 * know no recovery points; the others can wait for themselves, and ask. */
static void
set_up_depayloader (GstElement * element, const GstWsctlCodec * codec)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (element);

  if (gst_wsctl_pictures_get_caps (codec->name) != NULL) {
    g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");
    Start *start = g_new0 (Start, 1);

    start->pictures = gst_wsctl_pictures_new (codec->name, 4);
    start->waiting = TRUE;
    gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, on_picture, start,
        free_start);
    return;
  }

  if (g_object_class_find_property (klass, "request-keyframe") != NULL)
    g_object_set (element, "request-keyframe", TRUE, NULL);
  if (g_object_class_find_property (klass, "wait-for-keyframe") != NULL)
    g_object_set (element, "wait-for-keyframe", TRUE, NULL);
}

GstElement *
gst_wsctl_receive_chain_new (const GstWsctlCodec * codec, GstWsctlForm form,
    GstPad * output, GstElement * filter, GError ** error)
{
  GstElement *bin = gst_bin_new (NULL);
  Builder builder = { GST_BIN (bin), NULL, NULL };
  Decoding *decoding;
  GstPad *src;

  GST_DEBUG_CATEGORY_INIT (wsctlreceivechain_debug, "wsctlreceivechain", 0,
      "WebRTC WebSocket control: receive chain");

  if (!build (&builder, codec, form, output, filter, error)) {
    gst_element_set_state (bin, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (bin));
    return NULL;
  }

  if (form != GST_WSCTL_FORM_RTP)
    set_up_depayloader (builder.first, codec);
  expose (bin, "sink", builder.first);
  src = expose (bin, "src", builder.last);
  decoding = g_object_get_data (G_OBJECT (bin), DECODING);
  if (decoding != NULL)
    decoding->src = src;

  return bin;
}

static gboolean
takes_raw (const GstCaps * allowed, GstWsctlMediaKind kind)
{
  return takes (allowed, kind == GST_WSCTL_MEDIA_KIND_VIDEO
      ? "video/x-raw(ANY)" : "audio/x-raw(ANY)");
}

GstWsctlForm
gst_wsctl_receive_chain_choose (const GstWsctlCodec * codec,
    const GstCaps * allowed)
{
  if (gst_wsctl_codec_can_decode (codec) && takes_raw (allowed, codec->kind))
    return GST_WSCTL_FORM_RAW;

  if (takes (allowed, codec->encoded_caps)
      || takes (allowed, codec->in_band_caps))
    return GST_WSCTL_FORM_ENCODED;

  return takes (allowed, "application/x-rtp") ? GST_WSCTL_FORM_RTP
      : GST_WSCTL_FORM_UNKNOWN;
}

gboolean
gst_wsctl_receive_chain_lacks_decoder (const GstWsctlCodec * codec,
    const GstCaps * allowed)
{
  return takes_raw (allowed, codec->kind)
      && !gst_wsctl_codec_can_decode (codec);
}

void
gst_wsctl_receive_chain_warm_up (const GstWsctlCodec * codec)
{
  GList *able = gst_wsctl_codec_list_decoders (codec);

  gst_wsctl_warmup_load (codec->depayloader);
  if (codec->parser != NULL)
    gst_wsctl_warmup_load (codec->parser);
  if (able != NULL)
    gst_wsctl_warmup_load (GST_OBJECT_NAME (able->data));
  gst_plugin_feature_list_free (able);
}
