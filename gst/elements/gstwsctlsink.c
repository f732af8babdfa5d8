/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-wsctlsink
 * @title: wsctlsink
 * @short_description: publish to a WebRTC server with WebSocket control
 *
 * wsctlsink sends video, audio or both to a server that speaks WebRTC with
 * control over a WebSocket: wsctl-server, MistServer, Ceeblue. Each of its pads
 * takes raw media, which it encodes with what is installed, encoded media, or
 * RTP.
 *
 * A live source (a camera, `is-live=true`) is never held up: until the session
 * is up, and whenever the network does not take more, its data is dropped. A
 * source that is not live (a file) waits for the session, begins at its
 * beginning, and is sent at the pace of the pipeline's clock. The latency query
 * tells one from the other, for each pad.
 *
 * Pads may be linked at any time: the session begins when the media of the pads
 * are known, and a pad of another kind that comes later brings a new session
 * with both.
 *
 * The session is told of on the bus (`wsctl-open`, `wsctl-connected`,
 * `wsctl-video-bitrate`, `wsctl-close`) and by signals of the same names with
 * `on-` in front. It begins with PLAYING, and is followed by another when it
 * fails, unless #GstWsctlBin:reconnect says no. When data come in for three
 * seconds and none go out, a warning says why.
 *
 * ```
 *  video ──▶ clocksync ─▶ convert ! encoder ! payloader ─▶ ┌───────────┐
 *                                                          │ webrtcbin │──▶
 *  audio ──▶ clocksync ─▶ convert ! encoder ! payloader ─▶ └───────────┘
 * ```
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! wsctlsink uri=ws://127.0.0.1:8080/webrtc/live
 * ]| A test picture, encoded by the element.
 *
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! x264enc tune=zerolatency ! s.video audiotestsrc is-live=true ! opusenc ! s.audio wsctlsink name=s uri=ws://127.0.0.1:8080/webrtc/live video-bitrate=1500000
 * ]| Picture and tone, encoded before.
 *
 * Since: 0.1
 */

#include "gstwsctlsink.h"

#include "gstwsctlbitrate.h"
#include "gstwsctlencoding.h"
#include "gstwsctlflowwatch.h"
#include "gstwsctlforms.h"
#include "gstwsctlinput.h"
#include "gstwsctlmissing.h"
#include "gstwsctloffers.h"
#include "gstwsctlsinktables.h"
#include "wsctlcontroller-private.h"
#include "wsctlerror.h"
#include "wsctlloop-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsink_debug);
#define GST_CAT_DEFAULT wsctlsink_debug

/* How long a session waits for the media of a second pad, from when those of the
 * first are known. */
#define MEDIA_WAIT_MS 400
/* From the last packet to the end of stream: its retransmissions take so long. */
#define END_WAIT_MS 200
#define WATCH_INTERVAL_MS 500

struct _GstWsctlSink
{
  GstWsctlBin parent;

  GMutex lock;
  GstWsctlInput *inputs[GST_WSCTL_N_MEDIA_KINDS];       /* lock */
  GstCaps *wanted[GST_WSCTL_N_MEDIA_KINDS];     /* lock: video-, audio-caps */
  guint offered;                /* lock: the kinds in this session, a bit each */
  gboolean late;                /* lock: a pad came after READY */
  gboolean playing;             /* lock */
  gboolean ending;              /* lock: the application has sent EOS */
  guint64 n_sent;               /* lock: by pads that have gone */
  gint nack;                    /* lock */
  gint drop;                    /* lock */

  GstWsctlPacing *pacing;

  /* The loop only */
  GSource *media_timer;         /* until the session begins with what is known */
  GSource *end_timer;           /* until the end of stream is told */
  GSource *watch_timer;         /* while playing */
  GstWsctlFlowWatch watches[GST_WSCTL_N_MEDIA_KINDS];
  gint64 playing_us;            /* since when */
  gboolean told_unlinked;

  GstWsctlBitrate bitrate;
  GstWsctlEncoding encoding;
};

static GstStaticPadTemplate video_template =
GST_STATIC_PAD_TEMPLATE ("video", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS (GST_WSCTL_VIDEO_CAPS));
static GstStaticPadTemplate audio_template =
GST_STATIC_PAD_TEMPLATE ("audio", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS (GST_WSCTL_AUDIO_CAPS));

