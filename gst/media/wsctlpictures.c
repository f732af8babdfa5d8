/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Numbers of clauses are those of ITU-T H.264 and H.265.
 *
 * Parsers mark a picture as a key frame when any of its slices is intra coded.
 * With gradual refresh that may be every picture, so the flag is set here again.
 * They also put parameter sets in front of IDR pictures only.
 */

#include "wsctlpictures-private.h"

#include <string.h>
#include <gst/base/gstbitreader.h>

/* What is read of a unit: SEI messages that are longer hold user data. */
#define MAX_READ 1024
#define MAX_SETS 64
#define MAX_SET_SIZE 4096
/* SEI payloadType, D.1.1 and D.2.1 */
#define SEI_RECOVERY_POINT 6
/* Bits of the general part of profile_tier_level(), 7.3.3, without and with the
 * level */
#define PROFILE_BITS 88
#define LEVEL_BITS 8
#define MAX_SUB_LAYERS 7

/* nal_unit_type, table 7-1 of each */
enum
{
  H264_SLICE = 1,
  H264_SLICE_PARTITION_A = 2,
  H264_IDR = 5,
  H264_SEI = 6,
  H264_SPS = 7,
  H264_PPS = 8,
  H264_AUD = 9,

  H265_LAST_SLICE = 9,
  H265_FIRST_IRAP = 16,
  H265_LAST_IRAP = 21,
  H265_VPS = 32,
  H265_SPS = 33,
  H265_PPS = 34,
  H265_AUD = 35,
  H265_PREFIX_SEI = 39,
};

typedef enum
{
  CODEC_OTHER,
  CODEC_H264,
  CODEC_H265,
  CODEC_VP8,
  CODEC_VP9,
} Codec;

typedef enum
{
  UNIT_OTHER,
  UNIT_DELIMITER,
  UNIT_SET,
  UNIT_SEI,
  UNIT_SLICE,
} UnitKind;

typedef struct
{
  guint type;
  guint32 id;
  GBytes *bytes;                /* without a start code */
} ParameterSet;

struct _GstWsctlPictures
{
  Codec codec;
  guint length_size;            /* 0: start codes */
  GArray *sets;                 /* ParameterSet, in the order they came in */
  gboolean reorders;            /* H.265: the SPS allows it */
  guint extra_bits;             /* H.265: of a slice header, from the PPS */
  gboolean reordered;           /* the last picture */
};

/* A NAL unit in a buffer */
typedef struct
{
  const guint8 *data;
  gsize size;
} Unit;

/* What the units of one picture say */
typedef struct
{
  guint types;                  /* bits: of the parameter sets in it */
  gsize front;                  /* where parameter sets go */
  gboolean refreshes;           /* IRAP, or a recovery point */
  gboolean any_slice;
  gboolean from_top;            /* the first slice is there */
  gboolean all_intra;           /* every slice so far */
  gboolean any_b;
} Picture;

static void
clear_set (gpointer data)
{
  ParameterSet *set = data;

  g_bytes_unref (set->bytes);
}

static Codec
find_codec (const gchar * name)
{
  static const gchar *const names[] = { "", "H264", "H265", "VP8", "VP9" };
  guint i;

  for (i = 1; i < G_N_ELEMENTS (names); i++) {
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return i;
  }

  return CODEC_OTHER;
}

const gchar *
gst_wsctl_pictures_get_caps (const gchar * codec)
{
  switch (find_codec (codec)) {
    case CODEC_H264:
      return "video/x-h264, stream-format=(string)byte-stream, "
          "alignment=(string)au";
    case CODEC_H265:
      return "video/x-h265, stream-format=(string)byte-stream, "
          "alignment=(string)au";
    default:
      return NULL;
  }
}

GstWsctlPictures *
gst_wsctl_pictures_new (const gchar * codec, guint length_size)
{
  GstWsctlPictures *self = g_new0 (GstWsctlPictures, 1);

  self->codec = find_codec (codec);
  self->length_size = length_size;
  self->sets = g_array_new (FALSE, FALSE, sizeof (ParameterSet));
  g_array_set_clear_func (self->sets, clear_set);

  return self;
}

void
gst_wsctl_pictures_free (GstWsctlPictures * self)
{
  g_array_unref (self->sets);
  g_free (self);
}

