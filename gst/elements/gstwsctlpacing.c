/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlpacing.h"

/* A pad takes part in what another pad began when its buffer would go out within
 * this time from now: the streams of a file begin at different times, and video
 * waits for a key frame. */
#define MAX_AHEAD_NS GST_WSCTL_PACING_MAX_STEP_NS
#define MAX_BACK_NS GST_WSCTL_PACING_MAX_LATE_NS
#define NO_TIME G_MININT64

/* A live source is not ahead of the clock. */
#define MAX_LIVE_STEP_NS ((gint64) GST_SECOND)

/* Pads that go together */
typedef struct
{
  guint n_pads;
  gint64 offset_ns;
} Group;

struct _GstWsctlPacing
{
  gatomicrefcount refs;         /* of the element and of its pads */

  GMutex lock;
  GPtrArray *pads;              /* lock */
  Group *newest;                /* lock; one of the pads', or NULL */
  gint64 live_offset_ns;        /* lock; since the last jump of a live source */
};

struct _GstWsctlPace
{
  GstWsctlPacing *pacing;
  Group *group;                 /* pacing's lock; NULL before the first buffer */
  gint64 held_ns;               /* pacing's lock; of the buffer that is held */
  gint64 last_ns;               /* pacing's lock; of the buffer before */
  gint64 last_duration_ns;      /* pacing's lock */
  gint64 live_offset_ns;        /* pacing's lock; while its source is live */
  gint64 latency_ns;            /* pacing's lock; of the last live buffer */
};

GstWsctlPacing *
gst_wsctl_pacing_new (void)
{
  GstWsctlPacing *self = g_new0 (GstWsctlPacing, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->pads = g_ptr_array_new ();

  return self;
}

void
gst_wsctl_pacing_unref (GstWsctlPacing * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_ptr_array_unref (self->pads);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
leave_group_locked (GstWsctlPace * self)
{
  Group *group = g_steal_pointer (&self->group);

  self->last_ns = NO_TIME;
  if (group == NULL || --group->n_pads > 0)
    return;

  if (self->pacing->newest == group)
    self->pacing->newest = NULL;
  g_free (group);
}

void
gst_wsctl_pacing_restart (GstWsctlPacing * self)
{
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < self->pads->len; i++)
    leave_group_locked (g_ptr_array_index (self->pads, i));
  g_mutex_unlock (&self->lock);
}

GstWsctlPace *
gst_wsctl_pace_new (GstWsctlPacing * pacing)
{
  GstWsctlPace *self = g_new0 (GstWsctlPace, 1);

  self->pacing = pacing;
  g_atomic_ref_count_inc (&pacing->refs);
  self->held_ns = NO_TIME;
  self->last_ns = NO_TIME;
  g_mutex_lock (&pacing->lock);
  g_ptr_array_add (pacing->pads, self);
  g_mutex_unlock (&pacing->lock);

  return self;
}

void
gst_wsctl_pace_free (GstWsctlPace * self)
{
  g_mutex_lock (&self->pacing->lock);
  leave_group_locked (self);
  g_ptr_array_remove (self->pacing->pads, self);
  g_mutex_unlock (&self->pacing->lock);
  gst_wsctl_pacing_unref (self->pacing);
  g_free (self);
}

void
gst_wsctl_pace_reset (GstWsctlPace * self)
{
  g_mutex_lock (&self->pacing->lock);
  leave_group_locked (self);
  self->held_ns = NO_TIME;
  g_mutex_unlock (&self->pacing->lock);
}

void
gst_wsctl_pace_hold (GstWsctlPace * self, gint64 time_ns)
{
  g_mutex_lock (&self->pacing->lock);
  self->held_ns = time_ns;
  g_mutex_unlock (&self->pacing->lock);
}

static gboolean
has_jumped_locked (GstWsctlPace * self, gint64 time_ns)
{
  return self->last_ns != NO_TIME
      && (time_ns < self->last_ns - MAX_BACK_NS
      || time_ns > self->last_ns + self->last_duration_ns
      + GST_WSCTL_PACING_MAX_STEP_NS);
}

static gboolean
fits_locked (Group * group, gint64 time_ns, gint64 now_ns)
{
  gint64 ahead_ns = time_ns + group->offset_ns - now_ns;

  return ahead_ns >= -MAX_BACK_NS && ahead_ns <= MAX_AHEAD_NS;
}

/* The earliest of the buffers that wait beside this one goes out first. */
static gint64
find_first_locked (GstWsctlPacing * self, gint64 time_ns)
{
  gint64 first_ns = time_ns;
  guint i;

  for (i = 0; i < self->pads->len; i++) {
    GstWsctlPace *pad = g_ptr_array_index (self->pads, i);

    if (pad->held_ns != NO_TIME && pad->held_ns >= time_ns - MAX_AHEAD_NS)
      first_ns = MIN (first_ns, pad->held_ns);
  }

  return first_ns;
}

static void
join_group_locked (GstWsctlPace * self, gint64 time_ns, gint64 now_ns)
{
  GstWsctlPacing *pacing = self->pacing;

  if (pacing->newest == NULL || !fits_locked (pacing->newest, time_ns, now_ns)) {
    pacing->newest = g_new0 (Group, 1);
    pacing->newest->offset_ns = now_ns - find_first_locked (pacing, time_ns);
  }
  self->group = pacing->newest;
  self->group->n_pads++;
}

static gint64
pace_locked (GstWsctlPace * self, gint64 time_ns, gint64 now_ns)
{
  gint64 late_ns;

  if (has_jumped_locked (self, time_ns))
    leave_group_locked (self);
  if (self->group == NULL)
    join_group_locked (self, time_ns, now_ns);
  late_ns = now_ns - (time_ns + self->group->offset_ns);
  if (late_ns > GST_WSCTL_PACING_MAX_LATE_NS)
    self->group->offset_ns += late_ns;

  return self->group->offset_ns;
}

static gboolean
has_live_jumped_locked (GstWsctlPace * self, gint64 time_ns, gint64 now_ns)
{
  if (self->last_ns == NO_TIME)
    return FALSE;

  return time_ns < self->last_ns - MAX_BACK_NS
      || (time_ns > self->last_ns + self->last_duration_ns + MAX_LIVE_STEP_NS
      && time_ns + self->live_offset_ns > now_ns + MAX_LIVE_STEP_NS);
}

/* Both media of a source jump together, but not at the same buffer. */
static gint64
follow_locked (GstWsctlPace * self, gint64 time_ns, gint64 now_ns)
{
  GstWsctlPacing *pacing = self->pacing;

  if (has_live_jumped_locked (self, time_ns, now_ns)) {
    gint64 due_ns = now_ns - self->latency_ns;

    if (ABS (time_ns + pacing->live_offset_ns - due_ns) > MAX_BACK_NS)
      pacing->live_offset_ns = due_ns - time_ns;
    self->live_offset_ns = pacing->live_offset_ns;
  }
  self->latency_ns = now_ns - (time_ns + self->live_offset_ns);

  return self->live_offset_ns;
}

gint64
gst_wsctl_pace_get_offset (GstWsctlPace * self, gint64 time_ns,
    gint64 duration_ns, gint64 now_ns, gboolean live)
{
  gint64 offset_ns;

  g_mutex_lock (&self->pacing->lock);
  offset_ns = live ? follow_locked (self, time_ns, now_ns)
      : pace_locked (self, time_ns, now_ns);
  self->held_ns = NO_TIME;
  self->last_ns = time_ns;
  self->last_duration_ns = duration_ns;
  g_mutex_unlock (&self->pacing->lock);

  return offset_ns;
}
