/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlreceivechain.h"

#include "wsctlerror.h"
#include "wsctlframerate-private.h"
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
build (Builder * builder, const GstWsctlCodec * codec, GstWsctlForm form,
    GstElement * filter, GError ** error)
{
  if (form == GST_WSCTL_FORM_RTP)
    return append_new (builder, "identity", error);

  if (!append_new (builder, codec->depayloader, error)
      || !append_filter (builder, codec->depayloaded_caps, error)
      || !append_custom (builder, filter, error))
    return FALSE;

  /* A decoder takes what a depayloader gives; others want it in a form. */
  if (form == GST_WSCTL_FORM_ENCODED)
    return append_parser (builder, codec, error);

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

/* Behind losses, nothing but a key frame helps: a depayloader that can wait for
 * one and ask for it, does. */
static void
set_up_depayloader (GstElement * element)
{
  GObjectClass *klass = G_OBJECT_GET_CLASS (element);

  if (g_object_class_find_property (klass, "request-keyframe") != NULL)
    g_object_set (element, "request-keyframe", TRUE, NULL);
  if (g_object_class_find_property (klass, "wait-for-keyframe") != NULL)
    g_object_set (element, "wait-for-keyframe", TRUE, NULL);
}

GstElement *
gst_wsctl_receive_chain_new (const GstWsctlCodec * codec, GstWsctlForm form,
    GstElement * filter, GError ** error)
{
  GstElement *bin = gst_bin_new (NULL);
  Builder builder = { GST_BIN (bin), NULL, NULL };
  Decoding *decoding;
  GstPad *src;

  GST_DEBUG_CATEGORY_INIT (wsctlreceivechain_debug, "wsctlreceivechain", 0,
      "WebRTC WebSocket control: receive chain");

  if (!build (&builder, codec, form, filter, error)) {
    gst_element_set_state (bin, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (bin));
    return NULL;
  }

  set_up_depayloader (builder.first);
  expose (bin, "sink", builder.first);
  src = expose (bin, "src", builder.last);
  decoding = g_object_get_data (G_OBJECT (bin), DECODING);
  if (decoding != NULL)
    decoding->src = src;

  return bin;
}

static gboolean
takes (const GstCaps * allowed, const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  return gst_caps_can_intersect (allowed, caps);
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

  if (takes (allowed, codec->encoded_caps))
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
