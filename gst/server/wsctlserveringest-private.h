/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctllite-private.h"
#include "wsctlloop-private.h"
#include "wsctlserverreceiver-private.h"
#include "wsctlserverstream-private.h"

G_BEGIN_DECLS

/* A publisher's packets to the frames of a stream, and the RTCP that goes
 * back. On the loop's thread. */
typedef struct _GstWsctlServerIngest GstWsctlServerIngest;

/* What came in since the last look, for `on_media_receive` */
typedef struct
{
  gint64 millis;                /* of media so far */
  gdouble jitter_ms;
  guint n_packets_lost;         /* for good */
  gdouble loss_perc;
  guint n_nacks;
  gint64 queue_ms;              /* that packets wait on their way */
  guint64 bitrate_bps;          /* of everything that came */
} GstWsctlServerIngestStats;

GstWsctlServerIngest *gst_wsctl_server_ingest_new (GstWsctlLoop * loop,
    GstWsctlServerStream * stream);
void gst_wsctl_server_ingest_free (GstWsctlServerIngest * self);
/* @fmtp and @rendition may be NULL */
gboolean gst_wsctl_server_ingest_add_track (GstWsctlServerIngest * self,
    guint8 pt, const GstWsctlServerCodec * codec, const gchar * fmtp,
    const gchar * rendition, GError ** error);
/* @peer outlives the ingest */
void gst_wsctl_server_ingest_start (GstWsctlServerIngest * self,
    GstWsctlLitePeer * peer);
void gst_wsctl_server_ingest_take_rtp (GstWsctlServerIngest * self,
    const guint8 * packet, gsize size);
void gst_wsctl_server_ingest_take_rtcp (GstWsctlServerIngest * self,
    const guint8 * packet, gsize size);
void gst_wsctl_server_ingest_set_keyframe_interval (GstWsctlServerIngest *
    self, guint interval_ms);
void gst_wsctl_server_ingest_set_props (GstWsctlServerIngest * self,
    guint nack, guint drop);
/* The most that the publisher shall send, as REMB; 0: say nothing */
void gst_wsctl_server_ingest_set_bitrate (GstWsctlServerIngest * self,
    guint64 bitrate_bps);
/* Sends a receiver report too: call it once a second. */
void gst_wsctl_server_ingest_report (GstWsctlServerIngest * self,
    GstWsctlServerIngestStats * stats);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerIngest,
    gst_wsctl_server_ingest_free)

G_END_DECLS
