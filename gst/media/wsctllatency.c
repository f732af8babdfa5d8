/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How late a packet is, is told by the one that took the shortest way of late.
 * A frame is as late as the last of its packets, one that had to be sent again
 * included. What is wanted is held for all but one frame in fifty of the last
 * five to ten seconds.
 *
 * Some servers begin with all since the last key frame, faster than it was made,
 * and are slower afterwards than they were then: that was no short way.
 */

#include "wsctllatency-private.h"

#include <string.h>

#define BIN_MS 2
#define N_BINS (GST_WSCTL_LATENCY_MAX_MS / BIN_MS)
#define WINDOW_US (5 * G_USEC_PER_SEC)
#define BASE_WINDOW_US (10 * G_USEC_PER_SEC)
/* When all have been late for so long, or twice that, none was held up. */
#define LEAST_WINDOW_US (G_USEC_PER_SEC / 2)
/* Further than that no packet is late: the sender's time has jumped. */
#define JUMP_US (3 * G_USEC_PER_SEC / 2)
/* So long it may take a server to come to its own pace. */
#define HURRY_US G_USEC_PER_SEC
/* Frames closer than this are sent in a hurry, and nobody sees them. */
#define MIN_FRAME_US (4 * G_TIME_SPAN_MILLISECOND)
#define LATE_FRAMES_OF 50
#define MIN_FRAMES 10
#define MARGIN_MS 4
#define ROUND_MS 5
#define MAX_SHRINK_MS 10
#define SHRINK_INTERVAL_US G_USEC_PER_SEC

typedef struct
{
  guint counts[N_BINS];         /* frames by how late they are */
  guint n_frames;
} Window;

typedef struct
{
  gboolean started;
  guint32 newest;               /* RTP time */
  gint64 newest_ticks;          /* the same, counted on */
  gint64 newest_us;             /* when it began to come in */
  gint64 begin_us;              /* of all; 0: what comes next is the first */
  gboolean hurried;             /* the newest came sooner than it was made */
  gboolean counted;             /* the newest frame is one to count */
  gint64 late_us;               /* it, so far */
  gint64 base_us[2];            /* the shortest way: now, and before */
  gint64 base_start_us;
  Window windows[2];            /* now, and before */
  gint64 window_start_us;
  gint64 newest_late_us;        /* of the last packet; 0 for an old one */
  gint64 least_us[2];           /* of the last packets: now, and before */
  gint64 least_start_us;
} Track;

struct _GstWsctlLatency
{
  Track tracks[GST_WSCTL_N_MEDIA_KINDS];
  guint target_ms;
  gint64 changed_us;
};

GstWsctlLatency *
gst_wsctl_latency_new (void)
{
  GstWsctlLatency *self = g_new0 (GstWsctlLatency, 1);

  self->target_ms = GST_WSCTL_LATENCY_START_MS;

  return self;
}

void
gst_wsctl_latency_free (GstWsctlLatency * self)
{
  g_free (self);
}

static void
start (Track * track, guint32 rtp_time, guint clock_rate, gint64 arrival_us)
{
  track->started = TRUE;
  track->newest = rtp_time;
  track->newest_ticks = 0;
  track->newest_us = arrival_us;
  track->hurried = FALSE;
  track->counted = FALSE;
  track->late_us = 0;
  track->base_us[0] = track->base_us[1] = arrival_us;
  track->base_start_us = arrival_us;
  track->newest_late_us = 0;
  track->least_us[0] = track->least_us[1] = 0;
  track->least_start_us = arrival_us;
  if (track->window_start_us == 0)
    track->window_start_us = arrival_us;
  if (track->begin_us == 0)
    track->begin_us = arrival_us;
}

/* In the beginning: such a frame is none to measure by, nor is it to compare the
 * first one with that comes in its own time. */
static gboolean
begin_anew (Track * track, gint64 step_us, gint64 arrival_us)
{
  gboolean hurried = arrival_us - track->newest_us < step_us / 2;
  gboolean was_hurried = track->hurried;

  if (step_us <= 0 || arrival_us - track->begin_us > HURRY_US)
    return FALSE;

  track->newest_us = arrival_us;
  track->hurried = hurried;

  return hurried || was_hurried;
}

static void
count (Track * track, gint64 late_us)
{
  gint64 bin = late_us / G_TIME_SPAN_MILLISECOND / BIN_MS;

  track->windows[0].counts[CLAMP (bin, 0, N_BINS - 1)]++;
  track->windows[0].n_frames++;
}

