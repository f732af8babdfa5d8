/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A token bucket with a queue before it, and a way of some length behind it.
 * Chance is asked the same number of times for every packet, so that which
 * ones are lost does not depend on the other conditions.
 */

#include "testlink.h"

#define DEFAULT_BUCKET_BYTES 3000
#define DEFAULT_QUEUE_BYTES 64000
#define DEFAULT_REORDER_MS 20

/* What a link holds */
typedef struct
{
  GBytes *bytes;
  gint64 entered_us;            /* into the queue */
  gint64 travel_us;
  gint64 due_us;                /* once it left the queue */
  gboolean late;                /* others may overtake it */
} Packet;

struct _TestLink
{
  TestConditions conditions;
  GRand *rand;
  gboolean in_burst;

  GQueue queue;                 /* Packet, before the bucket */
  gsize queued_bytes;
  guint64 tokens;               /* in bit * us / s, that is 1e-6 bit */
  gint64 filled_us;             /* when that was right */

  GQueue way;                   /* Packet, by due_us */
  gint64 last_due_us;           /* of those that stay in order */

  TestLinkReport report;
};

static gsize
get_size (const Packet * packet)
{
  return g_bytes_get_size (packet->bytes);
}

static void
free_packet (gpointer data)
{
  Packet *packet = data;

  g_bytes_unref (packet->bytes);
  g_free (packet);
}

static guint64
count_tokens (gsize bytes)
{
  return 8 * G_USEC_PER_SEC * (guint64) bytes;
}

static guint64
get_bucket (TestLink * self)
{
  guint bytes = self->conditions.bucket_bytes;

  return count_tokens (bytes != 0 ? bytes : DEFAULT_BUCKET_BYTES);
}

TestLink *
test_link_new (guint32 seed)
{
  TestLink *self = g_new0 (TestLink, 1);

  self->rand = g_rand_new_with_seed (seed);
  g_queue_init (&self->queue);
  g_queue_init (&self->way);
  self->tokens = get_bucket (self);

  return self;
}

void
test_link_free (TestLink * self)
{
  g_queue_clear_full (&self->queue, free_packet);
  g_queue_clear_full (&self->way, free_packet);
  g_rand_free (self->rand);
  g_free (self);
}

/* Two states, good and bad (Gilbert): the mean stay in the bad one is the
 * length of a burst, and the share of time in it is the loss. */
static gboolean
is_lost (TestLink * self, gdouble chance)
{
  gdouble loss = CLAMP (self->conditions.loss, 0, 1);
  gdouble burst = self->conditions.burst;

  if (loss <= 0 || loss >= 1 || burst <= 1) {
    self->in_burst = FALSE;
    return chance < loss;
  }

  if (self->in_burst)
    self->in_burst = chance >= 1 / burst;
  else
    self->in_burst = chance < loss / (burst * (1 - loss));

  return self->in_burst;
}

/* A packet larger than the bucket must not wait for ever. */
static void
fill_bucket (TestLink * self, gint64 now_us)
{
  guint64 limit = get_bucket (self);
  gint64 elapsed_us = MAX (0, now_us - self->filled_us);
  const Packet *head = g_queue_peek_head (&self->queue);

  if (head != NULL)
    limit = MAX (limit, count_tokens (get_size (head)));
  /* After a minute every bucket is full: longer would only overflow. */
  elapsed_us = MIN (elapsed_us, G_USEC_PER_SEC * 60);
  self->tokens = MIN (limit,
      self->tokens + self->conditions.rate_bps * elapsed_us);
  self->filled_us = MAX (self->filled_us, now_us);
}

static gint
compare_due (gconstpointer a, gconstpointer b, gpointer data)
{
  const Packet *one = a, *other = b;

  return one->due_us < other->due_us ? -1 : one->due_us > other->due_us;
}

/* g_queue_insert_sorted() would put it before those due at the same time. */
static void
insert_by_due (GQueue * way, Packet * packet)
{
  GList *item = way->tail;

  while (item != NULL && compare_due (item->data, packet, NULL) > 0)
    item = item->prev;
  g_queue_insert_after (way, item, packet);
}

static void
send_off (TestLink * self, Packet * packet, gint64 left_us)
{
  gint64 waited_us = left_us - packet->entered_us;

  self->report.n_queued++;
  self->report.queue_delay_sum_us += waited_us;
  self->report.queue_delay_max_us =
      MAX (self->report.queue_delay_max_us, (guint64) waited_us);

  packet->due_us = left_us + packet->travel_us;
  if (!packet->late) {
    packet->due_us = MAX (packet->due_us, self->last_due_us);
    self->last_due_us = packet->due_us;
  }
  insert_by_due (&self->way, packet);
}

/* When the packet at the head of the queue has its tokens */
static gint64
get_turn_us (TestLink * self)
{
  const Packet *head = g_queue_peek_head (&self->queue);
  guint64 rate = self->conditions.rate_bps;
  guint64 needed;

  if (head == NULL)
    return G_MAXINT64;
  needed = count_tokens (get_size (head));
  if (rate == 0 || needed <= self->tokens)
    return MAX (self->filled_us, head->entered_us);

  return self->filled_us + (needed - self->tokens + rate - 1) / rate;
}

