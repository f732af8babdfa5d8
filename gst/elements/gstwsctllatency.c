/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctllatency.h"

typedef struct
{
  gboolean live;
  GstClockTime min;
  GstClockTime max;
} Sum;

static gboolean
add_pad (GstElement * element, GstPad * pad, gpointer data)
{
  Sum *sum = data;
  GstQuery *query = gst_query_new_latency ();

  if (gst_pad_peer_query (pad, query)) {
    GstClockTime min, max;
    gboolean live;

    gst_query_parse_latency (query, &live, &min, &max);
    sum->live |= live;
    sum->min = MAX (sum->min, min);
    if (GST_CLOCK_TIME_IS_VALID (max))
      sum->max = MIN (sum->max, max);
  }
  gst_query_unref (query);

  return TRUE;
}

void
gst_wsctl_latency_add_up (GstElement * element, GstQuery * query)
{
  Sum sum = { FALSE, 0, GST_CLOCK_TIME_NONE };

  gst_element_foreach_sink_pad (element, add_pad, &sum);
  gst_query_set_latency (query, sum.live, sum.min, sum.max);
}
