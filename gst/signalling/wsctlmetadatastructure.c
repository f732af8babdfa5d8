/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The description of a stream as applications get it.
 */

#include "wsctlmetadata-private.h"

#define FRAMES_UNIT 1000

static void
set_text (GstStructure * structure, const gchar * name, const gchar * text)
{
  if (text != NULL)
    gst_structure_set (structure, name, G_TYPE_STRING, text, NULL);
}

static void
set_count (GstStructure * structure, const gchar * name, gint64 count)
{
  if (count >= 0)
    gst_structure_set (structure, name, G_TYPE_INT64, count, NULL);
}

static GstStructure *
describe_track (const GstWsctlTrack * track)
{
  GstStructure *structure = gst_structure_new ("application/x-wsctl-track",
      "type", G_TYPE_STRING, gst_wsctl_track_type_get_nick (track->type),
      "index", G_TYPE_INT64, track->index, NULL);

  set_count (structure, "id", track->id);
  set_text (structure, "name", track->name);
  set_text (structure, "codec", track->codec);
  set_text (structure, "language", track->language);
  set_count (structure, "first", track->first_ms);
  set_count (structure, "last", track->last_ms);
  set_count (structure, "bitrate", track->bitrate_bps);
  set_count (structure, "max-bitrate", track->max_bitrate_bps);
  set_count (structure, "width", track->width);
  set_count (structure, "height", track->height);
  set_count (structure, "channels", track->channels);
  set_count (structure, "rate", track->rate);
  if (track->frames_in_1000_s > 0)
    gst_structure_set (structure, "framerate", G_TYPE_DOUBLE,
        track->frames_in_1000_s / (gdouble) FRAMES_UNIT, NULL);

  return structure;
}

static GstStructure *
describe_source (const GstWsctlStreamSource * source)
{
  GstStructure *structure =
      gst_structure_new_empty ("application/x-wsctl-source");

  set_text (structure, "type", source->type);
  set_text (structure, "name", source->name);
  set_text (structure, "url", source->url);

  return structure;
}

static void
append_structure (GValue * list, GstStructure * structure)
{
  GValue item = G_VALUE_INIT;

  g_value_init (&item, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&item, structure);
  gst_value_array_append_and_take_value (list, &item);
}

GstStructure *
gst_wsctl_metadata_to_structure (const GstWsctlMetadata * metadata)
{
  GstStructure *structure = gst_structure_new ("application/x-wsctl-metadata",
      "state", G_TYPE_STRING,
      gst_wsctl_stream_state_get_nick (metadata->state), NULL);
  GValue tracks = G_VALUE_INIT;
  GValue sources = G_VALUE_INIT;
  guint i;

  set_text (structure, "message", metadata->message);
  set_text (structure, "type", metadata->type);
  set_count (structure, "width", metadata->width);
  set_count (structure, "height", metadata->height);
  set_count (structure, "unix-offset", metadata->unix_offset_ms);

  gst_value_array_init (&tracks, metadata->tracks->len);
  for (i = 0; i < metadata->tracks->len; i++)
    append_structure (&tracks,
        describe_track (g_ptr_array_index (metadata->tracks, i)));
  gst_structure_take_value (structure, "tracks", &tracks);

  gst_value_array_init (&sources, metadata->sources->len);
  for (i = 0; i < metadata->sources->len; i++)
    append_structure (&sources,
        describe_source (g_ptr_array_index (metadata->sources, i)));
  gst_structure_take_value (structure, "sources", &sources);

  return structure;
}
