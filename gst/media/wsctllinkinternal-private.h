/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/webrtc/webrtc.h>
#include <nice/agent.h>

#include "wsctldtlsguard-private.h"
#include "wsctllink-private.h"
#include "wsctlnegotiator-private.h"
#include "wsctlpeerlayout-private.h"
#include "wsctlreportblocks-private.h"

G_BEGIN_DECLS

/* Only for wsctllink.c and wsctllinkwork.c */
struct _GstWsctlLink
{
  GObject parent;

  GstWsctlLoop *loop;
  GstWsctlLoop *worker;
  GstBin *bin;
  GstWsctlConnectionParams *params;
  const GstWsctlLinkCallbacks *callbacks;
  GWeakRef owner;

  /* Set by the worker before the loop hears of it */
  GstElement *webrtcbin;
  NiceAgent *agent;
  gchar *fingerprint;
  GstWsctlDtlsGuard *guard;
  GstWsctlReportBlocks *blocks;
  GPtrArray *branches;          /* the worker only */

  /* The loop only */
  GstWsctlNegotiator *negotiator;
  GTask *task;                  /* the one description asked for */
  GPtrArray *plan;
  GPtrArray *tracks;
  GPtrArray *channels;          /* what it carries; not changed in the making */
  gchar *offer;                 /* the peer's; NULL when we make it */
  GstWsctlPeerSdp *agreed;      /* before our offer; NULL: nothing */
  GstWsctlPeerLayout *layout;   /* of our offer; NULL: as it was made */
  GstWsctlPeerSdp *remote;
  gchar *ufrag;
  GstWsctlConnectionState state;
  gboolean sending;

  gint closed;                  /* atomic */
};

/* On its way from one thread to another */
typedef struct
{
  GstWsctlLink *link;
  GError *error;
  GstWebRTCPeerConnectionState state;
  guint mline;
  gchar *candidate;
  GstWsctlDataChannel *channel;
} GstWsctlLinkJob;

GstWsctlLinkJob *gst_wsctl_link_job_new (GstWsctlLink * self);
void gst_wsctl_link_job_free (gpointer job);
gboolean gst_wsctl_link_is_closed (GstWsctlLink * self);
/* The loop only; tells the owner. */
void gst_wsctl_link_set_state (GstWsctlLink * self,
    GstWsctlConnectionState state);
/* wsctllinkchannels.c, on the worker: before the elements are added */
void gst_wsctl_link_make_channels (GstWsctlLink * self);
/* On the worker */
gboolean gst_wsctl_link_make_elements (GstWsctlLink * self, GError ** error);
void gst_wsctl_link_remove_elements (GstWsctlLink * self);

G_END_DECLS
