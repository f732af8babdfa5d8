/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A server goes to another place in this way: it sends the key frame in front
 * of it and all up to it at once, and from there on at the stream's own pace.
 * Nothing in the packets tells one place from the other. What does is the time
 * at which the server said that it was there, and how closely the pictures in
 * front of the new place follow each other.
 */

#include "gstwsctlgate.h"

#include "gstwsctlforms.h"
#include "gstwsctlpackettimes.h"

GST_DEBUG_CATEGORY_STATIC (wsctlgate_debug);
#define GST_CAT_DEFAULT wsctlgate_debug

/* RTP does not tell key frames: so much of it is kept to decode from. */
#define KEPT_RTP_NS (100 * GST_MSECOND)
#define MAX_KEPT 4096
#define MAX_LEAD_US ((gint64) (10 * G_USEC_PER_SEC))
#define SET_BACK_NS (200 * GST_MSECOND)
/* A segment may be so wrong. */
#define MAX_ERROR_NS ((gint64) (30 * GST_MSECOND))
/* The smallest step between two times that a file can hold */
#define MIN_STEP_NS ((gint64) GST_MSECOND)

struct _GstWsctlGate
{
  GstGhostPad *pad;             /* owns us */
  GstWsctlMediaKind kind;
  GstWsctlSrcTime *time;
  GstWsctlFlows *flows;
  gint flushing;                /* atomic */
  gint ended;                   /* atomic: nothing comes any more */
  gint lead_us;                 /* atomic: of buffers to the clock */
  gint expecting;               /* atomic: a key frame */
  gint64 expecting_after_ns;    /* … later than this; set before */

  /* The streaming thread, or who has stopped it by flushing */
  GstWsctlForm form;
  guint seek_id;                /* that has been landed from */
  guint span_id;                /* of the segment sent; 0: send one */
  gint64 span_from_ns;          /* of the same */
  gboolean discont;             /* of the next buffer */
  gint64 pushed_ns;             /* time of the last buffer */
  GQueue kept;                  /* until it is known where to land */
  gint64 candidate_ns;          /* the newest in it, to land on; -1: none */
};

static void
clear_kept (GstWsctlGate * self)
{
  g_queue_clear_full (&self->kept, (GDestroyNotify) gst_buffer_unref);
  self->candidate_ns = -1;
}

static gboolean
is_too_old (GstWsctlGate * self, GstBuffer * buffer, GstBuffer * newest)
{
  return self->form == GST_WSCTL_FORM_RAW || self->kept.length >= MAX_KEPT
      || (self->form == GST_WSCTL_FORM_RTP
      && GST_BUFFER_PTS (buffer) + KEPT_RTP_NS < GST_BUFFER_PTS (newest));
}

