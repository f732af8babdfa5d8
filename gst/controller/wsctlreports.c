/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlreports-private.h"

#include <math.h>

#include "wsctlcodec-private.h"

/* NULL for a medium that was not agreed */
static const GstCaps *
get_caps (const GstWsctlAnswer * answer, GstWsctlMediaKind kind)
{
  const GstWsctlAnsweredMedia *media =
      gst_wsctl_answer_get_media (answer, kind);

  return media != NULL && !media->rejected ? media->caps : NULL;
}

static const gchar *
get_codec_name (const GstWsctlAnswer * answer, GstWsctlMediaKind kind)
{
  const GstWsctlCodec *codec =
      gst_wsctl_codec_find_for_caps (get_caps (answer, kind));

  return codec != NULL ? codec->name : NULL;
}

GstStructure *
gst_wsctl_report_of_stream (const gchar * name, const GstWsctlAnswer * answer)
{
  GstStructure *stream = gst_structure_new ("application/x-wsctl-stream",
      "name", G_TYPE_STRING, name,
      "audio-codec", G_TYPE_STRING, get_codec_name (answer,
          GST_WSCTL_MEDIA_KIND_AUDIO),
      "video-codec", G_TYPE_STRING, get_codec_name (answer,
          GST_WSCTL_MEDIA_KIND_VIDEO), NULL);
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    const GstCaps *caps = get_caps (answer, kind);
    g_autofree gchar *field =
        g_strdup_printf ("%s-caps", gst_wsctl_media_kind_get_nick (kind));

    if (caps != NULL)
      gst_structure_set (stream, field, GST_TYPE_CAPS, caps, NULL);
  }

  return stream;
}

GStrv
gst_wsctl_report_of_codecs (const GstWsctlAnswer * answer)
{
  GStrv codecs = g_new0 (gchar *, GST_WSCTL_N_MEDIA_KINDS + 1);
  guint n = 0;
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    const gchar *name = get_codec_name (answer, kind);

    if (name != NULL)
      codecs[n++] = g_strdup (name);
  }

  return codecs;
}

/* What a message does not tell is left out: a made-up 0 would be taken for a
 * measurement. */
static void
set_count (GstStructure * structure, const gchar * name, gint64 count)
{
  if (count >= 0)
    gst_structure_set (structure, name, G_TYPE_INT64, count, NULL);
}

static void
set_ratio (GstStructure * structure, const gchar * name, gdouble value)
{
  if (!isnan (value) && value >= 0.0)
    gst_structure_set (structure, name, G_TYPE_DOUBLE, value, NULL);
}

static void
set_strings (GstStructure * structure, const gchar * name, GStrv strings)
{
  GValue list = G_VALUE_INIT;
  guint i;

  gst_value_array_init (&list, 0);
  for (i = 0; strings != NULL && strings[i] != NULL; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, strings[i]);
    gst_value_array_append_and_take_value (&list, &item);
  }
  gst_structure_take_value (structure, name, &list);
}

static void
set_indexes (GstStructure * structure, const gchar * name, GArray * indexes)
{
  GValue list = G_VALUE_INIT;
  guint i;

  gst_value_array_init (&list, 0);
  for (i = 0; indexes != NULL && i < indexes->len; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_INT64);
    g_value_set_int64 (&item, g_array_index (indexes, gint64, i));
    gst_value_array_append_and_take_value (&list, &item);
  }
  gst_structure_take_value (structure, name, &list);
}

GstStructure *
gst_wsctl_report_of_media (const GstWsctlEvent * event)
{
  GstStructure *report =
      gst_structure_new_empty ("application/x-wsctl-media-report");

  set_count (report, "millis", event->millis);
  set_ratio (report, "jitter", event->jitter_ms / 1000.0);
  set_count (report, "packets-lost", event->loss_num);
  set_ratio (report, "fraction-lost", event->loss_perc / 100.0);
  set_count (report, "nack-count", event->nack_num);
  set_strings (report, "codecs", event->codecs);

  return report;
}

GstStructure *
gst_wsctl_report_of_playing (const GstWsctlEvent * event)
{
  GstStructure *report =
      gst_structure_new_empty ("application/x-wsctl-playing");

  set_count (report, "begin", event->begin_ms);
  set_count (report, "current", event->current_ms);
  set_count (report, "end", event->end_ms);
  set_count (report, "unix-offset", event->unixoffset_ms);
  set_indexes (report, "tracks", event->tracks);
  if (event->play_rate != NULL)
    gst_structure_set (report, "play-rate", G_TYPE_STRING, event->play_rate,
        NULL);
  if (event->paused >= 0)
    gst_structure_set (report, "paused", G_TYPE_BOOLEAN, event->paused > 0,
        NULL);
  if (event->live_point >= 0)
    gst_structure_set (report, "live", G_TYPE_BOOLEAN, event->live_point > 0,
        NULL);

  return report;
}

GstStructure *
gst_wsctl_report_of_seek (const GstWsctlEvent * event)
{
  GstStructure *report = gst_structure_new_empty ("application/x-wsctl-seek");

  if (event->live_point >= 0)
    gst_structure_set (report, "live", G_TYPE_BOOLEAN, event->live_point > 0,
        NULL);
  if (event->message != NULL)
    gst_structure_set (report, "error", G_TYPE_STRING, event->message, NULL);

  return report;
}
