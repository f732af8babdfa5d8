/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Gap events on a source pad to which nothing comes: because its session is
 * over, or because the medium stalls while the others go on. They are sent by a
 * thread of its own: a sink may hold each of them until its time has come. */
typedef struct _GstWsctlGaps GstWsctlGaps;

/* @element: with the clock */
GstWsctlGaps *gst_wsctl_gaps_new (GstPad * pad, GstElement * element);
/* Stopped */
void gst_wsctl_gaps_free (GstWsctlGaps * self);
/* On the streaming thread: this is about to leave the pad. Ends the gaps. */
void gst_wsctl_gaps_note (GstWsctlGaps * self, GstBuffer * buffer);
/* Nothing comes, it is known: gaps from where the data ended. */
void gst_wsctl_gaps_begin (GstWsctlGaps * self);
/* Never again; does not wait. */
void gst_wsctl_gaps_end (GstWsctlGaps * self);
/* Likewise, and waits for the last one. Not where downstream waits for the
 * caller. */
void gst_wsctl_gaps_stop (GstWsctlGaps * self);

G_END_DECLS
