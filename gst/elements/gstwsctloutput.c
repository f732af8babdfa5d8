/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   webrtcbin --> identity --> (chain) --> gate, this pad
 *
 * Until the chain stands, what comes in is dropped before the identity: nobody
 * upstream ever meets a pad that is not linked.
 */

#include "gstwsctloutput.h"

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include "gstwsctlforms.h"
#include "gstwsctlframes.h"
#include "gstwsctlgaps.h"
#include "gstwsctlgate.h"
#include "gstwsctlmissing.h"
#include "gstwsctlpackettimes.h"
#include "gstwsctlreceivechain.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctloutput_debug);
#define GST_CAT_DEFAULT wsctloutput_debug

#define MIN_REQUEST_US (250 * G_TIME_SPAN_MILLISECOND)
#define REPEAT_REQUEST_US (500 * G_TIME_SPAN_MILLISECOND)

/* Whether the element has the pad; it may be stopped while it is added. */
enum
{
  HIDDEN,
  SHOWING,
  SHOWN,
  GONE
};

struct _GstWsctlOutput
{
  GstGhostPad parent;

  GstBin *bin;                  /* our parent: it outlives us */
  GstElement *head;
  GstWsctlMediaKind kind;
  GstWsctlSrcTime *time;
  GstWsctlFlows *flows;
  GstWsctlFrames *frames;       /* our own; NULL but for video */
  GstWsctlOutputErrorFunc error_func;
  GstWsctlGate *gate;
  GstWsctlGaps *gaps;
  GstStream *stream;

  GMutex build_lock;            /* held while the chain is built or taken away */
  const GstWsctlCodec *codec;   /* build_lock; NULL: its medium is not there */
  gboolean active;              /* build_lock */
  GstElement *chain;            /* build_lock */
  gboolean ended;               /* build_lock: EOS, as its medium is not there */

  gint shown;                   /* atomic: one of HIDDEN to GONE */
  gint open;                    /* atomic: data passes */
  gint dropped;                 /* atomic: something was dropped */
  GstWsctlPacketTimes times;    /* streaming thread, object lock: to write */
  GstWsctlPacketLead lead;      /* streaming thread */
  gint forget_lead;             /* atomic */
  gint64 requested_us;          /* a key frame; about right is enough */
};

G_DEFINE_FINAL_TYPE (GstWsctlOutput, gst_wsctl_output, GST_TYPE_GHOST_PAD);

/* Whatever was lost, a decoder needs a key frame to go on with. */
static void
request_key_frame (GstWsctlOutput * self)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->head, "sink");

  gst_pad_push_event (sink,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

/* Pictures up to this are from before a request that is made now. */
static gint64
get_last_time (GstWsctlOutput * self)
{
  gint64 time_ns;

  GST_OBJECT_LOCK (self);
  time_ns = self->times.known ? (gint64) self->times.time : -1;
  GST_OBJECT_UNLOCK (self);

  return time_ns;
}

/* Each loss asks again, while an answer takes its time. */
static GstPadProbeReturn
on_upstream_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlOutput *self = data;
  gint64 now_us = g_get_monotonic_time ();

  if (!gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    return GST_PAD_PROBE_OK;
  if (gst_wsctl_gate_is_expecting (self->gate)
      && now_us - self->requested_us < MIN_REQUEST_US)
    return GST_PAD_PROBE_DROP;

  GST_DEBUG_OBJECT (self, "asking for a key frame");
  self->requested_us = now_us;
  gst_wsctl_gate_expect_key_frame (self->gate, get_last_time (self));

  return GST_PAD_PROBE_OK;
}

/* A request may be lost, too, and so may its answer. */
static void
repeat_request (GstWsctlOutput * self)
{
  if (gst_wsctl_gate_is_expecting (self->gate)
      && g_get_monotonic_time () - self->requested_us > REPEAT_REQUEST_US)
    request_key_frame (self);
}

/* The marker of a packet (RFC 3550, 5.1); a list holds one frame at the most. */
static gboolean
is_end_of_frame (GstPadProbeInfo * info)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  guint8 bytes[2];

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    buffer = gst_buffer_list_get (list, gst_buffer_list_length (list) - 1);
  }

  return gst_buffer_extract (buffer, 0, bytes, 2) == 2
      && (bytes[1] & 0x80) != 0;
}

