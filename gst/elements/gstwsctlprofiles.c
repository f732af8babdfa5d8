/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlprofiles.h"

#include <gst/pbutils/pbutils.h>
#include <string.h>

/* profile_idc and the constraint flags (H.264, annex A) */
static const struct
{
  const gchar *name;
  guint profile;
} h264_profiles[] = {
  {"constrained-baseline", 0x42e0},
  {"baseline", 0x4200},
  {"main", 0x4d00},
  {"extended", 0x5800},
  {"constrained-high", 0x640c},
  {"progressive-high", 0x6408},
  {"high", 0x6400},
  {"high-10", 0x6e00},
  {"high-4:2:2", 0x7a00},
  {"high-4:4:4", 0xf400},
};

/* general_profile_idc (H.265, A.3); the others are extensions. */
static const gchar *const h265_profiles[] = {
  NULL, "main", "main-10", "main-still-picture"
};

#define H265_EXTENSIONS 4

static GstBuffer *
get_codec_data (const GstStructure * structure)
{
  const GValue *value = gst_structure_get_value (structure, "codec_data");

  return value != NULL && GST_VALUE_HOLDS_BUFFER (value)
      ? gst_value_get_buffer (value) : NULL;
}

/* Transfer full, or NULL */
static gchar *
get_profile_level_id (const GstStructure * structure)
{
  const gchar *profile = gst_structure_get_string (structure, "profile");
  const gchar *level = gst_structure_get_string (structure, "level");
  GstBuffer *codec_data = get_codec_data (structure);
  guint8 bytes[4];
  guint i;

  /* AVCDecoderConfigurationRecord: version, profile, constraints, level. Without
   * that version it may be anything, with start codes for example. */
  if (codec_data != NULL && gst_buffer_extract (codec_data, 0, bytes, 4) == 4
      && bytes[0] == 1)
    return g_strdup_printf ("%02x%02x%02x", bytes[1], bytes[2], bytes[3]);

  if (profile == NULL)
    return NULL;

  for (i = 0; i < G_N_ELEMENTS (h264_profiles); i++) {
    guint8 idc = level != NULL ? gst_codec_utils_h264_get_level_idc (level) : 0;

    /* Level 3.1 is what everybody must take (RFC 7742). */
    if (g_str_equal (h264_profiles[i].name, profile))
      return g_strdup_printf ("%04x%02x", h264_profiles[i].profile,
          idc != 0 ? idc : 31);
  }

  return NULL;
}

static void
set_number (GstCaps * rtp, const gchar * name, guint number)
{
  g_autofree gchar *text = g_strdup_printf ("%u", number);

  gst_caps_set_simple (rtp, name, G_TYPE_STRING, text, NULL);
}

static void
describe_h265 (const GstStructure * structure, GstCaps * rtp)
{
  const gchar *profile = gst_structure_get_string (structure, "profile");
  const gchar *tier = gst_structure_get_string (structure, "tier");
  const gchar *level = gst_structure_get_string (structure, "level");
  guint i = 1;

  if (profile != NULL) {
    while (i < G_N_ELEMENTS (h265_profiles)
        && !g_str_equal (h265_profiles[i], profile))
      i++;
    set_number (rtp, "profile-id",
        i < G_N_ELEMENTS (h265_profiles) ? i : H265_EXTENSIONS);
  }
  if (tier != NULL)
    set_number (rtp, "tier-flag", g_str_equal (tier, "high"));
  if (level != NULL && gst_codec_utils_h265_get_level_idc (level) != 0)
    set_number (rtp, "level-id", gst_codec_utils_h265_get_level_idc (level));
}

static void
copy_fields (const GstStructure * structure, GstCaps * rtp)
{
  static const gchar *const fields[] = {
    "profile-level-id", "profile-id", "tier-flag", "level-id"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fields); i++) {
    const gchar *value = gst_structure_get_string (structure, fields[i]);

    if (value != NULL)
      gst_caps_set_simple (rtp, fields[i], G_TYPE_STRING, value, NULL);
  }
}

void
gst_wsctl_profiles_describe (const GstCaps * input, GstCaps * rtp)
{
  const GstStructure *structure = gst_caps_get_structure (input, 0);
  g_autofree gchar *id = NULL;

  if (gst_structure_has_name (structure, "application/x-rtp"))
    copy_fields (structure, rtp);
  if (gst_structure_has_name (structure, "video/x-h265"))
    describe_h265 (structure, rtp);
  if (gst_structure_has_name (structure, "video/x-h264"))
    id = get_profile_level_id (structure);
  if (id != NULL)
    gst_caps_set_simple (rtp, "profile-level-id", G_TYPE_STRING, id, NULL);
}