G_DEFINE_FINAL_TYPE (GstWsctlSink, gst_wsctl_sink, GST_TYPE_WSCTL_BIN);
GST_ELEMENT_REGISTER_DEFINE (wsctlsink, "wsctlsink", GST_RANK_NONE,
    GST_TYPE_WSCTL_SINK);

/* Transfer full, or NULL. */
static GstWsctlInput *
get_input (GstWsctlSink * self, GstWsctlMediaKind kind)
{
  GstWsctlInput *input;

  g_mutex_lock (&self->lock);
  input = self->inputs[kind];
  if (input != NULL)
    gst_object_ref (input);
  g_mutex_unlock (&self->lock);

  return input;
}

static void
for_each_input (GstWsctlSink * self,
    void (*func) (GstWsctlInput *, GstWsctlSink *))
{
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    if (input != NULL)
      func (input, self);
  }
}

static void
fail_with (GstWsctlSink * self, GstWsctlError code, const gchar * text)
{
  g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR, code, text);

  gst_wsctl_bin_fail (GST_WSCTL_BIN (self), error);
}

/* Transfer full, or NULL. */
static GstCaps *
get_wanted (GstWsctlSink * self, GstWsctlMediaKind kind)
{
  GstCaps *wanted = NULL;

  g_mutex_lock (&self->lock);
  gst_caps_replace (&wanted, self->wanted[kind]);
  g_mutex_unlock (&self->lock);

  return wanted;
}

/* Says what to install, as the bus knows it, and then that it is over. */
static void
fail_missing_encoder (GstWsctlSink * self, GstWsctlInput * input)
{
  GstWsctlMediaKind kind = gst_wsctl_input_get_kind (input);
  g_autoptr (GstCaps) wanted = get_wanted (self, kind);
  g_autoptr (GstCaps) caps = gst_wsctl_input_query_caps (input);
  g_autofree gchar *text = gst_wsctl_offers_explain (kind, caps);

  if (text != NULL) {
    fail_with (self, GST_WSCTL_ERROR_UNSUITABLE_MEDIA, text);
    return;
  }

  text =
      g_strdup_printf ("no encoder or payloader is installed for the %s that "
      "is linked, or none of those wanted",
      gst_wsctl_media_kind_get_nick (kind));
  gst_wsctl_missing_post_for_sending (GST_ELEMENT (self), kind, caps, wanted);
  fail_with (self, GST_WSCTL_ERROR_MISSING_PLUGIN, text);
}

/* What the pads are known to bring. FALSE when nothing can be offered for
 * something that is linked. */
static gboolean
collect_offers (GstWsctlSink * self, GstCaps ** offers, guint * n_known,
    gboolean * complete)
{
  guint kind, n = 0;

  *n_known = 0;
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);
    g_autoptr (GstCaps) wanted = get_wanted (self, kind);

    if (input == NULL || gst_wsctl_input_is_eos (input))
      continue;

    n++;
    offers[kind] = gst_wsctl_input_get_offer (input, wanted);
    if (offers[kind] != NULL && gst_caps_is_empty (offers[kind])) {
      fail_missing_encoder (self, input);
      return FALSE;
    }
    *n_known += offers[kind] != NULL;
  }

  /* Where one pad comes late, another may follow. */
  g_mutex_lock (&self->lock);
  *complete = *n_known == (self->late ? GST_WSCTL_N_MEDIA_KINDS : n);
  g_mutex_unlock (&self->lock);

  return TRUE;
}

/* Offers what is known and opens, once a session. */
static void
open_with (GstWsctlSink * self, GstWsctlController * controller,
    GstCaps ** offers)
{
  gint kind;
  guint mask = 0;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    mask |= offers[kind] != NULL ? 1 << kind : 0;

  g_mutex_lock (&self->lock);
  if (self->offered != 0)
    mask = 0;
  self->offered |= mask;
  g_mutex_unlock (&self->lock);
  if (mask == 0)
    return;

  for (kind = GST_WSCTL_N_MEDIA_KINDS - 1; kind >= 0; kind--) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    if (offers[kind] == NULL)
      continue;
    if (input != NULL)
      gst_wsctl_input_begin (input,
          gst_wsctl_controller_get_connection (controller));
    gst_wsctl_controller_add_media (controller, kind, offers[kind]);
  }
  gst_wsctl_bin_open (GST_WSCTL_BIN (self));
}

static void call_on_loop (GstWsctlSink * self, GstWsctlLoopFunc func);
static void run_wait_for_media (gpointer data);