static void
turn_windows (Track * track, gint64 arrival_us)
{
  if (arrival_us - track->window_start_us > WINDOW_US) {
    track->windows[1] = track->windows[0];
    memset (&track->windows[0], 0, sizeof (Window));
    track->window_start_us = arrival_us;
  }
  if (arrival_us - track->base_start_us > BASE_WINDOW_US) {
    track->base_us[1] = track->base_us[0];
    track->base_us[0] = G_MAXINT64;
    track->base_start_us = arrival_us;
  }
  if (arrival_us - track->least_start_us > LEAST_WINDOW_US) {
    track->least_us[1] = track->least_us[0];
    track->least_us[0] = G_MAXINT64;
    track->least_start_us = arrival_us;
  }
}

/* A frame is counted when the next one begins. */
static void
take_lateness (Track * track, gint64 step_ticks, guint clock_rate,
    gint64 late_us)
{
  if (step_ticks < 0) {
    count (track, late_us);
  } else if (step_ticks == 0) {
    track->late_us = MAX (track->late_us, late_us);
  } else {
    if (track->counted)
      count (track, track->late_us);
    track->counted = step_ticks * G_USEC_PER_SEC / clock_rate >= MIN_FRAME_US;
    track->late_us = late_us;
  }
}

void
gst_wsctl_latency_take (GstWsctlLatency * self, GstWsctlMediaKind kind,
    guint32 rtp_time, guint clock_rate, gint64 arrival_us)
{
  Track *track = &self->tracks[kind];
  gint64 step_ticks = (gint32) (rtp_time - track->newest);
  gint64 way_us, base_us;

  if (!track->started) {
    start (track, rtp_time, clock_rate, arrival_us);
    return;
  }
  if (begin_anew (track, step_ticks * G_USEC_PER_SEC / clock_rate, arrival_us)) {
    gboolean hurried = track->hurried;

    start (track, rtp_time, clock_rate, arrival_us);
    track->hurried = hurried;
    return;
  }

  turn_windows (track, arrival_us);
  way_us = arrival_us
      - (track->newest_ticks + step_ticks) * G_USEC_PER_SEC / clock_rate;
  base_us = MIN (track->base_us[0], track->base_us[1]);
  if (ABS (way_us - base_us) > JUMP_US) {
    start (track, rtp_time, clock_rate, arrival_us);
    return;
  }

  track->base_us[0] = MIN (track->base_us[0], way_us);
  base_us = MIN (base_us, way_us);
  take_lateness (track, step_ticks, clock_rate, way_us - base_us);
  track->newest_late_us = step_ticks >= 0 ? way_us - base_us : 0;
  track->least_us[0] = MIN (track->least_us[0], way_us - base_us);
  if (step_ticks > 0) {
    track->newest = rtp_time;
    track->newest_ticks += step_ticks;
  }
}

gint64
gst_wsctl_latency_get_excess_us (GstWsctlLatency * self,
    GstWsctlMediaKind kind, gint64 limit_us)
{
  const Track *track = &self->tracks[kind];

  if (MIN (track->least_us[0], track->least_us[1]) > limit_us)
    return 0;

  return MAX (track->newest_late_us - limit_us, 0);
}

void
gst_wsctl_latency_forget (GstWsctlLatency * self)
{
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    self->tracks[kind].started = FALSE;
    self->tracks[kind].begin_us = 0;
    self->tracks[kind].newest_late_us = 0;
  }
}

/* 0 while there is not enough to go by */
static guint
get_wanted_ms (const Track * track)
{
  guint n_frames = track->windows[0].n_frames + track->windows[1].n_frames;
  guint n_late = 0;
  gint bin;

  if (n_frames < MIN_FRAMES)
    return 0;

  for (bin = N_BINS - 1; bin > 0; bin--) {
    n_late += track->windows[0].counts[bin] + track->windows[1].counts[bin];
    if (n_late > n_frames / LATE_FRAMES_OF)
      break;
  }

  return (bin + 1) * BIN_MS + MARGIN_MS;
}

guint
gst_wsctl_latency_update (GstWsctlLatency * self, gint64 now_us)
{
  guint wanted_ms = 0;
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    wanted_ms = MAX (wanted_ms, get_wanted_ms (&self->tracks[kind]));
  if (wanted_ms == 0)
    return self->target_ms;

  wanted_ms = (wanted_ms + ROUND_MS - 1) / ROUND_MS * ROUND_MS;
  wanted_ms = CLAMP (wanted_ms, GST_WSCTL_LATENCY_MIN_MS,
      GST_WSCTL_LATENCY_MAX_MS);
  if (wanted_ms > self->target_ms) {
    self->target_ms = wanted_ms;
    self->changed_us = now_us;
  } else if (wanted_ms < self->target_ms
      && now_us - self->changed_us >= SHRINK_INTERVAL_US) {
    self->target_ms -= MIN (self->target_ms - wanted_ms, MAX_SHRINK_MS);
    self->changed_us = now_us;
  }

  return self->target_ms;
}
