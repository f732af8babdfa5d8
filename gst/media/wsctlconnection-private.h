/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsctlanswer-private.h"
#include "wsctlconnection.h"
#include "wsctldtlsguard-private.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* How to reach the other side; copied. */
typedef struct
{
  const gchar *stun_server;     /* as webrtcbin's, or NULL */
  const gchar *const *turn_servers;     /* as webrtcbin's, or NULL */
  gboolean relay_only;          /* ice-transport-policy */
  guint latency_ms;             /* of the jitter buffer */
  /* NULL: all but loopback, and that when there is no other */
  const gchar *const *local_addresses;
  gboolean no_retransmission;   /* when receiving */
  gboolean data_channel;        /* to a server, for what it has to say */
} GstWsctlConnectionParams;

GstWsctlConnectionParams *gst_wsctl_connection_params_copy (const
    GstWsctlConnectionParams * params);
void gst_wsctl_connection_params_free (GstWsctlConnectionParams * params);

/* Any thread. Not before gst_init(). NULL without webrtcbin. */
GstWsctlConnection *gst_wsctl_connection_new (const GstWsctlConnectionParams *
    params, GError ** error);
/* Before the offer. @caps are those of the codecs wanted, RTP. */
void gst_wsctl_connection_add_media (GstWsctlConnection * self,
    GstWsctlMediaKind kind, gboolean sending, GstCaps * caps);

/* The one for any kind of data; NULL when none was wanted. Transfer none. Any
 * thread. */
GstWsctlDataChannel *gst_wsctl_connection_get_data_channel (GstWsctlConnection *
    self);

/* Loop only, from here on. The element is in READY or above by then. */
void gst_wsctl_connection_create_offer_async (GstWsctlConnection * self,
    GAsyncReadyCallback callback, gpointer user_data);
gchar *gst_wsctl_connection_create_offer_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error);
/* Ends when webrtcbin has taken it; "notify::state" tells the rest. */
void gst_wsctl_connection_set_answer_async (GstWsctlConnection * self,
    const gchar * sdp, GAsyncReadyCallback callback, gpointer user_data);
gboolean gst_wsctl_connection_set_answer_finish (GstWsctlConnection * self,
    GAsyncResult * result, GError ** error);
/* NULL before the answer is taken. Transfer none. */
const GstWsctlAnswer *gst_wsctl_connection_get_answer (GstWsctlConnection *
    self);
/* Why it failed; NULL in other states. */
const GError *gst_wsctl_connection_get_error (GstWsctlConnection * self);
/* Host names of the server's candidates that have no address so far, as the end
 * of a sentence, or NULL. Transfer full. */
gchar *gst_wsctl_connection_get_lookup_failure (GstWsctlConnection * self);
/* Answers all that is pending. The element stays as it is: whoever put it
 * into a bin takes it out, never from one of its own threads. */
void gst_wsctl_connection_close (GstWsctlConnection * self);
/* After that, and before the element goes to READY: waits, half a second at the
 * most, for packets that are on their way through it. Application's thread. */
void gst_wsctl_connection_settle (GstWsctlConnection * self);

/* After the answer: the pad that sends @kind, ready for the codec agreed, or
 * NULL. Transfer full. Any thread. */
GstPad *gst_wsctl_connection_get_sink_pad (GstWsctlConnection * self,
    GstWsctlMediaKind kind);
/* Of such a pad: whether what comes in is live. webrtcbin holds everything back
 * by the latency of what is upstream, as if it were to be seen here; only a file
 * needs that, to be sent at its own pace. */
void gst_wsctl_connection_set_live (GstPad * sink, gboolean live);
/* Any thread but the streaming thread of what is linked now. @track gives the
 * RTP agreed; NULL sends nothing. */
gboolean gst_wsctl_connection_replace_track (GstWsctlConnection * self,
    GstWsctlMediaKind kind, GstPad * track, GError ** error);
/* Any thread. How many packets go on top of those of the video, in percent;
 * nothing where the answer does not take them. */
void gst_wsctl_connection_set_fec_percentage (GstWsctlConnection * self,
    guint percentage);
/* Any thread. Has media to send been added? */
gboolean gst_wsctl_connection_is_sending (GstWsctlConnection * self);
/* Any thread. */
void gst_wsctl_connection_get_traffic (GstWsctlConnection * self,
    GstWsctlTraffic * traffic);

G_END_DECLS