static void
note_lead (GstWsctlOutput * self, GstPadProbeInfo * info)
{
  gboolean forgotten =
      g_atomic_int_compare_and_exchange (&self->forget_lead, TRUE, FALSE);

  GstBuffer *buffer = info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST
      ? gst_buffer_list_get (info->data, 0) : info->data;
  guint8 bytes[8];

  if (forgotten)
    self->lead.known = FALSE;
  if (GST_BUFFER_PTS_IS_VALID (buffer)
      && gst_buffer_extract (buffer, 0, bytes, sizeof bytes) == sizeof bytes)
    gst_wsctl_gate_set_lead (self->gate,
        gst_wsctl_packet_lead_note (&self->lead, self->codec->clock_rate,
            GST_READ_UINT32_BE (bytes + 4), GST_BUFFER_PTS (buffer),
            gst_wsctl_src_time_get_now (self->time)));
}

static GstPadProbeReturn
on_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlOutput *self = data;

  if (self->frames != NULL && is_end_of_frame (info))
    gst_wsctl_frames_note_received (self->frames);
  if (self->kind == GST_WSCTL_MEDIA_KIND_VIDEO) {
    GST_OBJECT_LOCK (self);
    gst_wsctl_packet_times_write (&self->times, info);
    GST_OBJECT_UNLOCK (self);
  }
  note_lead (self, info);
  if (g_atomic_int_get (&self->open)) {
    repeat_request (self);
    return GST_PAD_PROBE_OK;
  }

  g_atomic_int_set (&self->dropped, TRUE);

  return GST_PAD_PROBE_DROP;
}

static void
count_frame (GstWsctlOutput * self, GstBuffer * buffer)
{
  if (self->frames == NULL)
    return;

  if (GST_STATE (self->bin) == GST_STATE_PLAYING)
    gst_wsctl_frames_note (self->frames, g_get_monotonic_time (),
        !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT));
  else
    gst_wsctl_frames_rest (self->frames);
}

/* On its way out */
static GstPadProbeReturn
on_output (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlOutput *self = GST_WSCTL_OUTPUT (pad);

  count_frame (self, GST_PAD_PROBE_INFO_BUFFER (info));
  gst_wsctl_gaps_note (self->gaps, GST_PAD_PROBE_INFO_BUFFER (info));

  return GST_PAD_PROBE_OK;
}

/* With build_lock held */
static gboolean
attach_chain (GstWsctlOutput * self, GstElement * chain)
{
  g_autoptr (GstPad) src = gst_element_get_static_pad (chain, "src");

  gst_bin_add (self->bin, chain);
  gst_element_sync_state_with_parent (chain);
  self->chain = chain;
  gst_wsctl_flows_add (self->flows, GST_PAD (self));

  return gst_ghost_pad_set_target (GST_GHOST_PAD (self), src)
      && gst_element_link_pads (self->head, "src", chain, "sink");
}

static void
fail_unknown (GstWsctlOutput * self, const GstCaps * allowed, GError ** error)
{
  if (gst_wsctl_receive_chain_lacks_decoder (self->codec, allowed))
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_MISSING_PLUGIN,
        "a decoder for %s is not installed", self->codec->name);
  else
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "what is linked to '%s' takes neither %s nor what it decodes to",
        GST_PAD_NAME (self), self->codec->name);
}

/* The application's, for frames as they were received: transfer full, or NULL.
 * Languages differ in whether a new element is still floating. */
static GstElement *
request_filter (GstWsctlOutput * self)
{
  g_autoptr (GstCaps) caps =
      gst_caps_from_string (self->codec->depayloaded_caps != NULL
      ? self->codec->depayloaded_caps : self->codec->parsed_caps);
  GstElement *filter = NULL;

  g_signal_emit_by_name (self->bin, "request-encoded-filter",
      GST_PAD_NAME (self), caps, &filter);
  if (filter != NULL && g_object_is_floating (filter))
    gst_object_ref_sink (filter);

  return filter;
}

/* With build_lock held */
static gboolean
build_locked (GstWsctlOutput * self, const GstCaps * allowed, GError ** error)
{
  GstWsctlForm form = gst_wsctl_receive_chain_choose (self->codec, allowed);
  g_autoptr (GstElement) filter = NULL;
  GstElement *chain;

  if (form == GST_WSCTL_FORM_UNKNOWN) {
    fail_unknown (self, allowed, error);
    return FALSE;
  }

  if (form != GST_WSCTL_FORM_RTP)
    filter = request_filter (self);
  chain =
      gst_wsctl_receive_chain_new (self->codec, form, GST_PAD (self), filter,
      error);
  if (chain == NULL)
    return FALSE;

  if (!attach_chain (self, chain)) {
    g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_NO_COMMON_CODEC,
        "the %s stream could not be linked to '%s'", self->codec->name,
        GST_PAD_NAME (self));
    return FALSE;
  }

  return TRUE;
}