/* Each leaves when it is its turn, not when someone looks. */
static void
advance (TestLink * self, gint64 now_us)
{
  gint64 turn_us;

  while ((turn_us = get_turn_us (self)) <= now_us) {
    Packet *packet;

    fill_bucket (self, turn_us);
    packet = g_queue_pop_head (&self->queue);
    self->queued_bytes -= get_size (packet);
    if (self->conditions.rate_bps != 0)
      self->tokens -= count_tokens (get_size (packet));
    send_off (self, packet, turn_us);
  }
  fill_bucket (self, now_us);
}

void
test_link_set (TestLink * self, const TestConditions * conditions,
    gint64 now_us)
{
  advance (self, now_us);
  self->conditions = *conditions;
  fill_bucket (self, now_us);
}

void
test_link_push (TestLink * self, GBytes * bytes, gint64 now_us)
{
  const TestConditions *conditions = &self->conditions;
  gsize size = g_bytes_get_size (bytes);
  gsize limit = conditions->queue_bytes != 0 ? conditions->queue_bytes
      : DEFAULT_QUEUE_BYTES;
  gboolean lost = is_lost (self, g_rand_double (self->rand));
  gdouble jitter = g_rand_double (self->rand) * conditions->jitter_ms;
  gboolean late = g_rand_double (self->rand) < conditions->reorder;
  Packet *packet;

  advance (self, now_us);
  self->report.n_in++;
  self->report.bytes_in += size;
  if (conditions->blackout) {
    self->report.n_blacked_out++;
    return;
  }
  if (lost) {
    self->report.n_lost++;
    return;
  }
  if (self->queued_bytes > 0 && self->queued_bytes + size > limit) {
    self->report.n_overflowed++;
    return;
  }

  packet = g_new0 (Packet, 1);
  packet->bytes = g_bytes_ref (bytes);
  packet->entered_us = now_us;
  packet->travel_us = conditions->delay_ms * 1000 + (gint64) (jitter * 1000);
  packet->late = late;
  if (late) {
    self->report.n_reordered++;
    packet->travel_us += 1000 * (conditions->reorder_ms != 0
        ? conditions->reorder_ms : DEFAULT_REORDER_MS);
  }
  g_queue_push_tail (&self->queue, packet);
  self->queued_bytes += size;
  advance (self, now_us);
}

GBytes *
test_link_pop (TestLink * self, gint64 now_us)
{
  Packet *packet;
  GBytes *bytes;

  advance (self, now_us);
  packet = g_queue_peek_head (&self->way);
  if (packet == NULL || packet->due_us > now_us)
    return NULL;

  g_queue_pop_head (&self->way);
  bytes = g_bytes_ref (packet->bytes);
  self->report.n_out++;
  self->report.bytes_out += g_bytes_get_size (bytes);
  free_packet (packet);

  return bytes;
}

gint64
test_link_get_next_us (TestLink * self)
{
  const Packet *first = g_queue_peek_head (&self->way);
  gint64 turn_us = get_turn_us (self);

  return first != NULL ? MIN (first->due_us, turn_us) : turn_us;
}

const TestLinkReport *
test_link_get_report (TestLink * self)
{
  return &self->report;
}

void
test_link_report_add (TestLinkReport * report, const TestLinkReport * other)
{
  report->n_in += other->n_in;
  report->n_out += other->n_out;
  report->bytes_in += other->bytes_in;
  report->bytes_out += other->bytes_out;
  report->n_lost += other->n_lost;
  report->n_overflowed += other->n_overflowed;
  report->n_blacked_out += other->n_blacked_out;
  report->n_reordered += other->n_reordered;
  report->queue_delay_sum_us += other->queue_delay_sum_us;
  report->n_queued += other->n_queued;
  report->queue_delay_max_us =
      MAX (report->queue_delay_max_us, other->queue_delay_max_us);
}

gchar *
test_link_report_to_string (const TestLinkReport * report)
{
  guint64 n_queued = MAX (1, report->n_queued);

  return g_strdup_printf ("in %" G_GUINT64_FORMAT " packets %" G_GUINT64_FORMAT
      " bytes, out %" G_GUINT64_FORMAT " packets %" G_GUINT64_FORMAT
      " bytes, lost %" G_GUINT64_FORMAT ", overflowed %" G_GUINT64_FORMAT
      ", blacked out %" G_GUINT64_FORMAT ", reordered %" G_GUINT64_FORMAT
      ", queue delay mean %.1f ms max %.1f ms", report->n_in, report->bytes_in,
      report->n_out, report->bytes_out, report->n_lost, report->n_overflowed,
      report->n_blacked_out, report->n_reordered,
      report->queue_delay_sum_us / 1000.0 / n_queued,
      report->queue_delay_max_us / 1000.0);
}
