/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-wsctlsrc
 * @title: wsctlsrc
 * @short_description: play from a WebRTC server with WebSocket control
 *
 * wsctlsrc receives video, audio or both from a server that speaks WebRTC with
 * control over a WebSocket: wsctl-server, MistServer, Ceeblue. Its pads appear
 * when the server has answered. Each gives what is linked to it the form that it
 * takes: raw media, decoded with what is installed, parsed elementary streams,
 * or RTP; raw where it takes them all. Of the decoders it is the one of the
 * highest rank that works, be it of hardware or not.
 *
 * The addresses `wsctl://` and `wsctls://` make it the source of playbin3,
 * uridecodebin3 and gst-play-1.0. The session is told of on the bus
 * (`wsctl-open`, `wsctl-connected`, `wsctl-playing`, `wsctl-close`) and by signals
 * of the same names with `on-` in front. It begins with PLAYING: a pipeline may
 * stay in PAUSED before that for any time. The end of the stream is EOS. A session
 * that fails is followed by another behind the same pads, with gaps in between,
 * unless #GstWsctlBin:reconnect says no.
 *
 * A pad that was asked for also appears for a medium that the stream lacks; it
 * gives EOS, so that what is linked does not wait for it, and a warning says so.
 * Inside playbin3 and its kind it does not appear. H.264 for a muxer has its
 * parameter sets in band (`stream-format=avc3`), so that a recording goes on when
 * the picture changes its size. (docs/recording.md)
 *
 * What the server keeps of the stream can be sought in, as in a file: positions
 * and the duration, which grows, are the server's times, and a seek beyond the
 * end returns to what is being published, as does `go-live`. In PAUSED the
 * server holds, and playing goes on at the same place. The rate of a seek is how
 * fast the server sends; it has to be positive. Each buffer carries the time at
 * which it was captured, as a #GstReferenceTimestampMeta of `timestamp/x-unix`,
 * once the server has told of it.
 *
 * ```
 *      ┌───────────┐ ─▶ identity ─▶ depayloader ! parser ! decoder ──▶ video_0
 *   ──▶│ webrtcbin │
 *      └───────────┘ ─▶ identity ─▶ depayloader ! decoder ──▶ audio_0
 * ```
 *
 * ## Example launch lines
 *
 * |[
 * gst-launch-1.0 wsctlsrc uri=ws://127.0.0.1:8080/webrtc/live name=s s. ! queue ! videoconvert ! autovideosink s. ! queue ! audioconvert ! autoaudiosink
 * ]| Plays both.
 *
 * |[
 * gst-launch-1.0 playbin3 uri=wsctl://127.0.0.1:8080/webrtc/live
 * ]| Plays whatever there is.
 *
 * |[
 * gst-launch-1.0 -e wsctlsrc uri=ws://127.0.0.1:8080/webrtc/live name=s s. ! queue ! video/x-h264 ! m. s. ! queue ! audio/x-opus ! m. matroskamux name=m offset-to-zero=true ! filesink location=live.mkv
 * ]| Records both.
 *
 * Since: 0.1
 */

#include "gstwsctlsrc.h"

#include "gstwsctlforms.h"
#include "gstwsctloutput.h"
#include "gstwsctlsrcinfo.h"
#include "gstwsctlsrcstream.h"
#include "gstwsctlsrclatency.h"
#include "gstwsctlsrcmedia.h"
#include "gstwsctlsrctime.h"
#include "gstwsctlsrcuri.h"
#include "gstwsctlsrcwanted.h"
#include "wsctlcontroller-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlsrc_debug);
#define GST_CAT_DEFAULT wsctlsrc_debug

struct _GstWsctlSrc
{
  GstWsctlBin parent;

  GstWsctlSrcTime *time;
  GstWsctlSrcLatency *latency;
  GstWsctlSrcStream *stream;
  GstWsctlSrcWanted *wanted;

