/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   this pad --> clocksync --> (chain) --> webrtcbin, or --> (drain)
 *
 * The chain function of the pad decides about each buffer. What comes from a live
 * source is dropped while there is no session. What is not live waits for the
 * session, and then goes out at the pace of the pipeline's clock.
 *
 * Behind the pad there is one segment for ever, and the PTS of a buffer is the
 * running time at which it is due: webrtcbin takes no other segment once data
 * flow, and its sender reports would tell other times than the packets.
 */

#include "gstwsctlinput.h"

#include <gst/video/video.h>

#include "gstwsctldrain.h"
#include "gstwsctlencoder.h"
#include "gstwsctlforms.h"
#include "gstwsctlframes.h"
#include "gstwsctlkeyframes.h"
#include "gstwsctloffers.h"
#include "gstwsctlsendchain.h"
#include "gstwsctlupstream.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlinput_debug);
#define GST_CAT_DEFAULT wsctlinput_debug

/* Told upstream as OK */
#define GST_WSCTL_FLOW_DROPPED GST_FLOW_CUSTOM_SUCCESS
/* Kept to ourselves */
#define GST_WSCTL_FLOW_ASK_AGAIN GST_FLOW_CUSTOM_SUCCESS_1
/* Elements that are not set up yet answer no latency query. */
#define ASK_INTERVAL_US (50 * G_TIME_SPAN_MILLISECOND)

struct _GstWsctlInput
{
  GstGhostPad parent;

  GstBin *bin;                  /* our parent: it outlives us */
  GstElement *head;             /* clocksync */
  GstWsctlPace *pace;
  GstWsctlMediaKind kind;
  GstWsctlFrames *frames;       /* our own; NULL but for video */
  GstWsctlInputCallbacks callbacks;
  GstWsctlKeyFrames key_frames;

  /* Held while a chain is built or taken away, and while the application sets
   * up what is in it; taken before "lock". */
  GMutex build_lock;

  GMutex lock;
  GstWsctlConnection *session;  /* lock: to build for, or NULL */
  gboolean connected;           /* lock: media can flow */
  GstCaps *caps;                /* lock: of what comes in */
  GstElement *chain;            /* lock; build_lock to change it */
  GstCaps *chain_caps;          /* build_lock: what it was built for */
  gchar *warning;               /* lock: the last one */
  GstCaps *rtp;                 /* lock: agreed */
  GstWsctlInputEncoding encoding;       /* lock */

  GCond changed;                /* lock: of what hold() waits for */
  gboolean playing;             /* lock */
  gboolean flushing;            /* lock: or not active */
  gboolean over;                /* lock: no session follows */
  gboolean ending;              /* lock: the application has ended it */
  GstWsctlInputFlow flow;       /* lock */

  gint open;                    /* atomic; lock to set it: data passes */
  gint waits_for_key;           /* atomic: encoded input, nothing sent yet */
  gint eos;                     /* atomic */

  /* Streaming thread */
  GstSegment segment;
  gboolean stream_known;        /* "live" is of this stream */
  gboolean live;
  gboolean untimed;             /* said that timestamps are missing */
  gboolean drained;             /* the chain has had the end of a stream */
};

G_DEFINE_FINAL_TYPE (GstWsctlInput, gst_wsctl_input, GST_TYPE_GHOST_PAD);

/* Transfer full, or NULL */
static GstElement *
get_chain (GstWsctlInput * self)
{
  GstElement *chain;

  g_mutex_lock (&self->lock);
  chain = self->chain != NULL ? gst_object_ref (self->chain) : NULL;
  g_mutex_unlock (&self->lock);

  return chain;
}