/* Opens once the media of every pad are known, from the links if they tell, or
 * else when the caps have come; or, when that takes long, with those that are
 * known. */
static gboolean
open_when_known (GstWsctlSink * self, gboolean waited)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (GST_WSCTL_BIN (self));
  GstCaps *offers[GST_WSCTL_N_MEDIA_KINDS] = { NULL, };
  gboolean able, complete = FALSE;
  guint n_known, kind;

  if (controller == NULL)
    return FALSE;

  able = collect_offers (self, offers, &n_known, &complete);
  if (able && n_known > 0 && (complete || waited))
    open_with (self, controller, offers);
  else if (able && n_known > 0)
    call_on_loop (self, run_wait_for_media);

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    gst_clear_caps (&offers[kind]);

  return able;
}

static void
call_on_loop (GstWsctlSink * self, GstWsctlLoopFunc func)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();

  gst_wsctl_loop_call (loop, func, gst_object_ref (self), gst_object_unref);
}

static void
call_on_loop_sync (GstWsctlSink * self, GstWsctlLoopFunc func)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();

  gst_wsctl_loop_call_sync (loop, func, self);
}

/* On the loop; a second time it does nothing. */
static void
start_timer (GstWsctlSink * self, GSource ** timer, guint delay_ms,
    GSourceFunc func)
{
  g_autoptr (GstWsctlLoop) loop = gst_wsctl_loop_get_shared ();

  if (*timer == NULL)
    *timer = gst_wsctl_loop_add_timer (loop, delay_ms, func, self, NULL);
}

static void
run_open_with_known (GstElement * element, gpointer data)
{
  open_when_known (GST_WSCTL_SINK (element), TRUE);
}

static gboolean
on_media_waited (gpointer data)
{
  GstWsctlSink *self = data;

  gst_wsctl_loop_clear_timer (&self->media_timer);
  gst_element_call_async (GST_ELEMENT (self), run_open_with_known, NULL, NULL);

  return G_SOURCE_REMOVE;
}

static void
run_wait_for_media (gpointer data)
{
  GstWsctlSink *self = data;
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (GST_WSCTL_BIN (self));

  if (controller != NULL)
    start_timer (self, &self->media_timer, MEDIA_WAIT_MS, on_media_waited);
}

static void
apply_encoding (GstWsctlInput * input, GstWsctlSink * self)
{
  GstWsctlInputEncoding encoding = gst_wsctl_encoding_get (&self->encoding,
      gst_wsctl_input_get_kind (input), gst_wsctl_bitrate_get (&self->bitrate));

  gst_wsctl_input_set_encoding (input, &encoding);
}

/* What of it the server is to know */
static void
announce_encoding (GstWsctlSink * self, gboolean bitrate, gboolean rest)
{
  g_autoptr (GstWsctlInput) input =
      get_input (self, GST_WSCTL_MEDIA_KIND_VIDEO);
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (GST_WSCTL_BIN (self));

  if (input == NULL || controller == NULL
      || !gst_wsctl_controller_get_opened (controller))
    return;

  if (bitrate)
    gst_wsctl_controller_set_video_bitrate (controller,
        gst_wsctl_bitrate_get (&self->bitrate));
  if (rest)
    gst_wsctl_encoding_announce (&self->encoding, controller);
}

static void
apply_new_bitrate (GstElement * element)
{
  GstWsctlSink *self = GST_WSCTL_SINK (element);

  for_each_input (self, apply_encoding);
  announce_encoding (self, TRUE, FALSE);
  g_object_notify (G_OBJECT (element), "video-bitrate");
}

static void
clear_over (GstWsctlInput * input, GstWsctlSink * self)
{
  gst_wsctl_input_set_over (input, FALSE);
}

static gboolean
gst_wsctl_sink_started (GstWsctlBin * bin, GstWsctlController * controller)
{
  GstWsctlSink *self = GST_WSCTL_SINK (bin);

  gst_wsctl_sink_forward_signals (GST_ELEMENT (self), controller);
  gst_wsctl_bitrate_begin (&self->bitrate, GST_ELEMENT (self), controller,
      apply_new_bitrate);
  for_each_input (self, apply_encoding);
  for_each_input (self, clear_over);

  g_mutex_lock (&self->lock);
  self->offered = 0;
  g_mutex_unlock (&self->lock);

  return open_when_known (self, FALSE);
}

