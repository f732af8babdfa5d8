/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   rtprtxsend --> this --> rtpsession
 *                   ^------- GstRTPRetransmissionRequest
 *
 * Requests come on the thread that receives RTCP. That one must not wait for
 * what is being sent: over TCP both sides could end up waiting for each other.
 * So a task of its own sends again, and is there only once it has work.
 */

#include "wsctlrepeater-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlrepeater_debug);
#define GST_CAT_DEFAULT wsctlrepeater_debug

#define HISTORY 1024            /* packets of a source; a power of two */
#define MAX_SOURCES 8
#define RTP_HEADER_SIZE 12

/* What is older comes too late for any player. */
#define MAX_AGE_US (1 * G_TIME_SPAN_SECOND)

/* Two requests so close to each other are about one loss. */
#define MIN_DISTANCE_US (20 * G_TIME_SPAN_MILLISECOND)

/* Repeats may take that part of what is sent, and so much at once: where a full
 * link is what loses packets, more of them would help nobody. */
#define BUDGET_PART 4
#define MAX_BUDGET_BYTES 64000

typedef struct
{
  GstBuffer *packet;            /* NULL: none yet */
  gint64 sent_us;
  gint64 repeated_us;           /* 0: never */
  guint16 seq;
} Entry;

typedef struct
{
  guint32 ssrc;
  guint8 payload_type;
  GstWsctlRepeaterStats stats;
  Entry entries[HISTORY];
} Source;

struct _GstWsctlRepeater
{
  GstElement parent;

  GstPad *sink;
  GstPad *src;
  GstTask *task;
  GRecMutex task_lock;

  GMutex lock;
  GCond cond;
  gboolean running;             /* lock */
  GPtrArray *sources;           /* lock: Source, the latest first */
  GQueue wanted;                /* lock: GstBuffer */
  gint64 budget_bytes;          /* lock */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-rtp"));

G_DEFINE_FINAL_TYPE (GstWsctlRepeater, gst_wsctl_repeater, GST_TYPE_ELEMENT);

static void
free_source (gpointer data)
{
  Source *source = data;
  guint i;

  for (i = 0; i < HISTORY; i++)
    gst_clear_buffer (&source->entries[i].packet);
  g_free (source);
}

/* With the lock held */
static Source *
find_source (GstWsctlRepeater * self, guint32 ssrc)
{
  guint i;

  for (i = 0; i < self->sources->len; i++) {
    Source *source = g_ptr_array_index (self->sources, i);

    if (source->ssrc == ssrc)
      return source;
  }

  return NULL;
}

/* With the lock held. A track that was replaced may bring a new SSRC: what was
 * first seen longest ago makes room. */
static Source *
get_source (GstWsctlRepeater * self, guint32 ssrc)
{
  Source *source = find_source (self, ssrc);

  if (source != NULL)
    return source;

  source = g_new0 (Source, 1);
  source->ssrc = ssrc;
  g_ptr_array_insert (self->sources, 0, source);
  g_ptr_array_set_size (self->sources, MIN (self->sources->len, MAX_SOURCES));

  return source;
}

/* With the lock held */
static void
keep_packet (GstWsctlRepeater * self, GstBuffer * packet, gint64 now_us)
{
  guint8 header[RTP_HEADER_SIZE];
  Source *source;
  Entry *entry;
  guint16 seq;

  if (gst_buffer_extract (packet, 0, header, sizeof header) != sizeof header)
    return;

  seq = GST_READ_UINT16_BE (header + 2);
  source = get_source (self, GST_READ_UINT32_BE (header + 8));
  source->payload_type = header[1] & 0x7f;
  entry = &source->entries[seq % HISTORY];
  gst_buffer_replace (&entry->packet, packet);
  entry->seq = seq;
  entry->sent_us = now_us;
  entry->repeated_us = 0;
  self->budget_bytes = MIN (self->budget_bytes
      + (gint64) gst_buffer_get_size (packet) / BUDGET_PART, MAX_BUDGET_BYTES);
}

static GstFlowReturn
take_packet (GstPad * pad, GstObject * parent, GstBuffer * packet)
{
  GstWsctlRepeater *self = GST_WSCTL_REPEATER (parent);

  g_mutex_lock (&self->lock);
  keep_packet (self, packet, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);

  return gst_pad_push (self->src, packet);
}

static GstFlowReturn
take_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  GstWsctlRepeater *self = GST_WSCTL_REPEATER (parent);
  gint64 now_us = g_get_monotonic_time ();
  guint i;