/* The way that the network's own demands come: past the limit of the chain. */
static void
request_key_frame (GstWsctlInput * self)
{
  g_autoptr (GstElement) chain = get_chain (self);
  g_autoptr (GstPad) src = NULL;

  if (chain == NULL || self->kind != GST_WSCTL_MEDIA_KIND_VIDEO)
    return;

  src = gst_element_get_static_pad (chain, "src");
  gst_pad_send_event (src,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static gboolean
on_set_up_encoder (GstElement * encoder, gpointer data)
{
  GstWsctlInput *self = data;

  return self->callbacks.set_up_encoder (self, encoder, self->bin);
}

static gboolean
on_set_up_payloader (GstElement * payloader, gpointer data)
{
  GstWsctlInput *self = data;

  return self->callbacks.set_up_payloader (self, payloader, self->bin);
}

static gboolean
on_key_frame (gpointer data)
{
  GstWsctlInput *self = data;

  return gst_wsctl_key_frames_demand (&self->key_frames,
      g_get_monotonic_time ());
}

/* May sending begin with this frame? What nobody could decode is not worth the
 * bandwidth. */
static gboolean
may_begin (GstWsctlInput * self, gboolean key)
{
  if (key)
    g_atomic_int_set (&self->waits_for_key, FALSE);

  return !g_atomic_int_get (&self->waits_for_key);
}

static gboolean
on_frame (GstBuffer * frame, gpointer data)
{
  GstWsctlInput *self = data;
  gboolean key = !GST_BUFFER_FLAG_IS_SET (frame, GST_BUFFER_FLAG_DELTA_UNIT);

  g_mutex_lock (&self->lock);
  self->flow.n_frames++;
  g_mutex_unlock (&self->lock);
  if (!may_begin (self, key))
    return FALSE;

  if (self->frames != NULL)
    gst_wsctl_frames_note (self->frames, g_get_monotonic_time (), key);
  if (key)
    gst_wsctl_key_frames_note (&self->key_frames, g_get_monotonic_time ());

  return TRUE;
}

static void
on_chain_error (const GError * error, gpointer data)
{
  GstWsctlInput *self = data;

  self->callbacks.error (self, error, self->bin);
}

/* Each session has a chain of its own: what is no news is not said again. */
static void
on_chain_warning (const gchar * text, gpointer data)
{
  GstWsctlInput *self = data;
  gboolean news;

  g_mutex_lock (&self->lock);
  news = g_strcmp0 (self->warning, text) != 0;
  if (news) {
    g_free (self->warning);
    self->warning = g_strdup (text);
  }
  g_mutex_unlock (&self->lock);

  if (news)
    GST_ELEMENT_WARNING (self->bin, STREAM, FORMAT, ("%s.", text), (NULL));
}

static const GstWsctlSendChainCallbacks chain_callbacks = {
  on_set_up_encoder, on_set_up_payloader, on_key_frame, on_frame,
  on_chain_error, on_chain_warning
};

/* webrtcbin's pad for us. Transfer full, or NULL */
static GstPad *
get_target (GstWsctlInput * self, GstWsctlConnection * session)
{
  return gst_wsctl_connection_get_sink_pad (session, self->kind);
}

/* On its way to webrtcbin. A stream that ends or is flushed is followed by
 * another one in the same session. */
static GstPadProbeReturn
on_output (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlInput *self = data;
  GstEvent *event;

  if (info->type & (GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST)) {
    g_mutex_lock (&self->lock);
    self->flow.n_sent++;
    g_mutex_unlock (&self->lock);
    return GST_PAD_PROBE_OK;
  }

  event = GST_PAD_PROBE_INFO_EVENT (info);

  return GST_EVENT_TYPE (event) == GST_EVENT_EOS
      || GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START
      || GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP
      ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static gboolean
link_chain (GstWsctlInput * self, GstWsctlConnection * session,
    GstElement * chain)
{
  g_autoptr (GstPad) sink = get_target (self, session);
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  if (sink == NULL || gst_pad_link (src, sink) != GST_PAD_LINK_OK)
    return FALSE;

  /* The pace is ours to keep. */
  gst_wsctl_connection_set_live (sink, TRUE);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
      | GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_output, self, NULL);
  gst_element_sync_state_with_parent (chain);
  gst_wsctl_drain_unlink (self->head);

  return gst_element_link_pads (self->head, "src", chain, "sink");
}

/* Whoever sends into it gets out of it first. */
static void
drop_chain (GstWsctlInput * self, GstElement * chain)
{
  gst_element_unlink (self->head, chain);
  gst_wsctl_drain_link (self->head);
  gst_element_set_locked_state (chain, TRUE);
  gst_element_set_state (chain, GST_STATE_NULL);
  gst_bin_remove (self->bin, chain);
}

/* With build_lock held */
static void
clear_chain (GstWsctlInput * self)
{
  GstElement *chain;

  g_mutex_lock (&self->lock);
  chain = g_steal_pointer (&self->chain);
  g_atomic_int_set (&self->open, FALSE);
  g_mutex_unlock (&self->lock);

  gst_clear_caps (&self->chain_caps);
  if (chain != NULL)
    drop_chain (self, chain);
}

/* With the lock held. webrtcbin would block what comes before DTLS is up, and
 * upstream with it. */
static void
open_when_built_locked (GstWsctlInput * self)
{
  if (self->session == NULL || !self->connected || self->chain == NULL)
    return;

  g_atomic_int_set (&self->waits_for_key,
      gst_wsctl_form_of_caps (self->caps) != GST_WSCTL_FORM_RAW
      && self->kind == GST_WSCTL_MEDIA_KIND_VIDEO);
  g_atomic_int_set (&self->open, TRUE);
  g_cond_broadcast (&self->changed);
}

/* What a chain is built from; all transfer full */
typedef struct
{
  GstWsctlConnection *session;
  GstCaps *caps;
  GstCaps *rtp;
  GstWsctlInputEncoding encoding;
} Plan;

static void
clear_plan (Plan * plan)
{
  g_clear_object (&plan->session);
  gst_clear_caps (&plan->caps);
  gst_clear_caps (&plan->rtp);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, clear_plan);

/* FALSE while not all is known. */
static gboolean
make_plan (GstWsctlInput * self, Plan * plan)
{
  gboolean known;

  g_mutex_lock (&self->lock);
  known = self->session != NULL && self->caps != NULL && self->rtp != NULL;
  if (known) {
    plan->session = g_object_ref (self->session);
    plan->caps = gst_caps_ref (self->caps);
    plan->rtp = gst_caps_ref (self->rtp);
    plan->encoding = self->encoding;
  }
  g_mutex_unlock (&self->lock);

  return known;
}

/* Encoded media of another kind than was agreed cannot be sent. */
/* Is it another codec than the session has? */
static gboolean
is_mismatch (const Plan * plan)
{
  const GstWsctlCodec *codec = gst_wsctl_codec_find_for_caps (plan->caps);

  return gst_wsctl_form_of_caps (plan->caps) != GST_WSCTL_FORM_RAW
      && codec != NULL && codec != gst_wsctl_codec_find_for_caps (plan->rtp);
}

static GstElement *
make_chain (GstWsctlInput * self, const Plan * plan, GError ** error)
{
  g_autofree gchar *obstacle =
      gst_wsctl_offers_explain (self->kind, plan->caps);
  GstElement *chain;

  if (obstacle != NULL) {
    g_set_error_literal (error, GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_UNSUITABLE_MEDIA, obstacle);
    return NULL;
  }

  chain = gst_wsctl_send_chain_new (plan->caps, plan->rtp, &chain_callbacks,
      self, error);
  if (chain == NULL)
    return NULL;

  gst_object_set_name (GST_OBJECT (chain),
      gst_wsctl_media_kind_get_nick (self->kind));
  gst_wsctl_send_chain_set_bitrate (GST_WSCTL_SEND_CHAIN (chain),
      plan->encoding.mitigation, plan->encoding.bitrate_bps);
  gst_bin_add (self->bin, chain);
  if (link_chain (self, plan->session, chain))
    return chain;

  gst_element_set_locked_state (chain, TRUE);
  gst_element_set_state (chain, GST_STATE_NULL);
  gst_bin_remove (self->bin, chain);
  gst_wsctl_drain_link (self->head);
  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
      "the %s that comes in does not fit the codec that was agreed",
      gst_wsctl_media_kind_get_nick (self->kind));

  return NULL;
}

/* With build_lock held: builds when all is known, and anew for media that need
 * another chain. */
static gboolean
build_locked (GstWsctlInput * self, gboolean * mismatch, GError ** error)
{
  g_auto (Plan) plan = { NULL, };
  GstElement *chain;
  gboolean late;

  if (!make_plan (self, &plan))
    return TRUE;

  if (self->chain_caps != NULL
      && gst_wsctl_send_chain_fits (self->chain_caps, plan.caps))
    return TRUE;

  clear_chain (self);
  *mismatch = is_mismatch (&plan);
  if (*mismatch)
    return TRUE;

  chain = make_chain (self, &plan, error);
  if (chain == NULL)
    return FALSE;

  GST_INFO_OBJECT (self, "sends %" GST_PTR_FORMAT " as %" GST_PTR_FORMAT,
      plan.caps, plan.rtp);
  g_mutex_lock (&self->lock);
  late = self->session != plan.session;
  if (!late) {
    self->chain = chain;
    self->chain_caps = gst_caps_ref (plan.caps);
    open_when_built_locked (self);
  }
  g_mutex_unlock (&self->lock);
  if (late)
    drop_chain (self, chain);

  return TRUE;
}

/* An encoder of our own is set while the chain is built; one upstream may be
 * another than before. */
static void
set_upstream (GstElement * bin, gpointer data)
{
  GstWsctlInput *self = data;
  GstWsctlInputEncoding encoding;
  GstWsctlForm form;

  g_mutex_lock (&self->lock);
  encoding = self->encoding;
  form = gst_wsctl_form_of_caps (self->caps);
  g_mutex_unlock (&self->lock);

  if (encoding.bitrate_bps > 0 && (form == GST_WSCTL_FORM_ENCODED
          || form == GST_WSCTL_FORM_RTP))
    gst_wsctl_upstream_set_bitrate (GST_PAD (self), encoding.control_upstream,
        encoding.bitrate_bps);
}

static void
build (GstWsctlInput * self)
{
  g_autoptr (GError) error = NULL;
  gboolean built, mismatch = FALSE;

  g_mutex_lock (&self->build_lock);
  built = build_locked (self, &mismatch, &error);
  g_mutex_unlock (&self->build_lock);

  if (mismatch)
    self->callbacks.mismatch (self, self->bin);
  else if (!built)
    self->callbacks.error (self, error, self->bin);
  else if (g_atomic_int_get (&self->waits_for_key))
    request_key_frame (self);
}

/* With what comes in: at intervals, and again while nothing can go out without
 * one. */
static void
request_key_frame_when_due (GstWsctlInput * self)
{
  if (gst_wsctl_key_frames_is_due (&self->key_frames, g_get_monotonic_time (),
          g_atomic_int_get (&self->waits_for_key)))
    request_key_frame (self);
}

/* The running time of the pipeline, or GST_CLOCK_TIME_NONE without a clock */
static GstClockTime
get_now (GstWsctlInput * self)
{
  return gst_element_get_current_running_time (self->head);
}

/* Asked once for each stream: where it comes from may be another source. */
static gboolean
is_live (GstWsctlInput * self)
{
  if (self->stream_known)
    return self->live;

  self->stream_known = gst_wsctl_upstream_is_live (GST_PAD (self), &self->live);
  if (self->stream_known)
    GST_INFO_OBJECT (self, "the source is %s", self->live ? "live"
        : "not live: it is paced by the clock");
  g_object_set (self->head, "sync", !self->live, NULL);

  return self->live;
}

/* The running time at @position. Before the segment, where what is needed to
 * decode its beginning comes from, it is negative. FALSE where there is none. */
static gboolean
get_time (GstWsctlInput * self, GstClockTime position, gint64 * time_ns)
{
  guint64 time;
  gint sign;

  if (!GST_CLOCK_TIME_IS_VALID (position))
    return FALSE;

  sign = gst_segment_to_running_time_full (&self->segment, GST_FORMAT_TIME,
      position, &time);
  if (sign == 0)
    return FALSE;
  *time_ns = sign > 0 ? (gint64) time : -(gint64) time;

  return TRUE;
}

/* Whatever has no timestamp has come now. */
static gint64
get_arrival (GstWsctlInput * self)
{
  GstClockTime now = get_now (self);

  if (!self->untimed)
    GST_ELEMENT_WARNING (self->bin, STREAM, FORMAT,
        ("The %s that comes in has no timestamps; it is sent with the time "
            "at which it comes.", gst_wsctl_media_kind_get_nick (self->kind)),
        ("set the PTS of buffers, or do-timestamp=true of appsrc"));
  self->untimed = TRUE;

  return GST_CLOCK_TIME_IS_VALID (now) ? (gint64) now : 0;
}

/* The running time of a buffer. FALSE where its segment ends before it or, of raw
 * media, begins behind it. */
static gboolean
find_time (GstWsctlInput * self, GstBuffer * buffer, gint64 * time_ns)
{
  GstClockTime position = GST_BUFFER_PTS_IS_VALID (buffer)
      ? GST_BUFFER_PTS (buffer) : GST_BUFFER_DTS (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (position)) {
    *time_ns = get_arrival (self);
    return TRUE;
  }
  if (!get_time (self, position, time_ns))
    return FALSE;

  return *time_ns >= 0
      || gst_wsctl_form_of_caps (self->caps) != GST_WSCTL_FORM_RAW;
}

/* Waits until the session is open. ASK_AGAIN when it is not known yet whether the
 * source is live; anything but OK else when there is nothing more to wait for. */
static GstFlowReturn
hold (GstWsctlInput * self, gint64 time_ns)
{
  gint64 end_us = self->stream_known ? G_MAXINT64
      : g_get_monotonic_time () + ASK_INTERVAL_US;
  gboolean waits = TRUE;
  GstFlowReturn ret;

  g_mutex_lock (&self->lock);
  if (!self->playing || !g_atomic_int_get (&self->open))
    gst_wsctl_pace_hold (self->pace, time_ns);
  while (!self->flushing && !self->over && !self->ending
      && !(self->playing && g_atomic_int_get (&self->open)) && waits)
    waits = g_cond_wait_until (&self->changed, &self->lock, end_us);
  ret = self->flushing || self->over ? GST_FLOW_FLUSHING
      : self->playing && g_atomic_int_get (&self->open) ? GST_FLOW_OK
      : self->ending ? GST_FLOW_EOS : GST_WSCTL_FLOW_ASK_AGAIN;
  g_mutex_unlock (&self->lock);

  return ret;
}

/* The running time at which it is due */
static gint64
find_due (GstWsctlInput * self, GstClockTime duration, gint64 time_ns)
{
  GstClockTime now = get_now (self);
  gint64 due_ns = time_ns;

  if (GST_CLOCK_TIME_IS_VALID (now))
    due_ns += gst_wsctl_pace_get_offset (self->pace, time_ns,
        GST_CLOCK_TIME_IS_VALID (duration) ? duration : 0, now, self->live);
  g_mutex_lock (&self->lock);
  self->flow.due_ns = due_ns;
  g_mutex_unlock (&self->lock);

  return MAX (due_ns, 0);
}

static void
note_arrival (GstWsctlInput * self, gint64 time_ns)
{
  g_mutex_lock (&self->lock);
  self->flow.n_arrived++;
  if (time_ns != self->flow.time_ns || self->flow.n_arrived == 1) {
    self->flow.time_ns = time_ns;
    self->flow.n_times++;
  }
  g_mutex_unlock (&self->lock);
}

/* What is done with a buffer, or with a list by its first buffer: OK passes it on,
 * with the running time at which it is due, and anything else is what upstream is
 * told, DROPPED that all is well. */
static GstFlowReturn
admit (GstWsctlInput * self, GstBuffer * buffer, gint64 * due_ns)
{
  gboolean live = is_live (self);
  gint64 time_ns = 0;
  gboolean inside = find_time (self, buffer, &time_ns);
  GstFlowReturn ret = GST_FLOW_OK;

  note_arrival (self, time_ns);
  while (!live && (ret = hold (self, time_ns)) == GST_WSCTL_FLOW_ASK_AGAIN)
    live = is_live (self);
  if (live && !g_atomic_int_get (&self->open))
    return GST_WSCTL_FLOW_DROPPED;
  if (!live && ret != GST_FLOW_OK)
    return ret;
  self->stream_known = TRUE;
  if (!inside)
    return GST_WSCTL_FLOW_DROPPED;

  request_key_frame_when_due (self);
  *due_ns = find_due (self, GST_BUFFER_DURATION (buffer), time_ns);

  return GST_FLOW_OK;
}

/* Others may have the same buffer, but not its times. */
static GstBuffer *
set_time (GstBuffer * buffer, gint64 due_ns)
{
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = due_ns;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;

  return buffer;
}

typedef struct
{
  GstClockTime first;           /* PTS of the first one */
  gint64 due_ns;                /* of the same */
} ListTime;

static gboolean
set_time_in_list (GstBuffer ** buffer, guint i, gpointer data)
{
  const ListTime *list = data;
  gint64 step_ns = GST_BUFFER_PTS_IS_VALID (*buffer)
      && GST_CLOCK_TIME_IS_VALID (list->first)
      ? GST_CLOCK_DIFF (list->first, GST_BUFFER_PTS (*buffer)) : 0;

  *buffer = set_time (*buffer, MAX (list->due_ns + step_ns, 0));

  return TRUE;
}

/* A chain that is taken away under a buffer says that it flushes, and a source
 * that hears it stops for good. What is broken has told the bin; it is not
 * upstream's business. */
static GstFlowReturn
on_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (pad);
  gint64 due_ns;
  GstFlowReturn ret = admit (self, buffer, &due_ns);

  if (ret == GST_FLOW_OK)
    gst_proxy_pad_chain_default (pad, parent, set_time (buffer, due_ns));
  else
    gst_buffer_unref (buffer);

  return ret == GST_WSCTL_FLOW_DROPPED ? GST_FLOW_OK : ret;
}