static void
connect_input (GstWsctlSink * self, GstWsctlInput * input,
    const GstWsctlAnsweredMedia * media)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (GST_WSCTL_BIN (self));
  GstWsctlConnection *connection;

  if (controller == NULL)
    return;

  if (media == NULL || media->rejected) {
    GST_ELEMENT_WARNING (self, STREAM, WRONG_TYPE,
        ("The server does not take %s; it is dropped.",
            gst_wsctl_media_kind_get_nick (gst_wsctl_input_get_kind (input))),
        ("rejected in the answer"));
    return;
  }

  connection = gst_wsctl_controller_get_connection (controller);
  gst_wsctl_input_begin (input, connection);
  gst_wsctl_input_connect (input, connection, media->caps);
}

static void
apply_rtp_props (GstWsctlSink * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (GST_WSCTL_BIN (self));
  gint nack, drop;

  g_mutex_lock (&self->lock);
  nack = self->nack;
  drop = self->drop;
  g_mutex_unlock (&self->lock);

  if (controller != NULL && gst_wsctl_controller_get_opened (controller)
      && (nack >= 0 || drop >= 0))
    gst_wsctl_controller_set_rtp_props (controller, nack, drop);
}

static gboolean
is_offered (GstWsctlSink * self, GstWsctlMediaKind kind)
{
  gboolean offered;

  g_mutex_lock (&self->lock);
  offered = (self->offered & 1 << kind) != 0;
  g_mutex_unlock (&self->lock);

  return offered;
}

static void
connect_inputs (GstWsctlSink * self, const GstWsctlAnswer * answer)
{
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    if (input != NULL && is_offered (self, kind))
      connect_input (self, input, gst_wsctl_answer_get_media (answer, kind));
  }
}

static void
gst_wsctl_sink_opened (GstWsctlBin * bin, const GstWsctlAnswer * answer)
{
  GstWsctlSink *self = GST_WSCTL_SINK (bin);

  announce_encoding (self, TRUE, TRUE);
  apply_rtp_props (self);
  connect_inputs (self, answer);
}

static void
run_open_inputs (GstElement * element, gpointer data)
{
  GstWsctlSink *self = GST_WSCTL_SINK (element);
  GstWsctlConnection *session = data;
  guint kind;

  gst_wsctl_pacing_restart (self->pacing);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    if (input != NULL)
      gst_wsctl_input_open (input, session);
  }
}

static void
gst_wsctl_sink_connected (GstWsctlBin * bin)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (bin);

  gst_wsctl_bitrate_start (&GST_WSCTL_SINK (bin)->bitrate);
  if (controller != NULL)
    gst_element_call_async (GST_ELEMENT (bin), run_open_inputs,
        g_object_ref (gst_wsctl_controller_get_connection (controller)),
        g_object_unref);
}

static void
gst_wsctl_sink_add_stats (GstWsctlBin * bin, GstStructure * stats)
{
  gst_wsctl_bitrate_add_stats (&GST_WSCTL_SINK (bin)->bitrate, stats);
}

/* The server wants no more: for a pipeline that is the end. */
static void
gst_wsctl_sink_ended (GstWsctlBin * bin)
{
  gst_element_post_message (GST_ELEMENT (bin),
      gst_message_new_eos (GST_OBJECT (bin)));
}

static void
block_input (GstWsctlInput * input, GstWsctlSink * self)
{
  gst_wsctl_input_block (input);
}

static void
disconnect_input (GstWsctlInput * input, GstWsctlSink * self)
{
  gst_wsctl_input_disconnect (input);
}

static void
run_clear_timers (gpointer data)
{
  GstWsctlSink *self = data;

  gst_wsctl_loop_clear_timer (&self->media_timer);
  gst_wsctl_loop_clear_timer (&self->end_timer);
}

static void
gst_wsctl_sink_stopping (GstWsctlBin * bin)
{
  GstWsctlSink *self = GST_WSCTL_SINK (bin);

  gst_wsctl_bitrate_end (&self->bitrate);
  for_each_input (self, block_input);
  call_on_loop_sync (self, run_clear_timers);
}

static void
gst_wsctl_sink_suspended (GstWsctlBin * bin)
{
  for_each_input (GST_WSCTL_SINK (bin), disconnect_input);
}

static void
warn (GstWsctlSink * self, const gchar * sentence)
{
  GST_ELEMENT_WARNING (self, STREAM, FAILED, ("%s.", sentence), (NULL));
}

