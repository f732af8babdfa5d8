/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctltimeddata-private.h"

#include "wsctljson-private.h"

GstWsctlTimedData *
gst_wsctl_timed_data_parse (const gchar * text, GError ** error)
{
  g_autoptr (JsonObject) object = gst_wsctl_json_parse (text, error);
  g_autofree gchar *json = NULL;
  GstWsctlTimedData *data;
  gint64 time_ms;

  if (object == NULL)
    return NULL;
  time_ms = gst_wsctl_json_get_count (object, "time");
  json = gst_wsctl_json_dup_member_text (text, "data");
  if (time_ms < 0 || json == NULL)
    return NULL;

  data = g_new0 (GstWsctlTimedData, 1);
  data->time_ms = time_ms;
  data->duration_ms = gst_wsctl_json_get_count (object, "duration");
  data->track = gst_wsctl_json_get_count (object, "track");
  data->json = g_steal_pointer (&json);

  return data;
}

void
gst_wsctl_timed_data_free (GstWsctlTimedData * data)
{
  g_free (data->json);
  g_free (data);
}

gchar *
gst_wsctl_timed_data_select (const gchar * tracks)
{
  g_autoptr (JsonObject) object = NULL;

  if (tracks == NULL)
    return NULL;

  object = json_object_new ();
  gst_wsctl_json_set_string (object, "type", "tracks");
  gst_wsctl_json_set_string (object, "tracks", tracks);

  return gst_wsctl_json_print (object);
}