  GMutex lock;
  GstWsctlOutput *outputs[GST_WSCTL_N_MEDIA_KINDS];     /* lock */
  gboolean active;              /* lock: pads may appear */
  gboolean complete;            /* lock: all have, it was said */
  guint group_id;               /* of their streams; while none are there */
  GstWsctlFlows *flows;
};

enum
{
  PROP_FIRST_OF_WANTED = GST_WSCTL_BIN_FIRST_PROP,
  PROP_LATENCY_MODE = PROP_FIRST_OF_WANTED + GST_WSCTL_SRC_WANTED_N_PROPS,
  PROP_FIRST_OF_STREAM,
  PROP_FIRST_OF_TIME = PROP_FIRST_OF_STREAM + GST_WSCTL_SRC_STREAM_N_PROPS,
};

enum
{
  SIGNAL_ON_PLAYING,
  SIGNAL_GO_LIVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GstStaticPadTemplate video_template =
GST_STATIC_PAD_TEMPLATE ("video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS (GST_WSCTL_VIDEO_CAPS));
static GstStaticPadTemplate audio_template =
GST_STATIC_PAD_TEMPLATE ("audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS (GST_WSCTL_AUDIO_CAPS));

G_DEFINE_FINAL_TYPE_WITH_CODE (GstWsctlSrc, gst_wsctl_src, GST_TYPE_WSCTL_BIN,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER,
        gst_wsctl_src_uri_handler_init));
GST_ELEMENT_REGISTER_DEFINE (wsctlsrc, "wsctlsrc", GST_RANK_PRIMARY,
    GST_TYPE_WSCTL_SRC);

/* Transfer full, or NULL. */
static GstWsctlOutput *
get_output (GstWsctlSrc * self, GstWsctlMediaKind kind)
{
  GstWsctlOutput *output;

  g_mutex_lock (&self->lock);
  output = self->outputs[kind];
  if (output != NULL)
    gst_object_ref (output);
  g_mutex_unlock (&self->lock);

  return output;
}

static void
on_output_error (GstWsctlOutput * output, const GError * error, gpointer bin)
{
  gst_wsctl_bin_fail (bin, error);
}

static GstWsctlMediaKind
get_pad_kind (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const gchar *media = NULL;

  if (caps == NULL)
    caps = gst_pad_query_caps (pad, NULL);
  if (gst_caps_get_size (caps) > 0)
    media = gst_structure_get_string (gst_caps_get_structure (caps, 0),
        "media");

  return g_strcmp0 (media, "audio") == 0 ? GST_WSCTL_MEDIA_KIND_AUDIO
      : GST_WSCTL_MEDIA_KIND_VIDEO;
}

/* On a streaming thread, with the first packet. */
static void
on_webrtcbin_pad_added (GstElement * webrtcbin, GstPad * pad,
    GstWsctlSrc * self)
{
  g_autoptr (GstWsctlOutput) output = NULL;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;

  output = get_output (self, get_pad_kind (pad));
  if (output == NULL || !gst_wsctl_output_link (output, pad)) {
    GST_INFO_OBJECT (self, "nobody waits for %" GST_PTR_FORMAT, pad);
    gst_wsctl_output_ignore (pad);
  }
}

static void
on_playing (GstWsctlController * controller, GstStructure * report,
    GstWsctlSrc * self)
{
  gst_wsctl_src_time_take_report (self->time, report);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("wsctl-playing", "report", GST_TYPE_STRUCTURE,
              report, NULL)));
  g_signal_emit (self, signals[SIGNAL_ON_PLAYING], 0, report);
}

/* The stamps of some servers tell the time of the stream: in a pause they stand
 * still, and with a seek they jump. What was learned of the way is wrong then. */
static void
forget_ways (GstWsctlSrc * self)
{
  gint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlOutput) output = get_output (self, kind);

    if (output != NULL)
      gst_wsctl_output_forget_lead (output);
  }
  gst_wsctl_src_latency_forget (self->latency);
  gst_wsctl_src_stream_forget (self->stream);
}

static void
on_seek (GstWsctlController * controller, GstStructure * report,
    GstWsctlSrc * self)
{
  gst_wsctl_src_time_take_seek (self->time, report);
  forget_ways (self);
}

