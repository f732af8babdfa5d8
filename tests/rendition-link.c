/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Packets of real frames through a queue, in steps of a millisecond. What is
 * lost is sent again once. Frames are shown when they are whole; after one that
 * never is, not before the next key frame.
 */

#include "rendition-link.h"

#include <math.h>

#include "wsctlarrivals-private.h"

#define STEP_US 1000
#define FRAME_RATE 30
#define FRAME_US (G_USEC_PER_SEC / FRAME_RATE)
#define CLOCK_RATE 90000
#define PACKET_SIZE 1200
#define KEY_WEIGHT 5            /* times another frame's size */
#define KEY_REQUEST_US 60000
#define REPORT_US 50000
#define PLAYING_US G_USEC_PER_SEC
#define AUDIO_SIZE 180
#define AUDIO_US 20000
#define MAX_PENDING_US (2 * G_USEC_PER_SEC)
#define LATENCY_US 100000

const guint64 rendition_link_bitrates[RENDITION_LINK_N] = {
  3000000, 1200000, 400000
};

typedef struct
{
  gint64 send_us;
  gint64 arrive_us;
  guint size;
  gboolean is_video;
  gboolean again;
  guint16 seq;
  guint frame;                  /* of the stream */
} Packet;

typedef struct
{
  guint n_packets;
  guint n_arrived;
  gint64 whole_us;              /* 0: it is not */
  gboolean is_key;
} Frame;

typedef struct
{
  const RenditionLinkSetup *setup;
  RenditionLinkResult *result;
  GRand *rand;
  GstWsctlArrivals *arrivals;
  GstWsctlRenditions *renditions;
  gint64 now_us;

  /* The server */
  guint position;
  guint wanted;
  gint64 wanted_us;
  guint since_key;              /* frames */
  guint16 seq;
  GArray *frames;               /* Frame */
  GQueue out;                   /* Packet, by send_us */
  GQueue again;                 /* likewise */

  /* The link */
  gint64 free_us;               /* when its queue is empty */
  GQueue inside;                /* Packet, by arrive_us */

  /* The player */
  guint64 n_frames;
  guint64 n_dropped;
} Link;

static guint64
get_bitrate (Link * self)
{
  const RenditionLinkStep *step = self->setup->steps;

  while (step->bitrate_bps != 0 && step[1].time_us <= self->now_us)
    step++;

  return step->bitrate_bps;
}

static void
send (Link * self, Packet * packet)
{
  guint64 bitrate_bps = get_bitrate (self);
  gint64 start_us = MAX (self->free_us, self->now_us);
  gdouble queued = (start_us - self->now_us) * (gdouble) bitrate_bps / 8e6;

  if (queued > self->setup->queue_bytes
      || g_rand_double (self->rand) < self->setup->loss) {
    if (packet->is_video && !packet->again) {
      packet->again = TRUE;
      packet->send_us = start_us + 3 * self->setup->delay_us + 10000;
      g_queue_push_tail (&self->again, packet);
    } else {
      g_free (packet);
    }
    return;
  }

  self->free_us = start_us + packet->size * 8 * G_TIME_SPAN_SECOND
      / (gint64) bitrate_bps;
  packet->arrive_us = self->free_us + self->setup->delay_us;
  g_queue_push_tail (&self->inside, packet);
}

static void
send_due (Link * self, GQueue * queue)
{
  Packet *packet;

  while ((packet = g_queue_peek_head (queue)) != NULL
      && packet->send_us <= self->now_us)
    send (self, g_queue_pop_head (queue));
}

static gboolean
is_switched (Link * self)
{
  if (self->wanted == self->position)
    return FALSE;

  return self->setup->keys_on_demand
      ? self->now_us - self->wanted_us >= KEY_REQUEST_US
      : self->since_key >= self->setup->gop;
}

