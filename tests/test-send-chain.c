/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What wsctlsink makes of media: the packets themselves
 */

#include <gst/check/gstharness.h>

#include "gstwsctlsendchain.h"
#include "testsupport.h"

static gboolean
do_nothing (GstElement * element, gpointer data)
{
  return FALSE;
}

static gboolean
allow (gpointer data)
{
  return TRUE;
}

static gboolean
take_frame (GstBuffer * frame, gpointer data)
{
  return TRUE;
}

static void
take_error (const GError * error, gpointer data)
{
  g_error ("%s", error->message);
}

static void
take_warning (const gchar * text, gpointer data)
{
  g_error ("%s", text);
}

static const GstWsctlSendChainCallbacks callbacks = {
  do_nothing, do_nothing, allow, take_frame, take_error, take_warning
};

/* What the chain makes of a picture, for an answer with or without an
 * extension */
static gboolean
writes_extension (const gchar * agreed)
{
  g_autoptr (GstCaps) input = gst_caps_from_string ("video/x-raw, "
      "format=(string)I420, width=(int)64, height=(int)48, "
      "framerate=(fraction)30/1");
  g_autofree gchar *text = g_strdup_printf ("application/x-rtp, "
      "media=(string)video, encoding-name=(string)VP8, clock-rate=(int)90000, "
      "payload=(int)104%s", agreed);
  g_autoptr (GstCaps) rtp = gst_caps_from_string (text);
  g_autoptr (GError) error = NULL;
  GstElement *chain =
      gst_wsctl_send_chain_new (input, rtp, &callbacks, NULL, &error);
  GstHarness *harness;
  GstBuffer *frame, *packet;
  gboolean has;

  g_assert_no_error (error);
  gst_object_ref_sink (chain);
  harness = gst_harness_new_with_element (chain, "sink", "src");
  gst_harness_set_src_caps (harness, gst_caps_ref (input));
  frame = gst_buffer_new_allocate (NULL, 64 * 48 * 3 / 2, NULL);
  gst_buffer_memset (frame, 0, 7, 64 * 48 * 3 / 2);
  GST_BUFFER_PTS (frame) = 0;
  g_assert_cmpint (gst_harness_push (harness, frame), ==, GST_FLOW_OK);
  packet = gst_harness_pull (harness);
  g_assert_true (gst_buffer_extract (packet, 0, text, 1) == 1);
  has = (text[0] & 0x10) != 0;
  gst_buffer_unref (packet);
  gst_harness_teardown (harness);
  test_assert_finalize (chain);

  return has;
}

/* Packets have room for their numbers where the answer wants feedback on each,
 * and nothing where it does not. */
static void
test_transport_cc (void)
{
  g_assert_false (writes_extension (""));
  g_assert_true (writes_extension (", extmap-1=(string)http://www.ietf.org/id/"
          "draft-holmer-rmcat-transport-wide-cc-extensions-01"));
}

/* NAL units of what is sent (RFC 6184): how many of which type */
typedef struct
{
  guint n[32];
} Units;

static void
count_units (GstBuffer * packet, Units * units)
{
  g_autofree guint8 *bytes = NULL;
  gsize size, at = 12;
  gpointer copy;

  gst_buffer_extract_dup (packet, 0, -1, &copy, &size);
  bytes = copy;
  g_assert_cmpuint (size, >, 14);
  switch (bytes[at] & 0x1f) {
    case 24:                   /* STAP-A */
      for (at++; at + 2 < size; at += 2 + (bytes[at] << 8 | bytes[at + 1]))
        units->n[bytes[at + 2] & 0x1f]++;
      break;
    case 28:                   /* FU-A, its first */
      units->n[bytes[at + 1] & 0x1f] += bytes[at + 1] >> 7;
      break;
    default:
      units->n[bytes[at] & 0x1f]++;
      break;
  }
}

static gboolean
count_in_list (GstBuffer ** packet, guint i, gpointer data)
{
  count_units (*packet, data);

  return TRUE;
}

static GstPadProbeReturn
on_packets (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        count_in_list, data);
  else
    count_units (GST_PAD_PROBE_INFO_BUFFER (info), data);

  return GST_PAD_PROBE_OK;
}

/* Of H.264 that comes with its parameter sets in the caps, as from a file, each
 * key frame has them in front, once. */
static void
test_parameter_sets (void)
{
  g_autoptr (GstCaps) input = gst_caps_from_string ("video/x-h264, "
      "stream-format=(string)avc, alignment=(string)au");
  g_autoptr (GstCaps) rtp = gst_caps_from_string ("application/x-rtp, "
      "media=(string)video, encoding-name=(string)H264, "
      "clock-rate=(int)90000, payload=(int)102");
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch ("videotestsrc "
      "num-buffers=15 ! video/x-raw,width=320,height=240,framerate=30/1 ! "
      "x264enc tune=zerolatency sliced-threads=true threads=2 key-int-max=5 "
      "! video/x-h264,stream-format=avc,profile=constrained-baseline "
      "! identity name=in fakesink name=out async=false", &error);
  GstElement *chain =
      gst_wsctl_send_chain_new (input, rtp, &callbacks, NULL, &error);
  g_autoptr (GstElement) in = NULL;
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) src = NULL;
  g_autoptr (GstBus) bus = NULL;
  GstMessage *end;
  Units units = { {0,} };

  g_assert_no_error (error);
  in = gst_bin_get_by_name (GST_BIN (pipeline), "in");
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_bin_add (GST_BIN (pipeline), chain);
  g_assert_true (gst_element_link_many (in, chain, out, NULL));
  src = gst_element_get_static_pad (chain, "src");
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packets, &units, NULL);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  end = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_cmpint (GST_MESSAGE_TYPE (end), ==, GST_MESSAGE_EOS);
  gst_message_unref (end);
  gst_element_set_state (pipeline, GST_STATE_NULL);

  /* Three key frames, of two slices each */
  g_assert_cmpuint (units.n[5], ==, 6);
  g_assert_cmpuint (units.n[7], ==, 3);
  g_assert_cmpuint (units.n[8], ==, 3);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/send-chain/transport-cc", test_transport_cc);
  test_add ("/send-chain/parameter-sets", test_parameter_sets);

  return g_test_run ();
}
