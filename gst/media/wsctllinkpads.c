/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctllinkpads-private.h"

#include <gst/webrtc/webrtc.h>

#include "wsctlcategory-private.h"
#include "wsctlwebrtcbin-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctllinkpads_debug);
#define GST_CAT_DEFAULT wsctllinkpads_debug

static GstWebRTCRTPTransceiverDirection
get_direction (const GstWsctlPeerPlan * plan)
{
  if (plan->track >= 0)
    return plan->receives ? GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV
        : GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY;

  if (plan->idle)
    return GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY;

  return plan->receives ? GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY
      : GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_INACTIVE;
}

void
gst_wsctl_link_pads_add_transceivers (GstElement * webrtcbin, GPtrArray * plans)
{
  guint i;

  GST_WSCTL_CATEGORY_INIT (wsctllinkpads_debug, "wsctllinkpads",
      "WebRTC WebSocket control: sections of a link");

  for (i = 0; i < plans->len; i++) {
    const GstWsctlPeerPlan *plan = g_ptr_array_index (plans, i);
    g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
    g_autoptr (GstCaps) caps = NULL;

    if (plan->caps == NULL || gst_caps_is_empty (plan->caps))
      continue;

    caps = gst_caps_copy (plan->caps);
    if (plan->track >= 0 || plan->idle)
      gst_structure_set (gst_caps_get_structure (caps, 0), "ssrc", G_TYPE_UINT,
          g_random_int (), NULL);
    g_signal_emit_by_name (webrtcbin, "add-transceiver", get_direction (plan),
        caps, &transceiver);
    if (plan->kind == GST_WSCTL_MEDIA_KIND_VIDEO)
      g_object_set (transceiver, "do-nack", TRUE, NULL);
    if (plan->track >= 0 || plan->idle)
      gst_wsctl_webrtcbin_request_sink_pad (webrtcbin, caps);
  }
}

static gboolean
read_transceiver (GObject * transceiver, guint * mline, GstWebRTCKind * kind)
{
  g_object_get (transceiver, "mlineindex", mline, "kind", kind, NULL);

  return *mline != G_MAXUINT;
}

gboolean
gst_wsctl_link_pads_find_index (GstElement * webrtcbin, GstPad * pad,
    GstWsctlMediaKind * kind, guint * index)
{
  g_autoptr (GObject) own = NULL;
  g_autoptr (GArray) all = NULL;
  GstWebRTCKind own_kind, other_kind;
  guint own_mline, other_mline;
  guint i;

  g_object_get (pad, "transceiver", &own, NULL);
  if (own == NULL || !read_transceiver (own, &own_mline, &own_kind))
    return FALSE;

  g_signal_emit_by_name (webrtcbin, "get-transceivers", &all);
  *index = 0;
  for (i = 0; i < all->len; i++) {
    if (read_transceiver (g_array_index (all, GObject *, i), &other_mline,
            &other_kind)
        && other_kind == own_kind && other_mline < own_mline)
      (*index)++;
  }
  *kind = own_kind == GST_WEBRTC_KIND_AUDIO ? GST_WSCTL_MEDIA_KIND_AUDIO
      : GST_WSCTL_MEDIA_KIND_VIDEO;

  return TRUE;
}

/* The number of the section that is the @index-th of media */
static gint
find_section (const GstWsctlPeerSdp * remote, guint index)
{
  guint i;

  for (i = 0; i < remote->media->len; i++) {
    const GstWsctlPeerMedium *medium = g_ptr_array_index (remote->media, i);

    if (!medium->is_data && index-- == 0)
      return i;
  }

  return -1;
}

static GstWsctlTrackBranch *
add_branch (GstElement * webrtcbin, GstBin * bin, GstWsctlTrack * track,
    const GstWsctlPeerSdp * remote, guint index)
{
  const GstWsctlPeerMedium *medium;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GError) error = NULL;
  GstWsctlTrackBranch *branch;
  gint section = find_section (remote, index);
  gint payload;

  if (section < 0)
    return NULL;
  medium = g_ptr_array_index (remote->media, section);
  payload = gst_wsctl_peer_medium_get_payload (medium,
      gst_wsctl_track_get_codec (track));
  if (!medium->receives || payload < 0) {
    GST_INFO_OBJECT (webrtcbin, "the peer does not take section %d", section);
    return NULL;
  }
  sink = gst_wsctl_webrtcbin_get_sink_pad_of_section (webrtcbin, section);
  if (sink == NULL)
    return NULL;

  /* What is in a pool is live: nobody waits for anybody. */
  gst_wsctl_webrtcbin_set_live (sink, TRUE);
  branch = gst_wsctl_track_add_branch (track, bin, sink, payload, &error);
  if (branch == NULL)
    GST_WARNING_OBJECT (webrtcbin, "%s", error->message);

  return branch;
}

void
gst_wsctl_link_pads_add_branches (GstElement * webrtcbin, GstBin * bin,
    GPtrArray * plans, GPtrArray * tracks, const GstWsctlPeerSdp * remote,
    GPtrArray * branches)
{
  guint i;

  for (i = 0; i < plans->len; i++) {
    const GstWsctlPeerPlan *plan = g_ptr_array_index (plans, i);
    GstWsctlTrackBranch *branch;

    if (plan->track < 0)
      continue;
    branch = add_branch (webrtcbin, bin,
        g_ptr_array_index (tracks, plan->track), remote, i);
    if (branch != NULL)
      g_ptr_array_add (branches, branch);
  }

  /* A session cannot tell the time of what it sends before it is told. */
  if (branches->len > 0)
    gst_element_post_message (webrtcbin,
        gst_message_new_latency (GST_OBJECT (webrtcbin)));
}
