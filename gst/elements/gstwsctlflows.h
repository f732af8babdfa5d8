/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What several pads make of one flow: that one of them is not linked, or has
 * had enough, is nothing that ends the others. Counted; any thread. */
typedef struct _GstWsctlFlows GstWsctlFlows;

GstWsctlFlows *gst_wsctl_flows_new (void);
GstWsctlFlows *gst_wsctl_flows_ref (GstWsctlFlows * self);
void gst_wsctl_flows_unref (GstWsctlFlows * self);

/* Pads that push from now on, and no more */
void gst_wsctl_flows_add (GstWsctlFlows * self, GstPad * pad);
void gst_wsctl_flows_remove (GstWsctlFlows * self, GstPad * pad);
/* What upstream is told when @pad was answered @flow */
GstFlowReturn gst_wsctl_flows_update (GstWsctlFlows * self, GstPad * pad,
    GstFlowReturn flow);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlFlows, gst_wsctl_flows_unref)

G_END_DECLS
