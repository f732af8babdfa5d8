/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The bad network of testrelay.h as a program, for clients that are none of
 * ours. Says where it is, then does what it is told by lines of its standard
 * input, until that ends:
 *
 *   target PORT     where the server's media are
 *   run SCRIPT      the conditions from now on, as in testschedule.h
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testrelay.h"

#define SEED 1

static void
obey (TestRelay * relay, const gchar * line)
{
  if (g_str_has_prefix (line, "target "))
    test_relay_set_target (relay, atoi (line + strlen ("target ")));
  else if (g_str_has_prefix (line, "run "))
    test_relay_run (relay, line + strlen ("run "));
  else
    g_error ("relay: '%s' is no order", line);
}

int
main (void)
{
  g_autoptr (TestRelay) relay = test_relay_new (SEED);
  gchar line[1024];

  printf ("relay on %s\n", test_relay_get_address (relay));
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL) {
    obey (relay, g_strchomp (line));
    printf ("done\n");
    fflush (stdout);
  }

  return 0;
}
