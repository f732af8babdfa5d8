/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Which rendition of a stream to play, from what is heard of the network. Pure:
 * all times come from the caller, in microseconds of one clock that never stands
 * at 0; there is no thread, no timer and no I/O in here. Bitrates are bit/s. */
typedef struct _GstWsctlRenditions GstWsctlRenditions;

typedef enum
{
  GST_WSCTL_RENDITION_POLICY_DISABLED,  /* the server chooses */
  GST_WSCTL_RENDITION_POLICY_LINEAR,    /* as the Ceeblue client */
  GST_WSCTL_RENDITION_POLICY_ADAPTIVE,  /* ours */
} GstWsctlRenditionPolicy;

#define GST_WSCTL_TYPE_RENDITION_POLICY \
    (gst_wsctl_rendition_policy_get_type ())
GType gst_wsctl_rendition_policy_get_type (void);

/* Audio and video have renditions of their own. */
typedef enum
{
  GST_WSCTL_LADDER_AUDIO,
  GST_WSCTL_LADDER_VIDEO,
} GstWsctlLadder;

#define GST_WSCTL_N_LADDERS 2

typedef struct
{
  gint64 index;                 /* of the track, 0 or more */
  guint64 bitrate_bps;          /* 0: not known */
} GstWsctlRendition;

/* Counts are since the beginning. */
typedef struct
{
  guint64 bytes;                /* that have arrived, all media */
  guint64 packets;              /* of video, that have arrived */
  guint64 packets_lost;         /* of video, and not come since */
  guint64 nacks;                /* that were asked for again */
  guint64 frames;               /* that the decoder was given … */
  guint64 frames_dropped;       /* … and had no time for */
  gint64 queue_us;              /* how long what comes has waited; -1: unknown */
  guint64 capacity_bps;         /* what the way could carry; 0: unknown */
  gint64 key_interval_us;       /* between key frames; 0: unknown */
} GstWsctlRenditionReport;

GstWsctlRenditions *gst_wsctl_renditions_new (GstWsctlRenditionPolicy policy);
void gst_wsctl_renditions_free (GstWsctlRenditions * self);

/* What there is, best first; copied. What is played stays what it is. */
void gst_wsctl_renditions_set_ladder (GstWsctlRenditions * self,
    GstWsctlLadder ladder, const GstWsctlRendition * items, guint n_items);
/* Chosen by hand: left alone */
void gst_wsctl_renditions_set_fixed (GstWsctlRenditions * self,
    GstWsctlLadder ladder, gboolean fixed);

/* In */
/* on_time: the tracks that the server sends */
void gst_wsctl_renditions_push_playing (GstWsctlRenditions * self,
    gint64 time_us, const gint64 * tracks, guint n_tracks);
/* About twenty a second */
void gst_wsctl_renditions_push_report (GstWsctlRenditions * self,
    gint64 time_us, const GstWsctlRenditionReport * report);

/* Out: TRUE when other tracks are to be asked for; -1 leaves one as it is. */
gboolean gst_wsctl_renditions_take (GstWsctlRenditions * self,
    gint64 * audio, gint64 * video);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlRenditions, gst_wsctl_renditions_free)

G_END_DECLS
