/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlkeyframes.h"

#define NEVER G_MININT64

void
gst_wsctl_key_frames_init (GstWsctlKeyFrames * self)
{
  g_mutex_init (&self->lock);
  self->asked_us = NEVER;
  self->interval_us = 0;
  self->waiting = FALSE;
}

void
gst_wsctl_key_frames_clear (GstWsctlKeyFrames * self)
{
  g_mutex_clear (&self->lock);
}

void
gst_wsctl_key_frames_set_interval (GstWsctlKeyFrames * self, guint interval_ms)
{
  g_mutex_lock (&self->lock);
  self->interval_us = (gint64) interval_ms *1000;
  g_mutex_unlock (&self->lock);
}

static gboolean
has_passed_locked (GstWsctlKeyFrames * self, gint64 now_us, gint64 time_us)
{
  return self->asked_us == NEVER || now_us - self->asked_us >= time_us;
}

gboolean
gst_wsctl_key_frames_demand (GstWsctlKeyFrames * self, gint64 now_us)
{
  gboolean now;

  g_mutex_lock (&self->lock);
  now = has_passed_locked (self, now_us, GST_WSCTL_KEY_FRAMES_MIN_DISTANCE_US);
  self->waiting = !now;
  if (now)
    self->asked_us = now_us;
  g_mutex_unlock (&self->lock);

  return now;
}

gboolean
gst_wsctl_key_frames_is_due (GstWsctlKeyFrames * self, gint64 now_us,
    gboolean missing)
{
  gboolean due;

  g_mutex_lock (&self->lock);
  due = (self->waiting || missing) ? has_passed_locked (self, now_us,
      GST_WSCTL_KEY_FRAMES_MIN_DISTANCE_US)
      : self->interval_us > 0 && has_passed_locked (self, now_us,
      self->interval_us);
  g_mutex_unlock (&self->lock);

  return due;
}

void
gst_wsctl_key_frames_note (GstWsctlKeyFrames * self, gint64 now_us)
{
  g_mutex_lock (&self->lock);
  self->asked_us = now_us;
  self->waiting = FALSE;
  g_mutex_unlock (&self->lock);
}
