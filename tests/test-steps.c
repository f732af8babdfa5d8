/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The step table, all of it: what is not written here must not happen.
 */

#include "testsupport.h"
#include "wsctlsteps-private.h"

#define STAY GST_WSCTL_N_STEPS

/* Rows: steps; columns: open, offer, answer, answer set, connected, close */
static const GstWsctlStep wanted[GST_WSCTL_N_STEPS][GST_WSCTL_N_TRIGGERS] = {
  {GST_WSCTL_STEP_OFFERING, STAY, STAY, STAY, STAY, GST_WSCTL_STEP_CLOSED},
  {STAY, GST_WSCTL_STEP_NEGOTIATING, STAY, STAY, STAY, GST_WSCTL_STEP_CLOSED},
  {STAY, STAY, GST_WSCTL_STEP_ANSWERING, STAY, STAY, GST_WSCTL_STEP_CLOSED},
  {STAY, STAY, STAY, GST_WSCTL_STEP_OPEN, STAY, GST_WSCTL_STEP_CLOSED},
  {STAY, STAY, STAY, STAY, GST_WSCTL_STEP_CONNECTED, GST_WSCTL_STEP_CLOSED},
  {STAY, STAY, STAY, STAY, STAY, GST_WSCTL_STEP_CLOSED},
  {STAY, STAY, STAY, STAY, STAY, STAY},
};

static void
test_table (void)
{
  guint step, trigger;

  for (step = 0; step < GST_WSCTL_N_STEPS; step++) {
    for (trigger = 0; trigger < GST_WSCTL_N_TRIGGERS; trigger++) {
      GstWsctlStep next = wanted[step][trigger];

      g_test_message ("%s, trigger %u", gst_wsctl_step_get_nick (step),
          trigger);
      g_assert_cmpint (gst_wsctl_step_next (step, trigger), ==,
          next == STAY ? step : next);
    }
  }
}

static void
test_nicks (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint step;

  for (step = 0; step < GST_WSCTL_N_STEPS; step++)
    g_assert_true (g_hash_table_add (seen,
            (gpointer) gst_wsctl_step_get_nick (step)));
}

/* Whatever waits for somebody else has an end, and an end of its own. */
static void
test_timeouts (void)
{
  static const struct
  {
    GstWsctlStep step;
    gint code;                  /* -1: may take any time */
  } rows[GST_WSCTL_N_STEPS] = {
    {GST_WSCTL_STEP_NEW, -1},
    {GST_WSCTL_STEP_OFFERING, GST_WSCTL_ERROR_SIP_FAILED},
    {GST_WSCTL_STEP_NEGOTIATING, GST_WSCTL_ERROR_TIMED_OUT},
    {GST_WSCTL_STEP_ANSWERING, GST_WSCTL_ERROR_SIP_FAILED},
    {GST_WSCTL_STEP_OPEN, GST_WSCTL_ERROR_PEER_CONNECTION_FAILED},
    {GST_WSCTL_STEP_CONNECTED, -1},
    {GST_WSCTL_STEP_CLOSED, -1},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstWsctlError code;
    const gchar *text = gst_wsctl_step_get_timeout_text (rows[i].step, &code);

    g_assert_cmpint (rows[i].step, ==, i);
    g_assert_true ((text == NULL) == (rows[i].code < 0));
    if (text != NULL)
      g_assert_cmpint (code, ==, rows[i].code);
  }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);

  test_add ("/steps/table", test_table);
  test_add ("/steps/nicks", test_nicks);
  test_add ("/steps/timeouts", test_timeouts);

  return g_test_run ();
}