/* Which pads there are is no error: they may come with the data. */
static void
check_linked (GstWsctlSink * self)
{
  guint kind, n_linked = 0;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    n_linked += input != NULL && gst_pad_is_linked (GST_PAD (input));
  }
  if (n_linked > 0 || self->told_unlinked || g_get_monotonic_time ()
      - self->playing_us < GST_WSCTL_FLOW_WATCH_LIMIT_US)
    return;

  self->told_unlinked = TRUE;
  warn (self, "Nothing is linked to the pads 'video' and 'audio' yet; the "
      "session begins when something is");
}

static gboolean
on_watch (gpointer data)
{
  GstWsctlSink *self = data;
  guint kind;

  check_linked (self);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);
    g_autofree gchar *sentence = NULL;
    GstWsctlInputFlow flow;

    if (input == NULL || gst_wsctl_input_is_eos (input)
        || gst_wsctl_input_is_over (input)
        || !gst_pad_is_linked (GST_PAD (input))) {
      gst_wsctl_flow_watch_rest (&self->watches[kind]);
      continue;
    }
    gst_wsctl_input_get_flow (input, &flow);
    sentence = gst_wsctl_flow_watch_check (&self->watches[kind], &flow, kind,
        g_get_monotonic_time ());
    if (sentence != NULL)
      warn (self, sentence);
  }

  return G_SOURCE_CONTINUE;
}

static void
run_start_watch (gpointer data)
{
  GstWsctlSink *self = data;
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    gst_wsctl_flow_watch_rest (&self->watches[kind]);
  self->playing_us = g_get_monotonic_time ();
  start_timer (self, &self->watch_timer, WATCH_INTERVAL_MS, on_watch);
}

static void
run_stop_watch (gpointer data)
{
  GstWsctlSink *self = data;

  gst_wsctl_loop_clear_timer (&self->watch_timer);
}

static void
set_over (GstWsctlInput * input, GstWsctlSink * self)
{
  gst_wsctl_input_set_over (input, TRUE);
}

/* The error or the end of stream has said it all. */
static void
gst_wsctl_sink_over (GstWsctlBin * bin)
{
  for_each_input (GST_WSCTL_SINK (bin), set_over);
  call_on_loop (GST_WSCTL_SINK (bin), run_stop_watch);
}

/* What has been said is said again in the next run. */
static void
run_forget (gpointer data)
{
  GstWsctlSink *self = data;

  self->told_unlinked = FALSE;
  memset (self->watches, 0, sizeof (self->watches));
}

static void
gst_wsctl_sink_stopped (GstWsctlBin * bin)
{
  GstWsctlSink *self = GST_WSCTL_SINK (bin);

  for_each_input (self, disconnect_input);
  g_mutex_lock (&self->lock);
  self->late = FALSE;
  self->ending = FALSE;
  self->n_sent = 0;
  g_mutex_unlock (&self->lock);
  call_on_loop_sync (self, run_forget);
}

static void
apply_playing (GstWsctlInput * input, GstWsctlSink * self)
{
  gboolean playing;

  g_mutex_lock (&self->lock);
  playing = self->playing;
  g_mutex_unlock (&self->lock);
  gst_wsctl_input_set_playing (input, playing);
}

static void
gst_wsctl_sink_playing (GstWsctlBin * bin, gboolean playing)
{
  GstWsctlSink *self = GST_WSCTL_SINK (bin);

  g_mutex_lock (&self->lock);
  self->playing = playing;
  g_mutex_unlock (&self->lock);
  for_each_input (self, apply_playing);
  call_on_loop_sync (self, playing ? run_start_watch : run_stop_watch);
}

/* A session has its media from the beginning: others need another one. */
static void
on_input_caps (GstWsctlInput * input, gpointer bin)
{
  GstWsctlSink *self = bin;
  gboolean any, offered;

  g_mutex_lock (&self->lock);
  any = self->offered != 0;
  offered = (self->offered & 1 << gst_wsctl_input_get_kind (input)) != 0;
  g_mutex_unlock (&self->lock);

  if (!any)
    open_when_known (self, FALSE);
  else if (!offered)
    gst_wsctl_bin_renew (bin);
}

static void
on_input_mismatch (GstWsctlInput * input, gpointer bin)
{
  gst_wsctl_bin_renew (bin);
}

