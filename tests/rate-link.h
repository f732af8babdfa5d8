/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlrate-private.h"

G_BEGIN_DECLS

/* A publisher, a link and a server in simulated time: frames go out in bursts,
 * through a queue of limited length that the link empties at its rate, and some
 * are lost behind it. The same numbers every time. */
typedef struct
{
  gint64 from_us;
  guint bps;
} RateLinkStep;

typedef struct
{
  GstWsctlRatePolicy policy;
  GstWsctlRateParams params;
  const RateLinkStep *steps;    /* ended by one with 0 bps, which is the end */
  gint64 delay_us;              /* one way */
  gint64 jitter_us;             /* of the way back, at most */
  guint queue_bytes;
  gdouble loss;
  gint64 report_interval_us;    /* receiver reports; 0: none */
  gboolean transport_cc;        /* with them: when each packet arrived */
  gboolean server_reports;      /* on_media_receive, once a second */
  gboolean constraint;          /* as MistServer's */
  guint64 limit_bps;            /* what the server allows at most; 0: all */
  guint64 remb_bps;             /* 0: an echo, as MistServer's */
  gdouble use;                  /* of the wanted rate by the encoder; 0: 1.0 */
  gint64 longer_from_us;        /* the way gets longer then; 0: never */
  gint64 longer_us;
  gint64 silent_from_us;        /* nothing comes back; 0: never */
  guint32 seed;
} RateLinkSetup;

/* One a tenth of a second */
#define RATE_LINK_SAMPLE_US (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  guint link_bps;
  guint wanted_bps;             /* in force */
  guint64 sent_bits;
  guint64 arrived_bits;
  gint64 queue_us;              /* the longest */
} RateLinkSample;

/* RateLinkSample; changes of the bitrate are counted. */
GArray *rate_link_run (const RateLinkSetup * setup, guint * n_changes);

/* Reading the samples from @from_us to @to_us */
gdouble rate_link_get_use (GArray * samples, gint64 from_us, gint64 to_us);
/* The same, but only of what came in time: having queued for @queue_us at most */
gdouble rate_link_get_use_in_time (GArray * samples, gint64 from_us,
    gint64 to_us, gint64 queue_us);
gdouble rate_link_get_sent (GArray * samples, gint64 from_us, gint64 to_us);
gint64 rate_link_get_queue (GArray * samples, gint64 from_us, gint64 to_us);
/* How long after @from_us half a second's mean stays at or below @bps, or at or
 * above it, for the first time; G_MAXINT64 when never */
gint64 rate_link_get_fall_time (GArray * samples, gint64 from_us,
    gint64 to_us, gdouble bps);
gint64 rate_link_get_rise_time (GArray * samples, gint64 from_us,
    gint64 to_us, gdouble bps);
/* How long after @from_us the queue, once grown, is below @queue_us for a
 * second */
gint64 rate_link_get_drain_time (GArray * samples, gint64 from_us,
    gint64 to_us, gint64 queue_us);

G_END_DECLS