/* What may be needed to decode from: takes the buffer. */
static void
keep (GstWsctlGate * self, GstBuffer * buffer)
{
  GstBuffer *oldest;

  if (self->form == GST_WSCTL_FORM_ENCODED
      && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    clear_kept (self);

  while ((oldest = g_queue_peek_head (&self->kept)) != NULL
      && is_too_old (self, oldest, buffer))
    gst_buffer_unref (g_queue_pop_head (&self->kept));
  g_queue_push_tail (&self->kept, buffer);
}

static void
push_segment (GstWsctlGate * self, const GstWsctlSpan * span, gint64 start_ns,
    guint32 seqnum)
{
  GstSegment segment;
  GstEvent *event;

  gst_wsctl_span_get_segment (span, start_ns, &segment);
  GST_INFO_OBJECT (self->pad, "segment %u: %" GST_SEGMENT_FORMAT, span->id,
      &segment);
  event = gst_event_new_segment (&segment);
  if (seqnum != GST_SEQNUM_INVALID)
    gst_event_set_seqnum (event, seqnum);
  gst_pad_push_event (GST_PAD (self->pad), event);
}

static void
look_at (GstWsctlGate * self, gint64 time_ns, GstWsctlLook * look)
{
  gint64 lead_us = g_atomic_int_get (&self->lead_us);

  gst_wsctl_src_time_look (self->time, time_ns, lead_us * 1000, look);
}

static gboolean
needs_segment (GstWsctlGate * self, const GstWsctlLook * look)
{
  return self->span_id != look->span.id
      || ABS (self->span_from_ns - look->span.from_ns) > MAX_ERROR_NS;
}

static void
send_segment (GstWsctlGate * self, const GstWsctlLook * look, gint64 start_ns)
{
  self->span_id = look->span.id;
  self->span_from_ns = look->span.from_ns;
  push_segment (self, &look->span, start_ns, look->seqnum);
}

/* A jitter buffer that learns more of the sender's clock steps back by some ms.
 * A muxer needs times that go on; encoded audio is never reordered. */
static GstBuffer *
keep_order (GstWsctlGate * self, GstBuffer * buffer)
{
  if (self->kind != GST_WSCTL_MEDIA_KIND_AUDIO
      || self->form != GST_WSCTL_FORM_ENCODED
      || !GST_BUFFER_PTS_IS_VALID (buffer))
    return buffer;

  if ((gint64) GST_BUFFER_PTS (buffer) < self->pushed_ns + MIN_STEP_NS) {
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_PTS (buffer) = self->pushed_ns + MIN_STEP_NS;
    GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  }
  self->pushed_ns = GST_BUFFER_PTS (buffer);

  return buffer;
}

/* Whoever is linked here may be stopped, and we may flush, where an event that
 * is late is an error: for webrtcbin nothing has happened then. */
static GstFlowReturn
push (GstWsctlGate * self, GstBuffer * buffer)
{
  GstFlowReturn ret;

  buffer = keep_order (self, buffer);
  if (self->discont) {
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    self->discont = FALSE;
  }

  ret = gst_pad_push (GST_PAD (self->pad), buffer);

  if (g_atomic_int_get (&self->flushing) || (ret == GST_FLOW_FLUSHING
          && GST_PAD_IS_ACTIVE (self->pad)))
    return GST_FLOW_OK;

  return gst_wsctl_flows_update (self->flows, GST_PAD (self->pad), ret);
}

static GstBuffer *
note_capture_time (GstWsctlGate * self, GstBuffer * buffer,
    const GstWsctlLook * look)
{
  static GstStaticCaps unix_caps = GST_STATIC_CAPS ("timestamp/x-unix");
  g_autoptr (GstCaps) caps = NULL;
  gint64 media_ns;

  if (look->unix_offset_ns < 0)
    return buffer;

  caps = gst_static_caps_get (&unix_caps);
  media_ns = gst_wsctl_span_get_media (&look->span, GST_BUFFER_PTS (buffer));
  gst_wsctl_src_time_note_capture (self->time, media_ns + look->unix_offset_ns);
  buffer = gst_buffer_make_writable (buffer);
  gst_buffer_add_reference_timestamp_meta (buffer, caps,
      media_ns + look->unix_offset_ns, GST_CLOCK_TIME_NONE);

  return buffer;
}

static GstFlowReturn
pass (GstWsctlGate * self, GstBuffer * buffer, const GstWsctlLook * look)
{
  if (needs_segment (self, look))
    send_segment (self, look, GST_BUFFER_PTS (buffer));

  return push (self, note_capture_time (self, buffer, look));
}

/* So far in front of the segment that it is clipped, whatever its length is
 * taken for. */
static GstBuffer *
set_back (GstBuffer * buffer, gint64 start_ns)
{
  if ((gint64) GST_BUFFER_PTS (buffer) >= start_ns)
    return buffer;

  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) -= MIN (GST_BUFFER_PTS (buffer), SET_BACK_NS);
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;

  return buffer;
}

/* The segment begins at the new place: what is kept in front of it is decoded
 * and not shown. */
static GstFlowReturn
land (GstWsctlGate * self, const GstWsctlLook * look, gint64 start_ns)
{
  GstFlowReturn ret = GST_FLOW_OK;
  GstBuffer *buffer;

  GST_INFO_OBJECT (self->pad, "seek %u lands, with %u buffers kept",
      look->seek_id, self->kept.length);
  self->seek_id = look->seek_id;
  self->discont = TRUE;
  g_atomic_int_set (&self->expecting, FALSE);
  send_segment (self, look, start_ns);
  while ((buffer = g_queue_pop_head (&self->kept)) != NULL) {
    if (ret == GST_FLOW_OK)
      ret = push (self, set_back (note_capture_time (self, buffer, look),
              start_ns));
    else
      gst_buffer_unref (buffer);
  }
  self->candidate_ns = -1;

  return ret;
}

