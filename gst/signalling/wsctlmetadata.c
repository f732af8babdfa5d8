/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The description of a stream (docs/protocol.md, "Metadata channel").
 */

#include "wsctlmetadata-private.h"

#include <string.h>

#include "wsctlerror.h"
#include "wsctljson-private.h"

/* A name is for people; a longer one is a mistake or worse. */
#define MAX_TEXT_SIZE 256
#define BITS 8

static const struct
{
  const gchar *error;
  GstWsctlStreamState state;
} states[] = {
  {"Stream is offline", GST_WSCTL_STREAM_STATE_OFFLINE},
  {"Stream is initializing", GST_WSCTL_STREAM_STATE_INITIALIZING},
  {"Stream is booting", GST_WSCTL_STREAM_STATE_BOOTING},
  {"Stream is waiting for data", GST_WSCTL_STREAM_STATE_WAITING_FOR_DATA},
  {"Stream status is unknown?!", GST_WSCTL_STREAM_STATE_UNKNOWN},
};

static const gchar *const type_nicks[] = {
  [GST_WSCTL_TRACK_TYPE_AUDIO] = "audio",
  [GST_WSCTL_TRACK_TYPE_VIDEO] = "video",
  [GST_WSCTL_TRACK_TYPE_META] = "meta",
};

const gchar *
gst_wsctl_track_type_get_nick (GstWsctlTrackType type)
{
  return type_nicks[type];
}

/* Short, and without a newline that would tear a log line apart. */
static gchar *
limit_text (const gchar * text)
{
  g_autofree gchar *cut = NULL;

  if (text == NULL)
    return NULL;
  if (strlen (text) <= MAX_TEXT_SIZE)
    return g_strdelimit (g_strdup (text), "\r\n", ' ');

  cut = g_strndup (text, MAX_TEXT_SIZE);

  return g_strdelimit (g_utf8_make_valid (cut, -1), "\r\n", ' ');
}

static gchar *
read_text (JsonObject * object, const gchar * name)
{
  g_autofree gchar *text = gst_wsctl_json_get_string (object, name);

  return limit_text (text);
}

static GstWsctlStreamState
find_state (const gchar * error)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (states); i++) {
    if (g_ascii_strcasecmp (error, states[i].error) == 0)
      return states[i].state;
  }

  return GST_WSCTL_STREAM_STATE_FAILED;
}

static gboolean
find_track_type (JsonObject * object, GstWsctlTrackType * type)
{
  g_autofree gchar *nick = gst_wsctl_json_get_string (object, "type");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (type_nicks); i++) {
    *type = i;
    if (g_strcmp0 (nick, type_nicks[i]) == 0)
      return TRUE;
  }

  return FALSE;
}

static void
free_track (gpointer data)
{
  GstWsctlTrack *track = data;

  g_free (track->name);
  g_free (track->codec);
  g_free (track->language);
  g_free (track);
}

static void
free_source (gpointer data)
{
  GstWsctlStreamSource *source = data;

  g_free (source->type);
  g_free (source->name);
  g_free (source->url);
  g_free (source);
}

static gint64
read_bitrate (JsonObject * object, const gchar * name)
{
  gint64 bytes = gst_wsctl_json_get_count (object, name);

  return bytes < 0 ? -1 : MIN (bytes, G_MAXINT64 / BITS) * BITS;
}

/* NULL for what cannot be asked for: a track without an index or of no type that
 * we know. */
static GstWsctlTrack *
read_track (JsonObject * object, const gchar * name)
{
  gint64 index = gst_wsctl_json_get_count (object, "idx");
  GstWsctlTrackType type;
  GstWsctlTrack *track;

  if (index < 0 || !find_track_type (object, &type))
    return NULL;

  track = g_new0 (GstWsctlTrack, 1);
  track->type = type;
  track->index = index;
  track->id = gst_wsctl_json_get_count (object, "trackid");
  track->name = limit_text (name);
  track->codec = read_text (object, "codec");
  track->language = read_text (object, "lang");
  track->first_ms = gst_wsctl_json_get_count (object, "firstms");
  track->last_ms = gst_wsctl_json_get_count (object, "lastms");
  track->bitrate_bps = read_bitrate (object, "bps");
  track->max_bitrate_bps = read_bitrate (object, "maxbps");
  track->width = gst_wsctl_json_get_count (object, "width");
  track->height = gst_wsctl_json_get_count (object, "height");
  track->frames_in_1000_s = gst_wsctl_json_get_count (object, "fpks");
  track->channels = gst_wsctl_json_get_count (object, "channels");
  track->rate = gst_wsctl_json_get_count (object, "rate");

  return track;
}

