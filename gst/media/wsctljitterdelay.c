/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * When each packet came in is kept by its number until it comes out.
 */

#include "wsctljitterdelay-private.h"

#define N_PACKETS 2048

typedef struct
{
  guint16 seq;
  gint64 time_us;               /* 0: none, or it has come out */
} Entry;

typedef struct
{
  GMutex lock;
  Entry entries[N_PACKETS];     /* lock */
  guint64 delay_us;             /* lock */
  guint64 n_packets;            /* lock */
} Delay;

static GQuark
get_quark (void)
{
  return g_quark_from_static_string ("wsctl-jitter-delay");
}

static void
free_delay (gpointer data)
{
  Delay *self = data;

  g_mutex_clear (&self->lock);
  g_free (self);
}

/* NULL for what is no packet */
static Entry *
find_entry (Delay * self, GstBuffer * buffer, guint16 * seq)
{
  guint8 header[4];

  if (gst_buffer_extract (buffer, 0, header, sizeof header) < sizeof header)
    return NULL;
  *seq = GST_READ_UINT16_BE (header + 2);

  return &self->entries[*seq % N_PACKETS];
}

static gboolean
take_in (GstBuffer ** buffer, guint index, gpointer data)
{
  Delay *self = data;
  guint16 seq;
  Entry *entry = find_entry (self, *buffer, &seq);

  if (entry == NULL)
    return TRUE;

  g_mutex_lock (&self->lock);
  entry->seq = seq;
  entry->time_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->lock);

  return TRUE;
}

static gboolean
take_out (GstBuffer ** buffer, guint index, gpointer data)
{
  Delay *self = data;
  guint16 seq;
  Entry *entry = find_entry (self, *buffer, &seq);

  if (entry == NULL)
    return TRUE;

  g_mutex_lock (&self->lock);
  if (entry->time_us != 0 && entry->seq == seq) {
    self->delay_us += g_get_monotonic_time () - entry->time_us;
    self->n_packets++;
    entry->time_us = 0;
  }
  g_mutex_unlock (&self->lock);

  return TRUE;
}

static GstPadProbeReturn
pass (GstPadProbeInfo * info, GstBufferListFunc func, gpointer data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info), func, data);
  else
    func ((GstBuffer **) & info->data, 0, data);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_in (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return pass (info, take_in, data);
}

static GstPadProbeReturn
on_out (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return pass (info, take_out, data);
}

/* The pads go with the element, which owns what is noted. */
void
gst_wsctl_jitter_delay_watch (GstElement * jitterbuffer)
{
  const GstPadProbeType type =
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST;
  g_autoptr (GstPad) sink = gst_element_get_static_pad (jitterbuffer, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (jitterbuffer, "src");
  Delay *self = g_new0 (Delay, 1);

  g_mutex_init (&self->lock);
  g_object_set_qdata_full (G_OBJECT (jitterbuffer), get_quark (), self,
      free_delay);
  gst_pad_add_probe (sink, type, on_in, self, NULL);
  gst_pad_add_probe (src, type, on_out, self, NULL);
}

gboolean
gst_wsctl_jitter_delay_get (GstElement * jitterbuffer, guint64 * delay_us,
    guint64 * n_packets)
{
  Delay *self = g_object_get_qdata (G_OBJECT (jitterbuffer), get_quark ());

  if (self == NULL)
    return FALSE;

  g_mutex_lock (&self->lock);
  *delay_us = self->delay_us;
  *n_packets = self->n_packets;
  g_mutex_unlock (&self->lock);

  return TRUE;
}