static gboolean
gst_wsctl_src_started (GstWsctlBin * bin, GstWsctlController * controller)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (bin);
  g_autoptr (GstElement) webrtcbin = gst_wsctl_bin_get_webrtcbin (bin);
  gboolean any = FALSE;
  gint kind;

  g_mutex_lock (&self->lock);
  self->active = TRUE;
  g_mutex_unlock (&self->lock);

  gst_wsctl_src_time_begin (self->time);
  gst_wsctl_src_latency_begin (self->latency, webrtcbin);
  g_signal_connect_object (webrtcbin, "pad-added",
      G_CALLBACK (on_webrtcbin_pad_added), self, 0);
  g_signal_connect_object (controller, "on-playing", G_CALLBACK (on_playing),
      self, 0);
  g_signal_connect_object (controller, "on-seek", G_CALLBACK (on_seek), self,
      0);

  for (kind = GST_WSCTL_N_MEDIA_KINDS - 1; kind >= 0; kind--) {
    g_autoptr (GstCaps) offer =
        gst_wsctl_src_wanted_make_offer (self->wanted, kind);

    if (gst_caps_is_empty (offer))
      continue;
    gst_wsctl_controller_add_media (controller, kind, offer);
    any = TRUE;
  }
  if (!any) {
    g_autoptr (GError) error = g_error_new_literal (GST_WSCTL_ERROR,
        GST_WSCTL_ERROR_MISSING_PLUGIN,
        "no depayloader is installed for any codec that is wanted");

    gst_wsctl_src_wanted_post_missing (self->wanted, GST_ELEMENT (self));
    gst_wsctl_bin_fail (bin, error);
    return FALSE;
  }
  gst_wsctl_src_stream_start (self->stream, controller);
  gst_wsctl_src_wanted_warm_up (self->wanted);

  return TRUE;
}

static GstPadProbeReturn
on_upstream_event (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlSrc *self = data;

  if (!gst_wsctl_src_stream_take_event (self->stream,
          GST_PAD_PROBE_INFO_EVENT (info)))
    return GST_PAD_PROBE_OK;

  gst_event_unref (GST_PAD_PROBE_INFO_EVENT (info));

  return GST_PAD_PROBE_HANDLED;
}

/* A player makes its choice among the pads that there are: it is not to find one
 * that nothing comes from. */
static gboolean
is_exposable (GstWsctlSrc * self, const GstWsctlAnsweredMedia * media)
{
  return !media->rejected
      || !gst_wsctl_src_info_is_inside (GST_ELEMENT (self), "GstURI");
}

/* A new one, transfer full; NULL for one that is there already: a pad outlives
 * its session when another one follows. */
static GstWsctlOutput *
add_output (GstWsctlSrc * self, const GstWsctlAnsweredMedia * media)
{
  GstPadTemplate *template =
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (self),
      media->kind == GST_WSCTL_MEDIA_KIND_AUDIO ? "audio_%u" : "video_%u");
  g_autoptr (GstWsctlOutput) old = get_output (self, media->kind);
  GstWsctlOutput *output = NULL;
  gboolean active;

  /* The floating reference goes to the element; one stays here meanwhile. */
  g_mutex_lock (&self->lock);
  active = self->active;
  if (active && old == NULL && is_exposable (self, media)) {
    output = gst_wsctl_output_new (GST_BIN (self), template, media, self->time,
        self->flows, on_output_error);
    gst_object_ref (output);
    gst_wsctl_src_latency_watch (self->latency, GST_PAD (output), media->kind);
    gst_pad_add_probe (GST_PAD (output), GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        on_upstream_event, self, NULL);
    self->outputs[media->kind] = output;
  }
  g_mutex_unlock (&self->lock);

  if (active && old != NULL)
    gst_wsctl_output_resume (old, media);

  return output;
}

