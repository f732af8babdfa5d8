/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* FALSE for none, and for more frames in a second than there can be: encoders of a
 * variable framerate write their unit of time, such as 1000000000/1. */
gboolean gst_wsctl_framerate_is_sound (gint fps_n, gint fps_d);
/* Makes a framerate that is not sound 0/1, "variable", in the caps that come out of
 * this pad. */
void gst_wsctl_framerate_correct (GstPad * src);

/* The framerate to tell an encoder: that of the caps, if they have a sound one. It
 * is measured by the timestamps otherwise. One streaming thread. */
typedef struct
{
  gint fps_n;                   /* in force */
  gint fps_d;
  gboolean measures;

  /* What is being measured */
  GstClockTime first;
  GstClockTime last;
  guint n_frames;
  GstClockTime window;          /* the time to measure for */
} GstWsctlFramerate;

void gst_wsctl_framerate_init (GstWsctlFramerate * self);
void gst_wsctl_framerate_take_caps (GstWsctlFramerate * self,
    const GstCaps * caps);
/* With each frame: TRUE when the framerate has changed. */
gboolean gst_wsctl_framerate_take_time (GstWsctlFramerate * self,
    GstClockTime pts);

G_END_DECLS