static void
fixate_video (GstStructure * structure)
{
  gst_structure_fixate_field_string (structure, "format", "I420");
  gst_structure_fixate_field_nearest_int (structure, "width", 320);
  gst_structure_fixate_field_nearest_int (structure, "height", 240);
  gst_structure_fixate_field_nearest_fraction (structure, "framerate", 30, 1);
}

static void
fixate_audio (GstStructure * structure)
{
  gint channels;

  gst_structure_fixate_field_string (structure, "format", GST_AUDIO_NE (S16));
  gst_structure_fixate_field_nearest_int (structure, "rate", 48000);
  gst_structure_fixate_field_nearest_int (structure, "channels", 2);
  if (gst_structure_get_int (structure, "channels", &channels) && channels > 1
      && !gst_structure_has_field (structure, "channel-mask"))
    gst_structure_set (structure, "channel-mask", GST_TYPE_BITMASK,
        gst_audio_channel_get_fallback_mask (channels), NULL);
}

/* Raw ones that downstream takes; NULL when it takes none. */
static GstCaps *
make_raw_caps (GstWsctlOutput * self)
{
  gboolean video = self->kind == GST_WSCTL_MEDIA_KIND_VIDEO;
  g_autoptr (GstCaps) raw = gst_caps_from_string (video
      ? GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL)
      : GST_AUDIO_CAPS_MAKE (GST_AUDIO_FORMATS_ALL)
      ", layout=(string)interleaved");
  GstCaps *caps = gst_pad_peer_query_caps (GST_PAD (self), raw);

  if (gst_caps_is_empty (caps)) {
    gst_caps_unref (caps);
    return NULL;
  }

  caps = gst_caps_truncate (gst_caps_make_writable (caps));
  if (video)
    fixate_video (gst_caps_get_structure (caps, 0));
  else
    fixate_audio (gst_caps_get_structure (caps, 0));

  return gst_caps_fixate (caps);
}

/* Some muxers write no valid file with a pad that never had caps. Those of Opus
 * can be made up, those of video need a size and parameter sets. */
static GstCaps *
make_encoded_caps (GstWsctlOutput * self)
{
  g_autoptr (GstCaps) opus = gst_caps_from_string ("audio/x-opus, "
      "rate=(int)48000, channels=(int)2, channel-mapping-family=(int)0");
  g_autoptr (GstCaps) allowed = gst_pad_peer_query_caps (GST_PAD (self), NULL);

  return self->kind == GST_WSCTL_MEDIA_KIND_AUDIO
      && gst_caps_can_intersect (allowed,
      opus) ? g_steal_pointer (&opus) : NULL;
}

/* Whoever linked it asked for what does not come. */
static void
warn_idle (GstWsctlOutput * self)
{
  const gchar *nick = gst_wsctl_media_kind_get_nick (self->kind);

  GST_ELEMENT_WARNING (self->bin, STREAM, WRONG_TYPE,
      ("The server sends no %s.", nick),
      ("The stream has none, or none that WebRTC carries. '%s' gives no data",
          GST_PAD_NAME (self)));
}

/* Sinks, muxers and mixers wait for each of their inputs, but not behind EOS. */
static void
begin_idle (GstWsctlOutput * self)
{
  g_autoptr (GstCaps) caps = make_raw_caps (self);
  gboolean first;

  if (caps == NULL)
    caps = make_encoded_caps (self);
  g_mutex_lock (&self->build_lock);
  first = self->active && !self->ended;
  self->ended |= first;
  g_mutex_unlock (&self->build_lock);
  if (!first)
    return;

  warn_idle (self);
  if (caps != NULL && !gst_pad_has_current_caps (GST_PAD (self)))
    gst_pad_push_event (GST_PAD (self), gst_event_new_caps (caps));
  gst_wsctl_gate_end (self->gate);
}

