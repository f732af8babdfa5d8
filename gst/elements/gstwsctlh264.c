/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Numbers of clauses are those of ITU-T H.264.
 */

#include "gstwsctlh264.h"

#include <gst/base/gstbitreader.h>
#include <gst/pbutils/pbutils.h>
#include <string.h>

/* A slice header begins with two short numbers. */
#define HEADER_SIZE 12

/* nal_unit_type (table 7-1) */
#define NAL_SLICE 1
#define NAL_SLICE_PARTITION_A 2
#define NAL_SLICE_IDR 5

/* profile_idc and the constraint flags (annex A) */
static const struct
{
  const gchar *name;
  guint profile;
} profiles[] = {
  {"constrained-baseline", 0x42e0},
  {"baseline", 0x4200},
  {"main", 0x4d00},
  {"extended", 0x5800},
  {"constrained-high", 0x640c},
  {"high", 0x6400},
  {"high-10", 0x6e00},
  {"high-4:2:2", 0x7a00},
  {"high-4:4:4", 0xf400},
};

static GstBuffer *
get_codec_data (const GstStructure * structure)
{
  const GValue *value = gst_structure_get_value (structure, "codec_data");

  return value != NULL && GST_VALUE_HOLDS_BUFFER (value)
      ? gst_value_get_buffer (value) : NULL;
}

gchar *
gst_wsctl_h264_get_profile_level_id (const GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const gchar *profile = gst_structure_get_string (structure, "profile");
  const gchar *level = gst_structure_get_string (structure, "level");
  GstBuffer *codec_data = get_codec_data (structure);
  guint8 bytes[4];
  guint i;

  /* AVCDecoderConfigurationRecord: version, profile, constraints, level */
  if (codec_data != NULL && gst_buffer_extract (codec_data, 0, bytes, 4) == 4)
    return g_strdup_printf ("%02x%02x%02x", bytes[1], bytes[2], bytes[3]);

  if (profile == NULL)
    return NULL;

  for (i = 0; i < G_N_ELEMENTS (profiles); i++) {
    guint8 idc = level != NULL ? gst_codec_utils_h264_get_level_idc (level) : 0;

    /* Level 3.1 is what everybody must take (RFC 7742). */
    if (g_str_equal (profiles[i].name, profile))
      return g_strdup_printf ("%04x%02x", profiles[i].profile,
          idc != 0 ? idc : 31);
  }

  return NULL;
}

/* ue(v), 9.1 */
static gboolean
read_number (GstBitReader * reader, guint32 * number)
{
  guint zeros = 0;
  guint8 bit;
  guint32 rest;

  for (;;) {
    if (!gst_bit_reader_get_bits_uint8 (reader, &bit, 1))
      return FALSE;
    if (bit)
      break;
    if (++zeros > 31)
      return FALSE;
  }
  if (!gst_bit_reader_get_bits_uint32 (reader, &rest, zeros))
    return FALSE;
  *number = (1u << zeros) - 1 + rest;

  return TRUE;
}

/* slice_type, 7.4.3 */
static gboolean
is_b_slice (const guint8 * header, gsize size)
{
  GstBitReader reader;
  guint32 first_macroblock, type;

  gst_bit_reader_init (&reader, header, MIN (size, HEADER_SIZE));

  return read_number (&reader, &first_macroblock)
      && read_number (&reader, &type) && type % 5 == 1;
}

/* TRUE when @nal is a slice, and then whether a B slice. */
static gboolean
read_slice (const guint8 * nal, gsize size, gboolean * is_b)
{
  guint type = size > 1 ? nal[0] & 0x1f : 0;

  if (type != NAL_SLICE && type != NAL_SLICE_PARTITION_A
      && type != NAL_SLICE_IDR)
    return FALSE;
  *is_b = type != NAL_SLICE_IDR && is_b_slice (nal + 1, size - 1);

  return TRUE;
}

/* With sizes before each unit (ISO/IEC 14496-15) */
static gboolean
find_in_units (const guint8 * data, gsize size, guint length_size)
{
  gboolean is_b = FALSE;

  while (size > length_size) {
    gsize unit = 0;
    guint i;

    for (i = 0; i < length_size; i++)
      unit = unit << 8 | data[i];
    data += length_size;
    size -= length_size;
    if (unit > size || read_slice (data, unit, &is_b))
      break;
    data += unit;
    size -= unit;
  }

  return is_b;
}

/* With start codes (annex B) */
static gboolean
find_in_stream (const guint8 * data, gsize size)
{
  gboolean is_b = FALSE;
  gsize i;

  for (i = 0; i + 3 < size; i++) {
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1
        && read_slice (data + i + 3, size - i - 3, &is_b))
      break;
  }

  return is_b;
}

gboolean
gst_wsctl_h264_is_b_frame (GstBuffer * frame, const GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  GstBuffer *codec_data = get_codec_data (structure);
  GstMapInfo map;
  guint8 flags = 3;
  gboolean is_b;

  if (!gst_buffer_map (frame, &map, GST_MAP_READ))
    return FALSE;

  if (g_strcmp0 (gst_structure_get_string (structure, "stream-format"),
          "avc") == 0) {
    if (codec_data != NULL)
      gst_buffer_extract (codec_data, 4, &flags, 1);
    is_b = find_in_units (map.data, map.size, (flags & 3) + 1);
  } else {
    is_b = find_in_stream (map.data, map.size);
  }
  gst_buffer_unmap (frame, &map);

  return is_b;
}
