/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A GstFlowCombiner for pads that push from threads of their own, which it
 * leaves to its user. All of a session comes through one nicesrc: an answer that
 * reached it would end all pads.
 */

#include "gstwsctlflows.h"

#include <gst/base/gstflowcombiner.h>

struct _GstWsctlFlows
{
  gatomicrefcount count;
  GMutex lock;
  GstFlowCombiner *combiner;    /* lock */
};

GstWsctlFlows *
gst_wsctl_flows_new (void)
{
  GstWsctlFlows *self = g_new0 (GstWsctlFlows, 1);

  g_atomic_ref_count_init (&self->count);
  g_mutex_init (&self->lock);
  self->combiner = gst_flow_combiner_new ();

  return self;
}

GstWsctlFlows *
gst_wsctl_flows_ref (GstWsctlFlows * self)
{
  g_atomic_ref_count_inc (&self->count);

  return self;
}

void
gst_wsctl_flows_unref (GstWsctlFlows * self)
{
  if (!g_atomic_ref_count_dec (&self->count))
    return;

  gst_flow_combiner_unref (self->combiner);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
gst_wsctl_flows_add (GstWsctlFlows * self, GstPad * pad)
{
  g_mutex_lock (&self->lock);
  gst_flow_combiner_add_pad (self->combiner, pad);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_flows_remove (GstWsctlFlows * self, GstPad * pad)
{
  g_mutex_lock (&self->lock);
  gst_flow_combiner_remove_pad (self->combiner, pad);
  g_mutex_unlock (&self->lock);
}

GstFlowReturn
gst_wsctl_flows_update (GstWsctlFlows * self, GstPad * pad, GstFlowReturn flow)
{
  GstFlowReturn combined;

  g_mutex_lock (&self->lock);
  combined = gst_flow_combiner_update_pad_flow (self->combiner, pad, flow);
  g_mutex_unlock (&self->lock);

  return combined;
}