static gboolean
is_all_eos (GstWsctlSink * self, guint64 * n_sent)
{
  gboolean all = TRUE;
  guint kind;

  g_mutex_lock (&self->lock);
  *n_sent = self->n_sent;
  g_mutex_unlock (&self->lock);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);
    GstWsctlInputFlow flow;

    if (input == NULL)
      continue;
    all &= gst_wsctl_input_is_eos (input);
    gst_wsctl_input_get_flow (input, &flow);
    *n_sent += flow.n_sent;
  }

  return all;
}

static gboolean
on_end_waited (gpointer data)
{
  GstWsctlSink *self = data;
  guint64 n_sent;

  gst_wsctl_loop_clear_timer (&self->end_timer);
  if (is_all_eos (self, &n_sent))
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_eos (GST_OBJECT (self)));

  return G_SOURCE_REMOVE;
}

static void
run_wait_for_end (gpointer data)
{
  GstWsctlSink *self = data;

  start_timer (self, &self->end_timer, END_WAIT_MS, on_end_waited);
}

static void
on_input_eos (GstWsctlInput * input, gpointer bin)
{
  GstWsctlSink *self = bin;
  gboolean ending;
  guint64 n_sent;

  g_mutex_lock (&self->lock);
  ending = self->ending;
  g_mutex_unlock (&self->lock);

  if (!is_all_eos (self, &n_sent)) {
    on_input_caps (input, bin);
    return;
  }
  if (n_sent > 0 || ending)
    call_on_loop (self, run_wait_for_end);
  else
    fail_with (self, GST_WSCTL_ERROR_FAILED, "the source has ended before the "
        "session was up, and nothing was published");
}

static void
on_input_error (GstWsctlInput * input, const GError * error, gpointer bin)
{
  gst_wsctl_bin_fail (bin, error);
}

static const GstWsctlInputCallbacks input_callbacks = {
  on_input_caps, on_input_mismatch, on_input_eos, on_input_error,
  gst_wsctl_encoding_emit_encoder_setup,
  gst_wsctl_encoding_emit_payloader_setup
};

/* A pad that comes during a session takes the place of one that was offered; one
 * of another kind brings a new session when its media are known. */
static void
run_join_session (gpointer data)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (data);

  if (controller == NULL || !gst_wsctl_controller_get_opened (controller))
    return;

  connect_inputs (data, gst_wsctl_controller_get_answer (controller));
  if (gst_wsctl_connection_get_state (gst_wsctl_controller_get_connection
          (controller)) == GST_WSCTL_CONNECTION_STATE_CONNECTED)
    gst_wsctl_sink_connected (data);
}

static void
join_session (GstWsctlSink * self)
{
  g_autoptr (GstWsctlController) controller =
      gst_wsctl_bin_get_controller (GST_WSCTL_BIN (self));
  g_autoptr (GstWsctlLoop) loop = NULL;

  if (controller == NULL)
    return;

  loop = gst_wsctl_loop_get_shared ();
  gst_wsctl_loop_call (loop, run_join_session, gst_object_ref (self),
      gst_object_unref);
}

static GstPad *
gst_wsctl_sink_request_new_pad (GstElement * element, GstPadTemplate * template,
    const gchar * name, const GstCaps * caps)
{
  GstWsctlSink *self = GST_WSCTL_SINK (element);
  GstWsctlMediaKind kind =
      g_str_equal (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "audio")
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;
  g_autoptr (GstWsctlInput) old = get_input (self, kind);
  GstWsctlInput *input;

  /* One of a kind: the protocol knows no more in a session. */
  if (old != NULL)
    return NULL;

  input = gst_wsctl_input_new (GST_BIN (self), template, kind, self->pacing,
      &input_callbacks);
  apply_encoding (input, self);
  apply_playing (input, self);
  g_mutex_lock (&self->lock);
  self->inputs[kind] = input;
  self->late |= GST_STATE (self) > GST_STATE_READY
      || GST_STATE_PENDING (self) > GST_STATE_READY;
  g_mutex_unlock (&self->lock);
  gst_element_add_pad (element, GST_PAD (input));
  join_session (self);

  return GST_PAD (input);
}

static void
gst_wsctl_sink_release_pad (GstElement * element, GstPad * pad)
{
  GstWsctlSink *self = GST_WSCTL_SINK (element);
  GstWsctlInput *input = GST_WSCTL_INPUT (pad);
  GstWsctlInputFlow flow;

  gst_wsctl_input_get_flow (input, &flow);
  g_mutex_lock (&self->lock);
  self->inputs[gst_wsctl_input_get_kind (input)] = NULL;
  self->n_sent += flow.n_sent;
  g_mutex_unlock (&self->lock);

  gst_wsctl_input_remove (input);
}

