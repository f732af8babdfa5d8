/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a server sends (docs/protocol.md, "Server to client").
 */

#include "wsctlmessage-private.h"

#include <math.h>

#include "wsctlerror.h"
#include "wsctljson-private.h"

static const struct
{
  const gchar *name;
  GstWsctlEventType type;
} type_names[] = {
  /* The first of a type is the one that is written. */
  {"on_answer_sdp", GST_WSCTL_EVENT_ANSWER_SDP},
  {"on_error", GST_WSCTL_EVENT_ERROR},
  {"on_video_bitrate", GST_WSCTL_EVENT_VIDEO_BITRATE},
  {"on_rtp_props", GST_WSCTL_EVENT_RTP_PROPS},
  {"on_keyframe_interval", GST_WSCTL_EVENT_KEYFRAME_INTERVAL},
  {"on_media_receive", GST_WSCTL_EVENT_MEDIA_RECEIVE},
  {"on_time", GST_WSCTL_EVENT_TIME},
  {"on_stop", GST_WSCTL_EVENT_STOP},
  {"on_track_drop", GST_WSCTL_EVENT_TRACK_DROP},
  {"set_speed", GST_WSCTL_EVENT_SET_SPEED},
  {"pause", GST_WSCTL_EVENT_PAUSE},
  {"seek", GST_WSCTL_EVENT_SEEK},
  {"on_seek", GST_WSCTL_EVENT_SEEK},
  {"warning", GST_WSCTL_EVENT_WARNING},
};

static GstWsctlEventType
find_type (const gchar * name)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (type_names); i++) {
    if (g_str_equal (name, type_names[i].name))
      return type_names[i].type;
  }

  return GST_WSCTL_EVENT_UNKNOWN;
}

static const gchar *
find_name (GstWsctlEventType type)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (type_names); i++) {
    if (type_names[i].type == type)
      return type_names[i].name;
  }

  return "";
}

/* An event with every member absent. Set `name` as well for one of an unknown
 * type. */
GstWsctlEvent *
gst_wsctl_event_new (GstWsctlEventType type)
{
  GstWsctlEvent *event = g_new0 (GstWsctlEvent, 1);

  event->type = type;
  event->name = g_strdup (find_name (type));
  event->video_bitrate_bps = -1;
  event->video_bitrate_constraint_bps = -1;
  event->nack = -1;
  event->drop = -1;
  event->keyframe_interval_ms = -1;
  event->millis = -1;
  event->jitter_ms = NAN;
  event->loss_num = -1;
  event->loss_perc = NAN;
  event->nack_num = -1;
  event->begin_ms = -1;
  event->current_ms = -1;
  event->end_ms = -1;
  event->next_ms = -1;
  event->unixoffset_ms = -1;
  event->paused = -1;
  event->live_point = -1;
  event->track = -1;

  return event;
}

static gchar **
read_codecs (JsonObject * object)
{
  JsonArray *list = gst_wsctl_json_get_array (object, "tracks");
  g_autoptr (GStrvBuilder) codecs = g_strv_builder_new ();
  guint i, n;

  if (list == NULL)
    return NULL;

  n = MIN (json_array_get_length (list), GST_WSCTL_JSON_MAX_ITEMS);
  for (i = 0; i < n; i++) {
    g_autofree gchar *codec =
        gst_wsctl_json_node_to_string (json_array_get_element (list, i));

    if (codec != NULL)
      g_strv_builder_add (codecs, codec);
  }

  return g_strv_builder_end (codecs);
}

static GArray *
read_tracks (JsonObject * object)
{
  JsonArray *list = gst_wsctl_json_get_array (object, "tracks");
  GArray *tracks;
  guint i, n;

  if (list == NULL)
    return NULL;

  tracks = g_array_new (FALSE, FALSE, sizeof (gint64));
  n = MIN (json_array_get_length (list), GST_WSCTL_JSON_MAX_ITEMS);
  for (i = 0; i < n; i++) {
    gint64 track;

    if (gst_wsctl_json_node_to_int (json_array_get_element (list, i), &track)
        && track >= 0)
      g_array_append_val (tracks, track);
  }

  return tracks;
}

/* The server says 100 % at the start, before anything was lost, so loss is
 * believed only with a number of lost packets beside it. */
static void
read_media_report (GstWsctlEvent * event, JsonObject * object)
{
  JsonObject *stats = gst_wsctl_json_get_object (object, "stats");

  event->millis = gst_wsctl_json_get_count (object, "millis");
  event->codecs = read_codecs (object);
  event->jitter_ms = gst_wsctl_json_get_double (stats, "jitter_ms");
  event->loss_num = gst_wsctl_json_get_count (stats, "loss_num");
  event->nack_num = gst_wsctl_json_get_count (stats, "nack_num");
  event->loss_perc = gst_wsctl_json_get_double (stats, "loss_perc");
  if (isnan (event->loss_perc))
    return;

  if (event->loss_num == 0)
    event->loss_perc = 0;
  event->loss_perc = CLAMP (event->loss_perc, 0, 100);
}