static gboolean
is_before_landing (GstWsctlGate * self, gint64 time_ns,
    const GstWsctlLook * look)
{
  return look->seek_id != self->seek_id
      && (look->seeking || g_atomic_int_get (&self->flushing)
      || time_ns < look->landing_ns);
}

/* While on the way to another place */
static GstFlowReturn
approach (GstWsctlGate * self, GstBuffer * buffer, const GstWsctlLook * look)
{
  gint64 time_ns = GST_BUFFER_PTS (buffer);
  gboolean old = is_before_landing (self, time_ns, look);
  GstFlowReturn ret;

  if (self->kind != GST_WSCTL_MEDIA_KIND_VIDEO
      || (old && self->form == GST_WSCTL_FORM_RAW)) {
    if (old) {
      gst_buffer_unref (buffer);
      return GST_FLOW_OK;
    }
    if (self->kind != GST_WSCTL_MEDIA_KIND_VIDEO) {
      land (self, look, time_ns);
      return pass (self, buffer, look);
    }
  }

  if (old || self->candidate_ns < 0
      || time_ns - self->candidate_ns < (gint64) GST_WSCTL_HURRY_NS) {
    keep (self, buffer);
    self->candidate_ns = old ? -1 : time_ns;
    return GST_FLOW_OK;
  }

  ret = land (self, look, self->candidate_ns);
  if (ret == GST_FLOW_OK)
    return pass (self, buffer, look);
  gst_buffer_unref (buffer);

  return ret;
}

/* What a picture is that comes while a key frame is expected. From a place in
 * its buffer a server goes back for that, and sends all up to that place once
 * more. At the edge it has none to go back to; and the first thing that is ever
 * shown may be what comes in a hurry. */
static gboolean
is_repeated (GstWsctlGate * self, GstBuffer * buffer, const GstWsctlLook * look)
{
  gboolean delta = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);

  if (!g_atomic_int_get (&self->expecting)
      || (gint64) GST_BUFFER_PTS (buffer) <= self->expecting_after_ns
      || (self->form == GST_WSCTL_FORM_ENCODED && delta
          && self->candidate_ns < 0))
    return FALSE;

  if (self->span_id != 0 && !look->live)
    return TRUE;

  g_atomic_int_set (&self->expecting, FALSE);

  return FALSE;
}

static GstFlowReturn
take_buffer (GstPad * internal, GstObject * parent, GstBuffer * buffer)
{
  GstWsctlGate *self = internal->chaindata;
  GstWsctlLook look;

  if (!GST_BUFFER_PTS_IS_VALID (buffer))
    return push (self, buffer);

  look_at (self, GST_BUFFER_PTS (buffer), &look);

  if (look.seek_id != self->seek_id || is_repeated (self, buffer, &look))
    return approach (self, buffer, &look);

  return pass (self, buffer, &look);
}

static GstFlowReturn
take_list (GstPad * internal, GstObject * parent, GstBufferList * list)
{
  GstFlowReturn ret = GST_FLOW_OK;
  guint i;

  for (i = 0; i < gst_buffer_list_length (list) && ret == GST_FLOW_OK; i++)
    ret = take_buffer (internal, parent,
        gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_buffer_list_unref (list);

  return ret;
}

/* Nothing more comes that could tell: what is there is it. */
static void
land_early (GstWsctlGate * self)
{
  GstWsctlLook look;

  if (self->candidate_ns < 0) {
    clear_kept (self);
    return;
  }

  look_at (self, self->candidate_ns, &look);
  land (self, &look, self->candidate_ns);
}

/* FALSE when it is not for those downstream. */
static gboolean
take_gap (GstWsctlGate * self, GstEvent * event)
{
  GstWsctlLook look;
  GstClockTime time;

  gst_event_parse_gap (event, &time, NULL);
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return FALSE;

  look_at (self, time, &look);
  if (look.seek_id != self->seek_id)
    return FALSE;
  if (needs_segment (self, &look))
    send_segment (self, &look, time);

  return TRUE;
}

static void
set_caps (GstWsctlGate * self, GstEvent * event)
{
  GstCaps *caps;

  land_early (self);
  gst_event_parse_caps (event, &caps);
  self->form = gst_wsctl_form_of_caps (caps);
}

static void
begin (GstWsctlGate * self)
{
  GstWsctlLook look;

  if (self->span_id != 0)
    return;

  look_at (self, 0, &look);
  send_segment (self, &look, look.span.from_ns);
}

/* Segments are ours to make, and which stream it is, the pad has said. */
static gboolean
take_event (GstPad * internal, GstObject * parent, GstEvent * event)
{
  GstWsctlGate *self = internal->eventdata;
  gboolean wanted = TRUE;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_SEGMENT:
      wanted = FALSE;
      break;
    case GST_EVENT_GAP:
      wanted = take_gap (self, event);
      break;
    case GST_EVENT_CAPS:
      set_caps (self, event);
      break;
    case GST_EVENT_EOS:
      land_early (self);
      begin (self);
      break;
    default:
      break;
  }

  /* One that comes into a flush is made up for when that is over. */
  if (wanted)
    return gst_pad_push_event (GST_PAD (self->pad), event)
        || g_atomic_int_get (&self->flushing);
  gst_event_unref (event);

  return TRUE;
}

