/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much loss to reckon with, where redundancy is sent against it: an audio
 * encoder's (in-band FEC, RFC 6716, 2.1.7), or packets of parity. What came only when it was asked for again counts: it may have come
 * too late. Pure; zeros at first. */
typedef struct
{
  guint64 n_sent;               /* at the last look */
  gint64 n_lost;
  gdouble loss;                 /* smoothed, 0 to 1 */
  guint percent;
} GstWsctlRateRedundancy;

/* Totals since the beginning; about once a second. @n_lost: what was lost, sent
 * again or not. Returns the percentage to reckon with, in coarse steps: each
 * change costs the encoder some continuity. */
guint gst_wsctl_rate_redundancy_push (GstWsctlRateRedundancy * self,
    guint64 n_sent, gint64 n_lost);
/* What an audio encoder may have of the bitrate that it was meant to have: a path that
 * loses may be full. */
guint gst_wsctl_rate_redundancy_get_bitrate (const GstWsctlRateRedundancy *
    self, guint bitrate_bps);

G_END_DECLS
