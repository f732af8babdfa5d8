/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Names and units of the W3C's webrtc-stats: packets, bytes, seconds.
 */

#include "wsctlstats-private.h"

#include "wsctljitterdelay-private.h"
#include "wsctlmedia.h"
#include "wsctlrepeater-private.h"

/* RTP clock of all video, and of no audio that we carry (RFC 3551, RFC 7587) */
#define VIDEO_CLOCK_RATE 90000

typedef struct
{
  GstStructure *outbound[GST_WSCTL_N_MEDIA_KINDS];
  GstStructure *inbound[GST_WSCTL_N_MEDIA_KINDS];
  guint outbound_ssrc[GST_WSCTL_N_MEDIA_KINDS];
  gint outbound_clock_rate[GST_WSCTL_N_MEDIA_KINDS];
  guint64 outbound_weight[GST_WSCTL_N_MEDIA_KINDS];
  guint64 inbound_weight[GST_WSCTL_N_MEDIA_KINDS];
} Collection;

static guint64
get_count (const GstStructure * source, const gchar * name)
{
  guint64 big = 0;
  guint small = 0;
  gint number = 0;

  if (gst_structure_get_uint64 (source, name, &big))
    return big;
  if (gst_structure_get_uint (source, name, &small))
    return small;
  if (gst_structure_get_int (source, name, &number))
    return MAX (number, 0);

  return 0;
}

static gboolean
get_flag (const GstStructure * source, const gchar * name)
{
  gboolean flag = FALSE;

  gst_structure_get_boolean (source, name, &flag);

  return flag;
}

/* Not 0, to be divided by */
static gint
get_clock_rate (const GstStructure * source)
{
  gint clock_rate = 0;

  gst_structure_get_int (source, "clock-rate", &clock_rate);

  return MAX (clock_rate, 1);
}

static GstWsctlMediaKind
get_kind (const GstStructure * source)
{
  return get_clock_rate (source) == VIDEO_CLOCK_RATE
      ? GST_WSCTL_MEDIA_KIND_VIDEO : GST_WSCTL_MEDIA_KIND_AUDIO;
}

/* A kind has several sources: its retransmissions are one, and so is what was
 * sent before a change of tracks. The one that is meant sends now, and most. */
static gboolean
outweighs (const GstStructure * source, const gchar * packets,
    guint64 * heaviest)
{
  guint64 weight = get_count (source, packets);

  if (weight == 0)
    return FALSE;
  if (get_flag (source, "is-sender"))
    weight += G_MAXUINT64 / 2;
  if (weight <= *heaviest)
    return FALSE;
  *heaviest = weight;

  return TRUE;
}

static void
add_outbound (Collection * all, const GstStructure * source)
{
  GstWsctlMediaKind kind = get_kind (source);

  if (!outweighs (source, "packets-sent", &all->outbound_weight[kind]))
    return;

  gst_clear_structure (&all->outbound[kind]);
  all->outbound_ssrc[kind] = get_count (source, "ssrc");
  all->outbound_clock_rate[kind] = get_clock_rate (source);
  all->outbound[kind] = gst_structure_new ("application/x-wsctl-outbound",
      "ssrc", G_TYPE_UINT, all->outbound_ssrc[kind],
      "packets-sent", G_TYPE_UINT64, get_count (source, "packets-sent"),
      "bytes-sent", G_TYPE_UINT64, get_count (source, "octets-sent"),
      "bitrate", G_TYPE_UINT64, get_count (source, "bitrate"),
      "nack-count", G_TYPE_UINT64, get_count (source, "recv-nack-count"),
      "pli-count", G_TYPE_UINT64, get_count (source, "recv-pli-count"),
      "fir-count", G_TYPE_UINT64, get_count (source, "recv-fir-count"), NULL);
}

static void
add_inbound (Collection * all, const GstStructure * source)
{
  GstWsctlMediaKind kind = get_kind (source);
  gint lost = 0;
  gint clock_rate = 0;

  if (!gst_structure_get_int (source, "clock-rate", &clock_rate)
      || clock_rate <= 0
      || !outweighs (source, "packets-received", &all->inbound_weight[kind]))
    return;

  gst_structure_get_int (source, "packets-lost", &lost);
  gst_clear_structure (&all->inbound[kind]);
  all->inbound[kind] = gst_structure_new ("application/x-wsctl-inbound",
      "ssrc", G_TYPE_UINT, (guint) get_count (source, "ssrc"),
      "packets-received", G_TYPE_UINT64, get_count (source, "packets-received"),
      "bytes-received", G_TYPE_UINT64, get_count (source, "octets-received"),
      "bitrate", G_TYPE_UINT64, get_count (source, "bitrate"),
      "packets-lost", G_TYPE_INT64, (gint64) MAX (lost, 0),
      "jitter", G_TYPE_DOUBLE,
      (gdouble) get_count (source, "jitter") / clock_rate,
      "nack-count", G_TYPE_UINT64, get_count (source, "sent-nack-count"),
      "pli-count", G_TYPE_UINT64, get_count (source, "sent-pli-count"),
      "fir-count", G_TYPE_UINT64, get_count (source, "sent-fir-count"), NULL);
}

