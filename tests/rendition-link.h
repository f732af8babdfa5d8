/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlrendition-private.h"

G_BEGIN_DECLS

/* A server with three renditions, a link, and a player that follows a policy,
 * in simulated time. */
#define RENDITION_LINK_N 3

extern const guint64 rendition_link_bitrates[RENDITION_LINK_N];

typedef struct
{
  gint64 time_us;
  guint64 bitrate_bps;          /* 0 ends the simulation */
} RenditionLinkStep;

typedef struct
{
  GstWsctlRenditionPolicy policy;
  const RenditionLinkStep *steps;
  guint start;                  /* position on the ladder, 0 for the best */
  gint64 delay_us;
  guint queue_bytes;
  gdouble loss;
  guint gop;                    /* frames */
  gboolean keys_on_demand;      /* as wsctl-server; else at the next of a GOP */
  gboolean paced;               /* frames are spread over their time */
  guint drop_percent;           /* of frames, by the decoder, at the best one */
  guint seed;
} RenditionLinkSetup;

/* What was played, every 50 ms */
typedef struct
{
  gint64 time_us;
  guint position;               /* that the server sends */
  gint64 queue_us;
  guint64 capacity_bps;         /* as estimated */
} RenditionLinkSample;

typedef struct
{
  GArray *samples;              /* RenditionLinkSample */
  gint64 frozen_us;             /* W3C's freezes: all of them together */
  guint n_freezes;
  guint n_switches;
} RenditionLinkResult;

RenditionLinkResult *rendition_link_run (const RenditionLinkSetup * setup);
void rendition_link_result_free (RenditionLinkResult * result);

/* How long after @from_us it is at @position or lower (higher) on the ladder;
 * G_MAXINT64 if it is not before @to_us */
gint64 rendition_link_get_fall_time (RenditionLinkResult * result,
    gint64 from_us, gint64 to_us, guint position);
gint64 rendition_link_get_rise_time (RenditionLinkResult * result,
    gint64 from_us, gint64 to_us, guint position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RenditionLinkResult,
    rendition_link_result_free)

G_END_DECLS