static GstFlowReturn
on_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (pad);
  GstFlowReturn ret = GST_WSCTL_FLOW_DROPPED;
  ListTime time = { GST_CLOCK_TIME_NONE, 0 };

  if (gst_buffer_list_length (list) > 0) {
    time.first = GST_BUFFER_PTS (gst_buffer_list_get (list, 0));
    ret = admit (self, gst_buffer_list_get (list, 0), &time.due_ns);
  }
  if (ret != GST_FLOW_OK) {
    gst_buffer_list_unref (list);
  } else {
    list = gst_buffer_list_make_writable (list);
    gst_buffer_list_foreach (list, set_time_in_list, &time);
    gst_proxy_pad_chain_list_default (pad, parent, list);
  }

  return ret == GST_WSCTL_FLOW_DROPPED ? GST_FLOW_OK : ret;
}

/* The pad itself takes note of caps only when they have passed, so they are kept
 * here. */
static void
take_caps (GstWsctlInput * self, GstEvent * event)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->caps, caps);
  g_mutex_unlock (&self->lock);

  self->callbacks.caps (self, self->bin);
  build (self);
  /* From elsewhere: the encoder may be in the middle of sending us this. */
  gst_element_call_async (GST_ELEMENT (self->bin), set_upstream,
      gst_object_ref (self), gst_object_unref);
}

