/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcontroller.h"

G_BEGIN_DECLS

/* Tells the Opus encoders of an element what the network loses of the sound, so
 * that they write as much redundancy (in-band FEC) as helps. */
typedef struct _GstWsctlAudioLoss GstWsctlAudioLoss;

/* Any thread. @controller: the session that sends */
GstWsctlAudioLoss *gst_wsctl_audio_loss_new (GstElement * element,
    GstWsctlController * controller);
/* Media can flow, or is about to. */
void gst_wsctl_audio_loss_start (GstWsctlAudioLoss * self);
/* Waits for the loop, so with no lock held, and frees. */
void gst_wsctl_audio_loss_stop (GstWsctlAudioLoss * self);

G_END_DECLS
