/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Seeks go to the server, and come back as a place in the timeline from which
 * on packets are of the new place. The gates do the rest.
 */

#include "gstwsctlsrctimeprivate.h"

#include "gstwsctlgate.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrcseek_debug);
#define GST_CAT_DEFAULT wsctlsrcseek_debug

#define LIVE G_MAXINT64

/* While the stream goes on, so does its end. */
static gint64
get_end_locked (GstWsctlSrcTime * self)
{
  gint64 passed_us = g_get_monotonic_time () - self->end_time_us;

  return self->end_ns + CLAMP (passed_us, 0, 2 * G_USEC_PER_SEC) * 1000;
}

static gint64
get_target_locked (GstWsctlSrcTime * self)
{
  return self->target_ns == LIVE ? get_end_locked (self) : self->target_ns;
}

gint64
gst_wsctl_src_time_get_position_locked (GstWsctlSrcTime * self)
{
  if (self->seeking)
    return get_target_locked (self);
  if (self->paused)
    return self->held_ns;

  return gst_wsctl_span_get_media (gst_wsctl_timeline_get_last
      (&self->timeline), gst_wsctl_src_time_get_now_locked (self));
}

void
gst_wsctl_src_time_finish_seek_locked (GstWsctlSrcTime * self, gboolean done)
{
  const GstWsctlSpan *last = gst_wsctl_timeline_get_last (&self->timeline);
  gint64 now_ns = gst_wsctl_src_time_get_now_locked (self);
  gint64 media_ns = done ? get_target_locked (self)
      : gst_wsctl_span_get_media (last, now_ns);

  self->seeking = FALSE;
  self->n_unanswered = 0;
  self->landing_ns = now_ns;
  gst_wsctl_timeline_add (&self->timeline, now_ns, media_ns, self->rate,
      last->offset_ns);
}

void
gst_wsctl_src_time_send_command (GstWsctlSrcTime * self, const gchar * type,
    const gchar * member, GVariant * value)
{
  g_autoptr (GstWsctlBin) bin = g_weak_ref_get (&self->bin);
  g_autoptr (GstWsctlController) controller = NULL;
  GVariantDict params;

  g_variant_dict_init (&params, NULL);
  if (member != NULL)
    g_variant_dict_insert_value (&params, member, value);
  if (bin != NULL)
    controller = gst_wsctl_bin_get_controller (bin);
  if (controller != NULL)
    gst_wsctl_controller_send (controller, type, g_variant_dict_end (&params));
  else
    g_variant_dict_clear (&params);
}

/* 1 leaves it to the server, who then may catch up with the live edge. */
static void
send_rate (GstWsctlSrcTime * self)
{
  gdouble rate;
  gboolean changed;

  g_mutex_lock (&self->lock);
  rate = self->rate;
  changed = rate != self->sent_rate;
  self->sent_rate = rate;
  g_mutex_unlock (&self->lock);

  if (changed)
    gst_wsctl_src_time_send_command (self, "set_speed", "play_rate", rate == 1.0
        ? g_variant_new_string ("auto") : g_variant_new_double (rate));
}

void
gst_wsctl_src_time_send_seek (GstWsctlSrcTime * self)
{
  gboolean pending;
  gint64 target_ns, origin_ns;

  g_mutex_lock (&self->lock);
  pending = self->pending;
  origin_ns = self->origin_ns;
  if (pending) {
    self->pending = FALSE;
    self->n_unanswered++;
    self->sent_us = g_get_monotonic_time ();
  }
  target_ns = self->target_ns;
  g_mutex_unlock (&self->lock);
  if (!pending)
    return;

  send_rate (self);
  gst_wsctl_src_time_send_command (self, "seek", "seek_time", target_ns == LIVE
      ? g_variant_new_string ("live")
      : g_variant_new_int64 ((target_ns + MAX (origin_ns, 0))
          / GST_MSECOND));
}

/* FALSE for one that cannot be had here */
static gboolean
read_seek (GstWsctlSrcTime * self, GstEvent * event, gdouble * rate,
    gint64 * target_ns)
{
  GstFormat format;
  GstSeekFlags flags;
  GstSeekType type, stop_type;
  gint64 start, stop, end_ns;
  gboolean told;

  gst_event_parse_seek (event, rate, &format, &flags, &type, &start,
      &stop_type, &stop);
  if (*rate <= 0 || (flags & (GST_SEEK_FLAG_SEGMENT
              | GST_SEEK_FLAG_INSTANT_RATE_CHANGE)) != 0)
    return FALSE;

  g_mutex_lock (&self->lock);
  told = self->told;
  end_ns = get_end_locked (self);
  *target_ns = gst_wsctl_src_time_get_position_locked (self);
  g_mutex_unlock (&self->lock);
  if (type == GST_SEEK_TYPE_NONE)
    return told;
  if (!told || format != GST_FORMAT_TIME)
    return FALSE;

  *target_ns = type == GST_SEEK_TYPE_END ? end_ns + start : start;
  if (*target_ns >= end_ns && *rate >= 1.0)
    *target_ns = LIVE;
  else
    *target_ns = CLAMP (*target_ns, 0, end_ns);

  return TRUE;
}

static GList *
ref_pads (GstWsctlSrcTime * self, GList ** gates)
{
  GList *pads = NULL;
  GList *item;

  g_mutex_lock (&self->lock);
  *gates = g_list_copy (self->gates);
  for (item = self->gates; item != NULL; item = item->next)
    pads = g_list_prepend (pads, gst_wsctl_gate_ref_pad (item->data));
  g_mutex_unlock (&self->lock);

  return pads;
}

