/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Probes on a sink pad of webrtcbin. A source ends where a stream-start event
 * comes, where the SSRC changes, and where its numbers jump by more than any
 * loss explains. The next one begins with the sequence number that follows. Its
 * RTP time is the last one plus the running time that has passed since then, so
 * that it stays in step with the other medium. Where the running times of both
 * sources cannot be compared, the time of the clock is taken.
 */

#include "wsctlrtprewriter-private.h"

#include <string.h>

#include "wsctlcategory-private.h"
#include "wsctlerror.h"

GST_DEBUG_CATEGORY_STATIC (wsctlrtprewriter_debug);
#define GST_CAT_DEFAULT wsctlrtprewriter_debug

#define KEY "gst-wsctl-rtp-rewriter"

/* The fixed part of a header (RFC 3550, 5.1), and the longest list behind it */
#define HEADER_SIZE 12
#define CSRC_SIZE 4
#define MAX_HEADER_SIZE (HEADER_SIZE + 15 * CSRC_SIZE)

/* Within one source, a sequence number may jump so far (RFC 3550, A.1). */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100

/* Within one source, RTP time and running time may differ so much from one
 * packet to the next. */
#define MAX_JUMP_NS (10 * GST_SECOND)

/* From one source to the next, the running time may go back by the first, and
 * may be ahead of the clock by the second. */
#define MAX_BACK_NS (1 * GST_SECOND)
#define MAX_AHEAD_NS (5 * GST_SECOND)

typedef struct
{
  /* Constant */
  GstCaps *agreed;              /* what is downstream sees */
  GstCaps *accepted;            /* what may come in */
  guint8 payload;
  guint32 ssrc;
  guint clock_rate;
  gboolean is_h264;
  guint profile_rank;           /* the highest that may be sent */

  /* The stream lock of the pad */
  GstSegment segment;
  gint source_payload;          /* -1: any */
  gboolean keeps_extensions;
  gboolean started;             /* a packet has been sent */
  gboolean fresh;               /* the next packet is the first of a source */
  guint32 source_ssrc;
  guint16 seq_offset;           /* what is added to a number that comes in */
  guint32 time_offset;
  guint16 first_seq;            /* the source's first, as sent */
  guint n_packets;              /* of the source */
  guint16 seq;                  /* the newest, as sent */
  guint32 time;                 /* likewise */
  GstClockTime running_time;    /* likewise, or NONE */
  gint64 sent_us;               /* when the newest was sent */
  /* The source has begun before the end of the one before: its first frames
   * are sent right behind that. */
  gboolean overlaps;
  guint32 overlap_time;         /* of the last one of these, as sent */
  guint32 overlap_source_time;
} Rewriter;

typedef struct
{
  gboolean extended;
  gboolean marker;
  guint8 payload;
  guint16 seq;
  guint32 time;
  guint32 ssrc;
} Header;

static void
free_rewriter (gpointer data)
{
  Rewriter *self = data;

  gst_caps_unref (self->agreed);
  gst_caps_unref (self->accepted);
  g_free (self);
}

static gboolean
read_header (GstBuffer * packet, Header * header)
{
  guint8 bytes[HEADER_SIZE];

  if (gst_buffer_extract (packet, 0, bytes, HEADER_SIZE) != HEADER_SIZE
      || bytes[0] >> 6 != 2)
    return FALSE;

  header->extended = (bytes[0] & 0x10) != 0;
  header->marker = (bytes[1] & 0x80) != 0;
  header->payload = bytes[1] & 0x7f;
  header->seq = GST_READ_UINT16_BE (bytes + 2);
  header->time = GST_READ_UINT32_BE (bytes + 4);
  header->ssrc = GST_READ_UINT32_BE (bytes + 8);

  return TRUE;
}

/* All but the first byte */
static void
write_header (GstBuffer * packet, const Header * header)
{
  guint8 bytes[HEADER_SIZE];

  bytes[1] = (header->marker ? 0x80 : 0) | header->payload;
  GST_WRITE_UINT16_BE (bytes + 2, header->seq);
  GST_WRITE_UINT32_BE (bytes + 4, header->time);
  GST_WRITE_UINT32_BE (bytes + 8, header->ssrc);
  gst_buffer_fill (packet, 1, bytes + 1, HEADER_SIZE - 1);
}

/* Takes away header extensions, whose numbers nobody agreed on. Transfer full,
 * both; NULL for a packet that is cut off. */
