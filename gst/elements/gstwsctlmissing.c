/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlmissing.h"

#include <gst/pbutils/pbutils.h>

#include "gstwsctlforms.h"

static gboolean
is_installed (const gchar * name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

  return factory != NULL;
}

/* FALSE when nothing of these is missing; either may be NULL. */
static gboolean
post_for_elements (GstElement * element, const gchar * one, const gchar * other)
{
  const gchar *name = one != NULL && !is_installed (one) ? one
      : other != NULL && !is_installed (other) ? other : NULL;

  if (name == NULL)
    return FALSE;

  gst_element_post_message (element,
      gst_missing_element_message_new (element, name));

  return TRUE;
}

/* The messages want caps that are fixed; who installs looks at the name. */
static GstCaps *
get_fixed_caps (const gchar * text)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  return gst_caps_new_empty_simple (gst_structure_get_name
      (gst_caps_get_structure (caps, 0)));
}

static gboolean
names_any (const GstCaps * wanted)
{
  return wanted == NULL || gst_caps_is_any (wanted);
}

/* What raw media would be encoded to; NULL when that is none of ours. */
static const GstWsctlCodec *
find_liked_best (GstWsctlMediaKind kind, const GstCaps * wanted)
{
  const GstWsctlCodec *codec;

  if (!names_any (wanted))
    return gst_wsctl_codec_find_for_caps (wanted);

  for (codec = gst_wsctl_codec_get_all (); codec->kind != kind; codec++);

  return codec;
}

static void
post_for_encoder (GstElement * element, const GstCaps * caps)
{
  gst_element_post_message (element,
      gst_missing_encoder_message_new (element, caps));
}

/* An encoder alone would not do for a codec that is none of ours, but it is what
 * was asked for. */
static void
post_for_stranger (GstElement * element, const GstCaps * wanted)
{
  g_autoptr (GstCaps) first = NULL;

  if (gst_caps_is_empty (wanted))
    return;

  first = gst_caps_copy_nth (wanted, 0);
  if (gst_caps_is_fixed (first))
    post_for_encoder (element, first);
}

void
gst_wsctl_missing_post_for_sending (GstElement * element,
    GstWsctlMediaKind kind, const GstCaps * input, const GstCaps * wanted)
{
  gboolean raw = gst_wsctl_form_of_caps (input) == GST_WSCTL_FORM_RAW;
  const GstWsctlCodec *codec = raw ? find_liked_best (kind, wanted)
      : gst_wsctl_codec_find_for_caps (input);
  g_autoptr (GstCaps) caps = NULL;

  if (codec == NULL) {
    if (raw)
      post_for_stranger (element, wanted);
    return;
  }

  if (post_for_elements (element, codec->payloader, codec->parser) || !raw)
    return;

  caps = get_fixed_caps (codec->encoded_caps);
  post_for_encoder (element, caps);
}

void
gst_wsctl_missing_post_for_receiving (GstElement * element,
    const GstWsctlCodec * codec)
{
  g_autoptr (GstCaps) caps = NULL;

  if (post_for_elements (element, codec->depayloader, codec->parser))
    return;

  caps = get_fixed_caps (codec->parsed_caps);
  gst_element_post_message (element,
      gst_missing_decoder_message_new (element, caps));
}
