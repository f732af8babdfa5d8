/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Loss that comes with the path, radio for example, and loss that we make
 * ourselves: the second kind goes away when less is sent, so that is tried. */
typedef struct
{
  /* The window that is being filled, by totals: what is repaired in time is
   * taken back from them. */
  gint64 begin_us;              /* 0: none yet */
  guint64 begin_packets;
  gint64 begin_lost;
  guint64 packets;
  gint64 lost;

  gdouble loss;                 /* of the last full window */
  gdouble baseline;             /* comes with the path */
} GstWsctlRateLoss;

/* TRUE when a window is full. */
gboolean gst_wsctl_rate_loss_push (GstWsctlRateLoss * self, gint64 time_us,
    guint64 packets, gint64 lost);
/* For a server that tells the ratio only. */
void gst_wsctl_rate_loss_set (GstWsctlRateLoss * self, gdouble loss);
/* Begins a new window: what was sent so far no longer counts. */
void gst_wsctl_rate_loss_restart (GstWsctlRateLoss * self, gint64 time_us);
/* What we have to answer for */
gdouble gst_wsctl_rate_loss_get_excess (const GstWsctlRateLoss * self);
/* It did not go away when less was sent. */
void gst_wsctl_rate_loss_accept (GstWsctlRateLoss * self);

G_END_DECLS