static gint
compare_numbers (gint64 one, gint64 other)
{
  return (one > other) - (one < other);
}

/* By type; then the best first; then as they are numbered, so that the order is
 * the same each time. */
static gint
compare_tracks (gconstpointer one, gconstpointer other)
{
  const GstWsctlTrack *a = *(GstWsctlTrack * const *) one;
  const GstWsctlTrack *b = *(GstWsctlTrack * const *) other;
  gint order = compare_numbers (a->type, b->type);

  if (order == 0)
    order = compare_numbers (b->max_bitrate_bps, a->max_bitrate_bps);
  if (order == 0)
    order = compare_numbers (a->index, b->index);

  return order;
}

static void
read_tracks (GstWsctlMetadata * metadata, JsonObject * root)
{
  JsonObject *meta = gst_wsctl_json_get_object (root, "meta");
  JsonObject *tracks = gst_wsctl_json_get_object (meta, "tracks");
  g_autoptr (GList) names = NULL;
  GList *item;

  if (tracks == NULL)
    return;

  names = json_object_get_members (tracks);
  for (item = names; item != NULL
      && metadata->tracks->len < GST_WSCTL_JSON_MAX_ITEMS; item = item->next) {
    GstWsctlTrack *track = read_track (gst_wsctl_json_get_object (tracks,
            item->data), item->data);

    if (track != NULL)
      g_ptr_array_add (metadata->tracks, track);
  }
  g_ptr_array_sort (metadata->tracks, compare_tracks);
}

static void
read_sources (GstWsctlMetadata * metadata, JsonObject * root)
{
  JsonArray *list = gst_wsctl_json_get_array (root, "source");
  guint i, n;

  n = list != NULL
      ? MIN (json_array_get_length (list), GST_WSCTL_JSON_MAX_ITEMS) : 0;
  for (i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (list, i);
    GstWsctlStreamSource *source;

    if (!JSON_NODE_HOLDS_OBJECT (node))
      continue;
    source = g_new0 (GstWsctlStreamSource, 1);
    source->type = read_text (json_node_get_object (node), "type");
    source->name = read_text (json_node_get_object (node), "hrn");
    source->url = read_text (json_node_get_object (node), "url");
    if (source->url != NULL)
      source->url[strcspn (source->url, "?#")] = '\0';
    g_ptr_array_add (metadata->sources, source);
  }
}

/* NULL, with @error, for what is not a JSON object. One that says neither what
 * the stream is nor why it is not there says that it is online, with nothing in
 * it. */
GstWsctlMetadata *
gst_wsctl_metadata_parse (const gchar * text, GError ** error)
{
  g_autoptr (JsonObject) root = gst_wsctl_json_parse (text, error);
  GstWsctlMetadata *metadata;

  if (root == NULL)
    return NULL;

  metadata = g_new0 (GstWsctlMetadata, 1);
  metadata->tracks = g_ptr_array_new_with_free_func (free_track);
  metadata->sources = g_ptr_array_new_with_free_func (free_source);
  metadata->message = read_text (root, "error");
  metadata->state = metadata->message != NULL
      ? find_state (metadata->message) : GST_WSCTL_STREAM_STATE_ONLINE;
  metadata->type = read_text (root, "type");
  metadata->width = gst_wsctl_json_get_count (root, "width");
  metadata->height = gst_wsctl_json_get_count (root, "height");
  metadata->unix_offset_ms = gst_wsctl_json_get_int (root, "unixoffset");
  read_tracks (metadata, root);
  read_sources (metadata, root);

  return metadata;
}

void
gst_wsctl_metadata_free (GstWsctlMetadata * metadata)
{
  g_free (metadata->message);
  g_free (metadata->type);
  g_ptr_array_unref (metadata->tracks);
  g_ptr_array_unref (metadata->sources);
  g_free (metadata);
}
