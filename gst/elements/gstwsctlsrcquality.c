/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All state is the loop's, but for what the packets' own thread counts.
 */

#include "gstwsctlsrcquality.h"

#include <string.h>

#include "gstwsctlsrcinfo.h"
#include "wsctlarrivals-private.h"
#include "wsctlcodec-private.h"
#include "wsctlloop-private.h"
#include "wsctlpackets-private.h"
#include "wsctlretransmission-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrcquality_debug);
#define GST_CAT_DEFAULT wsctlsrcquality_debug

#define REPORT_INTERVAL_MS 50
#define VIDEO_CLOCK_RATE 90000
/* What has waited longer is not asked for again until the queue is shorter than
 * half of that: it is on its way. */
#define LONG_QUEUE_US 80000

struct _GstWsctlSrcQuality
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GWeakRef element;
  gint frames;                  /* atomic: given to the decoder … */
  gint frames_dropped;          /* atomic: … and dropped by it */

  GMutex lock;
  GstWsctlArrivals *arrivals;   /* lock */
  gint video_payload;           /* set before packets come */

  /* The loop only */
  GstWsctlController *controller;       /* NULL once stopped */
  gulong playing_id;
  GstWsctlRenditions *renditions;
  gint *n_switches;             /* of all sessions; atomic, an RC box */
  GstWsctlStreamDescription *description;       /* NULL: none yet */
  GArray *playing;              /* gint64: indexes, of the last on_time */
  GstWsctlPackets *packets;
  GSource *timer;
  gboolean patient;             /* nothing is asked for again */
};

