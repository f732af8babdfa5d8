/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * As the Ceeblue client (docs/quality.md): at each
 * on_time, down with losses that were asked for again, up when there were none
 * for a while. Audio goes first, both ways.
 */

#include "wsctlrenditionpolicy-private.h"

#define LEARNING_US (1400 * G_TIME_SPAN_MILLISECOND)
#define MAX_DELAY_US (28 * G_TIME_SPAN_SECOND)
#define KEY_INTERVAL_US (10 * G_TIME_SPAN_SECOND)

typedef struct
{
  GstWsctlRenditionState parent;

  guint64 last_lost;
  guint64 last_nacks;
  gint64 delay_us;              /* of the next try up */
  gint64 clean_since_us;        /* 0: nothing heard yet */
} Linear;

static void
move (Linear * self, gint64 time_us, gint steps)
{
  GstWsctlLadderState *ladders = self->parent.ladders;

  if (!gst_wsctl_ladder_move (&ladders[GST_WSCTL_LADDER_AUDIO], steps))
    gst_wsctl_ladder_move (&ladders[GST_WSCTL_LADDER_VIDEO], steps);
  self->clean_since_us = time_us;
}

static void
judge (GstWsctlRenditionState * state, gint64 time_us)
{
  Linear *self = (Linear *) state;
  const GstWsctlRenditionReport *report = &state->report;
  gboolean lossy = report->packets_lost > self->last_lost
      && report->nacks > self->last_nacks;
  gint64 wait_us = MAX (self->delay_us, report->key_interval_us > 0
      ? report->key_interval_us : KEY_INTERVAL_US);

  if (self->clean_since_us == 0) {
    self->clean_since_us = time_us;
  } else if (lossy) {
    self->delay_us = MIN (self->delay_us + LEARNING_US, MAX_DELAY_US);
    move (self, time_us, -1);
  } else if (time_us - self->clean_since_us >= wait_us) {
    move (self, time_us, 1);
  }
  self->last_lost = report->packets_lost;
  self->last_nacks = report->nacks;
}

const GstWsctlRenditionClass gst_wsctl_rendition_linear = {
  .size = sizeof (Linear),
  .playing = judge,
};
