/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstwsctlloss.h"
#include "gstwsctlratecontrol.h"

G_BEGIN_DECLS

/* The video bitrate of wsctlsink: its properties, and the control of the
 * session that is; what is done about loss. Any thread. */
typedef struct
{
  GMutex lock;
  GstWsctlRateSettings settings;        /* lock */
  GstWsctlRateControl *control; /* lock; NULL without a session */
  GstWsctlLoss *loss;           /* lock; likewise */
} GstWsctlBitrate;

void gst_wsctl_bitrate_init (GstWsctlBitrate * self);
void gst_wsctl_bitrate_clear (GstWsctlBitrate * self);

/* Properties: so many from a number on. FALSE for one that is not of them. */
#define GST_WSCTL_BITRATE_N_PROPS (5 + GST_WSCTL_RATE_N_PARAMS)
void gst_wsctl_bitrate_install_properties (GObjectClass * klass,
    guint first_id);
gboolean gst_wsctl_bitrate_set_value (GstWsctlBitrate * self,
    GObject * element, guint index, const GValue * value);
gboolean gst_wsctl_bitrate_get_value (GstWsctlBitrate * self, guint index,
    GValue * value);

/* A session: it is made, media can flow, it has ended. */
void gst_wsctl_bitrate_begin (GstWsctlBitrate * self, GstElement * element,
    GstWsctlController * controller, GstWsctlRateApplyFunc apply);
void gst_wsctl_bitrate_start (GstWsctlBitrate * self);
/* Waits for the loop, so with no lock held. */
void gst_wsctl_bitrate_end (GstWsctlBitrate * self);
/* Any thread; adds nothing without a session. */
void gst_wsctl_bitrate_add_stats (GstWsctlBitrate * self,
    GstStructure * stats);
/* In force, or to begin with */
guint gst_wsctl_bitrate_get (GstWsctlBitrate * self);

G_END_DECLS
