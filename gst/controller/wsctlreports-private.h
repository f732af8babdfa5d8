/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlanswer-private.h"
#include "wsctlmessage-private.h"

G_BEGIN_DECLS

/* What the signals carry. Pure; transfer full. */

/* `application/x-wsctl-stream`: name, audio-codec, video-codec; audio-caps and
 * video-caps, of media that were agreed */
GstStructure *gst_wsctl_report_of_stream (const gchar * name,
    const GstWsctlAnswer * answer);
/* `application/x-wsctl-media-report`: from on_media_receive */
GstStructure *gst_wsctl_report_of_media (const GstWsctlEvent * event);
/* `application/x-wsctl-playing`: from on_time */
GstStructure *gst_wsctl_report_of_playing (const GstWsctlEvent * event);
/* `application/x-wsctl-seek`: from seek */
GstStructure *gst_wsctl_report_of_seek (const GstWsctlEvent * event);
/* The codecs of an answer, NULL-terminated. */
GStrv gst_wsctl_report_of_codecs (const GstWsctlAnswer * answer);

G_END_DECLS