static void
read_time (GstWsctlEvent * event, JsonObject * object)
{
  event->begin_ms = gst_wsctl_json_get_count (object, "begin");
  event->current_ms = gst_wsctl_json_get_count (object, "current");
  event->end_ms = gst_wsctl_json_get_count (object, "end");
  event->next_ms = gst_wsctl_json_get_count (object, "next");
  event->unixoffset_ms = gst_wsctl_json_get_int (object, "unixoffset");
  event->jitter_ms = gst_wsctl_json_get_double (object, "jitter");
  event->tracks = read_tracks (object);
  event->play_rate = gst_wsctl_json_get_string (object, "play_rate_curr");
  event->paused = gst_wsctl_json_get_flag (object, "paused");
  event->live_point = gst_wsctl_json_get_flag (object, "live_point");
}

static void
read_speed (GstWsctlEvent * event, JsonObject * object, JsonObject * data)
{
  event->play_rate = gst_wsctl_json_get_string (data, "play_rate_curr");
  event->play_rate_previous =
      gst_wsctl_json_get_string (data, "play_rate_prev");
  event->live_point = gst_wsctl_json_get_flag (data, "live_point");
  event->message = gst_wsctl_json_get_string (object, "error");
}

static void
read_members (GstWsctlEvent * event, JsonObject * object)
{
  JsonObject *data = gst_wsctl_json_get_object (object, "data");

  if (data == NULL)
    data = object;

  event->result = gst_wsctl_json_get_flag (object, "result") == 1;
  switch (event->type) {
    case GST_WSCTL_EVENT_ANSWER_SDP:
      event->answer_sdp = gst_wsctl_json_get_string (object, "answer_sdp");
      break;
    case GST_WSCTL_EVENT_ERROR:
      event->command = gst_wsctl_json_get_string (object, "command");
      event->message = gst_wsctl_json_get_string (object, "message");
      break;
    case GST_WSCTL_EVENT_VIDEO_BITRATE:
      event->video_bitrate_bps =
          gst_wsctl_json_get_count (object, "video_bitrate");
      event->video_bitrate_constraint_bps =
          gst_wsctl_json_get_count (object, "video_bitrate_constraint");
      break;
    case GST_WSCTL_EVENT_RTP_PROPS:
      event->nack = gst_wsctl_json_get_count (object, "nack");
      event->drop = gst_wsctl_json_get_count (object, "drop");
      break;
    case GST_WSCTL_EVENT_KEYFRAME_INTERVAL:
      event->keyframe_interval_ms = gst_wsctl_json_get_count (object, "result");
      event->result = event->keyframe_interval_ms > 0;
      break;
    case GST_WSCTL_EVENT_MEDIA_RECEIVE:
      read_media_report (event, object);
      break;
    case GST_WSCTL_EVENT_TIME:
      read_time (event, data);
      break;
    case GST_WSCTL_EVENT_TRACK_DROP:
      event->track = gst_wsctl_json_get_count (object, "track");
      event->mediatype = gst_wsctl_json_get_string (object, "mediatype");
      break;
    case GST_WSCTL_EVENT_SET_SPEED:
    case GST_WSCTL_EVENT_SEEK:
      read_speed (event, object, data);
      break;
    case GST_WSCTL_EVENT_PAUSE:
      event->paused = gst_wsctl_json_get_flag (data, "paused");
      break;
    case GST_WSCTL_EVENT_WARNING:
      event->message = gst_wsctl_json_get_string (object, "warning");
      break;
    case GST_WSCTL_EVENT_UNKNOWN:
    case GST_WSCTL_EVENT_STOP:
      break;
  }
}

/* An unknown type is no error: its name is kept. NULL, with @error, for what is
 * not an object with a string `type`. */
GstWsctlEvent *
gst_wsctl_event_parse (const gchar * text, GError ** error)
{
  g_autoptr (JsonObject) object = gst_wsctl_json_parse (text, error);
  GstWsctlEvent *event;
  g_autofree gchar *name = NULL;

  if (object == NULL)
    return NULL;
  name = gst_wsctl_json_get_type_name (object, error);
  if (name == NULL)
    return NULL;

  event = gst_wsctl_event_new (find_type (name));
  g_free (event->name);
  event->name = g_steal_pointer (&name);
  read_members (event, object);

  return event;
}

static void
write_media_report (const GstWsctlEvent * event, JsonObject * object)
{
  JsonObject *stats = json_object_new ();
  guint i;

  gst_wsctl_json_set_count (object, "millis", event->millis);
  if (event->codecs != NULL) {
    JsonArray *list = json_array_new ();

    for (i = 0; event->codecs[i] != NULL; i++) {
      g_autofree gchar *codec = g_utf8_make_valid (event->codecs[i], -1);

      json_array_add_string_element (list, codec);
    }
    json_object_set_array_member (object, "tracks", list);
  }

  gst_wsctl_json_set_double (stats, "jitter_ms", event->jitter_ms);
  gst_wsctl_json_set_count (stats, "loss_num", event->loss_num);
  gst_wsctl_json_set_double (stats, "loss_perc", event->loss_perc);
  gst_wsctl_json_set_count (stats, "nack_num", event->nack_num);
  json_object_set_object_member (object, "stats", stats);
}