static GstBuffer *
remove_extensions (GstBuffer * packet)
{
  guint8 bytes[MAX_HEADER_SIZE + 4];
  gsize size = gst_buffer_extract (packet, 0, bytes, sizeof bytes);
  gsize at = HEADER_SIZE + (bytes[0] & 0x0f) * CSRC_SIZE;
  GstBuffer *plain;
  gsize end;

  end = at + 4;
  if (size >= end)
    end += GST_READ_UINT16_BE (bytes + at + 2) * 4;
  if (size < at + 4 || gst_buffer_get_size (packet) < end) {
    gst_buffer_unref (packet);
    return NULL;
  }

  bytes[0] &= ~0x10;
  plain = gst_buffer_new_memdup (bytes, at);
  gst_buffer_copy_into (plain, packet, GST_BUFFER_COPY_METADATA, 0, -1);

  return gst_buffer_append_region (plain, packet, end, -1);
}

static gint32
to_ticks (const Rewriter * self, gint64 ns)
{
  gint64 scaled = ns / 1000 * (gint64) self->clock_rate;
  gint64 half = scaled < 0 ? -G_USEC_PER_SEC / 2 : G_USEC_PER_SEC / 2;

  return (gint32) ((scaled + half) / G_USEC_PER_SEC);
}

static gint64
to_ns (const Rewriter * self, gint32 ticks)
{
  return ticks * (gint64) GST_SECOND / self->clock_rate;
}

static GstClockTime
get_running_time (const Rewriter * self, GstBuffer * packet)
{
  if (self->segment.format != GST_FORMAT_TIME
      || !GST_BUFFER_PTS_IS_VALID (packet))
    return GST_CLOCK_TIME_NONE;

  return gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (packet));
}

/* Since the newest packet, by the running time; FALSE when that is not known */
static gboolean
get_running_ns (const Rewriter * self, GstClockTime running_time,
    gint64 * running_ns)
{
  if (!GST_CLOCK_TIME_IS_VALID (running_time)
      || !GST_CLOCK_TIME_IS_VALID (self->running_time))
    return FALSE;
  *running_ns = GST_CLOCK_DIFF (self->running_time, running_time);

  return TRUE;
}

/* Between the newest packet and one of another source */
static gint64
get_elapsed_ns (const Rewriter * self, GstClockTime running_time, gint64 now_us)
{
  gint64 clock_ns = (now_us - self->sent_us) * 1000;
  gint64 running_ns;

  if (!get_running_ns (self, running_time, &running_ns)
      || running_ns < -(gint64) MAX_BACK_NS
      || running_ns > clock_ns + (gint64) MAX_AHEAD_NS)
    return clock_ns;

  return running_ns;
}

static void
begin_source (Rewriter * self, const Header * header,
    GstClockTime running_time, gint64 now_us)
{
  self->fresh = FALSE;
  self->source_ssrc = header->ssrc;
  self->n_packets = 0;
  self->overlaps = self->started;
  if (self->started) {
    self->seq_offset = self->seq + 1 - header->seq;
    self->time_offset = self->time + to_ticks (self,
        get_elapsed_ns (self, running_time, now_us)) - header->time;
    self->overlap_time = self->time;
    self->overlap_source_time = ~header->time;
  }
  self->first_seq = header->seq + self->seq_offset;
  GST_INFO ("SSRC %08x begins at sequence number %u, time %u", header->ssrc,
      self->first_seq, header->time + self->time_offset);
}

/* Compared with the newest packet: is @header, already rewritten, of the same
 * source? */
static gboolean
is_continued (const Rewriter * self, const Header * header,
    GstClockTime running_time, gint64 now_us)
{
  gint64 step_ns = to_ns (self, (gint32) (header->time - self->time));
  gint64 clock_ns = (now_us - self->sent_us) * 1000;
  gint step = (gint16) (header->seq - self->seq);
  gint64 running_ns;

  if (step > MAX_DROPOUT || step < -MAX_MISORDER
      || step_ns < -(gint64) MAX_BACK_NS)
    return FALSE;

  return ABS (step_ns - clock_ns) <= (gint64) MAX_JUMP_NS
      || (get_running_ns (self, running_time, &running_ns)
      && ABS (step_ns - running_ns) <= (gint64) MAX_JUMP_NS);
}

static void
put_behind_overlap (Rewriter * self, Header * header, guint32 source_time)
{
  if ((gint32) (header->time - self->overlap_time) > 0) {
    self->overlaps = FALSE;
    return;
  }

  if (source_time != self->overlap_source_time)
    self->overlap_time++;
  self->overlap_source_time = source_time;
  header->time = self->overlap_time;
}

