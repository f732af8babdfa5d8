/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlcontroller-private.h"
#include "wsctlconfig-private.h"

G_BEGIN_DECLS

/* Timed data of wsctlsrc: a pad `data_%u` a track, which appears with its first
 * item, and "on-data". The items get the times at which the media of their time
 * are played. */
typedef struct _GstWsctlSrcData GstWsctlSrcData;

#define GST_WSCTL_DATA_CAPS "application/x-json"

/* Any thread. @tracks: "0,1", or "all" */
GstWsctlSrcData *gst_wsctl_src_data_new (GstElement * element,
    const gchar * tracks);
/* Any thread. Before a session; its pads stay from one to the next. */
void gst_wsctl_src_data_start (GstWsctlSrcData * self,
    GstWsctlController * controller);
/* Any thread. Media can flow: connects. */
void gst_wsctl_src_data_connected (GstWsctlSrcData * self,
    GstWsctlConfig * config);
/* Not on the loop. Sends EOS behind what has come in. */
void gst_wsctl_src_data_end (GstWsctlSrcData * self);
/* Waits for the loop, and for a pad on its way; no lock held. None appears any
 * more. */
void gst_wsctl_src_data_stop (GstWsctlSrcData * self);
/* Takes the pads away, and frees it. Everything is in READY. */
void gst_wsctl_src_data_free (GstWsctlSrcData * self);

/* "on-data", and the template */
void gst_wsctl_src_data_install (GstElementClass * klass);

G_END_DECLS
