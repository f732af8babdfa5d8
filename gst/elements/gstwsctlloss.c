/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The loop looks at the statistics, a thread that may wait sets the encoders.
 */

#include "gstwsctlloss.h"

#include "wsctlconnection-private.h"
#include "wsctlcontroller-private.h"
#include "wsctlloop-private.h"
#include "wsctlrateredundancy-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlloss_debug);
#define GST_CAT_DEFAULT wsctlloss_debug

#define LOOK_INTERVAL_MS 1000

/* Packets on top of as many that may be lost, and the most of them: losses come
 * in a row. */
#define FEC_PER_LOSS 2
#define MAX_FEC_PERCENTAGE 50
#define ENCODER "opusenc"

struct _GstWsctlLoss
{
  gatomicrefcount refs;
  GstWsctlLoop *loop;
  GWeakRef element;
  gint fec_percentage;          /* atomic: of video; -1: not agreed */

  /* The loop only */
  GstWsctlController *controller;       /* NULL once stopped */
  GstWsctlRateRedundancy rate;  /* of the sound */
  GstWsctlRateRedundancy video;
  GSource *timer;
};

static GstWsctlLoss *
ref_loss (GstWsctlLoss * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_loss (gpointer data)
{
  GstWsctlLoss *self = data;

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
  const GstWsctlRateRedundancy *rate = data;
  gint percent = 0;

  g_object_get (encoder, "packet-loss-percentage", &percent, NULL);
  if (percent == (gint) rate->percent)
    return;

  GST_DEBUG_OBJECT (encoder, "%u %% are lost, it was %d %%", rate->percent,
      percent);
  g_object_set (encoder, "packet-loss-percentage", (gint) rate->percent,
      "bitrate", (gint) gst_wsctl_rate_redundancy_get_bitrate (rate,
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
push_loss (GstWsctlRateRedundancy * rate, const GstStructure * stats,
    const gchar * kind)
{
  g_autoptr (GstStructure) outbound = NULL;
  guint64 n_sent = 0, n_repeated = 0;
  gint64 n_lost = 0;

  gst_structure_get (stats, kind, GST_TYPE_STRUCTURE, &outbound, NULL);
  if (outbound == NULL)
    return 0;

  gst_structure_get_uint64 (outbound, "packets-sent", &n_sent);
  gst_structure_get_uint64 (outbound, "retransmitted-packets-sent",
      &n_repeated);
  gst_structure_get_int64 (outbound, "remote-packets-lost", &n_lost);

  return gst_wsctl_rate_redundancy_push (rate, n_sent, n_lost + n_repeated);
}

static gboolean
takes_fec (GstWsctlLoss * self)
{
  const GstWsctlAnswer *answer =
      gst_wsctl_controller_get_answer (self->controller);
  const GstWsctlAnsweredMedia *media = answer != NULL
      ? gst_wsctl_answer_get_media (answer, GST_WSCTL_MEDIA_KIND_VIDEO) : NULL;

  return media != NULL && media->fec;
}

static void
protect_video (GstWsctlLoss * self, const GstStructure * stats)
{
  gint percentage;

  if (!takes_fec (self))
    return;

  percentage = MIN (push_loss (&self->video, stats, "outbound-video")
      * FEC_PER_LOSS, MAX_FEC_PERCENTAGE);
  if (percentage == g_atomic_int_get (&self->fec_percentage))
    return;

  GST_DEBUG ("%d %% of packets on top of the video", percentage);
  g_atomic_int_set (&self->fec_percentage, percentage);
  gst_wsctl_connection_set_fec_percentage (gst_wsctl_controller_get_connection
      (self->controller), percentage);
}

static gboolean
on_look (gpointer data)
{
  GstWsctlLoss *self = data;
  g_autoptr (GstElement) element = g_weak_ref_get (&self->element);
  g_autoptr (GstStructure) stats = gst_wsctl_connection_get_stats
      (gst_wsctl_controller_get_connection (self->controller));
  guint before = self->rate.percent;
  guint percent = push_loss (&self->rate, stats, "outbound-audio");

  protect_video (self, stats);
  /* An encoder that is new knows of nothing. */
  if (element != NULL && (percent != before || before > 0))
    gst_element_call_async (element, run_set_up_encoders,
        g_memdup2 (&self->rate, sizeof self->rate), g_free);

  return G_SOURCE_CONTINUE;
}

GstWsctlLoss *
gst_wsctl_loss_new (GstElement * element, GstWsctlController * controller)
{
  GstWsctlLoss *self = g_new0 (GstWsctlLoss, 1);

  GST_DEBUG_CATEGORY_INIT (wsctlloss_debug, "wsctlloss", 0,
      "WebRTC WebSocket control: what is done about loss");

  g_atomic_ref_count_init (&self->refs);
  self->loop = gst_wsctl_loop_get_shared ();
  g_weak_ref_init (&self->element, element);
  self->controller = g_object_ref (controller);
  self->fec_percentage = -1;

  return self;
}

static void
run_start (gpointer data)
{
  GstWsctlLoss *self = data;

  if (self->controller != NULL && self->timer == NULL)
    self->timer = gst_wsctl_loop_add_timer (self->loop, LOOK_INTERVAL_MS,
        on_look, ref_loss (self), unref_loss);
}

void
gst_wsctl_loss_start (GstWsctlLoss * self)
{
  gst_wsctl_loop_call (self->loop, run_start, ref_loss (self), unref_loss);
}

gint
gst_wsctl_loss_get_fec_percentage (GstWsctlLoss * self)
{
  return g_atomic_int_get (&self->fec_percentage);
}

static void
run_stop (gpointer data)
{
  GstWsctlLoss *self = data;

  gst_wsctl_loop_clear_timer (&self->timer);
  g_clear_object (&self->controller);
}

void
gst_wsctl_loss_stop (GstWsctlLoss * self)
{
  gst_wsctl_loop_call_sync (self->loop, run_stop, self);
  unref_loss (self);
}
