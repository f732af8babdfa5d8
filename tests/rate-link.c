/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rate-link.h"

#define STEP_US (1 * G_TIME_SPAN_MILLISECOND)
#define FRAME_US (33333)
#define KEY_FRAMES 60           /* from one to the next */
#define KEY_SIZE 4.0            /* times the mean */
#define PACKET_BYTES 1200
#define SECOND_US G_TIME_SPAN_SECOND

/* The clock of a policy never stands at 0. */
#define START_US (1000 * G_TIME_SPAN_SECOND)

typedef struct
{
  guint bytes;
  gint64 sent_us;
  guint64 bytes_until;          /* all that was sent until then, with it */
  gint64 out_us;                /* of the queue */
  gboolean lost;
} Packet;

typedef struct
{
  gint64 time_us;               /* when it is back */
  gboolean from_server;         /* on the socket */
  guint64 n_packets;            /* until the highest that arrived */
  gint64 n_lost;
  gint64 round_trip_us;
  GstWsctlRateServerReport server;
  guint64 bitrate_bps;
  guint64 constraint_bps;
} Report;

typedef struct
{
  gint64 time_us;
  guint bps;
} Command;

typedef struct
{
  const RateLinkSetup *setup;
  GstWsctlRate *rate;
  GRand *random;
  gint64 now_us;                /* from 0 */
  GArray *samples;

  /* Publisher */
  guint bitrate_bps;
  guint n_changes;
  guint n_frames;
  GArray *packets;              /* Packet, all that was ever sent */
  guint64 bytes_sent;

  /* Link: packets between the two are in the queue, or on their way */
  guint next_out;
  guint next_arrival;
  gint64 queued_bytes;
  gdouble credit_bytes;

  /* Server */
  gint64 n_arrived;
  gint64 n_lost;                /* before next_arrival */
  gint64 last_arrived;          /* totals at the last look */
  gint64 last_lost;
  gdouble losses[5];
  guint n_losses;
  guint64 announced_bps;
  guint64 constraint_bps;
  gint64 round_trip_us;
  gint64 next_sr_us;

  GQueue reports;               /* Report, on their way back */
  GQueue commands;              /* Command, on their way there */
} Link;

static guint
get_link_bps (Link * self)
{
  const RateLinkStep *step = self->setup->steps;

  while (step[1].bps != 0 && step[1].from_us <= self->now_us)
    step++;

  return step->bps;
}

static gint64
get_delay (Link * self)
{
  const RateLinkSetup *setup = self->setup;

  return setup->delay_us + (setup->longer_from_us != 0
      && self->now_us >= setup->longer_from_us ? setup->longer_us : 0);
}

static RateLinkSample *
get_sample (Link * self)
{
  guint index = self->now_us / RATE_LINK_SAMPLE_US;

  if (index >= self->samples->len)
    g_array_set_size (self->samples, index + 1);

  return &g_array_index (self->samples, RateLinkSample, index);
}

static void
send_packet (Link * self, guint bytes)
{
  Packet packet = { bytes, self->now_us, 0, -1, FALSE };

  self->bytes_sent += bytes;
  packet.bytes_until = self->bytes_sent;
  packet.lost = self->queued_bytes + bytes > self->setup->queue_bytes;
  if (!packet.lost)
    self->queued_bytes += bytes;
  g_array_append_val (self->packets, packet);
  get_sample (self)->sent_bits += bytes * 8;
}

static void
send_frame (Link * self)
{
  gdouble use = self->setup->use > 0 ? self->setup->use : 1.0;
  gdouble bytes = use * self->bitrate_bps / 8.0 * FRAME_US / SECOND_US;

  bytes *= self->n_frames++ % KEY_FRAMES == 0 ? KEY_SIZE
      : (KEY_FRAMES - KEY_SIZE) / (KEY_FRAMES - 1);
  bytes *= g_rand_double_range (self->random, 0.8, 1.2);
  for (; bytes > PACKET_BYTES; bytes -= PACKET_BYTES)
    send_packet (self, PACKET_BYTES);
  send_packet (self, MAX (bytes, 50));
}