static void
make_frame (Link * self)
{
  gboolean switched = is_switched (self);
  gboolean is_key = switched || self->since_key >= self->setup->gop
      || self->frames->len == 0;
  Frame frame = { 0, 0, 0, is_key };
  gdouble others = self->setup->gop - 1 + KEY_WEIGHT;
  gdouble size;
  guint i;

  if (switched) {
    self->position = self->wanted;
    self->result->n_switches++;
  }
  self->since_key = is_key ? 1 : self->since_key + 1;
  size = rendition_link_bitrates[self->position] / 8.0 / FRAME_RATE
      * self->setup->gop / others * (is_key ? KEY_WEIGHT : 1);
  frame.n_packets = MAX (ceil (size / PACKET_SIZE), 1);
  for (i = 0; i < frame.n_packets; i++) {
    Packet *packet = g_new0 (Packet, 1);

    packet->send_us = self->now_us + (self->setup->paced
        ? FRAME_US * i / frame.n_packets : 0);
    packet->size = size / frame.n_packets;
    packet->is_video = TRUE;
    packet->seq = self->seq++;
    packet->frame = self->frames->len;
    g_queue_push_tail (&self->out, packet);
  }
  g_array_append_val (self->frames, frame);
}

static void
make_sound (Link * self)
{
  Packet *packet = g_new0 (Packet, 1);

  packet->size = AUDIO_SIZE;
  packet->send_us = self->now_us;
  send (self, packet);
}

static void
take_packet (Link * self, Packet * packet, gint64 time_us)
{
  GstWsctlArrival arrival = { time_us, packet->size, packet->is_video,
    packet->seq, packet->frame * (CLOCK_RATE / FRAME_RATE), 1
  };
  Frame *frame;

  gst_wsctl_arrivals_push (self->arrivals, &arrival);
  if (!packet->is_video)
    return;

  frame = &g_array_index (self->frames, Frame, packet->frame);
  if (++frame->n_arrived < frame->n_packets)
    return;
  frame->whole_us = time_us;
  self->n_frames++;
  if (self->position == 0 && g_rand_int_range (self->rand, 0, 100)
      < (gint) self->setup->drop_percent)
    self->n_dropped++;
}

/* Now and then the thread that reads is late, and reads several at once. */
static void
deliver (Link * self)
{
  gboolean late = g_rand_int_range (self->rand, 0, 100) < 10;
  Packet *packet;

  while (!late && (packet = g_queue_peek_head (&self->inside)) != NULL
      && packet->arrive_us <= self->now_us) {
    take_packet (self, packet, packet->arrive_us > self->now_us - STEP_US
        ? packet->arrive_us : self->now_us);
    g_free (g_queue_pop_head (&self->inside));
  }
}

static void
follow (Link * self)
{
  gint64 audio, video;

  if (!gst_wsctl_renditions_take (self->renditions, &audio, &video)
      || video < 0)
    return;

  self->wanted = video;
  self->wanted_us = self->now_us;
}

static void
report (Link * self)
{
  GstWsctlArrivalsReport arrivals;
  GstWsctlRenditionReport report = { 0, };
  RenditionLinkSample sample = { self->now_us, self->position, };

  gst_wsctl_arrivals_get_report (self->arrivals, self->now_us, &arrivals);
  report.bytes = arrivals.bytes;
  report.packets = arrivals.packets;
  report.packets_lost = arrivals.lost;
  report.nacks = arrivals.missed;
  report.frames = self->n_frames;
  report.frames_dropped = self->n_dropped;
  report.queue_us = arrivals.queue_us;
  report.capacity_bps = arrivals.capacity_bps;
  report.key_interval_us = self->setup->gop * FRAME_US;
  gst_wsctl_renditions_push_report (self->renditions, self->now_us, &report);
  sample.queue_us = report.queue_us;
  sample.capacity_bps = report.capacity_bps;
  g_array_append_val (self->result->samples, sample);
}

static void
tell_playing (Link * self)
{
  gint64 track = self->wanted;

  gst_wsctl_renditions_push_playing (self->renditions, self->now_us, &track, 1);
}

/* As the W3C's webrtc-stats: a picture that stays for three times as long as
 * they do on average, and 150 ms more, is a freeze. */
