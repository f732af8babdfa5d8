/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A few elements driven by hand: what goes in comes out, if at all, before
 * push() returns. No thread, no clock, no queue. */
typedef struct _GstWsctlServerChain GstWsctlServerChain;

/* @buffer: transfer full */
typedef void (*GstWsctlServerChainFunc) (GstWsctlServerChain * chain,
    GstBuffer * buffer, gpointer data);

GstWsctlServerChain *gst_wsctl_server_chain_new (const gchar * launch,
    GstCaps * caps, GstWsctlServerChainFunc func, gpointer data,
    GError ** error);
void gst_wsctl_server_chain_free (GstWsctlServerChain * self);
/* @buffer: transfer full */
GstFlowReturn gst_wsctl_server_chain_push (GstWsctlServerChain * self,
    GstBuffer * buffer);
/* Of what came out last; NULL before. Transfer none. */
GstCaps *gst_wsctl_server_chain_get_caps (GstWsctlServerChain * self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlServerChain,
    gst_wsctl_server_chain_free)

G_END_DECLS
