/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table of perfect negotiation: alone, and two of it against each other.
 */

#include "testsupport.h"
#include "wsctlglare-private.h"

#define S(name) GST_WSCTL_GLARE_ ## name

static void
test_table (void)
{
  static const struct
  {
    GstWsctlGlareState state;
    gboolean polite;
    GstWsctlGlareTrigger trigger;
    GstWsctlGlareState next;
    GstWsctlGlareAction action;
  } rows[] = {
    {S (STABLE), TRUE, S (NEEDED), S (OFFERING), S (MAKE_OFFER)},
    {S (STABLE), FALSE, S (OFFER), S (ANSWERING), S (MAKE_ANSWER)},
    {S (STABLE), TRUE, S (ANSWER), S (STABLE), S (NOTHING)},
    {S (STABLE), TRUE, S (MADE), S (STABLE), S (NOTHING)},
    {S (STABLE), TRUE, S (FAILED), S (STABLE), S (RETRY)},
    {S (OFFERING), TRUE, S (MADE), S (OFFERED), S (SEND)},
    {S (OFFERING), TRUE, S (OFFER), S (ANSWERING), S (MAKE_ANSWER)},
    {S (OFFERING), FALSE, S (OFFER), S (OFFERING), S (NOTHING)},
    {S (OFFERING), TRUE, S (NEEDED), S (OFFERING), S (REMEMBER)},
    {S (OFFERING), TRUE, S (ANSWER), S (OFFERING), S (NOTHING)},
    {S (OFFERED), TRUE, S (OFFER), S (ANSWERING), S (MAKE_ANSWER)},
    {S (OFFERED), FALSE, S (OFFER), S (OFFERED), S (NOTHING)},
    {S (OFFERED), FALSE, S (ANSWER), S (CONNECTING), S (TAKE_ANSWER)},
    {S (OFFERED), FALSE, S (FAILED), S (STABLE), S (RETRY)},
    {S (ANSWERING), TRUE, S (MADE), S (CONNECTING), S (SEND)},
    {S (ANSWERING), FALSE, S (OFFER), S (ANSWERING), S (MAKE_ANSWER)},
    {S (ANSWERING), TRUE, S (ANSWER), S (ANSWERING), S (NOTHING)},
    {S (CONNECTING), TRUE, S (CONNECTED), S (STABLE), S (REST)},
    {S (CONNECTING), TRUE, S (NEEDED), S (CONNECTING), S (REMEMBER)},
    {S (CONNECTING), FALSE, S (OFFER), S (ANSWERING), S (MAKE_ANSWER)},
    {S (CONNECTING), TRUE, S (ANSWER), S (CONNECTING), S (NOTHING)},
    {S (CONNECTING), TRUE, S (FAILED), S (STABLE), S (RETRY)},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstWsctlGlareState state = rows[i].state;
    GstWsctlGlareAction action =
        gst_wsctl_glare_next (&state, rows[i].polite, rows[i].trigger);

    if (state != rows[i].next || action != rows[i].action)
      g_error ("row %u: %s, action %d", i, gst_wsctl_glare_get_name (state),
          action);
  }
}

/* Both offer, and each hears of the other's offer in any order: there is one
 * answer, and both are connecting. */
static void
test_meeting (void)
{
  guint order;

  for (order = 0; order < 4; order++) {
    GstWsctlGlareState polite = S (STABLE);
    GstWsctlGlareState impolite = S (STABLE);
    gboolean early = order & 1;

    gst_wsctl_glare_next (&polite, TRUE, S (NEEDED));
    gst_wsctl_glare_next (&impolite, FALSE, S (NEEDED));
    g_assert_cmpint (gst_wsctl_glare_next (&impolite, FALSE, S (MADE)), ==,
        S (SEND));
    if (!early)
      gst_wsctl_glare_next (&polite, TRUE, S (MADE));
    if (order & 2)
      g_assert_cmpint (gst_wsctl_glare_next (&impolite, FALSE, S (OFFER)), ==,
          S (NOTHING));
    g_assert_cmpint (gst_wsctl_glare_next (&polite, TRUE, S (OFFER)), ==,
        S (MAKE_ANSWER));
    g_assert_cmpint (gst_wsctl_glare_next (&polite, TRUE, S (MADE)), ==,
        S (SEND));
    g_assert_cmpint (gst_wsctl_glare_next (&impolite, FALSE, S (ANSWER)), ==,
        S (TAKE_ANSWER));
    g_assert_cmpint (polite, ==, S (CONNECTING));
    g_assert_cmpint (impolite, ==, S (CONNECTING));
  }
}

/* Nothing is waited for without an end, and nothing is tried without a rest. */
static void
test_times (void)
{
  guint i;

  for (i = S (OFFERING); i <= S (CONNECTING); i++)
    g_assert_cmpuint (gst_wsctl_glare_get_timeout_ms (i), >, 0);
  g_assert_cmpuint (gst_wsctl_glare_get_timeout_ms (S (STABLE)), ==, 0);

  for (i = 0; i < 40; i++) {
    guint delay_ms = gst_wsctl_glare_get_delay_ms (i);

    g_assert_cmpuint (delay_ms, >=, 500);
    g_assert_cmpuint (delay_ms, <=, 10000);
    if (i > 0)
      g_assert_cmpuint (delay_ms, >=, gst_wsctl_glare_get_delay_ms (i - 1));
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  test_add ("/glare/table", test_table);
  test_add ("/glare/meeting", test_meeting);
  test_add ("/glare/times", test_times);

  return g_test_run ();
}
