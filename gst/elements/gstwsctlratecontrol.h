/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcontroller.h"
#include "wsctlrate-private.h"

G_BEGIN_DECLS

/* The bitrate of one session of wsctlsink: brings what is heard of the network
 * to the policy, and what the policy wants to the element. */
typedef struct _GstWsctlRateControl GstWsctlRateControl;

typedef struct
{
  GstWsctlRatePolicy policy;
  GstWsctlRateParams params;
  guint fixed_bps;              /* by hand; 0: the policy decides */
} GstWsctlRateSettings;

/* What a session begins with */
guint gst_wsctl_rate_settings_get_first (const GstWsctlRateSettings * self);

/* On a thread of its own, with the element in any state: the bitrate in force
 * is another one. */
typedef void (*GstWsctlRateApplyFunc) (GstElement * element);

/* Any thread, from here on. Listens to @controller until it is stopped. */
GstWsctlRateControl *gst_wsctl_rate_control_new (GstElement * element,
    GstWsctlController * controller, const GstWsctlRateSettings * settings,
    GstWsctlRateApplyFunc apply);
/* Media can flow, or is about to. */
void gst_wsctl_rate_control_start (GstWsctlRateControl * self);
void gst_wsctl_rate_control_set_fixed (GstWsctlRateControl * self,
    guint bitrate_bps);
guint gst_wsctl_rate_control_get_bitrate (GstWsctlRateControl * self);
/* `application/x-wsctl-rate`: what the policy is at, seconds and bit/s. Transfer
 * full. */
GstStructure *gst_wsctl_rate_control_get_stats (GstWsctlRateControl * self);
/* Waits for the loop, so with no lock held, and frees. */
void gst_wsctl_rate_control_stop (GstWsctlRateControl * self);

G_END_DECLS
