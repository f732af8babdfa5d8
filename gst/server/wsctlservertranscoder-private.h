/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsctlloop-private.h"
#include "wsctlserverstream-private.h"

G_BEGIN_DECLS

/* Smaller pictures of a track as another track of its stream. Decoding and
 * encoding have threads of their own; everything else is on the loop's. */
typedef struct _GstWsctlServerTranscoder GstWsctlServerTranscoder;

typedef struct
{
  guint height;
  guint bitrate_bps;
} GstWsctlServerRendition;

/* "720p:1500000,360p:500000" to GstWsctlServerRendition. Transfer full. */
GArray *gst_wsctl_server_renditions_parse (const gchar * text,
    GError ** error);

/* @track has caps. NULL with @error also when there is nothing to make smaller
 * or no element to do it with. */
GstWsctlServerTranscoder *gst_wsctl_server_transcoder_new (GstWsctlLoop *
    loop, GstWsctlServerStream * stream, GstWsctlServerTrack * track,
    const GstWsctlServerRendition * rendition, GError ** error);
void gst_wsctl_server_transcoder_free (GstWsctlServerTranscoder * self);

G_END_DECLS
