/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A jitter buffer passes on at once what comes in order: its "latency" is how
 * long it waits for what is missing, and what it announces for sinks to wait.
 * For pictures these are two things. To give one up costs all that follow up to
 * the next key frame; to wait costs a few that come late. So it waits longer
 * for them than is announced.
 */

#include "wsctlbuffering-private.h"

#include "wsctlcategory-private.h"
#include "wsctllatency-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlbuffering_debug);
#define GST_CAT_DEFAULT wsctlbuffering_debug

#define UPDATE_INTERVAL_US (G_USEC_PER_SEC / 10)
#define MIN_WAIT_MS 200
#define MORE_WAIT_MS 100
/* By so much a jitter buffer may differ in its idea of the shortest way. */
#define MARGIN_US (5 * G_TIME_SPAN_MILLISECOND)

struct _GstWsctlBuffering
{
  gatomicrefcount refs;
  GstWsctlBufferingFunc changed;
  gpointer data;
  GDestroyNotify destroy;

  GMutex lock;
  GstElement *rtpbin;           /* lock; NULL: closed */
  gulong added_id;              /* lock */
  GPtrArray *streams;           /* lock: Stream */
  GstWsctlLatency *latency;     /* lock */
  gint fixed_ms;                /* lock; -1: adaptive */
  guint target_ms;              /* lock */
  gint64 updated_us;            /* lock */
};

/* One jitter buffer. Before it is known what it is for, what it announces must
 * not be too much, for the first picture waits for that: it is as if for sound. */
typedef struct
{
  gatomicrefcount refs;
  GstWsctlBuffering *buffering;
  GWeakRef buffer;
  gint kind;                    /* atomic: GstWsctlMediaKind */
  guint clock_rate;             /* the streaming thread; 0: not known yet */
} Stream;

static gpointer
ref_stream (gconstpointer item, gpointer data)
{
  Stream *stream = (Stream *) item;

  g_atomic_ref_count_inc (&stream->refs);

  return stream;
}

static void
unref_stream (gpointer data)
{
  Stream *stream = data;

  if (!g_atomic_ref_count_dec (&stream->refs))
    return;

  gst_wsctl_buffering_unref (stream->buffering);
  g_weak_ref_clear (&stream->buffer);
  g_free (stream);
}

static guint
get_wait_locked (GstWsctlBuffering * self, GstWsctlMediaKind kind)
{
  if (self->fixed_ms >= 0 || kind != GST_WSCTL_MEDIA_KIND_VIDEO)
    return self->target_ms;

  return MAX (MIN_WAIT_MS, self->target_ms + MORE_WAIT_MS);
}

static GstWsctlMediaKind
get_kind (GstStructure * structure)
{
  return g_strcmp0 (gst_structure_get_string (structure, "media"), "audio") == 0
      ? GST_WSCTL_MEDIA_KIND_AUDIO : GST_WSCTL_MEDIA_KIND_VIDEO;
}

/* As the jitter buffer itself asks for it */
static gboolean
read_format (Stream * stream, guint pt)
{
  g_autoptr (GstElement) buffer = g_weak_ref_get (&stream->buffer);
  g_autoptr (GstCaps) caps = NULL;
  GstStructure *structure;
  gint rate = 0;

  if (buffer != NULL)
    g_signal_emit_by_name (buffer, "request-pt-map", pt, &caps);
  if (caps == NULL)
    return FALSE;

  structure = gst_caps_get_structure (caps, 0);
  gst_structure_get_int (structure, "clock-rate", &rate);
  g_atomic_int_set (&stream->kind, get_kind (structure));
  stream->clock_rate = MAX (rate, 0);

  return stream->clock_rate > 0;
}

