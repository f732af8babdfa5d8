/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstwsctlinputconnect.h"

typedef struct
{
  GstWsctlInput *input;
  GstWsctlConnection *session;
  GstCaps *rtp;
} Connect;

static void
free_connect (gpointer data)
{
  Connect *connect = data;

  gst_object_unref (connect->input);
  g_object_unref (connect->session);
  gst_caps_unref (connect->rtp);
  g_free (connect);
}

static void
run_connect (GstElement * element, gpointer data)
{
  Connect *connect = data;

  gst_wsctl_input_connect (connect->input, connect->session, connect->rtp);
  gst_element_post_message (element,
      gst_message_new_latency (GST_OBJECT (element)));
}

void
gst_wsctl_input_connect_later (GstWsctlInput * input, GstElement * element,
    GstWsctlConnection * session, const GstCaps * rtp)
{
  Connect *connect = g_new0 (Connect, 1);

  connect->input = gst_object_ref (input);
  connect->session = g_object_ref (session);
  connect->rtp = gst_caps_ref ((GstCaps *) rtp);
  gst_element_call_async (element, run_connect, connect, free_connect);
}