GstWsctlSrcQuality *
gst_wsctl_src_quality_ref (GstWsctlSrcQuality * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
gst_wsctl_src_quality_unref (GstWsctlSrcQuality * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_clear_pointer (&self->description, gst_wsctl_stream_description_free);
  gst_wsctl_renditions_free (self->renditions);
  g_atomic_rc_box_release (self->n_switches);
  gst_wsctl_arrivals_free (self->arrivals);
  g_array_unref (self->playing);
  g_weak_ref_clear (&self->element);
  g_mutex_clear (&self->lock);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

static void
unref_quality (gpointer data)
{
  gst_wsctl_src_quality_unref (data);
}

static void
unref_closure (gpointer data, GClosure * closure)
{
  unref_quality (data);
}

/* NULL leaves a kind as it is. Transfer full. */
static gchar *
make_selector (gint64 index)
{
  return index < 0 ? NULL : g_strdup_printf ("%" G_GINT64_FORMAT, index);
}

static void
follow_policy (GstWsctlSrcQuality * self)
{
  g_autofree gchar *audio_selector = NULL;
  g_autofree gchar *video_selector = NULL;
  gint64 audio, video;

  if (!gst_wsctl_renditions_take (self->renditions, &audio, &video))
    return;

  audio_selector = make_selector (audio);
  video_selector = make_selector (video);
  GST_INFO_OBJECT (self->controller, "asks for audio %s, video %s",
      audio_selector, video_selector);
  gst_wsctl_controller_set_tracks (self->controller, audio_selector,
      video_selector);
}

/* What is being sent now, of what is in the collection */
static void
tell_selected (GstWsctlSrcQuality * self)
{
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  GPtrArray *tracks;
  GstMessage *message;
  guint i, j;

  if (element == NULL || self->description == NULL || self->playing->len == 0)
    return;

  tracks = self->description->tracks;
  message = gst_message_new_streams_selected (GST_OBJECT (element),
      self->description->collection);
  for (i = 0; i < tracks->len; i++) {
    const GstWsctlStreamTrack *track = g_ptr_array_index (tracks, i);

    for (j = 0; j < self->playing->len; j++) {
      if (g_array_index (self->playing, gint64, j) == track->index)
        gst_message_streams_selected_add (message,
            gst_stream_collection_get_stream
            (self->description->collection, track->position));
    }
  }
  gst_wsctl_src_info_post_streams (element, message);
}

static gboolean
is_same (GArray * one, GArray * other)
{
  return one->len == other->len && (one->len == 0
      || memcmp (one->data, other->data, one->len * sizeof (gint64)) == 0);
}

static GArray *
read_tracks (const GstStructure * report)
{
  const GValue *list = gst_structure_get_value (report, "tracks");
  GArray *tracks = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint i;

  for (i = 0; list != NULL && i < gst_value_array_get_size (list); i++) {
    gint64 index = g_value_get_int64 (gst_value_array_get_value (list, i));

    g_array_append_val (tracks, index);
  }

  return tracks;
}

/* As many as before, and others */
static gboolean
is_switch (GArray * before, GArray * after)
{
  return before->len > 0 && before->len == after->len
      && !is_same (before, after);
}

static void
on_playing (GstWsctlController * controller, GstStructure * report,
    GstWsctlSrcQuality * self)
{
  GArray *tracks = read_tracks (report);
  gboolean changed = !is_same (tracks, self->playing);

  if (is_switch (self->playing, tracks))
    g_atomic_int_inc (self->n_switches);
  g_array_unref (self->playing);
  self->playing = tracks;
  if (changed)
    tell_selected (self);
  gst_wsctl_renditions_push_playing (self->renditions,
      g_get_monotonic_time (), (const gint64 *) tracks->data, tracks->len);
  follow_policy (self);
}

static void
be_patient (GstWsctlSrcQuality * self, gint64 queue_us)
{
  gboolean patient = queue_us >= (self->patient ? LONG_QUEUE_US / 2
      : LONG_QUEUE_US);

  if (patient == self->patient)
    return;

  GST_DEBUG_OBJECT (self->controller, "a queue of %" G_GINT64_FORMAT " us: %s",
      queue_us, patient ? "nothing is asked for again" : "over");
  self->patient = patient;
  gst_wsctl_retransmission_set (gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (self->controller)), !patient);
}

static gboolean
on_report_timeout (gpointer data)
{
  GstWsctlSrcQuality *self = data;
  GstWsctlRenditionReport report = { 0, };
  GstWsctlArrivalsReport arrivals;
  gint64 now_us = g_get_monotonic_time ();

  g_mutex_lock (&self->lock);
  gst_wsctl_arrivals_get_report (self->arrivals, now_us, &arrivals);
  g_mutex_unlock (&self->lock);

  report.bytes = arrivals.bytes;
  report.packets = arrivals.packets;
  report.packets_lost = arrivals.lost;
  report.nacks = arrivals.missed;
  report.frames = g_atomic_int_get (&self->frames);
  report.frames_dropped = g_atomic_int_get (&self->frames_dropped);
  report.queue_us = arrivals.queue_us;
  report.capacity_bps = arrivals.capacity_bps;
  GST_LOG_OBJECT (self->controller, "%" G_GUINT64_FORMAT " bytes, queue %"
      G_GINT64_FORMAT " us, capacity %" G_GUINT64_FORMAT " bit/s, missed %"
      G_GUINT64_FORMAT ", lost %" G_GUINT64_FORMAT, report.bytes,
      report.queue_us, report.capacity_bps, report.nacks, report.packets_lost);
  be_patient (self, report.queue_us);
  gst_wsctl_renditions_push_report (self->renditions, now_us, &report);
  follow_policy (self);

  return G_SOURCE_CONTINUE;
}

/* On a streaming thread */
static void
on_packet (const GstWsctlPacket * packet, gpointer data)
{
  GstWsctlSrcQuality *self = data;
  GstWsctlArrival arrival = {
    packet->time_us, packet->size, packet->payload == self->video_payload,
    packet->seq, packet->rtp_time, packet->ssrc
  };

  g_mutex_lock (&self->lock);
  gst_wsctl_arrivals_push (self->arrivals, &arrival);
  g_mutex_unlock (&self->lock);
}

GstWsctlSrcQuality *
gst_wsctl_src_quality_new (GstElement * element,
    GstWsctlController * controller, GstWsctlRenditionPolicy policy,
    gint * n_switches)
{
  GstWsctlSrcQuality *self = g_new0 (GstWsctlSrcQuality, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlsrcquality_debug, "wsctlsrcquality", 0,
      "WebRTC WebSocket control: renditions of wsctlsrc");

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->loop = gst_wsctl_loop_get_shared ();
  g_weak_ref_init (&self->element, element);
  self->arrivals = gst_wsctl_arrivals_new (VIDEO_CLOCK_RATE);
  self->renditions = gst_wsctl_renditions_new (policy);
  self->n_switches = g_atomic_rc_box_acquire (n_switches);
  self->playing = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->controller = g_object_ref (controller);
  self->playing_id = g_signal_connect_data (controller, "on-playing",
      G_CALLBACK (on_playing), gst_wsctl_src_quality_ref (self), unref_closure,
      0);

  return self;
}

static gint
get_payload (const GstWsctlAnswer * answer, GstWsctlMediaKind kind)
{
  const GstWsctlAnsweredMedia *media =
      gst_wsctl_answer_get_media (answer, kind);
  gint payload = -1;

  if (media != NULL && !media->rejected)
    gst_structure_get_int (gst_caps_get_structure (media->caps, 0), "payload",
        &payload);

  return payload;
}

static const gchar *
get_codec (const GstWsctlAnswer * answer, GstWsctlMediaKind kind)
{
  const GstWsctlAnsweredMedia *media =
      gst_wsctl_answer_get_media (answer, kind);
  const GstWsctlCodec *codec = media != NULL && !media->rejected
      ? gst_wsctl_codec_find_for_caps (media->caps) : NULL;

  return codec != NULL ? codec->name : NULL;
}

/* A session plays one codec a kind: other tracks are for other sessions. */
static void
set_ladder (GstWsctlSrcQuality * self, GstWsctlMediaKind kind)
{
  const GstWsctlAnswer *answer =
      gst_wsctl_controller_get_answer (self->controller);
  g_autoptr (GArray) items =
      g_array_new (FALSE, FALSE, sizeof (GstWsctlRendition));
  GPtrArray *tracks = self->description->tracks;
  guint i;

  for (i = 0; answer != NULL && i < tracks->len; i++) {
    const GstWsctlStreamTrack *track = g_ptr_array_index (tracks, i);
    GstWsctlRendition item = { track->index, track->bitrate_bps };

    if (track->kind == kind
        && g_strcmp0 (track->codec, get_codec (answer, kind)) == 0)
      g_array_append_val (items, item);
  }
  gst_wsctl_renditions_set_ladder (self->renditions,
      kind == GST_WSCTL_MEDIA_KIND_AUDIO ? GST_WSCTL_LADDER_AUDIO
      : GST_WSCTL_LADDER_VIDEO, (const GstWsctlRendition *) items->data,
      items->len);
}

static void
set_ladders (GstWsctlSrcQuality * self)
{
  if (self->description == NULL || self->controller == NULL)
    return;

  set_ladder (self, GST_WSCTL_MEDIA_KIND_AUDIO);
  set_ladder (self, GST_WSCTL_MEDIA_KIND_VIDEO);
}

void
gst_wsctl_src_quality_connected (GstWsctlSrcQuality * self)
{
  const GstWsctlAnswer *answer;

  if (self->controller == NULL || self->timer != NULL)
    return;

  answer = gst_wsctl_controller_get_answer (self->controller);
  self->video_payload = get_payload (answer, GST_WSCTL_MEDIA_KIND_VIDEO);
  self->packets = gst_wsctl_packets_new (gst_wsctl_connection_get_element
      (gst_wsctl_controller_get_connection (self->controller)), on_packet,
      gst_wsctl_src_quality_ref (self), unref_quality);
  self->timer = gst_wsctl_loop_add_timer (self->loop, REPORT_INTERVAL_MS,
      on_report_timeout, gst_wsctl_src_quality_ref (self), unref_quality);
  set_ladders (self);
}

void
gst_wsctl_src_quality_describe (GstWsctlSrcQuality * self,
    const GstWsctlStreamDescription * description)
{
  g_clear_pointer (&self->description, gst_wsctl_stream_description_free);
  self->description = gst_wsctl_stream_description_copy (description);
  set_ladders (self);
  if (description->changed)
    tell_selected (self);
}

typedef struct
{
  GstWsctlSrcQuality *quality;
  GstWsctlMediaKind kind;
  gboolean fixed;
} Note;

static void
free_note (gpointer data)
{
  Note *note = data;

  unref_quality (note->quality);
  g_free (note);
}

static void
take_fixed (gpointer data)
{
  Note *note = data;

  gst_wsctl_renditions_set_fixed (note->quality->renditions,
      note->kind == GST_WSCTL_MEDIA_KIND_AUDIO ? GST_WSCTL_LADDER_AUDIO
      : GST_WSCTL_LADDER_VIDEO, note->fixed);
}

void
gst_wsctl_src_quality_set_fixed (GstWsctlSrcQuality * self,
    GstWsctlMediaKind kind, gboolean fixed)
{
  Note *note = g_new0 (Note, 1);

  note->quality = gst_wsctl_src_quality_ref (self);
  note->kind = kind;
  note->fixed = fixed;
  gst_wsctl_loop_call (self->loop, take_fixed, note, free_note);
}

void
gst_wsctl_src_quality_forget (GstWsctlSrcQuality * self)
{
  g_mutex_lock (&self->lock);
  gst_wsctl_arrivals_forget (self->arrivals);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_src_quality_take_qos (GstWsctlSrcQuality * self, GstMessage * message)
{
  guint64 processed = 0, dropped = 0;

  gst_message_parse_qos_stats (message, NULL, &processed, &dropped);
  if (processed == GST_BUFFER_OFFSET_NONE || dropped == GST_BUFFER_OFFSET_NONE)
    return;

  g_atomic_int_set (&self->frames, (gint) MIN (processed, G_MAXINT));
  g_atomic_int_set (&self->frames_dropped, (gint) MIN (dropped, G_MAXINT));
}

static void
run_stop (gpointer data)
{
  GstWsctlSrcQuality *self = data;

  gst_wsctl_loop_clear_timer (&self->timer);
  g_clear_pointer (&self->packets, gst_wsctl_packets_close);
  g_clear_signal_handler (&self->playing_id, self->controller);
  g_clear_object (&self->controller);
}

void
gst_wsctl_src_quality_stop (GstWsctlSrcQuality * self)
{
  gst_wsctl_loop_call_sync (self->loop, run_stop, self);
  gst_wsctl_src_quality_unref (self);
}