/* FALSE for a packet that came late, with a number that the source before has
 * used. */
static gboolean
rewrite_header (Rewriter * self, Header * header, GstClockTime running_time)
{
  gint64 now_us = g_get_monotonic_time ();
  const Header source = *header;

  self->fresh |= header->ssrc != self->source_ssrc;
  header->seq += self->seq_offset;
  header->time += self->time_offset;
  if (self->fresh || !is_continued (self, header, running_time, now_us)) {
    begin_source (self, &source, running_time, now_us);
    header->seq = source.seq + self->seq_offset;
    header->time = source.time + self->time_offset;
  }

  if (self->n_packets < MAX_DROPOUT
      && (gint16) (header->seq - self->first_seq) < 0)
    return FALSE;

  self->n_packets++;
  if (self->overlaps)
    put_behind_overlap (self, header, source.time);
  header->payload = self->payload;
  header->ssrc = self->ssrc;
  if (!self->started || (gint16) (header->seq - self->seq) > 0) {
    self->seq = header->seq;
    self->time = header->time;
    self->running_time = running_time;
    self->sent_us = now_us;
  }
  self->started = TRUE;

  return TRUE;
}

/* Transfer full; NULL for what is not sent. */
static GstBuffer *
rewrite (Rewriter * self, GstBuffer * packet)
{
  GstClockTime running_time = get_running_time (self, packet);
  Header header;

  if (!read_header (packet, &header) || (self->source_payload >= 0
          && header.payload != self->source_payload)
      || !rewrite_header (self, &header, running_time)) {
    GST_DEBUG ("dropped: %" GST_PTR_FORMAT, packet);
    gst_buffer_unref (packet);
    return NULL;
  }

  if (header.extended && !self->keeps_extensions)
    packet = remove_extensions (packet);
  else
    packet = gst_buffer_make_writable (packet);
  if (packet == NULL)
    return NULL;

  write_header (packet, &header);
  GST_BUFFER_PTS (packet) = running_time;
  GST_BUFFER_DTS (packet) = GST_CLOCK_TIME_NONE;

  return packet;
}

static gboolean
rewrite_in_list (GstBuffer ** packet, guint i, gpointer data)
{
  *packet = rewrite (data, *packet);

  return TRUE;
}

/* From 0 to 5, by what a decoder has to know; a level says how much, which is a
 * matter of size */
static guint
get_profile_rank (const gchar * profile_level_id)
{
  guint64 id = g_ascii_strtoull (profile_level_id, NULL, 16);
  guint profile = (guint) (id >> 16 & 0xff);
  guint constraints = (guint) (id >> 8 & 0xff);

  switch (profile) {
    case 0x42:                 /* baseline */
      return 0;
    case 0x4d:                 /* main, or what baseline decodes as well */
      return constraints & 0x80 ? 0 : 1;
    case 0x64:                 /* high */
      return 2;
    case 0x6e:                 /* high 10 */
      return 3;
    case 0x7a:                 /* high 4:2:2 */
      return 4;
    default:
      return 5;
  }
}

static guint
get_profile_rank_of (const GstCaps * caps)
{
  const gchar *id = gst_structure_get_string (gst_caps_get_structure (caps, 0),
      "profile-level-id");

  /* RFC 6184, 8.1: baseline, when it is not said */
  return id != NULL ? get_profile_rank (id) : 0;
}

/* NULL when the other side takes H.264 of @structure. Transfer full. */
static gchar *
find_h264_obstacle (const Rewriter * self, const GstStructure * structure)
{
  const GstStructure *agreed = gst_caps_get_structure (self->agreed, 0);
  const gchar *id = gst_structure_get_string (structure, "profile-level-id");
  const gchar *mode =
      gst_structure_get_string (structure, "packetization-mode");

  if (id != NULL && get_profile_rank (id) > self->profile_rank)
    return g_strdup_printf ("the profile of its H.264 (profile-level-id %s) is "
        "beyond what was agreed (%s)", id, gst_structure_has_field (agreed,
            "profile-level-id") ? gst_structure_get_string (agreed,
            "profile-level-id") : "baseline");
  if (g_strcmp0 (mode, "2") == 0)
    return g_strdup ("its H.264 is interleaved (packetization-mode 2)");

  return NULL;
}