static GstStreamCollection *
collect_streams (GstWsctlSrc * self)
{
  GstStreamCollection *collection = gst_stream_collection_new (NULL);
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlOutput) output = get_output (self, kind);

    if (output != NULL)
      gst_stream_collection_add_stream (collection,
          gst_object_ref (gst_wsctl_output_get_stream (output)));
  }

  return collection;
}

/* Who is behind a pad that appears is told at once of the other ones: decoders
 * that choose among streams do not have to guess what is still to come. In the
 * order of the answer. */
static void
expose_outputs (GstWsctlSrc * self, GPtrArray * fresh)
{
  g_autoptr (GstStreamCollection) collection = collect_streams (self);
  guint i;

  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++) {
    g_autoptr (GstWsctlOutput) output = get_output (self, i);

    if (output != NULL && !g_ptr_array_find (fresh, output, NULL))
      gst_wsctl_output_set_collection (output, collection);
  }
  for (i = 0; i < fresh->len; i++)
    gst_wsctl_output_expose (g_ptr_array_index (fresh, i), self->group_id,
        collection);
}

static void
run_add_outputs (GstElement * element, gpointer data)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (element);
  g_autoptr (GPtrArray) fresh =
      g_ptr_array_new_with_free_func (gst_object_unref);
  GPtrArray *list = data;
  gboolean first;
  guint i;

  for (i = 0; i < list->len; i++) {
    GstWsctlOutput *output = add_output (self, g_ptr_array_index (list, i));

    if (output != NULL)
      g_ptr_array_add (fresh, output);
  }
  if (fresh->len > 0)
    expose_outputs (self, fresh);

  /* There may have been none to add: that was not to be waited for. */
  g_mutex_lock (&self->lock);
  first = self->active && !self->complete;
  self->complete |= first;
  g_mutex_unlock (&self->lock);
  if (first)
    gst_element_no_more_pads (element);
}

static void
gst_wsctl_src_opened (GstWsctlBin * bin, const GstWsctlAnswer * answer)
{
  gst_element_call_async (GST_ELEMENT (bin), run_add_outputs,
      gst_wsctl_src_media_copy (answer), (GDestroyNotify) g_ptr_array_unref);
}

static void
gst_wsctl_src_connected (GstWsctlBin * bin)
{
  gst_wsctl_src_stream_connected (GST_WSCTL_SRC (bin)->stream);
}

static void
for_each_output (GstWsctlSrc * self, void (*func) (GstWsctlOutput *))
{
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlOutput) output = get_output (self, kind);

    if (output != NULL)
      func (output);
  }
}

static void
run_end_outputs (GstElement * element, gpointer data)
{
  for_each_output (GST_WSCTL_SRC (element), gst_wsctl_output_end);
  gst_wsctl_src_stream_end (GST_WSCTL_SRC (element)->stream);
}

static void
gst_wsctl_src_ended (GstWsctlBin * bin)
{
  gst_element_call_async (GST_ELEMENT (bin), run_end_outputs, NULL, NULL);
}

static void
gst_wsctl_src_stopping (GstWsctlBin * bin)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (bin);

  gst_wsctl_src_stream_stop (self->stream);

  g_mutex_lock (&self->lock);
  self->active = FALSE;
  g_mutex_unlock (&self->lock);

  for_each_output (self, gst_wsctl_output_block);
}

static void
gst_wsctl_src_suspended (GstWsctlBin * bin)
{
  for_each_output (GST_WSCTL_SRC (bin), gst_wsctl_output_suspend);
}

static void
gst_wsctl_src_stopped (GstWsctlBin * bin)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (bin);
  guint kind;

  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    g_autoptr (GstWsctlOutput) output = get_output (self, kind);

    if (output == NULL)
      continue;
    g_mutex_lock (&self->lock);
    self->outputs[kind] = NULL;
    g_mutex_unlock (&self->lock);
    gst_wsctl_output_remove (output);
  }
  gst_wsctl_src_latency_end (self->latency);
  gst_wsctl_src_stream_stopped (self->stream);

  self->group_id = gst_util_group_id_next ();
  g_mutex_lock (&self->lock);
  self->complete = FALSE;
  g_mutex_unlock (&self->lock);
}