/* Another source: what it encodes refers to pictures that nobody has seen. */
static void
begin_stream (GstWsctlInput * self)
{
  g_atomic_int_set (&self->eos, FALSE);
  g_mutex_lock (&self->lock);
  if (g_atomic_int_get (&self->open))
    open_when_built_locked (self);
  g_mutex_unlock (&self->lock);

  if (g_atomic_int_get (&self->waits_for_key))
    request_key_frame (self);
}

/* An encoder that has been drained may take nothing any more. */
static void
start_stream (GstWsctlInput * self)
{
  if (self->drained) {
    g_mutex_lock (&self->build_lock);
    clear_chain (self);
    g_mutex_unlock (&self->build_lock);
  }
  self->drained = FALSE;
  self->stream_known = FALSE;
  begin_stream (self);
}

static void
set_flushing (GstWsctlInput * self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
stop_flush (GstWsctlInput * self)
{
  set_flushing (self, FALSE);
  self->drained = FALSE;
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  gst_wsctl_pace_reset (self->pace);
  begin_stream (self);
}

/* A segment of bytes, as appsrc has it unless it is told otherwise, says nothing
 * of time: the PTS is a running time then. Behind this pad every segment is the
 * same. Transfer full. */
static GstEvent *
take_segment (GstWsctlInput * self, GstEvent * event)
{
  GstSegment plain;
  GstEvent *same;

  gst_segment_init (&plain, GST_FORMAT_TIME);
  gst_event_copy_segment (event, &self->segment);
  if (self->segment.format != GST_FORMAT_TIME)
    self->segment = plain;

  same = gst_event_new_segment (&plain);
  gst_event_set_seqnum (same, gst_event_get_seqnum (event));
  gst_event_unref (event);

  return same;
}

/* Transfer full, both; NULL when nobody has to wait for it. */
static GstEvent *
take_gap (GstWsctlInput * self, GstEvent * event)
{
  GstClockTime position, duration;
  gboolean live = is_live (self);
  gint64 time_ns;

  gst_event_parse_gap (event, &position, &duration);
  gst_event_unref (event);
  if (!get_time (self, position, &time_ns) || time_ns < 0
      || (live ? !g_atomic_int_get (&self->open)
          : hold (self, time_ns) != GST_FLOW_OK))
    return NULL;

  return gst_event_new_gap (find_due (self, duration, time_ns), duration);
}

/* The session outlives a stream: the element says when all have ended. What is
 * in an encoder goes out first. */
static gboolean
end_stream (GstWsctlInput * self, GstObject * parent, GstEvent * event)
{
  self->drained = TRUE;
  gst_pad_event_default (GST_PAD (self), parent, event);
  g_atomic_int_set (&self->eos, TRUE);
  self->callbacks.eos (self, self->bin);

  return TRUE;
}

static gboolean
on_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (pad);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      take_caps (self, event);
      break;
    case GST_EVENT_STREAM_START:
      start_stream (self);
      break;
    case GST_EVENT_SEGMENT:
      event = take_segment (self, event);
      break;
    case GST_EVENT_FLUSH_START:
      set_flushing (self, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      stop_flush (self);
      break;
    case GST_EVENT_GAP:
      event = take_gap (self, event);
      if (event == NULL)
        return TRUE;
      break;
    case GST_EVENT_EOS:
      return end_stream (self, parent, event);
    default:
      break;
  }

  return gst_pad_event_default (pad, parent, event);
}

