/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlpackettimes.h"

#define CLOCK_RATE 90000
#define LEAD_INTERVAL_NS ((gint64) GST_SECOND)
/* Further from the jitter buffer's time than this, nothing is made up. */
#define MAX_DIFFERENCE_NS ((gint64) (200 * GST_MSECOND))

/* Of the time that @self would give on its own */
static gint64
get_time (GstWsctlPacketTimes * self, gint64 distance_ns, gint64 time_ns)
{
  gint64 own_ns = (gint64) self->time
      + MIN (distance_ns, (gint64) GST_WSCTL_HURRY_NS);

  if (ABS (own_ns - time_ns) > MAX_DIFFERENCE_NS)
    return time_ns;

  return distance_ns < (gint64) GST_WSCTL_HURRY_NS ? own_ns
      : MAX (own_ns, time_ns);
}

GstClockTime
gst_wsctl_packet_times_next (GstWsctlPacketTimes * self, guint32 stamp,
    GstClockTime time)
{
  gint64 distance_ns = (gint32) (stamp - self->stamp) * (gint64) GST_SECOND
      / CLOCK_RATE;

  if (self->known && distance_ns == 0)
    return self->time;

  /* Pictures that are shown in another order than they are sent in are none of
   * those. */
  if (self->known && distance_ns > 0)
    time = get_time (self, distance_ns, time);
  self->known = TRUE;
  self->stamp = stamp;
  self->time = time;

  return time;
}

/* FALSE: as it is. */
static gboolean
find_time (GstWsctlPacketTimes * self, GstBuffer * buffer, GstClockTime * time)
{
  guint8 bytes[8];

  if (!GST_BUFFER_PTS_IS_VALID (buffer)
      || gst_buffer_extract (buffer, 0, bytes, sizeof bytes) < sizeof bytes)
    return FALSE;

  *time = gst_wsctl_packet_times_next (self, GST_READ_UINT32_BE (bytes + 4),
      GST_BUFFER_PTS (buffer));

  return *time != GST_BUFFER_PTS (buffer);
}

static gboolean
write_in_list (GstBuffer ** buffer, guint index, gpointer data)
{
  GstWsctlPacketTimes *self = data;
  GstClockTime time;

  if (find_time (self, *buffer, &time)) {
    *buffer = gst_buffer_make_writable (*buffer);
    GST_BUFFER_PTS (*buffer) = time;
  }

  return TRUE;
}

void
gst_wsctl_packet_times_write (GstWsctlPacketTimes * self,
    GstPadProbeInfo * info)
{
  GstClockTime time;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    info->data = gst_buffer_list_make_writable (info->data);
    gst_buffer_list_foreach (info->data, write_in_list, self);
  } else if (find_time (self, info->data, &time)) {
    info->data = gst_buffer_make_writable (info->data);
    GST_BUFFER_PTS (info->data) = time;
  }
}

/* The least is not held up, in two intervals. */
static void
note_way (GstWsctlPacketLead * self, gint64 way_ns, gint64 ahead_ns,
    gint64 now_ns)
{
  if (!self->known) {
    self->newest_ns = self->older_ns = way_ns;
    self->newest_ahead_ns = self->older_ahead_ns = ahead_ns;
    self->since_ns = now_ns;
    self->known = TRUE;
  } else if (now_ns - self->since_ns >= LEAD_INTERVAL_NS) {
    self->older_ns = self->newest_ns;
    self->newest_ns = way_ns;
    self->older_ahead_ns = self->newest_ahead_ns;
    self->newest_ahead_ns = ahead_ns;
    self->since_ns = now_ns;
  } else {
    self->newest_ns = MIN (self->newest_ns, way_ns);
    self->newest_ahead_ns = MAX (self->newest_ahead_ns, ahead_ns);
  }
}

gint64
gst_wsctl_packet_lead_note (GstWsctlPacketLead * self, guint clock_rate,
    guint32 stamp, gint64 time_ns, gint64 now_ns)
{
  gint64 lead_ns;

  if (self->known)
    self->stamp_ns += (gint32) (stamp - self->stamp) * (gint64) GST_SECOND
        / clock_rate;
  self->stamp = stamp;
  note_way (self, now_ns - self->stamp_ns, time_ns - now_ns, now_ns);
  lead_ns = time_ns - self->stamp_ns - MIN (self->newest_ns, self->older_ns);

  return MIN (lead_ns, MAX (self->newest_ahead_ns, self->older_ahead_ns));
}