/* Decoders inside count by inner time. */
static GstEvent *
translate_qos (GstWsctlGate * self, GstEvent * event)
{
  GstQOSType type;
  gdouble proportion;
  GstClockTimeDiff diff;
  GstClockTime time;
  GstWsctlLook look;

  gst_event_parse_qos (event, &type, &proportion, &diff, &time);
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return event;

  gst_wsctl_src_time_look (self->time, G_MAXINT64, 0, &look);
  gst_event_unref (event);

  return gst_event_new_qos (type, proportion, diff,
      MAX ((gint64) time - look.span.offset_ns, 0));
}

static gboolean
take_upstream_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstWsctlGate *self = pad->eventdata;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEEK:
      return gst_wsctl_src_time_seek (self->time, event);
    case GST_EVENT_QOS:
      event = translate_qos (self, event);
      break;
    default:
      break;
  }

  return gst_pad_event_default (pad, parent, event);
}

static gboolean
take_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstWsctlGate *self = pad->querydata;

  return gst_wsctl_src_time_query (self->time, query)
      || gst_pad_query_default (pad, parent, query);
}

GstWsctlGate *
gst_wsctl_gate_new (GstGhostPad * pad, GstWsctlMediaKind kind,
    GstWsctlSrcTime * time, GstWsctlFlows * flows)
{
  GstWsctlGate *self = g_new0 (GstWsctlGate, 1);
  g_autoptr (GstProxyPad) internal =
      gst_proxy_pad_get_internal (GST_PROXY_PAD (pad));
  GstWsctlLook look;

  GST_DEBUG_CATEGORY_INIT (wsctlgate_debug, "wsctlgate", 0,
      "WebRTC WebSocket control: last step of an output");

  self->pad = pad;
  self->kind = kind;
  self->time = gst_wsctl_src_time_ref (time);
  self->flows = gst_wsctl_flows_ref (flows);
  self->candidate_ns = -1;
  self->pushed_ns = -MIN_STEP_NS;
  g_queue_init (&self->kept);
  gst_wsctl_src_time_look (time, 0, 0, &look);
  self->seek_id = look.seeking ? 0 : look.seek_id;
  gst_pad_set_chain_function_full (GST_PAD (internal), take_buffer, self, NULL);
  gst_pad_set_chain_list_function_full (GST_PAD (internal), take_list, self,
      NULL);
  gst_pad_set_event_function_full (GST_PAD (internal), take_event, self, NULL);
  gst_pad_set_event_function_full (GST_PAD (pad), take_upstream_event, self,
      NULL);
  gst_pad_set_query_function_full (GST_PAD (pad), take_query, self, NULL);
  gst_wsctl_src_time_add_gate (time, self);

  return self;
}

void
gst_wsctl_gate_free (GstWsctlGate * self)
{
  gst_wsctl_src_time_remove_gate (self->time, self);
  clear_kept (self);
  gst_wsctl_src_time_unref (self->time);
  gst_wsctl_flows_unref (self->flows);
  g_free (self);
}

void
gst_wsctl_gate_restart (GstWsctlGate * self)
{
  clear_kept (self);
  g_atomic_int_set (&self->expecting, FALSE);
  self->span_id = 0;
  self->discont = TRUE;
}

GstPad *
gst_wsctl_gate_ref_pad (GstWsctlGate * self)
{
  return gst_object_ref (GST_PAD (self->pad));
}

