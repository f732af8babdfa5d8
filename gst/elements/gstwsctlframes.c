/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A freeze is one of the W3C's webrtc-stats: the next frame comes later than
 * three times the usual interval, and than 150 ms on top of that interval.
 */

#include "gstwsctlframes.h"

#include "gstwsctlforms.h"

#define KEY "gst-wsctl-frames"
#define FREEZE_US (150 * G_TIME_SPAN_MILLISECOND)
#define N_USUAL 30

void
gst_wsctl_frames_init (GstWsctlFrames * self)
{
  g_mutex_init (&self->lock);
}

void
gst_wsctl_frames_clear (GstWsctlFrames * self)
{
  g_mutex_clear (&self->lock);
}

/* With lock held */
static void
note_interval (GstWsctlFrames * self, gint64 interval_us)
{
  if (self->n_intervals > 0
      && interval_us > MAX (3 * self->mean_us, self->mean_us + FREEZE_US)) {
    self->n_freezes++;
    self->freezes_us += interval_us;
    return;
  }

  self->n_intervals = MIN (self->n_intervals + 1, N_USUAL);
  self->mean_us += (interval_us - self->mean_us) / (gint) self->n_intervals;
}

void
gst_wsctl_frames_note (GstWsctlFrames * self, gint64 now_us, gboolean key)
{
  g_mutex_lock (&self->lock);
  if (self->last_us != 0)
    note_interval (self, now_us - self->last_us);
  self->last_us = now_us;
  self->n_frames++;
  self->n_key_frames += key;
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_frames_note_received (GstWsctlFrames * self)
{
  g_mutex_lock (&self->lock);
  self->n_received++;
  g_mutex_unlock (&self->lock);
}

void
gst_wsctl_frames_rest (GstWsctlFrames * self)
{
  g_mutex_lock (&self->lock);
  self->last_us = 0;
  g_mutex_unlock (&self->lock);
}

static void
free_frames (gpointer data)
{
  gst_wsctl_frames_clear (data);
  g_free (data);
}

GstWsctlFrames *
gst_wsctl_frames_attach (GstPad * pad)
{
  GstWsctlFrames *self = g_new0 (GstWsctlFrames, 1);

  gst_wsctl_frames_init (self);
  g_object_set_data_full (G_OBJECT (pad), KEY, self, free_frames);

  return self;
}

static GstWsctlForm
get_form (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  return caps != NULL ? gst_wsctl_form_of_caps (caps) : GST_WSCTL_FORM_UNKNOWN;
}

/* With lock held. Buffers of RTP are no frames. */
static void
add_inbound (GstWsctlFrames * self, GstWsctlForm form, GstStructure * part)
{
  gst_structure_set (part, "frames-received", G_TYPE_UINT64, self->n_received,
      NULL);
  if (form == GST_WSCTL_FORM_RAW)
    gst_structure_set (part, "frames-decoded", G_TYPE_UINT64, self->n_frames,
        "frames-dropped", G_TYPE_UINT64, self->n_received > self->n_frames
        ? self->n_received - self->n_frames : 0, NULL);
  if (form != GST_WSCTL_FORM_RTP)
    gst_structure_set (part, "freeze-count", G_TYPE_UINT, self->n_freezes,
        "total-freezes-duration", G_TYPE_DOUBLE,
        self->freezes_us / (gdouble) G_USEC_PER_SEC, NULL);
}

static gboolean
collect_pad (GstElement * element, GstPad * pad, gpointer data)
{
  GstWsctlFrames *self = g_object_get_data (G_OBJECT (pad), KEY);
  gboolean inbound = GST_PAD_DIRECTION (pad) == GST_PAD_SRC;
  const gchar *name = inbound ? "inbound-video" : "outbound-video";
  GstStructure *stats = data;
  g_autoptr (GstStructure) part = NULL;
  GstWsctlForm form;

  if (self == NULL)
    return TRUE;

  if (!gst_structure_get (stats, name, GST_TYPE_STRUCTURE, &part, NULL))
    part = gst_structure_new_empty (inbound ? "application/x-wsctl-inbound"
        : "application/x-wsctl-outbound");
  form = get_form (pad);
  g_mutex_lock (&self->lock);
  if (inbound)
    add_inbound (self, form, part);
  else if (form != GST_WSCTL_FORM_RTP)
    gst_structure_set (part, "frames-sent", G_TYPE_UINT64, self->n_frames,
        "key-frames-sent", G_TYPE_UINT64, self->n_key_frames, NULL);
  g_mutex_unlock (&self->lock);
  gst_structure_set (stats, name, GST_TYPE_STRUCTURE, part, NULL);

  return TRUE;
}

void
gst_wsctl_frames_collect (GstElement * element, GstStructure * stats)
{
  gst_element_foreach_pad (element, collect_pad, stats);
}