/* What the peer reports of our packets */
static void
add_report (Collection * all, GstWsctlReportBlocks * blocks,
    GstWsctlMediaKind kind)
{
  GstStructure *outbound = all->outbound[kind];
  GstWsctlReportBlock block;

  if (outbound == NULL || !gst_wsctl_report_blocks_get (blocks,
          all->outbound_ssrc[kind], &block))
    return;

  gst_structure_set (outbound,
      "remote-packets-lost", G_TYPE_INT64, (gint64) MAX (block.packets_lost, 0),
      "remote-fraction-lost", G_TYPE_DOUBLE, block.fraction_lost,
      "remote-jitter", G_TYPE_DOUBLE, block.jitter
      / (gdouble) all->outbound_clock_rate[kind], NULL);
  if (block.round_trip_us >= 0)
    gst_structure_set (outbound, "round-trip-time", G_TYPE_DOUBLE,
        block.round_trip_us / (gdouble) G_USEC_PER_SEC, NULL);
}

/* What went again as it was; a repair flow (RFC 4588) is counted by the element
 * that sends it, of all kinds together. */
static void
add_repeats (Collection * all, GstElement * webrtcbin, GstWsctlMediaKind kind)
{
  g_autoptr (GstElement) repeater =
      gst_bin_get_by_name (GST_BIN (webrtcbin), GST_WSCTL_REPEATER_NAME);
  GstWsctlRepeaterStats repeats;

  if (all->outbound[kind] == NULL || repeater == NULL)
    return;

  gst_wsctl_repeater_get_stats (GST_WSCTL_REPEATER (repeater),
      all->outbound_ssrc[kind], &repeats);
  gst_structure_set (all->outbound[kind],
      "retransmitted-packets-sent", G_TYPE_UINT64, repeats.packets,
      "retransmitted-bytes-sent", G_TYPE_UINT64, repeats.bytes, NULL);
}

static void
for_each_source (const GstStructure * stats, Collection * all,
    gboolean internal, void (*func) (Collection *, const GstStructure *))
{
  const GValue *value = gst_structure_get_value (stats, "source-stats");
  GValueArray *sources;
  guint i;

  if (value == NULL)
    return;

  G_GNUC_BEGIN_IGNORE_DEPRECATIONS;
  sources = g_value_get_boxed (value);
  for (i = 0; i < sources->n_values; i++) {
    const GstStructure *source =
        gst_value_get_structure (g_value_array_get_nth (sources, i));

    if (get_flag (source, "internal") == internal)
      func (all, source);
  }
  G_GNUC_END_IGNORE_DEPRECATIONS;
}

/* What it holds, by the one thing that its caps are sure to name. NULL for a
 * source that is not the one meant. */
static GstStructure *
find_inbound (Collection * all, GstElement * jitterbuffer)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (jitterbuffer, "src");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  guint64 ssrc;
  guint kind;

  if (caps == NULL)
    return NULL;

  ssrc = get_count (gst_caps_get_structure (caps, 0), "ssrc");
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    if (all->inbound[kind] != NULL
        && get_count (all->inbound[kind], "ssrc") == ssrc)
      return all->inbound[kind];
  }

  return NULL;
}

static void
add_jitter_buffer (Collection * all, GstElement * jitterbuffer,
    const GstStructure * stats)
{
  GstStructure *inbound = find_inbound (all, jitterbuffer);
  guint64 delay_us, n_packets;
  guint latency_ms;

  if (inbound == NULL)
    return;

  g_object_get (jitterbuffer, "latency", &latency_ms, NULL);
  gst_structure_set (inbound,
      "jitter-buffer-target-delay", G_TYPE_DOUBLE, latency_ms / 1000.0,
      "packets-discarded", G_TYPE_UINT64, get_count (stats, "num-late"),
      "packets-duplicated", G_TYPE_UINT64, get_count (stats, "num-duplicates"),
      "retransmission-requests", G_TYPE_UINT64, get_count (stats, "rtx-count"),
      "retransmitted-packets-received", G_TYPE_UINT64,
      get_count (stats, "rtx-success-count"), NULL);
  if (gst_wsctl_jitter_delay_get (jitterbuffer, &delay_us, &n_packets))
    gst_structure_set (inbound, "jitter-buffer-delay", G_TYPE_DOUBLE,
        delay_us / (gdouble) G_USEC_PER_SEC, "jitter-buffer-emitted-count",
        G_TYPE_UINT64, n_packets, NULL);
}

