/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much loss an audio encoder is to reckon with (in-band FEC, RFC 6716,
 * 2.1.7). What came only when it was asked for again counts: it may have come
 * too late. Pure; zeros at first. */
typedef struct
{
  guint64 n_sent;               /* at the last look */
  gint64 n_lost;
  gdouble loss;                 /* smoothed, 0 to 1 */
  guint percent;
} GstWsctlRateAudio;

/* Totals since the beginning; about once a second. @n_lost: what was lost, sent
 * again or not. Returns the percentage to reckon with, in coarse steps: each
 * change costs the encoder some continuity. */
guint gst_wsctl_rate_audio_push (GstWsctlRateAudio * self, guint64 n_sent,
    gint64 n_lost);
/* What an encoder may have of the bitrate that it was meant to have: a path that
 * loses may be full. */
guint gst_wsctl_rate_audio_get_bitrate (const GstWsctlRateAudio * self,
    guint bitrate_bps);

G_END_DECLS
