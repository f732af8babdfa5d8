/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "testfiller.h"

#define FRAME_RATE 30

/* In shares of the mean */
#define KEY_SIZE 2.5
#define SPREAD 0.1
#define PAYBACK 0.15

typedef struct
{
  GRand *random;
  TestFillerFunc get_bitrate;
  gpointer data;
  gdouble debt;                 /* bytes that key frames took beforehand */
} Filler;

static void
free_filler (gpointer data)
{
  Filler *self = data;

  g_rand_free (self->random);
  g_free (self);
}

static gsize
choose_size (Filler * self, gboolean key)
{
  gdouble mean = self->get_bitrate (self->data) / 8.0 / FRAME_RATE;
  gdouble size =
      mean * g_rand_double_range (self->random, 1 - SPREAD, 1 + SPREAD);

  if (key)
    size = mean * KEY_SIZE;
  else
    size -= MIN (self->debt, mean * PAYBACK);
  self->debt = MAX (self->debt + size - mean, 0);

  return size;
}

/* What follows a frame belongs to its last partition, and nothing reads it. */
static GstPadProbeReturn
on_frame (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *frame = GST_PAD_PROBE_INFO_BUFFER (info);
  gboolean key = !GST_BUFFER_FLAG_IS_SET (frame, GST_BUFFER_FLAG_DELTA_UNIT);
  gsize wanted = choose_size (data, key);
  gsize size = gst_buffer_get_size (frame);

  if (size < wanted)
    gst_buffer_append_memory (frame, gst_allocator_alloc (NULL, wanted - size,
            NULL));

  return GST_PAD_PROBE_OK;
}

void
test_filler_add (GstPad * pad, guint32 seed, TestFillerFunc get_bitrate,
    gpointer data)
{
  Filler *self = g_new0 (Filler, 1);

  self->random = g_rand_new_with_seed (seed);
  self->get_bitrate = get_bitrate;
  self->data = data;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, self,
      free_filler);
}