/* Finds the next start code at or after @from; @size when there is none. */
static gsize
find_start_code (const guint8 * data, gsize size, gsize from)
{
  gsize i = from;

  while (i + 3 <= size) {
    if (data[i + 2] > 1)
      i += 3;
    else if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1)
      return i;
    else
      i++;
  }

  return size;
}

/* ISO/IEC 14496-15 */
static gboolean
read_unit_with_length (const GstWsctlPictures * self, const GstMapInfo * map,
    gsize * position, Unit * unit)
{
  gsize size = 0;
  guint i;

  if (*position + self->length_size > map->size)
    return FALSE;

  for (i = 0; i < self->length_size; i++)
    size = size << 8 | map->data[(*position)++];
  unit->data = map->data + *position;
  unit->size = MIN (size, map->size - *position);
  *position += unit->size;

  return TRUE;
}

/* @position: where to go on from. Start codes: annex B. */
static gboolean
read_unit (const GstWsctlPictures * self, const GstMapInfo * map,
    gsize * position, Unit * unit)
{
  gsize start, end;

  if (self->length_size > 0)
    return read_unit_with_length (self, map, position, unit);

  start = find_start_code (map->data, map->size, *position);
  if (start + 3 >= map->size)
    return FALSE;

  end = find_start_code (map->data, map->size, start + 3);
  *position = end;
  unit->data = map->data + start + 3;
  unit->size = end - start - 3;
  while (unit->size > 0 && unit->data[unit->size - 1] == 0)
    unit->size--;

  return TRUE;
}

static guint
get_type (const GstWsctlPictures * self, const Unit * unit)
{
  if (unit->size < 2)
    return G_MAXUINT;

  return self->codec == CODEC_H264 ? unit->data[0] & 0x1f
      : unit->data[0] >> 1 & 0x3f;
}

static UnitKind
get_kind (const GstWsctlPictures * self, guint type)
{
  if (self->codec == CODEC_H264) {
    return type == H264_AUD ? UNIT_DELIMITER
        : type == H264_SPS || type == H264_PPS ? UNIT_SET
        : type == H264_SEI ? UNIT_SEI
        : type == H264_SLICE || type == H264_SLICE_PARTITION_A
        || type == H264_IDR ? UNIT_SLICE : UNIT_OTHER;
  }

  return type == H265_AUD ? UNIT_DELIMITER
      : type >= H265_VPS && type <= H265_PPS ? UNIT_SET
      : type == H265_PREFIX_SEI ? UNIT_SEI
      : type <= H265_LAST_SLICE
      || (type >= H265_FIRST_IRAP && type <= H265_LAST_IRAP) ? UNIT_SLICE
      : UNIT_OTHER;
}

/* The payload of a unit without emulation prevention bytes (7.4.1). Returns its
 * size. */