static GstStateChangeReturn
gst_wsctl_src_change_state (GstElement * element, GstStateChange transition)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    forget_ways (self);
  gst_wsctl_src_time_before_change (self->time, transition);
  ret = GST_ELEMENT_CLASS (gst_wsctl_src_parent_class)->change_state (element,
      transition);
  gst_wsctl_src_time_after_change (self->time, transition);

  return ret;
}

static gboolean
gst_wsctl_src_query (GstElement * element, GstQuery * query)
{
  return gst_wsctl_src_time_query (GST_WSCTL_SRC (element)->time, query)
      || GST_ELEMENT_CLASS (gst_wsctl_src_parent_class)->query (element, query);
}

static void
gst_wsctl_src_add_stats (GstWsctlBin * bin, GstStructure * stats)
{
  gst_wsctl_src_time_add_stats (GST_WSCTL_SRC (bin)->time, stats);
  gst_wsctl_src_stream_add_stats (GST_WSCTL_SRC (bin)->stream, stats);
}

static gboolean
go_live_by_action (GstWsctlSrc * self)
{
  return gst_wsctl_src_time_go_live (self->time);
}

static void
gst_wsctl_src_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (object);

  if (gst_wsctl_src_stream_set_property (self->stream,
          prop_id - PROP_FIRST_OF_STREAM, value)
      || gst_wsctl_src_wanted_set_property (self->wanted,
          prop_id - PROP_FIRST_OF_WANTED, value))
    return;
  if (prop_id == PROP_LATENCY_MODE) {
    gst_wsctl_src_latency_set_mode (self->latency, value);
    return;
  }

  G_OBJECT_CLASS (gst_wsctl_src_parent_class)->set_property (object, prop_id,
      value, pspec);
  if (prop_id == GST_WSCTL_CONFIG_PROP_AUDIO_TRACK)
    gst_wsctl_src_stream_apply_track (self->stream, GST_WSCTL_MEDIA_KIND_AUDIO);
  else if (prop_id == GST_WSCTL_CONFIG_PROP_VIDEO_TRACK)
    gst_wsctl_src_stream_apply_track (self->stream, GST_WSCTL_MEDIA_KIND_VIDEO);
  else if (prop_id == GST_WSCTL_CONFIG_PROP_LATENCY)
    gst_wsctl_src_latency_fix (self->latency);
}

static void
gst_wsctl_src_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (object);

  if (gst_wsctl_src_stream_get_property (self->stream,
          prop_id - PROP_FIRST_OF_STREAM, value)
      || gst_wsctl_src_time_get_property (self->time,
          prop_id - PROP_FIRST_OF_TIME, value)
      || gst_wsctl_src_wanted_get_property (self->wanted,
          prop_id - PROP_FIRST_OF_WANTED, value))
    return;

  if (prop_id == PROP_LATENCY_MODE)
    gst_wsctl_src_latency_get_mode (self->latency, value);
  else
    G_OBJECT_CLASS (gst_wsctl_src_parent_class)->get_property (object, prop_id,
        value, pspec);
}

static gboolean
gst_wsctl_src_send_event (GstElement * element, GstEvent * event)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (element);

  /* Of the element, not of one of its pads */
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    return gst_wsctl_src_time_seek (self->time, event);
  /* Some pads may have no data now, and so nothing that could take it there. */
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    gst_event_unref (event);
    gst_element_call_async (element, run_end_outputs, NULL, NULL);
    return TRUE;
  }
  if (gst_wsctl_src_stream_take_event (self->stream, event)) {
    gst_event_unref (event);
    return TRUE;
  }

  return GST_ELEMENT_CLASS (gst_wsctl_src_parent_class)->send_event (element,
      event);
}

static void
gst_wsctl_src_handle_message (GstBin * bin, GstMessage * message)
{
  gst_wsctl_src_stream_take_message (GST_WSCTL_SRC (bin)->stream, message);

  GST_BIN_CLASS (gst_wsctl_src_parent_class)->handle_message (bin, message);
}

