/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Encoded media have their encoder somewhere upstream. Never with a lock held:
 * pads and elements of others are asked. Any thread. */

/* The name of the custom upstream event, whose field "bitrate" (guint, bit/s) is
 * the bitrate that is wanted of what comes in. */
#define GST_WSCTL_BITRATE_EVENT "wsctl-bitrate"

/* The video encoder that feeds @sink, through queues, parsers, filters, tees,
 * bins and their pads, or NULL. Transfer full. */
GstElement *gst_wsctl_upstream_find_encoder (GstPad * sink);
/* Sends the event and, when @control, sets the encoder's bitrate. bit/s. */
void gst_wsctl_upstream_set_bitrate (GstPad * sink, gboolean control,
    guint bitrate_bps);

/* Whether upstream is @live, by a latency query. FALSE when it has no answer, and
 * then it is taken for not live. */
gboolean gst_wsctl_upstream_is_live (GstPad * sink, gboolean * live);
/* The clocksync in front of what is sent: its property "sync" paces what is not
 * live. Transfer full. */
GstElement *gst_wsctl_upstream_new_clocksync (void);

G_END_DECLS
