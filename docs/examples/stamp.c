/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stamp.h"

#define BLOCK 16                /* pixels, a macroblock of H.264 and VP8 */
#define MARGIN 4                /* of a block, not looked at when reading */
#define N_VALUE_BITS 32
#define N_BITS (N_VALUE_BITS + 8)
#define BLACK 16
#define WHITE 235

G_STATIC_ASSERT (N_BITS * BLOCK <= STAMP_MIN_WIDTH);

/* Not 0 for 0: a black picture is no number. */
static guint8
get_checksum (guint32 value)
{
  return 0x5a ^ value ^ (value >> 8) ^ (value >> 16) ^ (value >> 24);
}

static guint8 *
get_block (GstVideoFrame * frame, guint index, guint line)
{
  guint8 *luma = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);

  return luma + line * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0) + index * BLOCK;
}

void
stamp_draw (GstVideoFrame * frame, guint32 value)
{
  guint64 bits = (guint64) value << 8 | get_checksum (value);
  guint index, line;

  for (index = 0; index < N_BITS; index++) {
    gboolean is_set = bits >> (N_BITS - 1 - index) & 1;

    for (line = 0; line < BLOCK; line++)
      memset (get_block (frame, index, line), is_set ? WHITE : BLACK, BLOCK);
  }
}

static gboolean
read_block (GstVideoFrame * frame, guint index)
{
  const guint side = BLOCK - 2 * MARGIN;
  guint line, column, sum = 0;

  for (line = MARGIN; line < BLOCK - MARGIN; line++) {
    const guint8 *luma = get_block (frame, index, line);

    for (column = MARGIN; column < BLOCK - MARGIN; column++)
      sum += luma[column];
  }

  return sum / (side * side) > (BLACK + WHITE) / 2;
}

gboolean
stamp_read (GstVideoFrame * frame, guint32 * value)
{
  guint64 bits = 0;
  guint index;

  if (GST_VIDEO_FRAME_WIDTH (frame) < STAMP_MIN_WIDTH
      || GST_VIDEO_FRAME_HEIGHT (frame) < BLOCK)
    return FALSE;

  for (index = 0; index < N_BITS; index++)
    bits = bits << 1 | read_block (frame, index);
  *value = bits >> 8;

  return (bits & 0xff) == get_checksum (*value);
}