/* Each of them posts a message on its own, with no lock of ours held. */
static void
apply (GstWsctlBuffering * self)
{
  g_autoptr (GPtrArray) streams = NULL;
  guint wait_ms[GST_WSCTL_N_MEDIA_KINDS];
  guint i;

  g_mutex_lock (&self->lock);
  streams = g_ptr_array_copy (self->streams, ref_stream, NULL);
  for (i = 0; i < GST_WSCTL_N_MEDIA_KINDS; i++)
    wait_ms[i] = get_wait_locked (self, i);
  g_mutex_unlock (&self->lock);

  for (i = 0; i < streams->len; i++) {
    Stream *stream = g_ptr_array_index (streams, i);
    g_autoptr (GstElement) buffer = g_weak_ref_get (&stream->buffer);

    if (buffer != NULL)
      g_object_set (buffer, "latency",
          wait_ms[g_atomic_int_get (&stream->kind)], NULL);
  }
}

/* TRUE when there is another target. */
static gboolean
update_locked (GstWsctlBuffering * self, gint64 now_us)
{
  guint target_ms;

  if (self->fixed_ms >= 0 || now_us - self->updated_us < UPDATE_INTERVAL_US)
    return FALSE;

  self->updated_us = now_us;
  target_ms = gst_wsctl_latency_update (self->latency, now_us);
  if (target_ms == self->target_ms)
    return FALSE;

  GST_INFO ("latency %u -> %u ms", self->target_ms, target_ms);
  self->target_ms = target_ms;

  return TRUE;
}

static void
tell (GstWsctlBuffering * self)
{
  gboolean open;

  apply (self);
  g_mutex_lock (&self->lock);
  open = self->rtpbin != NULL;
  g_mutex_unlock (&self->lock);
  if (open)
    self->changed (self->data);
}

static GstClockTime
get_earlier (GstClockTime time, gint64 difference_us)
{
  return GST_CLOCK_TIME_IS_VALID (time)
      ? time - MIN (time, (GstClockTime) difference_us * GST_USECOND) : time;
}

/* Its times are those of its arrival. */
static void
make_earlier (GstBuffer ** buffer, gint64 difference_us)
{
  *buffer = gst_buffer_make_writable (*buffer);
  GST_BUFFER_DTS (*buffer) =
      get_earlier (GST_BUFFER_DTS (*buffer), difference_us);
  GST_BUFFER_PTS (*buffer) =
      get_earlier (GST_BUFFER_PTS (*buffer), difference_us);
}

static gint64
get_excess_us_locked (GstWsctlBuffering * self, GstWsctlMediaKind kind)
{
  gint64 limit_us = (gint64) get_wait_locked (self, kind)
      * G_TIME_SPAN_MILLISECOND - MARGIN_US;

  return gst_wsctl_latency_get_excess_us (self->latency, kind,
      MAX (limit_us, 0));
}

static void
take_packet (Stream * stream, GstBuffer ** buffer)
{
  GstWsctlBuffering *self = stream->buffering;
  gint64 now_us = g_get_monotonic_time ();
  gint64 excess_us;
  guint8 header[8];
  gboolean changed;

  if (gst_buffer_extract (*buffer, 0, header, sizeof header) < sizeof header)
    return;
  if (stream->clock_rate == 0) {
    if (!read_format (stream, header[1] & 0x7f))
      return;
    apply (self);
  }

  g_mutex_lock (&self->lock);
  gst_wsctl_latency_take (self->latency, stream->kind,
      GST_READ_UINT32_BE (header + 4), stream->clock_rate, now_us);
  excess_us = get_excess_us_locked (self, stream->kind);
  changed = update_locked (self, now_us);
  g_mutex_unlock (&self->lock);

  if (excess_us > 0)
    make_earlier (buffer, excess_us);
  if (changed)
    tell (self);
}

static gboolean
take_item (GstBuffer ** buffer, guint index, gpointer data)
{
  take_packet (data, buffer);

  return TRUE;
}

/* In front of a jitter buffer */
static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    info->data = gst_buffer_list_make_writable (info->data);
    gst_buffer_list_foreach (info->data, take_item, data);
  } else {
    take_packet (data, (GstBuffer **) & info->data);
  }

  return GST_PAD_PROBE_OK;
}

