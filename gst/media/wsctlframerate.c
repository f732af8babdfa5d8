/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlframerate-private.h"

#define HIGHEST_FPS 500
/* Until it is measured */
#define ASSUMED_FPS 30
/* An encoder begins anew with each change, and sends a key frame: only a framerate
 * that is further off than this is changed, and each time is measured for twice
 * as long as the time before. */
#define TOLERANCE 0.1
#define FIRST_WINDOW GST_SECOND
#define LAST_WINDOW (64 * GST_SECOND)
#define MIN_FRAMES 3

gboolean
gst_wsctl_framerate_is_sound (gint fps_n, gint fps_d)
{
  return fps_n > 0 && fps_d > 0 && fps_n / fps_d <= HIGHEST_FPS;
}

static GstPadProbeReturn
on_caps (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstEvent *corrected;
  GstCaps *caps;
  gint fps_n, fps_d;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;

  gst_event_parse_caps (event, &caps);
  if (!gst_structure_get_fraction (gst_caps_get_structure (caps, 0),
          "framerate", &fps_n, &fps_d)
      || gst_wsctl_framerate_is_sound (fps_n, fps_d))
    return GST_PAD_PROBE_OK;

  caps = gst_caps_copy (caps);
  gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION, 0, 1, NULL);
  corrected = gst_event_new_caps (caps);
  gst_event_set_seqnum (corrected, gst_event_get_seqnum (event));
  gst_caps_unref (caps);
  gst_event_unref (event);
  info->data = corrected;

  return GST_PAD_PROBE_OK;
}

void
gst_wsctl_framerate_correct (GstPad * src)
{
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps, NULL,
      NULL);
}

static void
start_window (GstWsctlFramerate * self, GstClockTime pts)
{
  self->first = self->last = pts;
  self->n_frames = 0;
}

void
gst_wsctl_framerate_init (GstWsctlFramerate * self)
{
  self->fps_n = ASSUMED_FPS;
  self->fps_d = 1;
  self->measures = FALSE;
  self->window = FIRST_WINDOW;
  start_window (self, GST_CLOCK_TIME_NONE);
}

void
gst_wsctl_framerate_take_caps (GstWsctlFramerate * self, const GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  gboolean measured = self->measures;
  gint fps_n = 0, fps_d = 1;

  self->measures =
      !gst_structure_get_fraction (structure, "framerate", &fps_n, &fps_d)
      || !gst_wsctl_framerate_is_sound (fps_n, fps_d);
  if (!self->measures) {
    self->fps_n = fps_n;
    self->fps_d = fps_d;
  } else if (!measured) {
    gst_wsctl_framerate_init (self);
    self->measures = TRUE;
  }
}

gboolean
gst_wsctl_framerate_take_time (GstWsctlFramerate * self, GstClockTime pts)
{
  gdouble before, now;

  if (!self->measures || !GST_CLOCK_TIME_IS_VALID (pts))
    return FALSE;

  /* A jump, or a screen on which nothing happened */
  if (!GST_CLOCK_TIME_IS_VALID (self->last) || pts <= self->last
      || pts - self->last > GST_SECOND) {
    start_window (self, pts);
    return FALSE;
  }

  self->last = pts;
  self->n_frames++;
  if (pts - self->first < self->window || self->n_frames < MIN_FRAMES)
    return FALSE;

  before = (gdouble) self->fps_n / self->fps_d;
  now = CLAMP (self->n_frames * (gdouble) GST_SECOND / (pts - self->first), 1,
      HIGHEST_FPS);
  start_window (self, pts);
  if (ABS (now - before) <= before * TOLERANCE)
    return FALSE;

  self->fps_n = (gint) (now + 0.5);
  self->fps_d = 1;
  self->window = MIN (2 * self->window, LAST_WINDOW);

  return TRUE;
}