/* What is behind now is preferred. But it is built anew for whatever else may come
 * in. */
static void
widen (GstPad * pad, GstQuery * query)
{
  g_autoptr (GstCaps) template = gst_pad_get_pad_template_caps (pad);
  g_autoptr (GstCaps) all = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *now, *filter;

  gst_query_parse_caps_result (query, &now);
  gst_query_parse_caps (query, &filter);
  all = gst_caps_merge (gst_caps_ref (now), gst_caps_ref (template));
  caps = gst_wsctl_encoder_narrow_memory (all);
  if (filter != NULL) {
    GstCaps *allowed = gst_caps_intersect_full (filter, caps,
        GST_CAPS_INTERSECT_FIRST);

    gst_caps_replace (&caps, allowed);
    gst_caps_unref (allowed);
  }
  gst_query_set_caps_result (query, caps);
}

static gboolean
on_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  g_autoptr (GstCaps) template = NULL;
  GstCaps *caps;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      if (!gst_pad_query_default (pad, parent, query))
        return FALSE;
      widen (pad, query);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      template = gst_pad_get_pad_template_caps (pad);
      gst_query_parse_accept_caps (query, &caps);
      gst_query_set_accept_caps_result (query,
          gst_caps_is_subset (caps, template));
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* Lets go of whoever waits in here, first of all. */
static gboolean
on_activate (GstPad * pad, GstObject * parent, GstPadMode mode, gboolean active)
{
  set_flushing (GST_WSCTL_INPUT (pad), !active);

  return gst_ghost_pad_activate_mode_default (pad, parent, mode, active);
}

