/* GStreamer WebRTC with WebSocket control
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The peer's certificate is the one of the answer, or nothing passes.
 */

#include <gst/gst.h>

#include "media-session.h"
#include "wsctlerror.h"

/* The SHA-256 of nothing at all */
#define WRONG "sha-256 E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:" \
    "41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55"

static gboolean
has_rtp (gpointer data)
{
  return ((MediaServer *) data)->n_rtp >= 20;
}

static void
test_right (void)
{
  MediaServer *server = media_server_new ();
  MediaClient *client = media_client_new (MEDIA_LAUNCH_AUDIO);

  media_client_add_media (client, TRUE);
  media_client_negotiate (client, server);
  media_client_wait_state (client, GST_WSCTL_CONNECTION_STATE_CONNECTED);
  test_wait_until (NULL, has_rtp, server, 0, "packets");
  g_assert_true (server->connected);

  media_client_free (client);
  media_server_free (server);
}

static void
check_wrong (const gchar * fingerprint)
{
  MediaServer *server = media_server_new ();
  MediaClient *client = media_client_new (MEDIA_LAUNCH_AUDIO);

  server->fingerprint = fingerprint;
  media_client_add_media (client, TRUE);
  media_client_negotiate (client, server);
  media_client_wait_state (client, GST_WSCTL_CONNECTION_STATE_FAILED);
  g_assert_error (gst_wsctl_connection_get_error (client->connection),
      GST_WSCTL_ERROR, GST_WSCTL_ERROR_FINGERPRINT_MISMATCH);

  /* The source has been sending all the while; whatever is on its way arrives
   * before the end. */
  media_client_close (client);
  gst_element_set_state (client->pipeline, GST_STATE_NULL);
  test_drain (NULL);
  g_assert_false (server->connected);
  g_assert_cmpuint (server->n_rtp, ==, 0);
  g_assert_cmpuint (server->n_rtcp, ==, 0);

  media_client_free (client);
  media_server_free (server);
}

static void
test_wrong (void)
{
  check_wrong (WRONG);
  check_wrong ("sha-256 AA");
  check_wrong ("md2 AA:BB");
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv);
  gst_init (&argc, &argv);

  test_add ("/dtls-guard/right", test_right);
  test_add ("/dtls-guard/wrong", test_wrong);

  return g_test_run ();
}