/* The medium has come. A sink takes it after a flush; a muxer does not. */
static void
end_idle (GstWsctlOutput * self)
{
  g_autoptr (GstCaps) raw = make_raw_caps (self);

  if (raw == NULL) {
    GST_ELEMENT_WARNING (self->bin, STREAM, WRONG_TYPE,
        ("The server sends %s now, which is too late.",
            gst_wsctl_media_kind_get_nick (self->kind)),
        ("What is linked to '%s' has ended", GST_PAD_NAME (self)));
    return;
  }

  gst_wsctl_gate_reopen (self->gate);
  g_mutex_lock (&self->build_lock);
  self->ended = FALSE;
  g_mutex_unlock (&self->build_lock);
}

/* TRUE when there is nothing to build a chain for. */
static gboolean
is_idle (GstWsctlOutput * self)
{
  gboolean idle;

  g_mutex_lock (&self->build_lock);
  idle = self->codec == NULL;
  g_mutex_unlock (&self->build_lock);

  return idle;
}

/* Builds, once, when there is somebody to ask. */
static void
build (GstWsctlOutput * self)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (GST_PAD (self));
  g_autoptr (GstCaps) allowed = NULL;
  g_autoptr (GError) error = NULL;
  const GstWsctlCodec *codec = NULL;    /* that something is missing for */
  gboolean built = TRUE;

  if (peer == NULL)
    return;
  if (is_idle (self)) {
    begin_idle (self);
    return;
  }

  /* What it takes, in its own order; a filter would only hide that. */
  allowed = gst_pad_query_caps (peer, NULL);
  g_mutex_lock (&self->build_lock);
  if (self->active && self->chain == NULL && !self->ended) {
    built = build_locked (self, allowed, &error);
    if (built)
      g_atomic_int_set (&self->open, TRUE);
    else if (g_error_matches (error, GST_WSCTL_ERROR,
            GST_WSCTL_ERROR_MISSING_PLUGIN))
      codec = self->codec;
  }
  g_mutex_unlock (&self->build_lock);

  if (!built) {
    if (codec != NULL)
      gst_wsctl_missing_post_for_receiving (GST_ELEMENT (self->bin), codec);
    self->error_func (self, error, self->bin);
  } else {
    if (self->kind == GST_WSCTL_MEDIA_KIND_VIDEO
        && g_atomic_int_get (&self->dropped))
      request_key_frame (self);
    gst_element_post_message (GST_ELEMENT (self->bin),
        gst_message_new_latency (GST_OBJECT (self->bin)));
  }
}

static void
run_build (GstElement * element, gpointer data)
{
  build (data);
}

/* Linked after it appeared. Inside the linking, nothing may be changed. */
static void
on_linked (GstWsctlOutput * self, GstPad * peer)
{
  gst_element_call_async (GST_ELEMENT (self->bin), run_build,
      gst_object_ref (self), gst_object_unref);
}

/* What it is of is known before anything comes. */
static GstStream *
make_stream (GstWsctlOutput * self)
{
  GstPad *pad = GST_PAD (self);
  g_autofree gchar *id = gst_pad_create_stream_id (pad,
      GST_ELEMENT (self->bin), GST_PAD_NAME (pad));
  g_autoptr (GstCaps) caps = self->codec == NULL ? NULL
      : gst_caps_from_string (self->codec->parsed_caps);

  return gst_stream_new (id, caps, self->kind == GST_WSCTL_MEDIA_KIND_VIDEO
      ? GST_STREAM_TYPE_VIDEO : GST_STREAM_TYPE_AUDIO, GST_STREAM_FLAG_NONE);
}

GstWsctlOutput *
gst_wsctl_output_new (GstBin * bin, GstPadTemplate * template,
    const GstWsctlAnsweredMedia * media, GstWsctlSrcTime * time,
    GstWsctlFlows * flows, GstWsctlOutputErrorFunc error_func)
{
  g_autofree gchar *name = g_strdup_printf ("%s_0",
      gst_wsctl_media_kind_get_nick (media->kind));
  GstWsctlOutput *self = g_object_new (GST_TYPE_WSCTL_OUTPUT, "name", name,
      "direction", GST_PAD_SRC, "template", template, NULL);
  g_autoptr (GstPad) sink = NULL;

  GST_DEBUG_CATEGORY_INIT (wsctloutput_debug, "wsctloutput", 0,
      "WebRTC WebSocket control: output of wsctlsrc");

  self->bin = bin;
  self->kind = media->kind;
  if (media->kind == GST_WSCTL_MEDIA_KIND_VIDEO)
    self->frames = gst_wsctl_frames_attach (GST_PAD (self));
  if (!media->rejected)
    self->codec = gst_wsctl_codec_find_for_caps (media->caps);
  self->stream = make_stream (self);
  self->flows = gst_wsctl_flows_ref (flows);
  self->error_func = error_func;
  self->time = gst_wsctl_src_time_ref (time);
  self->gate =
      gst_wsctl_gate_new (GST_GHOST_PAD (self), media->kind, time, flows);
  self->gaps = gst_wsctl_gaps_new (GST_PAD (self), GST_ELEMENT (bin));
  self->active = TRUE;
  self->head = gst_object_ref_sink (gst_element_factory_make ("identity",
          NULL));
  g_object_set (self->head, "silent", TRUE, NULL);
  gst_bin_add (bin, self->head);
  gst_element_sync_state_with_parent (self->head);

  sink = gst_element_get_static_pad (self->head, "sink");
  gst_pad_add_probe (sink,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet,
      self, NULL);
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      on_upstream_event, self, NULL);
  gst_pad_add_probe (GST_PAD (self), GST_PAD_PROBE_TYPE_BUFFER, on_output,
      NULL, NULL);

  return self;
}

