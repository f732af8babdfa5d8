/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a stream is, as JSON (docs/protocol.md, "Metadata channel").
 */

#include "wsctlserverhttp-private.h"

#include <json-glib/json-glib.h>

#include "wsctlframerate-private.h"

#define MILLI_FRAMES 1000
#define TO_MS(ns) ((ns) / GST_MSECOND)

static gint
get_int (const GstStructure * format, const gchar * name)
{
  gint value = 0;

  if (format != NULL)
    gst_structure_get_int (format, name, &value);

  return value;
}

static void
add_video (JsonObject * object, GstWsctlServerTrack * track,
    const GstStructure * format)
{
  gint numerator = 0, denominator = 1;

  json_object_set_int_member (object, "width", get_int (format, "width"));
  json_object_set_int_member (object, "height", get_int (format, "height"));
  if (format != NULL)
    gst_structure_get_fraction (format, "framerate", &numerator, &denominator);
  if (!gst_wsctl_framerate_is_sound (numerator, denominator))
    numerator = 0;
  json_object_set_int_member (object, "fpks",
      gst_util_uint64_scale_int (MILLI_FRAMES, numerator, denominator));
}

static void
add_audio (JsonObject * object, GstWsctlServerTrack * track,
    const GstStructure * format)
{
  gint channels = get_int (format, "channels");

  json_object_set_int_member (object, "channels", channels > 0 ? channels : 1);
  json_object_set_int_member (object, "rate", track->codec->clock_rate);
  json_object_set_int_member (object, "size", 16);
}

static JsonObject *
describe_track (GstWsctlServerTrack * track, gint64 epoch_ns)
{
  JsonObject *object = json_object_new ();
  const GstStructure *format =
      track->caps != NULL ? gst_caps_get_structure (track->caps, 0) : NULL;

  json_object_set_int_member (object, "idx", track->index);
  json_object_set_int_member (object, "trackid", track->id);
  json_object_set_string_member (object, "type",
      gst_wsctl_server_kind_get_name (track->codec->kind));
  json_object_set_string_member (object, "codec", track->codec->name);
  json_object_set_int_member (object, "firstms",
      track->first_ns == 0 ? 0 : TO_MS (track->first_ns - epoch_ns));
  json_object_set_int_member (object, "lastms",
      track->last_ns == 0 ? 0 : TO_MS (track->last_ns - epoch_ns));
  json_object_set_int_member (object, "bps", track->bps);
  json_object_set_int_member (object, "maxbps", track->max_bps);
  json_object_set_int_member (object, "jitter", 1);
  json_object_set_string_member (object, "init", "");
  if (track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO)
    add_video (object, track, format);
  else if (track->codec->kind == GST_WSCTL_SERVER_KIND_AUDIO)
    add_audio (object, track, format);

  return object;
}

static gchar *
make_track_name (GstWsctlServerTrack * track, JsonObject * object)
{
  if (track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO)
    return g_strdup_printf ("video_%s_%dx%d_%dfps_%u", track->codec->name,
        (gint) json_object_get_int_member (object, "width"),
        (gint) json_object_get_int_member (object, "height"),
        (gint) json_object_get_int_member (object, "fpks") / MILLI_FRAMES,
        track->index);
  if (track->codec->kind != GST_WSCTL_SERVER_KIND_AUDIO)
    return g_strdup_printf ("meta_%s_%u", track->codec->name, track->index);

  return g_strdup_printf ("audio_%s_%dch_%uhz_%u", track->codec->name,
      (gint) json_object_get_int_member (object, "channels"),
      track->codec->clock_rate, track->index);
}

/* The stream is as large as its largest picture. */
static void
add_size (JsonObject * root, JsonObject * track)
{
  gint64 height = json_object_get_int_member (track, "height");

  if (height < json_object_get_int_member_with_default (root, "height", 0))
    return;
  json_object_set_int_member (root, "width",
      json_object_get_int_member (track, "width"));
  json_object_set_int_member (root, "height", height);
}

static void
add_tracks (JsonObject * root, GstWsctlServerStream * stream)
{
  JsonObject *meta = json_object_new ();
  JsonObject *tracks = json_object_new ();
  GPtrArray *all = gst_wsctl_server_stream_get_tracks (stream);
  gint64 epoch_ns = gst_wsctl_server_stream_get_epoch (stream);
  gint64 begin_ns, end_ns;
  guint i;

  for (i = 0; i < all->len; i++) {
    GstWsctlServerTrack *track = g_ptr_array_index (all, i);
    g_autofree gchar *name = NULL;
    JsonObject *object;

    if (track->n_frames == 0)
      continue;
    object = describe_track (track, epoch_ns);
    name = make_track_name (track, object);
    if (track->codec->kind == GST_WSCTL_SERVER_KIND_VIDEO)
      add_size (root, object);
    json_object_set_object_member (tracks, name, object);
  }

  json_object_set_int_member (meta, "bframes", 0);
  json_object_set_int_member (meta, "live", 1);
  if (gst_wsctl_server_stream_get_span (stream, &begin_ns, &end_ns))
    json_object_set_int_member (meta, "buffer_window",
        TO_MS (end_ns - begin_ns));
  json_object_set_int_member (meta, "version", 4);
  json_object_set_object_member (meta, "tracks", tracks);
  json_object_set_object_member (root, "meta", meta);
  json_object_set_int_member (root, "unixoffset", TO_MS (epoch_ns));
}

static void
add_source (JsonObject * root, GstWsctlServerStream * stream,
    const gchar * authority, gboolean tls)
{
  const gchar *name = gst_wsctl_server_stream_get_name (stream);
  guint n_tracks = gst_wsctl_server_stream_get_tracks (stream)->len;
  JsonArray *sources = json_array_new ();
  JsonObject *source = json_object_new ();
  g_autofree gchar *escaped = g_uri_escape_string (name, "+", FALSE);
  g_autofree gchar *path = g_strdup_printf ("webrtc/%s", escaped);
  g_autofree gchar *url = g_strdup_printf ("%s://%s/%s",
      tls ? "wss" : "ws", authority, path);

  json_object_set_string_member (source, "hrn",
      "WebRTC with WebSocket signalling");
  json_object_set_int_member (source, "priority", 2);
  json_object_set_string_member (source, "relurl", path);
  json_object_set_int_member (source, "simul_tracks", n_tracks);
  json_object_set_int_member (source, "total_matches", n_tracks);
  json_object_set_string_member (source, "type", "webrtc");
  json_object_set_string_member (source, "url", url);
  json_array_add_object_element (sources, source);
  json_object_set_array_member (root, "source", sources);
}

static gchar *
print_json (JsonObject * object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);

  return json_to_string (node, FALSE);
}

gchar *
gst_wsctl_server_describe (GstWsctlServerStream * stream, const gchar * name,
    const gchar * authority, gboolean tls)
{
  g_autoptr (JsonObject) root = json_object_new ();

  if (stream == NULL) {
    json_object_set_string_member (root, "error", "Stream is offline");
    return print_json (root);
  }
  if (gst_wsctl_server_stream_get_epoch (stream) == 0) {
    json_object_set_string_member (root, "error", "Stream is waiting for data");
    return print_json (root);
  }

  json_object_set_string_member (root, "type", "live");
  json_object_set_int_member (root, "selver", 2);
  add_tracks (root, stream);
  add_source (root, stream, authority, tls);

  return print_json (root);
}
