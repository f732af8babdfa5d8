/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlconfig-private.h"
#include "wsctldatachannel.h"
#include "wsctlloop-private.h"

G_BEGIN_DECLS

/* Receives the timed data of a stream, beside the session and longer than it. It
 * connects again by itself. The loop only. */
typedef struct _GstWsctlDataWatch GstWsctlDataWatch;

/* @time_ms: of the media; @track: index, -1 when it is not said; @duration_ms: -1
 * likewise; @json: word for word. It may free the watch. */
typedef void (*GstWsctlDataWatchFunc) (gint64 time_ms, gint64 duration_ms,
    gint64 track, const gchar * json, gpointer data);

/* @channel: where it comes from, or NULL for a WebSocket that is opened here.
 * @tracks: "0,1", or NULL for all there are */
GstWsctlDataWatch *gst_wsctl_data_watch_new (GstWsctlLoop * loop,
    GstWsctlConfig * config, GstWsctlDataChannel * channel,
    const gchar * tracks, GstWsctlDataWatchFunc func, gpointer data);
void gst_wsctl_data_watch_free (GstWsctlDataWatch * self);

G_END_DECLS