static void
run_queue (Link * self)
{
  guint bps = get_link_bps (self);

  self->credit_bytes += bps / 8.0 * STEP_US / SECOND_US;
  while (self->next_out < self->packets->len) {
    Packet *packet = &g_array_index (self->packets, Packet, self->next_out);

    if (!packet->lost) {
      if (packet->bytes > self->credit_bytes)
        break;
      self->credit_bytes -= packet->bytes;
      self->queued_bytes -= packet->bytes;
      packet->lost = g_rand_double (self->random) < self->setup->loss;
    }
    packet->out_us = self->now_us;
    self->next_out++;
  }
  /* What was not used is gone. */
  if (self->next_out == self->packets->len)
    self->credit_bytes = 0;
}

static void
receive (Link * self)
{
  RateLinkSample *sample = get_sample (self);

  for (; self->next_arrival < self->next_out; self->next_arrival++) {
    const Packet *packet =
        &g_array_index (self->packets, Packet, self->next_arrival);

    if (packet->out_us + get_delay (self) > self->now_us)
      break;

    if (packet->lost) {
      self->n_lost++;
      continue;
    }
    self->n_arrived++;
    sample->arrived_bits += packet->bytes * 8;
    sample->queue_us = MAX (sample->queue_us, packet->out_us - packet->sent_us);
    /* A sender report goes along once a second. */
    if (packet->sent_us >= self->next_sr_us) {
      self->next_sr_us = packet->sent_us + SECOND_US;
      self->round_trip_us = self->now_us - packet->sent_us + get_delay (self);
    }
  }
}

static void
send_back (Link * self, const Report * report)
{
  Report *copy = g_memdup2 (report, sizeof *report);
  const Report *last = g_queue_peek_tail (&self->reports);

  copy->time_us = self->now_us + get_delay (self);
  if (self->setup->jitter_us > 0)
    copy->time_us += g_rand_int_range (self->random, 0, self->setup->jitter_us);
  /* None overtakes another. */
  if (last != NULL)
    copy->time_us = MAX (copy->time_us, last->time_us);
  g_queue_push_tail (&self->reports, copy);
}

static void
send_report (Link * self)
{
  Report report = { 0, };

  if (self->next_arrival == 0)
    return;

  report.n_packets = self->next_arrival;
  report.n_lost = self->n_lost;
  report.round_trip_us = self->round_trip_us > 0 ? self->round_trip_us : -1;
  self->round_trip_us = 0;
  send_back (self, &report);
}

static void
constrain (Link * self, gdouble loss)
{
  gdouble mean = 0;
  guint i;

  self->losses[self->n_losses++ % G_N_ELEMENTS (self->losses)] = loss;
  for (i = 0; i < MIN (self->n_losses, G_N_ELEMENTS (self->losses)); i++)
    mean += self->losses[i];
  mean /= MIN (self->n_losses, G_N_ELEMENTS (self->losses));
  if (mean > 0.05)
    self->constraint_bps *= mean > 0.5 ? 0.91 : mean > 0.1 ? 0.95 : 0.99;
}

static void
send_server_report (Link * self)
{
  gint64 arrived = self->n_arrived - self->last_arrived;
  gint64 lost = self->n_lost - self->last_lost;
  Report report = {.from_server = TRUE,.server = {0.0, self->n_lost, -1, -1} };

  self->last_arrived = self->n_arrived;
  self->last_lost = self->n_lost;
  if (arrived + lost == 0)
    return;

  report.server.fraction_lost = (gdouble) lost / (arrived + lost);
  if (self->setup->constraint)
    constrain (self, report.server.fraction_lost);
  report.bitrate_bps = self->announced_bps;
  report.constraint_bps = self->constraint_bps;
  send_back (self, &report);
}

static void
answer_command (Link * self, guint bps)
{
  Report report = {.from_server = TRUE,.server.fraction_lost = -1 };

  self->announced_bps = self->constraint_bps = bps;
  if (self->setup->limit_bps > 0)
    self->constraint_bps = MIN (bps, self->setup->limit_bps);
  report.bitrate_bps = self->announced_bps;
  report.constraint_bps = self->constraint_bps;
  send_back (self, &report);
}

/* The clock of the other side says something else. */
static void
add_arrival (Link * self, const Report * report, GstWsctlRateReport * in)
{
  gint64 i = report->n_packets;

  while (--i >= 0) {
    const Packet *packet = &g_array_index (self->packets, Packet, i);

    if (packet->lost)
      continue;
    in->way_us = packet->out_us + get_delay (self) - packet->sent_us
        + 5 * SECOND_US;
    in->sent_us = START_US + packet->sent_us;
    return;
  }
}