static void
on_new_jitterbuffer (GstElement * rtpbin, GstElement * buffer, guint session,
    guint ssrc, gpointer data)
{
  GstWsctlBuffering *self = data;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (buffer, "sink");
  Stream *stream = g_new0 (Stream, 1);

  g_atomic_ref_count_init (&stream->refs);
  stream->buffering = gst_wsctl_buffering_ref (self);
  stream->kind = GST_WSCTL_MEDIA_KIND_AUDIO;
  g_weak_ref_init (&stream->buffer, buffer);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets, stream, unref_stream);
  g_mutex_lock (&self->lock);
  if (self->rtpbin != NULL)
    g_ptr_array_add (self->streams, ref_stream (stream, NULL));
  g_mutex_unlock (&self->lock);

  apply (self);
}

GstWsctlBuffering *
gst_wsctl_buffering_new (GstElement * webrtcbin, gint fixed_ms,
    GstWsctlBufferingFunc changed, gpointer data, GDestroyNotify destroy)
{
  GstWsctlBuffering *self = g_new0 (GstWsctlBuffering, 1);

  GST_WSCTL_CATEGORY_INIT (wsctlbuffering_debug, "wsctlbuffering",
      "WebRTC WebSocket control: jitter buffers");

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->changed = changed;
  self->data = data;
  self->destroy = destroy;
  self->streams = g_ptr_array_new_with_free_func (unref_stream);
  self->latency = gst_wsctl_latency_new ();
  self->fixed_ms = fixed_ms;
  self->target_ms = fixed_ms >= 0 ? (guint) fixed_ms
      : GST_WSCTL_LATENCY_START_MS;
  self->rtpbin = gst_bin_get_by_name (GST_BIN (webrtcbin), "rtpbin");
  if (self->rtpbin != NULL)
    self->added_id = g_signal_connect_data (self->rtpbin, "new-jitterbuffer",
        G_CALLBACK (on_new_jitterbuffer), gst_wsctl_buffering_ref (self),
        (GClosureNotify) gst_wsctl_buffering_unref, 0);

  return self;
}

GstWsctlBuffering *
gst_wsctl_buffering_ref (GstWsctlBuffering * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
gst_wsctl_buffering_unref (GstWsctlBuffering * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_assert (self->rtpbin == NULL);

  if (self->destroy != NULL)
    self->destroy (self->data);
  gst_wsctl_latency_free (self->latency);
  g_ptr_array_unref (self->streams);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
gst_wsctl_buffering_close (GstWsctlBuffering * self)
{
  GstElement *rtpbin;
  g_autoptr (GPtrArray) streams = NULL;

  g_mutex_lock (&self->lock);
  rtpbin = g_steal_pointer (&self->rtpbin);
  streams = g_steal_pointer (&self->streams);
  self->streams = g_ptr_array_new_with_free_func (unref_stream);
  g_mutex_unlock (&self->lock);

  if (rtpbin == NULL)
    return;

  g_signal_handler_disconnect (rtpbin, self->added_id);
  gst_object_unref (rtpbin);
}

void
gst_wsctl_buffering_set_fixed (GstWsctlBuffering * self, gint fixed_ms)
{
  g_mutex_lock (&self->lock);
  self->fixed_ms = fixed_ms;
  if (fixed_ms >= 0)
    self->target_ms = fixed_ms;
  g_mutex_unlock (&self->lock);

  tell (self);
}

void
gst_wsctl_buffering_forget (GstWsctlBuffering * self)
{
  g_mutex_lock (&self->lock);
  gst_wsctl_latency_forget (self->latency);
  g_mutex_unlock (&self->lock);
}

guint
gst_wsctl_buffering_get_target (GstWsctlBuffering * self)
{
  guint target_ms;

  g_mutex_lock (&self->lock);
  target_ms = self->target_ms;
  g_mutex_unlock (&self->lock);

  return target_ms;
}

guint
gst_wsctl_buffering_get_excess (GstWsctlBuffering * self,
    GstWsctlMediaKind kind)
{
  guint excess_ms;

  g_mutex_lock (&self->lock);
  excess_ms = get_wait_locked (self, kind) - self->target_ms;
  g_mutex_unlock (&self->lock);

  return excess_ms;
}