  g_mutex_lock (&self->lock);
  for (i = 0; i < gst_buffer_list_length (list); i++)
    keep_packet (self, gst_buffer_list_get (list, i), now_us);
  g_mutex_unlock (&self->lock);

  return gst_pad_push_list (self->src, list);
}

/* The pad of the one before us is locked as if its packet came from there: two
 * threads must not bring their events and packets at once. */
static void
repeat (gpointer data)
{
  GstWsctlRepeater *self = data;
  GstBuffer *packet;

  g_mutex_lock (&self->lock);
  while (self->running && g_queue_is_empty (&self->wanted))
    g_cond_wait (&self->cond, &self->lock);
  packet = self->running ? g_queue_pop_head (&self->wanted) : NULL;
  g_mutex_unlock (&self->lock);

  if (packet == NULL)
    return;

  GST_PAD_STREAM_LOCK (self->sink);
  gst_pad_push (self->src, packet);
  GST_PAD_STREAM_UNLOCK (self->sink);
}

/* With the lock held */
static void
queue_repeat (GstWsctlRepeater * self, Source * source, Entry * entry)
{
  gsize size = gst_buffer_get_size (entry->packet);

  if (!self->running || self->budget_bytes < (gint64) size)
    return;

  GST_LOG_OBJECT (self, "packet %u of %08x goes again", entry->seq,
      source->ssrc);
  self->budget_bytes -= size;
  source->stats.packets++;
  source->stats.bytes += size;
  g_queue_push_tail (&self->wanted, gst_buffer_ref (entry->packet));
  g_cond_signal (&self->cond);
  gst_task_start (self->task);
}

static void
take_request (GstWsctlRepeater * self, guint32 ssrc, guint16 seq)
{
  gint64 now_us = g_get_monotonic_time ();
  Source *source;
  Entry *entry;

  g_mutex_lock (&self->lock);
  source = find_source (self, ssrc);
  if (source != NULL) {
    source->stats.requests++;
    entry = &source->entries[seq % HISTORY];
    if (entry->packet != NULL && entry->seq == seq
        && now_us - entry->sent_us <= MAX_AGE_US
        && now_us - entry->repeated_us >= MIN_DISTANCE_US) {
      entry->repeated_us = now_us;
      queue_repeat (self, source, entry);
    }
  }
  g_mutex_unlock (&self->lock);
}

/* Of what that source sends; -1 for one that is not known. */
static gint
get_payload_type (GstWsctlRepeater * self, guint32 ssrc)
{
  gint payload_type = -1;
  Source *source;

  g_mutex_lock (&self->lock);
  source = find_source (self, ssrc);
  if (source != NULL)
    payload_type = source->payload_type;
  g_mutex_unlock (&self->lock);

  return payload_type;
}

/* Was a repair flow agreed for it? rtprtxsend has been told. */
static gboolean
is_repaired (GstWsctlRepeater * self, guint32 ssrc)
{
  g_autofree gchar *name = g_strdup_printf ("%d", get_payload_type (self,
          ssrc));
  g_autoptr (GstPad) peer = gst_pad_get_peer (self->sink);
  g_autoptr (GstElement) rtprtxsend = NULL;
  g_autoptr (GstStructure) map = NULL;

  if (peer != NULL)
    rtprtxsend = gst_pad_get_parent_element (peer);
  if (rtprtxsend != NULL
      && g_object_class_find_property (G_OBJECT_GET_CLASS (rtprtxsend),
          "payload-type-map") != NULL)
    g_object_get (rtprtxsend, "payload-type-map", &map, NULL);

  return map != NULL && gst_structure_has_field (map, name);
}