static void
gst_wsctl_src_finalize (GObject * object)
{
  GstWsctlSrc *self = GST_WSCTL_SRC (object);

  gst_wsctl_src_wanted_free (self->wanted);
  gst_wsctl_src_time_unref (self->time);
  gst_wsctl_src_latency_unref (self->latency);
  gst_wsctl_flows_unref (self->flows);
  gst_wsctl_src_stream_free (self->stream);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_src_parent_class)->finalize (object);
}

static void
gst_wsctl_src_class_init (GstWsctlSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstWsctlBinClass *bin_class = GST_WSCTL_BIN_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlsrc_debug, "wsctlsrc", 0,
      "WebRTC WebSocket control: source");

  object_class->set_property = gst_wsctl_src_set_property;
  object_class->get_property = gst_wsctl_src_get_property;
  object_class->finalize = gst_wsctl_src_finalize;
  element_class->change_state = gst_wsctl_src_change_state;
  element_class->send_event = gst_wsctl_src_send_event;
  element_class->query = gst_wsctl_src_query;
  GST_BIN_CLASS (klass)->handle_message = gst_wsctl_src_handle_message;
  bin_class->role = GST_WSCTL_ROLE_PLAY;
  bin_class->add_stats = gst_wsctl_src_add_stats;
  bin_class->started = gst_wsctl_src_started;
  bin_class->opened = gst_wsctl_src_opened;
  bin_class->connected = gst_wsctl_src_connected;
  bin_class->ended = gst_wsctl_src_ended;
  bin_class->stopping = gst_wsctl_src_stopping;
  bin_class->suspended = gst_wsctl_src_suspended;
  bin_class->stopped = gst_wsctl_src_stopped;

  gst_wsctl_config_install_properties (object_class, TRUE);

  gst_wsctl_src_wanted_install_properties (object_class, PROP_FIRST_OF_WANTED);
  gst_wsctl_output_install_signals (G_TYPE_FROM_CLASS (klass));
  gst_wsctl_src_stream_install (object_class, PROP_FIRST_OF_STREAM);
  gst_wsctl_src_time_install_properties (object_class, PROP_FIRST_OF_TIME);
  gst_wsctl_src_latency_install_property (object_class, PROP_LATENCY_MODE);

  /**
   * wsctlsrc::go-live:
   * @self: the element
   *
   * Returns to what is being published, at its own speed. The same as a seek to
   * the end.
   *
   * Returns: FALSE while it is not known what there is
   */
  signals[SIGNAL_GO_LIVE] =
      g_signal_new_class_handler ("go-live", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION, G_CALLBACK (go_live_by_action),
      NULL, NULL, NULL, G_TYPE_BOOLEAN, 0);

  /**
   * wsctlsrc::on-playing:
   * @self: the element
   * @report: `application/x-wsctl-playing`: where playing is, in ms
   *
   * About once a second. Also the element message `wsctl-playing`.
   */
  signals[SIGNAL_ON_PLAYING] =
      g_signal_new ("on-playing", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
      0, NULL, NULL, NULL, G_TYPE_NONE, 1, GST_TYPE_STRUCTURE);

  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_set_static_metadata (element_class,
      "WebRTC WebSocket control source", "Source/Network/WebRTC",
      "Plays from a WebRTC server with WebSocket control",
      "The gst-wsctl authors");
}

static void
gst_wsctl_src_init (GstWsctlSrc * self)
{
  g_mutex_init (&self->lock);
  self->group_id = gst_util_group_id_next ();
  self->time = gst_wsctl_src_time_new (GST_WSCTL_BIN (self));
  self->latency = gst_wsctl_src_latency_new (GST_WSCTL_BIN (self));
  self->flows = gst_wsctl_flows_new ();
  self->wanted = gst_wsctl_src_wanted_new ();
  self->stream = gst_wsctl_src_stream_new (GST_WSCTL_BIN (self));

  /* webrtcbin is a sink as much as a source; we are one of them. */
  gst_bin_set_suppressed_flags (GST_BIN (self),
      GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}
