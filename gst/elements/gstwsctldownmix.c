/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctldownmix.h"

#include <gst/audio/audio.h>

#include "wsctlerror.h"

#define STEREO (GST_AUDIO_CHANNEL_POSITION_MASK (FRONT_LEFT) | \
    GST_AUDIO_CHANNEL_POSITION_MASK (FRONT_RIGHT))

/* The most that GStreamer's mixer takes */
#define MAX_CHANNELS 63

static gint
get_channels (const GstCaps * caps, gboolean * positioned)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  guint64 mask = 0;
  gint channels = 1;

  gst_structure_get_int (structure, "channels", &channels);
  gst_structure_get (structure, "channel-mask", GST_TYPE_BITMASK, &mask, NULL);
  *positioned = mask != 0;

  return channels;
}

static gint
count_unpositioned (const GstCaps * caps)
{
  gboolean positioned;
  gint channels = get_channels (caps, &positioned);

  return positioned || channels <= 2 ? 0 : channels;
}

/* Pairs of left and right, all as loud as each other */
gboolean
gst_wsctl_downmix_get_matrix (const GstCaps * caps, GValue * matrix)
{
  gint channels = count_unpositioned (caps);
  gint side, channel;

  if (channels == 0)
    return FALSE;

  g_value_init (matrix, GST_TYPE_ARRAY);
  for (side = 0; side < 2; side++) {
    gint n = (channels + 1 - side) / 2;
    GValue row = G_VALUE_INIT;

    g_value_init (&row, GST_TYPE_ARRAY);
    for (channel = 0; channel < channels; channel++) {
      GValue gain = G_VALUE_INIT;

      g_value_init (&gain, G_TYPE_FLOAT);
      g_value_set_float (&gain, channel % 2 == side ? 1.0f / n : 0);
      gst_value_array_append_and_take_value (&row, &gain);
    }
    gst_value_array_append_and_take_value (matrix, &row);
  }

  return TRUE;
}

GstCaps *
gst_wsctl_downmix_take_caps (const GstCaps * caps)
{
  GstCaps *taken = gst_caps_copy (caps);
  gboolean positioned;
  gint channels = get_channels (caps, &positioned);

  if (!positioned && channels > 1)
    gst_caps_set_simple (taken, "channel-mask", GST_TYPE_BITMASK,
        channels == 2 ? STEREO : G_GUINT64_CONSTANT (0), NULL);

  return taken;
}

gchar *
gst_wsctl_downmix_describe (const GstCaps * caps)
{
  gboolean positioned;
  gint channels = get_channels (caps, &positioned);

  if (channels <= 2)
    return NULL;

  return g_strdup_printf ("The sound that comes in has %d channels%s; they are "
      "mixed to stereo", channels, positioned ? "" : " without positions");
}

gboolean
gst_wsctl_downmix_check (const GstCaps * caps, GError ** error)
{
  gint channels = count_unpositioned (caps);

  if (channels <= MAX_CHANNELS)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_UNSUITABLE_MEDIA,
      "the sound that comes in has %d channels without positions, and no more "
      "than %d can be mixed to stereo", channels, MAX_CHANNELS);

  return FALSE;
}

gboolean
gst_wsctl_downmix_is_same (const GstCaps * caps, const GstCaps * other)
{
  g_autofree gchar *one = gst_wsctl_downmix_describe (caps);
  g_autofree gchar *two = gst_wsctl_downmix_describe (other);

  return g_strcmp0 (one, two) == 0;
}
