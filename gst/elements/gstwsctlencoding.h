/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "gstwsctlinput.h"
#include "wsctlcontroller.h"

G_BEGIN_DECLS

/* How wsctlsink encodes: its properties, and the signals that let an
 * application have a say. Any thread. */
typedef struct
{
  GMutex lock;
  GstWsctlMitigationMode mitigation;    /* lock */
  gboolean control_upstream;    /* lock */
  guint key_frame_interval_ms;  /* lock */
} GstWsctlEncoding;

void gst_wsctl_encoding_init (GstWsctlEncoding * self);
void gst_wsctl_encoding_clear (GstWsctlEncoding * self);

/* Properties: so many from a number on. FALSE for one that is not of them. */
#define GST_WSCTL_ENCODING_N_PROPS 3
void gst_wsctl_encoding_install_properties (GObjectClass * klass,
    guint first_id);
gboolean gst_wsctl_encoding_set_value (GstWsctlEncoding * self, guint index,
    const GValue * value);
gboolean gst_wsctl_encoding_get_value (GstWsctlEncoding * self, guint index,
    GValue * value);

/* At this bitrate of video; for audio at none, for it has its own. */
GstWsctlInputEncoding gst_wsctl_encoding_get (GstWsctlEncoding * self,
    GstWsctlMediaKind kind, guint bitrate_bps);
/* Tells the server how often it is to ask for a key frame, if that is set. */
void gst_wsctl_encoding_announce (GstWsctlEncoding * self,
    GstWsctlController * controller);

/* Signals of @element, with what a handler says; callbacks of an input. No lock
 * held. */
void gst_wsctl_encoding_install_signals (GType type);
gboolean gst_wsctl_encoding_emit_encoder_setup (GstWsctlInput * input,
    GstElement * encoder, gpointer element);
gboolean gst_wsctl_encoding_emit_payloader_setup (GstWsctlInput * input,
    GstElement * payloader, gpointer element);

G_END_DECLS
