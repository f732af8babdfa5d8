/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a client sends (docs/protocol.md, "Client to server").
 */

#include "wsctlmessage-private.h"

#include <math.h>

#include "wsctlerror.h"
#include "wsctljson-private.h"

/* MistServer takes `unix` in milliseconds, whatever is written elsewhere.
 * Seconds reach this number in the year 5138, milliseconds did in 1973. */
#define FIRST_UNIX_MS 1e11

static const gchar *const type_names[] = {
  [GST_WSCTL_COMMAND_UNKNOWN] = "",
  [GST_WSCTL_COMMAND_OFFER_SDP] = "offer_sdp",
  [GST_WSCTL_COMMAND_VIDEO_BITRATE] = "video_bitrate",
  [GST_WSCTL_COMMAND_RTP_PROPS] = "rtp_props",
  [GST_WSCTL_COMMAND_KEYFRAME_INTERVAL] = "keyframe_interval",
  [GST_WSCTL_COMMAND_TRACKS] = "tracks",
  [GST_WSCTL_COMMAND_SEEK] = "seek",
  [GST_WSCTL_COMMAND_HOLD] = "hold",
  [GST_WSCTL_COMMAND_PLAY] = "play",
  [GST_WSCTL_COMMAND_PAUSE] = "pause",
  [GST_WSCTL_COMMAND_SET_SPEED] = "set_speed",
  [GST_WSCTL_COMMAND_FAST_FORWARD] = "fast_forward",
  [GST_WSCTL_COMMAND_STOP] = "stop",
};

static GstWsctlCommandType
find_type (const gchar * name)
{
  guint i;

  for (i = GST_WSCTL_COMMAND_UNKNOWN + 1; i < G_N_ELEMENTS (type_names); i++) {
    if (g_str_equal (name, type_names[i]))
      return i;
  }

  return GST_WSCTL_COMMAND_UNKNOWN;
}

/* A command with every member absent. Set `name` as well for one of an unknown
 * type. */
GstWsctlCommand *
gst_wsctl_command_new (GstWsctlCommandType type)
{
  GstWsctlCommand *command = g_new0 (GstWsctlCommand, 1);

  command->type = type;
  command->name = g_strdup (type_names[type]);
  command->video_bitrate_bps = -1;
  command->nack = -1;
  command->drop = -1;
  command->keyframe_interval_ms = -1;
  command->seek_time_ms = -1;
  command->seek_unix_s = NAN;
  command->ff_to_ms = -1;
  command->play_rate = NAN;

  return command;
}

/* A selector that is null means "auto" to MistServer. */
static gchar *
read_selector (JsonObject * object, const gchar * name)
{
  if (json_object_has_member (object, name)
      && json_object_get_null_member (object, name))
    return g_strdup ("auto");

  return gst_wsctl_json_get_string (object, name);
}

static void
read_seek (GstWsctlCommand * command, JsonObject * object)
{
  g_autofree gchar *word = gst_wsctl_json_get_string (object, "seek_time");

  command->seek_live = g_strcmp0 (word, "live") == 0;
  command->seek_time_ms = gst_wsctl_json_get_count (object, "seek_time");
  command->seek_unix_s = gst_wsctl_json_get_double (object, "unix");
  if (command->seek_unix_s >= FIRST_UNIX_MS)
    command->seek_unix_s /= 1000;
  command->ff_to_ms = gst_wsctl_json_get_count (object, "ff_to");
}

/* Anything but a number that is not negative is "auto", as for MistServer. */
static gdouble
read_rate (JsonObject * object)
{
  gdouble rate = gst_wsctl_json_get_double (object, "play_rate");

  if (!json_object_has_member (object, "play_rate"))
    return NAN;

  return rate > 0 ? rate : 0;
}