static gboolean
take_source_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstWsctlRepeater *self = GST_WSCTL_REPEATER (parent);
  const GstStructure *request = gst_event_get_structure (event);
  guint ssrc, seq;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_UPSTREAM
      || !gst_structure_has_name (request, "GstRTPRetransmissionRequest")
      || !gst_structure_get_uint (request, "ssrc", &ssrc)
      || !gst_structure_get_uint (request, "seqnum", &seq)
      || is_repaired (self, ssrc))
    return gst_pad_event_default (pad, parent, event);

  take_request (self, ssrc, seq);
  gst_event_unref (event);

  return TRUE;
}

void
gst_wsctl_repeater_get_stats (GstWsctlRepeater * self, guint32 ssrc,
    GstWsctlRepeaterStats * stats)
{
  static const GstWsctlRepeaterStats none;
  Source *source;

  g_mutex_lock (&self->lock);
  source = find_source (self, ssrc);
  *stats = source != NULL ? source->stats : none;
  g_mutex_unlock (&self->lock);
}

static void
start_repeating (GstWsctlRepeater * self)
{
  g_mutex_lock (&self->lock);
  self->running = TRUE;
  self->budget_bytes = MAX_BUDGET_BYTES;
  g_mutex_unlock (&self->lock);
}

static void
stop_repeating (GstWsctlRepeater * self)
{
  g_mutex_lock (&self->lock);
  self->running = FALSE;
  g_queue_clear_full (&self->wanted, (GDestroyNotify) gst_buffer_unref);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  gst_task_stop (self->task);
}

static GstStateChangeReturn
gst_wsctl_repeater_change_state (GstElement * element,
    GstStateChange transition)
{
  GstWsctlRepeater *self = GST_WSCTL_REPEATER (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start_repeating (self);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    stop_repeating (self);

  result = GST_ELEMENT_CLASS (gst_wsctl_repeater_parent_class)->change_state
      (element, transition);

  /* Only now do the pads send back what it may still be pushing. */
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_task_join (self->task);

  return result;
}

static void
gst_wsctl_repeater_finalize (GObject * object)
{
  GstWsctlRepeater *self = GST_WSCTL_REPEATER (object);

  g_assert (g_queue_is_empty (&self->wanted));

  gst_object_unref (self->task);
  g_rec_mutex_clear (&self->task_lock);
  g_ptr_array_unref (self->sources);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (gst_wsctl_repeater_parent_class)->finalize (object);
}

static void
gst_wsctl_repeater_class_init (GstWsctlRepeaterClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (wsctlrepeater_debug, "wsctlrepeater", 0,
      "WebRTC WebSocket control: what is sent again");

  G_OBJECT_CLASS (klass)->finalize = gst_wsctl_repeater_finalize;
  element_class->change_state = gst_wsctl_repeater_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Repeater",
      "Filter/Network/RTP", "Sends again what the peer asks for",
      "The gst-wsctl authors");
}

static void
gst_wsctl_repeater_init (GstWsctlRepeater * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  g_rec_mutex_init (&self->task_lock);
  g_queue_init (&self->wanted);
  self->sources = g_ptr_array_new_with_free_func (free_source);
  self->task = gst_task_new (repeat, self, NULL);
  gst_task_set_lock (self->task, &self->task_lock);

  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, take_packet);
  gst_pad_set_chain_list_function (self->sink, take_list);
  GST_PAD_SET_PROXY_CAPS (self->sink);
  GST_PAD_SET_PROXY_ALLOCATION (self->sink);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);

  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src, take_source_event);
  GST_PAD_SET_PROXY_CAPS (self->src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
