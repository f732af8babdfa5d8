/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlrtpfilter.h"

#include "wsctlcategory-private.h"

GST_DEBUG_CATEGORY_STATIC (wsctlrtpfilter_debug);
#define GST_CAT_DEFAULT wsctlrtpfilter_debug

#define HEADER_SIZE 12

/* Payload types from here to there are packets of RTCP (RFC 5761, 4). */
#define FIRST_RTCP 72
#define LAST_RTCP 76

/* First and last dynamic payload type (RFC 3551, 6) */
#define FIRST_DYNAMIC 96
#define LAST_DYNAMIC 127

/* So many packets in a row of another SSRC are a source that began anew, and of
 * another payload type the stream itself. */
#define MAX_OTHER_SSRC 5
#define MAX_OTHER_PAYLOAD 50

/* Times that are further apart have jumped: no network delays so much. */
#define MAX_DELAY_NS (2 * GST_SECOND)
/* The least delay in such a time is none. */
#define WINDOW_NS (2 * GST_SECOND)
/* A packet that came early moves the times by this part. */
#define EARLY_PART 4

typedef struct
{
  const GstWsctlCodec *codec;
  GstWsctlRtpFilterWarnFunc warn;
  gpointer data;

  /* The stream lock of the pad */
  gint clock_rate;
  gint payload;                 /* -1: that of the first packet */
  gboolean payload_told;        /* by the caps */
  gboolean started;             /* the SSRC is known */
  guint32 ssrc;
  guint n_others;               /* packets in a row that are not of it */
  guint16 n_skipped;            /* packets of the same SSRC that are not */

  gboolean timed;               /* the rest is known */
  guint32 time;                 /* RTP time of the newest packet … */
  gint64 ticks;                 /* … the same, since the first */
  gint64 offset_ns;             /* from these to timestamps */
  gint64 least_ns;              /* offset in this window */
  gint64 window_ns;             /* RTP time at which it began */
} Filter;

typedef struct
{
  guint payload;
  guint16 seq;
  guint32 time;
  guint32 ssrc;
} Header;

static gboolean
read_header (GstBuffer * packet, Header * header)
{
  guint8 bytes[HEADER_SIZE];

  if (gst_buffer_extract (packet, 0, bytes, HEADER_SIZE) != HEADER_SIZE
      || bytes[0] >> 6 != 2)
    return FALSE;

  header->payload = bytes[1] & 0x7f;
  header->seq = GST_READ_UINT16_BE (bytes + 2);
  header->time = GST_READ_UINT32_BE (bytes + 4);
  header->ssrc = GST_READ_UINT32_BE (bytes + 8);

  return header->payload < FIRST_RTCP || header->payload > LAST_RTCP;
}

/* The caps are wrong, or the stream has changed. */
static void
switch_payload (Filter * self, guint payload)
{
  g_autofree gchar *text = NULL;

  if (self->payload_told) {
    text =
        g_strdup_printf ("The caps of the RTP that comes in say payload type "
        "%d, but its packets have %u; they are taken for %s", self->payload,
        payload, self->codec->name);
    self->warn (text, self->data);
  }
  self->payload_told = FALSE;
  self->payload = (gint) payload;
}

static gboolean
is_of_stream (Filter * self, const Header * header)
{
  gboolean same = self->payload < 0 || header->payload == (guint) self->payload;

  if (same && (!self->started || header->ssrc == self->ssrc)) {
    self->n_others = 0;
  } else if (++self->n_others < (same ? MAX_OTHER_SSRC : MAX_OTHER_PAYLOAD)) {
    self->n_skipped += self->started && header->ssrc == self->ssrc;
    return FALSE;
  } else if (!same) {
    switch_payload (self, header->payload);
  }

  if (!self->started || self->ssrc != header->ssrc)
    self->timed = FALSE;
  self->payload = (gint) header->payload;
  self->ssrc = header->ssrc;
  self->started = TRUE;
  self->n_others = 0;

  return TRUE;
}

static void
begin_window (Filter * self, gint64 media_ns)
{
  self->least_ns = G_MAXINT64;
  self->window_ns = media_ns;
}

/* A packet may be late, never early: the times follow the one that took the
 * shortest way of late. */
static void
follow (Filter * self, gint64 media_ns, gint64 offset_ns)
{
  self->least_ns = MIN (self->least_ns, offset_ns);
  if (offset_ns < self->offset_ns)
    self->offset_ns -= (self->offset_ns - offset_ns) / EARLY_PART;
  if (media_ns - self->window_ns < (gint64) WINDOW_NS)
    return;

  if (self->least_ns > self->offset_ns)
    self->offset_ns = self->least_ns;
  begin_window (self, media_ns);
}

