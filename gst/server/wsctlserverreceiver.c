/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A window of packets around the next one to deliver. MistServer counts in
 * packets when it asks again and gives up; a burst of packets at high bitrates
 * is over before any answer can come, so time has a say here too.
 */

#include "wsctlserverreceiver-private.h"

#define WINDOW 1024             /* packets; a power of two */
#define NACK_DELAY_US 10000     /* asked for by then, whatever comes */
/* Asked for again when the answer should have come, which is learned, and
 * within these bounds */
#define NACK_REPEAT_US 50000
#define NACK_REPEAT_MIN_US 30000
#define NACK_REPEAT_MAX_US 150000
#define DROP_MIN_US 150000      /* not given up before … */
#define DROP_MAX_US 300000      /* … and no later */
/* Clocks drift, so that the shortest way seems to become longer. */
#define DRIFT_PART 1000
#define MAX_QUEUE_S 2
#define DEFAULT_NACK 5
#define DEFAULT_DROP 30

typedef struct
{
  GstBuffer *packet;
  gint64 missing_us;            /* since when it is known to be missing */
  gint64 first_asked_us;        /* -1: not yet */
  gint64 asked_us;
} Slot;

/* What a share of lost packets is counted from */
typedef struct
{
  guint64 expected;
  guint64 received;
} Mark;

struct _GstWsctlServerReceiver
{
  guint clock_rate;
  guint nack;
  guint drop;
  Slot slots[WINDOW];
  gboolean started;
  gint64 base;                  /* sequence numbers without wraps */
  gint64 next;                  /* the one to deliver */
  gint64 highest;
  guint n_missing;              /* between next and highest */
  gboolean gap;                 /* in front of the next one delivered */

  guint64 n_received;
  Mark report_mark;
  Mark block_mark;
  gint64 answer_us;             /* how long a packet asked for takes, smoothed */
  guint n_nacks;
  guint n_lost;
  guint64 n_bytes;
  guint32 transit;
  gdouble jitter;
  gint64 delay;                 /* as the transit, without wraps */
  gint64 shortest;              /* of all … */
  gint64 shortest_since;        /* … and since the last report */
};

GstWsctlServerReceiver *
gst_wsctl_server_receiver_new (guint clock_rate)
{
  GstWsctlServerReceiver *self = g_new0 (GstWsctlServerReceiver, 1);

  self->clock_rate = clock_rate;
  self->nack = DEFAULT_NACK;
  self->drop = DEFAULT_DROP;
  self->shortest_since = G_MAXINT64;

  return self;
}

static void
clear_window (GstWsctlServerReceiver * self)
{
  guint i;

  for (i = 0; i < WINDOW; i++)
    gst_clear_buffer (&self->slots[i].packet);
  self->n_missing = 0;
}

void
gst_wsctl_server_receiver_free (GstWsctlServerReceiver * self)
{
  clear_window (self);
  g_free (self);
}

void
gst_wsctl_server_receiver_set_props (GstWsctlServerReceiver * self,
    guint nack, guint drop)
{
  self->nack = nack;
  self->drop = drop;
}

static Slot *
get_slot (GstWsctlServerReceiver * self, gint64 seq)
{
  return &self->slots[seq & (WINDOW - 1)];
}

static void
count_packet (GstWsctlServerReceiver * self, guint32 rtp_time, gint64 now_us)
{
  guint32 arrival = gst_util_uint64_scale (now_us, self->clock_rate,
      G_USEC_PER_SEC);
  guint32 transit = arrival - rtp_time;

  if (self->n_received > 0) {
    gint32 difference = (gint32) (transit - self->transit);

    self->jitter += (ABS ((gdouble) difference) - self->jitter) / 16;
    /* A source that starts anew has new times, and queued nowhere. */
    if (ABS ((gint64) difference) < MAX_QUEUE_S * (gint64) self->clock_rate)
      self->delay += difference;
  }
  self->transit = transit;
  self->shortest = MIN (self->shortest, self->delay);
  self->shortest_since = MIN (self->shortest_since, self->delay);
  self->n_received++;
}

static void
start_window (GstWsctlServerReceiver * self, gint64 seq)
{
  clear_window (self);
  self->started = TRUE;
  self->base = seq;
  self->next = seq;
  self->highest = seq - 1;
}

/* Everything up to @seq counts as missing until it comes. */
static void
advance_to (GstWsctlServerReceiver * self, gint64 seq, gint64 now_us)
{
  while (self->highest < seq) {
    Slot *slot = get_slot (self, ++self->highest);

    slot->missing_us = now_us;
    slot->first_asked_us = -1;
    self->n_missing++;
  }
}

/* A jump that no loss explains: the source starts anew, and what was counted
 * stays counted. */
static void
restart (GstWsctlServerReceiver * self, gint64 seq)
{
  guint64 expected = self->highest - self->base + 1;

  self->n_lost++;
  start_window (self, seq);
  self->gap = TRUE;
  self->base = seq - (gint64) expected;
}

/* From the first time that it was asked for: from a later one, a way longer than
 * the time between two would seem short. */
static void
learn_answer_time (GstWsctlServerReceiver * self, gint64 answer_us)
{
  self->answer_us = self->answer_us == 0 ? answer_us
      : (self->answer_us * 7 + answer_us) / 8;
}