void
gst_wsctl_gate_set_lead (GstWsctlGate * self, gint64 lead_ns)
{
  g_atomic_int_set (&self->lead_us, (gint) CLAMP (lead_ns / 1000, -MAX_LEAD_US,
          MAX_LEAD_US));
}

void
gst_wsctl_gate_expect_key_frame (GstWsctlGate * self, gint64 last_ns)
{
  if (self->kind != GST_WSCTL_MEDIA_KIND_VIDEO
      || gst_wsctl_gate_is_expecting (self))
    return;

  self->expecting_after_ns = last_ns;
  g_atomic_int_set (&self->expecting, TRUE);
}

gboolean
gst_wsctl_gate_is_expecting (GstWsctlGate * self)
{
  return g_atomic_int_get (&self->expecting);
}

void
gst_wsctl_gate_start_flush (GstWsctlGate * self, guint32 seqnum)
{
  GstEvent *event = gst_event_new_flush_start ();

  gst_event_set_seqnum (event, seqnum);
  g_atomic_int_set (&self->flushing, TRUE);
  gst_pad_push_event (GST_PAD (self->pad), event);
}

/* A decoder bin needs something between caps and EOS to expose a pad for. */
static void
push_end (GstWsctlGate * self)
{
  GstPad *pad = GST_PAD (self->pad);

  if (gst_pad_has_current_caps (pad))
    gst_pad_push_event (pad, gst_event_new_gap (MAX (self->span_from_ns, 0),
            GST_CLOCK_TIME_NONE));
  gst_pad_push_event (pad, gst_event_new_eos ());
}

void
gst_wsctl_gate_end (GstWsctlGate * self)
{
  g_autoptr (GstProxyPad) internal =
      gst_proxy_pad_get_internal (GST_PROXY_PAD (self->pad));

  GST_PAD_STREAM_LOCK (internal);
  begin (self);
  GST_PAD_STREAM_UNLOCK (internal);
  g_atomic_int_set (&self->ended, TRUE);
  push_end (self);
}

void
gst_wsctl_gate_reopen (GstWsctlGate * self)
{
  guint32 seqnum = gst_util_seqnum_next ();

  g_atomic_int_set (&self->ended, FALSE);
  gst_wsctl_gate_start_flush (self, seqnum);
  gst_wsctl_gate_stop_flush (self, seqnum);
  g_atomic_int_set (&self->flushing, FALSE);
}

static gboolean
repeat_event (GstPad * internal, GstEvent ** event, gpointer data)
{
  GstWsctlGate *self = data;

  if (GST_EVENT_TYPE (*event) != GST_EVENT_STREAM_START
      && GST_EVENT_TYPE (*event) != GST_EVENT_SEGMENT
      && GST_EVENT_TYPE (*event) != GST_EVENT_EOS)
    gst_pad_push_event (GST_PAD (self->pad), gst_event_ref (*event));

  return TRUE;
}

/* The pipeline's time goes on: it is not reset, so that nothing has to be told
 * to webrtcbin. */
void
gst_wsctl_gate_stop_flush (GstWsctlGate * self, guint32 seqnum)
{
  g_autoptr (GstProxyPad) internal =
      gst_proxy_pad_get_internal (GST_PROXY_PAD (self->pad));
  GstEvent *event = gst_event_new_flush_stop (FALSE);

  gst_event_set_seqnum (event, seqnum);
  GST_PAD_STREAM_LOCK (internal);
  clear_kept (self);
  self->span_id = 0;
  gst_pad_push_event (GST_PAD (self->pad), event);
  GST_PAD_STREAM_UNLOCK (internal);
}

void
gst_wsctl_gate_begin_place (GstWsctlGate * self, guint32 seqnum,
    const GstWsctlSpan * place)
{
  g_autoptr (GstProxyPad) internal =
      gst_proxy_pad_get_internal (GST_PROXY_PAD (self->pad));

  GST_PAD_STREAM_LOCK (internal);
  g_atomic_int_set (&self->flushing, FALSE);
  gst_pad_sticky_events_foreach (GST_PAD (internal), repeat_event, self);
  push_segment (self, place, place->from_ns, seqnum);
  GST_PAD_STREAM_UNLOCK (internal);
  if (g_atomic_int_get (&self->ended))
    push_end (self);
}