static void
read_members (GstWsctlCommand * command, JsonObject * object)
{
  switch (command->type) {
    case GST_WSCTL_COMMAND_OFFER_SDP:
      command->offer_sdp = gst_wsctl_json_get_string (object, "offer_sdp");
      break;
    case GST_WSCTL_COMMAND_VIDEO_BITRATE:
      command->video_bitrate_bps =
          gst_wsctl_json_get_count (object, "video_bitrate");
      break;
    case GST_WSCTL_COMMAND_RTP_PROPS:
      command->nack = gst_wsctl_json_get_count (object, "nack");
      command->drop = gst_wsctl_json_get_count (object, "drop");
      break;
    case GST_WSCTL_COMMAND_KEYFRAME_INTERVAL:
      command->keyframe_interval_ms =
          gst_wsctl_json_get_count (object, "keyframe_interval_millis");
      break;
    case GST_WSCTL_COMMAND_TRACKS:
      command->audio = read_selector (object, "audio");
      command->video = read_selector (object, "video");
      command->meta = read_selector (object, "meta");
      command->seek_time_ms = gst_wsctl_json_get_count (object, "seek_time");
      break;
    case GST_WSCTL_COMMAND_SEEK:
    case GST_WSCTL_COMMAND_PLAY:
      read_seek (command, object);
      break;
    case GST_WSCTL_COMMAND_SET_SPEED:
      command->play_rate = read_rate (object);
      break;
    case GST_WSCTL_COMMAND_FAST_FORWARD:
      command->ff_to_ms = gst_wsctl_json_get_count (object, "ff_to");
      break;
    case GST_WSCTL_COMMAND_UNKNOWN:
    case GST_WSCTL_COMMAND_HOLD:
    case GST_WSCTL_COMMAND_PAUSE:
    case GST_WSCTL_COMMAND_STOP:
      break;
  }
}

/* An unknown type is no error: its name is kept. NULL, with @error, for what is
 * not an object with a string `type`. */
GstWsctlCommand *
gst_wsctl_command_parse (const gchar * text, GError ** error)
{
  g_autoptr (JsonObject) object = gst_wsctl_json_parse (text, error);
  GstWsctlCommand *command;
  g_autofree gchar *name = NULL;

  if (object == NULL)
    return NULL;
  name = gst_wsctl_json_get_type_name (object, error);
  if (name == NULL)
    return NULL;

  command = gst_wsctl_command_new (find_type (name));
  g_free (command->name);
  command->name = g_steal_pointer (&name);
  read_members (command, object);

  return command;
}

static void
write_seek (const GstWsctlCommand * command, JsonObject * object)
{
  if (command->seek_live)
    gst_wsctl_json_set_string (object, "seek_time", "live");
  else
    gst_wsctl_json_set_count (object, "seek_time", command->seek_time_ms);
  gst_wsctl_json_set_double (object, "unix",
      round (command->seek_unix_s * 1000));
  gst_wsctl_json_set_count (object, "ff_to", command->ff_to_ms);
}

gchar *
gst_wsctl_command_to_json (const GstWsctlCommand * command)
{
  g_autoptr (JsonObject) object = json_object_new ();

  gst_wsctl_json_set_string (object, "type", command->name);
  switch (command->type) {
    case GST_WSCTL_COMMAND_OFFER_SDP:
      gst_wsctl_json_set_string (object, "offer_sdp", command->offer_sdp);
      break;
    case GST_WSCTL_COMMAND_VIDEO_BITRATE:
      gst_wsctl_json_set_count (object, "video_bitrate",
          command->video_bitrate_bps);
      break;
    case GST_WSCTL_COMMAND_RTP_PROPS:
      gst_wsctl_json_set_count (object, "nack", command->nack);
      gst_wsctl_json_set_count (object, "drop", command->drop);
      break;
    case GST_WSCTL_COMMAND_KEYFRAME_INTERVAL:
      gst_wsctl_json_set_count (object, "keyframe_interval_millis",
          command->keyframe_interval_ms);
      break;
    case GST_WSCTL_COMMAND_TRACKS:
      gst_wsctl_json_set_selector (object, "audio", command->audio);
      gst_wsctl_json_set_selector (object, "video", command->video);
      gst_wsctl_json_set_selector (object, "meta", command->meta);
      gst_wsctl_json_set_count (object, "seek_time", command->seek_time_ms);
      break;
    case GST_WSCTL_COMMAND_SEEK:
    case GST_WSCTL_COMMAND_PLAY:
      write_seek (command, object);
      break;
    case GST_WSCTL_COMMAND_SET_SPEED:
      if (command->play_rate == 0)
        gst_wsctl_json_set_string (object, "play_rate", "auto");
      else
        gst_wsctl_json_set_double (object, "play_rate", command->play_rate);
      break;
    case GST_WSCTL_COMMAND_FAST_FORWARD:
      gst_wsctl_json_set_count (object, "ff_to", command->ff_to_ms);
      break;
    case GST_WSCTL_COMMAND_UNKNOWN:
    case GST_WSCTL_COMMAND_HOLD:
    case GST_WSCTL_COMMAND_PAUSE:
    case GST_WSCTL_COMMAND_STOP:
      break;
  }

  return gst_wsctl_json_print (object);
}

void
gst_wsctl_command_free (GstWsctlCommand * command)
{
  g_free (command->name);
  g_free (command->offer_sdp);
  g_free (command->audio);
  g_free (command->video);
  g_free (command->meta);
  g_free (command);
}