/* What a codec is known by */
static gboolean
keep_detail (GQuark field, GValue * value, gpointer data)
{
  static const gchar *const kept[] = {
    "media", "clock-rate", "encoding-name", NULL
  };

  return g_strv_contains (kept, g_quark_to_string (field));
}

/* In short: raw video alone has a hundred formats. */
static gchar *
describe (const GstCaps * caps)
{
  g_autoptr (GstStructure) first = NULL;

  if (gst_caps_is_empty (caps))
    return g_strdup ("nothing");

  first = gst_structure_copy (gst_caps_get_structure (caps, 0));
  gst_structure_filter_and_map_in_place (first, keep_detail, NULL);

  return gst_structure_to_string (first);
}

/* NULL when something of @caps can be sent. Transfer full. */
static gchar *
find_obstacle (const Rewriter * self, const GstCaps * caps)
{
  g_autoptr (GstCaps) able =
      gst_caps_intersect ((GstCaps *) caps, self->accepted);
  g_autofree gchar *theirs = NULL;
  g_autofree gchar *ours = NULL;
  gchar *obstacle = NULL;
  guint i;

  if (gst_caps_is_empty (able)) {
    theirs = describe (caps);
    ours = describe (self->accepted);
    return g_strdup_printf ("it is '%s', and '%s' was agreed", theirs, ours);
  }

  for (i = 0; self->is_h264 && i < gst_caps_get_size (able); i++) {
    g_free (obstacle);
    obstacle = find_h264_obstacle (self, gst_caps_get_structure (able, i));
    if (obstacle == NULL)
      break;
  }

  return obstacle;
}

static gboolean
is_extension (GQuark field)
{
  return g_str_has_prefix (g_quark_to_string (field), "extmap-");
}

typedef struct
{
  const GstStructure *agreed;
  guint n_same;
  guint n_other;
} Extensions;

static gboolean
count_extension (GQuark field, const GValue * value, gpointer data)
{
  Extensions *extensions = data;
  const GValue *agreed;

  if (!is_extension (field))
    return TRUE;

  agreed = gst_structure_id_get_value (extensions->agreed, field);
  if (agreed != NULL && gst_value_compare (agreed, value) == GST_VALUE_EQUAL)
    extensions->n_same++;
  else
    extensions->n_other++;

  return TRUE;
}

static void
take_source_caps (Rewriter * self, const GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  Extensions extensions = { gst_caps_get_structure (self->agreed, 0), 0, 0 };

  if (!gst_structure_get_int (structure, "payload", &self->source_payload))
    self->source_payload = -1;
  gst_structure_foreach (structure, count_extension, &extensions);
  self->keeps_extensions = extensions.n_same > 0 && extensions.n_other == 0;
}

/* Caps that do not fit go on as they are, for webrtcbin to refuse. */
static GstEvent *
take_caps (Rewriter * self, GstEvent * event)
{
  GstEvent *fixed;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (!gst_caps_can_intersect (caps, self->accepted))
    return event;

  take_source_caps (self, caps);
  fixed = gst_event_new_caps (self->agreed);
  gst_event_set_seqnum (fixed, gst_event_get_seqnum (event));
  gst_event_unref (event);

  return fixed;
}

/* webrtcbin's funnel passes the first segment only, and its reports count by that:
 * from here on, the PTS of a packet is its running time. Transfer full, both. */
static GstEvent *
take_segment (Rewriter * self, GstEvent * event)
{
  GstEvent *plain;
  GstSegment segment;

  gst_event_copy_segment (event, &self->segment);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  plain = gst_event_new_segment (&segment);
  gst_event_set_seqnum (plain, gst_event_get_seqnum (event));
  gst_event_unref (event);

  return plain;
}

static void
take_event (Rewriter * self, GstPadProbeInfo * info)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      self->fresh = TRUE;
      break;
    case GST_EVENT_SEGMENT:
      GST_PAD_PROBE_INFO_DATA (info) = take_segment (self, event);
      break;
    case GST_EVENT_CAPS:
      GST_PAD_PROBE_INFO_DATA (info) = take_caps (self, event);
      break;
    default:
      break;
  }
}