GstWsctlMediaKind
gst_wsctl_output_get_kind (GstWsctlOutput * self)
{
  return self->kind;
}

GstStream *
gst_wsctl_output_get_stream (GstWsctlOutput * self)
{
  return self->stream;
}

void
gst_wsctl_output_set_collection (GstWsctlOutput * self,
    GstStreamCollection * collection)
{
  gst_pad_push_event (GST_PAD (self),
      gst_event_new_stream_collection (collection));
}

/* To those downstream it is one stream, whichever session it comes from. */
static void
start_stream (GstWsctlOutput * self, guint group_id)
{
  GstEvent *event =
      gst_event_new_stream_start (gst_stream_get_stream_id (self->stream));

  gst_event_set_stream (event, self->stream);
  gst_event_set_group_id (event, group_id);
  gst_pad_push_event (GST_PAD (self), event);
}

static void
hide (GstWsctlOutput * self)
{
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_element_remove_pad (GST_ELEMENT (self->bin), GST_PAD (self));
}

void
gst_wsctl_output_expose (GstWsctlOutput * self, guint group_id,
    GstStreamCollection * collection)
{
  if (!g_atomic_int_compare_and_exchange (&self->shown, HIDDEN, SHOWING)) {
    gst_object_unref (gst_object_ref_sink (self));
    return;
  }

  gst_pad_set_active (GST_PAD (self), TRUE);
  start_stream (self, group_id);
  gst_wsctl_output_set_collection (self, collection);
  gst_element_add_pad (GST_ELEMENT (self->bin), GST_PAD (self));
  if (!g_atomic_int_compare_and_exchange (&self->shown, SHOWING, SHOWN)) {
    hide (self);
    return;
  }
  build (self);
  g_signal_connect (self, "linked", G_CALLBACK (on_linked), NULL);
}

static GstPadProbeReturn
drop_packet (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

void
gst_wsctl_output_ignore (GstPad * pad)
{
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, drop_packet,
      NULL, NULL);
}

static void
forget_times (GstWsctlOutput * self)
{
  GST_OBJECT_LOCK (self);
  self->times.known = FALSE;
  self->lead.known = FALSE;
  GST_OBJECT_UNLOCK (self);
}

void
gst_wsctl_output_forget_lead (GstWsctlOutput * self)
{
  g_atomic_int_set (&self->forget_lead, TRUE);
}

/* A stream with another SSRC takes the place of the one before. */
gboolean
gst_wsctl_output_link (GstWsctlOutput * self, GstPad * pad)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->head, "sink");
  g_autoptr (GstPad) old = gst_pad_get_peer (sink);

  if (old != NULL) {
    gst_wsctl_output_ignore (old);
    gst_pad_unlink (old, sink);
  }
  forget_times (self);

  return gst_pad_link (pad, sink) == GST_PAD_LINK_OK;
}

void
gst_wsctl_output_end (GstWsctlOutput * self)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (self->head, "sink");
  gboolean built;

  gst_wsctl_gaps_end (self->gaps);
  g_mutex_lock (&self->build_lock);
  built = self->chain != NULL;
  g_mutex_unlock (&self->build_lock);

  if (built)
    gst_pad_send_event (sink, gst_event_new_eos ());
  else
    gst_pad_push_event (GST_PAD (self), gst_event_new_eos ());
}

void
gst_wsctl_output_block (GstWsctlOutput * self)
{
  g_mutex_lock (&self->build_lock);
  self->active = FALSE;
  g_mutex_unlock (&self->build_lock);
}

