/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlfeedback-private.h"

#include <string.h>
#include <gst/rtp/rtp.h>

#include "wsctlcategory-private.h"
#include "wsctlreportblocks-private.h"
#include "wsctlsent-private.h"
#include "wsctltransportcc-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlfeedback_debug);
#define GST_CAT_DEFAULT wsctlfeedback_debug

#define RTP_HEADER_SIZE 12
#define REMB_SIZE 8

/* As often as that a peer's transport-wide feedback is handed on; and a receiver
 * report, which knows less, only when there was none for a while. */
#define MIN_INTERVAL_US (50 * G_TIME_SPAN_MILLISECOND)
#define FRESH_US (2 * G_TIME_SPAN_SECOND)

struct _GstWsctlFeedback
{
  gatomicrefcount refs;
  GObject *session;
  GstPad *pad;
  gulong rtcp_id;
  gulong feedback_id;
  gulong probe_id;
  guint clock_rate;
  GstWsctlFeedbackCallbacks callbacks;
  gpointer data;
  GDestroyNotify destroy;

  GMutex lock;
  GstWsctlSent sent;            /* lock */
  guint32 ssrc;                 /* lock: of the last packet */
  GstWsctlReportBlock last;     /* lock */
  guint64 last_packets;         /* lock: that had arrived */
  GstWsctlTransportCc cc;       /* lock */
  gint64 cc_us;                 /* lock: when it was handed on; 0: never */
};