/* What may come in does not depend on what webrtcbin has inside. */
static GstPadProbeReturn
answer_query (Rewriter * self, GstQuery * query)
{
  g_autoptr (GstCaps) result = NULL;
  GstCaps *caps;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      gst_query_parse_caps (query, &caps);
      result = caps == NULL ? gst_caps_ref (self->accepted)
          : gst_caps_intersect_full (caps, self->accepted,
          GST_CAPS_INTERSECT_FIRST);
      gst_query_set_caps_result (query, result);
      return GST_PAD_PROBE_HANDLED;
    case GST_QUERY_ACCEPT_CAPS:
      gst_query_parse_accept_caps (query, &caps);
      gst_query_set_accept_caps_result (query,
          gst_caps_can_intersect (caps, self->accepted));
      return GST_PAD_PROBE_HANDLED;
    default:
      return GST_PAD_PROBE_OK;
  }
}

static GstPadProbeReturn
on_probe (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Rewriter *self = data;

  if (info->type & GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM)
    return answer_query (self, GST_PAD_PROBE_INFO_QUERY (info));

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GST_PAD_PROBE_INFO_DATA (info) =
        rewrite (self, GST_PAD_PROBE_INFO_BUFFER (info));
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list =
        gst_buffer_list_make_writable (GST_PAD_PROBE_INFO_BUFFER_LIST (info));

    gst_buffer_list_foreach (list, rewrite_in_list, self);
    if (gst_buffer_list_length (list) == 0)
      g_clear_pointer (&list, gst_buffer_list_unref);
    GST_PAD_PROBE_INFO_DATA (info) = list;
  } else {
    take_event (self, info);
  }

  /* What has no data any more counts as handled. */
  return info->data != NULL ? GST_PAD_PROBE_OK : GST_PAD_PROBE_HANDLED;
}

static Rewriter *
new_rewriter (const GstCaps * agreed, const GstCaps * offered)
{
  Rewriter *self = g_new0 (Rewriter, 1);
  GstStructure *structure;
  gint payload = 0, clock_rate = 0;

  self->agreed = gst_caps_copy_nth (agreed, 0);
  structure = gst_caps_get_structure (self->agreed, 0);
  gst_structure_get_int (structure, "payload", &payload);
  gst_structure_get_int (structure, "clock-rate", &clock_rate);
  self->payload = (guint8) payload;
  self->clock_rate = (guint) MAX (clock_rate, 1);
  if (offered == NULL || !gst_structure_get_uint (gst_caps_get_structure
          (offered, 0), "ssrc", &self->ssrc))
    self->ssrc = g_random_int ();
  gst_structure_set (structure, "ssrc", G_TYPE_UINT, self->ssrc, NULL);
  self->is_h264 = g_strcmp0 (gst_structure_get_string (structure,
          "encoding-name"), "H264") == 0;
  /* Servers may write another profile into an answer than the one that they
   * were offered, and take both. */
  self->profile_rank = get_profile_rank_of (self->agreed);
  if (offered != NULL)
    self->profile_rank = MAX (self->profile_rank,
        get_profile_rank_of (offered));

  self->accepted = gst_caps_copy (self->agreed);
  gst_structure_filter_and_map_in_place (gst_caps_get_structure
      (self->accepted, 0), keep_detail, NULL);

  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  self->source_payload = -1;
  self->running_time = GST_CLOCK_TIME_NONE;
  self->fresh = TRUE;

  return self;
}

void
gst_wsctl_rtp_rewriter_attach (GstPad * sink, const GstCaps * agreed,
    const GstCaps * offered)
{
  static GMutex lock;
  Rewriter *self;

  GST_WSCTL_CATEGORY_INIT (wsctlrtprewriter_debug, "wsctlrtprewriter",
      "WebRTC WebSocket control: numbers of RTP that is sent");

  g_mutex_lock (&lock);
  if (g_object_get_data (G_OBJECT (sink), KEY) == NULL) {
    self = new_rewriter (agreed, offered);
    g_object_set_data (G_OBJECT (sink), KEY, self);
    gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER
        | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
        | GST_PAD_PROBE_TYPE_EVENT_FLUSH | GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM,
        on_probe, self, free_rewriter);
  }
  g_mutex_unlock (&lock);
}

gboolean
gst_wsctl_rtp_rewriter_check (GstPad * sink, const GstCaps * caps,
    GError ** error)
{
  const Rewriter *self = g_object_get_data (G_OBJECT (sink), KEY);
  g_autofree gchar *obstacle = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  obstacle = find_obstacle (self, caps);
  if (obstacle == NULL)
    return TRUE;

  g_set_error (error, GST_WSCTL_ERROR, GST_WSCTL_ERROR_REPLACE_TRACK_FAILED,
      "the new track cannot be sent: %s", obstacle);

  return FALSE;
}
