/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctllookups-private.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* The offer and the answer of one webrtcbin, as asynchronous calls on the loop.
 * Each ends exactly once; closing ends those that are pending. */
#define GST_WSCTL_TYPE_NEGOTIATOR (gst_wsctl_negotiator_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlNegotiator, gst_wsctl_negotiator, GST_WSCTL,
    NEGOTIATOR, GObject)

/* @fingerprint: the SHA-256 of the certificate that webrtcbin was given */
GstWsctlNegotiator *gst_wsctl_negotiator_new (GstWsctlLoop * loop,
    GstElement * webrtcbin, const gchar * fingerprint);
void gst_wsctl_negotiator_create_offer_async (GstWsctlNegotiator * self,
    GAsyncReadyCallback callback, gpointer user_data);
gchar *gst_wsctl_negotiator_create_offer_finish (GstWsctlNegotiator * self,
    GAsyncResult * result, GError ** error);
void gst_wsctl_negotiator_set_answer_async (GstWsctlNegotiator * self,
    const gchar * sdp, GAsyncReadyCallback callback, gpointer user_data);
gboolean gst_wsctl_negotiator_set_answer_finish (GstWsctlNegotiator * self,
    GAsyncResult * result, GError ** error);
/* Takes the peer's offer; the answer, which has been set. */
void gst_wsctl_negotiator_create_answer_async (GstWsctlNegotiator * self,
    const gchar * offer, GAsyncReadyCallback callback, gpointer user_data);
gchar *gst_wsctl_negotiator_create_answer_finish (GstWsctlNegotiator * self,
    GAsyncResult * result, GError ** error);
void gst_wsctl_negotiator_close (GstWsctlNegotiator * self);
/* Takes the remote candidates that come after the description. */
GstWsctlLookups *gst_wsctl_negotiator_get_lookups (GstWsctlNegotiator * self);
/* The last offer made, or NULL. */
const gchar *gst_wsctl_negotiator_get_offer (GstWsctlNegotiator * self);

G_END_DECLS