static void
write_time (const GstWsctlEvent * event, JsonObject * object)
{
  guint i;

  gst_wsctl_json_set_count (object, "begin", event->begin_ms);
  gst_wsctl_json_set_count (object, "current", event->current_ms);
  gst_wsctl_json_set_count (object, "end", event->end_ms);
  gst_wsctl_json_set_double (object, "jitter", event->jitter_ms);
  gst_wsctl_json_set_flag (object, "live_point", event->live_point);
  gst_wsctl_json_set_count (object, "next", event->next_ms);
  gst_wsctl_json_set_flag (object, "paused", event->paused);
  gst_wsctl_json_set_selector (object, "play_rate_curr", event->play_rate);
  if (event->tracks != NULL) {
    JsonArray *list = json_array_new ();

    for (i = 0; i < event->tracks->len; i++)
      json_array_add_int_element (list, g_array_index (event->tracks, gint64,
              i));
    json_object_set_array_member (object, "tracks", list);
  }
  if (event->unixoffset_ms != -1)
    json_object_set_int_member (object, "unixoffset", event->unixoffset_ms);
}

/* A refusal carries no `data`. */
static void
write_speed (const GstWsctlEvent * event, JsonObject * object)
{
  g_autoptr (JsonObject) data = json_object_new ();

  gst_wsctl_json_set_flag (data, "live_point", event->live_point);
  gst_wsctl_json_set_selector (data, "play_rate_curr", event->play_rate);
  gst_wsctl_json_set_selector (data, "play_rate_prev",
      event->play_rate_previous);
  if (json_object_get_size (data) > 0)
    json_object_set_object_member (object, "data", g_steal_pointer (&data));
  gst_wsctl_json_set_string (object, "error", event->message);
}

gchar *
gst_wsctl_event_to_json (const GstWsctlEvent * event, GstWsctlDialect dialect)
{
  g_autoptr (JsonObject) object = json_object_new ();

  gst_wsctl_json_set_string (object, "type", event->name);
  switch (event->type) {
    case GST_WSCTL_EVENT_ANSWER_SDP:
      gst_wsctl_json_set_flag (object, "result", event->result);
      gst_wsctl_json_set_string (object, "answer_sdp", event->answer_sdp);
      break;
    case GST_WSCTL_EVENT_ERROR:
      gst_wsctl_json_set_string (object, "command", event->command);
      gst_wsctl_json_set_string (object, "message", event->message);
      break;
    case GST_WSCTL_EVENT_VIDEO_BITRATE:
      gst_wsctl_json_set_flag (object, "result", event->result);
      gst_wsctl_json_set_count (object, "video_bitrate",
          event->video_bitrate_bps);
      gst_wsctl_json_set_count (object, "video_bitrate_constraint",
          event->video_bitrate_constraint_bps);
      break;
    case GST_WSCTL_EVENT_RTP_PROPS:
      gst_wsctl_json_set_flag (object, "result", event->result);
      gst_wsctl_json_set_count (object, "nack", event->nack);
      gst_wsctl_json_set_count (object, "drop", event->drop);
      break;
    case GST_WSCTL_EVENT_KEYFRAME_INTERVAL:
      gst_wsctl_json_set_count (object, "result", event->keyframe_interval_ms);
      break;
    case GST_WSCTL_EVENT_MEDIA_RECEIVE:
      write_media_report (event, object);
      break;
    case GST_WSCTL_EVENT_TIME:
      if (dialect == GST_WSCTL_DIALECT_MIST) {
        JsonObject *data = json_object_new ();

        write_time (event, data);
        json_object_set_object_member (object, "data", data);
      } else {
        write_time (event, object);
      }
      break;
    case GST_WSCTL_EVENT_TRACK_DROP:
      gst_wsctl_json_set_count (object, "track", event->track);
      gst_wsctl_json_set_string (object, "mediatype", event->mediatype);
      break;
    case GST_WSCTL_EVENT_SET_SPEED:
    case GST_WSCTL_EVENT_SEEK:
      write_speed (event, object);
      break;
    case GST_WSCTL_EVENT_PAUSE:
      gst_wsctl_json_set_flag (object, "paused", event->paused);
      break;
    case GST_WSCTL_EVENT_WARNING:
      gst_wsctl_json_set_string (object, "warning", event->message);
      break;
    case GST_WSCTL_EVENT_UNKNOWN:
    case GST_WSCTL_EVENT_STOP:
      break;
  }

  return gst_wsctl_json_print (object);
}

void
gst_wsctl_event_free (GstWsctlEvent * event)
{
  g_free (event->name);
  g_free (event->answer_sdp);
  g_free (event->command);
  g_free (event->message);
  g_strfreev (event->codecs);
  g_clear_pointer (&event->tracks, g_array_unref);
  g_free (event->play_rate);
  g_free (event->play_rate_previous);
  g_free (event->mediatype);
  g_free (event);
}
