/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "rate-link.h"

G_BEGIN_DECLS

/* wsctlsink and the server with the relay of the tests between them, in real
 * time. Unless there is a picture, the encoder is a stand-in: it encodes a small black picture (VP8, 30 a
 * second) and fills each frame up to the size that the bitrate in force allows,
 * a tenth more or less, key frames to two and a half times as much. */
typedef struct
{
  GstWsctlRatePolicy policy;
  GstWsctlRateParams params;
  const RateLinkStep *steps;    /* of the way up; ended by one with 0 bps */
  guint delay_ms;               /* one way */
  guint queue_bytes;
  gdouble loss;                 /* on the way up, 0 to 1 */
  const gchar *picture;         /* a launch line of raw video, to be encoded by
                                 * wsctlsink; NULL: the stand-in */
} RateRigSetup;

/* RateLinkSample, for the functions of rate-link.h. There "wanted" is what was
 * sent, as the mean of half a second; the queue's length that of the mean
 * packet. */
GArray *rate_rig_run (const RateRigSetup * setup);
/* How long the rig itself stood still in its last run, at the longest: a machine
 * that is busy with other things looks like a queue, and proves nothing. */
gint64 rate_rig_get_stall (void);

G_END_DECLS