/* TRUE: to be sent now, when nothing of the old place is left downstream.
 * @place: where one is said to be until then */
static gboolean
begin_seek (GstWsctlSrcTime * self, guint32 seqnum, gdouble rate,
    gint64 target_ns, GstWsctlSpan * place)
{
  const GstWsctlSpan *last;
  gboolean playing;

  g_mutex_lock (&self->lock);
  playing = self->clock != NULL && !self->paused;
  self->seek_id++;
  self->seqnum = seqnum;
  self->rate = rate;
  self->target_ns = target_ns;
  self->live = FALSE;           /* until the server says so */
  self->seeking = TRUE;
  self->pending = TRUE;

  last = gst_wsctl_timeline_get_last (&self->timeline);
  place->id = 0;
  place->from_ns = gst_wsctl_src_time_get_now_locked (self);
  place->media_ns = get_target_locked (self);
  place->rate = rate;
  place->offset_ns = self->paused ? self->held_outer_ns - place->from_ns
      : last->offset_ns;
  g_mutex_unlock (&self->lock);

  return playing;
}

static gboolean
seek (GstWsctlSrcTime * self, guint32 seqnum, gboolean flush, gdouble rate,
    gint64 target_ns)
{
  GList *gates = NULL;
  GList *pads = ref_pads (self, &gates);
  GstWsctlSpan place;
  gboolean playing = begin_seek (self, seqnum, rate, target_ns, &place);
  GList *item;

  GST_INFO ("seek %" GST_TIME_FORMAT " at %g, %s",
      GST_TIME_ARGS (target_ns == LIVE ? GST_CLOCK_TIME_NONE : target_ns), rate,
      playing ? "now" : "later");
  for (item = gates; item != NULL && flush; item = item->next)
    gst_wsctl_gate_start_flush (item->data, seqnum);
  for (item = gates; item != NULL && flush; item = item->next)
    gst_wsctl_gate_stop_flush (item->data, seqnum);
  for (item = gates; item != NULL && flush; item = item->next)
    gst_wsctl_gate_begin_place (item->data, seqnum, &place);
  /* Not before: what lands while others are flushed is not in step with them. */
  if (playing)
    gst_wsctl_src_time_send_seek (self);
  g_list_free (gates);
  g_list_free_full (pads, gst_object_unref);

  return TRUE;
}

gboolean
gst_wsctl_src_time_seek (GstWsctlSrcTime * self, GstEvent * event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  GstSeekFlags flags;
  gdouble rate;
  gint64 target_ns;
  gboolean done;

  GST_DEBUG_CATEGORY_INIT (wsctlsrcseek_debug, "wsctlsrcseek", 0,
      "WebRTC WebSocket control: seeks of wsctlsrc");

  g_mutex_lock (&self->seek_lock);
  gst_event_parse_seek (event, NULL, NULL, &flags, NULL, NULL, NULL, NULL);
  /* A pipeline sends it to each of its sinks, and so once by each pad. */
  done = self->seek_id > 0 && self->seqnum == seqnum;
  if (!done && read_seek (self, event, &rate, &target_ns))
    done = seek (self, seqnum, (flags & GST_SEEK_FLAG_FLUSH) != 0, rate,
        target_ns);
  g_mutex_unlock (&self->seek_lock);
  gst_event_unref (event);

  return done;
}

gboolean
gst_wsctl_src_time_go_live (GstWsctlSrcTime * self)
{
  return gst_wsctl_src_time_seek (self, gst_event_new_seek (1.0,
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_END, 0,
          GST_SEEK_TYPE_NONE, -1));
}

static gboolean
answer_seeking (GstWsctlSrcTime * self, GstQuery * query)
{
  GstFormat format;
  gint64 begin_ns, end_ns;
  gboolean told;

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  if (format != GST_FORMAT_TIME)
    return FALSE;

  g_mutex_lock (&self->lock);
  told = self->told;
  begin_ns = self->begin_ns;
  end_ns = get_end_locked (self);
  g_mutex_unlock (&self->lock);
  if (told)
    gst_query_set_seeking (query, format, TRUE, begin_ns, end_ns);
  else
    gst_query_set_seeking (query, format, FALSE, 0, -1);

  return TRUE;
}

gboolean
gst_wsctl_src_time_query (GstWsctlSrcTime * self, GstQuery * query)
{
  GstFormat format;
  gint64 position_ns, end_ns;
  gboolean told;

  if (GST_QUERY_TYPE (query) == GST_QUERY_SEEKING)
    return answer_seeking (self, query);
  if (GST_QUERY_TYPE (query) != GST_QUERY_POSITION
      && GST_QUERY_TYPE (query) != GST_QUERY_DURATION)
    return FALSE;

  g_mutex_lock (&self->lock);
  told = self->told;
  position_ns = gst_wsctl_src_time_get_position_locked (self);
  end_ns = get_end_locked (self);
  g_mutex_unlock (&self->lock);

  if (GST_QUERY_TYPE (query) == GST_QUERY_POSITION) {
    gst_query_parse_position (query, &format, NULL);
    if (told && format == GST_FORMAT_TIME)
      gst_query_set_position (query, format, MIN (position_ns, end_ns));
  } else {
    gst_query_parse_duration (query, &format, NULL);
    if (told && format == GST_FORMAT_TIME)
      gst_query_set_duration (query, format, end_ns);
  }

  return told && format == GST_FORMAT_TIME;
}