static GstWsctlFeedback *
ref_feedback (GstWsctlFeedback * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

static void
unref_feedback (gpointer data)
{
  GstWsctlFeedback *self = data;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  if (self->destroy != NULL)
    self->destroy (self->data);
  g_object_unref (self->session);
  gst_object_unref (self->pad);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
unref_closure (gpointer data, GClosure * closure)
{
  unref_feedback (data);
}

static void
note_packet (GstWsctlFeedback * self, GstBuffer * buffer, gint64 time_us)
{
  guint8 header[RTP_HEADER_SIZE];

  if (gst_buffer_extract (buffer, 0, header, sizeof header) != sizeof header)
    return;

  self->ssrc = GST_READ_UINT32_BE (header + 8);
  gst_wsctl_sent_add (&self->sent, GST_READ_UINT16_BE (header + 2),
      gst_buffer_get_size (buffer), time_us);
}

static GstPadProbeReturn
on_event (GstWsctlFeedback * self, GstEvent * event)
{
  GstWsctlFeedbackReport report = { g_get_monotonic_time (), };
  gboolean due;

  if (!gst_wsctl_transport_cc_is_event (event))
    return GST_PAD_PROBE_OK;

  g_mutex_lock (&self->lock);
  due = gst_wsctl_transport_cc_take (&self->cc, gst_event_get_structure (event))
      && report.time_us - self->cc_us >= MIN_INTERVAL_US;
  if (due) {
    self->cc_us = report.time_us;
    report.bytes_arrived = self->cc.bytes;
    report.packets_arrived = self->cc.packets;
    report.bytes_sent = self->sent.n_bytes;
    report.packets_lost = self->cc.lost;
    report.round_trip_us = -1;
    report.jitter_us = (gint64) self->last.jitter * G_USEC_PER_SEC
        / self->clock_rate;
    report.way_us = self->cc.way_us;
    report.sent_us = self->cc.sent_us;
  }
  g_mutex_unlock (&self->lock);

  if (due)
    self->callbacks.report (&report, self->data);

  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstWsctlFeedback *self = data;
  gint64 time_us = g_get_monotonic_time ();
  guint i;

  if (info->type & GST_PAD_PROBE_TYPE_EVENT_UPSTREAM)
    return on_event (self, GST_PAD_PROBE_INFO_EVENT (info));

  g_mutex_lock (&self->lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    note_packet (self, GST_PAD_PROBE_INFO_BUFFER (info), time_us);
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (i = 0; i < gst_buffer_list_length (list); i++)
      note_packet (self, gst_buffer_list_get (list, i), time_us);
  }
  g_mutex_unlock (&self->lock);

  return GST_PAD_PROBE_OK;
}

/* With the lock held. FALSE for one that was seen before, that says nothing
 * new, or that is about packets that nobody remembers. */
static gboolean
fill_report (GstWsctlFeedback * self, const GstWsctlReportBlock * block,
    GstWsctlFeedbackReport * report)
{
  const GstWsctlSentPacket *packet =
      gst_wsctl_sent_find (&self->sent, block->highest_seq & 0xffff);

  if (packet == NULL || packet->packets < self->last_packets)
    return FALSE;

  report->bytes_arrived = packet->bytes;
  report->packets_arrived = packet->packets;
  report->bytes_sent = self->sent.n_bytes;
  report->packets_lost = MAX (block->packets_lost, 0);
  report->newest_arrived_us = MAX (report->time_us - packet->time_us, 0);
  report->oldest_missing_us = gst_wsctl_sent_get_age_after (&self->sent,
      packet, report->time_us);
  report->jitter_us = (gint64) block->jitter * G_USEC_PER_SEC
      / self->clock_rate;
  report->round_trip_us = block->last_sr != self->last.last_sr
      ? block->round_trip_us : -1;
  self->last = *block;
  self->last_packets = packet->packets;

  return TRUE;
}

static void
on_rtcp (GObject * session, GstBuffer * rtcp, GstWsctlFeedback * self)
{
  GstWsctlFeedbackReport report = { g_get_monotonic_time (), };
  GstWsctlReportBlock block;
  guint64 ntp_us = gst_wsctl_report_block_get_ntp_us ();
  gboolean filled;

  g_mutex_lock (&self->lock);
  filled = gst_wsctl_report_block_find (rtcp, self->ssrc, ntp_us, &block)
      && fill_report (self, &block, &report)
      && (self->cc_us == 0 || report.time_us - self->cc_us > FRESH_US);
  g_mutex_unlock (&self->lock);

  if (!filled)
    return;

  GST_LOG_OBJECT (self->pad, "report: %" G_GUINT64_FORMAT " packets arrived, %"
      G_GINT64_FORMAT " lost, delay %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
      " us, round trip %" G_GINT64_FORMAT " us", report.packets_arrived,
      report.packets_lost, report.oldest_missing_us, report.newest_arrived_us,
      report.round_trip_us);
  self->callbacks.report (&report, self->data);
}

guint64
gst_wsctl_feedback_parse_remb (const guint8 * fci, gsize size)
{
  guint32 value;

  if (size < REMB_SIZE || memcmp (fci, "REMB", 4) != 0)
    return 0;

  /* 8 bits number of SSRCs, 6 bits exponent, 18 bits mantissa */
  value = GST_READ_UINT32_BE (fci + 4);
  if ((value >> 18 & 0x3f) > 45)
    return G_MAXINT64;

  return (guint64) (value & 0x3ffff) << (value >> 18 & 0x3f);
}

static void
on_feedback (GObject * session, guint type, guint format, guint sender_ssrc,
    guint media_ssrc, GstBuffer * fci, GstWsctlFeedback * self)
{
  guint8 remb[REMB_SIZE];
  guint64 bitrate_bps;

  if (type != GST_RTCP_TYPE_PSFB || format != GST_RTCP_PSFB_TYPE_AFB
      || fci == NULL)
    return;

  bitrate_bps = gst_wsctl_feedback_parse_remb (remb,
      gst_buffer_extract (fci, 0, remb, sizeof remb));
  if (bitrate_bps > 0)
    self->callbacks.remb (bitrate_bps, self->data);
}

/* Behind what protects packets against loss, which gives them other numbers, and
 * adds its own: the last pad that only packets of @sink pass. Transfer full. */
static GstPad *
find_last_pad (GstPad * sink)
{
  GstPad *last = gst_object_ref (sink);
  g_autoptr (GstPad) target = gst_ghost_pad_get_target (GST_GHOST_PAD (sink));
  g_autoptr (GstElement) element = target != NULL
      ? gst_pad_get_parent_element (target) : NULL;

  while (element != NULL) {
    g_autoptr (GstPad) src = gst_element_get_static_pad (element, "src");
    g_autoptr (GstPad) peer = src != NULL ? gst_pad_get_peer (src) : NULL;

    /* A pad on request: here others join. */
    if (peer == NULL)
      break;
    gst_object_replace ((GstObject **) & last, GST_OBJECT (src));
    if (GST_PAD_PAD_TEMPLATE (peer) != NULL
        && GST_PAD_TEMPLATE_PRESENCE (GST_PAD_PAD_TEMPLATE (peer))
        == GST_PAD_REQUEST)
      break;
    gst_clear_object (&element);
    element = gst_pad_get_parent_element (peer);
  }

  return last;
}

GstWsctlFeedback *
gst_wsctl_feedback_new (GstElement * webrtcbin, GstPad * pad,
    guint clock_rate, const GstWsctlFeedbackCallbacks * callbacks,
    gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtcbin), "rtpbin");
  GObject *session = NULL;
  GstWsctlFeedback *self;

  GST_WSCTL_CATEGORY_INIT (wsctlfeedback_debug, "wsctlfeedback",
      "WebRTC WebSocket control: what the peer reports");

  if (rtpbin != NULL)
    g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  if (session == NULL) {
    if (destroy != NULL)
      destroy (data);
    return NULL;
  }

  self = g_new0 (GstWsctlFeedback, 1);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->session = session;
  self->pad = find_last_pad (pad);
  self->clock_rate = clock_rate;
  self->callbacks = *callbacks;
  self->data = data;
  self->destroy = destroy;
  self->rtcp_id = g_signal_connect_data (session, "on-receiving-rtcp",
      G_CALLBACK (on_rtcp), ref_feedback (self), unref_closure, 0);
  self->feedback_id = g_signal_connect_data (session, "on-feedback-rtcp",
      G_CALLBACK (on_feedback), ref_feedback (self), unref_closure, 0);
  self->probe_id = gst_pad_add_probe (self->pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
      on_packets, ref_feedback (self), unref_feedback);

  return self;
}

void
gst_wsctl_feedback_close (GstWsctlFeedback * self)
{
  g_signal_handler_disconnect (self->session, self->rtcp_id);
  g_signal_handler_disconnect (self->session, self->feedback_id);
  gst_pad_remove_probe (self->pad, self->probe_id);
  unref_feedback (self);
}

guint64
gst_wsctl_feedback_get_bytes_sent (GstWsctlFeedback * self)
{
  guint64 bytes;

  g_mutex_lock (&self->lock);
  bytes = self->sent.n_bytes;
  g_mutex_unlock (&self->lock);

  return bytes;
}