static void
remove_element (GstBin * bin, GstElement * element)
{
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
  if (gst_object_has_as_parent (GST_OBJECT (element), GST_OBJECT (bin)))
    gst_bin_remove (bin, element);
}

static GstElement *
take_chain (GstWsctlOutput * self)
{
  GstElement *chain;

  g_mutex_lock (&self->build_lock);
  self->active = FALSE;
  g_atomic_int_set (&self->open, FALSE);
  chain = g_steal_pointer (&self->chain);
  g_mutex_unlock (&self->build_lock);

  return chain;
}

static void
remove_chain (GstWsctlOutput * self)
{
  GstElement *chain = take_chain (self);

  if (chain == NULL)
    return;

  gst_ghost_pad_set_target (GST_GHOST_PAD (self), NULL);
  remove_element (self->bin, chain);
  gst_wsctl_flows_remove (self->flows, GST_PAD (self));
}

void
gst_wsctl_output_suspend (GstWsctlOutput * self)
{
  remove_chain (self);
  gst_wsctl_gate_restart (self->gate);
  gst_wsctl_gaps_begin (self->gaps);
}

void
gst_wsctl_output_resume (GstWsctlOutput * self,
    const GstWsctlAnsweredMedia * media)
{
  const GstWsctlCodec *codec = media->rejected ? NULL
      : gst_wsctl_codec_find_for_caps (media->caps);
  gboolean came, ended;

  g_mutex_lock (&self->build_lock);
  came = codec != NULL && self->codec == NULL;
  ended = self->ended;
  self->codec = codec;
  self->active = TRUE;
  g_mutex_unlock (&self->build_lock);

  if (came) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (codec->parsed_caps);

    gst_stream_set_caps (self->stream, caps);
    if (ended)
      end_idle (self);
  }
  build (self);
}

void
gst_wsctl_output_remove (GstWsctlOutput * self)
{
  GstBin *bin = self->bin;
  g_autoptr (GstElement) head = gst_object_ref (self->head);
  GstElement *chain = take_chain (self);

  g_signal_handlers_disconnect_by_func (self, on_linked, NULL);
  gst_pad_set_active (GST_PAD (self), FALSE);
  gst_wsctl_gaps_stop (self->gaps);
  /* While it is added, it is not to be removed: that follows. */
  if (!g_atomic_int_compare_and_exchange (&self->shown, HIDDEN, GONE)
      && !g_atomic_int_compare_and_exchange (&self->shown, SHOWING, GONE))
    hide (self);
  if (chain != NULL) {
    remove_element (bin, chain);
    gst_wsctl_flows_remove (self->flows, GST_PAD (self));
  }
  remove_element (bin, head);
}

static void
gst_wsctl_output_finalize (GObject * object)
{
  GstWsctlOutput *self = GST_WSCTL_OUTPUT (object);

  g_assert (self->chain == NULL);

  g_clear_pointer (&self->gaps, gst_wsctl_gaps_free);
  g_clear_pointer (&self->gate, gst_wsctl_gate_free);
  g_clear_object (&self->head);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->flows, gst_wsctl_flows_unref);
  g_clear_pointer (&self->time, gst_wsctl_src_time_unref);
  g_mutex_clear (&self->build_lock);

  G_OBJECT_CLASS (gst_wsctl_output_parent_class)->finalize (object);
}

static void
gst_wsctl_output_class_init (GstWsctlOutputClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_output_finalize;
}

static void
gst_wsctl_output_init (GstWsctlOutput * self)
{
  g_mutex_init (&self->build_lock);
}

void
gst_wsctl_output_install_signals (GType type)
{
  /**
   * wsctlsrc::request-encoded-filter:
   * @self: the element
   * @pad: the name of the source pad
   * @caps: what it is to take and to give
   *
   * Asks for an element with pads `sink` and `src` that sees each frame as it was
   * received, to decrypt or to inspect it: it stands behind the depayloader, in
   * front of parser and decoder. Emitted once for each pad and session, unless
   * what is linked takes RTP; not from the application's thread. A handler makes
   * the element, and does nothing else with this one.
   *
   * Returns: (transfer full) (nullable): the element, or %NULL for none
   */
  g_signal_new ("request-encoded-filter", type, G_SIGNAL_RUN_LAST, 0,
      g_signal_accumulator_first_wins, NULL, NULL, GST_TYPE_ELEMENT, 2,
      G_TYPE_STRING, GST_TYPE_CAPS);
}