static void
take_receiver_report (Link * self, const Report * report)
{
  const Packet *newest = &g_array_index (self->packets, Packet,
      report->n_packets - 1);
  GstWsctlRateReport in = { 0, };

  in.bytes_arrived = newest->bytes_until;
  in.packets_arrived = report->n_packets;
  in.bytes_sent = self->bytes_sent;
  in.packets_lost = report->n_lost;
  in.delay_max_us = self->now_us - newest->sent_us;
  if (report->n_packets < self->packets->len)
    in.delay_min_us = self->now_us - newest[1].sent_us;
  in.round_trip_us = report->round_trip_us;
  if (self->setup->transport_cc)
    add_arrival (self, report, &in);
  gst_wsctl_rate_push_report (self->rate, START_US + self->now_us, &in);
}

static void
take_server_message (Link * self, const Report * report)
{
  gint64 time_us = START_US + self->now_us;

  if (report->constraint_bps > 0)
    gst_wsctl_rate_push_constraint (self->rate, time_us, report->bitrate_bps,
        report->constraint_bps);
  if (report->server.fraction_lost < 0)
    return;

  gst_wsctl_rate_push_remb (self->rate, time_us, self->setup->remb_bps > 0
      ? self->setup->remb_bps : report->constraint_bps);
  if (self->setup->server_reports)
    gst_wsctl_rate_push_server_report (self->rate, time_us, &report->server);
}

static void
deliver (Link * self)
{
  Report *report;
  Command *command;

  while ((report = g_queue_peek_head (&self->reports)) != NULL
      && report->time_us <= self->now_us) {
    g_queue_pop_head (&self->reports);
    if (self->setup->silent_from_us == 0
        || self->now_us < self->setup->silent_from_us) {
      if (report->from_server)
        take_server_message (self, report);
      else
        take_receiver_report (self, report);
    }
    g_free (report);
  }
  while ((command = g_queue_peek_head (&self->commands)) != NULL
      && command->time_us <= self->now_us) {
    g_queue_pop_head (&self->commands);
    answer_command (self, command->bps);
    g_free (command);
  }
}

static void
control (Link * self)
{
  Command *command;
  guint bps;

  if (self->now_us % (100 * G_TIME_SPAN_MILLISECOND) == 0)
    gst_wsctl_rate_tick (self->rate, START_US + self->now_us, self->bytes_sent);
  if (!gst_wsctl_rate_take (self->rate, START_US + self->now_us, &bps))
    return;

  self->bitrate_bps = bps;
  self->n_changes++;
  command = g_new (Command, 1);
  command->time_us = self->now_us + get_delay (self);
  command->bps = bps;
  g_queue_push_tail (&self->commands, command);
}

static gboolean
is_due (Link * self, gint64 interval_us)
{
  return interval_us > 0 && self->now_us > 0
      && self->now_us / interval_us != (self->now_us - STEP_US) / interval_us;
}

static void
step (Link * self)
{
  RateLinkSample *sample = get_sample (self);

  sample->link_bps = get_link_bps (self);
  deliver (self);
  control (self);
  sample->wanted_bps = self->bitrate_bps;
  if (is_due (self, FRAME_US))
    send_frame (self);
  run_queue (self);
  receive (self);
  if (is_due (self, self->setup->report_interval_us))
    send_report (self);
  if (is_due (self, SECOND_US))
    send_server_report (self);
  self->now_us += STEP_US;
}

GArray *
rate_link_run (const RateLinkSetup * setup, guint * n_changes)
{
  Link self = { setup, NULL, };
  const RateLinkStep *last = setup->steps;

  while (last->bps != 0)
    last++;

  self.rate = gst_wsctl_rate_new (setup->policy, &setup->params);
  self.random = g_rand_new_with_seed (setup->seed);
  self.samples = g_array_new (FALSE, TRUE, sizeof (RateLinkSample));
  self.packets = g_array_new (FALSE, FALSE, sizeof (Packet));
  while (self.now_us < last->from_us)
    step (&self);

  if (n_changes != NULL)
    *n_changes = self.n_changes;
  g_queue_clear_full (&self.reports, g_free);
  g_queue_clear_full (&self.commands, g_free);
  g_array_unref (self.packets);
  g_rand_free (self.random);
  gst_wsctl_rate_free (self.rate);

  return self.samples;
}