static gint64
get_repeat_time (GstWsctlServerReceiver * self)
{
  if (self->answer_us == 0)
    return NACK_REPEAT_US;

  return CLAMP (self->answer_us * 5 / 4, NACK_REPEAT_MIN_US,
      NACK_REPEAT_MAX_US);
}

void
gst_wsctl_server_receiver_push (GstWsctlServerReceiver * self,
    GstBuffer * packet, guint16 seq, guint32 rtp_time, gint64 now_us)
{
  gint64 full;
  Slot *slot;

  if (!self->started)
    start_window (self, (gint64) seq + 0x10000);

  full = self->highest + (gint16) (seq - (guint16) self->highest);
  if (full >= self->next + WINDOW || full < self->next - WINDOW * 4)
    restart (self, full);

  count_packet (self, rtp_time, now_us);
  self->n_bytes += gst_buffer_get_size (packet);
  advance_to (self, full, now_us);
  slot = get_slot (self, full);
  if (full < self->next || slot->packet != NULL) {
    gst_buffer_unref (packet);
    return;
  }
  if (slot->first_asked_us >= 0)
    learn_answer_time (self, now_us - slot->first_asked_us);
  slot->packet = packet;
  self->n_missing--;
}

static gboolean
is_given_up (GstWsctlServerReceiver * self, gint64 now_us)
{
  gint64 waited_us = now_us - get_slot (self, self->next)->missing_us;

  if (waited_us >= DROP_MAX_US)
    return TRUE;

  return self->highest - self->next >= self->drop && waited_us >= DROP_MIN_US;
}

GstBuffer *
gst_wsctl_server_receiver_pop (GstWsctlServerReceiver * self, gint64 now_us,
    gboolean * lost)
{
  *lost = FALSE;
  while (self->started && self->next <= self->highest) {
    Slot *slot = get_slot (self, self->next);

    if (slot->packet != NULL) {
      self->next++;
      *lost = self->gap;
      self->gap = FALSE;
      return g_steal_pointer (&slot->packet);
    }
    if (!is_given_up (self, now_us))
      return NULL;
    self->gap = TRUE;
    self->n_lost++;
    self->n_missing--;
    self->next++;
  }

  return NULL;
}

gboolean
gst_wsctl_server_receiver_is_waiting (GstWsctlServerReceiver * self)
{
  return self->n_missing > 0;
}

guint
gst_wsctl_server_receiver_collect_nacks (GstWsctlServerReceiver * self,
    gint64 now_us, guint16 * seqs, guint max)
{
  gint64 repeat_us = get_repeat_time (self);
  guint n_seqs = 0;
  gint64 seq;

  if (self->n_missing == 0)
    return 0;

  for (seq = self->next; seq <= self->highest && n_seqs < max; seq++) {
    Slot *slot = get_slot (self, seq);

    if (slot->packet != NULL)
      continue;
    if (slot->first_asked_us < 0) {
      if (self->highest - seq < self->nack
          && now_us - slot->missing_us < NACK_DELAY_US)
        continue;
      slot->first_asked_us = now_us;
    } else if (now_us - slot->asked_us < repeat_us) {
      continue;
    }
    slot->asked_us = now_us;
    seqs[n_seqs++] = seq;
  }
  self->n_nacks += n_seqs;

  return n_seqs;
}

static gint64
count_expected (GstWsctlServerReceiver * self)
{
  return self->started ? self->highest - self->base + 1 : 0;
}

/* RFC 3550, A.3 */
static guint8
take_fraction_lost (GstWsctlServerReceiver * self, Mark * mark)
{
  gint64 expected = count_expected (self) - (gint64) mark->expected;
  gint64 lost = expected - (gint64) (self->n_received - mark->received);

  mark->expected = count_expected (self);
  mark->received = self->n_received;

  return expected <= 0 || lost <= 0 ? 0 : MIN (lost * 256 / expected, 255);
}

gboolean
gst_wsctl_server_receiver_fill_block (GstWsctlServerReceiver * self,
    GstWsctlServerReportBlock * block)
{
  gint64 lost = count_expected (self) - (gint64) self->n_received;

  if (self->n_received == self->block_mark.received)
    return FALSE;

  block->fraction_lost = take_fraction_lost (self, &self->block_mark);
  block->packets_lost = CLAMP (lost, -0x800000, 0x7fffff);
  block->highest_seq = self->highest;
  block->jitter = self->jitter;

  return TRUE;
}

void
gst_wsctl_server_receiver_report (GstWsctlServerReceiver * self,
    GstWsctlServerReport * report)
{
  report->fraction_lost = take_fraction_lost (self, &self->report_mark);
  report->jitter = self->jitter;
  report->n_nacks = self->n_nacks;
  report->n_lost = self->n_lost;

  report->n_bytes = self->n_bytes;
  report->queue_ms = 0;
  if (self->shortest_since != G_MAXINT64)
    report->queue_ms = (self->shortest_since - self->shortest) * 1000
        / self->clock_rate;

  self->n_nacks = 0;
  self->n_lost = 0;
  self->n_bytes = 0;
  self->shortest += self->clock_rate / DRIFT_PART;
  self->shortest_since = G_MAXINT64;
}
