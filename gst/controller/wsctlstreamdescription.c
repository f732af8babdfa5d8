/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlstreamdescription-private.h"

#include "wsctlcodec-private.h"

static const struct
{
  const gchar *server;
  const gchar *rtp;
} aliases[] = {
  {"ALAW", "PCMA"},
  {"ULAW", "PCMU"},
};

static const GstWsctlCodec *
find_codec (const GstWsctlTrack * track)
{
  guint i;

  for (i = 0; track->codec != NULL && i < G_N_ELEMENTS (aliases); i++) {
    if (g_ascii_strcasecmp (track->codec, aliases[i].server) == 0)
      return gst_wsctl_codec_find (aliases[i].rtp);
  }

  return gst_wsctl_codec_find (track->codec);
}

static GstStreamType
get_stream_type (GstWsctlTrackType type)
{
  switch (type) {
    case GST_WSCTL_TRACK_TYPE_AUDIO:
      return GST_STREAM_TYPE_AUDIO;
    case GST_WSCTL_TRACK_TYPE_VIDEO:
      return GST_STREAM_TYPE_VIDEO;
    default:
      return GST_STREAM_TYPE_UNKNOWN;
  }
}

static void
set_number (GstCaps * caps, const gchar * name, gint64 number)
{
  if (number > 0 && number <= G_MAXINT)
    gst_caps_set_simple (caps, name, G_TYPE_INT, (gint) number, NULL);
}

/* NULL for a codec that we do not know. */
static GstCaps *
make_caps (const GstWsctlTrack * track)
{
  const GstWsctlCodec *codec = find_codec (track);
  g_autoptr (GstCaps) known = NULL;
  GstCaps *caps;

  if (track->type == GST_WSCTL_TRACK_TYPE_META)
    return gst_caps_new_empty_simple ("application/x-json");
  if (codec == NULL)
    return NULL;

  known = gst_caps_from_string (codec->encoded_caps);
  caps = gst_caps_new_empty_simple (gst_structure_get_name
      (gst_caps_get_structure (known, 0)));
  set_number (caps, "width", track->width);
  set_number (caps, "height", track->height);
  set_number (caps, "channels", track->channels);
  set_number (caps, "rate", track->rate);

  return caps;
}

static void
add_bitrate (GstTagList * tags, const gchar * tag, gint64 bitrate_bps)
{
  if (bitrate_bps > 0)
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, tag,
        (guint) MIN (bitrate_bps, G_MAXUINT), NULL);
}

static GstTagList *
make_tags (const GstWsctlTrack * track)
{
  GstTagList *tags = gst_tag_list_new_empty ();

  add_bitrate (tags, GST_TAG_BITRATE, track->bitrate_bps);
  add_bitrate (tags, GST_TAG_MAXIMUM_BITRATE, track->max_bitrate_bps);
  if (track->name != NULL && *track->name != '\0')
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, track->name,
        NULL);
  if (track->language != NULL && *track->language != '\0')
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_LANGUAGE_CODE,
        track->language, NULL);

  return tags;
}

static gchar *
make_stream_id (const gchar * name, const GstWsctlTrack * track)
{
  return g_strdup_printf ("%s/%s/%" G_GINT64_FORMAT, name,
      gst_wsctl_track_type_get_nick (track->type), track->index);
}

static void
add_stream (GstWsctlStreamDescription * self, const GstWsctlTrack * track,
    const gchar * stream_id)
{
  g_autoptr (GstCaps) caps = make_caps (track);
  g_autoptr (GstTagList) tags = make_tags (track);
  GstStream *stream = gst_stream_new (stream_id, caps,
      get_stream_type (track->type), GST_STREAM_FLAG_NONE);

  gst_stream_set_tags (stream, tags);
  gst_stream_collection_add_stream (self->collection, stream);
}

/* What is played goes by the measured bitrate; the peak is what is left when the
 * server says no other. */
