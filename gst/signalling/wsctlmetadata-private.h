/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

#include "wsctlstreamstate.h"

G_BEGIN_DECLS

/* What a server says of a stream (docs/protocol.md, "Metadata channel"): JSON
 * text to typed values. Pure, total over any input. Numbers that it does not
 * say are -1, strings NULL. */
typedef enum
{
  GST_WSCTL_TRACK_TYPE_AUDIO,
  GST_WSCTL_TRACK_TYPE_VIDEO,
  GST_WSCTL_TRACK_TYPE_META,
} GstWsctlTrackType;

typedef struct
{
  GstWsctlTrackType type;
  gint64 index;                 /* `idx`, by which it is asked for */
  gint64 id;                    /* `trackid` */
  gchar *name;                  /* of the member in `meta.tracks` */
  gchar *codec;
  gchar *language;              /* `lang` */
  gint64 first_ms;
  gint64 last_ms;
  gint64 bitrate_bps;           /* `bps`, which is bytes */
  gint64 max_bitrate_bps;       /* `maxbps`, likewise */
  gint64 width;
  gint64 height;
  gint64 frames_in_1000_s;      /* `fpks` */
  gint64 channels;
  gint64 rate;                  /* Hz */
} GstWsctlTrack;

/* Another address that has the stream */
typedef struct
{
  gchar *type;
  gchar *name;                  /* `hrn` */
  gchar *url;                   /* without its query, in case of a token */
} GstWsctlStreamSource;

typedef struct
{
  GstWsctlStreamState state;
  gchar *message;               /* `error`, when it is not online */
  gchar *type;                  /* `live`, `vod` */
  gint64 width;
  gint64 height;
  gint64 unix_offset_ms;
  GPtrArray *tracks;            /* GstWsctlTrack: by type, best first */
  GPtrArray *sources;           /* GstWsctlStreamSource */
} GstWsctlMetadata;

GstWsctlMetadata *gst_wsctl_metadata_parse (const gchar * text,
    GError ** error);
void gst_wsctl_metadata_free (GstWsctlMetadata * metadata);
const gchar *gst_wsctl_track_type_get_nick (GstWsctlTrackType type);

/* `application/x-wsctl-metadata`; without what is not said. Transfer full. */
GstStructure *gst_wsctl_metadata_to_structure (const GstWsctlMetadata *
    metadata);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstWsctlMetadata, gst_wsctl_metadata_free)

G_END_DECLS