static void
set_functions (GstPad * pad)
{
  gst_pad_set_activatemode_function (pad, on_activate);
  gst_pad_set_chain_function (pad, on_chain);
  gst_pad_set_chain_list_function (pad, on_chain_list);
  gst_pad_set_event_function (pad, on_event);
  gst_pad_set_query_function (pad, on_query);
}

GstWsctlInput *
gst_wsctl_input_new (GstBin * bin, GstPadTemplate * template,
    GstWsctlMediaKind kind, GstWsctlPacing * pacing,
    const GstWsctlInputCallbacks * callbacks)
{
  GstWsctlInput *self = g_object_new (GST_TYPE_WSCTL_INPUT, "name",
      gst_wsctl_media_kind_get_nick (kind), "direction", GST_PAD_SINK,
      "template", template, NULL);
  g_autoptr (GstPad) target = NULL;

  GST_DEBUG_CATEGORY_INIT (wsctlinput_debug, "wsctlinput", 0,
      "WebRTC WebSocket control: input of wsctlsink");

  self->bin = bin;
  self->kind = kind;
  if (kind == GST_WSCTL_MEDIA_KIND_VIDEO)
    self->frames = gst_wsctl_frames_attach (GST_PAD (self));
  self->callbacks = *callbacks;
  self->pace = gst_wsctl_pace_new (pacing);
  self->head = gst_wsctl_upstream_new_clocksync ();
  gst_bin_add (bin, self->head);
  gst_element_sync_state_with_parent (self->head);
  gst_wsctl_drain_link (self->head);

  target = gst_element_get_static_pad (self->head, "sink");
  gst_ghost_pad_set_target (GST_GHOST_PAD (self), target);
  set_functions (GST_PAD (self));

  return self;
}

