/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wsctlreportblocks-private.h"

#include <gst/rtp/rtp.h>

/* RTCP carries times in 1/65536 s. */
#define NTP_SHORT_SECOND 65536

/* From 1900 to 1970 */
#define NTP_OFFSET_S G_GUINT64_CONSTANT (2208988800)

/* A clock that was set, not a path */
#define MAX_ROUND_TRIP_US (10 * G_TIME_SPAN_SECOND)

/* A peer may report on what it likes. */
#define MAX_SOURCES 16

struct _GstWsctlReportBlocks
{
  gatomicrefcount refs;

  GMutex lock;
  GHashTable *blocks;           /* lock: GstWsctlReportBlock by its SSRC */
};

guint64
gst_wsctl_report_block_get_ntp_us (void)
{
  return g_get_real_time () + NTP_OFFSET_S * G_USEC_PER_SEC;
}

/* RFC 3550, 6.4.1: what has passed since our report, but for the time that the
 * peer kept it */
static gint64
get_round_trip (guint64 ntp_us, guint32 last_sr, guint32 delay_since_sr)
{
  guint32 now = gst_util_uint64_scale (ntp_us, NTP_SHORT_SECOND,
      G_USEC_PER_SEC);
  gint32 way = (gint32) (now - last_sr - delay_since_sr);
  gint64 round_trip_us = (gint64) way * G_USEC_PER_SEC / NTP_SHORT_SECOND;

  if (last_sr == 0 || way < 0 || round_trip_us > MAX_ROUND_TRIP_US)
    return -1;

  return round_trip_us;
}

static void
read_block (GstRTCPPacket * packet, guint index, guint64 ntp_us,
    GstWsctlReportBlock * block)
{
  guint32 delay_since_sr;
  guint8 fraction_lost;

  gst_rtcp_packet_get_rb (packet, index, &block->ssrc, &fraction_lost,
      &block->packets_lost, &block->highest_seq, &block->jitter,
      &block->last_sr, &delay_since_sr);
  block->fraction_lost = fraction_lost / 256.0;
  block->round_trip_us = get_round_trip (ntp_us, block->last_sr,
      delay_since_sr);
}

typedef gboolean (*BlockFunc) (const GstWsctlReportBlock * block,
    gpointer data);

static guint
count_blocks (GstRTCPPacket * packet)
{
  GstRTCPType type = gst_rtcp_packet_get_type (packet);

  return type == GST_RTCP_TYPE_SR || type == GST_RTCP_TYPE_RR
      ? gst_rtcp_packet_get_rb_count (packet) : 0;
}

/* Until @func says TRUE */
static gboolean
find_block (GstBuffer * buffer, guint64 ntp_us, BlockFunc func, gpointer data)
{
  GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
  GstRTCPPacket packet;
  gboolean more, found = FALSE;
  guint i;

  if (!gst_rtcp_buffer_validate_reduced (buffer)
      || !gst_rtcp_buffer_map (buffer, GST_MAP_READ, &rtcp))
    return FALSE;

  for (more = gst_rtcp_buffer_get_first_packet (&rtcp, &packet);
      more && !found; more = gst_rtcp_packet_move_to_next (&packet)) {
    for (i = 0; i < count_blocks (&packet) && !found; i++) {
      GstWsctlReportBlock block;

      read_block (&packet, i, ntp_us, &block);
      found = func (&block, data);
    }
  }
  gst_rtcp_buffer_unmap (&rtcp);

  return found;
}

static gboolean
take_wanted (const GstWsctlReportBlock * block, gpointer data)
{
  GstWsctlReportBlock *wanted = data;

  if (block->ssrc != wanted->ssrc)
    return FALSE;

  *wanted = *block;

  return TRUE;
}

gboolean
gst_wsctl_report_block_find (GstBuffer * rtcp, guint32 ssrc, guint64 ntp_us,
    GstWsctlReportBlock * block)
{
  block->ssrc = ssrc;

  return find_block (rtcp, ntp_us, take_wanted, block);
}

static GstWsctlReportBlocks *
ref_blocks (GstWsctlReportBlocks * self)
{
  g_atomic_ref_count_inc (&self->refs);

  return self;
}

void
gst_wsctl_report_blocks_unref (GstWsctlReportBlocks * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_hash_table_unref (self->blocks);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
unref_closure (gpointer data, GClosure * closure)
{
  gst_wsctl_report_blocks_unref (data);
}

/* With the lock held, and on to the next */
static gboolean
keep_block (const GstWsctlReportBlock * block, gpointer data)
{
  GstWsctlReportBlocks *self = data;
  GstWsctlReportBlock *kept = g_hash_table_lookup (self->blocks,
      GUINT_TO_POINTER (block->ssrc));
  gint64 round_trip_us = kept != NULL ? kept->round_trip_us : -1;

  if (kept == NULL) {
    if (g_hash_table_size (self->blocks) >= MAX_SOURCES)
      return TRUE;
    kept = g_new0 (GstWsctlReportBlock, 1);
    g_hash_table_insert (self->blocks, GUINT_TO_POINTER (block->ssrc), kept);
  }
  *kept = *block;
  if (kept->round_trip_us < 0)
    kept->round_trip_us = round_trip_us;

  return FALSE;
}

/* On the thread that receives RTCP */
static void
on_rtcp (GObject * session, GstBuffer * rtcp, GstWsctlReportBlocks * self)
{
  guint64 ntp_us = gst_wsctl_report_block_get_ntp_us ();

  g_mutex_lock (&self->lock);
  find_block (rtcp, ntp_us, keep_block, self);
  g_mutex_unlock (&self->lock);
}

static void
on_element_added (GstBin * rtpbin, GstElement * element,
    GstWsctlReportBlocks * self)
{
  g_autoptr (GObject) session = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element),
          "internal-session") == NULL)
    return;

  g_object_get (element, "internal-session", &session, NULL);
  g_signal_connect_data (session, "on-receiving-rtcp", G_CALLBACK (on_rtcp),
      ref_blocks (self), unref_closure, 0);
}

GstWsctlReportBlocks *
gst_wsctl_report_blocks_new (GstElement * webrtcbin)
{
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtcbin), "rtpbin");
  GstWsctlReportBlocks *self = g_new0 (GstWsctlReportBlocks, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->blocks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  if (rtpbin != NULL)
    g_signal_connect_data (rtpbin, "element-added",
        G_CALLBACK (on_element_added), ref_blocks (self), unref_closure, 0);

  return self;
}

gboolean
gst_wsctl_report_blocks_get (GstWsctlReportBlocks * self, guint32 ssrc,
    GstWsctlReportBlock * block)
{
  const GstWsctlReportBlock *kept;

  g_mutex_lock (&self->lock);
  kept = g_hash_table_lookup (self->blocks, GUINT_TO_POINTER (ssrc));
  if (kept != NULL)
    *block = *kept;
  g_mutex_unlock (&self->lock);

  return kept != NULL;
}