/* Counters that only the jitter buffers have. */
static void
add_jitter_buffers (Collection * all, GstBin * rtpbin, GstStructure * stats)
{
  g_autoptr (GstIterator) iterator =
      gst_bin_iterate_all_by_element_factory_name (rtpbin, "rtpjitterbuffer");
  GValue item = G_VALUE_INIT;
  guint64 late = 0, retransmitted = 0;

  while (gst_iterator_next (iterator, &item) == GST_ITERATOR_OK) {
    g_autoptr (GstStructure) buffer = NULL;

    g_object_get (g_value_get_object (&item), "stats", &buffer, NULL);
    late += get_count (buffer, "num-late");
    retransmitted += get_count (buffer, "rtx-success-count");
    add_jitter_buffer (all, g_value_get_object (&item), buffer);
    g_value_reset (&item);
  }
  g_value_unset (&item);

  gst_structure_set (stats, "packets-late", G_TYPE_UINT64, late,
      "retransmitted-packets-received", G_TYPE_UINT64, retransmitted, NULL);
}

static gchar *
describe_candidate (const NiceCandidate * candidate)
{
  gchar address[INET6_ADDRSTRLEN] = { 0, };

  nice_address_to_string (&candidate->addr, address);

  return g_strdup_printf ("%s:%u", address,
      nice_address_get_port (&candidate->addr));
}

/* As the W3C's RTCIceCandidateType */
static const gchar *
get_candidate_type (const NiceCandidate * candidate)
{
  switch (candidate->type) {
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return "srflx";
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return "prflx";
    case NICE_CANDIDATE_TYPE_RELAYED:
      return "relay";
    default:
      return "host";
  }
}

static void
add_candidate_pair (NiceAgent * agent, guint stream_id, GstStructure * stats)
{
  NiceCandidate *local, *remote;
  g_autofree gchar *local_text = NULL;
  g_autofree gchar *remote_text = NULL;

  if (!nice_agent_get_selected_pair (agent, stream_id,
          NICE_COMPONENT_TYPE_RTP, &local, &remote))
    return;

  local_text = describe_candidate (local);
  remote_text = describe_candidate (remote);
  gst_structure_set (stats, "local-candidate", G_TYPE_STRING, local_text,
      "remote-candidate", G_TYPE_STRING, remote_text,
      "local-candidate-type", G_TYPE_STRING, get_candidate_type (local),
      "remote-candidate-type", G_TYPE_STRING, get_candidate_type (remote),
      NULL);
}

static void
add_structure (GstStructure * stats, const gchar * name,
    GstStructure ** structure)
{
  if (*structure == NULL)
    return;

  gst_structure_set (stats, name, GST_TYPE_STRUCTURE, *structure, NULL);
  gst_clear_structure (structure);
}

GstStructure *
gst_wsctl_stats_collect (GstElement * webrtcbin, NiceAgent * agent,
    guint nice_stream_id, GstWsctlReportBlocks * blocks)
{
  GstStructure *stats = gst_structure_new_empty ("application/x-wsctl-stats");
  g_autoptr (GstElement) rtpbin =
      gst_bin_get_by_name (GST_BIN (webrtcbin), "rtpbin");
  g_autoptr (GObject) session = NULL;
  g_autoptr (GstStructure) sources = NULL;
  Collection all = { {NULL,}, };
  guint kind;

  add_candidate_pair (agent, nice_stream_id, stats);
  if (rtpbin == NULL)
    return stats;

  g_signal_emit_by_name (rtpbin, "get-internal-session", 0, &session);
  if (session == NULL)
    return stats;

  g_object_get (session, "stats", &sources, NULL);
  for_each_source (sources, &all, TRUE, add_outbound);
  for_each_source (sources, &all, FALSE, add_inbound);
  for (kind = 0; kind < GST_WSCTL_N_MEDIA_KINDS; kind++) {
    add_report (&all, blocks, kind);
    add_repeats (&all, webrtcbin, kind);
  }
  add_jitter_buffers (&all, GST_BIN (rtpbin), stats);
  add_structure (stats, "outbound-audio",
      &all.outbound[GST_WSCTL_MEDIA_KIND_AUDIO]);
  add_structure (stats, "outbound-video",
      &all.outbound[GST_WSCTL_MEDIA_KIND_VIDEO]);
  add_structure (stats, "inbound-audio",
      &all.inbound[GST_WSCTL_MEDIA_KIND_AUDIO]);
  add_structure (stats, "inbound-video",
      &all.inbound[GST_WSCTL_MEDIA_KIND_VIDEO]);

  return stats;
}