/* Each pad sends what comes when it comes: one that buffers less than another has
 * as latency is no problem, and there is no maximum. */
static gboolean
add_latency (GstElement * element, GstPad * pad, gpointer data)
{
  GstQuery *sum = data;
  GstQuery *query = gst_query_new_latency ();

  if (gst_pad_peer_query (pad, query)) {
    GstClockTime min, sum_min;
    gboolean live, sum_live;

    gst_query_parse_latency (query, &live, &min, NULL);
    gst_query_parse_latency (sum, &sum_live, &sum_min, NULL);
    gst_query_set_latency (sum, live || sum_live, MAX (min, sum_min),
        GST_CLOCK_TIME_NONE);
  }
  gst_query_unref (query);

  return TRUE;
}

/* As a sink of its own: position, duration and seeking are what upstream says. */
static gboolean
gst_wsctl_sink_query (GstElement * element, GstQuery * query)
{
  GstWsctlSink *self = GST_WSCTL_SINK (element);
  guint kind;

  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY) {
    gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
    return gst_element_foreach_sink_pad (element, add_latency, query);
  }

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    if (input != NULL && gst_pad_peer_query (GST_PAD (input), query))
      return TRUE;
  }

  return FALSE;
}

static void
end_held (GstWsctlInput * input, GstWsctlSink * self)
{
  gst_wsctl_input_end (input);
}

/* The application ends the pipeline; sources hear of it as well, but one that is
 * held in here could not pass it on. */
static void
end_by_hand (GstWsctlSink * self)
{
  g_mutex_lock (&self->lock);
  self->ending = TRUE;
  g_mutex_unlock (&self->lock);
  for_each_input (self, end_held);
}

/* What goes upstream, as a seek of the application does, starts at every pad. */
static gboolean
gst_wsctl_sink_send_event (GstElement * element, GstEvent * event)
{
  GstWsctlSink *self = GST_WSCTL_SINK (element);
  gboolean sent = FALSE;
  guint kind;

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    end_by_hand (self);
    gst_event_unref (event);
    return TRUE;
  }
  if (!GST_EVENT_IS_UPSTREAM (event)
      || GST_EVENT_TYPE (event) == GST_EVENT_LATENCY)
    return GST_ELEMENT_CLASS (gst_wsctl_sink_parent_class)->send_event (element,
        event);

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlInput) input = get_input (self, kind);

    if (input != NULL)
      sent |= gst_pad_push_event (GST_PAD (input), gst_event_ref (event));
  }
  gst_event_unref (event);

  return sent;
}

static void
set_wanted (GstWsctlSink * self, GstWsctlMediaKind kind, const GValue * value)
{
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->wanted[kind],
      (GstCaps *) gst_value_get_caps (value));
  g_mutex_unlock (&self->lock);
}

static void
set_number (GstWsctlSink * self, gpointer field, gint value)
{
  g_mutex_lock (&self->lock);
  *(gint *) field = value;
  g_mutex_unlock (&self->lock);
}

static void
gst_wsctl_sink_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstWsctlSink *self = GST_WSCTL_SINK (object);

  if (gst_wsctl_bitrate_set_value (&self->bitrate, object,
          prop_id - GST_WSCTL_SINK_FIRST_BITRATE_PROP, value))
    return;
  if (gst_wsctl_encoding_set_value (&self->encoding,
          prop_id - GST_WSCTL_SINK_FIRST_ENCODING_PROP, value)) {
    for_each_input (self, apply_encoding);
    announce_encoding (self, FALSE, TRUE);
    return;
  }

  switch (prop_id) {
    case GST_WSCTL_SINK_PROP_VIDEO_CAPS:
      set_wanted (self, GST_WSCTL_MEDIA_KIND_VIDEO, value);
      break;
    case GST_WSCTL_SINK_PROP_AUDIO_CAPS:
      set_wanted (self, GST_WSCTL_MEDIA_KIND_AUDIO, value);
      break;
    case GST_WSCTL_SINK_PROP_RTP_NACK:
      set_number (self, &self->nack, g_value_get_int (value));
      apply_rtp_props (self);
      break;
    case GST_WSCTL_SINK_PROP_RTP_DROP:
      set_number (self, &self->drop, g_value_get_int (value));
      apply_rtp_props (self);
      break;
    default:
      G_OBJECT_CLASS (gst_wsctl_sink_parent_class)->set_property (object,
          prop_id, value, pspec);
      break;
  }
}

