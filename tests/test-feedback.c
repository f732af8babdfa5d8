/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Notes of what was sent, and what a peer's RTCP says of it.
 */

#include <gst/gst.h>

#include "testsupport.h"
#include "wsctlfeedback-private.h"
#include "wsctlsent-private.h"

static void
test_sent (void)
{
  g_autofree GstWsctlSent *sent = g_new0 (GstWsctlSent, 1);
  const GstWsctlSentPacket *packet;

  g_assert_null (gst_wsctl_sent_find (sent, 0));

  /* Across the end of the numbers */
  gst_wsctl_sent_add (sent, 65534, 100, 1000);
  gst_wsctl_sent_add (sent, 65535, 200, 2000);
  gst_wsctl_sent_add (sent, 0, 300, 3000);
  packet = gst_wsctl_sent_find (sent, 65535);
  g_assert_nonnull (packet);
  g_assert_cmpuint (packet->packets, ==, 2);
  g_assert_cmpuint (packet->bytes, ==, 300);
  g_assert_cmpint (packet->time_us, ==, 2000);
  g_assert_cmpint (gst_wsctl_sent_get_age_after (sent, packet, 3500), ==, 500);

  packet = gst_wsctl_sent_find (sent, 0);
  g_assert_cmpint (gst_wsctl_sent_get_age_after (sent, packet, 9000), ==, 0);
  g_assert_null (gst_wsctl_sent_find (sent, 1));
}

static void
test_forgotten (void)
{
  g_autofree GstWsctlSent *sent = g_new0 (GstWsctlSent, 1);
  guint i;

  for (i = 0; i < 3 * GST_WSCTL_SENT_SIZE; i++)
    gst_wsctl_sent_add (sent, i, 1, i);

  g_assert_null (gst_wsctl_sent_find (sent, 0));
  g_assert_null (gst_wsctl_sent_find (sent, 2 * GST_WSCTL_SENT_SIZE - 1));
  g_assert_nonnull (gst_wsctl_sent_find (sent, 2 * GST_WSCTL_SENT_SIZE));
  g_assert_cmpuint (sent->n_bytes, ==, 3 * GST_WSCTL_SENT_SIZE);

  /* Another start: what lies between was never sent. */
  gst_wsctl_sent_add (sent, 40000, 1, 0);
  g_assert_null (gst_wsctl_sent_find (sent, 39999));
  g_assert_nonnull (gst_wsctl_sent_find (sent, 40000));
}

static void
test_remb (void)
{
  static const struct
  {
    guint8 fci[8];
    gsize size;
    guint64 bitrate_bps;
  } cases[] = {
    /* 1 SSRC, exponent 0 and 3, mantissa 262143 */
    {{'R', 'E', 'M', 'B', 1, 0x03, 0xff, 0xff}, 8, 262143},
    {{'R', 'E', 'M', 'B', 1, 0x0f, 0xff, 0xff}, 8, 2097144},
    {{'R', 'E', 'M', 'B', 1, 0xff, 0xff, 0xff}, 8, G_MAXINT64},
    {{'R', 'E', 'M', 'B', 1, 0x00, 0x00, 0x00}, 8, 0},
    {{'R', 'E', 'M', 'X', 1, 0x03, 0xff, 0xff}, 8, 0},
    {{'R', 'E', 'M', 'B', 1, 0x03, 0xff, 0xff}, 7, 0},
    {{0,}, 0, 0},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (gst_wsctl_feedback_parse_remb (cases[i].fci,
            cases[i].size), ==, cases[i].bitrate_bps);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/feedback/sent", test_sent);
  test_add ("/feedback/forgotten", test_forgotten);
  test_add ("/feedback/remb", test_remb);

  return g_test_run ();
}
