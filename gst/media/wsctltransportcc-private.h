/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>

G_BEGIN_DECLS

/* Transport-wide congestion control
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01): the peer tells of each
 * packet when it arrived. webrtcbin numbers the packets and reads what comes
 * back; this is what it leaves to us. */

/* Adds the offer of it to caps of RTP. */
void gst_wsctl_transport_cc_offer (GstCaps * caps);
/* Of @format in an answered section: the number of the header extension, or 0
 * when it was not agreed. */
guint gst_wsctl_transport_cc_get_id (const GstSDPMedia * offered,
    const GstSDPMedia * answered, const gchar * format);
/* To caps of an answer, and from there to a payloader; nothing without it. */
void gst_wsctl_transport_cc_put (GstCaps * caps, guint id);
void gst_wsctl_transport_cc_set_up (GstElement * payloader,
    const GstCaps * agreed);

/* What has been told so far; begins with zeros. Not locked. */
typedef struct
{
  guint64 packets;              /* known of: arrived or lost */
  guint64 bytes;                /* likewise */
  gint64 lost;
  guint16 next_seq;
  gint64 offset_us;             /* makes the first way one second */

  gint64 way_us;                /* of the newest that arrived; 0: none yet */
  gint64 sent_us;               /* likewise: when it was */
} GstWsctlTransportCc;

/* The event in which rtpsession hands it upstream */
gboolean gst_wsctl_transport_cc_is_event (GstEvent * event);
/* FALSE when it says nothing new. */
gboolean gst_wsctl_transport_cc_take (GstWsctlTransportCc * self,
    const GstStructure * packets);

G_END_DECLS
