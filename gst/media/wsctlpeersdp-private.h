/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* What a peer's description comes to, and what to say to it. Pure. A peer is
 * nobody that we know: what passes here is safe to give to webrtcbin. */
typedef struct
{
  gboolean is_data;             /* the channels' section; no codec, no track */
  GstWsctlMediaKind kind;
  gchar *mid;
  gboolean sends;               /* the one whose description it is … */
  gboolean receives;            /* … as it is now */
  gboolean rejected;
  GPtrArray *codecs;            /* const GstWsctlCodec, as listed */
  GArray *payloads;             /* gint, of the same */
} GstWsctlPeerMedium;

typedef struct
{
  GPtrArray *media;             /* GstWsctlPeerMedium, as listed */
  gchar *fingerprint;           /* "sha-256 AA:BB:…" */
  gchar *ufrag;
} GstWsctlPeerSdp;

GstWsctlPeerSdp *gst_wsctl_peer_sdp_new (const gchar * text, GError ** error);
void gst_wsctl_peer_sdp_free (GstWsctlPeerSdp * self);
/* The payload type of @codec in a section; -1: it is not there */
gint gst_wsctl_peer_medium_get_payload (const GstWsctlPeerMedium * medium,
    const GstWsctlCodec * codec);

/* One m-line as we want it */
typedef struct
{
  GstWsctlMediaKind kind;
  gint track;                   /* index of the track sent on it; -1: none */
  gboolean idle;                /* nothing is sent on it, though it says so */
  gboolean receives;
  GstCaps *caps;                /* RTP, as webrtcbin's preferences */
} GstWsctlPeerPlan;

/* @tracks: the codecs (const GstWsctlCodec) of what we send. @agreed: what the
 * peer said last that holds, or NULL; its sections come first. Every offer has a
 * section for each kind, so that the answer can send what it has. Elements are
 * GstWsctlPeerPlan. */
GPtrArray *gst_wsctl_peer_plan_offer (GPtrArray * tracks,
    const GstWsctlPeerSdp * agreed);
/* One for each section of @offer that is media. */
GPtrArray *gst_wsctl_peer_plan_answer (GPtrArray * tracks,
    const GstWsctlPeerSdp * offer);
/* Is each of the @n_tracks sent somewhere? */
gboolean gst_wsctl_peer_plan_is_complete (GPtrArray * plan, guint n_tracks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlPeerSdp, gst_wsctl_peer_sdp_free)

G_END_DECLS