GstWsctlMediaKind
gst_wsctl_input_get_kind (GstWsctlInput * self)
{
  return self->kind;
}

GstCaps *
gst_wsctl_input_query_caps (GstWsctlInput * self)
{
  g_autoptr (GstCaps) template = NULL;
  GstCaps *caps = NULL;

  g_mutex_lock (&self->lock);
  if (self->caps != NULL)
    caps = gst_caps_ref (self->caps);
  g_mutex_unlock (&self->lock);
  if (caps != NULL)
    return caps;

  template = gst_pad_get_pad_template_caps (GST_PAD (self));

  return gst_pad_peer_query_caps (GST_PAD (self), template);
}

GstCaps *
gst_wsctl_input_get_offer (GstWsctlInput * self, const GstCaps * wanted)
{
  g_autoptr (GstCaps) input = gst_wsctl_input_query_caps (self);
  gboolean final;

  g_mutex_lock (&self->lock);
  final = self->caps != NULL;
  g_mutex_unlock (&self->lock);

  return gst_wsctl_offers_make (self->kind, input, final, wanted);
}

void
gst_wsctl_input_begin (GstWsctlInput * self, GstWsctlConnection * session)
{
  g_mutex_lock (&self->lock);
  g_set_object (&self->session, session);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_input_set_playing (GstWsctlInput * self, gboolean playing)
{
  g_mutex_lock (&self->lock);
  self->playing = playing;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_input_set_over (GstWsctlInput * self, gboolean over)
{
  g_mutex_lock (&self->lock);
  self->over = over;
  if (!over)
    self->ending = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_input_end (GstWsctlInput * self)
{
  g_mutex_lock (&self->lock);
  self->ending = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_input_get_flow (GstWsctlInput * self, GstWsctlInputFlow * flow)
{
  g_mutex_lock (&self->lock);
  *flow = self->flow;
  flow->has_caps = self->caps != NULL;
  flow->has_session = self->session != NULL && self->connected;
  flow->has_chain = self->chain != NULL;
  flow->waits_for_key = g_atomic_int_get (&self->waits_for_key);
  flow->form = gst_wsctl_form_of_caps (self->caps);
  flow->now_ns = gst_element_get_current_running_time (self->head);
  g_mutex_unlock (&self->lock);
}

/* What comes from a session that is over comes too late. */
static void
connect (GstWsctlInput * self, GstWsctlConnection * session,
    const GstCaps * rtp)
{
  g_mutex_lock (&self->lock);
  if (self->session == session)
    gst_caps_replace (&self->rtp, (GstCaps *) rtp);
  g_mutex_unlock (&self->lock);

  build (self);
  set_upstream (GST_ELEMENT (self->bin), self);
}

typedef struct
{
  GstWsctlInput *input;
  GstWsctlConnection *session;
  GstCaps *rtp;
} Connect;

static void
free_connect (gpointer data)
{
  Connect *args = data;

  gst_object_unref (args->input);
  g_object_unref (args->session);
  gst_caps_unref (args->rtp);
  g_free (args);
}

static void
run_connect (GstElement * element, gpointer data)
{
  Connect *args = data;

  connect (args->input, args->session, args->rtp);
  gst_element_post_message (element,
      gst_message_new_latency (GST_OBJECT (element)));
}

void
gst_wsctl_input_connect (GstWsctlInput * self, GstWsctlConnection * session,
    const GstCaps * rtp)
{
  Connect *args = g_new0 (Connect, 1);

  args->input = gst_object_ref (self);
  args->session = g_object_ref (session);
  args->rtp = gst_caps_ref ((GstCaps *) rtp);
  gst_element_call_async (GST_ELEMENT (self->bin), run_connect, args,
      free_connect);
}

void
gst_wsctl_input_open (GstWsctlInput * self, GstWsctlConnection * session)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = self->session == session && !self->connected;
  if (first) {
    self->connected = TRUE;
    open_when_built_locked (self);
  }
  g_mutex_unlock (&self->lock);

  if (first)
    request_key_frame (self);
}

void
gst_wsctl_input_block (GstWsctlInput * self)
{
  g_mutex_lock (&self->lock);
  self->connected = FALSE;
  g_atomic_int_set (&self->open, FALSE);
  g_atomic_int_set (&self->waits_for_key, FALSE);
  gst_clear_caps (&self->rtp);
  g_clear_object (&self->session);
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_input_disconnect (GstWsctlInput * self)
{
  gst_wsctl_input_block (self);
  g_mutex_lock (&self->build_lock);
  clear_chain (self);
  g_mutex_unlock (&self->build_lock);
}

void
gst_wsctl_input_remove (GstWsctlInput * self)
{
  GstBin *bin = self->bin;
  g_autoptr (GstElement) head = gst_object_ref (self->head);
  g_autoptr (GstPad) peer = gst_pad_get_peer (GST_PAD (self));

  gst_wsctl_input_block (self);
  /* First of all: a source that may stand unlinked goes on, but one that meets a
   * pad that is not active is told of a flush, and stops for good. */
  if (peer != NULL)
    gst_pad_unlink (peer, GST_PAD (self));
  gst_element_set_locked_state (head, TRUE);
  gst_element_set_state (head, GST_STATE_NULL);
  /* Waits for who is inside. */
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_wsctl_input_disconnect (self);
  gst_element_remove_pad (GST_ELEMENT (bin), GST_PAD (self));
  /* A bin that goes away has let go of it before its pads. */
  if (gst_object_has_as_parent (GST_OBJECT (head), GST_OBJECT (bin)))
    gst_bin_remove (bin, head);
}

void
gst_wsctl_input_set_encoding (GstWsctlInput * self,
    const GstWsctlInputEncoding * encoding)
{
  g_autoptr (GstElement) chain = NULL;

  g_mutex_lock (&self->lock);
  self->encoding = *encoding;
  chain = self->chain != NULL ? gst_object_ref (self->chain) : NULL;
  g_mutex_unlock (&self->lock);

  gst_wsctl_key_frames_set_interval (&self->key_frames,
      encoding->key_frame_interval_ms);
  if (chain != NULL && encoding->bitrate_bps > 0)
    gst_wsctl_send_chain_set_bitrate (GST_WSCTL_SEND_CHAIN (chain),
        encoding->mitigation, encoding->bitrate_bps);
  set_upstream (GST_ELEMENT (self->bin), self);
}

gboolean
gst_wsctl_input_is_over (GstWsctlInput * self)
{
  gboolean over;

  g_mutex_lock (&self->lock);
  over = self->over;
  g_mutex_unlock (&self->lock);

  return over;
}

gboolean
gst_wsctl_input_is_eos (GstWsctlInput * self)
{
  return g_atomic_int_get (&self->eos);
}

static void
gst_wsctl_input_finalize (GObject * object)
{
  GstWsctlInput *self = GST_WSCTL_INPUT (object);

  g_assert (self->chain == NULL);

  gst_wsctl_pace_free (self->pace);
  g_clear_object (&self->head);
  g_clear_object (&self->session);
  gst_clear_caps (&self->caps);
  gst_clear_caps (&self->rtp);
  g_free (self->warning);
  gst_wsctl_key_frames_clear (&self->key_frames);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->build_lock);

  G_OBJECT_CLASS (gst_wsctl_input_parent_class)->finalize (object);
}

static void
gst_wsctl_input_class_init (GstWsctlInputClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_input_finalize;
}

static void
gst_wsctl_input_init (GstWsctlInput * self)
{
  g_mutex_init (&self->build_lock);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->flushing = TRUE;
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  gst_wsctl_key_frames_init (&self->key_frames);
}