static void
gst_wsctl_sink_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstWsctlSink *self = GST_WSCTL_SINK (object);

  if (prop_id < GST_WSCTL_BIN_FIRST_PROP) {
    G_OBJECT_CLASS (gst_wsctl_sink_parent_class)->get_property (object,
        prop_id, value, pspec);
    return;
  }

  if (gst_wsctl_bitrate_get_value (&self->bitrate,
          prop_id - GST_WSCTL_SINK_FIRST_BITRATE_PROP, value)
      || gst_wsctl_encoding_get_value (&self->encoding,
          prop_id - GST_WSCTL_SINK_FIRST_ENCODING_PROP, value))
    return;

  g_mutex_lock (&self->lock);
  switch (prop_id) {
    case GST_WSCTL_SINK_PROP_VIDEO_CAPS:
      gst_value_set_caps (value, self->wanted[GST_WSCTL_MEDIA_KIND_VIDEO]);
      break;
    case GST_WSCTL_SINK_PROP_AUDIO_CAPS:
      gst_value_set_caps (value, self->wanted[GST_WSCTL_MEDIA_KIND_AUDIO]);
      break;
    case GST_WSCTL_SINK_PROP_RTP_NACK:
      g_value_set_int (value, self->nack);
      break;
    case GST_WSCTL_SINK_PROP_RTP_DROP:
      g_value_set_int (value, self->drop);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  g_mutex_unlock (&self->lock);
}

static void
gst_wsctl_sink_finalize (GObject * object)
{
  GstWsctlSink *self = GST_WSCTL_SINK (object);
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++)
    gst_clear_caps (&self->wanted[kind]);
  gst_wsctl_pacing_unref (self->pacing);
  gst_wsctl_bitrate_clear (&self->bitrate);
  gst_wsctl_encoding_clear (&self->encoding);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_sink_parent_class)->finalize (object);
}

static void
gst_wsctl_sink_class_init (GstWsctlSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstWsctlBinClass *bin_class = GST_WSCTL_BIN_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlsink_debug, "wsctlsink", 0,
      "WebRTC WebSocket control: sink");

  object_class->set_property = gst_wsctl_sink_set_property;
  object_class->get_property = gst_wsctl_sink_get_property;
  object_class->finalize = gst_wsctl_sink_finalize;
  element_class->request_new_pad = gst_wsctl_sink_request_new_pad;
  element_class->release_pad = gst_wsctl_sink_release_pad;
  element_class->query = gst_wsctl_sink_query;
  element_class->send_event = gst_wsctl_sink_send_event;
  bin_class->role = GST_WSCTL_ROLE_PUBLISH;
  bin_class->started = gst_wsctl_sink_started;
  bin_class->opened = gst_wsctl_sink_opened;
  bin_class->connected = gst_wsctl_sink_connected;
  bin_class->add_stats = gst_wsctl_sink_add_stats;
  bin_class->ended = gst_wsctl_sink_ended;
  bin_class->stopping = gst_wsctl_sink_stopping;
  bin_class->suspended = gst_wsctl_sink_suspended;
  bin_class->playing = gst_wsctl_sink_playing;
  bin_class->over = gst_wsctl_sink_over;
  bin_class->stopped = gst_wsctl_sink_stopped;

  gst_wsctl_config_install_properties (object_class, FALSE);
  gst_wsctl_sink_install_properties (object_class);
  gst_wsctl_sink_install_signals (G_TYPE_FROM_CLASS (klass));

  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_set_static_metadata (element_class,
      "WebRTC WebSocket control sink", "Sink/Network/WebRTC",
      "Publishes to a WebRTC server with WebSocket control",
      "The gst-wsctl authors");
}

static void
gst_wsctl_sink_init (GstWsctlSink * self)
{
  g_mutex_init (&self->lock);
  self->pacing = gst_wsctl_pacing_new ();
  gst_wsctl_bitrate_init (&self->bitrate);
  gst_wsctl_encoding_init (&self->encoding);
  self->nack = GST_WSCTL_SINK_DEFAULT_RTP_NACK;
  self->drop = GST_WSCTL_SINK_DEFAULT_RTP_DROP;

  /* A sink, whatever webrtcbin is. A bin sends EOS of the application only to
   * what has the flag of a source. */
  gst_bin_set_suppressed_flags (GST_BIN (self),
      GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK);
}