static guint64
get_bitrate (const GstWsctlTrack * track)
{
  return MAX (track->bitrate_bps > 0 ? track->bitrate_bps
      : track->max_bitrate_bps, 0);
}

static void
add_track (GstWsctlStreamDescription * self, const GstWsctlTrack * track,
    const gchar * stream_id)
{
  const GstWsctlCodec *codec = find_codec (track);
  GstWsctlStreamTrack *copy;

  if (track->type == GST_WSCTL_TRACK_TYPE_META)
    return;

  copy = g_new0 (GstWsctlStreamTrack, 1);
  copy->kind = track->type == GST_WSCTL_TRACK_TYPE_AUDIO
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;
  copy->index = track->index;
  copy->codec = codec != NULL ? codec->name : "";
  copy->bitrate_bps = get_bitrate (track);
  copy->stream_id = g_strdup (stream_id);
  copy->position = gst_stream_collection_get_size (self->collection) - 1;
  g_ptr_array_add (self->tracks, copy);
}

static void
free_track (gpointer data)
{
  GstWsctlStreamTrack *track = data;

  g_free (track->stream_id);
  g_free (track);
}

GstWsctlStreamDescription *
gst_wsctl_stream_description_new (const gchar * name,
    const GstWsctlMetadata * metadata)
{
  GstWsctlStreamDescription *self = g_new0 (GstWsctlStreamDescription, 1);
  guint i;

  self->metadata = gst_wsctl_metadata_to_structure (metadata);
  self->collection = gst_stream_collection_new (name);
  self->tracks = g_ptr_array_new_with_free_func (free_track);
  self->changed = TRUE;
  for (i = 0; i < metadata->tracks->len; i++) {
    const GstWsctlTrack *track = g_ptr_array_index (metadata->tracks, i);
    g_autofree gchar *stream_id = make_stream_id (name, track);

    add_stream (self, track, stream_id);
    add_track (self, track, stream_id);
  }

  return self;
}

GstWsctlStreamDescription *
gst_wsctl_stream_description_copy (const GstWsctlStreamDescription * self)
{
  GstWsctlStreamDescription *copy = g_new0 (GstWsctlStreamDescription, 1);

  copy->metadata = gst_structure_copy (self->metadata);
  copy->collection = gst_object_ref (self->collection);
  copy->tracks = g_ptr_array_ref (self->tracks);
  copy->changed = self->changed;

  return copy;
}

void
gst_wsctl_stream_description_free (GstWsctlStreamDescription * self)
{
  gst_structure_free (self->metadata);
  gst_object_unref (self->collection);
  g_ptr_array_unref (self->tracks);
  g_free (self);
}

const GstWsctlStreamTrack *
gst_wsctl_stream_description_find (const GstWsctlStreamDescription * self,
    const gchar * stream_id)
{
  guint i;

  for (i = 0; i < self->tracks->len; i++) {
    const GstWsctlStreamTrack *track = g_ptr_array_index (self->tracks, i);

    if (g_str_equal (track->stream_id, stream_id))
      return track;
  }

  return NULL;
}

gboolean
gst_wsctl_stream_description_is_like (const GstWsctlStreamDescription * self,
    const GstWsctlStreamDescription * other)
{
  guint n = gst_stream_collection_get_size (self->collection);
  guint i;

  if (n != gst_stream_collection_get_size (other->collection))
    return FALSE;

  for (i = 0; i < n; i++) {
    GstStream *one = gst_stream_collection_get_stream (self->collection, i);
    GstStream *two = gst_stream_collection_get_stream (other->collection, i);
    g_autoptr (GstCaps) one_caps = gst_stream_get_caps (one);
    g_autoptr (GstCaps) two_caps = gst_stream_get_caps (two);

    if (!g_str_equal (gst_stream_get_stream_id (one),
            gst_stream_get_stream_id (two))
        || (one_caps == NULL) != (two_caps == NULL)
        || (one_caps != NULL && !gst_caps_is_equal (one_caps, two_caps)))
      return FALSE;
  }

  return TRUE;
}
