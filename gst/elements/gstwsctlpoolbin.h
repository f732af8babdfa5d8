/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlpool.h"

G_BEGIN_DECLS

#define GST_TYPE_WSCTL_POOL_BIN (gst_wsctl_pool_bin_get_type ())
G_DECLARE_FINAL_TYPE (GstWsctlPoolBin, gst_wsctl_pool_bin, GST,
    WSCTL_POOL_BIN, GstBin)

GST_ELEMENT_REGISTER_DECLARE (wsctlpool);

/* gstwsctlpoolsignals.c: each is an element message as well. */
typedef enum
{
  GST_WSCTL_POOL_BIN_ON_JOIN,
  GST_WSCTL_POOL_BIN_ON_STOP,
  GST_WSCTL_POOL_BIN_ON_CLOSE,
  GST_WSCTL_POOL_BIN_ON_DESCRIBE,
  GST_WSCTL_POOL_BIN_ON_PEER,
  GST_WSCTL_POOL_BIN_ON_TRACK,
  GST_WSCTL_POOL_BIN_ON_DATACHANNEL,
  GST_WSCTL_POOL_BIN_N_SIGNALS
} GstWsctlPoolBinSignal;

void gst_wsctl_pool_bin_signals_class_init (GObjectClass * klass);
/* @peer: the id of one, the name of the pool for ON_JOIN, or NULL; @more: a
 * description, a pad, a data channel, or NULL. No lock held. */
void gst_wsctl_pool_bin_emit (GstWsctlPoolBin * self,
    GstWsctlPoolBinSignal signal, const gchar * peer, gpointer more);

/* For the action signals */
GstWsctlPool *gst_wsctl_pool_bin_get_pool (GstWsctlPoolBin * self);
gboolean gst_wsctl_pool_bin_set_muted (GstWsctlPoolBin * self,
    const gchar * kind, gboolean muted);

G_END_DECLS
