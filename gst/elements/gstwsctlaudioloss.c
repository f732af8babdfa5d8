/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The loop looks at the statistics, a thread that may wait sets the encoders.
 */

#include "gstwsctlaudioloss.h"

#include "wsctlconnection-private.h"
#include "wsctlloop-private.h"
#include "wsctlrateaudio-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlaudioloss_debug);
#define GST_CAT_DEFAULT wsctlaudioloss_debug

#define LOOK_INTERVAL_MS 1000
#define ENCODER "opusenc"

struct _GstWsctlAudioLoss
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GWeakRef element;

  /* The loop only */
  GstWsctlController *controller;       /* NULL once stopped */
  GstWsctlRateAudio rate;
  GSource *timer;
};

static GstWsctlAudioLoss *
ref_loss (GstWsctlAudioLoss * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_loss (gpointer data)
{
  GstWsctlAudioLoss *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_weak_ref_clear (&self->element);
  gst_wsctl_loop_unref (self->loop);
  g_free (self);
}

static GQuark
get_quark (void)
{
  return g_quark_from_static_string ("gst-wsctl-bitrate-without-loss");
}

/* The bitrate that it was given by whoever made it */
static guint
get_full_bitrate (GstElement * encoder)
{
  gpointer kept = g_object_get_qdata (G_OBJECT (encoder), get_quark ());
  gint bitrate_bps = GPOINTER_TO_INT (kept);

  if (bitrate_bps > 0)
    return bitrate_bps;

  g_object_get (encoder, "bitrate", &bitrate_bps, NULL);
  g_object_set_qdata (G_OBJECT (encoder), get_quark (),
      GINT_TO_POINTER (bitrate_bps));

  return bitrate_bps;
}

/* What is the same already is not set again: the encoder would start anew. */
static void
set_up_encoder (const GValue * item, gpointer data)
{
  GstElement *encoder = g_value_get_object (item);
  const GstWsctlRateAudio *rate = data;
  gint percent = 0;

  g_object_get (encoder, "packet-loss-percentage", &percent, NULL);
  if (percent == (gint) rate->percent)
    return;

  GST_DEBUG_OBJECT (encoder, "%u %% are lost, it was %d %%", rate->percent,
      percent);
  g_object_set (encoder, "packet-loss-percentage", (gint) rate->percent,
      "bitrate", (gint) gst_wsctl_rate_audio_get_bitrate (rate,
          get_full_bitrate (encoder)), NULL);
}

static void
run_set_up_encoders (GstElement * element, gpointer data)
{
  g_autoptr (GstIterator) encoders =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (element), ENCODER);

  while (gst_iterator_foreach (encoders, set_up_encoder, data)
      == GST_ITERATOR_RESYNC)
    gst_iterator_resync (encoders);
}

static guint
look (GstWsctlAudioLoss * self)
{
  GstWsctlConnection *connection =
      gst_wsctl_controller_get_connection (self->controller);
  g_autoptr (GstStructure) stats = gst_wsctl_connection_get_stats (connection);
  g_autoptr (GstStructure) audio = NULL;
  guint64 n_sent = 0, n_repeated = 0;
  gint64 n_lost = 0;

  gst_structure_get (stats, "outbound-audio", GST_TYPE_STRUCTURE, &audio, NULL);
  if (audio == NULL)
    return 0;

  gst_structure_get_uint64 (audio, "packets-sent", &n_sent);
  gst_structure_get_uint64 (audio, "retransmitted-packets-sent", &n_repeated);
  gst_structure_get_int64 (audio, "remote-packets-lost", &n_lost);

  return gst_wsctl_rate_audio_push (&self->rate, n_sent, n_lost + n_repeated);
}

static gboolean
on_look (gpointer data)
{
  GstWsctlAudioLoss *self = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  guint before = self->rate.percent;

  /* An encoder that is new knows of nothing. */
  if (element != NULL && (look (self) != before || before > 0))
    gst_element_call_async (element, run_set_up_encoders,
        g_memdup2 (&self->rate, sizeof self->rate), g_free);

  return G_SOURCE_CONTINUE;
}

GstWsctlAudioLoss *
gst_wsctl_audio_loss_new (GstElement * element, GstWsctlController * controller)
{
  GstWsctlAudioLoss *self = g_new0 (GstWsctlAudioLoss, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlaudioloss_debug, "wsctlaudioloss", 0,
      "WebRTC WebSocket control: loss and the Opus encoder");

  g_atomic_ref_count_init (&self->refs);
  self->loop = gst_wsctl_loop_get_shared ();
  g_weak_ref_init (&self->element, element);
  self->controller = g_object_ref (controller);

  return self;
}

static void
run_start (gpointer data)
{
  GstWsctlAudioLoss *self = data;

  if (self->controller != NULL && self->timer == NULL)
    self->timer = gst_wsctl_loop_add_timer (self->loop, LOOK_INTERVAL_MS,
        on_look, ref_loss (self), unref_loss);
}

void
gst_wsctl_audio_loss_start (GstWsctlAudioLoss * self)
{
  gst_wsctl_loop_call (self->loop, run_start, ref_loss (self), unref_loss);
}

static void
run_stop (gpointer data)
{
  GstWsctlAudioLoss *self = data;

  gst_wsctl_loop_clear_timer (&self->timer);
  g_clear_object (&self->controller);
}

void
gst_wsctl_audio_loss_stop (GstWsctlAudioLoss * self)
{
  gst_wsctl_loop_call_sync (self->loop, run_stop, self);
  unref_loss (self);
}