static void
count_freezes (Link * self)
{
  gint64 shown_us = 0;
  gboolean broken = FALSE;
  guint i;

  for (i = 0; i < self->frames->len; i++) {
    Frame *frame = &g_array_index (self->frames, Frame, i);
    gint64 due_us = (gint64) i * FRAME_US + LATENCY_US;
    gint64 time_us = MAX (MAX (frame->whole_us, due_us), shown_us);

    if (frame->whole_us == 0)
      broken = TRUE;
    else if (frame->is_key)
      broken = FALSE;
    if (broken)
      continue;
    if (shown_us > 0 && time_us - shown_us > MAX (3 * FRAME_US,
            FRAME_US + 150000)) {
      self->result->frozen_us += time_us - shown_us;
      self->result->n_freezes++;
    }
    shown_us = time_us;
  }
}

static void
set_up (Link * self)
{
  GstWsctlRendition ladder[RENDITION_LINK_N];
  guint i;

  for (i = 0; i < RENDITION_LINK_N; i++) {
    ladder[i].index = i;
    ladder[i].bitrate_bps = rendition_link_bitrates[i];
  }
  self->renditions = gst_wsctl_renditions_new (self->setup->policy);
  gst_wsctl_renditions_set_ladder (self->renditions, GST_WSCTL_LADDER_VIDEO,
      ladder, RENDITION_LINK_N);
  self->arrivals = gst_wsctl_arrivals_new (CLOCK_RATE);
  self->position = self->wanted = self->setup->start;
  self->frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  self->rand = g_rand_new_with_seed (self->setup->seed);
  self->now_us = STEP_US;
}

static void
clear (Link * self)
{
  g_queue_clear_full (&self->out, g_free);
  g_queue_clear_full (&self->again, g_free);
  g_queue_clear_full (&self->inside, g_free);
  g_array_unref (self->frames);
  g_rand_free (self->rand);
  gst_wsctl_arrivals_free (self->arrivals);
  gst_wsctl_renditions_free (self->renditions);
}

RenditionLinkResult *
rendition_link_run (const RenditionLinkSetup * setup)
{
  RenditionLinkResult *result = g_new0 (RenditionLinkResult, 1);
  Link self = {.setup = setup,.result = result };

  result->samples = g_array_new (FALSE, FALSE, sizeof (RenditionLinkSample));
  set_up (&self);
  for (; get_bitrate (&self) > 0; self.now_us += STEP_US) {
    while (self.frames->len * FRAME_US <= self.now_us)
      make_frame (&self);
    if (self.now_us % AUDIO_US == 0)
      make_sound (&self);
    send_due (&self, &self.out);
    send_due (&self, &self.again);
    deliver (&self);
    if (self.now_us % REPORT_US == 0)
      report (&self);
    if (self.now_us % PLAYING_US == 0)
      tell_playing (&self);
    follow (&self);
  }
  count_freezes (&self);
  clear (&self);

  return result;
}

void
rendition_link_result_free (RenditionLinkResult * result)
{
  g_array_unref (result->samples);
  g_free (result);
}

static gint64
get_time (RenditionLinkResult * result, gint64 from_us, gint64 to_us,
    gboolean (*is_there) (guint, guint), guint position)
{
  guint i;

  for (i = 0; i < result->samples->len; i++) {
    const RenditionLinkSample *sample =
        &g_array_index (result->samples, RenditionLinkSample, i);

    if (sample->time_us < from_us || sample->time_us >= to_us)
      continue;
    if (is_there (sample->position, position))
      return sample->time_us - from_us;
  }

  return G_MAXINT64;
}

static gboolean
is_below (guint position, guint wanted)
{
  return position >= wanted;
}

static gboolean
is_above (guint position, guint wanted)
{
  return position <= wanted;
}

gint64
rendition_link_get_fall_time (RenditionLinkResult * result, gint64 from_us,
    gint64 to_us, guint position)
{
  return get_time (result, from_us, to_us, is_below, position);
}

gint64
rendition_link_get_rise_time (RenditionLinkResult * result, gint64 from_us,
    gint64 to_us, guint position)
{
  return get_time (result, from_us, to_us, is_above, position);
}
