/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlserverchain-private.h"
#include "wsctlservercodec-private.h"

G_BEGIN_DECLS

/* A track of a stream, its whole frames, and the packets that they are sent
 * in: made once, when the frame comes, and shared by all. One thread. */
typedef struct _GstWsctlServerFrame GstWsctlServerFrame;
typedef struct _GstWsctlServerStore GstWsctlServerStore;
typedef struct _GstWsctlServerTrack GstWsctlServerTrack;

/* A packet's payload, inside the frame's bytes */
typedef struct
{
  guint32 offset;
  guint16 size;
  gboolean marker;
} GstWsctlServerPacket;

struct _GstWsctlServerFrame
{
  grefcount refs;
  GstWsctlServerTrack *track;   /* a reference */
  gint64 rtp_time;              /* the publisher's, without wraps */
  gint64 time_ns;               /* since 1970, by the publisher's clock */
  gboolean key;
  GstBuffer *buffer;            /* NULL once delivered */
  GByteArray *bytes;            /* of the packets; NULL until they are made */
  GArray *packets;              /* of GstWsctlServerPacket */
};

struct _GstWsctlServerTrack
{
  grefcount refs;
  guint index;
  guint id;                     /* the publisher's payload type */
  gchar *rendition;             /* of a publisher NAME~RENDITION; or NULL */
  const GstWsctlServerCodec *codec;
  GstCaps *caps;                /* of the frames; NULL before the first */
  gint64 anchor_rtp;            /* an RTP time of the publisher … */
  gint64 anchor_ns;             /* … and when it was, ns since 1970 */
  gint64 slew_ns;               /* what frames still differ from that */
  gint64 slewed_rtp;            /* up to this RTP time */
  gint64 first_ns;              /* 0 before the first frame */
  gint64 last_ns;
  guint64 n_frames;
  gint64 window_ns;             /* where the second being counted starts */
  guint64 window_bytes;
  guint bps;                    /* bytes a second, as MistServer counts */
  guint max_bps;
  GstWsctlServerStore *store;   /* the frames that are kept */
  /* How to reach the publisher; NULL once it is gone */
  void (*request_keyframe) (gpointer data);
  gpointer data;
  GstWsctlServerChain *payloader;
  GstWsctlServerFrame *packing; /* the frame in the payloader */
};

GstWsctlServerTrack *gst_wsctl_server_track_new (guint index, guint id,
    const GstWsctlServerCodec * codec);
GstWsctlServerTrack *gst_wsctl_server_track_ref (GstWsctlServerTrack * self);
void gst_wsctl_server_track_unref (GstWsctlServerTrack * self);
void gst_wsctl_server_track_request_keyframe (GstWsctlServerTrack * self);
/* What is known now of the publisher's clock. Times of frames come to it bit by
 * bit. */
void gst_wsctl_server_track_set_anchor (GstWsctlServerTrack * self,
    gint64 rtp_time, gint64 time_ns);
/* RTP times of the publisher to nanoseconds since 1970 and back */
gint64 gst_wsctl_server_track_get_time (const GstWsctlServerTrack * self,
    gint64 rtp_time);
gint64 gst_wsctl_server_track_get_rtp_time (const GstWsctlServerTrack * self,
    gint64 time_ns);

/* @buffer: transfer full. Counts towards the track's rates. */
GstWsctlServerFrame *gst_wsctl_server_frame_new (GstWsctlServerTrack * track,
    gint64 rtp_time, gboolean key, GstBuffer * buffer);
GstWsctlServerFrame *gst_wsctl_server_frame_ref (GstWsctlServerFrame * self);
void gst_wsctl_server_frame_unref (GstWsctlServerFrame * self);
/* Makes the packets: once, in the order of the track. */
void gst_wsctl_server_frame_pack (GstWsctlServerFrame * self);
/* Lets go of what the packets were made from. */
void gst_wsctl_server_frame_drop_buffer (GstWsctlServerFrame * self);
/* Memory that it takes once it is packed */
gsize gst_wsctl_server_frame_get_size (GstWsctlServerFrame * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerFrame,
    gst_wsctl_server_frame_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerTrack,
    gst_wsctl_server_track_unref)

G_END_DECLS