static gsize
read_payload (const GstWsctlPictures * self, const Unit * unit,
    guint8 payload[MAX_READ])
{
  gsize i, n = 0;
  guint zeros = 0;

  for (i = self->codec == CODEC_H264 ? 1 : 2; i < unit->size && n < MAX_READ;
      i++) {
    if (zeros >= 2 && unit->data[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = unit->data[i] == 0 ? zeros + 1 : 0;
    payload[n++] = unit->data[i];
  }

  return n;
}

/* ue(v), 9.1 of H.264 */
static gboolean
read_number (GstBitReader * reader, guint32 * number)
{
  guint zeros = 0;
  guint8 bit = 0;
  guint32 rest = 0;

  for (;;) {
    if (!gst_bit_reader_get_bits_uint8 (reader, &bit, 1))
      return FALSE;
    if (bit)
      break;
    if (++zeros > 31)
      return FALSE;
  }
  if (zeros > 0 && !gst_bit_reader_get_bits_uint32 (reader, &rest, zeros))
    return FALSE;
  *number = (1u << zeros) - 1 + rest;

  return TRUE;
}

static gboolean
skip_numbers (GstBitReader * reader, guint n)
{
  guint32 ignored;

  while (n > 0 && read_number (reader, &ignored))
    n--;

  return n == 0;
}

/* profile_tier_level(), 7.3.3 of H.265 */
static gboolean
skip_profile (GstBitReader * reader, guint sub_layers)
{
  guint16 present = 0;
  guint i;

  if (!gst_bit_reader_skip (reader, PROFILE_BITS + LEVEL_BITS))
    return FALSE;
  if (sub_layers == 0)
    return TRUE;

  if (!gst_bit_reader_get_bits_uint16 (reader, &present, 16))
    return FALSE;
  for (i = 0; i < sub_layers; i++) {
    guint bits = present >> (14 - 2 * i);

    if (!gst_bit_reader_skip (reader, (bits & 2 ? PROFILE_BITS : 0)
            + (bits & 1 ? LEVEL_BITS : 0)))
      return FALSE;
  }

  return TRUE;
}

/* seq_parameter_set_rbsp() of H.265, 7.3.2.2, up to sps_max_num_reorder_pics */
static gboolean
read_h265_sps (GstWsctlPictures * self, GstBitReader * reader, guint32 * id)
{
  guint8 sub_layers = 0, flag = 0;
  guint32 chroma = 0, n_reordered = 0;
  guint i;

  if (!gst_bit_reader_skip (reader, 4)
      || !gst_bit_reader_get_bits_uint8 (reader, &sub_layers, 3)
      || sub_layers >= MAX_SUB_LAYERS || !gst_bit_reader_skip (reader, 1)
      || !skip_profile (reader, sub_layers) || !read_number (reader, id))
    return FALSE;

  /* Without the rest, pictures are in order. */
  self->reorders = FALSE;
  if (!read_number (reader, &chroma)
      || (chroma == 3 && !gst_bit_reader_skip (reader, 1))
      || !skip_numbers (reader, 2)
      || !gst_bit_reader_get_bits_uint8 (reader, &flag, 1)
      || (flag && !skip_numbers (reader, 4)) || !skip_numbers (reader, 3)
      || !gst_bit_reader_get_bits_uint8 (reader, &flag, 1))
    return TRUE;

  for (i = flag ? 0 : sub_layers; i <= sub_layers; i++) {
    if (!skip_numbers (reader, 1) || !read_number (reader, &n_reordered)
        || !skip_numbers (reader, 1))
      return TRUE;
  }
  self->reorders = n_reordered > 0;

  return TRUE;
}

/* The number by which slices and other sets refer to it */
static gboolean
read_set_id (GstWsctlPictures * self, guint type, GstBitReader * reader,
    guint32 * id)
{
  guint8 bits = 0;

  if (self->codec == CODEC_H264)
    return (type != H264_SPS || gst_bit_reader_skip (reader, 24))
        && read_number (reader, id);

  switch (type) {
    case H265_VPS:
      *id = 0;
      return gst_bit_reader_get_bits_uint8 (reader, &bits, 4)
          && (*id = bits, TRUE);
    case H265_SPS:
      return read_h265_sps (self, reader, id);
    default:
      /* num_extra_slice_header_bits, 7.3.2.3 */
      if (!read_number (reader, id) || !skip_numbers (reader, 1)
          || !gst_bit_reader_skip (reader, 2)
          || !gst_bit_reader_get_bits_uint8 (reader, &bits, 3))
        return FALSE;
      self->extra_bits = bits;
      return TRUE;
  }
}

static void
keep_set (GstWsctlPictures * self, guint type, const Unit * unit)
{
  ParameterSet set = { type, 0, NULL };
  guint8 payload[MAX_READ];
  GstBitReader reader;
  guint i;

  gst_bit_reader_init (&reader, payload, read_payload (self, unit, payload));
  if (unit->size > MAX_SET_SIZE || !read_set_id (self, type, &reader, &set.id))
    return;

  for (i = 0; i < self->sets->len; i++) {
    ParameterSet *old = &g_array_index (self->sets, ParameterSet, i);

    if (old->type != type || old->id != set.id)
      continue;
    if (g_bytes_get_size (old->bytes) != unit->size
        || memcmp (g_bytes_get_data (old->bytes, NULL), unit->data,
            unit->size) != 0) {
      g_bytes_unref (old->bytes);
      old->bytes = g_bytes_new (unit->data, unit->size);
    }
    return;
  }
  if (self->sets->len == MAX_SETS)
    return;
  set.bytes = g_bytes_new (unit->data, unit->size);
  g_array_append_val (self->sets, set);
}

/* sei_message(), 7.3.2.3.1 of H.264, 7.3.5 of H.265 */
static gboolean
has_recovery_point (const GstWsctlPictures * self, const Unit * unit)
{
  guint8 payload[MAX_READ];
  gsize size = read_payload (self, unit, payload);
  gsize i = 0;

  while (i + 2 < size) {
    guint numbers[2] = { 0, 0 };        /* payloadType, payloadSize */
    guint k;

    for (k = 0; k < 2; k++) {
      while (i < size && payload[i] == 0xff)
        numbers[k] += payload[i++];
      if (i == size)
        return FALSE;
      numbers[k] += payload[i++];
    }
    if (numbers[0] == SEI_RECOVERY_POINT)
      return TRUE;
    i += numbers[1];
  }

  return FALSE;
}

/* slice_type, 7.4.3 of H.264: P, B, I, SP, SI, twice; 7.4.7.1 of H.265: B, P, I.
 * FALSE when it cannot be read without more of the parameter sets. */
static gboolean
read_slice_type (const GstWsctlPictures * self, guint nal_type,
    const Unit * unit, gboolean * is_b, gboolean * is_intra)
{
  guint8 payload[MAX_READ], first = 0;
  GstBitReader reader;
  guint32 type = 0;

  gst_bit_reader_init (&reader, payload, read_payload (self, unit, payload));
  if (self->codec == CODEC_H264) {
    if (!skip_numbers (&reader, 1) || !read_number (&reader, &type))
      return FALSE;
    *is_b = type % 5 == 1;
    *is_intra = type % 5 == 2 || type % 5 == 4;
    return TRUE;
  }

  if (!gst_bit_reader_get_bits_uint8 (&reader, &first, 1) || !first
      || nal_type >= H265_FIRST_IRAP || !skip_numbers (&reader, 1)
      || !gst_bit_reader_skip (&reader, self->extra_bits)
      || !read_number (&reader, &type))
    return FALSE;
  *is_b = type == 0;
  *is_intra = FALSE;

  return TRUE;
}

static void
read_slice (const GstWsctlPictures * self, guint type, const Unit * unit,
    Picture * picture)
{
  gboolean is_b = FALSE, is_intra = FALSE;
  gsize header_size = self->codec == CODEC_H264 ? 1 : 2;

  if (self->codec == CODEC_H264 ? type == H264_IDR : type >= H265_FIRST_IRAP)
    picture->refreshes = TRUE;
  else
    read_slice_type (self, type, unit, &is_b, &is_intra);
  /* first_mb_in_slice is 0, or first_slice_segment_in_pic_flag is set. */
  if (!picture->any_slice)
    picture->from_top = unit->size > header_size
        && (unit->data[header_size] & 0x80) != 0;
  picture->any_b |= is_b;
  picture->all_intra = is_intra && (!picture->any_slice || picture->all_intra);
  picture->any_slice = TRUE;
}

static void
read_picture (GstWsctlPictures * self, const GstMapInfo * map,
    Picture * picture)
{
  gsize position = 0;
  Unit unit;

  while (read_unit (self, map, &position, &unit)) {
    guint type = get_type (self, &unit);
    UnitKind kind = get_kind (self, type);

    switch (kind) {
      case UNIT_DELIMITER:
        picture->front = position;
        break;
      case UNIT_SET:
        picture->types |= 1u << (type - (self->codec == CODEC_H264 ? H264_SPS
                : H265_VPS));
        keep_set (self, type, &unit);
        break;
      case UNIT_SEI:
        picture->refreshes |= has_recovery_point (self, &unit);
        break;
      case UNIT_SLICE:
        read_slice (self, type, &unit, picture);
        break;
      case UNIT_OTHER:
        break;
    }
  }
}

/* Transfer full, or NULL */
static GstBuffer *
make_sets (const GstWsctlPictures * self)
{
  static const guint8 start_code[] = { 0, 0, 0, 1 };
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint type, i;

  /* In the order in which they refer to each other */
  for (type = H264_SPS; type <= H265_PPS; type++) {
    for (i = 0; i < self->sets->len; i++) {
      ParameterSet *set = &g_array_index (self->sets, ParameterSet, i);

      if (set->type != type)
        continue;
      g_byte_array_append (text, start_code, sizeof start_code);
      g_byte_array_append (text, g_bytes_get_data (set->bytes, NULL),
          g_bytes_get_size (set->bytes));
    }
  }

  return text->len > 0 ? gst_buffer_new_memdup (text->data, text->len) : NULL;
}

/* @picture: transfer full, and so is what is returned. */
static GstBuffer *
insert_sets (GstWsctlPictures * self, GstBuffer * picture, gsize front)
{
  GstBuffer *sets = make_sets (self);
  GstBuffer *whole;

  if (sets == NULL)
    return picture;

  whole = gst_buffer_new ();
  gst_buffer_copy_into (whole, picture, GST_BUFFER_COPY_METADATA, 0, -1);
  if (front > 0)
    gst_buffer_copy_into (whole, picture, GST_BUFFER_COPY_MEMORY, 0, front);
  whole = gst_buffer_append (whole, sets);
  gst_buffer_copy_into (whole, picture, GST_BUFFER_COPY_MEMORY, front, -1);
  gst_buffer_unref (picture);

  return whole;
}

/* H.264 and H.265. @start: can a decoder start here? */
static GstBuffer *
take_units (GstWsctlPictures * self, GstBuffer * buffer, gboolean * start)
{
  guint wanted = self->codec == CODEC_H264 ? 3 : 7;
  Picture picture = { 0, };
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return buffer;
  read_picture (self, &map, &picture);
  gst_buffer_unmap (buffer, &map);

  *start = picture.from_top && (picture.refreshes || picture.all_intra);
  self->reordered = picture.any_b
      && (self->codec == CODEC_H264 || self->reorders);
  if (!*start || picture.types == wanted || self->length_size > 0)
    return buffer;

  return insert_sets (self, buffer, picture.front);
}

/* RFC 6386, 9.1; VP9 bitstream specification, 6.2. Of a VP9 superframe, the
 * first frame tells. */
static gboolean
is_key_frame (const GstWsctlPictures * self, GstBuffer * buffer)
{
  guint8 byte = 0;
  guint profile, shows_existing;

  if (gst_buffer_extract (buffer, 0, &byte, 1) < 1)
    return FALSE;
  if (self->codec == CODEC_VP8)
    return (byte & 1) == 0;

  profile = (byte >> 5 & 1) | (byte >> 3 & 2);
  /* Profile 3 has one more bit in front of them. */
  byte <<= profile == 3 ? 1 : 0;
  shows_existing = byte >> 3 & 1;

  return !shows_existing && (byte >> 2 & 1) == 0;
}

GstBuffer *
gst_wsctl_pictures_take (GstWsctlPictures * self, GstBuffer * picture)
{
  gboolean start = !GST_BUFFER_FLAG_IS_SET (picture,
      GST_BUFFER_FLAG_DELTA_UNIT);

  if (self->codec == CODEC_OTHER)
    return picture;

  if (self->codec == CODEC_H264 || self->codec == CODEC_H265)
    picture = take_units (self, picture, &start);
  else
    start = is_key_frame (self, picture);

  picture = gst_buffer_make_writable (picture);
  if (start)
    GST_BUFFER_FLAG_UNSET (picture, GST_BUFFER_FLAG_DELTA_UNIT);
  else
    GST_BUFFER_FLAG_SET (picture, GST_BUFFER_FLAG_DELTA_UNIT);

  return picture;
}

gboolean
gst_wsctl_pictures_is_reordered (const GstWsctlPictures * self)
{
  return self->reordered;
}

GstBuffer *
gst_wsctl_pictures_put_sets (GstWsctlPictures * self, GstBuffer * buffer)
{
  guint8 start[4] = { 0xff, };

  gst_buffer_extract (buffer, 0, start, sizeof start);
  if (start[0] != 0 || start[1] != 0
      || !(start[2] == 1 || (start[2] == 0 && start[3] == 1)))
    return buffer;

  return insert_sets (self, buffer, 0);
}

gboolean
gst_wsctl_pictures_note (GstWsctlPictures * self, GstBuffer * picture)
{
  gboolean any = FALSE;
  gsize position = 0;
  GstMapInfo map;
  Unit unit;

  if ((self->codec != CODEC_H264 && self->codec != CODEC_H265)
      || !gst_buffer_map (picture, &map, GST_MAP_READ))
    return FALSE;

  while (read_unit (self, &map, &position, &unit)) {
    guint type = get_type (self, &unit);

    /* Sets come before slices, which are long. */
    if (get_kind (self, type) == UNIT_SLICE)
      break;
    if (get_kind (self, type) != UNIT_SET)
      continue;
    keep_set (self, type, &unit);
    any = TRUE;
  }
  gst_buffer_unmap (picture, &map);

  return any;
}
