/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlforms.h"

#include "wsctlerror.h"

GstWsctlForm
gst_wsctl_form_of_structure (const GstStructure * structure)
{
  const gchar *name = gst_structure_get_name (structure);

  if (g_str_has_suffix (name, "/x-raw"))
    return GST_WSCTL_FORM_RAW;
  if (g_str_equal (name, "application/x-rtp"))
    return GST_WSCTL_FORM_RTP;

  return GST_WSCTL_FORM_ENCODED;
}

GstWsctlForm
gst_wsctl_form_of_caps (const GstCaps * caps)
{
  GstWsctlForm form = GST_WSCTL_FORM_UNKNOWN;
  guint i;

  if (caps == NULL || gst_caps_is_any (caps))
    return GST_WSCTL_FORM_UNKNOWN;

  for (i = 0; i < gst_caps_get_size (caps); i++) {
    GstWsctlForm one =
        gst_wsctl_form_of_structure (gst_caps_get_structure (caps, i));

    if (form != GST_WSCTL_FORM_UNKNOWN && form != one)
      return GST_WSCTL_FORM_UNKNOWN;
    form = one;
  }

  return form;
}

static gboolean
check_g711 (const GstStructure * structure, GError ** error)
{
  gint rate = 8000, channels = 1;

  gst_structure_get_int (structure, "rate", &rate);
  gst_structure_get_int (structure, "channels", &channels);
  if (rate == 8000 && channels == 1)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNSUITABLE_MEDIA,
      "the G.711 that comes in has %d Hz and %d channels, and WebRTC has 8000 "
      "Hz and one; encode it so (audioconvert ! audioresample ! "
      "audio/x-raw,rate=8000,channels=1 ! alawenc)", rate, channels);

  return FALSE;
}

gboolean
gst_wsctl_form_check (const GstCaps * input, GError ** error)
{
  const GstStructure *structure = gst_caps_get_structure (input, 0);
  gint family = 0, channels = 0;

  if (gst_structure_has_name (structure, "audio/x-alaw")
      || gst_structure_has_name (structure, "audio/x-mulaw"))
    return check_g711 (structure, error);
  if (!gst_structure_has_name (structure, "audio/x-opus"))
    return TRUE;

  gst_structure_get_int (structure, "channel-mapping-family", &family);
  gst_structure_get_int (structure, "channels", &channels);
  if (family == 0 && channels <= 2)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNSUITABLE_MEDIA,
      "the Opus that comes in has %d channels (channel mapping family %d), and "
      "WebRTC has mono and stereo only; encode it with fewer (audioconvert ! "
      "audio/x-raw,channels=2 ! opusenc)", channels, family);

  return FALSE;
}