static GstClockTime
get_time (Filter * self, guint32 time, GstClockTime arrival)
{
  gint64 step = self->timed ? (gint32) (time - self->time) : 0;
  gint64 media_ns, offset_ns;

  if (!self->timed)
    self->ticks = 0;
  media_ns = (self->ticks + step) * (gint64) GST_SECOND / self->clock_rate;
  offset_ns = (gint64) arrival - media_ns;
  if (!self->timed || ABS (offset_ns - self->offset_ns) > (gint64) MAX_DELAY_NS) {
    self->timed = TRUE;
    self->offset_ns = offset_ns;
    begin_window (self, media_ns);
  } else if (step > 0) {
    follow (self, media_ns, offset_ns);
  }
  if (step >= 0) {
    self->time = time;
    self->ticks += step;
  }

  return (GstClockTime) MAX (media_ns + self->offset_ns, 0);
}

/* FEC may have its numbers from the same row: what is missing is no loss. */
static void
close_gap (Filter * self, GstBuffer * packet, guint16 seq)
{
  guint8 bytes[2];

  GST_WRITE_UINT16_BE (bytes, seq - self->n_skipped);
  gst_buffer_fill (packet, 2, bytes, sizeof bytes);
}

/* Transfer full; NULL for what is dropped. */
static GstBuffer *
take (Filter * self, GstBuffer * packet)
{
  Header header;

  if (!read_header (packet, &header) || !is_of_stream (self, &header)) {
    GST_LOG ("dropped: %" GST_PTR_FORMAT, packet);
    gst_buffer_unref (packet);
    return NULL;
  }

  packet = gst_buffer_make_writable (packet);
  if (self->n_skipped > 0)
    close_gap (self, packet, header.seq);
  if (GST_BUFFER_PTS_IS_VALID (packet))
    GST_BUFFER_PTS (packet) = get_time (self, header.time,
        GST_BUFFER_PTS (packet));

  return packet;
}

static gboolean
take_in_list (GstBuffer ** packet, guint i, gpointer data)
{
  *packet = take (data, *packet);

  return TRUE;
}

static gint
choose_payload (const Filter * self)
{
  if (self->codec->payload < FIRST_DYNAMIC)
    return self->codec->payload;

  return self->payload >= FIRST_DYNAMIC && self->payload <= LAST_DYNAMIC
      ? self->payload : FIRST_DYNAMIC;
}

/* All that a depayloader wants to know */
static GstEvent *
take_caps (Filter * self, GstEvent * event)
{
  g_autoptr (GstCaps) complete = NULL;
  GstStructure *structure;
  GstEvent *result;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  complete = gst_caps_copy (caps);
  structure = gst_caps_get_structure (complete, 0);
  self->payload_told =
      gst_structure_get_int (structure, "payload", &self->payload);
  if (!self->payload_told)
    self->payload = -1;
  if (!gst_structure_get_int (structure, "clock-rate", &self->clock_rate)
      || self->clock_rate <= 0)
    self->clock_rate = self->codec->clock_rate;
  gst_structure_set (structure, "media", G_TYPE_STRING,
      gst_wsctl_media_kind_get_nick (self->codec->kind),
      "encoding-name", G_TYPE_STRING, self->codec->name,
      "clock-rate", G_TYPE_INT, self->clock_rate,
      "payload", G_TYPE_INT, choose_payload (self), NULL);

  result = gst_event_new_caps (complete);
  gst_event_set_seqnum (result, gst_event_get_seqnum (event));
  gst_event_unref (event);

  return result;
}

static void
take_event (Filter * self, GstPadProbeInfo * info)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      GST_PAD_PROBE_INFO_DATA (info) = take_caps (self, event);
      break;
    case GST_EVENT_STREAM_START:
      self->started = FALSE;
      self->timed = FALSE;
      break;
    case GST_EVENT_SEGMENT:
      self->timed = FALSE;
      break;
    default:
      break;
  }
}

static GstPadProbeReturn
on_probe (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Filter *self = data;
  GstBufferList *list;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    GST_PAD_PROBE_INFO_DATA (info) =
        take (self, GST_PAD_PROBE_INFO_BUFFER (info));
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    list = gst_buffer_list_make_writable (GST_PAD_PROBE_INFO_BUFFER_LIST
        (info));
    gst_buffer_list_foreach (list, take_in_list, self);
    if (gst_buffer_list_length (list) == 0)
      g_clear_pointer (&list, gst_buffer_list_unref);
    GST_PAD_PROBE_INFO_DATA (info) = list;
  } else {
    take_event (self, info);
  }

  return info->data != NULL ? GST_PAD_PROBE_OK : GST_PAD_PROBE_HANDLED;
}

void
gst_wsctl_rtp_filter_attach (GstPad * pad, const GstWsctlCodec * codec,
    GstWsctlRtpFilterWarnFunc warn, gpointer data)
{
  Filter *self = g_new0 (Filter, 1);

  GST_WSCTL_CATEGORY_INIT (wsctlrtpfilter_debug, "wsctlrtpfilter",
      "WebRTC WebSocket control: RTP that comes in");

  self->codec = codec;
  self->warn = warn;
  self->data = data;
  self->clock_rate = codec->clock_rate;
  self->payload = -1;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_probe, self, g_free);
}
