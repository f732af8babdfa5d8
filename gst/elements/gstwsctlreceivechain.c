/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlreceivechain.h"

#include "wsctlerror.h"
#include "wsctlwarmup-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlreceivechain_debug);
#define GST_CAT_DEFAULT wsctlreceivechain_debug

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

/* Best first; transfer full. Such as take all of the codec: there are some that
 * take pictures with alpha only. */
static GList *
list_decoders (const GstWsctlCodec * codec)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (codec->parsed_caps);
  GList *all = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_DECODER, GST_RANK_MARGINAL);
  GList *able = gst_element_factory_list_filter (all, caps, GST_PAD_SINK,
      TRUE);

  gst_plugin_feature_list_free (all);

  return g_list_sort (able, gst_plugin_feature_rank_compare_func);
}

/* The best decoder that starts. */
static gboolean
append_decoder (Builder * builder, const GstWsctlCodec * codec, GError ** error)
{
  GList *able = list_decoders (codec);
  gboolean appended = FALSE;
  GList *item;

  for (item = able; item != NULL && !appended; item = item->next) {
    GstElement *decoder = gst_element_factory_create (item->data, NULL);

    if (decoder == NULL)
      continue;
    if (gst_element_set_state (decoder, GST_STATE_READY)
        == GST_STATE_CHANGE_FAILURE) {
      gst_element_set_state (decoder, GST_STATE_NULL);
      gst_object_unref (gst_object_ref_sink (decoder));
      continue;
    }
    GST_INFO_OBJECT (decoder, "chosen for %s", codec->name);
    appended = append (builder, decoder);
  }
  gst_plugin_feature_list_free (able);

  if (!appended) {
    g_autofree gchar *what = g_strdup_printf ("a decoder for %s", codec->name);

    return add_missing (what, error);
  }

  return TRUE;
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
  if (form == GST_WSCTL_FORM_ENCODED && codec->parser != NULL)
    return append_new (builder, codec->parser, error);
  if (form == GST_WSCTL_FORM_RAW) {
    if (codec->parser != NULL && !append_new (builder, codec->parser, error))
      return FALSE;
    return append_decoder (builder, codec, error);
  }

  return TRUE;
}

static void
expose (GstElement * bin, const gchar * name, GstElement * element)
{
  g_autoptr (GstPad) target = gst_element_get_static_pad (element, name);

  gst_element_add_pad (bin, gst_ghost_pad_new (name, target));
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

  GST_DEBUG_CATEGORY_INIT (wsctlreceivechain_debug, "wsctlreceivechain", 0,
      "WebRTC WebSocket control: receive chain");

  if (!build (&builder, codec, form, filter, error)) {
    gst_element_set_state (bin, GST_STATE_NULL);
    gst_object_unref (gst_object_ref_sink (bin));
    return NULL;
  }

  set_up_depayloader (builder.first);
  expose (bin, "sink", builder.first);
  expose (bin, "src", builder.last);

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
  GList *able = list_decoders (codec);

  gst_wsctl_warmup_load (codec->depayloader);
  if (codec->parser != NULL)
    gst_wsctl_warmup_load (codec->parser);
  if (able != NULL)
    gst_wsctl_warmup_load (GST_OBJECT_NAME (able->data));
  gst_plugin_feature_list_free (able);
}
