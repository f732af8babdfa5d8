/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlconnection-private.h"
#include "wsctldatachannel-private.h"
#include "wsctlpeersdp-private.h"
#include "wsctltrack-private.h"

G_BEGIN_DECLS

/* One webrtcbin between us and a peer, for one exchange of descriptions. What is
 * to be sent otherwise needs another link: webrtcbin before 1.28 can neither
 * take an offer back, nor restart ICE, nor change a direction.
 *
 * Elements are made, changed and taken away on the worker, everything else
 * happens on the loop. The owner is held weakly; nothing is called after
 * close. */
#define GST_WSCTL_TYPE_LINK (gst_wsctl_link_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlLink, gst_wsctl_link, GST_WSCTL, LINK, GObject)

typedef struct
{
  /* On the loop */
  void (*state) (gpointer owner, GstWsctlLink * link,
      GstWsctlConnectionState state);
  void (*candidate) (gpointer owner, GstWsctlLink * link, guint mline,
      const gchar * candidate);
  /* On the loop: a channel that the peer has opened */
  void (*channel) (gpointer owner, GstWsctlLink * link,
      GstWsctlDataChannel * channel);
  /* On a streaming thread: RTP of the @index-th track of its kind */
  void (*pad) (gpointer owner, GstWsctlLink * link, GstPad * pad,
      GstWsctlMediaKind kind, guint index);
} GstWsctlLinkCallbacks;

/* @bin: where its elements go. @callbacks is kept as it is. */
GstWsctlLink *gst_wsctl_link_new (GstWsctlLoop * loop, GstWsctlLoop * worker,
    GstElement * bin, const GstWsctlConnectionParams * params,
    const GstWsctlLinkCallbacks * callbacks, GObject * owner);
/* Before it is described: what it is to carry. @channels: of
 * GstWsctlDataChannel */
void gst_wsctl_link_set_channels (GstWsctlLink * self, GPtrArray * channels);
/* @tracks: of GstWsctlTrack. @agreed: what the peer said last that holds, or
 * NULL; taken. One of the two, once. */
void gst_wsctl_link_offer_async (GstWsctlLink * self, GPtrArray * tracks,
    GstWsctlPeerSdp * agreed, GAsyncReadyCallback callback,
    gpointer user_data);
/* @sdp is what @offer says. */
void gst_wsctl_link_answer_async (GstWsctlLink * self, GPtrArray * tracks,
    const gchar * offer, GstWsctlPeerSdp * sdp, GAsyncReadyCallback callback,
    gpointer user_data);
gchar *gst_wsctl_link_describe_finish (GstWsctlLink * self,
    GAsyncResult * result, GError ** error);
/* The answer to its offer. FALSE for one that makes no sense; what webrtcbin
 * makes of it comes as a state. */
gboolean gst_wsctl_link_take_answer (GstWsctlLink * self, const gchar * answer,
    GError ** error);
/* FALSE: it is too early. */
gboolean gst_wsctl_link_add_candidate (GstWsctlLink * self, guint mline,
    const gchar * candidate);
/* Answers what is pending; the elements go away on the worker. */
void gst_wsctl_link_close (GstWsctlLink * self);

/* Lets the tracks flow: once connected. */
void gst_wsctl_link_send (GstWsctlLink * self);
/* What the peer has said; NULL before. Transfer none. */
const GstWsctlPeerSdp *gst_wsctl_link_get_remote (GstWsctlLink * self);
/* Has the peer agreed to data channels? */
gboolean gst_wsctl_link_has_data (GstWsctlLink * self);
/* From then on: carries one more, unless it does so already. */
void gst_wsctl_link_carry (GstWsctlLink * self, GstWsctlDataChannel * channel);
/* It is closed. */
void gst_wsctl_link_forget (GstWsctlLink * self, GstWsctlDataChannel * channel);
const gchar *gst_wsctl_link_get_ufrag (GstWsctlLink * self);
/* Is there a place for each of its tracks? */
gboolean gst_wsctl_link_is_complete (GstWsctlLink * self);
/* Monotonic: when a packet of any kind has come last. 0 where none need come: where
 * there are media, there are RTCP reports at least. */
gint64 gst_wsctl_link_get_last_received_us (GstWsctlLink * self);
/* See gst_wsctl_connection_get_stats(); any thread. NULL before it is made */
GstStructure *gst_wsctl_link_get_stats (GstWsctlLink * self);

G_END_DECLS
