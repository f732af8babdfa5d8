/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcodec-private.h"

G_BEGIN_DECLS

/* The place of the encoder in a chain, between two elements that stay. An
 * encoder that fails, at the start or later, makes room for the next best:
 *
 *   before ! (download) ! convert ! (format) ! encoder ! (profile) ! after
 */
typedef struct _GstWsctlEncoderSlot GstWsctlEncoderSlot;

/* TRUE when @element needs nothing more than what was done here. No lock
 * held. */
typedef gboolean (*GstWsctlSetUpFunc) (GstElement * element, gpointer data);

/* @input: the raw caps that come in. Transfer none: @bin has all it needs. */
GstWsctlEncoderSlot *gst_wsctl_encoder_slot_new (GstBin * bin,
    const GstWsctlCodec * codec, const GstCaps * input,
    GstWsctlSetUpFunc set_up, gpointer data);
/* Puts the best encoder that starts between the two. */
gboolean gst_wsctl_encoder_slot_fill (GstWsctlEncoderSlot * self,
    GstElement * before, GstElement * after, GError ** error);
/* Takes the one that is away and puts the next in its place; only where no data
 * flow. FALSE with the first one's complaint when there is no other. */
gboolean gst_wsctl_encoder_slot_replace (GstWsctlEncoderSlot * self,
    GError ** error);

/* Is this message an error of its encoder? Then it is kept. Any thread. */
gboolean gst_wsctl_encoder_slot_take_error (GstWsctlEncoderSlot * self,
    GstMessage * message);
/* Is it the encoder that is to blame for what came back? */
gboolean gst_wsctl_encoder_slot_has_failed (GstWsctlEncoderSlot * self,
    GstFlowReturn ret);

/* bit/s; also for encoders to come. Any thread. */
void gst_wsctl_encoder_slot_set_bitrate (GstWsctlEncoderSlot * self,
    guint bitrate_bps);
void gst_wsctl_encoder_slot_free (GstWsctlEncoderSlot * self);

G_END_DECLS
